"""The tags of a PDF: rows, headings and captions, with the pages that they stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pypdf import PdfReader

_DEEPEST = 60
_HEADING = re.compile(r"H[1-6]?|Title")


@dataclass(slots=True)
class Tagged:
    """A part of a document: its type and the numbers of its marked content by page (counted from 1)."""

    kind: str
    marks: dict[int, list[int]] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The first page that it stands on."""
        return min(self.marks)

    @property
    def last(self) -> int:
        """The last page that it stands on."""
        return max(self.marks)


def parts(reader: PdfReader) -> list[Tagged]:
    """Headings, captions, rows of tables, figures and paragraphs of a tagged PDF in the order of reading; empty for others.

    What has no content on a page is left out; a part of a row, such as a paragraph in it, belongs to the row.
    """
    pages = {
        page.indirect_reference.idnum: n
        for n, page in enumerate(reader.pages, 1)
        if page.indirect_reference is not None
    }
    root = reader.root_object.get("/StructTreeRoot")
    tree = root.get_object().get("/K") if root is not None else None
    found: list[Tagged] = []
    _walk(tree, 0, pages, None, found, 0)
    return [part for part in found if part.marks]


def headings_alone(found: list[Tagged]) -> Iterator[Tagged]:
    """Headings, and captions before their tables, after which the page ends."""
    for here, part in enumerate(found):
        after = next((p for p in found[here + 1 :] if p.kind != "Figure"), None)
        if after is None or after.first <= part.last:
            continue
        if _HEADING.fullmatch(part.kind) or (part.kind == "Caption" and after.kind == "TR"):
            yield part


def rows_cut(found: list[Tagged]) -> Iterator[Tagged]:
    """Rows of tables that stand on more than one page."""
    return (part for part in found if part.kind == "TR" and part.first != part.last)


def _walk(
    node: Any, page: int, pages: dict[int, int], within: Tagged | None, found: list[Tagged], depth: int
) -> None:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            _walk(child, page, pages, within, found, depth)
    elif isinstance(node, int):
        if within is not None and page:
            within.marks.setdefault(page, []).append(node)
    elif isinstance(node, dict) and depth < _DEEPEST:
        own = node.raw_get("/Pg") if "/Pg" in node else None  # type: ignore[attr-defined]
        page = pages.get(getattr(own, "idnum", 0), page) if own is not None else page
        if node.get("/Type") == "/OBJR":
            return
        if node.get("/Type") == "/MCR":
            _walk(node.get("/MCID"), page, pages, within, found, depth)
            return
        kind = str(node.get("/S", "")).lstrip("/")
        apart = _HEADING.fullmatch(kind) or kind in ("Caption", "TR", "Figure")
        if apart or (
            within is None and kind in ("P", "LBody", "Lbl", "Formula", "Code", "Span", "BlockQuote")
        ):
            within = Tagged(kind)
            found.append(within)
        _walk(node.get("/K"), page, pages, within, found, depth + 1)
