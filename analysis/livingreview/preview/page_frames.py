"""What surrounds the text of each page: header, footer, numbers of pages and of lines, and the margins that these leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from livingreview.preview.page_content import Box, PageContent
from livingreview.submission import pdf_lines
from livingreview.submission.pdf_text import Piece

# What a rule stands apart from the header or footer that it belongs to (pt).
_RULE = 9.0


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
    beside = [pdf_lines.line_numbers(found, body)[1] for found in pieces]
    spread = [(found, page.height) for found, page in zip(pieces, pages, strict=True)]
    printed = pdf_lines.page_numbers(spread, beside)
    edges = pdf_lines.furniture(spread, beside, printed)
    return [
        _frame(page, found, numbers, edge, body)
        for page, found, numbers, edge in zip(pages, pieces, beside, edges, strict=True)
    ]


def _frame(
    page: PageContent, pieces: list[Piece], numbers: set[Piece], edges: set[Piece], body: float
) -> Frame:
    # A header and its rule go over the whole width.
    boxes: list[Box] = [
        (0.0, page.height - p.y - p.size - _RULE, page.width, page.height - p.y + 0.4 * p.size + _RULE)
        for p in edges
    ]
    boxes += [_box(p, page.height) for p in numbers]
    column: Box | None = None
    left = right = None
    starts = [round(p.x) for p in pieces if p not in numbers and p not in edges and abs(p.size - body) < 0.15]
    if numbers and starts:
        around = [_box(p, page.height) for p in numbers]
        column = (min(b[0] for b in around), 0.0, max(b[2] for b in around), page.height)
        on_left = column[2] < page.width / 2
        # most lines begin where the text does, or are indented
        counted = Counter(starts)
        left = float(min(s for s in counted if counted[s] >= max(counted.values()) / 4))
        right = page.width - left if on_left else min(column[0], page.width)
    return Frame(tuple(boxes), column, left, right)


def _box(piece: Piece, height: float) -> Box:
    return piece.x, height - piece.y - piece.size, piece.end, height - piece.y + 0.3 * piece.size
