"""Two versions of the synthetic review for tests of the change report: edits of its tables, and states without a whole build."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.changes.rebuild import Rebuilder
from livingreview.changes.state import State
from livingreview.extraction import dataset
from livingreview.slices import Review

ROOT = Path(__file__).resolve().parents[2]
REVIEW = ROOT / "tests/review"
Rows = list[dict[str, str]]


def laid(folder: Path) -> Path:
    """The sources of the synthetic review in a folder."""
    for name in ("data", "manuscript"):
        shutil.copytree(
            REVIEW / name, folder / name, ignore=shutil.ignore_patterns("_built", "_output", "_variables.yml")
        )
    shutil.copy2(REVIEW / "review.yaml", folder / "review.yaml")
    return folder


def edit(review: Path, table: str, change: Callable[[Rows], Rows]) -> None:
    """Rewrite a raw table after ``change``."""
    path = review / f"data/raw/{table}.csv"
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    header = list(rows[0])
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(rows))


def set_cell(review: Path, table: str, where: dict[str, str], column: str, value: str) -> None:
    """Set a cell of the only row with these values."""

    def change(rows: Rows) -> Rows:
        [row] = [r for r in rows if all(r[c] == v for c, v in where.items())]
        row[column] = value
        return rows

    edit(review, table, change)


def without(review: Path, study: str) -> None:
    """Take a study out of every table, its records too."""
    for path in sorted((review / "data/raw").rglob("*.csv")):
        name = path.relative_to(review / "data/raw").with_suffix("").as_posix()
        if "study_id" in path.read_text(encoding="utf-8").splitlines()[0].split(","):
            edit(review, name, lambda rows: [r for r in rows if r["study_id"] != study])


def replaced(review: Path, old: str, new: str) -> None:
    """Replace a text of review.yaml that must be there."""
    path = review / "review.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def state(review: Path, rebuilder: Rebuilder, **given: Any) -> State:
    """A version as the comparison reads it, made by the cheap steps; ``given`` replaces fields."""
    found = Review(dataset.load(review, ROOT))
    protocol = found.protocol
    fields: dict[str, Any] = {
        "version": str(protocol["version"]),
        "kind": "released",
        "date": str(protocol["date"]),
        "look": 1,
        "folder": review,
        "claims": rebuilder.claims(review),
        "included": tuple(sorted(s["study_id"] for s in found.studies("included"))),
        "labels": {key: name["label"] for key, name in found.names.items()},
        "flow": canonical_flow(found),
    }
    return State(**(fields | given))


def canonical_flow(review: Review) -> dict[str, Any]:
    """The flow as a file of the gate would hold it."""
    import json

    return dict(json.loads(canonical.dumps(review.flow)))
