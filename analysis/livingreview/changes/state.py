"""One side of a comparison: a version in the ledger, or the review as it was last built."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.certainty.model import Certainty
from livingreview.certainty.sheet import RESULT
from livingreview.changes.methods import LOCK
from livingreview.errors import Problem, ReviewError
from livingreview.publish import snapshot
from livingreview.publish.snapshot import Passage
from livingreview.releases.ledger import Release

BUILD = Path("build")
ENGINE, PYTHON = "engine of the documents", "Python"
NEEDED = ("extract/documents.json", "extract/characteristics.json", "extract/flow.json", "claims/claims.json")
Json = Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """What the comparison reads of one side.

    ``folder`` reads as a review (``review.yaml``, ``data/raw``); None for a published version, of which nothing but the printed
    figures is known: its ``claims`` are these. ``labels`` are print names of studies by id, ``included`` the ids of the included ones,
    ``cells`` the judgements on certainty with their status, ``documents`` the passages of each document by name, ``software`` versions
    by package, ``code`` fingerprints by step; each is empty where nothing is known.
    """

    version: str
    kind: str
    date: str
    look: int | None
    folder: Path | None
    claims: dict[str, dict[str, Any]]
    included: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    flow: Json | None = None
    conclusions: list[dict[str, Any]] | None = None
    cells: tuple[dict[str, Any], ...] = ()
    documents: dict[str, list[Passage]] = field(default_factory=dict)
    software: dict[str, str] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)

    @property
    def is_published(self) -> bool:
        """Whether this is an earlier review of which only printed figures are known."""
        return self.kind == "published"

    def told(self) -> dict[str, Any]:
        """``{version, kind, date, look}``."""
        return {"version": self.version, "kind": self.kind, "date": self.date, "look": self.look}


def of_release(release: Release) -> State:
    """A version of the ledger. Raises ReviewError for a file of it that cannot be read."""
    studies = release.studies()
    certainty = release.certainty() or {}
    return State(
        version=release.version,
        kind=release.kind,
        date=release.date,
        look=release.look,
        folder=None if release.kind == "published" else release.review,
        claims=release.claims(),
        included=tuple(studies.get("included") or ()),
        labels=dict(studies.get("labels") or {}),
        flow=release.flow(),
        conclusions=release.conclusions(),
        cells=tuple(certainty.get("cells") or ()),
        documents={
            name: snapshot.text(tree) for name in release.documents() if (tree := release.document(name))
        },
        software=versions(release.manifest.get("software") or {}),
        code=dict(release.manifest.get("code") or {}),
        published=release.published,
    )


def of_build(review: Path, look: int, code: Mapping[str, str]) -> State:
    """The review as it was last built. ``code`` are the fingerprints of the steps.

    Raises ReviewError where it has not been built.
    """
    build = review / BUILD
    missing = [name for name in NEEDED if not (build / name).is_file()]
    if missing:
        raise ReviewError(
            Problem(
                "the review has not been built, so there is nothing to compare",
                file=f"{BUILD}/{missing[0]}",
                suggestion="build it first: make rebuild",
            )
        )
    documents = canonical.read_json(build / "extract/documents.json")
    studies = canonical.read_json(build / "extract/characteristics.json")["studies"]
    conclusions = build / "claims/conclusions.json"
    return State(
        version=str(documents["version"]),
        kind="present",
        date=str(documents["date"]),
        look=look,
        folder=review,
        claims=canonical.read_json(build / "claims/claims.json"),
        included=tuple(sorted(s["study_id"] for s in studies)),
        labels=_labels(build, studies),
        flow=canonical.read_json(build / "extract/flow.json"),
        conclusions=canonical.read_json(conclusions) if conclusions.is_file() else None,
        cells=tuple(certainty_cells(build)),
        documents={
            path.name.removesuffix(".ast.json"): snapshot.text(snapshot.read(path))
            for path in sorted((build / "documents").glob("*.ast.json"))
        },
        software=versions(documents.get("environment") or {}, _engine(build), platform.python_version()),
        code=dict(code),
    )


def _labels(build: Path, studies: list[dict[str, Any]]) -> dict[str, str]:
    """Print names of the included studies, and of the others from the bibliography of the gate."""
    found = {s["study_id"]: s["label"] for s in studies}
    path = build / "extract/supplement.json"
    supplement = canonical.read_json(path) if path.is_file() else {}
    for part in supplement.values():
        for row in part if isinstance(part, list) else ():
            if isinstance(row, dict) and row.get("study_id") and row.get("label"):
                found.setdefault(str(row["study_id"]), str(row["label"]))
    return found


def certainty_cells(build: Path) -> list[dict[str, Any]]:
    """Judgements on certainty as the last build has them: ``{therapy, therapy_name, outcome, name, domain, domain_name, status,
    judgement, text}``; empty where certainty was not rated."""
    path = build.parent / RESULT
    if not path.is_file():
        return []
    content = canonical.read_json(path)
    found = Certainty.from_json(content.get("certainty", content))
    return [
        {
            "therapy": rating.therapy,
            "therapy_name": rating.therapy_name,
            "outcome": rating.outcome,
            "name": rating.name,
            "domain": cell.domain,
            "domain_name": cell.name,
            "status": cell.status,
            "judgement": cell.judgement,
            "text": cell.text,
        }
        for rating in found.ratings
        for cell in rating.all_cells
    ]


def versions(environment: Json, engine: str = "", python: str = "") -> dict[str, str]:
    """Versions by package, with those of :data:`LOCK`, :data:`ENGINE` and :data:`PYTHON` where known, from the form of the extract gate (a
    list of packages) or that of a release's manifest (a mapping)."""
    packages = environment.get("packages") or {}
    if not isinstance(packages, Mapping):
        packages = {p["name"]: p["version"] for p in packages}
    # a package that the lock names and that is not installed (an optional one) has no version
    found = {str(name): str(version) for name, version in packages.items() if version}
    about = {
        LOCK: str(environment.get("lock") or "")[:16],
        ENGINE: str(environment.get("engine") or engine),
        PYTHON: ".".join(str(environment.get("python") or python).split(".")[:2]),
    }
    return found | {name: version for name, version in about.items() if version}


def _engine(build: Path) -> str:
    """Name and version of the engine that rendered the documents, as a release's manifest writes it."""
    for path in sorted((build / "documents").glob("*.json")):
        record = {} if path.name.endswith(".ast.json") else canonical.read_json(path)
        if "engine" in record:
            return f"{record['engine']} ({record['engine_version']})"
    return ""
