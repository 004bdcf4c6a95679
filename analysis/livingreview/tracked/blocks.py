"""Two versions of a document as one, block by block: paragraphs, headings, lists, tables; changes marked.

What changed inside a paragraph is marked by pandoc's own spans of insertion and deletion. For what pandoc has no sign – the end of
a paragraph, a row of a table – stands a marker (:func:`marker`), which the writers of the Word file and of the page turn into theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from livingreview.publish import snapshot
from livingreview.tracked import align, words
from livingreview.tracked.words import Inline, Signature, State, Word

Block = dict[str, Any]
NOTE = "lr-note"
MARKER = "lr-marker"
# Where the attributes stand in what pandoc's elements hold.
_ATTRIBUTES = {"Div": 0, "Span": 0, "Link": 0, "Image": 0, "Table": 0, "Header": 1}


@dataclass(slots=True)
class Merged:
    """A document that holds both versions. ``tree`` is pandoc's; the counts are of runs of words, rows and pictures."""

    tree: dict[str, Any]
    insertions: int = 0
    deletions: int = 0
    rows_inserted: int = 0
    rows_deleted: int = 0
    pictures: list[str] = field(default_factory=list)

    @property
    def changes(self) -> int:
        """How many places are marked."""
        return self.insertions + self.deletions + self.rows_inserted + self.rows_deleted + len(self.pictures)


def merge(old: dict[str, Any], new: dict[str, Any], sign: Signature, since: str) -> Merged:
    """One document from two snapshots: accepting every change gives ``new``, rejecting every change gives ``old``.

    ``since`` is the version of ``old``, for notes on pictures. Pictures are those of ``new`` throughout: where one was redrawn
    or has gone, a note says so. The settings of pages (sections of the Word file) are those of ``new``.
    """
    merger = _Merger(sign, since, set(_identifiers(new["blocks"])))
    blocks = merger.blocks(old["blocks"], new["blocks"])
    # A date in the metadata would be printed below the title; it stands in the text already.
    meta = {name: value for name, value in new["meta"].items() if name not in ("date", "version")}
    titles = [tree["meta"].get("title", {}) for tree in (old, new)]
    if all(t.get("t") == "MetaInlines" for t in titles):
        meta["title"] = {
            "t": "MetaInlines",
            "c": words.merged(titles[0]["c"], titles[1]["c"], sign),
        }
    tree = {"pandoc-api-version": new["pandoc-api-version"], "meta": meta, "blocks": blocks}
    count = Counter(_states([meta.get("title"), blocks]))
    return Merged(
        tree,
        count["insertion"],
        count["deletion"],
        count["row-insertion"],
        count["row-deletion"],
        merger.pictures,
    )


def marker(what: str) -> Inline:
    """A sign in a paragraph: ``paragraph-insertion``, ``paragraph-deletion``, ``row-insertion`` or ``row-deletion``."""
    return {"t": "Span", "c": [["", [MARKER, what], []], []]}


def note(text: str) -> Inline:
    """A remark in the margin."""
    return {"t": "Span", "c": [["", [NOTE], [["text", text]]], []]}


class _View:
    """A block (or a list of blocks) with what the alignment asks of it, worked out once."""

    def __init__(self, block: Any) -> None:
        self.block = block

    @cached_property
    def key(self) -> str:
        return align.dumped(self.block)

    @cached_property
    def bag(self) -> Counter[str]:
        blocks = self.block if isinstance(self.block, list) else [self.block]
        return align.bag(" ".join(p.text for p in snapshot.text({"meta": {}, "blocks": blocks})))

    @property
    def name(self) -> str:
        return "Para" if self.block["t"] == "Plain" else str(self.block["t"])


def _like(old: _View, new: _View) -> float:
    """Whether a block could be another one edited: 0 (never) to 1."""
    a, b = old.block, new.block
    if isinstance(a, list) or isinstance(b, list):
        return align.likeness(old.bag, new.bag)
    if old.name != new.name or old.name in ("RawBlock", "HorizontalRule", "CodeBlock", "Figure"):
        return 0.0
    if old.name == "Header":
        return align.likeness(old.bag, new.bag) if a["c"][0] == b["c"][0] else 0.0
    if old.name == "Div":
        (own, classes, pairs), (other, other_classes, other_pairs) = a["c"][0], b["c"][0]
        if own and own == other:
            return 1.0
        if bool(own) != bool(other) or classes != other_classes or dict(pairs) != dict(other_pairs):
            return 0.0
        if own:  # another figure, table or reference: only if it says nearly the same
            return max(0.0, align.likeness(old.bag, new.bag) - 0.3)
    if old.name == "OrderedList" and a["c"][0][1:] != b["c"][0][1:]:
        return 0.0
    return align.likeness(old.bag, new.bag)


def _like_rows(old: Any, new: Any) -> float:
    """Rows are one row when their first cells say the same, or most of their words are the same."""
    if not _same_shape(old.row, new.row):
        return 0.0
    share = align.likeness(old.bag, new.bag)
    return 0.5 + share / 2 if old.head and old.head == new.head else share


class _Row:
    def __init__(self, row: Any, part: int) -> None:
        self.row, self.part = row, part
        self.key = align.dumped([part > 0, row])
        texts = [" ".join(p.text for p in snapshot.text({"meta": {}, "blocks": cell[4]})) for cell in row[1]]
        self.bag = align.bag(" ".join(texts))
        self.head = texts[0] if texts else ""


def _same_shape(old: Any, new: Any) -> bool:
    return [cell[2:4] for cell in old[1]] == [cell[2:4] for cell in new[1]]


class _Merger:
    def __init__(self, sign: Signature, since: str, taken: set[str]) -> None:
        self.sign, self.since, self.taken = sign, since, taken
        self.pictures: list[str] = []

    def blocks(self, old: list[Block], new: list[Block]) -> list[Block]:
        a, b = [_View(x) for x in old], [_View(x) for x in new]
        out: list[Block] = []
        for i, j in align.aligned(a, b, lambda v: v.key, _like):
            if i is not None and j is not None:
                out += [b[j].block] if a[i].key == b[j].key else self.pair(a[i].block, b[j].block)
            elif i is not None:
                out += self.whole(a[i].block, "deletion")
            elif j is not None:
                out += self.whole(b[j].block, "insertion")
        return out

    def pair(self, old: Block, new: Block) -> list[Block]:
        """A block that was edited."""
        kind, content = new["t"], new.get("c")
        if kind in ("Para", "Plain"):
            return [{"t": kind, "c": self.inlines(old["c"], new["c"])}]
        if kind == "Header":
            level, attributes, inlines = new["c"]
            return [{"t": kind, "c": [level, attributes, self.inlines(old["c"][2], inlines)]}]
        if kind == "Div":
            return [{"t": kind, "c": [new["c"][0], self.blocks(old["c"][1], new["c"][1])]}]
        if kind == "BlockQuote":
            return [{"t": kind, "c": self.blocks(old["c"], new["c"])}]
        if kind == "BulletList":
            return [{"t": kind, "c": self.items(old["c"], new["c"])}]
        if kind == "OrderedList":
            return [{"t": kind, "c": [new["c"][0], self.items(old["c"][1], new["c"][1])]}]
        if kind == "Table" and len(old["c"][2]) == len(new["c"][2]):
            return [self.table(old, new)]
        if content == old.get("c"):
            return [new]
        return [*self.whole(old, "deletion"), *self.whole(new, "insertion")]

    def items(self, old: list[list[Block]], new: list[list[Block]]) -> list[list[Block]]:
        """Items of a list."""
        a, b = [_View(x) for x in old], [_View(x) for x in new]
        out: list[list[Block]] = []
        for i, j in align.aligned(a, b, lambda v: v.key, _like):
            if i is not None and j is not None:
                out.append(self.cell(a[i].block, b[j].block))
            elif i is not None:
                out.append([x for block in a[i].block for x in self.whole(block, "deletion")])
            elif j is not None:
                out.append([x for block in b[j].block for x in self.whole(block, "insertion")])
        return out

    def cell(self, old: list[Block], new: list[Block]) -> list[Block]:
        """What stands in a cell or an item: one paragraph stays one, whatever it says now."""
        if len(old) <= 1 and len(new) <= 1 and all(b["t"] in ("Para", "Plain") for b in (*old, *new)):
            kind = (new or old or [{"t": "Plain"}])[0]["t"]
            before, after = (blocks[0]["c"] if blocks else [] for blocks in (old, new))
            return [{"t": kind, "c": self.inlines(before, after)}] if old or new else []
        return self.blocks(old, new)

    def table(self, old: Block, new: Block) -> Block:
        """A table whose columns are still as many: rows and cells are compared."""
        attributes, caption, columns, head, bodies, foot = new["c"]
        a, b = _rows(old), _rows(new)
        parts: list[list[Any]] = [[] for _ in range(len(bodies) + 2)]
        place = 0
        for i, j in align.aligned(a, b, lambda r: r.key, _like_rows):
            if i is not None and j is not None:
                place = b[j].part
                row = b[j].row
                if a[i].key != b[j].key:
                    cells = zip(a[i].row[1], row[1], strict=True)
                    row = [row[0], [[*n[:4], self.cell(o[4], n[4])] for o, n in cells]]
            elif i is not None:
                # Never below the last body: a deleted row stands where the row before it stands.
                place = min(max(place, 1 if a[i].part else 0), max(1, len(bodies)))
                row = self.row(a[i].row, "deletion")
            else:
                place = b[j].part  # type: ignore[index]
                row = self.row(b[j].row, "insertion")  # type: ignore[index]
            parts[place].append(row)
        if not bodies:
            bodies = [[["", [], []], 0, [], []]]
            parts.insert(1, [])
        middle = [
            [own, stubs, [], rows] for (own, stubs, _, _), rows in zip(bodies, parts[1:-1], strict=True)
        ]
        return {
            "t": "Table",
            "c": [attributes, caption, columns, [head[0], parts[0]], middle, [foot[0], parts[-1]]],
        }

    def row(self, row: Any, state: State) -> Any:
        """A row that is new or gone, with the marker in its first cell."""
        cells = [
            [*cell[:4], [x for block in cell[4] for x in self.whole(block, state, ends=False)]]
            for cell in row[1]
        ]
        first = cells[0][4]
        if not first or first[0]["t"] not in ("Para", "Plain"):
            first.insert(0, {"t": "Plain", "c": []})
        first[0] = {"t": first[0]["t"], "c": [*first[0]["c"], marker(f"row-{state}")]}
        identifier, classes, pairs = row[0]
        return [[identifier if state == "insertion" else "", [*classes, f"row-{state}"], pairs], cells]

    def whole(self, block: Block, state: State, *, ends: bool = True) -> list[Block]:
        """A block that is new or gone; with ``ends`` the ends of its paragraphs too."""
        kind, content = block["t"], block.get("c")
        if kind in ("Para", "Plain"):
            return [{"t": kind, "c": self.all_of(block["c"], state, ends)}]
        if kind == "Header":
            level, attributes, inlines = block["c"]
            return [
                {
                    "t": kind,
                    "c": [level, self.named(attributes, state), self.all_of(inlines, state, ends)],
                }
            ]
        if kind == "Div":
            attributes, inside = block["c"]
            blocks = [x for b in inside for x in self.whole(b, state, ends=ends)]
            return [{"t": kind, "c": [self.named(attributes, state), blocks]}]
        if kind == "BlockQuote":
            return [{"t": kind, "c": [x for b in block["c"] for x in self.whole(b, state, ends=ends)]}]
        if kind in ("BulletList", "OrderedList"):
            items = block["c"] if kind == "BulletList" else block["c"][1]
            done = [[x for b in item for x in self.whole(b, state, ends=ends)] for item in items]
            return [{"t": kind, "c": done if kind == "BulletList" else [block["c"][0], done]}]
        if kind == "Table":
            attributes, caption, columns, head, bodies, foot = block["c"]
            parts = [
                [own, stubs, [], [self.row(r, state) for r in (*heads, *rows)]]
                for own, stubs, heads, rows in bodies
            ]
            head = [head[0], [self.row(r, state) for r in head[1]]]
            foot = [foot[0], [self.row(r, state) for r in foot[1]]]
            return [{"t": kind, "c": [self.named(attributes, state), caption, columns, head, parts, foot]}]
        if kind == "CodeBlock":
            lines = str(content[1]).split("\n")  # type: ignore[index]
            code = [{"t": "Code", "c": [["", [], []], line]} for line in lines]
            return [{"t": "Para", "c": self.all_of([c], state, ends)} for c in code]
        if kind == "LineBlock":
            return [{"t": "Para", "c": self.all_of(line, state, ends)} for line in block["c"]]
        if kind == "DefinitionList":
            out: list[Block] = []
            for term, meanings in block["c"]:
                out.append({"t": "Para", "c": self.all_of([{"t": "Strong", "c": term}], state, ends)})
                out += [x for m in meanings for b in m for x in self.whole(b, state, ends=ends)]
            return out
        if kind == "Figure":
            inside = [*block["c"][2], *block["c"][1][1]]
            return [x for b in inside for x in self.whole(b, state, ends=ends)]
        # Raw mark-up (the turn of a page) and rules cannot be marked: those of the new version hold.
        return [block] if state == "insertion" else []

    def named(self, attributes: list[Any], state: State) -> list[Any]:
        """The attributes of a block; one that is gone gives its name up to the new one that has it."""
        gone = state == "deletion" and attributes[0] in self.taken
        return ["", *attributes[1:]] if gone else attributes

    def inlines(self, old: list[Inline], new: list[Inline]) -> list[Inline]:
        found = self.shown(words.compared(words.words(old), words.words(new)))
        return words.marked(found, self.sign)

    def all_of(self, inlines: list[Inline], state: State, ends: bool) -> list[Inline]:
        done = words.marked(self.shown([(state, w) for w in words.words(inlines)]), self.sign)
        return [*done, marker(f"paragraph-{state}")] if ends else done

    def shown(self, items: list[tuple[State, Word]]) -> list[tuple[State, Word]]:
        """Pictures of the old version are not at hand: a note stands for one that was redrawn or has gone."""
        redrawn = any(state == "insertion" and word.leaf["t"] == "Image" for state, word in items)
        redrawn = redrawn and any(s == "deletion" and w.leaf["t"] == "Image" for s, w in items)
        out: list[tuple[State, Word]] = []
        for state, word in items:
            if word.leaf["t"] != "Image" or not state:
                out.append((state, word))
                continue
            name = PurePosixPath(word.leaf["c"][2][0]).stem
            if state == "deletion":
                if redrawn:
                    continue
                said = f"The picture {name} of version {self.since} stood here; this file does not hold it."
                out.append(("", Word(note(said), word.markup, "")))
                self.pictures.append(f"{name} gone")
            elif redrawn:
                out += [("", word), ("", Word(note(f"Redrawn since version {self.since}."), word.markup, ""))]
                self.pictures.append(f"{name} redrawn")
            else:
                out.append((state, word))
                self.pictures.append(f"{name} new")
        return out


def _rows(table: Block) -> list[_Row]:
    """All rows with the part of the table they stand in: 0 the head, then the bodies, then the foot."""
    _, _, _, head, bodies, foot = table["c"]
    found = [_Row(row, 0) for row in head[1]]
    for number, (_, _, heads, rows) in enumerate(bodies, start=1):
        found += [_Row(row, number) for row in (*heads, *rows)]
    return found + [_Row(row, len(bodies) + 1) for row in foot[1]]


def _identifiers(value: Any) -> Iterator[str]:
    """Names of all blocks and spans."""
    if isinstance(value, list):
        for item in value:
            yield from _identifiers(item)
    elif isinstance(value, dict):
        content: Any = value.get("c")
        place = _ATTRIBUTES.get(value.get("t", ""))
        if place is not None and content[place][0]:
            yield content[place][0]
        yield from _identifiers(content)


def _states(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _states(item)
    elif isinstance(value, dict):
        if value.get("t") == "Span":
            yield from (c for c in value["c"][0][1] if c in ("insertion", "deletion") or c.startswith("row-"))
        yield from _states(value.get("c"))
