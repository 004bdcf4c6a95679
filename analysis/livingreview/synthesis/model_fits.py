"""The models of pooled proportions, by their code in the protocol: each fits counts by study and gives the result as printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TYPE_CHECKING

from livingreview.synthesis.estimates import METHODS, Estimate
from livingreview.synthesis.models.refusal import NotEstimable
from livingreview.synthesis.pooled import AtSize, Heterogeneity, Pooled
from livingreview.synthesis.sentences import listed, percent, studies, whole
from livingreview.synthesis.study_counts import StudyCounts

if TYPE_CHECKING:
    from livingreview.synthesis.models.two_step import TwoStepFit

LEAST_FOR_PREDICTION = 5
TOLERATED_SPREAD = 0.01
"""How far a Freeman–Tukey proportion may move between sizes without a warning."""
LEAST_HARMONIC = 2.0
_ESTIMATORS = {
    "REML": ("restricted maximum likelihood", "viechtbauer2005"),
    "DL": ("DerSimonian–Laird", "dersimonian1986"),
    "PM": ("Paule–Mandel", "paule1982"),
}


def _fitted(
    model: str,
    estimate: Estimate,
    heterogeneity: Heterogeneity,
    *,
    median: Estimate | None = None,
    prediction: Estimate | None = None,
    weights: tuple[float, ...] | None = None,
    at_sizes: tuple[AtSize, ...] = (),
    warnings: Sequence[str] = (),
) -> Pooled:
    """The result of a fit. Raises ArithmeticError where a number of it is not finite, so that none is printed."""
    for found in (estimate, median, prediction):
        if found is not None and not all(isfinite(v) for v in (found.value, found.lower, found.upper)):
            raise ArithmeticError("a value is not finite")
    return Pooled(
        model=model,
        name=METHODS[model].name,
        citation=METHODS[model].citation,
        fitted=True,
        estimate=estimate,
        median=median,
        prediction=prediction,
        heterogeneity=heterogeneity,
        weights=weights,
        at_sizes=at_sizes,
        warnings=tuple(warnings),
    )


def _likelihood_spread(counts: StudyCounts, model: str, scale: str, tau2: float) -> Heterogeneity:
    return Heterogeneity(
        scale=scale,
        tau2=tau2,
        tau2_lower=None, tau2_upper=None, i2=None, i2_lower=None, i2_upper=None, q=None, q_df=None, q_p=None,
        informative=counts.informative,
        method="maximum likelihood",
        citation=METHODS[model].citation,
        reason=None,
    )  # fmt: skip


def _no_spread(counts: StudyCounts) -> str:
    return (
        f"The estimated spread between studies is zero. With {studies(counts.k)}, {counts.informative} of them of two "
        "or more units, this does not show that the studies agree."
    )


def _binomial_normal(counts: StudyCounts, model: str) -> Pooled:
    from livingreview.synthesis.models import binomial_normal

    fit = binomial_normal.fit(counts.events, counts.totals, level=counts.level)
    mean, *mean_limits = fit.mean()
    median, *median_limits = fit.median()
    se = float(fit.se[0])
    prediction = None
    if counts.k >= LEAST_FOR_PREDICTION:
        prediction = counts.estimate("prediction", "prediction_t_k2", median, fit.prediction("t_k2"))
    return _fitted(
        model,
        counts.estimate("mean_proportion", model, mean, (mean_limits[0], mean_limits[1])),
        _likelihood_spread(counts, model, "logit", fit.tau2),
        median=counts.estimate("median_proportion", model, median, (median_limits[0], median_limits[1]), se),
        prediction=prediction,
        warnings=[_no_spread(counts)] if fit.boundary else [],
    )


def _beta_binomial(counts: StudyCounts, model: str) -> Pooled:
    from livingreview.synthesis.models import beta_binomial

    fit = beta_binomial.fit(counts.events, counts.totals, level=counts.level)
    return _fitted(
        model,
        counts.estimate("mean_proportion", model, fit.mu, (fit.lower, fit.upper), fit.se_logit_mu),
        _likelihood_spread(counts, model, "proportion", fit.rho * fit.mu * (1 - fit.mu)),
        warnings=[_no_spread(counts)] if fit.boundary else [],
    )


def _two_step(counts: StudyCounts, model: str) -> Pooled:
    """Logit proportions or double arcsines with the estimator of tau² and the test that the code names."""
    from livingreview.synthesis.models import effects, two_step

    arcsine = model == "freeman_tukey"
    estimator = "REML" if arcsine else model.split("_")[1].upper()
    test = "adhoc" if model.endswith("_hk") else "z"
    transform = effects.freeman_tukey if arcsine else effects.logit_proportions
    y, v = transform(counts.events, counts.totals)
    fit = two_step.fit(y, v, estimator, test, level=counts.level)
    harmonic = effects.harmonic_mean(counts.totals)

    def back(value: float, size: float = harmonic) -> float:
        return float(effects.freeman_tukey_back(value, size) if arcsine else effects.expit_back(value))

    centre = float(fit.coef[0])
    limits = back(float(fit.lower[0])), back(float(fit.upper[0]))
    prediction = None
    if counts.k >= LEAST_FOR_PREDICTION:
        low, high = two_step.predict(fit, "t_k2")
        prediction = counts.estimate("prediction", "prediction_t_k2", back(centre), (back(low), back(high)))
    spread, warnings = _two_step_spread(counts, fit, "double arcsine" if arcsine else "logit")
    sizes: tuple[AtSize, ...] = ()
    if arcsine:
        named = (("minimum", min(counts.totals)), ("harmonic", harmonic), ("maximum", max(counts.totals)))
        sizes = tuple(AtSize(which, float(size), back(centre, float(size))) for which, size in named)
        warnings = [*_back_translation(sizes), *_cut(back(centre), limits), *warnings]
    else:
        warnings = [*_corrected(counts), *warnings]
    return _fitted(
        model,
        counts.estimate("median_proportion", model, back(centre), limits, float(fit.se[0])),
        spread,
        prediction=prediction,
        weights=tuple(float(w) for w in fit.weights),
        at_sizes=sizes,
        warnings=warnings,
    )


def _two_step_spread(counts: StudyCounts, fit: TwoStepFit, scale: str) -> tuple[Heterogeneity, list[str]]:
    """Heterogeneity with limits by Q-profile, and a sentence where there are none."""
    from livingreview.synthesis.models import heterogeneity

    name, citation = _ESTIMATORS[fit.method]
    limits, warnings = None, []
    try:
        limits = heterogeneity.q_profile(fit.y, fit.v, level=counts.level)
    except NotEstimable as refusal:
        warnings.append(whole(refusal.reason))
    return Heterogeneity(
        scale=scale,
        tau2=fit.tau2,
        tau2_lower=limits.tau2_lower if limits else None,
        tau2_upper=limits.tau2_upper if limits else None,
        i2=fit.i2,
        i2_lower=limits.i2_lower if limits else None,
        i2_upper=limits.i2_upper if limits else None,
        q=fit.q,
        q_df=fit.q_df,
        q_p=fit.q_p,
        informative=counts.informative,
        method=name,
        citation=citation,
        reason=None,
    ), warnings


def _corrected(counts: StudyCounts) -> list[str]:
    """What the correction of zero cells did."""
    number = sum(x in (0, n) for x, n in zip(counts.events, counts.totals, strict=True))
    if not number:
        return []
    return [
        f"In {number} of {studies(counts.k)} all or none had the outcome: 0.5 was added to both of their counts, which "
        "draws the pooled value towards one half."
    ]


def _back_translation(sizes: Sequence[AtSize]) -> list[str]:
    """What makes a Freeman–Tukey proportion hard to read (Schwarzer et al., Res Synth Methods 2019;10:476-483)."""
    found = []
    values = [s.value for s in sizes]
    if max(values) - min(values) > TOLERATED_SPREAD:
        each = listed([f"{percent(s.value)} at {_size(s)} ({s.which})" for s in sizes])
        found.append(
            f"The Freeman–Tukey proportion depends on the study size it is translated back at: {each}."
        )
    harmonic = next(s.n for s in sizes if s.which == "harmonic")
    if harmonic < LEAST_HARMONIC:
        found.append(
            f"The harmonic mean of the study sizes is {harmonic:.1f}, below 2, where translating a Freeman–Tukey mean back "
            "is not reliable."
        )
    return found


def _cut(value: float, limits: tuple[float, float]) -> list[str]:
    """What was cut at 0 or 1: beyond the double arcsine of no event, or of events only, in a study of the harmonic size."""
    named = [("the value", value), ("the lower limit", limits[0]), ("the upper limit", limits[1])]
    return [
        f"Translated back from the Freeman–Tukey scale, {listed(found)} {'was' if len(found) == 1 else 'were'} cut at {percent(end)}"
        + ("; the interval says nothing about the precision." if value == end else ".")
        for end in (0.0, 1.0)
        if (found := [name for name, at in named if at == end])
    ]


def _size(at: AtSize) -> str:
    return f"{at.n:.1f}" if at.which == "harmonic" else f"{at.n:.0f}"


Model = Callable[[StudyCounts, str], Pooled]
MODELS: dict[str, Model] = {
    "binomial_normal": _binomial_normal,
    "beta_binomial": _beta_binomial,
    **dict.fromkeys(
        (
            "logit_reml",
            "logit_reml_hk",
            "logit_dl",
            "logit_dl_hk",
            "logit_pm",
            "logit_pm_hk",
            "freeman_tukey",
        ),
        _two_step,
    ),
}
SCALES = dict.fromkeys(MODELS, "logit") | {"beta_binomial": "proportion", "freeman_tukey": "double arcsine"}
