"""Lines of a page, their distance, their numbers in the margin, and the numbers of the pages.

What is found follows from positions alone: marks that call something an artifact are not believed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from livingreview.submission.pdf_text import Piece
from livingreview.submission.pdf_types import LineNumbers

# Pieces whose baselines are this near (pt) stand on one line.
_SAME_LINE = 1.5
# Numbers of lines are at least this far (pt) from the text.
_GAP = 3.0
# Headers and footers are looked for in bands of this height (pt) at the edges of a page.
_BAND = 90.0
# Sizes that differ by less (pt) are the same.
_SAME_SIZE = 0.15


def body_lines(pieces: Sequence[Piece], size: float) -> list[tuple[float, float]]:
    """Lines with text of a size: baseline and left end, from top to bottom."""
    lines: list[tuple[float, float]] = []
    for piece in sorted(pieces, key=lambda p: (-p.y, p.x)):
        if abs(piece.size - size) > _SAME_SIZE or not piece.text.strip():
            continue
        if lines and lines[-1][0] - piece.y < _SAME_LINE:
            lines[-1] = lines[-1][0], min(lines[-1][1], piece.x)
        else:
            lines.append((piece.y, piece.x))
    return lines


def distance(lines: Sequence[tuple[float, float]], size: float) -> float | None:
    """The commonest distance of neighbouring baselines in pt, the smaller of equally common ones; None below two lines.

    What is further apart than four times the size is not neighbouring.
    """
    steps = Counter(round(a[0] - b[0], 1) for a, b in pairwise(lines) if a[0] - b[0] < 4 * size)
    # rounding may part one distance into two that are next to each other
    return min(steps, key=lambda s: (-steps[s], s)) if steps else None


def line_numbers(pieces: Sequence[Piece], size: float) -> tuple[LineNumbers | None, set[Piece]]:
    """Numbers that stand in a margin beside the lines of a page, with the pieces that they are.

    They are whole numbers alone, beside a line of text, rising from top to bottom by the same step, for at least half of
    the lines of the body.
    """
    digits: list[Piece] = []
    others: list[Piece] = []
    for piece in pieces:
        (digits if re.fullmatch(r"\d{1,5}", piece.text.strip()) else others).append(piece)
    lines = body_lines(others, size)
    if not digits or not lines:
        return None, set()
    # The text ends where the margin begins; a column of numbers in a table is inside it.
    left, right = min(p.x for p in others), max(p.end for p in others)
    anywhere = [p.y for p in others]
    for side, margin in (
        ("left", [p for p in digits if p.end < left - _GAP]),
        ("right", [p for p in digits if p.x > right + _GAP]),
    ):
        beside = sorted(
            (p for p in margin if any(abs(p.y - y) < _SAME_LINE for y in anywhere)), key=lambda p: -p.y
        )
        values = [int(p.text) for p in beside]
        steps = {b - a for a, b in pairwise(values)}
        if not values or len(steps) > 1 or min(steps, default=1) < 1:
            continue
        # Where they number lines, they number most of them; a column of a table or a mark of citation does not.
        if len(values) * min(steps, default=1) < len(lines) / 2:
            continue
        return LineNumbers(values[0], values[-1], min(steps, default=0), len(values), side), set(beside)
    return None, set()


def unnumbered(lines: Sequence[tuple[float, float]], numbers: set[Piece], found: LineNumbers | None) -> int:
    """Lines without a number beside them; where every fifth is numbered, those beyond four in a row."""
    if found is None:
        return len(lines)
    missing = run = 0
    for y, _ in lines:
        run = 0 if any(abs(n.y - y) < _SAME_LINE for n in numbers) else run + 1
        missing += run >= max(found.step, 1)
    return missing


def page_numbers(
    pages: Sequence[tuple[Sequence[Piece], float]], numbers: Sequence[set[Piece]]
) -> list[int | None]:
    """The number that each page prints in its header or footer, or None.

    ``pages`` are pieces and height of each. Numbers rise by one from page to page; where several numbers do, that
    on most pages counts, and then the one that is the count of the page itself.
    """
    bands = [
        {
            int(found)
            for p in pieces
            if p not in lines and (p.y < _BAND or p.y > height - _BAND)
            for found in re.findall(r"(?<![\d.,])\d{1,4}(?![\d]|[.,]\d)", p.text)
        }
        for (pieces, height), lines in zip(pages, numbers, strict=True)
    ]
    offsets = Counter(value - index for index, band in enumerate(bands, 1) for value in band)
    if not offsets:
        return [None] * len(bands)
    best = min(offsets, key=lambda o: (-offsets[o], abs(o), o))
    # One number that is not the page's own may be anything.
    if offsets[best] < max(len(bands) / 2, 2 if best else 1):
        return [None] * len(bands)
    return [index + best if index + best in band else None for index, band in enumerate(bands, 1)]


def furniture(
    pages: Sequence[tuple[Sequence[Piece], float]],
    numbers: Sequence[set[Piece]],
    printed: Sequence[int | None],
) -> list[set[Piece]]:
    """The pieces of each page that are header or footer.

    They stand near an edge, at the same height on most pages, with the same text but for numbers; or they are the number
    of the page and nothing else. What has a line number beside it is text.
    """

    def apart(piece: Piece, height: float, lines: set[Piece]) -> bool:
        edge = piece.y < _BAND or piece.y > height - _BAND
        return edge and not any(abs(piece.y - number.y) < _SAME_LINE for number in lines)

    def key(piece: Piece) -> tuple[int, str]:
        return round(piece.y), re.sub(r"\d+", "", piece.text).strip()

    recurring = Counter(
        k
        for (pieces, height), lines in zip(pages, numbers, strict=True)
        for k in {key(p) for p in pieces if apart(p, height, lines)}
    )
    return [
        {
            p
            for p in pieces
            if apart(p, height, lines)
            and (
                (recurring[key(p)] > 1 and recurring[key(p)] > len(pages) / 2)
                or (own is not None and p.text.strip() == str(own))
            )
        }
        for (pieces, height), lines, own in zip(pages, numbers, printed, strict=True)
    ]
