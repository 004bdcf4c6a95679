"""The comparison of two versions as a person or the build asks for it: from the ledger and the last build to facts and a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.changes import facts, render, report, state
from livingreview.changes.rebuild import Rebuilder
from livingreview.changes.state import State
from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean
from livingreview.pipeline import journal
from livingreview.pipeline.fingerprint import combined
from livingreview.publish.project import Project
from livingreview.publish.sources import files
from livingreview.releases import ledger

OWN_STEPS = ("changes", "tracked")
"""Steps that only compare; their code says nothing of the review."""
PRIMARY = "primary"


def present(review: Path) -> State:
    """The review as it was last built; raises ReviewError where it has not been."""
    protocol = Project(review, review).read_yaml(review / "review.yaml")
    code = {e.step: combined(e.code) for e in journal.entries() if e.rule not in OWN_STEPS}
    return state.of_build(review, ledger.look(review, str(protocol.get("version"))), code)


def version(review: Path, name: str) -> State:
    """A version of the ledger. Raises ReviewError, with the nearest version, for one that it does not hold."""
    known = ledger.releases(review)
    for release in known:
        if release.version == name:
            return state.of_release(release)
    versions = [r.version for r in known]
    raise ReviewError(
        Problem(
            "no such version in the ledger",
            file=ledger.FOLDER.as_posix(),
            value=name,
            allowed=", ".join(versions) or "(the ledger is empty)",
            suggestion=did_you_mean(name, versions) or "",
        )
    )


def compared(review: Path, root: Path, before: State | None, after: State) -> tuple[dict[str, Any], str]:
    """Facts and report (markdown) of what changed from ``before`` (None: there is no earlier version) to ``after``."""
    if before is None:
        return {"before": None, "after": after.told(), "unchanged": False}, report.first(after.version)
    project = Project(review, root)
    documents = project.read_yaml(review / "review.yaml").get("documents") or []
    main = [str(d["name"]) for d in documents if not d.get("label_prefix")]
    rebuilder = Rebuilder(root)
    for path in sorted((review / "build/extract/therapy").glob("*.json")):
        rebuilder.remember(path, review / "build/results/therapy" / path.name)
    found = facts.facts(before, after, rebuilder, printed(review, documents, after.claims), main)
    names = therapies(review, after.claims)
    pictures = figures(review, found, names) if after.kind == "present" else []
    found["figures"] = list(pictures)
    return found, report.report(found, names, [_picture(review, name) for name in pictures])


def written(
    review: Path, root: Path, found: Mapping[str, Any], text: str, out: Path, stem: str
) -> list[Path]:
    """Write the report as HTML and PDF into ``out``; returns their paths."""
    metadata = Project(review, root).shared_metadata
    head = {
        "title": report.title(found) if found.get("before") else "What changed: the first version",
        "subtitle": metadata.get("short-title", ""),
        "short-title": "What changed",
        "date": found["after"]["date"],
        "version": metadata.get("version", ""),
        "lang": metadata.get("lang", "en"),
        "numbered-sections": True,
    }
    return render.render(text, head, review, root, out, stem)


def printed(
    review: Path, documents: Sequence[Mapping[str, Any]], claims: Mapping[str, Mapping[str, Any]]
) -> dict[str, list[str]]:
    """Names of the documents in which each claim prints, by key: named in the text, or part of a sentence that is."""
    found: dict[str, list[str]] = {}
    for document in documents:
        named = {
            c.detail
            for s in files(review / str(document["source"]))
            for c in s.shortcodes()
            if c.name == "var"
        }
        waiting, seen = sorted(named), set()
        while waiting:
            key = waiting.pop()
            if key not in seen:
                seen.add(key)
                waiting += list((claims.get(key) or {}).get("parts") or ())
        for key in seen:
            found.setdefault(key, []).append(str(document["name"]))
    return found


def therapies(review: Path, claims: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Print names of the therapies by code (markdown), in the protocol's order."""
    listed = Project(review, review).read_yaml(review / "review.yaml").get("therapies") or []
    codes = [str(t["code"]) for t in listed if isinstance(t, Mapping) and "code" in t]
    return {c: str((claims.get(f"{c}.name") or {}).get("text") or c.replace("_", " ")) for c in codes}


def figures(review: Path, found: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Stems of the figures that go with the report: against a published version the timeline, else the cumulative estimates of each
    therapy of whose primary outcomes a claim moved. Only figures that the build has made."""
    if found["before"]["kind"] == "published":
        wanted = ["timeline"]
    else:
        analyses = (Project(review, review).read_yaml(review / "review.yaml").get("analyses") or {}).get(
            "outcomes"
        ) or []
        primary = [str(a["code"]) for a in analyses if isinstance(a, Mapping) and a.get("role") == PRIMARY]
        keys = [m["key"] for m in found["claims"]["moved"]]
        starts = {code: tuple(f"{code}.analysis.{name}." for name in primary) for code in names}
        wanted = [f"cumulative_{code}" for code in names if any(k.startswith(starts[code]) for k in keys)]
    return [name for name in wanted if (review / f"manuscript/_built/figures/{name}.md").is_file()]


def _picture(review: Path, name: str) -> str:
    return (review / f"manuscript/_built/figures/{name}.md").read_text(encoding="utf-8").strip()


def store(path: Path, found: Mapping[str, Any]) -> None:
    """Write the facts as canonical JSON."""
    canonical.write_json(path, found)
