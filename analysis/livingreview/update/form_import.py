"""A filled form into the tables: what the person changed, and nothing else, or all the reasons why not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from livingreview.errors import Problem, ReviewError
from livingreview.extraction.cells import read_cell
from livingreview.extraction.schema import TableSchema
from livingreview.extraction.table_file import Key, TableFile
from livingreview.extraction.writing import Applied, Change, apply, schemas_of, table_path
from livingreview.nearest import did_you_mean
from livingreview.update import form_reading
from livingreview.update.form import STREAM
from livingreview.update.form_reading import Form, Sheet, place
from livingreview.update.three_way import ROW, Conflict, merge


def take_in(review: Path, root: Path, path: Path, delete: bool = False) -> Applied:
    """Import a form, all of it or nothing.

    The form is compared with what it was made from and with what the tables hold now: cells that only the form changed
    are written; cells that somebody else changed to something else are conflicts. Raises ReviewError with all conflicts,
    with all that validation finds (by sheet, row and column of the form), and, without ``delete``, for rows that the form
    had when it was made and has no longer.
    """
    schemas = schemas_of(review, root)
    form = form_reading.read(path, schemas)
    changes: list[Change] = []
    problems: list[Problem] = []
    for table in form.sheets:
        for stream in _streams(form, table, review, problems):
            changes += _table(review, form, schemas[table], stream, delete, problems)
    if problems:
        raise ReviewError(problems)
    # rows that others point to come first, so that no file is looked at before it has them
    return apply(review, root, changes)


def _streams(form: Form, table: str, review: Path, problems: list[Problem]) -> list[str]:
    if table != "records":
        return [""]
    known = sorted(
        p.stem.removeprefix("records_") for p in (review / "data/raw/search").glob("records_*.csv")
    )
    sheet = form.sheets[table]
    for row, number in zip(sheet.rows, sheet.numbers, strict=True):
        if row.get(STREAM) not in known:
            problems.append(
                Problem(
                    "there is no such search stream" if row.get(STREAM) else "must not be empty",
                    file=place(form.file, table),
                    row=number,
                    column=STREAM,
                    value=row.get(STREAM) or None,
                    allowed=", ".join(known),
                    suggestion=did_you_mean(row.get(STREAM, ""), known) if row.get(STREAM) else "",
                )
            )
    held = [r.get(STREAM) for s in (sheet, form.base.get(table) or Sheet()) for r in s.rows]
    return [s for s in known if s in held]


def _table(
    review: Path, form: Form, schema: TableSchema, stream: str, delete: bool, problems: list[Problem]
) -> list[Change]:
    shown = place(form.file, schema.name)
    file = TableFile.read(
        review / table_path(schema.name, stream), table_path(schema.name, stream).as_posix()
    )
    theirs, numbers = _keyed(form.sheets[schema.name], schema, stream, shown, problems)
    base, _ = _keyed(form.base.get(schema.name) or Sheet(), schema, stream, shown, [])
    wanted = {*theirs, *base}
    ours: dict[Key, dict[str, str]] = {}
    for line in file.lines:
        key = tuple(line.cells.get(c, "") for c in schema.primary_key)
        if key in wanted:
            ours.setdefault(key, line.cells)

    def same(column: str, one: str, other: str) -> bool:
        return one == other or _value(schema, column, one) == _value(schema, column, other)

    merged = merge(base, ours, theirs, same)
    problems += [_told(c, shown, numbers, file) for c in merged.conflicts]
    found = []
    for key, cells in merged.changes.items():
        if cells is None and not delete:
            problems.append(
                Problem(
                    f"the row {' / '.join(key)} was in the form when it was made and is no longer",
                    file=shown,
                    suggestion="call again with --delete to take it out of the table, or put it back into the form",
                )
            )
            continue
        found.append(Change(schema.name, key, cells, stream, shown, numbers.get(key)))
    return found


def _value(schema: TableSchema, column: str, text: str) -> object:
    """What a text means in a column, so that 0.50 and 0.5 are the same."""
    spec = schema.fields.get(column)
    if spec is None or text in schema.missing_values:
        return text or None
    value, wrong = read_cell(spec, text)
    return text if wrong is not None and wrong.error else value


def _keyed(
    sheet: Sheet, schema: TableSchema, stream: str, shown: str, problems: list[Problem]
) -> tuple[dict[Key, dict[str, str]], dict[Key, int]]:
    """Rows of a sheet (of one stream) by key, and their numbers."""
    rows: dict[Key, dict[str, str]] = {}
    numbers: dict[Key, int] = {}
    for row, number in zip(sheet.rows, sheet.numbers, strict=True):
        if stream and row.get(STREAM) != stream:
            continue
        key = tuple(row.get(c, "") for c in schema.primary_key)
        if "" in key:
            column = schema.primary_key[key.index("")]
            problems.append(Problem("must not be empty", file=shown, row=number, column=column))
        elif key in rows:
            problems.append(
                Problem(
                    f"the same {' and '.join(schema.primary_key)} as in row {numbers[key]}",
                    file=shown,
                    row=number,
                    value=" / ".join(key),
                    suggestion="delete one, or give one a new id",
                )
            )
        else:
            rows[key] = {c: t for c, t in row.items() if c != STREAM}
            numbers[key] = number
    return rows, numbers


def _told(conflict: Conflict, shown: str, numbers: Mapping[Key, int], file: TableFile) -> Problem:
    name = " / ".join(conflict.key)
    again = "make a new form (livingreview template) and put your changes into it"
    if conflict.column == ROW:
        if conflict.ours is None:
            message = f"the row {name} was taken out of {file.shown} since the form was made, but the form changes it"
        else:
            message = f"the form takes out the row {name}, which was changed in {file.shown} since the form was made"
        return Problem(message, file=shown, row=numbers.get(conflict.key), suggestion=again)
    was = f"`{conflict.base}`" if conflict.base else "empty"
    now = f"`{conflict.ours}`" if conflict.ours else "empty"
    return Problem(
        f"somebody else changed this cell of {name} since the form was made: it was {was} and is {now} in {file.shown}",
        file=shown,
        row=numbers.get(conflict.key),
        column=conflict.column,
        value=conflict.theirs or "",
        suggestion=f"decide which is right: type {now} here, or {again}",
    )
