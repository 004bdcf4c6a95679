"""What a forest draws: squares of studies, diamonds of pooled results, bars of prediction, and the text of their columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from livingreview.figures import analysed, words
from livingreview.figures.forest_rows import INDENT, Columns, Row
from livingreview.figures.sheet import FULL_WIDTH, NO_BREAK, Sheet, line_height, setting, small, tint, width
from livingreview.figures.words import Data

_BOLD = {"group", "total", "main", "unestimated", "block"}
_GREY = {"more", "worst", "note", "block", "failed"}
_INDENTS = {"group": 0.0, "worst": 2 * INDENT, "analysis": 2 * INDENT, "failed": 2 * INDENT}
_SAID_LEFT = {"unestimated", "analysis"}
_WHOLE = {"note", "failed", "verdict"}
"""Rows whose text runs over all columns."""


@dataclass(frozen=True)
class Look:
    """What the marks of all rows share: colour of the therapy, largest denominator, distance of rows, columns."""

    colour: str
    largest: int
    pitch: float
    columns: Columns


def head(sheet: Sheet, top: float, result: Data, columns: Columns) -> None:
    """Heads of the columns above ``top``."""
    titles: list[tuple[float, list[str]]] = [
        (columns.counts[0], ["Responders/", "evaluated"]),
        (columns.counts[1], ["Treated"]),
        (columns.counts[2], ["Not", "reported"]),
        ((columns.axis.left + columns.axis.right) / 2, ["Reported responders"]),
        (columns.text, [f"% ({analysed.level(result)} CI)"]),
    ]
    high = line_height(small())
    for x, lines in titles:
        sheet.lines(x, top - 1.2 - high * len(lines), lines, small(), align="center", colour=_grey())
    sheet.lines(0, top - 1.2 - high, ["Study"], small(), colour=_grey())
    if columns.weight is not None:
        sheet.lines(
            columns.weight, top - 1.2 - 2 * high, ["Weight", "(%)"], small(), align="right", colour=_grey()
        )
    sheet.line([0, FULL_WIDTH], [top - 0.6] * 2)


def draw_row(sheet: Sheet, row: Row, y: float, look: Look) -> None:
    """One row whose top is at ``y``."""
    middle = y + (row.high + row.gap) / 2
    how: dict[str, Any] = {
        "size": row.size,
        "weight": "semibold" if row.kind in _BOLD else "normal",
        "colour": _grey() if row.kind in _GREY or (row.kind == "analysis" and row.words) else None,
    }
    indent = _INDENTS.get(row.kind, INDENT)
    if row.kind in _WHOLE:
        _ground(sheet, row, indent, middle, look)
    sheet.lines(indent, middle - line_height(row.size) * len(row.lines) / 2, row.lines, **how)
    for x, text in zip(look.columns.counts, row.counts, strict=True):
        sheet.text(x, middle, text, align="center", **{**how, "weight": _weight(row)})
    if row.words:
        at = look.columns.axis.left if row.kind in _SAID_LEFT else None
        look.columns.axis.said(sheet, middle, row.words, row.size, at)
    elif row.estimate:
        sheet.text(look.columns.text, middle, row.text, align="center", **{**how, "weight": _weight(row)})
        _MARKS[row.kind](sheet, row, row.estimate, middle, look)
    if row.weight and look.columns.weight is not None:
        sheet.text(look.columns.weight, middle, row.weight, row.size, align="right")


def _ground(sheet: Sheet, row: Row, x: float, middle: float, look: Look) -> None:
    """Keeps the lines of the axis out of a text that runs over it."""
    high = line_height(row.size)
    for number, line in enumerate(row.lines):
        if x + width(line, row.size) > look.columns.axis.left - 1:
            at = middle + (number - (len(row.lines) - 1) / 2) * high
            sheet.behind(x, at, line, row.size, setting("figure.facecolor"), "left")


def _weight(row: Row) -> str:
    return "semibold" if row.kind in _BOLD - {"block"} else "normal"


def _grey() -> str:
    return str(setting("axes.labelcolor"))


def _square(sheet: Sheet, row: Row, e: Data, y: float, look: Look) -> None:
    axis = look.columns.axis
    axis.interval(sheet, e["lower"], e["upper"], y, look.colour)
    side = min(look.pitch - 0.5, max(1.2, 3.2 * (e["total"] / look.largest) ** 0.5))
    fill = "#ffffff" if row.hollow else look.colour
    sheet.box(axis.x(e["value"]) - side / 2, y - side / 2, side, side, fill, look.colour, above=3)


def _diamond(sheet: Sheet, row: Row, e: Data, y: float, look: Look) -> None:
    axis = look.columns.axis
    x, low, high = (axis.x(e[key]) for key in ("value", "lower", "upper"))
    tall = min(1.5, look.pitch / 2 - 0.1)
    if high - low < 1.2:  # as of thousands of units: there must be something to see
        low, high = x - 0.6, x + 0.6
    points = [(low, y), (x, y - tall), (high, y), (x, y + tall)]
    sheet.polygon(points, look.colour if row.fitted else "#ffffff", look.colour)


def _triangle(sheet: Sheet, row: Row, e: Data, y: float, look: Look) -> None:
    x = look.columns.axis.x(e["value"])
    look.columns.axis.interval(sheet, e["lower"], e["upper"], y, look.colour, (0, (2, 1.5)))
    sheet.polygon([(x - 1.1, y - 0.9), (x + 1.1, y - 0.9), (x, y + 1.1)], "#ffffff", look.colour)


def _median(sheet: Sheet, row: Row, e: Data, y: float, look: Look) -> None:
    axis = look.columns.axis
    axis.interval(sheet, e["lower"], e["upper"], y, look.colour)
    sheet.line([axis.x(e["value"])] * 2, [y - 1.1, y + 1.1], look.colour, 1.6)


def _cluster(sheet: Sheet, row: Row, e: Data, y: float, look: Look) -> None:
    axis = look.columns.axis
    axis.interval(sheet, e["lower"], e["upper"], y, look.colour, "-" if row.fitted else (0, (1.2, 1.2)))
    sheet.line([axis.x(e["value"])] * 2, [y - 1.1, y + 1.1], look.colour, 1.6)


def _prediction(sheet: Sheet, row: Row, e: Data, y: float, look: Look) -> None:
    low, high = look.columns.axis.x(e["lower"]), look.columns.axis.x(e["upper"])
    sheet.box(low, y - 0.55, max(high - low, 0.6), 1.1, tint(look.colour, 0.35), look.colour, above=3)


def _other(sheet: Sheet, row: Row, e: Data, y: float, look: Look) -> None:
    axis = look.columns.axis
    axis.interval(sheet, e["lower"], e["upper"], y, look.colour)
    fill = "#ffffff" if row.hollow else look.colour
    if row.fitted:
        sheet.disc(axis.x(e["value"]), y, 0.75, fill, look.colour)
    else:
        sheet.box(axis.x(e["value"]) - 0.65, y - 0.65, 1.3, 1.3, fill, look.colour, above=3)


_MARKS = {
    "study": _square,
    "total": _diamond,
    "worst": _triangle,
    "main": _diamond,
    "median": _median,
    "cluster": _cluster,
    "prediction": _prediction,
    "analysis": _other,
}


def notes(rows: list[Row], who: str) -> list[str]:
    """What signs and marks mean, of those that occur; ``who`` has the units that cluster, such as a patient."""
    kinds = {r.kind for r in rows}
    found = [f"{words.DASH} not reported"]
    if kinds & {"total", "main", "unestimated"}:
        found.append("Treated and not reported beside totals: of all studies of the therapy")
    if any(r.kind == "study" and r.hollow for r in rows):
        found.append("Open square: not counted in the result below")
    mains = [r for r in rows if r.kind == "main"]
    if any(r.fitted for r in mains):
        found.append("Filled diamond: model")
    if kinds & {"total"} or any(not r.fitted for r in mains):
        found.append("Open diamond: sum with exact interval")
    if "prediction" in kinds:
        found.append("Flat bar: where a new study may lie")
    if any(r.kind == "cluster" and not r.fitted for r in rows):
        found.append(
            f"Dotted line: were the units of one {who} so correlated; the other intervals take them as independent"
        )
    others = [r for r in rows if r.kind == "analysis" and r.estimate]
    if any(r.fitted for r in others):
        found.append("Disc: model")
    if any(not r.fitted for r in others):
        found.append("Small square: exact interval, no model")
    if any(r.hollow for r in others):
        found.append("Open disc or small square: the same data as the main analysis")
    lines = [r.threshold for r in rows if r.run]
    if lines:
        threshold = analysed.threshold(lines).replace(" %", f"{NO_BREAK}%")
        found.append(f"Dashed line: threshold of {threshold}")
    return found
