"""One model fitted to many selections of the same studies, and where its interval lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from livingreview.synthesis.estimates import LeftOut
from livingreview.synthesis.pooled import Pooled
from livingreview.synthesis.selection import Counted
from livingreview.synthesis.sentences import percent

ABOVE = "above"
BELOW = "below"
UNDECIDED = "undecided"
ROBUST = "robust"
ICC = "icc"
NAIVE = "naive"


@dataclass(frozen=True)
class Fit:
    """Fits the declared primary model (or another) to counts by study; the same counts are fitted once.

    ``level`` of confidence, ``unit`` of analysis, ``model`` the code of the primary model."""

    model: str
    level: float
    unit: str
    _known: dict[tuple[str, tuple[Counted, ...], tuple[LeftOut, ...]], Pooled] = field(
        default_factory=dict, repr=False
    )

    def __call__(
        self, counts: Sequence[Counted], model: str | None = None, left_out: tuple[LeftOut, ...] = ()
    ) -> Pooled:
        """What the model says of these counts, or the exact interval and the reason why it was not fitted."""
        from livingreview.synthesis.pool import pool

        key = (model or self.model, tuple(counts), left_out)
        if key not in self._known:
            self._known[key] = pool(key[1], key[0], level=self.level, unit=self.unit, left_out=left_out)
        return self._known[key]


def position(pooled: Pooled | None, threshold: float) -> str | None:
    """Where the interval of a model lies against the threshold (see :func:`placed`); None without an estimate, and where its
    back-translation was :func:`cut`."""
    if pooled is None or pooled.estimate is None or cut(pooled):
        return None
    return placed(pooled.estimate.lower, pooled.estimate.upper, threshold)


def cut(pooled: Pooled) -> str | None:
    """Why the interval of a fitted model says nothing, as a sentence: its value was cut at 0 or 1. None where it was not.

    Only the Freeman–Tukey translation does that: a mean beyond that of no event in a study of the harmonic size becomes 0,
    and limits beyond it collapse onto it, also where events were seen. A limit that alone is cut decides nothing."""
    if not pooled.fitted or pooled.estimate is None or pooled.estimate.value not in (0.0, 1.0):
        return None
    return (
        f"The value was cut at {percent(pooled.estimate.value)} when it was translated back, so that its interval is not read "
        "against the threshold."
    )


def placed(lower: float, upper: float, threshold: float) -> str:
    """``above`` (lower limit at or above the threshold), ``below`` (upper limit below it) or ``undecided`` (it lies between)."""
    return ABOVE if lower >= threshold else BELOW if upper < threshold else UNDECIDED


def cautious_limits(analysis: Mapping[str, Any]) -> tuple[float, float, str]:
    """The one interval of an analysis (as JSON) that may be read against the threshold: lower limit, upper limit (both 0 to 1), and what it is.

    ``robust`` where units within patients are known patient by patient, ``icc`` where they are not: the widest interval at a
    declared correlation within patients. ``naive`` is the interval of the main analysis itself: for patients, where no such
    interval could be had, and where a model fitted to the studies already gives a wider one than any assumed correlation.

    ValueError where the main analysis has no estimate."""
    estimate = analysis["main"]["estimate"]
    if estimate is None:
        raise ValueError(f"{analysis['code']}: the main analysis has no estimate, so no interval can be read")
    main = (estimate["lower"], estimate["upper"])
    clusters = analysis["clusters"]
    if clusters is None:
        return *main, NAIVE
    if clusters["robust"]:
        found, kind = (clusters["robust"]["lower"], clusters["robust"]["upper"]), ROBUST
    elif clusters["at_icc"]:
        found, kind = max(((a["lower"], a["upper"]) for a in clusters["at_icc"]), key=_width), ICC
    else:
        return *main, NAIVE
    if analysis["main"]["fitted"] and _width(main) > _width(found):
        return *main, NAIVE
    return *found, kind


def _width(limits: tuple[float, float]) -> float:
    return limits[1] - limits[0]
