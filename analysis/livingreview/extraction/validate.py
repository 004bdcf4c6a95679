"""Tables of text against their schemas: typed rows, keys, foreign keys, and every problem on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from livingreview.errors import Problem
from livingreview.extraction.cells import Finding, Value, number_style, read_cell
from livingreview.extraction.read import RawTable
from livingreview.extraction.schema import FieldSchema, ForeignKey, TableSchema
from livingreview.nearest import did_you_mean

Row = dict[str, Any]
"""Column → int, float, str, bool or None (missing); ``_row`` is the spreadsheet's row, ``_file`` the file.
While a table is being checked ``_bad`` names the columns whose value could not be read."""

Codes = Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class Typed:
    """A table of typed rows; ``complete`` is False when rows or columns of it could not be read."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    complete: bool = True


class _Notes:
    """Notes of a table, gathered so that the same note on a hundred rows is told once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.seen: dict[tuple[str, str], list[int]] = {}

    def add(self, column: str, message: str, row: int) -> None:
        self.seen.setdefault((column, message), []).append(row)

    def problems(self) -> list[Problem]:
        return [
            Problem(
                message if len(rows) == 1 else f"{message} ({len(rows)} rows, first in this one)",
                file=self.file,
                row=rows[0],
                column=column,
                severity="note",
            )
            for (column, message), rows in self.seen.items()
        ]


def typed(table: RawTable, schema: TableSchema, codes: Codes) -> Typed:
    """Typed rows of a raw table. ``codes`` are the protocol's code lists, as far as known."""
    result = Typed(problems=[*table.problems, *table.notes], complete=table.readable)
    if not table.header:
        return result
    if not schema.fields.keys() & set(table.header):
        no_header = Finding(
            "the header row is missing, or it is that of another table",
            ", ".join(schema.fields),
            "the first row must name the columns",
        )
        result.problems.append(_problem(table.path, 1, "", "", no_header))
        result.complete = False
        return result
    needed = [c for c in schema.fields if schema.indispensable(c)]
    if 2 * sum(c in table.header for c in needed) < len(needed):
        other = Finding(
            "this is the header of another table, or most columns are missing",
            ", ".join(needed),
            f"restore {table.path.rpartition('/')[2]}, or name its columns in the first row",
        )
        result.problems.append(_problem(table.path, 1, "", ", ".join(table.header), other))
        result.complete = False
        return result
    result.problems += _columns(table, schema)
    result.complete &= all(c in table.header for c in schema.fields if schema.indispensable(c))
    present = [(name, spec) for name, spec in schema.fields.items() if name in table.header]
    absent = dict.fromkeys(schema.fields)
    numbers = [name for name, spec in present if spec.type in ("number", "integer")]
    style = number_style(table.separator, {row.cells[name] for row in table.rows for name in numbers})
    notes = _Notes(table.path)
    columns: list[
        tuple[str, FieldSchema, Mapping[str, str] | None, dict[str, tuple[Value, Finding | None]]]
    ] = []
    for name, spec in present:
        listed = spec.extras.get("codesFrom")
        allowed = codes.get(listed) if listed else None
        columns.append((name, spec, allowed, dict.fromkeys(schema.missing_values, (None, None))))
    for raw in table.rows:
        row: Row = dict(absent)
        for name, spec, allowed, known in columns:
            text = raw.cells[name]
            if text not in known:
                known[text] = read_cell(spec, text, allowed, style)
            value, finding = known[text]
            row[name] = value
            if value is None and finding is None:
                if spec.required:
                    _bad(row, name)
                    result.problems.append(
                        _problem(table.path, raw.row, name, "", _empty(spec.extras.get("shape", ""), allowed))
                    )
            elif finding is not None and finding.error:
                _bad(row, name)
                result.problems.append(_problem(table.path, raw.row, name, text, finding))
            elif finding is not None:
                notes.add(name, finding.message, raw.row)
        row["_row"], row["_file"] = raw.row, table.path
        result.rows.append(row)
    result.problems += notes.problems()
    return result


def _bad(row: Row, column: str) -> None:
    row["_bad"] = row.get("_bad", frozenset()) | {column}


def _empty(shape: str, allowed: Mapping[str, str] | None) -> Finding:
    return Finding("must not be empty", shape or (", ".join(allowed) if allowed else ""))


def _problem(file: str, row: int, column: str, value: str, finding: Finding) -> Problem:
    return Problem(
        finding.message,
        file=file,
        row=row,
        column=column,
        value=value or None,
        allowed=finding.allowed,
        suggestion=finding.suggestion,
    )


def _columns(table: RawTable, schema: TableSchema) -> Iterable[Problem]:
    missing = [name for name in schema.fields if name not in table.header]
    for name in table.header:
        if name in schema.fields or "(column " in name:  # nameless and double columns are told already
            continue
        hint = did_you_mean(name, missing) or did_you_mean(name, schema.fields)
        yield Problem(
            "the table has a column that its schema does not know",
            file=table.path,
            row=1,
            column=name,
            suggestion=hint or f"delete the column, or describe it in {schema.file}",
        )
    spare = [name for name in missing if not schema.indispensable(name)]
    if told := [name for name in spare if not schema.fields[name].optional]:
        yield Problem(
            f"not in the table, so empty in every row: {', '.join(told)}",
            file=table.path,
            row=1,
            severity="note",
        )
    for name in (n for n in missing if n not in spare):
        yield Problem(
            "the column is missing",
            file=table.path,
            row=1,
            column=name,
            suggestion=f"add it (its cells may stay empty if nothing is known), or take it out of {schema.file}",
        )


def natural(value: object) -> tuple[Any, ...]:
    """Sort key in which o2 stands before o10, and missing values last."""
    if value is None:
        return ((2, 0, ""),)
    if isinstance(value, int | float):
        return ((0, value, ""),)
    parts = re.split(r"([0-9]{1,15})", str(value))
    return tuple((0, int(p), "") if i % 2 else (1, 0, p) for i, p in enumerate(parts) if p)


def duplicate_keys(rows: list[Row], schema: TableSchema) -> Iterable[Problem]:
    """Rows whose primary key another row has, and values of unique columns that occur twice."""
    unique = [(name,) for name, spec in schema.fields.items() if spec.constraints.get("unique")]
    for columns in dict.fromkeys([*([schema.primary_key] if schema.primary_key else []), *unique]):
        first: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            key = tuple(row[c] for c in columns)
            if None in key:
                continue
            if key in first:
                where = first[key]
                other = f"row {where['_row']}" + (
                    "" if where["_file"] == row["_file"] else f" of {where['_file']}"
                )
                yield Problem(
                    f"the same {' and '.join(columns)} as in {other}",
                    file=row["_file"],
                    row=row["_row"],
                    column=columns[-1],
                    value=" / ".join(str(k) for k in key),
                    suggestion="a row that stands twice: delete one; two different things: give one a new id",
                )
            else:
                first[key] = row


def broken_links(rows: list[Row], key: ForeignKey, targets: list[Row]) -> Iterable[Problem]:
    """Rows whose foreign key has no counterpart."""
    known = {tuple(t[c] for c in key.targets) for t in targets}
    if not known:
        yield from _all_broken(rows, key)
        return
    last: dict[tuple[Any, ...], list[str]] | None = None
    hints: dict[tuple[Any, ...], str] = {}
    for row in rows:
        value = tuple(row[c] for c in key.columns)
        if None in value or value in known:
            continue
        if last is None:
            last = {}
            for t in sorted(known, key=lambda k: [natural(v) for v in k]):
                last.setdefault(t[:-1], []).append(str(t[-1]))
        beside = last.get(value[:-1], [])
        if value not in hints:
            hints[value] = did_you_mean(str(value[-1]), beside)
        of = f" of {' / '.join(str(v) for v in value[:-1])}" if len(value) > 1 else ""
        yield Problem(
            f"there is no such {key.targets[-1]}{of} in {key.table}",
            file=row["_file"],
            row=row["_row"],
            column=key.columns[-1],
            value=str(value[-1]),
            allowed=", ".join(beside) if 0 < len(beside) <= 12 else "",
            suggestion=hints[value] or f"add the row to {key.table} first, or mend the id",
        )


def _all_broken(rows: list[Row], key: ForeignKey) -> Iterable[Problem]:
    """One problem a file where the table that the rows name is empty: a thousand would say no more."""
    by_file: dict[str, list[Row]] = {}
    for row in rows:
        if all(row[c] is not None for c in key.columns):
            by_file.setdefault(row["_file"], []).append(row)
    for file, linked in by_file.items():
        yield Problem(
            f"{key.table} has no rows, but {len(linked)} row{'' if len(linked) == 1 else 's'} here name one (first in this one)",
            file=file,
            row=linked[0]["_row"],
            column=key.columns[-1],
            value=str(linked[0][key.columns[-1]]),
            suggestion=f"restore {key.table}, or add its rows first",
        )
