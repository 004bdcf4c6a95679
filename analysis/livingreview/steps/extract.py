"""The extract gate: raw tables → validated → canonical slices, one file a reader."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from livingreview import slices
from livingreview.canonical import dumps, write_text
from livingreview.certainty.slice import certainty
from livingreview.errors import Problem
from livingreview.extraction import dataset, rowkeys
from livingreview.living.slice import update
from livingreview.notices import notices
from livingreview.releases.slice import releases
from livingreview.slices import Review
from livingreview.supplement import supplement


def run(review: Path, root: Path, out: Path) -> list[Path]:
    """Validate the review and write its slices under ``out``; returns the files written, the manifest last.

    Raises :class:`livingreview.errors.ReviewError` before anything is written if a table or the flow is wrong.
    """
    found, texts = made(review, root)
    for name, text in texts.items():
        write_text(out / name, text)
    boxes = found.flow["boxes"]
    print(
        f"extract: {boxes['identified']['total']} records, {boxes['assessed']} reports assessed, "
        f"{boxes['included_studies']} studies included, {len(found.data.tables['outcomes'])} outcomes"
    )
    return [out / name for name in texts]


def made(review: Path, root: Path) -> tuple[Review, dict[str, str]]:
    """The review and what the gate would write, by file name, the manifest last; nothing is written.

    Raises :class:`livingreview.errors.ReviewError` if a table or the flow is wrong.
    """
    data = dataset.load(review, root)
    found = Review(data)
    texts = {name: dumps(value) for name, value in all_slices(found, root, review).items()}
    problems = [*data.problems, *found.merges.problems]
    manifest = {
        "slices": {name: hashlib.sha256(text.encode("utf-8")).hexdigest() for name, text in texts.items()},
        "studies": slices.study_digests(found),
        "protocol": slices.protocol_digests(found),
    }
    report = dumps({"problems": [_problem(p) for p in problems]})
    return found, {"report.json": report, **texts, "manifest.json": dumps(manifest)}


def all_slices(review: Review, root: Path, folder: Path | None = None) -> dict[str, Any]:
    """Content of every slice by file name, relative to the gate's folder. ``folder`` holds the ledger (None: ``root``)."""
    found = _slices(review, root, root if folder is None else folder)
    return {
        **found,
        "notices.json": notices(review, lambda r: found if r is review else _slices(r, root, folder or root)),
    }


def _slices(review: Review, root: Path, folder: Path) -> dict[str, Any]:
    """All slices but the notices."""
    earlier = releases(review, folder)
    therapies = [t["code"] for t in review.protocol["therapies"]]
    return {
        **{f"therapy/{code}.json": slices.therapy_slice(review, code) for code in therapies},
        "characteristics.json": slices.characteristics(review),
        "appraisal.json": slices.appraisal(review),
        "certainty.json": certainty(review),
        "flow.json": review.flow,
        "documents.json": slices.documents(review, root),
        "supplement.json": supplement(review),
        "bibliography.json": slices.bibliography(review),
        "rows.json": rowkeys.index(review.data.tables),
        "releases.json": earlier,
        "update.json": update(review, earlier),
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "message": problem.message,
        "place": problem.place,
        "value": problem.value,
        "suggestion": problem.suggestion,
    }
