"""The slice of the extract gate that tells documents and flow diagrams of the versions before this one.

It says the same before and after the present version is put into the ledger, so a release rebuilds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from livingreview import slices
from livingreview.protocol_submission import ForJournals
from livingreview.releases import ledger
from livingreview.releases.ledger import Release

UNSEEN_OF_FLOW = ("equations", "kept_apart", "links", "merges")
"""Parts of the flow that no diagram draws."""
NO_DATA_OF_THE_REVIEW = ("acknowledgements",)
"""Tables about a release, which say nothing about the evidence."""


def releases(review: slices.Review, folder: Path) -> dict[str, Any]:
    """What documents say of earlier versions: of the review in ``folder``, whose valid tables are ``review``.

    ``{"version", "look", "base", "changed_since_release", "since_base", "releases"}``: ``look`` counts the looks at the data; ``base`` is
    the version that the documents compare with, or None; ``since_base`` which studies were added, removed or corrected since then
    (:func:`difference`; None where the base is published, for its studies are unknown); ``releases`` one entry a version before the
    present one, the oldest first (see :func:`_entry`). Raises ReviewError for a ledger that cannot be read.
    """
    version = str(review.protocol["version"])
    known = ledger.releases(folder)
    earlier = [r for r in known if ledger.order(r.version) < ledger.order(version)]
    same = [r for r in known if r.kind == "released" and ledger.order(r.version) == ledger.order(version)]
    own = [r for r in earlier if r.kind == "released"]
    against = earlier[-1] if earlier else None
    now = present(review) if same or own else {}
    changed = bool(same) and bool(moved(same[-1].studies(), now))
    return {
        "version": version,
        "look": ledger.look_of(known, version),
        "base": against.version if against else None,
        "changed_since_release": changed,
        "since_base": difference(against.studies(), now) if against and against.kind == "released" else None,
        "releases": entries(earlier),
    }


def entries(known: Sequence[Release]) -> list[dict[str, Any]]:
    """One entry a version of the ledger, in its order; each is told beside the one before it."""
    return [_entry(release, before) for before, release in zip([None, *known], known, strict=False)]


def present(review: slices.Review) -> dict[str, Any]:
    """What a release keeps of the studies, in the form of ``studies.json`` without its counts: digests of each study's rows, of every
    table and of every field of the protocol; ids and print names of the included studies."""
    included = review.studies("included")
    tables = {
        table: slices.rows_digest(rows)
        for table, rows in ((t, review.rows(t)) for t in sorted(review.data.tables))
        if rows and table not in NO_DATA_OF_THE_REVIEW
    }
    return {
        "studies": slices.study_digests(review),
        "tables": tables,
        "protocol": slices.protocol_digests(review),
        "included": sorted(s["study_id"] for s in included),
        "labels": {key: name["label"] for key, name in sorted(review.names.items())},
    }


def moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Which of ``studies``, ``tables`` and ``protocol`` differ between two results of :func:`present`; empty where nothing does.

    What the protocol says for journals (a letter, highlights, statements) is not looked at: whoever prepares a submission after a release
    has changed nothing of the review.
    """
    found = [part for part in ("studies", "tables") if before.get(part) != now.get(part)]
    methods = [_without_journals(state.get("protocol") or {}) for state in (before, now)]
    return found if methods[0] == methods[1] else [*found, "protocol"]


def _without_journals(protocol: Mapping[str, str]) -> dict[str, str]:
    return {field: digest for field, digest in protocol.items() if field not in ForJournals.model_fields}


def difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Included studies ``added`` and ``removed`` between two versions, and those in both with another row anywhere (``corrected``, with
    the tables): lists of ``{"study_id", "label"}`` in the order of the labels."""
    old, new = set(before["included"]), set(now["included"])
    rows_before, rows_now = before["studies"], now["studies"]
    labels = {**before["labels"], **now["labels"]}

    def told(ids: set[str]) -> list[dict[str, Any]]:
        return [
            {"study_id": i, "label": labels.get(i, i)}
            for i in sorted(ids, key=lambda i: (labels.get(i, i), i))
        ]

    corrected = {i for i in old & new if rows_before.get(i) != rows_now.get(i)}
    return {
        "added": told(new - old),
        "removed": told(old - new),
        "corrected": [
            {
                **study,
                "tables": _tables(
                    rows_before.get(study["study_id"], {}), rows_now.get(study["study_id"], {})
                ),
            }
            for study in told(corrected)
        ],
    }


def _tables(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return sorted(t for t in before.keys() | now.keys() if before.get(t) != now.get(t))


def _entry(release: Release, before: Release | None) -> dict[str, Any]:
    """One version: ``flow`` without what no diagram draws, ``n_studies``, ``n_patients`` (None where unknown; ``patients`` is how it
    printed), ``search_date``, ``included`` study ids, ``conclusions``, and in ``brief`` what it was: its studies against the version
    before it, or the title of a published review."""
    entry: dict[str, Any] = {
        "version": release.version,
        "kind": release.kind,
        "date": release.date,
        "look": release.look,
    }
    if release.kind == "published":
        told = release.published
        return entry | {
            "flow": None,
            "n_studies": told.get("n_studies"),
            "n_patients": told.get("n_patients"),
            "patients": None if told.get("n_patients") is None else str(told["n_patients"]),
            "search_date": told.get("search_date"),
            "included": [],
            "conclusions": None,
            "brief": {key: told[key] for key in ("title", "searched") if key in told},
        }
    studies, flow = release.studies(), release.flow() or {}
    known = before.studies() if before is not None and before.kind == "released" else None
    return entry | {
        "flow": {part: value for part, value in flow.items() if part not in UNSEEN_OF_FLOW} or None,
        "n_studies": len(studies["included"]),
        "n_patients": studies.get("n_patients"),
        "patients": studies.get("patients"),
        "search_date": studies.get("search_date"),
        "included": studies["included"],
        "conclusions": release.conclusions(),
        "brief": {"since": before.version, **difference(known, studies)} if before and known else {},
    }
