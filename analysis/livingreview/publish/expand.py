"""Quarto's shortcodes for the built-in engine: ``var``, ``meta``, ``include`` and ``pagebreak`` become text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from livingreview.errors import ReviewError
from livingreview.publish.sources import SHORTCODE, Source, argument, include_path, masked

KNOWN = ("var", "meta", "include", "pagebreak")


def value(tree: Any, key: str) -> Any:
    """The entry that ``a.b.c`` names in nested maps and lists (counted from 1, as in Quarto); ``None`` where there is none."""
    for part in key.split("."):
        if isinstance(tree, dict):
            tree = tree.get(part)
        elif isinstance(tree, list) and part.isdecimal() and 0 < int(part) <= len(tree):
            tree = tree[int(part) - 1]
        else:
            return None
    return tree


def keys(tree: Any, prefix: str = "") -> list[str]:
    """Every key of a nested map that names a single value, e.g. ``a.b.c``; sorted."""
    if isinstance(tree, dict):
        return sorted(k for name, entry in tree.items() for k in keys(entry, f"{prefix}{name}."))
    if isinstance(tree, list):
        return sorted(k for i, entry in enumerate(tree, start=1) for k in keys(entry, f"{prefix}{i}."))
    return [] if tree is None else [prefix[:-1]]


def printable(entry: Any) -> str | None:
    """What a value prints as; ``None`` for a group of values or nothing."""
    if isinstance(entry, list) and len(entry) == 1:
        entry = entry[0]
    if entry is None or isinstance(entry, dict | list):
        return None
    if isinstance(entry, bool):
        return str(entry).lower()
    return str(entry)


def expand(
    text: str,
    variables: dict[str, Any],
    metadata: dict[str, Any],
    folder: Path,
    inside: tuple[Path, ...] = (),
) -> str:
    """The text with its shortcodes replaced; code and comments stay as they are.

    The document has passed :mod:`livingreview.publish.check`; an unknown name here is a fault of the caller and
    raises ReviewError.
    """
    hidden = masked(text)
    out: list[str] = []
    position = 0
    for match in SHORTCODE.finditer(hidden):
        out.append(text[position : match.start()])
        position = match.end()
        out.append(
            _replacement(match.group(1), argument(match.group(2)), variables, metadata, folder, inside)
        )
    out.append(text[position:])
    return re.sub(r"\{(\{\{<.*?>\}\})\}", r"\1", "".join(out)) if "{{{<" in text else "".join(out)


def expand_metadata(entry: Any, variables: dict[str, Any], metadata: dict[str, Any], folder: Path) -> Any:
    """Metadata with the shortcodes of every string replaced."""
    if isinstance(entry, dict):
        return {key: expand_metadata(item, variables, metadata, folder) for key, item in entry.items()}
    if isinstance(entry, list):
        return [expand_metadata(item, variables, metadata, folder) for item in entry]
    if isinstance(entry, str) and "{{<" in entry:
        return expand(entry, variables, metadata, folder)
    return entry


def _replacement(
    name: str,
    wanted: str,
    variables: dict[str, Any],
    metadata: dict[str, Any],
    folder: Path,
    inside: tuple[Path, ...],
) -> str:
    if name in ("var", "meta"):
        text = printable(value(variables if name == "var" else metadata, wanted))
        if text is not None:
            return text
    elif name == "pagebreak":
        return "\n\n::: {.pagebreak}\n:::\n\n"
    elif name == "include":
        path = include_path(wanted, folder)
        if path.is_file() and path not in inside:
            return expand(Source(path).body, variables, metadata, folder, (*inside, path)).rstrip("\n") + "\n"
    raise ReviewError(f"cannot resolve the shortcode {{{{< {name} {wanted} >}}}}")
