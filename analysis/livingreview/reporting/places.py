"""Where each labelled place of a rendered document is: its number and title from the HTML, its page from the PDF.

Both engines give headings an anchor that Typst keeps as a named destination of the PDF. Captions have none, so that their
page is the first one whose text holds the beginning of the caption.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

_ITEM = re.compile(r"item-((?:sec|tbl|fig)-[\w-]+)")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Characters of a caption that are looked for: enough to tell it from a mention in the text.
_BEGINNING = 40
# Text objects of a page's content; what lies between them is drawing, which takes long to read and holds no text.
_TEXT = re.compile(rb"BT\b.*?\bET\b", re.S)
# The room between two pieces of a line; without it they are one string, which is read much faster.
_KERNING = re.compile(rb"(?<!\\)\)-?[\d.]+\(")


class Place(TypedDict):
    """A place: its number as printed (None: not numbered), its title (sections) or None, its page (None: not found)."""

    number: str | None
    title: str | None
    page: int | None


def read(html: Path, pdf: Path) -> dict[str, Place]:
    """Every labelled place of a document by label, with ``title`` and ``abstract`` where it has them."""
    described = dict(_described(html))
    pages = _Pages(pdf)
    found: dict[str, Place] = {}
    for label, (number, title, beginning) in described.items():
        page = pages.destination(f"item-{label}")
        if page is None and label.startswith("sec-"):
            page = pages.heading(f"{number} {title}" if number else title)
        if page is None and beginning:
            page = pages.holding(beginning)
        found[label] = {"number": number, "title": title if label.startswith("sec-") else None, "page": page}
    found["title"] = {"number": None, "title": "Title", "page": 1}
    if beginning := _abstract(html):
        found["abstract"] = {"number": None, "title": "Abstract", "page": pages.holding(beginning)}
    return found


def _tree(html: Path) -> Any:
    from lxml import html as parser

    return parser.fromstring(html.read_bytes(), parser=parser.HTMLParser(encoding="utf-8", huge_tree=True))


def _described(html: Path) -> Iterator[tuple[str, tuple[str | None, str, str]]]:
    """Label, number, title, and beginning of the caption as it prints, of every anchor of ours."""
    for element in _tree(html).iter():
        match = _ITEM.fullmatch(str(element.get("id") or "")) if isinstance(element.tag, str) else None
        if not match:
            continue
        label = match.group(1)
        if label.startswith("sec-"):
            heading = element if element.tag in _HEADINGS else next(element.iter(*_HEADINGS), None)
            if heading is not None:
                number = heading.xpath("string(.//*[contains(@class, 'heading-number')])").strip() or None
                text = _flat(heading.text_content())
                yield label, (number, text.removeprefix(number or "").strip(), "")
            continue
        caption = next(element.iter("caption", "figcaption"), None)
        text = _flat(caption.text_content()) if caption is not None else ""
        said = re.match(r"(?:Figure|Table)\s+(\S+?)\.(?:\s|$)", text)
        yield label, (said.group(1) if said else None, text, text)


def _abstract(html: Path) -> str:
    """The first words of the abstract; empty where there is none."""
    found = _tree(html).xpath("//section[contains(@class, 'abstract')]//p[1]")
    return _flat(found[0].text_content()) if found else ""


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def squeezed(text: str) -> str:
    """Letters and digits only: what remains the same over line breaks, hyphenation, ligatures and kinds of space."""
    for ligature, letters in (("ﬀ", "ff"), ("ﬁ", "fi"), ("ﬂ", "fl"), ("ﬃ", "ffi"), ("ﬄ", "ffl")):
        text = text.replace(ligature, letters)
    return re.sub(r"[\W_]+", "", text).casefold()


class _Pages:
    """The pages of a PDF; the text of a page is read when it is first asked for."""

    def __init__(self, pdf: Path) -> None:
        from pypdf import PdfReader

        self.reader = PdfReader(pdf)
        self.texts: list[str | None] = [None] * len(self.reader.pages)
        named = self.reader.named_destinations
        self.named = {name: self._page(place) for name, place in named.items()}
        self.outline = dict(self._outline(self.reader.outline))

    def destination(self, name: str) -> int | None:
        """Page (from 1) of a named destination."""
        return self.named.get(name)

    def heading(self, title: str) -> int | None:
        """Page of a heading, by its bookmark."""
        return self.outline.get(squeezed(title))

    def holding(self, text: str) -> int | None:
        """The first page that holds the beginning of a text."""
        wanted = squeezed(text)[:_BEGINNING]
        return (
            next((n for n in range(1, len(self.texts) + 1) if wanted in self._text(n)), None)
            if wanted
            else None
        )

    def _page(self, place: Any) -> int | None:
        page = self.reader.get_destination_page_number(place)
        return None if page is None or page < 0 else page + 1

    def _outline(self, entries: Any) -> Iterator[tuple[str, int | None]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from self._outline(entry)
            else:
                yield squeezed(str(entry.title)), self._page(entry)

    def _text(self, number: int) -> str:
        known = self.texts[number - 1]
        if known is None:
            known = self.texts[number - 1] = squeezed(self._read(number))
        return known

    def _read(self, number: int) -> str:
        from pypdf.generic import DecodedStreamObject, NameObject

        page = self.reader.pages[number - 1]
        content = page.get_contents()
        if content is not None:
            bare = DecodedStreamObject()
            bare.set_data(_KERNING.sub(b"", b"\n".join(_TEXT.findall(content.get_data()))))
            page[NameObject("/Contents")] = bare
        return page.extract_text()
