"""Small-study effects: Egger's regression, Begg's rank test, trim and fill, and the contours of a plot of proportion against size.

None of them can tell unpublished studies from other reasons why small studies differ. With proportions the effects hang on their own
variances, so that the tests see an association where there is none (Peters et al., JAMA 2006;295:676-680).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, bdtrik, stdtr

from livingreview.synthesis.models import heterogeneity, two_step
from livingreview.synthesis.models.refusal import NotEstimable
from livingreview.synthesis.models.two_step import TwoStepFit

Array = NDArray[np.float64]
_ROUNDS = 100
# beyond, the exact distribution of the rank correlation takes seconds and differs from the normal one by less than 0.001
_MOST_EXACT = 300


@dataclass(frozen=True, slots=True)
class Egger:
    """Test of the slope on the standard error: ``t`` with ``df``, ``p``; ``limit`` is the effect at a standard error of 0, with limits."""

    t: float
    df: int
    p: float
    limit: float
    limit_lower: float
    limit_upper: float


@dataclass(frozen=True, slots=True)
class Begg:
    """Rank correlation ``tau`` (Kendall) of standardised effects and variances, its two-sided ``p``; ``exact`` says which p it is."""

    tau: float
    p: float
    exact: bool


@dataclass(frozen=True, slots=True, eq=False)
class TrimAndFill:
    """``filled`` studies imputed on ``side`` (left or right), and the ``fit`` with them; ``y`` and ``v`` are the imputed studies."""

    filled: int
    side: str
    fit: TwoStepFit
    y: Array
    v: Array


def egger(y: ArrayLike, v: ArrayLike, level: float = 0.95) -> Egger:
    """Regression of the effects on their standard errors with weights 1/v and a free residual variance: Egger et al., BMJ
    1997;315:629-634. Raises NotEstimable with fewer than three studies, with equal standard errors, or where the line fits exactly."""
    d = heterogeneity.data(y, v)
    if d.y.size < 3:
        raise NotEstimable("fewer than three studies give no regression on the standard error")
    try:
        d = heterogeneity.data(d.y, d.v, np.column_stack([np.ones_like(d.y), np.sqrt(d.v)]))
    except NotEstimable as error:
        raise NotEstimable("the studies do not differ in their standard errors") from error
    line = heterogeneity.weighted(d, 0)
    cov = line.cov * line.q / d.freedom
    if heterogeneity.exact_fit(d, line):
        raise NotEstimable("the studies lie exactly on a line")
    t = float(line.coef[1] / np.sqrt(cov[1, 1]))
    half = two_step.quantile(level, d.freedom) * float(np.sqrt(cov[0, 0]))
    limit = float(line.coef[0])
    return Egger(t, d.freedom, float(2 * stdtr(d.freedom, -abs(t))), limit, limit - half, limit + half)


def begg(y: ArrayLike, v: ArrayLike) -> Begg:
    """Kendall's tau of (y - mean)/√(v - 1/Σw) and v, with the common-effect mean: Begg & Mazumdar, Biometrics 1994;50:1088-1101.

    p is exact without ties up to 300 studies, else by the normal approximation with the variance for ties. Raises NotEstimable with fewer than
    three studies (two give p = 1 whatever they say) or all variances equal.
    """
    from scipy.stats import (
        kendalltau,  # takes longer to load than all else here, and few reviews have enough studies
    )

    d = heterogeneity.data(y, v)
    if d.y.size < 3:
        raise NotEstimable("fewer than three studies give no rank correlation")
    mean = heterogeneity.weighted(d, 0)
    spread = d.v - 1 / mean.w.sum()
    deviate = mean.residual / np.sqrt(spread)
    tied = np.unique(deviate).size < d.y.size or np.unique(d.v).size < d.v.size
    exact = not tied and d.y.size <= _MOST_EXACT
    found = kendalltau(deviate, d.v, method="exact" if exact else "asymptotic")
    if not np.isfinite(found.statistic):
        raise NotEstimable("the studies do not differ in their variances")
    return Begg(float(found.statistic), float(found.pvalue), exact)


def trim_and_fill(
    y: ArrayLike,
    v: ArrayLike,
    method: str = "DL",
    estimator: str = "L0",
    side: str | None = None,
    level: float = 0.95,
) -> TrimAndFill:
    """Trim the outermost studies of one side until the rest is symmetric, then add their mirror images and fit again: Duval & Tweedie, Biometrics
    2000;56:455-463.

    ``estimator`` is L0 or R0, ``side`` where studies are missing; by default that opposite to the small studies, from the slope on the standard error.
    Raises NotEstimable with fewer than three studies, where the side is not given and cannot be told, and where trimming goes round in circles.
    """
    if estimator not in ("L0", "R0"):
        raise ValueError(f"trim and fill has the estimators L0 and R0, not {estimator!r}")
    if side not in (None, "left", "right"):
        raise ValueError(f"studies are missing on the left or on the right, not {side!r}")
    d = heterogeneity.data(y, v)
    if d.y.size < 3:
        raise NotEstimable("fewer than three studies cannot be trimmed")
    side = side or missing_side(d.y, d.v, method)
    sign = -1.0 if side == "right" else 1.0
    order = np.argsort(sign * d.y, kind="stable")
    effects, variances = sign * d.y[order], d.v[order]
    missing, centre = _trimmed(effects, variances, method, estimator)
    kept = effects.size - missing
    extra_y, extra_v = sign * (2 * centre - effects[kept:]), variances[kept:]
    filled = two_step.fit(np.concatenate([d.y, extra_y]), np.concatenate([d.v, extra_v]), method, level=level)
    return TrimAndFill(missing, side, filled, extra_y, extra_v)


def missing_side(y: ArrayLike, v: ArrayLike, method: str = "DL") -> str:
    """The side on which studies seem to be missing: left where effects rise with the standard error, else right."""
    errors = np.sqrt(np.asarray(v, dtype=float))
    try:
        slope = two_step.fit(y, v, method, design=np.column_stack([np.ones_like(errors), errors])).coef[1]
    except NotEstimable as error:
        raise NotEstimable("the side of missing studies cannot be told from the standard errors") from error
    return "right" if slope < 0 else "left"


def _trimmed(y: Array, v: Array, method: str, estimator: str) -> tuple[int, float]:
    """The number of studies to fill in and the mean of those kept, for effects in rising order with studies missing on the left."""
    k = y.size
    missing = 0
    for _ in range(_ROUNDS):
        kept = k - missing
        centre = two_step.fit_or_own(y[:kept], v[:kept], method).estimate
        deviation = y - centre
        ranks = np.empty(k, dtype=int)
        ranks[np.argsort(np.abs(deviation), kind="stable")] = np.arange(1, k + 1)
        if estimator == "L0":
            above = float(ranks[deviation > 0].sum())
            found = (4 * above - k * (k + 1)) / (2 * k - 1)
        else:
            below = ranks[deviation < 0]
            found = k - (int(below.max()) if below.size else 0) - 1
        found = min(max(0, int(np.rint(found))), k - 1)
        if found == missing:
            return missing, centre
        missing = found
    raise NotEstimable("the number of missing studies does not settle")


def contours(p: float, sizes: ArrayLike, level: float = 0.95) -> tuple[Array, Array]:
    """Exact binomial range (lower, upper) of the proportion seen in studies of the given ``sizes`` if its true value is ``p``: at most
    (1 - level)/2 lies beyond either end. Raises ValueError for a proportion beyond [0, 1] or a size below 1."""
    n = np.asarray(sizes, dtype=int)
    if not 0 <= p <= 1 or (n < 1).any():
        raise ValueError("contours need a proportion between 0 and 1 and sizes of at least 1")
    tail = (1 - level) / 2
    return _quantiles(tail, n, p) / n, 1 - _quantiles(tail, n, 1 - p) / n


def _quantiles(share: float, n: NDArray[np.int_], p: float) -> Array:
    """For each size the fewest events that at least this ``share`` of studies does not exceed."""
    if p in (0, 1):
        return np.asarray(n * p, dtype=float)
    upper = np.ceil(bdtrik(share, n, p))
    below = np.maximum(upper - 1, 0)  # a root that lies a rounding beyond a whole number
    found: Array = np.where(bdtr(below, n, p) >= share, below, upper)
    return np.clip(found, 0, n)
