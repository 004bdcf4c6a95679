"""Tipping point: how many unpublished failures would take the lower limit below the threshold."""

from __future__ import annotations

from livingreview.synthesis.analysis import Tipping
from livingreview.synthesis.proportions import clopper_pearson
from livingreview.synthesis.sentences import percent


def tipping(events: int, total: int, threshold: float, level: float) -> Tipping:
    """The smallest number of failures that, added to ``events`` of ``total``, bring the lower limit of the exact
    (Clopper–Pearson) interval below ``threshold``; 0 where it already lies below, None without data.

    The limit falls with every failure added, so a bisection finds it. Raises ValueError for impossible counts.
    """
    if not total:
        text = "Without a count no tipping point can be computed."
        return Tipping(threshold, None, None, None, None, text)

    def lower(failures: int) -> float:
        return clopper_pearson(events, total + failures, level)[0]

    now = lower(0)
    if now < threshold:
        text = (
            f"The lower limit of the exact interval already lies below {percent(threshold)} ({_near(now, threshold)}), without "
            "any unpublished failure."
        )
        return Tipping(threshold, 0, events, total, now, text)
    above, below = 0, 1
    while lower(below) >= threshold:
        above, below = below, 2 * below
    while below - above > 1:
        middle = (above + below) // 2
        above, below = (middle, below) if lower(middle) >= threshold else (above, middle)
    one = below == 1
    text = (
        f"{below} unpublished failure{' would' if one else 's would'} bring the lower limit of the exact interval below "
        f"{percent(threshold)} (from {percent(now)} to {_near(lower(below), threshold)})."
    )
    return Tipping(threshold, below, events, total, lower(below), text)


def _near(limit: float, threshold: float) -> str:
    """A limit below the threshold in so many digits that it reads as such."""
    digits = 0
    while round(100 * limit, digits) >= 100 * threshold and digits < 6:
        digits += 1
    return percent(limit) if not digits else f"{100 * limit:.{digits}f} %"
