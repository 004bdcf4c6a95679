"""The queue of records to be screened: how search results come in, and what waits for a decision.

A record that comes in goes into ``data/raw/search/records_STREAM.csv`` with the decision ``awaiting``, also where it is a
duplicate of an earlier record: the flow diagram counts it as identified and as a duplicate, and only reports that nobody has
decided on wait for screening. Its id is made from its content, so that the same file read twice adds nothing, and two
people who read the same file in two branches make the same rows.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean
from livingreview.screening import flow, likeness
from livingreview.screening.duplicates import Merges, record_key
from livingreview.screening.identifiers import doi, pmid, text
from livingreview.screening.references import Export, Reference

AWAITING = "awaiting"
STAGE = "title_abstract"
UNTITLED = "(no title in the export)"
COLUMNS = ("title", "first_author", "year", "journal", "doi", "pmid", "url")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report that nobody has screened, by its fullest record: its key over all streams, and where its row stands."""

    key: str
    stream: str
    title: str
    file: str
    row: int


@dataclass(frozen=True)
class Imported:
    """What became of an export: ``added`` record keys, of which ``duplicates`` (key → earlier record, why) belong to
    reports that the review had; ``known`` were there already; ``waiting`` are the keys of reports to screen now."""

    references: int
    added: list[str]
    known: list[str]
    duplicates: dict[str, tuple[str, str]]
    waiting: list[str]
    problems: list[Problem]

    def lines(self) -> list[str]:
        """What people are told."""
        said = [
            f"{self.references} record{_s(self.references)} in the file: {len(self.added)} added, "
            f"{len(self.known)} already here."
        ]
        if self.duplicates:
            said.append(
                f"{len(self.duplicates)} of the added belong{'s' if len(self.duplicates) == 1 else ''} to a report that was here:"
            )
            said += [f"  {key} is {other} ({why})" for key, (other, why) in sorted(self.duplicates.items())]
        said.append(
            f"{len(self.waiting)} report{_s(len(self.waiting))} of this file wait{'s' if len(self.waiting) == 1 else ''} for screening."
        )
        if self.added:
            stream = self.added[0].partition("/")[0]
            said.append(
                f"The search itself (date, source, words, hits) belongs into data/raw/search/queries_{stream}.csv."
            )
        return said


def _s(n: int) -> str:
    return "" if n == 1 else "s"


def waiting(data: flow.ReviewData, merges: Merges | None = None) -> list[Waiting]:
    """The reports that nobody has screened, in the order of their keys."""
    merges = merges or flow.duplicates(data)
    found = []
    for group in merges.groups:
        if flow.study_of(group) or not any(text(r, "decision") == AWAITING for r in group):
            continue
        if flow.decide(group, data.protocol).group != flow.NOT_SCREENED:
            continue
        first = next(r for r in group if text(r, "decision") == AWAITING)
        found.append(
            Waiting(
                record_key(group[0]),
                text(first, "stream"),
                text(group[0], "title"),
                first["_file"],
                first["_row"],
            )
        )
    return sorted(found, key=lambda w: w.key)


def take_in(review: Path, root: Path, export: Export, stream: str) -> Imported:
    """Put the records of an export into the queue of a stream, all or none.

    Raises ReviewError for a stream that the protocol does not have, and for everything that validation of the tables with
    the new records finds; problems name the line of the export.
    """
    from livingreview.extraction import dataset
    from livingreview.extraction.writing import Change, apply

    data = dataset.load(review, root)
    streams = list(data.protocol.search.streams)
    if stream not in streams:
        raise ReviewError(
            Problem(
                "there is no such search stream",
                file="review.yaml",
                column="search.streams",
                value=stream,
                allowed=", ".join(streams),
                suggestion=did_you_mean(stream, streams)
                or "list it under search.streams, and make its tables",
            )
        )
    here = [r for r in data.tables["records"] if text(r, "stream") == stream]
    ids = {text(r, "record_id") for r in here}
    held: dict[str, list[str]] = {}
    for row in here:
        held.setdefault(digest(row), []).append(text(row, "record_id"))
    seen: Counter[str] = Counter()
    changes, added, known = [], [], []  # type: list[Change], list[str], list[str]
    for item in export.references:
        mark = digest(_cells(item))
        seen[mark] += 1
        name = record_id(item, mark, seen[mark])
        same = held.get(mark, [])
        if name in ids or seen[mark] <= len(same):
            known.append(f"{stream}/{name if name in ids else same[seen[mark] - 1]}")
            continue
        added.append(f"{stream}/{name}")
        changes.append(
            Change("records", (name,), row_of(item), stream=stream, file=export.file, row=item.line)
        )
    told = {(p.message, p.value) for p in flow.duplicates(data).problems}
    if changes:
        data = apply(review, root, changes).data
    merges = flow.duplicates(data)
    return Imported(
        len(export.references),
        added,
        known,
        _duplicates(merges, set(added)),
        [w.key for w in waiting(data, merges) if _holds(merges, w.key, {*added, *known})],
        [*export.problems, *(p for p in merges.problems if (p.message, p.value) not in told)],
    )


def _holds(merges: Merges, key: str, records: set[str]) -> bool:
    group = next(g for g in merges.groups if record_key(g[0]) == key)
    return any(record_key(r) in records for r in group)


def _duplicates(merges: Merges, added: set[str]) -> dict[str, tuple[str, str]]:
    """Each added record that belongs to a report with an earlier record → that record, and why."""
    reasons: dict[str, str] = {}
    for merge in merges.merges:
        for key in (merge.first, merge.second):
            reasons.setdefault(key, merge.reason)
    found = {}
    for group in merges.groups:
        earlier = [r for r in group if record_key(r) not in added]
        if earlier:
            for record in group:
                if (key := record_key(record)) in added:
                    found[key] = (record_key(earlier[0]), reasons.get(key, ""))
    return found


def digest(row: Mapping[str, Any]) -> str:
    """First characters of the SHA-256 of what a record says, whatever its case, marks and spelling of identifiers."""
    said = (
        likeness.title_key(text(row, "title")),
        likeness.title_key(text(row, "first_author")),
        text(row, "year"),
        likeness.title_key(text(row, "journal")),
        doi(row.get("doi")),
        pmid(row.get("pmid")),
        text(row, "url"),
    )
    return hashlib.sha256("\x1f".join(said).encode("utf-8")).hexdigest()[:6]


def record_id(item: Reference, mark: str, occurrence: int = 1) -> str:
    """Id of a record: author or first word, year, and a digest of its content; a number for a further copy in one file."""
    name = item.first_author or next(iter(item.title.split()), "")
    plain = re.sub(r"[^a-z0-9]", "", likeness.title_key(name))[:24] or "record"
    return f"{plain}{item.year or '_nd'}-{mark}" + (f"-{occurrence}" if occurrence > 1 else "")


def _cells(item: Reference) -> dict[str, str]:
    return {c: getattr(item, c) for c in COLUMNS} | {"title": item.title or UNTITLED}


def row_of(item: Reference) -> dict[str, str]:
    """Cells of the row of a record that comes in."""
    return {
        **_cells(item),
        "title_kind": "published" if item.title else "described",
        "decision": AWAITING,
        "stage": STAGE,
    }


def summary(found: Sequence[Waiting]) -> list[str]:
    """What waits, one line a stream."""
    by_stream = Counter(w.stream for w in found)
    return [f"{stream}: {n} report{_s(n)} to screen" for stream, n in sorted(by_stream.items())]
