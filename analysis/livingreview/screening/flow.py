"""The PRISMA 2020 flow, summed from records and studies, and checked to add up.

A *record* is what a search found, a *report* a group of records that are one publication (see ``duplicates``). A report
whose records link to a row of the studies table was assessed for eligibility, and that row says with what result.
Any other report ended at screening: each stream gave a decision, and include goes before unclear before exclude before
awaiting, which stands for a record that nobody has screened. An
exclusion for a reason that only says "the other stream covers this" (the protocol's ``search.other_stream_reasons``)
is no exclusion: where no other decision exists, nobody has judged the report, and it awaits assessment.

Source of the boxes: Page MJ et al. (2021) The PRISMA 2020 statement. BMJ 372:n71, doi 10.1136/bmj.n71.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from livingreview.errors import Problem, ReviewError
from livingreview.screening.duplicates import Merges, Record, find_duplicates, record_key
from livingreview.screening.identifiers import text

INCLUDED, EXCLUDED, AWAITING, ONGOING, LINKED = (
    "included",
    "excluded",
    "awaiting_classification",
    "ongoing",
    "linked_report",
)
RETRACTED = "retracted"
"""What an included study becomes when its report is retracted: assessed, shown, and in no synthesis."""
NO_REASON = "No reason given"
OTHER_REASONS = "Other reasons"
NEVER_JUDGED = "Left to another search stream, not judged there"
NOT_SCREENED = "Not screened yet"

LABELS = {
    "identified": "Records identified",
    "duplicates_removed": "Duplicate records removed",
    "screened": "Records screened",
    "excluded_screening": "Records excluded",
    "awaiting_assessment": "Records awaiting assessment",
    "sought": "Reports sought",
    "other_sources": "Reports from other sources",
    "assessed": "Reports assessed for eligibility",
    "excluded_assessed": "Reports excluded",
    "awaiting_classification": "Reports awaiting classification",
    "ongoing": "Ongoing studies",
    "linked_reports": "Further reports linked to a study",
    "retracted": "Retracted studies, left out of all syntheses",
    "included_studies": "Studies included in the review",
    "included_reports": "Reports of included studies",
}
"""Words of the boxes where the protocol has none of its own."""


class ReviewData(Protocol):
    """What is needed of the validated dataset: the protocol and the tables ``studies`` and ``records``."""

    @property
    def protocol(self) -> Any: ...

    @property
    def tables(self) -> Mapping[str, Sequence[Record]]: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """What screening made of a report without a row in the studies table."""

    kind: str
    """``exclude`` or ``awaiting``."""
    reason: str
    """As a stream wrote it; for ``awaiting`` what is still missing, if a stream wrote that."""
    group: str
    """The reason in the protocol's groups."""


def duplicates(data: ReviewData) -> Merges:
    """Groups of the dataset's records; reports that the studies table links openly do not count as contradictions."""
    linked = {
        frozenset((text(s, "study_id"), text(s, "linked_to")))
        for s in data.tables["studies"]
        if text(s, "linked_to")
    }
    return find_duplicates(data.tables["records"], linked)


def standing(study: Record) -> str:
    """The result of the eligibility assessment, or :data:`RETRACTED` for an included study whose report is retracted."""
    result = text(study, "eligibility")
    return RETRACTED if result == INCLUDED and text(study, "status") == RETRACTED else result


def study_of(group: Iterable[Record]) -> str:
    """The study id of a group of records; empty if it was not assessed."""
    return next((s for record in group if (s := text(record, "study_id"))), "")


def decide(group: Sequence[Record], protocol: Any) -> Decision:
    """Decision of screening over the records of one report (none of which has a study id)."""
    given = [(text(r, "decision"), text(r, "reason")) for r in group]
    for wanted in ("include", "unclear"):
        reasons = [reason for decision, reason in given if decision == wanted]
        if reasons:
            first = min(reasons, key=lambda r: (not r, r))
            return Decision(
                "awaiting", first, "Included, not assessed yet" if wanted == "include" else "Unclear"
            )
    # A record in the queue decides nothing: a report that was excluded before and is found again needs no second look.
    left = any(decision == "awaiting" for decision, _ in given)
    given = [(decision, reason) for decision, reason in given if decision != "awaiting"]
    own = [reason for _, reason in given if not _contains(reason, _setting(protocol, "other_stream_reasons"))]
    if left and not own:
        return Decision("awaiting", "", NOT_SCREENED)
    if not own:
        return Decision("awaiting", min(reason for _, reason in given), NEVER_JUDGED)
    # Of several reasons the one whose group the protocol lists first counts, so that the result hangs on no order.
    labels = [*(_field(g, "label") for g in _setting(protocol, "reason_groups")), OTHER_REASONS, NO_REASON]
    place = {label: i for i, label in reversed(list(enumerate(labels)))}
    reason = min(own, key=lambda r: (not r, place.get(reason_group(r, protocol), 0), r))
    return Decision("exclude", reason, reason_group(reason, protocol))


def reason_group(reason: str, protocol: Any) -> str:
    """Label of the first group of ``search.reason_groups`` of which a word occurs in a free-text reason."""
    if not reason:
        return NO_REASON
    groups = _setting(protocol, "reason_groups")
    if not groups:
        return reason[0].upper() + reason[1:]
    for group in groups:
        if _contains(reason, _field(group, "contains")):
            return str(_field(group, "label"))
    return OTHER_REASONS


def _contains(reason: str, wanted: Iterable[str]) -> bool:
    folded = reason.casefold()
    return any(w.casefold() in folded for w in wanted)


def _setting(protocol: Any, name: str) -> Sequence[Any]:
    return _field(_field(protocol, "search"), name) or ()


def _field(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, Mapping) else getattr(holder, name, None)


def flow(data: ReviewData, merges: Merges | None = None) -> dict[str, Any]:
    """Boxes, their labels, names and order of streams, merges and equations of the flow (counts of records, reports, studies).

    ``boxes`` has a number, or for boxes with parts ``{"total": n, …}``. ``sought`` are reports that screening passed on
    to assessment, ``other_sources`` rows of the studies table that no record links to, ``assessed`` their sum.
    Raises :class:`ReviewError`, naming the box and the rows, where the numbers do not add up.
    """
    merges = merges or duplicates(data)
    studies, records = data.tables["studies"], data.tables["records"]
    by_id = {text(s, "study_id"): s for s in studies}
    streams = Counter(text(r, "stream") for r in records)
    assessed = [g for g in merges.groups if study_of(g)]
    rest = [(g, decide(g, data.protocol)) for g in merges.groups if not study_of(g)]
    excluded = [d for _, d in rest if d.kind == "exclude"]
    awaiting = [d for _, d in rest if d.kind == "awaiting"]
    met = {study_of(g) for g in assessed}
    by_result = Counter(standing(s) for s in studies)
    rejected = [text(s, "exclusion_reason") for s in studies if text(s, "eligibility") == EXCLUDED]
    second = [s for s in studies if text(s, "eligibility") == LINKED]
    of_included = [s for s in second if standing(by_id.get(text(s, "linked_to"), {})) == INCLUDED]
    declared = dict(_field(_field(data.protocol, "search"), "streams") or {})
    boxes: dict[str, Any] = {
        "identified": {
            "total": len(records),
            "by_stream": {s: streams[s] for s in [*declared, *sorted(streams.keys() - declared.keys())]},
        },
        "duplicates_removed": len(merges.merges),
        "screened": len(merges.groups),
        "excluded_screening": {
            "total": len(excluded),
            "reasons": _counted((d.group for d in excluded), data.protocol),
        },
        "awaiting_assessment": len(awaiting),
        "awaiting_assessment_reasons": _counted((d.group for d in awaiting), data.protocol),
        "sought": len(assessed),
        "other_sources": sum(text(s, "study_id") not in met for s in studies),
        "assessed": len(studies),
        "excluded_assessed": {
            "total": len(rejected),
            "reasons": _counted((reason_group(r, data.protocol) for r in rejected), data.protocol),
        },
        "awaiting_classification": by_result[AWAITING],
        "ongoing": by_result[ONGOING],
        "linked_reports": len(second),
        "retracted": by_result[RETRACTED],
        "included_studies": by_result[INCLUDED],
        "included_reports": by_result[INCLUDED] + len(of_included),
    }
    faults = _faults(merges, records, studies)
    equations = _equations(boxes, linked_to_included=len(of_included))
    problems = [
        Problem(
            f"the flow diagram does not add up at the box “{LABELS.get(e['box'], e['box'])}”: {e['name']}"
            f" ({e['left']} is not {e['right']})",
            suggestion="; ".join(faults.get(e["box"], []))
            or "check the records and studies that this box counts",
        )
        for e in equations
        if e["left"] != e["right"]
    ]
    problems += [
        Problem(f"the flow diagram does not add up at the box “{LABELS[box]}”: {fault}")
        for box, found in faults.items()
        for fault in found
        if not any(e["box"] == box and e["left"] != e["right"] for e in equations)
    ]
    if problems:
        raise ReviewError(problems)
    labels = {**LABELS, **(_field(_field(data.protocol, "search"), "box_labels") or {})}
    order = {"streams": list(declared), "by_stream": list(boxes["identified"]["by_stream"])}
    found = {"boxes": boxes, "labels": labels, "streams": declared, "order": order, "equations": equations}
    return {**found, **merge_log(merges)}


def merge_log(merges: Merges) -> dict[str, Any]:
    """Merged reports with the reasons, every single link, and like records that were kept apart; by record key."""
    reasons: dict[str, list[str]] = {}
    home = {record_key(r): record_key(g[0]) for g in merges.groups for r in g}
    for merge in merges.merges:
        reasons.setdefault(home[merge.first], []).append(merge.reason)
    return {
        "merges": [
            {
                "kept": record_key(g[0]),
                "merged": sorted(record_key(r) for r in g[1:]),
                "reason": "; ".join(dict.fromkeys(sorted(reasons[record_key(g[0])]))),
            }
            for g in merges.groups
            if len(g) > 1
        ],
        "links": [
            {"first": m.first, "second": m.second, "reason": m.reason, "evidence": list(m.evidence)}
            for m in merges.merges
        ],
        "kept_apart": [{"first": a.first, "second": a.second, "reason": a.reason} for a in merges.apart],
    }


def _counted(labels: Iterable[str], protocol: Any) -> list[dict[str, Any]]:
    """Counts by label, most frequent first, what has no group last."""
    found = Counter(labels)
    last = {OTHER_REASONS: 1, NO_REASON: 2}
    order = sorted(found, key=lambda label: (last.get(label, 0), -found[label], label))
    return [{"reason": label, "n": found[label]} for label in order]


def _equations(boxes: Mapping[str, Any], *, linked_to_included: int) -> list[dict[str, Any]]:
    """What must be equal: both sides counted in different ways. ``box`` is the box that a failure names."""

    def total(box: str) -> int:
        value = boxes[box]
        return int(value["total"]) if isinstance(value, Mapping) else int(value)

    def parts(reasons: Iterable[Mapping[str, Any]]) -> int:
        return sum(int(r["n"]) for r in reasons)

    rows = [
        (
            "identified",
            "identified = sum of the streams",
            total("identified"),
            sum(boxes["identified"]["by_stream"].values()),
        ),
        (
            "screened",
            "screened = identified − duplicates",
            total("screened"),
            total("identified") - total("duplicates_removed"),
        ),
        (
            "screened",
            "screened = excluded + awaiting assessment + sought",
            total("screened"),
            total("excluded_screening") + total("awaiting_assessment") + total("sought"),
        ),
        (
            "excluded_screening",
            "excluded at screening = sum of its reasons",
            total("excluded_screening"),
            parts(boxes["excluded_screening"]["reasons"]),
        ),
        (
            "assessed",
            "assessed = sought + from other sources",
            total("assessed"),
            total("sought") + total("other_sources"),
        ),
        (
            "assessed",
            "assessed = included + retracted + excluded + awaiting classification + ongoing + linked reports",
            total("assessed"),
            total("included_studies")
            + total("retracted")
            + total("excluded_assessed")
            + total("awaiting_classification")
            + total("ongoing")
            + total("linked_reports"),
        ),
        (
            "excluded_assessed",
            "excluded after assessment = sum of its reasons",
            total("excluded_assessed"),
            parts(boxes["excluded_assessed"]["reasons"]),
        ),
        (
            "included_reports",
            "reports of included studies = included studies + reports linked to them",
            total("included_reports"),
            total("included_studies") + linked_to_included,
        ),
    ]
    return [{"box": box, "name": name, "left": left, "right": right} for box, name, left, right in rows]


def _faults(merges: Merges, records: Sequence[Record], studies: Sequence[Record]) -> dict[str, list[str]]:
    """Rows that keep the numbers from adding up, by box, in words."""
    found: dict[str, list[str]] = {}
    known = {text(s, "study_id") for s in studies}
    results = {INCLUDED, EXCLUDED, AWAITING, ONGOING, LINKED}
    for record in records:
        key = text(record, "study_id")
        if key and key not in known:
            found.setdefault("sought", []).append(f"{_where(record)}: no study `{key}`")
        if not key and text(record, "decision") not in {"include", "unclear", "exclude", "awaiting"}:
            found.setdefault("screened", []).append(f"{_where(record)}: no decision")
    for study in studies:
        if text(study, "eligibility") not in results:
            found.setdefault("assessed", []).append(
                f"{_where(study)}: eligibility `{text(study, 'eligibility')}`"
            )
        if text(study, "eligibility") == LINKED and text(study, "linked_to") not in known:
            found.setdefault("included_reports", []).append(f"{_where(study)}: linked to no known study")
    for key, n in Counter(record_key(r) for r in records).items():
        if n > 1:
            found.setdefault("identified", []).append(f"{n} records are called {key}")
    for key, n in Counter(text(s, "study_id") for s in studies).items():
        if n > 1:
            found.setdefault("assessed", []).append(f"{n} studies are called {key}")
    by_study = Counter(study_of(g) for g in merges.groups if study_of(g))
    for study_id, n in by_study.items():
        if n > 1:
            found.setdefault("sought", []).append(f"{study_id} stands for {n} reports")
    return found


def _where(row: Record) -> str:
    return f"{row.get('_file')}, row {row.get('_row')}"
