"""Reading a filled form back: the cells of its sheets as text, and what a spreadsheet did to them."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.extraction.read import clean
from livingreview.extraction.schema import FieldSchema, TableSchema
from livingreview.extraction.table_file import one_line, refuse_locked
from livingreview.nearest import did_you_mean
from livingreview.update.form import BASE, LISTS, NOTES, STREAM, TABLES, columns


@dataclass(slots=True)
class Sheet:
    """Rows of a sheet: text by column, and the number of each row."""

    rows: list[dict[str, str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Form:
    """A form as it came back: the sheets as filled in and as they were when the form was made (by table)."""

    file: str
    sheets: dict[str, Sheet] = field(default_factory=dict)
    base: dict[str, Sheet] = field(default_factory=dict)


def place(file: str, table: str) -> str:
    """What problems call a sheet of a file."""
    return f"{file}, sheet {table}"


def read(path: Path, schemas: Mapping[str, TableSchema]) -> Form:
    """Read a form.

    Raises ReviewError for a file that is open in a spreadsheet, half saved, encrypted or no XLSX, and, all together, for
    sheets and columns that no table has, dates where text belongs, and rows that no schema allows to be read.
    """
    import openpyxl

    refuse_locked(path, path.name)
    _refuse_broken(path)
    try:
        book = openpyxl.load_workbook(path)
    except Exception as error:  # whatever a library makes of a broken file, people are told of the file
        raise ReviewError(
            Problem(
                f"the workbook cannot be read ({type(error).__name__}), so it was probably saved only in part",
                file=path.name,
                suggestion="open it in the spreadsheet program, save it again as XLSX, and call again",
            )
        ) from error
    form = Form(path.name)
    problems: list[Problem] = []
    for sheet in book.worksheets:
        name = sheet.title
        if name in TABLES:
            form.sheets[name] = _sheet(sheet, schemas[name], path.name, problems)
        elif name.startswith(BASE) and name.removeprefix(BASE) in TABLES:
            form.base[name.removeprefix(BASE)] = _sheet(
                sheet, schemas[name.removeprefix(BASE)], path.name, []
            )
        elif name not in (LISTS, NOTES) and sheet.sheet_state == "visible" and sheet.max_row > 1:
            problems.append(
                Problem(
                    "no table has the name of this sheet, so it would not be read",
                    file=place(path.name, name),
                    allowed=", ".join(TABLES),
                    suggestion=did_you_mean(name, TABLES) or "delete it, or move it elsewhere",
                )
            )
    if not form.sheets and not problems:
        problems.append(
            Problem(
                "this is no extraction form: no sheet has the name of a table",
                file=path.name,
                allowed=", ".join(TABLES),
                suggestion="make one with `livingreview template`",
            )
        )
    if problems:
        raise ReviewError(problems)
    return form


def _refuse_broken(path: Path) -> None:
    def refuse(message: str, suggestion: str) -> None:
        raise ReviewError(Problem(message, file=path.name, suggestion=suggestion))

    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ReviewError(Problem("there is no such file", file=str(path))) from None
    except OSError as error:
        raise ReviewError(
            Problem(
                f"the file cannot be read: {error.strerror or error}",
                file=path.name,
                suggestion="close it in the spreadsheet program, and check that you may open it",
            )
        ) from None
    again = "open it in the spreadsheet program, save it again as XLSX, and call again"
    if path.name.startswith(("~$", ".~lock")):
        refuse("this is the lock of a spreadsheet program, not the form", "name the form itself")
    if not content:
        refuse("the file is empty: it was saved only in part", again)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        refuse(
            "the file is an old workbook (XLS) or one with a password", "save it as XLSX without a password"
        )
    if not content.startswith(b"PK"):
        refuse("the file is no XLSX workbook", again)
    try:
        with zipfile.ZipFile(path) as archive:
            bad = archive.testzip()
    except (zipfile.BadZipFile, EOFError, OSError):
        bad = path.name
    if bad:
        refuse("the workbook is damaged: it was saved or copied only in part", again)


def _sheet(sheet: Any, schema: TableSchema, file: str, problems: list[Problem]) -> Sheet:
    found = Sheet()
    known = columns(schema)
    shown = place(file, schema.name)
    rows = sheet.iter_rows()
    header = [clean(str(c.value)) if c.value is not None else "" for c in next(rows, ())]
    while header and not header[-1]:
        header.pop()
    for name in header:
        if name not in known:
            problems.append(
                Problem(
                    f"{schema.name} has no such column",
                    file=shown,
                    row=1,
                    value=name or None,
                    suggestion=did_you_mean(name, known) or "delete the column",
                )
            )
    missing = [
        c for c in (*schema.primary_key, *([STREAM] if schema.name == "records" else [])) if c not in header
    ]
    if missing:
        problems.append(
            Problem(f"the columns of the key are missing: {', '.join(missing)}", file=shown, row=1)
        )
        return found
    for number, cells in enumerate(rows, 2):
        row: dict[str, str] = {}
        for name, cell in zip(header, cells, strict=False):
            if name not in known:
                if cell.value is not None:
                    row[name] = str(cell.value)
                continue
            row[name], wrong = _text(cell.value, schema.fields.get(name))
            if wrong is not None:
                problems.append(
                    Problem(
                        wrong[0],
                        file=shown,
                        row=number,
                        column=name,
                        value=str(cell.value),
                        suggestion=wrong[1],
                    )
                )
        if any(row.values()):
            found.rows.append({c: row.get(c, "") for c in header if c in known})
            found.numbers.append(number)
    return found


def _text(value: Any, spec: FieldSchema | None) -> tuple[str, tuple[str, str] | None]:
    """Text of a cell as a table would have it, and what is wrong with it."""
    if value is None:
        return "", None
    if isinstance(value, bool):
        return ("true" if value else "false"), None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value)), None
    if isinstance(value, int | float):
        return repr(value), None
    if isinstance(value, dt.datetime | dt.date):
        day = value.date() if isinstance(value, dt.datetime) else value
        midnight = not isinstance(value, dt.datetime) or value.time() == dt.time()
        if spec is not None and spec.type == "date" and midnight:
            return day.isoformat(), None
        return "", (
            "a spreadsheet turned this into a date",
            "type again what the report says, with the cell formatted as text",
        )
    if isinstance(value, dt.time | dt.timedelta):
        return "", ("a spreadsheet turned this into a time", "type it again, with the cell formatted as text")
    return one_line(clean(str(value))), None
