"""The sheet that stands for a figure without data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livingreview.figures.sheet import FULL_WIDTH, Sheet, body, heading, setting, wrap

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def no_data(text: str) -> Figure:
    """``No data`` and, below it, why; 174 mm wide."""
    sheet = Sheet(FULL_WIDTH, 24)
    sheet.box(0.3, 0.3, FULL_WIDTH - 0.6, 23.4, setting("axes.facecolor"), setting("axes.edgecolor"))
    lines = wrap(text, 160, body(), most=2)
    sheet.text(FULL_WIDTH / 2, 7.5, "No data", heading(), "semibold", align="center")
    sheet.lines(FULL_WIDTH / 2, 11.2, lines, align="center", colour=setting("axes.labelcolor"))
    return sheet.figure
