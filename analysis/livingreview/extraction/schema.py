"""Table schemas: what columns a table has and what may stand in them.

A schema is a Frictionless Table Schema (one JSON file a table). What that standard has no word for stands under
the custom property ``livingreview``:

- of a field: ``unit``; ``codesFrom`` (a list of the protocol, see :func:`code_lists`); ``aliases`` (other spelling → code);
  ``shape`` (the pattern in words); ``strip`` (prefixes that people paste along, only used for suggestions);
  ``spreadsheet`` (what spreadsheets do to such a value: "digits", "dates", "decimals"); ``notAfter`` ("data_date");
  ``printed`` (false: never prints, such as ids, notes and raw addresses); ``optional`` (true: a table that has no use for
  the column may be without it, and no note says so); ``compared`` (whether two extractions are compared in it, where
  :mod:`livingreview.extraction.double_extraction` would judge otherwise by its type);
- of a table: ``rules`` (names in :mod:`livingreview.extraction.rules`), ``ranges`` (low, centres, high columns that must be
  in this order) and, of arms, ``unitColumns`` (unit code → column that counts such units; see :data:`UNIT_COLUMNS`).

Columns that neither the package needs (:data:`CORE`) nor a key, and that no row must fill, may be absent from a table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean
from livingreview.protocol import Protocol
from livingreview.protocol_certainty import ratable

FOLDER = Path("data/schema")

CORE: Mapping[str, tuple[str, ...]] = {
    "studies": (
        "study_id", "first_author", "year", "title", "journal", "volume", "issue", "pages", "doi", "pmid",
        "publication_date", "country", "design", "source_url", "source_kind", "eligibility", "exclusion_reason",
        "linked_to", "unverified_criteria",
    ),
    "arms": (
        "study_id", "arm_id", "therapy", "agent_detail", "n_patients", "n_lesions", "n_female", "aetiology",
        "shares_patients_with",
    ),
    "outcomes": (
        "study_id", "outcome_id", "arm_id", "outcome", "construct", "unit", "category", "events", "total", "before",
        "after", "change", "timepoint_months", "basis", "alternative_to",
    ),
    "participants": ("study_id", "patient_id", "arm_id", "age", "sex", "therapy", "response", "adverse_events", "recurrence"),
    "appraisals": ("study_id", "tool", "item_number", "item_label", "judgement", "reason", "date"),
    "appraisal_tools": ("tool", "item_number", "item_label"),
    "queries": ("date", "source", "query", "hits"),
    "records": (
        "record_id", "study_id", "title_kind", "title", "first_author", "year", "journal", "doi", "pmid", "url",
        "decision", "stage", "reason",
    ),
    "certainty": ("therapy", "outcome", "domain", "judgement", "reason", "signed_by", "date", "inputs_digest"),
    "acknowledgements": ("version", "conclusion", "name", "reason", "date"),
    "adjudications": ("row", "field", "first", "second", "value", "reason", "adjudicator", "date"),
}  # fmt: skip
"""The tables, and the columns of each that the package itself works with; a review's schema may add any others."""

OPTIONAL: tuple[str, ...] = ("certainty", "acknowledgements", "adjudications")
"""Tables that a review may be without; it is then as if they had no row."""

UNIT_COLUMNS: Mapping[str, str] = {"patient": "n_patients", "lesion": "n_lesions"}
"""Which column of arms counts the units of analysis, unless the schema of arms says otherwise (``unitColumns``)."""

TYPES = ("string", "integer", "number", "boolean", "year", "date")
_CONSTRAINTS = ("required", "unique", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength")
_FIELD_EXTRAS = (
    "unit",
    "codesFrom",
    "aliases",
    "shape",
    "strip",
    "spreadsheet",
    "notAfter",
    "printed",
    "optional",
    "compared",
)
_TABLE_EXTRAS = ("rules", "ranges", "unitColumns")


@dataclass(frozen=True)
class FieldSchema:
    """A column: its type, constraints and words."""

    name: str
    type: str = "string"
    title: str = ""
    description: str = ""
    constraints: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)

    @property
    def required(self) -> bool:
        """Whether every row must have a value."""
        return bool(self.constraints.get("required"))

    @property
    def printed(self) -> bool:
        """Whether the column may print."""
        return bool(self.extras.get("printed", True))

    @property
    def optional(self) -> bool:
        """Whether a table may be without the column and nothing is said about it."""
        return bool(self.extras.get("optional", False))

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """The compiled pattern, if the column has one; the whole value must match."""
        return re.compile(self.constraints["pattern"]) if "pattern" in self.constraints else None

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Other spellings (casefolded) and the code each stands for."""
        return {str(k).casefold(): str(v) for k, v in self.extras.get("aliases", {}).items()}


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values must stand in columns of another (or the same) table."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class TableSchema:
    """A table: its columns in order, keys and rules."""

    name: str
    file: str
    title: str
    description: str
    fields: Mapping[str, FieldSchema]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    missing_values: frozenset[str]
    rules: tuple[str, ...]
    ranges: tuple[tuple[str, tuple[str, ...], str], ...]
    unit_columns: Mapping[str, str]

    def indispensable(self, column: str) -> bool:
        """Whether a table must have the column: the package or its key needs it, or every row must fill it."""
        return column in CORE.get(self.name, ()) or column in self.primary_key or self.fields[column].required

    def printed(self) -> list[str]:
        """Names of the columns that may print, in table order."""
        return [name for name, spec in self.fields.items() if spec.printed]


_CODE_LISTS: Mapping[str, tuple[str, Callable[[Protocol], dict[str, str]]]] = {
    "therapies": ("therapies out_of_scope", lambda p: {t.code: t.name for t in p.therapies} | p.out_of_scope),
    "designs": ("designs", lambda p: {code: design.singular for code, design in p.designs.items()}),
    "aetiologies": ("aetiologies", lambda p: p.aetiologies),
    "outcomes": ("outcomes", lambda p: {o.code: o.name for o in p.outcomes}),
    "constructs": ("constructs", lambda p: p.constructs),
    "units": ("units", lambda p: {code: unit.singular for code, unit in p.units.items()}),
    "bases": ("bases", lambda p: p.bases),
    "source_kinds": ("source_kinds", lambda p: p.source_kinds),
    "appraisal_tools": (
        "appraisal_tools",
        lambda p: {code: tool.name for code, tool in p.appraisal_tools.items()},
    ),
    "judgements": ("judgements", lambda p: {name: judgement.label for name, judgement in p.judgements}),
    "certainty_outcomes": ("analyses outcomes", lambda p: ratable(p.analyses.outcomes, p.outcomes)),
    "conclusions": ("conclusions", lambda p: {c.id: c.name for c in p.conclusions.declared}),
    "response_categories": ("response", lambda p: dict(p.response.categories)),
}
"""Name → (protocol fields it needs, the codes and their labels)."""


def code_lists(protocol: Protocol, known: Collection[str] | None = None) -> dict[str, dict[str, str]]:
    """The code lists that a schema may name in ``codesFrom``: list name → {code: label}.

    ``known``: the fields that a broken protocol still has; lists that need others are left out.
    """
    return {
        name: codes(protocol)
        for name, (needed, codes) in _CODE_LISTS.items()
        if known is None or set(needed.split()) <= set(known)
    }


def load_schemas(*folders: Path) -> dict[str, TableSchema]:
    """Schemas of all tables; a file in an earlier folder stands before one of the same name in a later folder.

    Raises ReviewError with every problem: a table without schema, a core column missing, an unknown property.
    """
    problems: list[Problem] = []
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(Path(folder).glob("*.json")) if Path(folder).is_dir() else []:
            if path.name.startswith("."):
                continue
            if path.stem not in CORE:
                hint = did_you_mean(path.stem, CORE)
                problems.append(
                    Problem(
                        "no table of this name", file=_shown(path), allowed=", ".join(CORE), suggestion=hint
                    )
                )
            found.setdefault(path.stem, path)
    schemas: dict[str, TableSchema] = {}
    for table in CORE:
        if table not in found:
            problems.append(Problem("the table has no schema", file=f"{FOLDER}/{table}.json"))
            continue
        try:
            schemas[table] = _table(table, found[table], problems)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError, re.error, OSError) as error:
            text = (
                f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)
            )
            problems.append(Problem(f"not a usable table schema: {text}", file=_shown(found[table])))
    for schema in schemas.values():
        for key in schema.foreign_keys:
            target = schemas.get(key.table)
            if target is not None and (missing := [c for c in key.targets if c not in target.fields]):
                problems.append(
                    Problem(
                        f"a foreign key points to {key.table}.{missing[0]}, which is no column",
                        file=schema.file,
                    )
                )
    if problems:
        raise ReviewError(problems)
    return schemas


def _shown(path: Path) -> str:
    return f"{FOLDER}/{path.name}"


def _table(name: str, path: Path, problems: list[Problem]) -> TableSchema:
    raw = json.loads(path.read_text(encoding="utf-8"))
    file = _shown(path)

    def wrong(message: str, suggestion: str = "", allowed: str = "") -> None:
        problems.append(Problem(message, file=file, suggestion=suggestion, allowed=allowed))

    fields: dict[str, FieldSchema] = {}
    for item in raw["fields"]:
        spec = _field(item, wrong)
        if spec.name in fields:
            wrong(f"the column {spec.name} is described twice")
        fields[spec.name] = spec
    for column in CORE[name]:
        if column not in fields:
            wrong(
                f"the column `{column}` is missing; the package cannot work without it",
                did_you_mean(column, fields)
                or "add the field to the schema (the column itself may stay empty)",
            )
    extras = raw.get("livingreview", {})
    for key in extras:
        if key not in _TABLE_EXTRAS:
            wrong(
                f"unknown property livingreview.{key}",
                did_you_mean(key, _TABLE_EXTRAS),
                ", ".join(_TABLE_EXTRAS),
            )
    keys = [
        ForeignKey(
            _names(key["fields"]),
            key["reference"].get("resource", "") or name,
            _names(key["reference"]["fields"]),
        )
        for key in raw.get("foreignKeys", [])
    ]
    primary = _names(raw.get("primaryKey", []))
    ranges = [(r[0], tuple(r[1:-1]), r[-1]) for r in extras.get("ranges", [])]
    units = dict(extras.get("unitColumns", UNIT_COLUMNS if name == "arms" else {}))
    for column in units.values():
        if column not in fields:
            wrong(f"unitColumns names `{column}`, which is no column", did_you_mean(column, fields))
    used = [
        *primary,
        *(c for k in keys for c in k.columns),
        *(c for low, mid, high in ranges for c in (low, *mid, high)),
    ]
    for column in used:
        if column not in fields:
            wrong(f"a key or range names `{column}`, which is no column", did_you_mean(column, fields))
    for key in keys:
        if key.table not in CORE:
            wrong(f"a foreign key points to `{key.table}`, which is no table", did_you_mean(key.table, CORE))
    return TableSchema(
        name=name,
        file=file,
        title=str(raw.get("title", name)),
        description=str(raw.get("description", "")),
        fields=fields,
        primary_key=primary,
        foreign_keys=tuple(keys),
        missing_values=frozenset(raw.get("missingValues", [""])) | {""},
        rules=tuple(extras.get("rules", [])),
        ranges=tuple(r for r in ranges if all(c in fields for c in (r[0], *r[1], r[2]))),
        unit_columns=units,
    )


def _names(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _field(item: dict[str, Any], wrong: Any) -> FieldSchema:
    spec = FieldSchema(
        name=item["name"],
        type=item.get("type", "string"),
        title=item.get("title", item["name"]),
        description=item.get("description", ""),
        constraints=item.get("constraints", {}),
        extras=item.get("livingreview", {}),
    )
    if spec.type not in TYPES:
        wrong(
            f"{spec.name}: unknown type `{spec.type}`", did_you_mean(str(spec.type), TYPES), ", ".join(TYPES)
        )
    for key in spec.constraints:
        if key not in _CONSTRAINTS:
            wrong(
                f"{spec.name}: unknown constraint `{key}`",
                did_you_mean(key, _CONSTRAINTS),
                ", ".join(_CONSTRAINTS),
            )
    for key in spec.extras:
        if key not in _FIELD_EXTRAS:
            wrong(
                f"{spec.name}: unknown property livingreview.{key}",
                did_you_mean(key, _FIELD_EXTRAS),
                ", ".join(_FIELD_EXTRAS),
            )
    if "codesFrom" in spec.extras and spec.extras["codesFrom"] not in _CODE_LISTS:
        listed = str(spec.extras["codesFrom"])
        wrong(
            f"{spec.name}: no code list `{listed}` in the protocol",
            did_you_mean(listed, _CODE_LISTS),
            ", ".join(_CODE_LISTS),
        )
    _ = spec.pattern, spec.aliases  # compile now, so that a broken one is told here
    return spec
