"""Responses: the arithmetic of categories, and every count of the shipped tables against numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_slices import slice_of

from livingreview.synthesis.counting import TherapySlice
from livingreview.synthesis.degrees import solve
from livingreview.synthesis.responses import Response, responses
from livingreview.synthesis.therapy import TherapyResult, synthesise
from livingreview.synthesis.totals import totals

Rows = list[dict[str, Any]]


def small(arms: Rows, outcomes: Rows, participants: Rows | None = None, **protocol: Any) -> dict[str, Any]:
    """A slice of therapy ``t`` from a few cells; studies are those of the arms."""
    studies = [
        {"study_id": s, "label": s.upper(), "year": 2000} for s in sorted({a["study_id"] for a in arms})
    ]
    return {
        "therapy": {"code": "t", "name": "Therapy", "short_name": "T", "colour": "#000000"},
        "protocol": {
            "confidence_level": 0.95,
            "response": {"outcome": "response", "latest_months": None, **protocol},
            "constructs": {"deposit": "Deposit", "unspecified": "Not specified"},
            "units": {"patient": {"singular": "patient", "plural": "patients"}},
            "bases": {"results": "Results"},
            "outcomes": [
                {"code": "response", "name": "Response", "kind": "response", "scale": None},
                {"code": "again", "name": "Recurrence", "kind": "recurrence", "scale": None},
            ],
        },
        "studies": studies,
        "arms": [{"therapy": "t", "shares_patients_with": None, **a} for a in arms],
        "outcomes": [
            {
                "outcome_id": f"o{i}", "outcome": "response", "construct": "deposit", "unit": "patient", "arm_id": "a",
                "alternative_to": None, "timepoint_months": None, "basis": "results", **o,
            }
            for i, o in enumerate(outcomes)
        ],
        "participants": [{"patient_id": f"p{i}", "arm_id": "a", **p} for i, p in enumerate(participants or [])],
    }  # fmt: skip


def row(study: str, category: str, events: int | None, total: int | None, **more: Any) -> dict[str, Any]:
    return {"study_id": study, "category": category, "events": events, "total": total, **more}


def read(data: dict[str, Any]) -> tuple[Response, ...]:
    return responses(TherapySlice.from_json(data))


@pytest.mark.parametrize(
    ("given_counts", "total", "complete", "partial", "none", "responders", "at_least", "at_most"),
    [
        ({"complete": 12, "partial": 5, "none": 2}, 21, 12, 5, 2, 17, 17, 17),
        ({"partial": 1}, 1, 0, 1, 0, 1, 1, 1),  # exhausted: complete is 0 by arithmetic
        ({"complete": 3}, 3, 3, 0, 0, 3, 3, 3),
        ({"complete": 3, "partial": 3}, 6, 3, 3, 0, 6, 6, 6),
        ({"complete": 2, "none": 3}, 5, 2, 0, 3, 2, 2, 2),
        ({"complete": 2}, 5, 2, None, None, None, 2, 5),  # partial stays missing
        ({"complete": 2, "none": 1}, 5, 2, None, 1, None, 2, 4),
        ({"none": 2}, 5, None, None, 2, None, 0, 3),  # the other 3 are not known to have responded
        ({"none": 5}, 5, 0, 0, 5, 0, 0, 0),
        ({"any": 2}, 2, None, None, 0, 2, 2, 2),  # degree unknown: complete is missing, not 0
        ({"any": 2}, 6, None, None, None, 2, 2, 2),
        ({"any": 0}, 3, 0, 0, None, 0, 0, 0),
        ({"any": 4, "complete": 1}, 6, 1, None, None, 4, 4, 4),
        ({"any": None}, 3, None, None, None, None, 0, 3),
        ({"complete": 1}, None, 1, None, None, None, 1, None),
    ],
)
def test_arithmetic_of_categories(
    given_counts: dict[str, int | None],
    total: int | None,
    complete: int | None,
    partial: int | None,
    none: int | None,
    responders: int | None,
    at_least: int,
    at_most: int | None,
) -> None:
    c = solve(given_counts, total)
    assert (c.complete, c.partial, c.none) == (complete, partial, none)
    assert (c.responders, c.at_least, c.at_most) == (responders, at_least, at_most)
    assert c.problem is None


def test_any_is_never_added_to_complete_and_partial() -> None:
    c = solve({"complete": 1, "partial": 1, "any": 2, "none": 0}, 2)
    assert (c.responders, c.any_only) == (2, None)


def test_counts_beyond_the_total_are_not_used() -> None:
    (r,) = read(
        small([{"study_id": "s", "arm_id": "a"}], [row("s", "complete", 3, 4), row("s", "none", 2, 4)])
    )
    assert not r.used
    assert r.reason == "the counts exceed the number evaluated"
    assert r.estimate is None


@given(
    st.integers(1, 30).flatmap(
        lambda n: st.tuples(
            st.lists(st.integers(0, n), min_size=3, max_size=3).filter(lambda v: sum(v) <= n), st.just(n)
        )
    ),
    st.sets(st.sampled_from(["complete", "partial", "none"])),
)
def test_what_is_hidden_is_never_guessed_wrong(case: tuple[list[int], int], hidden: set[str]) -> None:
    """Hide any categories of a true result: what is concluded still holds for the truth."""
    values, total = case
    truth = dict(zip(("complete", "partial", "none"), values, strict=True))
    c = solve({k: v for k, v in truth.items() if k not in hidden}, total)
    responders = truth["complete"] + truth["partial"]
    assert c.responders in (None, responders)
    assert c.at_least <= responders
    assert c.at_most is None or responders <= c.at_most
    for name, value in truth.items():
        assert getattr(c, name) in (None, value)


# --- the shipped tables -------------------------------------------------------------------------------------------


def by_study(code: str) -> dict[str, Response]:
    return {r.study_id: r for r in read(slice_of(code))}


def test_areas_of_the_laser_series() -> None:
    """outcomes.csv, bottomley1996 o1–o4: 12 + 5 + 2 none + 2 recurrence = 21 lesions (arms.csv: 6 patients)."""
    r = by_study("laser")["bottomley1996"]
    assert (r.complete, r.partial, r.none, r.recurrence_exclusive, r.total) == (12, 5, 2, 2, 21)
    assert (r.responders, r.evaluated, r.treated, r.unreported, r.patients) == (17, 21, 21, 0, 6)
    assert r.estimate is not None
    assert r.estimate.value == pytest.approx(17 / 21)
    assert (r.estimate.lower, r.estimate.upper) == (
        pytest.approx(0.5809, abs=1e-4),
        pytest.approx(0.9455, abs=1e-4),
    )
    assert r.complete_estimate is not None
    assert r.complete_estimate.value == pytest.approx(12 / 21)
    assert "recurrence" in r.notes[0]


def test_an_empty_count_is_unknown() -> None:
    """outcomes.csv, jost2016 o1: any, no events, total 3."""
    r = by_study("topical_sts")["jost2016"]
    assert (r.responders, r.total, r.evaluated, r.treated, r.unreported) == (None, 3, 0, 3, 3)
    assert (r.estimate, r.if_failures, r.used) == (None, None, False)
    assert r.reason == "a response is reported without a count"


def test_partial_one_of_one() -> None:
    """outcomes.csv, linearjdm_nd o1: partial 1 of 1, inferred by the extractor."""
    r = by_study("topical_sts")["linearjdm_nd"]
    assert (r.complete, r.partial, r.responders, r.derived, r.basis) == (
        0,
        1,
        1,
        ("complete", "none"),
        "inferred",
    )


def test_degree_not_told() -> None:
    """outcomes.csv, bair2011 o1: any 2 of 2."""
    r = by_study("topical_sts")["bair2011"]
    assert (r.complete, r.partial, r.any_only, r.responders, r.total) == (None, None, 2, 2, 2)
    assert r.complete_estimate is None


TOTALS = {
    # therapy: {(unit, construct): (k, responders, evaluated, treated, unreported, complete, of, k without degree)}
    "topical_sts": {
        ("patient", "deposit"): (2, 2, 2, 17, 15, 2, 2, 0),  # bozzi2023 1/1, cacl2_lungtx_nd 1/1
        ("patient", "ulcer"): (1, 1, 1, 17, 16, None, None, 1),  # karthik2019 any 1/1
        # bair2011 any 2/2, linearjdm_nd partial 1/1, perezmoreno2014 any 1/1, tajalli2019 any 1/1
        ("patient", "unspecified"): (4, 5, 5, 17, 12, 0, 1, 3),
    },
    # baumgartnernielsen2016 3 + 3 of 6, clinrheumatol2021 complete 1/1; treated 6 + 1 + 38
    "intralesional_sts": {("patient", "deposit"): (2, 7, 7, 45, 38, 4, 7, 0)},
    "eswl": {},  # no row with the outcome remission
    "laser": {("lesion", "symptom"): (1, 17, 21, 21, 0, 12, 21, 0)},
}


@pytest.mark.parametrize("code", TOTALS)
def test_totals_by_hand(code: str) -> None:
    data = TherapySlice.from_json(slice_of(code))
    found = {
        (t.unit, t.construct): (
            t.k, t.responders, t.evaluated, t.treated, t.unreported,
            t.complete.events, t.complete.total, t.complete.k_missing,
        )
        for t in totals(data, responses(data))
    }  # fmt: skip
    assert found == TOTALS[code]


def test_the_bound_if_all_unreported_failed() -> None:
    """7 of 45 treated; limits checked with scipy.stats.binomtest(7, 45).proportion_ci()."""
    total = synthesise(slice_of("intralesional_sts")).total("patient", "deposit")
    assert total is not None
    assert total.if_failures is not None
    assert (total.if_failures.events, total.if_failures.total) == (7, 45)
    assert total.if_failures.lower == pytest.approx(0.0649, abs=1e-4)
    assert total.if_failures.upper == pytest.approx(0.2946, abs=1e-4)
    assert total.wilson is not None
    assert total.wilson.lower == pytest.approx(0.6457, abs=1e-4)


def test_everybody_left_out_has_a_reason() -> None:
    result = synthesise(slice_of("topical_sts"))
    deposit = result.total("patient", "deposit")
    assert deposit is not None
    reasons = {x.study_id: x.reason for x in deposit.left_out}
    assert len(reasons) == 9
    assert reasons["jost2016"] == "a response is reported without a count"
    assert reasons["wolf2008"] == "no response is reported"
    assert reasons["karthik2019"] == "response reported as “Ulcer healing” (patients)"
    assert result.total("lesion", "symptom") is None


def test_lesions_in_patients_are_warned_of() -> None:
    total = synthesise(slice_of("laser")).total("lesion", "symptom")
    assert total is not None
    assert (total.patients, total.treated_unknown) == (6, 1)  # anonwounds5278 gives no number of lesions
    text = " ".join(total.warnings)
    assert "21 lesions in 6 patients" in text
    assert "not independent" in text
    assert "1 arm does not report how many lesions were treated" in text


# --- what the shipped tables do not hold --------------------------------------------------------------------------


def result_of(*args: Any, **protocol: Any) -> TherapyResult:
    return synthesise(small(*args, **protocol))


def test_shared_patients_count_once() -> None:
    arms = [
        {"study_id": "s", "arm_id": "a", "n_patients": 4},
        {"study_id": "s", "arm_id": "b", "n_patients": 4, "shares_patients_with": "a"},
    ]
    result = result_of(arms, [row("s", "any", 1, 4), row("s", "any", 3, 4, arm_id="b")])
    assert result.patients.treated == 4
    (total,) = result.totals
    assert (total.responders, total.evaluated, total.treated, total.unreported, total.k) == (1, 4, 4, 0, 1)
    assert [r.reason for r in result.responses] == [None, "same patients as another arm, counted once"]


def test_shared_patients_where_only_the_second_arm_tells() -> None:
    arms = [
        {"study_id": "s", "arm_id": "a", "n_patients": 4},
        {"study_id": "s", "arm_id": "b", "n_patients": 4, "shares_patients_with": "a"},
    ]
    (total,) = result_of(arms, [row("s", "any", None, 4), row("s", "any", 3, 4, arm_id="b")]).totals
    assert (total.responders, total.evaluated, total.unreported) == (3, 4, 0)


def test_two_groups_of_one_study_add_up() -> None:
    arms = [
        {"study_id": "s", "arm_id": "a", "n_patients": 4},
        {"study_id": "s", "arm_id": "b", "n_patients": 5},
    ]
    (total,) = result_of(arms, [row("s", "any", 1, 4), row("s", "any", 3, 5, arm_id="b")]).totals
    assert (total.k, total.responders, total.evaluated, total.treated) == (1, 4, 9, 9)


def test_unknown_size_is_a_minimum() -> None:
    arms = [
        {"study_id": "s", "arm_id": "a", "n_patients": None},
        {"study_id": "z", "arm_id": "a", "n_patients": None},
    ]
    result = result_of(arms, [row("s", "any", 1, 4)])
    (total,) = result.totals
    assert (total.treated, total.treated_unknown, total.unreported) == (4, 2, 0)
    assert result.patients.treated_is_minimum
    assert result.responses[0].treated is None
    assert result.responses[0].unreported is None


def test_the_latest_time_point_within_the_limit_is_used() -> None:
    arms = [{"study_id": "s", "arm_id": "a", "n_patients": 4}]
    outcomes = [
        row("s", "any", n, 4, timepoint_months=m) for m, n in ((1.0, 1), (6.0, 2), (24.0, 3), (None, 4))
    ]
    (r,) = read(small(arms, outcomes))
    assert (r.timepoint_months, r.responders) == (24.0, 3)
    assert [p.timepoint_months for p in r.other_timepoints] == [None, 1.0, 6.0]
    (r,) = read(small(arms, outcomes, latest_months=12))
    assert (r.timepoint_months, r.responders) == (6.0, 2)
    (r,) = read(small(arms, outcomes[2:3], latest_months=12))
    assert (r.used, r.reason) == (False, "reported only later than 12 months")


def test_a_later_report_without_a_count_does_not_hide_the_earlier_one() -> None:
    arms = [{"study_id": "s", "arm_id": "a", "n_patients": 4}]
    (r,) = read(
        small(
            arms,
            [row("s", "any", 2, 4, timepoint_months=1.0), row("s", "any", None, 4, timepoint_months=6.0)],
        )
    )
    assert (r.timepoint_months, r.responders) == (1.0, 2)


def test_alternatives_are_shown_and_not_summed() -> None:
    arms = [{"study_id": "s", "arm_id": "a", "n_patients": 4}]
    result = result_of(arms, [row("s", "any", 2, 4), row("s", "any", 4, 4, alternative_to="o0")])
    assert (result.totals[0].responders, result.totals[0].evaluated) == (2, 4)
    assert [(a.events, a.total) for a in result.alternatives] == [(4, 4)]


def test_certain_responders_count_in_the_worst_case() -> None:
    arms = [{"study_id": "s", "arm_id": "a", "n_patients": 5}]
    result = result_of(arms, [row("s", "complete", 2, 5)])
    (total,) = result.totals
    assert (total.k, total.estimate, total.unreported) == (0, None, 5)
    assert total.if_failures is not None
    assert (total.if_failures.events, total.if_failures.total) == (2, 5)
    assert total.left_out[0].reason == "not every degree of response is counted: at least 2 of 5 responded"


def test_different_denominators_are_not_combined() -> None:
    arms = [{"study_id": "s", "arm_id": "a", "n_patients": 6}]
    (r,) = read(small(arms, [row("s", "complete", 3, 6), row("s", "partial", 2, 5)]))
    assert (r.responders, r.used) == (None, False)
    assert r.reason == "the categories are given of different numbers evaluated"


def test_constructs_and_units_are_never_pooled() -> None:
    arms = [{"study_id": s, "arm_id": "a", "n_patients": 2, "n_lesions": 6} for s in ("s", "z")]
    outcomes = [
        row("s", "any", 1, 2),
        row("z", "any", 2, 2, construct="unspecified"),
        row("z", "any", 4, 6, unit="lesion"),
    ]
    found = {(t.unit, t.construct): (t.responders, t.evaluated) for t in result_of(arms, outcomes).totals}
    assert found == {
        ("patient", "deposit"): (1, 2),
        ("patient", "unspecified"): (2, 2),
        ("lesion", "deposit"): (4, 6),
    }


PEOPLE = [{"study_id": "s", "response": "complete"}, {"study_id": "s", "response": "none"}]


def test_individual_patients_stand_in_where_they_cover_the_arm() -> None:
    arms = [{"study_id": "s", "arm_id": "a", "n_patients": 2}]
    (r,) = read(small(arms, [], PEOPLE))
    assert (r.source, r.construct, r.complete, r.partial, r.none, r.responders, r.total) == (
        "participants", "unspecified", 1, 0, 1, 1, 2,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("n_patients", "people", "outcomes"),
    [
        (3, PEOPLE, []),  # a part of the arm
        (None, PEOPLE, []),  # the size is not known
        (2, [PEOPLE[0], {"study_id": "s", "response": None}], []),  # one without the field
        (2, PEOPLE, [row("s", "any", None, 2)]),  # outcomes.csv speaks, even if it gives no count
    ],
)
def test_individual_patients_do_not_stand_in(n_patients: int | None, people: Rows, outcomes: Rows) -> None:
    arms = [{"study_id": "s", "arm_id": "a", "n_patients": n_patients}]
    assert not any(r.source == "participants" for r in read(small(arms, outcomes, people)))


def test_recurrence_over_responders_is_not_exclusive() -> None:
    arms = [{"study_id": "s", "arm_id": "a", "n_patients": 6}]
    outcomes = [
        row("s", "complete", 4, 6),
        row("s", "none", 2, 6),
        row("s", "any", 1, 4, outcome="again", construct=None),
    ]
    result = result_of(arms, outcomes)
    assert result.responses[0].recurrence_exclusive is None
    (again,) = result.recurrence.rows
    assert (again.exclusive, again.denominator, again.events, again.total) == (False, "responders", 1, 4)


# --- any data at all ----------------------------------------------------------------------------------------------

maybe = st.one_of(st.none(), st.integers(0, 6))


@st.composite
def reviews(draw: st.DrawFn) -> dict[str, Any]:
    """Slices with missing sizes, missing counts, shared arms, several times, units, constructs and harms."""
    arms, outcomes, people = [], [], []
    for study in draw(st.lists(st.sampled_from("stuv"), min_size=1, max_size=4, unique=True)):
        for arm in draw(st.sampled_from(["a", "ab", "abc"])):
            shares = draw(st.sampled_from([None, "a"])) if arm != "a" else None
            arms.append(
                {
                    "study_id": study, "arm_id": arm, "n_patients": draw(maybe), "n_lesions": draw(maybe),
                    "shares_patients_with": shares, "therapy": draw(st.sampled_from(["t", "t", "other"])),
                }
            )  # fmt: skip
            for _ in range(draw(st.integers(0, 4))):
                total = draw(st.one_of(st.none(), st.integers(1, 6)))
                events = draw(st.one_of(st.none(), st.integers(0, 6 if total is None else total)))
                code = draw(st.sampled_from(["response", "response", "again", "harm"]))
                outcomes.append(
                    row(
                        study, draw(st.sampled_from(["complete", "partial", "any", "none"])), events, total,
                        arm_id=arm, outcome=code, unit=draw(st.sampled_from(["patient", "lesion"])),
                        construct=draw(st.sampled_from(["deposit", "unspecified"])) if code == "response" else None,
                        timepoint_months=draw(st.sampled_from([None, 1.0, 24.0])),
                        alternative_to=draw(st.sampled_from([None, None, "o0"])),
                    )
                )  # fmt: skip
            for _ in range(draw(st.integers(0, 2))):
                degree = draw(st.sampled_from([None, "complete", "partial", "any", "none"]))
                harm = draw(st.sampled_from([None, "none", "burning"]))
                again = draw(st.sampled_from([None, "yes", "no"]))
                people.append(
                    {
                        "study_id": study,
                        "arm_id": arm,
                        "response": degree,
                        "adverse_events": harm,
                        "recurrence": again,
                    }
                )
    data = small(arms, outcomes, people, latest_months=draw(st.sampled_from([None, 12])))
    data["protocol"]["outcomes"].append({"code": "harm", "name": "Harms", "kind": "harm", "scale": None})
    return data


@settings(max_examples=300, deadline=None)
@given(reviews())
def test_whatever_is_reported_the_counts_hold_together(data: dict[str, Any]) -> None:
    result = synthesise(data)
    for t in result.totals:
        assert 0 <= t.responders <= t.evaluated <= t.treated
        assert t.unreported == t.treated - t.evaluated
        assert (t.estimate is None) == (t.k == 0)
        assert {x.study_id for x in t.left_out} | set(t.used) == {s.study_id for s in result.studies}
        assert all(x.reason for x in t.left_out)
        if t.if_failures:
            assert t.responders <= (t.if_failures.events or 0) <= t.treated == t.if_failures.total
            if t.estimate and t.if_failures.events == t.responders:
                assert t.if_failures.value <= t.estimate.value
    for r in result.responses:
        assert r.used == (r.reason is None)
        assert r.unreported is None or r.unreported >= 0
    assert (
        0 <= result.patients.evaluated_as_patients <= result.patients.evaluated_any <= result.patients.treated
    )
    assert 0 <= result.harms.evaluated_for_any <= result.harms.evaluated <= result.harms.treated
    assert TherapyResult.from_json(result.to_json()) == result
    assert all(w.endswith(".") for w in result.warnings)
    for table in ("studies", "arms", "outcomes", "participants"):
        data[table].reverse()
    assert synthesise(data) == result
