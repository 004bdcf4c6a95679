"""Typst, with the fonts that the packages bring and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata as packages
from pathlib import Path
from typing import Any, cast

from livingreview.errors import Problem, ReviewError
from livingreview.publish.pdf_streams import plain_ends
from livingreview.publish.project import Project
from livingreview.publish.sources import files

_ACCESSIBLE = "ua-1"
_NO_GLYPH = re.compile(r"could not be displayed with (?:any )?font")
# Latin letters and their accents are in every text font.
_FIRST_DOUBTFUL = 0x250
_PROBE = '#set document(title: "a")\n#set text(font: ("Fira Sans", "Libertinus Serif"))\n#"{}"\n'


def pdf(
    text: bytes, project: Project, document: Path, epoch: int, archival: str | None = None
) -> tuple[bytes, list[Problem]]:
    """The PDF of a Typst text and warnings. ``archival`` is a further standard that it must meet, such as ``a-2b``.

    The PDF conforms to PDF/UA-1, which wants a glyph for every character. Where the fonts lack one, the PDF is made
    without that promise and a warning names the character and, if it is found, its file and line; the tags for
    readers of the page stay. Raises ReviewError with Typst's message for everything else.
    """
    import typst

    further = (archival,) if archival else ()
    try:
        content = _compiled(text, project, document, epoch, (_ACCESSIBLE, *further))
        return (plain_ends(content) if archival else content), []
    except typst.TypstError as error:
        if not _NO_GLYPH.search(str(error)):
            raise ReviewError(_failed(error, project, document)) from None
    try:
        content = _compiled(text, project, document, epoch)
    except typst.TypstError as error:
        raise ReviewError(_failed(error, project, document)) from None
    promised = "PDF/UA or PDF/A" if archival else "PDF/UA"
    return content, list(_without_glyph(text, project, document, promised))


def font_folders() -> list[Path]:
    """Folders of the packaged text fonts, for a review whose fonts have not been collected yet."""
    try:
        folder = packages.distribution("fontpkg-fira-sans").locate_file("fontpkg_fira_sans/files")
    except packages.PackageNotFoundError:
        return []
    return [Path(str(folder))]


def _compiled(
    text: bytes, project: Project, document: Path, epoch: int, standards: tuple[str, ...] = ()
) -> bytes:
    import typst

    collected = project.folder / "_built" / "fonts"
    # The stub ties the types of all paths together, which the function does not.
    compiled = cast(Any, typst.compile)(
        text,
        root=document.parent.resolve(),
        font_paths=[collected] if collected.is_dir() else font_folders(),
        ignore_system_fonts=True,
        format="pdf",
        timestamp=epoch,
        pdf_standards=list(standards),
    )
    return bytes(compiled)


def _failed(error: Exception, project: Project, document: Path) -> Problem:
    detail = "; ".join([str(error), *(str(h) for h in getattr(error, "hints", None) or [])])
    return Problem(f"Typst could not make the PDF: {detail}", project.shown(document))


def _without_glyph(text: bytes, project: Project, document: Path, promised: str) -> Iterator[Problem]:
    """One warning for each place with characters that no font has."""
    import typst

    missing = []
    for character in sorted(set(text.decode("utf-8"))):
        if ord(character) < _FIRST_DOUBTFUL:
            continue
        try:
            _compiled(_PROBE.format(character).encode(), project, document, 0, (_ACCESSIBLE,))
        except typst.TypstError:
            missing.append(character)
    places: dict[tuple[str, int | None], list[str]] = {}
    for character in missing:
        places.setdefault(_place(character, project, document), []).append(character)
    for (file, line), characters in places.items():
        named = ", ".join(f"{c} (U+{ord(c):04X})" for c in characters[:8])
        more = f" and {len(characters) - 8} more" if len(characters) > 8 else ""
        yield Problem(
            f"no font has a sign for {named}{more}; the PDF shows an empty box there and does not promise {promised}",
            file,
            line,
            severity="warning",
        )
    if not missing:  # a sequence of characters, each of which has a glyph
        yield Problem(
            f"a glyph is missing in the PDF, which does not promise {promised}",
            project.shown(document),
            severity="warning",
        )


def _place(character: str, project: Project, document: Path) -> tuple[str, int | None]:
    """Where a character stands: what people write comes before what was built from it."""
    sources = [source.path for source in files(document)]
    written = [path for path in sources if "_built" not in path.parts]
    written += [project.review / "review.yaml", *sorted((project.review / "data" / "raw").rglob("*.csv"))]
    built = [path for path in sources if "_built" in path.parts]
    built += [project.folder / "references.bib", project.folder / "_variables.yml"]
    for path in [*written, *built, *sorted((project.folder / "_built").glob("*.[jy]*"))]:
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        position = text.find(character)
        if position >= 0:
            return project.shown(path), text.count("\n", 0, position) + 1
    return project.shown(document), None
