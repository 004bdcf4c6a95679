"""The reference document that gives the Word version its look: A4, article styles, three-line tables, page numbers."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

from livingreview.canonical import write_bytes
from livingreview.publish.docx import packed, plain
from livingreview.publish.project import Project

_MARK = b"livingreview reference "
_BODY, _SANS = "Cambria", "Calibri"
_INK, _QUIET, _ACCENT = "1C2430", "5B6675", "1D4F7C"

# name, base, font, size (pt), colour, space before and after (pt), further: bold, italic, keep, left (pt), shade
_PARAGRAPHS: tuple[tuple[str, str, str, float, str, float, float, dict[str, Any]], ...] = (
    ("Title", "Normal", _SANS, 20, _INK, 0, 8, {"keep": True, "bold": True}),
    ("Subtitle", "Normal", _SANS, 13, _QUIET, 0, 8, {"keep": True}),
    ("Author", "Normal", _SANS, 11, _INK, 4, 4, {}),
    ("Affiliation", "Normal", _SANS, 9, _QUIET, 0, 1, {}),
    ("Date", "Normal", _SANS, 9, _QUIET, 4, 10, {}),
    ("Abstract Title", "Normal", _SANS, 11, _ACCENT, 6, 2, {"bold": True, "keep": True, "shade": "F3F6F9"}),
    ("Abstract", "Normal", _SANS, 9.5, _INK, 0, 4, {"shade": "F3F6F9"}),
    ("Keywords", "Normal", _SANS, 9, _QUIET, 2, 12, {}),
    ("Heading 1", "Normal", _SANS, 15, _INK, 20, 6, {"bold": True, "keep": True}),
    ("Heading 2", "Normal", _SANS, 12.5, _INK, 14, 4, {"bold": True, "keep": True}),
    ("Heading 3", "Normal", _SANS, 11, "37424F", 10, 3, {"bold": True, "keep": True}),
    ("Heading 4", "Normal", _SANS, 10.5, "37424F", 8, 2, {"italic": True, "keep": True}),
    ("Body Text", "Normal", "", 0, "", 0, 7, {}),
    ("First Paragraph", "Body Text", "", 0, "", 0, 7, {}),
    ("Compact", "Normal", "", 0, "", 0, 2, {}),
    ("Table Text", "Normal", _SANS, 8, _INK, 1, 1, {"single": True}),
    ("Caption", "Normal", _SANS, 9, _INK, 4, 6, {}),
    ("Table Caption", "Caption", _SANS, 9, _INK, 14, 4, {"keep": True}),
    ("Image Caption", "Caption", _SANS, 9, _INK, 4, 14, {}),
    ("Captioned Figure", "Normal", "", 0, "", 10, 2, {"keep": True, "centre": True}),
    ("Callout", "Normal", _SANS, 9.5, _INK, 2, 4, {"shade": "F3F6F9", "left": 8}),
    ("Bibliography", "Normal", "", 9, "", 0, 3, {"left": 22, "hanging": 22}),
    ("Header", "Normal", _SANS, 8, _QUIET, 0, 0, {}),
    ("Footer", "Normal", _SANS, 8, _QUIET, 0, 0, {"centre": True}),
)
# Rules above and below the table and under its header; rows of the header repeat by the writer's own mark.
_TABLE = (
    '<w:style {ns} w:type="table" w:customStyle="1" w:styleId="Table"><w:name w:val="Table"/><w:basedOn w:val="TableNormal"/>'
    '<w:uiPriority w:val="59"/><w:qFormat/><w:pPr><w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/></w:pPr>'
    '<w:tblPr><w:tblBorders><w:top w:val="single" w:sz="8" w:space="0" w:color="1C2430"/>'
    '<w:bottom w:val="single" w:sz="8" w:space="0" w:color="1C2430"/>'
    '<w:insideH w:val="single" w:sz="2" w:space="0" w:color="E3E8ED"/></w:tblBorders>'
    '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>'
    '<w:bottom w:val="single" w:sz="4" w:space="0" w:color="1C2430"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr></w:style>'
)


def of(project: Project) -> Path:
    """The reference document of a review, made where there is none (one that people made stays as it is)."""
    reference = project.folder / project.format_options("docx").get("reference-doc", "_built/reference.docx")
    if not reference.is_file() or is_ours(reference):
        write(reference, project.shared_metadata)
    return reference


def write(path: Path, metadata: dict[str, Any]) -> None:
    """Write the reference document of a review; one that is already right is left alone.

    The header prints the short title and version of the metadata. The bytes depend on this module and that text only.
    """
    header = heading_text(metadata)
    mark = _MARK + hashlib.sha256(Path(__file__).read_bytes() + header.encode()).hexdigest().encode()
    if path.is_file() and _comment(path) == mark:
        return
    write_bytes(path, build(header, mark))


def is_ours(path: Path) -> bool:
    """Whether this module made the file (a reference document that people bring is never replaced)."""
    return _comment(path).startswith(_MARK)


def heading_text(metadata: dict[str, Any]) -> str:
    """The running header: short title (else title), then the version."""
    title = plain(str(metadata.get("short-title") or metadata.get("title") or ""))
    version = metadata.get("version")
    return f"{title}\tVersion {plain(str(version))}" if version else title


def build(header: str, mark: bytes = _MARK) -> bytes:
    """The bytes of a reference document with this running header."""
    import docx
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from docx.shared import Mm

    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(25)
    section.header_distance = section.footer_distance = Mm(12.5)
    _styles(document)
    document.styles.element.append(parse_xml(_TABLE.format(ns=nsdecls("w"))))
    _furniture(section, header)
    core = document.core_properties
    core.author = core.last_modified_by = core.comments = core.title = ""
    # python-docx's own template carries dates of its own; none may reach a document.
    core.created = core.modified = __import__("datetime").datetime(1980, 1, 1)
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        return packed([(i.filename, archive.read(i)) for i in archive.infolist()], mark)


def _comment(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment
    except (OSError, zipfile.BadZipFile):
        return b""


def _styles(document: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    normal = document.styles["Normal"]
    set_face(normal, _BODY)
    normal.font.size = Pt(11)
    normal.paragraph_format.line_spacing = 1.25
    for name, base, font, size, colour, before, after, more in _PARAGRAPHS:
        try:
            style = document.styles[name]
        except KeyError:
            style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles[base]
        for child in list(style.element.findall(qn("w:pPr"))) + list(style.element.findall(qn("w:rPr"))):
            style.element.remove(child)
        if font:
            set_face(style, font)
        if size:
            style.font.size = Pt(size)
        if colour:
            style.font.color.rgb = RGBColor.from_string(colour)
        style.font.bold, style.font.italic = more.get("bold"), more.get("italic")
        layout = style.paragraph_format
        layout.space_before, layout.space_after = Pt(before), Pt(after)
        layout.keep_with_next = more.get("keep")
        if more.get("single"):
            layout.line_spacing = 1.0
        if "left" in more:
            layout.left_indent = Pt(more["left"])
        if "hanging" in more:
            layout.first_line_indent = -Pt(more["hanging"])
        if more.get("centre"):
            layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if name.startswith("Heading"):
            level = OxmlElement("w:outlineLvl")
            level.set(qn("w:val"), str(int(name[-1]) - 1))
            style.element.get_or_add_pPr().append(level)
        if "shade" in more:
            shade = OxmlElement("w:shd")
            shade.set(qn("w:val"), "clear")
            shade.set(qn("w:color"), "auto")
            shade.set(qn("w:fill"), more["shade"])
            style.element.get_or_add_pPr().insert_element_before(
                shade, "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
            )
    link = document.styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb = RGBColor.from_string(_ACCENT)


def set_face(style: Any, name: str) -> None:
    """Set a style in one face for all scripts, whatever the theme says."""
    from docx.oxml.ns import qn

    style.font.name = name
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        if attribute.endswith("Theme"):
            del fonts.attrib[attribute]
    for script in ("w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), name)


def _furniture(section: Any, header: str) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm

    top = section.header.paragraphs[0]
    top.text = header
    top.paragraph_format.tab_stops.add_tab_stop(Mm(160), WD_TAB_ALIGNMENT.RIGHT)
    bottom = section.footer.paragraphs[0]
    for before, field in (("Page ", "PAGE"), (" of ", "NUMPAGES")):
        bottom.add_run(before)
        simple = OxmlElement("w:fldSimple")
        simple.set(qn("w:instr"), field)
        run = OxmlElement("w:r")
        text = OxmlElement("w:t")
        text.text = "1"
        run.append(text)
        simple.append(run)
        bottom._p.append(simple)
