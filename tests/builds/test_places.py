"""Typed numbers and checklist items without a place stop a build; pages that move reach the supplement, others do not."""

from __future__ import annotations

import json

import pytest

from .sandbox import Sandbox

pytestmark = pytest.mark.build

MANUSCRIPT = "manuscript/manuscript.qmd"
SUPPLEMENT = "manuscript/supplement.qmd"
BINDING = "manuscript/reporting.yaml"


def test_texts_that_are_amiss_stop_the_build_before_anything_runs(sandbox: Sandbox) -> None:
    """All is told at once, problems of the tables too; where the allowed numbers cannot be read, those of the text wait for them."""
    kept = sandbox.text("manuscript/numbers.yaml")
    sandbox.replace("manuscript/numbers.yaml", "kind: name", "kind: nmae")
    before = sandbox.outputs()
    sandbox.build(expect=1)
    assert "did you mean `name`" in sandbox.said and "Nothing was built" in sandbox.said
    assert sandbox.outputs() == before
    (sandbox.review / "manuscript/numbers.yaml").write_text(kept, encoding="utf-8")
    for path, old, new in (
        (MANUSCRIPT, "## Responses {", "We saw twelve patients.\n\n## Responses {"),
        (MANUSCRIPT, ": Figures of an invented", ": Five figures of an invented"),
        ("review.yaml", 'name: "Given alone only"', 'name: "Given alone for 3 weeks"'),
        (BINDING, '  "6": manuscript/sec-certainty\n', ""),
        (BINDING, '"7": [sec-responses', '"7": [sec-responces'),
    ):
        sandbox.replace(path, old, new)
    sandbox.edit("arms", lambda rows: [{**rows[0], "therapy": "leeches"}, *rows[1:]])
    before = sandbox.outputs()
    sandbox.build(expect=1)
    for told in (
        "leeches",
        f"ERROR  {MANUSCRIPT}, line {_line(sandbox, MANUSCRIPT, 'twelve')}, text: `twelve` is typed",
        f"ERROR  {MANUSCRIPT}, line {_line(sandbox, MANUSCRIPT, ': Five')}, text: `Five` is typed",
        f"ERROR  review.yaml, line {_line(sandbox, 'review.yaml', 'alone for 3')}, ",
        "`3` is typed",
        "item 6 of SWiM (Certainty of evidence) has no place",
        "did you mean `sec-responses`",
        "6 errors",
        "Nothing was built",
    ):
        assert told in sandbox.said, told
    assert sandbox.outputs() == before


def _line(sandbox: Sandbox, path: str, text: str) -> int:
    """Number of the first line with a text."""
    return next(n for n, line in enumerate(sandbox.text(path).splitlines(), 1) if text in line)


def test_places_that_move_prose_and_reasons_reach_the_supplement(sandbox: Sandbox) -> None:
    sandbox.foretold = True
    places = json.loads(sandbox.text("build/places/manuscript.json"))
    assert {p for p, place in places.items() if place["page"] is None} == set()
    page = places["sec-harms"]["page"]
    assert f"Section\u00a02.4, Scores, harms and relapse, p.\u00a0{page}" not in sandbox.text(
        "manuscript/_built/reporting/swim.md"
    )
    sandbox.replace(BINDING, '"9": {not_done: "The invented review discusses nothing"}', '"9": sec-harms')
    path = sandbox.review / SUPPLEMENT
    path.write_text(path.read_text(encoding="utf-8") + "\nA further sentence of prose.\n", encoding="utf-8")

    def reason(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        rows[0]["reason"] = "Said on its last page."
        return rows

    sandbox.edit("appraisals", reason)
    # Places are read again for their binding, the reason of a judgement passes the claims and no notebook, and the prose is that of
    # the supplement, which is all that is rendered.
    assert sandbox.build() == {"extract", "claims", "places", "document supplement", "changes"}
    judgement = "lindqvist1998 changed in appraisals.csv"
    assert sandbox.why("extract") == sandbox.why("claims") == judgement
    assert sandbox.why("places") == f"{BINDING} changed"
    why = set(sandbox.why("document supplement").removesuffix(": supplement").split("; "))
    assert why == {f"{BINDING} changed", f"{SUPPLEMENT} changed", judgement}
    assert "A further sentence of prose." in sandbox.text("manuscript/_output/supplement.html")
    row = f"Section\u00a02.4, Scores, harms and relapse, p.\u00a0{page}"
    assert row in sandbox.text("manuscript/_built/reporting/swim.md")
    # a page more before it
    more = "\n\n".join(["Words of no great weight fill the page, and mean nothing at all. " * 12] * 9)
    sandbox.replace(MANUSCRIPT, "# Results {#sec-results}", f"{more}\n\n# Results {{#sec-results}}")
    ran = sandbox.build()
    assert {"document manuscript", "places", "document supplement"} <= ran
    moved = json.loads(sandbox.text("build/places/manuscript.json"))["sec-harms"]["page"]
    assert moved > page
    assert row[: -len(str(page))] + str(moved) in sandbox.text("manuscript/_built/reporting/swim.md")
