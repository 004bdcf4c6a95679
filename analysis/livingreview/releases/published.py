"""Seal a published version: the printed figures of an earlier review become the first entry of the ledger.

Nothing of it is recomputed. Which studies it held is unknown, so no study is ever reported as removed against it.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean
from livingreview.published import figures
from livingreview.releases import ledger, manifest
from livingreview.releases.ledger import FOLDER, MANIFEST, PUBLISHED, Release


def seal(review: Path, version: str) -> Path:
    """Write ``claims.json`` and ``manifest.json`` of a published version beside its ``published.yaml``; returns its folder.

    Sealing it again writes the same bytes. Raises ReviewError for a version without ``published.yaml``, for one that was sealed with other
    figures, and for one that would stand between or after released versions.
    """
    known = ledger.releases(review)
    found = next((r for r in known if r.version == version), None)
    if found is None or found.kind != "published":
        names = [p.parent.name for p in (review / FOLDER).glob(f"*/{PUBLISHED}")]
        raise ReviewError(
            Problem(
                f"no published version {version}",
                file=(FOLDER / version / PUBLISHED).as_posix(),
                allowed=", ".join(sorted(names)),
                suggestion=did_you_mean(version, names)
                or f"put the printed figures of the earlier review into {PUBLISHED}",
            )
        )
    place = known.index(found)
    claims = canonical.dumps(_claims(found)).encode("utf-8")
    made = manifest.sealed(
        {
            "version": version,
            "kind": "published",
            "date": found.date,
            "look": None,
            "commit": None,
            "previous": manifest.previous(known[place - 1] if place else None),
            "inputs": {},
            "outputs": {},
            "files": {
                "claims.json": sha256(claims).hexdigest(),
                PUBLISHED: canonical.file_digest(found.folder / PUBLISHED),
            },
            "software": {},
            "code": {},
            "acknowledged": [],
        }
    )
    if found.digest not in (None, made["digest"]):
        raise ReviewError(
            Problem(
                f"{version} was sealed with other figures, and a release never changes",
                file=(FOLDER / version).as_posix(),
                suggestion="restore the folder from git",
            )
        )
    if found.digest is None and any(r.digest for r in known[place + 1 :]):
        raise ReviewError(
            Problem(
                f"{version} would be put before versions that are sealed already",
                file=(FOLDER / version).as_posix(),
                suggestion="a ledger grows at its end only",
            )
        )
    # The manifest last: without it the version counts as not sealed.
    canonical.write_bytes(found.folder / "claims.json", claims)
    canonical.write_json(found.folder / MANIFEST, made)
    return found.folder


def _claims(release: Release) -> dict[str, Any]:
    return {path: ledger.plain_claim(path, value) for path, value in sorted(figures(release.published))}
