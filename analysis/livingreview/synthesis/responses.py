"""Reported responses of each study: what the counts say, what follows from them by arithmetic, and what stays unknown.

A *reading* is the result of one study, arm, unit, construct and time point. Complete, partial and none are exclusive
counts. ``any`` means complete or partial with the degree unknown: such a reading has responders, while its complete
responses are missing. An empty count is unknown. What the counts leave no choice about is filled in and named in
``derived``; everything else stays missing, with the smallest number of responders that is certain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from livingreview.synthesis.counting import (
    PATIENT,
    Row,
    TherapySlice,
    arm_order,
    covering,
    latest,
    months,
    primary,
    same,
)
from livingreview.synthesis.degrees import CATEGORIES, Counts, solve
from livingreview.synthesis.estimates import Estimate
from livingreview.synthesis.proportions import proportion
from livingreview.synthesis.sentences import counted

UNSPECIFIED = "unspecified"
"""Reserved construct code: what the response was judged on is not stated (so for individually described patients)."""


@dataclass(frozen=True, slots=True)
class TimePoint:
    """A reading of the same units at another time, listed and not used."""

    timepoint_months: float | None
    responders: int | None
    complete: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A second reading of units already counted: shown, never summed."""

    study_id: str
    label: str
    arm_id: str
    outcome: str
    outcome_name: str
    unit: str
    construct: str | None
    category: str | None
    events: int | None
    total: int | None
    change: float | None
    timepoint_months: float | None
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Response:
    """Reported response of one arm on one construct and unit; counts are None where they are unknown.

    ``total`` is the denominator that the source states, ``evaluated`` the units with a known result (0 where the
    source gives no count), ``treated`` the size of the arm (None: not reported), ``unreported`` = treated − evaluated.
    ``at_least``/``at_most`` bound the responders where they are not known (``at_least`` is 0 in a reading that is not to be
    counted: too late, or of patients counted in another arm). ``recurrence_exclusive`` are units that the
    source counts as recurrence instead of as a response. ``used`` says whether the totals count it, else ``reason``.
    ``patients`` are the patients in whom units other than patients lie. ``if_failures`` is the proportion among all
    treated units if every unreported one were a failure.
    """

    study_id: str
    label: str
    year: int | None
    design: str | None
    source_kind: str | None
    arm_id: str
    unit: str
    construct: str
    timepoint_months: float | None
    basis: str | None
    source: str
    complete: int | None
    partial: int | None
    any_only: int | None
    none: int | None
    recurrence_exclusive: int | None
    responders: int | None
    at_least: int
    at_most: int | None
    total: int | None
    evaluated: int
    treated: int | None
    unreported: int | None
    patients: int | None
    used: bool
    reason: str | None
    derived: tuple[str, ...]
    other_timepoints: tuple[TimePoint, ...]
    estimate: Estimate | None
    complete_estimate: Estimate | None
    if_failures: Estimate | None
    notes: tuple[str, ...]


def responses(data: TherapySlice) -> tuple[Response, ...]:
    """Every reading of the protocol's response outcome that speaks for its arm, in the order of studies.

    One per study, arm, unit and construct: of several time points the latest with a count (not later than the
    protocol's ``latest_months``). Arms of shared patients: the first arm's reading counts, the others say why not.
    """
    code = (data.protocol.get("response") or {}).get("outcome")
    first, _ = primary(r for r in data.outcomes if r["outcome"] == code)
    readings: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in first:
        readings[row["study_id"], row["arm_id"], row["unit"], row.get("construct") or UNSPECIFIED].append(row)
    reported = {(s, a) for s, a, _, _ in readings}
    found = [_reading(data, *key, rows) for key, rows in readings.items()]
    for arm in data.arms:
        if (arm["study_id"], arm["arm_id"]) not in reported and (people := covering(data, arm, "response")):
            found.append(_from_participants(data, arm, people))
    place = arm_order(data)
    found.sort(
        key=lambda r: (
            place[r.study_id],
            data.place("units", r.unit),
            data.place("constructs", r.construct),
            r.arm_id,
        )
    )
    return tuple(_counted_once(data, found))


def _reading(
    data: TherapySlice, study_id: str, arm_id: str, unit: str, construct: str, rows: list[Row]
) -> Response:
    limit = (data.protocol.get("response") or {}).get("latest_months")
    by_time: dict[float | None, list[Row]] = defaultdict(list)
    for row in rows:
        by_time[months(row)].append(row)
    solved = {point: _solve_rows(point_rows) for point, point_rows in by_time.items()}
    allowed = [p for p in solved if p is None or limit is None or p <= limit]
    counted_points = [p for p in allowed if solved[p].responders is not None and solved[p].total]
    point = latest(counted_points or allowed or solved)
    late = None if allowed else f"reported only later than {limit:g} months"
    others = tuple(
        TimePoint(p, solved[p].responders, solved[p].complete, solved[p].total)
        for p in sorted(solved, key=lambda p: -1.0 if p is None else p)
        if p != point
    )
    basis = _weakest(data, by_time[point])
    return _response(
        data, study_id, arm_id, unit, construct, point, basis, "outcomes", solved[point], late, others
    )


def _solve_rows(rows: list[Row]) -> Counts:
    given: dict[str, int | None] = {}
    for row in rows:
        category = row.get("category")
        if category not in CATEGORIES:
            return Counts(
                None, None, None, None, None, 0, None, None, problem="the degree of response is not coded"
            )
        if category in given and given[category] != row.get("events"):
            return Counts(
                None, None, None, None, None, 0, None, None, problem="two different primary counts are given"
            )
        given[category] = row.get("events")
    totals = {row["total"] for row in rows if row.get("total") is not None}
    if len(totals) > 1:
        problem = "the categories are given of different numbers evaluated"
        complete, partial, either, none = (given.get(c) for c in CATEGORIES)
        return Counts(complete, partial, either, none, None, 0, None, None, problem=problem)
    return solve(given, next(iter(totals), None))


def _weakest(data: TherapySlice, rows: Iterable[Row]) -> str | None:
    """The least direct basis among rows: the one that the protocol, which lists the strongest first, lists last."""
    return max((b for r in rows if (b := r.get("basis"))), key=lambda b: data.place("bases", b), default=None)


def _from_participants(data: TherapySlice, arm: Row, people: list[Row]) -> Response:
    said = [p["response"] for p in people]
    given: dict[str, int | None] = (
        dict.fromkeys(("complete", "partial", "none"), 0) if "any" not in said else {}
    )
    if set(said) <= set(CATEGORIES):
        if "any" in said:
            # degrees are mixed with "some degree": only responders and non-responders are exclusive counts
            given = {"any": sum(c != "none" for c in said), "none": said.count("none")}
        else:
            given.update({c: said.count(c) for c in ("complete", "partial", "none")})
        counts = solve(given, len(people))
    else:
        counts = Counts(
            None, None, None, None, None, 0, None, None, problem="the degree of response is not coded"
        )
    point = same([p.get("follow_up_months") for p in people])
    return _response(
        data,
        arm["study_id"],
        arm["arm_id"],
        PATIENT,
        UNSPECIFIED,
        point,
        None,
        "participants",
        counts,
        None,
        (),
    )


def _response(
    data: TherapySlice,
    study_id: str,
    arm_id: str,
    unit: str,
    construct: str,
    point: float | None,
    basis: str | None,
    source: str,
    counts: Counts,
    late: str | None,
    others: tuple[TimePoint, ...],
) -> Response:
    study = data.studies[study_id]
    arm = data.arms_by_key[study_id, arm_id]
    units = data.protocol.get("units") or {}
    size = arm.get(data.size_column(unit))
    exclusive = _exclusive_recurrence(data, study_id, arm_id, unit, counts)
    known = counts.responders is not None and bool(counts.total)
    evaluated = (counts.total or 0) if known else 0
    reason = late or counts.problem or (None if known else _why_unknown(counts))
    of_treated = max(size, counts.total or 0) if size is not None else None
    notes = []
    if exclusive:
        notes.append(
            f"The source counts {counted(exclusive, unit, units)} with recurrence as a result of their own; "
            "whether these had responded first is not known."
        )
    if others:
        notes.append("Reported at several time points; the latest with a count is used.")
    if source == "participants":
        notes.append("Counted from the individually described patients, who are all patients of the arm.")

    def estimate(events: int | None, total: int | None) -> Estimate | None:
        if events is None or not total:
            return None
        return proportion(events, total, unit=unit, level=data.level, used=(study_id,))

    return Response(
        study_id=study_id,
        label=data.label(study_id),
        year=study.get("year"),
        design=study.get("design"),
        source_kind=study.get("source_kind"),
        arm_id=arm_id,
        unit=unit,
        construct=construct,
        timepoint_months=point,
        basis=basis,
        source=source,
        complete=counts.complete,
        partial=counts.partial,
        any_only=counts.any_only,
        none=counts.none,
        recurrence_exclusive=exclusive,
        responders=counts.responders,
        at_least=0 if late else counts.at_least,
        at_most=counts.at_most,
        total=counts.total,
        evaluated=evaluated,
        treated=of_treated,
        unreported=None if of_treated is None else of_treated - evaluated,
        patients=None if unit == PATIENT else arm.get(data.size_column(PATIENT)),
        used=reason is None,
        reason=reason,
        derived=counts.derived,
        other_timepoints=others,
        estimate=estimate(counts.responders, counts.total) if known else None,
        complete_estimate=estimate(counts.complete, counts.total),
        if_failures=estimate(counts.at_least, of_treated)
        if counts.total and (known or counts.at_least)
        else None,
        notes=tuple(notes),
    )


def _why_unknown(counts: Counts) -> str:
    if counts.responders is not None:
        return "the number evaluated is not reported"
    if counts.at_least:
        of = f" of {counts.total}" if counts.total else ""
        return f"not every degree of response is counted: at least {counts.at_least}{of} responded"
    return "a response is reported without a count"


def _exclusive_recurrence(
    data: TherapySlice, study_id: str, arm_id: str, unit: str, counts: Counts
) -> int | None:
    """Units with recurrence, where complete + partial + none + recurrence make up exactly the number evaluated."""
    if counts.total is None or counts.problem or None in (counts.complete, counts.partial, counts.none):
        return None
    told = (counts.complete or 0) + (counts.partial or 0) + (counts.none or 0)
    rows, _ = primary(data.of_kind_in(study_id, arm_id, "recurrence"))
    events = sum(
        r["events"] for r in rows if r["unit"] == unit and r.get("total") == counts.total and r.get("events")
    )
    return events if events and told + events == counts.total else None


def _counted_once(data: TherapySlice, found: list[Response]) -> list[Response]:
    """The same readings; where several arms hold the same patients, only the first with a count stays in use."""
    blocks = {(b.study_id, a): b for b in data.blocks(PATIENT) for a in b.arms}
    rivals: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for i, r in enumerate(found):
        if r.unit == PATIENT:
            rivals[r.study_id, blocks[r.study_id, r.arm_id].arms, r.construct].append(i)
    result = list(found)
    for (_, arms, _), places in rivals.items():

        def rank(i: int, arms: tuple[str, ...] = arms) -> tuple[bool, int, int]:
            r = found[i]
            return (not r.used, 0 if r.used else -r.at_least, arms.index(r.arm_id))

        for i in sorted(places, key=rank)[1:]:
            result[i] = replace(
                found[i], used=False, at_least=0, reason="same patients as another arm, counted once"
            )
    return result


def alternatives(data: TherapySlice) -> tuple[Alternative, ...]:
    """Second readings of any outcome (rows with ``alternative_to``), with their exact interval where they are counts."""
    _, second = primary(data.outcomes)
    return tuple(
        Alternative(
            study_id=r["study_id"],
            label=data.label(r["study_id"]),
            arm_id=r["arm_id"],
            outcome=r["outcome"],
            outcome_name=str(data.outcome_kinds.get(r["outcome"], {}).get("name", r["outcome"])),
            unit=r["unit"],
            construct=r.get("construct"),
            category=r.get("category"),
            events=r.get("events"),
            total=r.get("total"),
            change=r.get("change"),
            timepoint_months=months(r),
            estimate=proportion(
                r["events"], r["total"], unit=r["unit"], level=data.level, used=(r["study_id"],)
            )
            if r.get("events") is not None and r.get("total")
            else None,
        )
        for r in second
    )
