"""Reading a table as spreadsheets save it: encodings, separators, line ends, and what is broken in the file itself.

What a *cell* means is not decided here; see :mod:`livingreview.extraction.cells`.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from livingreview.errors import Problem

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_INVISIBLE = "\ufeff\u200b\u2060\u00ad"
_LONGEST_CELL = 131_072


@dataclass(frozen=True, slots=True)
class RawRow:
    """A record: its number as a spreadsheet counts it (header = 1) and its cells, trimmed and NFC."""

    row: int
    cells: dict[str, str]


@dataclass(slots=True)
class RawTable:
    """A table as text. ``problems`` are errors and warnings, ``notes`` what was translated without loss."""

    name: str
    path: str
    header: list[str] = field(default_factory=list)
    rows: list[RawRow] = field(default_factory=list)
    separator: str = ","
    whole: bool = True
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    @property
    def readable(self) -> bool:
        """Whether header and all rows could be read; if not, rules about other tables must not rely on this one."""
        return bool(self.header) and self.whole

    def error(self, message: str, row: int | None = None, **more: str) -> None:
        """Add an error in this table."""
        self.problems.append(Problem(message, file=self.path, row=row, **more))  # type: ignore[arg-type]

    def note(self, message: str, row: int | None = None, **more: str) -> None:
        """Add a note on this table."""
        self.notes.append(Problem(message, file=self.path, row=row, severity="note", **more))


def read_table(path: Path, name: str = "", shown: str = "") -> RawTable:
    """Read a CSV file of any spreadsheet's dialect.

    ``name`` is the table's name (default: the file's stem), ``shown`` the path that problems print.
    Never raises for what is in the file: see ``problems`` of the result.
    """
    table = RawTable(name or path.stem, shown or path.name)
    _lock_files(path, table)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        table.error("the table is missing", suggestion=_instead(path))
        return table
    except IsADirectoryError:
        table.error(
            "a folder has this name", suggestion="rename the folder and put the CSV file in its place"
        )
        return table
    except OSError as error:
        table.error(
            f"the table cannot be read: {error.strerror or error}",
            suggestion="check that it is a CSV file that you are allowed to open",
        )
        return table
    text = _decode(content, table)
    if text is None:
        return table
    if not text.strip(" \t\r\n,;" + _INVISIBLE):
        table.error("the table is empty", suggestion="the first row must be the header")
        return table
    if conflict := re.search(r"^(<{7}|>{7}) .*$", text, re.MULTILINE):
        table.error(
            "two versions of the table were put together by git and not sorted out (marks <<<<<<<, =======, >>>>>>>)",
            row=_row_at(text, conflict.start()),
            value=conflict[0],
            suggestion="keep the rows that are right and delete the three marks",
        )
        return table
    _parse(_separator(text, table), table)
    return table


def _row_at(text: str, position: int) -> int:
    """Row in which a position lies, as a spreadsheet counts: a line break inside quotes begins no row."""
    outside = re.sub(r'"[^"]*(?:"|\Z)', "", text[:position])
    return len(re.findall(r"\r\n|\r|\n", outside)) + 1


def _instead(path: Path) -> str:
    """What to do about a missing table; a file that may be it under another name is named."""
    folder = path.parent
    beside = sorted(p.name for p in folder.iterdir() if p.is_file()) if folder.is_dir() else []
    for name in beside:
        stem, _, suffix = name.rpartition(".")
        if stem.casefold() == path.stem.casefold():
            if suffix.casefold() in ("csv", "tsv", "txt"):
                return f"rename {name} to {path.name}"
            return f"save {name} as CSV UTF-8 under the name {path.name}"
    return "create it with its header row, or restore it"


def _lock_files(path: Path, table: RawTable) -> None:
    for lock in (f"~${path.name}", f".~lock.{path.name}#"):
        if path.with_name(lock).exists():
            table.problems.append(
                Problem(
                    "the table is open in a spreadsheet (or was when it crashed); what is not saved there is not seen here",
                    file=table.path,
                    suggestion=f"save and close it there; if it is closed already, delete {lock}",
                    severity="warning",
                )
            )
            return


def _decode(content: bytes, table: RawTable) -> str | None:
    if content.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        encoding = "utf-32"
    elif content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif (encoding := _utf16_without_mark(content)) == "":
        encoding = "utf-8-sig"
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        table.error(
            "this is a spreadsheet's own file, not a CSV file", suggestion="save it there as CSV UTF-8"
        )
        return None
    try:
        text = content.decode(encoding)
        if encoding != "utf-8-sig":
            table.note(f"read as {encoding.upper()}")
    except UnicodeDecodeError:
        if encoding != "utf-8-sig":
            table.error(
                f"the file begins as {encoding.upper()} text but is damaged",
                suggestion="save it again as CSV UTF-8",
            )
            return None
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            table.error(
                f"neither UTF-8 nor Windows-1252 text (near line {line})",
                suggestion="save it again as CSV UTF-8",
            )
            return None
        table.note("read as Windows-1252, because it is not UTF-8", suggestion="save it as CSV UTF-8")
        # letters that Windows-1252 does not have were saved as question marks
        for found in re.finditer(r"[^\W\d_]\?[^\W\d_]+", text):
            before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
            if "://" not in re.split(r"[\s,;\t]", before)[-1]:
                table.problems.append(
                    Problem(
                        "a question mark inside a word: a letter was probably lost when the table was saved",
                        file=table.path,
                        row=_row_at(text, found.start()),
                        value=re.split(r"[\s,;\t\"]", before)[-1] + found[0],
                        suggestion="type the letter again and save as CSV UTF-8",
                        severity="warning",
                    )
                )
    if "\x00" in text:
        table.error(
            "the file holds zero bytes, so it is damaged or no text", suggestion="save it again as CSV UTF-8"
        )
        return None
    return text.lstrip("\ufeff")


def _utf16_without_mark(content: bytes) -> str:
    """Encoding of UTF-16 without byte-order mark: every other byte of a Latin header is zero."""
    start = content[:200]
    if len(start) >= 4 and len(content) % 2 == 0:
        if start[1::2].count(0) > 0.9 * len(start[1::2]) and not start[::2].count(0):
            return "utf-16-le"
        if start[::2].count(0) > 0.9 * len(start[::2]) and not start[1::2].count(0):
            return "utf-16-be"
    return ""


def _separator(text: str, table: RawTable) -> str:
    """Find the separator; return the text without a ``sep=;`` line, which spreadsheets read and do not count."""
    declared = re.match(r'"?sep=(.)"?[ ;,\t]*(\r\n|\r|\n)', text, re.IGNORECASE)
    if declared:
        text = text[declared.end() :]
        table.separator = declared[1]
    else:
        # outside quotes, in the first row that says anything
        head = re.sub(r'"[^"]*"', "", text.lstrip("\r\n")[:20_000])
        head = re.split(r"[\r\n]", head, maxsplit=1)[0]
        table.separator = max(_SEPARATORS, key=head.count)
    if table.separator != ",":
        table.note(f"read with {_SEPARATORS.get(table.separator, table.separator)} as separator")
    return text


def _records(text: str, table: RawTable) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=table.separator, strict=True)
    row = 0
    while True:
        row += 1
        try:
            yield row, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            table.whole = False
            said = str(error)
            if "unexpected end of data" in said:
                table.error(
                    "a quotation mark opened in this row is never closed, so the rest of the table was taken for one cell",
                    row=row,
                    suggestion='close the quotation mark; inside a cell write it twice ("")',
                )
            elif "expected after" in said:
                table.error(
                    "text follows a closing quotation mark",
                    row=row,
                    suggestion='put the whole cell in quotes and write a quotation mark inside it twice ("")',
                )
            elif "field limit" in said:
                table.error(
                    f"a cell holds more than {_LONGEST_CELL:,} characters",
                    row=row,
                    suggestion="shorten it; if no cell is so long, a quotation mark is missing in this row",
                )
            else:
                table.error(f"the row cannot be read: {said}", row=row)
            return


def _parse(text: str, table: RawTable) -> None:
    width, full, short, wide = 0, 0, 0, []
    for row, record in _records(text, table):
        cells = [clean(cell) for cell in record]
        while cells and not cells[-1]:
            cells.pop()
        if not table.header:
            if cells:
                table.header = cells
                width, full = len(cells), len(record)
                if not _check_header(row, table):
                    return
            continue
        if not cells:
            continue  # an empty row still counts
        if len(cells) > width:
            table.error(
                f"the row has {len(cells)} cells, the header {width}",
                row=row,
                value=table.separator.join(cells[width:]),
                suggestion=f"put a cell that contains a {_SEPARATORS.get(table.separator, 'separator')} in quotation marks",
            )
            cells = cells[:width]
        elif len(record) > full:
            wide.append((row, len(record)))
        short += len(record) < width
        cells += [""] * (width - len(cells))
        table.rows.append(RawRow(row, dict(zip(table.header, cells, strict=True))))
    for row, cells_there in wide if len(wide) < len(table.rows) else []:
        table.problems.append(
            Problem(
                f"the row has {cells_there} cells, the header {full}; the last is empty, so the values may have moved to the right",
                file=table.path,
                row=row,
                suggestion=f"put a text that contains a {_SEPARATORS.get(table.separator, 'separator')} in quotation marks",
                severity="warning",
            )
        )
    if short:
        table.note(
            f"{short} row{'' if short == 1 else 's'} with fewer cells than the header; the missing ones were read as empty"
        )


def _check_header(row: int, table: RawTable) -> bool:
    """Tell what is wrong with the header; False (and no header) when the rest of the table makes no sense under it."""
    if len(table.header) == 1 and any(mark in table.header[0] for mark in ",;\t"):
        table.error(
            "every row is one single cell, so the table was opened with the wrong separator and saved",
            row=row,
            value=table.header[0],
            suggestion="open it again, choose the right separator, and save it as CSV UTF-8",
        )
        table.header = []
        return False
    if all(re.fullmatch(r"[-+]?[\d.,]+", name) for name in table.header if name):
        table.error("the header row is missing", row=row, suggestion="the first row must name the columns")
        table.header = []
        return False
    for i, name in enumerate(table.header):
        if not name:
            table.error(
                f"column {_letter(i)} has no name in the header",
                row=row,
                suggestion="name it or delete the column",
            )
            table.header[i] = f"(column {_letter(i)})"
        elif name in table.header[:i]:
            first = _letter(table.header.index(name))
            table.error(
                f"the column stands twice, as {first} and {_letter(i)}",
                row=row,
                column=name,
                suggestion="delete one",
            )
            table.header[i] = f"{name} (column {_letter(i)})"
    return True


def _letter(index: int) -> str:
    """Name of a column as spreadsheets show it: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def clean(cell: str) -> str:
    """A cell's text: composed letters (NFC), LF line breaks, trimmed of spaces of any kind and invisible marks."""
    if cell.isascii():
        return cell.strip() if "\r" not in cell else cell.replace("\r\n", "\n").replace("\r", "\n").strip()
    cell = unicodedata.normalize("NFC", cell).replace("\r\n", "\n").replace("\r", "\n")
    previous = None
    while previous != cell:
        previous, cell = cell, cell.strip().strip(_INVISIBLE)
    return cell
