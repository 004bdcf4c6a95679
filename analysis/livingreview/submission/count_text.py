"""What is counted of a run of pandoc's inlines, and how to get at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

_WRAPPERS = ("Emph", "Strong", "Underline", "Strikeout", "Superscript", "Subscript", "SmallCaps")


def paragraphs(blocks: Iterable[Any]) -> Iterator[list[Any]]:
    """The inlines of every paragraph below some blocks."""
    for block in blocks:
        if block["t"] in ("Para", "Plain"):
            yield block["c"]
        elif block["t"] in ("Div", "BlockQuote", "BulletList"):
            inner = block["c"][1] if block["t"] == "Div" else block["c"]
            yield from paragraphs(b for b in _flat(inner))


def _flat(blocks: Iterable[Any]) -> Iterator[Any]:
    for block in blocks:
        if isinstance(block, list):
            yield from _flat(block)
        else:
            yield block


def nodes(inlines: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Every inline, outermost first; not those inside footnotes."""
    for inline in inlines:
        yield inline
        if inline["t"] != "Note":
            yield from nodes(_inner(inline))


def _inner(inline: dict[str, Any]) -> list[Any]:
    kind, content = inline["t"], inline.get("c")
    if kind in ("Quoted", "Cite", "Link", "Span"):
        return content[1]  # type: ignore[index]
    return content if isinstance(content, list) and kind in _WRAPPERS else []


def printed(inlines: Iterable[Any], dropped: tuple[str, ...] = ()) -> list[Any]:
    """The inlines as they are counted: without footnotes and the ``dropped`` kinds, a formula as one word."""
    kept: list[Any] = []
    for inline in inlines:
        kind, content = inline["t"], inline.get("c")
        if kind == "Note" or kind in dropped:
            continue
        if kind == "Math":
            kept.append({"t": "Str", "c": "x"})
        elif kind in ("Quoted", "Cite", "Link", "Span"):
            kept.append({"t": kind, "c": [content[0], printed(content[1], dropped), *content[2:]]})
        elif kind in _WRAPPERS:
            kept.append({"t": kind, "c": printed(content, dropped)})
        else:
            kept.append(inline)
    return kept
