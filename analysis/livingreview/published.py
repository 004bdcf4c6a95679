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


def plain_text(path: str, value: Any) -> str:
    """A published figure as it can be quoted, with nothing computed: ``12 of 21 (57 %)``, ``median 3 (range 0–9)``, ``64–81 %``.

    A path ending in ``percent`` holds per cents. What has no known form is told name by name.
    """
    sign = "\u00a0%" if path.endswith(("_percent", ".percent")) else ""
    if not isinstance(value, Mapping):
        return f"{value}{sign}"
    if {"events", "total"} <= value.keys():
        share = f" ({value['percent']}\u00a0%)" if "percent" in value else ""
        return f"{value['events']} of {value['total']}{share}"
    if value.keys() == {"more_than"}:
        return f"more than {value['more_than']}{sign}"
    spread = f"{value['min']}–{value['max']}{sign}" if {"min", "max"} <= value.keys() else ""
    for centre in ("median", "mean"):
        if centre in value:
            return f"{centre} {value[centre]}{sign}" + (f" (range {spread})" if spread else "")
    return spread or ", ".join(f"{name.replace('_', ' ')} {part}{sign}" for name, part in value.items())
