"""The flow in the form for updated reviews: each step has as many entries as exits, whatever happened between two versions."""

from __future__ import annotations

import copy
from typing import Any

import living_cases as cases
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingreview.living.update import across, history, total, updated


def balanced(found: dict[str, Any]) -> None:
    """Both steps of a version's search add up, and so do its studies."""
    boxes, carried, withdrawn = found["boxes"], found["carried"], found["withdrawn"]
    came = total(boxes["identified"]) - boxes["duplicates_removed"]
    assert came + carried["screening"] - withdrawn["screening"] == boxes["screened"]
    assert boxes["screened"] == sum(
        total(boxes[b]) for b in ("excluded_screening", "awaiting_assessment", "sought")
    )
    found_reports = boxes["sought"] + boxes["other_sources"]
    assert found_reports + carried["assessment"] - withdrawn["assessment"] == boxes["assessed"]
    left = ("excluded_assessed", "awaiting_classification", "ongoing", "linked_reports", "retracted")
    assert boxes["assessed"] == sum(total(boxes[b]) for b in left) + found["new"]["studies"]
    for value in boxes.values():
        assert not isinstance(value, int | dict) or total(value) >= 0
        if isinstance(value, dict) and value.get("reasons"):
            assert sum(r["n"] for r in value["reasons"]) == value["total"]


def test_an_update_shows_what_its_search_brought_and_what_was_still_open() -> None:
    found = updated(cases.ENTRIES[2], cases.FLOWS["2026.08"], cases.INCLUDED["2026.08"], cases.ENTRIES[1])
    balanced(found)
    boxes = found["boxes"]
    assert total(boxes["identified"]) == 40
    assert boxes["identified"]["by_stream"] == {"a": 20, "b": 20}
    assert boxes["duplicates_removed"] == 5
    assert (boxes["screened"], found["carried"]["screening"]) == (40, 5)  # five awaited assessment before
    assert boxes["awaiting_assessment"] == 4  # all that is open now
    # three reports awaited classification, two were ongoing, and one study is no longer included
    assert found["carried"]["assessment"] == 6
    assert (found["new"]["studies"], found["removed"], found["included"]) == (12, 1, 20)
    assert found["previous"]["studies"] - found["removed"] + found["new"]["studies"] == found["included"]
    assert (found["total"]["least"], found["total"]["most"]) == (20, 20)


def test_beside_a_published_version_all_is_new_and_the_total_is_a_range() -> None:
    rows = {i: {"year": 2010 + n} for n, i in enumerate(cases.INCLUDED["2026.02"])}
    found = updated(
        cases.ENTRIES[1], cases.FLOWS["2026.02"], cases.INCLUDED["2026.02"], cases.PUBLISHED, rows
    )
    balanced(found)
    assert found["boxes"]["screened"] == 90
    assert found["carried"] == {"screening": 0, "assessment": 0}
    assert (found["new"]["studies"], found["removed"]) == (9, 0)
    assert found["total"] == {"least": 12, "most": 18, "later": 3, "shared": 0, "reports": None}
    assert found["previous"]["studies"] == 9


def test_a_first_version_has_no_version_before() -> None:
    found = updated(cases.PRESENT, cases.FLOWS["2027.02"], cases.INCLUDED["2027.02"], None)
    balanced(found)
    assert found["previous"] is None
    assert found["total"]["least"] == found["total"]["most"] == 21


def test_the_same_version_again_brought_nothing() -> None:
    entry = cases.ENTRIES[2]
    found = updated({**cases.PRESENT, "version": "2026.09"}, entry["flow"], entry["included"], entry)
    balanced(found)
    assert found["new"] == {"studies": 0, "reports": 0}
    assert total(found["boxes"]["identified"]) == 0
    assert found["boxes"]["excluded_screening"] == {"total": 0, "reasons": []}


def test_a_reason_that_moved_is_not_shown_in_parts_that_do_not_sum() -> None:
    later = copy.deepcopy(cases.FLOWS["2026.08"])
    later["boxes"]["excluded_screening"]["reasons"] = [{"reason": "Renamed", "n": 80}]
    found = updated(cases.PRESENT, later, cases.INCLUDED["2026.08"], cases.ENTRIES[1])
    assert found["boxes"]["excluded_screening"] == {"total": 20, "reasons": []}


def test_boxes_without_their_reasons_are_enough() -> None:
    plain = {**cases.ENTRIES[1], "flow": {k: total(v) for k, v in cases.FLOWS["2026.02"]["boxes"].items() if not isinstance(v, list)}}  # fmt: skip
    found = updated(cases.PRESENT, cases.FLOWS["2026.08"], cases.INCLUDED["2026.08"], plain)
    balanced(found)
    assert total(found["boxes"]["identified"]) == 40


counts = st.integers(0, 30)


@st.composite
def flows(draw: st.DrawFn) -> tuple[dict[str, Any], list[str]]:
    excluded, awaiting, sought, duplicates = (draw(counts) for _ in range(4))
    rejected, unclear, ongoing, linked, retracted = (draw(st.integers(0, 6)) for _ in range(5))
    included = draw(st.sets(st.integers(0, 25), max_size=12))
    reports = rejected + unclear + ongoing + linked + retracted + len(included)
    other = max(0, reports - sought)
    sought = reports - other
    found = cases.flow(
        excluded + awaiting + sought + duplicates, duplicates, excluded, awaiting, sought, other, rejected, unclear, ongoing, linked,
        len(included), retracted,
    )  # fmt: skip
    return found, [f"s{i:03}" for i in sorted(included)]


@given(flows(), flows())
def test_any_two_versions_add_up(
    before: tuple[dict[str, Any], list[str]], now: tuple[dict[str, Any], list[str]]
) -> None:
    old = {**cases.ENTRIES[1], "flow": before[0], "included": before[1], "n_studies": len(before[1])}
    found = updated(cases.PRESENT, now[0], now[1], old)
    balanced(found)
    assert len(before[1]) - found["removed"] + found["new"]["studies"] == len(now[1])


def test_the_history_has_each_release_beside_the_one_before_and_all_across() -> None:
    found = history(cases.FLOWS["2027.02"], cases.PRESENT, cases.ENTRIES, {})
    assert list(found["earlier"]) == ["2026.02", "2026.08"]
    assert found["earlier"]["2026.02"]["previous"]["version"] == "2015"
    assert found["present"]["previous"]["version"] == "2026.08"
    columns = found["across"]
    assert [(c["version"], c["studies"]) for c in columns] == [
        ("2015", 9),
        ("2026.02", 9),
        ("2026.08", 20),
        ("2027.02", 21),
    ]
    assert columns[0]["published"]
    assert "identified" not in columns[0]
    assert columns[1]["together"] == {"least": 9, "most": 18}
    assert columns[2]["together"] is None


def test_names_of_studies_are_no_part_of_it() -> None:
    text = str(history(cases.FLOWS["2027.02"], cases.PRESENT, cases.ENTRIES, {}))
    assert "s001" not in text


def test_a_ledger_with_nothing_in_it_gives_one_column() -> None:
    found = history(cases.FLOWS["2027.02"], cases.PRESENT, [], {})
    assert found["earlier"] == {}
    assert len(across([found["present"]])) == 1


@pytest.mark.parametrize("box", ["identified", "sought", "excluded_assessed"])
def test_counts_that_went_down_do_not_become_negative(box: str) -> None:
    less = copy.deepcopy(cases.FLOWS["2026.02"])
    found = updated(cases.PRESENT, less, cases.INCLUDED["2026.02"], cases.ENTRIES[2])
    balanced(found)
    assert total(found["boxes"][box]) == 0
