"""A sheet of paper in millimetres: text that is measured before it is placed, boxes, lines, marks.

Figures of a review are mostly text in columns. Matplotlib's axes would leave overlaps to chance, so the figures here are laid out
on paper first: measure, add up the height, then draw.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from livingreview.figures.style import register_fonts

FULL_WIDTH = 174.0
"""Printed width of a figure over both columns, in millimetres."""

TALLEST = 205.0
"""Height of an image that the article prints without making it smaller, with room for its caption, in millimetres."""

MM = 72 / 25.4
"""Points per millimetre."""

LEADING = 1.2
"""Line height as a multiple of the type size."""

Weight = Literal["normal", "semibold"]
NO_BREAK = "\u00a0"
"""Keeps words on one line, e.g. in ``(n = 3)``."""

Dash = Literal["-", "--", ":"] | tuple[float, tuple[float, ...]]
Align = Literal["left", "center", "right"]


def setting(name: str) -> Any:
    """A setting of the style file that is in force."""
    import matplotlib as mpl

    settings: Any = mpl.rcParams
    return settings[name]


def body() -> float:
    """Type size of labels, in points (from the style file)."""
    return float(setting("font.size"))


def small() -> float:
    """Type size of ticks, column heads and legends, in points."""
    return float(setting("xtick.labelsize"))


def heading() -> float:
    """Type size of headings, in points."""
    return float(setting("axes.titlesize"))


def clean(text: object) -> str:
    """Text on one line: control characters and runs of white space become one space; no-break spaces stay."""
    words = "".join(c if c.isprintable() or c == NO_BREAK else " " for c in str(text)).split(" ")
    return " ".join(word for word in words if word)


@lru_cache(maxsize=20_000)
def _width(text: str, family: tuple[str, ...], weight: str) -> float:
    from matplotlib import font_manager
    from matplotlib.ft2font import LoadFlags

    register_fonts()
    # Measured at 100 pt without hinting: widths are then proportional to the type size.
    faces = [
        font_manager.findfont(font_manager.FontProperties(family=name, weight=weight)) for name in family
    ]
    font = font_manager.get_font(faces)
    font.set_size(100, 72)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of signs that neither font has
        font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / 64 / 100


def width(text: str, size: float, weight: Weight = "normal") -> float:
    """Printed width of one line of text in millimetres."""
    return _width(text, tuple(setting("font.family")), weight) * size / MM if text else 0.0


def line_height(size: float) -> float:
    """Height of one line of text in millimetres."""
    return size * LEADING / MM


def wrap(text: object, room: float, size: float, weight: Weight = "normal", most: int = 0) -> list[str]:
    """Lines of a text that fit into ``room`` millimetres.

    Words wider than the room are cut. With ``most`` > 0 no more lines than that are returned, and the last one then ends in "…".
    """

    def fits(candidate: str) -> bool:
        return width(candidate, size, weight) <= room

    lines: list[str] = []
    line = ""
    for word in clean(text).split(" "):
        joined = f"{line} {word}" if line else word
        if fits(joined):
            line = joined
            continue
        if line:
            lines.append(line)
        while not fits(word) and len(word) > 1:
            cut = next((n for n in range(len(word) - 1, 1, -1) if fits(word[:n])), 1)
            lines.append(word[:cut])
            word = word[cut:]
        line = word
    lines.append(line)
    if most and len(lines) > most:
        last = lines[most - 1]
        while last and not fits(last.rstrip(" …") + "…"):
            last = last[:-1]
        lines = [*lines[: most - 1], last.rstrip(" …") + "…"]
    return lines


def contrast(colour: str) -> str:
    """Black or white, whichever reads better on the colour (relative luminance as in WCAG 2)."""
    from matplotlib.colors import to_rgb

    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour))
    return "#ffffff" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.36 else "#111111"


def tint(colour: str, share: float) -> str:
    """The colour mixed with white; ``share`` 1 is the colour itself, 0 is white."""
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = (1 - share * (1 - c) for c in to_rgb(colour))
    return to_hex((red, green, blue))


class Sheet:
    """A matplotlib figure of exactly ``wide`` × ``high`` millimetres; x runs to the right and y downwards, both in millimetres."""

    def __init__(self, wide: float, high: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.wide = wide
        self.high = high
        self.figure = Figure(figsize=(wide / 25.4, high / 25.4), facecolor=setting("figure.facecolor"))
        FigureCanvasAgg(self.figure)
        self._paper = Affine2D().scale(1 / wide, -1 / high).translate(0, 1) + self.figure.transFigure

    def _add(self, artist: Any, above: int) -> None:
        artist.set_transform(self._paper)
        artist.set_zorder(above)
        artist.set_clip_on(False)
        self.figure.add_artist(artist)

    def text(
        self,
        x: float,
        y: float,
        text: object,
        size: float | None = None,
        weight: Weight = "normal",
        align: Align = "left",
        colour: str | None = None,
        turned: bool = False,
    ) -> None:
        """One line of text, printed literally, whose capitals are centred on ``y``; ``turned`` text reads upwards."""
        from matplotlib.text import Text

        size = body() if size is None else size
        if align == "left" and not turned:
            x = max(x, 0.5)  # letters such as J reach a little to the left of where they begin
        drop = 0.345 * size / MM  # half the height of a capital in Fira Sans
        shown = Text(
            x + (drop if turned else 0),
            y + (0 if turned else drop),
            clean(text),
            fontsize=size,
            fontweight=weight,
            color=colour or setting("text.color"),
            ha="center" if turned else align,
            va="baseline",
            rotation=90 if turned else 0,
            rotation_mode="anchor",
            parse_math=False,
        )
        self._add(shown, 5)

    def lines(
        self, x: float, top: float, lines: Sequence[str], size: float | None = None, **how: Any
    ) -> float:
        """Lines of text below each other from ``top``; returns the y below the last line."""
        size = body() if size is None else size
        for line in lines:
            self.text(x, top + line_height(size) / 2, line, size, **how)
            top += line_height(size)
        return top

    def line(
        self,
        x: Sequence[float],
        y: Sequence[float],
        colour: str | None = None,
        thick: float | None = None,
        dash: Dash = "-",
    ) -> None:
        """A line through points; ``thick`` in points."""
        from matplotlib.lines import Line2D

        self._add(
            Line2D(
                list(x),
                list(y),
                color=colour or setting("axes.edgecolor"),
                linewidth=thick or setting("axes.linewidth"),
                linestyle=dash,
                solid_capstyle="butt",
            ),
            2,
        )

    def box(
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        fill: str | None = None,
        edge: str | None = None,
        hatch: str = "",
        above: int = 1,
    ) -> None:
        """A rectangle with its top left corner at (x, y). Without ``edge`` it has no outline."""
        from matplotlib.patches import Rectangle

        patch = Rectangle(
            (x, y),
            wide,
            high,
            facecolor=fill or "none",
            linewidth=setting("patch.linewidth") if edge else 0,
        )
        patch.set_edgecolor(edge or "none")
        if hatch:
            patch.set_hatch(hatch)
        self._add(patch, above)

    def arrow(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """A straight arrow, along x or along y, with a small filled head."""
        from matplotlib.patches import Polygon

        colour = setting("lines.color")
        (x0, y0), (x1, y1) = start, end
        long = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        ahead = ((x1 - x0) / long, (y1 - y0) / long)
        neck = (x1 - 1.9 * ahead[0], y1 - 1.9 * ahead[1])
        aside = (-0.75 * ahead[1], 0.75 * ahead[0])
        self.line([x0, neck[0]], [y0, neck[1]], colour, setting("lines.linewidth"))
        self._add(
            Polygon(
                [end, (neck[0] + aside[0], neck[1] + aside[1]), (neck[0] - aside[0], neck[1] - aside[1])],
                closed=True,
                facecolor=colour,
                linewidth=0,
            ),
            2,
        )

    def behind(self, x: float, y: float, text: str, size: float, fill: str, align: Align) -> None:
        """Ground for a line of text that is about to be set at (x, y), so that no line runs through it."""
        wide = width(text, size) + 0.8
        left = {"left": x - 0.4, "center": x - wide / 2, "right": x - wide + 0.4}[align]
        self.box(left, y - 0.42 * line_height(size), wide, 0.84 * line_height(size), fill, above=4)

    def disc(
        self,
        x: float,
        y: float,
        radius: float,
        fill: str | None = None,
        edge: str | None = None,
        dash: Dash = "-",
    ) -> None:
        """A circle; radius in millimetres."""
        from matplotlib.patches import Circle

        patch = Circle((x, y), radius, facecolor=fill or "none", edgecolor=edge or "none", linestyle=dash)
        patch.set_linewidth(setting("patch.linewidth") + 0.2 if edge else 0)
        self._add(patch, 3)

    def polygon(
        self,
        points: Sequence[tuple[float, float]],
        fill: str | None = None,
        edge: str | None = None,
        above: int = 3,
    ) -> None:
        """A closed polygon."""
        from matplotlib.patches import Polygon

        patch = Polygon(
            list(points), closed=True, facecolor=fill or "none", edgecolor=edge or "none", joinstyle="miter"
        )
        patch.set_linewidth(setting("lines.linewidth") if edge else 0)
        self._add(patch, above)
