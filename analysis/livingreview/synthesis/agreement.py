"""Whether the present data agree with the figures that an earlier version published, differ, or cannot say.

Two proportions with exact intervals agree where each estimate lies in the other's interval, differ where the intervals do
not overlap, and else nothing can be said. The same count of the same total is most likely the same patients, and a figure
published without its counts has no interval: neither can confirm anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livingreview.published import figures
from livingreview.synthesis import records
from livingreview.synthesis.counterparts import Ours, counterpart
from livingreview.synthesis.estimates import Estimate
from livingreview.synthesis.proportions import proportion
from livingreview.synthesis.sentences import listed, percent
from livingreview.synthesis.therapy import TherapyResult

AGREE, DIFFER, CANNOT_SAY = "agree", "differ", "cannot_say"


@dataclass(frozen=True, slots=True)
class Agreement:
    """One published figure beside ours.

    ``kind`` says what is ours: ``analysis``, ``harm``, ``recurrence``, ``dose``, ``score``, ``nothing`` (said so by the protocol) or ``undeclared``.
    ``published`` has the exact interval of a printed count, None for another figure, whose numbers are then in ``numbers``.
    ``same_count``: labels of studies of ours, or of all that ours rests on, with the published count; they are then most likely the same patients.
    ``verdict`` is ``agree``, ``differ`` or ``cannot_say``; ``reason`` is a whole sentence.
    """

    path: str
    kind: str
    therapy: str | None
    numbers: dict[str, float]
    published: Estimate | None
    ours: Ours
    same_count: tuple[str, ...]
    verdict: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        """JSON-ready dictionary of the fields."""
        return dict(records.to_json(self))


def agreements(
    version: Mapping[str, Any],
    results: Mapping[str, TherapyResult],
    units: Mapping[str, Any],
    level: float,
) -> tuple[Agreement, ...]:
    """One entry for each figure of ``version["published"]``, sorted by path; ``version["comparisons"]`` declares what stands
    beside it, ``units`` are the protocol's. Raises ValueError for impossible published counts and KeyError for a counterpart
    in a therapy without a result."""
    declared = {c["published"]: c for c in version.get("comparisons") or ()}
    return tuple(
        _agreement(path, value, declared.get(path), results, units, level)
        for path, value in sorted(figures(version.get("published") or {}))
    )


def _agreement(
    path: str,
    value: Any,
    declared: Mapping[str, Any] | None,
    results: Mapping[str, TherapyResult],
    units: Mapping[str, Any],
    level: float,
) -> Agreement:
    numbers = (
        {k: float(v) for k, v in value.items()} if isinstance(value, Mapping) else {"value": float(value)}
    )
    published = None
    if {"events", "total"} <= set(numbers):
        published = proportion(
            int(numbers["events"]),
            int(numbers["total"]),
            unit="published",
            level=level,
            warnings=("published, not recomputed",),
        )
    ours = counterpart(declared, results, units)
    same = _same_count(published, ours)
    verdict, reason = _verdict(path, numbers, published, ours, same)
    return Agreement(
        path=path,
        kind=ours.kind,
        therapy=(declared or {}).get("therapy"),
        numbers=numbers,
        published=published,
        ours=ours,
        same_count=same,
        verdict=verdict,
        reason=reason,
    )


def _same_count(published: Estimate | None, ours: Ours) -> tuple[str, ...]:
    if published is None:
        return ()
    return tuple(c.label for c in ours.counts if (c.events, c.total) == (published.events, published.total))


def _verdict(
    path: str,
    numbers: Mapping[str, float],
    published: Estimate | None,
    ours: Ours,
    same: tuple[str, ...],
) -> tuple[str, str]:
    if ours.estimate is None and not ours.numbers:
        return CANNOT_SAY, ours.missing or "The present data hold no result to set beside it."
    if same and published is not None:
        return CANNOT_SAY, (
            f"The present data hold the same count, {published.events} of {published.total} ({listed(same)}): very likely the same "
            "patients, so neither figure confirms the other."
        )
    if published is not None and ours.estimate is not None:
        return _intervals(published, ours.estimate)
    sign = " %" if path.rsplit("_", 1)[-1] == "percent" else ""
    then = told(numbers, sign) if published is None else _share(published)
    now = told(ours.numbers) if ours.estimate is None else _share(ours.estimate)
    if published is not None:
        return CANNOT_SAY, f"A count was published, {then}, and the present data give none, but {now}."
    return CANNOT_SAY, f"No interval was published: {then} then, {now} now."


def _intervals(published: Estimate, ours: Estimate) -> tuple[str, str]:
    numbers = f"It was {_share(published)} then and is {_share(ours)} now"
    if published.upper < ours.lower or ours.upper < published.lower:
        return DIFFER, f"{numbers}: the intervals do not overlap."
    inside = ours.lower <= published.value <= ours.upper and published.lower <= ours.value <= published.upper
    if inside:
        return AGREE, f"{numbers}: each estimate lies in the interval of the other."
    return CANNOT_SAY, (
        f"{numbers}: the intervals overlap, but not each estimate lies in the interval of the other."
    )


def _share(estimate: Estimate) -> str:
    return f"{percent(estimate.value)} ({percent(estimate.lower)} to {percent(estimate.upper)})"


def told(numbers: Mapping[str, float], sign: str = "") -> str:
    """Plain numbers in words: ``median 3 (2 to 9)``, ``64 % to 81 %``, ``more than 11 %``, ``4``."""
    if "more_than" in numbers:
        return f"more than {_number(numbers['more_than'])}{sign}"
    ends = [f"{_number(numbers[e])}{sign}" for e in ("min", "max") if e in numbers]
    for name in ("median", "mean", "value"):
        if name in numbers:
            word = "" if name == "value" else f"{name} "
            return f"{word}{_number(numbers[name])}{sign}" + (f" ({' to '.join(ends)})" if ends else "")
    if ends:
        return " to ".join(ends)
    return listed([f"{name.replace('_', ' ')} {_number(n)}" for name, n in numbers.items()])


def _number(value: float) -> str:
    return f"{round(value, 2):g}".replace("-", "−")
