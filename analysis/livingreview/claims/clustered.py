"""Units that lie in patients: what stands beside their intervals wherever these print, in running text and in tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.marks import UNMARKED, Marks
from livingreview.claims.words import PATIENT, Words
from livingreview.synthesis.fitting import ICC, NAIVE, cautious_limits
from livingreview.synthesis.sentences import capital

Row = Mapping[str, Any]

MARK = "†"
"""Stands after an interval in a table that takes units of one patient as independent."""


def mark(estimate: Row) -> str:
    """:data:`MARK` for an estimate of units that lie in patients and whose interval ignores that, else nothing."""
    return "" if estimate["unit"] in ("", PATIENT) else MARK


def note(words: Words) -> str:
    """What :data:`MARK` means, as a sentence of a caption."""
    units = w.listed([words.units(u, 2) for u in words.codes("units") if u != PATIENT], "or")
    return f"{MARK} {capital(units)} of one {words.units(PATIENT, 1)} are taken as independent, so that the interval may be too narrow."


def explained(caption: str, rows: Any, words: Words) -> str:
    """The caption with the meaning of :data:`MARK` where a cell has it."""
    return w.paragraph(caption, note(words)) if any(MARK in cell for row in rows for cell in row) else caption


def if_independent(unit: str, words: Words) -> str:
    """`` if lesions are taken as independent``; empty for patients."""
    return "" if unit in ("", PATIENT) else f" if {words.units(unit, 2)} are taken as independent"


def estimate(e: Row, words: Words, of: str | None = None, m: Marks = UNMARKED) -> str:
    """``17 of 21 lesions (81 %, exact 95 % interval 58–95 % if lesions are taken as independent)``; ``of`` names the units otherwise."""
    units = words.units(e["unit"], e["total"]) if of is None else of
    text = m.estimate(e["events"], e["total"], e["lower"], e["upper"], e["level"], units)
    return f"{text.removesuffix(')')}{if_independent(e['unit'], words)})"


def wider(a: Row, words: Words, m: Marks = UNMARKED) -> str:
    """The interval of an analysis that allows for units in patients: ``37–99 % at a correlation of 0.8``; empty where there is none."""
    if not a["clusters"] or not a["main"]["estimate"]:
        return ""
    lower, upper, kind = cautious_limits(a)
    if kind == NAIVE:
        return ""
    m = _wider(m, words)
    bounds = m.range(lower, upper, a["n"])
    if kind == ICC:
        largest = max(a["clusters"]["at_icc"], key=lambda at: at["upper"] - at["lower"])
        return f"{bounds} at a correlation of {m.number('icc', largest['icc'], 'correlation assumed')}"
    return f"{bounds} allowing for several in one {words.units(PATIENT, 1)}"


def _wider(m: Marks, words: Words) -> Marks:
    return m.at("wider", f"allowing for several in one {words.units(PATIENT, 1)}")


def cautious(a: Row, words: Words, m: Marks = UNMARKED) -> str:
    """The one interval where only one is printed: ``16–100 %``; of units within patients the wider one, ``37–99 % if clustered``, and where
    there is none, ``58–95 % if lesions are taken as independent``."""
    lower, upper, kind = cautious_limits(a)
    if kind == NAIVE:
        return f"{m.range(lower, upper, a['n'])}{if_independent(a['unit'], words)}"
    return f"{_wider(m, words).range(lower, upper, a['n'])} if clustered"


def analysed(a: Row, words: Words, m: Marks = UNMARKED) -> str:
    """Crude count of an analysis with both intervals: ``17 of 21 lesions (81 %; 58–95 % if lesions are taken as independent, 37–99 % at a
    correlation of 0.8)``."""
    e = a["main"]["estimate"]
    text = estimate(e, words, m=m).removesuffix(")")
    beside = wider(a, words, m)
    return f"{text}, {beside})" if beside else f"{text})"
