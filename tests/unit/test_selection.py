"""Which studies an analysis takes: columns, sizes, appraisal, patients of one arm who differ, and the reasons that print."""

from __future__ import annotations

from typing import Any

import pytest
from analysis_cases import a_slice, outcome_row, people, selection, study

from livingreview.synthesis.counting import TherapySlice
from livingreview.synthesis.responses import ReadingRule, responses
from livingreview.synthesis.selection import Counted, parts, select, split, summed


def taken(
    data: TherapySlice, counts: str = "responders", **given: Any
) -> tuple[tuple[Counted, ...], dict[str, str]]:
    """Counts by study that a selection keeps, and the reason of each study left out."""
    found = parts(responses(data, ReadingRule(counts)), counts)
    kept, out = select(data, found, selection("s", **given), counts)
    return summed(kept), {left.label: left.reason for left in out}


def test_keep_asks_for_the_value_and_drop_leaves_what_is_not_reported() -> None:
    data = a_slice(
        study("one", 2, 3, arm={"aetiology": "own"}),
        study("two", 1, 3, arm={"aetiology": "drug"}),
        study("three", 0, 3),
    )
    kept, out = taken(data, keep={"aetiology": ["own"]})
    assert kept == (("one", 2, 3),)
    assert out == {"Two": "aetiology: by a drug", "Three": "aetiology: not reported"}
    kept, out = taken(data, drop={"aetiology": ["drug"]})
    assert {s for s, _, _ in kept} == {"one", "three"}
    assert out == {"Two": "aetiology: by a drug"}


def test_columns_of_studies_arms_and_readings() -> None:
    data = a_slice(
        study("one", 2, 3, design="report", source_kind="second_hand"),
        study("two", 1, 3, basis="title", arm={"monotherapy": "yes"}),
        study("three", 3, 3, basis=None, arm={"monotherapy": "no"}),
    )
    assert taken(data, keep={"design": ["series", "trial"]})[1] == {"One": "design: case report"}
    assert taken(data, drop={"source_kind": ["second_hand"]})[1] == {"One": "source kind: secondary source"}
    kept, out = taken(data, keep={"basis": ["results"]})
    assert kept == (("one", 2, 3),)
    assert out == {"Two": "basis: title only", "Three": "basis: not reported"}
    kept, out = taken(data, keep={"monotherapy": ["yes"]})
    assert kept == (("two", 1, 3),)
    assert out == {"One": "monotherapy: not reported", "Three": "monotherapy: no"}


def test_size_is_that_of_the_study_after_the_other_conditions() -> None:
    data = a_slice(study("one", 1, 1), study("two", 2, 2))
    assert taken(data, least_total=2) == ((("two", 2, 2),), {"One": "fewer than 2 evaluated (1)"})


def described(responses_told: list[str | None], aetiology: list[str | None], responders: int) -> TherapySlice:
    total = len(responses_told)
    given = study("one", responders, total, complete=responders, arm={"aetiology": "own"})
    given["participants"] = people("one", responses_told, aetiology=aetiology)
    return a_slice(given)


def test_patients_who_differ_are_told_apart_where_their_results_are_known() -> None:
    data = described(["complete", "none", "complete", "none"], ["own", "drug", "own", "own"], 2)
    assert taken(data, drop={"aetiology": ["drug"]}) == ((("one", 2, 3),), {})
    assert taken(data, keep={"aetiology": ["drug"]}) == ((("one", 0, 1),), {})
    # two conditions one after the other: those who are left are still known by name
    kept, _ = taken(data, keep={"aetiology": ["own"]}, drop={"aetiology": ["drug"]})
    assert kept == (("one", 2, 3),)


def test_patients_who_differ_without_results_one_by_one_leave_the_arm_out() -> None:
    reason = {"One": "aetiology: patients differ, and their results are not known one by one"}
    untold = described(["complete", None, "complete", "none"], ["own", "drug", "own", "own"], 2)
    assert taken(untold, drop={"aetiology": ["drug"]}) == ((), reason)
    disagreeing = described(["complete", "none", "none", "none"], ["own", "drug", "own", "own"], 2)
    assert taken(disagreeing, drop={"aetiology": ["drug"]}) == ((), reason)
    # where none or all of them fit, it does not matter
    assert taken(untold, keep={"aetiology": ["own", "drug"]})[0] == (("one", 2, 4),)


def test_the_arm_speaks_where_a_patient_has_no_value_or_is_not_described() -> None:
    partly = described(["complete", "none"], ["drug", None], 1)
    assert taken(partly, drop={"aetiology": ["drug"]})[0] == (("one", 1, 2),)
    given = study("one", 1, 3, arm={"aetiology": "own"})
    given["participants"] = people("one", ["complete", "none"], aetiology=["drug", "drug"])
    assert taken(a_slice(given), drop={"aetiology": ["drug"]})[0] == (("one", 1, 3),)


def test_where_a_column_was_found() -> None:
    data = described(["complete", "none"], ["drug", "own"], 1)
    (part,) = parts(responses(data), "responders")
    assert split(data, part, "aetiology", "responders").known_by == "patient"
    assert split(data, part, "design", "responders").known_by == "study"
    assert split(data, part, "basis", "responders").known_by == "reading"
    assert split(data, part, "colour_of_hair", "responders").known_by is None


ASKED = {"tool": {"items": {"1": ["yes"], "2": ["yes", "not_applicable"]}}}


@pytest.mark.parametrize(
    ("judged", "reason"),
    [
        ({"tool": {"1": "yes", "2": "not_applicable", "3": "no"}}, None),
        ({"tool": {"1": "unclear", "2": "unclear"}}, "appraisal: items 1 and 2 unclear"),
        ({"tool": {"1": "no", "2": "unclear"}}, "appraisal: item 1 no, item 2 unclear"),
        ({"tool": {"1": "yes"}}, "appraisal: item 2 not judged"),
        ({"other": {"1": "yes"}}, "appraised with a tool for which the protocol names no items"),
        ({}, "not appraised"),
    ],
)
def test_appraisal_item_by_item(judged: dict[str, dict[str, str]], reason: str | None) -> None:
    data = a_slice(study("one", 1, 2), appraisals={"one": judged} if judged else {})
    kept, out = taken(data, appraisal=ASKED)
    assert out == ({} if reason is None else {"One": reason})
    assert kept == ((("one", 1, 2),) if reason is None else ())


def test_one_arm_of_a_study_can_stay() -> None:
    given = study("one", 1, 2, arm={"monotherapy": "yes"})
    given["arms"].append({**given["arms"][0], "arm_id": "b", "monotherapy": "no"})
    given["outcomes"].append(outcome_row("one", "o9", "any", 2, 2, arm="b"))
    data = a_slice(given)
    assert summed(parts(responses(data), "responders")) == (("one", 3, 4),)
    assert taken(data, keep={"monotherapy": ["yes"]}) == ((("one", 1, 2),), {})


# --- which report speaks


def reading(rule: ReadingRule, *rows: dict[str, Any], treated: int = 6) -> Any:
    given = study("one", None, treated)
    given["outcomes"] = list(rows)
    (found,) = responses(a_slice(given), rule)
    return found


EARLY = outcome_row("one", "o1", "any", 2, 6, months=3)
LATE = outcome_row("one", "o2", "any", 5, 6, months=24)


def test_the_latest_allowed_report_speaks() -> None:
    assert reading(ReadingRule(), EARLY, LATE).responders == 5
    found = reading(ReadingRule(latest_months=12), EARLY, LATE)
    assert (found.responders, found.timepoint_months) == (2, 3)
    assert [t.responders for t in found.other_timepoints] == [5]
    late = reading(ReadingRule(latest_months=12), LATE)
    assert (late.used, late.reason, late.at_least) == (False, "reported only later than 12 months", 0)


def test_a_report_on_another_basis_does_not_speak() -> None:
    title = {**LATE, "basis": "title"}
    rule = ReadingRule(bases=("results",))
    found = reading(rule, EARLY, title)
    assert (found.responders, found.basis) == (2, "results")
    refused = reading(rule, title)
    assert (refused.used, refused.at_least) == (False, 0)
    assert refused.reason == "the result rests on less than asked for (title only)"
    untold = reading(rule, {**LATE, "basis": None})
    assert untold.reason == "what the result rests on is not stated"
    assert reading(ReadingRule(), {**LATE, "basis": None}).used


def test_only_the_rows_on_an_allowed_basis_are_solved() -> None:
    rows = [
        outcome_row("one", "o1", "complete", 2, 6),
        outcome_row("one", "o2", "partial", 3, 6, basis="title"),
    ]
    assert reading(ReadingRule(), *rows).responders == 5
    found = reading(ReadingRule(bases=("results",)), *rows)
    assert (found.responders, found.used) == (None, False)
    assert found.reason == "not every degree of response is counted: at least 2 of 6 responded"
    assert found.at_least == 2
    # complete responses are known all the same
    found = reading(ReadingRule("complete", ("results",)), *rows)
    assert (found.used, found.complete, found.evaluated) == (True, 2, 6)


def test_complete_responses_ask_for_a_report_that_tells_them() -> None:
    told = outcome_row("one", "o3", "complete", 1, 6, months=1)
    found = reading(ReadingRule("complete"), told, LATE)
    assert (found.timepoint_months, found.complete, found.at_least, found.at_most) == (1, 1, 1, 1)
    silent = reading(ReadingRule("complete"), LATE)
    assert (silent.used, silent.reason) == (False, "the degree of response is not reported")
    assert (silent.at_least, silent.at_most) == (0, 5)


def test_individually_described_patients_state_no_basis() -> None:
    given = study("one", None, 2)
    given["participants"] = people("one", ["complete", "none"])
    data = a_slice(given)
    assert responses(data, ReadingRule())[0].used
    (found,) = responses(data, ReadingRule(bases=("results",)))
    assert (found.used, found.reason) == (False, "what the result rests on is not stated")


def test_patients_of_two_arms_count_once_in_the_arm_that_tells() -> None:
    given = study("one", None, 2)
    given["arms"].append({**given["arms"][0], "arm_id": "b", "shares_patients_with": "a"})
    given["outcomes"] = [
        outcome_row("one", "o1", "any", 2, 2),
        outcome_row("one", "o2", "complete", 1, 2, arm="b"),
    ]
    data = a_slice(given)
    assert summed(parts(responses(data), "responders")) == (("one", 2, 2),)
    assert summed(parts(responses(data, ReadingRule("complete")), "complete")) == (("one", 1, 2),)
