"""``livingreview certainty``: the sheet of judgements to sign."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "write the sheet of judgements on certainty that are to be signed"
DESCRIPTION = (
    "Write build/certainty/to_sign.csv from the last build: one line for each judgement (GRADE) that nobody has signed or "
    "that is open again, with what is proposed and why."
)
EXAMPLE = "livingreview certainty"


def run(given: argparse.Namespace) -> int:
    """Write the sheet and say where."""
    from livingreview.certainty import sheet

    enter(given.directory)
    for line in sheet.write(Path()):
        print(line)
    return 0
