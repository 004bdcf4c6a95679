"""Centre of individual changes: the Hodges–Lehmann estimate with the limits that inverting the signed-rank test gives.

Convention for ties and zeros: every change is kept, zeros too, and all n(n + 1)/2 Walsh averages enter. The limits come
from the distribution of the statistic without ties. For a symmetric distribution, continuous or not, the closed interval
between them then covers at least at its level (Noether, J Am Stat Assoc 1967;62:184-188).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import floor, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from livingreview.synthesis.models.refusal import NotEstimable

LARGEST_EXACT = 200
"""With more changes than this the rank of the limits is by the normal approximation."""


@dataclass(frozen=True, slots=True)
class SignedRankInterval:
    """Limits of the centre. ``attained`` is the level that they really have (at least the one asked for); None where
    ``exact`` is False, that is, where the normal approximation gave the ranks of the limits."""

    lower: float
    upper: float
    attained: float | None
    exact: bool


def walsh_averages(changes: ArrayLike) -> NDArray[np.float64]:
    """The n(n + 1)/2 means of all pairs of changes, each with itself too, sorted."""
    values = np.asarray(changes, dtype=np.float64)
    rows, columns = np.triu_indices(len(values))
    return np.sort((values[rows] + values[columns]) / 2)


def hodges_lehmann(changes: ArrayLike) -> float:
    """Median of the Walsh averages, on the scale of the changes (Hodges & Lehmann, Ann Math Stat 1963;34:598-611).

    Raises NotEstimable without any change.
    """
    averages = walsh_averages(changes)
    if not len(averages):
        raise NotEstimable("there is no paired value")
    return float(np.median(averages))


@cache
def _cumulative(n: int) -> NDArray[np.float64]:
    """P(T ≤ t) of the signed-rank statistic of n untied changes, t = 0 … n(n + 1)/2.

    Each rank is positive with probability one half, so the distribution is a product of n two-point ones.
    """
    mass = np.zeros(n * (n + 1) // 2 + 1)
    mass[0] = 1.0
    for rank in range(1, n + 1):
        mass[rank:] = (mass[rank:] + mass[:-rank]) / 2
        mass[:rank] /= 2
    return np.asarray(np.cumsum(mass))


def interval(changes: ArrayLike, level: float = 0.95) -> SignedRankInterval:
    """Limits of the centre of symmetry of n changes (Bauer, J Am Stat Assoc 1972;67:687-690).

    They are the d-th smallest and d-th greatest Walsh average, d the greatest rank with P(T ≤ d − 1) ≤ (1 − level)/2.
    Raises NotEstimable where even d = 1, the whole range, does not reach the level (95 %: fewer than 6 changes), and
    ValueError for a level outside 0 to 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not at {level}")
    averages = walsh_averages(changes)
    n = len(np.asarray(changes))
    tail = (1 - level) / 2
    if not n:
        raise NotEstimable("there is no paired value")
    if n > LARGEST_EXACT:
        from scipy.special import ndtri

        pairs = n * (n + 1)
        d = floor(pairs / 4 + float(ndtri(tail)) * sqrt(pairs * (2 * n + 1) / 24))
        return SignedRankInterval(float(averages[d - 1]), float(averages[-d]), None, exact=False)
    # a tail that equals (1 - level)/2 but for rounding is inside
    d = int(np.searchsorted(_cumulative(n), tail * (1 + 1e-12), side="right"))
    if d == 0:
        raise NotEstimable("even the whole range of the values does not reach the level")
    attained = 1 - 2 * float(_cumulative(n)[d - 1])
    return SignedRankInterval(float(averages[d - 1]), float(averages[-d]), attained, exact=True)


def widest_level(n: int) -> float:
    """The level of the interval between the least and the greatest of n changes, 1 − 2^(1 − n); no interval has more."""
    return 1 - 2.0 ** (1 - n)
