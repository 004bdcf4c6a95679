"""The parts of a manuscript's tree, and the order in which a journal wants them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from livingreview.publish.snapshot import plain
from livingreview.submission.layout import Layout

Block = dict[str, Any]
Blocks = list[Block]
Tree = dict[str, Any]

PEOPLE = ("Author", "Affiliation")
_FRONT = (*PEOPLE, "Date", "Abstract Title", "Abstract", "Keywords")
_PARTS = {
    "Captioned Figure": "figure",
    "Image Caption": "figure",
    "Table Caption": "table",
    "Table Text": "table",
}
_HEADINGS = {"figure": ("Figures", "Figure captions"), "table": ("Tables", "Table captions")}


@dataclass(slots=True)
class Item:
    """A figure or table: ``kind``, what it is called in the text (``Figure 1``; empty without a number), its caption and its whole block."""

    kind: str
    label: str
    caption: Blocks
    block: Block

    @property
    def words(self) -> str:
        """The caption as text, its label included."""
        return " ".join(plain(b["c"]) for b in self.caption if b["t"] in ("Para", "Plain"))


@dataclass(slots=True)
class Parts:
    """A manuscript in parts: front (what stands before the first heading), body, references with their heading."""

    front: Blocks = field(default_factory=list)
    body: Blocks = field(default_factory=list)
    references: Blocks = field(default_factory=list)


def style(block: Block) -> str:
    """The paragraph style of a division; empty for other blocks."""
    return str(dict(block["c"][0][2]).get("custom-style", "")) if block["t"] == "Div" else ""


def is_references(block: Block) -> bool:
    """Whether a block is the list of references."""
    return bool(block["t"] == "Div" and block["c"][0][0] == "refs")


def styled(name: str, blocks: Blocks) -> Block:
    """Blocks that print in a paragraph style."""
    return {"t": "Div", "c": [["", [], [["custom-style", name]]], blocks]}


def header(text: list[Any], level: int = 1, identifier: str = "") -> Block:
    """A heading without a number."""
    return {"t": "Header", "c": [level, [identifier, ["unnumbered"], []], text]}


def split(tree: Tree) -> Parts:
    """Front, body and references of a manuscript; the tree stays as it is."""
    blocks = copy.deepcopy(tree["blocks"])
    start = next((i for i, b in enumerate(blocks) if style(b) not in _FRONT), len(blocks))
    end = next((i for i, b in enumerate(blocks) if is_references(b)), len(blocks))
    stop = end - 1 if end < len(blocks) and end and blocks[end - 1]["t"] == "Header" else end
    stop = max(stop, start)
    # What comes after the list of references (an appendix) stays behind it.
    return Parts(blocks[:start], blocks[start:stop], blocks[stop:])


def item(block: Block) -> Item | None:
    """The figure or table that a block is; None for any other."""
    if block["t"] == "Figure":
        return _item("figure", block["c"][1][1], block)
    if block["t"] != "Div":
        return None
    inside = block["c"][1]
    kinds = {_PARTS[style(b)] for b in inside if style(b) in _PARTS}
    if len(kinds) != 1:
        return None
    caption = [b for part in inside if style(part).endswith("Caption") for b in part["c"][1]]
    return _item(kinds.pop(), caption, block)


def items(blocks: Blocks) -> Iterator[Item]:
    """Figures and tables in the order of the text, however deep they lie in boxes."""
    for block in blocks:
        found = item(block)
        if found is not None:
            yield found
        elif block["t"] == "Div":
            yield from items(block["c"][1])


def arranged(tree: Tree, layout: Layout, *, before: Blocks | None = None) -> Tree:
    """The tree as ``layout`` wants it: title page or none, figures and tables in their places.

    ``before`` are the blocks of the title page where it comes first; they take the place of the authors' lines, and the lines of version and
    state stand below them, before the page ends.
    """
    parts = split(tree)
    front = [b for b in parts.front if style(b) not in PEOPLE]
    if layout.title_page == "first" and not layout.blinded:
        page = before or [b for b in parts.front if style(b) in PEOPLE]
        end = len(page) - (page[-1:] == [page_break()])
        lines = [b for b in front if style(b) == "Date"]
        front = [*page[:end], *lines, *page[end:], *(b for b in front if style(b) != "Date")]
    body, last = parts.body, parts.references
    for kind, wanted in (("table", layout.tables), ("figure", layout.figures)):
        if wanted == "placed":
            continue
        if wanted == "captions":
            body, last = _captions(body, kind), _captions(last, kind)
            continue
        taken: list[Item] = []
        body, last = _without(body, kind, taken), _without(last, kind, taken)
        if taken:
            last = [*last, *_at_end(kind, taken, shown=wanted == "end")]
    return {**tree, "blocks": [*front, *body, *last]}


def unlinked(tree: Tree) -> Tree:
    """The tree with links to places that it does not have (a section that was left out) as plain text."""
    places = set(_identifiers(tree["blocks"]))

    def made(value: Any) -> Any:
        if isinstance(value, list):
            return [made(v) for v in value]
        if not isinstance(value, dict) or "c" not in value:
            return value
        if value.get("t") == "Link":
            attributes, text, (address, _) = value["c"]
            if address.startswith("#") and address[1:] not in places:
                return {"t": "Span", "c": [["", attributes[1], []], made(text)]}
        return {**value, "c": made(value["c"])}

    return {**tree, "blocks": made(tree["blocks"])}


def page_break() -> Block:
    """The start of a new page, in the words of both writers (see :mod:`livingreview.submission.typst_tree`)."""
    return {"t": "Div", "c": [["", ["page-break"], []], []]}


def _identifiers(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        if len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], list) and value[0]:
            yield value[0]
        for v in value:
            yield from _identifiers(v)
    elif isinstance(value, dict):
        yield from _identifiers(value.get("c"))


def _item(kind: str, caption: Blocks, block: Block) -> Item:
    label = ""
    for part in caption[:1]:
        first = part["c"][0] if part["t"] in ("Para", "Plain") and part["c"] else None
        if first and first["t"] == "Strong":
            label = plain(first["c"]).strip().rstrip(".")
    return Item(kind, label, caption, block)


def _without(blocks: Blocks, kind: str, taken: list[Item]) -> Blocks:
    kept = []
    for block in blocks:
        found = item(block)
        if found is not None and found.kind == kind:
            taken.append(found)
            continue
        if found is None and block["t"] == "Div":
            block = {"t": "Div", "c": [block["c"][0], _without(block["c"][1], kind, taken)]}
            if not block["c"][1] and not style(block) and not block["c"][0][0] and not block["c"][0][1]:
                continue
        kept.append(block)
    return kept


def _captions(blocks: Blocks, kind: str) -> Blocks:
    """The blocks with each item of a kind replaced by its caption, which keeps the item's anchor."""
    kept = []
    for block in blocks:
        found = item(block)
        if found is not None and found.kind == kind:
            block = _caption(found)
        elif found is None and block["t"] == "Div":
            block = {"t": "Div", "c": [block["c"][0], _captions(block["c"][1], kind)]}
        kept.append(block)
    return kept


def _caption(found: Item) -> Block:
    # The anchor stays with the caption, so that links in the text still lead somewhere.
    return {"t": "Div", "c": [[found.block["c"][0][0], [], []], found.caption]}


def _at_end(kind: str, taken: list[Item], *, shown: bool) -> Blocks:
    words = _HEADINGS[kind][0 if shown else 1]
    out = [page_break(), header([{"t": "Str", "c": words.split(" ")[0]}, *_more(words)])]
    for number, found in enumerate(taken):
        if shown:
            out += [*([page_break()] if number else []), found.block]
        else:
            out.append(_caption(found))
    return out


def _more(words: str) -> list[Any]:
    rest = words.split(" ")[1:]
    return [part for word in rest for part in ({"t": "Space"}, {"t": "Str", "c": word})]
