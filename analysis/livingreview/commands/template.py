"""``livingreview template``: the extraction form as a workbook."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "write an extraction form (XLSX) with lists to choose from, notes and validation"
DESCRIPTION = (
    "Write a workbook with a sheet for each table, made from the schemas: empty, for new studies, or with the rows of one "
    "study, to correct it. Import it with `livingreview import-xlsx`."
)
EXAMPLE = "livingreview template --study smith2020"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which study, for whom, and where to."""
    parser.add_argument("--study", default="", metavar="ID", help="fill in the rows of this study")
    parser.add_argument(
        "--second", action="store_true", help="for a second, independent extraction of --study: its ids alone"
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="the file to write (default: build/forms/NAME.xlsx)"
    )


def run(given: argparse.Namespace) -> int:
    """Write the form and say where."""
    from livingreview.canonical import write_bytes
    from livingreview.errors import Problem, ReviewError
    from livingreview.pipeline.fingerprint import repository
    from livingreview.update import form

    root = repository()
    output = given.output.resolve() if given.output else None
    enter(given.directory)
    if given.second and not given.study:
        raise ReviewError(Problem("--second needs --study ID: the study that is extracted a second time"))
    name = (given.study or "new_studies") + ("_second" if given.second else "")
    path = output or Path("build/forms") / f"{name}.xlsx"
    if path.exists() and output is not None:
        raise ReviewError(
            Problem(
                "there is a file of this name; nothing was written",
                file=str(path),
                suggestion="name another one",
            )
        )
    write_bytes(path, form.make(Path(), root, given.study, given.second))
    call = f"livingreview import-xlsx {path}{' --second' if given.second else ''}"
    print(f"The form stands in {path}. Fill it in, save it as XLSX, and call: {call}")
    return 0
