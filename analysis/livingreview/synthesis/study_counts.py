"""Events of totals by study, and what every estimate from them carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livingreview.synthesis.estimates import METHODS, Estimate, LeftOut
from livingreview.synthesis.proportions import proportion


@dataclass(frozen=True, slots=True)
class StudyCounts:
    """``events`` of ``totals`` units of kind ``unit`` in the studies ``ids``; ``level`` of every interval."""

    ids: tuple[str, ...]
    events: tuple[int, ...]
    totals: tuple[int, ...]
    level: float
    unit: str
    left_out: tuple[LeftOut, ...]

    @property
    def k(self) -> int:
        """Number of studies."""
        return len(self.ids)

    @property
    def informative(self) -> int:
        """Studies with two or more units, without which nothing is known of the spread between studies."""
        return sum(n >= 2 for n in self.totals)

    def estimate(
        self, kind: str, method: str, value: float, limits: tuple[float, float], se: float | None = None
    ) -> Estimate:
        """An estimate of this kind by ``method`` (a key of METHODS) from these counts."""
        return Estimate(
            kind=kind,
            value=value,
            lower=limits[0],
            upper=limits[1],
            level=self.level,
            sided=2,
            method=method,
            method_name=METHODS[method].name,
            citation=METHODS[method].citation,
            events=sum(self.events),
            total=sum(self.totals),
            k=self.k,
            n=sum(self.totals),
            unit=self.unit,
            used=self.ids,
            left_out=self.left_out,
            se=se,
        )

    def crude(self) -> Estimate:
        """Summed counts with the exact interval."""
        return proportion(
            sum(self.events),
            sum(self.totals),
            unit=self.unit,
            level=self.level,
            k=self.k,
            used=self.ids,
            left_out=self.left_out,
        )


def study_counts(
    data: Sequence[tuple[str, int, int]], level: float, unit: str, left_out: tuple[LeftOut, ...]
) -> StudyCounts:
    """The counts of (study id, events, total), entries of one study added up. Raises ValueError for impossible counts."""
    summed: dict[str, tuple[int, int]] = {}
    for study, x, n in data:
        if not 0 <= x <= n or n < 1:
            raise ValueError(f"{study}: {x} of {n} is not a count of events among at least one unit")
        before = summed.get(study, (0, 0))
        summed[study] = (before[0] + x, before[1] + n)
    events = tuple(x for x, _ in summed.values())
    return StudyCounts(tuple(summed), events, tuple(n for _, n in summed.values()), level, unit, left_out)
