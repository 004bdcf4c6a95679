"""``livingreview clean-room``: the same bytes from scratch."""

from __future__ import annotations

import argparse

SUMMARY = "build from scratch elsewhere and compare every output"
DESCRIPTION = "Build the review from its sources in a temporary folder and compare the bytes of every output with those here."
EXAMPLE = "livingreview clean-room"


def run(given: argparse.Namespace) -> int:
    """Build elsewhere and compare."""
    from livingreview.pipeline import cleanroom
    from livingreview.pipeline.fingerprint import repository

    return cleanroom.compare(given.directory.resolve(), repository())
