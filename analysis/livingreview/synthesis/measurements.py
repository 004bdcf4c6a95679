"""Values and counts of scores as each source gives them, on the scale of the outcome; the source's own values are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from livingreview.synthesis.counting import Row, TherapySlice, arm_order, latest, months
from livingreview.synthesis.estimates import Estimate
from livingreview.synthesis.proportions import proportion

POINTS = ("before", "after")
LENGTHS = ("change", "median", "mean", "sd", "min", "max", "before_sd", "after_sd")
"""Values that are distances on a scale: changes, and spreads of values."""
VALUES = ("before", "after", "change", "median", "mean", "sd", "min", "max")


@dataclass(frozen=True, slots=True)
class Original:
    """Values as the source gives them, on its own scale from ``scale_min`` to ``scale_max``."""

    scale_min: float
    scale_max: float
    before: float | None
    before_sd: float | None
    after: float | None
    after_sd: float | None
    change: float | None
    median: float | None
    mean: float | None
    sd: float | None
    min: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class Measurement:
    """Values of one measurement in one arm as the source gives them (None: not given). ``measured`` is what the source
    calls it (its category), if anything. ``before_sd`` and ``after_sd`` are spreads of the values; ``median`` to ``max`` are of the change,
    and ``change_derived`` says that it is after − before, where only these two are given. All stand on the scale from ``scale_min`` to ``scale_max``
    (None: not stated); where that is not the source's own, ``original`` holds what it gives. ``as_reported`` are its words.
    ``used`` is False for earlier time points of the same measurement."""

    study_id: str
    label: str
    arm_id: str
    outcome: str
    outcome_name: str
    measured: str | None
    scale: str | None
    scale_min: float | None
    scale_max: float | None
    unit: str
    total: int | None
    before: float | None
    before_sd: float | None
    after: float | None
    after_sd: float | None
    change: float | None
    median: float | None
    mean: float | None
    sd: float | None
    min: float | None
    max: float | None
    p_value: str | None
    change_derived: bool
    timepoint_months: float | None
    basis: str | None
    as_reported: str | None
    original: Original | None
    used: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Improved:
    """How many units improved on a measurement: a count, not a change. None where the source gives no count."""

    study_id: str
    label: str
    arm_id: str
    outcome: str
    outcome_name: str
    measured: str | None
    unit: str
    events: int | None
    total: int | None
    timepoint_months: float | None
    basis: str | None
    as_reported: str | None
    used: bool
    reason: str | None
    estimate: Estimate | None


def measurements(data: TherapySlice, definition: Row, rows: Iterable[Row]) -> tuple[Measurement, ...]:
    """The rows of one outcome that give values, in print order."""
    with_values = [r for r in rows if any(r.get(v) is not None for v in VALUES)]
    return tuple(_measurement(data, definition, r, used) for r, used in _latest_marked(data, with_values))


def improvements(data: TherapySlice, definition: Row, rows: Iterable[Row]) -> tuple[Improved, ...]:
    """The rows of one outcome that count improved units, in print order."""
    with_counts = [r for r in rows if r.get("events") is not None]
    return tuple(_improved(data, definition, r, used) for r, used in _latest_marked(data, with_counts))


def _latest_marked(data: TherapySlice, rows: Iterable[Row]) -> list[tuple[Row, bool]]:
    """Rows in print order; True for the latest time point of each study, arm, unit and thing measured."""
    points: dict[tuple[Any, ...], list[float | None]] = defaultdict(list)
    rows = list(rows)
    for r in rows:
        points[r["study_id"], r["arm_id"], r["unit"], r.get("category")].append(months(r))
    place = arm_order(data)

    def order(r: Row) -> tuple[Any, ...]:
        at = months(r)
        point = -1.0 if at is None else at
        return (
            place[r["study_id"]],
            r["arm_id"],
            data.place("units", r["unit"]),
            str(r.get("category")),
            point,
            str(r.get("outcome_id")),
        )

    return [
        (r, months(r) == latest(points[r["study_id"], r["arm_id"], r["unit"], r.get("category")]))
        for r in sorted(rows, key=order)
    ]


def _measurement(data: TherapySlice, definition: Row, r: Row, used: bool) -> Measurement:
    values, scale, original = _on_scale(definition, r)
    derived = values["change"] is None and None not in (values["before"], values["after"])
    if derived:
        values["change"] = (values["after"] or 0.0) - (values["before"] or 0.0)
    return Measurement(
        study_id=r["study_id"],
        label=data.label(r["study_id"]),
        arm_id=r["arm_id"],
        outcome=r["outcome"],
        outcome_name=str(definition.get("name", r["outcome"])),
        measured=r.get("category"),
        scale=definition.get("scale"),
        scale_min=scale[0],
        scale_max=scale[1],
        unit=r["unit"],
        total=r.get("total"),
        **values,
        p_value=None if r.get("p_value") is None else str(r["p_value"]),
        change_derived=derived,
        timepoint_months=months(r),
        basis=r.get("basis"),
        as_reported=r.get("as_reported"),
        original=original,
        used=used,
        reason=None if used else "earlier time point",
    )


def _on_scale(
    definition: Row, r: Row
) -> tuple[dict[str, float | None], tuple[float | None, float | None], Original | None]:
    """Values of a row on the outcome's scale, the ends of the scale they stand on, and the source's own if these differ."""
    given = {v: None if r.get(v) is None else float(r[v]) for v in (*POINTS, *LENGTHS)}
    wanted = definition.get("range")
    low, high = r.get("scale_min"), r.get("scale_max")
    if low is None or high is None:
        return given, (None, None) if wanted is None else (float(wanted[0]), float(wanted[1])), None
    own = (float(low), float(high))
    if wanted is None or own == (float(wanted[0]), float(wanted[1])):
        return given, own, None
    from livingreview.synthesis.models.change_scores import rescale

    moved = {
        name: None if value is None else rescale(value, own, wanted, length=name in LENGTHS)
        for name, value in given.items()
    }
    return moved, (float(wanted[0]), float(wanted[1])), Original(scale_min=own[0], scale_max=own[1], **given)


def _improved(data: TherapySlice, definition: Row, r: Row, used: bool) -> Improved:
    return Improved(
        study_id=r["study_id"],
        label=data.label(r["study_id"]),
        arm_id=r["arm_id"],
        outcome=r["outcome"],
        outcome_name=str(definition.get("name", r["outcome"])),
        measured=r.get("category"),
        unit=r["unit"],
        events=r.get("events"),
        total=r.get("total"),
        timepoint_months=months(r),
        basis=r.get("basis"),
        as_reported=r.get("as_reported"),
        used=used,
        reason=None if used else "earlier time point",
        estimate=proportion(r["events"], r["total"], unit=r["unit"], level=data.level, used=(r["study_id"],))
        if r.get("total")
        else None,
    )
