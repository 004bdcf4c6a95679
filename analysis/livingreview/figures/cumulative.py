"""Cumulative estimates of one therapy: the main model as studies are added by year, one panel for each declared analysis of responders.

Drawn from ``analyses`` of the result of one therapy (see ``livingreview.synthesis.analysis``). Nothing is computed here.
Cumulative meta-analysis: Lau et al., N Engl J Med 1992;327:248-254.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livingreview.figures import analysed, words
from livingreview.figures.empty import no_data
from livingreview.figures.percent_axis import AXIS_HIGH, PercentAxis
from livingreview.figures.sheet import (
    FULL_WIDTH,
    TALLEST,
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

NO_YEAR = "n.d."

_LABEL = 55.0  # room for labels; all of these in millimetres
_YEAR, _K, _N = 63.0, 74.5, 86.0  # centres of columns
_AXIS = PercentAxis(95.0, 143.0)
_TEXT = 159.5
_PITCH = 4.6
_PANEL_GAP = 2.6
_TITLE = 5.4


@dataclass(frozen=True)
class _Room:
    """How much is shown: type size, lines a label may take, one row a year or a study, rows of a panel."""

    size: float
    label_lines: int
    by_year: bool
    steps: int


@dataclass(frozen=True)
class _Line:
    """One row: a step, or the number of earlier steps that are not drawn."""

    lines: list[str]
    step: Data | None


@dataclass(frozen=True)
class _Panel:
    analysis: Data
    title: list[str]
    lines: list[_Line]


def draw(result: Data, names: Data | None = None) -> Figure:
    """The figure, 174 mm wide and at most :data:`TALLEST` high unless names are absurdly long.

    ``names`` gives ``units`` of the protocol. Where not every step fits, only the last step of each year is drawn, then
    only the latest years; a grey line says how many earlier steps are not drawn.
    """
    names = names or result.get("protocol") or {}
    found = analysed.responders(result, least=1)
    if not found:
        return no_data(_silence(result))
    top = 2.0 + line_height(small()) + 1.2
    room = _Room(body(), 2, False, 0)
    panels: list[_Panel] = []
    foot: list[str] = []
    spare = 0.0
    for room in _rooms():
        panels = [_panel(a, names, room) for a in found]
        foot = wrap(". ".join(_notes(panels, room)) + ".", _AXIS.left - 6, small())
        spare = TALLEST - top - _foot_high(foot) - sum(_least(p, room.size) for p in panels)
        if spare >= 0:
            break
    rows = sum(len(p.lines) for p in panels)
    extra = min(max(0.0, spare) / rows, max(0.0, _PITCH - line_height(room.size)))
    bottom = top + sum(_least(p, room.size) + extra * len(p.lines) for p in panels)
    sheet = Sheet(FULL_WIDTH, bottom + _foot_high(foot))
    _head(sheet, top, result, names, found)
    _AXIS.grid(sheet, top, bottom)
    y = top
    for panel in panels:
        y = _draw_panel(sheet, panel, y, extra, room.size, analysed.colour(result))
    _AXIS.axis(sheet, bottom)
    sheet.lines(0, bottom + 1.6, foot, small(), colour=setting("axes.labelcolor"))
    return sheet.figure


def alt_text(result: Data, names: Data | None = None) -> str:
    """What the figure shows, in words, from the same data."""
    name = result["therapy"]["name"]
    found = analysed.responders(result, least=1)
    if not found:
        return f"Cumulative estimates for {name}: no data. {_silence(result)}"
    parts = [f"Cumulative estimates of responders to {name} as studies are added by year."]
    for a in found:
        steps = a["cumulative"]
        first, last = steps[0], steps[-1]
        text = f"{a['name']}: {_step_text(first)}"
        if len(steps) > 1:
            text += f"; after all {words.studies(last['k'])}, {_estimate_text(last)}"
        parts.append(f"{text}. The threshold is {a['threshold'] * 100:g} per cent.")
    return " ".join(parts)


def caption_facts(result: Data) -> dict[str, Any]:
    """Facts for a caption: ``therapy``, confidence ``level``, names of the ``analyses`` drawn, ``threshold`` in words, ``undated`` studies among
    the steps, and whether some steps rest on a model (``models``) and some on the exact interval (``exact``)."""
    found = analysed.responders(result, least=1)
    steps = [s for a in found for s in a["cumulative"]]
    return {
        "therapy": result["therapy"]["name"],
        "level": analysed.level(result),
        "analyses": [a["name"] for a in found],
        "threshold": analysed.threshold([a["threshold"] for a in found]),
        "undated": len({s["study_id"] for s in steps if s["year"] is None}),
        "models": any(s["pooled"]["fitted"] for s in steps),
        "exact": any(not s["pooled"]["fitted"] for s in steps),
    }


def _silence(result: Data) -> str:
    return f"No declared outcome of {result['therapy']['name']} has a study with a count of responders."


def _step_text(step: Data) -> str:
    return f"{words.studies(step['k'])} ({_year(step)}), {_estimate_text(step)}"


def _estimate_text(step: Data) -> str:
    estimate = step["pooled"]["estimate"]
    return words.spoken(estimate) if estimate else analysed.FAILED


def _year(step: Data) -> str:
    return NO_YEAR if step["year"] is None else str(step["year"])


def _rooms() -> Iterator[_Room]:
    """Ever less to show, until it fits."""
    most = 10**6
    yield _Room(body(), 2, False, most)
    yield _Room(small(), 2, False, most)
    yield _Room(small(), 1, False, most)
    yield _Room(small(), 1, True, most)
    for steps in range(60, 0, -3):
        yield _Room(small(), 1, True, steps)


def _panel(analysis: Data, names: Data, room: _Room) -> _Panel:
    unit = words.unit(names, analysis["unit"])
    title = wrap(f"{analysis['name']} ({unit})", FULL_WIDTH - 2, room.size, "semibold", most=2)
    steps = list(analysis["cumulative"])
    groups: list[list[Data]] = []
    for step in steps:
        if room.by_year and groups and groups[-1][-1]["year"] == step["year"]:
            groups[-1].append(step)
        else:
            groups.append([step])
    kept = groups[-room.steps :]
    hidden = sum(len(g) for g in groups) - sum(len(g) for g in kept)
    lines = []
    if hidden:
        text = f"{words.count(hidden, 'earlier step')}, not drawn"
        lines.append(_Line([text], None))
    lines += [_Line(_label(group, room), group[-1]) for group in kept]
    return _Panel(analysis, title, lines)


def _label(group: list[Data], room: _Room) -> list[str]:
    more = f" and {len(group) - 1} more" if len(group) > 1 else ""
    if not more:
        return wrap(group[-1]["label"], _LABEL, room.size, most=room.label_lines)
    [short] = wrap(group[0]["label"], _LABEL - width(more, room.size), room.size, most=1)
    return [short + more]


def _least(panel: _Panel, size: float) -> float:
    """Height of a panel when its rows are set as tight as can be."""
    rows = sum(1.02 * line_height(size) * len(line.lines) for line in panel.lines)
    return _PANEL_GAP + _title_high(panel, size) + rows


def _title_high(panel: _Panel, size: float) -> float:
    return _TITLE + line_height(size) * (len(panel.title) - 1)


def _foot_high(foot: list[str]) -> float:
    return max(AXIS_HIGH + 0.4, 1.6 + line_height(small()) * len(foot)) + 0.6


def _notes(panels: list[_Panel], room: _Room) -> list[str]:
    steps = [line.step for p in panels for line in p.lines if line.step]
    found = ["Each row: all studies so far"]
    if room.by_year:
        found = ["Each row: all studies up to the end of a year"]
    if any(s["pooled"]["fitted"] for s in steps):
        found.append("Disc: model")
    if any(not s["pooled"]["fitted"] for s in steps):
        found.append("Square: exact interval, no model")
    if any(s["year"] is None for s in steps):
        found.append(f"{NO_YEAR}: no year known, added last")
    found.append(f"Dashed line: threshold of {analysed.threshold([p.analysis['threshold'] for p in panels])}")
    return found


def _head(sheet: Sheet, top: float, result: Data, names: Data, found: list[Data]) -> None:
    grey, high = setting("axes.labelcolor"), line_height(small())
    units = {words.unit(names, a["unit"]) for a in found}
    counted = units.pop() if len(units) == 1 else "units"
    [counted] = wrap(counted[:1].upper() + counted[1:], _AXIS.left - _K - 8, small(), most=1)
    titles: list[tuple[float, list[str]]] = [
        (_YEAR, ["Year"]),
        (_K, ["Studies"]),
        (_N, [counted]),
        ((_AXIS.left + _AXIS.right) / 2, ["Responders, all so far"]),
        (_TEXT, [f"% ({analysed.level(result)} CI)"]),
    ]
    for x, lines in titles:
        sheet.lines(x, top - 1.2 - high * len(lines), lines, small(), align="center", colour=grey)
    sheet.lines(0, top - 1.2 - high, ["Study added"], small(), colour=grey)
    sheet.line([0, FULL_WIDTH], [top - 0.6] * 2)


def _draw_panel(sheet: Sheet, panel: _Panel, y: float, extra: float, size: float, colour: str) -> float:
    y += _PANEL_GAP / 2
    high = _title_high(panel, size)
    title_top = y + (_TITLE - line_height(size)) / 2
    for number, title in enumerate(panel.title):
        at = title_top + (number + 0.5) * line_height(size)
        sheet.behind(0.4, at, title, size, setting("figure.facecolor"), "left")
    sheet.lines(0, title_top, panel.title, size, weight="semibold")
    y += high
    start = y
    for line in panel.lines:
        tall = 1.02 * line_height(size) * len(line.lines) + extra
        _draw_line(sheet, line, y + tall / 2, size, colour)
        y += tall
    _AXIS.threshold(sheet, panel.analysis["threshold"], start, y)
    return y + _PANEL_GAP / 2


def _draw_line(sheet: Sheet, line: _Line, y: float, size: float, colour: str) -> None:
    step = line.step
    shown: dict[str, Any] = {"colour": None if step else setting("axes.labelcolor")}
    sheet.lines(2, y - line_height(size) * len(line.lines) / 2, line.lines, size, **shown)
    if not step:
        return
    for x, text in ((_YEAR, _year(step)), (_K, str(step["k"])), (_N, str(step["n"]))):
        sheet.text(x, y, text, size, align="center")
    estimate = step["pooled"]["estimate"]
    if not estimate:
        _AXIS.said(sheet, y, [analysed.FAILED], size)
        return
    sheet.text(_TEXT, y, words.interval(estimate), size, align="center")
    _AXIS.interval(sheet, estimate["lower"], estimate["upper"], y, colour)
    x = _AXIS.x(estimate["value"])
    if step["pooled"]["fitted"]:
        sheet.disc(x, y, 0.85, colour, colour)
    else:
        sheet.box(x - 0.75, y - 0.75, 1.5, 1.5, colour, colour, above=3)
