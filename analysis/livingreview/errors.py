"""Problems in what people wrote, told to people: what, where, what is allowed, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend (or, as a warning or note, to know about) in a file that a person wrote.

    ``row`` counts as a spreadsheet does: the header is row 1. In a text file it is the line.
    """

    message: str
    file: str = ""
    row: int | None = None
    column: str = ""
    value: str | None = None
    allowed: str = ""
    suggestion: str = ""
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """Where to look, e.g. ``data/raw/arms.csv, row 7, column therapy``."""
        parts = [self.file] if self.file else []
        table = self.file.endswith((".csv", ".tsv", ".txt")) or ", sheet " in self.file
        if self.row is not None:
            parts.append(f"row {self.row}" if table else f"line {self.row}")
        if self.column:
            parts.append(f"column {self.column}" if table else self.column)
        return ", ".join(parts)

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        if self.value is not None:
            shown = self.value if len(self.value) <= 80 else self.value[:77] + "…"
            text += (
                f"\n    found:   {shown!r}"
                if shown != shown.strip() or not shown
                else f"\n    found:   {shown}"
            )
        if self.allowed:
            text += f"\n    allowed: {self.allowed}"
        if self.suggestion:
            text += f"\n    to do:   {self.suggestion}"
        return text


class ReviewError(Exception):
    """Raised for bad input; carries every problem found, so that all are told at once."""

    def __init__(self, problems: Problem | Sequence[Problem] | str) -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        self.problems: list[Problem] = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


def report(problems: Iterable[Problem]) -> str:
    """Text for a person: every problem in the order of file and row, then a line that counts them."""
    order = {"error": 0, "warning": 1, "note": 2}
    found = sorted(problems, key=lambda p: (order[p.severity], p.file, p.row or 0, p.column, p.message))
    lines = [f"{p.severity.upper()}  {p}" for p in found]
    counts = [
        f"{n} {word}{'' if n == 1 else 's'}"
        for word in ("error", "warning", "note")
        if (n := sum(p.severity == word for p in found))
    ]
    if counts:
        lines.append(", ".join(counts))
    return "\n".join(lines)
