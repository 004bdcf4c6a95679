"""References as data: the bibliographies of a review as CSL items, and a CSL item as the parts that JATS names."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from livingreview.errors import Problem, ReviewError
from livingreview.submission.references import csl_items

# Types of CSL 1.0.2 and what JATS calls them.
_TYPES = {
    "article-journal": "journal",
    "article-magazine": "journal",
    "article": "preprint",
    "book": "book",
    "chapter": "book",
    "paper-conference": "confproc",
    "report": "report",
    "thesis": "thesis",
    "webpage": "web",
    "post-weblog": "web",
    "software": "software",
    "dataset": "data",
    "patent": "patent",
    "standard": "standard",
}
_TAG = re.compile(r"</?[A-Za-z][^>]*>")
_MARKS = {"i": "italic", "b": "bold", "sub": "sub", "sup": "sup"}


def items(bibliographies: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """CSL items by key, of BibTeX (``.bib``) and CSL JSON files; the first file that has a key wins.

    Raises ReviewError for a file that cannot be read.
    """
    found: dict[str, dict[str, Any]] = {}
    for path in bibliographies:
        try:
            listed = csl_items(path)
        except (OSError, ValueError, subprocess.CalledProcessError):
            raise ReviewError(Problem("not a bibliography that can be read", path.name)) from None
        for item in listed:
            found.setdefault(str(item["id"]), item)
    return found


def element_citation(item: Mapping[str, Any]) -> Any:
    """The ``element-citation`` of a CSL item; what the item lacks is left out."""
    kind = _TYPES.get(str(item.get("type", "")), "other")
    root = etree.Element("element-citation", {"publication-type": kind})
    for role, group in (("author", "author"), ("editor", "editor")):
        if people := item.get(role):
            _people(root, people, group)
    whole = "book" if kind == "book" and not item.get("container-title") else ""
    title, source = item.get("title"), item.get("container-title")
    name = "chapter-title" if kind == "book" else "data-title" if kind == "data" else "article-title"
    if title and (whole or (not source and kind not in ("journal", "confproc"))):
        title, source = None, title
    for tag, value in ((name, title), ("source", source)):
        if value:
            _marked(etree.SubElement(root, tag), str(value))
    issued = item.get("issued") or {}
    dated = (issued.get("date-parts") or [[None]])[0]
    if dated and dated[0]:
        _put(root, "year", str(dated[0]))
    first, _, last = str(item.get("page") or "").replace("--", "-").replace("–", "-").partition("-")
    values = {
        "volume": item.get("volume"),
        "issue": item.get("issue") or (item.get("number") if kind == "journal" else None),
        "fpage": first,
        "lpage": last,
        "publisher-name": item.get("publisher"),
        "publisher-loc": item.get("publisher-place"),
        "version": item.get("version"),
    }
    for tag, value in values.items():
        _put(root, tag, str(value) if value else "")
    for key, name in (("DOI", "doi"), ("PMID", "pmid"), ("PMCID", "pmcid"), ("ISBN", "isbn")):
        if item.get(key):
            etree.SubElement(root, "pub-id", {"pub-id-type": name}).text = str(item[key])
    if item.get("URL") and not item.get("DOI"):
        link = etree.SubElement(root, "ext-link", {"ext-link-type": "uri"})
        link.set("{http://www.w3.org/1999/xlink}href", str(item["URL"]))
        link.text = str(item["URL"])
    return root


def _people(root: Any, people: list[Mapping[str, Any]], group: str) -> None:
    listed = etree.SubElement(root, "person-group", {"person-group-type": group})
    for person in people:
        if person.get("family"):
            name = etree.SubElement(listed, "name")
            parts = [person.get("non-dropping-particle"), person["family"]]
            _put(name, "surname", " ".join(str(p) for p in parts if p))
            given = [person.get("given"), person.get("dropping-particle")]
            _put(name, "given-names", " ".join(str(p) for p in given if p))
            _put(name, "suffix", str(person.get("suffix") or ""))
        elif person.get("literal"):
            _put(listed, "collab", str(person["literal"]))


def _put(parent: Any, tag: str, value: str) -> None:
    if value:
        etree.SubElement(parent, tag).text = value


def _marked(element: Any, text: str) -> None:
    """Text of CSL into an element: italics, bold, superscripts and subscripts stay, other marks go."""
    if not _TAG.search(text):
        element.text = text
        return
    escaped = text.replace("&amp;", "&").replace("&", "&amp;")
    kept = re.sub(r"<(/?)(\w+)[^>]*>", lambda m: f"<{m[1]}{_MARKS.get(m[2], 'drop')}>", escaped)
    try:
        made = etree.fromstring(f"<x>{kept}</x>")
    except etree.XMLSyntaxError:
        element.text = _TAG.sub("", text)
        return
    etree.strip_tags(made, "drop")
    element.text = made.text
    element.extend(list(made))
