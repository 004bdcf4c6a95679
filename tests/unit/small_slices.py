"""Small slices of an invented therapy, so that a test can say what is in them."""

from __future__ import annotations

from typing import Any

from livingreview.synthesis.counting import TherapySlice

Row = dict[str, Any]

PROTOCOL: Row = {
    "confidence_level": 0.95,
    "response": {"outcome": "cure", "latest_months": None},
    "constructs": {"skin": "Skin"},
    "units": {
        "patient": {"singular": "patient", "plural": "patients"},
        "lesion": {"singular": "spot", "plural": "spots"},
    },
    "designs": {"series": "Series"},
    "bases": {"results": "Results"},
    "outcomes": [
        {"code": "cure", "name": "Cure", "kind": "response"},
        {"code": "ache_nrs", "name": "Ache", "kind": "score", "scale": "0 to 10", "range": [0, 10]},
        {"code": "area", "name": "Area", "kind": "score", "scale": "square centimetres"},
        {"code": "harm", "name": "Harms", "kind": "harm"},
        {"code": "scar", "name": "Scars", "kind": "harm"},
    ],
    "analyses": {"icc": [0.2, 0.8], "scores": {"correlations": [0.3, 0.5, 0.7]}},
}


def small(
    arms: list[Row], outcomes: list[Row] | None = None, participants: list[Row] | None = None, **protocol: Any
) -> TherapySlice:
    """A slice of the therapy ``t``; rows need only what matters, the rest is filled in."""
    filled = [{"arm_id": "a", "therapy": "t", "n_patients": None, **a} for a in arms]
    studies = sorted({a["study_id"] for a in filled})
    rows = [
        {"arm_id": "a", "outcome_id": f"o{i}", "unit": "patient", "basis": "results", **o}
        for i, o in enumerate(outcomes or [])
    ]
    people = [{"arm_id": "a", "patient_id": f"p{i}", **p} for i, p in enumerate(participants or [])]
    return TherapySlice.from_json(
        {
            "therapy": {"code": "t", "name": "Tincture", "short_name": "T", "colour": "#000000"},
            "protocol": {**PROTOCOL, **protocol},
            "studies": [
                {"study_id": s, "label": s.capitalize(), "year": 2000 + i, "design": "series"}
                for i, s in enumerate(studies)
            ],
            "arms": filled,
            "outcomes": rows,
            "participants": people,
        }
    )
