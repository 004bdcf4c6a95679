"""Keys of raw rows, by which claims say what they rest on: ``table:study_id[:own key]``, without file or line.

A row keeps its key when lines move, so that documents that cite keys do not change; only ``livingreview trace`` looks up where a row
stands now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]

OWN = {
    "arms": "arm_id",
    "outcomes": "outcome_id",
    "participants": "patient_id",
    "appraisals": "item_number",
}
"""Columns that tell the rows of one study apart, by table."""
CODED = {
    "studies": ("study_id",),
    "records": ("record_id",),
    "appraisal_tools": ("tool", "item_number"),
    "certainty": ("therapy", "outcome", "domain"),
    "acknowledgements": ("version", "conclusion", "name"),
    "queries": ("stream",),
}
"""Columns of the key in tables whose rows do not belong to a study (or are one). A query has no key of its own: its stream stands
for all its queries."""


def row_key(table: str, row: Row) -> str:
    """Key of a row of a table: ``outcomes:smith2020:o1``, ``records:ST001``, ``queries:web``."""
    columns = CODED.get(table) or ("study_id", OWN.get(table, ""))
    return ":".join([table, *(str(row[c]) for c in columns if c and row.get(c) is not None)])


def index(tables: Mapping[str, list[Row]]) -> dict[str, Any]:
    """What selecting the rows of a claim needs, by table and sorted by key: key, study, therapy, outcome, construct, unit, …

    Raises KeyError for a table that is missing.
    """
    therapy = {(a["study_id"], a["arm_id"]): a.get("therapy") for a in tables["arms"]}

    def entries(table: str, **columns: Any) -> list[dict[str, Any]]:
        found = [
            {"key": row_key(table, r), "study": r.get("study_id")}
            | {name: column(r) for name, column in columns.items()}
            for r in tables[table]
        ]
        return sorted(found, key=lambda e: (e["key"], str(e)))

    def of_arm(row: Row) -> Any:
        return therapy.get((row["study_id"], row.get("arm_id")))

    return {
        "studies": entries("studies", eligibility=lambda r: r.get("eligibility")),
        "arms": entries("arms", therapy=lambda r: r.get("therapy")),
        "outcomes": entries(
            "outcomes",
            therapy=of_arm,
            outcome=lambda r: r.get("outcome"),
            construct=lambda r: r.get("construct"),
            unit=lambda r: r.get("unit"),
            alternative=lambda r: r.get("alternative_to") is not None,
        ),
        "participants": entries("participants", therapy=of_arm),
        "appraisals": entries("appraisals"),
        "certainty": entries("certainty", therapy=lambda r: r.get("therapy")),
        "records": [f"records@{s}" for s in sorted({r["stream"] for r in tables["records"]})],
        "queries": [f"queries:{s}" for s in sorted({r["stream"] for r in tables["queries"]})],
    }
