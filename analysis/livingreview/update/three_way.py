"""Three-way comparison of rows, cell by cell: what a person changed since the base, and where somebody else did too.

``base`` is what both started from, ``theirs`` what a person hands in, ``ours`` what the table holds now. A cell that only
one side changed takes that side's value; a cell that both changed to different values is a conflict, and so is a row that
one side took out and the other changed. Nothing is decided in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Cells = Mapping[str, str]
Key = tuple[str, ...]
Same = Callable[[str, str, str], bool]
"""Whether two texts in a column mean the same value: ``same(column, one, other)``."""

ROW = "(row)"
"""Stands for the column where a whole row is in conflict."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A cell (or with :data:`ROW` a row) that two people changed differently; a side without the row has ``None``."""

    key: Key
    column: str
    base: str | None
    ours: str | None
    theirs: str | None


@dataclass(slots=True)
class Merged:
    """``changes`` are the cells to write by key (``None`` takes the row out); ``conflicts`` what a person must decide."""

    changes: dict[Key, dict[str, str] | None] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)


def exactly(column: str, one: str, other: str) -> bool:
    """The comparison by text alone."""
    return one == other


def merge(
    base: Mapping[Key, Cells], ours: Mapping[Key, Cells], theirs: Mapping[Key, Cells], same: Same = exactly
) -> Merged:
    """What must change in ``ours`` to take in what ``theirs`` changed since ``base``.

    A row of the base that is not in ``theirs`` was taken out there; a row of ``ours`` that is in neither is left alone.
    """
    found = Merged()
    for key, row in theirs.items():
        _row(found, key, base.get(key), ours.get(key), row, same)
    for key, row in base.items():
        if key in theirs or key not in ours:
            continue
        if changed := [c for c in {*row, *ours[key]} if not same(c, row.get(c, ""), ours[key].get(c, ""))]:
            column = sorted(changed)[0]
            found.conflicts.append(Conflict(key, ROW, row.get(column, ""), ours[key].get(column, ""), None))
        else:
            found.changes[key] = None
    return found


def _row(found: Merged, key: Key, base: Cells | None, ours: Cells | None, theirs: Cells, same: Same) -> None:
    before, now = base or {}, ours or {}
    edits = {c: text for c, text in theirs.items() if not same(c, before.get(c, ""), text)}
    if base is not None and ours is None:
        if edits:
            column = sorted(edits)[0]
            found.conflicts.append(Conflict(key, ROW, before.get(column, ""), None, edits[column]))
        return
    if base is None and ours is None:
        found.changes[key] = dict(theirs)
        return
    cells = {}
    for column, text in edits.items():
        if same(column, now.get(column, ""), text):
            continue
        if not same(column, before.get(column, ""), now.get(column, "")):
            found.conflicts.append(Conflict(key, column, before.get(column, ""), now.get(column, ""), text))
        else:
            cells[column] = text
    if cells:
        found.changes[key] = cells
