"""The manuscript as sources: XML for the journal's production, LaTeX where the journal takes it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from livingreview.canonical import write_bytes
from livingreview.errors import Problem
from livingreview.publish.project import epoch
from livingreview.submission import article, documents, figure_files, jats, jats_check, latex, latex_check
from livingreview.submission.documents import Source
from livingreview.submission.facts import File
from livingreview.submission.jats_front import Journal
from livingreview.submission.jats_references import items
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.manuscript import as_made, for_title_page
from livingreview.submission.parts.record import Record

JATS, LATEX = "ManuscriptJATS.xml", "ManuscriptLaTeX.tex"


def run(at: Context) -> Record:
    """Write the XML (for the editor: it names the authors) and the LaTeX source (blinded where the manuscript is), and check both."""
    given = at.source(at.plan.main)
    files: list[File] = []
    measured: dict[str, list[str]] = {}
    said: list[str] = []
    with tempfile.TemporaryDirectory(prefix="livingreview-") as folder:
        if at.settings["jats"]:
            files += _jats(at, given, Path(folder), measured, said)
        if at.settings["latex"]:
            files += _latex(at, given, Path(folder), measured, said)
    return Record(at.part, tuple(files), dict(measured), tuple(dict.fromkeys(said)))


def _jats(
    at: Context, given: Source, scratch: Path, measured: dict[str, list[str]], said: list[str]
) -> tuple[File, ...]:
    names = _pictures(at, given, None)
    identifier, title, publisher, issn = at.settings["journal"]
    xml, problems = jats.jats(
        article.article(given.tree),
        given.protocol,
        given.project,
        given.document,
        journal=Journal(identifier, title, publisher, issn),
        figures=names,
        references=items(at.bibliographies),
        epoch=_epoch(given),
        scratch=scratch,
        words=_words(at),
    )
    said += map(str, problems)
    write_bytes(at.folder / JATS, xml)
    measured["jats"] = _wrong(jats_check.check(xml, set(names.values()), JATS), said)
    return record.files(at.part, [(at.folder / JATS, "Manuscript as JATS XML")], "editor")


def _latex(
    at: Context, given: Source, scratch: Path, measured: dict[str, list[str]], said: list[str]
) -> tuple[File, ...]:
    layout = at.layout
    names = _pictures(at, given, "pdf")
    text, problems = latex.latex(
        article.article(documents.shown(given, layout)),
        given.protocol,
        given.project,
        given.document,
        figures=names,
        epoch=_epoch(given),
        scratch=scratch,
        layout=latex.Layout(round(layout.font_size), layout.line_spacing, layout.line_numbers),
        anonymous=layout.blinded,
    )
    said += map(str, problems)
    write_bytes(at.folder / LATEX, text.encode("utf-8"))
    measured["latex"] = _wrong(latex_check.check(text, set(names.values()), LATEX), said)
    return record.files(at.part, [(at.folder / LATEX, "Manuscript as LaTeX")], "reviewers")


def _pictures(at: Context, given: Source, suffix: str | None) -> dict[str, str]:
    """The file of the package for each picture of the document: of that format, else the first that was made."""
    made = at.other("figures").measured["figures"]["figures"]
    found = {}
    for figure in made:
        files = [entry["name"] for entry in figure["files"]]
        right = [name for name in files if suffix is None or name.endswith(f".{suffix}")]
        if right:
            found[figure["source"]] = right[0]
    known = {source.path for source in figure_files.figures_of(given.tree, at.review, given.document.parent)}
    return {path: name for path, name in found.items() if path in known}


def _words(at: Context) -> int:
    """Words of the text, as the title page has them."""
    return int(for_title_page(as_made(at), at.settings["counts"])["Words in the text"])


def _epoch(given: Source) -> int:
    return epoch({"date": given.protocol.date.isoformat()})


def _wrong(problems: list[Problem], said: list[str]) -> list[str]:
    """What is wrong; warnings (an ISSN that the profile does not know) are only noted."""
    said += [str(problem) for problem in problems if problem.severity == "warning"]
    return [str(problem) for problem in problems if problem.severity == "error"]
