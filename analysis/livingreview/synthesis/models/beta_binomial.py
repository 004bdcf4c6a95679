"""The beta-binomial model: the studies' proportions follow a beta distribution (Griffiths, Biometrics 1973;29:637-648).

Its mean is the population mean proportion, without a detour through the logit scale. With φ = ρ/(1 − ρ) the likelihood of x of n is
C(n, x) Π_{j<x}(μ + jφ) Π_{j<n−x}(1 − μ + jφ) / Π_{j<n}(1 + jφ), which stays exact as ρ goes to 0 where gamma functions lose their digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from livingreview.synthesis.models.estimable import refuse, refuse_all_or_none
from livingreview.synthesis.models.logit import inverse_logit, normal_quantile
from livingreview.synthesis.models.random_intercept import Array, rows
from livingreview.synthesis.models.refusal import LEAST_INFORMATIVE, NotEstimable

_STARTS = (0.003, 0.03, 0.15, 0.5, 2.0, 10.0)
_MOST_PHI = 1e4
_GAIN = 1e-10


@dataclass(frozen=True, slots=True)
class BetaBinomialFit:
    """A fitted model: ``mu`` the mean proportion with limits ``lower`` and ``upper`` (Wald, on the logit), ``logit_mu`` with ``se_logit_mu`` from the
    observed information in both parameters, ``rho`` the correlation within studies (0 at the ``boundary``, where the model is the binomial
    and the information that of it). ``loglik`` includes the binomial coefficients. ``k`` studies, ``informative`` of them with two or more units.
    """

    mu: float
    lower: float
    upper: float
    logit_mu: float
    se_logit_mu: float
    rho: float
    loglik: float
    boundary: bool
    k: int
    informative: int
    level: float


def fit(
    events: ArrayLike,
    totals: ArrayLike,
    groups: Sequence[object] | None = None,
    level: float = 0.95,
    least_informative: int = LEAST_INFORMATIVE,
) -> BetaBinomialFit:
    """Maximum likelihood fit to ``events`` of ``totals`` by row; rows of one study (``groups``) are added up.

    Raises ValueError for impossible counts, NotEstimable where there is no event, nothing but events, fewer than three studies, fewer than
    ``least_informative`` studies of two or more units, or all or none in every study (then ρ runs to 1).
    """
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not at {level}")
    data = rows(events, totals, groups, None)
    informative = refuse(data, least_informative)
    refuse_all_or_none(data)
    copies = data.copies.astype(int)
    x, n = np.repeat(data.x, copies), np.repeat(data.n, copies)
    likelihood = _Likelihood(x, n, data.constant)
    crude = log(x.sum()) - log((n - x).sum())
    null, _, spread = likelihood(crude, 0.0)
    coef, phi = max(((crude, start) for start in _STARTS), key=lambda at: likelihood(*at)[0])
    value, information = null, spread
    for _ in range(200):
        value, gradient, information = likelihood(coef, phi)
        size, vectors = np.linalg.eigh(information)
        step = vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(size), 1e-9 * np.abs(size).max()))
        gain = float(step @ gradient)
        if gain < 1e-18 or phi > _MOST_PHI or phi < 1e-9:
            break
        step *= min(1.0, 1.5 / float(np.abs(step).max()))
        while (
            gain > 1e-9
            and likelihood(coef + step[0], phi * exp(step[1]))[0] < value
            and abs(step).max() > 1e-12
        ):
            step = step / 2
        coef, phi = coef + float(step[0]), phi * exp(step[1])
    if phi > _MOST_PHI:
        raise NotEstimable("the spread between the studies has no finite estimate")
    boundary = value <= null + _GAIN * (1 + abs(null))
    if boundary:
        coef, phi, value, information = crude, 0.0, null, spread[:1, :1]
    se = sqrt(float(np.linalg.inv(information)[0, 0]))
    half = normal_quantile(level) * se
    return BetaBinomialFit(
        inverse_logit(coef), inverse_logit(coef - half), inverse_logit(coef + half), coef, se, phi / (1 + phi),
        value, boundary, data.k, informative, level,
    )  # fmt: skip


class _Likelihood:
    """Log likelihood, gradient and observed information in (logit μ, log φ); at φ = 0 only those in logit μ mean anything."""

    def __init__(self, x: Array, n: Array, constant: float) -> None:
        # how many studies have more than j events, more than j non-events, more than j units: the products need no more
        self.events, self.others, self.units = (_exceeding(c) for c in (x, n - x, n))
        self.constant = constant

    def __call__(self, coef: float, phi: float) -> tuple[float, Array, Array]:
        mu, rest = inverse_logit(coef), inverse_logit(-coef)
        slope, bend = mu * rest, mu * rest * (rest - mu)
        a, b, c = (np.arange(len(m)) for m in (self.events, self.others, self.units))
        p, q, r = mu + a * phi, rest + b * phi, 1 + c * phi
        value = float(self.events @ np.log(p) + self.others @ np.log(q) - self.units @ np.log(r))
        by_mu = float(self.events @ (1 / p) - self.others @ (1 / q))
        by_phi = float(self.events @ (a / p) + self.others @ (b / q) - self.units @ (c / r))
        mu_mu = -float(self.events @ p**-2.0 + self.others @ q**-2.0)
        mu_phi = -float(self.events @ (a / p**2)) + float(self.others @ (b / q**2))
        phi_phi = -float(self.events @ (a / p) ** 2 + self.others @ (b / q) ** 2 - self.units @ (c / r) ** 2)
        gradient = np.array([by_mu * slope, by_phi * phi])
        cross = mu_phi * slope * phi
        hessian = np.array(
            [[mu_mu * slope**2 + by_mu * bend, cross], [cross, phi_phi * phi**2 + by_phi * phi]]
        )
        return value + self.constant, gradient, -hessian


def _exceeding(counts: Array) -> Array:
    """For j = 0, 1, … below the largest count: how many counts exceed j."""
    seen = np.bincount(counts.astype(int))
    return np.asarray(len(counts) - np.cumsum(seen)[:-1], dtype=float)
