"""Two independent extractions compared field by field, and what adjudication made of the differences.

The first extraction are the tables of ``data/raw``, from which the review is built; the second stands in tables of the same
names in ``data/raw/second``. Rows meet by their key. A table of the second extraction counts as complete for each study
that the second extraction has: a row that only one of the two has is a difference too. Columns of codes, numbers, dates and
texts of a fixed form are compared; free text only where the schema says so (``compared``), because two people never write
the same sentence.

``data/raw/adjudications.csv`` decides differences. It keeps what both extractors had, so that agreement is that of the
extractions as they were made, also after a table was mended. A difference is settled when the table holds the value that
was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from livingreview.errors import Problem
from livingreview.extraction.agreement_measures import ac1, kappa, observed
from livingreview.extraction.schema import FieldSchema, TableSchema
from livingreview.nearest import did_you_mean

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]

BOOKKEEPING = frozenset(
    [
        "note",
        "notes",
        "extraction_note",
        "source_url",
        "url",
        "locator",
        "missing",
        "appraiser",
        "item_label",
        "linked_to",
    ]
)
LEAST = 5
"""Fewest cells for which a coefficient is given: with fewer, one cell moves it over most of its range."""
ROW, PRESENT, ABSENT = "(row)", "present", "absent"


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell on which the extractors differ (or with field ``(row)`` a row that one of them lacks).

    ``row`` is the row key ``table:study_id:own key``; ``settled`` says that it was adjudicated and the table holds the
    value decided; ``why_open`` says what is missing where it is not. ``file`` and ``line`` are where the first extraction
    stands.
    """

    row: str
    field: str
    first: str
    second: str
    settled: bool
    value: str | None = None
    reason: str | None = None
    adjudicator: str | None = None
    why_open: str = ""
    file: str = ""
    line: int | None = None

    @property
    def table(self) -> str:
        """Name of the table."""
        return self.row.split(":")[0]


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """Agreement on one column: cells that at least one extractor filled, how many agree, and the coefficients.

    ``kappa`` and ``ac1`` are None for columns without a list of codes, below :data:`LEAST` cells, and where not defined.
    """

    table: str
    field: str
    title: str
    n: int
    agreed: int
    coded: bool
    percent: float | None
    kappa: float | None
    ac1: float | None


@dataclass(frozen=True)
class Agreement:
    """The comparison: ``studies`` extracted twice, agreement by column, all differences, and problems of adjudications."""

    studies: list[str] = field(default_factory=list)
    fields: list[FieldAgreement] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    overall: FieldAgreement | None = None

    @property
    def exists(self) -> bool:
        """Whether there is a second extraction."""
        return bool(self.studies)

    @property
    def open(self) -> list[Difference]:
        """Differences that wait for adjudication, or whose decision is not in the table."""
        return [d for d in self.differences if not d.settled]


def compare(first: Tables, second: Tables, schemas: Mapping[str, TableSchema]) -> Agreement:
    """Compare two extractions; ``first`` also holds the table ``adjudications``."""
    known_studies = {r["study_id"] for r in first["studies"]}
    twice = {r["study_id"] for rows in second.values() for r in rows}
    studies = sorted(twice & known_studies)
    decided = {(r["row"], r["field"]): r for r in first.get("adjudications", ())}
    pairs: dict[tuple[str, str], list[tuple[str, str]]] = {}
    differences: list[Difference] = []
    known: dict[str, set[str]] = {}
    for table in (name for name in schemas if name in second):
        schema = schemas[table]
        mine = {row_key(schema, r): r for r in first[table] if r["study_id"] in studies}
        other = {row_key(schema, r): r for r in second[table] if r["study_id"] in studies}
        known |= {key: {ROW, *schema.fields} for key in {*mine, *other}}
        for key in sorted({*mine, *other}):
            one, two = mine.get(key), other.get(key)
            if one is None or two is None or (key, ROW) in decided:
                said = (PRESENT if one is not None else ABSENT, PRESENT if two is not None else ABSENT)
                if said[0] != said[1] or (key, ROW) in decided:
                    differences.append(_difference(key, ROW, *said, decided.get((key, ROW)), one))
                if one is None or two is None:
                    continue
            for name in compared(schema):
                now = text_of(one.get(name)), text_of(two.get(name))
                decision = decided.get((key, name))
                # as the extractors had it, before anybody mended the table
                had = (text_of(decision["first"]), text_of(decision["second"])) if decision else now
                if any(had):
                    pairs.setdefault((table, name), []).append(had)
                if now[0] != now[1] or (decision is not None and had[0] != had[1]):
                    differences.append(_difference(key, name, *now, decision, one))
    fields = [_agreement(schemas[t].fields[n], t, found) for (t, n), found in pairs.items()]
    every = [pair for found in pairs.values() for pair in found]
    agreed = sum(a == b for a, b in every)
    overall = FieldAgreement("", "", "All columns", len(every), agreed, False, observed(every), None, None)
    return Agreement(
        studies,
        fields,
        differences,
        _strays(decided.values(), known, bool(studies)),
        overall if every else None,
    )


def compared(schema: TableSchema) -> list[str]:
    """Columns of a table that are compared."""
    return [
        name
        for name, spec in schema.fields.items()
        if name not in schema.primary_key and name not in BOOKKEEPING and _comparable(name, spec, schema)
    ]


def _comparable(name: str, spec: FieldSchema, schema: TableSchema) -> bool:
    if "compared" in spec.extras:
        return bool(spec.extras["compared"])
    fixed = spec.type != "string" or coded(spec) or spec.pattern is not None or bool(spec.aliases)
    linking = any(name in key.columns for key in schema.foreign_keys)
    return fixed and (spec.printed or linking) and not (schema.name == "appraisals" and spec.type == "date")


def coded(spec: FieldSchema) -> bool:
    """Whether a column takes its values from a list."""
    return "codesFrom" in spec.extras or "enum" in spec.constraints or spec.type == "boolean"


def row_key(schema: TableSchema, row: Row) -> str:
    """``table:study_id:own key`` of a row."""
    return ":".join([schema.name, *(text_of(row.get(c)) for c in schema.primary_key)])


def text_of(value: object) -> str:
    """A typed value as text, one value always the same; empty for a missing one.

    >>> text_of(3.0), text_of(0.5), text_of(None), text_of(True)
    ('3', '0.5', '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _difference(
    key: str, name: str, first: str, second: str, decision: Row | None, row: Row | None
) -> Difference:
    """A difference as it stands now; after a decision ``first`` and ``second`` are what the extractors had."""
    place = {"file": str((row or {}).get("_file") or ""), "line": (row or {}).get("_row")}
    if decision is None:
        return Difference(key, name, first, second, False, why_open="not adjudicated", **place)  # type: ignore[arg-type]
    had = text_of(decision["first"]), text_of(decision["second"])
    value = text_of(decision["value"])
    why = ""
    if second != had[1]:
        why = f"adjudicated, but the second extraction has changed since (it was {had[1] or 'empty'})"
    elif first != value:
        why = f"adjudicated as {value or 'empty'}, but the table holds {first or 'nothing'}"
    return Difference(
        key,
        name,
        *had,
        not why,
        value,
        decision["reason"],
        decision["adjudicator"],
        why,
        **place,  # type: ignore[arg-type]
    )


def _agreement(spec: FieldSchema, table: str, pairs: list[tuple[str, str]]) -> FieldAgreement:
    listed = coded(spec)
    return FieldAgreement(
        table=table,
        field=spec.name,
        title=spec.title,
        n=len(pairs),
        agreed=sum(a == b for a, b in pairs),
        coded=listed,
        percent=observed(pairs),
        kappa=kappa(pairs) if listed and len(pairs) >= LEAST else None,
        ac1=ac1(pairs) if listed and len(pairs) >= LEAST else None,
    )


def _strays(decisions: Iterable[Row], known: Mapping[str, set[str]], exists: bool) -> list[Problem]:
    """Adjudications that lead nowhere."""
    found = []
    for row in decisions:
        key, name = row["row"], row["field"]
        if exists and key in known and name in known[key]:
            continue
        column, value, choices = (
            ("row", key, list(known)) if key not in known else ("field", name, sorted(known[key]))
        )
        found.append(
            Problem(
                "there is no such row in either extraction"
                if column == "row"
                else "the table has no such column",
                file=row["_file"],
                row=row["_row"],
                column=column,
                value=value,
                suggestion=did_you_mean(value, choices)
                or "`livingreview agreement` lists what there is to decide",
            )
        )
    return found
