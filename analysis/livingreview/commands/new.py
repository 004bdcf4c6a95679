"""``livingreview new``: start another review."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "start another review in a new folder"
DESCRIPTION = "Lay the files of a new review into an empty or new folder: a protocol to fill in, empty tables, first texts."
EXAMPLE = "livingreview new ../my-review"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The folder to make."""
    parser.add_argument("directory", type=Path, metavar="DIR", help="the folder to make")


def run(given: argparse.Namespace) -> int:
    """Lay the files and say what was laid."""
    from livingreview import scaffold

    for line in scaffold.create(given.directory):
        print(line)
    return 0
