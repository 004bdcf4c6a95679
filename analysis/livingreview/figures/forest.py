"""Forest of the studies of one therapy: reported responders with exact intervals, grouped by unit and construct.

Drawn from the result of one therapy (``responses``, ``totals``, ``studies``, ``therapy``; see ``livingreview.synthesis``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livingreview.figures import words
from livingreview.figures.sheet import (
    FULL_WIDTH,
    Sheet,
    body,
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

MOST_ROWS = 60
"""More studies than this do not fit on a page: the largest are drawn, the rest are counted in a line of their own."""

_LABEL = 54.0  # room for study labels; all of these in millimetres
_COUNT, _TREATED, _MISSING = 61.5, 73.5, 85.0  # centres of the columns of counts
_LEFT, _RIGHT = 95.0, 143.0  # 0 and 100 per cent
_TEXT = 159.5  # centre of the column of estimates
_TALLEST = 215.0
_TICKS = (0, 25, 50, 75, 100)


@dataclass
class _Row:
    """One line of the figure: what is printed in its columns and what is drawn."""

    kind: str
    lines: list[str]
    counts: tuple[str, str, str] = ("", "", "")
    estimate: Data | None = None
    text: str = ""
    hollow: bool = False
    high: float = field(default=0.0)


@dataclass(frozen=True)
class _Look:
    """What the marks of all rows share: colour of the therapy, largest denominator, distance of rows."""

    colour: str
    largest: int
    pitch: float


def draw(result: Data, names: Data | None = None) -> Figure:
    """The figure, 174 mm wide and as high as its rows need.

    ``names`` gives ``units`` and ``constructs`` of the protocol for the headings; without it those in the result, else the
    codes are printed.
    """
    names = names or result.get("protocol") or {}
    size = body()
    rows = _rows(result, names, size)
    if not rows:
        return _nothing(result)
    if _high(rows, size) > _TALLEST:
        size = small()
        rows = _rows(result, names, size)
    pitch = min(
        4.8, max(1.02 * line_height(size), (_TALLEST - _high(rows, size)) / len(rows) + line_height(size))
    )
    for row in rows:
        extra = 1.6 if row.kind == "group" else 0.6 if row.kind == "total" else 0.0
        row.high = pitch + line_height(size) * (len(row.lines) - 1) + extra
    top = 2.0 + line_height(small()) * 2 + 1.2
    bottom = top + sum(row.high for row in rows) + 0.8
    sheet = Sheet(FULL_WIDTH, bottom + 11.2)
    _head(sheet, top, result)
    _grid(sheet, top, bottom)
    largest = max((r.estimate["total"] for r in rows if r.estimate and r.kind == "study"), default=1)
    y = top
    for row in rows:
        _draw_row(sheet, row, y, size, _Look(_colour(result), largest, pitch))
        y += row.high
    _axis(sheet, bottom)
    notes = [f"{words.DASH}  not reported"]
    if any(r.kind == "total" for r in rows):
        notes.append("Totals: treated and not reported are of all studies of the therapy")
    if any(r.hollow for r in rows):
        notes.append("Open square: not counted in the crude total")
    sheet.lines(0, bottom + 1.6, notes, small(), colour=_grey())
    return sheet.figure


def _high(rows: list[_Row], size: float) -> float:
    """Height of the rows when they are set as tight as can be."""
    return sum(line_height(size) * len(row.lines) + (1.6 if row.kind == "group" else 0.6) for row in rows)


def alt_text(result: Data, names: Data | None = None) -> str:
    """What the figure shows, in words, from the same data."""
    names = names or result.get("protocol") or {}
    name = result["therapy"]["name"]
    responses = result.get("responses") or []
    if not _shown(responses):
        silent = _silent(result)
        rest = (
            f" {words.studies(len(silent))} included: {words.listed([s['label'] for s in silent])}."
            if silent
            else ""
        )
        return f"Forest plot for {name}: no data, no included study reports how many responded.{rest}"
    parts = [f"Forest plot of reported responders to {name} in {words.studies(_k(_shown(responses)))}."]
    for key, members in _groups(result):
        entry = {"unit": key[0], "construct": key[1]}
        known = _shown(members)
        each = [f"{r['label']} {r['estimate']['events']} of {r['estimate']['total']}" for r in known]
        total = _total(result, *key)
        sentence = f"{words.group(names, entry)}: "
        sentence += words.listed(each) if len(each) <= 8 else f"{words.studies(len(each))}"
        if total and total.get("estimate"):
            e = total["estimate"]
            sentence += f"; crude total {e['events']} of {e['total']}, {words.spoken(e)}"
        parts.append((sentence if known else f"{sentence}no counts reported") + ".")
    silent = _silent(result)
    if silent:
        parts.append(f"Response not reported: {words.listed([s['label'] for s in silent])}.")
    return " ".join(parts)


def caption_facts(result: Data) -> dict[str, Any]:
    """Facts for a caption: therapy, confidence level, number of studies shown and of studies without a reported response."""
    responses = result.get("responses") or []
    return {
        "therapy": result["therapy"]["name"],
        "level": words.level([r.get("estimate") for r in responses], result.get("level") or 0.95),
        "studies": _k(_shown(responses)),
        "studies_unreported": len(_silent(result)),
        "groups": len(_groups(result)),
    }


def _k(responses: list[Data]) -> int:
    return len({r["study_id"] for r in responses})


def _shown(responses: list[Data]) -> list[Data]:
    return [r for r in responses if r.get("estimate")]


def _silent(result: Data) -> list[Data]:
    """Studies in none of the responses: nothing is reported of how many responded."""
    heard = {r["study_id"] for r in result.get("responses") or []}
    return [s for s in result.get("studies") or [] if s["study_id"] not in heard]


def _groups(result: Data) -> list[tuple[tuple[str, str], list[Data]]]:
    """Responses by unit and construct, in the order of the totals."""
    found: dict[tuple[str, str], list[Data]] = {
        (t["unit"], t["construct"]): [] for t in result.get("totals") or []
    }
    for response in result.get("responses") or []:
        found.setdefault((response["unit"], response["construct"]), []).append(response)
    return [(key, members) for key, members in found.items() if members]


def _total(result: Data, unit: str, construct: str) -> Data | None:
    totals = result.get("totals") or []
    return next((t for t in totals if (t["unit"], t["construct"]) == (unit, construct)), None)


def _rows(result: Data, names: Data, size: float) -> list[_Row]:
    rows: list[_Row] = []
    groups = _groups(result)
    room = MOST_ROWS - len(groups)
    everyone = sum(len(members) for _, members in groups)
    for (unit, construct), members in groups:
        rows.append(
            _Row(
                "group",
                wrap(words.group(names, {"unit": unit, "construct": construct}), 90, size, "semibold", 2),
            )
        )
        kept = members
        if everyone > room:
            share = max(1, room * len(members) // everyone)
            largest = sorted(
                members, key=lambda r: (-(r["estimate"]["total"] if r.get("estimate") else -1), r["label"])
            )[:share]
            chosen = {id(r) for r in largest}
            kept = [r for r in members if id(r) in chosen]
        seen = Counter(r["label"] for r in kept)
        arm: Counter[str] = Counter()
        for response in kept:
            label = response["label"]
            arm[label] += 1
            rows.append(_study(response, f"{label}, arm {arm[label]}" if seen[label] > 1 else label, size))
        if len(kept) < len(members):
            rows.append(
                _Row("more", [f"and {words.count(len(members) - len(kept), 'smaller result')}, not drawn"])
            )
        rows += _total_rows(_total(result, unit, construct))
    silent = _silent(result)
    if silent:
        rows.append(_Row("group", ["Response not reported"]))
        for study in silent[:20]:
            n = study.get("n_patients")
            text = "not reported" if n is None else f"not reported (n = {n})"
            rows.append(
                _Row(
                    "study", wrap(study["label"], _LABEL, size, most=3), ("", words.number(n), ""), None, text
                )
            )
        if len(silent) > 20:
            rows.append(_Row("more", [f"and {words.studies(len(silent) - 20)} more"]))
    return rows


def _study(response: Data, label: str, size: float) -> _Row:
    estimate = response.get("estimate")
    treated, missing = response.get("treated"), response.get("unreported")
    row = _Row("study", wrap(label, _LABEL, size, most=3), estimate=estimate)
    row.hollow = bool(estimate) and response.get("used") is False
    if estimate:
        row.counts = (
            f"{estimate['events']}/{estimate['total']}",
            words.number(treated),
            words.number(missing),
        )
        row.text = words.interval(estimate)
        return row
    n = treated if treated is not None else response.get("total")
    row.counts = (words.DASH, words.number(treated), words.number(missing))
    row.text = "not reported" if n is None else f"not reported (n = {n})"
    if response.get("at_least"):
        row.text = f"at least {response['at_least']} of {words.number(response.get('total'))}"
    return row


def _total_rows(total: Data | None) -> list[_Row]:
    estimate = total.get("estimate") if total else None
    if not total or not estimate:
        return []
    counts = (f"{estimate['events']}/{estimate['total']}", *words.treated(total))
    rows = [_Row("total", ["Crude total (not a model)"], counts, estimate, words.interval(estimate))]
    worst = total.get("if_failures")
    if worst and total.get("unreported"):
        counts = (f"{worst['events']}/{worst['total']}", "", "")
        rows.append(
            _Row("worst", ["if all not reported were failures"], counts, worst, words.interval(worst))
        )
    return rows


def _x(share: float) -> float:
    return _LEFT + share * (_RIGHT - _LEFT)


def _colour(result: Data) -> str:
    return str(result["therapy"].get("colour") or setting("lines.color"))


def _grey() -> str:
    return str(setting("axes.labelcolor"))


def _head(sheet: Sheet, top: float, result: Data) -> None:
    level = words.level(
        [r.get("estimate") for r in result.get("responses") or []], result.get("level") or 0.95
    )
    columns: list[tuple[float, list[str]]] = [
        (_COUNT, ["Responders/", "evaluated"]),
        (_TREATED, ["Treated"]),
        (_MISSING, ["Not", "reported"]),
        ((_LEFT + _RIGHT) / 2, ["Reported responders"]),
        (_TEXT, [f"% ({level} CI, exact)"]),
    ]
    for x, lines in columns:
        sheet.lines(
            x, top - 1.2 - line_height(small()) * len(lines), lines, small(), align="center", colour=_grey()
        )
    sheet.lines(0, top - 1.2 - line_height(small()), ["Study"], small(), colour=_grey())
    sheet.line([0, FULL_WIDTH], [top - 0.6] * 2)


def _grid(sheet: Sheet, top: float, bottom: float) -> None:
    for tick in _TICKS:
        sheet.line([_x(tick / 100)] * 2, [top, bottom], setting("grid.color"), setting("grid.linewidth"))


def _axis(sheet: Sheet, y: float) -> None:
    sheet.line([_LEFT, _RIGHT], [y, y])
    for tick in _TICKS:
        sheet.line([_x(tick / 100)] * 2, [y, y + 1.0])
        sheet.text(_x(tick / 100), y + 2.9, str(tick), small(), align="center", colour=_grey())
    sheet.text((_LEFT + _RIGHT) / 2, y + 6.2, "% of those evaluated", small(), align="center", colour=_grey())


def _draw_row(sheet: Sheet, row: _Row, y: float, size: float, look: _Look) -> None:
    middle = y + row.high / 2 + (0.5 if row.kind == "group" else 0.0)
    how: dict[str, Any] = {
        "size": size,
        "weight": "semibold" if row.kind in ("group", "total") else "normal",
        "colour": _grey() if row.kind in ("more", "worst") else None,
    }
    indent = {"group": 0.0, "worst": 4.0}.get(row.kind, 2.0)
    sheet.lines(indent, middle - line_height(size) * len(row.lines) / 2, row.lines, **how)
    for x, text in zip((_COUNT, _TREATED, _MISSING), row.counts, strict=True):
        sheet.text(x, middle, text, align="center", **how)
    if row.estimate:
        sheet.text(_TEXT, middle, row.text, align="center", **how)
        {"total": _diamond, "worst": _triangle}.get(row.kind, _square)(sheet, row, row.estimate, middle, look)
    elif row.text:
        wide = width(row.text, size) + 2
        sheet.box(
            (_LEFT + _RIGHT - wide) / 2,
            middle - line_height(size) / 2,
            wide,
            line_height(size),
            "#ffffff",
            above=3,
        )
        sheet.text((_LEFT + _RIGHT) / 2, middle, row.text, size, align="center", colour=_grey())


def _square(sheet: Sheet, row: _Row, e: Data, y: float, look: _Look) -> None:
    sheet.line([_x(e["lower"]), _x(e["upper"])], [y, y], look.colour, setting("lines.linewidth"))
    side = min(look.pitch - 0.5, max(1.2, 3.2 * (e["total"] / look.largest) ** 0.5))
    sheet.box(
        _x(e["value"]) - side / 2,
        y - side / 2,
        side,
        side,
        "#ffffff" if row.hollow else look.colour,
        look.colour,
        above=3,
    )


def _diamond(sheet: Sheet, row: _Row, e: Data, y: float, look: _Look) -> None:
    x, low, high, tall = _x(e["value"]), _x(e["lower"]), _x(e["upper"]), min(1.5, look.pitch / 2 - 0.3)
    sheet.polygon([(low, y), (x, y - tall), (high, y), (x, y + tall)], "#ffffff", look.colour)


def _triangle(sheet: Sheet, row: _Row, e: Data, y: float, look: _Look) -> None:
    x = _x(e["value"])
    sheet.line(
        [_x(e["lower"]), _x(e["upper"])], [y, y], look.colour, setting("lines.linewidth"), (0, (2, 1.5))
    )
    sheet.polygon([(x - 1.1, y - 0.9), (x + 1.1, y - 0.9), (x, y + 1.1)], "#ffffff", look.colour)


def _nothing(result: Data) -> Figure:
    sheet = Sheet(FULL_WIDTH, 24)
    sheet.box(0.3, 0.3, FULL_WIDTH - 0.6, 23.4, setting("axes.facecolor"), setting("axes.edgecolor"))
    sheet.text(FULL_WIDTH / 2, 9, "No data", heading(), "semibold", align="center")
    [line] = wrap(f"No included study of {result['therapy']['name']}.", 160, body(), most=1)
    sheet.text(FULL_WIDTH / 2, 15, line, align="center", colour=_grey())
    return sheet.figure
