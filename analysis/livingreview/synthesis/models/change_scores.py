"""Mean changes of a score: from values before and after with an assumed correlation, and between scales and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from livingreview.synthesis.models.effects import mean_changes
from livingreview.synthesis.models.refusal import NotEstimable


@dataclass(frozen=True, slots=True)
class MeanChange:
    """Mean change (after − before) of ``n`` units, standard deviation of the changes and standard error of their mean."""

    n: int
    change: float
    sd: float
    se: float

    @classmethod
    def of(cls, n: int, change: float, sd: float) -> MeanChange:
        """From the standard deviation of the changes. Raises NotEstimable for fewer than two units or no spread."""
        if n < 2:
            raise NotEstimable("a single unit has no standard error")
        if sd <= 0:
            raise NotEstimable("a standard deviation of 0 gives no finite weight")
        return cls(n, change, sd, sd / sqrt(n))

    def limits(self, level: float) -> tuple[float, float]:
        """Limits (lower, upper) of the mean change by t with n − 1 degrees of freedom."""
        from scipy.special import stdtrit

        half = float(stdtrit(self.n - 1, 1 - (1 - level) / 2)) * self.se
        return self.change - half, self.change + half


def sd_of_changes(sd_before: float, sd_after: float, r: float) -> float:
    """Standard deviation of the changes where before and after correlate with ``r``: √(s₁² + s₂² − 2 r s₁ s₂).

    Morris, Organ Res Methods 2008;11:364-386. Raises ValueError for a negative standard deviation or r beyond ±1.
    """
    variance = mean_changes(0.0, 0.0, sd_before, sd_after, 1, r).v[0]
    # with r = 1 and equal SDs rounding may leave less than nothing
    return sqrt(max(0.0, float(variance)))


def mean_change(
    before: float, after: float, sd_before: float, sd_after: float, n: int, r: float
) -> MeanChange:
    """Mean change with its standard error from means and standard deviations before and after in the same ``n`` units.

    Raises NotEstimable for fewer than two units or where the changes would have no spread.
    """
    return MeanChange.of(n, after - before, sd_of_changes(sd_before, sd_after, r))


def together(groups: Sequence[MeanChange]) -> MeanChange:
    """The mean change of separate groups seen as one group, the spread between them included (Cochrane Handbook 6.5.2.10).

    Raises ValueError without groups.
    """
    if not groups:
        raise ValueError("there is no group")
    if len(groups) == 1:
        return groups[0]
    n = sum(g.n for g in groups)
    change = sum(g.n * g.change for g in groups) / n
    squares = sum((g.n - 1) * g.sd**2 + g.n * (g.change - change) ** 2 for g in groups)
    return MeanChange.of(n, change, sqrt(squares / (n - 1)))


def rescale(
    value: float, from_range: Sequence[float], to_range: Sequence[float], *, length: bool = False
) -> float:
    """A value of one scale (lowest, highest) on another: its distance from the low end is stretched, and the low ends meet.

    ``length`` is for changes, standard deviations and other distances, which are stretched alone. Raises ValueError
    for a scale whose low end is not below its high end.
    """
    for low, high in (from_range, to_range):
        if not low < high:
            raise ValueError(f"a scale runs from a low to a high value, not from {low} to {high}")
    width, wanted = from_range[1] - from_range[0], to_range[1] - to_range[0]
    # multiplied before divided: 7 of 100 is 0.7 of 10 and not a rounding error beside it
    if length:
        return value * wanted / width
    return to_range[0] + (value - from_range[0]) * wanted / width
