"""The page of a vector PDF as EPS, with its letters as outlines.

Every operator of the page is said again in PostScript (ISO 32000-1, annex A; PostScript Language Reference, third edition; Encapsulated
PostScript File Format Specification 3.0). Letters become paths: no font has to be in the file, and journals that take EPS ask for it. What
PostScript cannot say, or what is not read here (transparency, pictures of pixels, shadings, fonts that are not TrueType), is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from livingreview.submission import figure_pdf
from livingreview.submission.figure_content import (
    FILLS,
    SHOWS,
    STROKES,
    UNIT,
    Matrix,
    colour,
    matrix,
    product,
)
from livingreview.submission.figure_outlines import Letters, letters, numbers, refused

_PATHS = {"m": "moveto", "l": "lineto", "c": "curveto"}
_SETTINGS = {"w": "setlinewidth", "J": "setlinecap", "j": "setlinejoin", "M": "setmiterlimit"}
_COLOURS = {"grey": "setgray", "rgb": "setrgbcolor", "cmyk": "setcmykcolor"}
_SILENT = frozenset(("ri", "i", "MP", "DP", "BMC", "BDC", "EMC", "BX", "EX"))
_EVEN_ODD = frozenset(("f*", "B*", "b*"))
_CLOSES = frozenset(("s", "b", "b*"))
_DEPTH = 12


@dataclass(slots=True)
class _State:
    fill: str = "0 setgray"
    stroke: str = "0 setgray"
    opacity: tuple[float, float] = (1.0, 1.0)
    font: Letters | None = None
    size: float = 0.0
    spacing: float = 0.0
    across: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0


@dataclass(slots=True)
class _Writer:
    """What is defined once in the file: shapes of letters and patterns, by their names."""

    glyphs: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    patterns: dict[int, tuple[str, str]] = field(default_factory=dict)
    fonts: dict[int, Letters] = field(default_factory=dict)


def eps(content: bytes) -> bytes:
    """The first page of a PDF as EPS of the same size; the same content gives the same bytes.

    Raises ValueError, with words that follow on "figure 1", for what cannot be said in PostScript.
    """
    page, _ = figure_pdf.page_of(content)
    left, bottom, width, height = figure_pdf.box(page)
    writer = _Writer()
    drawn = _run(writer, page, page.get_contents(), page.get("/Resources"), _State(), UNIT, 0)
    lines = [
        "%!PS-Adobe-3.0 EPSF-3.0",
        f"%%BoundingBox: 0 0 {math.ceil(width - 1e-3)} {math.ceil(height - 1e-3)}",
        f"%%HiResBoundingBox: 0 0 {width:.4f} {height:.4f}",
        "%%LanguageLevel: 2",
        "%%Pages: 1",
        "%%EndComments",
        "%%BeginProlog",
        "/figure 8 dict def figure begin",
        "/shown {gsave concat exec fill grestore} bind def",
        *(f"/{name} {{{path}}} bind def" for name, path in writer.glyphs.values()),
        "end",
        "%%EndProlog",
        "%%Page: 1 1",
        "figure begin gsave",
        f"{numbers((-left, -bottom))} translate",
        f"{numbers((left, bottom, width, height))} rectclip",
        *(made for _, made in writer.patterns.values()),
        *drawn,
        "grestore end",
        "showpage",
        "%%EOF",
    ]
    return ("\n".join(lines) + "\n").encode("ascii")


def _entry(resources: Any, group: str, name: str) -> Any:
    table = None if resources is None else resources.get_object().get(group)
    found = None if table is None else table.get_object().get(name)
    return None if found is None else found.get_object()


def _run(
    writer: _Writer, owner: Any, stream: Any, resources: Any, state: _State, base: Matrix, depth: int
) -> list[str]:
    """The operators of a stream in PostScript, one line each."""
    if depth > _DEPTH:
        raise refused("drawings within drawings without end")
    out: list[str] = []
    path: list[str] = []
    stack: list[_State] = []
    clip = ""
    text = line = UNIT
    for operands, operator in (
        [] if stream is None else figure_pdf.operations(stream, getattr(owner, "pdf", None))
    ):
        if operator in _PATHS:
            path.append(f"{numbers(operands)} {_PATHS[operator]}")
        elif operator == "h":
            path.append("closepath")
        elif operator == "re":
            x, y, w, h = (float(v) for v in operands)
            path += [
                f"{numbers((x, y))} moveto",
                f"{numbers((w, 0))} rlineto",
                f"{numbers((0, h))} rlineto",
            ]
            path += [f"{numbers((-w, 0))} rlineto", "closepath"]
        elif operator in ("W", "W*"):
            clip = "clip" if operator == "W" else "eoclip"
        elif operator in STROKES or operator in FILLS or operator == "n":
            if operator in _CLOSES:
                path.append("closepath")
            out += _painted(operator, path, clip, state)
            path, clip = [], ""
        elif operator == "q":
            stack.append(replace(state))
            out.append("gsave")
        elif operator == "Q":
            if stack:
                state = stack.pop()
                out.append("grestore")
        elif operator == "cm":
            out.append(f"[{numbers(operands)}] concat")
        elif operator in _SETTINGS:
            out.append(f"{numbers(operands)} {_SETTINGS[operator]}")
        elif operator == "d":
            out.append(f"[{numbers(operands[0])}] {numbers(operands[1:])} setdash")
        elif operator == "gs":
            state.opacity = _opacity(_entry(resources, "/ExtGState", str(operands[0])), state.opacity)
        elif operator == "BT":
            text = line = UNIT
        elif operator in ("Td", "TD"):
            if operator == "TD":
                state.leading = -float(operands[1])
            text = line = product((1, 0, 0, 1, float(operands[0]), float(operands[1])), line)
        elif operator == "Tm":
            text = line = matrix(operands)
        elif operator == "T*":
            text = line = product((1, 0, 0, 1, 0, -state.leading), line)
        elif operator == "Tf":
            state.font = _font(writer, _entry(resources, "/Font", str(operands[0])))
            state.size = float(operands[1])
        elif operator in ("Tc", "Tz", "TL", "Ts", "Tr"):
            value = float(operands[0])
            name = {"Tc": "spacing", "Tz": "across", "TL": "leading", "Ts": "rise", "Tr": "mode"}[operator]
            setattr(state, name, {"Tz": value / 100, "Tr": int(value)}.get(operator, value))
        elif operator in ("Tj", "TJ"):
            parts = operands[0] if operator == "TJ" else operands
            said, text = _said(writer, parts, state, text)
            out += said
        elif operator == "Do":
            out += _object(writer, _entry(resources, "/XObject", str(operands[0])), resources, state, depth)
        elif operator.lower() in ("scn", "sc") and operands and isinstance(operands[-1], str):
            made = f"{_pattern(writer, _entry(resources, '/Pattern', str(operands[-1])), base, depth)} setpattern"
            state.fill, state.stroke = (state.fill, made) if operator[0] == "S" else (made, state.stroke)
        elif (value_set := colour(operator, operands)) is not None:
            if value_set[0] not in _COLOURS:
                raise refused("colours of another kind than grey, RGB and CMYK")
            made = f"{numbers(value_set[1:])} {_COLOURS[value_set[0]]}"
            state.fill, state.stroke = (state.fill, made) if operator[0].isupper() else (made, state.stroke)
        elif operator in SHOWS or operator not in (*_SILENT, "ET", "Tw", "cs", "CS"):
            raise refused(f"the operator {operator}")
    return [*out, *("grestore" for _ in stack)]


def _painted(operator: str, path: list[str], clip: str, state: _State) -> list[str]:
    if not path:
        return []
    lines = operator in STROKES and state.opacity[0] > 0
    areas = operator in FILLS and state.opacity[1] > 0
    fill = "eofill" if operator in _EVEN_ODD else "fill"
    out = list(path)
    if areas:
        out += ["gsave", state.fill, fill, "grestore"]
    if lines:
        out += ["gsave", state.stroke, "stroke", "grestore"]
    return [*out, *([clip] if clip else []), "newpath"] if areas or lines or clip else []


def _opacity(entry: Any, before: tuple[float, float]) -> tuple[float, float]:
    if entry is None:
        return before
    if entry.get("/SMask", "/None") != "/None" or entry.get("/BM", "/Normal") not in (
        "/Normal",
        "/Compatible",
    ):
        raise refused("transparency")
    both = (float(entry.get("/CA", before[0])), float(entry.get("/ca", before[1])))
    if any(0 < value < 1 for value in both):
        raise refused("transparency")
    return both


def _object(writer: _Writer, entry: Any, outer: Any, state: _State, depth: int) -> list[str]:
    if entry is None or entry.get("/Subtype") != "/Form":
        raise refused("a picture of pixels")
    x0, y0, x1, y1 = (float(v) for v in entry["/BBox"])
    placed = matrix(entry.get("/Matrix", UNIT))
    inner = _run(writer, entry, entry, entry.get("/Resources", outer), replace(state), placed, depth + 1)
    box = f"{numbers((x0, y0, x1 - x0, y1 - y0))} rectclip"
    return ["gsave", f"[{numbers(placed)}] concat", box, *inner, "grestore"]


def _pattern(writer: _Writer, entry: Any, base: Matrix, depth: int) -> str:
    """The name of a pattern, which is made before anything is drawn: it lies on the page's own grid."""
    if entry is None or entry.get("/PatternType") != 1 or entry.get("/PaintType") != 1:
        raise refused("a shading")
    if id(entry) not in writer.patterns:
        name = f"tile{len(writer.patterns)}"
        drawn = _run(writer, entry, entry, entry.get("/Resources"), _State(), UNIT, depth + 1)
        steps = f"/XStep {numbers([entry['/XStep']])} /YStep {numbers([entry['/YStep']])}"
        words = [
            f"/{name} << /PatternType 1 /PaintType 1 /TilingType 1 /BBox [{numbers(entry['/BBox'])}] {steps}",
            "/PaintProc {pop",
            *drawn,
            f"}} bind >> [{numbers(product(matrix(entry.get('/Matrix', UNIT)), base))}] makepattern def",
        ]
        writer.patterns[id(entry)] = (name, "\n".join(words))
    return writer.patterns[id(entry)][0]


def _font(writer: _Writer, entry: Any) -> Letters:
    if id(entry) not in writer.fonts:
        writer.fonts[id(entry)] = letters(entry, f"f{len(writer.fonts)}")
    return writer.fonts[id(entry)]


def _said(writer: _Writer, parts: Any, state: _State, text: Matrix) -> tuple[list[str], Matrix]:
    """A shown string as outlines, and where the next one begins."""
    font, size = state.font, state.size
    if font is None:
        raise refused("letters without a font")
    if state.mode not in (0, 3):
        raise refused("letters that are drawn as lines")
    out: list[str] = []
    for part in parts:
        if not isinstance(part, (str, bytes)):
            text = product((1, 0, 0, 1, -float(part) / 1000 * size * state.across, 0), text)
            continue
        said = part if isinstance(part, bytes) else part.original_bytes  # type: ignore[attr-defined]
        for code in (int.from_bytes(said[i : i + 2], "big") for i in range(0, len(said), 2)):
            glyph = font.glyph(code)
            key = (id(font), glyph)
            if key not in writer.glyphs:
                writer.glyphs[key] = (f"{font.name}g{glyph}", font.path(glyph))
            name, path = writer.glyphs[key]
            if path and state.mode == 0 and state.opacity[1]:
                unit = (size * state.across * font.scale, 0.0, 0.0, size * font.scale, 0.0, state.rise)
                out.append(f"/{name} load [{numbers(product(unit, text))}] shown")
            advance = font.widths.get(code, font.usual) / 1000 * size + state.spacing
            text = product((1, 0, 0, 1, advance * state.across, 0), text)
    return (["gsave", state.fill, *out, "grestore"] if out else []), text
