"""Each domain: what its inputs are, what is proposed from them, and that missing information is no flaw."""

from __future__ import annotations

from dataclasses import replace

import pytest
from certainty_bodies import (
    LABELS,
    SECTION,
    WORDS,
    appraisal,
    body,
    egger,
    items,
    limits,
    member,
    prediction,
    spread,
    tipping,
)
from hypothesis import given
from hypothesis import strategies as st

from livingreview.certainty import domains
from livingreview.certainty.bias import risk_of_bias, start
from livingreview.certainty.body import SCORE, Body, Interval
from livingreview.certainty.domains import Domain, Proposal
from livingreview.certainty.model import Input
from livingreview.protocol_grade import DOWN, JUDGEMENTS

GOOD, BAD, OPEN = items("yes", "yes", "yes"), items("yes", "no", "yes"), items("unclear", "yes", "unclear")


def rob(of: Body, *, bearing: dict[str, dict[str, list[str]]] | None = None, **judged) -> Domain:
    return risk_of_bias(of, WORDS, appraisal(**judged), bearing or {})


def proposal(found: Domain) -> Proposal:
    return found[1]


def the(found: Domain, code: str) -> Input:
    return next(i for i in found[0] if i.code == code)


# --- risk of bias


def test_most_of_the_evidence_decides_and_not_the_number_of_studies():
    large, small, tiny = member("a", 30), member("b", 5), member("c", 5)
    assert proposal(rob(body(large, small, tiny), a=GOOD, b=BAD, c=BAD)).judgement == "not_serious"
    assert proposal(rob(body(large, small, tiny), a=BAD, b=GOOD, c=GOOD)).judgement == "serious"


def test_two_shown_flaws_in_most_of_the_evidence_weigh_double():
    found = rob(body(member("a", 30), member("b", 5)), a=items("no", "no", "yes"), b=GOOD)
    assert proposal(found).judgement == "very_serious"


def test_unclear_is_no_flaw_but_low_risk_is_not_shown_either():
    found = rob(body(), a=OPEN, b=OPEN)
    assert the(found, "flawed").value == [0, 20]
    assert the(found, "met").value == [0, 20]
    assert the(found, "unclear").value == [20, 20]
    assert proposal(found).judgement == "serious"
    assert proposal(found).remark == "low risk cannot be shown"
    assert "missing to us" in proposal(found).reason
    assert "no finding against a study" in proposal(found).reason


@given(st.lists(st.sampled_from(["yes", "unclear", None, "not_applicable"]), min_size=3, max_size=3))
def test_missing_information_never_rates_down_by_more_than_one_level(judgements):
    found = rob(body(member("a")), a=items(*judgements))
    assert the(found, "flawed").value == [0, 10]
    assert DOWN[proposal(found).judgement] <= 1


@given(
    st.lists(st.sampled_from(["yes", "no", "unclear"]), min_size=3, max_size=3),
    st.integers(0, 2),
)
def test_replacing_a_judgement_by_unclear_never_adds_a_flaw(judgements, place):
    before = rob(body(member("a")), a=items(*judgements))
    hidden = [*judgements]
    hidden[place] = "unclear"
    after = rob(body(member("a")), a=items(*hidden))
    assert the(after, "flawed").value[0] <= the(before, "flawed").value[0]
    assert the(after, "flawed_twice").value[0] <= the(before, "flawed_twice").value[0]


def test_only_items_that_bear_on_the_result_count_where_the_protocol_names_them():
    bearing = {"list": {"1": ["yes"], "3": ["yes", "no"]}}
    assert proposal(rob(body(), bearing=bearing, a=BAD, b=BAD)).judgement == "not_serious"
    assert (
        proposal(rob(body(), bearing=bearing, a=items("no", "yes", "yes"), b=BAD)).judgement != "not_serious"
    )
    found = rob(body(), bearing=bearing, a=BAD, b=BAD)
    assert {i.code for i in found[0] if i.code.startswith("list_")} == {"list_1", "list_3"}


def test_items_are_counted_one_by_one_and_never_summed():
    found = rob(body(), a=BAD, b=items("yes", "unclear", None))
    assert the(found, "list_1").value == {"yes": 2}
    assert the(found, "list_2").value == {"no": 1, "unclear": 1}
    assert the(found, "list_3").value == {"yes": 1, "missing": 1}
    assert the(found, "list_2").text == "No: 1, Unclear: 1"


def test_a_study_that_nobody_appraised_is_unclear():
    found = rob(body(), a=GOOD)
    assert the(found, "not_appraised").value == 1
    assert the(found, "unclear").value == [10, 20]
    assert proposal(found).judgement == "serious"


def test_shares_are_of_studies_where_units_are_not_known():
    some = body(member("a", None), member("b"), member("c"), participants=None)
    found = rob(some, a=BAD, b=BAD, c=GOOD)
    assert the(found, "flawed").value == [2, 3]
    assert the(found, "flawed").text == "2 of 3 studies"


def test_evidence_starts_at_the_lowest_level_of_its_designs():
    trial = member("a", design="trial")
    assert start(body(trial), WORDS, SECTION)[0] == "high"
    level, why = start(body(trial, member("b")), WORDS, SECTION)
    assert level == "low"
    assert (
        why == "Starts at low by the designs of the studies (Series: 1, Trial: 1), the lowest of them counts."
    )
    assert start(body(member("a", design=None)), WORDS, SECTION)[0] == "low"


# --- inconsistency


def test_heterogeneity_that_cannot_be_estimated_says_so_and_rates_nothing_down():
    found = domains.inconsistency(body(), WORDS)
    for code in ("tau2", "prediction"):
        assert the(found, code).value is None
        assert not the(found, code).estimable
        assert "not estimable" in the(found, code).text
    assert proposal(found).judgement == "not_serious"
    assert proposal(found).remark == "not estimable"
    assert "cannot be seen" in proposal(found).reason


@pytest.mark.parametrize(
    ("lower", "upper", "judgement"),
    [
        (0.55, 0.74, "not_serious"),
        (0.4, 0.74, "serious"),
        (0.4, 0.8, "very_serious"),
        (0.1, 0.9, "very_serious"),
    ],
)
def test_the_prediction_interval_counts_beyond_the_confidence_interval(lower, upper, judgement):
    of = limits(body(heterogeneity=spread()), 0.58, 0.7)
    found = domains.inconsistency(replace(of, prediction=prediction(lower, upper)), WORDS)
    assert proposal(found).judgement == judgement
    # what the confidence interval holds as well is imprecision and counts there
    wide = limits(of, 0.2, 0.9)
    again = domains.inconsistency(replace(wide, prediction=prediction(lower, upper)), WORDS)
    assert proposal(again).judgement == "not_serious"


@pytest.mark.parametrize(
    ("above", "below", "i2", "judgement"),
    [
        (2, 2, 80.0, "serious"),
        (2, 2, 20.0, "not_serious"),
        (2, 2, None, "serious"),
        (4, 0, 80.0, "not_serious"),
    ],
)
def test_directions_speak_where_there_is_no_prediction_interval(above, below, i2, judgement):
    of = body(heterogeneity=spread(i2=i2), i2=i2, above=above, below=below)
    found = domains.inconsistency(of, WORDS)
    assert proposal(found).judgement == judgement
    assert not the(found, "prediction").estimable
    assert the(found, "i2").estimable is (i2 is not None)


# --- indirectness


def indirect(of: Body) -> Domain:
    return domains.indirectness(of, WORDS, SECTION["indirect"], LABELS)


def test_criteria_bases_and_sources_are_marks_and_most_of_the_evidence_decides():
    assert proposal(indirect(body())).judgement == "not_serious"
    marked = member("a", 11, unverified=("given alone",))
    assert proposal(indirect(body(marked, member("b", 10)))).judgement == "serious"
    assert proposal(indirect(body(marked, member("b", 12)))).judgement == "not_serious"
    twice = replace(marked, basis="title")
    assert proposal(indirect(body(twice, member("b", 10)))).judgement == "very_serious"


def test_many_unverified_criteria_of_one_study_are_one_mark():
    found = indirect(body(member("a", unverified=("x", "y")), member("b", unverified=("x",))))
    assert the(found, "unverified").value == {"x": 2, "y": 1}
    assert the(found, "marked_twice").value == [0, 20]
    assert proposal(found).judgement == "serious"


def test_a_basis_that_is_not_reported_is_no_mark():
    found = indirect(body(member("a", basis=None), member("b", basis=None)))
    assert the(found, "basis").value == {"not_reported": 2}
    assert proposal(found).judgement == "not_serious"


# --- imprecision


@pytest.mark.parametrize(
    ("lower", "upper", "judgement"),
    [
        (0.55, 0.7, "not_serious"),
        (0.5, 0.75, "not_serious"),  # touching is not holding
        (0.4, 0.7, "serious"),
        (0.4, 0.8, "very_serious"),
        (0.2, 0.8, "extremely_serious"),
    ],
)
def test_each_threshold_that_the_interval_holds_is_a_level(lower, upper, judgement):
    assert proposal(domains.imprecision(limits(body(), lower, upper), WORDS)).judgement == judgement


def test_the_widest_honest_interval_is_judged_and_not_the_estimate_itself():
    of = replace(limits(body(), 0.55, 0.7), interval=Interval(0.2, 0.9, "interval at a correlation of 0.8"))
    found = domains.imprecision(of, WORDS)
    assert proposal(found).judgement == "extremely_serious"
    assert "correlation of 0.8" in the(found, "interval").text


def test_without_an_interval_nothing_bounds_the_value():
    of = body(interval=None, estimate=None, no_interval="Two values are too few.")
    found = domains.imprecision(of, WORDS)
    assert the(found, "interval").value is None
    assert not the(found, "interval").estimable
    assert proposal(found).judgement == "extremely_serious"
    assert "Two values are too few." in proposal(found).reason


@pytest.mark.parametrize(
    ("n", "lower", "judgement"), [(20, -3.0, "serious"), (500, -3.0, "not_serious"), (20, -6.0, "serious")]
)
def test_a_score_needs_an_information_size_where_its_interval_holds_no_threshold(n, lower, judgement):
    of = replace(limits(body(member("a", n)), lower, -2.1), kind=SCORE, thresholds=(-5.0, 0.0))
    assert proposal(domains.imprecision(of, WORDS)).judgement == judgement


# --- publication bias


def test_reports_of_single_patients_are_suspected():
    cases = [member(name, 1) for name in "abc"]
    found = domains.publication_bias(body(*cases, member("d", 40)), WORDS)
    assert the(found, "single").value == [3, 4]
    assert proposal(found).judgement == "strongly_suspected"
    found = domains.publication_bias(body(cases[0], member("d", 40)), WORDS)
    assert proposal(found).judgement == "undetected"
    assert proposal(found).remark == "not testable"


def test_a_study_of_unknown_size_is_no_report_of_a_single_patient():
    found = domains.publication_bias(body(member("a", None), member("b", 1), participants=None), WORDS)
    assert the(found, "single").value == [1, 2]
    assert proposal(found).judgement == "undetected"


def test_most_patients_without_the_outcome_are_a_sign():
    assert (
        proposal(domains.publication_bias(body(treated=50, unreported=30), WORDS)).judgement
        == "strongly_suspected"
    )
    assert (
        proposal(domains.publication_bias(body(treated=50, unreported=20), WORDS)).judgement == "undetected"
    )
    found = domains.publication_bias(body(treated=None, unreported=None), WORDS)
    assert not the(found, "unreported").estimable


def test_a_number_of_treated_that_is_known_is_not_called_a_minimum():
    exact, least = (
        domains.publication_bias(body(treated=17, unreported=15, treated_is_minimum=m), WORDS)
        for m in (False, True)
    )
    assert the(exact, "unreported").text == "15 of 17 patients"
    assert "For 15 of 17 patients treated" in proposal(exact).reason
    assert the(least, "unreported").text == "15 of at least 17 patients"
    assert "For 15 of at least 17 patients treated" in proposal(least).reason
    assert the(exact, "unreported").value == the(least, "unreported").value


def test_a_test_of_asymmetry_counts_from_ten_studies_on():
    many = [member(f"s{i}") for i in range(12)]
    small = domains.publication_bias(body(*many, small_study=egger(0.02)), WORDS)
    assert proposal(small).judgement == "strongly_suspected"
    large = domains.publication_bias(body(*many, small_study=egger(0.4)), WORDS)
    assert (proposal(large).judgement, proposal(large).remark) == ("undetected", "")
    assert not the(domains.publication_bias(body(*many, small_study=egger(None)), WORDS), "egger").estimable


def test_the_tipping_point_is_shown_and_missing_where_there_is_none():
    assert the(domains.publication_bias(body(tipping=tipping(3)), WORDS), "tipping").value == [3, 0.5]
    assert not the(domains.publication_bias(body(tipping=tipping(None)), WORDS), "tipping").estimable


# --- all of them


def test_every_proposal_is_a_judgement_of_its_domain_and_a_whole_sentence():
    bare = body(
        member("a", None), participants=None, interval=None, estimate=None, no_interval="Too few values."
    )
    for of in (body(), body(member("a", 1)), bare):
        found = {
            "risk_of_bias": rob(of),
            "inconsistency": domains.inconsistency(of, WORDS),
            "indirectness": indirect(of),
            "imprecision": domains.imprecision(of, WORDS),
            "publication_bias": domains.publication_bias(of, WORDS),
        }
        for domain, (inputs, proposed) in found.items():
            assert proposed.judgement in JUDGEMENTS[domain]
            assert proposed.reason[:1].isupper() or proposed.reason[:1].isdigit()
            assert proposed.reason.endswith(".")
            assert len({i.code for i in inputs}) == len(inputs)
            assert all(i.text and i.label for i in inputs)
