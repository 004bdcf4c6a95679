"""One study with everything that belongs to it, written in one YAML file, as rows of the tables.

::

    study: {study_id: smith2026, first_author: Smith, year: 2026, …}
    records: [{stream: databases, record_id: pmid123}]     # the record that led to it; a new one where the id is new
    arms: [{arm_id: a, therapy: …, n_patients: 5}]
    outcomes: [{outcome_id: o1, outcome: …, events: 3, total: 5, …}]
    participants: []
    appraisals: [{tool: …, item_number: 1, judgement: "yes", reason: …}]

``study_id`` is filled in everywhere, ``arm_id`` where the study has one arm, the therapy of a participant from the arm, the
label of an appraisal item from its tool, and of a new record what the study says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview import yaml_source
from livingreview.errors import Problem, ReviewError
from livingreview.extraction.schema import TableSchema
from livingreview.extraction.table_file import TableFile
from livingreview.extraction.writing import Applied, Change, apply, repeated, schemas_of, table_path
from livingreview.nearest import did_you_mean
from livingreview.yaml_source import Source

SECTIONS = ("study", "records", "arms", "outcomes", "participants", "appraisals")
_OF_STUDY = {"title": "title", "first_author": "first_author", "year": "year", "journal": "journal", "doi": "doi", "pmid": "pmid", "source_url": "url"}  # fmt: skip


def add(review: Path, root: Path, file: Path) -> Applied:
    """Add the study that a file describes, with all its rows or none.

    Raises ReviewError with every problem and its line in the file: unknown sections and columns (with the nearest match), a
    study that is there already, and all that validation finds.
    """
    return apply(review, root, changes(review, root, file))


def changes(review: Path, root: Path, file: Path) -> list[Change]:
    """The rows that the file describes. Raises ReviewError as :func:`add`, short of validation."""
    source = yaml_source.read(file, file.name)
    problems = list(source.problems)
    schemas = schemas_of(review, root)
    found: list[Change] = []
    if not isinstance(source.data, dict):
        raise ReviewError(
            Problem("the file must have sections", file=file.name, row=1, allowed=", ".join(SECTIONS))
        )
    for section in source.data:
        if section not in SECTIONS:
            problems.append(
                Problem(
                    "no such section",
                    file=file.name,
                    row=source.line((section,)),
                    value=section,
                    allowed=", ".join(SECTIONS),
                    suggestion=did_you_mean(section, SECTIONS),
                )
            )
    entries = list(_entries(source, file.name, schemas, problems))
    study = next((e for e in entries if e.table == "studies"), None)
    study_id = (study.cells.get("study_id") or "") if study else ""
    if not study_id:
        problems.append(
            Problem(
                "the study has no study_id",
                file=file.name,
                row=source.line(("study",)),
                column="study.study_id",
            )
        )
        raise ReviewError(problems)
    there = TableFile.read(review / table_path("studies"), table_path("studies").as_posix())
    if (index := there.find(("study_id",), (study_id,))) is not None:
        problems.append(
            Problem(
                f"the study is there already ({there.shown}, row {there.row(index)})",
                file=file.name,
                row=study.line if study else None,
                column="study.study_id",
                value=study_id,
                suggestion="to correct it, edit the tables or use `livingreview template --study` and `import-xlsx`",
            )
        )
    _fill(review, entries, study_id)
    for entry in entries:
        key = tuple(entry.cells.get(c, "") for c in schemas[entry.table].primary_key)
        if missing := [c for c, text in zip(schemas[entry.table].primary_key, key, strict=True) if not text]:
            problems.append(
                Problem(
                    "must not be empty", file=file.name, row=entry.line, column=f"{entry.table}.{missing[0]}"
                )
            )
            continue
        if entry.table == "records" and not _stream(review, entry, file.name, problems):
            continue
        found.append(Change(entry.table, key, entry.cells, entry.stream, file.name, entry.line))
    problems += repeated(found)
    if problems:
        raise ReviewError(problems)
    return found


@dataclass(slots=True)
class _Entry:
    table: str
    line: int
    cells: dict[str, str]
    stream: str = ""


def _entries(
    source: Source, file: str, schemas: Mapping[str, TableSchema], problems: list[Problem]
) -> Iterator[_Entry]:
    for section in SECTIONS:
        given = source.data.get(section)
        if given is None:
            continue
        listed = given if isinstance(given, list) else [given]
        table = "studies" if section == "study" else section
        for place, row in enumerate(listed):
            path: tuple[str | int, ...] = (section, place) if isinstance(given, list) else (section,)
            if not isinstance(row, dict):
                problems.append(
                    Problem(
                        "must be a list of columns and values",
                        file=file,
                        row=source.line(path),
                        column=section,
                    )
                )
                continue
            entry = _Entry(table, source.line(path), {})
            known = [*schemas[table].fields, *(["stream"] if table == "records" else [])]
            for name, value in row.items():
                if name not in known:
                    problems.append(
                        Problem(
                            f"{table} has no such column",
                            file=file,
                            row=source.line((*path, name)),
                            value=name,
                            suggestion=did_you_mean(name, known),
                            allowed=", ".join(known) if len(known) < 16 else "",
                        )
                    )
                elif isinstance(value, dict):
                    problems.append(
                        Problem("must be one value", file=file, row=source.line((*path, name)), column=name)
                    )
                elif name == "stream":
                    entry.stream = value or ""
                else:
                    entry.cells[name] = _text(value)
            yield entry


def _text(value: Any) -> str:
    return "; ".join(v for v in value if v) if isinstance(value, list) else value or ""


def _fill(review: Path, entries: list[_Entry], study_id: str) -> None:
    """Put in what need not be typed twice."""
    study = next(e for e in entries if e.table == "studies")
    arms = [e for e in entries if e.table == "arms"]
    therapies = {e.cells.get("arm_id", ""): e.cells.get("therapy", "") for e in arms}
    labels: dict[tuple[str, str], str] = {}
    if any(e.table == "appraisals" for e in entries):
        tools = TableFile.read(
            review / table_path("appraisal_tools"), table_path("appraisal_tools").as_posix()
        )
        labels = {(t.cells["tool"], t.cells["item_number"]): t.cells["item_label"] for t in tools.lines}
    for entry in entries:
        cells = entry.cells
        cells.setdefault("study_id", study_id)
        if entry.table in ("outcomes", "participants") and len(arms) == 1:
            cells.setdefault("arm_id", arms[0].cells.get("arm_id", ""))
        if entry.table == "participants":
            cells.setdefault("therapy", therapies.get(cells.get("arm_id", ""), ""))
        if entry.table == "appraisals":
            cells.setdefault(
                "item_label", labels.get((cells.get("tool", ""), cells.get("item_number", "")), "")
            )
        if entry.table == "records":
            cells.setdefault("record_id", study_id)
            cells.setdefault("decision", "include")
            cells.setdefault("stage", "full_text")
            path = review / table_path("records", entry.stream)
            here = TableFile.read(path, path.name) if entry.stream and path.is_file() else None
            if here is None or here.find(("record_id",), (cells["record_id"],)) is None:
                title = study.cells.get("title", "")
                cells.setdefault("title_kind", "described" if title.startswith("(") else "published")
                for column, target in _OF_STUDY.items():
                    cells.setdefault(target, study.cells.get(column, ""))


def _stream(review: Path, entry: _Entry, file: str, problems: list[Problem]) -> bool:
    streams = sorted(
        p.stem.removeprefix("records_") for p in (review / "data/raw/search").glob("records_*.csv")
    )
    if entry.stream in streams:
        return True
    problems.append(
        Problem(
            "a record must name its search stream" if not entry.stream else "there is no such search stream",
            file=file,
            row=entry.line,
            column="records.stream",
            value=entry.stream or None,
            allowed=", ".join(streams),
            suggestion=did_you_mean(entry.stream, streams) if entry.stream else "",
        )
    )
    return False
