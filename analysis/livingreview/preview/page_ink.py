"""The pixels of a page: where there is ink."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from livingreview.preview.page_content import Box

_DPI = 72
# Lightness (of 255) from the paper that is ink.
_VISIBLE = 24
EDGE = 3 / 25.4 * 72
"""Width (pt) of the band along the edges that printers leave white."""


@dataclass(frozen=True, slots=True)
class Ink:
    """A page as pixels of one point: True where it differs from the paper, whose colour is that of most pixels of the band at the edges."""

    marks: Any

    def at_edge(self) -> Box | None:
        """The box around the ink less than 3 mm from the edges; None where there is none."""
        band = np.zeros_like(self.marks)
        width = int(EDGE)
        for side in (np.s_[:width], np.s_[-width:], np.s_[:, :width], np.s_[:, -width:]):
            band[side] = self.marks[side]
        return _box(band)

    def outside(self, boxes: Iterable[Box]) -> Box | None:
        """The box around the ink that is in none of these; None where there is none."""
        rest = self.marks.copy()
        for left, top, right, bottom in boxes:
            rest[max(0, int(top)) : int(bottom) + 2, max(0, int(left)) : int(right) + 2] = False
        return _box(rest)


def ink(document: Any, index: int) -> Ink:
    """The ink of a page (counted from 0) of a ``pypdfium2.PdfDocument``."""
    page = document[index]
    try:
        bitmap = page.render(scale=_DPI / 72, grayscale=True)
        pixels = bitmap.to_numpy()[..., 0] if bitmap.to_numpy().ndim == 3 else bitmap.to_numpy().copy()
        pixels = np.asarray(pixels, dtype=np.int16).copy()
        bitmap.close()
    finally:
        page.close()
    width = int(EDGE)
    edges = np.concatenate([pixels[side].ravel() for side in (np.s_[:width], np.s_[-width:])])
    paper = int(np.bincount(edges).argmax()) if edges.size else 255
    return Ink(np.abs(pixels - paper) > _VISIBLE)


def _box(marks: Any) -> Box | None:
    rows, columns = np.flatnonzero(marks.any(axis=1)), np.flatnonzero(marks.any(axis=0))
    if not rows.size:
        return None
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
