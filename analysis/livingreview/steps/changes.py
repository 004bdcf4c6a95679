"""Step: what changed since the last version in the ledger, as facts and as a report (HTML and PDF)."""

from __future__ import annotations

import sys
from pathlib import Path

from livingreview.changes import compare, state
from livingreview.claims import wording as w
from livingreview.pipeline.layout import CHANGES
from livingreview.releases import ledger

OUTPUT = Path("manuscript/_output")


def run(review: Path, root: Path) -> list[Path]:
    """Compare the build with the last version in the ledger; write the facts to :data:`CHANGES` and the report beside the documents.

    Returns the written files. Raises :class:`livingreview.errors.ReviewError` for a ledger that cannot be read.
    """
    last = ledger.last(review)
    before = None if last is None else state.of_release(last)
    found, text = compare.compared(review, root, before, compare.present(review))
    made = compare.written(review, root, found, text, review / OUTPUT, "changes")
    compare.store(review / CHANGES, found)
    sys.stdout.write(f"changes: {summary(found)}\n")
    return [review / CHANGES, *made]


def summary(found: dict[str, object]) -> str:
    """One line for the terminal."""
    before = found.get("before")
    if not isinstance(before, dict):
        return "this is the first version"
    since = f"since {before['version']}"
    if found["unchanged"]:
        return f"nothing changed {since}"
    if before["kind"] == "published":
        return f"{before['version']} was published and not recomputed; side by side"
    claims, studies = found["claims"], found["studies"]
    assert isinstance(claims, dict)
    assert isinstance(studies, dict)
    return (
        f"{since}: {w.studies(len(studies['added']))} added, {len(studies['removed'])} removed, "
        f"{len(studies['corrected'])} corrected; {w.counted(len(claims['moved']), 'claim', 'claims')} moved"
    )
