"""The sheet to sign: one line for each judgement that nobody has signed or that is open again, as the table of signatures wants it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from livingreview import canonical
from livingreview.certainty.model import SIGNED, Certainty
from livingreview.errors import Problem, ReviewError
from livingreview.extraction.schema import CORE

RESULT = Path("build/results/overview/certainty.json")
SHEET = Path("build/certainty/to_sign.csv")
TABLE = Path("data/raw/certainty.csv")


def rows(certainty: Certainty) -> Iterator[dict[str, str]]:
    """A row of the table for each open judgement: proposed judgement, reason and digest; name and date are left to the signer."""
    for rating in certainty.ratings:
        for cell in rating.all_cells:
            if cell.status != SIGNED:
                yield {
                    "therapy": rating.therapy,
                    "outcome": rating.outcome,
                    "domain": cell.domain,
                    "judgement": cell.proposed,
                    "reason": cell.reason,
                    "signed_by": "",
                    "date": "",
                    "inputs_digest": cell.digest,
                }


def text(certainty: Certainty) -> str:
    """The sheet as CSV with the header of the table."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, CORE["certainty"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(certainty))
    return out.getvalue()


def write(review: Path) -> list[str]:
    """Write the sheet of the review's last build; returns lines for the person at the screen.

    Raises ReviewError where the certainty has not been built.
    """
    source = review / RESULT
    if not source.is_file():
        raise ReviewError(
            Problem(
                "the certainty of the evidence has not been computed yet",
                file=RESULT.as_posix(),
                suggestion="build the review first: make rebuild",
            )
        )
    found = Certainty.from_json(canonical.read_json(source)["certainty"])
    canonical.write_text(review / SHEET, text(found))
    if not found.open:
        return [f"All {found.cells} judgements on certainty are signed; {SHEET} has no line."]
    return [
        f"{found.open} of {found.cells} judgements on certainty are to be signed, as of the last build: {SHEET}",
        f"To sign one, copy its line into {TABLE} (in place of your earlier line, if there is one), change judgement and reason",
        "where you judge otherwise, and fill in signed_by and date. Leave inputs_digest as it is. Then build again.",
    ]
