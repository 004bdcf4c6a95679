"""The ledger: every released version of a review, one folder a version in ``data/releases``, never changed afterwards.

This module only reads. A version is *released* (made by ``livingreview release``) or *published* (an earlier review that this one
continues: its printed figures in ``published.yaml``, nothing of it recomputed; it has no look number).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.published import figures, plain_text

FOLDER = Path("data/releases")
MANIFEST = "manifest.json"
PUBLISHED = "published.yaml"
NOT_RECOMPUTED = "published, not recomputed"
VERSION = re.compile(r"[0-9]+(\.[0-9]+)*")
READ_BY_EXTRACT = (MANIFEST, PUBLISHED, "studies.json", "flow.json", "conclusions.json")
"""Files of a release that the extract gate reads."""

Kind = Literal["released", "published"]
Order = tuple[int, ...]


@dataclass(frozen=True)
class Release:
    """One version in the ledger. ``date`` is that of its ``review.yaml`` (or of publication); ``look`` counts the analyses of the living
    review from 1 and is None for a published version; ``manifest`` is empty for a published version that is not yet sealed."""

    version: str
    kind: Kind
    date: str
    look: int | None
    folder: Path
    manifest: dict[str, Any] = field(repr=False)

    @property
    def digest(self) -> str | None:
        """SHA-256 that the next release refers to; None for a published version that is not yet sealed."""
        found = self.manifest.get("digest")
        return None if found is None else str(found)

    @property
    def review(self) -> Path:
        """Folder that reads as a review (``review.yaml``, ``data/raw``, ``data/schema``): what ``dataset.load`` takes.

        Only of a released version."""
        return self.folder

    @property
    def raw(self) -> Path:
        """Folder with the raw tables as they were released (``.../data/raw``); not there for a published version."""
        return self.folder / "data/raw"

    @property
    def published(self) -> dict[str, Any]:
        """Content of ``published.yaml``; empty for a released version."""
        return _published(self.folder) if self.kind == "published" else {}

    def claims(self) -> dict[str, dict[str, Any]]:
        """Claims as the version printed them, by key, in the form of ``build/claims/claims.json``.

        Of a published version these are its figures by dotted path, each with ``value``, ``text``, and ``"published, not recomputed"``
        as ``definition``.
        """
        found = self._json("claims.json")
        if found is not None or self.kind == "released":
            return dict(found or {})
        return {path: plain_claim(path, value) for path, value in sorted(figures(self.published))}

    def results(self) -> dict[str, Any] | None:
        """Content of ``build/collect/results.json``; None for a published version."""
        return self._json("results.json")

    def studies(self) -> dict[str, Any]:
        """``{"studies": {id: {table: SHA-256}}, "included": [id], "labels": {id: label}, "protocol": {field: SHA-256}, "n_studies",
        "n_patients", "search_date"}``; empty for a published version (which studies it held is unknown)."""
        return self._json("studies.json") or {}

    def flow(self) -> dict[str, Any] | None:
        """The flow (``build/extract/flow.json``); None for a published version."""
        return self._json("flow.json")

    def certainty(self) -> dict[str, Any] | None:
        """``{"slice": build/extract/certainty.json, "cells": [...]}``; None for a published version."""
        return self._json("certainty.json")

    def conclusions(self) -> list[dict[str, Any]] | None:
        """Conclusions with their states (``build/claims/conclusions.json``); None where the version declared none."""
        return self._json("conclusions.json")

    def changes(self) -> dict[str, Any] | None:
        """Facts of the change report at the release; None where there is none."""
        return self._json("changes.json")

    def documents(self) -> list[str]:
        """Names of the documents with a snapshot, sorted; empty for a published version."""
        return sorted(p.stem for p in (self.folder / "documents").glob("*.json"))

    def document(self, name: str) -> dict[str, Any] | None:
        """Snapshot of a document (pandoc's tree as JSON); None where there is none."""
        return self._json(f"documents/{name}.json")

    def document_text(self, name: str) -> str | None:
        """Readable text of a document, one sentence a line; None where there is none."""
        path = self.folder / "documents" / f"{name}.txt"
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def _json(self, name: str) -> Any:
        """Content of a file of the release; None where it is missing. Raises ReviewError for one that cannot be read."""
        path = self.folder / name
        return _read(path) if path.is_file() else None


def order(version: str) -> Order:
    """What versions sort by: their numbers. Zeros at the end count for nothing: 2026.11.0 is 2026.11.

    Raises ReviewError for what is no version.
    """
    if not VERSION.fullmatch(version):
        raise ReviewError(
            Problem(
                "not a version of a review",
                value=version,
                allowed="numbers joined by points, such as 2026.11 or 2026.11.1",
            )
        )
    numbers = [int(part) for part in version.split(".")]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def releases(review: Path) -> list[Release]:
    """Every version in the ledger of a review, the oldest first.

    Folders whose name is no version (half-written releases start with a point) are passed over; ``livingreview verify-ledger`` names
    them. Raises ReviewError for a version that cannot be read, all problems at once.
    """
    found: list[Release] = []
    problems: list[Problem] = []
    folders = (
        [p for p in (review / FOLDER).iterdir() if p.is_dir() and VERSION.fullmatch(p.name)]
        if (review / FOLDER).is_dir()
        else []
    )
    for folder in sorted(folders, key=lambda p: (order(p.name), p.name)):
        try:
            found.append(_release(folder))
        except ReviewError as error:
            problems += error.problems
    if problems:
        raise ReviewError(problems)
    return found


def with_flow(review: Path) -> list[str]:
    """Versions in the ledger that hold a flow of their own, the oldest first, without reading any of them."""
    names = {p.parent.name for p in (review / FOLDER).glob("*/flow.json")}
    return sorted((n for n in names if VERSION.fullmatch(n)), key=order)


def last(review: Path) -> Release | None:
    """The newest version in the ledger, which the change report compares with; None for an empty ledger."""
    found = releases(review)
    return found[-1] if found else None


def base(review: Path, version: str) -> Release | None:
    """The newest version before ``version``, which the documents compare with; None where there is none.

    It stays the same when ``version`` itself is released, and so do the documents.
    """
    earlier = [r for r in releases(review) if order(r.version) < order(version)]
    return earlier[-1] if earlier else None


def look(review: Path, version: str) -> int:
    """Number of the look at the data that ``version`` is: one more than the released versions before it.

    Published versions are not looks of the living review and do not count.
    """
    return look_of(releases(review), version)


def look_of(known: list[Release], version: str) -> int:
    """As :func:`look`, for a ledger that has been read."""
    return 1 + sum(r.kind == "released" and order(r.version) < order(version) for r in known)


def plain_claim(path: str, value: Any) -> dict[str, Any]:
    """A published figure in the form of a claim."""
    return {
        "value": value,
        "text": plain_text(path, value),
        "unit": "published",
        "definition": NOT_RECOMPUTED,
        "studies": [],
    }


def _release(folder: Path) -> Release:
    manifest = folder / MANIFEST
    if manifest.is_file():
        content = _read(manifest)
        try:
            return Release(
                str(content["version"]),
                content["kind"],
                str(content["date"]),
                content["look"],
                folder,
                content,
            )
        except (KeyError, TypeError):
            raise ReviewError(
                Problem("this is no manifest of a release", file=_shown(manifest), suggestion=_RESTORE)
            ) from None
    if (folder / PUBLISHED).is_file():
        published = _published(folder)
        return Release(folder.name, "published", str(published.get("date", "")), None, folder, {})
    raise ReviewError(
        Problem(
            f"a version without {MANIFEST}",
            file=_shown(folder),
            allowed=f"a release made by `livingreview release`, or {PUBLISHED} with the figures of an earlier review",
            suggestion="restore it from git, or remove the folder if it was never released",
        )
    )


_RESTORE = "restore it from git: a release never changes"


def _read(path: Path) -> Any:
    try:
        return canonical.read_json(path)
    except (OSError, ValueError) as error:
        raise ReviewError(
            Problem(f"cannot be read: {error}", file=_shown(path), suggestion=_RESTORE)
        ) from None


def _published(folder: Path) -> dict[str, Any]:
    import yaml

    path = folder / PUBLISHED
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ReviewError(Problem(f"cannot be read: {error}", file=_shown(path))) from None
    if not isinstance(content, dict):
        raise ReviewError(Problem("must hold `key: value` lines", file=_shown(path)))
    # dates as text, as everywhere in the canonical files
    return {str(k): v.isoformat() if hasattr(v, "isoformat") else v for k, v in content.items()}


def _shown(path: Path) -> str:
    """The path from the review's folder."""
    parts = path.parts
    starts = [i for i in range(len(parts) - 1) if parts[i : i + 2] == FOLDER.parts]
    return Path(*parts[starts[-1] :]).as_posix() if starts else path.as_posix()
