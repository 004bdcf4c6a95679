"""Scores and measurements: listed as each source gives them; paired values of individual patients summarised.

Counts of patients who improved are counts, not changes of a score, and are kept apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from livingreview.synthesis.counting import Row, TherapySlice, arm_order, latest, months, primary
from livingreview.synthesis.estimates import Estimate
from livingreview.synthesis.proportions import proportion
from livingreview.synthesis.sentences import studies, within

VALUES = ("before", "after", "change", "median", "mean", "sd", "min", "max")


@dataclass(frozen=True, slots=True)
class Measurement:
    """Values of one measurement in one arm as the source gives them (None: not given). ``measured`` is what the source
    calls it (its category), if anything. ``change_derived``: after − before, where only these two are given.
    ``used`` is False for earlier time points of the same measurement."""

    study_id: str
    label: str
    arm_id: str
    outcome: str
    outcome_name: str
    measured: str | None
    scale: str | None
    unit: str
    total: int | None
    before: float | None
    after: float | None
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
    used: bool
    reason: str | None
    estimate: Estimate | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Individual paired changes (after − before) of the patients who have both values, sorted; None without any."""

    measure: str
    outcome: str | None
    studies: int
    n: int
    median: float | None
    min: float | None
    max: float | None
    values: tuple[float, ...]
    used: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OutcomeScores:
    """All that is reported on one outcome: values, counts of improved units, individual changes, and the studies that
    mention it in words alone. ``has_data`` is False where there is no number at all: the text then says "no data"."""

    outcome: str
    name: str
    kind: str
    scale: str | None
    has_data: bool
    measurements: tuple[Measurement, ...]
    improved: tuple[Improved, ...]
    changes: Changes | None
    words_only: tuple[str, ...]
    warnings: tuple[str, ...]


def scores(data: TherapySlice, *kinds: str) -> tuple[OutcomeScores, ...]:
    """One entry for each outcome of these kinds (default ``score``) that the protocol declares, in its order, so that
    an outcome without data is there to say so. Alternatives are left to the list of alternatives."""
    kinds = kinds or ("score",)
    first, _ = primary(data.of_kind(*kinds))
    by_code: dict[str, list[Row]] = defaultdict(list)
    for row in first:
        by_code[row["outcome"]].append(row)
    codes = [c for c, o in data.outcome_kinds.items() if o.get("kind", "other") in kinds]
    codes += sorted(set(by_code) - set(codes))
    pairs = _pairs(data)
    return tuple(
        _outcome(data, code, by_code.get(code, []), _changes_of(data, code, pairs)) for code in codes
    )


def _outcome(data: TherapySlice, code: str, rows: list[Row], changes: Changes | None) -> OutcomeScores:
    definition = data.outcome_kinds.get(code, {"name": code, "kind": "other"})
    name = str(definition.get("name", code))
    with_values = [r for r in rows if any(r.get(v) is not None for v in VALUES)]
    with_counts = [r for r in rows if r.get("events") is not None]
    numbers = with_values + with_counts
    told = {r["study_id"] for r in numbers}
    without_number = {r["study_id"] for r in rows} - told
    words = tuple(data.label(s) for s in data.studies if s in without_number)
    measurements = tuple(_measurement(data, definition, r, u) for r, u in _latest_marked(data, with_values))
    improved = tuple(_improved(data, name, r, u) for r, u in _latest_marked(data, with_counts))
    has_data = bool(numbers or (changes and changes.n))
    warnings: list[str] = []
    about = f"{data.therapy['name']}, {within(name)}"
    if not has_data:
        warnings.append(f"{about}: no data.")
    elif not changes or not changes.n:
        if not any(m.change is not None for m in measurements):
            warnings.append(f"{about}: no study reports a change of the values.")
        else:
            warnings.append(f"{about}: no paired values of individual patients are reported.")
    if words:
        warnings.append(
            f"{about}: {studies(len(words))} describe{'s' if len(words) == 1 else ''} it in words alone, without a number."
        )
    return OutcomeScores(
        outcome=code,
        name=name,
        kind=str(definition.get("kind", "other")),
        scale=definition.get("scale"),
        has_data=has_data,
        measurements=measurements,
        improved=improved,
        changes=changes,
        words_only=words,
        warnings=tuple(warnings),
    )


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
    change = r.get("change")
    derived = change is None and r.get("before") is not None and r.get("after") is not None
    if derived:
        change = r["after"] - r["before"]
    return Measurement(
        study_id=r["study_id"],
        label=data.label(r["study_id"]),
        arm_id=r["arm_id"],
        outcome=r["outcome"],
        outcome_name=str(definition.get("name", r["outcome"])),
        measured=r.get("category"),
        scale=definition.get("scale"),
        unit=r["unit"],
        total=r.get("total"),
        before=_number(r.get("before")),
        after=_number(r.get("after")),
        change=_number(change),
        median=_number(r.get("median")),
        mean=_number(r.get("mean")),
        sd=_number(r.get("sd")),
        min=_number(r.get("min")),
        max=_number(r.get("max")),
        p_value=None if r.get("p_value") is None else str(r["p_value"]),
        change_derived=derived,
        timepoint_months=months(r),
        basis=r.get("basis"),
        used=used,
        reason=None if used else "earlier time point",
    )


def _improved(data: TherapySlice, name: str, r: Row, used: bool) -> Improved:
    return Improved(
        study_id=r["study_id"],
        label=data.label(r["study_id"]),
        arm_id=r["arm_id"],
        outcome=r["outcome"],
        outcome_name=name,
        measured=r.get("category"),
        unit=r["unit"],
        events=r.get("events"),
        total=r.get("total"),
        timepoint_months=months(r),
        basis=r.get("basis"),
        used=used,
        reason=None if used else "earlier time point",
        estimate=proportion(r["events"], r["total"], unit=r["unit"], level=data.level, used=(r["study_id"],))
        if r.get("total")
        else None,
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _pairs(data: TherapySlice) -> dict[str, list[tuple[str, float]]]:
    """(study, after − before) by measure, from participant columns ``<measure>_before`` and ``<measure>_after``."""
    columns = sorted({c for p in data.participants for c in p})
    measures = [c.removesuffix("_before") for c in columns if c.endswith("_before")]
    found: dict[str, list[tuple[str, float]]] = {}
    for measure in measures:
        found[measure] = [
            (p["study_id"], float(after) - float(before))
            for p in data.participants
            if (before := p.get(f"{measure}_before")) is not None
            and (after := p.get(f"{measure}_after")) is not None
        ]
    return found


def _changes_of(data: TherapySlice, code: str, pairs: dict[str, list[tuple[str, float]]]) -> Changes | None:
    """Individual changes of the measure whose name begins the outcome's code (``pain`` for ``pain_vas``)."""
    for measure, found in sorted(pairs.items()):
        if code == measure or code.startswith(f"{measure}_"):
            return summary_of_changes(measure, code, found)
    return None


def summary_of_changes(measure: str, outcome: str | None, pairs: Sequence[tuple[str, float]]) -> Changes:
    """Median and range of (study, change) pairs; a change of 0 is a result, no pair at all gives None values."""
    values = sorted(change for _, change in pairs)
    used = tuple(sorted({study for study, _ in pairs}))
    return Changes(
        measure=measure,
        outcome=outcome,
        studies=len(used),
        n=len(values),
        median=median(values) if values else None,
        min=values[0] if values else None,
        max=values[-1] if values else None,
        values=tuple(values),
        used=used,
    )
