"""Text, attributes, metadata and remarks of HTML, SVG, JATS and other XML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from livingreview.submission import blinding
from livingreview.submission.folding import BORDER
from livingreview.submission.passages import Passage, Place, reference_lists

PEOPLE = frozenset(
    {
        "creator",
        "author",
        "artist",
        "owner",
        "manager",
        "company",
        "lastmodifiedby",
        "last-modified-by",
        "initial-creator",
    }
    | {
        "contributor",
        "byline",
        "by-line",
        "authorsposition",
        "captionwriter",
        "hostcomputer",
        "contact",
        "webstatement",
    }
)
"""Local names of fields whose value is a person or an organisation."""
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "table",
        "thead",
        "tbody",
        "caption",
        "figcaption",
        "figure",
        "section",
        "article",
        "header",
        "footer",
        "nav",
        "aside",
        "main",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
        "hr",
        "title",
        "body",
        "head",
        "pre",
        "blockquote",
        "sec",
        "ref",
        "abstract",
        "fn",
        "fig",
        "table-wrap",
        "title-group",
        "contrib",
        "aff",
        "text",
        "desc",
        "g",
        "metadata",
        "ack",
        "kwd",
        "tspan",
        "option",
        "label",
        "legend",
        "details",
        "summary",
        "address",
    ]
)
_ALTERNATIVE = ("alt", "aria-label", "descr", "title", "longdesc", "alt-text", "actualtext")
_LINKS = ("href", "src", "target", "action", "xlink:href", "docname", "export-filename", "absref", "cite")
_REF_LISTS = ("ref-list", "mixed-citation", "element-citation")


def local(tag: Any) -> str:
    """The name of an element or attribute without its namespace; empty for remarks and instructions."""
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def markup_passages(name: str, text: str, known: blinding.Words, html: bool) -> Iterator[Passage]:
    """Everything that is written in a piece of markup. Raises what lxml raises for XML that is not well-formed."""
    if html:
        tree = lxml_html.document_fromstring(text.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))
    else:
        tree = xml_tree(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode())
    collected = _Collected()
    collected.walk(tree)
    body = "".join(collected.texts)
    lists = collected.lists or list(reference_lists(body, known))
    yield Passage(name, "body text", "", body, lists=tuple(lists))
    yield from around(name, tree)


def xml_tree(data: bytes) -> Any:
    """The root of an XML text; nothing outside it is loaded and no entity of its own is resolved."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


class _Collected:
    """The running text of a tree, with the spans of its lists of references."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.lists: list[tuple[int, int]] = []
        self.length = 0

    def add(self, text: str | None) -> None:
        if text:
            self.texts.append(text)
            self.length += len(text)

    def walk(self, root: Any) -> None:
        begins: list[tuple[Any, int]] = []
        for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
            if event in ("comment", "pi"):
                self.add(BORDER + (element.tail or ""))
                continue
            name = local(element.tag).lower()
            if event == "start":
                self.add("\n" if name in _BLOCKS else BORDER)
                if _is_list(element, name):
                    begins.append((element, self.length))
                self.add(element.text)
            else:
                if begins and begins[-1][0] is element:
                    self.lists.append((begins.pop()[1], self.length))
                self.add("\n" if name in _BLOCKS else BORDER)
                if element is not root:
                    self.add(element.tail)


def _is_list(element: Any, name: str) -> bool:
    if name in _REF_LISTS:
        return True
    marks = f"{element.get('role') or ''} {element.get('class') or ''} {element.get('id') or ''}".split()
    return any(mark in ("doc-bibliography", "references", "refs", "csl-bib-body") for mark in marks)


def around(name: str, tree: Any) -> Iterator[Passage]:
    """What stands beside the text of a tree: attributes, fields for people, remarks, processing instructions."""
    seen: set[tuple[str, str]] = set()
    for element in tree.iter():
        if not isinstance(element.tag, str):
            yield Passage(name, "markup comment", "", element.text or "")
            continue
        tag = local(element.tag)
        if tag.lower() in PEOPLE and _metadata(element):
            yield Passage(
                name, "XMP" if "adobe" in name else "core property", tag, _value(element), person=True
            )
        meta = str(element.get("name") or element.get("property") or "").lower()
        if tag.lower() == "meta" and element.get("content"):
            last = re.split(r"[.:]", meta)[-1]
            yield Passage(
                name, "core property", f"meta {meta}", element.get("content"), person=last in PEOPLE
            )
        for key, value in element.attrib.items():
            key = local(key)
            if (
                len(value) < 3
                or (key, value) in seen
                or (key == "content" and tag == "meta")
                or key in ("d", "points", "style", "class", "transform")
            ):
                continue
            seen.add((key, value))
            place: Place = "attribute"
            if key.lower() in _ALTERNATIVE:
                place = "alternative text"
            elif key.lower() in _LINKS:
                place = "link"
            yield Passage(name, place, f"{tag} {key}", value)


def _metadata(element: Any) -> bool:
    """Whether a field for a person belongs to metadata (RDF, Dublin Core, Office), not to a bibliography or a bare word."""
    namespace = element.tag.rsplit("}", 1)[0] if "}" in element.tag else ""
    return any(
        word in namespace
        for word in (
            "purl.org",
            "adobe.com",
            "ns.microsoft",
            "openxmlformats",
            "opendocument",
            "creativecommons",
            "web.resource.org",
            "cc/ns",
        )
    ) or any(local(parent.tag) in ("metadata", "Description", "meta") for parent in element.iterancestors())


def _value(element: Any) -> str:
    return re.sub(r"\s+", " ", " ".join(piece.strip() for piece in element.itertext())).strip()
