"""Writing to the tables of a review: whole or not at all, and only what validation lets pass.

The changed tables are first laid into a copy of the review and validated there, with the flow diagram. Only when nothing is
wrong is any file of the review touched; each file then appears by an atomic move, and if one of them cannot be written
the others are put back.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from livingreview.canonical import write_bytes
from livingreview.errors import Problem, ReviewError
from livingreview.extraction import dataset
from livingreview.extraction.dataset import RAW, STREAMED, Dataset
from livingreview.extraction.schema import FOLDER, TableSchema, load_schemas
from livingreview.extraction.table_file import Key, TableFile


@dataclass(frozen=True)
class Change:
    """What is to become of one row: new cells (of a row that is there or not), or ``None`` to take it out.

    ``file``, ``row`` and ``names`` say where a person wrote it; problems then name that place.
    """

    table: str
    key: Key
    cells: Mapping[str, str] | None
    stream: str = ""
    file: str = ""
    row: int | None = None

    @property
    def path(self) -> Path:
        """The table's file, relative to the review."""
        return table_path(self.table, self.stream)


@dataclass
class Applied:
    """What was written: ``rows`` counts added, changed and removed rows by file; ``data`` is the review as it is now.

    ``pending`` names the records that were included at screening by others and have no study yet, as ``stream/record``; in
    ``data`` they await assessment.
    """

    data: Dataset
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """One line a file for people."""
        said = []
        for file, counts in sorted(self.rows.items()):
            parts = [f"{n} row{'' if n == 1 else 's'} {what}" for what, n in counts.items() if n]
            if parts:
                said.append(f"{file}: {', '.join(parts)}")
        if said and (n := len(self.pending)):
            said.append(
                f"{n} record{' is' if n == 1 else 's are'} included at screening without a study, and nothing is built until "
                f"{'it has' if n == 1 else 'they have'} one: {', '.join(self.pending)}"
            )
        return said


def table_path(table: str, stream: str = "") -> Path:
    """Where a table (of a search stream) lies in a review."""
    return RAW / "search" / f"{table}_{stream}.csv" if table in STREAMED else RAW / f"{table}.csv"


def schemas_of(review: Path, root: Path) -> dict[str, TableSchema]:
    """The schemas that hold for a review."""
    return load_schemas(*dict.fromkeys((review / FOLDER, root / FOLDER)))


def apply(review: Path, root: Path, changes: Sequence[Change]) -> Applied:
    """Carry out the changes, all of them or none.

    Raises ReviewError with every problem that validation of the changed tables finds; where a row of a change is meant, the
    problem names the place that the change came from. Also raised: a table that a spreadsheet holds open, one that
    cannot be read or is not UTF-8, and one that changed while this ran. Records that somebody has included and that wait for
    their study do not stand in the way of other rows: who screens includes many, and studies are added one at a time.
    """
    with _alone(review):
        schemas = schemas_of(review, root)
        files: dict[Path, TableFile] = {}
        problems: list[Problem] = []
        for path in dict.fromkeys(c.path for c in changes):
            try:
                files[path] = TableFile.read(review / path, path.as_posix())
            except ReviewError as error:
                problems += error.problems
        if problems:
            raise ReviewError(problems)
        counts: dict[str, dict[str, int]] = {}
        for change in changes:
            _one(files[change.path], change, schemas[change.table], counts)
        contents = {p: f.content() for p, f in files.items() if f.content() != f.before}
        ours = {(c.path, c.key) for c in changes if c.cells is not None}
        data, pending = _validated(
            review, root, contents, _origins(files, changes, schemas), ours, schemas["records"]
        )
        write_all(review, contents, {p: files[p].before for p in contents})
        return Applied(data, counts, pending)


@contextmanager
def _alone(review: Path) -> Iterator[None]:
    """One writer at a time: the lock is on review.yaml, so no file is left behind."""
    with (review / "review.yaml").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _one(file: TableFile, change: Change, schema: TableSchema, counts: dict[str, dict[str, int]]) -> None:
    count = counts.setdefault(file.shown, {"added": 0, "changed": 0, "removed": 0})
    columns = schema.primary_key
    index = file.find(columns, change.key)
    if change.cells is None:
        if index is not None:
            file.delete(index)
            count["removed"] += 1
        return
    for name in change.cells:
        if name not in file.header and change.cells[name]:
            file.add_column(name)
    cells = {name: text for name, text in change.cells.items() if name in file.header}
    if index is None:
        file.insert({**cells, **dict(zip(columns, change.key, strict=True))}, columns)
        count["added"] += 1
    elif any(file.lines[index].cells.get(name, "") != text for name, text in cells.items()):
        file.update(index, cells)
        count["changed"] += 1


def _origins(
    files: Mapping[Path, TableFile], changes: Sequence[Change], schemas: Mapping[str, TableSchema]
) -> dict[tuple[str, int], Change]:
    """File and row (as the changed table will have it) → the change that made it."""
    found: dict[tuple[str, int], Change] = {}
    for change in changes:
        file = files[change.path]
        index = file.find(schemas[change.table].primary_key, change.key)
        if change.file and change.cells is not None and index is not None:
            found[file.shown, file.row(index)] = change
    return found


def _validated(
    review: Path,
    root: Path,
    contents: Mapping[Path, bytes],
    origins: Mapping[tuple[str, int], Change],
    ours: Set[tuple[Path, Key]],
    records: TableSchema,
) -> tuple[Dataset, list[str]]:
    from livingreview.screening import flow

    with tempfile.TemporaryDirectory(prefix="livingreview-") as folder:
        shadow = Path(folder)
        copy_review(review, shadow)
        for path, content in contents.items():
            write_bytes(shadow / path, content)
        pending = _let_wait(shadow, ours, records)
        try:
            data = dataset.load(shadow, root)
            flow.flow(data, flow.duplicates(data))
        except ReviewError as error:
            raise ReviewError(
                [_at_origin(p, origins) for p in error.problems if p.severity == "error"] or error.problems
            ) from None
    return data, pending


def _let_wait(shadow: Path, ours: Set[tuple[Path, Key]], records: TableSchema) -> list[str]:
    """In the copy, records that others included and that have no study yet await assessment again; returns their keys."""
    found = []
    for path in sorted((shadow / RAW / "search").glob("records_*.csv")):
        try:
            file = TableFile.read(path)
        except ReviewError:
            continue  # validation tells
        stream = path.stem.removeprefix("records_")
        names = []
        for index, line in enumerate(file.lines):
            key = tuple(line.cells.get(c, "") for c in records.primary_key)
            if line.cells.get("decision") != "include" or line.cells.get("study_id"):
                continue
            if (table_path("records", stream), key) not in ours:
                file.update(index, {"decision": "awaiting"})
                names.append(f"{stream}/{line.cells.get('record_id', '')}")
        if names:
            write_bytes(path, file.content())
            found += names
    return found


def copy_review(review: Path, folder: Path) -> None:
    """Lay what validation reads of a review into an empty folder: the protocol, schemas, tables and published figures."""
    shutil.copy(review / "review.yaml", folder / "review.yaml")
    for part in (RAW, FOLDER):
        if (review / part).is_dir():
            shutil.copytree(review / part, folder / part)
    for path in sorted((review / "data/releases").glob("*/*.yaml")):
        target = folder / path.relative_to(review)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def _at_origin(problem: Problem, origins: Mapping[tuple[str, int], Change]) -> Problem:
    change = origins.get((problem.file, problem.row or 0))
    if change is None:
        return problem
    column = f"{change.table}.{problem.column}" if problem.column else change.table
    if ", sheet " in change.file:
        column = problem.column  # the sheet says which table
    return replace(problem, file=change.file, row=change.row, column=column)


def write_all(folder: Path, contents: Mapping[Path, bytes], before: Mapping[Path, bytes | None]) -> None:
    """Write files (paths relative to ``folder``), all of them or none; ``before`` is what each held, None if it was not there.

    Raises ReviewError where a file has changed since it was read, or cannot be written; what was written already is then put
    back, as it is when the person interrupts.
    """
    stale = [p for p in contents if _held(folder / p) != before[p]]
    if stale:
        raise ReviewError(
            [
                Problem(
                    "the table changed while it was being worked on; nothing was written",
                    file=p.as_posix(),
                    suggestion="call again",
                )
                for p in stale
            ]
        )
    done: list[Path] = []
    path = Path()
    try:
        for path, content in contents.items():
            write_bytes(folder / path, content)
            done.append(path)
        for place in {(folder / p).parent for p in contents}:
            _sync(place)
    except BaseException as error:
        for path in done:
            _put_back(folder / path, before[path])
        if not isinstance(error, OSError):
            raise
        raise ReviewError(
            Problem(
                f"the tables could not be written ({error.strerror or error}); they are as they were",
                file=path.as_posix(),
                suggestion="check that you may write there, that the disk has room, and that no spreadsheet holds the file",
            )
        ) from error


def _held(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _put_back(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        write_bytes(path, content)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def repeated(changes: Iterable[Change]) -> list[Problem]:
    """Problems for rows that stand twice in what a person handed in."""
    first: dict[tuple[str, str, Key], Change] = {}
    found = []
    for change in changes:
        key = (change.table, change.stream, change.key)
        if key in first:
            found.append(
                Problem(
                    f"the row stands twice (first in {first[key].row})",
                    file=change.file,
                    row=change.row,
                    column=change.table,
                    value=" / ".join(change.key),
                    suggestion="delete one, or give one a new id",
                )
            )
        first.setdefault(key, change)
    return found
