"""Harms: what was looked for, in whom, and what was found. A harm that nobody reports on is unknown, never absent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from livingreview.synthesis.clusters import assumed
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
from livingreview.synthesis.estimates import Estimate, LeftOut, Reported
from livingreview.synthesis.proportions import proportion, rule_of_three
from livingreview.synthesis.sentences import counted, percent, studies, within

ANY = "any"
"""Category of any adverse event at all; no event of it means that none was seen."""
NONE = "none"
"""What the individual patient's column says when the source reports that there was no adverse event."""


@dataclass(frozen=True, slots=True)
class Harm:
    """One harm in one arm. ``status``: ``counted`` (events of total), ``none_reported`` (looked for, no event), or
    ``unknown`` (named without a usable count; events or total are None). With no event the estimate is a one-sided
    exact upper limit, else a two-sided interval. ``source`` is ``outcomes`` or ``participants``. ``as_reported`` are words of the
    source ("almost all"), which no number stands for."""

    study_id: str
    label: str
    arm_id: str
    outcome: str
    category: str
    unit: str
    events: int | None
    total: int | None
    timepoint_months: float | None
    basis: str | None
    as_reported: str | None
    status: str
    source: str
    used: bool
    reason: str | None
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class HarmTotal:
    """One harm over the studies that count it; ``evaluated`` are the units in which it was looked for. Both this and ``events``
    are None where no study counts it. ``words`` are what studies without a count say."""

    outcome: str
    outcome_name: str
    category: str
    unit: str
    k: int
    k_unknown: int
    events: int | None
    evaluated: int | None
    estimate: Estimate | None
    rule_of_three: float | None
    words: tuple[Reported, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HarmSummary:
    """All harms of a therapy. ``evaluated`` patients had at least one harm counted or reported as absent, in ``k`` studies, out of
    ``treated``; ``unreported`` is the difference. ``k_unknown`` further studies mention harms without a count;
    ``silent`` studies say nothing of harms. ``evaluated_for_any`` patients are those of whom the source says whether they
    had any harm at all; in the others only the named harms are known."""

    rows: tuple[Harm, ...]
    totals: tuple[HarmTotal, ...]
    k: int
    evaluated: int
    treated: int
    treated_unknown: int
    unreported: int
    evaluated_for_any: int
    k_unknown: int
    silent: tuple[LeftOut, ...]
    warnings: tuple[str, ...]


def harms(data: TherapySlice) -> HarmSummary:
    """Harms by study and by category. Alternatives are not counted; of several time points the latest with a count is;
    arms of shared patients count once; individual patients stand in only where they cover an arm of which
    outcomes.csv reports no harm."""
    rows = _rows(data)
    place = arm_order(data)
    rows.sort(
        key=lambda h: (
            place[h.study_id],
            h.arm_id,
            h.category != ANY,
            h.category.casefold(),
            data.place("units", h.unit),
        )
    )
    counted_rows = [h for h in rows if h.used and h.status != "unknown"]
    sizes = treated(data, PATIENT)

    # different harms of one arm are looked for in the same people: the largest denominator, not the sum
    def looked_at(rows: list[Harm]) -> int:
        looked: dict[tuple[str, str], int] = defaultdict(int)
        for h in rows:
            if h.unit == PATIENT:
                looked[h.study_id, h.arm_id] = max(looked[h.study_id, h.arm_id], h.total or 0)
        return sum(max(looked.get((b.study_id, a), 0) for a in b.arms) for b in data.blocks(PATIENT))

    evaluated = looked_at(counted_rows)
    with_count = {h.study_id for h in counted_rows}
    mentioned = {h.study_id for h in rows}
    silent = tuple(
        LeftOut(s, data.label(s), "no statement on harms could be read")
        for s in data.studies
        if s not in mentioned
    )
    summary = HarmSummary(
        rows=tuple(rows),
        totals=_totals(data, rows),
        k=len(with_count),
        evaluated=evaluated,
        treated=sizes.count,
        treated_unknown=sizes.arms_unknown,
        unreported=sizes.count - evaluated,
        evaluated_for_any=looked_at([h for h in counted_rows if h.category == ANY]),
        k_unknown=len(mentioned - with_count),
        silent=silent,
        warnings=(),
    )
    return replace(summary, warnings=_warnings(data, summary))


def _rows(data: TherapySlice) -> list[Harm]:
    first, _ = primary(data.of_kind("harm"))
    grouped: dict[tuple[str, str, str, str, str], list[Row]] = defaultdict(list)
    for row in first:
        category = str(row.get("category") or ANY)
        grouped[row["study_id"], row["arm_id"], row["outcome"], category, row["unit"]].append(row)
    found: list[Harm] = []
    for (study_id, arm_id, outcome, category, unit), rows in grouped.items():
        point = latest([months(r) for r in rows if r.get("events") is not None] or [months(r) for r in rows])
        row = min(
            (r for r in rows if months(r) == point),
            key=lambda r: (r.get("events") is None, r.get("total") is None, str(r.get("outcome_id"))),
        )
        found.append(
            _harm(
                data,
                study_id,
                arm_id,
                outcome,
                category,
                unit,
                row.get("events"),
                row.get("total"),
                point,
                row.get("basis"),
                as_reported=row.get("as_reported"),
            )
        )
    told = {(h.study_id, h.arm_id) for h in found}
    code = next((o["code"] for o in data.protocol.get("outcomes", ()) if o.get("kind") == "harm"), "harm")
    for arm in data.arms:
        if (arm["study_id"], arm["arm_id"]) not in told and (people := covering(data, arm, "adverse_events")):
            # one patient may have had several harms, separated by semicolons; the same harm counts once in a patient
            said = [
                {h.strip().casefold() for h in str(p["adverse_events"]).split(";")} - {"", NONE}
                for p in people
            ]
            named = sorted(set().union(*said))
            for category, events in [
                (ANY, sum(map(bool, said))),
                *((h, sum(h in s for s in said)) for h in named),
            ]:
                found.append(
                    _harm(
                        data,
                        arm["study_id"],
                        arm["arm_id"],
                        code,
                        category,
                        PATIENT,
                        events,
                        len(people),
                        None,
                        None,
                        source="participants",
                    )
                )
    return _counted_once(data, found)


def _harm(
    data: TherapySlice,
    study_id: str,
    arm_id: str,
    outcome: str,
    category: str,
    unit: str,
    events: int | None,
    total: int | None,
    point: float | None,
    basis: str | None,
    source: str = "outcomes",
    as_reported: str | None = None,
) -> Harm:
    known = events is not None and bool(total)
    estimate = None
    if events is not None and total:
        method = "clopper_pearson" if events else "clopper_pearson_one_sided"
        estimate = proportion(events, total, unit=unit, level=data.level, method=method, used=(study_id,))
    return Harm(
        study_id=study_id,
        label=data.label(study_id),
        arm_id=arm_id,
        outcome=outcome,
        category=category,
        unit=unit,
        events=events,
        total=total,
        timepoint_months=point,
        basis=basis,
        as_reported=as_reported,
        status="unknown" if not known else "none_reported" if events == 0 else "counted",
        source=source,
        used=known,
        reason=None if known else _why_unknown(events, total, unit, data.protocol.get("units") or {}),
        estimate=estimate,
    )


def _why_unknown(events: int | None, total: int | None, unit: str, units: Mapping[str, Any]) -> str:
    """Why a harm is in no denominator, with the part of the count that the source gives."""
    if events is not None:
        return f"seen in {counted(events, unit, units)}; how many were evaluated is not reported"
    if total:
        return f"looked for in {counted(total, unit, units)}; how many were affected is not reported"
    return "no usable count is reported"


def _counted_once(data: TherapySlice, found: list[Harm]) -> list[Harm]:
    blocks = {(b.study_id, a): b.arms for b in data.blocks(PATIENT) for a in b.arms}
    seen: set[tuple[str, tuple[str, ...], str, str]] = set()
    result = []
    for harm in sorted(found, key=lambda h: (h.study_id, blocks[h.study_id, h.arm_id].index(h.arm_id))):
        key = (harm.study_id, blocks[harm.study_id, harm.arm_id], harm.outcome, harm.category.casefold())
        if harm.unit == PATIENT and harm.used and key in seen:
            harm = replace(harm, used=False, reason="same patients as another arm, counted once")
        elif harm.unit == PATIENT and harm.used:
            seen.add(key)
        result.append(harm)
    return result


def _totals(data: TherapySlice, rows: list[Harm]) -> tuple[HarmTotal, ...]:
    grouped: dict[tuple[str, str, str], list[Harm]] = defaultdict(list)
    for harm in rows:
        if harm.used or harm.status == "unknown":
            grouped[harm.unit, harm.outcome, harm.category.casefold()].append(harm)
    codes = list(data.outcome_kinds)
    result = []
    for unit, outcome, category in sorted(
        grouped,
        key=lambda key: (
            data.place("units", key[0]),
            codes.index(key[1]) if key[1] in codes else len(codes),
            key[2] != ANY,
            key[2],
        ),
    ):
        group = grouped[unit, outcome, category]
        used = [h for h in group if h.used]
        unknown = [LeftOut(h.study_id, h.label, h.reason or "") for h in group if not h.used]
        events = sum(h.events or 0 for h in used)
        total = sum(h.total or 0 for h in used)
        ids = tuple(dict.fromkeys(h.study_id for h in used))
        units = data.protocol.get("units") or {}
        warnings = []
        if used and events == 0:
            warnings.append(
                f"No event among {counted(total, unit, units)} does not mean no risk: the data are compatible with a "
                f"risk of up to {percent(1 - (1 - data.level) ** (1 / total))}."
            )
        words = tuple(
            Reported(h.study_id, h.label, h.as_reported) for h in group if not h.used and h.as_reported
        )
        warnings += [_without_count(h, units) for h in group if not h.used]
        estimate = None
        if used:
            method = "clopper_pearson" if events else "clopper_pearson_one_sided"
            estimate = proportion(
                events,
                total,
                unit=unit,
                level=data.level,
                method=method,
                k=len(ids),
                used=ids,
                left_out=unknown,
            )
            if unit != PATIENT:
                icc = (data.protocol.get("analyses") or {}).get("icc") or ()
                warnings.append(assumed(data, estimate, {(h.study_id, h.arm_id) for h in used}, icc).warning)
            estimate = replace(estimate, warnings=tuple(warnings))
        result.append(
            HarmTotal(
                outcome=outcome,
                outcome_name=str(data.outcome_kinds.get(outcome, {}).get("name", outcome)),
                category=used[0].category if used else group[0].category,
                unit=unit,
                k=len(ids),
                k_unknown=len({u.study_id for u in unknown} - set(ids)),
                events=events if used else None,
                evaluated=total if used else None,
                estimate=estimate,
                rule_of_three=rule_of_three(total) if used and events == 0 else None,
                words=words,
                warnings=tuple(warnings),
            )
        )
    return tuple(result)


def _without_count(harm: Harm, units: Mapping[str, Any]) -> str:
    """What is known of a harm that is in no denominator: the words of the source, or the part of the count that it gives."""
    if harm.events is not None or (harm.total and not harm.as_reported):
        known = _why_unknown(harm.events, harm.total, harm.unit, units)
    elif harm.as_reported:
        known = f"reported as “{harm.as_reported}”; the count is unknown"
    else:
        known = "mentioned without a usable count"
    return f"{harm.label}: {known}, so not in the denominator."


def _warnings(data: TherapySlice, summary: HarmSummary) -> tuple[str, ...]:
    name = data.therapy["name"]
    units = data.protocol.get("units") or {}
    if not summary.k and not summary.k_unknown:
        return (f"{name}: no data on harms could be read in any of the {studies(len(data.studies))}.",)
    found = []
    least = "at least " if summary.treated_unknown else ""
    found.append(
        f"{name}: harms are counted for {summary.evaluated} of {least}{counted(summary.treated, PATIENT, units)} treated "
        f"({summary.k} of {studies(len(data.studies))}); for the others they are not reported, which does not mean "
        "that there were none."
    )
    if named_only := summary.evaluated - summary.evaluated_for_any:
        found.append(
            f"{name}: of {counted(named_only, PATIENT, units)} only the named harms are known, not whether there were others."
        )
    without = [h for h in summary.rows if h.status == "unknown"]
    found += [f"{name}, {_harm_name(data, h)}: {_without_count(h, units)}" for h in without]
    return tuple(dict.fromkeys(found))


def _harm_name(data: TherapySlice, harm: Harm) -> str:
    """What a harm is called within a sentence: its category, or the outcome where that is any event at all."""
    if harm.category != ANY:
        return within(harm.category)
    return within(str(data.outcome_kinds.get(harm.outcome, {}).get("name", harm.outcome)))
