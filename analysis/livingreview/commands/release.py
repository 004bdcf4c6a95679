"""``livingreview release``: put the present version into the ledger."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from livingreview.commands import enter
from livingreview.errors import ReviewError

SUMMARY = "build, and put the present version into the ledger for good"
DESCRIPTION = (
    "Bring everything up to date, then write data/releases/VERSION: claims, results, studies, flow, conclusions, texts, tables and a "
    "manifest that seals them and names the release before. A release never changes afterwards. It is refused, with every reason, when tables "
    "do not validate, something is not committed, nothing changed, the version exists or goes backwards, a red alert is not acknowledged, or "
    "extractors disagree on a field that is used. With --published it seals the printed figures of an earlier review (published.yaml)."
)
EXAMPLE = "livingreview release 2026.11"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the version and the kind of release."""
    parser.add_argument("version", metavar="VERSION", help="the version in review.yaml, such as 2026.11")
    parser.add_argument(
        "--published", action="store_true", help="seal an earlier review's figures in data/releases/VERSION"
    )


def run(given: argparse.Namespace) -> int:
    """Release the version; raises ReviewError with every reason against it."""
    from livingreview.pipeline import journal
    from livingreview.pipeline.fingerprint import repository
    from livingreview.releases import published, write

    root = repository()
    enter(given.directory)
    if given.published:
        folder = published.seal(Path(), given.version)
        print(f"{folder} is sealed: published, not recomputed. Commit it: git add {folder} && git commit")
        return 0
    try:
        folder = write.release(Path(), root, given.version, lambda: _build(root), _lock)
    except ReviewError:
        if build := os.environ.get("LIVINGREVIEW_BUILD"):
            journal.note_failure("release", build)  # the receipt of the build that called us names it
        raise
    print(f"Released {given.version}: {folder}")
    print(f"Commit it, and nothing else with it: git add {folder} && git commit -m 'Release {given.version}'")
    return 0


def _build(root: Path) -> None:
    """Build the review in the working directory; nothing where a build is what called us, for then all is built."""
    if os.environ.get("LIVINGREVIEW_BUILD"):
        return
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "analysis"), *_paths()])}
    command = [sys.executable, "-m", "snakemake", "rebuild", "--snakefile", str(root / "Snakefile")]
    command += ["--directory", str(Path.cwd()), "--workflow-profile", str(root / "profiles/default")]
    if subprocess.run(command, env=environment, check=False).returncode:
        raise ReviewError("the build failed (see above): nothing was released")


def _lock() -> None:
    """Keep other builds away while the release is gathered; a build that called us holds the lock itself."""
    from livingreview.pipeline import lock, preflight
    from livingreview.pipeline.build import LOCK

    if not os.environ.get("LIVINGREVIEW_BUILD"):
        lock.acquire(LOCK, preflight.say)


def _paths() -> list[str]:
    return [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
