"""Mean changes of a score over studies that give means with standard deviations, by the correlation assumed where it is needed.

Counts of improved units are not changes and never enter; single patients' changes are summarised apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from livingreview.synthesis.counting import PATIENT, TherapySlice
from livingreview.synthesis.estimates import METHODS, Estimate, LeftOut
from livingreview.synthesis.measurements import Measurement
from livingreview.synthesis.models.refusal import NotEstimable
from livingreview.synthesis.pooled import Heterogeneity
from livingreview.synthesis.sentences import capital, noun, studies

if TYPE_CHECKING:
    from livingreview.synthesis.models.change_scores import MeanChange
    from livingreview.synthesis.models.two_step import TwoStepFit

LEAST = 3
"""Studies from which on mean changes are pooled."""
LEAST_FOR_PREDICTION = 5


@dataclass(frozen=True, slots=True)
class ChangeScore:
    """Mean change of one study (arms with their own units together): after − before, standard deviation of the changes, standard error.

    ``correlation_used``: the standard deviation rests on the assumed correlation. ``weight`` is the share in the pooled
    mean, None where nothing is pooled. ``estimate`` has a t interval."""

    study_id: str
    label: str
    arms: tuple[str, ...]
    n: int
    change: float
    sd: float
    se: float
    correlation_used: bool
    timepoint_months: float | None
    basis: str | None
    weight: float | None
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class ChangeScores:
    """Mean changes of one thing ``measured`` in one ``unit`` at one assumed ``correlation`` of the values before and after (None where no study
    needs one). ``pooled``, ``prediction`` (from five studies) and ``heterogeneity`` are None where nothing is pooled, and ``reason`` is a
    sentence why. ``left_out`` names the studies that give values without what an interval needs. ``warnings`` are sentences ready to print."""

    unit: str
    measured: str | None
    correlation: float | None
    k: int
    n: int
    studies: tuple[ChangeScore, ...]
    left_out: tuple[LeftOut, ...]
    pooled: Estimate | None
    prediction: Estimate | None
    heterogeneity: Heterogeneity | None
    reason: str | None
    warnings: tuple[str, ...]


def change_scores(
    data: TherapySlice, found: Sequence[Measurement], correlations: Sequence[float]
) -> tuple[ChangeScores, ...]:
    """Mean changes by unit, thing measured and correlation; one entry without correlation where no study needs one.

    A study's own standard deviation of the change is used where it gives one, else those before and after with each
    correlation. Of several time points of an arm the latest with all that is needed counts. Things measured are never pooled
    with one another, nor are values on different scales.
    """
    groups: dict[tuple[str, str | None], list[Measurement]] = defaultdict(list)
    for m in found:
        groups[m.unit, m.measured].append(m)
    result: list[ChangeScores] = []
    for group in groups.values():
        first = _scores(data, group, correlations[0] if correlations else None)
        if any(s.correlation_used for s in first.studies):
            result.append(first)
            result += [_scores(data, group, r) for r in correlations[1:]]
        else:
            result.append(replace(first, correlation=None))
    return tuple(result)


def _scores(data: TherapySlice, group: Sequence[Measurement], r: float | None) -> ChangeScores:
    unit, measured = group[0].unit, group[0].measured
    by_study: dict[str, list[Measurement]] = defaultdict(list)
    for m in group:
        by_study[m.study_id].append(m)
    told: list[ChangeScore] = []
    left_out: list[LeftOut] = []
    for study_id, rows in by_study.items():
        score, reason = _study(data, rows, r)
        if score is None:
            left_out.append(LeftOut(study_id, data.label(study_id), reason))
        else:
            told.append(score)
    bare = ChangeScores(
        unit=unit,
        measured=measured,
        correlation=r,
        k=len(told),
        n=sum(s.n for s in told),
        studies=tuple(told),
        left_out=tuple(left_out),
        pooled=None,
        prediction=None,
        heterogeneity=None,
        reason=None,
        warnings=_not_independent(data, unit) if told else (),
    )
    scales = {(m.scale_min, m.scale_max) for m in group if m.study_id in {s.study_id for s in told}}
    return _pooled(data, bare, len(scales))


def _not_independent(data: TherapySlice, unit: str) -> tuple[str, ...]:
    if unit == PATIENT:
        return ()
    units = data.protocol.get("units") or {}
    many = noun(2, unit, units)
    return (
        f"{capital(many)} of one {noun(1, PATIENT, units)} are not independent, so the intervals of the mean "
        "change are too narrow.",
    )


def _study(
    data: TherapySlice, rows: Sequence[Measurement], r: float | None
) -> tuple[ChangeScore | None, str]:
    """The mean change of one study, or None and the reason. Arms that share patients speak once, the first that can."""
    from livingreview.synthesis.models.change_scores import together

    unit, study_id = rows[0].unit, rows[0].study_id
    reason = ""
    used: list[tuple[Measurement, MeanChange, bool]] = []
    for block in data.blocks(unit):
        arms = block.arms if block.study_id == study_id else ()
        for m in sorted(
            (m for m in rows if m.arm_id in arms),
            key=lambda m: (
                arms.index(m.arm_id),
                -(m.timepoint_months if m.timepoint_months is not None else -1),
            ),
        ):
            try:
                used.append((m, *_mean_change(m, r)))
                break
            except NotEstimable as why:
                reason = reason or why.reason
    if not used:
        return None, reason
    whole = together([change for _, change, _ in used])
    lower, upper = whole.limits(data.level)
    first = used[0][0]
    return (
        ChangeScore(
            study_id=study_id,
            label=data.label(study_id),
            arms=tuple(m.arm_id for m, _, _ in used),
            n=whole.n,
            change=whole.change,
            sd=whole.sd,
            se=whole.se,
            correlation_used=any(needed for _, _, needed in used),
            timepoint_months=first.timepoint_months,
            basis=first.basis,
            weight=None,
            estimate=Estimate(
                kind="mean_change",
                value=whole.change,
                lower=lower,
                upper=upper,
                level=data.level,
                sided=2,
                method="mean_change_t",
                method_name=METHODS["mean_change_t"].name,
                citation=METHODS["mean_change_t"].citation,
                events=None,
                total=None,
                k=1,
                n=whole.n,
                unit=unit,
                used=(study_id,),
                se=whole.se,
            ),
        ),
        "",
    )


def _mean_change(m: Measurement, r: float | None) -> tuple[MeanChange, bool]:
    """Mean change of one arm and whether it needed the correlation. Raises NotEstimable with what is missing."""
    from livingreview.synthesis.models.change_scores import MeanChange, sd_of_changes

    change = m.mean if m.mean is not None else m.change
    if change is None:
        raise NotEstimable("no mean change is reported")
    if m.total is None:
        raise NotEstimable("the number evaluated is not reported")
    if m.sd is not None:
        return MeanChange.of(m.total, change, m.sd), False
    if m.before_sd is None or m.after_sd is None or r is None:
        raise NotEstimable(
            "no standard deviation of the change, nor of the values before and after, is reported"
        )
    return MeanChange.of(m.total, change, sd_of_changes(m.before_sd, m.after_sd, r)), True


def _pooled(data: TherapySlice, bare: ChangeScores, scales: int) -> ChangeScores:
    if bare.k == 0:
        return replace(
            bare,
            reason="No study gives a mean change together with the standard deviations that its interval needs.",
        )
    if bare.k < LEAST:
        few = f"Only {studies(bare.k)} give{'s' if bare.k == 1 else ''} a mean change with its standard error"
        return replace(bare, reason=f"{few}, so that nothing is pooled.")
    if scales > 1:
        return replace(bare, reason="The studies' values are on different scales, so that nothing is pooled.")
    from livingreview.synthesis.models import two_step

    y, v = [s.change for s in bare.studies], [s.se**2 for s in bare.studies]
    try:
        fit = two_step.fit(y, v, method="REML", test="adhoc", level=data.level)
    except NotEstimable as why:
        return replace(bare, reason=f"The mean changes were not pooled: {why.reason}.")
    mean = Estimate(
        kind="mean_change",
        value=fit.estimate,
        lower=float(fit.lower[0]),
        upper=float(fit.upper[0]),
        level=data.level,
        sided=2,
        method="reml_hk_guarded",
        method_name=METHODS["reml_hk_guarded"].name,
        citation=METHODS["reml_hk_guarded"].citation,
        events=None,
        total=None,
        k=bare.k,
        n=bare.n,
        unit=bare.unit,
        used=tuple(s.study_id for s in bare.studies),
        left_out=bare.left_out,
        se=float(fit.se[0]),
    )
    return replace(
        bare,
        studies=tuple(replace(s, weight=float(w)) for s, w in zip(bare.studies, fit.weights, strict=True)),
        pooled=mean,
        prediction=_prediction(mean, two_step.predict(fit, "t_k2"))
        if bare.k >= LEAST_FOR_PREDICTION
        else None,
        heterogeneity=_spread(fit, y, v),
    )


def _prediction(mean: Estimate, limits: tuple[float, float]) -> Estimate:
    method = METHODS["prediction_t_k2"]
    return replace(
        mean,
        kind="prediction",
        lower=limits[0],
        upper=limits[1],
        method="prediction_t_k2",
        method_name=method.name,
        citation=method.citation,
        se=None,
    )


def _spread(fit: TwoStepFit, y: Sequence[float], v: Sequence[float]) -> Heterogeneity:
    from livingreview.synthesis.models.heterogeneity import q_profile

    reason = None
    limits: tuple[float | None, float | None, float | None, float | None] = (None, None, None, None)
    try:
        found = q_profile(y, v, level=fit.level)
        limits = (found.tau2_lower, found.tau2_upper, found.i2_lower, found.i2_upper)
    except NotEstimable as why:
        reason = f"There are no limits of the spread between studies: {why.reason}."
    return Heterogeneity(
        scale="score",
        tau2=fit.tau2,
        tau2_lower=limits[0],
        tau2_upper=limits[1],
        i2=fit.i2,
        i2_lower=limits[2],
        i2_upper=limits[3],
        q=fit.q,
        q_df=fit.q_df,
        q_p=fit.q_p,
        informative=fit.k,
        method="REML",
        citation="viechtbauer2005",
        reason=reason,
    )
