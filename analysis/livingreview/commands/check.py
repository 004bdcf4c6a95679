"""``livingreview check``: protocol and tables, all problems at once."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter
from livingreview.errors import ReviewError, report

SUMMARY = "check protocol, tables and text; all problems at once, nothing is written"
DESCRIPTION = (
    "Read review.yaml and every table of data/raw and tell all that does not fit, with file, row and column; then the text: "
    "numbers that are typed instead of printed by a claim, and items of reporting checklists without a place."
)
EXAMPLE = "livingreview check --directory ../my-review"


def run(given: argparse.Namespace) -> int:
    """Check the review; raises ReviewError with every problem."""
    from livingreview import notices
    from livingreview.conclusions import check as conclusions
    from livingreview.extraction import agreement, dataset
    from livingreview.pipeline.fingerprint import repository
    from livingreview.prose import check as prose
    from livingreview.reporting import labels
    from livingreview.screening import flow
    from livingreview.update import migrations

    root = repository()
    enter(given.directory)
    older = migrations.pending(Path(), root)
    try:
        found = dataset.load(Path(), root)
    except ReviewError as error:
        raise ReviewError([*error.problems, *older]) from None
    merges = flow.duplicates(found)
    flow.flow(found, merges)
    told = [*conclusions.problems(found, Path(), root), *prose.problems(Path(), root, labels.listed(Path()))]
    told += [*agreement.of(found).problems, *older]
    if any(p.severity == "error" for p in told):
        raise ReviewError([*found.problems, *merges.problems, *told])
    if problems := [*found.problems, *merges.problems, *told]:
        print(report(problems))
    rows = sum(len(table) for table in found.tables.values())
    print(
        f"No errors: {rows} rows in {len(found.tables)} tables agree with the protocol and with each other."
    )
    for line in notices.told(found):
        print(line)
    if not found.tables["studies"]:
        print("There are no studies yet.")
    return 0
