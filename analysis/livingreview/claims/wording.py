"""How numbers are put into words: one way to write counts, percentages, intervals and ranges, wherever they print.

A per-cent sign follows a no-break space; ranges take an en dash; halves round away from zero, as people round them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

NBSP = "\u00a0"
NO_DATA = "no data"
NOT_REPORTED = "not reported"
# below this denominator a decimal of a percentage would be a precision that the count does not have
DECIMALS_FROM = 200


def integer(value: int | None) -> str:
    """``1,234``; ``no data`` for None."""
    return NO_DATA if value is None else f"{value:,}"


def number(value: float | int | None, digits: int = 2) -> str:
    """At most ``digits`` decimals, trailing zeros dropped, a true minus sign: ``4.9``, ``−67``, ``1,000``."""
    if value is None:
        return NO_DATA
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = f"{exact:,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "0") else text.replace("-", "\u2212")


def _percent_figure(share: float, total: int | None) -> str:
    """Per cent without the sign. Near the ends ``<1`` and ``>99``, so that 0 and 100 always mean none and all."""
    digits = 1 if total is not None and total >= DECIMALS_FROM else 0
    value = Decimal(repr(share * 100))
    step = Decimal(1).scaleb(-digits)
    rounded = value.quantize(step, rounding=ROUND_HALF_UP)
    if value > 0 and rounded == 0:
        return f"<{step}" if digits else "<1"
    if value < 100 and rounded == 100:
        return f">{100 - step}" if digits else ">99"
    return f"{rounded}"


def percent(share: float | None, total: int | None = None) -> str:
    """``81 %``, with one decimal from 200 units on; ``share`` is between 0 and 1."""
    return NO_DATA if share is None else f"{_percent_figure(share, total)}{NBSP}%"


def percent_range(lower: float | None, upper: float | None, total: int | None = None) -> str:
    """``58–95 %``, as :func:`percent`."""
    if lower is None or upper is None:
        return NO_DATA
    return f"{_percent_figure(lower, total)}\u2013{_percent_figure(upper, total)}{NBSP}%"


def span(lower: float | int | None, upper: float | int | None) -> str:
    """``2–24``, ``−6 to −1``; one number where both are the same or only one is known."""
    if lower is None and upper is None:
        return NO_DATA
    if lower is None or upper is None or lower == upper:
        return number(lower if lower is not None else upper)
    between = " to " if lower < 0 or upper < 0 else "\u2013"
    return f"{number(lower)}{between}{number(upper)}"


def level(share: float) -> str:
    """Confidence level as it prints: ``95 %``."""
    return f"{number(share * 100)}{NBSP}%"


def counted(n: int | None, singular: str, plural: str) -> str:
    """``1 patient``, ``21 areas``, ``no patients``."""
    if n is None:
        return f"an unknown number of {plural}"
    return f"{'no' if n == 0 else integer(n)} {singular if n == 1 else plural}"


def counted_number(value: float, singular: str, plural: str) -> str:
    """``2.8 months``, ``1 month``: a measured number with its unit."""
    return f"{number(value)} {singular if value == 1 else plural}"


def studies(n: int) -> str:
    """``1 study``, ``3 studies``, ``no studies``."""
    return counted(n, "study", "studies")


def listed(items: Sequence[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``; empty for nothing."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = text.strip()
    if not text:
        return ""
    at = first_letter(text)
    return (
        text[:at] + text[at].upper() + text[at + 1 :] + ("" if text.endswith((".", "!", "?", ":")) else ".")
    )


def first_letter(text: str) -> int:
    """Where the first character that prints stands: a number at the beginning may be marked as a claim
    (:mod:`livingreview.claims.marks`)."""
    return text.index("\ue001") + 1 if text.startswith("\ue000") else 0


def clause(text: str) -> str:
    """A sentence as a clause: without its full stop, but with that of an abbreviation at its end (``n.d.``)."""
    text = text.strip()
    return text if re.search(r"\b[^\W\d]\.[^\W\d]\.$", text) else text.rstrip(".")


def spaced(text: str) -> str:
    """The text of a result with the space before a per cent sign that never breaks."""
    return text.replace(" %", f"{NBSP}%")


def paragraph(*sentences: str) -> str:
    """The non-empty sentences, one after the other."""
    return " ".join(s for s in (s.strip() for s in sentences) if s)


def day(iso: str | None) -> str:
    """``22 November 2026`` for ``2026-11-22``; the text itself where it is no such date."""
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    parts = str(iso or "").split("-")
    if len(parts) != 3 or not all(p.isdigit() for p in parts) or not 1 <= int(parts[1]) <= 12:
        return str(iso or NO_DATA)
    return f"{int(parts[2])}{NBSP}{months[int(parts[1]) - 1]} {int(parts[0])}"


def estimate(events: int, total: int, lower: float, upper: float, confidence: float, of: str = "") -> str:
    """``17 of 21 treated areas (81 %, exact 95 % interval 58–95 %)``; ``of`` names the units."""
    units = f" {of}" if of else ""
    return (
        f"{integer(events)} of {integer(total)}{units} ({percent(events / total, total)}, "
        f"exact {level(confidence)} interval {percent_range(lower, upper, total)})"
    )


def unit_names(units: Mapping[str, Any], unit: str, n: int | None) -> str:
    """Name of a unit of analysis in the number that ``n`` asks for (plural for an unknown number)."""
    names = units.get(unit) or {}
    return str(names.get("singular", unit)) if n == 1 else str(names.get("plural", f"{unit}s"))
