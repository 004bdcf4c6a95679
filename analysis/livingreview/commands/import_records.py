"""``livingreview import-records``: search results into the queue for screening."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "put search results (RIS, NBIB, CSV, BibTeX) into the queue for screening"
DESCRIPTION = (
    "Read the export of a database, leave out what is here already, link duplicates, and add the rest to "
    "data/raw/search/records_STREAM.csv with the decision `awaiting`. All records or none; a second run adds nothing. Then "
    "screen: set decision (include, exclude, unclear) and reason in that table."
)
EXAMPLE = "livingreview import-records pubmed.nbib --stream databases"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The file, the stream, and the format where it cannot be told."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the export")
    parser.add_argument(
        "--stream", required=True, metavar="NAME", help="a key of search.streams in review.yaml"
    )
    parser.add_argument(
        "--format",
        choices=("ris", "nbib", "bib", "csv"),
        default="",
        help="what the file is (default: told by its content)",
    )


def run(given: argparse.Namespace) -> int:
    """Take the records in and say what became of them."""
    from livingreview.errors import report
    from livingreview.pipeline.fingerprint import repository
    from livingreview.screening import queue, references

    root, file = repository(), given.file.resolve()
    enter(given.directory)
    export = references.read(file, given.format)
    done = queue.take_in(Path(), root, export, given.stream)
    if done.problems:
        print(report(done.problems))
    print("\n".join(done.lines()))
    return 0
