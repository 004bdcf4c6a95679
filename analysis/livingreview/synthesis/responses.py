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
from livingreview.synthesis.sentences import counted, within

UNSPECIFIED = "unspecified"
"""Reserved construct code: what the response was judged on is not stated (so for individually described patients)."""


@dataclass(frozen=True, slots=True)
class ReadingRule:
    """Which report of a result may speak for an arm.

    ``counts``: the result that must be counted, ``responders`` (complete plus partial) or ``complete``. Rows enter only on one of
    ``bases`` (any, and none stated, when empty) and not later than ``latest_months`` (an unreported time is never too late).
    """

    counts: str = "responders"
    bases: tuple[str, ...] = ()
    latest_months: float | None = None


@dataclass(frozen=True, slots=True)
class TimePoint:
    """A reading of the same units at another time, listed and not used."""

    timepoint_months: float | None
    responders: int | None
    complete: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Response:
    """Reported response of one arm on one construct and unit; counts are None where they are unknown.

    ``total`` is the denominator that the source states, ``evaluated`` the units with a known result (0 where the
    source gives no count), ``treated`` the size of the arm (None: not reported), ``unreported`` = treated − evaluated.
    ``at_least``/``at_most`` bound the responders where they are not known (``at_least`` is 0 in a reading that is not to be
    counted: too late, or of patients counted in another arm). ``recurrence_exclusive`` are units that the
    source counts as recurrence instead of as a response. ``used`` says whether the totals count it, else ``reason``.
    ``patients`` are the patients in whom units other than patients lie. ``if_failures`` is the proportion among all
    treated units if every unreported one were a failure. Where a :class:`ReadingRule` asks for complete responses, ``used``,
    ``evaluated``, ``unreported``, ``at_least``, ``at_most`` and ``if_failures`` are those of complete responses.
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


def responses(data: TherapySlice, rule: ReadingRule | None = None) -> tuple[Response, ...]:
    """Every reading of the protocol's response outcome that speaks for its arm, in the order of studies.

    One per study, arm, unit and construct: of several time points the latest that ``rule`` allows and that has the count
    it asks for (without a rule: responders, on any basis, not later than the protocol's ``latest_months``). Arms of
    shared patients: the first arm's reading counts, the others say why not.
    """
    response = data.protocol.get("response") or {}
    code = response.get("outcome")
    rule = rule or ReadingRule(latest_months=response.get("latest_months"))
    first, _ = primary(r for r in data.outcomes if r["outcome"] == code)
    readings: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in first:
        readings[row["study_id"], row["arm_id"], row["unit"], row.get("construct") or UNSPECIFIED].append(row)
    reported = {(s, a) for s, a, _, _ in readings}
    found = [_reading(data, rule, *key, rows) for key, rows in readings.items()]
    for arm in data.arms:
        if (arm["study_id"], arm["arm_id"]) not in reported and (people := covering(data, arm, "response")):
            found.append(_from_participants(data, rule, arm, people))
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
    data: TherapySlice,
    rule: ReadingRule,
    study_id: str,
    arm_id: str,
    unit: str,
    construct: str,
    rows: list[Row],
) -> Response:
    by_time: dict[float | None, list[Row]] = defaultdict(list)
    for row in rows:
        by_time[months(row)].append(row)
    solved = {point: _solve_rows(point_rows) for point, point_rows in by_time.items()}
    allowed: dict[float | None, list[Row]] = {}
    for point, point_rows in by_time.items():
        kept = [r for r in point_rows if not rule.bases or r.get("basis") in rule.bases]
        if kept and (point is None or rule.latest_months is None or point <= rule.latest_months):
            allowed[point] = kept
            solved[point] = _solve_rows(kept)
    counted_points = [p for p in allowed if told(solved[p], rule.counts) is not None and solved[p].total]
    point = latest(counted_points or allowed or solved)
    others = tuple(
        TimePoint(p, solved[p].responders, solved[p].complete, solved[p].total)
        for p in sorted(solved, key=lambda p: -1.0 if p is None else p)
        if p != point
    )
    return _response(
        data,
        rule,
        (study_id, arm_id, unit, construct),
        point,
        _weakest(data, allowed.get(point, by_time[point])),
        "outcomes",
        solved[point],
        None if allowed else _not_allowed(data, rule, by_time),
        others,
    )


def told(counts: Counts | Response, wanted: str) -> int | None:
    """The number of ``responders`` or of ``complete`` responses that counts tell, None where they do not."""
    return counts.complete if wanted == "complete" else counts.responders


def _not_allowed(data: TherapySlice, rule: ReadingRule, by_time: dict[float | None, list[Row]]) -> str:
    """Why no report of an arm may be used: the time if its basis would do, else the basis."""
    rows = [r for point_rows in by_time.values() for r in point_rows]
    direct = [r for r in rows if not rule.bases or r.get("basis") in rule.bases]
    if direct and rule.latest_months is not None:
        return later_than(rule.latest_months)
    return basis_reason(data, _weakest(data, rows))


def basis_reason(data: TherapySlice, basis: str | None) -> str:
    """Why a result on this basis is not taken where the protocol asks for another."""
    if basis is None:
        return "what the result rests on is not stated"
    words = (data.protocol.get("bases") or {}).get(basis, basis)
    return f"the result rests on less than asked for ({within(str(words))})"


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


def _from_participants(data: TherapySlice, rule: ReadingRule, arm: Row, people: list[Row]) -> Response:
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
    refused = basis_reason(data, None) if rule.bases else None
    if point is not None and rule.latest_months is not None and point > rule.latest_months:
        refused = later_than(rule.latest_months)
    key = (arm["study_id"], arm["arm_id"], PATIENT, UNSPECIFIED)
    return _response(data, rule, key, point, None, "participants", counts, refused, ())


def _response(
    data: TherapySlice,
    rule: ReadingRule,
    key: tuple[str, str, str, str],
    point: float | None,
    basis: str | None,
    source: str,
    counts: Counts,
    refused: str | None,
    others: tuple[TimePoint, ...],
) -> Response:
    study_id, arm_id, unit, construct = key
    study = data.studies[study_id]
    arm = data.arms_by_key[study_id, arm_id]
    units = data.protocol.get("units") or {}
    size = arm.get(data.size_column(unit))
    exclusive = _exclusive_recurrence(data, study_id, arm_id, unit, counts)
    known = told(counts, rule.counts) is not None and bool(counts.total)
    evaluated = (counts.total or 0) if known else 0
    at_least, at_most = _bounds(counts, rule.counts)
    reason = refused or counts.problem or (None if known else _why_unknown(counts, rule.counts))
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
        at_least=0 if refused else at_least,
        at_most=at_most,
        total=counts.total,
        evaluated=evaluated,
        treated=of_treated,
        unreported=None if of_treated is None else of_treated - evaluated,
        patients=None if unit == PATIENT else arm.get(data.size_column(PATIENT)),
        used=reason is None,
        reason=reason,
        derived=counts.derived,
        other_timepoints=others,
        estimate=estimate(counts.responders, counts.total),
        complete_estimate=estimate(counts.complete, counts.total),
        if_failures=estimate(at_least, of_treated) if counts.total and (known or at_least) else None,
        notes=tuple(notes),
    )


def _bounds(counts: Counts, wanted: str) -> tuple[int, int | None]:
    """The smallest and the largest number of responders, or of complete responses, that the counts leave possible."""
    if wanted != "complete":
        return counts.at_least, counts.at_most
    if counts.complete is not None:
        return counts.complete, counts.complete
    return 0, None if counts.at_most is None else counts.at_most - (counts.partial or 0)


def later_than(months: float) -> str:
    """Why a reading after the time limit is refused, as a clause."""
    return f"reported only later than {months:g} months"


def _why_unknown(counts: Counts, wanted: str) -> str:
    if wanted == "complete" and counts.complete is None and counts.responders is not None:
        return "the degree of response is not reported"
    if told(counts, wanted) is not None:
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
