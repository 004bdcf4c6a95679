"""Units that lie in patients: the robust interval where they are known by patient, else what clustering would do."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_slices import protocol, slice_of
from scipy import stats
from small_slices import Row, small

from livingreview.synthesis.analysis import Clusters
from livingreview.synthesis.clusters import clusters
from livingreview.synthesis.counting import TherapySlice
from livingreview.synthesis.models import lesions
from livingreview.synthesis.models.refusal import NotEstimable
from livingreview.synthesis.proportions import clopper_pearson
from livingreview.synthesis.records import from_json, to_json
from livingreview.synthesis.responses import responses
from livingreview.synthesis.totals import totals

ICC = (0.2, 0.8)


def rounded(*limits: float) -> tuple[int, ...]:
    return tuple(round(100 * x) for x in limits)


# --- the models ---


def test_twelve_of_twenty_one_areas_in_six_patients() -> None:
    assert rounded(*clopper_pearson(12, 21)) == (34, 78)
    effective, *limits = lesions.at_icc(12, 21, 6, 0.2)
    assert (effective, rounded(*limits)) == (14, (29, 82))
    effective, *limits = lesions.at_icc(12, 21, 6, 0.8)
    assert (effective, rounded(*limits)) == (7, (18, 90))


@given(st.integers(1, 80), st.integers(0, 80), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_exact_interval_of_whole_counts(total: int, events: int, level: float) -> None:
    events = min(events, total)
    assert lesions.exact(events, total, level) == pytest.approx(
        clopper_pearson(events, total, level), abs=1e-12
    )


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 60), st.floats(0, 1), st.floats(0, 1))
def test_more_correlation_never_narrows(
    total: int, events: int, patients: int, one: float, two: float
) -> None:
    events = min(events, total)
    less, more = (lesions.at_icc(events, total, patients, i) for i in sorted((one, two)))
    assert 0 <= more[1] <= less[1] + 1e-12
    assert less[2] - 1e-12 <= more[2] <= 1
    assert lesions.at_icc(events, total, patients, 0)[1:] == pytest.approx(
        clopper_pearson(events, total), abs=1e-12
    )


def test_one_unit_a_patient_needs_no_widening() -> None:
    assert lesions.at_icc(3, 9, 9, 0.8) == pytest.approx((9, *clopper_pearson(3, 9)))
    assert lesions.at_icc(3, 9, 12, 0.8)[0] == 9


@pytest.mark.parametrize("bad", [(5, 4, 2, 0.2), (1, 4, 0, 0.2), (1, 4, 2, 1.2), (-1, 4, 2, 0.2)])
def test_impossible_counts_are_refused(bad: tuple[int, int, int, float]) -> None:
    with pytest.raises(ValueError, match="in"):
        lesions.at_icc(*bad)


def test_the_robust_variance_is_that_of_the_ratio() -> None:
    """Written out with arrays; t with 4 degrees of freedom on the logit."""
    x, n = np.array([2, 0, 3, 1, 4]), np.array([2, 3, 4, 2, 5])
    p = x.sum() / n.sum()
    residual = (x - p * n) / n.sum()
    se = sqrt(5 / 4 * float(residual @ residual))
    half = stats.t.ppf(0.975, 4) * se / (p * (1 - p))
    found = lesions.cluster_robust(list(x), list(n))
    assert (found.value, found.se, found.df, found.method) == (
        pytest.approx(p),
        pytest.approx(se),
        4,
        "cluster_robust",
    )
    assert [log(v / (1 - v)) for v in (found.lower, found.upper)] == pytest.approx(
        [log(p / (1 - p)) - half, log(p / (1 - p)) + half]
    )


def test_single_units_give_nearly_the_independent_standard_error() -> None:
    found = lesions.cluster_robust([1] * 30 + [0] * 70, [1] * 100)
    assert found.se == pytest.approx(sqrt(0.3 * 0.7 / 100) * sqrt(100 / 99))


@pytest.mark.parametrize("value", [0, 1])
def test_all_or_none_falls_back_to_one_unit_a_patient(value: int) -> None:
    found = lesions.cluster_robust([3 * value, 4 * value, 5 * value, 0], [3, 4, 5, 0])
    assert (found.method, found.patients, found.se) == ("patients_exact", 3, None)
    assert (found.lower, found.upper) == pytest.approx(clopper_pearson(3 * value, 3))


@pytest.mark.parametrize(
    ("x", "n", "why"), [([2], [3], "single patient"), ([1, 2], [2, 4], "same share"), ([], [], "single")]
)
def test_what_does_not_show_the_spread_is_refused(x: list[int], n: list[int], why: str) -> None:
    with pytest.raises(NotEstimable, match=why):
        lesions.cluster_robust(x, n)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 6)), min_size=2, max_size=15))
def test_robust_limits_hold_the_estimate_and_mirror(counts: list[tuple[int, int]]) -> None:
    x, n = [min(a, b) for a, b in counts], [b for _, b in counts]
    try:
        found = lesions.cluster_robust(x, n)
    except NotEstimable:
        return
    assert 0 <= found.lower <= found.value <= found.upper <= 1
    other = lesions.cluster_robust([b - a for a, b in zip(x, n, strict=True)], n)
    assert (1 - other.upper, 1 - other.lower) == pytest.approx((found.lower, found.upper), abs=1e-9)


def test_the_robust_interval_covers_where_the_naive_one_does_not() -> None:
    """20 patients with 1 to 6 units, correlation 0.5: about 0.81 and 0.94 (4,000 runs elsewhere; 400 here)."""
    rng = np.random.default_rng(20)
    naive = robust = runs = 0
    for _ in range(400):
        n = rng.integers(1, 7, 20)
        x = rng.binomial(n, rng.beta(0.6, 0.4, 20))  # correlation 1/(0.6 + 0.4 + 1)
        low, high = clopper_pearson(int(x.sum()), int(n.sum()))
        found = lesions.cluster_robust([int(v) for v in x], [int(v) for v in n])
        runs += 1
        naive += low <= 0.6 <= high
        robust += found.lower <= 0.6 <= found.upper
    assert naive / runs < 0.88
    assert 0.9 < robust / runs < 0.98


# --- in a review ---

ROWS: list[Row] = [
    {
        "study_id": "s",
        "outcome": "cure",
        "construct": "skin",
        "unit": "lesion",
        "category": c,
        "events": e,
        "total": 21,
    }
    for c, e in (("complete", 5), ("partial", 7), ("none", 9))
]
PEOPLE: list[Row] = [
    {"study_id": "s", "lesions_evaluated": n, "lesions_responded": x}
    for x, n in ((4, 4), (0, 3), (3, 5), (2, 3), (0, 2), (3, 4))
]


def found_in(
    people: list[Row], patients: int | None = 6, rows: list[Row] | None = None, counts: str = "responders"
) -> Clusters | None:
    data = small([{"study_id": "s", "n_patients": patients, "n_lesions": 21}], rows or ROWS, people)
    return clusters(data, responses(data), "lesion", 0.95, ICC, counts)


def test_without_patients_one_by_one_the_naive_interval_carries_its_warning() -> None:
    found = found_in([])
    assert found is not None
    assert (found.units, found.patients, found.robust) == (21, 6, None)
    assert rounded(found.naive.lower, found.naive.upper) == (34, 78)
    assert [(a.icc, a.effective, rounded(a.lower, a.upper)) for a in found.at_icc] == [
        (0.2, 14, (29, 82)),
        (0.8, 7, (18, 90)),
    ]
    assert found.warning == (
        "Spots of one patient are not independent, and how they cluster is not known. Treated as independent, 21 spots in 6 "
        "patients give an interval of 34 to 78 %; it would be 29 to 82 % at a correlation within patients of 0.2, and 18 to 90 % at 0.8."
    )


def test_all_patients_one_by_one_give_the_robust_interval() -> None:
    found = found_in(PEOPLE)
    assert found is not None
    wanted = lesions.cluster_robust(
        [p["lesions_responded"] for p in PEOPLE], [p["lesions_evaluated"] for p in PEOPLE]
    )
    assert found.robust is not None
    assert (found.robust.lower, found.robust.upper, found.robust.se) == (
        wanted.lower,
        wanted.upper,
        wanted.se,
    )
    assert (found.robust.method, found.robust.events, found.robust.total, found.at_icc) == (
        "cluster_robust",
        12,
        21,
        (),
    )
    assert "allows for that (21 spots in 6 patients, known patient by patient)" in found.warning


@pytest.mark.parametrize(
    "people",
    [
        PEOPLE[:-1],
        [*PEOPLE[:-1], {**PEOPLE[-1], "lesions_responded": None}],
        [*PEOPLE[:-1], {**PEOPLE[-1], "lesions_responded": 4}],
        [*PEOPLE[:-1], {**PEOPLE[-1], "lesions_evaluated": 3}],
    ],
    ids=["a patient missing", "a value missing", "another number of responders", "another number evaluated"],
)
def test_a_part_of_the_patients_or_other_sums_never_stand_in(people: list[Row]) -> None:
    found = found_in(people)
    assert found is not None
    assert (found.robust, len(found.at_icc)) == (None, 2)


def test_patients_who_are_all_alike_do_not_show_their_spread() -> None:
    rows = [{**ROWS[0], "category": "any", "events": 3, "total": 6}]
    people = [{"study_id": "s", "lesions_evaluated": 2, "lesions_responded": 1}] * 3
    found = found_in(people, patients=3, rows=rows)
    assert found is not None
    assert (found.robust, len(found.at_icc)) == (None, 2)
    assert "(all patients have the same share, so that their spread cannot be seen)" in found.warning


def test_unknown_number_of_patients() -> None:
    found = found_in([], patients=None)
    assert found is not None
    assert (found.patients, found.at_icc, found.robust) == (None, (), None)
    assert "in how many patients the 21 spots lie is not reported" in found.warning


def test_complete_responses_are_counted_on_request() -> None:
    found = found_in(PEOPLE, counts="complete")
    assert found is not None
    assert (found.naive.events, found.robust, len(found.at_icc)) == (5, None, 2)


def test_patients_are_no_clusters_and_nothing_counted_is_none() -> None:
    data = small([{"study_id": "s", "n_patients": 6}], [{**r, "unit": "patient"} for r in ROWS])
    readings = responses(data)
    assert clusters(data, readings, "patient", 0.95, ICC) is None
    assert clusters(data, readings, "lesion", 0.95, ICC) is None


def test_shared_patients_count_once() -> None:
    arms = [
        {"study_id": "s", "n_patients": 6, "n_lesions": 21},
        {"study_id": "s", "arm_id": "b", "n_patients": 6, "n_lesions": 21, "shares_patients_with": "a"},
    ]
    data = small(arms, [*ROWS, *({**r, "arm_id": "b"} for r in ROWS)])
    found = clusters(data, responses(data), "lesion", 0.95, ICC)
    assert found is not None
    assert (found.units, found.patients) == (42, 6)


def test_the_total_leads_to_the_intervals_at_assumed_correlations() -> None:
    """outcomes.csv, bottomley1996: 21 areas of 6 patients."""
    rows = slice_of("laser")
    data = TherapySlice.from_json(
        {**rows, "protocol": {**rows["protocol"], "analyses": protocol()["analyses"]}}
    )
    (total,) = (t for t in totals(data, responses(data)) if t.unit == "lesion")
    (told,) = (w for w in total.warnings if "not independent" in w)
    assert told.startswith("Laser, symptoms, lesions: lesions of one patient")
    assert "at a correlation within patients of 0.2, and " in told
    assert told.endswith("% at 0.8.")


def test_json_round_trip() -> None:
    for people in ([], PEOPLE):
        found = found_in(people)
        assert found is not None
        assert from_json(Clusters, to_json(found)) == found
