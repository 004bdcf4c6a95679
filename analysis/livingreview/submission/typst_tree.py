"""A tree made for Word, put into what Typst sets with alternative texts and tags."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from livingreview.publish.snapshot import plain
from livingreview.submission.arrange import Block, Blocks, Tree, header, item, style

_FRONT = {
    "Author": "people",
    "Affiliation": "place",
    "Date": "facts",
    "Keywords": "keywords",
    "Callout": "box",
}
_WIDTH = re.compile(r"[\d.]+(?:%|mm|cm|in|pt|em)")


def quoted(text: str) -> str:
    """A string literal of Typst's code mode."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'


def for_typst(tree: Tree, folder: Path) -> Tree:
    """The tree as Typst's template ``submission.typ`` wants it; pictures are looked for in ``folder``, vector files first."""
    return {**tree, "blocks": _Setter(folder).blocks(tree["blocks"])}


class _Setter:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def blocks(self, blocks: Blocks) -> Blocks:
        return [made for block in blocks for made in self._block(block)]

    def _block(self, block: Block) -> Blocks:
        kind, content = block["t"], block.get("c")
        found = item(block)
        if found is not None:
            table = next((b for b in _all(block, "Table")), None) if found.kind == "table" else None
            images = list(_all(block, "Image")) if table is None else []
            if table is not None or images:
                return self._item(block, found.kind, found.caption, table, images)
        if kind == "Div":
            return self._division(block)
        if kind == "RawBlock":
            return _raw_openxml(content[1]) if content[0] == "openxml" else [block]  # type: ignore[index]
        if kind == "Table":
            return self._table(block, [])
        return [self.inside(block)]

    def _division(self, block: Block) -> Blocks:
        (identifier, classes, pairs), content = block["c"]
        name = style(block)
        if "page-break" in classes:
            return [_typst("#pagebreak(weak: true)")]
        if name == "Abstract Title":
            return [header(b["c"]) for b in content if b["t"] in ("Para", "Plain")]
        inside = self.blocks(content)
        if name in _FRONT:
            inside = [_typst(f"#sub-{_FRONT[name]}["), *inside, _typst("]")]
        rest = [pair for pair in pairs if pair[0] != "custom-style"]
        if not identifier and not classes and not rest:
            return inside
        return [{"t": "Div", "c": [[identifier, classes, rest], inside]}]

    def _item(
        self, block: Block, kind: str, caption: Blocks, table: Block | None, images: list[Block]
    ) -> Blocks:
        identifier = block["c"][0][0]
        words = [self.inside(part) for b in caption if b["t"] in ("Para", "Plain") for part in b["c"]]
        if table is not None:
            made = self._table(table, words)
            # A block's own spacing is lost at the edge of the block around it.
            gap = _typst("#sub-gap")
            return [gap, {"t": "Div", "c": [[identifier, ["table-wrap"], []], made]}, gap]
        # The label goes inside: a figure that floats takes it along.
        label = f"[#metadata(none) <{identifier}>]; " if identifier else ""
        calls = "; ".join(self._image(image) for image in images)
        opening = f"#figure({{ {label}{calls} }}, kind: image, caption: ["
        return [{"t": "Plain", "c": [_typst_inline(opening), *words, _typst_inline("])")]}, _typst("")]

    def _table(self, table: Block, words: list[Any]) -> Blocks:
        caption = [_typst_inline(", caption: ["), *words, _typst_inline("]")] if words else []
        (identifier, classes, pairs), _, *rest = self.inside(table)["c"]
        bare = {
            "t": "Table",
            "c": [[identifier, [*classes, "typst:no-figure"], pairs], [None, []], *rest],
        }
        opening = [_typst_inline("#figure(kind: table"), *caption, _typst_inline(")[")]
        return [{"t": "Plain", "c": opening}, bare, _typst("]")]

    def inside(self, value: Any) -> Any:
        """The same with pictures and formulas that carry their alternative texts."""
        if isinstance(value, list):
            return [self.inside(v) for v in value]
        if not isinstance(value, dict):
            return value
        if value.get("t") == "Image":
            return _typst_inline(f"#box({self._image(value)});")
        if value.get("t") == "Math":
            alt = quoted(str(value["c"][1]))
            opening = _typst_inline(f"#[#set math.equation(alt: {alt});")
            return {"t": "Span", "c": [["", [], []], [opening, value, _typst_inline("]")]]}
        return {**value, "c": self.inside(value["c"])} if "c" in value else value

    def _image(self, image: Block) -> str:
        (_, _, pairs), description, (address, _) = image["c"]
        attributes = dict(pairs)
        alt = attributes.get("alt") or plain(description)
        vector = Path(address).with_suffix(".svg")
        if (self.folder / vector).is_file():
            address = vector.as_posix()
        width = attributes.get("width", "")
        size = width if _WIDTH.fullmatch(width) else "auto"
        return f"sub-image({quoted(address)}, width: {size}, alt: {quoted(alt)})"


def _raw_openxml(text: str) -> Blocks:
    if "<w:sectPr" in text:
        # A section break closes what stands before it: an upright one opens a turned page, a turned one ends it.
        return [_typst("]" if 'w:orient="landscape"' in text else "#page(flipped: true)[")]
    return [_typst("#pagebreak(weak: true)")] if 'w:type="page"' in text else []


def _all(value: Any, kind: str) -> list[Block]:
    if isinstance(value, list):
        return [found for v in value for found in _all(v, kind)]
    if isinstance(value, dict):
        return [value] if value.get("t") == kind else _all(value.get("c"), kind)
    return []


def _typst(text: str) -> Block:
    return {"t": "RawBlock", "c": ["typst", text]}


def _typst_inline(text: str) -> Block:
    return {"t": "RawInline", "c": ["typst", text]}
