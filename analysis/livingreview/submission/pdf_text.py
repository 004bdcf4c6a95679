"""Reads a page of a PDF: where its text stands, in which font and size, and where its pictures are drawn.

A small interpreter of content streams (ISO 32000-1, 8.3, 8.10 and 9.4): matrices, text position, widths, forms. Extra
spacing of letters and words (Tc, Tw, Tz) is not followed, and neither is text in patterns.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from pypdf import PageObject
from pypdf.generic import ContentStream, DecodedStreamObject, NameObject

Matrix = tuple[float, float, float, float, float, float]

_UNIT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
# A gap in thousandths of the size from which kerning is a space.
_SPACE = 180.0
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of horizontal text: where its baseline begins and ends (pt from the left and lower edge as the page is seen).

    ``mark`` is the number by which the tags of the file point at it (ISO 32000-1, 14.7.4; None: they do not).
    """

    x: float
    end: float
    y: float
    font: str
    size: float
    text: str
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as drawn, with its size in pt; ``stream`` is its dictionary."""

    width: float
    height: float
    stream: Any


def read(page: PageObject) -> tuple[list[Piece], list[Picture]]:
    """Pieces of text and pictures of a page, in the order in which they are drawn."""
    reader = _Reader(page.pdf)
    contents = page.get_contents()
    if contents is not None:
        reader.run(contents, resources(page), _upright(page), 0)
    return reader.pieces, reader.pictures


def size(page: PageObject) -> tuple[float, float]:
    """Width and height of a page as it is seen, in pt."""
    box, unit = page.cropbox, float(page.get("/UserUnit", 1))
    sides = float(box.width) * unit, float(box.height) * unit
    return (sides[1], sides[0]) if page.rotation % 180 else sides


def base_name(font: Any) -> str:
    """The name of a font without the mark of a subset."""
    # A composite font may add the name of its encoding to that of the font inside.
    within = font.get("/DescendantFonts")
    named = within.get_object()[0].get_object() if within is not None else font
    return re.sub(r"^[A-Z]{6}\+", "", str(named.get("/BaseFont", "")).lstrip("/"))


def resources(holder: Any) -> Any:
    """Resources of a page (perhaps of the pages above it) or form."""
    while holder is not None:
        if "/Resources" in holder:
            return holder["/Resources"].get_object()
        parent = holder.get("/Parent")
        holder = parent.get_object() if parent is not None else None
    return {}


def _upright(page: PageObject) -> Matrix:
    """From the page's own space to the page as it is seen."""
    box, unit = page.cropbox, float(page.get("/UserUnit", 1))
    left, low, right, high = (float(v) for v in (box.left, box.bottom, box.right, box.top))
    turned: dict[int, Matrix] = {
        0: (1, 0, 0, 1, -left, -low),
        90: (0, -1, 1, 0, -low, right),
        180: (-1, 0, 0, -1, right, high),
        270: (0, 1, -1, 0, high, -left),
    }
    return _times(turned.get(page.rotation % 360, _UNIT), (unit, 0, 0, unit, 0, 0))


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _matrix(numbers: Any) -> Matrix:
    a, b, c, d, e, f = (float(n) for n in numbers)
    return a, b, c, d, e, f


class _Reader:
    """The state of drawing."""

    def __init__(self, pdf: Any) -> None:
        self.pdf = pdf
        self.pieces: list[Piece] = []
        self.pictures: list[Picture] = []
        self._fonts: dict[int, _Font] = {}
        self._marks: list[int | None] = []

    def run(self, stream: Any, resources: Any, at: Matrix, depth: int) -> None:
        """Draws a stream whose space is put onto the page by ``at``."""
        fonts, objects = (_part(resources, name) for name in ("/Font", "/XObject"))
        saved: list[tuple[Matrix, Any, float, float]] = []
        font: Any = None
        points = leading = 0.0
        text = line = _UNIT
        for operands, operator in without_paths(stream, self.pdf).operations:
            if operator == b"q":
                saved.append((at, font, points, leading))
            elif operator == b"Q":
                if saved:
                    at, font, points, leading = saved.pop()
            elif operator == b"cm":
                at = _times(_matrix(operands), at)
            elif operator == b"BT":
                text = line = _UNIT
            elif operator == b"Tf":
                font = fonts.get(operands[0])
                points = float(operands[1])
            elif operator == b"TL":
                leading = float(operands[0])
            elif operator == b"Tm":
                text = line = _matrix(operands)
            elif operator in (b"Td", b"TD"):
                if operator == b"TD":
                    leading = -float(operands[1])
                text = line = _times((1, 0, 0, 1, float(operands[0]), float(operands[1])), line)
            elif operator == b"T*":
                text = line = _times((1, 0, 0, 1, 0, -leading), line)
            elif operator in (b"Tj", b"TJ", b"'", b'"'):
                if operator in (b"'", b'"'):
                    text = line = _times((1, 0, 0, 1, 0, -leading), line)
                shown = operands[0] if operator == b"TJ" else [operands[-1]]
                length = self._show(font, points, shown, _times(text, at))
                text = _times((1, 0, 0, 1, length, 0), text)
            elif operator in (b"BDC", b"BMC"):
                self._marks.append(_mark(operands, resources, depth))
            elif operator == b"EMC":
                del self._marks[-1:]
            elif operator == b"Do":
                self._draw(objects.get(operands[0]), resources, at, depth)
            elif operator == b"INLINE IMAGE":
                self._picture(operands["settings"], at)

    def _show(self, reference: Any, points: float, shown: Any, at: Matrix) -> float:
        """Notes a piece of text; how long it is, in its own space."""
        if reference is None:
            return 0.0
        found = reference.get_object()
        if id(found) not in self._fonts:
            self._fonts[id(found)] = _Font(found)
        font = self._fonts[id(found)]
        written, length = "", 0.0
        for part in shown:
            if isinstance(part, (int, float)):
                written += " " if part < -_SPACE and not written.endswith(" ") else ""
                length -= part
            else:
                raw = part if isinstance(part, bytes) else getattr(part, "original_bytes", b"")
                text, width = font.read(raw)
                written += text
                length += width
        length *= points / 1000
        a, b, c, d, x, y = at
        height = abs(points) * math.hypot(c, d)
        # along the page from left to right only: what is turned or mirrored is no line of text
        if written.strip() and a > 0 and abs(b) < 0.01 * a:
            mark = next((m for m in reversed(self._marks) if m is not None), None)
            self.pieces.append(Piece(x, x + a * length, y, font.name, round(height, 2), written, mark))
        return length

    def _draw(self, reference: Any, resources: Any, at: Matrix, depth: int) -> None:
        if reference is None:
            return
        drawn = reference.get_object()
        if drawn.get("/Subtype") == "/Image":
            self._picture(drawn, at)
        elif drawn.get("/Subtype") == "/Form" and depth < _DEEPEST:
            inner = _times(_matrix(drawn.get("/Matrix", _UNIT)), at)
            own = drawn["/Resources"].get_object() if "/Resources" in drawn else resources
            self.run(drawn, own, inner, depth + 1)

    def _picture(self, stream: Any, at: Matrix) -> None:
        a, b, c, d, _, _ = at
        self.pictures.append(Picture(math.hypot(a, b), math.hypot(c, d), stream))


# Strings, which stay, and what draws lines and areas: most of a page with figures, and nothing of its text.
_PATHS = re.compile(
    rb"(\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\)|<[0-9A-Fa-f\s]*>|/[^\s()<>\[\]{}/%]+)"
    rb"|(?:[-+.\d]+\s+){2,6}(?:re|[mlcvy])(?=\s)|(?<=\s)(?:[hfFSsBbnW]\*?)(?=\s)",
    re.DOTALL,
)


def without_paths(stream: Any, pdf: Any) -> ContentStream:
    """A content stream without the operators that draw paths: reading these in Python takes longer than all the rest."""
    found = ContentStream(stream, pdf)
    data = found.get_data()
    if b"ID" in data and re.search(rb"\sID\s", data):  # bytes of an inline picture may look like anything
        return found
    found.set_data(_PATHS.sub(lambda match: match[1] or b"", data))
    return found


def thinned(page: PageObject, seen: set[int]) -> PageObject:
    """The page, changed in memory: neither it nor the forms it draws have paths any more. ``seen`` are numbers of forms done before."""
    if "/Contents" in page:
        contents = (
            DecodedStreamObject()
        )  # pypdf reads its strings as bytes only where it parses the stream itself
        contents.set_data(without_paths(page["/Contents"].get_object(), page.pdf).get_data())
        page[NameObject("/Contents")] = contents
    waiting = [resources(page)]
    while waiting:
        for reference in _part(waiting.pop(), "/XObject").values():
            form = reference.get_object()
            if getattr(reference, "idnum", 0) in seen or form.get("/Subtype") != "/Form":
                continue
            seen.add(getattr(reference, "idnum", 0))
            form.set_data(without_paths(form, page.pdf).get_data())
            if "/Resources" in form:
                waiting.append(form["/Resources"].get_object())
    return page


def _mark(operands: Any, resources: Any, depth: int) -> int | None:
    """The number of marked content that belongs to the page itself; that of a form has numbers of its own."""
    properties = operands[1] if len(operands) > 1 and not depth else None
    if isinstance(properties, str):
        properties = _part(resources, "/Properties").get(properties)
    found = properties.get_object() if properties is not None else None
    number = found.get("/MCID") if isinstance(found, dict) else None
    return None if number is None else int(number)


def _part(resources: Any, name: str) -> dict[Any, Any]:
    """The references of a part of the resources."""
    found = resources.get(name) if resources else None
    return {key: found.get_object().raw_get(key) for key in found.get_object()} if found is not None else {}


class _Font:
    """Name, characters and widths (in thousandths of the size) of a font by code."""

    def __init__(self, font: Any) -> None:
        self.name = base_name(font)
        self.wide = font.get("/Subtype") == "/Type0"
        self.widths: dict[int, float] = {}
        self.width = 500.0  # of standard fonts, whose widths the file may leave out
        if "/ToUnicode" in font and hasattr(font["/ToUnicode"].get_object(), "get_data"):
            self.table = _unicode(font["/ToUnicode"].get_object().get_data().decode("latin-1"))
        else:
            self.table = {} if self.wide else _simple(font)
        if self.wide:
            within = font["/DescendantFonts"].get_object()[0].get_object()
            self.width = float(within.get("/DW", 1000))
            self._composite(within["/W"].get_object() if "/W" in within else [])
        elif "/Widths" in font:
            first = int(font.get("/FirstChar", 0))
            self.widths = {
                first + i: float(w.get_object()) for i, w in enumerate(font["/Widths"].get_object())
            }

    def _composite(self, listed: Any) -> None:
        """Reads ``c [w1 w2 …]`` and ``first last w`` (9.7.4.3)."""
        entries = [e.get_object() if hasattr(e, "get_object") else e for e in listed]
        while len(entries) > 1:
            first = int(entries[0])
            if isinstance(entries[1], list):
                self.widths |= {first + i: float(w.get_object()) for i, w in enumerate(entries[1])}
                entries = entries[2:]
            else:
                last, width = int(entries[1]), float(entries[2])
                self.widths |= dict.fromkeys(range(first, min(last, 0xFFFF) + 1), width)
                entries = entries[3:]

    def read(self, raw: bytes) -> tuple[str, float]:
        """The text of a string of codes, and how wide it is."""
        step = 2 if self.wide else 1
        codes = [int.from_bytes(raw[i : i + step], "big") for i in range(0, len(raw), step)]
        text = "".join(self.table.get(code, "\ufffd" if self.wide else chr(code)) for code in codes)
        return text, sum(self.widths.get(code, self.width) for code in codes)


def _unicode(cmap: str) -> dict[int, str]:
    """Characters by code of a ToUnicode map (ISO 32000-1, 9.10.3)."""

    def text(digits: str) -> str:
        return bytes.fromhex(re.sub(r"\s", "", digits)).decode("utf-16-be", "replace")

    table = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", cmap, re.S):
        for code, target in re.findall(r"<([0-9A-Fa-f\s]+)>\s*<([0-9A-Fa-f\s]*)>", block):
            table[int(code, 16)] = text(target)
    for block in re.findall(r"beginbfrange(.*?)endbfrange", cmap, re.S):
        for first, last, target in re.findall(r"<(\w+)>\s*<(\w+)>\s*(<[^>]*>|\[[^\]]*\])", block):
            start, end = int(first, 16), int(last, 16)
            if target.startswith("["):
                listed = re.findall(r"<([^>]*)>", target)
                table |= {start + i: text(item) for i, item in enumerate(listed[: end - start + 1])}
            elif begin := text(target[1:-1]):
                for i in range(min(end - start, 0xFFFF) + 1):
                    table[start + i] = begin[:-1] + chr(min(ord(begin[-1]) + i, 0x10FFFF))
    return table


def _simple(font: Any) -> dict[int, str]:
    """Characters by code of a font of single bytes without such a map: Windows' Latin letters, and named differences."""
    from fontTools import agl  # type: ignore[import-untyped]

    table = {code: bytes([code]).decode("cp1252", "replace") for code in range(32, 256)}
    encoding = font["/Encoding"].get_object() if "/Encoding" in font else None
    code = 0
    for entry in encoding.get("/Differences", ()) if isinstance(encoding, dict) else ():
        if isinstance(entry, int):
            code = entry
        else:
            table[code] = agl.toUnicode(str(entry).lstrip("/")) or "\ufffd"
            code += 1
    return table
