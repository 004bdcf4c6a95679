"""Exact and score intervals of a proportion x of n."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from math import sqrt

from livingreview.synthesis.estimates import METHODS, Estimate, LeftOut


def check(events: int, total: int, level: float) -> None:
    """Raise ValueError unless 0 <= events <= total, total >= 1 and 0 < level < 1."""
    if total < 1 or not 0 <= events <= total:
        raise ValueError(f"{events} of {total} is not a count of events among at least one unit")
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not at {level}")


@functools.cache
def clopper_pearson(events: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Two-sided exact limits (lower, upper) of a proportion: Clopper & Pearson, Biometrika 1934;26:404-413.

    Each tail holds at most (1 - level)/2, through quantiles of the beta distribution. With no event the lower limit
    is 0, with nothing but events the upper limit is 1. Raises ValueError for impossible counts.
    """
    check(events, total, level)
    tail = (1 - level) / 2
    return _lower(events, total, tail), _upper(events, total, tail)


@functools.cache
def one_sided(events: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Exact limits for no event (0, upper) or nothing but events (lower, 1), the whole 1 - level in one tail.

    For no event the upper limit is 1 - (1 - level)^(1/n) (Clopper & Pearson 1934; the exact form behind the rule of
    three of Hanley & Lippman-Hand, JAMA 1983;249:1743-1745). Raises ValueError for any other count.
    """
    check(events, total, level)
    if events not in (0, total):
        raise ValueError(f"a one-sided limit is for no event or only events, not for {events} of {total}")
    if events == 0:
        return 0.0, _upper(0, total, 1 - level)
    return _lower(total, total, 1 - level), 1.0


@functools.cache
def wilson(events: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Score limits (lower, upper) without continuity correction: Wilson, J Am Stat Assoc 1927;22:209-212."""
    check(events, total, level)
    from scipy.special import ndtri

    z2 = float(ndtri(1 - (1 - level) / 2)) ** 2
    p = events / total
    centre = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = sqrt(z2 * (p * (1 - p) / total + z2 / (4 * total * total))) / (1 + z2 / total)
    # at the ends the algebra gives exactly 0 or 1; rounding would leave 1e-17
    return (0.0 if events == 0 else max(0.0, centre - half)), (
        1.0 if events == total else min(1.0, centre + half)
    )


def rule_of_three(total: int) -> float:
    """The quick upper 95 % limit 3/n for no event among n (Hanley & Lippman-Hand 1983), at most 1; fair from n of about 30."""
    check(0, total, 0.95)
    return min(1.0, 3 / total)


def _lower(events: int, total: int, tail: float) -> float:
    if events == 0:
        return 0.0
    if events == total:
        return float(tail ** (1 / total))
    from scipy.special import betaincinv

    return float(betaincinv(events, total - events + 1, tail))


def _upper(events: int, total: int, tail: float) -> float:
    # mirror of the lower limit of the non-events: near 1 this loses no digits, and the complement holds exactly
    return 1.0 - _lower(total - events, total, tail)


def proportion(
    events: int,
    total: int,
    *,
    unit: str,
    level: float = 0.95,
    method: str = "clopper_pearson",
    k: int = 1,
    used: Iterable[str] = (),
    left_out: Iterable[LeftOut] = (),
    warnings: Iterable[str] = (),
) -> Estimate:
    """The estimate events/total with the interval of ``method`` (a key of METHODS: clopper_pearson, wilson,
    clopper_pearson_one_sided). Raises ValueError for impossible counts, KeyError for an unknown method."""
    limits = {"clopper_pearson": clopper_pearson, "wilson": wilson, "clopper_pearson_one_sided": one_sided}[
        method
    ]
    lower, upper = limits(events, total, level)
    return Estimate(
        kind="proportion",
        value=events / total,
        lower=lower,
        upper=upper,
        level=level,
        sided=1 if method.endswith("one_sided") else 2,
        method=method,
        method_name=METHODS[method].name,
        citation=METHODS[method].citation,
        events=events,
        total=total,
        k=k,
        n=total,
        unit=unit,
        used=tuple(used),
        left_out=tuple(left_out),
        warnings=tuple(warnings),
    )
