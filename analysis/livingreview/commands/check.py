"""``livingreview check``: protocol and tables, all problems at once."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter
from livingreview.errors import report

SUMMARY = "check protocol and tables; all problems at once, nothing is written"
DESCRIPTION = (
    "Read review.yaml and every table of data/raw and tell all that does not fit, with file, row and column."
)
EXAMPLE = "livingreview check --directory ../my-review"


def run(given: argparse.Namespace) -> int:
    """Check the review; raises ReviewError with every problem."""
    from livingreview.extraction import dataset
    from livingreview.pipeline.fingerprint import repository
    from livingreview.screening import flow

    root = repository()
    enter(given.directory)
    found = dataset.load(Path(), root)
    merges = flow.duplicates(found)
    flow.flow(found, merges)
    if problems := [*found.problems, *merges.problems]:
        print(report(problems))
    rows = sum(len(table) for table in found.tables.values())
    print(
        f"No errors: {rows} rows in {len(found.tables)} tables agree with the protocol and with each other."
    )
    if not found.tables["studies"]:
        print("There are no studies yet.")
    return 0
