"""What is wrong with the pages of a PDF as they are printed: content beyond the page, cut or printed over other content, empty pages.

Nothing that a file says of itself is believed but its tags (for rows and headings): glyphs and drawings are looked up where
PDFium puts them, and the margins and the emptiness of pages are checked in their pixels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from livingreview.errors import Problem, ReviewError
from livingreview.preview import page_geometry, page_ink, page_tags
from livingreview.preview.page_content import Box, PageContent, library, read, united
from livingreview.preview.page_frames import Frame, frames

KINDS = {
    "overflow": "content beyond the page",
    "edge": "content less than 3 mm from the edge of the page",
    "clipped": "text or a picture that is cut",
    "overprint": "text printed over other text",
    "margin": "content in the margin where line numbers stand, or beyond the opposite one",
    "empty": "a page with nothing on it but header and footer",
    "unresolved": "a mark of a reference or value that was not found",
    "row": "a row of a table that is cut by the end of the page",
    "heading": "a heading or caption alone at the end of a page",
}
WARNINGS = ("heading",)
"""Kinds that are ugly and no more."""

_MM = 25.4 / 72
# A higher row (pt) may have to be cut: there is no page that it fits on with something else.
_HIGH_ROW = 280.0
# Usual sheets in mm: A3 to A5, letter, legal, tabloid.
_SHEETS = ((297, 420), (210, 297), (148, 210), (215.9, 279.4), (215.9, 355.6), (279.4, 431.8))
_UNRESOLVED = re.compile(
    r"\?(?:var|meta|env|invalid|brand):[^\s]*|\?@[\w:-]+|\?(?:fig|tbl|eq|sec)-[\w-]+|\?\?+|\{\{<[^>]*>\}\}"
    r"|\[@[\w:-]+|Error! (?:Reference source|Bookmark) not[ \w]*"
)
_DAMAGE = (OSError, PyPdfError, ValueError, LookupError, AttributeError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Defect:
    """What is wrong on a page (counted from 1). ``box_mm``: left, top, right, bottom from the page's upper left corner."""

    file: str
    page: int
    kind: str
    what: str
    box_mm: Box

    @property
    def warning(self) -> bool:
        """Whether it is ugly and no more."""
        return self.kind in WARNINGS

    def __str__(self) -> str:
        left, top, right, bottom = self.box_mm
        return (
            f"{self.file}, page {self.page}: {self.what} ({left:.0f}–{right:.0f} mm from the left, "
            f"{top:.0f}–{bottom:.0f} mm from the top)"
        )

    def to_json(self) -> dict[str, Any]:
        """Plain texts, numbers and lists."""
        return asdict(self)


def defects(pdf: Path) -> tuple[Defect, ...]:
    """All defects of a PDF by page, from top to bottom. Raises ReviewError where it is no PDF that can be read."""
    pdfium = library()
    try:
        document = pdfium.PdfDocument(pdf)
        try:
            pages = [read(document, i) for i in range(len(document))]
            inks = [page_ink.ink(document, i) for i in range(len(document))]
        finally:
            document.close()
        found = list(_of_pages(pages, inks))
        found += _of_tags(page_tags.parts(PdfReader(pdf)), pages)
    except (pdfium.PdfiumError, *_DAMAGE) as error:
        raise ReviewError(Problem(f"not a PDF that can be read: {error}", file=pdf.name)) from None
    made = {
        Defect(pdf.name, page, kind, what, tuple(round(v * _MM, 1) for v in box))  # type: ignore[arg-type]
        for page, kind, what, box in found
    }
    return tuple(sorted(made, key=lambda d: (d.page, d.box_mm[1], d.box_mm[0], d.kind, d.what)))


def defects_of(pdfs: Iterable[Path], *, warnings: bool = False) -> tuple[Defect, ...]:
    """The defects of several PDFs, one after the other; without warnings unless they are asked for."""
    return tuple(d for pdf in pdfs for d in defects(pdf) if warnings or not d.warning)


def defects_in(folder: Path, *, warnings: bool = False) -> tuple[Defect, ...]:
    """The defects of all PDFs in a folder and the folders in it, by name."""
    return defects_of(sorted(folder.rglob("*.pdf")), warnings=warnings)


_Found = tuple[int, str, str, Box]


def _of_pages(pages: Sequence[PageContent], inks: Sequence[page_ink.Ink]) -> Iterator[_Found]:
    picture = len(pages) == 1 and not any(_is_paper(page) for page in pages)
    for page, ink, frame in zip(pages, inks, frames(pages), strict=True):
        # A figure's file is as large as the figure: nothing is kept free around it.
        beyond = [f for f in page_geometry.beyond(page) if f[0] == "overflow" or not picture]
        for kind, what, box in (*beyond, *page_geometry.cut(page), *page_geometry.overprinted(page)):
            yield page.number, kind, what, box
        for kind, what, box in page_geometry.in_margin(page, frame):
            yield page.number, kind, what, box
        if not beyond and not picture and (edge := ink.at_edge()) is not None:
            yield page.number, "edge", "ink less than 3 mm from the edge of the page", edge
        yield from _empty(page, frame, ink)
        for match in _UNRESOLVED.finditer(page.text):
            mark = match[0]
            yield (
                page.number,
                "unresolved",
                f"the unresolved mark `{' '.join(mark.split())}` is printed",
                _where(page, mark),
            )


def _is_paper(page: PageContent) -> bool:
    """Whether a page has the size of a usual sheet, upright or turned."""
    short, long = sorted((page.width * _MM, page.height * _MM))
    return any(abs(short - a) < 3 and abs(long - b) < 3 for a, b in _SHEETS)


def _empty(page: PageContent, frame: Frame, ink: page_ink.Ink) -> Iterator[_Found]:
    if not ink.outside(frame.furniture):
        whole = (0.0, 0.0, page.width, page.height)
        yield page.number, "empty", "the page has nothing on it but what every page has", whole


def _where(page: PageContent, mark: str) -> Box:
    """The box of a text on a page; of the whole page where its characters are not next to each other."""
    written = "".join(g.text if len(g.text) == 1 else "?" for g in page.glyphs)
    at = written.find("".join(mark.split()))
    if at < 0:
        return 0.0, 0.0, page.width, page.height
    box: Box | None = None
    for glyph in page.glyphs[at : at + len("".join(mark.split()))]:
        box = united(box, glyph.box)
    return box or (0.0, 0.0, page.width, page.height)


def _of_tags(parts: list[page_tags.Tagged], pages: Sequence[PageContent]) -> Iterator[_Found]:
    for part in page_tags.rows_cut(parts):
        boxes = [_box(part, pages, number) for number in sorted(part.marks)]
        if sum(box[3] - box[1] for box in boxes) < _HIGH_ROW:
            yield part.first, "row", "a row of a table is cut by the end of the page", boxes[0]
    for part in page_tags.headings_alone(parts):
        word = "caption" if part.kind == "Caption" else "heading"
        yield (
            part.last,
            "heading",
            f"a {word} stands alone at the end of the page",
            _box(part, pages, part.last),
        )


def _box(part: page_tags.Tagged, pages: Sequence[PageContent], number: int) -> Box:
    page = pages[number - 1]
    box: Box | None = None
    for mark in part.marks[number]:
        if mark in page.marked:
            box = united(box, page.marked[mark])
    return box or (0.0, 0.0, page.width, page.height)
