"""The tables of the manuscript as files of their own."""

from __future__ import annotations

from livingreview.submission import documents
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.record import Record


def run(at: Context) -> Record:
    """Write ``Table1.docx`` …, editable."""
    written = documents.table_files(at.source(at.plan.main), at.layout, at.folder)
    made = [(path, path.stem.replace("Table", "Table ")) for entry in written for path in entry.files]
    files = record.files(at.part, made, "reviewers")
    said = tuple(line for entry in written for line in entry.warnings)
    return Record(at.part, files, record.measures(path for path, _ in made), said)
