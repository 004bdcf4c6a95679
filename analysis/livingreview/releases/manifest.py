"""The manifest of a release: what it is made of and where it came from, under one digest that the next release refers to."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.pipeline import journal
from livingreview.pipeline.fingerprint import combined
from livingreview.releases import repository
from livingreview.releases.ledger import MANIFEST, Release

OWN = (
    "review.yaml",
    "data/raw",
    "data/schema",
    "data/releases",
    "analysis/notebooks",
    "manuscript",
    "figures",
    "requirements.lock",
)
"""What a review's outputs come from, besides the package: files and folders that people write."""
SHARED = (
    "data/schema", "analysis/notebooks", "manuscript/_quarto.yml", "manuscript/filters", "manuscript/templates",
    "manuscript/reporting", "manuscript/journals", "figures", "requirements.lock",
)  # fmt: skip
"""What a review elsewhere takes from the repository of the package where it has none of its own."""
KEYS = (
    "version", "kind", "date", "look", "commit", "previous", "inputs", "outputs", "files", "software", "code",
    "acknowledged", "digest",
)  # fmt: skip


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with its ``digest``: SHA-256 of the canonical form of all the rest."""
    rest = {key: value for key, value in content.items() if key != "digest"}
    return {**rest, "digest": canonical.digest(rest)}


def previous(release: Release | None) -> dict[str, str | None] | None:
    """How a manifest names the release before it: version and digest; None for the first."""
    return None if release is None else {"version": release.version, "digest": release.digest}


def files_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in the folder of a release by name, the manifest apart."""
    found = sorted(p for p in folder.rglob("*") if p.is_file() or p.is_symlink())
    return {
        name: canonical.file_digest(p) if p.is_file() and not p.is_symlink() else "not a file"
        for p in found
        if (name := p.relative_to(folder).as_posix()) != MANIFEST
    }


def inputs(review: Path, root: Path) -> dict[str, str]:
    """SHA-256 of each file that the build reads and that git knows, by its path: the review's own, then the repository's.

    The package is not among them: what of it counts is in the steps' fingerprints.
    """
    own = repository.tracked(review, *OWN)
    # of the ledger the build reads; a copy of old tables in it is no input
    found = {n: canonical.file_digest(review / n) for n in own if not _is_archive(n)}
    if review.resolve() != root.resolve():
        for name in repository.tracked(root, *SHARED):
            if name not in found and not name.endswith((".qmd", ".bib")):
                found[name] = canonical.file_digest(root / name)
    return dict(sorted(found.items()))


def _is_archive(name: str) -> bool:
    parts = name.split("/")
    return parts[:2] == ["data", "releases"] and len(parts) > 4


def code() -> dict[str, str]:
    """Fingerprint of each step's code by step, as the journal of the build in the working directory has them."""
    return {entry.step: combined(entry.code) for entry in journal.entries()}


def software(root: Path, engine: str) -> dict[str, Any]:
    """Versions of what the outputs were made with: Python, engine of the documents, platform, every locked package as installed here, and
    the SHA-256 of the lock."""
    from importlib import metadata

    from livingreview.pipeline.environment import locked

    lock = root / "requirements.lock"
    packages: dict[str, str | None] = {}
    for name in sorted(locked(lock)):
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            packages[name] = None  # an optional one, or one of the tests
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "engine": engine,
        "lock": canonical.file_digest(lock),
        "packages": packages,
    }


def software_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What of two results of :func:`software` differs, one line each: ``numpy 2.1.0, here 2.2.1``."""
    told = [
        f"{name} {old.get(name)}, here {new.get(name)}"
        for name in ("python", "platform", "engine")
        if old.get(name) != new.get(name)
    ]
    if old.get("lock") != new.get("lock"):
        told.append("another requirements.lock")
    before, now = old.get("packages") or {}, new.get("packages") or {}
    return told + [
        f"{name} {before.get(name) or 'not installed'}, here {now.get(name) or 'not installed'}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]
