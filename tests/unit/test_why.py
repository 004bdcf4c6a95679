"""The words of a forecast, and the names it answers to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from livingreview.commands import why
from livingreview.errors import ReviewError
from livingreview.pipeline import forecast, journal, reasons
from livingreview.pipeline.forecast import Step
from livingreview.pipeline.layout import Layout

CAUSE = "smith2001 changed in outcomes.csv"


def steps() -> dict[str, Step]:
    found = [
        Step("extract", "extract", {}, "certain", [CAUSE]),
        Step("therapy-cold", "therapy", {"therapy": "cold"}, "certain", [CAUSE]),
        Step("therapy-heat", "therapy", {"therapy": "heat"}),
        Step("collect", "collect", {}, "certain", [], ["therapy-cold"]),
        Step("claims", "claims", {}, "perhaps", [], ["collect"]),
        Step("document-main", "document", {"document": "main"}, "perhaps", [], ["claims", "collect"]),
    ]
    return {step.name: step for step in found}


def test_told_in_lines() -> None:
    assert why.told(steps(), steps(), set()) == [
        "For certain (3):",
        f"  extract        {CAUSE}",
        f"  therapy cold   {CAUSE}",
        "  collect        after therapy cold",
        "Only if results change (2):",
        "  claims         if something else comes out of collect",
        "  document main  if something else comes out of claims or collect",
        "Not at all: 1 step.",
    ]


def test_as_data() -> None:
    found = forecast.as_json(steps())
    assert found["certain"]["collect"] == {"causes": [], "after": ["therapy cold"]}
    assert list(found["perhaps"]) == ["claims", "document main"] and found["stays"] == ["therapy heat"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("therapy cold", ["therapy-cold"]),
        ("cold", ["therapy-cold"]),
        ("therapy", ["therapy-cold", "therapy-heat"]),
        ("document-main", ["document-main"]),
        ("manuscript/_output/main.pdf", ["document-main"]),
        ("main.pdf", ["document-main"]),
    ],
)
def test_a_target_by_any_of_its_names(
    target: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = {"manuscript/_output/main.pdf": {"sha256": "0", "size": 1, "mtime_ns": 1}}
    journal.Entry("document-main", "document", {"document": "main"}, "b", 1.0, "", outputs=made).save()
    assert [s.name for s in forecast.find(steps(), target)] == expected


def test_an_unknown_target_names_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReviewError, match=r"did you mean `cold`\?"):
        forecast.find(steps(), "colt")


def test_parts_of_a_fingerprint_in_words() -> None:
    assert reasons.code_causes({"a": "1", "b": "1"}, {"b": "2", "c": "1"}) == [
        "a no longer used",
        "b changed",
        "c added",
    ]


def test_every_step_stands_below_what_it_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plan = {
        "therapies": ["cold"],
        "documents": {"other": "o.qmd", "main": "m.qmd"},
        "prefixes": {"main": "", "other": "S"},
    }
    assert list(Layout(tmp_path, plan).steps()) == [
        "extract",
        "therapy-cold",
        "collect",
        "claims",
        "document-main",
        "places",
        "document-other",
        "tracked",
        "changes",
    ]


def test_a_slice_whose_studies_are_the_same_names_the_protocol_and_no_study() -> None:
    gate = [CAUSE, "review.yaml: analyses changed"]
    made = object.__new__(forecast._Forecast)
    made.steps = {"extract": Step("extract", "extract", {}, "certain", gate)}
    rows = {"outcomes": [{"study_id": "jones1999", "events": 1}], "icc": [0.2, 0.6]}
    made.extracted = {"therapy/heat.json": json.dumps(rows)}
    path = "build/extract/therapy/heat.json"
    entry = journal.Entry("therapy-heat", "therapy", {}, "", 0.0, "")
    entry.parts = {path: journal.parts_of(rows)}
    assert made._in_study_terms(path, entry) == ["review.yaml: analyses changed"]
