"""Parts of DOCX and other Office files: text joined over runs, headers, notes, comments, revisions, properties, settings.

Revision session ids (``w:rsid``) are numbers that name nobody and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from livingreview.submission import blinding
from livingreview.submission.folding import BORDER
from livingreview.submission.leaks_markup import PEOPLE, local, xml_tree
from livingreview.submission.passages import Passage, Place, heading, reference_lists

_PLACES: tuple[tuple[str, Place], ...] = (
    (r"(?:^|/)(?:header|footer)\d*\.xml$", "header or footer"),
    (r"(?:^|/)(?:footnotes|endnotes)\.xml$", "footnote"),
    (r"(?:^|/)(?:comments\w*|threadedComments?/.*|persons?/.*)\.xml$", "comment"),
    (r"(?:^|/)people\.xml$", "revision author"),
    (r"docProps/core\.xml$|(?:^|/)meta\.xml$", "core property"),
    (r"docProps/app\.xml$", "application property"),
    (r"docProps/custom\.xml$|customXml/", "custom property"),
    (r"\.rels$", "link"),
    (r"(?:^|/)(?:settings|webSettings|styles|fontTable|numbering|theme/.*)\.xml$", "document setting"),
)
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\u00ad", "ptab": "\t"}
_PEOPLE_ATTRIBUTES = ("author", "initials", "userId", "displayName", "lastModifiedBy", "userName")
_ALTERNATIVE = ("descr", "title", "alt")
_LINKS = ("Target", "href", "anchor", "tooltip")
_SKIPPED = re.compile(r"^(?:rsid\w*|paraId|textId|Id|r?embed|id|durableId)$")


@dataclass
class _Texts:
    """The streams of a part: what is shown, what was deleted, what fields and links say."""

    shown: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    lists: list[tuple[int, int]] = field(default_factory=list)
    length: int = 0
    begin: int = -1

    def add(self, text: str) -> None:
        self.shown.append(text)
        self.length += len(text)


def office_part(name: str, data: bytes, known: blinding.Words) -> Iterator[Passage]:
    """All text of one XML part of an Office file. Raises what lxml raises for XML that is not well-formed."""
    tree = xml_tree(data)
    place: Place = next((place for pattern, place in _PLACES if re.search(pattern, name)), "body text")
    if place in ("core property", "application property", "custom property"):
        yield from _properties(name, place, tree)
        return
    texts = _streams(tree, known)
    shown = "".join(texts.shown)
    lists = tuple(texts.lists) or reference_lists(shown, known)
    yield Passage(name, place, "", shown, lists=lists)
    if texts.deleted:
        yield Passage(name, "deleted text", "", "".join(texts.deleted))
    if texts.fields:
        yield Passage(name, "link", "field", "".join(texts.fields))
    yield from _attributes(name, place, tree)


def _properties(name: str, place: Place, tree: Any) -> Iterator[Passage]:
    for element in tree.iter():
        if not isinstance(element.tag, str):
            yield Passage(name, "markup comment", "", element.text or "")
            continue
        label = element.get("name") or local(element.tag)
        if element.text and element.text.strip():
            parent = element.getparent()
            if parent is not None and parent.get("name"):
                label = parent.get("name")
            person = local(element.tag).lower() in PEOPLE or label.lower().replace(" ", "") in PEOPLE
            yield Passage(name, place, label, element.text.strip(), person=person)
        for key, value in element.attrib.items():
            if len(value) > 2 and local(key) not in ("fmtid", "pid"):
                yield Passage(name, place, f"{label} {local(key)}", value)


def _streams(tree: Any, known: blinding.Words) -> _Texts:
    texts = _Texts()
    for element in tree.iter():
        tag = local(element.tag)
        if tag == "p":
            texts.add("\n")
            if texts.deleted:
                texts.deleted.append(BORDER)
            _list_border(texts, element, known)
        elif tag == "delText":
            texts.deleted.append((element.text or "") + BORDER)
        elif tag in ("instrText", "delInstrText"):
            texts.fields.append(element.text or "")
        elif tag in _BREAKS and element.getparent() is not None and local(element.getparent().tag) == "r":
            texts.add(_BREAKS[tag])
        elif tag in ("tc", "tr"):
            texts.add("\n")
        elif not tag:
            texts.fields.append(f"\n{element.text or ''}\n")
        elif (
            element.text
            and (element.text.strip("\n\r\t") or tag == "t")
            and tag not in ("posOffset", "align")
        ):
            texts.add(BORDER + element.text)
        if element.tail and element.tail.strip() and tag:
            texts.add(BORDER + element.tail)
    if texts.begin >= 0:
        texts.lists.append((texts.begin, texts.length))
    return texts


def _list_border(texts: _Texts, paragraph: Any, known: blinding.Words) -> None:
    """Whether a list of references begins or ends with this paragraph: by style ``Bibliography``, or by headings."""
    style = ""
    for element in paragraph.iter():
        if local(element.tag) == "pStyle":
            style = next(iter(element.attrib.values()), "")
            break
    words = ""
    is_heading = bool(re.match(r"(?i)heading|titel|titre|title|berschrift", style))
    listed = style.lower().startswith("bibliograph")
    if not listed:
        text = "".join(e.text or "" for e in paragraph.iter() if local(e.tag) == "t")
        words = heading(text) if len(text) < 200 else ""
    if texts.begin < 0:
        if listed or (words and words in known.reference_headings):
            texts.begin = texts.length
    elif not listed and (
        (is_heading and words not in known.reference_headings)
        or (words and words in known.after_references)
        or style.lower().endswith("caption")
    ):
        texts.lists.append((texts.begin, texts.length))
        texts.begin = -1


def _attributes(name: str, place: Place, tree: Any) -> Iterator[Passage]:
    seen: set[tuple[str, str]] = set()
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        for full, value in element.attrib.items():
            key = local(full)
            if not value or (key, value) in seen or _SKIPPED.match(key) or value.isdigit():
                continue
            seen.add((key, value))
            where = f"{local(element.tag)} {key}"
            if key in _PEOPLE_ATTRIBUTES:
                yield Passage(name, "revision author", where, value, person=True)
            elif len(value) < 3:
                continue
            elif key in _ALTERNATIVE:
                yield Passage(name, "alternative text", where, value)
            elif key in _LINKS:
                yield Passage(name, "link", where, value)
            else:
                yield Passage(name, place if place != "body text" else "attribute", where, value)
