"""Results as tables that a clinician can read, for notebooks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from livingreview.protocol_codes import FIELD_OF_COLUMN

if TYPE_CHECKING:
    from pandas import DataFrame

Names = Mapping[str, Mapping[str, Any]]
"""Words by field of the protocol and code."""

MISSING = "not reported"
NOT_ESTIMATED = "not estimated"
LEAST = 0.001
"""Computed numbers nearer to nought are only told as such."""
OF_RESULTS: Names = {
    "role": {"primary": "Primary", "secondary": "Secondary", "additional": "Additional"},
    "state": {"above": "above it", "below": "below it", "undecided": "undecided"},
}
"""Words for the codes of results, by column; they are no codes of a protocol."""


def table(
    rows: Iterable[Mapping[str, Any]],
    columns: Mapping[str, str],
    names: Names | None = None,
    blank: Collection[str] = (),
    computed: Collection[str] = (),
    shares: Collection[str] = (),
    codes: Mapping[str, str] | None = None,
) -> DataFrame:
    """Rows as a table: ``columns`` maps a key (``a.b`` reaches into nested results) to the title of its column.

    The first column heads the rows. What is missing reads "not reported", in the ``computed`` columns "not estimated", and
    stays empty in ``blank`` ones; a table without rows says "no data". Numbers of ``computed`` columns are rounded, ``shares``
    are computed and read in per cent, all others stand as they were reported. ``names`` (see :func:`words`) gives words
    for the codes of the columns that hold some; ``codes`` says which field of the protocol such a column is of, for columns
    whose key does not tell. Free text is never taken for a code.
    """
    import pandas as pd

    # Formulas and long texts stay as they are written, and long tables are shown whole.
    pd.set_option("display.html.use_mathjax", False)
    pd.set_option("display.max_colwidth", None)
    pd.set_option("display.max_rows", None)
    titles = list(columns.values())
    known = {key: _of_column(key, names or {}, codes or {}) for key in columns}

    def shown(row: Mapping[str, Any], key: str) -> str:
        value = _reach(row, key)
        if value is None and key in blank:
            return ""
        if key in computed or key in shares:
            return _result(value, known[key], key in shares)
        return cell(value, known[key])

    cells = [[shown(row, key) for key in columns] for row in rows] or [["no data", *[""] * (len(titles) - 1)]]
    frame = pd.DataFrame(cells, columns=titles, dtype=object)
    if len(titles) > 1:
        return frame.set_index(titles[0])
    frame.index = pd.RangeIndex(1, len(cells) + 1)
    return frame


def cell(value: Any, names: Mapping[str, Any] | None = None) -> str:
    """One value in words: numbers as they were reported, lists with commas, an interval with its limits. ``names`` are words by code."""
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


def words(protocol: Mapping[str, Any], *fields: str) -> dict[str, dict[str, Any]]:
    """Words for codes by field of the protocol (all that hold words when none is named): one code may mean two things in two fields."""
    found: dict[str, dict[str, Any]] = {}
    for field in fields or sorted(protocol):
        part = protocol.get(field)
        known: dict[str, Any] = {}
        if isinstance(part, Mapping):
            known = {code: word for code, word in part.items() if isinstance(word, str) or _is_noun(word)}
        elif isinstance(part, list):
            known = {
                p["code"]: p["name"] for p in part if isinstance(p, Mapping) and "code" in p and "name" in p
            }
        if known:
            found[field] = known
    return found


def _of_column(key: str, names: Names, codes: Mapping[str, str]) -> Mapping[str, Any]:
    """Words of the codes that a column holds; none for a column of free text."""
    column = key.rsplit(".", 1)[-1]
    if column in OF_RESULTS:
        return OF_RESULTS[column]
    return names.get(codes.get(key) or FIELD_OF_COLUMN.get(column, column), {})


def _result(value: Any, names: Mapping[str, Any], share: bool) -> str:
    """A computed value: missing means that it could not be estimated, and its digits are ours to round."""
    from livingreview.synthesis.sentences import percent

    if value is None:
        return NOT_ESTIMATED
    if share:
        return percent(value)
    if not isinstance(value, float):
        return cell(value, names)
    if 0 < abs(value) < LEAST:
        return f"<{LEAST:g}" if value > 0 else f">\N{MINUS SIGN}{LEAST:g}"
    return (f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}").replace("-", "\N{MINUS SIGN}")


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
