"""What the data of the first review cannot exercise: many series, clustered lesions, scores with spread, signatures, verdicts.

The review is synthetic: see tests/review/README.md for what each study is there for.
"""

from __future__ import annotations

import pytest
from second_review import analysis, data, result

from livingreview.certainty.assess import assess
from livingreview.certainty.slice import certainty as certainty_slice
from livingreview.slices import Review, appraisal
from livingreview.synthesis.agreement import agreements


def test_many_series_carry_every_model() -> None:
    a = analysis("hyperthermia", "skin_response")
    assert (a.k, a.events, a.n) == (
        15,
        197,
        291,
    )  # Horváth with 22 of 28 at 3 months, not with 18 of 28 at 18
    assert a.main.fitted and all(m.fitted for m in a.models) and len(a.models) == 6
    assert a.main.estimate is not None and a.main.median is not None and a.main.prediction is not None
    assert a.main.estimate.kind == "mean_proportion" and a.main.median.kind == "median_proportion"
    assert a.main.prediction.lower < a.main.estimate.lower < a.main.estimate.value < a.main.median.value
    spread = {m.model: m.heterogeneity for m in a.models}["logit_reml"]
    assert spread is not None and None not in (spread.tau2, spread.tau2_upper, spread.i2, spread.i2_upper)
    assert spread.informative == 13  # all but the two single cases
    assert (len(a.leave_one_out), len(a.cumulative)) == (15, 15)
    assert [s.year for s in a.cumulative][:2] == [1994, 1999]


def test_sensitivity_analyses_of_the_many_series_split() -> None:
    a = analysis("hyperthermia", "skin_response")
    rows = {s.code: s for s in a.sensitivity}
    # two single cases; one register; three mosaic; seven of low concern; seven given alone
    taken = {
        "several_only": 13,
        "results_only": 15,
        "own_reports": 14,
        "not_mosaic": 12,
        "low_concern": 7,
        "alone": 7,
    }
    assert {code: rows[code].k for code in taken} == taken
    assert (rows["failures"].events, rows["failures"].n) == (197, 328)
    assert a.verdict.agree is False and set(a.verdict.states) == {"above", "undecided"}
    assert a.tipping.failures is not None and a.tipping.failures > 1
    assert a.tipping.lower is not None and a.tipping.lower < 0.6


def test_subgroups_moderator_and_small_studies() -> None:
    a = analysis("hyperthermia", "skin_response")
    groups = {s.code: {g.code: (g.k, g.events, g.n) for g in s.groups} for s in a.subgroups}
    assert groups["design"] == {
        "single_case": (2, 1, 2),
        "series": (10, 127, 192),
        "controlled_trial": (3, 16 + 28 + 25, 26 + 38 + 33),
    }
    assert groups["kind"]["mosaic"] == (3, 15 + 8 + 7, 30 + 12 + 9)
    for subgroup in a.subgroups:
        assert all(t.p is not None and 0 < t.p < 1 for t in subgroup.tests), subgroup.code
        assert {t.variance for t in subgroup.tests} == {"common", "separate"}
    # the later reports did better
    assert all(
        r.k == 15 and r.slope is not None and r.lower is not None and r.lower > 0 for r in a.regressions
    )
    assert a.small_study.offered
    assert all(t.value is not None and t.reason is None for t in a.small_study.tests)
    assert {t.code for t in a.small_study.tests} == {"egger", "begg", "trim_and_fill"}


@pytest.mark.parametrize(
    ("therapy", "code", "count", "words"),
    [
        ("hyperthermia", "walking", (4, 66, 66), "in all of 66"),
        ("duct_tape", "skin_response", (2, 20, 25), "only two studies"),
        ("salicylic_acid", "skin_response", (2, 17, 27), "only two studies"),
        ("cryotherapy", "walking", (2, 24, 33), "only two studies"),
        ("duct_tape", "wart_response", (0, 0, 0), "No study gives a count"),
    ],
)
def test_refusals(therapy: str, code: str, count: tuple[int, int, int], words: str) -> None:
    a = analysis(therapy, code)
    assert (a.k, a.events, a.n) == count
    assert not a.main.fitted and a.main.prediction is None
    assert a.main.reason is not None and words in a.main.reason
    assert (a.main.estimate is None) == (count[0] == 0)
    assert not any(m.fitted for m in a.models)


def test_warts_known_athlete_by_athlete_give_the_robust_interval() -> None:
    known, naive = (analysis(t, "wart_response").clusters for t in ("hyperthermia", "cryotherapy"))
    assert known is not None and known.robust is not None
    assert (known.units, known.patients, known.at_icc) == (31, 13, ())
    assert known.robust.lower < known.naive.lower < known.naive.upper < known.robust.upper
    assert naive is not None and naive.robust is None and [i.icc for i in naive.at_icc] == [0.2, 0.8]


def test_scores_with_sds_on_two_scales_and_in_words() -> None:
    pain = {s.outcome: s for s in result("hyperthermia").scores}["pain_nrs"]
    silva = next(m for m in pain.measurements if m.study_id == "silva2014")
    assert (silva.before, silva.after) == pytest.approx((5.8, 2.1))
    assert silva.original is not None and (silva.original.before, silva.original.scale_max) == (58, 100)
    assert [c.correlation for c in pain.change_scores] == [0.3, 0.5, 0.7]
    for change in pain.change_scores:
        assert (change.k, change.n) == (5, 22 + 38 + 20 + 28 + 14)
        assert change.pooled is not None and change.prediction is not None
        values = {s.study_id: s.change for s in change.studies}
        assert values["roy2021"] == -2.6 and values["silva2014"] == pytest.approx(-3.7)
    assert pain.changes is not None and pain.changes.hodges_lehmann is not None
    assert pain.changes.n == 8 + 5
    assert [(w.study_id, w.words) for w in pain.words] == [("osei2003", "hardly any pain left")]


def test_words_of_a_source_for_a_harm() -> None:
    rows = {(h.study_id, h.category): h for h in result("hyperthermia").harms.rows}
    red = rows["silva2014", "redness"]
    assert (red.events, red.status, red.used) == (None, "unknown", False)
    assert red.as_reported == "almost all players were red under the patch for an hour"
    assert any("almost all players were red" in w for w in result("hyperthermia").harms.warnings)


def test_certainty_is_signed_open_again_or_proposed() -> None:
    review = Review(data())
    signed = certainty_slice(review)
    results = {t["code"]: result(t["code"]) for t in review.protocol["therapies"]}
    found = assess(results, appraisal(review), signed["signatures"], signed["protocol"])
    rating = next(r for r in found.ratings if (r.therapy, r.outcome) == ("hyperthermia", "skin_response"))
    cells = {c.domain: c for c in rating.all_cells}
    # after a change of the inputs or of the rules, the table of the synthetic review wants the new digest
    assert cells["risk_of_bias"].status == "signed", f"sign {cells['risk_of_bias'].digest}"
    assert cells["risk_of_bias"].judgement == "very_serious" != cells["risk_of_bias"].proposed
    assert cells["inconsistency"].status == "reopened"
    assert {c.status for d, c in cells.items() if d not in ("risk_of_bias", "inconsistency")} == {"proposed"}
    assert not rating.supports_conclusion
    assert found.cells - found.open == 1


def test_figures_of_the_earlier_version_agree_differ_or_say_nothing() -> None:
    protocol = Review(data()).protocol
    results = {t["code"]: result(t["code"]) for t in protocol["therapies"]}
    found = agreements(protocol["previous_version"], results, protocol["units"], protocol["confidence_level"])
    assert {a.path: a.verdict for a in found} == {
        "heat.response": "agree",  # 76 of 108 beside the mean of fifteen studies
        "tape.cleared": "differ",  # 6 of 48 beside 16 of 25
        "freezing.blister": "cannot_say",  # 12 of 40 is Lindqvist's count
        "acid.pain_fall": "cannot_say",
        "relapse": "cannot_say",
        "n_studies": "cannot_say",
    }
    by_path = {a.path: a for a in found}
    assert by_path["freezing.blister"].same_count == ("Lindqvist 1998",)
    assert by_path["acid.pain_fall"].ours.numbers == {"median": 3, "min": -1, "max": 7}
    # García-Muñoz counts relapses of the responders, Zhou and others of all evaluated
    assert "different groups" in by_path["relapse"].reason


@pytest.mark.parametrize(
    ("therapy", "known"),
    [("hyperthermia", None), ("salicylic_acid", False), ("cryotherapy", None), ("duct_tape", None)],
)
def test_unreported_as_failures_only_where_every_number_treated_is_known(
    therapy: str, known: bool | None
) -> None:
    """The bound of the totals and the row of the sensitivity set are the same result, with the same reason where there is none."""
    found = result(therapy)
    told = set()
    for a in found.analyses:
        if not (a.k and (total := found.total(a.unit, a.construct))):
            continue
        row = next(r for r in a.sensitivity if r.kind == "failures")
        told.add(total.treated_unknown == 0)
        assert (row.state is None) == (total.treated_unknown > 0)
        assert (total.if_failures is None) == (total.if_failures_reason is not None) == (row.state is None)
        if row.state is None:
            assert total.if_failures_reason and row.reason
            assert row.reason.casefold() == f"{total.if_failures_reason}.".casefold()
    assert told and (known is None or known in told)
