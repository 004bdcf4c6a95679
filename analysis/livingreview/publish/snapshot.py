"""Snapshot of a document: what it says, as data, so that a later version can be compared with it.

A snapshot is pandoc's syntax tree of the document as the Word file prints it: short codes filled in, figures, tables and
sections numbered, citations and references formatted. It is made by the packages alone, so that it is the same whichever
engine renders the documents.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.publish import pandoc
from livingreview.publish.project import Project, epoch
from livingreview.publish.whole import checked

Tree = dict[str, Any]

_KEPT = ("title", "subtitle", "lang")
_CAPTIONS = ("Image Caption", "Table Caption")
_FRONT = ("Author", "Affiliation", "Date", "Keywords", "Abstract Title")
_WHOLE = ("title", "front", "heading", "row", "reference")
_PLACEHOLDERS = {"Space": " ", "SoftBreak": " ", "LineBreak": " "}
# A stop after one of these, or after an initial, ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|al|approx|ca|resp|Fig|Figs|Tab|Eq|No|Nos|Vol|Dr|Prof|St|pp?)|(?<!\w)[A-Z])\.$"
)
_STOP = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Passage:
    """A block of a document as text.

    ``kind`` is title, front, heading, abstract, paragraph, item, caption, row (of a table, cells parted by `` | ``) or
    reference; ``section`` the headings above it, outermost first, without their numbers.
    """

    kind: str
    section: tuple[str, ...]
    text: str


def snapshot(document: str, review: Path, root: Path) -> Tree:
    """The snapshot of ``document`` (a name of ``documents`` in review.yaml) of the review, templates from ``root``.

    Returns ``{"pandoc-api-version", "meta": {title, subtitle, lang, version, date}, "blocks": […]}``; pictures carry the
    start of the SHA-256 of their file as the attribute ``digest``. Nothing is written. Raises ReviewError with every
    problem of the document.
    """
    project = Project(review.resolve(), root.resolve())
    source, prefix = project.entry(document)
    metadata, text = checked(project, source, prefix)
    with tempfile.TemporaryDirectory(prefix="livingreview-") as folder:
        scratch = Path(folder)
        (scratch / "document.md").write_text(text, encoding="utf-8")
        target = pandoc.Target("docx", "json", scratch / "document.json")
        problems = pandoc.write(
            project,
            source,
            scratch / "document.md",
            [target],
            citeproc=bool(metadata.get("bibliography")),
            epoch=epoch(metadata),
            scratch=scratch,
        )
        if errors := [p for p in problems if p.severity == "error"]:
            raise ReviewError(errors)
        made = json.loads(target.output.read_text(encoding="utf-8"))
    return refined(made, metadata, source.parent)


def refined(made: Tree, metadata: dict[str, Any], folder: Path) -> Tree:
    """A tree as pandoc wrote it, without the settings of the project and with the digests of its pictures.

    ``folder`` is where addresses of pictures start.
    """
    meta = {name: made["meta"][name] for name in _KEPT if name in made["meta"]}
    for name in ("version", "date"):
        if metadata.get(name):
            meta[name] = {"t": "MetaString", "c": str(metadata[name])}
    digests: dict[str, str] = {}
    for image in _images(made["blocks"]):
        (_, _, attributes), _, (address, _) = image["c"]
        if address not in digests:
            path = folder / address
            digests[address] = canonical.file_digest(path)[:16] if path.is_file() else ""
        attributes[:] = [pair for pair in attributes if pair[0] != "digest"]
        if digests[address]:
            attributes.append(["digest", digests[address]])
    return {"pandoc-api-version": made["pandoc-api-version"], "meta": meta, "blocks": made["blocks"]}


def dumps(tree: Tree) -> str:
    """The snapshot as text: JSON with one block a line, so that versions can be compared line by line."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    blocks = ",\n".join(line(block) for block in tree["blocks"])
    head = f'{{"pandoc-api-version":{line(tree["pandoc-api-version"])},\n"meta":{line(tree["meta"])},\n'
    return f'{head}"blocks":[\n{blocks}\n]}}\n'


def read(path: Path) -> Tree:
    """A snapshot from its file; raises ReviewError where it is none."""
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(tree, dict) and isinstance(tree["blocks"], list) and isinstance(tree["meta"], dict):
            return tree
    except (OSError, ValueError, KeyError):
        pass
    raise ReviewError(Problem("not a snapshot of a document", file=path.as_posix()))


def text(tree: Tree) -> list[Passage]:
    """Every block of a snapshot that a reader reads, in the order of the document."""
    title = meta_text(tree["meta"].get("title"))
    first = [Passage("title", (), title)] if title else []
    return first + list(_Reader().passages(tree["blocks"], "paragraph"))


def readable(tree: Tree) -> str:
    """The text of a snapshot for people: one sentence a line, an empty line between blocks."""
    lines: list[str] = []
    for passage in text(tree):
        if passage.kind in _WHOLE:
            mark = "# " if passage.kind in ("title", "heading") else ""
            lines += [mark + passage.text, ""]
        else:
            lines += [*sentences(passage.text), ""]
    return "\n".join(lines)


def sentences(words: str) -> list[str]:
    """The sentences of a text, each without the white space around it."""
    found: list[str] = []
    start = 0
    for stop in _STOP.finditer(words):
        if not _ABBREVIATION.search(words[start : stop.start()].rstrip("\"'”’)]")):
            found.append(words[start : stop.end()].strip())
            start = stop.end()
    return [s for s in (*found, words[start:].strip()) if s]


def plain(inlines: list[Any]) -> str:
    """What a list of pandoc's inlines prints, on one line; pictures print nothing."""
    # Spaces that do not break ("12 %") are typography and stay.
    return re.sub(" {2,}", " ", "".join(_inline(i) for i in inlines))


def inlines(words: str) -> list[dict[str, Any]]:
    """A text as pandoc's inlines."""
    out: list[dict[str, Any]] = []
    for word in words.split(" "):
        out += [{"t": "Space"}, {"t": "Str", "c": word}]
    return out[1:]


def _inline(inline: dict[str, Any]) -> str:
    kind, content = inline["t"], inline.get("c")
    if kind == "Str":
        return str(content)
    if kind in _PLACEHOLDERS:
        return _PLACEHOLDERS[kind]
    if kind in ("Code", "Math"):
        return str(content[1])  # type: ignore[index]
    if kind == "Quoted":
        marks = "‘’" if content[0]["t"] == "SingleQuote" else "“”"  # type: ignore[index]
        return marks[0] + plain(content[1]) + marks[1]  # type: ignore[index]
    if kind == "Note":
        return f" [{' '.join(p.text for p in _Reader().passages(content or [], 'paragraph'))}]"
    if kind in ("Cite", "Link", "Span"):
        return plain(content[1])  # type: ignore[index]
    if kind in ("Image", "RawInline"):
        return ""
    return plain(content or [])


class _Reader:
    """Walks blocks and remembers the headings above."""

    def __init__(self) -> None:
        self.above: list[tuple[int, str]] = []

    def passages(self, blocks: list[Any], kind: str) -> Iterator[Passage]:
        for block in blocks:
            yield from self._block(block, kind)

    def _block(self, block: dict[str, Any], kind: str) -> Iterator[Passage]:
        name, content = block["t"], block.get("c")
        if name in ("Para", "Plain"):
            yield from self._passage(kind, plain(content or []))
        elif name == "Header":
            level, _, inlines = content  # type: ignore[misc]
            yield from self._passage("heading", plain(inlines))
            self.above = [(n, words) for n, words in self.above if n < level]
            self.above.append((level, heading(inlines)))
        elif name == "Div":
            yield from self.passages(content[1], _kind_of(content[0], kind))  # type: ignore[index]
        elif name == "Table":
            for row in rows(block):
                cells = [" ".join(p.text for p in self.passages(cell[4], kind)) for cell in row[1]]
                yield from self._passage("row", " | ".join(cells))
        elif name in ("BulletList", "OrderedList"):
            for item in content if name == "BulletList" else content[1]:  # type: ignore[index,union-attr]
                yield from self.passages(item, "item")
        elif name == "DefinitionList":
            for term, meanings in content or []:
                yield from self._passage("item", plain(term))
                for meaning in meanings:
                    yield from self.passages(meaning, "item")
        elif name == "Figure":
            yield from self.passages(content[2], kind)  # type: ignore[index]
            yield from self.passages(content[1][1], "caption")  # type: ignore[index]
        elif name == "BlockQuote":
            yield from self.passages(content or [], kind)
        elif name == "LineBlock":
            yield from self._passage(kind, " ".join(plain(line) for line in content or []))
        elif name == "CodeBlock":
            yield from self._passage(kind, " ".join(str(content[1]).split()))  # type: ignore[index]

    def _passage(self, kind: str, words: str) -> Iterator[Passage]:
        if words.strip(" |"):
            yield Passage(kind, tuple(h for _, h in self.above), words.strip(" "))


def rows(table: dict[str, Any]) -> list[Any]:
    """The rows of a table block (head, bodies, foot) in order; each is ``[attributes, cells]``."""
    _, _, _, head, bodies, foot = table["c"]
    return [*head[1], *(row for body in bodies for row in (*body[2], *body[3])), *foot[1]]


def _kind_of(attributes: list[Any], kind: str) -> str:
    identifier, _, pairs = attributes
    style = dict(pairs).get("custom-style", "")
    if identifier == "refs":
        return "reference"
    if style in _CAPTIONS:
        return "caption"
    if style in _FRONT:
        return "front"
    return "abstract" if style == "Abstract" else kind


def is_number(inline: dict[str, Any]) -> bool:
    """Whether an inline is the number of a heading."""
    return bool(inline["t"] == "Span" and "heading-number" in inline["c"][0][1])


def heading(inlines: list[Any]) -> str:
    """The words of a heading, without its number."""
    return plain([i for i in inlines if not is_number(i)]).strip()


def meta_text(value: dict[str, Any] | None) -> str:
    """A value of a snapshot's metadata as text; empty where there is none."""
    if value is None:
        return ""
    if value["t"] == "MetaInlines":
        return plain(value["c"])
    return str(value["c"]) if value["t"] == "MetaString" else ""


def _images(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _images(item)
    elif isinstance(value, dict):
        if value.get("t") == "Image":
            yield value
        else:
            yield from _images(value.get("c"))
