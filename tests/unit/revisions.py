"""What a Word file reads after all its revisions are accepted or rejected, done on the XML by the rules of the standard.

ECMA-376, part 1, 17.13.5: ``w:ins`` and ``w:del`` around runs; in a paragraph's run properties, its end; in a row's properties,
the row. A paragraph whose end goes is joined with the next one; one of which nothing is left goes altogether.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"


def root(path: Path, part: str = "word/document.xml") -> etree._Element:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(part))


def settle(document: etree._Element, *, accept: bool) -> etree._Element:
    """Accept or reject every revision, in place."""
    gone, kept = ("del", "ins") if accept else ("ins", "del")
    for row in list(document.iter(f"{W}tr")):
        if row.find(f"{W}trPr/{W}{gone}") is not None:
            table = row.getparent()
            table.remove(row)
            if table.find(f"{W}tr") is None:
                table.getparent().remove(table)
    for element in list(document.iter(f"{W}{gone}")):
        if element.getparent().tag not in (f"{W}rPr", f"{W}trPr"):
            element.getparent().remove(element)
    for paragraph in list(document.iter(f"{W}p")):
        if paragraph.find(f"{W}pPr/{W}rPr/{W}{gone}") is None:
            continue
        following = paragraph.getnext()
        left = [e for e in paragraph if e.tag != f"{W}pPr"]
        if any(e.tag in (f"{W}r", f"{W}ins", f"{W}del", f"{W}hyperlink") for e in left):
            while following is not None and following.tag != f"{W}p":
                following = following.getnext()
            assert following is not None, "the end of the last paragraph cannot go"
            place = 1 if following.find(f"{W}pPr") is not None else 0
            for offset, e in enumerate(left):
                following.insert(place + offset, e)
        paragraph.getparent().remove(paragraph)
    for element in list(document.iter(f"{W}{kept}")):
        parent = element.getparent()
        if parent.tag not in (f"{W}rPr", f"{W}trPr"):
            place = parent.index(element)
            for offset, child in enumerate(list(element)):
                parent.insert(place + offset, child)
        parent.remove(element)
    return document


def paragraphs(document: etree._Element) -> list[str]:
    """Text of every paragraph with any, in order; cells count as paragraphs."""
    found = []
    for paragraph in document.iter(f"{W}p"):
        parts = []
        for element in paragraph.iter(f"{W}t", f"{W}delText", f"{W}br", f"{M}t"):
            parts.append("\n" if element.tag == f"{W}br" else element.text or "")
        if "".join(parts).strip():
            found.append("".join(parts))
    return found


def styles(document: etree._Element) -> list[tuple[str, str]]:
    """Style and text of every paragraph with text."""
    found = []
    for paragraph in document.iter(f"{W}p"):
        words = "".join(e.text or "" for e in paragraph.iter(f"{W}t", f"{W}delText"))
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        if words.strip():
            found.append((style.get(f"{W}val") if style is not None else "", words))
    return found


def shape(document: etree._Element) -> list[list[int]]:
    """Number of cells of every row of every table."""
    return [
        [len(row.findall(f"{W}tc")) for row in table.findall(f"{W}tr")] for table in document.iter(f"{W}tbl")
    ]
