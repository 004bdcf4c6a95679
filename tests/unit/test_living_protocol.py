"""The living section of review.yaml: what is accepted, and that mistakes are told with their line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from livingreview import protocol
from livingreview.errors import Problem, ReviewError

ROOT = Path(__file__).parents[2]
REVIEW = ROOT / "tests/review"
TEXT = (REVIEW / "review.yaml").read_text(encoding="utf-8")


def load(folder: Path, *pairs: tuple[str, str]) -> protocol.Protocol:
    text = TEXT
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    shutil.copytree(REVIEW / "data/releases/2015", folder / "data/releases/2015", dirs_exist_ok=True)
    (folder / "review.yaml").write_text(text, encoding="utf-8")
    return protocol.load(folder / "review.yaml")


def problems(folder: Path, *pairs: tuple[str, str]) -> list[Problem]:
    with pytest.raises(ReviewError) as caught:
        load(folder, *pairs)
    return caught.value.problems


def test_both_reviews_state_how_they_are_kept_living() -> None:
    ours = protocol.load(ROOT / "review.yaml").living
    assert ours.proposed
    assert ours.decided_by is None
    assert ours.schedule is not None
    assert ours.schedule.search == 6
    assert not any(ours.people.values())
    other = protocol.load(REVIEW / "review.yaml").living
    assert not other.proposed
    assert other.note("2026.02") is not None
    assert other.note("2026.03") is None


def test_a_review_without_the_section_is_valid_and_has_no_schedule(tmp_path: Path) -> None:
    text = TEXT[TEXT.index("\nliving:") : TEXT.index("\ndocuments:")]
    living = load(tmp_path, (text, "\n")).living
    assert (living.mode, living.proposed, living.schedule, living.versions) == ("active", True, None, [])


@pytest.mark.parametrize(
    ("old", "new", "part", "message"),
    [
        ("search: 3,", "search: 0,", "search: 0", "must not be less than 1"),
        ("search: 3,", "search: soon,", "search: soon", "not a number"),
        ("warming: 1}", "warning: 1}", "warning: 1", "no search stream `warning`"),
        ("screening: 1,", "screening: 2,", "schedule:", "records would never be screened"),
        ("proposed: false", "proposed: true", "living:", "set `proposed: false` with them"),
        ('decided_by: "Ada Synthetic"', "decided_by: null", "living:", "needs `decided_by` and `decided_on`"),
        ("mode: active", "mode: retired", "living:", "needs `ended` with date and reason"),
        ("mode: active", "mode: dead", "mode: dead", "not one of the allowed words"),
        ("decided_on: 2026-02-01", "decided_on: 2027-02-01", "decided_on: 2027", "after the release date"),
        ('version: "2015", searched: 2015-01-31', 'version: "2026.02"', "", "already has an entry"),
        ("trigger: \"Invented reports", "searched: 2026-02-01, trigger: \"Invented reports", "", "not the date of the search"),
        ("unchanged_searches: 2", "unchanged_serches: 2", "unchanged_serches", "unknown key `unchanged_serches`"),
        ("people: {Search: \"Ada", "people: {\"\": \"Ada", "", ""),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, part: str, message: str
) -> None:
    told = problems(tmp_path, (old, new))
    assert any(message in p.message for p in told), [p.message for p in told]
    assert all(p.file == "review.yaml" and p.row for p in told)
    if part:
        text = TEXT.replace(old, new, 1)
        line = text[: text.index(part)].count("\n") + 1
        assert line in {p.row for p in told if message in p.message}


def test_a_paused_review_says_since_when_and_why(tmp_path: Path) -> None:
    found = load(
        tmp_path, ("mode: active", "mode: paused\n  ended: {date: 2026-02-03, reason: Nobody has time}")
    )
    assert found.living.ended is not None
    assert found.living.ended.reason == "Nobody has time"
