"""Which studies an analysis takes, by columns of the tables, size and appraisal, with a printable reason for each left out.

A column is looked up where it says most: in the individually described patients if they are all patients of the arm and
each has a value, else in the arm, else in the study, else in the reading itself (its basis, its time). Patients of one arm
who differ are told apart only where their results are known one by one and agree with the count of the arm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from livingreview.protocol_codes import FIELD_OF_COLUMN, OF_READING, as_text
from livingreview.synthesis.counting import PATIENT, Row, TherapySlice
from livingreview.synthesis.degrees import CATEGORIES
from livingreview.synthesis.estimates import LeftOut
from livingreview.synthesis.responses import Response, told
from livingreview.synthesis.sentences import listed, within

Counted = tuple[str, int, int]
"""Study, events, total: what one study gives to a model."""


@dataclass(frozen=True, slots=True)
class Part:
    """Units of one used reading that enter an analysis: ``events`` of ``total``. ``patients`` are those who are left where a
    selection took some out, None for all of the reading."""

    reading: Response
    events: int
    total: int
    patients: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """Units of a reading that have one value of a column. ``events`` is None where the results of patients who differ are
    not known one by one."""

    value: Any
    events: int | None
    total: int
    patients: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A reading by the values of a column; ``known_by`` is patient, arm, study or reading, None where nobody reports it."""

    known_by: str | None
    shares: tuple[Share, ...]


def parts(readings: Iterable[Response], counts: str) -> tuple[Part, ...]:
    """What the used readings give, each whole; ``counts`` is ``responders`` or ``complete``."""
    return tuple(Part(r, n, r.evaluated) for r in readings if r.used and (n := told(r, counts)) is not None)


def summed(taken: Iterable[Part]) -> tuple[Counted, ...]:
    """Events and total by study, in the order of first appearance."""
    found: dict[str, tuple[int, int]] = {}
    for part in taken:
        events, total = found.get(part.reading.study_id, (0, 0))
        found[part.reading.study_id] = (events + part.events, total + part.total)
    return tuple((study, *counts) for study, counts in found.items())


def split(data: TherapySlice, part: Part, column: str, counts: str) -> Split:
    """The units of ``part`` by their values of ``column``; a value of None is not reported."""
    reading = part.reading
    arm = data.arms_by_key[reading.study_id, reading.arm_id]
    whole = Share(None, part.events, part.total, part.patients)
    everybody = data.participants_of(arm)
    people = [p for p in everybody if part.patients is None or p["patient_id"] in part.patients]
    described = bool(people) and arm.get(data.size_column(PATIENT)) == len(everybody)
    if described and all(p.get(column) is not None for p in people):
        return Split("patient", _by_patient(part, people, column, counts))
    for known_by, row in (("arm", arm), ("study", data.studies[reading.study_id])):
        if row.get(column) is not None:
            return Split(known_by, (replace(whole, value=row[column]),))
    if column in OF_READING and (value := getattr(reading, column)) is not None:
        return Split("reading", (replace(whole, value=value),))
    return Split(None, (whole,))


def _by_patient(part: Part, people: Sequence[Row], column: str, counts: str) -> tuple[Share, ...]:
    by_value: dict[Any, list[Row]] = {}
    for person in people:
        by_value.setdefault(person[column], []).append(person)
    if len(by_value) == 1:
        return (Share(next(iter(by_value)), part.events, part.total, part.patients),)
    results = results_by_patient(people, part, counts)
    return tuple(
        Share(
            value,
            None if results is None else sum(results[p["patient_id"]] for p in some),
            len(some),
            tuple(p["patient_id"] for p in some),
        )
        for value, some in by_value.items()
    )


def results_by_patient(people: Sequence[Row], part: Part, counts: str) -> dict[str, bool] | None:
    """Whether each of these patients is an event, None unless all results are told and agree with the counts of ``part``."""
    told_alike = set(CATEGORIES) - ({"any"} if counts == "complete" else set())
    positive = {"complete"} if counts == "complete" else told_alike - {"none"}
    if part.reading.unit != PATIENT or any(p.get("response") not in told_alike for p in people):
        return None
    found = {p["patient_id"]: p["response"] in positive for p in people}
    return found if (sum(found.values()), len(found)) == (part.events, part.total) else None


def select(
    data: TherapySlice, taken: Sequence[Part], selection: Row, counts: str
) -> tuple[tuple[Part, ...], tuple[LeftOut, ...]]:
    """The parts that a selection of the protocol keeps, and the studies of which nothing is left, each with its reason."""
    kept: list[Part] = []
    reasons: dict[str, str] = {}
    for part in taken:
        found, reason = _by_columns(data, part, selection, counts)
        reason = reason or appraisal_reason(data, part.reading.study_id, selection.get("appraisal") or {})
        if reason is None and found is not None:
            kept.append(found)
        else:
            reasons.setdefault(part.reading.study_id, str(reason))
    least = selection.get("least_total") or 1
    sizes = {study: total for study, _, total in summed(kept)}
    for study, size in sizes.items():
        if size < least:
            reasons.setdefault(study, f"fewer than {least} evaluated ({size})")
    kept = [p for p in kept if sizes[p.reading.study_id] >= least]
    used = {p.reading.study_id for p in kept}
    return tuple(kept), tuple(
        LeftOut(study, data.label(study), reason) for study, reason in reasons.items() if study not in used
    )


def _by_columns(
    data: TherapySlice, part: Part, selection: Row, counts: str
) -> tuple[Part | None, str | None]:
    """The units of the part that the columns keep, or the reason why none is."""
    for kept in (True, False):
        for column, values in (selection.get("keep" if kept else "drop") or {}).items():
            found, reason = _filter(data, part, column, counts, values, kept)
            if found is None:
                return None, reason
            part = found
    return part, None


def _filter(
    data: TherapySlice, part: Part, column: str, counts: str, values: Sequence[str], kept: bool
) -> tuple[Part | None, str | None]:
    shares = split(data, part, column, counts).shares
    fitting = [s for s in shares if (s.value is not None and _in(s.value, values)) == kept]
    if len(fitting) == len(shares):
        return part, None
    if not fitting:
        return None, _otherwise(data, column, shares)
    if any(s.events is None for s in shares):
        return None, f"{words(column)}: patients differ, and their results are not known one by one"
    events, total = sum(s.events or 0 for s in fitting), sum(s.total for s in fitting)
    patients = tuple(p for s in fitting for p in s.patients or ())
    return Part(part.reading, events, total, patients), None


def _in(value: Any, values: Iterable[str]) -> bool:
    """Whether a value of a table (a list holds several) is among the words of a protocol."""
    held = value if isinstance(value, list | tuple) else [value]
    return any(as_text(v) in values for v in held)


def _otherwise(data: TherapySlice, column: str, shares: Sequence[Share]) -> str:
    if all(s.value is None for s in shares):
        return f"{words(column)}: not reported"
    return f"{words(column)}: {listed([within(value_words(data, column, s.value)) for s in shares])}"


def words(column: str) -> str:
    """A column as it stands in a reason."""
    return column.replace("_", " ")


def value_words(data: TherapySlice, column: str, value: Any) -> str:
    """A value of a column as it prints: the protocol's label where it has one."""
    labels: Mapping[str, Any] = data.protocol.get(FIELD_OF_COLUMN.get(column, "")) or {}
    label = labels.get(as_text(value), as_text(value).replace("_", " "))
    return str(label.get("singular", value)) if isinstance(label, Mapping) else str(label)


def appraisal_reason(data: TherapySlice, study_id: str, wanted: Mapping[str, Row]) -> str | None:
    """Why a study's appraisal does not meet the items that the protocol asks for; None where it does or nothing is asked."""
    if not wanted:
        return None
    judged = data.appraisals.get(study_id) or {}
    if not judged:
        return "not appraised"
    tools = [t for t in judged if t in wanted]
    if not tools:
        return "appraised with a tool for which the protocol names no items"
    failing: dict[str, list[str]] = {}
    for tool in tools:
        for item, accepted in wanted[tool]["items"].items():
            judgement = judged[tool].get(str(item))
            if judgement not in accepted:
                failing.setdefault(words(judgement or "not judged"), []).append(str(item))
    if not failing:
        return None
    told_items = [
        f"{'item' if len(items) == 1 else 'items'} {listed(items)} {judgement}"
        for judgement, items in failing.items()
    ]
    return f"appraisal: {', '.join(told_items)}"
