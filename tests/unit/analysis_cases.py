"""Small slices with declared analyses, built from a few counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from livingreview.synthesis.counting import TherapySlice

Rows = list[dict[str, Any]]

PROTOCOL: dict[str, Any] = {
    "confidence_level": 0.95,
    "response": {"outcome": "response", "latest_months": None},
    "constructs": {"deposit": "Deposit", "symptom": "Symptom", "unspecified": "Not specified"},
    "units": {
        "patient": {"singular": "patient", "plural": "patients"},
        "lesion": {"singular": "lesion", "plural": "lesions"},
    },
    "designs": {"report": "Case report", "series": "Series", "trial": "Trial"},
    "bases": {"results": "Results", "title": "Title only"},
    "aetiologies": {"own": "By itself", "drug": "By a drug"},
    "source_kinds": {"paper": "Paper", "second_hand": "Secondary source"},
    "outcomes": [{"code": "response", "name": "Response", "kind": "response", "scale": None}],
}

OUTCOME: dict[str, Any] = {
    "code": "main_response",
    "name": "Response of the deposit",
    "role": "primary",
    "counts": "responders",
    "judged_on": "deposit",
    "unit": "patient",
    "bases": [],
    "latest_months": None,
}


def selection(code: str, **given: Any) -> dict[str, Any]:
    """A sensitivity analysis with the defaults of the protocol filled in."""
    empty: dict[str, Any] = {
        "keep": {},
        "drop": {},
        "least_total": None,
        "appraisal": {},
        "unreported": None,
    }
    return {"code": code, "name": code.replace("_", " ").capitalize(), **empty, **given}


FAILURES = selection("failures", unreported="failures")


def declared(outcome: Mapping[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    """The section ``analyses`` for one outcome."""
    return {
        "threshold": 0.5,
        "icc": [0.2, 0.8],
        "primary_model": "binomial_normal",
        "comparison_models": [],
        "outcomes": [{**OUTCOME, **(outcome or {})}],
        "sensitivity": [FAILURES],
        "subgroups": [],
        "moderators": [],
        "scores": {"correlations": [0.5]},
        **given,
    }


def study(
    name: str,
    responders: int | None,
    total: int,
    *,
    complete: int | None = None,
    treated: int | None = -1,
    construct: str = "deposit",
    unit: str = "patient",
    basis: str | None = "results",
    months: float | None = None,
    arm: Mapping[str, Any] | None = None,
    **of_study: Any,
) -> dict[str, Rows]:
    """Rows of a study with one arm: ``responders`` of ``total`` (all partial unless ``complete`` says how many are not); no outcome
    row where responders are None. ``treated`` is the size of the arm (-1: the total)."""
    size = total if treated == -1 else treated
    rows: Rows = []
    if responders is not None:
        counts = {
            "complete": complete or 0,
            "partial": responders - (complete or 0),
            "none": total - responders,
        }
        rows = [
            outcome_row(name, f"o{i}", category, events, total, construct, unit, basis, months)
            for i, (category, events) in enumerate(counts.items())
        ]
    size_of = {"patient": "n_patients", "lesion": "n_lesions"}[unit]
    return {
        "studies": [
            {
                "study_id": name,
                "label": name.capitalize(),
                "year": 2000,
                "design": "series",
                "source_kind": "paper",
                **of_study,
            }
        ],
        "arms": [
            {
                "study_id": name,
                "arm_id": "a",
                "therapy": "t",
                "shares_patients_with": None,
                size_of: size,
                **(arm or {}),
            }
        ],
        "outcomes": rows,
        "participants": [],
    }


def outcome_row(
    name: str,
    code: str,
    category: str,
    events: int | None,
    total: int | None,
    construct: str = "deposit",
    unit: str = "patient",
    basis: str | None = "results",
    months: float | None = None,
    arm: str = "a",
) -> dict[str, Any]:
    """One row of outcomes.csv."""
    return {
        "study_id": name,
        "outcome_id": code,
        "arm_id": arm,
        "outcome": "response",
        "construct": construct,
        "unit": unit,
        "category": category,
        "events": events,
        "total": total,
        "basis": basis,
        "timepoint_months": months,
        "alternative_to": None,
    }


def people(name: str, responses: Sequence[str | None], **columns: Sequence[Any]) -> Rows:
    """Individually described patients of arm a: their responses and values of columns, in order."""
    return [
        {
            "study_id": name,
            "arm_id": "a",
            "patient_id": f"p{i}",
            "therapy": "t",
            "response": response,
            **{column: values[i] for column, values in columns.items()},
        }
        for i, response in enumerate(responses)
    ]


def slice_json(
    *studies: Mapping[str, Rows], analyses: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """The slice of therapy ``t`` with these studies; ``more`` goes beside its tables (appraisals)."""
    protocol = deepcopy(PROTOCOL)
    protocol["analyses"] = deepcopy(dict(analyses or declared()))
    tables = ("studies", "arms", "outcomes", "participants")
    return {
        "therapy": {"code": "t", "name": "Therapy", "short_name": "T", "colour": "#000000"},
        "protocol": protocol,
        **{table: [row for given in studies for row in given[table]] for table in tables},
        **more,
    }


def a_slice(
    *studies: Mapping[str, Rows], analyses: Mapping[str, Any] | None = None, **more: Any
) -> TherapySlice:
    """As :func:`slice_json`, read."""
    return TherapySlice.from_json(slice_json(*studies, analyses=analyses, **more))
