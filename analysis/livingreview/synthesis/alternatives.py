"""Second readings of units already counted: shown, never summed."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.synthesis.counting import TherapySlice, months, primary
from livingreview.synthesis.estimates import Estimate
from livingreview.synthesis.proportions import proportion


@dataclass(frozen=True, slots=True)
class Alternative:
    """A second reading of units already counted: shown, never summed."""

    study_id: str
    label: str
    arm_id: str
    outcome: str
    outcome_name: str
    unit: str
    construct: str | None
    category: str | None
    events: int | None
    total: int | None
    change: float | None
    timepoint_months: float | None
    estimate: Estimate | None


def alternatives(data: TherapySlice) -> tuple[Alternative, ...]:
    """Second readings of any outcome (rows with ``alternative_to``), with their exact interval where they are counts."""
    _, second = primary(data.outcomes)
    return tuple(
        Alternative(
            study_id=r["study_id"],
            label=data.label(r["study_id"]),
            arm_id=r["arm_id"],
            outcome=r["outcome"],
            outcome_name=str(data.outcome_kinds.get(r["outcome"], {}).get("name", r["outcome"])),
            unit=r["unit"],
            construct=r.get("construct"),
            category=r.get("category"),
            events=r.get("events"),
            total=r.get("total"),
            change=r.get("change"),
            timepoint_months=months(r),
            estimate=proportion(
                r["events"], r["total"], unit=r["unit"], level=data.level, used=(r["study_id"],)
            )
            if r.get("events") is not None and r.get("total")
            else None,
        )
        for r in second
    )
