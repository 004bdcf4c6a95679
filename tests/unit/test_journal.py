"""The journal notices altered outputs and tells causes in study terms."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from livingreview import canonical
from livingreview.pipeline import journal, reasons


@pytest.fixture(autouse=True)
def _review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LIVINGREVIEW_RECORDS", raising=False)


def entry(step: str, **changes: Any) -> journal.Entry:
    given: dict[str, Any] = {"rule": step, "wildcards": {}, "build": "2", "seconds": 0.1, "why": ""}
    return journal.Entry(step=step, **{**given, **changes})


def test_altered_outputs(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("one")
    known = journal.record([file])[str(file)]
    assert journal.altered(str(file), known) == ""
    os.utime(file, (1, 1))
    assert journal.altered(str(file), known) == "", "a touch is no change"
    file.write_text("two")
    assert journal.altered(str(file), known) == "changed by hand"
    file.unlink()
    assert journal.altered(str(file), known) == "missing"


def test_entries_survive_the_disk() -> None:
    made = entry(
        "therapy-a",
        wildcards={"therapy": "a"},
        causes=["x"],
        outputs={"p": {"sha256": "s", "size": 1, "mtime_ns": 2}},
    )
    made.save()
    assert journal.load("therapy-a") == made
    assert journal.load("nothing") is None
    (journal.FOLDER / "broken.json").write_text("{")
    assert journal.entries() == [made]


def test_changes_in_study_terms() -> None:
    old = {"outcomes/a2001": "1", "studies/a2001": "1", "outcomes/b2002": "1"}
    new = {"outcomes/a2001": "2", "studies/a2001": "1", "outcomes/c2003": "1"}
    assert journal.changed_parts(old, new) == [
        "a2001 changed in outcomes.csv",
        "b2002 removed",
        "c2003 added",
    ]
    assert journal.changed_parts(old, old) == []


def test_study_parts_of_a_slice(tmp_path: Path) -> None:
    path = tmp_path / "slice.json"
    canonical.write_json(
        path, {"outcomes": [{"study_id": "a", "n": 1}, {"study_id": "a", "n": 2}], "words": ["x"]}
    )
    assert set(journal.study_parts(path)) == {"outcomes/a"}
    assert journal.study_parts(tmp_path / "missing.json") == {}


def test_a_cause_travels_down_the_steps_of_one_build() -> None:
    entry("extract", causes=["a2001 changed in outcomes.csv"], outputs={"s.json": {}}).save()
    before = entry("collect", build="1", inputs={"s.json": "old"})
    now = entry("collect", inputs={"s.json": "new"})
    assert reasons.causes(before, now, []) == ["a2001 changed in outcomes.csv"]
    same = entry("collect", inputs={"s.json": "old"})
    assert reasons.causes(before, same, []) == ["a2001 changed in outcomes.csv"], "a step before it ran again"


def test_causes_of_code_and_lost_outputs() -> None:
    before = entry("claims", build="1", code={"m": "1", "gone": "1"}, outputs={"figures/x.svg": {}})
    now = entry("claims", code={"m": "2", "new": "1"})
    canonical.write_json(reasons.DISCARDED, {"figures/x.svg": "missing", "other": "missing"})
    assert reasons.causes(before, now, []) == [
        "gone no longer used",
        "m changed",
        "new added",
        "figures/x.svg was missing",
    ]


def test_first_build_and_new_step() -> None:
    assert reasons.causes(None, entry("a"), []) == [reasons.FIRST_BUILD]
    entry("b", build="1").save()
    assert reasons.causes(None, entry("a"), []) == [reasons.NEW_STEP]


def test_a_reason_names_every_cause_and_what_the_step_is_about() -> None:
    assert reasons.sentence(["c0", "c1"], {"therapy": "a"}) == "c0; c1: a"
    assert reasons.sentence(["c0"], {}) == "c0"
