"""A second extractor's form into the tables of the second extraction, ``data/raw/second``."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from livingreview.canonical import write_bytes
from livingreview.errors import Problem, ReviewError
from livingreview.extraction import dataset
from livingreview.extraction.dataset import DOUBLE, SECOND
from livingreview.extraction.schema import TableSchema
from livingreview.extraction.table_file import TableFile
from livingreview.extraction.writing import copy_review, schemas_of, write_all
from livingreview.update import form_reading
from livingreview.update.form_reading import Sheet, place


def take_in(review: Path, root: Path, path: Path) -> list[str]:
    """Write the rows of a form into the second extraction, all of them or none; returns a line a table.

    Rows of the same study that stood there are replaced: they are the same extractor's. Raises ReviewError for what
    :func:`livingreview.update.form_reading.read` and the validation of the second extraction find.
    """
    schemas = schemas_of(review, root)
    form = form_reading.read(path, schemas)
    contents: dict[Path, bytes] = {}
    before: dict[Path, bytes | None] = {}
    places: dict[tuple[str, int], tuple[str, int]] = {}
    said: list[str] = []
    for table in DOUBLE:
        sheet = form.sheets.get(table)
        if sheet is None or not sheet.rows:
            continue
        file = _file(review / SECOND / f"{table}.csv", schemas[table])
        studies = {row.get("study_id", "") for row in sheet.rows}
        file.lines = [line for line in file.lines if line.cells.get("study_id") not in studies]
        for row in sheet.rows:
            file.insert(row, schemas[table].primary_key)
        _places(file, sheet, schemas[table], place(form.file, table), places)
        contents[SECOND / f"{table}.csv"] = file.content()
        before[SECOND / f"{table}.csv"] = file.before or None
        said.append(f"{file.shown}: {len(sheet.rows)} row{'' if len(sheet.rows) == 1 else 's'}")
    _check(review, root, contents, places)
    write_all(review, contents, before)
    return said


def _file(path: Path, schema: TableSchema) -> TableFile:
    shown = (SECOND / path.name).as_posix()
    if path.is_file():
        return TableFile.read(path, shown)
    head = io.StringIO(newline="")
    csv.writer(head, lineterminator="\n").writerow(schema.fields)
    return TableFile(path, shown, list(schema.fields), head.getvalue(), 2, [])


def _places(
    file: TableFile,
    sheet: Sheet,
    schema: TableSchema,
    shown: str,
    found: dict[tuple[str, int], tuple[str, int]],
) -> None:
    for row, number in zip(sheet.rows, sheet.numbers, strict=True):
        key = tuple(row.get(c, "") for c in schema.primary_key)
        if (index := file.find(schema.primary_key, key)) is not None:
            found[file.shown, file.row(index)] = (shown, number)


def _check(
    review: Path, root: Path, contents: dict[Path, bytes], places: dict[tuple[str, int], tuple[str, int]]
) -> None:
    import tempfile
    from dataclasses import replace

    with tempfile.TemporaryDirectory(prefix="livingreview-") as folder:
        copy_review(review, Path(folder))
        for path, content in contents.items():
            write_bytes(Path(folder) / path, content)
        try:
            dataset.load(Path(folder), root)
        except ReviewError as error:
            told: list[Problem] = []
            for problem in error.problems:
                if problem.severity == "error":
                    there = places.get((problem.file, problem.row or 0))
                    told.append(replace(problem, file=there[0], row=there[1]) if there else problem)
            raise ReviewError(told) from None
