"""The look that journals want of a Word file: one face, wide lines, line numbers, page numbers in a field."""

from __future__ import annotations

import io
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from lxml import etree

from livingreview.publish import reference_docx
from livingreview.publish.docx import packed
from livingreview.submission.arrange import Block, Blocks
from livingreview.submission.layout import Layout

FACE = "Times New Roman"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DC = "http://purl.org/dc/elements/1.1/"
# Elements of a section that stand before its line numbers, by the order of the schema (ECMA-376, 17.6.17).
_BEFORE_NUMBERS = (
    *("headerReference", "footerReference", "footnotePr", "endnotePr"),
    *("type", "pgSz", "pgMar", "paperSrc", "pgBorders"),
)
_BEFORE_BREAK = ("pStyle", "keepNext", "keepLines")
_BEFORE_SUPPRESSED = (*_BEFORE_BREAK, "pageBreakBefore", "framePr", "widowControl", "numPr")
_BREAK = {"t": "RawBlock", "c": ["openxml", "<w:p><w:pPr><w:pageBreakBefore/></w:pPr></w:p>"]}
# Sizes of headings and small print beside that of the text, in font sizes.
_SIZES = {"Title": 1.33, "Heading 1": 1.17, "Header": 0.75, "Footer": 0.83}
# Room for a picture in millimetres: the width of the text, and the height beside a heading and five lines of caption.
_WIDE, _HIGH = 160.0, 170.0
_SINGLE = ("Table Text", "Header", "Footer")


@lru_cache(maxsize=16)
def reference(layout: Layout, running: str) -> bytes:
    """The reference document of a layout; ``running`` is the text of its header. The bytes depend on both only."""
    import docx
    from docx.shared import Pt, RGBColor

    document = docx.Document(io.BytesIO(reference_docx.build(running)))
    for style in document.styles:
        if style.type != 1:  # paragraphs
            continue
        for shade in style.element.findall(f".//{{{_W}}}shd"):
            shade.getparent().remove(shade)
        if style.name == "Table Text":
            continue
        reference_docx.set_face(style, FACE)
        style.font.size = Pt(round(layout.font_size * _SIZES.get(style.name, 1) * 2) / 2)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.line_spacing = 1.0 if style.name in _SINGLE else float(layout.line_spacing)
        style.paragraph_format.widow_control = True
        if style.name == "Captioned Figure":  # a picture is no line
            properties = style.element.get_or_add_pPr()
            _insert(properties, properties.makeelement(_tag("suppressLineNumbers"), {}), _BEFORE_SUPPRESSED)
    footer = document.sections[0].footer.paragraphs[0]
    for child in [c for c in footer._p if not c.tag.endswith("}pPr")]:
        footer._p.remove(child)
    if layout.page_numbers:
        _field(footer, "PAGE")
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        return packed([(i.filename, archive.read(i)) for i in archive.infolist()])


def with_breaks(blocks: Blocks) -> Blocks:
    """The blocks with page breaks as Word knows them."""
    return [_BREAK if b["t"] == "Div" and "page-break" in b["c"][0][1] else b for b in blocks]


def for_word(blocks: Blocks, folder: Path) -> Blocks:
    """The blocks with page breaks as Word knows them, and pictures (in ``folder``) no higher than leaves room for a caption."""

    def made(value: Any) -> Any:
        if isinstance(value, list):
            return [made(v) for v in value]
        if not isinstance(value, dict) or "c" not in value:
            return value
        if value.get("t") == "Div" and "page-break" in value["c"][0][1]:
            return _BREAK
        return _fitted(value, folder) if value.get("t") == "Image" else {**value, "c": made(value["c"])}

    return [made(block) for block in blocks]


def _fitted(image: Block, folder: Path) -> Block:
    """A picture without a size of its own that would be too high gets a width with which it is not; its digest goes."""
    from docx.image.exceptions import UnrecognizedImageError
    from docx.image.image import Image

    (identifier, classes, pairs), description, target = image["c"]
    pairs = [pair for pair in pairs if pair[0] != "digest"]
    if not {"width", "height"} & {pair[0] for pair in pairs}:
        try:
            found = Image.from_file(str(folder / target[0]))
        except (OSError, UnrecognizedImageError):
            return {"t": "Image", "c": [[identifier, classes, pairs], description, target]}
        width, height = found.width.mm, found.height.mm
        shown = min(1.0, _WIDE / width)
        if height * shown > _HIGH:
            pairs = [*pairs, ["width", f"{width * _HIGH / height:.1f}mm"]]
    return {"t": "Image", "c": [[identifier, classes, pairs], description, target]}


def finish(path: Path, layout: Layout, title: str) -> None:
    """Rewrite a DOCX in place: line numbers in every section, page breaks without empty lines, the title as a property."""
    with zipfile.ZipFile(path) as archive:
        entries = [(i.filename, archive.read(i)) for i in archive.infolist()]
    for index, (name, content) in enumerate(entries):
        if name == "word/document.xml":
            entries[index] = (name, _document(content, layout))
        elif name == "docProps/core.xml":
            entries[index] = (name, _core(content, title))
    path.write_bytes(packed(entries))


def _document(content: bytes, layout: Layout) -> bytes:
    root = etree.fromstring(content)
    for section in root.iter(_tag("sectPr")):
        for old in section.findall(_tag("lnNumType")):
            section.remove(old)
        if layout.line_numbers:
            number = etree.Element(_tag("lnNumType"))
            number.set(_tag("countBy"), "1")
            number.set(_tag("restart"), "continuous")
            _insert(section, number, _BEFORE_NUMBERS)
    for mark in [p for p in root.iter(_tag("p")) if _is_break(p)]:
        following = mark.getnext()
        while following is not None and following.tag not in (_tag("p"), _tag("tbl")):
            following = following.getnext()
        if following is None or following.tag != _tag("p") or _is_going(following):
            continue
        properties = following.find(_tag("pPr"))
        if properties is None:
            properties = etree.Element(_tag("pPr"))
            following.insert(0, properties)
        _insert(properties, etree.Element(_tag("pageBreakBefore")), _BEFORE_BREAK)
        mark.getparent().remove(mark)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _core(content: bytes, title: str) -> bytes:
    root = etree.fromstring(content)
    found = root.find(f"{{{_DC}}}title")
    if found is None:
        found = etree.SubElement(root, f"{{{_DC}}}title")
    found.text = title
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _is_break(paragraph: Any) -> bool:
    children = list(paragraph)
    return (
        len(children) == 1
        and children[0].tag == _tag("pPr")
        and _tag("pageBreakBefore") in _tags(children[0])
    )


def _is_going(paragraph: Any) -> bool:
    """Whether a tracked change takes the paragraph away: it cannot hold what is to stay."""
    return paragraph.find("/".join(_tag(name) for name in ("pPr", "rPr", "del"))) is not None


def _insert(parent: Any, child: Any, before: tuple[str, ...]) -> None:
    """Put a child behind those that the schema wants before it."""
    names = [_tag(name) for name in before]
    place = sum(1 for sibling in parent if sibling.tag in names)
    parent.insert(place, child)


def _tags(element: Any) -> list[str]:
    return [str(child.tag) for child in element]


def _tag(name: str) -> str:
    return f"{{{_W}}}{name}"


def _field(paragraph: Any, instruction: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    simple = OxmlElement("w:fldSimple")
    simple.set(qn("w:instr"), instruction)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    simple.append(run)
    paragraph._p.append(simple)
