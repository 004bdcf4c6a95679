"""Words of the results' own sentences: counts with their nouns, lists, percentages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NO_STUDY = "No study gives a count."


def noun(n: int, unit: str, units: Mapping[str, Any]) -> str:
    """Name of a unit of analysis in the number that ``n`` asks for, from the protocol's ``units``."""
    names = units.get(unit) or {}
    return str(names.get("singular", unit) if n == 1 else names.get("plural", f"{unit}s"))


def counted(n: int, unit: str, units: Mapping[str, Any]) -> str:
    """``1 patient``, ``21 lesions``."""
    return f"{n} {noun(n, unit, units)}"


def studies(n: int) -> str:
    """``1 study``, ``3 studies``."""
    return f"{n} stud{'y' if n == 1 else 'ies'}"


def within(text: str) -> str:
    """A label as it stands inside a sentence: its first letter small, unless the word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def whole(clause: str) -> str:
    """A clause as a sentence of its own."""
    return f"{capital(clause)}{'' if clause.endswith('.') else '.'}"


def listed(items: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def percent(share: float) -> str:
    """Whole per cent, halves away from zero as people round them; ``<1 %`` and ``>99 %`` near the ends."""
    value = share * 100
    if 0 < value < 0.5:
        return "<1 %"
    if 99.5 <= value < 100:
        return ">99 %"
    return f"{int(value + 0.5)} %"
