"""A new review to start from: a folder with a commented protocol, empty tables and documents that already build."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shlex
from collections.abc import Iterator
from pathlib import Path

from livingreview.canonical import write_bytes, write_text
from livingreview.errors import Problem, ReviewError
from livingreview.extraction.dataset import RAW, STREAMED
from livingreview.extraction.schema import FOLDER, TableSchema, load_schemas
from livingreview.protocol import FILE, load

TEMPLATE = Path(__file__).with_name("template")
_DAY = "2000-01-01"
"""Stands in the template's protocol where the day goes on which a review is started."""
_VERSION = "2000.01"
"""Stands there where the first version goes, which the ledger names by year and month."""
_HARMLESS = {".git", ".DS_Store"}
"""What may lie in a folder that still counts as empty: a fresh repository."""


def create(directory: Path, *, today: dt.date | None = None, root: Path | None = None) -> list[str]:
    """Start a review in ``directory``, which must not exist or be empty; returns lines that say what to do next.

    The tables get their header rows from the schemas of the repository ``root`` (default: the one of this package),
    and ``today`` (default: the day it is) becomes the date of the new protocol.
    Raises ReviewError, before anything is written, for a folder that holds files or cannot be written to.
    """
    directory = Path(directory)
    if root is None:
        from livingreview.pipeline.fingerprint import repository

        root = repository()
    _refuse(directory)
    schemas = load_schemas(root / FOLDER)
    shared = root / "manuscript/_quarto.yml"
    try:
        for name, text in _texts((today or dt.date.today()).isoformat()):
            write_text(directory / name, text)
        if shared.is_file():
            # Quarto looks for its settings beside the documents; the build itself would find the repository's
            write_bytes(directory / "manuscript/_quarto.yml", shared.read_bytes())
        streams = list(load(directory / FILE).search.streams)
        for table, schema in schemas.items():
            for path in _files(table, streams):
                write_text(directory / path, header(schema))
    except OSError as error:
        raise ReviewError(
            Problem(f"the new review could not be written: {error.strerror or error}", file=str(directory))
        ) from error
    return next_steps(directory)


def header(schema: TableSchema) -> str:
    """The header row of an empty table, with its line end."""
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow(schema.fields)
    return row.getvalue()


def next_steps(directory: Path) -> list[str]:
    """What to do in a review that was just created."""
    typed = shlex.quote(str(directory))
    return [
        f"A new review stands in {directory}. It has no studies yet and can be built as it is.",
        "",
        "What to do next:",
        f"  1. Write the protocol, {directory / FILE}: each PLACEHOLDER is yours to replace.",
        f"  2. Check it, now and after every change: .venv/bin/livingreview check --directory {typed}",
        f"  3. Fill in the tables in {directory / RAW}; {directory / 'README.md'} says which row goes where.",
        f"  4. Write the documents in {directory / 'manuscript'}.",
        f"  5. Build everything, in the folder that holds the Snakefile: make rebuild REVIEW={typed}",
    ]


def _refuse(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise ReviewError(
            Problem(
                "there is a file of this name",
                file=str(directory),
                suggestion="name a folder that does not exist yet",
            )
        )
    try:
        held = (
            sorted(p.name for p in directory.iterdir() if p.name not in _HARMLESS)
            if directory.is_dir()
            else []
        )
    except OSError as error:
        raise ReviewError(
            Problem(f"the folder cannot be read: {error.strerror or error}", file=str(directory))
        ) from error
    if held:
        shown = ", ".join(held[:3]) + (f" and {len(held) - 3} more" if len(held) > 3 else "")
        raise ReviewError(
            Problem(
                f"the folder is not empty (it holds {shown}); nothing was written",
                file=str(directory),
                suggestion="name a new folder, or empty this one first",
            )
        )


def _texts(day: str) -> Iterator[tuple[str, str]]:
    """The template's files: (path in the review, text)."""
    for path in sorted(TEMPLATE.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        name = path.relative_to(TEMPLATE).as_posix()
        # without its dot in the template, where git would obey it
        yield (
            (f".{name}" if name in ("gitignore", "gitattributes") else name),
            path.read_text(encoding="utf-8").replace(_DAY, day).replace(_VERSION, f"{day[:4]}.{day[5:7]}"),
        )


def _files(table: str, streams: list[str]) -> list[Path]:
    if table in STREAMED:
        return [RAW / "search" / f"{table}_{stream}.csv" for stream in streams]
    return [RAW / f"{table}.csv"]
