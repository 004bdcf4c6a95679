"""Whoever has only the archive can check every file and rebuild the review to the same bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("rocrate")

from livingreview.submission import archive

from .sandbox import REPOSITORY, Sandbox


def _checked(folder: Path) -> str:
    """What `sha256sum -c` says of the files that do not agree; empty where all do."""
    done = subprocess.run(
        ["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, timeout=60
    )
    return done.stdout + done.stderr


@pytest.mark.build
def test_an_archive_unpacked_elsewhere_checks_and_rebuilds_to_the_same_bytes(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    for name in ("Makefile", "README.md", "LICENSE"):
        shutil.copy2(REPOSITORY / name, sandbox.root / name)
    told = archive.write(sandbox.review, sandbox.root, tmp_path / "a.zip")
    alone = tmp_path / "alone"
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        packed.extractall(alone)
    shutil.rmtree(sandbox.root)
    shutil.rmtree(sandbox.review)
    assert _checked(alone) == ""
    assert "make rebuild REVIEW=review" in (alone / "ARCHIVE.md").read_text(encoding="utf-8")
    # what `make rebuild` calls once the environment is set up
    called = re.search(r"\nrebuild:.*\n\t@\$\(BIN\)/snakemake (.+)\n", (alone / "Makefile").read_text())
    assert called and called[1] == 'rebuild --directory "$(REVIEW)"'
    environment = {k: v for k, v in sandbox.environment.items() if k != "LIVINGREVIEW_ROOT"}
    done = subprocess.run(
        [sys.executable, "-m", "livingreview", "check", "--directory", "review"],
        cwd=alone,
        env={**environment, "PYTHONPATH": str(alone / "analysis")},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert _checked(alone) == ""
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "rebuild", "--directory", "review"],
        cwd=alone,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    steps = Sandbox(alone, alone / "review").steps()
    assert len(steps) == told.steps, "every step runs anew"
    assert (alone / "review/manuscript/_built").is_dir()
    assert _checked(alone) == ""
