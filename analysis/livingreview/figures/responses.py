"""Reported response by therapy: what became of those treated, and responders among those evaluated with exact intervals.

One row for each therapy, unit and construct; nothing is pooled across rows. Drawn from the results of all therapies
(``therapies``: code → result of one therapy).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livingreview.figures import words
from livingreview.figures.sheet import FULL_WIDTH, Sheet, body, line_height, setting, small, tint, wrap
from livingreview.figures.words import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LABEL = 50.0  # room for labels; all of these in millimetres
_COLUMNS = (55.5, 68.0, 83.6, 99.0)  # centres: treated, evaluated, responders, not reported
_BAR = (106.5, 125.0)  # 0 and 100 per cent of those treated
_DOT = (131.3, 149.8)  # 0 and 100 per cent of those evaluated
_TEXT = 163.0
_ROW, _THERAPY = 5.0, 6.2
_HATCH = "//////"


@dataclass(frozen=True)
class _Row:
    therapy: Data
    total: Data | None
    lines: list[str]


def draw(results: Data, order: Sequence[str] = (), names: Data | None = None) -> Figure:
    """The figure, 174 mm wide.

    ``order`` lists codes of therapies in print order; ``names`` gives ``units`` and ``constructs`` of the protocol for the row labels; without it those in the results, else
    the codes are printed.
    """
    blocks = [(result, _rows(result, names)) for result in _results(results, order)]
    top = 2.0 + 2 * line_height(small()) + 1.4
    high = sum(_THERAPY + sum(_tall(row) for row in rows) for _, rows in blocks)
    bottom = top + high + 1.0
    sheet = Sheet(FULL_WIDTH, bottom + 15.0)
    _head(sheet, top, [t.get("estimate") for result, _ in blocks for t in result.get("totals") or []])
    for low, up in (_BAR, _DOT):
        for share in (0, 0.5, 1):
            x = low + share * (up - low)
            sheet.line([x, x], [top, bottom], setting("grid.color"), setting("grid.linewidth"))
    y = top
    for result, rows in blocks:
        y = _block(sheet, y, result, rows)
    _axes(sheet, bottom)
    _legend(sheet, bottom + 11.6)
    return sheet.figure


def alt_text(results: Data, order: Sequence[str] = (), names: Data | None = None) -> str:
    """What the figure shows, in words, from the same data."""
    found = _results(results, order)
    parts = [
        f"Reported responses to {words.count(len(found), 'therapy', 'therapies')}, one row for each unit and construct."
    ]
    for result in found:
        each = []
        for total in result.get("totals") or []:
            label = words.group(names or result.get("protocol") or {}, total)
            label = label[:1].lower() + label[1:]
            e = total.get("estimate")
            done = (
                f"{e['events']} of {e['total']} evaluated, {words.spoken(e)}" if e else "no counts reported"
            )
            missing = words.treated(total)[1]
            each.append(
                f"{label}: {done}" + (f", {missing} not reported" if missing not in (words.DASH, "0") else "")
            )
        parts.append(f"{result['therapy']['name']}: {'; '.join(each) if each else _silence(result)}.")
    return " ".join(parts)


def caption_facts(results: Data) -> dict[str, Any]:
    """Facts for a caption: confidence level, therapies shown, therapies without a reported response, rows."""
    found = _results(results, ())
    with_rows = [r for r in found if r.get("totals")]
    return {
        "level": words.level([t.get("estimate") for r in found for t in r.get("totals") or []]),
        "therapies": len(found),
        "therapies_without_response": [r["therapy"]["name"] for r in found if not r.get("totals")],
        "rows": sum(len(r["totals"]) for r in with_rows),
    }


def _results(results: Data, order: Sequence[str]) -> list[Data]:
    """Results in print order; therapies that ``order`` does not name come last, by code."""
    place = {code: i for i, code in enumerate(order)}
    found = sorted(results["therapies"].items(), key=lambda item: (place.get(item[0], len(place)), item[0]))
    return [result for _, result in found]


def _rows(result: Data, names: Data | None) -> list[_Row]:
    names = names or result.get("protocol") or {}
    totals = result.get("totals") or []
    return [
        _Row(result["therapy"], t, wrap(words.group(names, t), _LABEL - 4, body(), most=2)) for t in totals
    ] or [_Row(result["therapy"], None, wrap(_silence(result), 100, body()))]


def _silence(result: Data) -> str:
    k = len(result.get("studies") or [])
    return f"no response reported ({words.studies(k)})" if k else "no data"


def _tall(row: _Row) -> float:
    return _ROW + line_height(body()) * (len(row.lines) - 1)


def _colour(therapy: Data) -> str:
    return str(therapy.get("colour") or setting("lines.color"))


def _grey() -> str:
    return str(setting("axes.labelcolor"))


def _head(sheet: Sheet, top: float, estimates: Sequence[Data | None]) -> None:
    level = words.level(estimates)
    titles = (["Treated"], ["Evaluated"], ["Responders"], ["Not", "reported"])
    columns = [
        *zip(_COLUMNS, titles, strict=True),
        (sum(_BAR) / 2, ["Of those", "treated"]),
        (sum(_DOT) / 2, ["Responders among", "those evaluated"]),
        (_TEXT, [f"% ({level} CI,", "exact)"]),
    ]
    for x, lines in columns:
        sheet.lines(
            x, top - 1.4 - line_height(small()) * len(lines), lines, small(), align="center", colour=_grey()
        )
    sheet.line([0, FULL_WIDTH], [top - 0.6] * 2)


def _block(sheet: Sheet, y: float, result: Data, rows: list[_Row]) -> float:
    therapy = result["therapy"]
    patients = result.get("patients") or {}
    middle = y + _THERAPY / 2 + 0.4
    sheet.box(0, middle - 1.3, 2.6, 2.6, _colour(therapy))
    k = len(result.get("studies") or []) or patients.get("studies") or 0
    title = f"{therapy['name']} ({words.studies(k)})" if k else therapy["name"]
    [name] = wrap(title, 96, body(), "semibold", 1)
    sheet.text(4, middle, name, weight="semibold")
    y += _THERAPY
    for row in rows:
        _draw_row(sheet, y + _tall(row) / 2, row, therapy)
        y += _tall(row)
    return y


def _draw_row(sheet: Sheet, y: float, row: _Row, therapy: Data) -> None:
    total = row.total
    sheet.lines(
        4, y - line_height(body()) * len(row.lines) / 2, row.lines, colour=_grey() if total is None else None
    )
    if total is None:
        return
    treated, missing = words.treated(total)
    counts = (treated, words.number(total.get("evaluated")), words.number(total.get("responders")), missing)
    for x, text in zip(_COLUMNS, counts, strict=True):
        sheet.text(x, y, text, align="center")
    _bar(sheet, y, total, _colour(therapy))
    estimate = total.get("estimate")
    if not estimate:
        sheet.text(_TEXT, y, "not reported", align="center", colour=_grey())
        return
    sheet.text(_TEXT, y, words.interval(estimate), align="center")
    low, high, x = (_DOT[0] + estimate[key] * (_DOT[1] - _DOT[0]) for key in ("lower", "upper", "value"))
    sheet.line([low, high], [y, y], _colour(therapy), setting("lines.linewidth"))
    worst = total.get("if_failures")
    if worst and total.get("unreported"):
        at = _DOT[0] + worst["value"] * (_DOT[1] - _DOT[0])
        sheet.polygon([(at - 0.9, y - 0.8), (at + 0.9, y - 0.8), (at, y + 0.9)], "#ffffff", _colour(therapy))
    sheet.disc(x, y, 0.85, _colour(therapy))


def _bar(sheet: Sheet, y: float, total: Data, colour: str) -> None:
    """Shares of those treated; without their number, of those evaluated, left open at the end."""
    evaluated, responders = total.get("evaluated") or 0, total.get("responders") or 0
    unknown = bool(total.get("treated_unknown")) or total.get("treated") is None
    known = max(total.get("treated") or 0, evaluated)
    if not known:
        return
    low, up = _BAR
    step = (up - low) / known
    tall, edge = 2.9, setting("axes.edgecolor")
    sheet.box(
        low, y - tall / 2, up - low, tall, "#ffffff", edge, _HATCH if known > evaluated else "", above=3
    )
    sheet.box(low, y - tall / 2, evaluated * step, tall, tint(colour, 0.25), edge, above=3)
    sheet.box(low, y - tall / 2, responders * step, tall, colour, edge, above=3)
    if unknown:
        sheet.polygon([(up + 0.5, y - 0.9), (up + 0.5, y + 0.9), (up + 1.7, y)], edge)


def _axes(sheet: Sheet, y: float) -> None:
    for low, up in (_BAR, _DOT):
        sheet.line([low, up], [y, y])
        for share, label in ((0.0, "0"), (0.5, "50"), (1.0, "100 %")):
            x = low + share * (up - low)
            sheet.line([x, x], [y, y + 1.0])
            sheet.text(x, y + 2.9, label, small(), align="center", colour=_grey())


def _legend(sheet: Sheet, y: float) -> None:
    """What bars, dots and triangles mean; in grey, because the colours are the therapies'."""
    grey, edge = setting("lines.color"), setting("axes.edgecolor")
    x, upper = 4.0, y - 4.2
    for fill, hatch, label, at in (
        (grey, "", "responders", 4.0),
        (tint(grey, 0.25), "", "evaluated, no response", 26.0),
        ("#ffffff", _HATCH, "not reported", 64.0),
    ):
        x = at
        sheet.box(x, upper - 1.3, 4.4, 2.6, fill, edge, hatch)
        sheet.text(x + 5.6, upper, label, small())
    sheet.polygon([(90, upper - 0.9), (90, upper + 0.9), (91.2, upper)], edge)
    sheet.text(93.2, upper, "more treated, number not reported", small())
    sheet.line([4, 8.4], [y, y], grey, setting("lines.linewidth"))
    sheet.disc(6.2, y, 0.85, grey)
    sheet.text(9.6, y, "crude total with exact interval (not a model)", small())
    sheet.polygon([(90.0, y - 0.8), (91.8, y - 0.8), (90.9, y + 0.9)], "#ffffff", grey)
    sheet.text(93.2, y, "if all not reported were failures", small())
