"""Parts of the change report that need no rebuild: method and software, studies responsible, marks, the first version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from livingreview.changes import marks, methods, report, report_words
from livingreview.changes.facts import boxes, certainty, conclusions
from livingreview.changes.moved import moved, responsible, row_keys
from livingreview.changes.published import side_by_side
from livingreview.changes.state import ENGINE, State, versions


def side(**given: Any) -> State:
    fields: dict[str, Any] = {
        "version": "1",
        "kind": "released",
        "date": "2026-01-01",
        "look": 1,
        "folder": None,
        "claims": {},
    }
    return State(**(fields | given))


def write(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "review.yaml").write_text(text, encoding="utf-8")
    return folder


def test_fields_of_the_protocol_are_compared_one_by_one(tmp_path: Path) -> None:
    before = write(
        tmp_path / "a",
        "version: '1'\nanalyses: {threshold: 0.5, models: [a, b]}\ntherapies: [{code: x, name: X}]\n",
    )
    after = write(
        tmp_path / "b",
        "version: '2'\nanalyses: {threshold: 0.6, models: [a, b]}\ntherapies: [{code: y, name: Y}, {code: x, name: X}]\n",
    )
    found = {
        c["path"]: (c["before"], c["after"], c["about"]) for c in methods.protocol_changes(before, after)
    }
    assert found == {
        "version": ("1", "2", True),
        "analyses.threshold": ("0.5", "0.6", False),
        "therapies[y].code": ("", "y", False),
        "therapies[y].name": ("", "Y", False),
    }


def test_only_what_both_sides_know_counts_as_changed_software() -> None:
    lock = {"requirements.lock": "aa"}
    before = versions(
        {"packages": {"numpy": "1", "pandoc": None, "rest": "3"}, "lock": "aa" * 32, "engine": "builtin (1)"}
    )
    assert before == {"numpy": "1", "rest": "3", "requirements.lock": "aa" * 8, ENGINE: "builtin (1)"}
    same = versions(
        {
            "packages": [{"name": "numpy", "version": "1"}, {"name": "pandoc", "version": "2"}],
            "lock": "aa" * 8,
        },
        "builtin (1)",
    )
    assert methods.version_changes(before, same) == []
    assert methods.version_changes(lock, {**lock, "numpy": "2"}) == []
    assert methods.version_changes({**lock, "numpy": "1"}, {"requirements.lock": "bb", "numpy": "2"}) == [
        {"name": "numpy", "before": "1", "after": "2"},
        {"name": "requirements.lock", "before": "aa", "after": "bb"},
    ]
    assert methods.code_changes({"a": "1", "gone": "1", "b": "1"}, {"a": "1", "b": "2", "new": "1"}) == ["b"]


def test_a_study_is_responsible_by_its_changed_rows() -> None:
    was = {"studies": ["a", "b"], "rows": ["outcomes:a:o1"]}
    now = {"studies": ["a", "c"], "rows": ["outcomes:a:o1", "outcomes:c:o1"]}
    changes = [
        {"table": "outcomes", "study": "a", "key": "o2"},
        {"table": "studies", "study": "c", "key": ""},
    ]
    rows = row_keys(changes)
    assert rows == {"a": ["outcomes:a:o2"], "c": ["studies:c"]}
    # another row of a changed; b left and c came
    assert responsible(was, now, {"a", "b", "c"}, rows) == ["b", "c"]
    assert responsible(was, now, {"a"}, {"a": ["outcomes:a:o1"]}) == ["a"]


def test_only_studies_of_the_factor_at_work_are_named() -> None:
    before = {"x.n": {"value": 1, "text": "1", "studies": ["old"]}}
    after = {"x.n": {"value": 2, "text": "2", "studies": ["old", "new"]}}

    def due(factor: str) -> Any:
        return lambda key: {"first": factor, "parts": [{"factors": [factor], "name": factor, "share": 1.0}]}

    def studies(factor: str) -> list[str]:
        [one] = moved(
            before,
            after,
            lambda key: {"old", "new"},
            {},
            due(factor),
            lambda s: "new" if s == "new" else "corrected",
            {},
        )
        return list(one["studies"])

    assert studies("new") == ["new"]
    assert studies("corrected") == ["old"]
    assert studies("method") == []


@pytest.mark.parametrize(
    ("share", "before", "after", "text"),
    [
        (0.03, (0.57, "57\u00a0%"), (0.6, "60\u00a0%"), "+3 points"),
        (-0.15, (0.16, "16"), (0.01, "1"), "\u221215 points"),
        (-2.0, (12, "12"), (10, "10"), "\u22122"),
        (0.5, (0.5, "0.5"), (1.0, "1"), "+0.5"),
    ],
)
def test_shares_print_in_the_claims_own_unit(share: float, before: Any, after: Any, text: str) -> None:
    claim = {s: {"value": v, "text": t} for s, (v, t) in (("before", before), ("after", after))}
    assert marks.signed(share, claim) == text


def test_marks_escape_what_people_wrote() -> None:
    text = marks.marked([["=", "a "], ["-", "<b>*x*"], ["+", "| y"]])
    assert "\\<b\\>\\*x\\*" in text and "\\| y" in text
    assert "`<del>`{=html}`#lr-del[`{=typst}" in text and "`]`{=typst}`</ins>`{=html}" in text
    assert marks.where('a "b" <c>') == (
        '```{=html}\n<p class="where">a &quot;b&quot; &lt;c&gt;</p>\n```\n\n```{=typst}\n#lr-where("a \\"b\\" <c>")\n```\n'
    )


def test_conclusions_and_signatures_that_changed() -> None:
    cell = {
        "therapy": "t",
        "outcome": "o",
        "domain": "d",
        "therapy_name": "T",
        "name": "O",
        "domain_name": "D",
    }
    before = side(cells=({**cell, "status": "signed", "judgement": "low", "label": "Low; signed"},))
    after = side(cells=({**cell, "status": "reopened", "judgement": "high", "text": "High; open again"},))
    found = certainty(before, after)
    assert [c["was"] for c in found["reopened"]] == ["Low; signed"]
    assert found["signed"] == found["changed"] == []
    assert conclusions(side(), side()) == []


def test_boxes_have_no_earlier_number_where_versions_cannot_be_compared() -> None:
    flow = {
        "boxes": {"identified": {"total": 5}, "screened": 0, "included_studies": 2},
        "labels": {"identified": "Found"},
    }
    assert boxes(flow, flow, comparable=False) == [
        {"box": "identified", "label": "Found", "before": None, "after": 5},
        {"box": "included_studies", "label": "included studies", "before": None, "after": 2},
    ]


def test_published_figures_are_quoted_and_named_in_words() -> None:
    before = side(
        kind="published",
        published={
            "n_studies": 4,
            "light": {"harm_percent": {"more_than": 11}},
            "co2_light": {"harm_percent": {"more_than": 3}},
        },
        claims={
            "n_studies": {"value": 4, "text": "4"},
            "co2_light.harm_percent": {"value": None, "text": "more than 3\u00a0%"},
        },
    )
    after = side(
        kind="present",
        claims={
            "light.name": {"value": "Light therapy", "text": "Light therapy"},
            "included.studies.n": {"value": 3, "text": "3"},
            "previous.light.harm_percent.text": {"value": None, "text": "more than 11\u00a0%"},
            "previous.light.harm_percent.ours": {"value": None, "text": "no data"},
            "previous.light.harm_percent.verdict": {"value": "cannot_say", "text": "Cannot say."},
        },
    )
    found = side_by_side(before, after)
    assert [(f["name"], f["published"], f["ours"], f["verdict"]) for f in found["figures"]] == [
        ("studies", "4", "3", "Not compared."),
        ("Light therapy: harm", "more than 11\u00a0%", "no data", "Cannot say."),
        ("CO2 light: harm", "more than 3\u00a0%", "not compared", "Not compared."),
    ]
    assert found["total"] is None, "no tables, no rows to count"


def test_the_first_version_and_unchanged_documents_say_so() -> None:
    assert "nothing to compare" in report.first("2026.11")
    empty = {
        "sentences": [],
        "rows": [],
        "rows_changed": 0,
        "renumbered": 0,
        "references": {"added": [], "removed": []},
    }
    assert "No word changed." in report_words.wording({"wording": {"manuscript": empty}})
    assert "There are no texts" in report_words.wording({"wording": {}})[1]


def test_a_conclusion_that_changed_stands_first_with_its_cause() -> None:
    moved = {
        "key": "conclusions.works.state",
        "before": {"value": "holds", "text": "holds"},
        "after": {"value": "does_not_hold", "text": "does not hold"},
        "definition": "state of a conclusion",
        "unit": "text",
        "printed": [],
        "labels": ["Doe 2020"],
        "due": {
            "first": "new studies and search",
            "parts": [{"name": "new studies and search", "share": None}],
        },
    }
    facts = {
        "before": side().told(),
        "after": side(version="2", look=2).told(),
        "unchanged": False,
        "studies": {k: [] for k in ("added", "removed", "retracted", "corrected")},
        "claims": {"moved": [moved], "now": 1},
        "wording": {},
        "certainty": {"reopened": [], "signed": [], "changed": []},
        "search": {"boxes": []},
        "conclusions": [
            {
                "id": "works",
                "name": 'It "works"',
                "before": "holds",
                "after": "does_not_hold",
                "flipped": True,
                "sentence": "It does not work.",
                "alert": {"level": "amber", "reasons": ["because"], "pending": None},
            }
        ],
    }
    text = "\n".join(report._brief(facts))
    assert "Holds → does not hold. It does not work. Due to new studies and search: Doe 2020." in text
    assert "1 conclusion changed state; alerts: 1 amber." in text
    assert r"**It \"works\".**" in text
