"""What surrounds the text of each page: header, footer, numbers of pages and of lines, and the margins that these leave."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from livingreview.preview.page_content import Box, PageContent
from livingreview.submission import pdf_lines
from livingreview.submission.pdf_text import Piece

# What a rule stands apart from the header or footer that it belongs to (pt).
_RULE = 9.0
# Sizes that differ by less (pt) are the same.
_SAME_SIZE = 0.15


@dataclass(frozen=True, slots=True)
class Frame:
    """``furniture`` are the boxes of headers, footers and numbers. ``numbers`` is the column of the line numbers and
    ``left`` and ``right`` where the text begins and may end, all None where lines have no numbers."""

    furniture: tuple[Box, ...]
    numbers: Box | None
    left: float | None
    right: float | None


def frames(pages: Sequence[PageContent]) -> list[Frame]:
    """The frame of each page."""
    pieces = [page.pieces() for page in pages]
    sizes = Counter[float]()
    for found in pieces:
        for piece in found:
            sizes[round(piece.size, 1)] += len(piece.text)
    body = min(sizes, key=lambda s: (-sizes[s], s)) if sizes else 0.0
    beside = _line_numbers(pieces, body)
    spread = [(found, page.height) for found, page in zip(pieces, pages, strict=True)]
    printed = pdf_lines.page_numbers(spread, beside)
    edges = pdf_lines.furniture(spread, beside, printed)
    starts: dict[float, list[Piece]] = defaultdict(list)
    for page, found, numbers, edge in zip(pages, pieces, beside, edges, strict=True):
        if numbers:
            starts[round(page.width)] += [p for p in found if p not in edge and _same(p, body)]
    return [
        _frame(page, numbers, edge, _start(starts[round(page.width)]))
        for page, numbers, edge in zip(pages, beside, edges, strict=True)
    ]


def _line_numbers(pages: list[list[Piece]], body: float) -> list[set[Piece]]:
    """The line numbers of each page.

    Where something else stands among them, they are those in the column that they have on other pages.
    """
    found = [pdf_lines.line_numbers(pieces, body)[1] for pieces in pages]
    numbered = [numbers for numbers in found if numbers]
    if len(numbered) < len(pages) / 2:
        return found
    left, right = min(p.x for n in numbered for p in n), max(p.end for n in numbered for p in n)
    for index, pieces in enumerate(pages):
        if not found[index]:
            beside = [
                p
                if p.text.isdecimal()
                else replace(p, x=max(p.x, right + _RULE), end=max(p.end, right + _RULE))
                for p in pieces
            ]
            more = pdf_lines.line_numbers(beside, body)[1]
            if all(left - 6 < p.x and p.end < right + 6 for p in more):
                found[index] = more
    return found


def _start(pieces: Sequence[Piece]) -> float | None:
    """Where the text begins: most lines do there, or are indented."""
    counted = Counter(round(p.x) for p in pieces if not p.text.isdecimal())
    return float(min(x for x in counted if counted[x] >= max(counted.values()) / 4)) if counted else None


def _frame(page: PageContent, numbers: set[Piece], edges: set[Piece], start: float | None) -> Frame:
    # A header and its rule go over the whole width.
    boxes: list[Box] = [
        (0.0, page.height - p.y - p.size - _RULE, page.width, page.height - p.y + 0.4 * p.size + _RULE)
        for p in edges
    ]
    around = [_box(p, page.height) for p in numbers]
    column: Box | None = None
    right = None
    if around and start is not None:
        column = (min(b[0] for b in around), 0.0, max(b[2] for b in around), page.height)
        right = page.width - start if column[2] < page.width / 2 else column[0]
    return Frame((*boxes, *around), column, start if around else None, right)


def _same(piece: Piece, size: float) -> bool:
    return abs(piece.size - size) < _SAME_SIZE


def _box(piece: Piece, height: float) -> Box:
    return piece.x, height - piece.y - piece.size, piece.end, height - piece.y + 0.3 * piece.size
