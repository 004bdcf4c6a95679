"""What the HTML shows of a claim when it is clicked: a compact record by key, written beside the documents' sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from livingreview.claims.model import Claim, Claims

Row = Mapping[str, Any]

MOST_ROWS = 12
"""More rows than this are told by number and table; ``livingreview trace`` lists them all."""


MOST_SOURCES = 4
"""The sources of more studies than this are left to ``livingreview trace``, for the size of the page."""


def records(
    claims: Claims, names: Mapping[str, str], sources: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """``{key: {d: definition, t: text, f: format, u: unit, s: studies by label, r: rows, o: sources, m: made by}}`` of every claim;
    ``names`` are the print names of studies by id, ``sources`` what was read of each and where. Without lines of files, so that it stays
    the same when rows move."""
    return {claim.key: _record(claim, names, sources or {}) for claim in claims}


def _record(claim: Claim, names: Mapping[str, str], sources: Mapping[str, str]) -> dict[str, Any]:
    made = dict(claim.made_by or {})
    cell = made.get("cell", "")
    by = (
        f"notebook {made['notebook']}, cell {cell}"
        if "notebook" in made
        else f"step {made.get('step', 'claims')}, {cell}"
    )
    found = {
        "d": claim.definition,
        "t": claim.text if not claim.parts else "",
        "f": claim.format,
        "u": "" if claim.unit == "text" or claim.format.startswith(claim.unit) else claim.unit,
        "s": "; ".join(sorted(names.get(s, s) for s in set(claim.studies))),
        "r": rows_told(claim.rows),
        "o": _sources(claim, sources),
        "m": by,
    }
    return {key: value for key, value in found.items() if value}


def _sources(claim: Claim, sources: Mapping[str, str]) -> str:
    studies = sorted(set(claim.studies) & set(sources))
    return "; ".join(sources[s] for s in studies) if len(studies) <= MOST_SOURCES else ""


def rows_told(rows: tuple[str, ...]) -> str:
    """The rows by key; many by table and number: ``outcomes (12 rows), arms (8 rows)``."""
    if len(rows) <= MOST_ROWS:
        return ", ".join(rows)
    counts = by_table(rows)
    return ", ".join(f"{table} ({n} row{'' if n == 1 else 's'})" for table, n in counts.items())


def by_table(rows: tuple[str, ...]) -> dict[str, int]:
    """How many rows of each table; whole tables stand apart: ``records, whole``."""
    return dict(sorted(Counter(_table(key) for key in rows).items()))


def _table(key: str) -> str:
    table = key.partition(":")[0]
    if "@" in table or table == "queries":
        return f"{table.partition('@')[0]}, whole"
    return table
