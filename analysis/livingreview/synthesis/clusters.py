"""Units that lie in patients: how far the interval of a proportion of lesions must widen because lesions of one patient resemble each other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from livingreview.synthesis.analysis import AtIcc, Clusters
from livingreview.synthesis.counting import PATIENT, TherapySlice, covering
from livingreview.synthesis.estimates import METHODS, Estimate
from livingreview.synthesis.models.refusal import NotEstimable
from livingreview.synthesis.proportions import proportion
from livingreview.synthesis.responses import Response, told
from livingreview.synthesis.sentences import capital, counted, noun, percent
from livingreview.unit_columns import of_patient


def clusters(
    data: TherapySlice,
    readings: Sequence[Response],
    unit: str,
    level: float,
    icc: Sequence[float],
    counts: str = "responders",
) -> Clusters | None:
    """The interval of ``counts`` (``responders`` or ``complete``) over the units of these readings, which are of one construct.

    Readings of another unit and those not in use are passed over. None for patients, and where no unit is counted. The
    robust interval needs all patients of all arms one by one, with sums that are those of the readings; else the naive
    one is given with what it would be at each assumed correlation ``icc`` within patients.
    """
    used = [r for r in readings if r.used and r.unit == unit and told(r, counts) is not None and r.total]
    if unit == PATIENT or not used:
        return None
    events, total = sum(told(r, counts) or 0 for r in used), sum(r.total or 0 for r in used)
    ids = tuple(dict.fromkeys(r.study_id for r in used))
    naive = proportion(events, total, unit=unit, level=level, k=len(ids), used=ids)
    arms = {(r.study_id, r.arm_id) for r in used}
    by_patient = _by_patient(data, used, unit, counts)
    if by_patient is None:
        return assumed(data, naive, arms, icc)
    try:
        robust = _robust(naive, by_patient)
    except NotEstimable as why:
        return assumed(data, naive, arms, icc, why.reason)
    found = Clusters(total, len(by_patient), naive, robust, (), "")
    return replace(found, warning=_warning(data, found))


def assumed(
    data: TherapySlice,
    naive: Estimate,
    arms: Collection[tuple[str, str]],
    icc: Sequence[float],
    refused: str = "",
) -> Clusters:
    """What a proportion of units in these arms, (study, arm), would be at each correlation ``icc`` within patients.

    A one-sided ``naive`` limit stays one-sided. ``refused`` is the reason why the units that are known by patient do not help.
    """
    sizes = [b.size for b in data.blocks(PATIENT) if any((b.study_id, a) in arms for a in b.arms)]
    patients = None if not sizes or any(not s for s in sizes) else sum(s or 0 for s in sizes)
    events, total = naive.events or 0, naive.total or 0
    level = naive.level if naive.sided == 2 else 2 * naive.level - 1
    at = _at(events, total, patients, icc, level) if patients else ()
    found = Clusters(total, patients, naive, None, at, "")
    return replace(found, warning=_warning(data, found, refused))


def _by_patient(
    data: TherapySlice, used: Sequence[Response], unit: str, counts: str
) -> list[tuple[int, int]] | None:
    """(events, units) of each patient, None unless all patients of all arms are described and add up to the readings."""
    evaluated, responded = of_patient(unit)
    found: list[tuple[int, int]] = []
    for r in used:
        arm = data.arms_by_key[r.study_id, r.arm_id]
        people = covering(data, arm, evaluated) and covering(data, arm, responded)
        each = [(int(p[responded]), int(p[evaluated])) for p in people]
        if (sum(x for x, _ in each), sum(n for _, n in each)) != (told(r, counts), r.total):
            return None
        found += each
    return found


def _robust(naive: Estimate, by_patient: Sequence[tuple[int, int]]) -> Estimate:
    from livingreview.synthesis.models.lesions import cluster_robust

    found = cluster_robust([x for x, _ in by_patient], [n for _, n in by_patient], naive.level)
    method = METHODS[found.method]
    return Estimate(
        kind="proportion",
        value=found.value,
        lower=found.lower,
        upper=found.upper,
        level=naive.level,
        sided=2,
        method=found.method,
        method_name=method.name,
        citation=method.citation,
        events=naive.events,
        total=naive.total,
        k=naive.k,
        n=naive.n,
        unit=naive.unit,
        used=naive.used,
        se=found.se,
    )


def _at(events: int, total: int, patients: int, icc: Sequence[float], level: float) -> tuple[AtIcc, ...]:
    from livingreview.synthesis.models.lesions import at_icc

    return tuple(AtIcc(i, *at_icc(events, total, patients, i, level)) for i in icc)


def _warning(data: TherapySlice, found: Clusters, refused: str = "") -> str:
    units = data.protocol.get("units") or {}
    unit = found.naive.unit
    many = noun(2, unit, units)
    one = noun(1, PATIENT, units)
    start = f"{capital(many)} of one {one} are not independent"
    naive = _limits(found.naive)
    there = f"{counted(found.units, unit, units)} in {counted(found.patients or 0, PATIENT, units)}"
    if not found.patients:
        where = f"in how many {noun(2, PATIENT, units)} the {counted(found.units, unit, units)} lie is not reported"
        return f"{start}, and {where}; the interval of {naive} treats them as if they were and is too narrow."
    if found.robust:
        return (
            f"{start}; the interval of {_limits(found.robust)} allows for that ({there}, known {one} by {one}). "
            f"Treated as independent they would give {naive}."
        )
    if found.units <= found.patients:
        return (
            f"There are no more {many} than {noun(2, PATIENT, units)} ({there}), so that clustering hardly narrows the "
            f"interval of {naive}."
        )
    why = f" ({refused})" if refused else ""
    wider = [f"{_limits(a)} at {a.icc:g}" for a in found.at_icc]
    if wider:
        wider[0] = wider[0].replace(" at ", f" at a correlation within {noun(2, PATIENT, units)} of ")
    would = f"; it would be {', and '.join(wider)}" if wider else ", which is too narrow"
    return f"{start}, and how they cluster is not known{why}. Treated as independent, {there} give an interval of {naive}{would}."


def _limits(found: Estimate | AtIcc) -> str:
    """``34 to 78 %``."""
    return f"{percent(found.lower).removesuffix(' %')} to {percent(found.upper)}"
