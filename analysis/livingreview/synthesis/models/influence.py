"""Series of re-analyses: without each study in turn, and with the studies entering one after the other.

They take the fit as a function of the positions of the studies that take part, so that they serve any model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from livingreview.synthesis.models import two_step
from livingreview.synthesis.models.refusal import NotEstimable

Fit = TypeVar("Fit")
Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Step(Generic[Fit]):
    """The fit with the study at ``position`` left out or added; ``fit`` is None where the rest cannot carry it, with the ``reason``."""

    position: int
    k: int
    fit: Fit | None
    reason: str | None


def leave_one_out(fit: Callable[[Positions], Fit], k: int) -> tuple[Step[Fit], ...]:
    """The ``k`` fits without one study each, in the order of the studies (Viechtbauer & Cheung, Res Synth Methods 2010;1:112-125)."""
    everyone = np.arange(k)
    return tuple(_step(fit, i, np.delete(everyone, i)) for i in range(k))


def cumulative(fit: Callable[[Positions], Fit], order: Sequence[int]) -> tuple[Step[Fit], ...]:
    """The fits as studies enter in ``order`` (positions from 0): Lau et al., N Engl J Med 1992;327:248-254."""
    entered = np.asarray(order, dtype=np.intp)
    return tuple(_step(fit, int(entered[i]), entered[: i + 1]) for i in range(entered.size))


def _step(fit: Callable[[Positions], Fit], position: int, taken: Positions) -> Step[Fit]:
    try:
        if taken.size == 0:
            raise NotEstimable("no study is left")
        return Step(position, int(taken.size), fit(taken), None)
    except NotEstimable as refusal:
        return Step(position, int(taken.size), None, refusal.reason)


def two_step_on(
    y: ArrayLike, v: ArrayLike, method: str = "REML", test: str = "z", level: float = 0.95
) -> Callable[[Positions], two_step.TwoStepFit]:
    """The two-step model as a function of positions, for leave_one_out and cumulative. One study alone stands for itself."""
    effects, variances = np.asarray(y, dtype=float), np.asarray(v, dtype=float)
    return lambda taken: two_step.fit_or_own(effects[taken], variances[taken], method, test=test, level=level)
