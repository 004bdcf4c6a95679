"""``livingreview status``: what is due on a day, in words, as JSON, and as exit status."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import living_cases as cases
import pytest

from livingreview.__main__ import main
from livingreview.living import status as told
from livingreview.living.gather import gather
from livingreview.living.status import Facts, lines, status, unchanged

ROOT = Path(__file__).resolve().parents[2]
REVIEW = ROOT / "tests/review"


@pytest.fixture(scope="module")
def facts() -> Facts:
    return gather(REVIEW, ROOT)


def on(facts: Facts, day: str, **changes: Any) -> dict[str, dict[str, Any]]:
    """Matters by code on a day."""
    return {m["code"]: m for m in status(replace(facts, **changes), dt.date.fromisoformat(day))["matters"]}


def test_before_any_date_nothing_is_due(facts: Facts) -> None:
    found = status(facts, dt.date(2026, 3, 1))
    assert found["exit"] == 0
    assert found["due"] == []
    assert found["days_since_search"] == 2
    assert lines(found)[-1] == "Nothing is due."
    states = {m["code"]: m["state"] for m in found["matters"]}
    assert states["search_warming"] == "ok"
    assert states["screening"] == states["classification"] == states["version"] == "open"


def test_each_date_makes_its_matter_due(facts: Facts) -> None:
    found = on(facts, "2026-03-27")
    assert found["search_warming"]["state"] == "due"
    assert "due today" in found["search_warming"]["text"]
    assert found["search_freezing"]["state"] == "ok"
    assert found["screening"]["state"] == "due"
    assert found["screening"]["n"] == 2
    later = on(facts, "2026-05-28")
    assert later["search_freezing"]["overdue_days"] == 1
    assert later["classification"]["state"] == "due"
    assert later["version"]["state"] == "due"


def test_what_does_not_wait_is_in_order(facts: Facts) -> None:
    empty = {**facts.boxes, "awaiting_assessment": 0, "awaiting_classification": 0, "ongoing": 0}
    found = on(facts, "2030-01-01", boxes=empty, without_numbers=[])
    assert {found[c]["state"] for c in ("screening", "classification", "data")} == {"ok"}


def test_a_released_version_is_in_order_until_its_data_change(facts: Facts) -> None:
    done = [*facts.releases, {"version": "2026.02", "kind": "released"}]
    assert on(facts, "2030-01-01", releases=done)["version"]["state"] == "ok"
    changed = on(facts, "2030-01-01", releases=done, changed_since_release=True)["version"]
    assert changed["state"] == "due"
    assert "since release 2026.02" in changed["text"]


def test_people_and_builds_leave_things_open_or_unknown(facts: Facts) -> None:
    found = on(facts, "2026-03-01", unsigned=None, red=None, disputed=None)
    assert found["signatures"]["state"] == found["alerts"]["state"] == "unknown"
    assert found["disagreements"]["state"] == "ok"
    assert found["people"]["items"] == ["Second extraction"]
    found = on(facts, "2026-03-01", unsigned=(3, 10), red=["A conclusion"], disputed=["events of s1"])
    assert found["signatures"]["text"].startswith("3 of 10 judgements")
    assert found["alerts"]["state"] == found["disagreements"]["state"] == "due"
    found = on(facts, "2026-03-01", unsigned=(0, 10), red=[], disputed=[])
    assert {found[c]["state"] for c in ("signatures", "alerts", "disagreements")} == {"ok"}


def test_a_review_without_a_schedule_has_nothing_that_could_be_overdue(facts: Facts) -> None:
    living = {**facts.protocol["living"], "schedule": None}
    plan = {**facts.schedule, "due": None, "steps": {s: {"months": None, "due": None} for s in ("screening", "classification", "version")}}  # fmt: skip
    found = status(replace(facts, protocol={**facts.protocol, "living": living}, schedule=plan), dt.date(2040, 1, 1))  # fmt: skip
    assert found["exit"] == 0
    assert next(m for m in found["matters"] if m["code"] == "search")["state"] == "unknown"


def test_a_retired_review_is_never_due(facts: Facts) -> None:
    living = {**facts.protocol["living"], "mode": "retired", "ended": {"date": "2026-02-28", "reason": "It is settled"}}  # fmt: skip
    plan = {**facts.schedule, "due": None}
    found = status(replace(facts, protocol={**facts.protocol, "living": living}, schedule=plan), dt.date(2040, 1, 1))  # fmt: skip
    assert found["due"] == []
    assert "retired since 2026-02-28 (It is settled)" in "\n".join(lines(found))


def test_rules_of_retirement(facts: Facts) -> None:
    quiet = {"kind": "released", "version": "1", "brief": {"since": "0", "added": [], "removed": [], "corrected": []}}  # fmt: skip
    busy = {**quiet, "brief": {**quiet["brief"], "added": [{"study_id": "x"}]}}
    assert unchanged([]) == unchanged([cases.PUBLISHED]) == 0
    assert (
        unchanged([cases.PUBLISHED, cases.released("2026.02", 1, "2026-02-20")]) == 0
    )  # nothing to compare with
    assert unchanged([busy, quiet, quiet]) == 2
    assert unchanged([quiet, busy]) == 0
    assert on(facts, "2026-03-01", releases=[busy, quiet])["retirement"]["state"] == "ok"
    met = on(facts, "2026-03-01", releases=[busy, quiet, quiet])["retirement"]
    assert met["state"] == "due"
    assert "the rule for retirement is met" in met["text"]
    assert "notice" not in on(facts, "2026-09-26")
    assert on(facts, "2026-09-27")["notice"]["n"] == 6  # months since 27 March


def test_streams_with_one_pace_are_told_in_one_line() -> None:
    found = on(gather(ROOT, ROOT), "2026-11-22")
    assert found["search"]["due"] == "2027-05-22"
    assert found["search"]["text"].endswith("in 181 days")
    assert found["disagreements"]["state"] in ("ok", "due")


@pytest.fixture
def review(tmp_path: Path) -> Path:
    shutil.copytree(REVIEW, tmp_path / "review", ignore=shutil.ignore_patterns("build", "_built", "_output"))
    return tmp_path / "review"


def test_the_exit_status_tells_a_scheduler(
    review: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(review)
    before = sorted(p for p in review.rglob("*") if p.is_file())
    assert main(["status", "--today", "2026-03-01"]) == 0
    assert capsys.readouterr().out.endswith("Nothing is due.\n")
    assert main(["status", "--today", "2026-04-01", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["exit"] == 1
    assert "Search: Local heat" in found["due"]
    assert sorted(p for p in review.rglob("*") if p.is_file()) == before  # nothing is written
    (review / "review.yaml").write_text("title: [", encoding="utf-8")
    assert main(["status"]) == 2
    said = capsys.readouterr()
    assert "review.yaml" in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_no_review_is_an_error_and_not_an_action(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["status"]) == 2
    assert "no review" in capsys.readouterr().err
    with pytest.raises(SystemExit) as caught:
        main(["status", "--today", "yesterday"])
    assert caught.value.code == 2


def test_the_same_day_says_the_same(facts: Facts) -> None:
    day = dt.date(2027, 1, 1)
    assert status(facts, day) == status(facts, day)
    assert told.lines(status(facts, day)) == told.lines(status(facts, day))
