"""One model fitted to many selections of the same studies, and where its interval lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from livingreview.synthesis.estimates import LeftOut
from livingreview.synthesis.pooled import Pooled
from livingreview.synthesis.selection import Counted

ABOVE = "above"
BELOW = "below"
UNDECIDED = "undecided"


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
    """Where the interval of a model lies against the threshold (see :func:`placed`); None without an estimate."""
    if pooled is None or pooled.estimate is None:
        return None
    return placed(pooled.estimate.lower, pooled.estimate.upper, threshold)


def placed(lower: float, upper: float, threshold: float) -> str:
    """``above`` (lower limit at or above the threshold), ``below`` (upper limit below it) or ``undecided`` (it lies between)."""
    return ABOVE if lower >= threshold else BELOW if upper < threshold else UNDECIDED
