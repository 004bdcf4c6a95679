"""``livingreview status``: what is due in a living review, for people and schedulers."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "what is due: searches, screening, signatures, releases, retirement"
DESCRIPTION = (
    "Say where the review stands on a day: days since the last search against the schedule, records that await screening, studies that await "
    "classification or data, disagreements and open signatures, and whether a rule for retirement is met. The exit status is 0 where nothing is due, "
    "1 where somebody has to act, and 2 where the status cannot be told. Nothing is written."
)
EXAMPLE = "livingreview status --today 2027-06-01 --json"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The day, and the form of the answer."""
    parser.add_argument(
        "--today", type=_day, metavar="YYYY-MM-DD", help="the day to tell it for (default: today)"
    )
    parser.add_argument("--json", action="store_true", help="as JSON, for other programs")


def run(given: argparse.Namespace) -> int:
    """Print the status; 0 nothing is due, 1 something is, 2 it cannot be told."""
    from livingreview.canonical import dumps
    from livingreview.errors import ReviewError, report
    from livingreview.living import status
    from livingreview.living.gather import gather
    from livingreview.pipeline.fingerprint import repository

    root = repository()
    try:
        enter(given.directory)
        found = status.status(gather(Path(), root), given.today or dt.date.today())
    except ReviewError as error:
        sys.stderr.write(report(error.problems) + "\n")
        return 2
    print(dumps(found).rstrip("\n") if given.json else "\n".join(status.lines(found)))
    return int(found["exit"])


def _day(text: str) -> dt.date:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day as YYYY-MM-DD") from None
