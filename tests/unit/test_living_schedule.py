"""When searches are due, and how many studies two versions hold together."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingreview.living.schedule import add_months, months_between, schedule
from livingreview.living.totals import of_studies, published_after, total_range

days = st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-11-22", 6, "2027-05-22"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-31", 25, "2028-02-29"),
    ],
)
def test_months_are_those_of_the_calendar(day: str, months: int, expected: str) -> None:
    assert add_months(dt.date.fromisoformat(day), months).isoformat() == expected


@given(days, st.integers(1, 120))
def test_adding_months_and_counting_them_agree(day: dt.date, months: int) -> None:
    later = add_months(day, months)
    assert months_between(day, later) == months
    assert months_between(day, later - dt.timedelta(days=1)) in (months - 1, months)
    assert later.day <= day.day


def test_no_months_lie_between_a_day_and_an_earlier_one() -> None:
    assert months_between(dt.date(2026, 5, 1), dt.date(2026, 4, 1)) == 0


def protocol(mode: str = "active", plan: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "living": {"mode": mode, "schedule": plan},
        "search": {"date": "2026-02-27", "streams": {"a": "One", "b": "Two"}},
    }


PLAN = {"search": 6, "streams": {"b": 2}, "screening": 1, "classification": None, "version": 3}


def test_each_stream_counts_from_its_own_last_query() -> None:
    queries = [
        {"stream": "a", "date": "2026-01-05"},
        {"stream": "a", "date": "2026-02-10"},
        {"stream": "a", "date": "2026-03"},  # not exact enough to count from
    ]
    found = schedule(protocol(plan=PLAN), queries)
    assert [(s["code"], s["searched"], s["due"]) for s in found["streams"]] == [
        ("a", "2026-02-10", "2026-08-10"),
        ("b", "2026-02-27", "2026-04-27"),
    ]
    assert found["due"] == "2026-04-27"
    assert found["steps"]["screening"] == {"months": 1, "due": "2026-03-27"}
    assert found["steps"]["classification"] == {"months": None, "due": None}


def test_without_a_schedule_and_without_a_living_mode_nothing_is_due() -> None:
    assert schedule(protocol(plan=None), [])["due"] is None
    assert schedule(protocol("retired", PLAN), [])["due"] is None


def test_the_total_of_known_sizes_and_unknown_studies_is_a_range() -> None:
    found = total_range(40, 19, later=2)
    assert (found.least, found.most) == (42, 59)
    assert total_range(9, 29, later=14).least == 29  # the present ones alone are more
    assert total_range(40, 19, shared=5).most == 54
    for wrong in ((40, 19, 20, 0), (40, 19, 10, 10), (3, 19, 0, 4), (-1, 2, 0, 0)):
        with pytest.raises(ValueError, match="later"):
            total_range(wrong[0], wrong[1], later=wrong[2], shared=wrong[3])


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)), st.data())
def test_the_range_holds_the_true_union(old: set[int], new: set[int], data: st.DataObject) -> None:
    later = data.draw(st.sets(st.sampled_from(sorted(new - old)))) if new - old else set()
    shared = data.draw(st.sets(st.sampled_from(sorted(new & old)))) if new & old else set()
    found = total_range(len(old), len(new), later=len(later), shared=len(shared))
    assert found.least <= len(old | new) <= found.most
    assert found.least >= max(len(old), len(new))
    assert found.most <= len(old) + len(new)


@pytest.mark.parametrize(
    ("published", "year", "after"),
    [
        ("2021-09", "2021", True),
        ("2021-06-25", "2021", True),
        ("2021-06-24", "2021", False),
        ("2021-06", "2021", False),  # may have been before the 24th
        ("2021", "2021", False),
        ("", "2022", True),
        ("", "", False),
        ("Sep 2022", "", False),
    ],
)
def test_later_is_only_what_is_later_on_any_reading(published: str, year: str, after: bool) -> None:
    assert published_after({"publication_date": published, "year": year}, "2021-06-24") is after


def test_a_year_alone_ends_with_its_last_day() -> None:
    assert not published_after({"year": 2015}, "2015")
    assert published_after({"year": 2016}, "2015")


def test_what_the_tables_say_of_the_previous_version_counts() -> None:
    rows = [
        {"in_2021_review": "yes", "year": 2025},
        {"in_2021_review": "unknown", "year": 2025},
        {"year": 1999},
    ]
    found = of_studies(10, "2021-06-24", 3, rows)
    assert (found.least, found.most, found.later, found.shared) == (11, 12, 1, 1)  # fmt: skip
