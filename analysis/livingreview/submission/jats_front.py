"""Front matter of a JATS article (version 1.2) from the protocol: who, where, when, paid by whom.

A manuscript is not published: its date is that of the version, in its history, and no date of publication is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from livingreview.protocol_model import Affiliation, Author, Protocol

XLINK = "{http://www.w3.org/1999/xlink}"
XML = "{http://www.w3.org/XML/1998/namespace}"
_CREDIT = "https://credit.niso.org/"
_CREDIT_ROLE = "https://credit.niso.org/contributor-roles/"


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal as JATS names it. What is not known stays empty; nothing is guessed."""

    id: str
    title: str = ""
    publisher: str = ""
    issn: str = ""

    @property
    def named(self) -> bool:
        """Whether this is a journal at all, and not the profile for any (which has neither publisher nor ISSN)."""
        return bool(self.publisher or self.issn)


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence of the article: its address and the sentence that readers see."""

    url: str
    statement: str


def front(
    protocol: Protocol,
    journal: Journal,
    title: Any,
    abstract: Any | None,
    counts: Mapping[str, int],
    *,
    licence: Licence | None = None,
    anonymous: bool = False,
) -> Any:
    """The ``front`` element; ``title`` and ``abstract`` are elements that pandoc wrote.

    ``counts`` maps JATS names (``fig-count``, ``table-count``, ``ref-count``, ``word-count``) to numbers. With ``anonymous``
    it names no author, institution or funder. Order of elements: ``article-meta`` of the tag set.
    """
    root = etree.Element("front")
    if journal.named:
        root.append(_journal(journal))
    meta = _sub(root, "article-meta")
    group = _sub(meta, "title-group")
    first = _sub(group, "article-title")
    if not anonymous:
        _sub(group, "alt-title", protocol.short_title, {"alt-title-type": "running-head"})
        _people(meta, protocol.authors, protocol.affiliations)
    _sub(meta, "pub-date-not-available")
    iso = {"date-type": "version", "iso-8601-date": protocol.date.isoformat()}
    date = _sub(_sub(meta, "history"), "date", attributes=iso)
    for part in ("day", "month", "year"):
        _sub(date, part, f"{getattr(protocol.date, part):02d}")
    if licence:
        permissions = _sub(meta, "permissions")
        granted = _sub(permissions, "license", attributes={XLINK + "href": licence.url})
        _sub(granted, "license-p", licence.statement)
    if protocol.previous_version and protocol.previous_version.doi and not anonymous:
        _sub(
            meta,
            "related-article",
            attributes={
                "related-article-type": "continued-article",
                "ext-link-type": "doi",
                XLINK + "href": protocol.previous_version.doi,
                "id": "continued-review",
            },
        )
    second: Any = _sub(meta, "abstract") if abstract is not None else None
    if protocol.keywords:
        words = _sub(meta, "kwd-group", attributes={"kwd-group-type": "author"})
        for word in protocol.keywords:
            _sub(words, "kwd", word)
    if not anonymous:
        _sub(_sub(meta, "funding-group"), "funding-statement", protocol.funding)
    if counts:
        counted = _sub(meta, "counts")
        for name in ("fig-count", "table-count", "equation-count", "ref-count", "page-count", "word-count"):
            if name in counts:
                _sub(counted, name, attributes={"count": str(counts[name])})
    custom = _sub(_sub(meta, "custom-meta-group"), "custom-meta")
    _sub(custom, "meta-name", "version")
    _sub(custom, "meta-value", protocol.version)
    etree.indent(root)
    for wrap in root.iter("institution-wrap"):
        wrap.text = None
        for part in wrap:
            part.tail = None
    # What pandoc wrote holds text between elements, where no white space may be added.
    parts: list[tuple[Any, Any]] = [(first, title), (second, abstract)]
    for place, element in parts:
        if place is not None:
            element.tail = place.tail
            place.getparent().replace(place, element)
    return root


def _journal(journal: Journal) -> Any:
    meta = etree.Element("journal-meta")
    _sub(meta, "journal-id", journal.id, {"journal-id-type": "publisher-id"})
    if journal.title:
        _sub(_sub(meta, "journal-title-group"), "journal-title", journal.title)
    if journal.issn:
        _sub(meta, "issn", journal.issn)
    if journal.publisher:
        _sub(_sub(meta, "publisher"), "publisher-name", journal.publisher)
    return meta


def _people(meta: Any, authors: list[Author], affiliations: Mapping[str, Affiliation]) -> None:
    group = _sub(meta, "contrib-group")
    used = [key for author in authors for key in author.affiliations]
    order = {key: f"aff{i}" for i, key in enumerate(dict.fromkeys(used), 1)}
    writing = [a for a in authors if a.corresponding and a.email]
    for author in authors:
        _person(group, author, order, writing)
    for key, identifier in order.items():
        _institution(group, identifier, affiliations[key])
    if writing:
        notes = _sub(meta, "author-notes")
        for i, author in enumerate(writing, 1):
            line = _sub(notes, "corresp", "Correspondence: ", {"id": f"cor{i}"})
            _sub(line, "email", author.email)


def _person(group: Any, author: Author, order: Mapping[str, str], writing: list[Author]) -> None:
    person = _sub(group, "contrib", attributes={"contrib-type": "author"})
    if author in writing:
        person.set("corresp", "yes")
    if author.orcid:
        _sub(person, "contrib-id", f"https://orcid.org/{author.orcid}", {"contrib-id-type": "orcid"})
    if author.family:
        name = _sub(person, "name")
        _sub(name, "surname", author.family)
        if author.given:
            _sub(name, "given-names", author.given)
    else:
        _sub(person, "collab", author.name)
    for role in author.roles:
        address = _CREDIT_ROLE + _slug(role)
        _sub(
            person,
            "role",
            role,
            {
                "vocab": "credit",
                "vocab-identifier": _CREDIT,
                "vocab-term": role,
                "vocab-term-identifier": address,
            },
        )
    for key in author.affiliations:
        _sub(person, "xref", attributes={"ref-type": "aff", "rid": order[key]})
    if author in writing:
        _sub(person, "xref", attributes={"ref-type": "corresp", "rid": f"cor{writing.index(author) + 1}"})


def _institution(group: Any, identifier: str, affiliation: Affiliation) -> None:
    place = _sub(group, "aff", attributes={"id": identifier})
    wrap = _sub(place, "institution-wrap")
    _sub(wrap, "institution", affiliation.name)
    if affiliation.ror:
        _sub(wrap, "institution-id", affiliation.ror, {"institution-id-type": "ror"})
    last = wrap
    for name in ("city", "country"):
        if value := getattr(affiliation, name):
            last.tail = ", "
            last = _sub(place, name, value)


def _slug(role: str) -> str:
    """The end of the address of a CRediT role: ``writing-original-draft``."""
    return "-".join("".join(c if c.isalnum() else " " for c in role.lower()).split()) + "/"


def _sub(parent: Any, name: str, text: str | None = None, attributes: Mapping[str, str] | None = None) -> Any:
    made = etree.SubElement(parent, name)
    made.text = text
    for key, value in (attributes or {}).items():
        made.set(key, value)
    return made
