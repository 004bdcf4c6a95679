"""Whether the predicates of the conclusions name claims that exist, before anything is built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livingreview.conclusions.judge import located, unknown
from livingreview.conclusions.state import NOTHING
from livingreview.errors import Problem

if TYPE_CHECKING:
    from livingreview.extraction.dataset import Dataset


def problems(data: Dataset, review: Path, root: Path) -> list[Problem]:
    """Each key of a predicate that is no claim, with its line in ``review.yaml`` and the nearest claim.

    The claims are those of the same protocol without any data: every claim has its key, with data or without. Empty where the
    protocol declares no conclusion. Takes a tenth of a second.
    """
    section = data.protocol.slice("conclusions")["conclusions"]
    if not section["declared"]:
        return []
    # Few predicates name a published figure, and the exact intervals of those take longer to load than all else here.
    for published in (False, True):
        values = {claim.key: claim.value for claim in _claims_without_data(data, root, published)}
        found = list(unknown(section, values, values))
        if not found:
            break
    return located(found, review)


def _claims_without_data(data: Dataset, root: Path, published: bool) -> Any:
    from livingreview.claims.build import Sources, build
    from livingreview.protocol_order import restored
    from livingreview.slices import Review
    from livingreview.steps.extract import all_slices
    from livingreview.synthesis.therapy import synthesise

    empty = replace(data, tables={name: [] for name in data.tables})
    slices = {
        name.removesuffix(".json"): content for name, content in all_slices(Review(empty), root).items()
    }
    slices["documents"] = {**slices["documents"], "conclusions": NOTHING}
    if not published and (earlier := slices["documents"].get("previous_version")):
        slices["documents"]["previous_version"] = {**earlier, "published": {}, "comparisons": []}
    therapies = {
        name.removeprefix("therapy/"): synthesise(content).to_json()
        for name, content in slices.items()
        if name.startswith("therapy/")
    }
    known = Sources.__dataclass_fields__
    found = {name: restored(content) for name, content in slices.items() if name in known}
    return build(Sources(**found, results={"therapies": therapies}), checked=False)
