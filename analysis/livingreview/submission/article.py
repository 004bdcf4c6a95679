"""The tree of a manuscript taken apart: title, abstract, body, statements and references, free of what Word needed.

The tree is that of ``publish.snapshot``: numbers and citations are filled in, and front matter, figures, tables and captions
are boxes with a Word style. Here they become pandoc's own figures and tables again, so that other writers understand them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from livingreview.publish.snapshot import is_number, plain

Node = dict[str, Any]

_DROPPED = ("Author", "Affiliation", "Date", "Keywords", "Abstract Title")
_THANKS = re.compile(r"acknowledg", re.I)
# Words by which a statement says what it is about, and its kind in JATS.
_STATEMENTS = (
    (re.compile(r"compet|conflict|interest", re.I), "coi-statement"),
    (re.compile(r"fund|financ|support", re.I), "financial-disclosure"),
    (re.compile(r"contribut", re.I), "con"),
)
_LABEL = re.compile(r"(\w+)[\xa0 ](\S+)\.")


@dataclass(frozen=True, slots=True)
class Float:
    """A figure or table with a number: its anchor, the label that the text prints (``Figure 2``), and its pictures."""

    anchor: str
    label: str
    caption: str
    sources: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """The number alone, with the prefix of its document: ``2``, ``S2``."""
        return self.label.split("\xa0")[-1]


@dataclass(frozen=True, slots=True)
class Article:
    """The parts of a manuscript as pandoc's blocks. ``headings`` maps ids of numbered headings to their numbers."""

    version: list[int]
    language: str
    title: list[Node]
    abstract: list[Node]
    body: list[Node]
    statements: list[Node]
    references: list[tuple[str, list[Node]]]
    reference_title: list[Node]
    headings: dict[str, str] = field(default_factory=dict)
    figures: tuple[Float, ...] = ()
    tables: tuple[Float, ...] = ()


def article(tree: Node) -> Article:
    """The parts of the manuscript in ``tree``; the tree itself is left as it is.

    Statements are the unnumbered sections that stand last before the references.
    """
    taken = _Taken()
    blocks = taken.blocks(tree["blocks"])
    title = tree["meta"].get("title") or {"t": "MetaInlines", "c": []}
    language = tree["meta"].get("lang") or {"t": "MetaInlines", "c": []}
    reference_title: list[Node] = []
    if taken.references and blocks and blocks[-1]["t"] == "Header":
        reference_title = blocks.pop()["c"][2]
    start = _statements(blocks)
    return Article(
        version=tree["pandoc-api-version"],
        language=_words(language) or "en",
        title=title["c"] if title["t"] == "MetaInlines" else [{"t": "Str", "c": str(title["c"])}],
        abstract=taken.abstract,
        body=blocks[:start],
        statements=blocks[start:],
        references=taken.references,
        reference_title=reference_title or [{"t": "Str", "c": "References"}],
        headings=taken.headings,
        figures=tuple(taken.figures),
        tables=tuple(taken.tables),
    )


def is_thanks(heading: str) -> bool:
    """Whether a heading is that of the acknowledgements."""
    return bool(_THANKS.search(heading))


def statement_kind(lead: str) -> str:
    """What a statement is about, by its bold first words: the ``fn-type`` of JATS 1.2, ``other`` where none fits."""
    return next((kind for words, kind in _STATEMENTS if words.search(lead)), "other")


def blinded(parts: Article) -> Article:
    """The article without thanks and without statements that name people or funders; its text is left as it is."""
    kept: list[Node] = []
    thanks = False
    for block in parts.statements:
        if block["t"] == "Header" and block["c"][0] == 1:
            thanks = is_thanks(plain(block["c"][2]))
        lead = block["c"][:1] if block["t"] == "Para" else []
        named = lead and lead[0]["t"] == "Strong" and statement_kind(plain(lead)) != "other"
        if not thanks and not named:
            kept.append(block)
    while kept and kept[-1]["t"] == "Header":
        kept.pop()
    return replace(parts, statements=kept)


def figure_files(
    figures: tuple[Float, ...], pattern: str = "Fig{n}", extension: str = ".tif"
) -> dict[str, str]:
    """Names of the files of figures: address in the tree → name. Several pictures of a figure end in ``a``, ``b``, …"""
    names: dict[str, str] = {}
    for figure in figures:
        for i, source in enumerate(figure.sources):
            letter = chr(ord("a") + i) if len(figure.sources) > 1 else ""
            names.setdefault(source, pattern.format(n=figure.number) + letter + extension)
    return names


def renamed(blocks: list[Node], names: Mapping[str, str]) -> list[Node]:
    """The blocks with pictures at other addresses; one without a new name keeps the last part of its own."""

    def change(node: Node) -> list[Node] | None:
        if node["t"] != "Image":
            return None
        attributes, alternative, (address, title) = node["c"]
        kept = [pair for pair in attributes[2] if pair[0] in ("alt",)]
        name = names.get(address, PurePosixPath(address).name)
        return [{"t": "Image", "c": [[attributes[0], [], kept], alternative, [name, title]]}]

    found: list[Node] = changed(blocks, change)
    return found


def changed(value: Any, change: Callable[[Node], list[Node] | None]) -> Any:
    """A copy of a tree in which ``change`` has replaced nodes; None goes on into the node, a list stands in its place."""
    if isinstance(value, list):
        out: list[Any] = []
        for item in value:
            new = change(item) if isinstance(item, dict) and "t" in item else None
            if new is None:
                out.append(changed(item, change))
            else:
                out.extend(new)
        return out
    if isinstance(value, dict):
        return {key: changed(item, change) for key, item in value.items()}
    return value


def nodes(value: Any, kind: str) -> Iterator[Node]:
    """Every node of a kind, outermost first."""
    if isinstance(value, list):
        for item in value:
            yield from nodes(item, kind)
    elif isinstance(value, dict):
        if value.get("t") == kind:
            yield value
        yield from nodes(value.get("c"), kind)


def _words(value: Node) -> str:
    return plain(value["c"]) if value["t"] == "MetaInlines" else str(value["c"])


def _statements(blocks: list[Node]) -> int:
    """Where the last unnumbered sections begin."""
    start = len(blocks)
    for i in range(len(blocks) - 1, -1, -1):
        if blocks[i]["t"] == "Header" and blocks[i]["c"][0] == 1:
            if "unnumbered" not in blocks[i]["c"][1][1]:
                break
            start = i
    return start


def style_of(node: Node) -> str:
    """The Word style of a box; empty for any other block."""
    return str(dict(node["c"][0][2]).get("custom-style", "")) if node["t"] == "Div" else ""


class _Taken:
    """Goes over the blocks once and keeps what does not belong to the running text."""

    def __init__(self) -> None:
        self.abstract: list[Node] = []
        self.references: list[tuple[str, list[Node]]] = []
        self.headings: dict[str, str] = {}
        self.figures: list[Float] = []
        self.tables: list[Float] = []

    def blocks(self, blocks: list[Node]) -> list[Node]:
        out: list[Node] = []
        for block in blocks:
            if block["t"] == "Div":
                out += self._box(block)
            elif block["t"] == "Header":
                out.append(self._heading(block))
            elif block["t"] == "Table":
                out.append(_tidy(block))
            elif block["t"] not in ("RawBlock", "Null"):
                out.append(block)
        return out

    def _box(self, box: Node) -> list[Node]:
        (identifier, classes, _), content = box["c"]
        style = style_of(box)
        if identifier == "refs":
            self.references = [(entry["c"][0][0], entry["c"][1]) for entry in content if entry["t"] == "Div"]
            return []
        if style in _DROPPED:
            return []
        if style == "Abstract":
            self.abstract += self.blocks(content)
            return []
        styles = [style_of(block) for block in content]
        if "Image Caption" in styles:
            return [self._figure(identifier, content)]
        if "Table Caption" in styles:
            return [self._table(identifier, content)]
        inner = self.blocks(content)
        if style or not (identifier or classes):
            return inner
        return [{"t": "Div", "c": [[identifier, classes, []], inner]}]

    def _heading(self, heading: Node) -> Node:
        level, attributes, content = heading["c"]
        kept: list[Node] = []
        for inline in content:
            if is_number(inline):
                self.headings[attributes[0]] = plain(inline["c"][1])
            elif kept or inline["t"] != "Space":
                kept.append(inline)
        return {"t": "Header", "c": [level, [attributes[0], attributes[1], []], kept]}

    def _figure(self, identifier: str, content: list[Node]) -> Node:
        images = list(nodes(content, "Image"))
        label, caption = _captioned(content, "Image Caption")
        sources = tuple(image["c"][2][0] for image in images)
        self.figures.append(Float(identifier, label, plain(caption), sources))
        body = [{"t": "Plain", "c": [image]} for image in images]
        return {
            "t": "Figure",
            "c": [[identifier, [], []], [None, [{"t": "Plain", "c": caption}]], body],
        }

    def _table(self, identifier: str, content: list[Node]) -> Node:
        label, caption = _captioned(content, "Table Caption")
        self.tables.append(Float(identifier, label, plain(caption)))
        table = _tidy(next(nodes(content, "Table")))
        table["c"][0] = [identifier, [], []]
        table["c"][1] = [None, [{"t": "Plain", "c": caption}]]
        return table


def _captioned(content: list[Node], style: str) -> tuple[str, list[Node]]:
    """Label and words of the caption: ``Figure 2`` and the inlines after it."""
    box = next(block for block in content if style_of(block) == style)
    inlines: list[Node] = [inline for block in box["c"][1] for inline in block["c"]]
    found = _LABEL.fullmatch(plain(inlines[:1]).strip()) if inlines and inlines[0]["t"] == "Strong" else None
    if not found:
        return "", inlines
    rest = inlines[1:]
    return f"{found[1]}\xa0{found[2]}", rest[1:] if rest and rest[0]["t"] == "Space" else rest


def _tidy(table: Node) -> Node:
    """A table whose cells of one paragraph hold its words, and whose rows have only attributes that mean something."""

    def cell(parts: list[Any]) -> list[Any]:
        content = parts[4]
        if len(content) == 1 and content[0]["t"] == "Para":
            content = [{"t": "Plain", "c": content[0]["c"]}]
        return [["", [], []], parts[1], parts[2], parts[3], content]

    def row(parts: list[Any]) -> list[Any]:
        return [["", [], []], [cell(c) for c in parts[1]]]

    attributes, caption, columns, head, bodies, foot = table["c"]
    return {
        "t": "Table",
        "c": [
            [attributes[0], [], []],
            caption,
            columns,
            [["", [], []], [row(r) for r in head[1]]],
            [[["", [], []], b[1], [row(r) for r in b[2]], [row(r) for r in b[3]]] for b in bodies],
            [["", [], []], [row(r) for r in foot[1]]],
        ],
    }
