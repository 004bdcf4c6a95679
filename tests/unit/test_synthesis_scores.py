"""Scores: values as reported and on one scale, changes of single patients, mean changes pooled."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from raw_slices import slice_of
from small_slices import Row, small

from livingreview.synthesis.individual_changes import summary_of_changes
from livingreview.synthesis.models import two_step
from livingreview.synthesis.records import from_json, to_json
from livingreview.synthesis.scores import OutcomeScores, scores
from livingreview.synthesis.therapy import TherapyResult, synthesise


@cache
def result(code: str) -> TherapyResult:
    return synthesise(slice_of(code))


def score(code: str, outcome: str) -> OutcomeScores:
    return next(s for s in result(code).scores if s.outcome == outcome)


def ache(
    outcomes: list[Row],
    participants: list[Row] | None = None,
    arms: list[Row] | None = None,
    outcome: str = "ache_nrs",
) -> OutcomeScores:
    """What is found on one outcome; every study of the rows gets an arm."""
    ids = sorted({r["study_id"] for r in [*outcomes, *(participants or [])]})
    data = small(
        arms or [{"study_id": s} for s in ids],
        [{"outcome": outcome, **o} for o in outcomes],
        participants,
    )
    return next(s for s in scores(data) if s.outcome == outcome)


# --- scores ---


def test_values_are_listed_as_reported() -> None:
    """outcomes.csv, mra2096_nd o1 and o2: before 6.4 and 6.1, change −2.7 and −2.5, 29 patients."""
    told = score("intralesional_sts", "global_score")
    assert [(m.measured, m.total, m.before, m.after, m.change, m.p_value) for m in told.measurements] == [
        ("patient global assessment", 29, 6.4, None, -2.7, "<0.001"),
        ("physician global assessment", 29, 6.1, None, -2.5, "<0.001"),
    ]


def test_the_latest_percent_change_is_used_and_the_earlier_listed() -> None:
    """outcomes.csv, baumgartnernielsen2016 o3 (−67 % at 0.9 months) and o4 (−90 % at 2.8)."""
    told = score("intralesional_sts", "lesion_size")
    assert [(m.change, m.timepoint_months, m.used) for m in told.measurements] == [
        (-67, 0.9, False),
        (-90, 2.8, True),
    ]


def test_a_baseline_alone_is_no_change() -> None:
    """outcomes.csv, baumgartnernielsen2016 o5: pain 9 before, nothing after."""
    told = score("intralesional_sts", "pain_vas")
    assert told.has_data
    assert (told.measurements[0].before, told.measurements[0].change) == (9, None)
    assert any("no study reports a change" in w for w in told.warnings)


def test_improvement_counts_are_counts_and_controls_are_not_counted() -> None:
    """outcomes.csv, blumhardt2016: o1 pain 2 of 4 (o2 is the untreated arm), o3 size 3 of 4, o4 its alternative 4 of 4."""
    pain, size = score("eswl", "pain_vas"), score("eswl", "lesion_size")
    assert [(i.events, i.total) for i in pain.improved] == [(2, 4)]
    assert [(i.events, i.total) for i in size.improved] == [(3, 4)]
    assert pain.measurements == ()
    assert [(a.outcome, a.events, a.total) for a in result("eswl").alternatives] == [("lesion_size", 4, 4)]


def test_words_without_a_number() -> None:
    """outcomes.csv, lebedinskaya2014 o1 and o2: described, no value."""
    told = score("topical_sts", "pain_vas")
    assert not told.has_data
    assert told.words_only == ("Lebedinskaya 2014",)
    assert "Topical sodium thiosulfate, pain: no data." in told.warnings


def test_paired_changes() -> None:
    data = slice_of("topical_sts")
    people: list[dict[str, Any]] = data["participants"]
    for person, (before, after) in zip(people, [(8, 2), (5, 5), (7, None), (4, 6)], strict=False):
        person.update(pain_before=before, pain_after=after)
    changes = next(s for s in synthesise(data).scores if s.outcome == "pain_vas").changes
    assert changes is not None
    assert (changes.n, changes.median, changes.min, changes.max, changes.values) == (
        3,
        0.0,
        -6.0,
        2.0,
        (-6.0, 0.0, 2.0),
    )


def test_no_pair_gives_no_number() -> None:
    empty = summary_of_changes("pain", "pain_vas", [])
    assert (empty.n, empty.median, empty.min, empty.max) == (0, None, None, None)


# --- changes of single patients ---


def test_few_paired_values_have_a_centre_but_no_limits() -> None:
    found = summary_of_changes("ache", "ache_nrs", [("s", -1.0), ("s", -2.0), ("u", -4.0), ("u", 0.0)])
    assert (found.n, found.studies, found.hodges_lehmann_value, found.hodges_lehmann) == (4, 2, -1.75, None)
    assert found.reason == (
        "4 paired values are too few for an exact signed-rank interval at 95 %: even the whole range of them reaches only 87.5 %."
    )


def test_six_paired_values_have_limits() -> None:
    people = [{"study_id": "s", "ache_before": 8, "ache_after": a} for a in (1, 2, 3, 4, 5, 8)]
    told = ache([], people)
    assert told.changes is not None
    estimate = told.changes.hodges_lehmann
    assert estimate is not None
    assert (estimate.kind, estimate.method, estimate.k, estimate.n) == ("median_change", "signed_rank", 1, 6)
    assert (estimate.lower, estimate.value, estimate.upper) == (-7, -4.5, 0)
    assert (told.changes.attained, told.changes.reason, told.warnings) == (0.96875, None, ())


def test_no_paired_value_reads_no_data() -> None:
    told = ache(
        [{"study_id": "s", "events": 2, "total": 4}],
        [{"study_id": "s", "ache_before": 8, "ache_after": None}],
    )
    assert told.changes is not None
    assert (told.changes.n, told.changes.hodges_lehmann_value, told.changes.hodges_lehmann) == (0, None, None)
    assert told.warnings == ("Tincture, ache: no data on change; no study reports a change of the values.",)


# --- one scale ---


def test_another_scale_is_moved_once_and_the_original_kept() -> None:
    row = {
        "study_id": "s",
        "total": 9,
        "before": 62,
        "before_sd": 15,
        "after": 30,
        "after_sd": 20,
        "scale_min": 0,
        "scale_max": 100,
    }
    told = ache([row])
    (m,) = told.measurements
    assert (m.before, m.before_sd, m.after, m.after_sd) == (6.2, 1.5, 3.0, 2.0)
    assert m.change == pytest.approx(-3.2)
    assert (m.scale_min, m.scale_max, m.change_derived) == (0, 10, True)
    assert m.original is not None
    assert (m.original.before, m.original.before_sd, m.original.change) == (62, 15, None)
    assert (m.original.scale_min, m.original.scale_max) == (0, 100)
    assert "Tincture, ache: the values of S were put on the scale from 0 to 10." in told.warnings


def test_the_scale_of_the_protocol_moves_nothing() -> None:
    told = ache(
        [{"study_id": "s", "before": 6, "scale_min": 0, "scale_max": 10}, {"study_id": "u", "before": 7}]
    )
    assert [(m.before, m.scale_min, m.scale_max, m.original) for m in told.measurements] == [
        (6, 0, 10, None),
        (7, 0, 10, None),
    ]


def test_without_a_range_in_the_protocol_a_scale_is_kept_as_it_is() -> None:
    (m,) = ache(
        [{"study_id": "s", "before": 62, "scale_min": 0, "scale_max": 100}], outcome="area"
    ).measurements
    assert (m.before, m.scale_min, m.scale_max, m.original) == (62, 0, 100, None)


# --- mean changes ---


SERIES: list[Row] = [
    {"study_id": "s", "total": 20, "before": 7, "before_sd": 1.5, "after": 4, "after_sd": 2},
    {"study_id": "u", "total": 12, "before": 6, "before_sd": 1.0, "after": 4.5, "after_sd": 1.2},
    {"study_id": "v", "total": 30, "mean": -2.2, "sd": 1.9},
    {"study_id": "w", "total": 9, "before": 6, "after": 5},
    {"study_id": "x", "events": 7, "total": 9},
]


def test_mean_changes_are_pooled_for_each_correlation() -> None:
    told = ache(SERIES)
    assert [c.correlation for c in told.change_scores] == [0.3, 0.5, 0.7]
    for found in told.change_scores:
        r = found.correlation
        assert r is not None
        sds = [np.sqrt(1.5**2 + 2**2 - 2 * r * 3), np.sqrt(1 + 1.2**2 - 2.4 * r), 1.9]
        v = [s**2 / n for s, n in zip(sds, (20, 12, 30), strict=True)]
        fit = two_step.fit([-3, -1.5, -2.2], v, "REML", "adhoc")
        assert found.pooled is not None
        assert (found.k, found.n, found.pooled.method) == (3, 62, "reml_hk_guarded")
        assert (found.pooled.value, found.pooled.lower, found.pooled.upper) == pytest.approx(
            (fit.estimate, fit.lower[0], fit.upper[0])
        )
        assert [s.weight for s in found.studies] == pytest.approx(list(fit.weights))
        assert [s.correlation_used for s in found.studies] == [True, True, False]
        assert found.heterogeneity is not None
        assert found.heterogeneity.tau2 == pytest.approx(fit.tau2)
        assert (found.prediction, found.reason) == (None, None)


def test_the_guarded_interval_is_never_narrower_than_the_plain_one() -> None:
    for found in ache(SERIES).change_scores:
        y, v = [s.change for s in found.studies], [s.se**2 for s in found.studies]
        plain = two_step.fit(y, v, "REML", "z")
        assert found.pooled is not None
        assert found.pooled.se is not None
        assert found.pooled.se >= float(plain.se[0]) * (1 - 1e-12)


def test_improvement_counts_never_become_score_changes() -> None:
    told = ache(SERIES)
    assert [(i.study_id, i.events, i.total) for i in told.improved] == [("x", 7, 9)]
    for found in told.change_scores:
        assert "x" not in {s.study_id for s in found.studies} | {s.study_id for s in found.left_out}
    assert "x" not in {m.study_id for m in told.measurements}


def test_a_study_without_spread_is_left_out_with_the_reason() -> None:
    for found in ache(SERIES).change_scores:
        assert [(s.study_id, s.reason) for s in found.left_out] == [
            ("w", "no standard deviation of the change, nor of the values before and after, is reported")
        ]


def test_no_correlation_where_no_study_needs_one() -> None:
    rows = [{"study_id": f"s{i}", "total": 10 + i, "change": -1.0 - i, "sd": 2} for i in range(5)]
    (found,) = ache(rows).change_scores
    assert (found.correlation, found.k) == (None, 5)
    assert found.prediction is not None
    assert found.pooled is not None
    assert found.prediction.method == "prediction_t_k2"
    assert found.prediction.lower < found.pooled.lower < found.pooled.upper < found.prediction.upper


@pytest.mark.parametrize(
    ("rows", "k", "reason"),
    [
        (
            SERIES[3:4],
            0,
            "No study gives a mean change together with the standard deviations that its interval needs.",
        ),
        (
            SERIES[:1],
            1,
            "Only 1 study gives a mean change with its standard error, so that nothing is pooled.",
        ),
        (
            SERIES[:2],
            2,
            "Only 2 studies give a mean change with its standard error, so that nothing is pooled.",
        ),
    ],
)
def test_fewer_than_three_studies_are_shown_and_not_pooled(rows: list[Row], k: int, reason: str) -> None:
    for found in ache(rows).change_scores:
        assert (found.k, found.pooled, found.prediction, found.heterogeneity, found.reason) == (
            k,
            None,
            None,
            None,
            reason,
        )
        assert [s.weight for s in found.studies] == [None] * k
        for s in found.studies:
            assert s.estimate.lower < s.change < s.estimate.upper


def test_the_t_interval_of_one_study() -> None:
    """v: −2.2 ± t(29) · 1.9/√30, t = 2.04523."""
    (found,) = ache(SERIES[2:3]).change_scores
    (study,) = found.studies
    assert (study.estimate.lower, study.estimate.upper) == pytest.approx((-2.90947, -1.49053), abs=1e-4)


def test_things_measured_and_units_are_never_pooled_together() -> None:
    rows = [{**r, "category": c} for c in ("by day", "by night") for r in SERIES[:3]]
    rows.append({"study_id": "s", "total": 40, "unit": "lesion", "mean": -1, "sd": 1})
    told = ache(rows)
    found = {(c.unit, c.measured, c.correlation): c for c in told.change_scores}
    assert set(found) == {("patient", m, r) for m in ("by day", "by night") for r in (0.3, 0.5, 0.7)} | {
        ("lesion", None, None)
    }
    assert all(c.k == 3 for key, c in found.items() if key[0] == "patient")
    spots = found["lesion", None, None]
    assert spots.warnings == (
        "Spots of one patient are not independent, so the intervals of the mean change are too narrow.",
    )


def test_different_scales_are_not_pooled() -> None:
    rows = [
        {**r, "scale_min": 0, "scale_max": high} for r, high in zip(SERIES[:3], (10, 100, 10), strict=True)
    ]
    for found in ache(rows, outcome="area").change_scores:
        assert (found.pooled, found.reason) == (
            None,
            "The studies' values are on different scales, so that nothing is pooled.",
        )
    assert all(found.pooled for found in ache(rows).change_scores)


def test_the_latest_time_with_all_that_is_needed_counts() -> None:
    rows = [
        {**SERIES[2], "timepoint_months": 3},
        {"study_id": "v", "total": 30, "mean": -3, "timepoint_months": 6},
    ]
    (found,) = ache(rows).change_scores
    assert [(s.change, s.timepoint_months) for s in found.studies] == [(-2.2, 3)]


def test_arms_with_the_same_patients_speak_once_and_others_together() -> None:
    rows = [{**SERIES[2], "arm_id": a} for a in "ab"]
    arms = [{"study_id": "v", "arm_id": "a"}, {"study_id": "v", "arm_id": "b"}]
    (apart,) = ache(rows, arms=arms).change_scores
    assert (apart.n, apart.studies[0].arms, apart.k) == (60, ("a", "b"), 1)
    (shared,) = ache(rows, arms=[arms[0], {**arms[1], "shares_patients_with": "a"}]).change_scores
    assert (shared.n, shared.studies[0].arms) == (30, ("a",))


def test_words_of_the_source_print() -> None:
    told = ache([{"study_id": "s", "as_reported": "hardly any ache left"}])
    assert [(x.label, x.words) for x in told.words] == [("S", "hardly any ache left")]
    assert told.words_only == ("S",)
    assert told.warnings == (
        "Tincture, ache: no data.",
        "Tincture, ache: S reports in words: “hardly any ache left”.",
    )


def test_json_round_trip() -> None:
    people = [{"study_id": "s", "ache_before": 8, "ache_after": a} for a in range(7)]
    row = {
        "study_id": "z",
        "total": 9,
        "before": 62,
        "before_sd": 15,
        "after": 30,
        "after_sd": 20,
        "scale_min": 0,
        "scale_max": 100,
    }
    told = ache([*SERIES, row], people)
    assert from_json(OutcomeScores, to_json(told)) == told
