"""Typed numbers and checklist items without a place stop a build; pages that move reach the supplement, others do not."""

from __future__ import annotations

import json

import pytest

from .sandbox import Sandbox

pytestmark = pytest.mark.build

MANUSCRIPT = "manuscript/manuscript.qmd"
BINDING = "manuscript/reporting.yaml"


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        (MANUSCRIPT, "## Responses {", "We saw twelve patients.\n\n## Responses {", f"{MANUSCRIPT}, line "),
        (MANUSCRIPT, ": Figures of an invented", ": Five figures of an invented", "`Five` is typed"),
        ("review.yaml", 'name: "Given alone only"', 'name: "Given alone for 3 weeks"', "review.yaml, line "),
        ("manuscript/numbers.yaml", "kind: name", "kind: nmae", "did you mean `name`"),
        (
            BINDING,
            '  "6": manuscript/sec-certainty\n',
            "",
            "item 6 of SWiM (Certainty of evidence) has no place",
        ),
        (BINDING, "manuscript/sec-certainty", "sec-certanity", "did you mean `sec-certainty`"),
    ],
)
def test_a_text_that_is_amiss_stops_the_build_before_anything_runs(
    sandbox: Sandbox, path: str, old: str, new: str, told: str
) -> None:
    sandbox.replace(path, old, new)
    before = sandbox.outputs()
    sandbox.build(expect=1)
    assert told in sandbox.said and "Nothing was built" in sandbox.said
    assert sandbox.outputs() == before


def test_problems_of_tables_and_texts_are_told_together(sandbox: Sandbox) -> None:
    sandbox.replace(MANUSCRIPT, "## Responses {", "We saw twelve patients.\n\n## Responses {")
    sandbox.edit("arms", lambda rows: [{**rows[0], "therapy": "leeches"}, *rows[1:]])
    sandbox.build(expect=1)
    assert "leeches" in sandbox.said and "`twelve` is typed" in sandbox.said


def test_places_that_move_reach_the_checklists(sandbox: Sandbox) -> None:
    places = json.loads(sandbox.text("build/places/manuscript.json"))
    assert {p for p, place in places.items() if place["page"] is None} == set()
    page = places["sec-harms"]["page"]
    assert f"Section\u00a02.4, Scores, harms and relapse, p.\u00a0{page}" not in sandbox.text(
        "manuscript/_built/reporting/swim.md"
    )
    sandbox.replace(BINDING, '"9": {not_done: "The invented review discusses nothing"}', '"9": sec-harms')
    ran = sandbox.build()
    assert {"places", "document supplement"} <= ran and "document manuscript" not in ran
    row = f"Section\u00a02.4, Scores, harms and relapse, p.\u00a0{page}"
    assert row in sandbox.text("manuscript/_built/reporting/swim.md")
    assert sandbox.why("places") == "manuscript/reporting.yaml changed"
    # a page more before it
    more = "\n\n".join(["Words of no great weight fill the page, and mean nothing at all. " * 12] * 9)
    sandbox.replace(MANUSCRIPT, "# Results {#sec-results}", f"{more}\n\n# Results {{#sec-results}}")
    ran = sandbox.build()
    assert {"document manuscript", "places", "document supplement"} <= ran
    moved = json.loads(sandbox.text("build/places/manuscript.json"))["sec-harms"]["page"]
    assert moved > page
    assert row[: -len(str(page))] + str(moved) in sandbox.text("manuscript/_built/reporting/swim.md")


def test_an_allowed_number_builds_nothing(sandbox: Sandbox) -> None:
    sandbox.replace(
        "manuscript/numbers.yaml", "the scale is called by its ends", "the scale goes by its ends"
    )
    assert sandbox.build() == set()
