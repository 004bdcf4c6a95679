"""Variance between studies: estimators of tau², their standard errors, I² and H², Q and the Q-profile.

Notation: ``y`` effects and ``v`` sampling variances of k studies, ``design`` the k×p matrix of moderators with its
column of ones (None: the column of ones alone). With W = diag 1/(v+tau²) every estimator rests on
P = W - WX(X'WX)⁻¹X'W, for which Py = W(y - Xb) at the weighted fit b. Restricted likelihood and its score: Viechtbauer,
J Educ Behav Stat 2005;30:261-293. Roots of the scores are found between exact bounds, not by fixed-point steps, since a flat likelihood stops
such steps early.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from livingreview.synthesis.models.refusal import NotEstimable

Array = NDArray[np.float64]

METHODS = ("EE", "DL", "PM", "REML", "ML", "HE", "SJ", "EB")
# points of the grid on which the slopes of a likelihood are searched for changes of sign
_GRID = 120


class Data(NamedTuple):
    """Checked data of a two-step model: y and v of length k, x of k×p with full rank."""

    y: Array
    v: Array
    x: Array

    @property
    def freedom(self) -> int:
        return self.x.shape[0] - self.x.shape[1]


class Weighted(NamedTuple):
    """The weighted fit at one tau²: weights, coefficients, their covariance (X'WX)⁻¹, residuals, and an orthonormal basis (k×p) of the columns
    of √W X, with which P = √W(I - basis·basis')√W loses no digits to a moderator far from 0, such as a year."""

    w: Array
    coef: Array
    cov: Array
    residual: Array
    basis: Array

    @property
    def q(self) -> float:
        """y'Py: the weighted sum of squared residuals."""
        return float(self.w @ self.residual**2)


class QProfile(NamedTuple):
    """Limits of tau² by the Q-profile and those of I² (per cent) that belong to them."""

    tau2_lower: float
    tau2_upper: float
    i2_lower: float
    i2_upper: float


class QTest(NamedTuple):
    """Cochran's Q (residual Q with moderators), its degrees of freedom and p; p is None without any degree of freedom."""

    q: float
    df: int
    p: float | None


def data(y: ArrayLike, v: ArrayLike, design: ArrayLike | None = None) -> Data:
    """The arrays checked. Raises ValueError for unequal lengths or impossible numbers, NotEstimable without a study, for a variance
    of zero, and for moderators that the studies cannot tell apart."""
    effects, variances = np.asarray(y, dtype=float), np.asarray(v, dtype=float)
    if effects.ndim != 1 or effects.shape != variances.shape:
        raise ValueError("y and v are vectors of one length")
    if not (np.isfinite(effects).all() and np.isfinite(variances).all()) or (variances < 0).any():
        raise ValueError("effects are finite numbers with variances of at least 0")
    x = np.ones((effects.size, 1)) if design is None else np.asarray(design, dtype=float)
    if x.ndim != 2 or x.shape[0] != effects.size or not np.isfinite(x).all():
        raise ValueError("the design has one row of finite numbers for each study")
    if effects.size == 0:
        raise NotEstimable("there is no study")
    if (variances == 0).any():
        raise NotEstimable("a study has no sampling variance")
    if x.shape[0] < x.shape[1]:
        raise NotEstimable("there are fewer studies than coefficients")
    if x.shape[1] > 1 and np.linalg.matrix_rank(x / np.linalg.norm(x, axis=0).clip(1e-300)) < x.shape[1]:
        raise NotEstimable("the studies do not differ in the moderator")
    return Data(effects, variances, x)


def weighted(d: Data, tau2: float) -> Weighted:
    """The weighted least-squares fit with weights 1/(v + tau2)."""
    w = 1 / (d.v + tau2)
    root = np.sqrt(w)
    if d.x.shape[1] == 1 and (d.x == 1).all():
        total = w.sum()
        mean = (w @ d.y) / total
        basis = (root / np.sqrt(total))[:, None]
        return Weighted(w, np.array([mean]), np.array([[1 / total]]), d.y - mean, basis)
    basis, upper = np.linalg.qr(d.x * root[:, None])
    inverse = np.linalg.solve(upper, np.eye(d.x.shape[1]))
    rotated = basis.T @ (d.y * root)
    residual = d.y - basis @ rotated / root
    return Weighted(w, inverse @ rotated, inverse @ inverse.T, residual, basis)


def exact_fit(d: Data, fit: Weighted) -> bool:
    """Whether the effects lie on the fit but for rounding."""
    return fit.q <= 1e-20 * float(fit.w @ d.y**2)


def _trace(fit: Weighted, s: Array | float = 1.0) -> float:
    """tr(PS) for a diagonal S."""
    return float(((fit.w * s) * (1 - (fit.basis**2).sum(axis=1))).sum())


def _trace_squared(fit: Weighted, s: Array | float = 1.0) -> float:
    """tr(PSPS) for a diagonal S."""
    scaled = fit.w * s
    inner = (fit.basis.T * scaled) @ fit.basis
    return float((scaled**2 * (1 - 2 * (fit.basis**2).sum(axis=1))).sum() + (inner**2).sum())


def _score(d: Data, tau2: float, restricted: bool) -> float:
    """Twice the slope of the (restricted) log-likelihood in tau²: y'PPy - tr P, or y'PPy - tr W."""
    fit = weighted(d, tau2)
    trace = _trace(fit) if restricted else float(fit.w.sum())
    return float(((fit.w * fit.residual) ** 2).sum()) - trace


def log_likelihood(d: Data, tau2: float, restricted: bool) -> float:
    """(Restricted) log-likelihood of tau² at the weighted fit, without its constant."""
    fit = weighted(d, tau2)
    value = float(np.log(fit.w).sum()) - fit.q
    if restricted:
        value += float(np.linalg.slogdet(fit.cov)[1])
    return value / 2


def _bound(d: Data) -> float:
    """A tau² beyond which both likelihoods fall: from y'PPy ≤ RSS/tau⁴ and tr P ≥ (k-p)/(tau² + max v)."""
    residual = weighted(Data(d.y, np.ones_like(d.v), d.x), 0).residual
    spread = 2 * float(residual @ residual) / d.freedom
    return 1.01 * max(spread, np.sqrt(spread * float(d.v.max())))


def _likelihood_maximum(d: Data, restricted: bool) -> float:
    """The tau² ≥ 0 of highest likelihood among all local maxima."""
    # the column space is all that matters, and an orthonormal basis keeps the digits
    d = d._replace(x=np.linalg.qr(d.x)[0]) if d.x.shape[1] > 1 else d
    upper = _bound(d)
    start = 1e-3 * float(d.v.min())
    grid = np.concatenate([[0.0], np.geomspace(start, upper, _GRID)] if upper > start else [[0.0, upper]])
    slopes = _scores(d, grid, restricted)
    maxima = [0.0] if slopes[0] <= 0 else []
    for i in np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0)):
        maxima.append(_root(lambda t: _score(d, t, restricted), grid[i], grid[i + 1]))
    if len(maxima) == 1:
        return maxima[0]
    return max(maxima, key=lambda t: log_likelihood(d, t, restricted))


def _scores(d: Data, grid: Array, restricted: bool) -> Array:
    """_score for a whole grid at once, without a loop over studies or points."""
    w = 1 / (d.v[None, :] + grid[:, None])
    crossed = np.einsum("gk,kp,kq->gpq", w, d.x, d.x, optimize=True)
    inverse = np.linalg.inv(crossed)
    coef = np.einsum("gpq,gq->gp", inverse, (w * d.y) @ d.x)
    slope = ((w * (d.y - coef @ d.x.T)) ** 2).sum(axis=1)
    trace = w.sum(axis=1)
    if restricted:
        squared = np.einsum("gk,kp,kq->gpq", w**2, d.x, d.x, optimize=True)
        trace = trace - np.einsum("gpq,gqp->g", inverse, squared)
    return np.asarray(slope - trace)


def _root(function: Callable[[float], float], lower: float, upper: float) -> float:
    """The zero between two bounds. The rounding of a grid may leave both ends on one side; the nearer end is the zero then."""
    at_lower, at_upper = function(lower), function(upper)
    if at_lower == 0 or at_lower * at_upper > 0:
        return lower if abs(at_lower) <= abs(at_upper) else upper
    return float(brentq(function, lower, upper, xtol=1e-15 * max(upper, 1e-290), rtol=1e-15, maxiter=500))


def tau2(y: ArrayLike, v: ArrayLike, design: ArrayLike | None = None, method: str = "REML") -> float:
    """Variance between studies, at least 0, on the squared scale of y.

    ``method``: DL (DerSimonian & Laird, Control Clin Trials 1986;7:177-188), PM (Paule & Mandel, J Res Natl Bur Stand 1982;87:377-385),
    EB (the same root: Morris, J Am Stat Assoc 1983;78:47-55), REML and ML (Viechtbauer 2005), HE (Hedges & Olkin 1985), SJ (Sidik & Jonkman, Appl Stat
    2005;54:367-384), EE (0 by definition). Of several local maxima of a likelihood the highest counts.
    Raises NotEstimable without a degree of freedom, ValueError for an unknown method.
    """
    return estimate(data(y, v, design), method)


def estimate(d: Data, method: str) -> float:
    """As tau2, for data already checked."""
    if method not in METHODS:
        raise ValueError(f"no estimator is called {method!r}; there are {', '.join(METHODS)}")
    if method == "EE":
        return 0.0
    if d.freedom < 1:
        raise NotEstimable(
            "one study alone shows no spread between studies"
            if d.y.size == 1
            else "there are as many coefficients as studies"
        )
    if method in ("REML", "ML"):
        return _likelihood_maximum(d, method == "REML")
    if method in ("PM", "EB"):
        return q_root(d, float(d.freedom))
    base, scale = _quadratic(d, method)
    fit = weighted(*base)
    if method == "SJ":
        return scale * fit.q / d.freedom
    return max(0.0, (fit.q - _trace(fit, d.v)) / _trace(fit))


def _quadratic(d: Data, method: str) -> tuple[tuple[Data, float], float]:
    """The weighted fit on whose Q a method of moments rests, as arguments of ``weighted``, and the first guess of Sidik & Jonkman."""
    if method == "DL":
        return (d, 0.0), 1.0
    if method == "HE":
        return (Data(d.y, np.ones_like(d.v), d.x), 0.0), 1.0
    guess = float(np.mean((d.y - d.y.mean()) ** 2))
    if guess <= 1e-20 * float(np.mean(d.y**2)):
        raise NotEstimable("the studies' values are all equal")
    return (d, guess), guess


def q_root(d: Data, target: float) -> float:
    """The tau² ≥ 0 at which the generalised Q falls to ``target``, 0 where it is below already (Q falls in tau²)."""
    if weighted(d, 0).q <= target:
        return 0.0
    residual = weighted(Data(d.y, np.ones_like(d.v), d.x), 0).residual
    upper = 1.01 * float(residual @ residual) / target  # since Q ≤ RSS/tau²
    return _root(lambda t: weighted(d, t).q - target, 0.0, upper)


def standard_error_tau2(d: Data, tau2: float, method: str) -> float | None:
    """Large-sample standard error of tau², None for the common-effect model.

    REML and ML: inverse expected information (Viechtbauer 2005). PM and EB: that of ML times k/√(k(k-p)) with the mean weight for each
    (after Morris 1983). Others: standard deviation of the quadratic form Q that the estimator solves for, over its slope.
    """
    if method == "EE":
        return None
    fit = weighted(d, tau2)
    if method == "REML":
        return float(np.sqrt(2 / _trace_squared(fit)))
    if method == "ML":
        return float(np.sqrt(2 / (fit.w**2).sum()))
    if method in ("PM", "EB"):
        return float(d.y.size * np.sqrt(2 / d.freedom) / fit.w.sum())
    base, scale = _quadratic(d, method)
    start = weighted(*base)
    variance = 2 * _trace_squared(start, d.v + tau2)
    slope = d.freedom / scale if method == "SJ" else _trace(start)
    return float(np.sqrt(variance) / slope)


def typical_variance(d: Data) -> float:
    """The typical sampling variance (k-p)/tr P of Higgins & Thompson, Stat Med 2002;21:1539-1558."""
    return d.freedom / _trace(weighted(d, 0))


def i2_h2(d: Data, tau2: float, method: str) -> tuple[float, float] | tuple[None, None]:
    """I² in per cent and H² = 1/(1 - I²), from tau² and the typical variance; for the common-effect model (EE) from Q (H² = Q/df, not
    cut at 1). (None, None) without a degree of freedom. Source: Higgins & Thompson 2002."""
    if d.freedom < 1:
        return None, None
    if method == "EE":
        q = weighted(d, 0).q
        return (100 * max(0.0, (q - d.freedom) / q) if q > 0 else 0.0), q / d.freedom
    typical = typical_variance(d)
    return 100 * tau2 / (tau2 + typical), tau2 / typical + 1


def q(y: ArrayLike, v: ArrayLike, design: ArrayLike | None = None) -> QTest:
    """Test of homogeneity (residual heterogeneity with moderators): Cochran, Biometrics 1954;10:101-129."""
    return q_test(data(y, v, design))


def q_test(d: Data) -> QTest:
    """As q, for data already checked."""
    value = weighted(d, 0).q
    return QTest(value, d.freedom, float(chdtrc(d.freedom, value)) if d.freedom > 0 else None)


def q_profile(y: ArrayLike, v: ArrayLike, design: ArrayLike | None = None, level: float = 0.95) -> QProfile:
    """Limits of tau² and I² by the Q-profile: Viechtbauer, Stat Med 2007;26:37-52.

    Raises NotEstimable without a degree of freedom, and where the studies lie closer together than chance allows at any tau², so that the
    interval is empty.
    """
    d = data(y, v, design)
    if d.freedom < 1:
        raise NotEstimable("one study alone shows no spread between studies")
    tail = (1 - level) / 2
    low, high = float(chdtri(d.freedom, 1 - tail)), float(chdtri(d.freedom, tail))
    if weighted(d, 0).q < low:
        raise NotEstimable(
            "the studies lie closer together than chance allows, so the interval of tau² is empty"
        )
    lower, upper = q_root(d, high), q_root(d, low)
    typical = typical_variance(d)
    return QProfile(lower, upper, 100 * lower / (lower + typical), 100 * upper / (upper + typical))
