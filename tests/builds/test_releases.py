"""A release from the first commit to the proof that it can be made again: whole builds in git repositories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .sandbox import REPOSITORY, Sandbox

VERSION = "2026.02"


def git(folder: Path, *arguments: str) -> str:
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


def commit(folder: Path) -> None:
    if not (folder / ".git").exists():
        shutil.copy2(REPOSITORY / ".gitignore", folder)
        git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a commit")


def call(sandbox: Sandbox, *words: str) -> tuple[int, str]:
    """Exit status of the command line, and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "livingreview", *words, "--directory", str(sandbox.review)],
        cwd=sandbox.root,
        env={**sandbox.environment, "PYTHONPATH": str(sandbox.root / "analysis")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def repositories(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A built review and its code, each in a git repository."""
    for folder in (sandbox.root, sandbox.review):
        commit(folder)
    yield sandbox


def manifest(sandbox: Sandbox) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(sandbox.text(f"data/releases/{VERSION}/manifest.json"))
    return content


def test_release_build_again_and_rebuild_from_the_commit(repositories: Sandbox) -> None:
    sandbox = repositories
    documents = {p: d for p, d in sandbox.outputs().items() if p.startswith("manuscript/")}
    status, said = call(sandbox, "release", VERSION)
    assert status == 0, said
    made = manifest(sandbox)
    assert (made["look"], made["kind"], made["previous"]["version"]) == (1, "released", "2015")
    assert made["commit"] == git(sandbox.review, "rev-parse", "HEAD").strip()
    assert made["code_commit"] == git(sandbox.root, "rev-parse", "HEAD").strip()
    assert str(sandbox.review) not in json.dumps(made) and str(sandbox.root) not in json.dumps(made)
    folder = sandbox.review / "data/releases" / VERSION
    assert (folder / "claims.json").read_bytes() == (sandbox.review / "build/claims/claims.json").read_bytes()
    for name in ("studies.json", "results.json", "flow.json", "certainty.json", "data/raw/studies.csv"):
        assert (folder / name).is_file(), name
    for document in ("manuscript", "supplement"):
        assert (folder / f"documents/{document}.json").is_file()
        assert (folder / f"documents/{document}.txt").read_text(encoding="utf-8").strip()

    # the documents do not change because their version is now in the ledger
    ran = sandbox.build()
    assert "extract" in ran and ran <= {"extract", "changes", "tracked"}, ran
    assert {p: d for p, d in sandbox.outputs().items() if p in documents and "changes" not in p} == {
        p: d for p, d in documents.items() if "changes" not in p
    }

    status, said = call(sandbox, "release", VERSION)
    assert status == 1 and "has been released already" in said and "not committed" in said
    commit(sandbox.review)
    status, said = call(sandbox, "verify-ledger")
    assert status == 0 and "2 releases (2015 (published), 2026.02)" in said

    # years later, with other data here and the same software: the old release again, byte for byte
    sandbox.replace("review.yaml", f'version: "{VERSION}"', 'version: "2026.10"')
    commit(sandbox.review)
    status, said = call(sandbox, "rebuild-release", VERSION)
    assert status == 0, said
    assert f"Byte-identical: {len(made['outputs'])} outputs" in said

    # by the workflow engine; 2026.10 must not become the number 2026.1
    sandbox.build("release", "--config", "version=2026.10", expect=1)
    assert "nothing changed since 2026.02" in sandbox.said, sandbox.said

    (folder / "claims.json").write_text("{}", encoding="utf-8")
    status, said = call(sandbox, "verify-ledger")
    assert status == 1 and f"data/releases/{VERSION}/claims.json: differs from what was released" in said
