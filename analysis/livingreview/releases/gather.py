"""What goes into a release: copies of what the build made, of the tables it was made from, and the manifest over them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview import protocol as protocols
from livingreview.changes.state import certainty_cells
from livingreview.claims.build import Sources
from livingreview.extraction import dataset
from livingreview.extraction.schema import FOLDER as SCHEMAS
from livingreview.pipeline import journal
from livingreview.releases import ledger, manifest, refusals, repository
from livingreview.releases.ledger import MANIFEST
from livingreview.releases.slice import present
from livingreview.slices import Review

COPIES = {
    "claims.json": "build/claims/claims.json",
    "results.json": "build/collect/results.json",
    "flow.json": "build/extract/flow.json",
    "conclusions.json": "build/claims/conclusions.json",
    "changes.json": "build/changes/changes.json",
}
"""Files of a release that are copies of what the build made; those that this review does not make are left out."""


def files(review: Path, root: Path) -> dict[str, bytes]:
    """Content of every file of a release by name, the manifest apart, from the finished build in the working directory.

    Raises ReviewError for tables that are not valid, OSError for a build that is not there.
    """
    found = {
        name: source.read_bytes() for name, path in COPIES.items() if (source := review / path).is_file()
    }
    data = dataset.load(review, root)
    sources = Sources.read(review / "build")
    claims = canonical.read_json(review / COPIES["claims.json"])
    patients = claims.get("included.patients.n") or {}
    found["studies.json"] = _json(
        {
            **present(Review(data)),
            "n_studies": len(sources.characteristics["studies"]),
            "n_patients": patients.get("value"),
            "patients": patients.get("text"),
            "search_date": data.protocol.slice("search")["search"]["date"],
        }
    )
    found["certainty.json"] = _json(
        # the judgements as the last build has them beside the signatures that people wrote
        {"slice": sources.certainty, "cells": certainty_cells(review / "build")}
    )
    for document in data.protocol.documents:
        found |= _document(review, document.name)
    for name in repository.tracked(review, "review.yaml", "data/raw", SCHEMAS.as_posix()):
        found[name] = (review / name).read_bytes()
    for path in sorted((root / SCHEMAS).glob("*.json")):
        # a schema that the review takes from the repository belongs to its tables as well
        found.setdefault((SCHEMAS / path.name).as_posix(), path.read_bytes())
    if data.protocol.previous_version is not None:
        published = data.protocol.previous_version.published_file
        found[str(published)] = (review / published).read_bytes()
    return dict(sorted(found.items()))


def make_manifest(
    review: Path, root: Path, version: str, engine: str, content: Mapping[str, bytes]
) -> dict[str, Any]:
    """The sealed manifest of a release with these files, made from what is checked out and from the journal of the build."""
    from hashlib import sha256

    known = ledger.releases(review)
    checkout = repository.checkout(review)
    entries = journal.entries()
    protocol = protocols.load(review / protocols.FILE)
    rest: dict[str, Any] = {
        "version": version,
        "kind": "released",
        "date": str(protocol.slice("date")["date"]),
        "look": ledger.look_of(known, version),
        "commit": checkout.commit,
        "previous": manifest.previous(known[-1] if known else None),
        "inputs": manifest.inputs(review, root),
        "outputs": {p: o["sha256"] for e in entries for p, o in sorted(e.outputs.items())},
        "files": {name: sha256(data).hexdigest() for name, data in content.items()},
        "software": manifest.software(root, engine),
        "code": manifest.code(),
        "acknowledged": refusals.acknowledgements(review, version),
    }
    if review.resolve() != root.resolve():
        code = repository.checkout(root)
        if code.top != checkout.top:
            rest["code_commit"] = code.commit
    return manifest.sealed(rest)


def with_manifest(content: Mapping[str, bytes], made: Mapping[str, Any]) -> dict[str, bytes]:
    """All files of a release, the manifest among them."""
    return {**content, MANIFEST: _json(made)}


def _document(review: Path, name: str) -> dict[str, bytes]:
    """Snapshot and readable text of a document; nothing where documents are rendered without one."""
    source = review / f"build/documents/{name}.ast.json"
    if not source.is_file():
        return {}
    from livingreview.publish import snapshot

    return {
        f"documents/{name}.json": source.read_bytes(),
        f"documents/{name}.txt": snapshot.readable(snapshot.read(source)).encode("utf-8"),
    }


def _json(value: Any) -> bytes:
    return canonical.dumps(value).encode("utf-8")
