"""Proof that an incremental build equals a clean one: build from scratch elsewhere and compare every file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from livingreview import canonical
from livingreview.errors import ReviewError
from livingreview.pipeline import receipt

SOURCES = (
    "review.yaml",
    "requirements.lock",
    "pyproject.toml",
    "Snakefile",
    "data",
    "analysis",
    "manuscript",
    "figures",
    "profiles",
)
IGNORED = shutil.ignore_patterns(
    "__pycache__", "_built", "_output", "_variables.yml", ".quarto", "*.svg", "*.pdf", "*.png", ".snakemake"
)


def compare(review: Path, root: Path) -> int:
    """Build the review from its sources in a temporary folder and compare the SHA-256 of every output.

    Returns 0 when all agree, 1 when any differs, is missing or is too many (each is named on standard output).
    Receipt, journal and logs are records of a build, not outputs, and stay apart.
    """
    path = review / receipt.PATH
    if not path.is_file():
        raise ReviewError("nothing has been built here yet: run `make rebuild` first")
    here = {
        p: canonical.file_digest(review / p)
        for p in canonical.read_json(path)["outputs"]
        if (review / p).is_file()
    }
    with tempfile.TemporaryDirectory(prefix="clean-room-") as folder:
        other = Path(folder) / "review"
        _copy(review, other)
        code = other if review.resolve() == root.resolve() else root
        print(f"Building from scratch in {other} ...", flush=True)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LIVINGREVIEW_")}
        command = [sys.executable, "-m", "snakemake", "rebuild", "--snakefile", str(code / "Snakefile")]
        command += ["--directory", str(other), "--workflow-profile", str(code / "profiles/default")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=other)
        if done.returncode:
            sys.stderr.write(done.stderr)
            raise ReviewError("the build from scratch failed (see above)")
        made = canonical.read_json(other / receipt.PATH)["outputs"]
        there = {p: canonical.file_digest(other / p) for p in made}
    differing = sorted(p for p in here.keys() | there.keys() if here.get(p) != there.get(p))
    for name in differing:
        what = (
            "only in the clean build" if name not in here else "only here" if name not in there else "differs"
        )
        print(f"  {name}: {what}")
    if differing:
        print(f"{len(differing)} of {len(here | there)} files are not what a clean build makes.")
        return 1
    print(f"Incremental equals clean: {len(here)} files, each the same bytes.")
    return 0


def _copy(review: Path, other: Path) -> None:
    other.mkdir(parents=True)
    for name in SOURCES:
        source = review / name
        if source.is_dir():
            shutil.copytree(source, other / name, ignore=IGNORED)
        elif source.is_file():
            shutil.copy2(source, other / name)
