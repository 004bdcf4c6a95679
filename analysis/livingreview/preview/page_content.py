"""What stands on the pages of a PDF and where: glyphs and drawings as PDFium puts them there, with the paths that clip them.

Everything is measured on the page as it is seen: points (1/72 inch) from its upper left corner. Whatever lies beyond the page
is listed as well. Text that is invisible and shapes without ink (or white) are left out.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from livingreview.submission.pdf_text import Piece

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Matrix = tuple[float, float, float, float, float, float]

_UNIT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_DEEPEST = 12
_INVISIBLE = (3, 7)  # text rendering modes without ink (ISO 32000-1, 9.3.6)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A printed character. ``box`` holds its ink, ``run`` numbers the operation that drew it, ``turned`` is neither level nor upright."""

    text: str
    box: Box
    baseline: float
    size: float
    font: str
    run: int
    turned: bool
    clip: Box | None


@dataclass(frozen=True, slots=True)
class Shape:
    """A path, picture or shading; ``clip`` is what its surroundings let through of it, None where that is everything."""

    kind: str
    box: Box
    clip: Box | None


@dataclass(frozen=True, slots=True)
class PageContent:
    """A page as it is seen: width and height in pt, what stands on it in the order of drawing, all characters as text.

    ``marked`` are the boxes of what the tags of the file mean by a number.
    """

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    shapes: tuple[Shape, ...]
    text: str
    marked: dict[int, Box]

    def pieces(self) -> list[Piece]:
        """Level text in pieces of one operation and line, as the measures of :mod:`livingreview.submission.pdf_lines` want them."""
        found: list[Piece] = []
        last: tuple[int, float] | None = None
        for g in self.glyphs:
            if g.turned:
                continue
            if last is not None and last[0] == g.run and abs(last[1] - g.baseline) < 0.5:
                before = found[-1]
                found[-1] = Piece(
                    before.x, max(before.end, g.box[2]), before.y, g.font, g.size, before.text + g.text
                )
            else:
                y = self.height - g.baseline
                found.append(Piece(g.box[0], g.box[2], y, g.font, g.size, g.text))
            last = g.run, g.baseline
        return found


def library() -> Any:
    """PDFium. The package has no types, so it is loaded as what it is: anything."""
    return import_module("pypdfium2")


def read(document: Any, index: int) -> PageContent:
    """The content of a page (counted from 0) of a ``pypdfium2.PdfDocument``."""
    page = document[index]
    try:
        return _Reader(page).content(index + 1)
    finally:
        page.close()


def united(one: Box | None, other: Box) -> Box:
    """The smallest box around both."""
    if one is None:
        return other
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def common(one: Box, other: Box | None) -> Box | None:
    """What two boxes share (all of ``one`` where there is no other); None where that is nothing."""
    if other is None:
        return one
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[2], other[2]), min(one[3], other[3])
    return (left, top, right, bottom) if left <= right and top <= bottom else None


class _Reader:
    """Walks through the objects of a page."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.raw = library().raw
        self.width, self.height = page.get_size()
        self.seen = _seen(page.get_bbox(), page.get_rotation())
        self.shapes: list[Shape] = []
        # Of each text object by its address: which it is, and what clips it; None is not printed.
        self.runs: dict[int, tuple[int, Box | None] | None] = {}
        self.fonts: dict[int, str] = {}
        self.marked: dict[int, Box] = {}

    def content(self, number: int) -> PageContent:
        raw = self.raw
        for i in range(raw.FPDFPage_CountObjects(self.page)):
            self._object(raw.FPDFPage_GetObject(self.page, i), _UNIT, None, 0)
        text = self.page.get_textpage()
        try:
            glyphs = tuple(self._glyphs(text))
            words = text.get_text_range() if text.count_chars() else ""
        finally:
            text.close()
        return PageContent(number, self.width, self.height, glyphs, tuple(self.shapes), words, self.marked)

    def _object(self, item: Any, at: Matrix, clip: Box | None, depth: int) -> None:
        raw = self.raw
        kind = raw.FPDFPageObj_GetType(item)
        own = self._clip(item, at)
        if own is not None:
            clip = common(own, clip) or (own[0], own[1], own[0], own[1])
        if kind == raw.FPDF_PAGEOBJ_FORM:
            inner = raw.FS_MATRIX()
            if depth < _DEEPEST and raw.FPDFPageObj_GetMatrix(item, inner):
                within = tuple(float(getattr(inner, k)) for k in "abcdef")
                onto = _times(within, at)  # type: ignore[arg-type]
                for i in range(raw.FPDFFormObj_CountObjects(item)):
                    self._object(raw.FPDFFormObj_GetObject(item, i), onto, clip, depth + 1)
            return
        sides = _floats(ctypes.c_float, 4, lambda *v: raw.FPDFPageObj_GetBounds(item, *v))
        box = self._placed(sides, at) if sides is not None else None
        mark = raw.FPDFPageObj_GetMarkedContentID(item)
        if box is not None and mark >= 0:
            self.marked[mark] = united(self.marked.get(mark), box)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            hidden = (
                raw.FPDFTextObj_GetTextRenderMode(item) in _INVISIBLE or not self._colour(item, "Fill")[3]
            )
            self.runs[_address(item)] = None if hidden else (len(self.runs), clip)
        elif box is not None and (kind != raw.FPDF_PAGEOBJ_PATH or self._inked(item)):
            names = {raw.FPDF_PAGEOBJ_PATH: "drawing", raw.FPDF_PAGEOBJ_IMAGE: "picture"}
            if kind in names or clip is None:  # a shading fills what its clip leaves
                self.shapes.append(Shape(names.get(kind, "shading"), box, clip))

    def _inked(self, path: Any) -> bool:
        filled, stroked = ctypes.c_int(), ctypes.c_int()
        self.raw.FPDFPath_GetDrawMode(path, filled, stroked)
        inks = [self._colour(path, name) for name, on in (("Fill", filled), ("Stroke", stroked)) if on.value]
        return any(alpha and rgb != [255, 255, 255] for *rgb, alpha in inks)

    def _colour(self, item: Any, of: str) -> list[int]:
        parts = [ctypes.c_uint() for _ in range(4)]
        known = getattr(self.raw, f"FPDFPageObj_Get{of}Color")(item, *parts)
        # a colour that is not told, such as a pattern, is one
        return [part.value for part in parts] if known else [0, 0, 0, 255]

    def _clip(self, item: Any, at: Matrix) -> Box | None:
        """The box that all clipping paths of an object leave."""
        raw = self.raw
        path = raw.FPDFPageObj_GetClipPath(item)
        box: Box | None = None
        for i in range(max(0, raw.FPDFClipPath_CountPaths(path)) if path else 0):
            points = []
            for k in range(raw.FPDFClipPath_CountPathSegments(path, i)):
                segment = raw.FPDFClipPath_GetPathSegment(path, i, k)
                point = _floats(ctypes.c_float, 2, lambda *v, s=segment: raw.FPDFPathSegment_GetPoint(s, *v))
                if point is not None:
                    points.append(point)
            if points:
                xs, ys = [p[0] for p in points], [p[1] for p in points]
                found = self._placed([min(xs), min(ys), max(xs), max(ys)], at)
                box = common(found, box) or (found[0], found[1], found[0], found[1])
        return box

    def _placed(self, sides: list[float], at: Matrix) -> Box:
        left, low, right, high = sides
        if at is _UNIT:
            (x0, y0), (x1, y1) = self.seen(left, low), self.seen(right, high)
            return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
        corners = [self.seen(*_point(x, y, at)) for x in (left, right) for y in (low, high)]
        xs, ys = [c[0] for c in corners], [c[1] for c in corners]
        return min(xs), min(ys), max(xs), max(ys)

    def _glyphs(self, text: Any) -> Iterator[Glyph]:
        raw = self.raw
        left, right, low, high, x, y = (ctypes.c_double() for _ in range(6))
        matrix = raw.FS_MATRIX()
        upright = self.page.get_rotation() == 0
        last = -1
        size, turned = 0.0, False
        for i in range(text.count_chars()):
            character = chr(raw.FPDFText_GetUnicode(text, i) or 0xFFFD)
            if character.isspace() or raw.FPDFText_IsGenerated(text, i) > 0:
                continue
            item = raw.FPDFText_GetTextObject(text, i)
            address = _address(item) if item else 0
            run = self.runs.get(address, (-1, None))
            if run is None or not raw.FPDFText_GetCharBox(text, i, left, right, low, high):
                continue
            if not raw.FPDFText_GetCharOrigin(text, i, x, y):
                continue
            if address != last or not address:
                raw.FPDFText_GetMatrix(text, i, matrix)
                scale = math.hypot(matrix.c, matrix.d) or 1.0
                size = round(raw.FPDFText_GetFontSize(text, i) * scale, 2)
                turned = abs(matrix.b) > 0.01 * scale or not upright
                last = address
            yield Glyph(
                character,
                self._placed([left.value, low.value, right.value, high.value], _UNIT),
                self.seen(x.value, y.value)[1],
                size,
                self._font(address, text, i),
                run[0],
                turned,
                run[1],
            )

    def _font(self, address: int, text: Any, index: int) -> str:
        if address not in self.fonts:
            flags, buffer = ctypes.c_int(), ctypes.create_string_buffer(256)
            self.raw.FPDFText_GetFontInfo(text, index, buffer, 256, flags)
            self.fonts[address] = buffer.value.decode("utf-8", "replace")
        return self.fonts[address]


def _address(item: Any) -> int:
    return ctypes.cast(item, ctypes.c_void_p).value or 0


def _floats(kind: Any, count: int, call: Callable[..., Any]) -> list[float] | None:
    values = [kind() for _ in range(count)]
    return [float(v.value) for v in values] if call(*values) else None


def _seen(box: Box, turned: int) -> Callable[[float, float], tuple[float, float]]:
    """From the page's own space to where a point is seen."""
    left, low, right, high = box
    return {
        90: lambda x, y: (y - low, x - left),
        180: lambda x, y: (right - x, y - low),
        270: lambda x, y: (high - y, right - x),
    }.get(turned, lambda x, y: (x - left, high - y))


def _point(x: float, y: float, at: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = at
    return a * x + c * y + e, b * x + d * y + f


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)
