"""``livingreview import-xlsx``: a filled form into the tables."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "bring a filled extraction form (XLSX) into the tables"
DESCRIPTION = (
    "Read a form that `livingreview template` wrote and write what was changed in it into the tables: everything, or nothing "
    "and all the reasons. Rows that the form does not touch stay as they are; a cell that somebody else changed since the "
    "form was made is named as a conflict and never overwritten."
)
EXAMPLE = "livingreview import-xlsx build/forms/smith2020.xlsx"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The form, and what to do with rows that were deleted in it."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the form")
    parser.add_argument("--delete", action="store_true", help="take out rows that were deleted in the form")
    parser.add_argument(
        "--second", action="store_true", help="a second extraction: into data/raw/second, beside the first"
    )


def run(given: argparse.Namespace) -> int:
    """Import the form and say which rows were written."""
    from livingreview.pipeline.fingerprint import repository
    from livingreview.update import form_import, second_form

    root, file = repository(), given.file.resolve()
    enter(given.directory)
    if given.second:
        lines = second_form.take_in(Path(), root, file)
    else:
        lines = form_import.take_in(Path(), root, file, given.delete).lines()
    print("\n".join(lines) or "The form changes nothing.")
    return 0
