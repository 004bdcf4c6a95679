"""Fonts of a PDF: ISO 19005-2, 6.2.11, and what PDF/UA-1 (ISO 14289-1, 7.21) asks of them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from pypdf.generic import StreamObject

from livingreview.submission.pdf_objects import Objects, Part, get, listed

_KINDS = ("/Type0", "/Type1", "/MMType1", "/Type3", "/TrueType", "/CIDFontType0", "/CIDFontType2")
_COMPOSITE = ("/CIDFontType0", "/CIDFontType2")
_FILES = {
    "/FontFile": ("/Type1", "/MMType1"),
    "/FontFile2": ("/TrueType", "/CIDFontType2"),
    "/FontFile3": _KINDS,
}
_TOLERANCE = 1.0
"""How many thousandths of the size two widths of a glyph may differ (ISO 19005-2, 6.2.11.5)."""


def problems(pdf: Objects) -> Iterator[tuple[str, str]]:
    """Clause of ISO 19005-2 and what is against it."""
    for part in fonts(pdf):
        font, kind, name = part.value, get(part.value, "/Subtype"), _named(part)
        if kind not in _KINDS:
            yield "6.2.11.2", f"{name}: not a kind of font that is known"
        if kind == "/Type0":
            yield from _encoding(name, font)
        elif kind != "/Type3":
            yield from _embedded(name, str(kind), font)
        if kind == "/CIDFontType2":
            order = get(font, "/CIDToGIDMap")
            if order != "/Identity" and not isinstance(order, StreamObject):
                yield "6.2.11.3.2", f"{name}: no map from characters to glyphs (/CIDToGIDMap)"
        if kind in _COMPOSITE:
            yield from _cid_set(name, font)


def accessible(pdf: Objects) -> Iterator[tuple[str, str]]:
    """Clause of ISO 14289-1 and what is against it."""
    for part in fonts(pdf):
        font, kind, name = part.value, get(part.value, "/Subtype"), _named(part)
        if kind not in ("/Type0", "/Type3"):
            yield from (("7.21.4.1", what) for clause, what in _embedded(name, str(kind), font))
        encoding = get(font, "/Encoding")
        if isinstance(encoding, dict):
            differs = get(encoding, "/Differences") is not None
            told = get(encoding, "/BaseEncoding") is not None and not differs
        else:
            told = encoding in ("/WinAnsiEncoding", "/MacRomanEncoding", "/MacExpertEncoding")
        # Characters of collections other than Identity are known, those of a simple font by its encoding.
        collection = get(font, "/DescendantFonts") and get(
            listed(get(font, "/DescendantFonts"))[0], "/CIDSystemInfo", "/Ordering"
        )
        told = told or (kind == "/Type0" and collection in ("GB1", "CNS1", "Japan1", "Korea1"))
        told = told or (kind == "/Type1" and isinstance(encoding, dict))
        if kind not in _COMPOSITE and not told and get(font, "/ToUnicode") is None:
            yield "7.21.7", f"{name}: no map from glyphs to characters (/ToUnicode)"


def fonts(pdf: Objects) -> Iterator[Part]:
    """Every font, also those of forms, patterns and appearances."""
    return (
        p for p in pdf.untagged if get(p.value, "/Type") == "/Font" and get(p.value, "/Subtype") is not None
    )


def _named(part: Part) -> str:
    return f"{part}, font {str(get(part.value, '/BaseFont') or get(part.value, '/Name') or '').lstrip('/')}"


def _embedded(name: str, kind: str, font: Any) -> Iterator[tuple[str, str]]:
    descriptor = get(font, "/FontDescriptor")
    there = [f for f in _FILES if isinstance(get(descriptor, f), StreamObject)]
    if not there:
        yield "6.2.11.4.1", f"{name} is not embedded"
    elif not any(kind in _FILES[f] for f in there):
        yield "6.2.11.2", f"{name}: the embedded font is of another kind"


def _encoding(name: str, font: Any) -> Iterator[tuple[str, str]]:
    encoding = get(font, "/Encoding")
    inner = listed(get(font, "/DescendantFonts"))
    if len(inner) != 1:
        yield "6.2.11.2", f"{name}: not one font inside"
        return
    system = get(inner[0], "/CIDSystemInfo")
    if isinstance(encoding, StreamObject):
        own = get(encoding, "/CIDSystemInfo")
        if [get(own, k) for k in ("/Registry", "/Ordering")] != [
            get(system, k) for k in ("/Registry", "/Ordering")
        ]:
            yield "6.2.11.3.1", f"{name}: its encoding is of another collection of characters"
    elif encoding is None:
        yield "6.2.11.3.3", f"{name}: no encoding"


def _cid_set(name: str, font: Any) -> Iterator[tuple[str, str]]:
    stream = get(font, "/FontDescriptor", "/CIDSet")
    if not isinstance(stream, StreamObject):
        return
    bits = stream.get_data()
    inside = characters(font)
    if inside is None:
        return
    said = {8 * i + bit for i, byte in enumerate(bits) for bit in range(8) if byte & (0x80 >> bit)}
    if inside - said:
        yield "6.2.11.4.2", f"{name}: /CIDSet leaves out characters of the embedded font"


def characters(font: Any) -> set[int] | None:
    """The characters (CID) of a composite font's program; None where they cannot be told."""
    try:
        kind, opened = _program(font)
        if kind == "cff":
            names = opened.charset
            if hasattr(opened, "ROS"):
                return {0, *(int(n[3:]) for n in names if n.startswith("cid"))}
            return set(range(len(names)))
        if kind == "sfnt" and get(font, "/CIDToGIDMap") == "/Identity":
            return set(range(opened["maxp"].numGlyphs))
    except Exception:
        # fontTools raises whatever its parsers meet; a program that cannot be read tells nothing.
        return None
    return None


def wrong_widths(font: Any) -> list[int] | None:
    """Characters of a composite font whose width in the file differs from that in its program; None where this cannot be told."""
    try:
        kind, opened = _program(font)
        return _differing(font, opened) if kind == "cff" else None
    except Exception:
        return None


def _differing(font: Any, opened: Any) -> list[int]:
    from fontTools.pens.basePen import NullPen  # type: ignore[import-untyped]

    scale = 1000 * float(getattr(opened, "FontMatrix", [0.001])[0])
    written, usual = _written_widths(font), float(get(font, "/DW") if get(font, "/DW") is not None else 1000)
    wrong = []
    for index, glyph in enumerate(opened.charset):
        cid = int(glyph[3:]) if hasattr(opened, "ROS") and glyph.startswith("cid") else index
        outline = opened.CharStrings[glyph]
        outline.draw(NullPen())
        if abs(outline.width * scale - written.get(cid, usual)) > _TOLERANCE:
            wrong.append(cid)
    return wrong


def _program(font: Any) -> tuple[str, Any]:
    """The embedded program: a CFF font (``cff``), an SFNT (``sfnt``), or none."""
    descriptor = get(font, "/FontDescriptor")
    stream = get(descriptor, "/FontFile3") or get(descriptor, "/FontFile2")
    if not isinstance(stream, StreamObject):
        return "", None
    from fontTools.cffLib import CFFFontSet  # type: ignore[import-untyped]
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    data = stream.get_data()
    if data[:4] in (b"OTTO", b"\0\1\0\0", b"true"):
        opened = TTFont(io.BytesIO(data), lazy=True)
        return ("cff", opened["CFF "].cff[0]) if "CFF " in opened else ("sfnt", opened)
    fontset = CFFFontSet()
    fontset.decompile(io.BytesIO(data), None)
    return "cff", fontset[0]


def _written_widths(font: Any) -> dict[int, float]:
    """Widths of a composite font (ISO 32000-1, 9.7.4.3)."""
    found: dict[int, float] = {}
    given = listed(get(font, "/W"))
    while given:
        first = int(given.pop(0))
        second = given.pop(0)
        if isinstance(second, list):
            found |= {first + i: float(width) for i, width in enumerate(second)}
        else:
            found |= dict.fromkeys(range(first, int(second) + 1), float(given.pop(0)))
    return found
