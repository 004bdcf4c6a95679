"""The reporting checklists, with page and line of the files of this package."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from pydantic import TypeAdapter

from livingreview.reporting import lists
from livingreview.submission import checklist_files
from livingreview.submission.checklist_places import EVERYTHING_ELSE, Printed, apart
from livingreview.submission.figure_files import Made
from livingreview.submission.layout import Layout
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.manuscript import STEM
from livingreview.submission.parts.record import Record
from livingreview.submission.parts.supplement import file_names, stem, without_lists

_STATEMENTS = {EVERYTHING_ELSE: "Statements.pdf"}


def run(at: Context) -> Record:
    """Write a PDF and a DOCX for each list. Raises ReviewError with every place that was not found in the files of the package."""
    layout = at.layout
    given = at.source(at.plan.main)  # in the very style of the files that are searched
    figures = TypeAdapter(Made).validate_python(at.other("figures").measured["figures"])
    tables = [f.name for r in at.earlier() if r.part == "tables" for f in r.files if f.name.endswith(".docx")]
    removed = _removed(layout)
    pdf = f"{STEM}.pdf"
    printed = {
        at.plan.main: Printed(
            given, layout, at.made("manuscript", pdf), apart(given.tree, figures, tables), removed,
            record.tagged(at.other("manuscript"), pdf),
        )
    }  # fmt: skip
    plain = replace(layout.plain(), blinded=layout.blinded)
    for name in at.settings["documents"]:
        source = at.source(name)
        source = replace(source, tree=without_lists(source.tree, file_names(at)))
        pdf = f"{stem(name)}.pdf"
        tags = record.tagged(at.other("supplement"), pdf)
        printed[name] = Printed(
            source, plain, at.made("supplement", pdf), removed=_removed(plain), tagged=tags
        )
    found = checklist_files.checklists(at.checklists, at.review, at.root, printed)
    made: list[tuple[Path, str]] = []
    said: list[str] = []
    names, known = file_names(at), lists.load(at.review, at.root)
    for filled in found:
        written = checklist_files.checklist_file(given, filled, layout, at.folder / names[filled.code])
        made += [(path, f"Checklist {known[filled.code].name}") for path in written.files]
        said += written.warnings
    measured = {
        "checklists": [asdict(filled) for filled in found],
        **record.measures(path for path, _ in made),
    }
    return Record(at.part, record.files(at.part, made, "reviewers"), measured, tuple(said))


def _removed(layout: Layout) -> dict[str, str]:
    """Where that stands which is taken out of a text: in files that reviewers do not see."""
    if layout.blinded:
        return {**_STATEMENTS, "title": "TitlePage.pdf"}
    return _STATEMENTS if layout.without else {}
