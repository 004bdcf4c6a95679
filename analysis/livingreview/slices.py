"""Canonical slices of a valid review: what each later step may read, and nothing else.

A slice holds only what its readers need, in an order that does not depend on the tables' rows. So a change that no
reader can see (a note, an address, another order of rows) leaves its bytes alone and reruns nothing. Keys of studies
and arms are in the slices to join by; everything that prints has a label or text beside its key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from livingreview import citations
from livingreview.canonical import digest
from livingreview.living.schedule import schedule
from livingreview.printable import Wording, listed
from livingreview.protocol_order import order_of, ordered
from livingreview.screening import flow as flows
from livingreview.screening.duplicates import Merges
from livingreview.screening.identifiers import text

Row = Mapping[str, Any]

PROTOCOL_OF_THERAPY = (
    "confidence_level", "response", "constructs", "units", "designs", "outcomes", "bases", "aetiologies", "source_kinds",
    "analyses",
)  # fmt: skip
"""Parts of the protocol that the numbers of a therapy depend on."""

STUDY_COLUMNS = ("study_id", "year", "design", "country", "source_kind")
KEYS = frozenset({"study_id", "arm_id", "outcome_id", "patient_id", "alternative_to", "shares_patients_with"})
UNSEEN = frozenset({"note", "notes", "extraction_note", "source_url", "url", "locator", "missing"})
"""Columns that no analysis reads, whatever a schema says of them."""


@dataclass(frozen=True)
class Review:
    """A valid dataset with what several slices share: print names of studies, merged records, who is included."""

    data: Any

    @cached_property
    def protocol(self) -> dict[str, Any]:
        """The whole protocol, JSON-ready."""
        return dict(self.data.protocol.slice())

    @cached_property
    def _sorted(self) -> dict[str, list[Row]]:
        return {table: sorted(rows, key=_content_key) for table, rows in self.data.tables.items()}

    @cached_property
    def _by_study(self) -> dict[str, dict[str, list[Row]]]:
        found: dict[str, dict[str, list[Row]]] = {}
        for table, rows in self._sorted.items():
            of: dict[str, list[Row]] = defaultdict(list)
            for row in rows:
                if row.get("study_id") is not None:
                    of[row["study_id"]].append(row)
            found[table] = dict(of)
        return found

    def rows(self, table: str) -> list[Row]:
        """Rows of a table, in the order of their content."""
        return self._sorted[table]

    def rows_of(self, study_id: str, table: str) -> list[Row]:
        """Rows of a study in a table, in the order of their content."""
        return self._by_study[table].get(study_id, [])

    @cached_property
    def names(self) -> dict[str, dict[str, str]]:
        """``{study_id: {"label", "label_short"}}`` of every study in the tables."""
        return citations.labels(self.data.tables["studies"], self.described)

    @cached_property
    def described(self) -> dict[str, str]:
        """Descriptions that stand for titles nobody has seen, by study id."""
        return citations.described_titles(self.data.tables["records"])

    @cached_property
    def merges(self) -> Merges:
        """The records of all streams, duplicates linked."""
        return flows.duplicates(self.data)

    @cached_property
    def flow(self) -> dict[str, Any]:
        """The PRISMA flow with its reasons fit for print; raises ReviewError where it does not add up."""
        found = flows.flow(self.data, self.merges)
        for box in ("excluded_screening", "excluded_assessed"):
            for row in found["boxes"][box]["reasons"]:
                row["reason"] = self.wording.free(row["reason"])
        return found

    @cached_property
    def wording(self) -> Wording:
        """Words for the codes of the tables, and free text made fit for print."""
        return Wording(self.protocol, {key: name["label"] for key, name in self.names.items()})

    def studies(self, eligibility: str) -> list[Row]:
        """Studies with one result of the eligibility assessment (included ones that are retracted: ``flows.RETRACTED``), by
        year (without year last), then label."""
        return self._by_eligibility.get(eligibility, [])

    @cached_property
    def _by_eligibility(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for study in sorted(self.data.tables["studies"], key=self.print_order):
            found[flows.standing(study)].append(study)
        return dict(found)

    def print_order(self, study: Row) -> tuple[int, str, str]:
        """Sort key of studies wherever they are listed."""
        key = text(study, "study_id")
        year = re.match(r"\d{4}", text(study, "year"))
        return int(year.group()) if year else 10_000, self.names[key]["label"].casefold(), key

    def therapies_of(self, study_id: str) -> list[str]:
        """Codes of the therapies in scope that a study has an arm of, in protocol order."""
        return list(self._therapies.get(study_id, ()))

    @cached_property
    def _therapies(self) -> dict[str, list[str]]:
        codes = [t["code"] for t in self.protocol["therapies"]]
        given = {study: {a["therapy"] for a in arms} for study, arms in self._by_study["arms"].items()}
        return {study: [c for c in codes if c in found] for study, found in given.items()}

    def columns(self, table: str) -> list[str] | None:
        """Columns of a table that analysis may read: keys and what may print; ``None`` where no schema says."""
        schema = (getattr(self.data, "schemas", None) or {}).get(table)
        if schema is None:
            return None
        needed = KEYS | set(schema.unit_columns.values())
        return [c for c, spec in schema.fields.items() if (c in needed or spec.printed) and c not in UNSEEN]

    @cached_property
    def unit_columns(self) -> dict[str, str]:
        """Column of arms that counts each unit of analysis, as the schema of arms says."""
        schema = (getattr(self.data, "schemas", None) or {}).get("arms")
        return {} if schema is None else dict(schema.unit_columns)

    def seen(self, table: str, rows: Iterable[Row]) -> list[dict[str, Any]]:
        """The rows with the columns that analysis may read, sorted by study and key."""
        columns = self.columns(table)
        if columns is not None:
            kept = [{c: row[c] for c in columns if c in row} for row in rows]
        else:
            kept = [
                {c: v for c, v in row.items() if not c.startswith("_") and c not in UNSEEN} for row in rows
            ]
        return sorted(kept, key=_content_key)


def _content_key(row: Row) -> tuple[Any, ...]:
    """Order of rows by their keys, without a key by everything else; place in the file does not count."""
    first = ("study_id", "stream", "arm_id", "outcome_id", "patient_id", "tool", "item_number", "record_id")
    keyed = row.get("study_id") is not None or row.get("record_id") is not None
    content = [] if keyed else sorted((c, str(v)) for c, v in row.items() if not c.startswith("_"))
    return (*(_natural(row.get(c)) for c in first), content)


@lru_cache(maxsize=65536)
def _natural(value: object) -> tuple[tuple[int, int, str], ...]:
    parts = re.findall(r"\d+|\D+", "" if value is None else str(value))
    return tuple((0, int(p), "") if p.isascii() and p.isdigit() else (1, 0, p) for p in parts)


def _study(review: Review, study: Row) -> dict[str, Any]:
    key = study["study_id"]
    return {
        **{c: study.get(c) for c in STUDY_COLUMNS},
        **review.names[key],
        "unverified_criteria": listed(study.get("unverified_criteria")),
    }


def _analysed_columns(review: Review) -> list[str]:
    """Columns of the studies, beyond those that every slice holds, by which a declared analysis selects or groups."""
    declared = review.protocol["analyses"]
    named = {column for entry in declared["sensitivity"] for column in (*entry["keep"], *entry["drop"])}
    named |= {entry["by"] for entry in (*declared["subgroups"], *declared["moderators"])}
    return sorted(named & set(review.columns("studies") or ()) - set(STUDY_COLUMNS))


def _judgements(review: Review, study_id: str) -> dict[str, dict[str, str]]:
    """Judgements of one study by tool and number of the item, without who judged and why."""
    found: dict[str, dict[str, str]] = {}
    for row in review.rows_of(study_id, "appraisals"):
        found.setdefault(row["tool"], {})[str(row["item_number"])] = row["judgement"]
    return found


def therapy_slice(review: Review, code: str) -> dict[str, Any]:
    """Everything the numbers of one therapy rest on: its included studies with all their arms, outcomes, participants,
    and the judgements of their appraisal, by which an analysis may select.

    Empty lists for a therapy without studies. Raises KeyError for a code that the protocol does not have.
    """
    therapy = {t["code"]: t for t in review.protocol["therapies"]}[code]
    studies = [s for s in review.studies(flows.INCLUDED) if code in review.therapies_of(s["study_id"])]
    return {
        "therapy": therapy,
        "protocol": {
            **{field: review.protocol[field] for field in PROTOCOL_OF_THERAPY},
            "order": order_of(review.protocol, *PROTOCOL_OF_THERAPY, "categories"),
        },
        "unit_columns": review.unit_columns,
        "studies": [
            {**_study(review, s), **{c: s.get(c) for c in _analysed_columns(review)}} for s in studies
        ],
        "appraisals": {
            s["study_id"]: found for s in studies if (found := _judgements(review, s["study_id"]))
        },
        **{
            table: review.seen(table, (r for s in studies for r in review.rows_of(s["study_id"], table)))
            for table in ("arms", "outcomes", "participants")
        },
    }


def characteristics(review: Review) -> dict[str, Any]:
    """The included studies as a set: design, country, source, therapies, patients by therapy, aetiologies.

    ``n_patients`` is ``{therapy code: patients}``; patients that arms of one therapy share count once, and a therapy
    with an arm of unknown size is ``None``. Units and constructs are there for figures across therapies, and what names
    the previous version and tells its year.
    """
    studies = []
    for study in review.studies(flows.INCLUDED):
        key = study["study_id"]
        arms, therapies = review.rows_of(key, "arms"), review.therapies_of(key)
        found = {a["aetiology"] for a in arms if a.get("aetiology")}
        studies.append(
            {
                **_study(review, study),
                "therapies": therapies,
                "n_patients": {
                    code: _patients([a for a in arms if a["therapy"] == code]) for code in therapies
                },
                "aetiologies": [c for c in review.protocol["aetiologies"] if c in found],
            }
        )
    fields = ("therapies", "designs", "aetiologies", "source_kinds", "units", "constructs")
    order = {
        **order_of(review.protocol, *fields),
        "n_patients": [t["code"] for t in review.protocol["therapies"]],
    }
    return {
        **{field: review.protocol[field] for field in fields},
        "previous_version": _previous_version(review),
        "order": order,
        "studies": studies,
    }


def _previous_version(review: Review) -> dict[str, Any] | None:
    """``{"label", "year"}`` of the version before this one; ``None`` without one or without the year of its publication."""
    version = review.protocol.get("previous_version") or {}
    found = re.match(r"\d{4}", str((version.get("published") or {}).get("date") or ""))
    return {"label": version["label"], "year": int(found.group())} if found else None


def _patients(arms: Sequence[Row]) -> int | None:
    ids = {a["arm_id"] for a in arms}
    own = [a.get("n_patients") for a in arms if a.get("shares_patients_with") not in ids]
    known = [n for n in own if n is not None]
    return sum(known) if known and len(known) == len(own) else None


def appraisal(review: Review) -> dict[str, Any]:
    """Judgements of the included studies by tool and item, with the items of each tool and the words of judgements."""
    items: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in review.rows("appraisal_tools"):
        shown = {c: item.get(c) for c in ("item_number", "item_label", "signalling")}
        items[item["tool"]].append(shown)
    tools = {
        code: {"name": tool["name"], "short": tool["short"], "items": items.get(code, [])}
        for code, tool in review.protocol["appraisal_tools"].items()
    }
    studies = [
        {
            "study_id": key,
            **review.names[key],
            "tool": tool,
            "therapies": review.therapies_of(key),
            "items": {str(row["item_number"]): row["judgement"] for row in rows},
        }
        for key, tool, rows in appraised(review)
    ]
    order = {"tools": list(tools), **order_of(review.protocol, "judgements")}
    return {"tools": tools, "studies": studies, "judgements": review.protocol["judgements"], "order": order}


def appraised(review: Review) -> Iterator[tuple[str, str, list[Row]]]:
    """Study id, tool and judgements of each included study that was appraised, in print order."""
    for study in review.studies(flows.INCLUDED):
        by_tool: dict[str, list[Row]] = defaultdict(list)
        for row in review.rows_of(study["study_id"], "appraisals"):
            by_tool[row["tool"]].append(row)
        for tool, rows in ordered(dict(sorted(by_tool.items())), review.protocol["appraisal_tools"]).items():
            yield study["study_id"], tool, rows


def documents(review: Review, root: Path) -> dict[str, Any]:
    """What documents say of the review itself: the protocol's words and their order, unverified criteria, versions.

    ``schedule`` says when searches are due; ``unverified_criteria`` counts included studies by criterion; ``environment`` holds the versions of the project's
    own requirements from the lock file, never those of the machine.
    """
    included = review.studies(flows.INCLUDED)
    counts = Counter(c for s in included for c in dict.fromkeys(listed(s.get("unverified_criteria"))))
    search = {
        k: v
        for k, v in review.protocol["search"].items()
        if k not in ("reason_groups", "other_stream_reasons")
    }
    return {
        **review.protocol,
        "search": search,
        "unverified_criteria": [
            {"criterion": c, "n": n} for c, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ],
        "environment": environment(root),
        "schedule": schedule(review.protocol, review.rows("queries")),
        "order": order_of(review.protocol),
    }


def environment(root: Path) -> dict[str, Any]:
    """``{"packages": [{"name", "version"}], "lock"}``: the requirements named in ``pyproject.toml``, as locked, and the
    first 16 digits of the lock file's SHA-256.

    Without these files the list is empty and there is no digest.
    """
    import tomllib

    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        lock = (root / "requirements.lock").read_text(encoding="utf-8")
    except (OSError, KeyError):
        return {"packages": []}
    locked = {_name(n): (n, v) for n, v in re.findall(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", lock, re.MULTILINE)}
    wanted = {_name(re.split(r"[^A-Za-z0-9._-]", r, maxsplit=1)[0]) for r in project.get("dependencies", [])}
    return {
        "packages": [{"name": locked[n][0], "version": locked[n][1]} for n in sorted(wanted & set(locked))],
        "lock": hashlib.sha256(lock.encode()).hexdigest()[:16],
    }


def _name(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def bibliography(review: Review) -> list[dict[str, Any]]:
    """CSL-JSON of every study in the tables: the included ones and those listed in the supplement."""
    return citations.bibliography(review.data.tables["studies"], review.protocol, review.described)


def study_digests(review: Review) -> dict[str, dict[str, str]]:
    """SHA-256 of each study's rows in each table, all columns, whatever their order: what a change is told by."""
    tables = sorted(set(review.data.tables) - {"records"})
    found: dict[str, dict[str, str]] = {}
    for study in sorted({s["study_id"] for s in review.rows("studies")}):
        rows = {table: review.rows_of(study, table) for table in tables}
        found[study] = {table: rows_digest(of) for table, of in rows.items() if of}
    return found


def rows_digest(rows: Iterable[Row]) -> str:
    """SHA-256 of rows in the order given, written tightly: these are tens of thousands, and indenting takes most of the time."""
    content = [{c: v for c, v in row.items() if not c.startswith("_")} for row in rows]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def protocol_digests(review: Review) -> dict[str, str]:
    """SHA-256 of each field of the protocol; another order of its codes is another digest.

    A key for journals that nobody has given is left out: that the program now knows it changes no protocol.
    """
    from livingreview.protocol_submission import ForJournals

    absent = ForJournals().model_dump(mode="json")
    return {
        field: digest(_in_pairs(value))
        for field, value in review.protocol.items()
        if field not in absent or value != absent[field]
    }


def _in_pairs(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [[key, _in_pairs(found)] for key, found in value.items()]
    return [_in_pairs(found) for found in value] if isinstance(value, list) else value
