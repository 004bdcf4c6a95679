"""Everything the supplement lists, as printable rows: included studies with their data, all others with reasons,
queries, appraisal, data dictionary.

Every text prints as it is (its escaping is done where documents are made). ``study_id`` is there to join by and
never prints; a value that was not reported is ``None``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from livingreview import citations
from livingreview.extraction.double_extraction import Agreement, compare
from livingreview.printable import Wording, extra_facts, joined, listed, number, result, spread
from livingreview.screening import flow as flows
from livingreview.screening.identifiers import text
from livingreview.slices import KEYS, UNSEEN, Review, appraised
from livingreview.unit_columns import of_patient

Row = Mapping[str, Any]

PATIENT = "patient"
"""The unit of analysis that every review has."""

# Columns that have a place of their own in the printed rows; what else a schema lets print goes into ``details``.
_PLACED = {
    "arms": ("therapy", "agent_detail", "n_patients", "n_lesions", "n_female", "aetiology", "underlying_disease", "site", "comparator", "monotherapy"),
    "participants": ("age", "sex", "underlying_disease", "aetiology", "site", "therapy", "duration_months", "sessions", "response", "adverse_events", "recurrence", "follow_up_months"),
}  # fmt: skip
_SPREADS = ("age", "sessions", "treatment_duration_months", "follow_up_months")


def supplement(review: Review) -> dict[str, Any]:
    """The printable rows by part; see the functions of this module for the fields of each."""
    wording = review.wording
    by_result = {
        name: [_listed(review, wording, s) for s in review.studies(eligibility)]
        for name, eligibility in (
            ("awaiting", flows.AWAITING),
            ("ongoing", flows.ONGOING),
            ("excluded", flows.EXCLUDED),
            ("linked", flows.LINKED),
        )
    }
    return {
        "included": [_included(review, wording, s) for s in review.studies(flows.INCLUDED)],
        **by_result,
        **_screened(review, wording),
        "queries": _queries(review, wording),
        "appraisal": _appraisal(review, wording),
        "dictionary": _dictionary(review),
        "merges": _merges(review),
        "agreement": agreement(review),
    }


def agreement(review: Review) -> dict[str, Any]:
    """Two extractions compared: labels of the ``studies`` extracted twice (none: there is no second extraction), ``cells``
    compared and ``agreed``, ``fields`` (column by column), ``differences`` in the words of the tables, how many are ``open``."""
    second = getattr(review.data, "second", None)
    found = compare(review.data.tables, second, review.data.schemas) if second else Agreement()
    schemas = review.data.schemas if second else {}
    differences = []
    for d in found.differences:
        table, study, *_ = d.row.split(":")
        spec = schemas[table].fields.get(d.field)
        differences.append(
            {
                "study": review.names[study]["label"],
                "table": schemas[table].title,
                "field": spec.title if spec else "the whole row",
                **{
                    side: review.wording.free(getattr(d, side) or "") or ""
                    for side in ("first", "second", "value")
                },
                "settled": d.settled,
                "reason": review.wording.free(d.reason),
            }
        )
    return {
        "studies": [review.names[s]["label"] for s in found.studies],
        "cells": found.overall.n if found.overall else 0,
        "agreed": found.overall.agreed if found.overall else 0,
        "fields": [
            {
                "table": schemas[f.table].title,
                "title": f.title,
                "n": f.n,
                "percent": f.percent,
                "kappa": f.kappa,
                "ac1": f.ac1,
            }
            for f in found.fields
        ],
        "differences": differences,
        "open": len(found.open),
    }


def _study(review: Review, wording: Wording, study: Row) -> dict[str, Any]:
    key = study["study_id"]
    return {
        "study_id": key,
        **review.names[key],
        "title": wording.free(citations.title(study, review.described.get(key, ""))),
        "journal": wording.free(study.get("journal")),
        "identifier": citations.identifier(study, review.protocol["access_date"]),
        "year": study.get("year"),
        "country": study.get("country"),
        "design": wording.code("design", study.get("design")),
        "source_kind": wording.code("source_kind", study.get("source_kind")),
    }


def described(review: Review, study: Row) -> dict[str, Any]:
    """A study as every list of the supplement names it: id, names, title, journal, identifier, year, country, design, source."""
    return _study(review, review.wording, study)


def _listed(review: Review, wording: Wording, study: Row) -> dict[str, Any]:
    """A study that is not included: names, title, identifier, the reason in words, and the study it belongs to."""
    linked = study.get("linked_to")
    return {
        **_study(review, wording, study),
        "reason": wording.free(study.get("exclusion_reason")),
        "linked_to": review.names[linked]["label"] if linked in review.names else None,
    }


def _included(review: Review, wording: Wording, study: Row) -> dict[str, Any]:
    """An included study with its arms, outcomes and participants as reported, and what is unverified or missing."""
    key = study["study_id"]
    arms = review.rows_of(key, "arms")
    names = _arm_names(arms, wording)
    people = review.rows_of(key, "participants")
    return {
        **_study(review, wording, study),
        "therapies": review.therapies_of(key),
        "unverified_criteria": [wording.free(c) for c in listed(study.get("unverified_criteria"))],
        "missing": [wording.free(m) for m in listed(study.get("missing"))],
        "arms": [_arm(review, wording, a, names) for a in arms],
        "outcomes": [_outcome(wording, r, names) for r in review.rows_of(key, "outcomes")],
        "participants": [_participant(review, wording, r, names, place) for place, r in enumerate(people, 1)],
    }


def _arm_names(arms: Sequence[Row], wording: Wording) -> dict[str, str]:
    """Arms by id as they print: by their therapy, numbered where a study has several arms of one."""
    same = Counter(a["therapy"] for a in arms)
    seen: Counter[str] = Counter()
    names = {}
    for arm in arms:
        therapy = wording.code("therapy", arm["therapy"]) or "Group"
        seen[arm["therapy"]] += 1
        names[arm["arm_id"]] = (
            f"{therapy}, group {seen[arm['therapy']]}" if same[arm["therapy"]] > 1 else therapy
        )
    return names


def _arm(review: Review, wording: Wording, arm: Row, names: Mapping[str, str]) -> dict[str, Any]:
    """An intervention group. ``dose`` gathers every further column that may print, with its unit; ``units`` tells in
    words how many units of analysis other than patients were treated."""
    shared = arm.get("shares_patients_with")
    return {
        "arm": names[arm["arm_id"]],
        "therapy": arm["therapy"],
        "agent": wording.free(arm.get("agent_detail")),
        "dose": wording.free(extra_facts(arm, _further(review, "arms"))),
        "sessions": spread(arm, "sessions"),
        "duration_months": spread(arm, "treatment_duration_months"),
        "patients": number(arm.get("n_patients")),
        "lesions": number(arm.get("n_lesions")),
        "units": _units(review, wording, arm),
        "women": number(arm.get("n_female")),
        "age": spread(arm, "age"),
        "aetiology": wording.code("aetiology", arm.get("aetiology")),
        "disease": wording.free(arm.get("underlying_disease")),
        "site": wording.free(arm.get("site")),
        "follow_up_months": spread(arm, "follow_up_months"),
        "comparator": _comparator(wording, arm, names),
        "same_patients_as": names.get(shared) if shared else None,
    }


def _units(review: Review, wording: Wording, arm: Row) -> str | None:
    """Treated units of analysis other than patients, in words: ``21 lesions; 3 feet``."""
    columns = {unit: review.unit_columns.get(unit) for unit in review.protocol["units"] if unit != PATIENT}
    counts = [(unit, arm.get(column)) for unit, column in columns.items() if column]
    return joined(f"{number(n)} {wording.units(unit, n)}" for unit, n in counts if n is not None)


def _comparator(wording: Wording, arm: Row, names: Mapping[str, str]) -> str | None:
    """What the arm is compared with; "arm a" is told by the name of that arm."""
    told = wording.free(arm.get("comparator"))
    if told and told.lower().startswith("arm ") and told[4:] in names:
        return names[told[4:]]
    return told


def _outcome(wording: Wording, row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    """A result as reported. ``alternative`` marks a second reading of the same patients, which is never summed."""
    return {
        "arm": names.get(row.get("arm_id") or ""),
        "outcome": wording.code("outcome", row["outcome"]),
        "scale": wording.scale(row["outcome"]),
        "category": wording.free(wording.category(row["outcome"], row.get("category"))),
        "construct": wording.code("construct", row.get("construct")),
        "unit": wording.units(row.get("unit")),
        "result": result(row, wording),
        "months": number(row.get("timepoint_months")),
        "basis": wording.code("basis", row.get("basis")),
        "alternative": row.get("alternative_to") is not None,
    }


def _participant(
    review: Review, wording: Wording, row: Row, names: Mapping[str, str], place: int
) -> dict[str, Any]:
    return {
        "patient": place,
        "arm": names.get(row.get("arm_id") or ""),
        "age": number(row.get("age")),
        "sex": row.get("sex"),
        "disease": wording.free(row.get("underlying_disease")),
        "aetiology": wording.code("aetiology", row.get("aetiology")),
        "site": wording.free(row.get("site")),
        "duration_months": number(row.get("duration_months")),
        "sessions": number(row.get("sessions")),
        "response": joined([wording.code("category", row.get("response")), *_parts(review, wording, row)]),
        "details": wording.free(extra_facts(row, _further(review, "participants"))),
        "adverse_events": wording.free(row.get("adverse_events")),
        "recurrence": wording.free(_yes_or_no(row.get("recurrence"))),
        "follow_up_months": number(row.get("follow_up_months")),
    }


def _parts(review: Review, wording: Wording, row: Row) -> list[str]:
    """How many of the patient's finer units responded, as ``2 of 3 lesions``."""
    found = []
    for unit in review.protocol["units"]:
        evaluated, responded = (row.get(column) for column in of_patient(unit))
        if evaluated is not None:
            known = "an unknown number" if responded is None else responded
            found.append(f"{known} of {evaluated} {wording.units(unit, evaluated)}")
    return found


def _yes_or_no(value: object) -> object:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _further(review: Review, table: str) -> list[tuple[str, str, str]]:
    """``(column, title, unit)`` of the columns that may print and have no place of their own."""
    schema = (getattr(review.data, "schemas", None) or {}).get(table)
    if schema is None:
        return []
    placed = {*_PLACED[table], *KEYS, *UNSEEN}
    placed |= {column for unit in review.protocol["units"] for column in of_patient(unit)}
    placed |= set(review.unit_columns.values()) if table == "arms" else set()
    placed |= {f"{base}{end}" for base in _SPREADS for end in ("", "_median", "_mean", "_min", "_max")}
    return [
        (
            column,
            _bare_title(spec.title or column, spec.extras.get("unit", "")),
            str(spec.extras.get("unit", "")),
        )
        for column, spec in schema.fields.items()
        if column not in placed and spec.printed
    ]


def _bare_title(title: str, unit: str) -> str:
    """A column's title without its unit ("Concentration (mg/mL)" → "Concentration")."""
    bare = title.replace("_", " ").strip()
    for end in (f"({unit})", f", {unit}", f" {unit}"):
        if unit and bare.endswith(end):
            return bare[: -len(end)].strip()
    return bare


def _screened(review: Review, wording: Wording) -> dict[str, Any]:
    """Reports that ended at screening: those that await assessment one by one, the excluded by reason."""
    streams = list(review.protocol["search"].get("streams") or {})
    groups = [g["label"] for g in review.protocol["search"].get("reason_groups") or ()]
    awaiting, reasons = [], Counter[tuple[str, str]]()
    for group in review.merges.groups:
        if flows.study_of(group):
            continue
        decision = flows.decide(group, review.data.protocol)
        reason = wording.free(decision.reason) or ""
        if decision.kind == "exclude":
            reasons[wording.free(decision.group) or "", reason] += 1
            continue
        record = group[0]
        described = text(record, "title") if text(record, "title_kind") == "described" else ""
        awaiting.append(
            {
                **citations.names_of_record(record),
                "title": wording.free(citations.title(record, described)),
                "journal": wording.free(record.get("journal")),
                "identifier": citations.identifier(record, review.protocol["access_date"]),
                "status": decision.group,
                "reason": reason or None,
                "streams": [
                    wording.code("stream", s) for s in _in_order({text(r, "stream") for r in group}, streams)
                ],
            }
        )
    return {
        "awaiting_assessment": sorted(
            awaiting, key=lambda r: (r["label"].casefold(), r["title"], r["status"])
        ),
        "screening_reasons": [
            {"group": group, "reason": reason or None, "n": n}
            for group in _in_order({group for group, _ in reasons}, [wording.free(g) or "" for g in groups])
            for (own, reason), n in sorted(reasons.items(), key=lambda item: (-item[1], item[0][1]))
            if own == group
        ],
    }


def _in_order(values: Collection[str], order: Sequence[str]) -> list[str]:
    """The values in this order, others after them by name."""
    return [*(v for v in order if v in values), *sorted(v for v in values if v not in order)]


def _queries(review: Review, wording: Wording) -> list[dict[str, Any]]:
    """Every query, word for word, with its stream, date, source and number of hits."""
    rows = [
        {
            "stream": q["stream"],
            "stream_label": wording.code("stream", q["stream"]),
            **{c: q.get(c) for c in ("date", "source", "query", "hits")},
        }
        for q in review.rows("queries")
    ]
    place = _in_order({q["stream"] for q in rows}, list(review.protocol["search"].get("streams") or {}))
    return sorted(
        rows,
        key=lambda q: (
            place.index(q["stream"]),
            str(q["date"]),
            str(q["source"]),
            str(q["query"]),
            str(q["hits"]),
        ),
    )


def _appraisal(review: Review, wording: Wording) -> list[dict[str, Any]]:
    """Each included study with its tool and, item by item, the judgement in words and the reason."""
    return [
        {
            "study_id": key,
            **review.names[key],
            "tool": wording.code("tool", tool),
            "items": [
                {
                    "item_number": row["item_number"],
                    "item_label": row.get("item_label"),
                    "judgement": wording.code("judgement", row["judgement"]),
                    "reason": wording.free(row.get("reason")),
                }
                for row in rows
            ],
        }
        for key, tool, rows in appraised(review)
    ]


def _dictionary(review: Review) -> list[dict[str, Any]]:
    schemas = getattr(review.data, "schemas", None)
    if not schemas:
        return []
    from livingreview.extraction.dictionary import data_dictionary

    return data_dictionary(schemas, review.data.protocol)


def _merges(review: Review) -> dict[str, Any]:
    """How many records were merged into another one, by reason; and how many like records were kept apart."""
    reasons = Counter(m.reason for m in review.merges.merges)
    order = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return {
        "n": len(review.merges.merges),
        "reasons": [{"reason": reason, "n": n} for reason, n in order],
        "kept_apart": len(review.merges.apart),
    }
