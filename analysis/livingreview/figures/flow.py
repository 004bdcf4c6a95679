"""PRISMA 2020 flow diagram: boxes that grow with their text, summed numbers only.

Drawn from the flow of the screening stage: ``boxes`` (numbers, or ``{"total": n, "reasons": [{"reason", "n"}]}``), ``labels`` (the
words of the boxes) and ``streams`` (names of the search streams). Layout after Page MJ et al. (2021) The PRISMA 2020
statement. BMJ 372:n71, doi 10.1136/bmj.n71, with boxes of their own for what is still open in a living review.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_REASONS = 10
"""Reasons printed in a box; rarer ones are summed in a last line."""

_BAND = 6.5  # all in millimetres
_MAIN = (10.0, 76.0)
_SIDE = (88.0, FULL_WIDTH - 0.3)
_PAD = 2.0
_GAP, _STACK = 6.0, 2.6  # between rows, and between boxes beside each other's row
_TOP = 0.5


@dataclass(frozen=True)
class _Box:
    """A box with its bold first lines and, in smaller type, the lines below."""

    title: list[str]
    rest: list[str]

    @property
    def high(self) -> float:
        gap = 0.8 if self.rest else 0.0
        return (
            2 * _PAD
            - 0.6
            + len(self.title) * line_height(body())
            + gap
            + len(self.rest) * line_height(small())
        )


@dataclass(frozen=True)
class _Row:
    """One step of the flow: its box and the boxes that leave the flow there."""

    band: str
    main: _Box
    side: list[_Box]
    least: float = 0.0
    """Height below which the name of the band would not fit."""

    @property
    def main_high(self) -> float:
        return max(self.main.high, self.least)

    @property
    def high(self) -> float:
        beside = sum(b.high for b in self.side) + _STACK * max(0, len(self.side) - 1)
        return max(self.main_high, beside)


def draw(flow: Data) -> Figure:
    """The diagram, 174 mm wide and as high as its boxes need."""
    rows = _rows(flow)
    sheet = Sheet(FULL_WIDTH, 2 * _TOP + sum(r.high for r in rows) + _GAP * (len(rows) - 1))
    bands: dict[str, tuple[float, float]] = {}
    centre = sum(_MAIN) / 2
    y = _TOP
    for i, row in enumerate(rows):
        bands[row.band] = (bands.get(row.band, (y, y))[0], y + row.high)
        _draw_box(sheet, _MAIN, y, row.main, setting("axes.facecolor"), row.main_high)
        if i + 1 < len(rows):
            sheet.arrow((centre, y + row.main_high), (centre, y + row.high + _GAP))
        _draw_side(sheet, y, row)
        y += row.high + _GAP
    for name, (top, bottom) in bands.items():
        sheet.box(0.3, top, _BAND, bottom - top, setting("grid.color"))
        sheet.text(0.3 + _BAND / 2, (top + bottom) / 2, name, body(), "semibold", turned=True)
    return sheet.figure


def alt_text(flow: Data) -> str:
    """The flow in words, box by box."""
    boxes = flow["boxes"]

    def said(key: str) -> str:
        return f"{_label(flow, key)}: {_n(boxes[key])}"

    def why(key: str) -> str:
        reasons = boxes[key].get("reasons", []) if isinstance(boxes[key], dict) else []
        listed = ", ".join(f"{r['reason']}: {r['n']}" for r in reasons[:MOST_REASONS])
        if rare := reasons[MOST_REASONS:]:
            listed += f", {len(rare)} rarer reasons: {sum(r['n'] for r in rare)}"
        return f" ({listed})" if listed else ""

    steps = ["PRISMA 2020 flow diagram."]
    by = ", ".join(f"{name}: {n}" for name, n in _streams(flow).items())
    steps.append(said("identified") + (f" ({by})" if by else "") + ".")
    for key in _ORDER:
        if key in boxes and (key in _ALWAYS or _n(boxes[key])):
            steps.append(said(key) + why(key) + ".")
    return " ".join(steps)


def caption_facts(flow: Data) -> dict[str, Any]:
    """Facts for a caption: the number in every box."""
    return {key: _n(value) for key, value in flow["boxes"].items() if not isinstance(value, list)}


_ORDER = (
    "duplicates_removed",
    "screened",
    "excluded_screening",
    "awaiting_assessment",
    "sought",
    "other_sources",
    "assessed",
    "excluded_assessed",
    "awaiting_classification",
    "ongoing",
    "linked_reports",
    "included_studies",
    "included_reports",
)
_ALWAYS = {
    "duplicates_removed",
    "screened",
    "excluded_screening",
    "assessed",
    "excluded_assessed",
    "included_studies",
}


def _rows(flow: Data) -> list[_Row]:
    boxes = flow["boxes"]
    from_streams = [f"{name} {words.n(n)}" for name, n in _streams(flow).items()]
    rows = [
        _Row(
            "Identification",
            _box(flow, "identified", _MAIN, from_streams),
            [_box(flow, "duplicates_removed", _SIDE)],
            _long("Identification"),
        ),
        _Row(
            "Screening",
            _box(flow, "screened", _MAIN),
            _beside(flow, "excluded_screening", "awaiting_assessment"),
        ),
    ]
    if "sought" in boxes:
        rows.append(_Row("Screening", _box(flow, "sought", _MAIN), []))
    other = (
        [f"of these, {_lower(_label(flow, 'other_sources'))} {words.n(_n(boxes['other_sources']))}"]
        if _n(boxes.get("other_sources"))
        else []
    )
    left = ("excluded_assessed", "awaiting_classification", "ongoing", "linked_reports")
    rows.append(_Row("Screening", _box(flow, "assessed", _MAIN, other), _beside(flow, *left)))
    reports = (
        [f"{_label(flow, 'included_reports')} {words.n(_n(boxes['included_reports']))}"]
        if "included_reports" in boxes
        else []
    )
    rows.append(_Row("Included", _box(flow, "included_studies", _MAIN, reports), [], _long("Included")))
    return rows


def _long(band: str) -> float:
    return width(band, body(), "semibold") + 2 * _PAD


def _beside(flow: Data, *keys: str) -> list[_Box]:
    """Boxes at the side: a box that is always part of the diagram, or one that is not empty."""
    return [
        _box(flow, key, _SIDE)
        for key in keys
        if key in flow["boxes"] and (key in _ALWAYS or _n(flow["boxes"][key]))
    ]


def _box(flow: Data, key: str, place: tuple[float, float], more: Sequence[str] = ()) -> _Box:
    value = flow["boxes"][key]
    room = place[1] - place[0] - 2 * _PAD
    reasons = list(value.get("reasons", [])) if isinstance(value, dict) else []
    reasons = reasons or list(flow["boxes"].get(f"{key}_reasons", []))
    reasons = [] if len(reasons) == 1 and key not in _ALWAYS else reasons
    lines = [f"{r['reason']} {words.n(r['n'])}" for r in reasons[:MOST_REASONS]]
    if rare := reasons[MOST_REASONS:]:
        lines.append(f"{len(rare)} rarer reasons {words.n(sum(r['n'] for r in rare))}")
    rest = [part for line in (*more, *lines) for part in _hanging(line, room)]
    return _Box(wrap(f"{_label(flow, key)} {words.n(_n(value))}", room, body(), "semibold"), rest)


def _hanging(line: str, room: float) -> list[str]:
    """Lines of an entry in smaller type; those after the first are set in by no-break spaces."""
    first, *others = wrap(line, room - 4, small(), most=3)
    return [first, *(3 * NO_BREAK + other for other in others)]


def _draw_box(
    sheet: Sheet, place: tuple[float, float], y: float, box: _Box, fill: str, high: float = 0.0
) -> None:
    left, right = place
    high = max(high, box.high)
    sheet.box(left, y, right - left, high, fill, setting("axes.edgecolor"))
    below = sheet.lines(
        left + _PAD, y + (high - box.high) / 2 + _PAD - 0.3, box.title, body(), weight="semibold"
    )
    sheet.lines(left + _PAD, below + 0.8, box.rest, small())


def _draw_side(sheet: Sheet, y: float, row: _Row) -> None:
    main_bottom = y + row.main_high
    beside = sum(b.high for b in row.side) + _STACK * max(0, len(row.side) - 1)
    top = y + max(0.0, row.main_high - beside) / 2
    for box in row.side:
        level = y + row.main_high / 2
        if not top + 1 < level < top + box.high - 1:
            level = top + box.high / 2
        start = _MAIN[1] if level < main_bottom else sum(_MAIN) / 2
        sheet.arrow((start, level), (_SIDE[0], level))
        _draw_box(sheet, _SIDE, top, box, "#ffffff")
        top += box.high + _STACK


def _n(value: Any) -> int:
    """Number of a box; 0 for a box that the flow does not have."""
    return int(value["total"] if isinstance(value, dict) else value or 0)


def _label(flow: Data, key: str) -> str:
    return str((flow.get("labels") or {}).get(key) or key.replace("_", " ").capitalize())


def _streams(flow: Data) -> dict[str, int]:
    """Records by search stream, by the stream's name; empty for a single stream or where names are missing."""
    box, names = flow["boxes"]["identified"], flow.get("streams") or {}
    found = box.get("by_stream", {}) if isinstance(box, dict) else {}
    if len(found) < 2 or not all(code in names for code in found):
        return {}
    return {str(names[code]): int(found[code]) for code in names if code in found}


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
