"""Rules for a JATS article, checked without its DTD.

The document type definition of the tag set is in no package that is still maintained, so what an archive trips over is
checked rule by rule: the order of front matter and of sections, identifiers, links, tables, pictures, foreign elements.
Source of the content models: Journal Publishing Tag Library 1.2, https://jats.nlm.nih.gov/publishing/tag-library/1.2/.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from lxml import etree

from livingreview.errors import Problem, Severity
from livingreview.submission.jats import MEDIA, REF_TYPES
from livingreview.submission.jats_front import XLINK, XML

# article-meta: (article-id*, article-version?, article-categories?, title-group, (contrib-group | aff)*, author-notes?,
# (pub-date+ | pub-date-not-available?), …)
_META = (
    ("article-id",), ("article-categories",), ("title-group",), ("contrib-group", "aff"), ("author-notes",),
    ("pub-date", "pub-date-not-available"),
    ("volume",), ("issue",), ("fpage", "lpage", "elocation-id"), ("history",), ("permissions",), ("self-uri",),
    ("related-article", "related-object"), ("abstract",), ("trans-abstract",), ("kwd-group",), ("funding-group",),
    ("conference",), ("counts",), ("custom-meta-group",),
)  # fmt: skip
_BOX = (("object-id",), ("label",), ("caption",), ("abstract",), ("kwd-group",), ("alt-text", "long-desc"), ("graphic", "table", "media", "p"), ("table-wrap-foot",), ("attrib",))  # fmt: skip
_ORDERS = {
    "article": (("front",), ("body",), ("back",)),
    "front": (("journal-meta",), ("article-meta",), ("notes",)),
    "journal-meta": (("journal-id",), ("journal-title-group",), ("issn",), ("publisher",)),
    "article-meta": _META,
    "fig": _BOX,
    "table-wrap": _BOX,
    "ref": (("label",), ("citation-alternatives", "element-citation", "mixed-citation")),
    "fn-group": (("label",), ("title",), ("fn",)),
    "fn": (("label",), ("p",)),
    "ack": (("label",), ("title",), ("p",), ("sec",)),
    "contrib": (("contrib-id",), ("collab", "name"), ("degrees",), ("role", "xref", "aff", "email")),
    "permissions": (("copyright-statement",), ("copyright-year",), ("copyright-holder",), ("license",)),
    "counts": (("count",), ("fig-count",), ("table-count",), ("equation-count",), ("ref-count",), ("page-count",), ("word-count",)),
    "date": (("day",), ("month",), ("year",)),
}  # fmt: skip
_REQUIRED = {
    "article": ("front", "body"),
    "front": ("article-meta",),
    "journal-meta": ("journal-id",),
    "article-meta": ("title-group", "history"),
    "history": ("date",),
    "date": ("year",),
    "title-group": ("article-title",),
    "fig": ("label", "caption", "graphic"),
    "table-wrap": ("label", "caption", "table"),
    "table": ("tbody",),
    "sec": ("title",),
    "ref": (),
    "fn": ("p",),
    "kwd-group": ("kwd",),
    "license": ("license-p",),
}
# What may not be empty: a reader would find nothing there.
_FULL = ("title", "article-title", "label", "p", "kwd", "surname", "collab", "mixed-citation", "xref", "caption", "alt-text",
         "alt-title", "journal-id", "journal-title", "issn", "publisher-name", "institution", "pub-id", "funding-statement", "license-p", "source", "year")  # fmt: skip
_ELEMENTS = (
    "abstract ack addr-line aff alt-text alt-title alternatives article article-id article-meta article-title "
    "attrib author-notes back body bold boxed-text break caption chapter-title citation-alternatives city code "
    "col colgroup collab contrib contrib-group contrib-id corresp country counts custom-meta custom-meta-group "
    "data-title date day def def-item def-list disp-formula disp-quote element-citation email equation-count ext-link fig fig-count fixed-case fn fn-group fpage front funding-group funding-statement given-names graphic history "
    "hr inline-formula inline-graphic institution institution-id institution-wrap issn issue italic journal-id "
    "journal-meta journal-title journal-title-group kwd kwd-group label license license-p list list-item lpage "
    "meta-name meta-value mixed-citation monospace month name p page-count permissions person-group preformat "
    "pub-date pub-date-not-available pub-id publisher publisher-loc publisher-name ref ref-count ref-list related-article role sc sec "
    "source strike sub suffix sup surname table table-count table-wrap table-wrap-foot tbody td term tex-math "
    "tfoot th thead title title-group tr underline uri verse-group verse-line version volume word-count xref "
    "year "
)
_KNOWN = frozenset(_ELEMENTS.split())
_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_MARKUP = re.compile(
    r"</?(?:span|div|em|strong|a|br|i|b|sub|sup|p|td|tr|table|img|figure)\b[^<>]*>|\?@\w|&(?:nbsp|amp|lt);"
)
_GAPLESS = re.compile(r"[A-Za-z_][\w.\-]*\Z")


Finding = tuple[str, Any, Severity]


def check(xml: bytes, files: Collection[str] | None = None, name: str = "article.xml") -> list[Problem]:
    """What keeps ``xml`` from being a sound JATS article; nothing when all rules hold.

    ``files`` are the names of the pictures that lie beside it (None: not checked). ``name`` is how the file is called in
    the problems.
    """
    try:
        root = etree.fromstring(xml, etree.XMLParser(load_dtd=False, resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        return [Problem(f"not well-formed XML: {error.msg}", name, row=error.lineno)]
    rules = (
        _names(root),
        _order(root),
        _identifiers(root),
        _empty(root),
        _tables(root),
        _pictures(root, files),
    )
    found = [(message, element, severity) for rule in rules for message, element, severity in rule]
    return [
        Problem(message, name, element.sourceline, severity=severity) for message, element, severity in found
    ]


def _elements(root: Any) -> Iterator[Any]:
    for element in root.iter(etree.Element):
        if not str(element.tag).startswith(_MATHML):
            yield element


def _names(root: Any) -> Iterator[Finding]:
    """Elements and text that do not belong to the tag set."""
    if root.tag != "article":
        yield f"the root is `{root.tag}`, not `article`", root, "error"
    for attribute in ("article-type", "dtd-version", XML + "lang"):
        if not root.get(attribute):
            yield f"`article` has no {attribute.rpartition('}')[2]}", root, "error"
    for element in _elements(root):
        if element.tag not in _KNOWN:
            yield f"`{element.tag}` is no element that a JATS article of this package has", element, "error"
        if element.tag in ("code", "preformat", "monospace", "tex-math"):
            continue
        for text in (element.text, *(child.tail for child in element)):
            if found := _MARKUP.search(text or ""):
                yield f"left-over markup in the text: {found[0]}", element, "error"
        if element.tag in (
            "body",
            "sec",
            "back",
            "front",
            "article-meta",
            "fig",
            "table-wrap",
            "tr",
            "ref-list",
            "abstract",
        ):
            loose = [t for t in (element.text, *(child.tail for child in element)) if (t or "").strip()]
            if loose:
                yield (
                    f"text stands outside a paragraph in `{element.tag}`: {loose[0].strip()[:40]}",
                    element,
                    "error",
                )


def _order(root: Any) -> Iterator[Finding]:
    """Required elements, and the order in which elements may stand."""
    for element in _elements(root):
        tags = [child.tag for child in element.iterchildren(etree.Element)]
        for needed in _REQUIRED.get(element.tag, ()):
            if needed not in tags:
                yield (
                    f"`{element.tag}` {element.get('id', '')} has no `{needed}`".replace("  ", " "),
                    element,
                    "error",
                )
        if order := _ORDERS.get(element.tag):
            ranks = {tag: i for i, group in enumerate(order) for tag in group}
            last = 0
            for child in element.iterchildren(etree.Element):
                rank = ranks.get(child.tag)
                if rank is None:
                    yield f"`{child.tag}` does not belong into `{element.tag}`", child, "error"
                elif rank < last:
                    yield f"`{child.tag}` stands too late in `{element.tag}`", child, "error"
                last = max(last, rank or 0)
        if element.tag in ("sec", "body"):
            after = tags[tags.index("sec") :] if "sec" in tags else []
            if wrong := [tag for tag in after if tag not in ("sec", "fn-group", "ref-list")]:
                yield f"`{wrong[0]}` stands after the sections in `{element.tag}`", element, "error"
        if element.tag == "sec" and "title" in tags and tags.index("title") != ("label" in tags):
            yield "a section does not begin with its label and title", element, "error"
        if element.tag == "sec" and set(tags) <= {"label", "title"}:
            yield f"section {element.get('id', '')} has a title and nothing else", element, "error"
    for date in root.iter("pub-date"):
        yield "a manuscript has no date of publication: `pub-date`", date, "error"
    if root.find("front/journal-meta/issn") is None:
        message = "the ISSN of the journal is not known, which the tag set for publishing asks for"
        yield message, root, "warning"
        if "Publishing" in (root.getroottree().docinfo.public_id or ""):
            yield "the file is declared one of the tag set for publishing and has no `issn`", root, "error"
    if root.find("front/journal-meta/journal-title-group") is None:
        yield "the title of the journal is not known", root, "warning"


def _identifiers(root: Any) -> Iterator[Finding]:
    """Every identifier is one, and stands once; every link has its end."""
    counted = Counter(e.get("id") for e in root.iter(etree.Element) if e.get("id") is not None)
    kinds = {e.get("id"): e.tag for e in root.iter(etree.Element) if e.get("id")}
    for element in root.iter(etree.Element):
        identifier = element.get("id")
        if identifier is not None and counted[identifier] > 1:
            yield f"the identifier {identifier} is used {counted[identifier]} times", element, "error"
        if identifier is not None and not _GAPLESS.match(identifier):
            yield f"`{identifier}` is no identifier of XML", element, "error"
        for end in element.get("rid", "").split():
            if end not in kinds:
                yield f"a link to {end} has no end", element, "error"
            elif element.tag == "xref" and REF_TYPES.get(kinds[end]) != element.get("ref-type"):
                yield f"a link to `{kinds[end]}` {end} is called {element.get('ref-type')}", element, "error"
        if element.tag == "xref" and not element.get("rid"):
            yield "a link points to nothing", element, "error"
        if element.tag == "ext-link" and not element.get(XLINK + "href"):
            yield "a link to the web has no address", element, "error"
    for reference in root.iter("ref"):
        if not reference.get("id"):
            yield "a reference has no identifier", reference, "error"


def _empty(root: Any) -> Iterator[Finding]:
    for element in root.iter(*_FULL):
        # A link to an institution prints the mark that the journal gives it.
        marked = element.tag == "xref" and element.get("ref-type") in ("aff", "corresp")
        if not marked and not "".join(element.itertext()).strip() and not len(element):
            yield f"`{element.tag}` is empty", element, "error"
    for element in root.iter(
        "citation-alternatives", "element-citation", "contrib", "list", "list-item", "ref", "tr"
    ):
        if not len(element):
            yield f"`{element.tag}` is empty", element, "error"


def _tables(root: Any) -> Iterator[Finding]:
    """All rows of a table are as wide, spans counted."""
    for table in root.iter("table"):
        name = table.getparent().get("id", "")
        widths = set()
        for part in table.iter("thead", "tbody", "tfoot"):
            pending: list[int] = []  # rows that a cell from above still takes, column by column
            for row in part.iterchildren("tr"):
                width = sum(1 for n in pending if n > 0)
                pending = [max(0, n - 1) for n in pending]
                for cell in row.iterchildren("td", "th"):
                    columns, rows = int(cell.get("colspan", "1")), int(cell.get("rowspan", "1"))
                    width += columns
                    pending += [rows - 1] * columns if rows > 1 else []
                widths.add(width)
        if len(widths) > 1:
            yield (
                f"the rows of table {name} are not as wide: {', '.join(map(str, sorted(widths)))} columns",
                table,
                "error",
            )
        declared = len(list(table.iter("col")))
        if declared and widths and declared != max(widths):
            yield f"table {name} declares {declared} columns and has {max(widths)}", table, "error"


def _pictures(root: Any, files: Collection[str] | None) -> Iterator[Finding]:
    for picture in root.iter("graphic", "inline-graphic"):
        address = picture.get(XLINK + "href", "")
        if not address:
            yield "a picture has no file", picture, "error"
        elif "/" in address or "\\" in address:
            yield f"a picture lies in a folder: {address}", picture, "error"
        elif files is not None and address not in files:
            yield f"the picture {address} is not there", picture, "error"
        media = MEDIA.get(address.rpartition(".")[2].lower(), ("image",))
        if (picture.get("mimetype"), picture.get("mime-subtype"))[: len(media)] != media:
            yield f"the picture {address} is not called {'/'.join(media)}", picture, "error"
        around = [picture, picture.getparent()]
        if not any(box.find("alt-text") is not None for box in around):
            yield f"the picture {address} has no alternative text", picture, "error"
