"""The facts of the status: from the tables, the protocol and the ledger, read now, and from the last build where only a build can tell."""

from __future__ import annotations

from pathlib import Path

from livingreview import canonical
from livingreview.extraction import dataset
from livingreview.living.schedule import schedule
from livingreview.living.status import Facts
from livingreview.releases import ledger
from livingreview.releases.slice import entries, releases
from livingreview.screening.queue import waiting
from livingreview.slices import Review

CERTAINTY = Path("build/results/overview/certainty.json")
CONCLUSIONS = Path("build/claims/conclusions.json")


def gather(folder: Path, root: Path) -> Facts:
    """Facts of the review in ``folder`` with the repository ``root`` behind it; nothing is written.

    Raises ReviewError for a review or a ledger that cannot be read.
    """
    review = Review(dataset.load(folder, root))
    slice_ = releases(review, folder)
    version = review.protocol["version"]
    known = [r for r in ledger.releases(folder) if ledger.order(r.version) <= ledger.order(version)]
    return Facts(
        protocol=review.protocol,
        schedule=schedule(review.protocol, review.rows("queries")),
        boxes=review.flow["boxes"],
        releases=entries(known),
        changed_since_release=slice_["changed_since_release"],
        queued=len(waiting(review.data, review.merges)),
        without_numbers=_without_numbers(review),
        disputed=_disputed(review),
        unsigned=_unsigned(folder),
        red=_red(folder, root),
    )


def _without_numbers(review: Review) -> list[str]:
    """Labels of the included studies of which no outcome has a number."""
    numbers = ("events", "before", "after", "change", "median", "mean", "min", "max")
    return [
        review.names[study["study_id"]]["label"]
        for study in review.studies("included")
        if not any(
            row.get(column) is not None
            for row in review.rows_of(study["study_id"], "outcomes")
            for column in numbers
        )
    ]


def _disputed(review: Review) -> list[str] | None:
    """Fields on which two extractors differ and nobody has decided; None where nothing was extracted twice."""
    if not review.data.second:
        return None
    from livingreview.extraction import agreement

    return [f"{difference.field} of {difference.row}" for difference in agreement.of(review.data).open]


def _unsigned(folder: Path) -> tuple[int, int] | None:
    """Open judgements on certainty and all of them, as of the last build; None without one."""
    try:
        found = canonical.read_json(folder / CERTAINTY)["certainty"]
    except (OSError, ValueError, KeyError):
        return None
    from livingreview.certainty.model import Certainty

    certainty = Certainty.from_json(found)
    return certainty.open, certainty.cells


def _red(folder: Path, root: Path) -> list[str] | None:
    """Names of the conclusions with a red alert that nobody has acknowledged, as of the last build; None without one."""
    if not (folder / CONCLUSIONS).is_file():
        return None
    from livingreview.conclusions.alerts import unacknowledged

    try:
        return [alert.name for alert in unacknowledged(folder, root)]
    except OSError:
        return None
