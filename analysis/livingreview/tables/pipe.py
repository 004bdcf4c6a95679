"""A table of markdown cells as a pandoc pipe table with relative column widths, a caption and a label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from livingreview.claims.wording import NO_DATA

Align = Literal["left", "right", "center"]

DASH = "–"
"""A cell for which there is nothing to say."""

# Pandoc takes the dashes of a pipe table for relative widths where a source line is longer than its column width (72).
_DASHES = 120


@dataclass(frozen=True)
class Column:
    """Head of a column (markdown), its width relative to the others, and its alignment."""

    head: str
    width: float
    align: Align = "left"


@dataclass(frozen=True)
class Table:
    """A table: ``rows`` hold one markdown cell a column, already escaped."""

    label: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]] = field(default_factory=tuple)

    def markdown(self) -> str:
        """The pipe table with its caption and label. A table without rows says ``no data``.

        Raises ValueError where a row has not one cell a column, or a cell would break the row.
        """
        rows = list(self.rows) or [[NO_DATA, *[""] * (len(self.columns) - 1)]]
        for row in rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.label}: {len(row)} cells for {len(self.columns)} columns: {row}")
            if any("\n" in cell for cell in row):
                raise ValueError(f"{self.label}: a line break in a cell: {row}")
        lines = [_line(c.head for c in self.columns), "|" + "|".join(self._rules()) + "|"]
        lines += [_line(row) for row in rows]
        return "\n".join(lines) + f"\n\n: {self.caption} {{#tbl-{self.label}}}\n"

    def _rules(self) -> list[str]:
        whole = sum(c.width for c in self.columns)
        rules = []
        for column in self.columns:
            dashes = "-" * max(3, round(_DASHES * column.width / whole) - 2)
            left = ":" if column.align in ("left", "center") else "-"
            right = ":" if column.align in ("right", "center") else "-"
            rules.append(f"{left}{dashes}{right}")
        return rules


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.strip() or " " for cell in cells) + " |"
