"""Effect measures: what a study's counts, means and standard deviations give, with the sampling variance.

Two conventions hold throughout. Cells of a table get 0.5 added only in studies that have a zero cell (Gart & Zweifel,
Biometrika 1967;54:181-187), in all cells of that study. Hedges' factor is the exact one through the gamma function
(Hedges, J Educ Stat 1981;6:107-128), and the variance of a standardised effect is its large-sample formula.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, gammaln

Array = NDArray[np.float64]


class Effects(NamedTuple):
    """Effects ``y`` of k studies and their sampling variances ``v``, both arrays of length k."""

    y: Array
    v: Array


def _columns(*values: ArrayLike) -> list[Array]:
    """The values as arrays of numbers of one common length; ValueError for a number that is not finite."""
    columns = [
        np.array(c, dtype=float) for c in np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in values))
    ]
    columns = [np.atleast_1d(c) for c in columns]
    if not all(np.isfinite(c).all() for c in columns):
        raise ValueError("an effect needs finite numbers")
    return columns


def _counts(x: ArrayLike, n: ArrayLike) -> tuple[Array, Array]:
    events, totals = _columns(x, n)
    if (events < 0).any() or (events > totals).any() or (totals <= 0).any():
        raise ValueError("events lie between 0 and a total of at least one")
    return events, totals


def logit_proportions(x: ArrayLike, n: ArrayLike) -> Effects:
    """Log odds of ``x`` events among ``n`` units, with 0.5 added to both cells of studies with a zero cell only.
    Variance 1/x + 1/(n-x). Raises ValueError for impossible counts."""
    events, totals = _counts(x, n)
    others = totals - events
    add = 0.5 * ((events == 0) | (others == 0))
    events, others = events + add, others + add
    return Effects(np.log(events / others), 1 / events + 1 / others)


def expit_back(y: ArrayLike) -> Array:
    """The proportion that belongs to a log odds."""
    return np.asarray(expit(np.asarray(y, dtype=float)), dtype=float)


def freeman_tukey(x: ArrayLike, n: ArrayLike) -> Effects:
    """Double arcsine of a proportion, y = ½[asin√(x/(n+1)) + asin√((x+1)/(n+1))], v = 1/(4n+2), in radians:
    Freeman & Tukey, Ann Math Stat 1950;21:607-611, halved. Raises ValueError for impossible counts."""
    events, totals = _counts(x, n)
    y = 0.5 * (np.arcsin(np.sqrt(events / (totals + 1))) + np.arcsin(np.sqrt((events + 1) / (totals + 1))))
    return Effects(y, 1 / (4 * totals + 2))


def freeman_tukey_back(y: ArrayLike, n: ArrayLike) -> Array:
    """The proportion whose double arcsine is ``y`` in a study of ``n`` units (any n > 0, also a mean of sizes): Miller, Am Stat
    1978;32:138. Values beyond those of no event or only events give 0 and 1.

    The result hangs on ``n``, which a mean of several studies does not have; that is the known trap of this measure (Schwarzer et
    al., Res Synth Methods 2019;10:476-483).
    """
    arcsine, totals = np.broadcast_arrays(np.asarray(y, dtype=float), np.asarray(n, dtype=float))
    if (totals <= 0).any():
        raise ValueError("the back-transformation needs a size above 0")
    end = 0.5 * np.arcsin(np.sqrt(1 / (totals + 1)))
    low, high = end, np.pi / 2 - end
    inside = np.clip(arcsine, low, high)
    sine = np.sin(2 * inside)
    root = np.sqrt(np.clip(1 - (sine + (sine - 1 / sine) / totals) ** 2, 0, 1))
    value = 0.5 * (1 - np.sign(np.cos(2 * inside)) * root)
    return np.asarray(np.where(arcsine <= low, 0.0, np.where(arcsine >= high, 1.0, value)), dtype=float)


def harmonic_mean(n: ArrayLike) -> float:
    """Harmonic mean of study sizes, all above 0."""
    totals = np.asarray(n, dtype=float)
    return float(1 / np.mean(1 / totals))


def _check_spread(*deviations: Array) -> None:
    if any((d < 0).any() for d in deviations):
        raise ValueError("a standard deviation is not negative")


def means(m: ArrayLike, sd: ArrayLike, n: ArrayLike) -> Effects:
    """Means of one group with variance sd²/n, in the unit of ``m``."""
    mean, deviation, totals = _columns(m, sd, n)
    _check_spread(deviation)
    return Effects(mean, deviation**2 / totals)


def mean_changes(
    m_before: ArrayLike,
    m_after: ArrayLike,
    sd_before: ArrayLike,
    sd_after: ArrayLike,
    n: ArrayLike,
    r: ArrayLike,
) -> Effects:
    """Mean change after minus before in ``n`` units with correlation ``r`` of the two scores; the variance of a difference of
    paired scores over n (Morris, Organ Res Methods 2008;11:364-386). Raises ValueError for a correlation beyond ±1."""
    before, after, sd0, sd1, totals, rho = _columns(m_before, m_after, sd_before, sd_after, n, r)
    _check_spread(sd0, sd1)
    _check_correlation(rho)
    return Effects(after - before, (sd0**2 + sd1**2 - 2 * rho * sd0 * sd1) / totals)


def standardised_mean_changes(
    m_before: ArrayLike, m_after: ArrayLike, sd_before: ArrayLike, n: ArrayLike, r: ArrayLike
) -> Effects:
    """Change after minus before in standard deviations of the scores before, with Hedges' factor for n - 1:
    Becker, Br J Math Stat Psychol 1988;41:257-278. Variance 2(1-r)/n + y²/(2n)."""
    before, after, sd0, totals, rho = _columns(m_before, m_after, sd_before, n, r)
    _check_correlation(rho)
    _check_sizes(totals - 1)
    y = hedges_factor(totals - 1) * (after - before) / sd0
    return Effects(y, 2 * (1 - rho) / totals + y**2 / (2 * totals))


def change_score_standardised(
    m_before: ArrayLike,
    m_after: ArrayLike,
    sd_before: ArrayLike,
    sd_after: ArrayLike,
    n: ArrayLike,
    r: ArrayLike,
) -> Effects:
    """Change after minus before in standard deviations of the change (Gibbons et al., J Educ Stat 1993;18:271-279), with Hedges'
    factor for n - 1. Variance 1/n + y²/(2n)."""
    change = mean_changes(m_before, m_after, sd_before, sd_after, n, r)
    (totals,) = _columns(n)
    _check_sizes(totals - 1)
    y = hedges_factor(totals - 1) * change.y / np.sqrt(change.v * totals)
    return Effects(y, 1 / totals + y**2 / (2 * totals))


def _check_correlation(rho: Array) -> None:
    if (np.abs(rho) > 1).any():
        raise ValueError("a correlation lies between -1 and 1")


def _check_sizes(freedom: Array) -> None:
    if (freedom < 2).any():
        raise ValueError("Hedges' factor needs at least two degrees of freedom")


def hedges_factor(freedom: Array) -> Array:
    """Exact factor Γ(m/2) / (√(m/2) Γ((m-1)/2)) for ``freedom`` m ≥ 2 degrees of freedom: Hedges 1981."""
    half = np.asarray(freedom, dtype=float) / 2
    return np.asarray(np.exp(gammaln(half) - 0.5 * np.log(half) - gammaln(half - 0.5)), dtype=float)


def mean_differences(
    m1: ArrayLike, sd1: ArrayLike, n1: ArrayLike, m2: ArrayLike, sd2: ArrayLike, n2: ArrayLike
) -> Effects:
    """Mean of arm 1 minus mean of arm 2; variances of the arms are not assumed equal."""
    a, sa, na, b, sb, nb = _columns(m1, sd1, n1, m2, sd2, n2)
    _check_spread(sa, sb)
    return Effects(a - b, sa**2 / na + sb**2 / nb)


def standardised_mean_differences(
    m1: ArrayLike, sd1: ArrayLike, n1: ArrayLike, m2: ArrayLike, sd2: ArrayLike, n2: ArrayLike
) -> Effects:
    """Hedges' g: difference of means over the pooled standard deviation, with the exact factor (Hedges 1981).
    Variance 1/n1 + 1/n2 + g²/(2(n1 + n2)). Raises ValueError with fewer than four units in the two arms."""
    a, sa, na, b, sb, nb = _columns(m1, sd1, n1, m2, sd2, n2)
    _check_spread(sa, sb)
    freedom = na + nb - 2
    _check_sizes(freedom)
    pooled = np.sqrt(((na - 1) * sa**2 + (nb - 1) * sb**2) / freedom)
    g = hedges_factor(freedom) * (a - b) / pooled
    return Effects(g, 1 / na + 1 / nb + g**2 / (2 * (na + nb)))


class _Table(NamedTuple):
    """Cells of 2×2 tables: events and others in arm 1 (a, b) and arm 2 (c, d), corrected where a cell is empty."""

    a: Array
    b: Array
    c: Array
    d: Array


def _tables(a: ArrayLike, n1: ArrayLike, c: ArrayLike, n2: ArrayLike) -> _Table:
    events1, total1 = _counts(a, n1)
    events2, total2 = _counts(c, n2)
    cells = _columns(events1, total1 - events1, events2, total2 - events2)
    add = 0.5 * np.any([cell == 0 for cell in cells], axis=0)
    return _Table(*(cell + add for cell in cells))


def log_risk_ratios(a: ArrayLike, n1: ArrayLike, c: ArrayLike, n2: ArrayLike) -> Effects:
    """Log of the risk in arm 1 (``a`` of ``n1``) over that in arm 2 (``c`` of ``n2``)."""
    t = _tables(a, n1, c, n2)
    risk1, risk2 = t.a / (t.a + t.b), t.c / (t.c + t.d)
    return Effects(np.log(risk1 / risk2), 1 / t.a - 1 / (t.a + t.b) + 1 / t.c - 1 / (t.c + t.d))


def log_odds_ratios(a: ArrayLike, n1: ArrayLike, c: ArrayLike, n2: ArrayLike) -> Effects:
    """Log of the odds in arm 1 over those in arm 2 (Woolf, Ann Hum Genet 1955;19:251-253)."""
    t = _tables(a, n1, c, n2)
    return Effects(np.log(t.a * t.d / (t.b * t.c)), 1 / t.a + 1 / t.b + 1 / t.c + 1 / t.d)


def risk_differences(a: ArrayLike, n1: ArrayLike, c: ArrayLike, n2: ArrayLike) -> Effects:
    """Risk in arm 1 minus that in arm 2."""
    t = _tables(a, n1, c, n2)
    total1, total2 = t.a + t.b, t.c + t.d
    return Effects(t.a / total1 - t.c / total2, t.a * t.b / total1**3 + t.c * t.d / total2**3)
