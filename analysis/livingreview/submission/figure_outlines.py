"""Letters of a PDF as outlines in PostScript: shapes and widths of the TrueType fonts within it (ISO 32000-1, 9.7)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from livingreview.submission import figure_pdf


def numbers(values: Sequence[Any]) -> str:
    """Numbers as PostScript has them."""
    return " ".join(f"{float(v):.6g}" if abs(float(v)) < 1e5 else f"{float(v):.1f}" for v in values)


def refused(what: str) -> ValueError:
    """The error for what cannot be said in PostScript."""
    return ValueError(f"cannot be written as EPS: it has {what}")


@dataclass(slots=True)
class Letters:
    """A TrueType font of a page: shapes and widths (thousandths of its size) by the codes of its strings, of two bytes each."""

    name: str
    shapes: Any
    order: Sequence[str]
    scale: float
    glyphs: bytes | None
    widths: dict[int, float]
    usual: float

    def glyph(self, code: int) -> int:
        """The number of the shape that a code stands for."""
        if self.glyphs is None:
            return code
        return int.from_bytes(self.glyphs[2 * code : 2 * code + 2], "big")

    def path(self, glyph: int) -> str:
        """A shape as a path of PostScript, in units of the font; empty for a space."""
        from fontTools.pens.basePen import BasePen  # type: ignore[import-untyped]

        if glyph >= len(self.order):
            return ""
        said: list[str] = []

        class Pen(BasePen):
            def _moveTo(self, to: Any) -> None:
                said.append(f"{numbers(to)} moveto")

            def _lineTo(self, to: Any) -> None:
                said.append(f"{numbers(to)} lineto")

            def _curveToOne(self, a: Any, b: Any, to: Any) -> None:
                said.append(f"{numbers((*a, *b, *to))} curveto")

            def _closePath(self) -> None:
                said.append("closepath")

        self.shapes[self.order[glyph]].draw(Pen(self.shapes))
        return "\n".join(said)


def letters(entry: Any, name: str) -> Letters:
    """A font of a page. Raises ValueError when it is not one of TrueType outlines with codes of two bytes, all in the file."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    inner, described = ({}, None) if entry is None else figure_pdf.descriptor(entry)
    file = None if described is None else described.get("/FontFile2")
    if file is None or entry.get("/Encoding") != "/Identity-H":
        raise refused("letters whose shapes are not in it as TrueType")
    shapes = TTFont(io.BytesIO(file.get_object().get_data()), lazy=True)
    glyphs = inner.get("/CIDToGIDMap", "/Identity")
    return Letters(
        name,
        shapes.getGlyphSet(),
        shapes.getGlyphOrder(),
        1 / shapes["head"].unitsPerEm,
        None if glyphs == "/Identity" else glyphs.get_object().get_data(),
        _widths(inner.get("/W", [])),
        float(inner.get("/DW", 1000)),
    )


def _widths(table: Any) -> dict[int, float]:
    """Widths by code, from the array of ISO 32000-1, 9.7.4.3: ``first [widths]`` or ``first last width``."""
    found: dict[int, float] = {}
    left = [value.get_object() for value in (table.get_object() if hasattr(table, "get_object") else table)]
    while left:
        first, second = int(left.pop(0)), left.pop(0)
        if isinstance(second, list):
            found |= {first + n: float(width) for n, width in enumerate(second)}
        else:
            found |= dict.fromkeys(range(first, int(second) + 1), float(left.pop(0)))
    return found
