"""The extract gate: raw tables → validated → canonical slices, one file a reader."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from livingreview import slices
from livingreview.canonical import dumps, write_json, write_text
from livingreview.certainty.slice import certainty
from livingreview.errors import Problem
from livingreview.extraction import dataset
from livingreview.slices import Review
from livingreview.supplement import supplement


def run(review: Path, root: Path, out: Path) -> list[Path]:
    """Validate the review and write its slices under ``out``; returns the files written, the manifest last.

    Raises :class:`livingreview.errors.ReviewError` before anything is written if a table or the flow is wrong.
    """
    data = dataset.load(review, root)
    found = Review(data)
    content = all_slices(found, root)
    problems = [*data.problems, *found.merges.problems]
    texts = {name: dumps(value) for name, value in content.items()}
    write_json(out / "report.json", {"problems": [_problem(p) for p in problems]})
    for name, text in texts.items():
        write_text(out / name, text)
    manifest = {
        "slices": {name: hashlib.sha256(text.encode("utf-8")).hexdigest() for name, text in texts.items()},
        "studies": slices.study_digests(found),
        "protocol": slices.protocol_digests(found),
    }
    write_json(out / "manifest.json", manifest)
    boxes = found.flow["boxes"]
    print(
        f"extract: {boxes['identified']['total']} records, {boxes['assessed']} reports assessed, "
        f"{boxes['included_studies']} studies included, {len(data.tables['outcomes'])} outcomes"
    )
    return [out / name for name in ("report.json", *content, "manifest.json")]


def all_slices(review: Review, root: Path) -> dict[str, Any]:
    """Content of every slice by file name, relative to the gate's folder."""
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
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "message": problem.message,
        "place": problem.place,
        "value": problem.value,
        "suggestion": problem.suggestion,
    }
