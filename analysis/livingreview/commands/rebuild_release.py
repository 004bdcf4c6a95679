"""``livingreview rebuild-release``: prove that an old release can be made again."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "build an old release from its commit and compare every output"
DESCRIPTION = (
    "Lay out the commit that a release was made from in a temporary folder, build it there with the release's own code and the present Python and "
    "packages, and compare every output byte by byte. Says that all are identical, or exactly which files and which software versions differ."
)
EXAMPLE = "livingreview rebuild-release 2026.11"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the version."""
    parser.add_argument("version", metavar="VERSION", help="a released version, such as 2026.11")


def run(given: argparse.Namespace) -> int:
    """Rebuild and compare; returns 1 where anything differs."""
    from livingreview.pipeline.fingerprint import repository
    from livingreview.releases import rebuild

    root = repository()
    enter(given.directory)
    print(f"Building release {given.version} from its commit in a temporary folder ...", flush=True)
    found = rebuild.rebuild(Path(), root, given.version)
    print(found.text())
    return 0 if found.identical else 1
