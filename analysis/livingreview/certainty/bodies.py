"""Bodies of evidence from the results of a therapy: one for a declared analysis, a score, or harms.

Each returns None where no study gives a number: there is then nothing whose certainty could be rated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from livingreview.certainty.body import HARM, RESPONSE, SCORE, Body, Interval, Told, members
from livingreview.synthesis.analysis import Analysis
from livingreview.synthesis.counting import PATIENT
from livingreview.synthesis.estimates import Estimate
from livingreview.synthesis.harms import ANY, HarmSummary, HarmTotal
from livingreview.synthesis.pooled_changes import ChangeScores
from livingreview.synthesis.scores import OutcomeScores
from livingreview.synthesis.sentences import studies, within
from livingreview.synthesis.therapy import TherapyResult


def response(result: TherapyResult, analysis: Analysis, thresholds: Sequence[float]) -> Body | None:
    """The evidence on a declared response, judged by the interval of its main estimate.

    Units that lie in patients are judged by the cluster-robust interval, or by the one at the largest correlation that the protocol assumes.
    """
    estimate = analysis.main.estimate
    if not analysis.studies or estimate is None:
        return None
    several = [s for s in analysis.studies if s.total > 1]
    above = sum(s.events / s.total >= analysis.threshold for s in several)
    spread = analysis.main.heterogeneity
    by_patient = analysis.unit == PATIENT
    sizes = [s.unreported for s in analysis.studies]
    return Body(
        therapy=result.therapy["code"],
        outcome=analysis.code,
        name=analysis.name,
        kind=RESPONSE,
        unit=analysis.unit,
        what=(analysis.counts, analysis.construct, analysis.unit),
        members=members(result, {s.study_id: Told(s.basis, s.total) for s in analysis.studies}),
        participants=analysis.n,
        estimate=estimate,
        measure=_measure(estimate),
        interval=_interval(analysis, estimate),
        no_interval="",
        thresholds=tuple(thresholds),
        prediction=analysis.main.prediction,
        heterogeneity=spread if spread and spread.reason is None and spread.tau2 is not None else None,
        no_spread=(spread.reason if spread else None) or analysis.main.reason or "",
        i2=_i2(analysis),
        decisive=analysis.threshold,
        above=above,
        below=len(several) - above,
        treated=result.patients.treated if by_patient else None,
        treated_is_minimum=result.patients.treated_is_minimum,
        unreported=_missing(result, analysis.n, analysis.unit)
        if by_patient or None in sizes
        else sum(n or 0 for n in sizes),
        tipping=analysis.tipping,
        small_study=analysis.small_study,
        warnings=analysis.warnings,
    )


def _missing(result: TherapyResult, n: int | None, unit: str) -> int | None:
    """Patients treated of whom the outcome is not reported; None where the outcome counts something else than patients."""
    return None if n is None or unit != PATIENT else max(0, result.patients.treated - n)


def _interval(analysis: Analysis, estimate: Estimate) -> Interval:
    clusters = analysis.clusters
    if clusters and clusters.robust:
        robust = clusters.robust
        return Interval(robust.lower, robust.upper, within(robust.method_name))
    if clusters and clusters.at_icc:
        widest = max(clusters.at_icc, key=lambda at: at.icc)
        return Interval(
            widest.lower, widest.upper, f"interval at a correlation within patients of {widest.icc:g}"
        )
    return Interval(estimate.lower, estimate.upper, within(estimate.method_name))


def _i2(analysis: Analysis) -> float | None:
    """I² of the main model or, where it defines none, of the first model beside it that does."""
    spreads = (p.heterogeneity for p in (analysis.main, *analysis.models) if p.fitted)
    return next((h.i2 for h in spreads if h is not None and h.i2 is not None), None)


def _measure(estimate: Estimate) -> str:
    kinds = {
        "proportion": "Crude proportion",
        "mean_proportion": "Mean proportion of a model",
        "median_proportion": "Median proportion of a model",
        "mean_change": "Mean change",
        "median_change": "Median change",
    }
    return f"{kinds.get(estimate.kind, estimate.kind)}, {within(estimate.method_name)}"


def harm(result: TherapyResult, outcome: str, name: str, thresholds: Sequence[float]) -> Body | None:
    """The evidence on any adverse event or, where nobody counts that, on the named harm looked for in most patients."""
    found = [t for t in result.harms.totals if t.unit == PATIENT and t.estimate is not None]
    every = [t for t in found if t.category == ANY]
    if not found:
        return None
    total = min(every or found, key=lambda t: (-(t.evaluated or 0), -(t.events or 0), t.category))
    return of_total(
        result, total, outcome, name if every else f"{name}: {within(total.category)}", thresholds
    )


def named_harms(summary: HarmSummary, most: int) -> list[HarmTotal]:
    """The harms with the most events in patients, at most so many; ties go to the larger denominator."""
    named = [
        t
        for t in summary.totals
        if t.unit == PATIENT and t.category != ANY and t.estimate is not None and t.events
    ]
    return sorted(named, key=lambda t: (-(t.events or 0), -(t.evaluated or 0), t.category))[:most]


def of_total(
    result: TherapyResult, total: HarmTotal, outcome: str, name: str, thresholds: Sequence[float]
) -> Body | None:
    """The evidence on one harm, None where nobody counts it."""
    estimate = total.estimate
    if estimate is None or total.evaluated is None:
        return None
    told: dict[str, Told] = {}
    this = (total.outcome, total.unit, total.category.casefold())
    for row in result.harms.rows:
        if row.used and (row.outcome, row.unit, row.category.casefold()) == this:
            before = told.get(row.study_id)
            told[row.study_id] = Told(row.basis, (before.n or 0 if before else 0) + (row.total or 0))
    return Body(
        therapy=result.therapy["code"],
        outcome=outcome,
        name=name,
        kind=HARM,
        unit=total.unit,
        what=this,
        members=members(result, told),
        participants=total.evaluated,
        estimate=estimate,
        measure=_measure(estimate),
        interval=Interval(estimate.lower, estimate.upper, within(estimate.method_name)),
        no_interval="",
        thresholds=tuple(thresholds),
        no_spread="Harms are summed over studies and not pooled by a model.",
        treated=result.harms.treated,
        treated_is_minimum=bool(result.harms.treated_unknown),
        unreported=result.harms.treated - (total.evaluated or 0),
        warnings=total.warnings,
    )


def score(result: TherapyResult, scores: OutcomeScores, important: float | None) -> Body | None:
    """The evidence on the change of a score: the pooled mean change, else the median of paired changes, else the mean change of
    the largest study; without an interval where only bare values are reported.

    Thresholds are no change and, where the protocol names it, the smallest change that matters in either direction.
    """
    thresholds = (0.0,) if important is None else (-important, 0.0, important)
    found = _pooled(scores) or _paired(scores) or _largest(scores) or _bare(scores)
    if found is None:
        return None
    estimate, measure, no_interval, told, n, pooled = found
    spread = pooled.heterogeneity if pooled else None
    unit = estimate.unit if estimate else next((m.unit for m in scores.measurements if m.used), PATIENT)
    return Body(
        therapy=result.therapy["code"],
        outcome=scores.outcome,
        name=scores.name,
        kind=SCORE,
        unit=unit,
        what=(scores.outcome, estimate.kind if estimate else "as_reported"),
        members=members(result, told),
        participants=n,
        estimate=estimate,
        measure=measure,
        interval=Interval(estimate.lower, estimate.upper, within(estimate.method_name)) if estimate else None,
        no_interval=no_interval,
        thresholds=thresholds,
        prediction=pooled.prediction if pooled else None,
        heterogeneity=spread if spread and spread.reason is None and spread.tau2 is not None else None,
        no_spread=(spread.reason if spread else None)
        or (pooled.reason if pooled else None)
        or "Changes of the score are not pooled over studies by a model.",
        i2=spread.i2 if spread else None,
        treated=result.patients.treated if unit == PATIENT else None,
        treated_is_minimum=result.patients.treated_is_minimum,
        unreported=_missing(result, n, unit),
        warnings=scores.warnings,
    )


_Found = tuple[Estimate | None, str, str, dict[str, Told], int | None, ChangeScores | None]


def _pooled(scores: OutcomeScores) -> _Found | None:
    chosen = _middle([c for c in scores.change_scores if c.pooled is not None])
    if chosen is None or chosen.pooled is None:
        return None
    told = {s.study_id: Told(s.basis, s.n) for s in chosen.studies}
    return chosen.pooled, _measure(chosen.pooled) + _assumed(chosen), "", told, chosen.n, chosen


def _paired(scores: OutcomeScores) -> _Found | None:
    changes = scores.changes
    if changes is None or not changes.n:
        return None
    told = {s: Told(_basis(scores, s), changes.n if len(changes.used) == 1 else None) for s in changes.used}
    if changes.hodges_lehmann is not None:
        return changes.hodges_lehmann, _measure(changes.hodges_lehmann), "", told, changes.n, None
    why = changes.reason or "No interval could be computed."
    return None, f"Median of {changes.n} paired changes", why, told, changes.n, None


def _largest(scores: OutcomeScores) -> _Found | None:
    chosen = _middle([c for c in scores.change_scores if c.studies])
    if chosen is None:
        return None
    study = max(chosen.studies, key=lambda s: (s.n, s.study_id))
    about = f"{_measure(study.estimate)}, of {study.label}{_assumed(chosen)}"
    return study.estimate, about, "", {study.study_id: Told(study.basis, study.n)}, study.n, None


def _bare(scores: OutcomeScores) -> _Found | None:
    rows = [m for m in scores.measurements if m.used and m.change is not None]
    if not rows:
        return None
    told: dict[str, Told] = {}
    for m in rows:  # several things may be measured in the same patients: the largest number, not the sum
        before = told.get(m.study_id)
        sizes = [n for n in (m.total, before.n if before else None) if n is not None]
        told[m.study_id] = Told(m.basis, max(sizes, default=None))
    sizes = [t.n for t in told.values() if t.n is not None]
    n = sum(sizes) if len(sizes) == len(told) else None
    why = f"{studies(len(told))} report{'s' if len(told) == 1 else ''} a change without what an interval could be computed from."
    return None, "Changes as reported, not combined", why, told, n, None


def _middle(found: Sequence[ChangeScores]) -> ChangeScores | None:
    """Of the entries with most patients the one at the middle of the assumed correlations."""
    if not found:
        return None
    most = max(c.n for c in found)
    ordered = sorted(
        (c for c in found if c.n == most), key=lambda c: (c.unit, c.measured or "", c.correlation or 0.0)
    )
    same = [c for c in ordered if (c.unit, c.measured) == (ordered[0].unit, ordered[0].measured)]
    return same[len(same) // 2]


def _assumed(chosen: ChangeScores) -> str:
    return (
        ""
        if chosen.correlation is None
        else f" (correlation of before and after {chosen.correlation:g}, assumed)"
    )


def _basis(scores: OutcomeScores, study_id: str) -> str | None:
    bases: Iterable[str | None] = (m.basis for m in scores.measurements if m.study_id == study_id)
    return next((b for b in bases if b is not None), None)
