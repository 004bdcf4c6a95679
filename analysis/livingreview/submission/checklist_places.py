"""Where each labelled place of a document stands in the files of a submission: file, page and line as they are printed there.

Sections are found by their named destinations, captions, title and abstract by the tags of the PDF. A place is found for
certain or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.publish.snapshot import heading, is_number, plain
from livingreview.reporting.labels import SPECIAL
from livingreview.reporting.places import Place, squeezed
from livingreview.reporting.tables import described
from livingreview.submission import documents, pdf_tags
from livingreview.submission.arrange import Blocks, Item, Tree, items, style
from livingreview.submission.documents import Source
from livingreview.submission.figure_files import Made
from livingreview.submission.layout import Layout
from livingreview.submission.leaving_out import beginning
from livingreview.submission.write import title_of

EVERYTHING_ELSE = "*"
TAKEN = "†"
"""The mark of a place of which a part stands in another file."""
_PREFIX = "item-"
_WORDS = ("Str", "Space", "SoftBreak", "LineBreak", "Strong", "Emph", "Span", "Link", "Quoted", "Cite")
_LEFT_OUT = {"figure": ("left_out", "captions"), "table": ("separate",)}


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in words, the name of the file where it is, and page and line as printed there (None: the file prints none there).

    ``taken`` tells what was taken out of it, and where that stands; its words then end with :data:`TAKEN`.
    """

    words: str
    file: str
    page: int | None
    line: int | None
    taken: str = ""


@dataclass(frozen=True)
class Printed:
    """A document of a review as a PDF of the submission: ``layout`` is the one it was made with, the PDF's name that of the file.

    ``apart`` names, by label (``fig-flow``), the file of each figure and table that the layout keeps out of the document (see :func:`apart`).
    ``removed`` names, by label, the file where what blinding took out of a place stands now; ``*`` stands for all other labels.
    ``tagged`` are the tags of the PDF where they were read before.
    """

    source: Source
    layout: Layout
    pdf: Path
    apart: Mapping[str, str] = field(default_factory=dict)
    removed: Mapping[str, str] = field(default_factory=dict)
    tagged: pdf_tags.Tagged | None = None

    @cached_property
    def tree(self) -> Tree:
        """The tree that the PDF was made from, before its parts were moved."""
        return documents.shown(self.source, self.layout)

    @cached_property
    def tags(self) -> pdf_tags.Tagged:
        """The tags of the PDF."""
        return self.tagged or pdf_tags.read(self.pdf)

    def spots(self, label: str) -> tuple[Spot, ...]:
        """Where a label is, in the order to read; empty where that cannot be said for certain."""
        whole, left = _place(self.source.tree, label), _place(self.tree, label)
        if whole is None:
            return ()
        if left is not None and left.blocks >= whole.blocks:
            return self._printed(label, left)  # as it reads with the names taken out
        file = self.removed.get(label) or self.removed.get(EVERYTHING_ELSE)
        if not file:
            return ()
        if left is None:
            return (Spot(whole.words, file, None, None),)
        here = self._printed(label, left)
        if not here:
            return ()
        gone = [name for name in whole.names if name not in left.names]
        taken = f"{whole.words}: {', '.join(gone) or 'a part'} ({file})"
        return (replace(here[0], words=f"{here[0].words}\u00a0{TAKEN}", taken=taken), *here[1:])

    def _printed(self, label: str, place: _Found) -> tuple[Spot, ...]:
        kind = place.item.kind if place.item else ""
        left_out = kind != "" and getattr(self.layout, f"{kind}s") in _LEFT_OUT[kind]
        element = self._element(label, place)
        if element is None or (left_out and label not in self.apart):
            return ()
        words = f"{place.words}, caption" if left_out else place.words
        found = Spot(words, self.pdf.name, self.tags.page(element), self.tags.line(element))
        return (found, Spot(place.words, self.apart[label], None, None)) if left_out else (found,)

    def _element(self, label: str, place: _Found) -> pdf_tags.Element | None:
        headings = [e for e in self.tags.elements if e.kind[:1] == "H" and e.kind[1:].isdigit()]
        if place.item is not None:
            captions = [e for e in self.tags.elements if e.kind == "Caption"]
            return _beginning(captions, place.text) or _beginning(
                [e for e in self.tags.elements if e.kind == "P"], place.text
            )
        if label == "title":
            return _same(self.tags.elements, place.text)
        if label == "abstract":
            return _same(headings, place.text) or _same(self.tags.elements, place.text)
        destination = self.tags.destinations.get(_PREFIX + label)
        if destination is None:
            return _same(headings, place.text)
        page, top = destination
        below = max((e for e in headings if e.page == page and e.y <= top), key=lambda e: e.y, default=None)
        # what signs print a formula is the PDF's own affair; everything else must read as in the tree
        exact = below is not None and (place.formula or squeezed(below.text) == squeezed(place.text))
        return below if exact else None


def places(
    documents: Mapping[str, Printed], wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Spot, ...]]:
    """Where each ``(document, label)`` is. Raises ReviewError naming all that were not found, or whose file is not known."""
    found: dict[tuple[str, str], tuple[Spot, ...]] = {}
    problems = []
    for document, label in dict.fromkeys(wanted):
        printed = documents.get(document)
        spots = printed.spots(label) if printed is not None else ()
        if spots:
            found[document, label] = spots
        else:
            problems.append(_problem(document, printed, label))
    if problems:
        raise ReviewError(problems)
    return found


def apart(tree: Tree, figures: Made | None = None, tables: Iterable[str] = ()) -> dict[str, str]:
    """The files of a document's figures and tables by label: of a figure the first file that was made, of a table that named for it.

    ``tables`` are names of files as :func:`livingreview.submission.documents.table_files` gives them (``Table1.docx``).
    """
    named = (
        {figure.label: figure.files[0].name for figure in figures.figures if figure.files} if figures else {}
    )
    stems = {Path(name).stem: name for name in sorted(tables, reverse=True)}
    found = {}
    for item in items(tree["blocks"]):
        label = _identifier(item)
        name = (
            named.get(label) if item.kind == "figure" else stems.get("".join(filter(str.isalnum, item.label)))
        )
        if name:
            found[label] = name
    return found


@dataclass(frozen=True, slots=True)
class _Found:
    """A place of a tree: how it is called, the text that is looked for, how many blocks belong to it, and the names of passages in it."""

    words: str
    text: str
    blocks: int
    names: tuple[str, ...] = ()
    item: Item | None = None
    formula: bool = False


def _place(tree: Tree, label: str) -> _Found | None:
    if label == "title":
        text = title_of(tree)
        return _Found("Title", text, 1) if text else None
    blocks: Blocks = tree["blocks"]
    if label == "abstract":
        return _abstract(blocks)
    for item in items(blocks):
        if _identifier(item) == label:
            number = item.label.replace("\u00a0", " ").rpartition(" ")[2]
            # without a number it goes by its first words
            words = described(label, _named(number, None if number else item.words[:60]), str)
            return _Found(words, _text(item), 1, item=item)
    blocks = _opened(blocks)
    for index, block in enumerate(blocks):
        if block["t"] == "Header" and block["c"][1][0] == _PREFIX + label:
            level, _, text = block["c"]
            end = next(
                (
                    n
                    for n, b in enumerate(blocks[index + 1 :], index + 1)
                    if b["t"] == "Header" and b["c"][0] <= level
                ),
                len(blocks),
            )
            number = plain([i for i in text if is_number(i)]).strip()
            words = described(label, _named(number, heading(text)), str)
            return _Found(
                words,
                plain(text),
                _size(blocks[index:end]),
                _names(blocks[index:end]),
                formula=_has_formula(text),
            )
    return None


def _opened(blocks: Blocks) -> Blocks:
    """The blocks with those in boxes that hold headings in the same row."""
    out: Blocks = []
    for block in blocks:
        inside = _opened(block["c"][1]) if block["t"] == "Div" else []
        out += inside if any(b["t"] == "Header" for b in inside) else [block]
    return out


def _abstract(blocks: Blocks) -> _Found | None:
    parts = [b for b in blocks if style(b) in ("Abstract Title", "Abstract")]
    first = next((p for b in parts for p in b["c"][1] if p["t"] in ("Para", "Plain")), None)
    return _Found("Abstract", plain(first["c"]), _size(parts), _names(parts)) if first else None


def _named(number: str, title: str | None) -> Place:
    return {"number": number or None, "title": title, "page": None}


def _identifier(item: Item) -> str:
    return str(item.block["c"][0][0]).removeprefix(_PREFIX)


def _text(item: Item) -> str:
    """The words of a caption up to what a PDF may print in other signs (a formula)."""
    out: list[Any] = []
    for inline in item.caption[0]["c"] if item.caption and item.caption[0]["t"] in ("Para", "Plain") else ():
        if inline["t"] not in _WORDS or _has_formula(inline):
            break
        out.append(inline)
    return plain(out)


def _has_formula(value: Any) -> bool:
    """Whether something prints other signs than its words."""
    if isinstance(value, list):
        return any(_has_formula(v) for v in value)
    if not isinstance(value, dict):
        return False
    return value.get("t") in ("Math", "Note", "Image", "RawInline") or _has_formula(value.get("c"))


def _size(value: Any) -> int:
    """How many blocks a value holds, at any depth."""
    if isinstance(value, list):
        return sum(_size(v) for v in value)
    if isinstance(value, dict):
        return (value.get("t") in ("Para", "Plain", "Div", "Header", "Table", "Figure")) + _size(
            value.get("c")
        )
    return 0


def _names(blocks: Blocks) -> tuple[str, ...]:
    """The headings, and the words that begin paragraphs with a stop, in their order."""
    found: list[str] = []
    for block in blocks:
        if block["t"] == "Div":
            found += _names(block["c"][1])
        elif block["t"] == "Header":
            found.append(plain(block["c"][2]).strip())
        elif name := beginning(block):
            found.append(name)
    return tuple(found)


def _same(elements: Iterable[pdf_tags.Element], text: str) -> pdf_tags.Element | None:
    wanted = squeezed(text)
    return _only(e for e in elements if wanted and squeezed(e.text) == wanted)


def _beginning(elements: Iterable[pdf_tags.Element], text: str) -> pdf_tags.Element | None:
    wanted = squeezed(text)
    return _only(e for e in elements if wanted and squeezed(e.text).startswith(wanted))


def _only(elements: Iterable[pdf_tags.Element]) -> pdf_tags.Element | None:
    """The one element there is; elements that begin at one place (an emphasis that is all of a paragraph) are one."""
    found = list({(e.page, e.y): e for e in elements}.values())
    return found[0] if len(found) == 1 else None


def _problem(document: str, printed: Printed | None, label: str) -> Problem:
    if printed is None:
        return Problem(
            "the document with this place is not in the submission",
            value=f"{document}/{label}",
            suggestion=f"add {document} to the submission, or answer the item elsewhere in manuscript/reporting.yaml",
        )
    kinds = f"{', '.join(SPECIAL)}, or the label of a section, table or figure"
    return Problem(
        "the place was not found for certain in this file, nor is a file known that holds it",
        printed.pdf.name,
        value=label,
        allowed=kinds,
        suggestion="a figure or table that stands apart, or what blinding takes out, needs the name of its file",
    )
