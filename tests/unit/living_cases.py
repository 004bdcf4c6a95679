"""Flows of invented versions, and the ledger's entries of them."""

from __future__ import annotations

from typing import Any

LABELS = {
    "identified": "Records identified",
    "included_studies": "Studies included in the review",
    "included_reports": "Reports of included studies",
}


def flow(
    identified: int, duplicates: int, excluded: int, awaiting: int, sought: int, other: int, rejected: int, unclear: int,
    ongoing: int, linked: int, included: int, retracted: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """A flow that adds up; its reasons are two of each kind."""
    assert identified - duplicates == excluded + awaiting + sought
    assert sought + other == rejected + unclear + ongoing + linked + included + retracted
    half = identified // 2
    return {
        "boxes": {
            "identified": {"total": identified, "by_stream": {"a": identified - half, "b": half}},
            "duplicates_removed": duplicates,
            "screened": identified - duplicates,
            "excluded_screening": _reasons(excluded),
            "awaiting_assessment": awaiting,
            "awaiting_assessment_reasons": [{"reason": "Unclear", "n": awaiting}],
            "sought": sought,
            "other_sources": other,
            "assessed": sought + other,
            "excluded_assessed": _reasons(rejected),
            "awaiting_classification": unclear,
            "ongoing": ongoing,
            "linked_reports": linked,
            "retracted": retracted,
            "included_studies": included,
            "included_reports": included + linked,
        },
        "labels": LABELS,
        "streams": {"a": "One stream", "b": "Another stream"},
        "order": {"streams": ["a", "b"]},
    }


def _reasons(n: int) -> dict[str, Any]:
    first = n // 3
    parts = [{"reason": "First reason", "n": n - first}, {"reason": "Second reason", "n": first}]
    return {"total": n, "reasons": [p for p in parts if p["n"]]}


def studies(first: int, last: int) -> list[str]:
    """Ids of studies."""
    return [f"s{i:03}" for i in range(first, last)]


PUBLISHED = {
    "version": "2015", "kind": "published", "date": "2015-06-30", "look": None, "flow": None, "n_studies": 9, "n_patients": 40,
    "patients": "40", "search_date": None, "included": [], "conclusions": None, "brief": {"title": "An earlier review", "searched": ["A database"]},
}  # fmt: skip
FLOWS = {
    "2026.02": flow(100, 10, 60, 5, 25, 0, 10, 3, 2, 1, 9),
    "2026.08": flow(140, 15, 80, 4, 41, 1, 16, 2, 1, 2, 20, 1),
    "2027.02": flow(150, 15, 88, 4, 43, 1, 17, 2, 1, 2, 21, 1),
}
INCLUDED = {"2026.02": studies(0, 9), "2026.08": studies(1, 21), "2027.02": studies(1, 22)}


def released(version: str, look: int, searched: str, **more: Any) -> dict[str, Any]:
    """The ledger's entry of an own release."""
    return {
        "version": version, "kind": "released", "date": f"{version.replace('.', '-')}-28", "look": look, "flow": FLOWS[version],
        "n_studies": len(INCLUDED[version]), "n_patients": 70, "patients": "at least 70", "search_date": searched,
        "included": INCLUDED[version], "conclusions": [{"id": "one", "state": "cannot_be_judged"}], "brief": {}, **more,
    }  # fmt: skip


ENTRIES = [PUBLISHED, released("2026.02", 1, "2026-02-20"), released("2026.08", 2, "2026-08-20")]
PRESENT = {
    "version": "2027.02",
    "date": "2027-02-28",
    "search_date": "2027-02-20",
    "included": INCLUDED["2027.02"],
}
