"""``livingreview merge-table``: git's merge driver for the tables."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

SUMMARY = "merge two versions of a table by key and cell (git calls it; `make setup` tells git)"
DESCRIPTION = (
    "The merge driver that .gitattributes names for data/raw: additions and corrections of different rows merge, also where "
    "they are neighbours; the same cell changed in two ways is a conflict, named and marked."
)
EXAMPLE = "git config merge.livingreview.driver '.venv/bin/livingreview merge-table %O %A %B %P'"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The three versions as git gives them, and the path of the table."""
    for name in ("base", "ours", "theirs"):
        parser.add_argument(name, type=Path)
    parser.add_argument("path", type=Path)


def run(given: argparse.Namespace) -> int:
    """Merge; 1 where a conflict is left."""
    from livingreview.extraction.dataset import STREAMED
    from livingreview.extraction.schema import FOLDER, load_schemas
    from livingreview.pipeline.fingerprint import repository
    from livingreview.update import table_merge

    stem = given.path.stem
    table = next((t for t in STREAMED if stem.startswith(f"{t}_")), stem)
    review = next((p for p in given.path.parents if (p / "review.yaml").is_file()), Path())
    schemas = load_schemas(*dict.fromkeys((review / FOLDER, repository() / FOLDER)))
    conflicts = table_merge.merge_files(given.base, given.ours, given.theirs, schemas.get(table))
    for line in conflicts:
        sys.stderr.write(f"{given.path}: {line}\n")
    return 1 if conflicts else 0
