"""Ledgers made by hand, small enough to read: what releases look like without a build."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.releases import ledger, manifest, published, write

FIGURES = 'version: "2015"\ndate: 2015-06-30\nn_studies: 9\nn_patients: 150\nlaser: {cleared: {events: 12, total: 21, percent: 57}}\n'


def with_published(folder: Path, *, sealed: bool = True) -> Path:
    """A review with a published version 2015 in its ledger."""
    place = folder / "data/releases/2015"
    place.mkdir(parents=True)
    (place / "published.yaml").write_text(FIGURES, encoding="utf-8")
    if sealed:
        published.seal(folder, "2015")
    return folder


def studies(*ids: str, **other: Any) -> dict[str, Any]:
    """Content of ``studies.json`` for these studies."""
    return {
        "studies": {i: {"studies": sha256(i.encode()).hexdigest()} for i in ids},
        "tables": {"studies": "0"},
        "protocol": {"version": "0", "title": "1"},
        "included": sorted(ids),
        "labels": {i: i.capitalize() for i in ids},
        "n_studies": len(ids),
        "n_patients": 10 * len(ids),
        "patients": str(10 * len(ids)),
        "search_date": "2026-01-31",
        **other,
    }


def content(version: str, *ids: str, **other: Any) -> dict[str, bytes]:
    """Files of a release but its manifest."""
    values: dict[str, Any] = {
        "claims.json": {"included.studies.n": {"value": len(ids), "text": str(len(ids))}},
        "results.json": {"therapies": {}},
        "flow.json": {"boxes": {"screened": 50}, "labels": {"screened": "Screened"}, "merges": []},
        "studies.json": studies(*ids, **other),
    }
    found = {name: canonical.dumps(value).encode() for name, value in values.items()}
    return found | {"review.yaml": f'version: "{version}"\n'.encode(), "data/raw/studies.csv": b"study_id\n"}


def add(folder: Path, version: str, *ids: str, date: str = "2026-01-31", **other: Any) -> Path:
    """Put a release into the ledger as ``livingreview release`` does, without a build."""
    known = ledger.releases(folder)
    files = content(version, *ids, **other)
    made = manifest.sealed(
        {
            "version": version,
            "kind": "released",
            "date": date,
            "look": ledger.look_of(known, version),
            "commit": "0" * 40,
            "previous": manifest.previous(known[-1] if known else None),
            "inputs": {"review.yaml": sha256(files["review.yaml"]).hexdigest(), "manuscript/m.qmd": "1"},
            "outputs": {"build/claims/claims.json": "1"},
            "files": {name: sha256(data).hexdigest() for name, data in files.items()},
            "software": {"python": "3.11", "engine": "builtin (1)", "lock": "1", "packages": {"numpy": "2"}},
            "code": {"extract": "1", "changes": "1"},
            "acknowledged": [],
        }
    )
    files["manifest.json"] = canonical.dumps(made).encode()
    return write.put(folder, version, files)


def git(folder: Path, *arguments: str) -> str:
    """A git command in a folder, with a name and without the settings of this machine."""
    settings = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *settings, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull},
    )
    return done.stdout


def commit(folder: Path, message: str = "a commit") -> None:
    """Commit everything in a folder, which becomes a repository if it is none."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
