"""``livingreview receipt``: what the last build ran, and why."""

from __future__ import annotations

import argparse
import sys

SUMMARY = "what the last build ran, and why"
DESCRIPTION = "Print the steps of the last build with the reason of each, and what lies there now."
EXAMPLE = "livingreview receipt"


def run(given: argparse.Namespace) -> int:
    """Print the receipt; 1 where nothing has been built."""
    from livingreview import canonical
    from livingreview.pipeline import receipt

    path = given.directory / receipt.PATH
    if not path.is_file():
        sys.stderr.write(f"Nothing has been built here yet: there is no {path}. To build: make rebuild\n")
        return 1
    content = canonical.read_json(path)
    for step in content["steps"]:
        name = " ".join([step["rule"], *step["wildcards"].values()])
        print(f"{name}: {step['why']} ({step['seconds']:.1f} s)")
    print(receipt.summary(content))
    return 0
