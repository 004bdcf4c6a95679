"""The slice of the extract gate that the flow diagrams of versions are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livingreview.living.update import history
from livingreview.slices import Review


def update(review: Review, releases: Mapping[str, Any]) -> dict[str, Any]:
    """This version's flow in the updated-review form, that of each earlier release, and the columns of all across (see ``update.history``).

    ``releases`` is the slice of earlier versions.
    """
    protocol = review.protocol
    rows = review.studies("included")
    present = {
        "version": protocol["version"],
        "date": protocol["date"],
        "search_date": protocol["search"]["date"],
        "included": sorted(r["study_id"] for r in rows),
    }
    notes = {n["version"]: n.get("searched") for n in protocol["living"]["versions"]}
    entries = [
        {**e, "search_date": e.get("search_date") or notes.get(e["version"])} for e in releases["releases"]
    ]
    return history(review.flow, present, entries, {s["study_id"]: s for s in review.rows("studies")})
