"""Glyphs and drawings that lie where they must not: beyond the page, behind a clip, over each other, in a margin."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence

from livingreview.preview.page_content import Box, Glyph, PageContent, Shape, common, united
from livingreview.preview.page_frames import Frame
from livingreview.preview.page_ink import EDGE

Finding = tuple[str, str, Box]
"""Kind, what it is in words, and where."""

# What is smaller (pt) is rounding, the width of a line or a serif.
_SLIGHT = 1.0
# Cuts of drawings are told from this depth (pt) on.
_DEEP = 3.0
# A frame is drawn up to this much (pt) around what it frames: the axes whose clip it is, a table as wide as the text.
_FRAME = 4.0
# The part of a glyph's box that another one covers.
_COVERED = 0.4
# Signs that stand over or around others: roots, integrals, large brackets, accents.
_AROUND = set("√∛∜∫∬∮∑∏⎛⎜⎝⎞⎟⎠⎡⎢⎣⎤⎥⎦⎧⎨⎩⎫⎬⎭‾_")


def beyond(page: PageContent) -> Iterator[Finding]:
    """What reaches beyond the page, or nearer than 3 mm to its edge."""
    whole = (0.0, 0.0, page.width, page.height)
    safe = (EDGE, EDGE, page.width - EDGE, page.height - EDGE)
    for what, box in (*_lines(page, whole, safe), *_drawn(page)):
        if _reach(box, whole) > _SLIGHT:
            yield "overflow", f"{what} reaches beyond the page", box
        elif _reach(box, safe) > _SLIGHT:
            yield "edge", f"{what} is less than 3 mm from the edge of the page", box


def cut(page: PageContent) -> Iterator[Finding]:
    """Text, pictures and drawings of which a clip hides a part.

    A drawing is cut where its surroundings cut everything, as the frame around a figure does; the clip of a plot's axes, in
    which labels and frames stand unclipped, is how plots are drawn.
    """
    words: dict[int, list[Glyph]] = defaultdict(list)
    for glyph in page.glyphs:
        if glyph.clip is not None and _reach(glyph.box, glyph.clip) > _SLIGHT:
            words[glyph.run].append(glyph)
    for glyphs in words.values():
        yield "clipped", f"the text “{_text(glyphs)}” is cut", _around(glyphs)
    clips: dict[Box, list[Shape]] = defaultdict(list)
    for shape in page.shapes:
        if shape.clip is None:
            continue
        if shape.kind == "picture":
            if _reach(shape.box, shape.clip) > _SLIGHT:
                yield "clipped", "a picture is cut", common(shape.box, shape.clip) or shape.box
        elif _reach(shape.box, shape.clip) > _DEEP and common(shape.box, shape.clip) is not None:
            clips[shape.clip].append(shape)
    for clip in clips:
        if not any(_inside(box, clip, _FRAME) for box in _free(page, clip)):
            yield "clipped", "a drawing is cut", clip


def overprinted(page: PageContent) -> Iterator[Finding]:
    """Text printed over other text, one for each pair of operations that drew it."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    found: dict[tuple[int, int], tuple[list[Glyph], list[Glyph]]] = {}
    glyphs = [g for g in page.glyphs if _stands_alone(g)]
    for here, glyph in enumerate(glyphs):
        left, top, right, bottom = glyph.box
        near: set[int] = set()
        for cell in (
            (x, y) for x in range(int(left // 16), int(right // 16) + 1) for y in range(int(top // 16), int(bottom // 16) + 1)
        ):  # fmt: skip
            near.update(cells[cell])
            cells[cell].append(here)
        for other in near:
            if _covers(glyphs[other], glyph, neighbours=here - other == 1):
                pair = found.setdefault((glyphs[other].run, glyph.run), ([], []))
                pair[0].append(glyphs[other])
                pair[1].append(glyph)
    for one, two in found.values():
        yield (
            "overprint",
            f"“{_text(one)}” and “{_text(two)}” are printed over each other",
            _around([*one, *two]),
        )


def in_margin(page: PageContent, frame: Frame) -> Iterator[Finding]:
    """Text and drawings that stand in the column of the line numbers, or go beyond the opposite margin."""
    if frame.numbers is None or frame.left is None or frame.right is None:
        return
    first, _, last, _ = frame.numbers
    lines = [*_rows([g for g in page.glyphs if not _within(g.box, frame.furniture)])]
    around = [("text", g) for g in lines] + [
        (what, box) for what, box in _drawn(page) if not _within(box, frame.furniture)
    ]
    for what, box in around:
        if box[0] < last - _SLIGHT and box[2] > first + _SLIGHT:
            yield "margin", f"{what} stands where the line numbers are", box
        elif box[2] > frame.right + _FRAME and last < page.width / 2:
            yield "margin", f"{what} goes beyond the right margin", box


def _lines(page: PageContent, whole: Box, safe: Box) -> Iterator[tuple[str, Box]]:
    """Text near the edges by operation, so that a line is told of once."""
    runs: dict[tuple[int, bool], list[Glyph]] = defaultdict(list)
    for glyph in page.glyphs:
        if _reach(glyph.box, safe) > 0:
            visible = common(glyph.box, glyph.clip)
            if visible is not None:
                runs[glyph.run, _reach(visible, whole) > 0].append(glyph)
    for glyphs in runs.values():
        yield f"the text “{_text(glyphs)}”", _around(glyphs)


def _drawn(page: PageContent) -> Iterator[tuple[str, Box]]:
    for shape in page.shapes:
        visible = common(shape.box, shape.clip)
        if visible is None:
            continue
        # what covers the whole page is its background
        if (
            visible[0] <= 1
            and visible[1] <= 1
            and visible[2] >= page.width - 1
            and visible[3] >= page.height - 1
        ):
            continue
        yield f"a {shape.kind}", visible


def _free(page: PageContent, clip: Box) -> Iterator[Box]:
    """What is drawn without that clip or one inside it."""
    drawn = [(s.box, s.clip) for s in page.shapes] + [(g.box, g.clip) for g in page.glyphs]
    return (box for box, own in drawn if own is None or not _inside(own, clip, 0.5))


def _rows(glyphs: Sequence[Glyph]) -> Iterator[Box]:
    runs: dict[int, list[Glyph]] = defaultdict(list)
    for glyph in glyphs:
        runs[glyph.run].append(glyph)
    return (_around(g) for g in runs.values())


def _reach(box: Box, limits: Box) -> float:
    """How far a box reaches beyond another."""
    return max(limits[0] - box[0], limits[1] - box[1], box[2] - limits[2], box[3] - limits[3])


def _inside(box: Box, clip: Box, slack: float = _SLIGHT) -> bool:
    return _reach(box, clip) <= slack


def _within(box: Box, furniture: Sequence[Box]) -> bool:
    return any(_reach(box, f) <= _SLIGHT * 2 for f in furniture)


def _stands_alone(glyph: Glyph) -> bool:
    level = not glyph.turned and glyph.text not in _AROUND
    return level and unicodedata.category(glyph.text[0]) not in ("Mn", "Me", "Lm", "Sk")


def _covers(one: Glyph, two: Glyph, *, neighbours: bool) -> bool:
    line = abs(one.baseline - two.baseline) < 0.1
    if line and one.run == two.run:
        # letters of a run are set by the font's own widths
        return False
    shared = common(one.box, two.box)
    if shared is None or (one.text == two.text and _reach(one.box, two.box) < 0.5):
        return False  # the same glyph once more makes it bold
    width, height = shared[2] - shared[0], shared[3] - shared[1]
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (one.box, two.box)]
    # A slanted letter reaches over the upright bracket that follows, but not over the next wide letter.
    area = max(areas) if line and neighbours else min(areas)
    return width > 0.6 and height > 0.6 and width * height > _COVERED * area


def _text(glyphs: Sequence[Glyph]) -> str:
    text = "".join(g.text for g in glyphs)
    return text if len(text) <= 40 else text[:39] + "…"


def _around(glyphs: Sequence[Glyph]) -> Box:
    box: Box | None = None
    for glyph in glyphs:
        box = united(box, glyph.box)
    return box or (0.0, 0.0, 0.0, 0.0)
