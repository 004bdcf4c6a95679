"""Recurrence with the follow-up behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from livingreview.synthesis.clusters import Clusters, assumed
from livingreview.synthesis.counting import (
    PATIENT,
    Row,
    TherapySlice,
    arm_order,
    covering,
    latest,
    months,
    primary,
    treated,
)
from livingreview.synthesis.estimates import Estimate
from livingreview.synthesis.proportions import proportion
from livingreview.synthesis.responses import Response
from livingreview.synthesis.sentences import counted, studies, within

YES, NO = ("yes", "true", "1"), ("no", "none", "false", "0")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Recurrence in one arm. ``exclusive``: the source counts it as a result beside the responses (they and it make up
    the number evaluated), so it is shown over the ``evaluated`` and never over the responders. ``denominator`` is
    ``evaluated``, ``responders`` or ``as_reported``. Follow-up of the arm in months, None where not reported."""

    study_id: str
    label: str
    arm_id: str
    unit: str
    events: int | None
    total: int | None
    exclusive: bool
    denominator: str
    follow_up_months: float | None
    follow_up_months_min: float | None
    follow_up_months_max: float | None
    source: str
    used: bool
    reason: str | None
    estimate: Estimate | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecurrenceSummary:
    """Recurrence over studies: ``totals`` one crude total by unit and denominator; ``k`` studies report a count,
    those in ``silent`` (labels) do not."""

    rows: tuple[Recurrence, ...]
    totals: tuple[RecurrenceTotal, ...]
    k: int
    silent: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecurrenceTotal:
    """Crude total of recurrence in one unit over one kind of denominator (kinds are never mixed)."""

    unit: str
    denominator: str
    k: int
    events: int
    total: int
    treated: int
    treated_unknown: int
    estimate: Estimate
    clusters: Clusters | None = None
    """Units that lie in patients: how many patients, and the interval as it would be at assumed correlations."""


def recurrence(data: TherapySlice, readings: Sequence[Response]) -> RecurrenceSummary:
    """Recurrence by study and in total; ``readings`` are the therapy's responses, to see what the counts are out of.

    Individual patients stand in only where they cover an arm of which outcomes.csv says nothing.
    """
    rows = _rows(data, readings)
    place = arm_order(data)
    rows.sort(key=lambda r: (place[r.study_id], r.arm_id, data.place("units", r.unit)))
    told = {r.study_id for r in rows if r.events is not None}
    silent = tuple(data.label(s) for s in data.studies if s not in told)
    name = data.therapy["name"]
    units = data.protocol.get("units") or {}
    warnings = []
    if not told:
        warnings.append(f"{name}: no data on recurrence.")
    else:
        warnings.append(f"{name}: recurrence is reported by {len(told)} of {studies(len(data.studies))}.")
    for r in rows:
        if r.exclusive and r.events is not None:
            warnings.append(
                f"{r.label} counts {counted(r.events, r.unit, units)} with recurrence as a result beside the responses: "
                f"{r.events} of {counted(r.total or 0, r.unit, units)} evaluated, not of the responders."
            )
    sums = list(_totals(data, rows))
    icc = (data.protocol.get("analyses") or {}).get("icc") or ()
    for i, total in enumerate(sums):
        if total.unit != PATIENT:
            arms = {
                (r.study_id, r.arm_id)
                for r in rows
                if r.used and (r.unit, r.denominator) == (total.unit, total.denominator)
            }
            lie_in = assumed(data, total.estimate, arms, icc)
            sums[i] = replace(total, clusters=lie_in)
            warnings.append(f"{name}, recurrence: {within(lie_in.warning)}")
    return RecurrenceSummary(tuple(rows), tuple(sums), len(told), silent, tuple(warnings))


def _rows(data: TherapySlice, readings: Sequence[Response]) -> list[Recurrence]:
    first, _ = primary(data.of_kind("recurrence"))
    grouped: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in first:
        grouped[row["study_id"], row["arm_id"], row["unit"]].append(row)
    by_arm: dict[tuple[str, str, str], list[Response]] = defaultdict(list)
    for reading in readings:
        by_arm[reading.study_id, reading.arm_id, reading.unit].append(reading)
    found = []
    for key, rows in grouped.items():
        point = latest([months(r) for r in rows if r.get("events") is not None] or [months(r) for r in rows])
        row = min(
            (r for r in rows if months(r) == point),
            key=lambda r: (r.get("events") is None, str(r.get("outcome_id"))),
        )
        found.append(_one(data, *key, row.get("events"), row.get("total"), by_arm[key], "outcomes"))
    told = {(r.study_id, r.arm_id) for r in found}
    for arm in data.arms:
        if (arm["study_id"], arm["arm_id"]) in told or not (people := covering(data, arm, "recurrence")):
            continue
        said = [str(p["recurrence"]).strip().casefold() for p in people]
        if all(s in (*YES, *NO) for s in said):
            key = (arm["study_id"], arm["arm_id"], PATIENT)
            found.append(
                _one(data, *key, sum(s in YES for s in said), len(people), by_arm[key], "participants")
            )
    return found


def _one(
    data: TherapySlice,
    study_id: str,
    arm_id: str,
    unit: str,
    events: int | None,
    total: int | None,
    readings: Sequence[Response],
    source: str,
) -> Recurrence:
    arm = data.arms_by_key[study_id, arm_id]
    exclusive = events is not None and any(r.recurrence_exclusive for r in readings)
    denominator = "as_reported"
    if total is not None and any(r.total == total for r in readings):
        denominator = "evaluated"
    elif total is not None and any(r.responders == total for r in readings):
        denominator = "responders"
    known = events is not None and bool(total)
    notes = (
        ("Counted by the source as a result of its own; never put over the responders.",) if exclusive else ()
    )
    return Recurrence(
        study_id=study_id,
        label=data.label(study_id),
        arm_id=arm_id,
        unit=unit,
        events=events,
        total=total,
        exclusive=exclusive,
        denominator=denominator,
        follow_up_months=_number(arm.get("follow_up_months")),
        follow_up_months_min=_number(arm.get("follow_up_months_min")),
        follow_up_months_max=_number(arm.get("follow_up_months_max")),
        source=source,
        used=known,
        reason=None if known else "no usable count is reported",
        estimate=proportion(events, total, unit=unit, level=data.level, used=(study_id,))
        if events is not None and total
        else None,
        notes=notes,
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _totals(data: TherapySlice, rows: Sequence[Recurrence]) -> tuple[RecurrenceTotal, ...]:
    grouped: dict[tuple[str, str], list[Recurrence]] = defaultdict(list)
    blocks = {(b.study_id, a): b.arms for b in data.blocks(PATIENT) for a in b.arms}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for r in rows:
        if not r.used:
            continue
        block = (r.study_id, blocks[r.study_id, r.arm_id])
        if r.unit == PATIENT and block in seen:
            continue
        seen.add(block)
        grouped[r.unit, r.denominator].append(r)
    result = []
    for unit, denominator in sorted(grouped, key=lambda key: (data.place("units", key[0]), key[1])):
        group = grouped[unit, denominator]
        events, total = sum(r.events or 0 for r in group), sum(r.total or 0 for r in group)
        ids = tuple(dict.fromkeys(r.study_id for r in group))
        size = treated(data, unit)
        estimate = proportion(events, total, unit=unit, level=data.level, k=len(ids), used=ids)
        result.append(
            RecurrenceTotal(
                unit, denominator, len(ids), events, total, size.count, size.arms_unknown, estimate
            )
        )
    return tuple(result)
