"""``livingreview trace``: where a printed number comes from, and what rests on a study."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter
from livingreview.errors import ReviewError

SUMMARY = "where a printed number comes from; or all that rests on a study"
DESCRIPTION = (
    "With KEY: the chain behind a claim, from the sentences that print it over the claim, the notebook cell and the studies to the rows of the tables "
    "(file and row as they stand now) and the source of each study. With --study alone: everything that rests on a study, for a correction or retraction: "
    "its rows, claims, sentences with document and line, tables and figures. Keys are those of the documents' {{< var KEY >}} and of the HTML. "
    "The review must have been built; nothing is written."
)
EXAMPLE = "livingreview trace included.studies.n; livingreview trace --study smith2020"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The claim, the study, or both."""
    parser.add_argument("key", nargs="?", metavar="KEY", help="key of a claim, e.g. included.studies.n")
    parser.add_argument("--study", metavar="ID", help="id of a study, e.g. smith2020")


def run(given: argparse.Namespace) -> int:
    """Print the chain; 0, or 1 by ReviewError for an unknown key or study."""
    from livingreview.pipeline.fingerprint import repository
    from livingreview.trace import chain

    if not given.key and not given.study:
        raise ReviewError("say what to trace: the key of a claim, or --study with the id of a study")
    enter(given.directory)
    root = repository()
    lines = (
        chain.one_claim(Path(), root, given.key, given.study)
        if given.key
        else chain.whole_study(Path(), root, given.study)
    )
    print("\n".join(lines).rstrip())
    return 0
