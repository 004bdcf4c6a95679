"""Intervals of a proportion of units that lie in patients, such as lesions: units of one patient resemble each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from livingreview.synthesis.models.refusal import NotEstimable


@dataclass(frozen=True, slots=True)
class ClusterRobust:
    """Proportion of units with limits that allow for clustering in ``patients``; ``se`` on the scale of the proportion.

    ``method`` is ``cluster_robust``, or ``patients_exact`` where all units responded or none did: the exact interval
    of as many independent units as there are patients.
    """

    value: float
    se: float | None
    lower: float
    upper: float
    patients: int
    df: int
    method: str


def exact(events: float, total: float, level: float) -> tuple[float, float]:
    """Clopper–Pearson limits (lower, upper) for counts that need not be whole, through the beta distribution.

    With whole counts they are those of :func:`livingreview.synthesis.proportions.clopper_pearson`. Raises ValueError
    unless 0 ≤ events ≤ total, total > 0 and 0 < level < 1.
    """
    if not 0 <= events <= total or total <= 0 or not 0 < level < 1:
        raise ValueError(f"no exact interval of {events} of {total} at level {level}")
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    lower = 0.0 if events == 0 else float(betaincinv(events, total - events + 1, tail))
    # the mirror of the lower limit of the non-events keeps the digits near 1
    upper = 1.0 if events == total else 1 - float(betaincinv(total - events, events + 1, tail))
    return lower, upper


def at_icc(
    events: int, total: int, patients: int, icc: float, level: float = 0.95
) -> tuple[float, float, float]:
    """(effective sample size, lower, upper) were the units of a patient correlated with ``icc``.

    The design effect 1 + (m − 1) icc, m units a patient on average (Donner & Klar, Design and Analysis of Cluster
    Randomization Trials, 2000), divides both counts; the interval is the exact one of what is left. Raises ValueError
    for impossible counts.
    """
    if patients < 1 or total < 1 or not 0 <= events <= total or not 0 <= icc <= 1:
        raise ValueError(f"{events} of {total} units in {patients} patients at a correlation of {icc}")
    effect = max(1.0, 1 + (total / patients - 1) * icc)
    return total / effect, *exact(events / effect, total / effect, level)


def cluster_robust(events: Sequence[int], totals: Sequence[int], level: float = 0.95) -> ClusterRobust:
    """Proportion Σ events / Σ totals, one entry a patient, with an interval that lets units of a patient resemble each other.

    Linearised (sandwich) variance of the ratio over m patients with the factor m/(m − 1), t with m − 1 degrees of
    freedom, limits on the logit (Cameron & Miller, J Hum Resour 2015;50:317-372). Patients without an evaluated unit
    are left out. Raises NotEstimable with fewer than two patients, or where every patient has the same proportion, so that
    their spread cannot be seen; ValueError for impossible counts.
    """
    if len(events) != len(totals) or any(not 0 <= x <= n for x, n in zip(events, totals, strict=True)):
        raise ValueError("every patient has from 0 to all units with the event")
    counts = [(x, n) for x, n in zip(events, totals, strict=True) if n]
    m = len(counts)
    if m < 2:
        raise NotEstimable("the units of a single patient do not show how patients differ")
    with_event, total = sum(x for x, _ in counts), sum(n for _, n in counts)
    value = with_event / total
    if with_event in (0, total):
        return ClusterRobust(value, None, *exact(value * m, m, level), m, m - 1, "patients_exact")
    se = sqrt(m / (m - 1) * sum((x - value * n) ** 2 for x, n in counts)) / total
    # patients who all have one share leave rounding errors at most
    if se < 1e-9:
        raise NotEstimable("all patients have the same share, so that their spread cannot be seen")
    from scipy.special import stdtrit

    half = float(stdtrit(m - 1, 1 - (1 - level) / 2)) * se / (value * (1 - value))
    centre = log(value / (1 - value))
    return ClusterRobust(value, se, _expit(centre - half), _expit(centre + half), m, m - 1, "cluster_robust")


def _expit(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))
