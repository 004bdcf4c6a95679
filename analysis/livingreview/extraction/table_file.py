"""A table as the bytes of its file: rows are added, changed and taken out, and every other row stays byte for byte.

A row is one CSV record; its raw text is kept beside its cells and written back as it was unless the row itself changes.
New rows are put where their key sorts, one row a line, so that git merges rows of different studies without conflict.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from livingreview.errors import Problem, ReviewError
from livingreview.extraction.read import clean, read_table
from livingreview.extraction.validate import natural

Key = tuple[str, ...]


@dataclass(slots=True)
class Line:
    """A record: its text with its line end as it stands in the file, and its cells, trimmed."""

    raw: str
    cells: dict[str, str]


@dataclass(slots=True)
class TableFile:
    """A CSV file that can be edited. ``start`` is all that stands before the first row, header included."""

    path: Path
    shown: str
    header: list[str]
    start: str
    first: int
    """Number, as a spreadsheet counts, of the first row below the header."""
    lines: list[Line]
    separator: str = ","
    end: str = "\n"
    before: bytes = field(default=b"", repr=False)
    """The file's bytes as they were read."""

    @classmethod
    def read(cls, path: Path, shown: str = "") -> TableFile:
        """Read a file that is to be edited.

        Raises ReviewError where the table cannot be read whole, is no UTF-8 text, or is open in a spreadsheet, which
        would write over what is written here.
        """
        shown = shown or path.name
        refuse_locked(path, shown)
        table = read_table(path, shown=shown)
        if wrong := [p for p in table.problems if p.severity == "error"]:
            raise ReviewError(wrong)
        content = path.read_bytes()
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise ReviewError(
                Problem(
                    "the table is not UTF-8 text, so it is not written to",
                    file=shown,
                    suggestion="open it, save it as CSV UTF-8, and call again",
                )
            ) from None
        records = _records(text)
        place = 0
        if text.lstrip("\ufeff\"'").casefold().startswith("sep="):
            place = 1  # a line that only a spreadsheet reads, and does not count
        while not any(_cells(records[place], table.separator)):
            place += 1
        skipped = 1 if text.lstrip("\ufeff\"'").casefold().startswith("sep=") else 0
        lines = [
            Line(raw, _named(table.header, _cells(raw, table.separator))) for raw in records[place + 1 :]
        ]
        end = "\r\n" if records[place].endswith("\r\n") else "\n"
        return cls(
            path=path,
            shown=shown,
            header=table.header,
            start="".join(records[: place + 1]),
            first=place - skipped + 2,
            lines=lines,
            separator=table.separator,
            end=end,
            before=content,
        )

    def row(self, index: int) -> int:
        """Number of a row as a spreadsheet counts it."""
        return self.first + index

    def find(self, columns: Sequence[str], key: Key) -> int | None:
        """Index of the first row with these cells, or None."""
        for index, line in enumerate(self.lines):
            if any(line.cells.values()) and tuple(line.cells.get(c, "") for c in columns) == key:
                return index
        return None

    def update(self, index: int, cells: Mapping[str, str]) -> None:
        """Change cells of a row; the row is written anew, in the dialect of the file."""
        line = self.lines[index]
        merged = {**line.cells, **cells}
        self.lines[index] = Line(self._text(merged), merged)

    def insert(self, cells: Mapping[str, str], columns: Sequence[str]) -> int:
        """Put in a row where its key (``columns``) sorts; returns its index.

        In a table that is not sorted the row goes behind the rows of the same study, else before the first that sorts
        after it.
        """
        full = {name: cells.get(name, "") for name in self.header}
        place = self._place(full, columns)
        if place and not self.lines[place - 1].raw.endswith(("\n", "\r")):
            self.lines[place - 1].raw += self.end
        elif not place and not self.start.endswith(("\n", "\r")):
            self.start += self.end
        self.lines.insert(place, Line(self._text(full), full))
        return place

    def _place(self, cells: Mapping[str, str], columns: Sequence[str]) -> int:
        def key(of: Mapping[str, str]) -> list[object]:
            return [natural(of.get(c) or None) for c in columns]

        new = key(cells)
        group = [
            i
            for i, line in enumerate(self.lines)
            if columns and line.cells.get(columns[0]) == cells.get(columns[0])
        ]
        if len(columns) > 1 and group:
            behind = [i for i in group if key(self.lines[i].cells) <= new]
            return behind[-1] + 1 if behind else group[0]
        for index, line in enumerate(self.lines):
            if any(line.cells.values()) and key(line.cells) > new:
                return index
        place = len(self.lines)
        while place and not any(self.lines[place - 1].cells.values()):
            place -= 1
        return place

    def delete(self, index: int) -> None:
        """Take out a row."""
        del self.lines[index]

    def add_column(self, name: str, value: str = "") -> None:
        """Append a column; the text of each row stays and the value is put behind it."""
        self._pad()
        mark = self._cell(value)
        self.start = _appended(self.start, self.separator + self._cell(name))
        for line in self.lines:
            if any(line.cells.values()):
                line.raw = _appended(line.raw, self.separator + mark)
            line.cells[name] = value
        self.header.append(name)

    def rename_column(self, old: str, new: str) -> None:
        """Give a column another name; only the header row changes."""
        place = self.header.index(old)
        self.header[place] = new
        ending = self.start[len(self.start.rstrip("\r\n")) :]
        records = _records(self.start)
        self.start = "".join(records[:-1]) + self._join(self.header) + (ending or self.end)
        for line in self.lines:
            line.cells = {new if c == old else c: v for c, v in line.cells.items()}

    def drop_column(self, name: str) -> None:
        """Take out a column, which rewrites every row."""
        self.header.remove(name)
        records = _records(self.start)
        self.start = "".join(records[:-1]) + self._join(self.header) + self.end
        for line in self.lines:
            line.cells.pop(name, None)
            if any(line.cells.values()):
                line.raw = self._text(line.cells)

    def content(self) -> bytes:
        """The file's bytes as they are to be."""
        return (self.start + "".join(line.raw for line in self.lines)).encode("utf-8")

    def _pad(self) -> None:
        """Rows with fewer cells than the header are written in full, so that a new last cell stands under its name."""
        for line in self.lines:
            if any(line.cells.values()) and len(_cells(line.raw, self.separator)) < len(self.header):
                line.raw = self._text(line.cells)

    def _text(self, cells: Mapping[str, str]) -> str:
        return self._join([cells.get(name, "") for name in self.header]) + self.end

    def _join(self, cells: Sequence[str]) -> str:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=self.separator, lineterminator="").writerow([one_line(c) for c in cells])
        return out.getvalue()

    def _cell(self, text: str) -> str:
        joined = self._join([text, "x"])
        return joined[: joined.rindex(self.separator)]


def one_line(text: str) -> str:
    """A cell's text on one line, so that a row stays a line."""
    return " ".join(text.split()) if "\n" in text or "\r" in text else text


def refuse_locked(path: Path, shown: str) -> None:
    """Raise ReviewError for a file that a spreadsheet holds open (or held when it crashed)."""
    for lock in (f"~${path.name}", f".~lock.{path.name}#"):
        if path.with_name(lock).exists():
            raise ReviewError(
                Problem(
                    "the file is open in a spreadsheet (or was when it crashed), so it is neither read nor written: what is "
                    "not saved there would be lost",
                    file=shown,
                    suggestion=f"save and close it there; if it is closed already, delete {lock}",
                )
            )


def _records(text: str) -> list[str]:
    """The text cut into CSV records: a line break inside quotes ends none."""
    found: list[str] = []
    held = ""
    for piece in _pieces(text):
        held += piece
        if held.count('"') % 2 == 0:
            found.append(held)
            held = ""
    return [*found, held] if held else found


def _pieces(text: str) -> Iterable[str]:
    # not splitlines(): it also cuts at form feeds and the separators of Unicode, which end no row
    return io.StringIO(text, newline="")


def _cells(raw: str, separator: str) -> list[str]:
    rows = (
        list(csv.reader([raw.lstrip("\ufeff").rstrip("\r\n")], delimiter=separator)) if '"' not in raw else []
    )
    if not rows:
        rows = list(csv.reader(io.StringIO(raw.lstrip("\ufeff"), newline=""), delimiter=separator))
    return [clean(cell) for cell in rows[0]] if rows else []


def _named(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {name: (cells[i] if i < len(cells) else "") for i, name in enumerate(header)}


def _appended(raw: str, more: str) -> str:
    body = raw.rstrip("\r\n")
    return body + more + raw[len(body) :]
