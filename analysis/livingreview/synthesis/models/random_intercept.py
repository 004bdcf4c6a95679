"""Binomial counts that share a normal random intercept within each study: the marginal likelihood with its derivatives.

The log likelihood of study i with rows r is log ∫ Π_r Bin(x_r; n_r, expit(η_r + u)) N(u; 0, τ²) du (Stijnen, Hamza & Özdemir,
Stat Med 2010;29:3046-3067). Each integral is a trapezoid rule on a grid of its own: centred on the integrand's mode, as
wide as the integrand exceeds e⁻³⁷ of its height, as fine as its curvature and the poles of expit ask for. For an analytic
integrand this converges faster than any power of the spacing (Trefethen & Weideman, SIAM Rev 2014;56:385-458), also where τ
is large and every count is all or none, which Gauss–Hermite nodes fit badly. Gradient and observed information are those of
the complete data averaged over the integrand (Fisher's and Louis' identities; Louis, J R Stat Soc B 1982;44:226-233).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]
_DROP = 37.0
"""The grid ends where the integrand has fallen to exp(-37) of its height, 1e-16."""
_SPACING = 0.6
"""Spacing in standard deviations of the integrand at its mode; 1e-20 off for a normal shape."""
_SPACING_LOGIT = 0.4
"""Spacing on the logit scale, where expit has its nearest poles at a distance of π."""
_MOST_NODES = 4001
_BLOCK = 128
"""Kinds of study whose integrals are computed at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Counts in their canonical form: rows of one study with the same covariates added up, equal studies kept once.

    ``x`` of ``n`` and ``design`` by row, ``first`` the first row of each kind of study, ``of`` the kind of study that a row belongs to,
    ``copies`` how many studies are of the kind. ``constant`` is the sum of the log binomial coefficients; ``k`` studies.
    """

    x: Array
    n: Array
    design: Array
    first: Index
    of: Index
    copies: Array
    constant: float
    k: int

    def blocks(self) -> Iterator[Rows]:
        """The studies in blocks small enough for their grids to stay in the processor's cache, without the constant."""
        kinds = len(self.copies)
        if kinds <= _BLOCK:
            yield self
            return
        ends = np.append(self.first, len(self.x))
        for start in range(0, kinds, _BLOCK):
            stop = min(start + _BLOCK, kinds)
            cut = slice(ends[start], ends[stop])
            yield Rows(
                self.x[cut],
                self.n[cut],
                self.design[cut],
                self.first[start:stop] - ends[start],
                self.of[cut] - start,
                self.copies[start:stop],
                0.0,
                int(self.copies[start:stop].sum()),
            )


def rows(
    events: ArrayLike, totals: ArrayLike, groups: Sequence[object] | None, design: ArrayLike | None
) -> Rows:
    """Counts, by row, of the studies in ``groups`` (each row a study of its own without it) with the ``design`` matrix (rows × p;
    an intercept alone without it), in canonical form: the order of studies and the splitting of a series change nothing.

    Raises ValueError for impossible counts or arrays that do not fit together.
    """
    from scipy.special import gammaln

    x = np.asarray(events, dtype=float).ravel()
    n = np.asarray(totals, dtype=float).ravel()
    columns = np.ones((len(x), 1)) if design is None else np.asarray(design, dtype=float)
    names: Sequence[object] = range(len(x)) if groups is None else list(groups)
    if not (len(x) == len(n) == len(names) == len(columns) and columns.ndim == 2):
        raise ValueError("events, totals, groups and design must have one entry a row")
    if not (np.isfinite(x).all() and np.isfinite(n).all() and np.isfinite(columns).all()):
        raise ValueError("counts and covariates must be finite numbers")
    if ((x < 0) | (x > n) | (n < 1)).any():
        raise ValueError("events must lie between 0 and the total, and a total must be at least 1")
    studies: dict[object, dict[tuple[float, ...], list[float]]] = {}
    for name, covariates, a, b in zip(names, columns.tolist(), x.tolist(), n.tolist(), strict=True):
        cell = studies.setdefault(name, {}).setdefault(tuple(covariates), [0.0, 0.0])
        cell[0] += a
        cell[1] += b
    kinds: dict[tuple[tuple[float, ...], ...], int] = {}
    for study in studies.values():
        kind = tuple(sorted((*covariates, *cell) for covariates, cell in study.items()))
        kinds[kind] = kinds.get(kind, 0) + 1
    ordered = sorted(kinds)
    sizes = [len(kind) for kind in ordered]
    flat = np.array([row for kind in ordered for row in kind], dtype=float).reshape(-1, columns.shape[1] + 2)
    x, n, columns = flat[:, -2].copy(), flat[:, -1].copy(), np.ascontiguousarray(flat[:, :-2])
    copies = np.array([kinds[kind] for kind in ordered], dtype=float)
    of = np.repeat(np.arange(len(ordered)), sizes)
    choose = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    first = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.intp)
    return Rows(x, n, columns, first, of, copies, float(np.sum(copies[of] * choose)), len(studies))


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The likelihood at one point: ``loglik``, ``gradient`` and observed ``information`` in (coefficients, log τ)."""

    loglik: float
    gradient: Array
    information: Array


def expit(value: Array) -> Array:
    """1 / (1 + exp(-value)) without overflow."""
    small = np.exp(-np.abs(value))
    return np.where(value >= 0, 1.0, small) / (1.0 + small)


def logistic(data: Rows, coef: Array) -> tuple[Evaluation, float]:
    """The likelihood with τ = 0 (in the coefficients alone), and its derivative in τ² there: the limit for τ → 0 of
    Fisher's identity, ½ Σ [(Σ_r x_r − n_r p_r)² − Σ_r n_r p_r (1 − p_r)] over the studies."""
    copies = data.copies[data.of]
    eta = data.design @ coef
    p, softplus = _expit_softplus(eta)
    residual, spread = data.x - data.n * p, data.n * p * (1 - p)
    loglik = float(np.sum(copies * (data.x * eta - data.n * softplus))) + data.constant
    information = (data.design * (copies * spread)[:, None]).T @ data.design
    by_study = np.add.reduceat(residual, data.first) ** 2 - np.add.reduceat(spread, data.first)
    slope = 0.5 * float(data.copies @ by_study)
    return Evaluation(loglik, data.design.T @ (copies * residual), information), slope


def evaluate(data: Rows, coef: Array, tau: float) -> Evaluation:
    """The marginal likelihood for τ > 0 with its derivatives in (coefficients, log τ)."""
    parts = [_block(part, coef, tau) for part in data.blocks()]
    return Evaluation(
        sum(p.loglik for p in parts) + data.constant,
        np.sum([p.gradient for p in parts], axis=0),
        np.sum([p.information for p in parts], axis=0),
    )


def _block(data: Rows, coef: Array, tau: float) -> Evaluation:
    """As :func:`evaluate`, of one block and without the constant."""
    eta = data.design @ coef
    u, spacing = _grid(data, eta, tau)
    single = len(data.x) == len(data.copies)
    linear = eta[:, None] + (u if single else u[data.of])
    p, softplus = _expit_softplus(linear)
    log_f = data.x[:, None] * linear - data.n[:, None] * softplus
    if not single:
        log_f = np.add.reduceat(log_f, data.first, axis=0)
    scaled = (u / tau) ** 2
    log_f -= 0.5 * scaled
    top = log_f.max(axis=1)
    weight = np.exp(log_f - top[:, None])
    total = weight.sum(axis=1)
    weight /= total[:, None]
    integral = np.log(total * spacing / (tau * np.sqrt(2 * np.pi))) + top
    residual = data.x[:, None] - data.n[:, None] * p
    by_row = weight if single else weight[data.of]
    spread = np.sum(by_row * p * (1 - p), axis=1) * data.n * data.copies[data.of]
    terms = [residual * data.design[:, j, None] for j in range(len(coef))]
    if not single:
        terms = [np.add.reduceat(t, data.first, axis=0) for t in terms]
    score = np.stack([*terms, scaled - 1.0])
    mean = np.einsum("jgn,gn->jg", score, weight)
    score -= mean[:, :, None]
    size = len(coef) + 1
    information = np.empty((size, size))
    weighted = score * (weight * data.copies[:, None])
    for i in range(size):
        for j in range(i + 1):
            information[i, j] = information[j, i] = -np.vdot(weighted[i], score[j])
    information[:-1, :-1] += (data.design * spread[:, None]).T @ data.design
    information[-1, -1] += 2 * float(data.copies @ (mean[-1] + 1.0))
    return Evaluation(float(data.copies @ integral), mean @ data.copies, information)


def mean_proportion(centre: float, tau: float) -> float:
    """E[expit(centre + τZ)] over a standard normal Z. Far out it comes from the tail of Z, so that the grid reaches further with τ."""
    step = min(0.25, _SPACING_LOGIT / tau) if tau > 0 else 0.25
    edge = np.ceil((8.7 + min(tau, 30.0)) / step)
    z = step * np.arange(-edge, edge + 1)
    weight = np.exp(-0.5 * z * z)
    return float(weight @ expit(centre + tau * z) / weight.sum())


def _expit_softplus(value: Array) -> tuple[Array, Array]:
    """expit(value) and log(1 + exp(value)), of one exponential."""
    small = np.exp(-np.abs(value))
    return np.where(value >= 0, 1.0, small) / (1.0 + small), np.maximum(value, 0.0) + np.log1p(small)


def _grid(data: Rows, eta: Array, tau: float) -> tuple[Array, Array]:
    """Nodes (kinds of study × nodes) and the spacing of each kind."""
    mode, curvature, height = _modes(data, eta, tau)
    width = 1.0 / np.sqrt(curvature)
    reach = tau * np.sqrt(2 * _DROP)
    # The log integrand is concave with second derivative at most -1/τ²: it lies below the drop from mode ± reach on, and
    # Newton's steps from outside stop short of the crossing, so that every step is a valid end. Both sides at once.
    side = np.array([[-1.0], [1.0]])
    ends = mode + side * reach
    for _ in range(12):
        value, slope = _log_integrand(data, eta, ends, tau)
        short = value - (height - _DROP)
        if (short > -8.0).all():
            break
        ends = ends - np.minimum(short, 0.0) / slope
    span = ends[1] - ends[0]
    fine = np.minimum(_SPACING * width, _SPACING_LOGIT)
    nodes = min(int(np.ceil(float((span / fine).max()))) + 1, _MOST_NODES)
    spacing = span / (nodes - 1)
    return ends[0][:, None] + spacing[:, None] * np.arange(nodes), spacing


def _log_integrand(data: Rows, eta: Array, u: Array, tau: float) -> tuple[Array, Array]:
    """Value and slope in u of the log integrand, up to its constant, for u of shape (…, kinds of study)."""
    linear = eta + u[..., data.of]
    p, softplus = _expit_softplus(linear)
    value = np.add.reduceat(data.x * linear - data.n * softplus, data.first, axis=-1) - 0.5 * (u / tau) ** 2
    return value, np.add.reduceat(data.x - data.n * p, data.first, axis=-1) - u / tau**2


def _modes(data: Rows, eta: Array, tau: float) -> tuple[Array, Array, Array]:
    """Mode, curvature (positive) and height of each log integrand, by Newton's steps kept inside a shrinking bracket."""
    x, n = np.add.reduceat(data.x, data.first), np.add.reduceat(data.n, data.first)
    low, high = -(tau**2) * (n - x), tau**2 * x
    u = np.clip(np.log((x + 0.5) / (n - x + 0.5)) - eta[data.first], low, high)
    u *= tau**2 / (tau**2 + 1.0 / (0.25 * n + 0.5))
    curvature = np.full(len(u), 1.0)
    for _ in range(100):
        p = expit(eta + u[data.of])
        slope = np.add.reduceat(data.x - data.n * p, data.first) - u / tau**2
        curvature = np.add.reduceat(data.n * p * (1 - p), data.first) + 1.0 / tau**2
        low, high = np.where(slope > 0, u, low), np.where(slope < 0, u, high)
        step = slope / curvature
        # the grid only has to be near the mode: its distance matters on the scale of the integrand's width
        if (np.abs(step) * np.sqrt(curvature) < 1e-3).all():
            break
        u = u + step
        u = np.where((u < low) | (u > high), 0.5 * (low + high), u)
    return u, curvature, _log_integrand(data, eta, u, tau)[0]
