"""The limits of an estimate at a stricter level than prints, with all studies and with each left out: what a red alert rests on.

A living review looks again and again. Where the true value lies exactly at a threshold, the interval of 95 % excludes it at some
look in about a third of simulated sequences of 35 studies that differ from each other, the interval of 99 % in about one of seven;
asking that the crossing survive leave-one-out and the next look is stricter again. No level is spent over the looks: sequential
methods are not advised for the conclusions of updated reviews (Cochrane Handbook, version 6.5, chapter 22).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

FIRM_LEVEL = 0.99
"""Level of the limits whose crossing of a threshold counts as firm."""
Limits = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FirmLimits:
    """Limits at :data:`FIRM_LEVEL` from all studies (``left_out`` None) or without one; ``k`` studies and ``n`` units enter.

    Without an interval (too few values, or one that says nothing) both limits are None."""

    left_out: str | None
    k: int
    n: int
    lower: float | None
    upper: float | None


def firm_limits(
    studies: Sequence[tuple[str, int]],
    limits: Callable[[str | None], Limits | None],
    decided: Callable[[Limits], bool] = lambda _: True,
) -> tuple[FirmLimits, ...]:
    """Limits of all studies first, then without each in turn; nothing without studies.

    ``studies`` are (id, units); ``limits`` gives the limits without a study, or of all for None. Studies are left out only where the
    limits of all are ``decided``: what lies on neither side of a threshold has no crossing that could survive.
    """
    if not studies:
        return ()
    whole = limits(None)
    found = [_made(None, studies, whole)]
    if whole is not None and decided(whole):
        for study, _ in studies:
            rest = [entry for entry in studies if entry[0] != study]
            found.append(_made(study, rest, limits(study) if rest else None))
    return tuple(found)


def _made(left_out: str | None, studies: Iterable[tuple[str, int]], found: Limits | None) -> FirmLimits:
    sizes = [n for _, n in studies]
    lower, upper = found if found is not None else (None, None)
    return FirmLimits(left_out, len(sizes), sum(sizes), lower, upper)
