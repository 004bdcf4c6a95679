"""The objects of a PDF as rules look at them: each dictionary once, each content stream once with its resources.

Operators and objects: ISO 32000-1. Read with pypdf, from bytes.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lxml import etree
from pypdf import PdfReader
from pypdf.generic import BooleanObject, IndirectObject, NullObject, StreamObject

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_STRINGS = re.compile(rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))*\)", re.S)
_INLINE = re.compile(rb"(?<![^\s])BI(\s.*?)\sID\s.*?\sEI(?![^\s])", re.S)


def follow(value: Any) -> Any:
    """A value, where it stands; truth as a bool, for pypdf's own is true in either case, and null as None."""
    value = value.get_object() if isinstance(value, IndirectObject) else value
    if isinstance(value, BooleanObject):
        return value.value
    return None if isinstance(value, NullObject) else value


def get(holder: Any, *names: str) -> Any:
    """A value of a dictionary, or of one inside it, followed to where it stands; None where there is none."""
    for name in names:
        holder = follow(holder)
        holder = follow(dict.get(holder, name)) if isinstance(holder, dict) else None
    return holder


def listed(value: Any) -> list[Any]:
    """Members of an array, followed; a value that is no array is its only member, None has none."""
    value = follow(value)
    if value is None:
        return []
    return [follow(v) for v in list.__iter__(value)] if isinstance(value, list) else [value]


def xmp(root: Any) -> dict[str, str]:
    """Properties of the XMP packet of a catalogue by their full names, values of a list parted by ``; ``; empty where there is none that can be read."""
    stream = get(root, "/Metadata")
    if not isinstance(stream, StreamObject):
        return {}
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        tree = etree.fromstring(stream.get_data().strip(b"\0 \r\n\t"), parser)
    except etree.XMLSyntaxError:
        return {}
    found: dict[str, str] = {}
    for description in tree.iter(f"{_RDF}Description"):
        if next(description.iterancestors(f"{_RDF}Description"), None) is not None:
            continue
        found |= {str(n): str(v) for n, v in description.attrib.items() if not str(n).startswith(_RDF)}
        for child in description.iterchildren(etree.Element):
            values = list(child.iter(f"{_RDF}li")) or [child]
            found[str(child.tag)] = "; ".join(" ".join("".join(v.itertext()).split()) for v in values)
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """A dictionary of the file. ``number`` is that of the object it is, or is in (0: of the trailer), ``key`` the name under which it was
    found there, ``""`` in an array."""

    number: int
    key: str
    value: Any

    def __str__(self) -> str:
        return f"object {self.number}" if self.number else "the trailer"


@dataclass(frozen=True, slots=True)
class Content:
    """A content stream: where it is, its operators without strings and inline pictures (``inline`` are their dictionaries as written)."""

    place: str
    page: bool
    operators: bytes
    inline: tuple[bytes, ...]
    resources: Any


@dataclass
class Objects:
    """A PDF in memory: its bytes, and who reads its objects."""

    data: bytes
    reader: PdfReader

    @classmethod
    def of(cls, data: bytes) -> Objects:
        """The objects of a PDF, with a reader of its own."""
        return cls(data, PdfReader(io.BytesIO(data)))

    @property
    def trailer(self) -> Any:
        """The trailer's dictionary."""
        return self.reader.trailer

    @property
    def root(self) -> Any:
        """The catalogue."""
        return get(self.trailer, "/Root")

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Every dictionary (streams too) that can be reached from the trailer, each once."""
        seen: set[int] = set()
        found = []
        waiting: list[tuple[Any, int, str]] = [(self.trailer, 0, "")]
        while waiting:
            value, number, key = waiting.pop()
            if isinstance(value, IndirectObject):
                if value.idnum in seen:
                    continue
                number = value.idnum
                seen.add(number)
                value = value.get_object()
            if isinstance(value, dict):
                found.append(Part(number, key, value))
                waiting += [(v, number, str(k)) for k, v in dict.items(value) if isinstance(v, _HOLDERS)]
            elif isinstance(value, list):
                waiting += [(v, number, key) for v in list.__iter__(value) if isinstance(v, _HOLDERS)]
        return tuple(sorted(found, key=lambda part: part.number))

    @cached_property
    def untagged(self) -> tuple[Part, ...]:
        """The same without the tag tree, which is most of a tagged file."""
        return tuple(
            part
            for part in self.parts
            if dict.get(part.value, "/Type") not in _TAGS and not ("/O" in part.value and part.key == "/A")
        )

    @cached_property
    def pages(self) -> tuple[Any, ...]:
        """Dictionaries of the pages, in their order."""
        return tuple(self.reader.pages)

    @cached_property
    def contents(self) -> tuple[Content, ...]:
        """Content streams of pages, forms, patterns and glyphs that are drawings."""
        found = []
        for number, page in enumerate(self.pages, 1):
            streams = listed(page.get("/Contents"))
            data = b"\n".join(s.get_data() for s in streams if isinstance(s, StreamObject))
            found.append(_content(f"page {number}", data, inherited(page, "/Resources"), page=True))
        for part in self.untagged:
            stream = isinstance(part.value, StreamObject)
            form, pattern = get(part.value, "/Subtype") == "/Form", get(part.value, "/PatternType") == 1
            if stream and (form or pattern):
                found.append(_content(str(part), part.value.get_data(), get(part.value, "/Resources")))
            elif get(part.value, "/Subtype") == "/Type3":
                for glyph in (get(part.value, "/CharProcs") or {}).values():
                    resources = get(part.value, "/Resources")
                    found.append(_content(str(part), follow(glyph).get_data(), resources))
        return tuple(found)


_TAGS = ("/StructElem", "/MCR", "/OBJR")
_HOLDERS = (IndirectObject, dict, list)


def inherited(page: Any, name: str) -> Any:
    """A value of a page, or of the pages above it."""
    while page is not None:
        value = get(page, name)
        if value is not None:
            return value
        page = get(page, "/Parent")
    return None


def _content(place: str, data: bytes, resources: Any, *, page: bool = False) -> Content:
    data = data + b"\n"
    inline: tuple[bytes, ...] = ()
    if b"BI" in data:
        inline = tuple(found[1] for found in _INLINE.finditer(data))
        data = _INLINE.sub(b" ", data)
    if b"(" in data:
        data = _STRINGS.sub(b"()", data)
    return Content(place, page, b" " + data, inline, resources)
