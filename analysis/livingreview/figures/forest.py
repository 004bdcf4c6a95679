"""Forest of one therapy: studies with exact intervals by unit and construct, pooled results, and the multiverse under them.

Drawn from the result of one therapy (``responses``, ``totals``, ``studies``, ``analyses``, ``therapy``; see
``livingreview.synthesis``). Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from livingreview.figures import analysed, forest_rows, words
from livingreview.figures.empty import no_data
from livingreview.figures.forest_marks import Look, draw_row, head, notes
from livingreview.figures.forest_pooled import pooled_rows
from livingreview.figures.forest_rows import COLUMNS, WITH_WEIGHTS, Columns, Room, Row
from livingreview.figures.percent_axis import AXIS_HIGH
from livingreview.figures.sheet import FULL_WIDTH, TALLEST, Sheet, body, line_height, setting, small, wrap
from livingreview.figures.words import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 60
"""More studies than this are never drawn: the largest are, the rest are counted in a line of their own."""


def draw(result: Data, names: Data | None = None) -> Figure:
    """The figure, 174 mm wide and as high as its rows need, at most :data:`TALLEST` unless labels are absurdly long.

    ``names`` gives ``units`` and ``constructs`` of the protocol for the headings; without it those in the result, else the
    codes are printed. What does not fit is left out in this order: larger type, the multiverse of outcomes that
    are not primary, the smallest studies, the primary multiverse; the figure says so where it leaves out studies.
    """
    names = names or result.get("protocol") or {}
    rows: list[Row] = []
    foot: list[str] = []
    top = 2.0 + line_height(small()) * 2 + 1.2
    spare = 0.0
    if not (result.get("studies") or result.get("responses")):
        return no_data(f"No included study of {result['therapy']['name']}.")
    for room in _rooms():
        rows = _rows(result, names, room)
        columns = WITH_WEIGHTS if any(r.weight for r in rows) else COLUMNS
        foot = wrap(
            ". ".join(notes(rows, words.unit(names, "patient", 1))) + ".", columns.axis.left - 6, small()
        )
        spare = TALLEST - top - sum(r.least for r in rows) - _foot_high(foot)
        if spare >= 0:
            break
    for row in rows:
        row.high = row.least + min(max(0.0, spare) / len(rows), max(0.0, row.pitch - line_height(row.size)))
    bottom = top + sum(row.high for row in rows) + 0.8
    sheet = Sheet(FULL_WIDTH, bottom - 0.8 + _foot_high(foot))
    head(sheet, top, result, columns)
    columns.axis.grid(sheet, top, bottom)
    studies = [r for r in rows if r.kind == "study"]
    look = Look(
        analysed.colour(result),
        max((r.estimate["total"] for r in studies if r.estimate), default=1),
        min((r.high - r.gap for r in studies), default=4.8),
        columns,
    )
    _thresholds(sheet, rows, top, columns)
    y = top
    for row in rows:
        draw_row(sheet, row, y, look)
        y += row.high
    columns.axis.axis(sheet, bottom)
    sheet.lines(0, bottom + 1.6, foot, small(), colour=setting("axes.labelcolor"))
    return sheet.figure


def _foot_high(foot: list[str]) -> float:
    return 0.8 + max(AXIS_HIGH + 0.4, 1.6 + line_height(small()) * len(foot)) + 0.6


def _rooms() -> Iterator[Room]:
    """Ever less to show, until it fits."""
    yield Room(body(), MOST_ROWS, 3, "all")
    yield Room(small(), MOST_ROWS, 3, "all")
    for studies in range(MOST_ROWS, 11, -4):
        yield Room(small(), studies, 2, "primary")
    for studies in range(40, 2, -6):
        yield Room(small(), studies, 1, "none")


def _rows(result: Data, names: Data, room: Room) -> list[Row]:
    rows: list[Row] = []
    found = forest_rows.groups(result)
    everyone = sum(len(members) for _, members in found)
    most = room.studies - len(found)
    for run, ((unit, construct), members) in enumerate(found, start=1):
        title = words.group(names, {"unit": unit, "construct": construct})
        analysis = analysed.of_group(result, unit, construct)
        if analysis:
            title = f"{title} ({analysis['role']} outcome)" if analysis["role"] == "primary" else title
        rows.append(Row("group", wrap(title, 90, room.size, "semibold", 2), size=room.size, gap=1.6))
        share = len(members) if everyone <= most else max(1, most * len(members) // everyone)
        rows += forest_rows.study_rows(members, analysis, share, room)
        total = forest_rows.total_of(result, unit, construct)
        if analysis:
            rows += forest_rows.left_out_rows(members, analysis, room)
            rows += pooled_rows(analysis, total, room, run)
        else:
            rows += forest_rows.crude_rows(total, room)
    return rows + forest_rows.silent_rows(result, room)


def _thresholds(sheet: Sheet, rows: list[Row], top: float, columns: Columns) -> None:
    """The dashed line through all rows of one analysis."""
    spans: dict[int, tuple[float, float, float]] = {}
    y = top
    for row in rows:
        if row.run:
            start = spans[row.run][1] if row.run in spans else y + row.gap
            spans[row.run] = (row.threshold, start, y + row.high)
        y += row.high
    for threshold, start, end in spans.values():
        columns.axis.threshold(sheet, threshold, start, end)


def alt_text(result: Data, names: Data | None = None) -> str:
    """What the figure shows, in words, from the same data."""
    names = names or result.get("protocol") or {}
    name = result["therapy"]["name"]
    responses = result.get("responses") or []
    silent = forest_rows.silent(result)
    if not forest_rows.shown(responses):
        rest = (
            words.ended(
                f" {words.studies(len(silent))} included: {words.listed([s['label'] for s in silent])}"
            )
            if silent
            else ""
        )
        primary = [a for a in analysed.analyses(result) if a["role"] == "primary"] if silent else []
        verdicts = "".join(f" {a['name']}: {a['verdict']['text']}" for a in primary)
        return (
            f"Forest plot for {name}: no data, no included study reports how many responded.{rest}{verdicts}"
        )
    k = _k(forest_rows.shown(responses))
    parts = [f"Forest plot of reported responders to {name} in {words.studies(k)}."]
    parts += [_group_text(result, names, key, members) for key, members in forest_rows.groups(result)]
    if silent:
        parts.append(words.ended(f"Response not reported: {words.listed([s['label'] for s in silent])}"))
    return " ".join(parts)


def _group_text(result: Data, names: Data, key: tuple[str, str], members: list[Data]) -> str:
    known = forest_rows.shown(members)
    each = [f"{r['label']} {r['estimate']['events']} of {r['estimate']['total']}" for r in known]
    text = f"{words.group(names, {'unit': key[0], 'construct': key[1]})}: "
    text += words.listed(each) if len(each) <= 8 else words.studies(len(each))
    total = forest_rows.total_of(result, *key)
    analysis = analysed.of_group(result, *key)
    text = text if known else f"{text}no counts reported"
    if analysis:
        text = words.ended(f"{text}; {analysed.said(analysis)}" if known else text)
        return f"{text} {analysis['verdict']['text']}" if analysed.shows_multiverse(analysis) else text
    if total and total.get("estimate"):
        e = total["estimate"]
        text += f"; crude total {e['events']} of {e['total']}, {words.spoken(e)}"
    return f"{text}."


def caption_facts(result: Data) -> dict[str, Any]:
    """Facts for a caption: ``therapy``, confidence ``level``, numbers of ``studies`` drawn, of ``studies_unreported`` and of ``groups``,
    ``pooled`` (names of the analyses with a pooled line), ``multiverse`` (of those with the other analyses under it),
    ``threshold`` in words, whether there are ``clusters`` of units in patients, ``models``, a ``prediction`` interval, ``weights``, and ``crude`` totals."""
    groups = forest_rows.groups(result)
    found = [(key, analysed.of_group(result, *key)) for key, _ in groups]
    drawn = [a for _, a in found if a]
    mains = [a["main"] for a in drawn]
    return {
        "therapy": result["therapy"]["name"],
        "level": analysed.level(result),
        "studies": _k(forest_rows.shown(result.get("responses") or [])),
        "studies_unreported": len(forest_rows.silent(result)),
        "groups": len(groups),
        "pooled": [a["name"] for a in drawn],
        "multiverse": [a["name"] for a in drawn if analysed.shows_multiverse(a)],
        "threshold": analysed.threshold([a["threshold"] for a in drawn]),
        "clusters": any(a["clusters"] for a in drawn),
        "models": any(m["fitted"] for m in mains),
        "prediction": any(m["prediction"] for m in mains),
        "weights": any(s["weight"] is not None for a in drawn for s in a["studies"]),
        "crude": any((forest_rows.total_of(result, *key) or {}).get("estimate") for key, a in found if not a),
    }


def _k(responses: list[Data]) -> int:
    return len({r["study_id"] for r in responses})
