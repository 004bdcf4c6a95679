"""The axis of proportions that the figures share: from 0 to 100 per cent along x, with the threshold of the protocol."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.figures.sheet import Dash, Sheet, line_height, setting, small

_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
AXIS_HIGH = 8.2
"""Height of ticks, numbers and title below the axis, in millimetres."""


@dataclass(frozen=True)
class PercentAxis:
    """0 per cent lies at ``left`` and 100 per cent at ``right``, in millimetres."""

    left: float
    right: float

    def x(self, share: float) -> float:
        """Place of a proportion; what rounding pushes out of 0 to 1 stays at the ends."""
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def grid(self, sheet: Sheet, top: float, bottom: float) -> None:
        """Thin lines at the ticks."""
        for tick in _TICKS:
            sheet.line([self.x(tick)] * 2, [top, bottom], setting("grid.color"), setting("grid.linewidth"))

    def axis(self, sheet: Sheet, y: float, title: str = "% of those evaluated") -> None:
        """The axis at ``y`` with its numbers and title below."""
        grey = setting("axes.labelcolor")
        sheet.line([self.left, self.right], [y, y])
        for tick in _TICKS:
            sheet.line([self.x(tick)] * 2, [y, y + 1.0])
            sheet.text(self.x(tick), y + 2.9, f"{tick * 100:g}", small(), align="center", colour=grey)
        if title:
            middle = (self.left + self.right) / 2
            sheet.text(middle, y + 6.4, title, small(), align="center", colour=grey)

    def threshold(self, sheet: Sheet, share: float, top: float, bottom: float) -> None:
        """The dashed line at the threshold."""
        sheet.line(
            [self.x(share)] * 2, [top, bottom], setting("lines.color"), setting("axes.linewidth") + 0.2,
            (0, (3.5, 2.0)),
        )  # fmt: skip

    def interval(
        self, sheet: Sheet, lower: float, upper: float, y: float, colour: str, dash: Dash = "-"
    ) -> None:
        """The line of an interval."""
        sheet.line([self.x(lower), self.x(upper)], [y, y], colour, setting("lines.linewidth"), dash)

    def said(self, sheet: Sheet, y: float, lines: list[str], size: float, x: float | None = None) -> None:
        """Words in place of an interval, centred on the axis or from ``x`` on, in grey on a ground of their own."""
        at = (self.left + self.right) / 2 if x is None else x
        align = "center" if x is None else "left"
        top = y - line_height(size) * (len(lines) - 1) / 2
        for number, line in enumerate(lines):
            here = top + number * line_height(size)
            sheet.behind(at, here, line, size, setting("figure.facecolor"), align)  # type: ignore[arg-type]
            sheet.text(at, here, line, size, align=align, colour=setting("axes.labelcolor"))  # type: ignore[arg-type]
