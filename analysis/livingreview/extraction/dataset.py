"""The whole review as data: protocol, schemas and all tables, valid, or every problem at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from livingreview import protocol as protocols
from livingreview.errors import Problem, ReviewError
from livingreview.extraction import analysed, rules, validate
from livingreview.extraction.read import RawTable, read_table
from livingreview.extraction.schema import CORE, FOLDER, OPTIONAL, TableSchema, code_lists, load_schemas
from livingreview.extraction.validate import Row, natural
from livingreview.nearest import did_you_mean
from livingreview.protocol import Draft, Protocol

RAW = Path("data/raw")
SECOND = RAW / "second"
"""Tables of a second extractor, of the same names as the first's; see :mod:`livingreview.extraction.double_extraction`."""
DOUBLE = ("studies", "arms", "outcomes", "participants", "appraisals")
MANY = 20
"""More rows than this with the very same problem are told together."""
STREAMED = ("queries", "records")
"""Tables that come as one file a search stream; their rows say which in ``stream``."""


@dataclass(frozen=True)
class Dataset:
    """A valid review. ``tables`` maps each table of :data:`livingreview.extraction.schema.CORE` to its rows, sorted by key;
    ``problems`` holds warnings and notes only."""

    protocol: Protocol
    tables: dict[str, list[Row]]
    problems: list[Problem] = field(default_factory=list)
    schemas: dict[str, TableSchema] = field(default_factory=dict)
    second: dict[str, list[Row]] = field(default_factory=dict)
    """Tables of a second, independent extraction, as far as there are any (``data/raw/second``)."""


def load(review: Path, root: Path) -> Dataset:
    """Read and validate a review.

    ``review`` holds ``review.yaml`` and ``data/raw``; a schema that is not in its ``data/schema`` is taken from
    ``root``'s. Raises ReviewError with the errors of the protocol and of all tables together (its ``problems`` then
    holds the warnings and notes too). Paths in problems are relative to ``review``.
    """
    review, root = Path(review), Path(root)
    draft = protocols.draft(review / protocols.FILE)
    problems = list(draft.problems)
    try:
        schemas = load_schemas(*dict.fromkeys((review / FOLDER, root / FOLDER)))
        problems += rules.unknown(schemas)
    except ReviewError as error:
        raise ReviewError([*problems, *error.problems]) from None
    tables: dict[str, list[Row]] = {}
    complete: set[str] = set()
    codes = code_lists(draft.protocol, draft.known)
    for name in CORE:
        rows: list[Row] = []
        whole = True
        for raw, stream in _files(review, name, draft, problems):
            typed = validate.typed(raw, schemas[name], codes)
            problems += typed.problems
            whole &= typed.complete
            for row in typed.rows:
                if stream is not None:
                    row["stream"] = stream
                rows.append(row)
        tables[name] = rows
        if whole:
            complete.add(name)
    for name, rows in tables.items():
        problems += validate.duplicate_keys(rows, schemas[name])
        for key in schemas[name].foreign_keys:
            if key.table in complete and all(c in schemas[name].fields for c in key.columns):
                problems += validate.broken_links(rows, key, tables[key.table])
    second = _second(review, schemas, codes, tables["studies"], problems)
    problems += _strays(review, {f"{name}.csv" for name in CORE if name not in STREAMED})
    problems += rules.check(draft, tables, schemas, complete)
    problems += analysed.check(
        draft, schemas, tables["appraisal_tools"] if "appraisal_tools" in complete else None
    )
    problems = _condensed(dict.fromkeys(problems))
    if any(p.severity == "error" for p in problems):
        raise ReviewError(problems)
    for name, rows in tables.items():
        rows.sort(key=_order(schemas[name]))
    for name, rows in second.items():
        rows.sort(key=_order(schemas[name]))
    return Dataset(draft.protocol, tables, problems, schemas, second)


def _second(
    review: Path,
    schemas: Mapping[str, TableSchema],
    codes: Mapping[str, Mapping[str, str]],
    studies: list[Row],
    problems: list[Problem],
) -> dict[str, list[Row]]:
    """Rows of the second extraction by table. Each must be whole and of a known study; rules between rows are for the
    first extraction, from which the review is built."""
    found: dict[str, list[Row]] = {}
    known = {row["study_id"] for row in studies}
    for path in sorted((review / SECOND).glob("*.csv")) if (review / SECOND).is_dir() else []:
        shown = (SECOND / path.name).as_posix()
        if path.name.startswith(("~$", ".")):
            continue
        if path.stem not in DOUBLE:
            problems.append(
                Problem(
                    "no table of this name is extracted twice",
                    file=shown,
                    allowed=", ".join(f"{name}.csv" for name in DOUBLE),
                    suggestion=did_you_mean(path.name, [f"{name}.csv" for name in DOUBLE]),
                )
            )
            continue
        typed = validate.typed(read_table(path, path.stem, shown), schemas[path.stem], codes)
        problems += typed.problems
        problems += validate.duplicate_keys(typed.rows, schemas[path.stem])
        problems += [
            Problem(
                "there is no such study in studies",
                file=shown,
                row=row["_row"],
                column="study_id",
                value=row["study_id"],
                suggestion=did_you_mean(row["study_id"], known),
            )
            for row in typed.rows
            if row["study_id"] is not None and row["study_id"] not in known
        ]
        found[path.stem] = typed.rows
    return found


def _condensed(problems: Iterable[Problem]) -> list[Problem]:
    """The same problems, where one and the same slip in very many rows of a column is told once, with all its rows."""
    groups: dict[Problem, list[Problem]] = {}
    for problem in problems:
        groups.setdefault(replace(problem, row=None), []).append(problem)
    told: list[Problem] = []
    for same in groups.values():
        if len(same) <= MANY:
            told += same
            continue
        rows = sorted(p.row for p in same if p.row is not None)
        runs: list[list[int]] = []
        for row in rows:
            if runs and row == runs[-1][1] + 1:
                runs[-1][1] = row
            else:
                runs.append([row, row])
        shown = ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs[:20])
        more = f" and {len(runs) - 20} more places" if len(runs) > 20 else ""
        told.append(
            replace(same[0], row=rows[0], message=f"{same[0].message} ({len(rows)} rows: {shown}{more})")
        )
    return told


def _strays(review: Path, known: set[str]) -> Iterator[Problem]:
    """Notes on files beside the tables that look like tables and are not read."""
    folder = review / RAW
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name.startswith(("~$", ".")) or path.name in known:
            continue
        if path.is_file() and path.suffix.casefold() in (".csv", ".tsv", ".xlsx", ".xls", ".ods"):
            yield Problem(
                "this file is not read, because no table has its name",
                file=(RAW / path.name).as_posix(),
                allowed=", ".join(sorted(known)),
                suggestion="if the newest data are in it, save it as CSV UTF-8 under the name of the table; else move it elsewhere",
                severity="warning",
            )


def _order(schema: TableSchema) -> Any:
    columns = ["stream", *(schema.primary_key or schema.fields)]
    return lambda row: [natural(row.get(c)) for c in columns]


def _files(
    review: Path, table: str, draft: Draft, problems: list[Problem]
) -> Iterator[tuple[RawTable, str | None]]:
    """The files of a table, read: (raw table, its stream)."""
    if table not in STREAMED:
        shown = RAW / f"{table}.csv"
        if table in OPTIONAL and not (review / shown).exists():
            return
        yield read_table(review / shown, table, shown.as_posix()), None
        return
    folder = RAW / "search"
    found = {
        match[1]: path
        for path in (sorted((review / folder).iterdir()) if (review / folder).is_dir() else [])
        if (match := re.fullmatch(rf"{table}_(.+)\.csv", path.name))
    }
    streams = list(draft.protocol.search.streams) if "search" in draft.known else list(found)
    for stream in streams:
        shown = folder / f"{table}_{stream}.csv"
        yield read_table(review / shown, table, shown.as_posix()), stream
    for stream in found:
        if stream not in streams:
            problems.append(
                Problem(
                    f"no search stream `{stream}` in the protocol",
                    file=(folder / found[stream].name).as_posix(),
                    allowed=", ".join(streams),
                    suggestion=did_you_mean(stream, streams) or "list it under search.streams in review.yaml",
                )
            )
