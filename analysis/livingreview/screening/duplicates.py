"""Duplicate records linked into groups, with the reason of every link. Nothing is deleted.

Evidence, strongest first: the same DOI, PubMed id or registration number; the same study in the link column; then the
same title with author and year that fit. A shared address is no evidence. Titles that were described by the extractor
(``title_kind`` is ``described``) or say nothing ("[Untitled]", "case report") are no evidence either.

A title link is made only if nothing speaks against it anywhere in the two groups that it would join: other DOI, other
PubMed id, other study, other author, other year, other journal, a preprint beside a paper. Where a record fits two
groups that exclude each other, it joins neither. What was kept apart in spite of its title is listed for people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from livingreview.errors import Problem
from livingreview.screening import likeness
from livingreview.screening.identifiers import doi, pmid, registration_of, text

Record = Mapping[str, Any]

# Titles shared by more records than this are compared within one author only.
_CROWD = 60


def record_key(record: Record) -> str:
    """Stream and record id, e.g. ``databases/r017``: the key of a record over all streams."""
    return f"{text(record, 'stream')}/{text(record, 'record_id')}"


@dataclass(frozen=True, slots=True)
class Merge:
    """Two records linked as one report: their keys, the deciding reason, and everything else that agrees."""

    first: str
    second: str
    reason: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """Two records with like titles that were not linked, and why not."""

    first: str
    second: str
    reason: str


@dataclass(frozen=True, slots=True)
class Merges:
    """Groups of records (each a report; the first record of a group is the fullest), the links, and the doubts."""

    groups: list[list[Record]]
    merges: list[Merge]
    apart: list[Apart]
    problems: list[Problem]


def find_duplicates(records: Iterable[Record], linked: Collection[frozenset[str]] = ()) -> Merges:
    """Link the records of all streams that are one report.

    ``linked`` are pairs of study ids that the studies table links openly (a second report of a study): an identifier
    that such a pair shares is worth a note, for any other pair it is a warning. The result does not depend on the
    order of the records. Two records with different study ids are never in one group.
    """
    forest = _Forest(sorted(records, key=_order))
    problems = _link_identifiers(forest, {frozenset(pair) for pair in linked})
    apart = _link_titles(forest)
    groups = sorted((sorted(g, key=_fullest_first) for g in forest.groups()), key=lambda g: record_key(g[0]))
    return Merges(groups, sorted(forest.merges, key=lambda m: (m.first, m.second)), apart, problems)


def _order(record: Record) -> tuple[str, str]:
    return text(record, "stream"), text(record, "record_id")


def _fullest_first(record: Record) -> tuple[bool, bool, int, str]:
    columns = ("doi", "pmid", "title", "first_author", "year", "journal")
    filled = sum(bool(text(record, c)) for c in columns)
    return not text(record, "study_id"), not _is_published(record), -filled, record_key(record)


def _is_published(record: Record) -> bool:
    return text(record, "title_kind") != "described"


class _Forest:
    """Union-find whose trees also know the identifiers of their records."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.merges: list[Merge] = []
        self._parent = list(range(len(records)))
        self.members: list[list[int]] = [[i] for i in range(len(records))]
        self.studies = [_one(text(r, "study_id")) for r in records]
        self.dois = [_one(doi(r.get("doi"))) for r in records]
        self.pmids = [_one(pmid(r.get("pmid"))) for r in records]

    def root(self, index: int) -> int:
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index

    def two_studies(self, one: int, two: int) -> bool:
        return len(self.studies[self.root(one)] | self.studies[self.root(two)]) > 1

    def unite(self, one: int, two: int, reason: str) -> None:
        """Join two trees by two of their records (no-op inside one tree)."""
        a, b = self.root(one), self.root(two)
        if a == b:
            return
        if b < a:
            a, b = b, a
        self._parent[b] = a
        self.members[a] += self.members[b]
        for held in (self.studies, self.dois, self.pmids):
            held[a] |= held[b]
        first, second = self.records[min(one, two)], self.records[max(one, two)]
        evidence = tuple(e for e in _evidence(first, second) if e != reason)
        self.merges.append(Merge(record_key(first), record_key(second), reason, evidence))

    def groups(self) -> Iterator[list[Record]]:
        for index in range(len(self.records)):
            if self.root(index) == index:
                yield [self.records[i] for i in self.members[index]]


def _one(value: str) -> frozenset[str]:
    return frozenset([value]) if value else frozenset()


def _evidence(first: Record, second: Record) -> list[str]:
    found = [name for name, _, read in _IDENTIFIERS if read(first) and read(first) == read(second)]
    alike = likeness.titles(text(first, "title"), text(second, "title"))
    if alike and _is_published(first) and _is_published(second):
        found.append("title")
    if likeness.authors(first, second) == "agrees":
        found.append("author")
    if likeness.years(first, second) == "agrees":
        found.append("year")
    return found


_IDENTIFIERS: tuple[tuple[str, str, Callable[[Record], str]], ...] = (
    ("DOI", "doi", lambda r: doi(r.get("doi"))),
    ("PubMed id", "pmid", lambda r: pmid(r.get("pmid"))),
    ("registration number", "title", registration_of),
    ("study link", "study_id", lambda r: text(r, "study_id")),
)


def _link_identifiers(forest: _Forest, linked: Collection[frozenset[str]]) -> list[Problem]:
    problems: list[Problem] = []
    told: set[tuple[int, int]] = set()
    for name, column, read in _IDENTIFIERS:
        shared: dict[str, list[int]] = defaultdict(list)
        for index, record in enumerate(forest.records):
            if value := read(record):
                shared[value].append(index)
        for value, indices in sorted(shared.items()):
            heads = indices[:1]
            for index in indices[1:]:
                doubts = []
                for head in heads:
                    doubt = "" if name == "study link" else _identifier_doubt(forest, head, index)
                    if not doubt:
                        forest.unite(head, index, name)
                        break
                    doubts.append((head, doubt))
                else:
                    heads.append(index)
                    for head, doubt in doubts:
                        if (head, index) not in told:
                            told.add((head, index))
                            problems.append(_doubted(forest, head, index, name, column, value, doubt, linked))
    return problems


def _identifier_doubt(forest: _Forest, one: int, two: int) -> str:
    """Why two records that share an identifier are not one report; empty if nothing speaks against it."""
    a, b = forest.root(one), forest.root(two)
    if a == b:
        return ""
    if forest.two_studies(a, b):
        return "they belong to different studies"
    for held, what in ((forest.dois, "DOIs"), (forest.pmids, "PubMed ids")):
        if held[a] and held[b] and not held[a] & held[b]:
            return f"their {what} differ"
    first, second = forest.records[one], forest.records[two]
    named = all(_is_published(r) and not likeness.is_placeholder(text(r, "title")) for r in (first, second))
    if named and likeness.authors(first, second) == "conflicts" and not _related(first, second):
        return "both title and author differ"
    return ""


def _related(first: Record, second: Record) -> bool:
    """True if two titles have at least half their words in common."""
    one, two = set(likeness.words(text(first, "title"))), set(likeness.words(text(second, "title")))
    return 2 * len(one & two) >= min(len(one), len(two))


def _doubted(
    forest: _Forest,
    one: int,
    two: int,
    name: str,
    column: str,
    value: str,
    doubt: str,
    linked: Collection[frozenset[str]],
) -> Problem:
    first, second = forest.records[one], forest.records[two]
    studies = frozenset(forest.studies[forest.root(one)] | forest.studies[forest.root(two)])
    row = second.get("_row")
    return Problem(
        f"records {text(first, 'record_id')} and {text(second, 'record_id')} share a {name} but were not merged: {doubt}",
        file=str(second.get("_file") or ""),
        row=row if isinstance(row, int) else None,
        column=column,
        value=value,
        suggestion="check which of the two is right, or give both the same study",
        severity="note" if studies in linked else "warning",
    )


def _link_titles(forest: _Forest) -> list[Apart]:
    """Link by title, where a cluster of groups with like titles holds no contradiction; tell what was kept apart."""
    links: list[tuple[int, int, str]] = []
    apart: dict[tuple[int, int], str] = {}
    for one, two in sorted(_candidates(forest.records)):
        if forest.root(one) == forest.root(two):
            continue
        verdict = _title_verdict(forest.records[one], forest.records[two])
        if verdict is None:
            continue
        merge, reason = verdict
        doubt = _group_doubt(forest, one, two)
        if doubt and reason.startswith("a described"):
            continue
        if merge and doubt:
            merge, reason = False, doubt
        if merge:
            links.append((one, two, reason))
        else:
            apart[one, two] = reason
    for cluster in _clusters(forest, links):
        doubt = _cluster_doubt(forest, cluster)
        for one, two, reason in cluster:
            if doubt:
                apart[one, two] = doubt
            else:
                forest.unite(one, two, reason)
    return [
        Apart(record_key(forest.records[one]), record_key(forest.records[two]), reason)
        for (one, two), reason in sorted(apart.items())
        if forest.root(one) != forest.root(two)
    ]


def _candidates(records: Sequence[Record]) -> set[tuple[int, int]]:
    """Pairs worth comparing: the same letters in the title, or one author in one year."""
    same: dict[str, list[int]] = defaultdict(list)
    near: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index, record in enumerate(records):
        title = text(record, "title")
        if likeness.is_placeholder(title):
            continue
        same[likeness.title_key(title)].append(index)
        year = likeness.year(record)
        if year is not None and _is_published(record):
            for author in likeness.author_keys(record):
                near[author, year].append(index)
    pairs: set[tuple[int, int]] = set()
    for indices in same.values():
        if len(indices) <= _CROWD:
            pairs.update(combinations(indices, 2))
        else:
            by_author: dict[str, list[int]] = defaultdict(list)
            for index in indices:
                for author in likeness.author_keys(records[index]):
                    by_author[author].append(index)
            for found in by_author.values():
                pairs.update(combinations(found, 2))
    for indices in near.values():
        pairs.update(combinations(indices, 2))
    return pairs


def _title_verdict(first: Record, second: Record) -> tuple[bool, str] | None:
    """Whether two records are one report by their titles, and why (not); ``None`` for different titles."""
    one, two = text(first, "title"), text(second, "title")
    alike = likeness.titles(one, two)
    if alike is None:
        return None
    author, year, journal = (
        likeness.authors(first, second),
        likeness.years(first, second),
        likeness.journals(first, second),
    )
    if not (_is_published(first) and _is_published(second)):
        # Worth a look by a person, unless the two plainly differ.
        return None if "conflicts" in (author, year, journal) else (False, "a described title is no evidence")
    if likeness.is_preprint(first) != likeness.is_preprint(second):
        return False, "preprint and paper"
    for what, relation in (("author", author), ("year", year), ("journal", journal)):
        if relation == "conflicts":
            return False, f"other {what}"
    length = likeness.extent(one)
    if alike.kind != "same":
        enough = author == "agrees" and year == "agrees"
    elif author == "agrees":
        enough = {
            "agrees": length >= 4 or journal == "agrees",
            "near": journal == "agrees",
            "unknown": length >= 4,
        }[year]
    else:
        enough = length >= 6 and (year == "agrees" or journal == "agrees")
    if not enough:
        return False, "too little beside the title agrees"
    agreed = [w for w, r in (("author", author), ("year", year), ("journal", journal)) if r == "agrees"]
    how = {"same": "same title", "subtitle": "same title but for the subtitle", "spelling": "title alike"}[
        alike.kind
    ]
    score = f" ({alike.score:g} per cent)" if alike.kind == "spelling" else ""
    return True, f"{how}{score}, {_listed(agreed)}"


def _listed(items: Sequence[str]) -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 2 else items)


def _group_doubt(forest: _Forest, one: int, two: int) -> str:
    """Why two whole groups cannot be one report, by their identifiers; empty if they can."""
    a, b = forest.root(one), forest.root(two)
    if forest.two_studies(a, b):
        return "other study"
    for held, what in ((forest.dois, "DOI"), (forest.pmids, "PubMed id")):
        if held[a] and held[b] and not held[a] & held[b]:
            return f"other {what}"
    return ""


def _clusters(forest: _Forest, links: Sequence[tuple[int, int, str]]) -> list[list[tuple[int, int, str]]]:
    """The links by connected cluster of groups, each in order."""
    parent: dict[int, int] = {}

    def top(node: int) -> int:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for one, two, _ in links:
        a, b = sorted((top(forest.root(one)), top(forest.root(two))))
        parent[b] = a
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for link in links:
        found[top(forest.root(link[0]))].append(link)
    return [found[key] for key in sorted(found)]


def _cluster_doubt(forest: _Forest, cluster: Sequence[tuple[int, int, str]]) -> str:
    """Why the groups of a cluster cannot all be one report; empty if they can."""
    roots = sorted({forest.root(i) for one, two, _ in cluster for i in (one, two)})
    for a, b in combinations(roots, 2):
        if doubt := _group_doubt(forest, a, b):
            return f"fits two reports that are not one: {doubt}"
        for first in (forest.records[i] for i in forest.members[a]):
            for second in (forest.records[i] for i in forest.members[b]):
                if "conflicts" in (likeness.authors(first, second), likeness.years(first, second)) and not (
                    _one(doi(first.get("doi"))) & _one(doi(second.get("doi")))
                ):
                    return "fits two reports that are not one: other author or year"
    return ""
