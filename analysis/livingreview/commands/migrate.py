"""``livingreview migrate``: tables of an older layout brought to the present one."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "bring tables of an older layout to the present one"
DESCRIPTION = (
    "Carry out the changes of layout that data/schema/migrations.yaml lists, where they are still needed: new, renamed and "
    "unused columns, changed codes. Tables that are up to date stay as they are. Nothing is written that is not valid."
)
EXAMPLE = "livingreview migrate --dry-run"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where, and whether to write."""
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="a folder of tables elsewhere, such as a copy of an old release's data/raw",
    )


def run(given: argparse.Namespace) -> int:
    """Migrate and say what was done."""
    from livingreview.pipeline.fingerprint import repository
    from livingreview.update import migrations

    root = repository()
    raw = given.data.resolve() if given.data else None
    enter(given.directory)
    said = migrations.migrate(Path.cwd(), root, raw, given.dry_run)
    if not said:
        print("The tables have the present layout; nothing to do.")
    for line in said:
        print(line)
    if said and given.dry_run:
        print("Nothing was written (--dry-run).")
    return 0
