"""The one-stage binomial–normal model: a logistic regression with a normal random intercept for each study.

Stijnen, Hamza & Özdemir, Stat Med 2010;29:3046-3067; for single proportions Lin & Chu, Health Sci Rep 2020;3:e178. Counts enter as
they are: no correction of zero cells, patients described one by one and x of n in one likelihood. Fitted by maximum likelihood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, sqrt

import numpy as np
from numpy.typing import ArrayLike

from livingreview.synthesis.models.estimable import refuse, refuse_all_or_none
from livingreview.synthesis.models.logit import inverse_logit, normal_quantile
from livingreview.synthesis.models.random_intercept import (
    Array,
    Evaluation,
    Rows,
    evaluate,
    logistic,
    mean_proportion,
    rows,
)
from livingreview.synthesis.models.refusal import LEAST_INFORMATIVE, NotEstimable

_STARTS = (0.2, 0.5, 1.0, 2.0, 4.0, 10.0)
_MOST_TAU = 60.0
_LOST = 50.0
"""A log likelihood so far below the best is not regained by a larger spread."""
_GAIN = 1e-10
"""A log likelihood whose relative gain with τ > 0 is not larger is that of τ = 0."""


@dataclass(frozen=True, slots=True, eq=False)
class BinomialNormalFit:
    """A fitted model on the logit scale.

    ``coef``, ``se`` and ``cov`` are of the columns of the design (the intercept alone without one), from the observed information in coefficients
    and τ together; at the boundary τ = 0 from that of the logistic model. ``loglik`` includes the binomial coefficients.
    Proportions are those of a study with the design row ``at`` (the intercept): see
    :meth:`median` and :meth:`mean`. ``k`` studies, ``informative`` of them with two or more units; ``level`` of the intervals.
    """

    coef: Array
    se: Array
    cov: Array
    tau2: float
    loglik: float
    boundary: bool
    k: int
    informative: int
    level: float
    at: Array

    @property
    def _centre(self) -> tuple[float, float]:
        """Linear predictor at the design row, and its standard error."""
        return float(self.at @ self.coef), sqrt(float(self.at @ self.cov @ self.at))

    def median(self) -> tuple[float, float, float]:
        """Proportion of the median study (value, lower, upper): the inverse logit of the linear predictor and of its Wald limits."""
        centre, se = self._centre
        half = normal_quantile(self.level) * se
        return inverse_logit(centre), inverse_logit(centre - half), inverse_logit(centre + half)

    def mean(self) -> tuple[float, float, float]:
        """Mean proportion over the population of studies, E[expit(centre + τZ)] (value, lower, upper).

        The limits are those of the centre averaged in the same way, with the spread τ taken as known. The delta method with τ estimated
        gives limits that hold the true mean less often in simulated reviews like those of benchmarks/coverage.py.
        """
        centre, se = self._centre
        half, tau = normal_quantile(self.level) * se, sqrt(self.tau2)
        low, value, high = (mean_proportion(c, tau) for c in (centre - half, centre, centre + half))
        return value, low, high

    def prediction(self, convention: str = "t_k2") -> tuple[float, float]:
        """Limits of the proportion of a new study: the inverse logit of centre ± q √(τ² + se²).

        ``convention``: ``normal`` (q of the normal distribution) or ``t_k2`` (t with k - 2 degrees of freedom: Higgins, Thompson &
        Spiegelhalter, J R Stat Soc A 2009;172:137-159). Raises ValueError for another, NotEstimable for ``t_k2`` with k < 3.
        """
        centre, se = self._centre
        if convention == "normal":
            q = normal_quantile(self.level)
        elif convention != "t_k2":
            raise ValueError(f"unknown convention of a prediction interval: {convention}")
        elif self.k < 3:
            raise NotEstimable("a prediction interval needs at least three studies")
        else:
            from scipy.special import stdtrit

            q = float(stdtrit(self.k - 2, 1 - (1 - self.level) / 2))
        half = q * sqrt(self.tau2 + se * se)
        return inverse_logit(centre - half), inverse_logit(centre + half)

    def wald(self, columns: Sequence[int]) -> tuple[float, int, float]:
        """Wald test that the coefficients of ``columns`` are all 0: chi-squared, its degrees of freedom, p."""
        from scipy.special import chdtrc

        chosen = list(columns)
        beta = self.coef[chosen]
        statistic = float(beta @ np.linalg.solve(self.cov[np.ix_(chosen, chosen)], beta))
        return statistic, len(chosen), float(chdtrc(len(chosen), statistic))


def fit(
    events: ArrayLike,
    totals: ArrayLike,
    groups: Sequence[object] | None = None,
    design: ArrayLike | None = None,
    level: float = 0.95,
    at: ArrayLike | None = None,
    least_informative: int = LEAST_INFORMATIVE,
) -> BinomialNormalFit:
    """Maximum likelihood fit to ``events`` of ``totals`` by row.

    ``groups`` names the study of each row: rows of one study share its intercept, and those with the same covariates are added up first, so
    that a series split into patients gives the same fit. ``design`` (rows × p) holds the covariates with the column of ones;
    ``at`` is the design row that proportions are given for (by default 1, 0, …). Raises ValueError for impossible counts, NotEstimable where there is
    no event, nothing but events, fewer than three studies, fewer than ``least_informative`` studies of two or more units, a covariate
    that separates events from the rest or repeats others, or a spread without finite estimate.
    """
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not at {level}")
    data = rows(events, totals, groups, design)
    informative = _refuse(data, least_informative)
    width = data.design.shape[1]
    row = np.eye(width)[0] if at is None else np.asarray(at, dtype=float)
    start = _logistic_fit(data)
    null, slope = logistic(data, start)
    best = _start(data, start)
    coef, tau, found = _ascend(data, *best, toward_zero=slope <= 0)
    if tau >= _MOST_TAU:
        raise NotEstimable("the spread between the studies has no finite estimate")
    boundary = found.loglik <= null.loglik + _GAIN * (1 + abs(null.loglik))
    if boundary:
        coef, tau, found = start, 0.0, null
    if np.linalg.eigvalsh(found.information)[0] <= 0:
        raise NotEstimable("the likelihood is too flat to give an interval")
    cov: Array = np.asarray(np.linalg.inv(found.information)[:width, :width], dtype=float)
    return BinomialNormalFit(
        coef=coef,
        se=np.sqrt(np.diag(cov)),
        cov=cov,
        tau2=tau * tau,
        loglik=found.loglik,
        boundary=boundary,
        k=data.k,
        informative=informative,
        level=level,
        at=row,
    )


def _refuse(data: Rows, least_informative: int) -> int:
    """Raise NotEstimable where the counts cannot carry the model; returns the number of studies with two or more units."""
    informative = refuse(data, least_informative)
    width = data.design.shape[1]
    if width == 1 and np.ptp(data.design) == 0 and data.design[0, 0] != 0:
        refuse_all_or_none(data)
        return informative
    if np.linalg.matrix_rank(data.design) < width:
        raise NotEstimable("a covariate repeats the others or does not vary")
    if _separated(data):
        raise NotEstimable("a covariate separates the units with an event from those without")
    return informative


def _separated(data: Rows) -> bool:
    """Whether some combination of the covariates tells events from non-events without error, wholly or on its border.

    Then the coefficients have no finite estimate (Albert & Anderson, Biometrika 1984;71:1-10); a linear programme finds it.
    """
    from scipy.optimize import linprog

    with_event, without = data.design[data.x > 0], data.design[data.x < data.n]
    apart = np.vstack([-with_event, without])
    scale = np.abs(apart).max(axis=0)
    apart = apart / scale
    found = linprog(apart.sum(axis=0), A_ub=apart, b_ub=np.zeros(len(apart)), bounds=(-1, 1), method="highs")
    return bool(found.fun < -1e-7)


def _logistic_fit(data: Rows) -> Array:
    """Coefficients of the model with τ = 0, by Newton's steps, halved while they do not climb."""
    coef = np.zeros(data.design.shape[1])
    here = logistic(data, coef)[0]
    for _ in range(100):
        step = np.linalg.solve(here.information, here.gradient)
        gain = float(step @ here.gradient)
        if gain < 1e-24:
            break
        there = logistic(data, coef + step)[0]
        while there.loglik < here.loglik and gain > 1e-12 and np.abs(step).max() > 1e-12:
            step = step / 2
            there = logistic(data, coef + step)[0]
        coef, here = coef + step, there
        if gain < 1e-16:
            break
    return coef


def _start(data: Rows, pooled: Array) -> tuple[Array, float, Evaluation]:
    """The best of some spreads with the coefficients near their best there: the profile may have several tops."""
    best, highest = (pooled, _STARTS[0]), -inf
    for tau in _STARTS:
        # what the mean over the random intercept takes off a coefficient (Zeger, Liang & Albert, Biometrics 1988;44:1049-1060)
        coef = pooled * sqrt(1 + 0.346 * tau * tau)
        point = evaluate(data, coef, tau)
        step = np.linalg.solve(point.information[:-1, :-1], point.gradient[:-1])
        height = point.loglik + 0.5 * float(step @ point.gradient[:-1])
        if height > highest:
            best, highest = (coef + step, tau), height
        elif height < highest - _LOST:
            break
    return (*best, evaluate(data, *best))


def _ascend(
    data: Rows, coef: Array, tau: float, here: Evaluation, toward_zero: bool
) -> tuple[Array, float, Evaluation]:
    """Newton's steps in (coefficients, log τ) with the exact information, made positive where it is not and halved while they do
    not climb. Ends early where τ runs to 0 (if ``toward_zero``) or beyond all bounds."""
    largest = float(data.n.max())
    for _ in range(200):
        values, vectors = np.linalg.eigh(here.information)
        sizes = np.maximum(np.abs(values), 1e-9 * np.abs(values).max())
        step = vectors @ ((vectors.T @ here.gradient) / sizes)
        gain = float(step @ here.gradient)
        if gain < 1e-22:
            break
        step *= min(1.0, 1.5 / float(np.abs(step).max()))
        while True:
            moved, spread = coef + step[:-1], tau * exp(step[-1])
            there = evaluate(data, moved, spread)
            if there.loglik >= here.loglik or gain < 1e-9 * (1 + abs(here.loglik)):
                break
            if np.abs(step).max() < 1e-12:
                return coef, tau, here
            step = step / 2
        coef, tau, here = moved, spread, there
        if gain < 1e-15 or tau >= _MOST_TAU or (toward_zero and tau * tau * largest < 1e-3):
            break
    return coef, tau, here
