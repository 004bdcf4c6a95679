"""PDF/UA-1 (ISO 14289-1): tags, language, title, headings, tables, links – what a program can see of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypdf.generic import StreamObject

from livingreview.submission.pdf_objects import Objects, get, inherited, listed, xmp

_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_HEADING = re.compile(r"/H([1-9])")
_MARKS = re.compile(rb"(?<=\s)(BMC|BDC|EMC|Tj|TJ|'|\")(?=\s)")
_ANCESTORS = {
    "/TR": ("/Table", "/THead", "/TBody", "/TFoot"),
    "/TH": ("/TR",),
    "/TD": ("/TR",),
    "/LI": ("/L",),
    "/LBody": ("/LI",),
    "/TOCI": ("/TOC",),
}
_DYNAMIC = re.compile(rb"<dynamicRender>\s*required\s*</")
_DEEPEST = 200


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the tag tree: its standard type, the one above it, its dictionary."""

    kind: str
    above: str
    value: Any


def problems(pdf: Objects) -> Iterator[tuple[str, str]]:
    """Clause and what is against it."""
    root = pdf.root
    tree = get(root, "/StructTreeRoot")
    if get(root, "/MarkInfo", "/Marked") is not True and not get(root, "/MarkInfo", "/Marked"):
        yield "6.2", "the document does not say that it is tagged (/MarkInfo)"
    if tree is None:
        yield "7.1", "the document has no tags"
    if get(root, "/MarkInfo", "/Suspects"):
        yield "7.1", "the tags are said to be doubtful (/Suspects)"
    if not get(root, "/ViewerPreferences", "/DisplayDocTitle"):
        yield "7.1", "viewers are not told to show the title (/DisplayDocTitle)"
    if not xmp(pdf.root).get(_TITLE, "").strip():
        yield "7.1", "the XMP metadata give no title"
    if not str(get(root, "/Lang") or "").strip():
        yield "7.2", "the document gives no language"
    elements = tuple(tagged(pdf))
    yield from _graphics(elements)
    yield from _headings(elements)
    yield from _tables(elements)
    yield from _notes(elements)
    for number, page in enumerate(pdf.pages, 1):
        yield from _page(number, page, elements)
    for content in pdf.contents:
        if content.page and _untagged(content.operators):
            yield "7.1", f"{content.place}: text that is neither tagged nor marked as an artefact"
    forms = listed(get(root, "/AcroForm", "/XFA"))
    if any(_DYNAMIC.search(f.get_data()) for f in forms if isinstance(f, StreamObject)):
        yield "7.15", "a form in dynamic XFA"


def tagged(pdf: Objects) -> Iterator[Element]:
    """Elements of the tag tree in reading order."""
    tree = get(pdf.root, "/StructTreeRoot")
    roles = {str(k): str(v) for k, v in (get(tree, "/RoleMap") or {}).items()}
    waiting = [(kid, "", 0) for kid in reversed(listed(get(tree, "/K")))]
    while waiting:
        value, above, depth = waiting.pop()
        if not isinstance(value, dict) or get(value, "/S") is None or depth > _DEEPEST:
            continue
        kind = str(get(value, "/S"))
        for _ in range(len(roles)):
            kind = roles.get(kind, kind)
        yield Element(kind, above, value)
        waiting += [(kid, kind, depth + 1) for kid in reversed(listed(get(value, "/K")))]


def _text(element: Element, *keys: str) -> bool:
    return any(str(get(element.value, key) or "").strip() for key in keys)


def _graphics(elements: tuple[Element, ...]) -> Iterator[tuple[str, str]]:
    for element in elements:
        if element.kind == "/Figure" and not _text(element, "/Alt", "/ActualText"):
            yield "7.3", "a figure without an alternative text"
        if element.kind == "/Formula" and not _text(element, "/Alt", "/ActualText"):
            yield "7.7", "a formula without an alternative text"


def _headings(elements: tuple[Element, ...]) -> Iterator[tuple[str, str]]:
    last = 0
    for element in elements:
        if found := _HEADING.fullmatch(element.kind):
            level = int(found[1])
            if level > last + 1:
                yield "7.4.2", f"a heading of level {level} follows one of level {last}"
            last = level
    if last and any(element.kind == "/H" for element in elements):
        yield "7.4.4", "headings with a level beside headings without"


def _tables(elements: tuple[Element, ...]) -> Iterator[tuple[str, str]]:
    for element in elements:
        wanted = _ANCESTORS.get(element.kind)
        if wanted and element.above not in wanted:
            yield "7.2", f"{element.kind[1:]} inside {element.above[1:] or 'nothing'}"
        if element.kind != "/Table":
            continue
        cells = list(_cells(element.value, 0))
        heads = [cell for cell in cells if get(cell, "/S") == "/TH"]
        if not heads:
            yield "7.5", "a table without header cells"
        linked = {str(name) for cell in cells for name in listed(_attribute(cell, "/Headers"))}
        for cell in heads:
            if _attribute(cell, "/Scope") is None and str(get(cell, "/ID")) not in linked:
                yield "7.5", "a header cell of a table without scope"


def _cells(value: Any, depth: int) -> Iterator[Any]:
    if depth > _DEEPEST:
        return
    for kid in listed(get(value, "/K")):
        kind = get(kid, "/S")
        if kind in ("/TH", "/TD"):
            yield kid
        elif kind in ("/TR", "/THead", "/TBody", "/TFoot"):
            yield from _cells(kid, depth + 1)


def _attribute(cell: Any, name: str) -> Any:
    for owner in listed(get(cell, "/A")):
        if (value := get(owner, name)) is not None:
            return value
    return None


def _notes(elements: tuple[Element, ...]) -> Iterator[tuple[str, str]]:
    names = [str(get(e.value, "/ID") or "") for e in elements if e.kind == "/Note"]
    if not all(names) or len(set(names)) < len(names):
        yield "7.9", "a footnote without an ID of its own"


def _page(number: int, page: Any, elements: tuple[Element, ...]) -> Iterator[tuple[str, str]]:
    notes = listed(get(page, "/Annots"))
    if notes and inherited(page, "/Tabs") != "/S":
        yield "7.18.3", f"page {number}: the order of its annotations is not that of the tags (/Tabs)"
    for note in notes:
        kind = get(note, "/Subtype")
        if kind == "/Link":
            if get(note, "/StructParent") is None:
                yield "7.18.5", f"page {number}: a link without a tag"
            if not str(get(note, "/Contents") or "").strip():
                yield "7.18.5", f"page {number}: a link that does not say where it leads"
        elif kind == "/TrapNet":
            yield "7.18.2", f"page {number}: an annotation for printing (TrapNet)"
        elif kind not in ("/Popup", "/PrinterMark", "/Widget"):
            if get(note, "/StructParent") is None:
                yield "7.18.1", f"page {number}: an annotation without a tag"
            if not str(get(note, "/Contents") or "").strip():
                yield "7.18.1", f"page {number}: an annotation without a text"


def _untagged(operators: bytes) -> bool:
    depth = 0
    for found in _MARKS.finditer(operators):
        if found[1] in (b"BMC", b"BDC"):
            depth += 1
        elif found[1] == b"EMC":
            depth = max(0, depth - 1)
        elif not depth:
            return True
    return False
