"""What a document has, counted in its tree: words by part, headings, references, tables, figures, footnotes.

The tree is the snapshot of :mod:`livingreview.publish.snapshot`: what the Word file prints, after all filters. What a
word is says :mod:`livingreview.submission.words`. Nothing is judged here.

Everything counts as it prints, with two exceptions. A formula is one word, and what a footnote says counts apart.
Numbers of headings and labels of captions ("Table 1.") print and count. Bullets and numbers of lists, headers and footers
are not in the tree and do not count; LibreOffice adds them to the statistics of a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from livingreview.publish import snapshot
from livingreview.publish.docx import plain as unescaped
from livingreview.submission.count_text import nodes, paragraphs, printed
from livingreview.submission.count_types import Abstract, Counts, Heading, Item, Line, Parts, Section
from livingreview.submission.words import Rule, count

_FRONT = ("Author", "Affiliation", "Date")
_CAPTIONS = ("Image Caption", "Table Caption")
# What Quarto, the filters, citeproc and LaTeX print for a name that they cannot resolve, and what no filter took.
_OPEN = re.compile(
    r"\?@[\w.:-]*\w|\?(?:var|meta|env):[\w.-]*\w|(?<!\S)\?\?+(?!\S)|\{\{<.*?>\}\}|(?<![\w.])@(?:fig|tbl|sec|eq)-[\w-]*\w"
)


def measure(tree: snapshot.Tree, metadata: Mapping[str, Any] | None = None, rule: Rule = "word") -> Counts:
    """The counts of a snapshot. ``metadata`` is that of the document, for ``short-title`` (the running title).

    Keywords come from the text, where they print, else from the metadata.
    """
    metadata = metadata or {}
    counter = _Counter(rule)
    counter.blocks(tree["blocks"])
    title, subtitle = (snapshot.meta_text(tree["meta"].get(name)).strip() for name in ("title", "subtitle"))
    short = unescaped(str(metadata.get("short-title") or "")) or snapshot.meta_text(
        tree["meta"].get("short-title")
    )
    listed = metadata.get("keywords") or []
    written = [unescaped(str(word)) for word in (listed if isinstance(listed, list) else [listed])]

    def line(text: str) -> Line:
        return Line(text, count(text, rule), len(text))

    return Counts(
        rule=rule,
        title=line(title),
        subtitle=line(subtitle) if subtitle else None,
        running_title=line(short) if short else None,
        front=counter.front,
        abstract=counter.abstract(),
        keywords=tuple(counter.keywords or written),
        sections=tuple(
            Section(s.identifier, s.title, Parts(**s.parts)) for s in counter.sections if s.used()
        ),
        headings=tuple(counter.headings),
        heading_depth=max((h.level for h in counter.headings), default=0),
        footnotes=counter.footnotes,
        tables=counter.items("table"),
        figures=counter.items("figure"),
        equations=counter.equations,
        cited=tuple(counter.cited),
        listed=tuple(counter.listed),
        reference_words=counter.reference_words,
        unresolved=counter.unresolved(),
    )


@dataclass(slots=True)
class _Section:
    identifier: str = ""
    title: str = ""
    parts: dict[str, int] = field(default_factory=lambda: {f.name: 0 for f in fields(Parts)})

    def used(self) -> bool:
        return bool(self.title) or any(self.parts.values())


@dataclass(slots=True)
class _Item:
    kind: str
    identifier: str
    label: str = ""
    caption: str = ""
    pieces: int = 0
    words: int = 0


class _Counter:
    """Walks the blocks of a document once and keeps what it saw."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.front = self.footnotes = self.equations = self.reference_words = 0
        self.keywords: list[str] = []
        self.sections = [_Section()]
        self.headings: list[Heading] = []
        self.cited: dict[str, None] = {}
        self.listed: dict[str, None] = {}
        self._abstract: list[tuple[str, int, int, int]] = []  # heading, its words, all words, citations
        self._items: list[_Item] = []
        self._item: _Item | None = None
        self._links: list[str] = []
        self._anchors: set[str] = set()
        self._open: dict[str, None] = {}

    def blocks(self, blocks: Iterable[Any], part: str = "prose") -> None:
        for block in blocks:
            self._block(block, part)

    def abstract(self) -> Abstract | None:
        if not self._abstract:
            return None
        below: list[tuple[str, int]] = []
        for heading, of_heading, all_words, _ in self._abstract:
            if heading:
                below.append((heading, all_words - of_heading))
            elif below:  # a second paragraph below the same heading
                below[-1] = (below[-1][0], below[-1][1] + all_words)
        total = sum(words for _, _, words, _ in self._abstract)
        return Abstract(
            words=total,
            words_without_headings=total - sum(words for _, words, _, _ in self._abstract),
            paragraphs=len(self._abstract),
            headings=tuple(heading for heading, _ in below),
            words_below=tuple(words for _, words in below),
            citations=sum(n for _, _, _, n in self._abstract),
        )

    def items(self, kind: str) -> tuple[Item, ...]:
        return tuple(
            Item(
                i.identifier,
                i.label,
                i.caption,
                i.pieces,
                i.words,
                self._links.count(i.identifier),
                self._links.index(i.identifier) if i.identifier in self._links else None,
            )
            for i in self._items
            if i.kind == kind
        )

    def unresolved(self) -> tuple[str, ...]:
        missing = [f"@{key}" for key in self.cited if key not in self.listed]
        broken = [f"#{link}" for link in dict.fromkeys(self._links) if link not in self._anchors]
        return tuple(dict.fromkeys([*self._open, *missing, *broken]))

    def _block(self, block: dict[str, Any], part: str) -> None:
        name, content = block["t"], block.get("c")
        if name in ("Para", "Plain"):
            self._text(content or [], part)
        elif name == "Header":
            self._header(*content)  # type: ignore[misc]
        elif name == "Div":
            self._div(content[0], content[1], part)  # type: ignore[index]
        elif name == "Table":
            self._table(block)
        elif name == "Figure":
            self._figure(*content)  # type: ignore[misc]
        elif name in ("BulletList", "OrderedList"):
            for item in content if name == "BulletList" else content[1]:  # type: ignore[index,union-attr]
                self.blocks(item, part)
        elif name == "DefinitionList":
            for term, meanings in content or []:
                self._text(term, part)
                for meaning in meanings:
                    self.blocks(meaning, part)
        elif name == "BlockQuote":
            self.blocks(content or [], part)
        elif name == "LineBlock":
            for row in content or []:
                self._text(row, part)
        elif name == "CodeBlock":
            self._add(part, count(str(content[1]), self.rule))  # type: ignore[index]

    def _header(self, level: int, attributes: list[Any], inlines: list[Any]) -> None:
        self._anchors.add(attributes[0])
        number = [i for i in inlines if snapshot.is_number(i)]
        title = snapshot.plain(printed(i for i in inlines if not snapshot.is_number(i))).strip()
        self.headings.append(Heading(level, snapshot.plain(number).strip(), title))
        if level == 1:
            self.sections.append(_Section(attributes[0], title))
        self._text(inlines, "headings")

    def _div(self, attributes: list[Any], blocks: list[Any], part: str) -> None:
        identifier, _, pairs = attributes
        self._anchors.add(identifier)
        style = dict(pairs).get("custom-style", "")
        kind = {"item-fig-": "figure", "item-tbl-": "table"}.get(identifier[:9])
        if identifier == "refs":
            self._references(blocks)
        elif kind:
            self._item = _Item(kind, identifier)
            self._items.append(self._item)
            self.blocks(blocks, part)
            self._item = None
        elif style == "Abstract":
            self._abstract += [self._paragraph(inlines) for inlines in paragraphs(blocks)]
        elif style == "Keywords":
            self._keywords(blocks)
        elif style in _CAPTIONS:
            captions = "figure_captions" if style == "Image Caption" else "table_captions"
            for inlines in paragraphs(blocks):
                self._caption(inlines)
                self._text(inlines, captions)
        else:
            self.blocks(
                blocks, "front" if style in _FRONT else "title" if style == "Abstract Title" else part
            )

    def _caption(self, inlines: list[Any]) -> None:
        if self._item is None:
            return
        labelled = bool(inlines) and inlines[0]["t"] == "Strong"
        if labelled and not self._item.label:
            self._item.label = snapshot.plain(inlines[0]["c"]).rstrip(". ").replace("\u00a0", " ")
            inlines = inlines[1:]
        self._item.caption = f"{self._item.caption} {snapshot.plain(printed(inlines)).strip()}".strip()

    def _table(self, block: dict[str, Any]) -> None:
        attributes, caption = block["c"][0], block["c"][1][1]
        self._anchors.add(attributes[0])
        own = self._item is None
        if own:
            self._item = _Item("table", attributes[0])
            self._items.append(self._item)
        assert self._item is not None
        self._item.pieces += self._item.kind == "table"
        for inlines in paragraphs(caption):
            self._caption(inlines)
            self._text(inlines, "table_captions")
        before = self.sections[-1].parts["tables"]
        for row in snapshot.rows(block):
            for cell in row[1]:
                self.blocks(cell[4], "tables")
        self._item.words += self.sections[-1].parts["tables"] - before
        if own:
            self._item = None

    def _figure(self, attributes: list[Any], caption: list[Any], blocks: list[Any]) -> None:
        self._anchors.add(attributes[0])
        own = self._item is None
        if own:
            self._item = _Item("figure", attributes[0])
            self._items.append(self._item)
        self.blocks(blocks)
        for inlines in paragraphs(caption[1]):
            self._caption(inlines)
            self._text(inlines, "figure_captions")
        if own:
            self._item = None

    def _references(self, blocks: list[Any]) -> None:
        last = self.sections[-1].parts
        if last["headings"] and not last["prose"]:  # the heading of the list belongs to the list
            self.reference_words += last["headings"]
            self.sections.pop()
        for block in blocks:
            if block["t"] == "Div":
                identifier = block["c"][0][0]
                self._anchors.add(identifier)
                self.listed[identifier.removeprefix("ref-")] = None
                for inlines in paragraphs(block["c"][1]):
                    self._text(inlines, "references")

    def _keywords(self, blocks: list[Any]) -> None:
        for inlines in paragraphs(blocks):
            shown = inlines[1:] if inlines and inlines[0]["t"] == "Strong" else inlines
            text = snapshot.plain(shown).replace("\u2002", " ")
            self.keywords += [" ".join(word.split()) for word in text.split(" · ") if word.strip()]

    def _paragraph(self, inlines: list[Any]) -> tuple[str, int, int, int]:
        first = inlines[0] if inlines else {"t": ""}
        heading = snapshot.plain(printed([first])).strip() if first["t"] == "Strong" else ""
        cites = sum(node["t"] == "Cite" for node in nodes(inlines))
        words = self._text(inlines, "abstract")
        return heading.rstrip(".: "), count(heading, self.rule), words, cites

    def _text(self, inlines: list[Any], part: str) -> int:
        """Counts a run of inlines to a part and notes what it refers to; the words of it."""
        for node in nodes(inlines):
            self._node(node, part)
        shown = snapshot.plain(printed(inlines))
        for found in _OPEN.findall(snapshot.plain(printed(inlines, ("Code",)))):
            self._open[found] = None
        words = count(shown, self.rule)
        self._add(part, words)
        if part == "prose":
            bare = count(snapshot.plain(printed(inlines, ("Cite",))), self.rule)
            # a mark at the end leaves a stop alone ("shown [1]." and "shown ."), which is no word of its own
            bare -= len(re.findall(r"(?<=\s)[.,;:)]+(?=\s|$)", snapshot.plain(printed(inlines, ("Cite",)))))
            self.sections[-1].parts["citations"] += max(0, words - bare)
        return words

    def _node(self, node: dict[str, Any], part: str) -> None:
        kind, content = node["t"], node.get("c")
        if kind == "Cite":
            self.cited.update((c["citationId"], None) for c in content[0])  # type: ignore[index]
        elif kind == "Link":
            self._anchors.add(content[0][0])  # type: ignore[index]
            target = content[2][0]  # type: ignore[index]
            if target.startswith("#") and part != "references":
                self._links.append(target[1:])
        elif kind == "Span":
            self._anchors.add(content[0][0])  # type: ignore[index]
        elif kind == "Image":
            if self._item is None:
                self._items.append(_Item("figure", "", pieces=1))
            elif self._item.kind == "figure":
                self._item.pieces += 1
        elif kind == "Strong" and re.fullmatch(r"\?+", snapshot.plain(content or [])):
            self._open["?"] = None
        elif kind == "Math":
            self.equations += content[0]["t"] == "DisplayMath"  # type: ignore[index]
        elif kind == "Note":
            self.footnotes += 1
            self.blocks(content or [], "footnotes")

    def _add(self, part: str, words: int) -> None:
        if part == "front":
            self.front += words
        elif part == "references":
            self.reference_words += words
        elif part in self.sections[-1].parts:
            self.sections[-1].parts[part] += words
