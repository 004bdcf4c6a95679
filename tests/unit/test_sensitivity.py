"""The sensitivity set, its verdict, the tipping point, leave-one-out and cumulative re-analyses."""

from __future__ import annotations

from dataclasses import asdict, replace
from math import comb
from typing import Any

import pytest
from analysis_cases import FAILURES, PROTOCOL, a_slice, declared, outcome_row, selection, study
from hypothesis import given, settings
from hypothesis import strategies as st

from livingreview.synthesis.analyse import analyse
from livingreview.synthesis.analysis import Analysis, AtIcc, Clusters, SensitivityRow
from livingreview.synthesis.counting import TherapySlice
from livingreview.synthesis.fitting import Fit, cautious_limits, position
from livingreview.synthesis.pool import pool
from livingreview.synthesis.pooled import Pooled
from livingreview.synthesis.proportions import clopper_pearson, proportion
from livingreview.synthesis.responses import responses
from livingreview.synthesis.sensitivity import clustered, models, verdict
from livingreview.synthesis.therapy import synthesise
from livingreview.synthesis.tipping import tipping
from livingreview.synthesis.totals import totals


def one(data: TherapySlice) -> Analysis:
    (found,) = analyse(data)
    return found


# --- tipping point


def lower_limit_is_below(events: int, total: int, threshold: float, level: float) -> bool:
    """By definition: the chance of so many events or more at the threshold exceeds the tail (no beta quantile needed)."""
    tail = sum(
        comb(total, x) * threshold**x * (1 - threshold) ** (total - x) for x in range(events, total + 1)
    )
    return tail > (1 - level) / 2


@settings(deadline=None, max_examples=60)
@given(st.data(), st.integers(1, 40), st.sampled_from([0.3, 0.5, 0.75]), st.sampled_from([0.9, 0.95]))
def test_tipping_point_is_the_first_number_that_does(
    data: st.DataObject, total: int, threshold: float, level: float
) -> None:
    events = data.draw(st.integers(0, total))
    found = tipping(events, total, threshold, level).failures
    assert found is not None
    assert lower_limit_is_below(events, total + found, threshold, level)
    assert found == 0 or not lower_limit_is_below(events, total + found - 1, threshold, level)


def test_tipping_point_in_words() -> None:
    # lower limits: 7/7 0.025^(1/7) = 0.590, 7/8 0.473
    found = tipping(7, 7, 0.5, 0.95)
    assert (found.failures, found.events, found.total) == (1, 7, 7)
    assert found.lower == pytest.approx(clopper_pearson(7, 8)[0])
    assert found.text == (
        "1 unpublished failure would bring the lower limit of the exact interval below 50 % (from 59 % to 47 %)."
    )
    # 17 of 21: 0.581; 17 of 24: 0.489
    assert tipping(17, 21, 0.5, 0.95).text == (
        "3 unpublished failures would bring the lower limit of the exact interval below 50 % (from 58 % to 49 %)."
    )
    already = tipping(2, 2, 0.5, 0.95)
    assert (already.failures, already.lower) == (0, pytest.approx(0.025**0.5))
    assert already.text == (
        "The lower limit of the exact interval already lies below 50 % (16 %), without any unpublished failure."
    )
    nothing = tipping(0, 0, 0.5, 0.95)
    assert (nothing.failures, nothing.lower, nothing.events) == (None, None, None)
    assert nothing.text == "Without a count no tipping point can be computed."


def test_a_limit_just_below_the_threshold_reads_as_below() -> None:
    # 197 of 305: 0.598
    assert tipping(197, 291, 0.6, 0.9).text.endswith("below 60 % (from 63 % to 59.8 %).")


# --- verdict


def pooled(events: int, total: int, fitted: bool = False, name: str = "Model") -> Pooled:
    estimate = proportion(events, total, unit="patient")
    return Pooled(name.lower(), name, "x", fitted, estimate, None, None, None, None, (), None, ())


def row(code: str, state: str | None, *, same: bool = False, kind: str = "selection") -> SensitivityRow:
    return SensitivityRow(code, code.capitalize(), kind, 1, 1, 1, None, state, same, (), None)


def test_all_agree() -> None:
    rows = [row("a", "above"), row("b", "above"), row("c", None)]
    found = verdict("above", True, rows, 0.5)
    assert (found.declared, found.estimated, found.same_data, found.agree) == (4, 3, 0, True)
    assert found.states == {"above": ("main", "a", "b")}
    assert found.text == (
        "3 of 4 analyses could be estimated; of these all agree that the lower limit lies at or above 50 %."
    )


def test_they_split() -> None:
    rows = [row("a", "below"), row("b", "undecided"), row("c", "above", same=True)]
    found = verdict("above", True, rows, 0.5)
    assert (found.estimated, found.same_data, found.agree) == (4, 1, False)
    assert found.states == {"above": ("main", "c"), "undecided": ("b",), "below": ("a",)}
    assert found.text == (
        "4 of 4 analyses could be estimated; they split by where the interval lies: in the main analysis and “C” the lower "
        "limit lies at or above 50 %; in “B” the interval includes 50 %; in “A” the upper limit lies below 50 %. One of them "
        "rests on exactly the data of the main analysis and could not differ from it."
    )


def test_agreement_of_fewer_than_three_cannot_be_judged() -> None:
    found = verdict("above", True, [row("a", "above"), row("b", None)], 0.5)
    assert found.agree is None
    assert found.text == "2 of 3 analyses could be estimated; agreement cannot be judged."
    assert verdict(None, False, [row("a", None)], 0.5).text == (
        "0 of 2 analyses could be estimated; agreement cannot be judged."
    )


def test_rows_on_the_same_data_are_told() -> None:
    rows = [row("a", "undecided", same=True), row("b", "undecided"), row("c", "undecided")]
    found = verdict("undecided", True, rows, 0.5)
    assert found.agree is True
    assert found.text == (
        "4 of 4 analyses could be estimated; of these all agree that the interval includes 50 %, which leaves the question "
        "open, but one of them rests on exactly the data of the main analysis and could not differ from it."
    )


def test_the_same_data_cannot_agree_with_themselves_but_a_split_remains_one() -> None:
    rows = [row("a", "above", same=True), row("b", "above", same=True)]
    found = verdict("above", True, rows, 0.5)
    assert found.agree is None
    assert found.text == (
        "3 of 3 analyses could be estimated; two of them rest on exactly the data of the main analysis and could not "
        "differ from it, so agreement cannot be judged."
    )
    split = verdict("above", True, [*rows, row("c", "below")], 0.5)
    assert split.agree is False
    assert "they split by where the interval lies" in split.text


def test_models_are_a_sentence_of_their_own_and_no_analyses() -> None:
    rows = [row("a", "above"), row("b", "above"), row("m", "above", kind="model")]
    found = verdict("above", True, rows, 0.5)
    assert (found.declared, found.estimated) == (3, 3)
    assert found.text.endswith(
        "The one other model of the same data places the interval as the main model does."
    )
    rows += [row("n", "undecided", kind="model"), row("o", None, kind="model")]
    assert verdict("above", True, rows, 0.5).text.endswith(
        "Of 3 other models of the same data 2 could be fitted; of these 1 places the interval as the main model does, not so: N."
    )
    rows = [row("a", "above"), row("m", None, kind="model")]
    assert verdict("above", False, rows, 0.5).text.endswith(
        "No model could be fitted, so that models cannot be compared."
    )


def lesions(robust: tuple[float, float] | None, *at: tuple[float, float, float]) -> Clusters:
    naive = proportion(17, 21, unit="lesion")
    wide = None if robust is None else replace(naive, lower=robust[0], upper=robust[1])
    return Clusters(21, 6, naive, wide, tuple(AtIcc(icc, 10, low, high) for icc, low, high in at), "")


@pytest.mark.parametrize(
    ("lie_in", "sentence"),
    [
        (None, ""),
        (lesions((0.55, 0.93)), ""),
        (
            lesions((0.45, 0.95)),
            "These intervals take lesions of one patient as independent; where an interval allows for their likeness, the interval includes 50 %.",
        ),
        (
            lesions(None, (0.8, 0.37, 0.99), (0.2, 0.52, 0.96)),
            "These intervals take lesions of one patient as independent; at a correlation of 0.8 within patients the main one would "
            "run from 37 % to 99 %, so that the interval includes 50 %.",
        ),
        (lesions(None), ""),
    ],
)
def test_what_lesions_within_patients_do_to_the_verdict(lie_in: Clusters | None, sentence: str) -> None:
    assert clustered(lie_in, pooled(17, 21), 0.5, "lesion", PROTOCOL["units"]) == sentence
    assert clustered(lie_in, replace(pooled(17, 21), estimate=None), 0.5, "lesion", PROTOCOL["units"]) == ""


def test_a_fitted_model_that_is_wider_than_any_correlation_is_what_counts() -> None:
    exact = proportion(60, 80, unit="lesion")
    spread = replace(pooled(60, 80, fitted=True), estimate=replace(exact, lower=0.4, upper=0.9))
    lie_in = lesions(None, (0.2, 0.6, 0.85), (0.8, 0.55, 0.88))
    assert clustered(lie_in, spread, 0.5, "lesion", PROTOCOL["units"]) == ""


def as_json(main: Pooled, lie_in: Clusters | None) -> dict[str, Any]:
    return {"code": "response", "main": asdict(main), "clusters": None if lie_in is None else asdict(lie_in)}


def test_the_one_interval_that_may_be_read_against_the_threshold() -> None:
    exact = proportion(17, 21, unit="lesion")
    naive = (exact.lower, exact.upper, "naive")
    main = pooled(17, 21)
    assert cautious_limits(as_json(main, None)) == naive
    assert cautious_limits(as_json(main, lesions(None))) == naive
    assert cautious_limits(as_json(main, lesions(None, (0.8, 0.37, 0.99), (0.2, 0.52, 0.96)))) == (
        0.37,
        0.99,
        "icc",
    )
    assert cautious_limits(as_json(main, lesions((0.6, 0.9), (0.8, 0.37, 0.99)))) == (0.6, 0.9, "robust")
    wide = replace(pooled(17, 21, fitted=True), estimate=replace(exact, lower=0.2, upper=0.99))
    assert cautious_limits(as_json(wide, lesions(None, (0.8, 0.37, 0.99)))) == (0.2, 0.99, "naive")
    with pytest.raises(ValueError, match="no estimate"):
        cautious_limits(as_json(replace(main, estimate=None), None))


def test_an_interval_that_was_cut_is_not_read() -> None:
    """1 of 500, twice 0 of 500 and 0 of 1: at the harmonic size of 4 all three numbers are cut at 0."""
    found = pool(
        [("a", 1, 500), ("b", 0, 500), ("c", 0, 500), ("d", 0, 1)],
        "freeman_tukey",
        level=0.95,
        unit="patient",
    )
    assert found.fitted and found.estimate is not None
    assert (found.estimate.value, found.estimate.lower, found.estimate.upper) == (0, 0, 0)
    assert any("the value, the lower limit and the upper limit were cut at 0 %" in w for w in found.warnings)
    assert position(found, 0.5) is None
    (row,) = models([found], [("a", 1, 500)], 0.5)
    assert row.state is None
    assert row.reason == (
        "The value was cut at 0 % when it was translated back, so that its interval is not read against the threshold."
    )
    beside = replace(row, code="m", state="below", pooled=pooled(1, 1501, fitted=True), reason=None)
    assert verdict("below", True, [row, beside], 0.5).text.endswith(
        "Of 2 other models of the same data 1 could be fitted and read against the threshold; of these all place the "
        "interval as the main model does."
    )


def test_a_limit_that_alone_was_cut_is_told_and_decides_nothing() -> None:
    found = pool([("a", 2, 3), ("b", 3, 3), ("c", 3, 4)], "freeman_tukey", level=0.95, unit="patient")
    assert found.estimate is not None
    assert found.estimate.value < found.estimate.upper == 1
    assert "Translated back from the Freeman–Tukey scale, the upper limit was cut at 100 %." in found.warnings
    assert position(found, 0.4) == "above"
    assert position(found, 0.5) == "undecided"


def test_where_an_interval_lies() -> None:
    assert position(None, 0.5) is None
    at = replace(proportion(1, 1, unit="patient"), lower=0.5)
    assert position(replace(pooled(1, 1), estimate=at), 0.5) == "above"
    assert position(pooled(1, 2), 0.5) == "undecided"
    assert position(pooled(0, 10), 0.5) == "below"


# --- rows


def rows_of(*studies: Any, sensitivity: list[dict[str, Any]], **outcome: Any) -> dict[str, SensitivityRow]:
    found = one(a_slice(*studies, analyses=declared(outcome, sensitivity=sensitivity)))
    return {r.code: r for r in found.sensitivity}


def test_a_row_without_studies_could_not_be_estimated() -> None:
    empty = selection("alone", keep={"monotherapy": ["yes"]})
    row = rows_of(study("one", 2, 2), sensitivity=[empty])["alone"]
    assert (row.k, row.n, row.events, row.pooled, row.state) == (0, 0, None, None, None)
    assert row.reason == "No study is left."
    assert [(left.label, left.reason) for left in row.left_out] == [("One", "monotherapy: not reported")]
    nothing = rows_of(study("one", None, 2), sensitivity=[empty, FAILURES])
    assert {r.reason for r in nothing.values()} == {"No study gives a count."}
    assert nothing["failures"].state is None


def test_unreported_units_as_failures() -> None:
    """6 of 8 with 10 treated, 1 that is certain of 4 (the rest not counted), 5 treated with another construct, 3 without a word:
    7 of 22."""
    partly = study("part", None, 4)
    partly["outcomes"] = [outcome_row("part", "o1", "complete", 1, 4)]
    found = rows_of(
        study("one", 6, 8, treated=10),
        partly,
        study("other", 5, 5, construct="symptom"),
        study("silent", None, 3),
        sensitivity=[FAILURES],
    )["failures"]
    assert (found.kind, found.k, found.events, found.n) == ("failures", 4, 7, 22)
    assert found.left_out == ()
    assert not found.same_data


@pytest.mark.parametrize(
    "unsized", [study("unsized", None, 0, treated=None), study("unsized", 2, 3, treated=None)]
)
def test_without_the_number_treated_there_is_no_bound(unsized: Any) -> None:
    """Also where the study says how many it evaluated: more may have been treated."""
    data = a_slice(study("one", 6, 8, treated=10), unsized)
    (row,) = one(data).sensitivity
    assert (row.k, row.n, row.events, row.pooled, row.state, row.same_data) == (0, 0, None, None, None, False)
    assert row.reason == "The number treated is not known in 1 study."
    assert [(left.label, left.reason) for left in row.left_out] == [
        ("Unsized", "the number treated is not reported")
    ]
    (total,) = totals(data, responses(data))
    assert (total.if_failures, total.if_failures_reason) == (
        None,
        "the number treated is not known in 1 study",
    )


def test_failures_of_the_totals_and_of_the_row_have_the_same_counts() -> None:
    data = a_slice(
        study("one", 6, 8, treated=10), study("two", 1, 2), study("other", 5, 5, construct="symptom")
    )
    raw = {"studies": list(data.studies.values()), "arms": list(data.arms), "outcomes": list(data.outcomes)}
    result = synthesise(
        {"therapy": data.therapy, "protocol": data.protocol, "participants": [], **raw}  # type: ignore[arg-type]
    )
    total = result.total("patient", "deposit")
    (row,) = result.analyses[0].sensitivity
    assert total is not None
    assert total.if_failures is not None
    assert (row.events, row.n) == (total.if_failures.events, total.if_failures.total) == (7, 17)
    assert row.pooled is not None
    assert row.pooled.estimate is not None
    assert (row.pooled.estimate.lower, row.pooled.estimate.upper) == clopper_pearson(7, 17)


def test_the_worst_case_never_looks_better_than_the_main_analysis() -> None:
    """4 of 14 in three studies, and 30 patients treated in studies that report nothing: 4 of 44, not a model of seven studies."""
    studies = [study("a", 1, 5), study("b", 2, 5), study("c", 1, 4)]
    silent = [study(f"d{i}", None, size) for i, size in enumerate((3, 7, 9, 11))]
    found = one(a_slice(*studies, *silent, analyses=declared(threshold=0.75)))
    (row,) = found.sensitivity
    assert (row.events, row.n, row.k) == (4, 44, 7)
    assert row.pooled is not None
    assert row.pooled.estimate is not None
    assert found.main.estimate is not None
    assert row.pooled.estimate.upper < found.main.estimate.upper
    assert row.state == "below"
    assert row.pooled.reason is not None
    assert row.pooled.reason.startswith("This is a bound of counts")


def test_a_row_says_when_it_rests_on_the_same_data() -> None:
    everything = selection("all", drop={"source_kind": ["second_hand"]})
    found = rows_of(study("one", 2, 2), sensitivity=[everything, FAILURES])
    assert found["all"].same_data
    assert found["failures"].same_data  # all treated are told
    assert not rows_of(study("one", 2, 2, treated=3), sensitivity=[FAILURES])["failures"].same_data


# --- leave-one-out and cumulative


def test_leave_one_out_and_cumulative_by_year() -> None:
    data = a_slice(
        study("late", 3, 4, year=2010),
        study("undated", 1, 1, year=None),
        study("early", 0, 5, year=1990),
    )
    found = one(data)
    assert [(s.study_id, s.k, s.n) for s in found.leave_one_out] == [
        ("early", 2, 5),
        ("late", 2, 6),
        ("undated", 2, 9),
    ]
    assert [(s.study_id, s.year, s.k, s.n) for s in found.cumulative] == [
        ("early", 1990, 1, 5),
        ("late", 2010, 2, 9),
        ("undated", None, 3, 10),
    ]
    first, last = found.cumulative[0], found.cumulative[-1]
    assert first.pooled.estimate is not None
    assert (first.pooled.estimate.lower, first.pooled.estimate.upper) == clopper_pearson(0, 5)
    assert last.pooled.estimate is not None
    assert found.main.estimate is not None
    assert last.pooled.estimate.value == found.main.estimate.value
    alone = one(a_slice(study("one", 1, 2)))
    assert alone.leave_one_out == ()
    assert len(alone.cumulative) == 1


def test_the_same_counts_are_fitted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from livingreview.synthesis import pool as module

    calls = []
    real = module.pool
    monkeypatch.setattr(module, "pool", lambda *a, **k: calls.append(a) or real(*a, **k))
    fit = Fit("binomial_normal", 0.95, "patient")
    first = fit([("one", 1, 2), ("two", 1, 1)])
    assert fit([("one", 1, 2), ("two", 1, 1)]) is first
    assert len(calls) == 1
