"""What the tags of a PDF say (headings, captions, paragraphs), where each begins, and the numbers printed there.

Nothing is taken from how a text looks: an element is what the file itself calls so, and its place is that of its own text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pypdf import PdfReader

from livingreview.errors import Problem, ReviewError
from livingreview.submission import pdf_text
from livingreview.submission.pdf_pages import DAMAGE, Pages

# Pieces whose baselines are this near (pt) stand on one line.
_SAME_LINE = 1.5
_DEEPEST = 60
# What only holds other elements.
_GROUPS = (
    "Document",
    "Part",
    "Sect",
    "Div",
    "Table",
    "THead",
    "TBody",
    "TFoot",
    "TR",
    "L",
    "LI",
    "TOC",
    "TOCI",
)


@dataclass(frozen=True, slots=True)
class Element:
    """A tagged element with text: its type (``H1``, ``P``, ``Caption`` …), all its text, and page (from 1) and baseline of its first line."""

    kind: str
    text: str
    page: int
    y: float


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tagged PDF. ``elements`` in the order of reading, outer before inner; ``destinations`` by name: page (from 1) and height in pt.

    ``printed`` are the numbers that the pages print (None: none), ``lines`` on each page baselines and numbers of numbered lines.
    """

    elements: tuple[Element, ...]
    destinations: Mapping[str, tuple[int, float]]
    printed: tuple[int | None, ...]
    lines: tuple[tuple[tuple[float, int], ...], ...]

    def page(self, place: Element) -> int:
        """The number that the page of a place prints; where it prints none, its place among the pages."""
        return self.printed[place.page - 1] or place.page

    def line(self, place: Element) -> int | None:
        """The number printed beside the first line of a place."""
        return next((n for y, n in self.lines[place.page - 1] if abs(y - place.y) < _SAME_LINE), None)


def read(given: Path | Pages) -> Tagged:
    """The tags of a PDF and what its margins print. Raises ReviewError where it cannot be read, or has no tags."""
    pages = given if isinstance(given, Pages) else Pages(given)
    try:
        root: Any = pages.reader.root_object
        if "/StructTreeRoot" not in root:
            raise ReviewError(Problem("the PDF has no tags, so that nothing can be found in it", pages.name))
        return Tagged(
            tuple(_Tree(pages.reader, pages.pieces).elements(root["/StructTreeRoot"].get("/K"), None, 0)),
            dict(_destinations(pages.reader)),
            tuple(pages.printed),
            tuple(tuple(sorted((p.y, int(p.text)) for p in found)) for found in pages.beside),
        )
    except DAMAGE as error:
        raise pages.unreadable(error) from None


def _destinations(reader: PdfReader) -> Iterator[tuple[str, tuple[int, float]]]:
    for name, place in reader.named_destinations.items():
        page, top = reader.get_destination_page_number(place), place.get("/Top")
        if page is not None and page >= 0 and isinstance(top, (int, float)):
            yield str(name), (page + 1, float(top))


class _Tree:
    """The tree of tags with the text that it points at."""

    def __init__(self, reader: PdfReader, pages: list[list[pdf_text.Piece]]) -> None:
        self.numbers = {
            page.indirect_reference.idnum: n
            for n, page in enumerate(reader.pages, 1)
            if page.indirect_reference is not None
        }
        self.marked: dict[tuple[int, int], list[pdf_text.Piece]] = {}
        for number, pieces in enumerate(pages, 1):
            for piece in pieces:
                if piece.mark is not None:
                    self.marked.setdefault((number, piece.mark), []).append(piece)

    def elements(self, node: Any, page: int | None, depth: int) -> Iterator[Element]:
        """The elements with text of a node and below it."""
        for child in self._children(node):
            if not isinstance(child, dict) or "/S" not in child or depth > _DEEPEST:
                continue
            own = self._page(child) or page
            kind = str(child["/S"]).lstrip("/")
            found = [] if kind in _GROUPS else list(self._pieces(child, page, depth))
            if found:
                first = found[0][0]
                # what begins an element stands highest among the pieces of its first mark
                y = max(p.y for n, p in found if (n, p.mark) == (first, found[0][1].mark))
                yield Element(kind, "".join(p.text for _, p in found), first, y)
            yield from self.elements(child.get("/K"), own, depth + 1)

    def _pieces(self, node: Any, page: int | None, depth: int) -> Iterator[tuple[int, pdf_text.Piece]]:
        """Pages and pieces below a node, in the order of reading."""
        if isinstance(node, int):
            yield from ((page, p) for p in self.marked.get((page or 0, node), ()) if page)
        elif isinstance(node, dict) and depth <= _DEEPEST:
            own = self._page(node) or page
            if "/MCID" in node:
                if "/Stm" not in node:
                    yield from self._pieces(int(node["/MCID"]), own, depth + 1)
                return
            for child in self._children(node.get("/K")):
                yield from self._pieces(child, own, depth + 1)

    def _page(self, node: Any) -> int | None:
        return self.numbers.get(node.raw_get("/Pg").idnum) if "/Pg" in node else None

    @staticmethod
    def _children(node: Any) -> list[Any]:
        found = node.get_object() if hasattr(node, "get_object") else node
        listed = found if isinstance(found, list) else [] if found is None else [found]
        return [child.get_object() if hasattr(child, "get_object") else child for child in listed]
