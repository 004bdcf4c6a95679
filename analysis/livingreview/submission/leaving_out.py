"""A text without passages that go by a name: statements below a heading or behind bold words."""

from __future__ import annotations

from collections.abc import Callable, Collection

from livingreview.publish.snapshot import heading, plain
from livingreview.submission.arrange import Block, Blocks, is_references, style

Named = Callable[[str], object]
"""Whether a heading, or the words that begin a paragraph, name such a passage (true or a match)."""


def without_passages(blocks: Blocks, named: Named, styles: Collection[str] = ()) -> Blocks:
    """The blocks without the sections and paragraphs that are ``named``, and without those in one of ``styles``.

    The list of references stays wherever it stands. A section all of whose paragraphs went goes too.
    """
    out: Blocks = []
    dropped: int | None = None  # level of the heading under which everything goes
    emptied: list[int] = []  # headings in `out` below which a paragraph went and nothing else has come yet
    for block in blocks:
        if block["t"] == "Header":
            level = block["c"][0]
            if dropped is not None and level > dropped:
                continue
            out = _without_emptied(out, emptied)
            dropped = level if named(heading(block["c"][2])) else None
            if dropped is None:
                out.append(block)
            continue
        if dropped is not None and not is_references(block):
            continue
        if style(block) in styles:
            continue
        if (words := beginning(block)) and named(words):
            if out and out[-1]["t"] == "Header":
                emptied.append(len(out) - 1)
            continue
        if block["t"] == "Div" and not is_references(block):
            inside = without_passages(block["c"][1], named, styles)
            if block["c"][1] and not inside:
                continue
            block = {"t": "Div", "c": [block["c"][0], inside]}
        emptied.clear()
        out.append(block)
    return _without_emptied(out, emptied)


def beginning(block: Block) -> str:
    """The bold or italic words with stop or colon that begin a paragraph, without these; empty where there are none."""
    if block["t"] not in ("Para", "Plain") or not block["c"] or block["c"][0]["t"] not in ("Strong", "Emph"):
        return ""
    words = plain(block["c"][0]["c"]).strip()
    return words[:-1] if words.endswith((".", ":")) else ""


def _without_emptied(out: Blocks, emptied: list[int]) -> Blocks:
    gone = set(emptied)
    emptied.clear()
    return [block for index, block in enumerate(out) if index not in gone]
