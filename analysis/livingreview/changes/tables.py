"""Two copies of the raw tables, row by row and field by field.

Rows are compared as the text that people wrote (trimmed, as every table is read), so that a copy of an earlier version needs no
schema of today to be compared. A row is known by its key, a row of a table without a key by its whole content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from livingreview.errors import ReviewError
from livingreview.extraction.read import read_table
from livingreview.extraction.schema import FOLDER, TableSchema, load_schemas

RAW = Path("data/raw")
STUDY = "study_id"
STREAMED = ("records", "queries")
ASIDE = ("search/", "second/", "adjudications")
"""Beginnings of the names of tables whose rows point to a study and are not its data."""
Key = tuple[str, ...]
Cells = dict[str, str]


@dataclass(frozen=True)
class Table:
    """One raw table: ``name`` is its path below ``data/raw`` without the suffix (``arms``, ``search/records_a``)."""

    name: str
    header: tuple[str, ...]
    rows: tuple[Cells, ...]

    @property
    def kind(self) -> str:
        """Name of its schema: the file's name without the search stream."""
        stem = self.name.rsplit("/", 1)[-1]
        return next((k for k in STREAMED if stem.startswith(f"{k}_")), stem)

    @property
    def of_studies(self) -> bool:
        """Whether each row belongs to a study as its data (records of the search only point to one)."""
        return STUDY in self.header and self.kind not in STREAMED


@dataclass(frozen=True)
class Copy:
    """The raw tables of a review in one state. ``folder`` reads as a review."""

    folder: Path

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Every table of ``data/raw`` by name; a table that cannot be read counts as far as it can."""
        found = {}
        raw = self.folder / RAW
        for path in sorted(raw.rglob("*.csv")) if raw.is_dir() else []:
            if path.name.startswith((".", "~")):
                continue
            name = path.relative_to(raw).with_suffix("").as_posix()
            read = read_table(path)
            found[name] = Table(name, tuple(read.header), tuple(row.cells for row in read.rows))
        return found

    @cached_property
    def studies(self) -> dict[str, Cells]:
        """Rows of the table of studies by id."""
        table = self.tables.get("studies")
        return {row.get(STUDY, ""): row for row in table.rows} if table else {}


def schemas_of(*reviews: Path) -> dict[str, TableSchema]:
    """Schemas of the first folder that has each; empty where none can be read (titles are then the columns' names)."""
    try:
        return load_schemas(*dict.fromkeys(folder / FOLDER for folder in reviews))
    except ReviewError:
        return {}


def key_columns(table: Table, schemas: Mapping[str, TableSchema]) -> Key:
    """Columns that a row is known by; empty where a row is known by its content only."""
    schema = schemas.get(table.kind)
    return tuple(schema.primary_key) if schema and schema.primary_key else ()


def keyed(table: Table | None, columns: Key) -> dict[Key, Cells]:
    """Rows by key. Without key columns, or where a key repeats, the whole content is the key and each repetition counts."""
    found: dict[Key, Cells] = {}
    if table is None:
        return found
    for row in table.rows:
        key = tuple(row.get(c, "") for c in columns or table.header)
        while key in found:
            key = (*key, "again")
        found[key] = row
    return found


def changed_cells(before: Cells, after: Cells, schema: TableSchema | None = None) -> list[dict[str, str]]:
    """``[{column, title, before, after}]`` of the cells that differ, in the order of the columns; "" where nothing was written."""
    missing = schema.missing_values if schema else frozenset()

    def written(row: Cells, column: str) -> str:
        value = row.get(column, "")
        return "" if value in missing else value

    return [
        {"column": c, "title": _title(c, schema), "before": written(before, c), "after": written(after, c)}
        for c in dict.fromkeys([*after, *before])
        if written(before, c) != written(after, c)
    ]


def _title(column: str, schema: TableSchema | None) -> str:
    field = schema.fields.get(column) if schema else None
    return (field.title if field and field.title else column.replace("_", " ")).strip()


def row_changes(before: Copy, after: Copy, schemas: Mapping[str, TableSchema]) -> list[dict[str, Any]]:
    """Every row that differs, by table and key: ``{table, study, key, what, cells}``.

    ``what`` is ``added``, ``removed`` or ``changed``; ``study`` is the study that the row belongs to or points to ("" without one);
    ``key`` is the row's own key within its study, as text; ``cells`` as :func:`changed_cells` has them.
    """
    found = []
    for name in sorted({*before.tables, *after.tables}):
        old, new = before.tables.get(name), after.tables.get(name)
        one = new or old
        assert one is not None
        columns = key_columns(one, schemas)
        rows_old, rows_new = keyed(old, columns), keyed(new, columns)
        # a column that only one of the two has and that says nothing there is no change
        for key in sorted({*rows_old, *rows_new}):
            was, now = rows_old.get(key, {}), rows_new.get(key, {})
            cells = changed_cells(was, now, schemas.get(one.kind))
            if not cells and key in rows_old and key in rows_new:
                continue
            own = [part for c, part in zip(columns, key, strict=False) if c != STUDY]
            found.append(
                {
                    "table": name,
                    "study": (now or was).get(STUDY, ""),
                    "key": ", ".join(own),
                    "what": "added"
                    if key not in rows_old
                    else "removed"
                    if key not in rows_new
                    else "changed",
                    "cells": cells,
                }
            )
    return found


def of_study(change: Mapping[str, Any]) -> bool:
    """Whether a change (see :func:`row_changes`) is one of a study's data: not of a record of the search, nor of what a second person
    extracted and how the two were reconciled."""
    return bool(change["study"]) and not str(change["table"]).startswith(ASIDE)


def studies_changed(
    before: Copy,
    after: Copy,
    included_before: Iterable[str],
    included_after: Iterable[str],
    changes: Iterable[Mapping[str, Any]],
) -> dict[str, list[str]]:
    """Ids of the studies by what happened to them, each sorted: ``added`` and ``removed`` count the included studies; ``corrected`` are
    included in both versions with another row; ``listed`` and ``unlisted`` came to or left the tables without being included;
    ``corrected_other`` are in both tables, included in neither, with another row; ``retracted`` are those newly marked as such.
    """
    was, now = set(included_before), set(included_after)
    touched = {str(c["study"]) for c in changes if of_study(c)}
    both = set(before.studies) & set(after.studies)
    others = (set(before.studies) | set(after.studies)) - was - now
    return {
        "added": sorted(now - was),
        "removed": sorted(was - now),
        "corrected": sorted(was & now & touched),
        "corrected_other": sorted(others & both & touched),
        "listed": sorted(others - set(before.studies)),
        "unlisted": sorted(others - set(after.studies)),
        "retracted": sorted(
            s
            for s in both | set(after.studies)
            if _retracted(after.studies.get(s)) and not _retracted(before.studies.get(s))
        ),
    }


def _retracted(study: Cells | None) -> bool:
    return bool(study) and (study or {}).get("status", "") == "retracted"
