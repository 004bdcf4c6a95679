"""What the editor alone reads: title page, statements, cover letter."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from livingreview.submission import documents, statements
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.manuscript import as_made, for_title_page, short_texts
from livingreview.submission.parts.record import Record
from livingreview.submission.write import Written


def run(at: Context) -> Record:
    """Write ``TitlePage``, ``Statements`` and ``CoverLetter`` as PDF and DOCX; the letter lists the files of all parts before."""
    given = documents.source(at.review, at.root, at.plan.main)
    layout, settings = at.layout, at.settings
    made: list[tuple[Path, str]] = []
    said: list[str] = []

    def take(written: Written, title: str) -> None:
        made.extend((path, title) for path in written.files)
        said.extend(written.warnings)

    if settings["title_page"]:
        numbers = for_title_page(as_made(at), settings["counts"], short_texts(at))
        page = documents.title_page_file(
            given, layout, at.folder / "TitlePage", numbers, further=short_texts(at)
        )
        take(page, "Title page")
    asked = settings["statements"]
    take(documents.statements_file(given, layout, at.folder / "Statements", asked=asked), "Statements")
    if settings["cover_letter"]:
        enclosed = _enclosed(at, made)
        letter = documents.cover_letter_file(
            given,
            layout,
            at.folder / "CoverLetter",
            settings["title"],
            enclosed=enclosed,
            revised=at.plan.stage == "revision",
        )
        take(letter, "Cover letter")
    measured = {
        "statements": [asdict(s) for s in statements.statements(given.protocol, given.tree, asked)],
        "work": [asdict(w) for w in statements.recorded_work(at.review / "data" / "raw")],
        **record.measures(path for path, _ in made),
    }
    return Record(at.part, record.files(at.part, made, "editor"), measured, tuple(said))


def _enclosed(at: Context, own: list[tuple[Path, str]]) -> list[str]:
    """A line for each thing enclosed: its title with the names of its files; the files of figures have one line."""
    found: dict[str, list[str]] = {}
    for entry in [file for made in at.earlier() for file in made.files]:
        found.setdefault(entry.title, []).append(entry.name)
    for path, title in own:
        found.setdefault(title, []).append(path.name)
    figures = {title: names for title, names in found.items() if title.startswith("Figure ")}
    if len(figures) < 3:
        figures = {}
    lines = [f"{title} ({', '.join(names)})" for title, names in found.items() if title not in figures]
    return [*lines[:1], *_figures(figures), *lines[1:]]


def _figures(named: dict[str, list[str]]) -> list[str]:
    """One line for many figures: their numbers, the first and the last name, and the formats."""
    if not named:
        return []
    first, *_, last = named
    formats = dict.fromkeys(Path(name).suffix[1:] for names in named.values() for name in names)
    names = f"{Path(named[first][0]).stem} to {Path(named[last][0]).stem}: {', '.join(formats)}"
    return [f"{first.replace(' ', 's ')} to {last.split()[-1]} ({names})"]
