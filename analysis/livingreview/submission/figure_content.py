"""What is drawn on a page: sizes of text, widths of lines, colours and pictures, read from its drawing operators.

Operators and their meaning: ISO 32000-1, annex A.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

Matrix = tuple[float, float, float, float, float, float]
Operation = tuple[Sequence[Any], str]

UNIT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
STROKES = frozenset(("S", "s", "B", "B*", "b", "b*"))
FILLS = frozenset(("f", "F", "f*", "B", "B*", "b", "b*"))
SHOWS = frozenset(("Tj", "TJ", "'", '"'))
_SPACES = {"g": "grey", "G": "grey", "rg": "rgb", "RG": "rgb", "k": "cmyk", "K": "cmyk"}
_BY_COUNT = {1: "grey", 3: "rgb", 4: "cmyk"}
_INVISIBLE = 3
_DEPTH = 12


@dataclass(frozen=True, slots=True, order=True)
class Font:
    """A font of a file; ``name`` without the letters that mark a subset."""

    name: str
    embedded: bool
    kind: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Picture:
    """A picture of pixels within a drawing; ``dpi`` is the lower of its two resolutions as it is placed."""

    width_px: int
    height_px: int
    dpi: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a page draws. Sizes and widths in points as printed (all scaling applied); None: no text, no line.

    ``hues`` is ``black`` (black and white only), ``grey`` or ``colour``; ``spaces`` the colour spaces in which it is
    drawn; ``transparent``: something is neither opaque nor invisible; ``unread`` names what was not looked into.
    """

    fonts: tuple[Font, ...] = ()
    smallest_font_pt: float | None = None
    largest_font_pt: float | None = None
    smallest_line_pt: float | None = None
    pictures: tuple[Picture, ...] = ()
    hues: str = "black"
    spaces: tuple[str, ...] = ()
    transparent: bool = False
    unread: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """``line``, ``combination`` or ``halftone``, the three that publishers ask different resolutions for.

        Line art is black and white only; a picture of pixels and nothing else is a halftone; all else (shades, colours,
        or a picture with lettering) is a combination. As in Springer Nature's guide to artwork.
        """
        if self.pictures:
            drawn = self.fonts or self.smallest_line_pt is not None
            return "combination" if drawn else "halftone"
        return "line" if self.hues == "black" else "combination"

    def scaled(self, factor: float) -> Drawing:
        """The same drawing at another size."""

        def times(value: float | None) -> float | None:
            return None if value is None else value * factor

        return replace(
            self,
            smallest_font_pt=times(self.smallest_font_pt),
            largest_font_pt=times(self.largest_font_pt),
            smallest_line_pt=times(self.smallest_line_pt),
            pictures=tuple(replace(p, dpi=p.dpi / factor) for p in self.pictures),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values, with ``kind``."""
        return {**asdict(self), "kind": self.kind}


@dataclass(frozen=True, slots=True)
class Part:
    """Operators with what their names stand for: the page itself, a form in it, or the tile of a pattern.

    ``picture`` is the size in pixels when the part is a picture and has no operators. ``opacity`` holds, by the name of
    a graphics state, the opacities it sets: (of lines, of areas), None where it leaves one alone.
    """

    operations: Iterable[Operation] = ()
    matrix: Matrix = UNIT
    picture: tuple[int, int] | None = None
    fonts: dict[str, Font] = field(default_factory=dict)
    opacity: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    objects: Callable[[str], Part | None] = lambda _: None
    patterns: Callable[[str], Part | None] = lambda _: None


@dataclass(slots=True)
class _State:
    ctm: Matrix = UNIT
    line: float = 1.0
    font: Font | None = None
    size: float = 0.0
    mode: int = 0
    opacity: tuple[float, float] = (1.0, 1.0)
    stroke: tuple[Any, ...] = ("grey", 0.0)
    fill: tuple[Any, ...] = ("grey", 0.0)


def product(a: Matrix, b: Matrix) -> Matrix:
    """The matrix that applies ``a``, then ``b``."""
    return (
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    )


def matrix(values: Sequence[Any]) -> Matrix:
    """Six numbers as a matrix."""
    a, b, c, d, e, f = (float(v) for v in values)
    return (a, b, c, d, e, f)


def colour(operator: str, operands: Sequence[Any]) -> tuple[Any, ...] | None:
    """What a colour operator sets, e.g. ``("rgb", 1.0, 0.0, 0.0)`` or ``("pattern", "/H1")``; None when it sets nothing."""
    if operator in _SPACES:
        return (_SPACES[operator], *(float(v) for v in operands))
    if operator.lower() in ("sc", "scn") and operands:
        if isinstance(operands[-1], str):
            return ("pattern", str(operands[-1]))
        return (_BY_COUNT.get(len(operands), "other"), *(float(v) for v in operands))
    if operator.lower() == "cs":
        name = str(operands[0])
        return {"/DeviceRGB": ("rgb", 0.0, 0.0, 0.0), "/DeviceCMYK": ("cmyk", 0.0, 0.0, 0.0, 1.0)}.get(
            name, ("grey", 0.0) if name == "/DeviceGray" else None
        )
    return None


def hue(value: tuple[Any, ...]) -> str:
    """``black`` (black or white), ``grey`` or ``colour``; a space that is not known counts as colour."""
    space, *parts = value
    if space == "cmyk":
        *inks, black = parts
        parts, space = [1 - min(1.0, ink + black) for ink in inks], "rgb"
    if space not in ("grey", "rgb") or max(parts) - min(parts) > 1e-6:
        return "colour"
    return "black" if parts[0] in (0.0, 1.0) else "grey"


def read(page: Part) -> Drawing:
    """What ``page`` draws."""
    reader = _Reader()
    reader.run(page, _State(ctm=page.matrix), page.matrix, 0)
    sizes, lines = reader.sizes, reader.lines
    hues = {hue(c) for c in reader.colours}
    return Drawing(
        fonts=tuple(sorted(reader.fonts)),
        smallest_font_pt=min(sizes, default=None),
        largest_font_pt=max(sizes, default=None),
        smallest_line_pt=min(lines, default=None),
        pictures=tuple(sorted(reader.pictures)),
        hues=next((h for h in ("colour", "grey") if h in hues), "black"),
        spaces=tuple(sorted({c[0] for c in reader.colours})),
        transparent=reader.transparent,
        unread=tuple(sorted(reader.unread)),
    )


class _Reader:
    def __init__(self) -> None:
        self.fonts: set[Font] = set()
        self.sizes: set[float] = set()
        self.lines: set[float] = set()
        self.pictures: set[Picture] = set()
        self.colours: set[tuple[Any, ...]] = set()
        self.unread: set[str] = set()
        self.transparent = False

    def run(self, part: Part, state: _State, base: Matrix, depth: int) -> None:
        stack: list[_State] = []
        text = UNIT
        for operands, operator in part.operations:
            if operator == "q":
                stack.append(replace(state))
            elif operator == "Q":
                state = stack.pop() if stack else state
            elif operator == "cm":
                state.ctm = product(matrix(operands), state.ctm)
            elif operator == "w":
                state.line = float(operands[0])
            elif operator == "Tf":
                name = str(operands[0])
                state.font, state.size = (
                    part.fonts.get(name, Font(name.lstrip("/"), False)),
                    float(operands[1]),
                )
            elif operator == "Tr":
                state.mode = int(operands[0])
            elif operator == "BT":
                text = UNIT
            elif operator == "Tm":
                text = matrix(operands)
            elif operator in SHOWS:
                self._text(product(text, state.ctm), state)
            elif operator == "gs":
                line, area = part.opacity.get(str(operands[0]), (None, None))
                old = state.opacity
                state.opacity = (old[0] if line is None else line, old[1] if area is None else area)
            elif operator in STROKES or operator in FILLS:
                self._paint(operator, part, state, base, depth)
            elif operator == "Do":
                self._object(part.objects(str(operands[0])), state, depth)
            elif operator == "sh":
                self.unread.add("shading")
                self.colours.add(("other",))
            elif operator == "INLINE IMAGE":
                self.unread.add("inline picture")
            elif (set_to := colour(operator, operands)) is not None:
                if operator[0].isupper():
                    state.stroke = set_to
                else:
                    state.fill = set_to

    def _text(self, placed: Matrix, state: _State) -> None:
        if state.font is None or state.mode == _INVISIBLE or not state.opacity[1]:
            return
        self.fonts.add(state.font)
        # The height of the letters: their width may be set otherwise.
        self.sizes.add(round(abs(state.size) * math.hypot(placed[2], placed[3]), 4))
        self.colours.add(state.fill)
        self._opacity(state.opacity[1])

    def _paint(self, operator: str, part: Part, state: _State, base: Matrix, depth: int) -> None:
        line, area = state.opacity
        if operator in STROKES and line:
            a, b, c, d, *_ = state.ctm
            self.lines.add(round(state.line * math.sqrt(abs(a * d - b * c)), 4))
            self._colour(state.stroke, part, base, depth)
            self._opacity(line)
        if operator in FILLS and area:
            self._colour(state.fill, part, base, depth)
            self._opacity(area)

    def _colour(self, value: tuple[Any, ...], part: Part, base: Matrix, depth: int) -> None:
        if value[0] != "pattern":
            self.colours.add(value)
        elif (tile := part.patterns(value[1])) is None:
            self.unread.add("pattern")
        elif depth < _DEPTH:
            placed = product(tile.matrix, base)
            self.run(tile, _State(ctm=placed), placed, depth + 1)

    def _object(self, part: Part | None, state: _State, depth: int) -> None:
        if part is None:
            self.unread.add("object")
        elif part.picture is not None:
            a, b, c, d, *_ = state.ctm
            across, up = math.hypot(a, b), math.hypot(c, d)
            width, height = part.picture
            if across and up:
                dpi = min(width / across, height / up) * 72
                self.pictures.add(Picture(width, height, round(dpi, 2)))
        elif depth < _DEPTH:
            inner = replace(state, ctm=product(part.matrix, state.ctm))
            self.run(part, inner, inner.ctm, depth + 1)

    def _opacity(self, value: float) -> None:
        self.transparent = self.transparent or value < 1
