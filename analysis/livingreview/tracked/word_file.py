"""The Word file of two versions, with revisions that Word and LibreOffice can accept and reject one by one.

Insertions and deletions of words are written by pandoc from its own spans. What pandoc has no sign for is put into the file
here: ends of paragraphs, rows of tables, and numbers that no two revisions share (ECMA-376, part 1, 17.13.5).
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

from livingreview.errors import Problem
from livingreview.publish import docx, pandoc, snapshot
from livingreview.publish.project import Project, epoch
from livingreview.tracked.blocks import MARKER, NOTE, Merged
from livingreview.tracked.words import Signature

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MARK = f"{{{_W}}}lrMark"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"


def write(
    merged: Merged,
    title: str,
    sign: Signature,
    project: Project,
    document: Path,
    metadata: dict[str, Any],
    reference: Path,
    target: Path,
    scratch: Path,
) -> list[Problem]:
    """Write the Word file of a merged document; equal versions give equal bytes.

    ``title`` is what the file calls itself, ``reference`` the document its look is taken from. Returns what pandoc said.
    """
    tree = prepared(merged.tree, sign)
    wanted = pandoc.Target("docx", "docx", target, reference=reference)
    said = pandoc.convert(project, document, tree, wanted, epoch=epoch(metadata), scratch=scratch)
    if not any(p.severity == "error" for p in said):
        docx.normalise(target, metadata)
        target.write_bytes(revised(target.read_bytes(), title, sign))
    return said


def revised(content: bytes, title: str, sign: Signature) -> bytes:
    """The file with the markers of paragraphs and rows turned into revisions, and every revision numbered."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    for index, (name, part) in enumerate(entries):
        if name in ("word/document.xml", "word/footnotes.xml"):
            root = etree.fromstring(part)
            _revise(root, sign, 10_000 if name == "word/document.xml" else 90_000)
            entries[index] = (name, _text(root))
        elif name == "docProps/core.xml":
            root = etree.fromstring(part)
            for element in root.iter(_DC_TITLE):
                element.text = title
            entries[index] = (name, _text(root))
    return docx.packed(entries)


def _revise(root: etree._Element, sign: Signature, first: int) -> None:
    for mark in list(root.iter(_MARK)):
        what, state = mark.get(f"{{{_W}}}what", "").split("-")
        kind = "ins" if state == "insertion" else "del"
        if what == "row":
            row = next(mark.iterancestors(_name("tr")))
            _revision(_child(row, "trPr", 0), kind, sign)
        else:
            _end(next(mark.iterancestors(_name("p"))), kind, sign)
        parent = mark.getparent()
        assert parent is not None
        parent.remove(mark)
    for cell in root.iter(_name("tc")):
        _last_of_cell(cell)
    for number, element in enumerate(root.iter(_name("ins"), _name("del")), start=first):
        element.set(_name("id"), str(number))


def _end(paragraph: etree._Element, kind: str, sign: Signature) -> None:
    """The paragraph's end as inserted or deleted: its mark lies in its properties."""
    properties = _child(paragraph, "pPr", 0)
    run = properties.find(_name("rPr"))
    if run is None:
        run = etree.Element(_name("rPr"))
        # Order of the schema: run properties, then section, then change of properties.
        after = [e for e in properties if e.tag in (_name("sectPr"), _name("pPrChange"))]
        properties.insert(properties.index(after[0]) if after else len(properties), run)
    _revision(run, kind, sign, at=0)


def _last_of_cell(cell: etree._Element) -> None:
    """The last paragraph of a cell cannot go: the end of the one before it carries the change instead."""
    paragraphs = cell.findall(_name("p"))
    if len(paragraphs) < 2:
        return
    last, before = paragraphs[-1], paragraphs[-2]
    for kind in ("ins", "del"):
        found = last.find(f"{_name('pPr')}/{_name('rPr')}/{_name(kind)}")
        if found is None:
            continue
        if before.find(f"{_name('pPr')}/{_name('rPr')}/{_name(kind)}") is None:
            _end(before, kind, Signature(found.get(_name("author"), ""), found.get(_name("date"), "")))
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)


def _revision(parent: etree._Element, kind: str, sign: Signature, at: int | None = None) -> None:
    element = etree.Element(_name(kind))
    element.set(_name("id"), "0")
    element.set(_name("author"), sign.author)
    element.set(_name("date"), sign.date)
    parent.insert(len(parent) if at is None else at, element)


def _child(parent: etree._Element, name: str, at: int) -> etree._Element:
    found = parent.find(_name(name))
    if found is None:
        found = etree.Element(_name(name))
        parent.insert(at, found)
    return found


def _name(name: str) -> str:
    return f"{{{_W}}}{name}"


def _text(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def prepared(tree: dict[str, Any], sign: Signature) -> dict[str, Any]:
    """The tree as pandoc's Word writer takes it: markers as raw mark-up, notes as comments."""
    count = 0

    def turned(value: Any) -> Any:
        nonlocal count
        if isinstance(value, list):
            return [x for item in value for x in _several(turned(item))]
        if not isinstance(value, dict):
            return value
        kind = value.get("t")
        content: Any = value.get("c")
        if kind == "Span" and MARKER in content[0][1]:
            return _raw(f'<w:lrMark w:what="{content[0][1][1]}"/>')
        if kind == "Span" and NOTE in content[0][1]:
            count += 1
            return _comment(str(count), dict(content[0][2])["text"], sign)
        if kind == "Span" and content[0][1] in (["csl-left-margin"], ["csl-right-inline"]):
            inside = turned(content[1])
            return {"several": _tabbed(inside) if content[0][1] == ["csl-left-margin"] else inside}
        if kind == "Image":
            (identifier, classes, pairs), *rest = content
            return {"t": kind, "c": [[identifier, classes, [p for p in pairs if p[0] != "digest"]], *rest]}
        return {key: turned(item) for key, item in value.items()}

    return {**tree, "meta": turned(tree["meta"]), "blocks": turned(tree["blocks"])}


def _tabbed(number: list[Any]) -> list[Any]:
    """The number of a reference and the tab after it, which goes and comes with the number.

    The writer would set the tab itself, outside of what is inserted or deleted.
    """
    tab = {"t": "Str", "c": "\t"}
    last = number[-1] if number else {}
    if last.get("t") == "Span" and last["c"][0][1] in (["insertion"], ["deletion"]):
        return [*number[:-1], {"t": "Span", "c": [last["c"][0], [*last["c"][1], tab]]}]
    return [*number, tab]


def _several(value: Any) -> list[Any]:
    return value["several"] if isinstance(value, dict) and "several" in value else [value]


def _raw(text: str) -> dict[str, Any]:
    return {"t": "RawInline", "c": ["openxml", text]}


def _comment(number: str, text: str, sign: Signature) -> dict[str, Any]:
    said = snapshot.inlines(text)
    start = [
        "",
        ["comment-start"],
        [["id", number], ["author", sign.author], ["date", sign.date]],
    ]
    end = ["", ["comment-end"], [["id", number]]]
    return {"several": [{"t": "Span", "c": [start, said]}, {"t": "Span", "c": [end, []]}]}
