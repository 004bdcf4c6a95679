"""The figures of the manuscript as files."""

from __future__ import annotations

from dataclasses import asdict

from livingreview.errors import ReviewError
from livingreview.submission import documents, figure_files
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.record import Record


def run(at: Context) -> Record:
    """Make ``Fig1`` … in the journal's formats. Raises ReviewError where the journal's wishes cannot be followed at all.

    A figure that cannot be made is told in what was measured: the checks fail by it, and name it.
    """
    given = documents.source(at.review, at.root, at.plan.main)
    wanted = figure_files.Wanted.from_json(at.settings["wanted"])
    if problems := figure_files.checked(wanted):
        raise ReviewError(problems)
    sources = figure_files.figures_of(given.tree, at.review, given.document.parent)
    made = figure_files.make(sources, wanted, at.folder)
    named = [(at.folder / f.name, f"Figure {figure.number}") for figure in made.figures for f in figure.files]
    files = record.files(at.part, named, "reviewers")
    said = [str(problem) for problem in made.problems]
    said += [f"figures are not made as {kind.upper()}" for kind in made.left_out]
    return Record(at.part, files, {"figures": asdict(made)}, tuple(said))
