"""The sheet to sign: one line for each judgement that nobody has signed or that is open again, as the table of signatures wants it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from livingreview import canonical
from livingreview.certainty.model import SIGNED, Cell, Certainty, Rating
from livingreview.certainty.slice import RATED_UP_FOR
from livingreview.errors import Problem, ReviewError
from livingreview.extraction.schema import CORE
from livingreview.synthesis.sentences import capital

RESULT = Path("build/results/overview/certainty.json")
SHEET = Path("build/certainty/to_sign.csv")
TABLE = Path("data/raw/certainty.csv")


_AFTER = CORE["certainty"].index("judgement") + 1
COLUMNS = (*CORE["certainty"][:_AFTER], RATED_UP_FOR, *CORE["certainty"][_AFTER:])
"""Columns of the sheet, as the table has them."""


def rows(certainty: Certainty) -> Iterator[dict[str, str]]:
    """A row of the table for each judgement that is open, and for each signed certainty that is not what the domains give: proposed
    judgement, reason (before it, how the signature differs) and digest; name and date are left to the signer."""
    for rating in certainty.ratings:
        for cell in rating.all_cells:
            differs = cell is rating.overall and bool(rating.against_domains)
            if cell.status != SIGNED or differs:
                yield _row(rating, cell, differs)


def _row(rating: Rating, cell: Cell, differs: bool) -> dict[str, str]:
    clause = f"{rating.against_domains}. " if differs else ""
    return {
        "therapy": rating.therapy,
        "outcome": rating.outcome,
        "domain": cell.domain,
        "judgement": cell.proposed,
        RATED_UP_FOR: "",
        "reason": f"{capital(clause)}{cell.reason}",
        "signed_by": "",
        "date": "",
        "inputs_digest": cell.digest,
    }


def text(certainty: Certainty) -> str:
    """The sheet as CSV with the header of the table."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
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
    differing = sum(bool(r.against_domains) for r in found.ratings)
    told = (
        [f"{differing} signed above or below what the domains give: listed as well, to look at once more"]
        if differing
        else []
    )
    if not found.open:
        head = f"All {found.cells} judgements on certainty are signed"
        return [f"{head}; {SHEET} has {'these lines' if differing else 'no line'}.", *told]
    return [
        f"{found.open} of {found.cells} judgements on certainty are to be signed, as of the last build: {SHEET}",
        *told,
        f"To sign one, copy its line into {TABLE} (in place of your earlier line, if there is one), change judgement and reason",
        "where you judge otherwise, and fill in signed_by and date. Leave inputs_digest as it is. Then build again.",
    ]
