"""The extraction form: a workbook with one sheet a table, made from the schemas, with lists to choose from and notes.

Each sheet has the columns of its table. Columns of codes have a drop-down list, numbers their range, and every head a note
that says what belongs there. Hidden twins of the sheets hold what the form was made from, so that an import can tell what a
person changed from what somebody else changed meanwhile. Equal content gives equal bytes: no clock, no user.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.extraction import dataset
from livingreview.extraction.dataset import Dataset
from livingreview.extraction.dictionary import data_dictionary
from livingreview.extraction.schema import FieldSchema, TableSchema, code_lists
from livingreview.extraction.table_file import TableFile
from livingreview.extraction.writing import table_path
from livingreview.nearest import did_you_mean

TABLES = ("studies", "arms", "outcomes", "participants", "appraisals", "records")
"""The sheets of a form, in order."""
BASE = "base "
"""Begins the name of the hidden twin of a sheet."""
LISTS, NOTES = "lists", "Read me"
STREAM = "stream"
_ROWS = 500
"""Rows below the head that have lists and ranges."""
_LONGEST_NOTE = 250


def make(review: Path, root: Path, study: str = "", second: bool = False) -> bytes:
    """The form as an XLSX file: empty for new studies, or with all rows of one ``study`` to correct.

    ``second``: a form for the second extractor of ``study``, with the ids of its rows and nothing else, and without
    records. Raises ReviewError where the review is not valid or has no such study.
    """
    data = dataset.load(review, root)
    ids = [s["study_id"] for s in data.tables["studies"]]
    if study and study not in ids:
        raise ReviewError(
            Problem(
                "there is no such study",
                file=table_path("studies").as_posix(),
                column="study_id",
                value=study,
                suggestion=did_you_mean(study, ids),
            )
        )
    rows = {t: held(review, data, t, study) if study else [] for t in TABLES}
    tables = [t for t in TABLES if not (second and t == "records")]
    if second:
        rows = {t: [{c: r[c] for c in data.schemas[t].primary_key} for r in rows[t]] for t in tables}
    return _workbook(data, tables, rows, study, second)


def held(review: Path, data: Dataset, table: str, study: str) -> list[dict[str, str]]:
    """Rows of a study as the table's file has them (text); those of records with their stream."""
    streams = list(data.protocol.search.streams) if table == "records" else [""]
    found = []
    for stream in streams:
        path = table_path(table, stream)
        for line in TableFile.read(review / path, path.as_posix()).lines:
            if line.cells.get("study_id") == study:
                found.append({**({STREAM: stream} if stream else {}), **line.cells})
    return found


def columns(schema: TableSchema) -> list[str]:
    """Columns of a sheet: those of the table; of records with the stream before them."""
    return [*([STREAM] if schema.name == "records" else []), *schema.fields]


def _workbook(
    data: Dataset,
    tables: Sequence[str],
    rows: Mapping[str, Sequence[Mapping[str, str]]],
    study: str,
    second: bool,
) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    _read_me(book.active, data, tables, study, second)
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    choices = code_lists(data.protocol) | {STREAM: dict(data.protocol.search.streams)}
    for table in tables:
        _sheet(book.create_sheet(table), data.schemas[table], rows[table], choices, lists)
    for table in tables:
        twin = book.create_sheet(BASE + table)
        twin.sheet_state = "veryHidden"
        _fill(twin, data.schemas[table], rows[table])
    book.move_sheet(LISTS, offset=len(book.sheetnames))
    book.active = 0
    buffer = io.BytesIO()
    book.save(buffer)
    return _canonical(buffer.getvalue(), data.protocol.date.isoformat())


def _read_me(sheet: Any, data: Dataset, tables: Sequence[str], study: str, second: bool) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.title = NOTES
    about = (
        f"Second, independent extraction of {study}. The ids of the rows are given; fill in everything else from the report, without looking at the first extraction."
        if second
        else f"Form to correct {study}. Change what is wrong; add rows below; a row that you delete is only taken out with --delete."
        if study
        else "Form for new studies. One row a study, arm, result and patient; the same study_id on every sheet."
    )
    call = "livingreview import-xlsx --second FILE.xlsx" if second else "livingreview import-xlsx FILE.xlsx"
    lines = [
        (f"Extraction form: {data.protocol.short_title}, version {data.protocol.version}", True),
        (about, False),
        ("Leave a cell empty where the report says nothing. Never type 0 for “not reported”.", False),
        ("Point at the head of a column to see what belongs there. Save as XLSX and import:", False),
        (f"    {call}", False),
        ("The import takes everything or nothing, names every cell that does not fit, and never overwrites what somebody else changed meanwhile.", False),
        ("", False),
    ]  # fmt: skip
    for number, (text, bold) in enumerate(lines, 1):
        cell = sheet.cell(number, 1, text)
        cell.font = Font(bold=bold, size=13 if bold else 11)
    head = ("Sheet", "Column", "Must be filled", "Unit", "What belongs there", "Allowed")
    start = len(lines) + 1
    for place, text in enumerate(head, 1):
        sheet.cell(start, place, text).font = Font(bold=True)
    number = start
    for entry in data_dictionary({t: data.schemas[t] for t in tables}, data.protocol):
        number += 1
        required = "yes" if entry["required"] else ""
        texts = (
            entry["table"],
            entry["column"],
            required,
            entry["unit"],
            entry["description"],
            entry["allowed"],
        )
        for place, text in enumerate(texts, 1):
            cell = sheet.cell(number, place, text or None)
            cell.alignment = Alignment(wrap_text=place > 4, vertical="top")
    for letter, width in zip("ABCDEF", (16, 28, 14, 10, 70, 80), strict=True):
        sheet.column_dimensions[letter].width = width


def _sheet(
    sheet: Any,
    schema: TableSchema,
    rows: Sequence[Mapping[str, str]],
    choices: Mapping[str, Mapping[str, str]],
    lists: Any,
) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    _fill(sheet, schema, rows)
    sheet.freeze_panes = sheet.cell(2, 1 + len(schema.primary_key) + (schema.name == "records"))
    for place, name in enumerate(columns(schema), 1):
        spec = schema.fields.get(name) or FieldSchema(
            STREAM, title="Stream", description="Search stream", constraints={"required": True}
        )
        letter = get_column_letter(place)
        head = sheet.cell(1, place)
        head.font = Font(bold=True)
        if spec.required or name in schema.primary_key:
            head.fill = PatternFill("solid", fgColor="FFE8C2")
        codes = choices.get(STREAM if name == STREAM else str(spec.extras.get("codesFrom", "")))
        listed = list(codes) if codes is not None else [str(v) for v in spec.constraints.get("enum", [])]
        note = Comment(_note(spec, codes), "livingreview")
        note.width, note.height = 320, 130
        head.comment = note
        sheet.column_dimensions[letter].width = min(44, max(12, len(name) + 3))
        if spec.type not in ("integer", "number", "year"):
            # text, also below the last row: nothing is turned into a date or a round number
            sheet.column_dimensions[letter].number_format = "@"
        _rule(sheet, spec, f"{letter}2:{letter}{_ROWS + 1}", listed, lists)


def _rule(sheet: Any, spec: FieldSchema, cells: str, listed: Sequence[str], lists: Any) -> None:
    """The drop-down list or range of a column."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = None
    low, high = spec.constraints.get("minimum"), spec.constraints.get("maximum")
    if spec.type == "boolean":
        listed = ["true", "false"]
    if listed:
        place = lists.max_column + 1 if lists.cell(1, 1).value is not None else 1
        for row, code in enumerate([f"{sheet.title}.{spec.name}", *listed], 1):
            lists.cell(row, place, code)
        letter = get_column_letter(place)
        rule = DataValidation(
            type="list", formula1=f"{LISTS}!${letter}$2:${letter}${len(listed) + 1}", allow_blank=True
        )
        rule.error = "Choose one from the list"
    elif spec.type in ("integer", "year", "number"):
        kind = "decimal" if spec.type == "number" else "whole"
        least, most = (
            low if low is not None else -1_000_000_000,
            high if high is not None else 1_000_000_000,
        )
        rule = DataValidation(
            type=kind, operator="between", formula1=str(least), formula2=str(most), allow_blank=True
        )
        rule.error = (
            f"{'A number' if kind == 'decimal' else 'A whole number'}"
            + (f" from {low}" if low is not None else "")
            + (f" to {high}" if high is not None else "")
        )
    if rule is not None:
        rule.showErrorMessage = True
        rule.errorTitle = spec.name[:32]
        rule.add(cells)
        sheet.add_data_validation(rule)


def _note(spec: FieldSchema, codes: Mapping[str, str] | None) -> str:
    parts = [spec.title + (f" ({spec.extras['unit']})" if "unit" in spec.extras else ""), spec.description]
    if spec.required:
        parts.append("Must be filled.")
    if codes:
        parts.append("; ".join(f"{c} = {label}" for c, label in codes.items()))
    elif "shape" in spec.extras:
        parts.append(f"Form: {spec.extras['shape']}")
    text = "\n".join(p for p in parts if p)
    return text if len(text) <= 4 * _LONGEST_NOTE else text[: 4 * _LONGEST_NOTE - 1] + "…"


def _fill(sheet: Any, schema: TableSchema, rows: Sequence[Mapping[str, str]]) -> None:
    for place, name in enumerate(columns(schema), 1):
        sheet.cell(1, place, name)
    for number, row in enumerate(rows, 2):
        for place, name in enumerate(columns(schema), 1):
            text = row.get(name, "")
            if not text:
                continue
            spec = schema.fields.get(name)
            cell = sheet.cell(number, place)
            cell.value = (
                _number(text) if spec is not None and spec.type in ("integer", "number", "year") else text
            )
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a text that begins with = is no formula
                cell.number_format = "@"


def _number(text: str) -> int | float | str:
    """The number, where the text is one and nothing else; otherwise the text."""
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d+\.\d{1,12}", text) else text


def _canonical(content: bytes, date: str) -> bytes:
    from livingreview.publish.docx import packed

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    return packed([(name, _dated(name, text, date)) for name, text in entries])


def _dated(name: str, content: bytes, date: str) -> bytes:
    if name != "docProps/core.xml":
        return content
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", f"{date}T00:00:00Z".encode(), content)


def sheets(names: Iterable[str]) -> list[str]:
    """Those of the names of sheets that hold a table."""
    return [n for n in names if n in TABLES]
