"""JATS XML of the manuscript (version 1.2): pandoc writes the text, the rest is made from data.

The tag set is that for publishing. It wants an ISSN: where the profile of the journal knows none, the file is declared one of
the tag set for archiving, which takes the same elements and asks for no journal, so that nothing empty or false stands there.

Pandoc knows the elements of running text. Front matter comes from the protocol, references from the bibliography beside the
printed ones, and labels, cross-references and statements get the elements that archives look for.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from livingreview.errors import Problem, ReviewError
from livingreview.protocol_model import Protocol
from livingreview.publish import pandoc
from livingreview.publish.project import Project
from livingreview.submission.article import Article, blinded, is_thanks, renamed, statement_kind
from livingreview.submission.jats_front import XLINK, XML, Journal, Licence, front
from livingreview.submission.jats_references import element_citation

VERSION = "1.2"
PUBLISHING = (
    '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Publishing DTD v1.2 20190208//EN" '
    '"https://jats.nlm.nih.gov/publishing/1.2/JATS-journalpublishing1.dtd">'
)
ARCHIVING = (
    '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving and Interchange DTD v1.2 20190208//EN" '
    '"https://jats.nlm.nih.gov/archiving/1.2/JATS-archivearticle1.dtd">'
)
REF_TYPES = {
    "ref": "bibr",
    "fig": "fig",
    "table-wrap": "table",
    "sec": "sec",
    "disp-formula": "disp-formula",
    "fn": "fn",
    "aff": "aff",
    "corresp": "corresp",
    "boxed-text": "boxed-text",
    "supplementary-material": "supplementary-material",
}
# Types of media of pictures, by the end of their names: pandoc takes an EPS for any picture.
MEDIA = {"eps": ("application", "postscript")}
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/(10\.\d+/\S+)")


def jats(
    parts: Article,
    protocol: Protocol,
    project: Project,
    document: Path,
    *,
    journal: Journal,
    figures: Mapping[str, str],
    references: Mapping[str, Mapping[str, Any]],
    epoch: int,
    scratch: Path,
    licence: Licence | None = None,
    words: int | None = None,
    anonymous: bool = False,
) -> tuple[bytes, list[Problem]]:
    """The article as XML (UTF-8) and what pandoc said about it. The same input gives the same bytes.

    ``figures`` maps addresses of pictures in the tree to names of files, ``references`` keys of citations to CSL items (see
    ``jats_references.items``); ``words`` is the count to state; ``epoch`` seconds since 1970; ``scratch`` a folder for files
    in between. With ``anonymous`` authors, funder, thanks and the statements
    about them are left out. Raises ReviewError where pandoc fails.
    """
    parts = blinded(parts) if anonymous else parts
    target = pandoc.Target("jats_publishing", "jats_publishing", scratch / "article.xml")
    problems = pandoc.convert(project, document, _tree(parts, figures), target, epoch=epoch, scratch=scratch)
    # Pictures have names that exist only in the package.
    problems = [p for p in problems if "Could not" not in p.message or "resource" not in p.message]
    if errors := [p for p in problems if p.severity == "error"]:
        raise ReviewError(errors)
    parser = etree.XMLParser(load_dtd=False, resolve_entities=False, no_network=True, remove_comments=True)
    root = etree.fromstring(target.output.read_bytes(), parser)
    _text(root, parts)
    _statements(root, parts)
    _references(root, parts, references)
    _links(root)
    counts = {
        "fig-count": len(parts.figures),
        "table-count": len(parts.tables),
        "ref-count": len(parts.references),
        **({"word-count": words} if words is not None else {}),
    }
    title = root.find("front/article-meta/title-group/article-title")
    abstract = root.find("front/article-meta/abstract")
    if abstract is not None:
        _sectioned(abstract)
    made = front(
        protocol,
        journal,
        copy.deepcopy(title),
        copy.deepcopy(abstract),
        counts,
        licence=licence,
        anonymous=anonymous,
    )
    old = root.find("front")
    made.tail = old.tail
    root.replace(old, made)
    root.attrib.clear()
    root.set("article-type", "review-article")
    root.set("dtd-version", VERSION)
    root.set(XML + "lang", parts.language)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["xlink"])
    body: bytes = etree.tostring(root, encoding="unicode").encode("utf-8")
    doctype = PUBLISHING if journal.issn else ARCHIVING
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}\n'.encode() + body + b"\n", problems


def _tree(parts: Article, figures: Mapping[str, str]) -> dict[str, Any]:
    entries = [{"t": "Div", "c": [[key, ["csl-entry"], []], blocks]} for key, blocks in parts.references]
    listed = [{"t": "Div", "c": [["refs", ["references", "csl-bib-body"], []], entries]}] if entries else []
    meta: dict[str, Any] = {"title": {"t": "MetaInlines", "c": parts.title}}
    if parts.abstract:
        meta["abstract"] = {"t": "MetaBlocks", "c": parts.abstract}
    blocks = renamed([*parts.body, *parts.statements], figures)
    return {"pandoc-api-version": parts.version, "meta": meta, "blocks": [*blocks, *listed]}


def _text(root: Any, parts: Article) -> None:
    """Labels of sections, figures, tables and formulas; no elements that only a style asked for."""
    for section in root.iter("sec"):
        if number := parts.headings.get(section.get("id", "")):
            label = etree.Element("label")
            label.text = number
            label.tail = section.text
            section.insert(0, label)
    labels = {item.anchor: item.label for item in (*parts.figures, *parts.tables)}
    for box in root.iter("fig", "table-wrap"):
        table = box.find("table")
        if table is not None and table.get("id"):
            box.set("id", table.attrib.pop("id"))
        if label_text := labels.get(box.get("id", "")):
            label = etree.Element("label")
            label.text = label_text
            label.tail = box.text
            box.insert(0, label)
    for figure in root.iter("fig"):
        for graphic in figure.iter("graphic"):
            for empty in [c for c in graphic if c.tag == "caption" and not "".join(c.itertext()).strip()]:
                graphic.remove(empty)
    for picture in root.iter("graphic", "inline-graphic"):
        if media := MEDIA.get(picture.get(XLINK + "href", "").rpartition(".")[2].lower()):
            picture.set("mimetype", media[0])
            picture.set("mime-subtype", media[1])
    for box in list(root.iter("boxed-text")):
        formula = next(box.iter("disp-formula"), None)
        if formula is not None and box.get("id", "").startswith("item-eq-"):
            _formula(box, formula)


def _formula(box: Any, formula: Any) -> None:
    number = "".join(box.itertext()).strip().rpartition(" ")[2]
    formula.set("id", box.get("id"))
    label = etree.Element("label")
    label.text = number
    formula.insert(0, label)
    formula.tail = box.tail
    box.getparent().replace(box, formula)


def _sectioned(abstract: Any) -> None:
    """Paragraphs that begin with a bold heading become sections of the abstract, if all after the first do."""
    for title in abstract.findall("title"):
        abstract.remove(title)
    paragraphs = abstract.findall("p")
    # What stands before the first heading stays a paragraph.
    while paragraphs and not _lead(paragraphs[0]):
        paragraphs.pop(0)
    if abstract.findall("sec") or not all(_lead(p) for p in paragraphs):
        return
    for paragraph in paragraphs:
        section = etree.Element("sec")
        title = etree.SubElement(section, "title")
        title.text = _lead(paragraph)
        section.tail, paragraph.tail = paragraph.tail, None
        bold = paragraph[0]
        paragraph.text = (bold.tail or "").lstrip()
        paragraph.remove(bold)
        abstract.replace(paragraph, section)
        section.append(paragraph)


def _lead(paragraph: Any) -> str:
    """The bold words that begin a paragraph, without their stop; empty where there are none."""
    if (
        len(paragraph)
        and paragraph[0].tag == "bold"
        and not (paragraph.text or "").strip()
        and ((paragraph[0].tail or "").strip() or len(paragraph) > 1)
    ):
        return "".join(paragraph[0].itertext()).strip().rstrip(".:").strip()
    return ""


def _statements(root: Any, parts: Article) -> None:
    """Moves the last unnumbered sections into ``back``: thanks as ``ack``, led paragraphs as footnotes, others as sections."""
    back = root.find("back")
    if back is None:
        back = etree.SubElement(root, "back")
    wanted = [block["c"][1][0] for block in parts.statements if block["t"] == "Header" and block["c"][0] == 1]
    sections = {section.get("id"): section for section in root.findall("body/sec")}
    moved = []
    for identifier in wanted:
        section = sections.get(identifier)
        if section is None:
            continue
        section.getparent().remove(section)
        thanks = is_thanks("".join(section.find("title").itertext()))
        paragraphs = section.findall("p")
        if thanks:
            section.tag = "ack"
        elif paragraphs and len(paragraphs) == len(section) - 1 and all(_lead(p) for p in paragraphs):
            _footnotes(section, paragraphs)
        moved.append(section)
    for i, section in enumerate(sorted(moved, key=lambda s: s.tag != "ack")):
        back.insert(i, section)


def _footnotes(section: Any, paragraphs: list[Any]) -> None:
    section.tag = "fn-group"
    section.set("content-type", "statements")
    for i, paragraph in enumerate(paragraphs, 1):
        lead = _lead(paragraph)
        kind = statement_kind(lead)
        note = etree.Element("fn", {"id": f"statement-{i}", "fn-type": kind})
        note.tail, paragraph.tail = paragraph.tail, None
        section.replace(paragraph, note)
        note.append(paragraph)


def _references(root: Any, parts: Article, references: Mapping[str, Mapping[str, Any]]) -> None:
    """Labels and DOI of the printed references, and beside each its parts where the bibliography has them."""
    listed = root.find("back/ref-list")
    if listed is not None:
        for title in listed.findall("title"):
            title.text = "".join(str(i.get("c", " ")) for i in parts.reference_title)
    for entry in root.iter("ref"):
        printed = entry.find("mixed-citation")
        for part in printed.findall("named-content"):
            if part.get("content-type") == "csl-left-margin":
                label = etree.Element("label")
                label.text = "".join(part.itertext()).strip().strip("[]().")
                entry.insert(0, label)
                part.getparent().remove(part)
        for link in list(printed.iter("ext-link")):
            if found := _DOI.fullmatch(link.get(XLINK + "href", "")):
                link.tag, link.text = "pub-id", found[1]
                for child in list(link):
                    link.remove(child)
                link.attrib.clear()
                link.set("pub-id-type", "doi")
        key = entry.get("id", "").removeprefix("ref-")
        if key in references:
            data = element_citation(references[key])
            printed.set("publication-type", data.get("publication-type"))
            both = etree.Element("citation-alternatives")
            entry.replace(printed, both)
            both.extend((data, printed))
    etree.strip_tags(root, "named-content")
    for entry in root.iter("mixed-citation"):
        entry.tail = None
        entry.text = (entry.text or "").lstrip() or None


def _links(root: Any) -> None:
    """Gives each cross-reference the type of what it points to."""
    kinds = {element.get("id"): element.tag for element in root.iter(etree.Element) if element.get("id")}
    for link in root.iter("xref"):
        link.attrib.pop("alt", None)
        if kind := REF_TYPES.get(str(kinds.get(link.get("rid")))):
            link.set("ref-type", kind)
