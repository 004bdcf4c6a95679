"""The other documents of the review as the supplement."""

from __future__ import annotations

from pathlib import Path

from livingreview.submission import documents
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.manuscript import counted
from livingreview.submission.parts.record import Record


def run(at: Context) -> Record:
    """Write each document as PDF and DOCX under the name of its source (``Supplement.pdf``), single spaced, nothing left out."""
    made: list[tuple[Path, str]] = []
    said: list[str] = []
    unresolved: list[str] = []
    for name in at.settings["documents"]:
        given = at.source(name)
        written = documents.manuscript(given, at.layout, at.folder / stem(name))
        made += [(path, given.title) for path in written.files]
        said += written.warnings
        unresolved += counted(at, given.tree).unresolved
    files = record.files(at.part, made, "reviewers")
    measured = {"unresolved": unresolved, **record.measures(path for path, _ in made)}
    return Record(at.part, files, measured, tuple(said))


def stem(document: str) -> str:
    """The name of a document's files: ``supplement`` gives ``Supplement``."""
    return "".join(word[:1].upper() + word[1:] for word in document.replace("-", "_").split("_"))
