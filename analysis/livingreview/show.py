"""Results as tables that a clinician can read, for notebooks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

MISSING = "not reported"


def table(
    rows: Iterable[Mapping[str, Any]],
    columns: Mapping[str, str],
    names: Mapping[str, Any] | None = None,
    blank: Collection[str] = (),
) -> DataFrame:
    """Rows as a table: ``columns`` maps a key (``a.b`` reaches into nested results) to the title of its column.

    The first column heads the rows. What is missing reads "not reported", and stays empty in the columns whose keys
    ``blank`` names; a table without rows says "no data". ``names`` gives words for codes (see :func:`words`).
    """
    import pandas as pd

    # Formulas and long texts stay as they are written, and long tables are shown whole.
    pd.set_option("display.html.use_mathjax", False)
    pd.set_option("display.max_colwidth", None)
    pd.set_option("display.max_rows", None)
    titles = list(columns.values())
    cells = [
        [
            "" if key in blank and _reach(row, key) is None else cell(_reach(row, key), names)
            for key in columns
        ]
        for row in rows
    ] or [["no data", *[""] * (len(titles) - 1)]]
    shown = pd.DataFrame(cells, columns=titles, dtype=object)
    if len(titles) > 1:
        return shown.set_index(titles[0])
    shown.index = pd.RangeIndex(1, len(cells) + 1)
    return shown


def cell(value: Any, names: Mapping[str, Any] | None = None) -> str:
    """One value in words: numbers without superfluous digits, lists with commas, an interval with its limits."""
    names = names or {}
    if value is None or value == "" or value == []:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, str):
        known = names.get(value, value)
        return str(known.get("plural", value) if isinstance(known, Mapping) else known)
    if isinstance(value, Mapping):
        return (
            _estimate(value)
            if "lower" in value
            else ", ".join(f"{cell(k, names)}: {cell(v, names)}" for k, v in value.items())
        )
    if isinstance(value, list | tuple):
        return ", ".join(cell(v, names) for v in value)
    return str(value)


def words(protocol: Mapping[str, Any], *fields: str) -> dict[str, Any]:
    """Words for codes, from several fields of the protocol at once (all that hold words when none is named)."""
    found: dict[str, Any] = {}
    for field in fields or sorted(protocol):
        part = protocol.get(field)
        if isinstance(part, Mapping):
            found |= {code: word for code, word in part.items() if isinstance(word, str) or _is_noun(word)}
        elif isinstance(part, list):
            found |= {
                p["code"]: p["name"] for p in part if isinstance(p, Mapping) and "code" in p and "name" in p
            }
    return found


def _is_noun(word: Any) -> bool:
    return isinstance(word, Mapping) and "plural" in word


def _reach(row: Mapping[str, Any], key: str) -> Any:
    value: Any = row
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _estimate(estimate: Mapping[str, Any]) -> str:
    from livingreview.synthesis.sentences import percent

    level = f"{100 * estimate['level']:g} %"
    value, low, high = (percent(estimate[k]) for k in ("value", "lower", "upper"))
    if estimate.get("sided") == 1:
        return (
            f"{value} (at most {high} by a one-sided {level} limit)"
            if estimate["events"] == 0
            else f"{value} (at least {low} by a one-sided {level} limit)"
        )
    return f"{value} ({low} to {high}, {level} interval)"
