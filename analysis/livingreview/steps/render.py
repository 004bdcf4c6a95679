"""Step: render one document in every format and publish all of them, or none."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from livingreview.canonical import file_digest, write_json, write_text
from livingreview.errors import Problem, ReviewError
from livingreview.publish import claims, snapshot
from livingreview.publish.engine import FORMATS, find
from livingreview.publish.pages import page_count
from livingreview.publish.project import Project
from livingreview.publish.scan import unresolved


def run(document: str, review: Path, root: Path, out: Path) -> dict[str, Any]:
    """Render ``document`` (a name of ``documents`` in review.yaml) into ``manuscript/_output`` and record it in ``out``,
    with the document's snapshot beside it (``NAME.ast.json``).

    Everything is rendered and checked in a folder beside the target and moved there file by file at the end, so that
    a failure of any kind leaves the last good documents as they were.

    Returns the record written to ``out``: engine, its version, warnings, and per format the path, SHA-256 and (PDF)
    pages. Each warning is also printed once on standard error, as a line that begins with WARNING.
    Raises ReviewError with every problem found.
    """
    project = Project(review, root)
    source, prefix = project.entry(document)
    target = project.folder / "_output"
    try:
        target.mkdir(parents=True, exist_ok=True)
        # What a killed build left behind; two builds of one review never run at the same time.
        for stale in target.glob(f".{source.stem}-*"):
            shutil.rmtree(stale, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=target, prefix=f".{source.stem}-") as scratch:
            engine = find()
            made = engine.render(source, FORMATS, project.review, project.root, Path(scratch), prefix)
            # The built-in engine has it at hand; with the other one it is made apart, by the same packages.
            tree = made.get("tree") or snapshot.snapshot(document, project.review, project.root)
            claims.add(made["formats"]["html"], project)
            record = _publish(project, source, made, target)
            record |= {"engine": engine.name, "engine_version": engine.version}
    except OSError as error:
        raise _unwritten(error.strerror or str(error), project.shown(target)) from error
    except ReviewError as error:
        # Pandoc meets the full disk before we do, and says so in the midst of other words.
        full = os.strerror(errno.ENOSPC)
        if any(full.lower() in problem.message.lower() for problem in error.problems):
            raise _unwritten(full, project.shown(target)) from error
        raise
    write_text(out.with_suffix(".ast.json"), snapshot.dumps(tree))
    write_json(out, record)
    for warning in dict.fromkeys(record["warnings"]):
        sys.stderr.write(f"WARNING {warning}\n")
    return record


def _unwritten(reason: str, folder: str) -> ReviewError:
    return ReviewError(
        Problem(
            f"the documents could not be written: {reason}; the last good ones are unchanged",
            folder,
            suggestion="free some disk space or make the folder writable, then run the same command again",
        )
    )


def _publish(project: Project, source: Path, made: dict[str, Any], target: Path) -> dict[str, Any]:
    files: dict[str, Path] = made["formats"]
    problems = [
        Problem(f"the engine made no {name}", project.shown(source))
        for name in FORMATS
        if name not in files or not files[name].is_file() or not files[name].stat().st_size
    ]
    if not problems:
        problems = unresolved(files["html"], project.shown(source))
    if problems:
        raise ReviewError(problems)
    formats: dict[str, dict[str, Any]] = {}
    for name, path in files.items():
        formats[name] = {"path": f"manuscript/_output/{path.name}", "sha256": file_digest(path)}
    formats["pdf"]["pages"] = page_count(files["pdf"])
    for path in files.values():
        path.chmod(0o644)
        path.replace(target / path.name)
    return {"document": source.stem, "formats": formats, "warnings": made["warnings"]}
