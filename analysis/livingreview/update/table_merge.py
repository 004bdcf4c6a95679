"""A merge driver for git: two versions of a table merged by key and cell instead of by line.

Git merges lines, so rows of different studies that become neighbours conflict although nothing contradicts. Rows are merged
here as :mod:`livingreview.update.three_way` does; where the same cell was changed in two ways, or the tables are
too different to tell, git's own merge of lines is left to mark the place.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

from livingreview.errors import ReviewError
from livingreview.extraction.schema import TableSchema
from livingreview.extraction.table_file import Key, TableFile
from livingreview.update.three_way import merge


def merge_files(base: Path, ours: Path, theirs: Path, schema: TableSchema | None) -> list[str]:
    """Merge ``theirs`` into the file ``ours``; returns the conflicts in words (empty: merged whole).

    With conflicts, ``ours`` holds git's merge of lines with its marks. A table without key is merged as a set of rows.
    """
    try:
        files = [TableFile.read(path) for path in (base, ours, theirs)]
    except ReviewError as error:
        return _by_line(base, ours, theirs) or [str(p) for p in error.problems]
    if any(set(f.header) != set(files[0].header) for f in files):
        return ["the versions have different columns"] if _by_line(base, ours, theirs) else []
    before, now, new = files
    columns = list(schema.primary_key) if schema is not None else []
    if not columns:
        columns = list(now.header)
    rows = [
        {_key(columns, line.cells): line.cells for line in f.lines if any(line.cells.values())} for f in files
    ]
    if any(len(r) != sum(any(x.cells.values()) for x in f.lines) for r, f in zip(rows, files, strict=True)):
        if schema is not None and schema.primary_key:
            return _by_line(base, ours, theirs) and ["a key stands twice in one of the versions"]
        return _as_set(before, now, new, columns)
    merged = merge(rows[0], rows[1], rows[2])
    if merged.conflicts:
        _by_line(base, ours, theirs)
        return [
            f"{' / '.join(c.key)}, {c.column}: it was {c.base or 'empty'}, is {c.ours or 'empty'} here and {c.theirs or 'empty'} there"
            for c in merged.conflicts
        ]
    for key, cells in merged.changes.items():
        index = now.find(columns, key)
        if cells is None:
            if index is not None:
                now.delete(index)
        elif index is None:
            now.insert(cells, columns)
        else:
            now.update(index, cells)
    ours.write_bytes(now.content())
    return []


def _key(columns: list[str], cells: dict[str, str]) -> Key:
    return tuple(cells.get(c, "") for c in columns)


def _as_set(before: TableFile, now: TableFile, new: TableFile, columns: list[str]) -> list[str]:
    """Rows that ``new`` has more often than ``before`` are added to ``now``, and those it has less often taken out."""
    had = Counter(_key(columns, line.cells) for line in before.lines)
    has = Counter(_key(columns, line.cells) for line in new.lines)
    for key in dict.fromkeys(_key(columns, line.cells) for line in new.lines):
        for _ in range(has[key] - had[key]):
            now.insert(dict(zip(columns, key, strict=True)), columns)
    for key, count in had.items():
        for _ in range(count - has[key]):
            if (index := now.find(columns, key)) is not None:
                now.delete(index)
    now.path.write_bytes(now.content())
    return []


def _by_line(base: Path, ours: Path, theirs: Path) -> list[str]:
    """Git's merge of lines into ``ours``; a text if it left marks."""
    done = subprocess.run(
        ["git", "merge-file", "-L", "ours", "-L", "base", "-L", "theirs", str(ours), str(base), str(theirs)],
        capture_output=True,
        check=False,
    )
    return ["lines conflict"] if done.returncode else []
