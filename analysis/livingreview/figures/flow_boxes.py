"""Boxes of a flow diagram: they grow with their text, stand in columns on a sheet, and are joined by arrows. All measures in millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from livingreview.figures import words
from livingreview.figures.sheet import (
    FULL_WIDTH,
    NO_BREAK,
    Sheet,
    body,
    line_height,
    setting,
    small,
    width,
    wrap,
)
from livingreview.figures.words import Data

MOST_REASONS = 10
"""Reasons printed in a box; rarer ones are summed in a last line."""

BAND = 6.5
GAP, STACK = 4.7, 2.0
"""Between rows, and between boxes beside each other's row."""
TOP = 0.5
_PAD = 1.9
_HANGING = 3.0

Place = tuple[float, float]
"""Left and right edge of a column."""


@dataclass(frozen=True)
class Columns:
    """Where the boxes of the flow stand, and those that leave it."""

    main: Place = (10.0, 76.0)
    side: Place = (88.0, FULL_WIDTH - 0.3)

    @property
    def centre(self) -> float:
        """Where the flow runs down."""
        return sum(self.main) / 2


@dataclass(frozen=True)
class Box:
    """A box with its bold first lines and, in smaller type, the lines below."""

    title: list[str]
    rest: list[str]

    @property
    def high(self) -> float:
        """Height that the text needs."""
        gap = 0.8 if self.rest else 0.0
        return (
            2 * _PAD
            - 0.6
            + len(self.title) * line_height(body())
            + gap
            + len(self.rest) * line_height(small())
        )


@dataclass(frozen=True)
class Row:
    """One step of the flow: its box and the boxes that leave the flow there."""

    band: str
    main: Box
    side: list[Box] = field(default_factory=list)
    least: float = 0.0
    """Height below which the name of the band would not fit."""

    @property
    def main_high(self) -> float:
        """Height of the step's own box."""
        return max(self.main.high, self.least)

    @property
    def high(self) -> float:
        """Height of the step with what stands beside it."""
        beside = sum(b.high for b in self.side) + STACK * max(0, len(self.side) - 1)
        return max(self.main_high, beside)


def long(band: str) -> float:
    """Height that the name of a band needs."""
    return width(band, body(), "semibold") + 2 * _PAD


def height(rows: Sequence[Row]) -> float:
    """Height of a diagram of these steps."""
    return 2 * TOP + sum(r.high for r in rows) + GAP * (len(rows) - 1)


def draw_rows(sheet: Sheet, rows: Sequence[Row], columns: Columns) -> list[float]:
    """Draw the steps one below the other with their bands and arrows; returns the upper edge of each."""
    bands: dict[str, tuple[float, float]] = {}
    tops = []
    y = TOP
    for i, row in enumerate(rows):
        tops.append(y)
        bands[row.band] = (bands.get(row.band, (y, y))[0], y + row.high)
        draw_box(sheet, columns.main, y, row.main, setting("axes.facecolor"), row.main_high)
        if i + 1 < len(rows):
            sheet.arrow((columns.centre, y + row.main_high), (columns.centre, y + row.high + GAP))
        _draw_side(sheet, y, row, columns)
        y += row.high + GAP
    for name, (top, bottom) in bands.items():
        sheet.box(0.3, top, BAND, bottom - top, setting("grid.color"))
        sheet.text(0.3 + BAND / 2, (top + bottom) / 2, name, body(), "semibold", turned=True)
    return tops


def draw_box(sheet: Sheet, place: Place, y: float, box: Box, fill: str, high: float = 0.0) -> None:
    """A box whose upper edge is at ``y``; its text is centred in ``high`` where that is more than it needs."""
    left, right = place
    high = max(high, box.high)
    sheet.box(left, y, right - left, high, fill, setting("axes.edgecolor"))
    below = sheet.lines(
        left + _PAD, y + (high - box.high) / 2 + _PAD - 0.3, box.title, body(), weight="semibold"
    )
    sheet.lines(left + _PAD, below + 0.8, box.rest, small())


def _draw_side(sheet: Sheet, y: float, row: Row, columns: Columns) -> None:
    main_bottom = y + row.main_high
    beside = sum(b.high for b in row.side) + STACK * max(0, len(row.side) - 1)
    top = y + max(0.0, row.main_high - beside) / 2
    for box in row.side:
        level = y + row.main_high / 2
        if not top + 1 < level < top + box.high - 1:
            level = top + box.high / 2
        start = columns.main[1] if level < main_bottom else columns.centre
        sheet.arrow((start, level), (columns.side[0], level))
        draw_box(sheet, columns.side, top, box, "#ffffff")
        top += box.high + STACK


def box_of(flow: Data, key: str, place: Place, more: Sequence[str] = (), always: bool = True) -> Box:
    """The box ``key`` of a flow with its number and its reasons; one reason alone is printed only in a box that is ``always`` there."""
    value = flow["boxes"][key]
    reasons = list(value.get("reasons", [])) if isinstance(value, dict) else []
    reasons = reasons or list(flow["boxes"].get(f"{key}_reasons", []))
    reasons = [] if len(reasons) == 1 and not always else reasons
    lines = [f"{r['reason']} {words.n(r['n'])}" for r in reasons[:MOST_REASONS]]
    if rare := reasons[MOST_REASONS:]:
        lines.append(f"{len(rare)} rarer reasons {words.n(sum(r['n'] for r in rare))}")
    return told(f"{label(flow, key)} {words.n(count(value))}", (*more, *lines), place)


def told(title: str, lines: Sequence[str], place: Place) -> Box:
    """A box with this title and these lines, wrapped to the width of its column."""
    room = place[1] - place[0] - 2 * _PAD
    rest = [part for line in lines for part in _hanging(line, room)]
    return Box(wrap(title, room, body(), "semibold"), rest)


def _hanging(line: str, room: float) -> list[str]:
    """Lines of an entry in smaller type; those after the first are set in by no-break spaces."""
    first, *others = wrap(line, room, small())
    if others:
        others = wrap(" ".join(others), room - _HANGING, small(), most=3)
    return [first, *(3 * NO_BREAK + other for other in others)]


def count(value: Any) -> int:
    """Number of a box; 0 for a box that the flow does not have."""
    return int(value["total"] if isinstance(value, dict) else value or 0)


def label(flow: Data, key: str) -> str:
    """Words of a box."""
    return str((flow.get("labels") or {}).get(key) or key.replace("_", " ").capitalize())


def streams(flow: Data) -> dict[str, int]:
    """Records by search stream, by the stream's name; empty for a single stream or where names are missing."""
    box, names = flow["boxes"]["identified"], flow.get("streams") or {}
    found = box.get("by_stream", {}) if isinstance(box, dict) else {}
    if len(found) < 2 or not all(code in names for code in found):
        return {}
    return {str(names[code]): int(found[code]) for code in names if code in found}


def lower(text: str) -> str:
    """The text with a small first letter."""
    return text[:1].lower() + text[1:]
