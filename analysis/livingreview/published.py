"""The figures in the file of what an earlier version published, by the dotted path under which they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def figures(published: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted path and value of each figure: a number, or a mapping of numbers that describe one figure (counts, ranges,
    percentages). Words are no figures."""
    for name, value in published.items():
        here = f"{path}.{name}" if path else str(name)
        if isinstance(value, Mapping):
            if all(isinstance(v, int | float) for v in value.values()):
                yield here, value
            else:
                yield from figures(value, here)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield here, value
