"""``livingreview agreement``: two extractors' tables compared."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "compare two extractors' tables: agreement by column, and what is to be decided"
DESCRIPTION = (
    "Compare the tables of data/raw/second with those of data/raw field by field: percent agreement, Cohen's kappa and "
    "Gwet's AC1 by column, each difference, and whether it is settled in data/raw/adjudications.csv. Names the outputs that an "
    "open difference keeps from release."
)
EXAMPLE = "livingreview agreement"


def run(given: argparse.Namespace) -> int:
    """Print the comparison; 0 also where differences are open (a release refuses them)."""
    from livingreview.errors import report
    from livingreview.extraction import agreement, dataset
    from livingreview.pipeline.fingerprint import repository

    root = repository()
    enter(given.directory)
    found = agreement.of(dataset.load(Path(), root))
    print("\n".join(agreement.lines(found)))
    if blocked := agreement.blocking(Path(), root):
        print("\nA release is refused until these are decided:\n" + report(blocked))
    return 0
