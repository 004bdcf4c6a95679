"""Studies whose report was corrected or retracted: what the notice says, and the review as it would be with the retracted ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from livingreview import citations
from livingreview.screening import flow as flows
from livingreview.screening.identifiers import text
from livingreview.slices import Review
from livingreview.supplement import described

if TYPE_CHECKING:
    from livingreview.extraction.dataset import Dataset

Row = Mapping[str, Any]

ACTIVE, CORRECTED, RETRACTED = "active", "corrected", "retracted"
TABLE = "acknowledgements"


def notices(review: Review, slices_of: Callable[[Review], Mapping[str, Any]]) -> dict[str, Any]:
    """``{"studies", "acknowledgements", "restored"}``.

    ``studies``: every report with a status other than active, in print order, with date and notice and ``left_out`` (true for an
    included study that is retracted). ``acknowledgements``: who acknowledged which alert. ``restored``: those slices (``slices_of``
    gives all of a review by file name) that would be others if the retracted studies still counted; empty without such a study.
    """
    marked = [s for s in review.data.tables["studies"] if (text(s, "status") or ACTIVE) != ACTIVE]
    found: dict[str, Any] = {
        "studies": [_study(review, s) for s in sorted(marked, key=review.print_order)],
        "acknowledgements": review.seen(TABLE, review.data.tables.get(TABLE) or []),
        "restored": {},
    }
    if any(s["left_out"] for s in found["studies"]):
        now, then = slices_of(review), slices_of(_restored(review))
        found["restored"] = {name: then[name] for name in then if then[name] != now.get(name)}
    return found


def told(data: Dataset) -> list[str]:
    """A line for each study that is retracted and therefore left out, and one on where the build says what that moved."""
    names = citations.labels(data.tables["studies"], citations.described_titles(data.tables["records"]))
    found = [
        f"Retracted and left out of all syntheses: {names[s['study_id']]['label']} ({s['study_id']}), notice of {s['status_date']}."
        for s in data.tables["studies"]
        if flows.standing(s) == flows.RETRACTED
    ]
    return [*found, "What that moves stands at the end of a build."] if found else []


def _study(review: Review, study: Row) -> dict[str, Any]:
    return {
        **described(review, study),
        "status": study["status"],
        "date": study.get("status_date"),
        "notice": review.wording.free(study.get("status_notice")),
        "eligibility": text(study, "eligibility"),
        "left_out": flows.standing(study) == flows.RETRACTED,
        "therapies": review.therapies_of(study["study_id"]),
    }


def _restored(review: Review) -> Review:
    """The same review as if no included study had been retracted."""
    studies = [
        {**s, "status": ACTIVE} if flows.standing(s) == flows.RETRACTED else s
        for s in review.data.tables["studies"]
    ]
    return Review(replace(review.data, tables={**review.data.tables, "studies": studies}))
