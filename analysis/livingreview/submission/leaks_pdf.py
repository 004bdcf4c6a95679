"""All text of a PDF: pages, information dictionary, XMP of document and pictures, annotations, attachments, bookmarks, alternative texts,
private data of drawing programs, and what earlier revisions of the file still hold."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
    TextStringObject,
)

from livingreview.submission import blinding
from livingreview.submission.leaks_images import as_text, xmp_passages
from livingreview.submission.passages import Passage, Place, inside, joined, reference_lists, unreadable
from livingreview.submission.pdf_text import thinned

Embedded = Callable[[str, bytes], Iterator[Passage]]
_LINE_NUMBER = re.compile(r"^\s*(\d{1,5})(?:\s+|$)")
_SKIPPED = ("/ID", "/Lang", "/CharSet", "/Registry", "/Ordering", "/DA", "/CheckSum", "/Panose")


def pdf_passages(name: str, data: bytes, known: blinding.Words, embedded: Embedded) -> Iterator[Passage]:
    """Every piece of text of the file and of its earlier revisions. Raises what pypdf raises for a broken or locked file."""
    yield from _revision(name, data, known, embedded)
    end = data.find(b"%%EOF")
    while 0 <= end < len(data.rstrip()) - 5:
        try:
            older = list(_revision(name, data[: end + 5], known, embedded))
        except (PyPdfError, ValueError, KeyError, TypeError, AttributeError):
            older = []  # the first part of a linearised file is none by itself
        for passage in older:
            where = f"{passage.place} {passage.where}".strip()
            yield replace(passage, place="earlier revision", where=where)
        end = data.find(b"%%EOF", end + 5)


def _revision(name: str, data: bytes, known: blinding.Words, embedded: Embedded) -> Iterator[Passage]:
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        yield unreadable(name, "needs a password")
        return
    pages = without_line_numbers(_texts(data))
    text, marks = joined([(f"page {number}", page) for number, page in enumerate(pages, 1)])
    yield Passage(name, "body text", "", text, marks=marks, lists=reference_lists(text, known))
    info = reader.trailer.get("/Info")
    for key, value in sorted((info.get_object() if info is not None else {}).items()):
        if isinstance(value.get_object(), TextStringObject | ByteStringObject):
            yield Passage(
                name,
                "info dictionary",
                key,
                _string(value.get_object()),
                person=key in ("/Author", "/Company", "/Manager"),
            )
    done = {getattr(info, "idnum", None)}
    for number in sorted({n for table in reader.xref.values() for n in table} | set(reader.xref_objStm)):
        if number in done or number == 0:
            continue
        try:
            item = reader.get_object(number)
        except (PyPdfError, ValueError, KeyError):
            continue
        if item is not None:
            yield from _object(name, f"object {number}", item, embedded)


def _texts(data: bytes) -> list[str]:
    """The text of each page, from a copy of the file without its paths, which take most of the time and hold no text."""
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        reader.decrypt("")
    seen: set[int] = set()
    return [thinned(page, seen).extract_text() for page in reader.pages]


def without_line_numbers(pages: list[str]) -> list[str]:
    """The pages without the numbers of continuous line numbering, which would part the words of two lines.

    Line numbers are those that begin a line (or are all of it) and count on from 1, three missing at most; fewer than eight are none.
    """
    last = 0
    found: list[tuple[int, int]] = []
    for page, text in enumerate(pages):
        for number, line in enumerate(text.split("\n")):
            match = _LINE_NUMBER.match(line)
            if match and last < int(match[1]) <= last + 4:
                last = int(match[1])
                found.append((page, number))
    if len(found) < 8:
        return pages
    numbered = set(found)
    return [
        "\n".join(
            _LINE_NUMBER.sub("", line, count=1) if (page, number) in numbered else line
            for number, line in enumerate(text.split("\n"))
        )
        for page, text in enumerate(pages)
    ]


def _object(name: str, where: str, item: Any, embedded: Embedded) -> Iterator[Passage]:
    if isinstance(item, StreamObject):
        kind = item.get("/Type"), item.get("/Subtype")
        if "/Metadata" in kind or kind[1] == "/XML":
            yield from xmp_passages(name, where, item.get_data())
        elif kind[0] == "/EmbeddedFile":
            yield from inside(embedded("attachment", item.get_data()), name)
        elif kind[1] == "/Image" and "/DCTDecode" in str(item.get("/Filter")):
            content = item._data
            if content.startswith(b"\xff\xd8"):
                yield from inside(embedded(f"{where}.jpg", content), name)
    for key, value, owner in _strings(item, ""):
        place = _place(key, owner)
        if key not in _SKIPPED and len(value) > 1:
            person = place == "annotation" and key == "/T" and owner.get("/Subtype") not in (None, "/Widget")
            yield Passage(name, place, f"{where} {key}", value, person=person)


def _strings(item: Any, key: str, owner: Any = None, depth: int = 0) -> Iterator[tuple[str, str, Any]]:
    owner = {} if owner is None else owner
    if depth > 60 or isinstance(item, IndirectObject):
        return
    if isinstance(item, DictionaryObject):
        for inner, value in item.items():
            yield from _strings(value, inner, item, depth + 1)
    elif isinstance(item, ArrayObject):
        for value in item:
            yield from _strings(value, key, owner, depth + 1)
    elif isinstance(item, TextStringObject | ByteStringObject):
        yield key, _string(item), owner


def _string(value: Any) -> str:
    return str(value) if isinstance(value, TextStringObject) else as_text(bytes(value))


def _place(key: str, owner: Any) -> Place:
    kind = owner.get("/Type")
    if key in ("/Alt", "/ActualText", "/E", "/TU"):
        return "alternative text"
    if key == "/URI":
        return "link"
    if kind == "/Filespec" or key in ("/F", "/UF"):
        return "attachment"
    if key == "/Title" and "/Parent" in owner:
        return "bookmark"
    if owner.get("/S") is not None and key == "/T":  # title of an element of the structure
        return "alternative text"
    if kind == "/Annot" or key in ("/Contents", "/RC", "/Subj", "/T", "/NM"):
        return "annotation"
    return "attribute"
