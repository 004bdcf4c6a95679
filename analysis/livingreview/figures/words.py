"""Words and numbers as the figures print them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

DASH = "–"
"""Stands in a column where a number is not reported."""

Data = Mapping[str, Any]


def whole(share: float) -> str:
    """A proportion in whole per cent without the sign, halves away from zero; ``<1`` and ``>99`` near the ends."""
    value = share * 100
    if 0 < value < 0.5:
        return "<1"
    if 99.5 <= value < 100:
        return ">99"
    return str(int(value + 0.5))


def interval(estimate: Data) -> str:
    """``57 (34 to 78)``: value and limits of a proportion in whole per cent."""
    return f"{whole(estimate['value'])} ({whole(estimate['lower'])} to {whole(estimate['upper'])})"


def spoken(estimate: Data) -> str:
    """``81 per cent (58 to 95)``: the same for running text."""
    return f"{whole(estimate['value'])} per cent ({whole(estimate['lower'])} to {whole(estimate['upper'])})"


def level(estimates: Sequence[Data | None], default: float = 0.95) -> str:
    """The confidence level of the first estimate there is: ``95%``."""
    return f"{next((e['level'] for e in estimates if e and e.get('level')), default) * 100:g}%"


def number(value: object) -> str:
    """A count, or a dash where it is not reported."""
    return DASH if value is None else str(value)


def n(number: int) -> str:
    """``(n = 1,234)`` that never breaks over lines."""
    return f"(n = {number:,})".replace(" ", "\u00a0")


def treated(total: Data) -> tuple[str, str]:
    """Units treated and not reported of a total; ``≥`` where arms of unknown size make them a minimum."""
    unknown, count, missing = (
        bool(total.get("treated_unknown")),
        total.get("treated"),
        total.get("unreported"),
    )
    sign = "≥" if unknown else ""
    shown = DASH if count is None or (unknown and count == 0) else f"{sign}{count}"
    return shown, DASH if missing is None or (unknown and missing == 0) else f"{sign}{missing}"


def unit(names: Data, code: str, n: int = 2) -> str:
    """Name of a unit of analysis for ``n`` of them."""
    known = (names.get("units") or {}).get(code) or {}
    return str(known.get("singular", code) if n == 1 else known.get("plural", f"{code}s"))


def construct(names: Data, code: str | None) -> str:
    """Name of what a response was judged on."""
    return str((names.get("constructs") or {}).get(code, (code or "").replace("_", " ")))


def group(names: Data, entry: Data) -> str:
    """Heading of responses that belong together: ``Patients, judged on: deposit``."""
    unit_name = unit(names, entry["unit"])
    judged = construct(names, entry.get("construct"))
    text = f"{unit_name}, judged on: {judged[:1].lower()}{judged[1:]}" if judged else unit_name
    return text[:1].upper() + text[1:]


def count(n: int, one: str, many: str = "") -> str:
    """``1 study``, ``3 studies``."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def studies(n: int) -> str:
    """``1 study``, ``3 studies``."""
    return count(n, "study", "studies")


def listed(items: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def ended(text: str) -> str:
    """With a full stop, unless there is one."""
    return text if text.endswith(".") else f"{text}."
