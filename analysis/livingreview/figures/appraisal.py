"""Critical appraisal: a matrix of studies and items for each tool, by symbol and colour. No score is summed.

Drawn from the appraisal slice (``tools``: {tool: {name, short, items}}, ``studies``: [{study_id, label, tool, items}], ``judgements``: {code:
{label, symbol, colour}}). With more studies than fit on a page, judgements are counted by item instead.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from livingreview.figures import words
from livingreview.figures.sheet import (
    FULL_WIDTH,
    Sheet,
    body,
    contrast,
    heading,
    line_height,
    setting,
    small,
    width,
    wrap,
)
from livingreview.figures.words import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_STUDIES = 45
"""More studies than this are not drawn one by one."""

MISSING = "unclear"
"""Code of the judgement for what could not be read; it is also used where an item has no judgement."""

_LABEL = 50.0  # room for study labels; all of these in millimetres
_CELL = 5.6
_WIDEST = 9.0  # a cell that a symbol of several letters may take
_DISC = 2.05  # its radius
_KEY_GAP = 5.0
_ROW = 5.2
_TITLE, _NUMBERS, _BETWEEN = 6.0, 4.6, 5.0


def draw(data: Data) -> Figure:
    """The figure, 174 mm wide."""
    tools = _tools(data)
    counted = len(data["studies"]) > MOST_STUDIES
    high = sum((_counts_height if counted else _matrix_height)(data, tool) + _BETWEEN for tool in tools)
    legend = _legend_rows(data)
    sheet = Sheet(FULL_WIDTH, max(high, 8) + 1.0 + line_height(small()) * 1.5 * len(legend))
    if not tools:
        sheet.text(0, 4, "No study was appraised.")
    y = 0.5
    for tool in tools:
        y = (_draw_counts if counted else _draw_matrix)(sheet, y, data, tool) + _BETWEEN
    _draw_legend(sheet, max(high, 8), data, legend)
    return sheet.figure


def alt_text(data: Data) -> str:
    """How often each judgement was given, by tool, in words."""
    parts = [f"Critical appraisal of {words.studies(len(data['studies']))} by item; no score is summed."]
    for tool in _tools(data):
        found = Counter(_judged(s, n) for s in _of(data, tool) for n, _ in _items(data, tool))
        said = [f"{_name(data, code).lower()} {found[code]}" for code in data["judgements"] if found[code]]
        head = f"{data['tools'][tool]['name']}, {words.studies(len(_of(data, tool)))}"
        parts.append(f"{head} by {words.count(len(_items(data, tool)), 'item')}: {', '.join(said)}.")
    return " ".join(parts)


def caption_facts(data: Data) -> dict[str, Any]:
    """Facts for a caption: studies, tools, and counts of judgements over all items and studies."""
    found = Counter(
        _judged(s, n) for tool in _tools(data) for s in _of(data, tool) for n, _ in _items(data, tool)
    )
    return {
        "studies": len(data["studies"]),
        "tools": len(_tools(data)),
        "judgements": {code: found[code] for code in data["judgements"]},
        "counted": len(data["studies"]) > MOST_STUDIES,
    }


def _tools(data: Data) -> list[str]:
    """Tools that were used, those with most studies first."""
    used = Counter(s["tool"] for s in data["studies"])
    return sorted(used, key=lambda tool: (-used[tool], tool))


def _of(data: Data, tool: str) -> list[Data]:
    return [s for s in data["studies"] if s["tool"] == tool]


def _items(data: Data, tool: str) -> list[tuple[str, str]]:
    items = sorted(data["tools"][tool]["items"], key=lambda item: int(item["item_number"]))
    return [(str(item["item_number"]), item["item_label"]) for item in items]


def _judged(study: Data, number: str) -> str:
    return str(study["items"].get(number) or MISSING)


def _name(data: Data, code: str) -> str:
    return str(data["judgements"].get(code, {}).get("label", code.replace("_", " ").capitalize()))


def _fill(data: Data, code: str) -> str:
    return str(data["judgements"].get(code, {}).get("colour", "#ffffff"))


def _symbol(data: Data, code: str) -> str:
    return str(data["judgements"].get(code, {}).get("symbol") or code[:1])


def _labels(data: Data, tool: str) -> list[list[str]]:
    return [wrap(s["label"], _LABEL - 2, body(), most=3) for s in _of(data, tool)]


def _row_heights(data: Data, tool: str) -> list[float]:
    return [max(_ROW, line_height(body()) * len(lines) + 0.8) for lines in _labels(data, tool)]


def _key(data: Data, tool: str) -> list[list[str]]:
    """The items as lines beside the matrix."""
    room = FULL_WIDTH - _LABEL - _cell(data) * len(_items(data, tool)) - _KEY_GAP - 5.5
    return [wrap(label, room, small(), most=2) for _, label in _items(data, tool)]


def _matrix_height(data: Data, tool: str) -> float:
    key = line_height(small()) * sum(len(lines) for lines in _key(data, tool))
    return _TITLE + _NUMBERS + max(sum(_row_heights(data, tool)), key - _NUMBERS)


def _heading(sheet: Sheet, y: float, data: Data, tool: str) -> None:
    title = f"{data['tools'][tool]['name']}: {words.studies(len(_of(data, tool)))}"
    sheet.text(0, y + _TITLE / 2, wrap(title, FULL_WIDTH, heading(), "semibold", 1)[0], heading(), "semibold")


def _draw_matrix(sheet: Sheet, y: float, data: Data, tool: str) -> float:
    bottom = y + _matrix_height(data, tool)
    _heading(sheet, y, data, tool)
    y += _TITLE
    items = _items(data, tool)
    cell = _cell(data)
    key_x = _LABEL + cell * len(items) + _KEY_GAP
    below = y
    for (number, _), lines in zip(items, _key(data, tool), strict=True):
        sheet.text(key_x + 3.2, below + line_height(small()) / 2, number, small(), "semibold", "right")
        below = sheet.lines(key_x + 5, below, lines, small())
    for i, (number, _) in enumerate(items):
        sheet.text(_LABEL + cell * (i + 0.5), y + _NUMBERS / 2 - 0.2, number, small(), "semibold", "center")
    y += _NUMBERS
    sheet.line([0, _LABEL + cell * len(items)], [y, y])
    for study, lines, high in zip(
        _of(data, tool), _labels(data, tool), _row_heights(data, tool), strict=True
    ):
        middle = y + high / 2
        sheet.lines(0, middle - line_height(body()) * len(lines) / 2, lines)
        for i, (number, _) in enumerate(items):
            _mark(sheet, _LABEL + cell * (i + 0.5), middle, data, _judged(study, number))
        y += high
        sheet.line(
            [0, _LABEL + cell * len(items)],
            [y, y],
            setting("grid.color"),
            setting("grid.linewidth"),
        )
    return bottom


def _mark(sheet: Sheet, x: float, y: float, data: Data, code: str) -> None:
    """A disc with a sign; a symbol of several letters is a box as wide as they need, so that they are as large as the rest."""
    fill, edge = _fill(data, code), setting("axes.edgecolor")
    symbol = _symbol(data, code)
    if len(symbol) == 1:
        sheet.disc(x, y, _DISC, fill, edge)
        sheet.text(x, y, symbol, heading(), "semibold", "center", contrast(fill))
        return
    wide = _wide(data, code)
    sheet.box(x - wide / 2, y - _DISC, wide, 2 * _DISC, fill, edge, above=3)
    [shown] = wrap(symbol, wide, small(), "semibold", most=1)
    sheet.text(x, y, shown, small(), "semibold", "center", contrast(fill))


def _wide(data: Data, code: str) -> float:
    """Width of a mark."""
    symbol = _symbol(data, code)
    return 2 * _DISC if len(symbol) == 1 else min(_WIDEST - 0.6, width(symbol, small(), "semibold") + 0.8)


def _cell(data: Data) -> float:
    """Width of a column: the widest mark with room beside it."""
    return max(_CELL, *(_wide(data, code) + 0.6 for code in data["judgements"]), 0)


def _counts_height(data: Data, tool: str) -> float:
    return _TITLE + _ROW * len(_items(data, tool))


def _draw_counts(sheet: Sheet, y: float, data: Data, tool: str) -> float:
    """One bar an item: how many studies got each judgement."""
    _heading(sheet, y, data, tool)
    y += _TITLE
    studies = _of(data, tool)
    left, wide = 72.0, FULL_WIDTH - 72.4
    for number, label in _items(data, tool):
        middle = y + _ROW / 2
        sheet.text(3.2, middle, number, small(), "semibold", "right")
        sheet.text(5, middle, wrap(label, left - 7, body(), most=1)[0])
        found = Counter(_judged(s, number) for s in studies)
        x = left
        for code in data["judgements"]:
            part = wide * found[code] / len(studies)
            if not part:
                continue
            sheet.box(x, middle - 1.8, part, 3.6, _fill(data, code), setting("axes.edgecolor"))
            text = f"{_symbol(data, code)} {found[code]}"
            if part > width(text, small()) + 1:
                sheet.text(
                    x + part / 2, middle, text, small(), align="center", colour=contrast(_fill(data, code))
                )
            x += part
        y += _ROW
    return y


def _legend_entries(data: Data) -> list[tuple[str, str]]:
    note = " = information missing to us, not poor quality"
    entries = [(code, _name(data, code)) for code in data["judgements"]]
    return [(code, name.split(" (")[0] + note if code == MISSING else name) for code, name in entries]


def _legend_rows(data: Data) -> list[list[tuple[str, str, float]]]:
    """Entries of the legend with their x, broken into rows that fit."""
    rows: list[list[tuple[str, str, float]]] = [[]]
    x = 0.0
    for code, label in _legend_entries(data):
        wide = _cell(data) + 0.9 + width(label, small()) + 5
        if rows[-1] and x + wide > FULL_WIDTH:
            rows.append([])
            x = 0.0
        rows[-1].append((code, label, x))
        x += wide
    return rows


def _draw_legend(sheet: Sheet, y: float, data: Data, rows: list[list[tuple[str, str, float]]]) -> None:
    step = line_height(small()) * 1.5
    for i, row in enumerate(rows):
        middle = y + step * (i + 0.5)
        for code, label, x in row:
            _mark(sheet, x + _wide(data, code) / 2 + 0.3, middle, data, code)
            sheet.text(x + _wide(data, code) + 1.5, middle, label, small())
