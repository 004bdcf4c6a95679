"""Measures a PDF: pages, fonts, line distance, line and page numbers, pictures, tags and metadata as they really are.

Nothing is judged, and what a file says of itself (PDF/A, PDF/UA) is reported as what it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree
from pypdf import PdfReader

from livingreview.submission import pdf_lines, pdf_text
from livingreview.submission.pdf_objects import get
from livingreview.submission.pdf_objects import xmp as properties
from livingreview.submission.pdf_pages import DAMAGE, Pages
from livingreview.submission.pdf_types import Font, Image, Page, PdfMeasures

_MM = 25.4 / 72
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/t/pg/": "xmpTPg",
    "http://ns.adobe.com/pdf/1.3/": "pdf",
    "http://www.aiim.org/pdfa/ns/id/": "pdfaid",
    "http://www.aiim.org/pdfua/ns/id/": "pdfuaid",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
}
_COLOURS = {
    **dict.fromkeys(("/DeviceGray", "/CalGray", "/G", "1"), "grey"),
    **dict.fromkeys(("/DeviceRGB", "/CalRGB", "/RGB", "3"), "rgb"),
    **dict.fromkeys(("/DeviceCMYK", "/CMYK", "4"), "cmyk"),
}
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


def measure(given: Path | Pages) -> PdfMeasures:
    """What a PDF has. Raises ReviewError where it is none, or is locked."""
    pages = given if isinstance(given, Pages) else Pages(given)
    try:
        return _measured(pages)
    except DAMAGE as error:
        raise pages.unreadable(error) from None


def _measured(pages: Pages) -> PdfMeasures:
    reader = pages.reader
    root = reader.root_object
    ranked = sorted(pages.letters.items(), key=lambda pair: (-pair[1], pair[0]))
    xmp = dict(sorted((_named(name), value) for name, value in properties(root).items()))
    tags, figures = _tags(root)
    information = {k.lstrip("/"): str(v) for k, v in sorted((reader.metadata or {}).items())}
    preferences = root.get("/ViewerPreferences")
    names = get(root, "/Names")
    return PdfMeasures(
        bytes=len(pages.data),
        version=reader.pdf_header.removeprefix("%PDF-"),
        encrypted=reader.is_encrypted,
        pages=tuple(_pages(pages)),
        fonts=_fonts(reader),
        text=tuple((name, points, n) for (name, points), n in ranked),
        images=tuple(
            _image(number, picture) for number, (_, drawn) in enumerate(pages.read, 1) for picture in drawn
        ),
        tagged=bool(get(get(root, "/MarkInfo"), "/Marked")) and "/StructTreeRoot" in root,
        tags=tags,
        figures_without_alt=figures,
        language=str(root.get("/Lang", "")),
        title=xmp.get("dc:title") or information.get("Title", ""),
        shows_title=bool(get(preferences, "/DisplayDocTitle")),
        pdf_a=xmp.get("pdfaid:part", "") + xmp.get("pdfaid:conformance", "").lower(),
        pdf_ua=xmp.get("pdfuaid:part", ""),
        output_intents=tuple(
            str(
                get(intent.get_object(), "/OutputConditionIdentifier")
                or get(intent.get_object(), "/Info")
                or ""
            )
            for intent in get(root, "/OutputIntents") or ()
        ),
        information=information,
        xmp=xmp,
        outline=get(get(root, "/Outlines"), "/First") is not None,
        annotations=_annotations(reader),
        attachments=tuple(sorted(reader.attachments)),
        scripts=get(names, "/JavaScript") is not None or get(get(root, "/OpenAction"), "/S") == "/JavaScript",
    )


def _pages(pages: Pages) -> Iterator[Page]:
    pieces, beside = pages.pieces, pages.beside
    edges = pdf_lines.furniture(pages.spread, beside, pages.printed)
    for index, label in enumerate(pages.reader.page_labels):
        lines = pdf_lines.body_lines(
            [p for p in pieces[index] if p not in beside[index] and p not in edges[index]], pages.body
        )
        width, height = pages.sizes[index]
        found = pages.numbers[index][0]
        yield Page(
            number=index + 1,
            label=label,
            width_mm=round(width * _MM, 1),
            height_mm=round(height * _MM, 1),
            characters=sum(len("".join(p.text.split())) for p in pieces[index]),
            page_number=pages.printed[index],
            lines=len(lines),
            line_distance=pdf_lines.distance(lines, pages.body),
            line_numbers=found,
            unnumbered_lines=pdf_lines.unnumbered(lines, beside[index], found),
        )


def _fonts(reader: PdfReader) -> tuple[Font, ...]:
    found: dict[tuple[str, str, bool, bool, bool], set[int]] = {}
    for number, page in enumerate(reader.pages, 1):
        for font in _resource_fonts(pdf_text.resources(page), set(), 0):
            within = get(font, "/DescendantFonts")
            inner = within[0].get_object() if within else font
            descriptor = get(inner, "/FontDescriptor")
            kind = str(font.get("/Subtype", "")).lstrip("/")
            key = (
                pdf_text.base_name(font) or str(font.get("/Name", "")).lstrip("/"),
                kind,
                # The glyphs of a Type 3 font are in the font itself.
                kind == "Type3" or any(get(descriptor, name) is not None for name in _FONT_FILES),
                str(font.get("/BaseFont", ""))[7:8] == "+",
                "/ToUnicode" in font,
            )
            found.setdefault(key, set()).add(number)
    return tuple(Font(*key, len(pages)) for key, pages in sorted(found.items()))


def _resource_fonts(resources: Any, seen: set[int], depth: int) -> Iterator[Any]:
    """Fonts of resources and of the forms in them."""
    for font in (get(resources, "/Font") or {}).values():
        yield font.get_object()
    for drawn in (get(resources, "/XObject") or {}).values():
        form = drawn.get_object()
        if form.get("/Subtype") == "/Form" and "/Resources" in form and id(form) not in seen:
            seen.add(id(form))
            yield from _resource_fonts(form["/Resources"].get_object(), seen, depth + 1)


def _image(page: int, picture: pdf_text.Picture) -> Image:
    stream = picture.stream
    # pictures inside a content stream have short names
    width, height = (
        int(get(stream, a) or get(stream, b) or 0) for a, b in (("/Width", "/W"), ("/Height", "/H"))
    )
    sides = [(width, picture.width), (height, picture.height)]
    found = [pixels / (points / 72) for pixels, points in sides if pixels and points]
    filters = get(stream, "/Filter") or get(stream, "/F")
    bits = get(stream, "/BitsPerComponent") or get(stream, "/BPC") or 1
    return Image(
        page=page,
        pixels=(width, height),
        width_mm=round(picture.width * _MM, 1),
        height_mm=round(picture.height * _MM, 1),
        dpi=round(min(found), 1) if found else None,
        colour=_colour(get(stream, "/ColorSpace") or get(stream, "/CS")),
        bits=int(bits),
        compression=tuple(
            str(f).lstrip("/")
            for f in (filters if isinstance(filters, list) else [filters] if filters else [])
        ),
        alpha=get(stream, "/SMask") is not None or get(stream, "/Mask") is not None,
    )


def _colour(space: Any) -> str:
    """Colours in words; the name in the file for those that are neither grey, RGB nor CMYK."""
    if isinstance(space, list) and space:
        name = str(space[0])
        if name == "/ICCBased":
            name = str(get(space[1].get_object(), "/N"))
        elif name in ("/Indexed", "/I"):
            return _colour(space[1].get_object())
    else:
        name = str(space or "")
    return _COLOURS.get(name, name.lstrip("/"))


def _tags(root: Any) -> tuple[dict[str, int], int]:
    """Elements of the tag tree by type, and the figures without alternative text."""
    found = Counter[str]()
    without = 0
    waiting = [get(get(root, "/StructTreeRoot"), "/K")]
    while waiting:
        element = waiting.pop()
        element = element.get_object() if hasattr(element, "get_object") else element
        if isinstance(element, list):
            waiting += element
        elif isinstance(element, dict):
            kind = str(element.get("/S", "")).lstrip("/")
            if kind:
                found[kind] += 1
                without += kind == "Figure" and not str(element.get("/Alt", "")).strip()
            if "/K" in element and not isinstance(element["/K"], int):
                waiting.append(element["/K"])
    return dict(sorted(found.items())), without


def _named(tag: str) -> str:
    name = etree.QName(tag)
    return f"{_PREFIXES.get(name.namespace or '', name.namespace)}:{name.localname}"


def _annotations(reader: PdfReader) -> dict[str, int]:
    found = Counter(
        str(get(note, "/Subtype") or "").lstrip("/")
        for page in reader.pages
        for note in get(page, "/Annots") or ()
    )
    return dict(sorted(found.items()))
