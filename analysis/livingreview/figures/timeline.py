"""Timeline of the included studies: year of publication against therapy, area of a point by patients.

Drawn from the characteristics slice (``therapies`` in print order, ``studies``: [{study_id, label, year, therapies, n_patients by therapy}]). A
study without a year stands in a column of its own, "n.d."; a study of several therapies stands in each lane. Few studies
carry their labels; many are points; very many are counted by year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livingreview.figures import words
from livingreview.figures.sheet import (
    FULL_WIDTH,
    Align,
    Sheet,
    body,
    contrast,
    line_height,
    setting,
    small,
    tint,
    width,
    wrap,
)
from livingreview.figures.words import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LANE_LABEL = 29.0  # all in millimetres
_LEFT, _RIGHT = 32.0, FULL_WIDTH
_UNDATED_WIDE = 49.0  # the column for studies without a year, where there are any
_TALLEST = 200.0
_STEPS = (1, 2, 5, 10, 20, 50, 100)
_LABEL_ROOM = _UNDATED_WIDE - 9.5
PATIENT = "patient"


@dataclass
class _Point:
    """A study in a lane (or, counted, all studies of a year): where it stands and what it shows."""

    year: int | None
    patients: int | None
    label: str
    studies: int = 1
    x: float = 0.0
    radius: float = 0.0
    row: int = 0
    flip: bool = False


def draw(data: Data, previous: Data | None = None) -> Figure:
    """The figure, 174 mm wide. ``previous`` (``{"label", "year"}``) marks the publication of the version before; without it, the
    slice's own ``previous_version`` is used."""
    previous = _previous(data, previous)
    for form in ("labels", "points", "counts"):
        lanes = _lanes(data, form)
        years = _years(data, previous)
        right = _RIGHT - (_UNDATED_WIDE if any(p.year is None for points in lanes for p in points) else 0)
        pitch = _place(lanes, form, years, right)
        highs = [max(2, 1 + max((p.row for p in points), default=0)) * pitch + 2.4 for points in lanes]
        if sum(highs) <= _TALLEST:
            break
    rows = [1 + max((p.row for p in points), default=0) for points in lanes]
    top = 6.5 if previous else 0.5
    bottom = top + sum(highs)
    sheet = Sheet(FULL_WIDTH, bottom + 15.5)
    grounds = (setting("axes.facecolor"), setting("figure.facecolor"))
    y = top
    for i, (therapy, high) in enumerate(zip(data["therapies"], highs, strict=True)):
        sheet.box(0, y, FULL_WIDTH, high, grounds[i % 2])
        _name_lane(sheet, y + high / 2, therapy)
        y += high
    _axis(sheet, top, bottom, years, right)
    if previous:
        _mark_previous(sheet, top, bottom, previous, years, right)
    y = top
    for i, (therapy, points, high) in enumerate(zip(data["therapies"], lanes, highs, strict=True)):
        for point in points:
            _draw_point(
                sheet,
                y + high / 2 + (point.row + 0.5 - rows[i] / 2) * pitch,
                point,
                therapy,
                form,
                grounds[i % 2],
            )
        y += high
    _legend(sheet, bottom + 11.0, lanes, form, words.unit(data, PATIENT))
    return sheet.figure


def alt_text(data: Data, previous: Data | None = None) -> str:
    """Studies by therapy with their years, in words."""
    previous = _previous(data, previous)
    facts = caption_facts(data, previous)
    span = (
        f", published {facts['first_year']} to {facts['last_year']}"
        if facts["first_year"] is not None
        else ""
    )
    undated = f"; {facts['undated']} without a year" if facts["undated"] else ""
    parts = [f"Timeline of {words.studies(facts['studies'])} by therapy{span}{undated}."]
    for therapy in data["therapies"]:
        own = [s for s in data["studies"] if therapy["code"] in s["therapies"]]
        years = sorted(s["year"] for s in own if s["year"] is not None)
        when = f", {years[0]} to {years[-1]}" if len(set(years)) > 1 else f", {years[0]}" if years else ""
        sizes = [(s.get("n_patients") or {}).get(therapy["code"]) for s in own]
        known = [n for n in sizes if n is not None]
        more = f"{sum(known)} {words.unit(data, PATIENT, sum(known))}" if known else ""
        if known and len(known) < len(own):
            more = f"at least {more}"
        parts.append(
            f"{therapy['name']}: {words.studies(len(own))}{when}{', ' + more if more else ''}."
            if own
            else f"{therapy['name']}: no study."
        )
    if previous:
        parts.append(f"A dashed line marks the {_named(previous)}, published {int(previous['year'])}.")
    return " ".join(parts)


def caption_facts(data: Data, previous: Data | None = None) -> dict[str, Any]:
    """Facts for a caption: studies, first and last year, studies without a year and without a number of patients."""
    years = [s["year"] for s in data["studies"] if s["year"] is not None]
    previous = _previous(data, previous)
    last = previous["year"] if previous else None
    return {
        "studies": len(data["studies"]),
        "first_year": min(years, default=None),
        "last_year": max(years, default=None),
        "undated": sum(s["year"] is None for s in data["studies"]),
        "size_unknown": sum(
            all(n is None for n in (s.get("n_patients") or {}).values()) for s in data["studies"]
        ),
        "since_previous": None if last is None else sum(year > last for year in years),
    }


def _previous(data: Data, given: Data | None) -> Data | None:
    """The version before, if its year is known: as given, else as the slice has it."""
    found = given or data.get("previous_version")
    return found if found and found.get("year") is not None else None


def _named(previous: Data) -> str:
    return f"previous version ({previous['label']})"


def _lanes(data: Data, form: str) -> list[list[_Point]]:
    lanes = []
    for therapy in data["therapies"]:
        points = [
            _Point(
                s["year"],
                (s.get("n_patients") or {}).get(therapy["code"]),
                _label(s) if form == "labels" else "",
            )
            for s in data["studies"]
            if therapy["code"] in s["therapies"]
        ]
        if form == "counts":
            points = [
                _Point(year, None, "", sum(p.year == year for p in points))
                for year in sorted({p.year for p in points}, key=lambda y: (y is None, y or 0))
            ]
        lanes.append(sorted(points, key=lambda p: (p.year is None, p.year or 0, p.label)))
    return lanes


def _label(study: Data) -> str:
    return wrap(study.get("label_short") or study["label"], _LABEL_ROOM, small(), most=1)[0]


def _years(data: Data, previous: Data | None) -> tuple[int, int] | None:
    """First and last year on the axis, None where no study has a year."""
    years = [s["year"] for s in data["studies"] if s["year"] is not None]
    if previous and years:
        years.append(int(previous["year"]))
    if not years:
        return None
    spare = max(0, 4 - (max(years) - min(years)))
    return min(years) - 1 - spare // 2, max(years) + 1 + (spare + 1) // 2


def _x(year: float, years: tuple[int, int], right: float) -> float:
    return _LEFT + (year - years[0]) / (years[1] - years[0]) * (right - _LEFT)


def _place(lanes: list[list[_Point]], form: str, years: tuple[int, int] | None, right: float) -> float:
    """Give every point its place and return the distance of rows within lanes."""
    pitch = {"labels": 4.4, "points": 2.6, "counts": 4.2}[form]
    biggest = max(
        (p.studies if form == "counts" else p.patients or 0 for points in lanes for p in points), default=1
    )
    for points in lanes:
        ends: dict[tuple[bool, int], float] = {}
        for p in points:
            value = p.studies if form == "counts" else p.patients
            p.radius = 0.75 if not value else max(0.75, (pitch / 2 - 0.15) * (value / max(biggest, 1)) ** 0.5)
            if form == "counts":
                p.radius = max(p.radius, 1.75)
            undated = p.year is None or years is None
            p.x = right + 6.0 if p.year is None or years is None else _x(p.year, years, right)
            label = width(p.label, small()) + 1.2 if form == "labels" else 0.0
            p.flip = form == "labels" and not undated and p.x + p.radius + label > right - 0.5
            low = p.x - p.radius - (label if p.flip else 0)
            high = p.x + p.radius + (0 if p.flip else label)
            if undated and form == "points":  # side by side, as many as the column takes
                _pack_undated(p, ends, right)
                continue
            while ends.get((undated, p.row), -1e9) > low - 0.8:
                p.row += 1
            ends[undated, p.row] = high
    return pitch


def _pack_undated(p: _Point, ends: dict[tuple[bool, int], float], right: float) -> None:
    at = max(right + 4.0, ends.get((True, p.row), 0.0) + p.radius + 0.8)
    while at + p.radius > _RIGHT - 1:
        p.row += 1
        at = max(right + 4.0, ends.get((True, p.row), 0.0) + p.radius + 0.8)
    p.x = at
    ends[True, p.row] = at + p.radius


def _name_lane(sheet: Sheet, y: float, therapy: Data) -> None:
    lines = wrap(therapy.get("short_name") or therapy["name"], _LANE_LABEL - 3, body(), "semibold", 2)
    sheet.box(0, y - 1.3, 1.6, 2.6, str(therapy.get("colour") or setting("lines.color")))
    sheet.lines(3, y - line_height(body()) * len(lines) / 2, lines, weight="semibold")


def _axis(sheet: Sheet, top: float, bottom: float, years: tuple[int, int] | None, right: float) -> None:
    grey = setting("axes.labelcolor")
    if right < _RIGHT:
        sheet.line([right + 1.5] * 2, [top, bottom], setting("axes.edgecolor"), dash=(0, (1, 2)))
        sheet.text(
            (right + _RIGHT) / 2, bottom + 2.9, "n.d. (no year shown)", small(), align="center", colour=grey
        )
    if years is None:
        return
    sheet.line([_LEFT, right], [bottom, bottom])
    room = (right - _LEFT) / (years[1] - years[0])
    step = next((s for s in _STEPS if s * room >= 11.0), _STEPS[-1])
    for year in range(years[0], years[1] + 1):
        x = _x(year, years, right)
        if year % step == 0 and _LEFT + 3 < x < right - 3:
            sheet.line([x, x], [top, bottom], setting("grid.color"), setting("grid.linewidth"))
            sheet.line([x, x], [bottom, bottom + 1.0])
            sheet.text(x, bottom + 2.9, str(year), small(), align="center", colour=grey)
    sheet.text((_LEFT + right) / 2, bottom + 6.4, "Year of publication", small(), align="center", colour=grey)


def _mark_previous(
    sheet: Sheet, top: float, bottom: float, previous: Data, years: tuple[int, int] | None, right: float
) -> None:
    if years is None:
        return
    x = _x(float(previous["year"]), years, right)
    sheet.line([x, x], [top - 2.0, bottom], setting("lines.color"), setting("lines.linewidth"), (0, (3, 2)))
    [label] = wrap(_named(previous), right - _LEFT, small(), most=1)
    half = width(label, small()) / 2
    sheet.text(min(max(x, _LEFT + half), FULL_WIDTH - 0.5 - half), top - 3.8, label, small(), align="center")


def _draw_point(sheet: Sheet, y: float, p: _Point, therapy: Data, form: str, ground: str) -> None:
    align: Align
    colour = str(therapy.get("colour") or setting("lines.color"))
    edge = setting("text.color")
    if form == "counts":
        sheet.disc(p.x, y, p.radius, colour, edge)
        sheet.text(p.x, y, str(p.studies), small(), align="center", colour=contrast(colour))
        return
    if p.patients is None:
        sheet.disc(p.x, y, p.radius, "#ffffff", colour)
    else:
        sheet.disc(p.x, y, p.radius, tint(colour, 0.85), edge)
    if form == "labels":
        x, align = (p.x - p.radius - 0.8, "right") if p.flip else (p.x + p.radius + 0.8, "left")
        sheet.behind(x, y, p.label, small(), ground, align)
        sheet.text(x, y, p.label, small(), align=align)


def _legend(sheet: Sheet, y: float, lanes: list[list[_Point]], form: str, people: str) -> None:
    points = [p for lane in lanes for p in lane]
    grey = setting("lines.color")
    if form == "counts":
        sheet.text(_LEFT, y, "Numbers are studies published in that year; area by number of studies", small())
        return
    x = _LEFT
    known = sorted({p.patients for p in points if p.patients})
    shown = sorted({known[0], known[len(known) // 2], known[-1]}) if known else []
    if shown:
        head = people[:1].upper() + people[1:]
        sheet.text(x, y, head, small())
        x += width(head, small()) + 4
    for n in shown:
        radius = next(p.radius for p in points if p.patients == n)
        sheet.disc(x + radius, y, radius, tint(grey, 0.85), setting("text.color"))
        sheet.text(x + 2 * radius + 1, y, str(n), small())
        x += 2 * radius + 6 + width(str(n), small())
    if any(p.patients is None for p in points):
        sheet.disc(x + 0.75, y, 0.75, "#ffffff", grey)
        sheet.text(x + 2.6, y, f"number of {people} not reported", small())
