"""Crude totals of reported responses: one per unit and construct, never across them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from livingreview.synthesis.clusters import clusters
from livingreview.synthesis.counting import PATIENT, TherapySlice, Treated, treated, unsized
from livingreview.synthesis.estimates import Estimate, LeftOut
from livingreview.synthesis.proportions import proportion
from livingreview.synthesis.responses import Response
from livingreview.synthesis.sentences import counted, listed, noun, percent, studies, within


@dataclass(frozen=True, slots=True)
class CompleteTotal:
    """Complete responses over the readings that tell them; ``k_missing`` counted readings do not."""

    events: int | None
    total: int | None
    k: int
    k_missing: int
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Total:
    """Reported responses of one therapy on one construct in one unit.

    ``treated`` are all units of this kind in the therapy's arms (a minimum where ``treated_unknown`` arms do not report
    their size), ``evaluated`` those with a known result on this construct, ``unreported`` = treated − evaluated.
    ``estimate`` (and ``wilson``, the same by another method) is crude: responders/evaluated over studies, no model;
    None where k = 0. ``if_failures``: the certain responders among all treated, were every unreported unit a failure; None with
    ``if_failures_reason``, a clause, where the number treated is not known of every arm, since it would then be no bound.
    ``patients`` are those in whom the evaluated units lie, None when the unit is the patient or no arm reports them;
    ``patients_unknown`` arms do not. ``left_out`` names every other study of the therapy with the reason.
    """

    unit: str
    construct: str
    k: int
    responders: int
    evaluated: int
    treated: int
    treated_unknown: int
    unreported: int
    patients: int | None
    patients_unknown: int
    estimate: Estimate | None
    wilson: Estimate | None
    if_failures: Estimate | None
    if_failures_reason: str | None
    complete: CompleteTotal
    recurrence_exclusive: int
    designs: dict[str, int]
    bases: dict[str, int]
    single_unit_studies: int
    used: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]


def totals(data: TherapySlice, readings: Sequence[Response]) -> tuple[Total, ...]:
    """One total for each unit and construct on which any study of the therapy says something, in the order of the
    protocol's units, then of its constructs."""
    pairs = _in_order(data, readings)
    sizes = {unit: treated(data, unit) for unit in {u for u, _ in pairs}}
    by_study: dict[str, list[Response]] = {}
    for reading in readings:
        by_study.setdefault(reading.study_id, []).append(reading)
    return tuple(_total(data, unit, construct, readings, by_study, sizes[unit]) for unit, construct in pairs)


def _total(
    data: TherapySlice,
    unit: str,
    construct: str,
    readings: Sequence[Response],
    by_study: dict[str, list[Response]],
    size: Treated,
) -> Total:
    here = [r for r in readings if (r.unit, r.construct) == (unit, construct)]
    used = [r for r in here if r.used]
    responders = sum(r.responders or 0 for r in used)
    evaluated = sum(r.evaluated for r in used)
    # what is certain without a full count (at least so many of a known number responded) holds in the worst case too
    certain = responders + sum(r.at_least for r in here if not r.used and r.responders is None and r.total)
    used_ids = tuple(dict.fromkeys(r.study_id for r in used))
    counted_ids = set(used_ids)
    left_out = tuple(
        LeftOut(study_id, data.label(study_id), why_not(data, by_study.get(study_id, []), unit, construct))
        for study_id in data.studies
        if study_id not in counted_ids
    )
    arms = {(r.study_id, r.arm_id) for r in used}
    holders = [b for b in data.blocks(PATIENT) if any((b.study_id, a) in arms for a in b.arms)]
    lying_in = [b.size for b in holders if b.size is not None]
    patients = sum(lying_in) if unit != PATIENT and lying_in else None
    single = sum(r.total == 1 for r in used)
    # one study may count twice (two arms): designs and bases are of studies
    by_id = {r.study_id: r for r in used}
    result = Total(
        unit=unit,
        construct=construct,
        k=len(used_ids),
        responders=responders,
        evaluated=evaluated,
        treated=size.count,
        treated_unknown=size.arms_unknown,
        unreported=size.count - evaluated,
        patients=patients,
        patients_unknown=0 if unit == PATIENT else len(holders) - len(lying_in),
        estimate=None,
        wilson=None,
        if_failures=None,
        if_failures_reason=None,
        complete=_complete(used, unit, data.level),
        recurrence_exclusive=sum(r.recurrence_exclusive or 0 for r in used),
        designs=_tally(data, "designs", [r.design for r in by_id.values()]),
        bases=_tally(data, "bases", [r.basis for r in by_id.values()]),
        single_unit_studies=single,
        used=used_ids,
        left_out=left_out,
        warnings=(),
    )
    return _with_estimates(data, result, used, certain)


def _with_estimates(data: TherapySlice, bare: Total, used: Sequence[Response], certain: int) -> Total:
    warnings = _warnings(data, bare, used)
    common = {
        "unit": bare.unit,
        "level": data.level,
        "k": bare.k,
        "used": bare.used,
        "left_out": bare.left_out,
    }
    estimate = wilson = worst = None
    if bare.evaluated:
        estimate = proportion(bare.responders, bare.evaluated, warnings=warnings, **common)  # type: ignore[arg-type]
        wilson = proportion(bare.responders, bare.evaluated, method="wilson", warnings=warnings, **common)  # type: ignore[arg-type]
    reason = size_unknown(data, bare.unit)
    if reason is None and (certain or bare.evaluated):
        sized = {b.study_id for b in data.blocks(bare.unit) if b.at_least}
        worst = proportion(
            certain,
            bare.treated,
            unit=bare.unit,
            level=data.level,
            k=len(sized),
            used=[s for s in data.studies if s in sized],
            warnings=warnings,
        )
    return replace(
        bare,
        estimate=estimate,
        wilson=wilson,
        if_failures=worst,
        if_failures_reason=reason,
        warnings=warnings,
    )


def size_unknown(data: TherapySlice, unit: str) -> str | None:
    """Why unreported units cannot be taken as failures, as a clause: the number treated is not known of every arm. None where it is."""
    silent = unsized(data, unit)
    return f"the number treated is not known in {studies(len(silent))}" if silent else None


def _complete(used: Sequence[Response], unit: str, level: float) -> CompleteTotal:
    telling = [r for r in used if r.complete is not None]
    events = sum(r.complete or 0 for r in telling)
    total = sum(r.evaluated for r in telling)
    ids = tuple(dict.fromkeys(r.study_id for r in telling))
    silent = [r for r in used if r.complete is None]
    left_out = [LeftOut(r.study_id, r.label, "the degree of response is not reported") for r in silent]
    return CompleteTotal(
        events=events if telling else None,
        total=total if telling else None,
        k=len(ids),
        k_missing=len({r.study_id for r in silent}),
        estimate=proportion(events, total, unit=unit, level=level, k=len(ids), used=ids, left_out=left_out)
        if telling
        else None,
    )


def _in_order(data: TherapySlice, readings: Sequence[Response]) -> list[tuple[str, str]]:
    """Units and constructs of the readings, once each, in protocol order."""
    found = {(r.unit, r.construct) for r in readings}
    return sorted(found, key=lambda pair: (data.place("units", pair[0]), data.place("constructs", pair[1])))


def _tally(data: TherapySlice, field: str, values: Sequence[str | None]) -> dict[str, int]:
    named = [v or "not_reported" for v in values]
    return {v: named.count(v) for v in sorted(set(named), key=lambda v: data.place(field, v))}


def why_not(data: TherapySlice, readings: Sequence[Response], unit: str, construct: str) -> str:
    """Why the readings of one study give no count on this construct in this unit, in words that can be printed."""
    names = data.protocol.get("constructs") or {}
    units = data.protocol.get("units") or {}
    for reading in readings:
        if (reading.unit, reading.construct) == (unit, construct) and reading.reason:
            return reading.reason
    if not readings:
        return "no response is reported"
    told = _in_order(data, readings)
    return f"response reported as {listed([f'“{names.get(c, c)}” ({noun(2, u, units)})' for u, c in told])}"


def _warnings(data: TherapySlice, total: Total, used: Sequence[Response]) -> tuple[str, ...]:
    units = data.protocol.get("units") or {}
    about = (data.protocol.get("constructs") or {}).get(total.construct, total.construct)
    what = f"{data.therapy['name']}, {within(str(about))}, {noun(2, total.unit, units)}"
    found: list[str] = []
    if not total.k:
        return (f"{what}: no study reports a count of responses.",)
    if total.k == 1:
        found.append(f"{what}: a single study ({used[0].label}) reports a count.")
    elif total.single_unit_studies == len(used):
        found.append(
            f"{what}: each of the {studies(total.k)} contributes a single {noun(1, total.unit, units)}."
        )
    if total.unreported:
        least = "at least " if total.treated_unknown else ""
        found.append(
            f"{what}: for {total.unreported} of {least}{counted(total.treated, total.unit, units)} treated "
            f"({percent(total.unreported / total.treated)}) no count on this construct is reported."
        )
    if total.treated_unknown:
        arms = "1 arm does" if total.treated_unknown == 1 else f"{total.treated_unknown} arms do"
        found.append(
            f"{what}: {arms} not report how many {noun(2, total.unit, units)} were treated, so the numbers treated and "
            "unreported are minima, and no proportion with all unreported as failures can be given."
        )
    icc = (data.protocol.get("analyses") or {}).get("icc") or ()
    if clustered := clusters(data, used, total.unit, data.level, icc):
        found.append(f"{what}: {within(clustered.warning)}")
    indirect = [r for r in used if r.basis not in (None, data.direct)]
    if indirect:
        texts = data.protocol.get("bases") or {}
        given = sorted({str(r.basis) for r in indirect}, key=lambda b: data.place("bases", b))
        tally = {b: len({r.study_id for r in indirect if r.basis == b}) for b in given}
        if total.k == 1:
            kind = within(str(texts.get(indirect[0].basis, indirect[0].basis)))
            found.append(f"{what}: the count is not from the results of the report ({kind}).")
        else:
            kinds = ", ".join(f"{within(str(texts.get(b, b)))}: {n}" for b, n in tally.items())
            some = len({r.study_id for r in indirect})
            found.append(
                f"{what}: {some} of {total.k} studies' counts are not from the results of the report ({kinds})."
            )
    if silent := total.complete.k_missing:
        who = (
            "the study does"
            if total.k == 1
            else f"{silent} of {total.k} studies {'does' if silent == 1 else 'do'}"
        )
        found.append(f"{what}: {who} not tell complete from partial responses.")
    if total.recurrence_exclusive:
        found.append(
            f"{what}: {counted(total.recurrence_exclusive, total.unit, units)} with recurrence "
            f"{'is' if total.recurrence_exclusive == 1 else 'are'} counted by the source as a result of their own and "
            "not as responders; whether they had responded first is not known."
        )
    return tuple(found)
