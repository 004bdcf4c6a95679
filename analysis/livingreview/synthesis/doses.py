"""Doses, sessions, durations and follow-up: what the arms report, with the missing ones counted."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from livingreview.synthesis.counting import Row, TherapySlice

ALWAYS = ("sessions", "interval_weeks", "treatment_duration_months", "follow_up_months")
"""Quantities listed even where no study reports them."""

_NOT_DOSES = ("n_", "age_")


@dataclass(frozen=True, slots=True)
class DoseValue:
    """What one arm reports: a value, a range, or both."""

    study_id: str
    label: str
    arm_id: str
    value: float | None
    min: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class Dose:
    """One quantity over the arms of a therapy.

    ``median``, ``min_value`` and ``max_value`` are over arms' own values; ``min`` and ``max`` also take the ends of
    reported ranges. ``reporting`` of ``arms`` arms (in ``studies_reporting`` of ``studies``) give a value or a range,
    ``missing`` do not; ``with_value`` give a value, which the median needs.
    """

    field: str
    arms: int
    reporting: int
    missing: int
    with_value: int
    studies: int
    studies_reporting: int
    median: float | None
    min_value: float | None
    max_value: float | None
    min: float | None
    max: float | None
    values: tuple[DoseValue, ...]


def doses(data: TherapySlice) -> dict[str, Dose]:
    """By quantity: every numeric column of the arms that is no head count and no age, its ``_median``, ``_min`` and
    ``_max`` columns taken together. Columns empty in all arms appear only if they are in ``ALWAYS``."""
    fields, head_counts = set(ALWAYS), set(data.unit_columns.values())
    for arm in data.arms:
        for column, value in arm.items():
            if (
                _number(value) is not None
                and not column.startswith(("_", *_NOT_DOSES))
                and column not in head_counts
            ):
                fields.add(_base(column))
    order = {
        column: i for i, column in enumerate(dict.fromkeys(_base(c) for a in data.arms for c in sorted(a)))
    }
    return {f: _dose(data, f) for f in sorted(fields, key=lambda f: (order.get(f, len(order)), f))}


def _base(column: str) -> str:
    for suffix in ("_median", "_min", "_max"):
        if column.endswith(suffix):
            return column.removesuffix(suffix)
    return column


def _dose(data: TherapySlice, name: str) -> Dose:
    values = [v for arm in data.arms if (v := _value(data, arm, name)) is not None]
    central = sorted(v.value for v in values if v.value is not None)
    ends = [x for v in values for x in (v.min, v.value, v.max) if x is not None]
    return Dose(
        field=name,
        arms=len(data.arms),
        reporting=len(values),
        missing=len(data.arms) - len(values),
        with_value=len(central),
        studies=len(data.studies),
        studies_reporting=len({v.study_id for v in values}),
        median=median(central) if central else None,
        min_value=central[0] if central else None,
        max_value=central[-1] if central else None,
        min=min(ends, default=None),
        max=max(ends, default=None),
        values=tuple(values),
    )


def _value(data: TherapySlice, arm: Row, name: str) -> DoseValue | None:
    low, high = _number(arm.get(f"{name}_min")), _number(arm.get(f"{name}_max"))
    value = _number(arm.get(name))
    if value is None:
        value = _number(arm.get(f"{name}_median"))
    if value is None and low is not None and low == high:
        value = low
    if value is None and low is None and high is None:
        return None
    return DoseValue(arm["study_id"], data.label(arm["study_id"]), arm["arm_id"], value, low, high)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
