"""The conclusions of a build: judged on its claims, and held against the version before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from livingreview.conclusions.alerts import compare
from livingreview.conclusions.judge import filled, judge, named

if TYPE_CHECKING:
    from livingreview.claims.build import Sources
    from livingreview.claims.model import Claims

NOTHING: Mapping[str, Any] = {"declared": [], "comparative": [], "information": {}}


def judged(sources: Sources, claims: Claims) -> list[dict[str, Any]]:
    """The declared conclusions as ``build/claims/conclusions.json`` holds them, each with its alert against the base release.

    Raises :class:`livingreview.errors.ReviewError` for predicates over what is no claim or no number.
    """
    section = sources.documents.get("conclusions") or NOTHING
    values = {claim.key: claim.value for claim in claims}
    found = judge(
        section, values, sources.results["therapies"], sources.rated if section["declared"] else None
    )
    before = _base(sources.releases)
    alerts = compare(
        found,
        before.get("conclusions") if before else None,
        previous_kind=before["kind"] if before else None,
        look=look(sources),
    )
    return [
        {
            **entry,
            "sentence": filled(entry["sentence"], {k: claims[k].text for k in named(entry["sentence"])}),
            "template": entry["sentence"],
            "alert": {
                **alert.to_json(),
                "look": look(sources),
                "previous": before["version"] if before else None,
            },
            "acknowledged": [
                {field: row[field] for field in ("name", "reason", "date")}
                for row in sources.notices.get("acknowledgements") or ()
                if (row["version"], row["conclusion"])
                == (str(sources.documents["version"]), alert.conclusion)
            ],
        }
        for entry, alert in zip(found, alerts, strict=False)
    ]


def look(sources: Sources) -> int:
    """The number of this look at the data; the first release of a review is look 1."""
    return int(sources.releases.get("look") or 1)


def _base(releases: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The version that the documents compare with, as the slice of the releases tells of it."""
    name = releases.get("base")
    return next((r for r in releases.get("releases") or () if r["version"] == name), None) if name else None
