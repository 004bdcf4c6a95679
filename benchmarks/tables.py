"""Tables on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

Rows = list[list[str]]


def table(title: str, header: Sequence[str], rows: Rows) -> str:
    """A plain table; columns as wide as their longest cell."""
    lines = [list(header), *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    text = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([f"\n{title}", text[0], "-" * len(text[0]), *text[1:]])
