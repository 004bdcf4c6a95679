"""Funnel of one therapy: proportion against number evaluated with exact binomial contours, one panel for each declared analysis of responders.

Drawn from ``analyses`` of the result of one therapy (``studies``, ``main``, ``small_study``; see ``livingreview.synthesis.analysis``). Nothing is
computed here but places on paper. Funnel plots: Sterne et al., BMJ 2011;343:d4002.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil, dist, log, log10
from typing import TYPE_CHECKING, Any

from livingreview.figures import analysed, words
from livingreview.figures.empty import no_data
from livingreview.figures.percent_axis import AXIS_HIGH, PercentAxis
from livingreview.figures.sheet import (
    FULL_WIDTH,
    TALLEST,
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

LEAST = 2
"""With one study there is nothing to compare."""

_PLOT = 44.0  # height of a plot where there is room; all of these in millimetres
_SIDE = 18.0  # room for numbers and title of the vertical axis
_GUTTER = 7.0
_INSET = 3.0  # between the vertical axis and 0 per cent, and after 100 per cent, for points on these
_SINGLE = 112.0  # width of the only panel
_LEAST_SCALE = 10  # the axis reaches so many units at least
_DOT, _NUMBERED = 0.9, 1.9  # radii of points


@dataclass(frozen=True)
class _Sizes:
    """The vertical axis: numbers of units on a log scale, one unit at ``bottom`` and the largest study near ``top``."""

    top: float
    bottom: float
    largest: float

    def y(self, n: float) -> float:
        """Place of a study of ``n`` units."""
        return self.bottom - (self.bottom - self.top) * (log(n) - log(0.75)) / (
            log(self.largest * 1.3) - log(0.75)
        )

    def ticks(self) -> list[int]:
        """Whole numbers 1, 2, 5, 10, … whose labels stand clear of each other."""
        found = [m * 10**e for e in range(ceil(log10(self.largest)) + 1) for m in (1, 2, 5)]
        found = [n for n in found if n <= self.largest * 1.25]
        if len(found) > 1 and self.y(found[0]) - self.y(found[1]) < 4.2:
            found = [n for n in found if str(n).startswith("1")]
        step = 1
        while len(found) > step and self.y(found[0]) - self.y(found[step]) < 4.2:
            step += 1
        return found[::step]


@dataclass
class _Point:
    """Studies printed at one place: ``n`` of them."""

    x: float
    y: float
    n: int


def draw(result: Data, names: Data | None = None) -> Figure:
    """The figure, 174 mm wide. ``names`` gives ``units`` of the protocol."""
    names = names or result.get("protocol") or {}
    found = analysed.responders(result, least=LEAST)
    if not found:
        return no_data(_silence(result))
    across = 1 if len(found) == 1 else 2 if len(found) <= 6 else 3
    wide = _SINGLE if across == 1 else (FULL_WIDTH - _GUTTER * (across - 1)) / across
    titles = [
        wrap(f"{a['name']} ({words.unit(names, a['unit'])})", wide, body(), "semibold", most=2) for a in found
    ]
    foot = [line for text in _texts(result, found) for line in wrap(text, FULL_WIDTH - 1, small())]
    title_high = max(len(t) for t in titles) * line_height(body()) + line_height(small()) + 2.4
    foot_high = line_height(small()) * len(foot) + 3.0
    down = ceil(len(found) / across)
    plot = min(_PLOT, max(24.0, (TALLEST - foot_high) / down - title_high - AXIS_HIGH - 3.0))
    panel_high = title_high + plot + AXIS_HIGH + 3.0
    sheet = Sheet(FULL_WIDTH, panel_high * down + foot_high)
    for number, (analysis, title) in enumerate(zip(found, titles, strict=True)):
        left = (FULL_WIDTH - wide) / 2 if across == 1 else (number % across) * (wide + _GUTTER)
        top = panel_high * (number // across)
        axis = PercentAxis(left + _SIDE, left + wide - _INSET)
        largest = max(_LEAST_SCALE, *(s["total"] for s in analysis["studies"]))
        sizes = _Sizes(top + title_high, top + title_high + plot, largest)
        y = sheet.lines(left, top + 0.6, title, weight="semibold")
        subtitle = wrap(_subtitle(analysis), wide, small(), most=1)
        sheet.lines(left, y, subtitle, small(), colour=setting("axes.labelcolor"))
        _axes(sheet, axis, sizes, left, words.unit(names, analysis["unit"]))
        _panel(sheet, axis, sizes, analysis, analysed.colour(result))
    sheet.lines(0, panel_high * down + 1.0, foot, small(), colour=setting("axes.labelcolor"))
    return sheet.figure


def alt_text(result: Data, names: Data | None = None) -> str:
    """What the figure shows, in words, from the same data."""
    names = names or result.get("protocol") or {}
    name = result["therapy"]["name"]
    found = analysed.responders(result, least=LEAST)
    if not found:
        return f"Funnel plot for {name}: no data. {_silence(result)}"
    parts = [f"Funnel plots for {name}: proportion of responders against number evaluated."]
    for a in found:
        sizes = Counter(s["total"] for s in a["studies"])
        low, high = min(sizes), max(sizes)
        span = f"{low}" if low == high else f"{low} to {high}"
        text = f"{a['name']}: {words.studies(a['k'])} of {span} {words.unit(names, a['unit'], high)}"
        if sizes[1] and high > 1:
            text += f", {sizes[1]} of a single one"
        outside = _outside(a)
        if a["small_study"]["contours"]:
            text += f"; {outside or 'none'} outside the exact {analysed.level(result)} contours"
        parts.append(f"{text}. {_tests(a)}")
    return " ".join(parts)


def caption_facts(result: Data) -> dict[str, Any]:
    """Facts for a caption: ``therapy``, confidence ``level`` of the contours, names of the ``analyses`` drawn, of those ``with_contours``, of those with
    a ``single`` study, which are not drawn, what the ``line`` is (None where nothing is drawn), and the ``texts`` on the tests."""
    found = analysed.responders(result, least=LEAST)
    return {
        "therapy": result["therapy"]["name"],
        "level": analysed.level(result),
        "analyses": [a["name"] for a in found],
        "with_contours": [a["name"] for a in found if a["small_study"]["contours"]],
        "line": _line(found) if found else None,
        "single": _single(result),
        "texts": list(dict.fromkeys(a["small_study"]["text"] for a in found)),
    }


def _single(result: Data) -> list[str]:
    return [a["name"] for a in analysed.responders(result, least=1) if a["k"] < LEAST]


def _silence(result: Data) -> str:
    return f"No declared outcome of {result['therapy']['name']} has two studies with a count of responders to compare."


def _texts(result: Data, found: list[Data]) -> list[str]:
    """Reading aid, what the tests are, and which outcomes are not drawn."""
    texts = [
        "Each disc is a study, the larger ones above; a number in a disc counts studies too close to tell apart. "
        f"The vertical line is the {_line(found)}. "
        "Small studies on one side only may mean that others were not published, or that small studies differ in other ways."
    ]
    if any(a["small_study"]["contours"] for a in found):
        texts.append(
            f"The band holds at least {analysed.level(result)} of studies of each size if the proportion at the line held in all of them."
        )
    said = {a["name"]: _tests(a) for a in found}
    once = len(set(said.values())) == 1
    texts += [next(iter(said.values()))] if once else [f"{name}: {text}" for name, text in said.items()]
    if single := _single(result):
        texts.append(f"Not drawn, with one study: {words.listed(single)}.")
    return [t for t in texts if t]


def _line(found: list[Data]) -> str:
    """What the vertical lines are: of a model, or of the summed counts where none was fitted."""
    fitted = {bool(a["main"]["fitted"]) for a in found if a["main"]["estimate"]}
    if fitted == {True}:
        return "pooled proportion"
    if fitted == {False}:
        return "proportion of the summed counts, as no model was fitted"
    return "pooled proportion, or that of the summed counts where no model was fitted"


def _tests(analysis: Data) -> str:
    """What the tests gave, where they are offered, and the sentence on what they cannot show."""
    given = "".join(f"{_test(t)}. " for t in analysis["small_study"]["tests"])
    return f"{given}{analysis['small_study']['text']}"


def _test(test: Data) -> str:
    name = test["name"]
    if test["p"] is not None:
        return f"{name}: p {'< 0.001' if test['p'] < 0.001 else '= ' + format(test['p'], '.2g')}"
    if test["value"] is None:
        return f"{name}: {analysed.why_not(test['reason'])}"
    if test["filled"] is None:
        return f"{name}: {test['value']:.2g}"
    side = f" on the {test['side']}" if test["side"] and test["filled"] else ""
    return f"{name}: {words.studies(test['filled'])} added{side}, then {words.whole(test['value'])} %"


def _subtitle(analysis: Data) -> str:
    estimate = analysis["main"]["estimate"]
    how = "pooled" if analysis["main"]["fitted"] else "summed"
    value = f"; {how} {words.interval(estimate)} %" if estimate else ""
    return f"{words.studies(analysis['k'])}{value}"


def _outside(analysis: Data) -> int:
    """Studies outside the contour of their size, of those whose size has one."""
    contours = {c["n"]: c for c in analysis["small_study"]["contours"]}
    found = 0
    for study in analysis["studies"]:
        contour, share = contours.get(study["total"]), study["estimate"]["value"]
        found += contour is not None and not contour["lower"] - 1e-9 <= share <= contour["upper"] + 1e-9
    return found


def _axes(sheet: Sheet, axis: PercentAxis, sizes: _Sizes, left: float, unit: str) -> None:
    grey = setting("axes.labelcolor")
    axis.grid(sheet, sizes.top, sizes.bottom)
    axis.axis(sheet, sizes.bottom)
    edge = axis.left - _INSET
    sheet.line([edge] * 2, [sizes.top, sizes.bottom])
    for n in sizes.ticks():
        sheet.line([edge - 1.0, edge], [sizes.y(n)] * 2)
        sheet.text(edge - 1.8, sizes.y(n), f"{n:,}", small(), align="right", colour=grey)
    [title] = wrap(f"{unit[:1].upper()}{unit[1:]} evaluated (log)", sizes.bottom - sizes.top, small(), most=1)
    sheet.text(left + 1.9, (sizes.top + sizes.bottom) / 2, title, small(), colour=grey, turned=True)


def _panel(sheet: Sheet, axis: PercentAxis, sizes: _Sizes, analysis: Data, colour: str) -> None:
    contours = sorted(analysis["small_study"]["contours"], key=lambda c: c["n"])
    contours = [c for c in contours if 1 <= c["n"] <= sizes.largest * 1.3]
    if contours:
        ends = [contours[0], *contours, contours[-1]]
        places = [sizes.y(c["n"]) for c in ends]
        places[0], places[-1] = min(sizes.bottom, places[0] + 1.2), max(sizes.top, places[-1] - 1.2)
        lower = [(axis.x(c["lower"]), y) for c, y in zip(ends, places, strict=True)]
        upper = [(axis.x(c["upper"]), y) for c, y in zip(ends, places, strict=True)]
        sheet.polygon([*lower, *reversed(upper)], tint(colour, 0.16), above=1)
        for side in (lower, upper):
            sheet.line([x for x, _ in side], [y for _, y in side], tint(colour, 0.7), 0.4)
    estimate = analysis["main"]["estimate"]
    if estimate:
        sheet.line([axis.x(estimate["value"])] * 2, [sizes.top, sizes.bottom], colour, 0.7, (0, (3.5, 2.0)))
    spots = [_Point(axis.x(s["estimate"]["value"]), sizes.y(s["total"]), 1) for s in analysis["studies"]]
    for spot in sorted(_merged(spots), key=lambda p: -p.n):
        if spot.n == 1:
            sheet.disc(spot.x, spot.y, _DOT, colour, "#ffffff")
            continue
        radius = max(_NUMBERED, width(str(spot.n), small()) / 2 + 0.5)
        sheet.disc(spot.x, spot.y, radius, colour, "#ffffff")
        sheet.text(spot.x, spot.y, str(spot.n), small(), align="center", colour=contrast(colour))


def _merged(spots: list[_Point]) -> list[_Point]:
    """Points that would hide each other become one with their number, at their mean place; nearest first."""
    spots = [_Point(x, y, n) for (x, y), n in Counter((p.x, p.y) for p in spots).items()]
    while len(spots) > 1:
        near = min(
            ((_overlap(a, b), i, j) for i, a in enumerate(spots) for j, b in enumerate(spots[:i])),
            key=lambda found: found,
        )
        if near[0] >= 0:
            break
        a, b = spots[near[1]], spots[near[2]]
        n = a.n + b.n
        joined = _Point((a.x * a.n + b.x * b.n) / n, (a.y * a.n + b.y * b.n) / n, n)
        spots = [p for p in spots if p is not a and p is not b] + [joined]
    return spots


def _overlap(a: _Point, b: _Point) -> float:
    """Negative where two points cannot be told apart or a number would be covered, in millimetres."""
    room = {0: _DOT, 1: _NUMBERED + 0.2, 2: 2 * _NUMBERED + 0.4}[(a.n > 1) + (b.n > 1)]
    return dist((a.x, a.y), (b.x, b.y)) - room
