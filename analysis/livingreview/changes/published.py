"""An earlier review of which only printed figures are known, side by side with the present version.

Nothing of it is recomputed. Which studies the two share is unknown, so nothing counts as added or removed, numbers of patients are never
added, and the number of studies of both together is a range.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from livingreview.changes.rebuild import Claims
from livingreview.changes.state import State
from livingreview.changes.tables import Copy
from livingreview.living.totals import TotalRange, of_studies
from livingreview.publish.escape import markdown
from livingreview.published import figures
from livingreview.releases.ledger import NOT_RECOMPUTED

SIZES = {"n_studies": "included.studies.n", "n_patients": "included.patients.n"}
"""Sizes of a review: figure of the published version, and our claim. They describe a search; neither verdict nor sum is made of them."""
NOT_COMPARED = "not compared"


def side_by_side(before: State, after: State) -> dict[str, Any]:
    """``{"note", "total", "figures"}``.

    ``total`` is ``{previous, present, least, most, later, shared}`` in studies, None where a number is missing. ``figures`` are
    ``{path, name, published, ours, verdict, studies}``, texts in markdown, one for each published figure that prints.
    """
    return {
        "note": NOT_RECOMPUTED,
        "total": _total(before, after),
        "figures": [
            _figure(path, value, after.claims, before.claims) for path, value in figures(before.published)
        ],
    }


def _total(before: State, after: State) -> dict[str, int] | None:
    previous = before.published.get("n_studies")
    if not isinstance(previous, int) or after.folder is None:
        return None
    studies = Copy(after.folder).studies
    rows = [studies[s] for s in after.included if s in studies]
    found: TotalRange = of_studies(previous, before.date, len(after.included), rows)
    return {
        "previous": previous,
        "present": len(after.included),
        "least": found.least,
        "most": found.most,
        "later": found.later,
        "shared": found.shared,
    }


def _figure(path: str, value: Any, ours: Claims, published: Claims) -> dict[str, Any]:
    """One figure: its words come from the claims on the earlier version, where the present review makes them."""
    stem = f"previous.{path}." if isinstance(value, Mapping) else f"previous.{path}_"
    quoted = ours.get(f"{stem}text") or ours.get(f"previous.{path}") or published.get(path) or {}
    beside = ours.get(SIZES.get(path, "")) or ours.get(f"{stem}ours") or {}
    verdict = ours.get(f"{stem}verdict") or {}
    return {
        "path": path,
        "name": _name(path, ours),
        "published": quoted.get("text") or markdown(str(value)),
        "ours": beside.get("text") or NOT_COMPARED,
        "verdict": verdict.get("text") or "Not compared.",
        "same_data": (ours.get(f"{stem}overlap") or {}).get("value"),
        "studies": list(beside.get("studies") or []),
    }


def _name(path: str, ours: Claims) -> str:
    """Words for the path of a figure: a therapy by its name, no words for what prints with the number, a formula (``co2``) in capitals."""
    found = []
    for part in path.split("."):
        therapy = ours.get(f"{part}.name")
        plain = part.removeprefix("n_").removesuffix("_percent").replace("_", " ")
        plain = re.sub(r"\b[a-z]+\d+\b", lambda formula: formula[0].upper(), plain)
        found.append(str(therapy["value"]) if therapy else plain)
    return ": ".join(found)
