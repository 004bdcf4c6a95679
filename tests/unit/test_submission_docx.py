"""Word files of known make are measured as what they are, in both directions."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from PIL import Image

from livingreview.errors import ReviewError
from livingreview.publish.pandoc import pandoc_path
from livingreview.submission import docx_measure
from livingreview.submission.docx_types import Comment, DocxMeasures, Revision, Spacing


def xml(text: str) -> Any:
    """An element, with the prefix w declared."""
    name = re.match(r"<[\w:]+", text)
    assert name is not None
    return parse_xml(f"{name.group()} {nsdecls('w')}{text[name.end() :]}")


def measured(document: Any, folder: Path) -> DocxMeasures:
    document.save(folder / "x.docx")
    return docx_measure.measure(folder / "x.docx")


def with_part(path: Path, name: str, content: bytes) -> None:
    """Adds a part to a Word file."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, content)


def test_spacing_of_every_rule_and_place(tmp_path: Path) -> None:
    document = docx.Document()
    normal = document.styles["Normal"]
    normal.paragraph_format.line_spacing = 2.0
    document.add_paragraph("Double by style")
    document.add_paragraph("One and a half").paragraph_format.line_spacing = 1.5
    exact = document.add_paragraph("Exactly").paragraph_format
    exact.line_spacing_rule, exact.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(24)
    least = document.add_paragraph("At least").paragraph_format
    least.line_spacing_rule, least.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(18)
    derived = document.styles.add_style("Derived", WD_STYLE_TYPE.PARAGRAPH)
    derived.base_style = normal
    document.add_paragraph("Double by the style below", style="Derived")
    document.add_paragraph("")  # without text: does not count
    body = measured(document, tmp_path).role("body")
    assert body is not None and body.paragraphs == 5
    assert body.spacings == (
        (Spacing("multiple", 2.0), 2),
        (Spacing("at_least", 18.0), 1),
        (Spacing("exact", 24.0), 1),
        (Spacing("multiple", 1.5), 1),
    )


def test_spacing_of_the_defaults_and_of_tables(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("By the defaults")
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "In a table"
    cell.paragraphs[0].paragraph_format.line_spacing = 1.0
    found = measured(document, tmp_path)
    body, table = found.role("body"), found.role("table")
    assert body is not None and table is not None
    assert body.spacings == ((Spacing("multiple", 1.15), 1),)  # python-docx's template: 276/240
    assert table.spacings == ((Spacing("multiple", 1.0), 1),)


def test_fonts_that_take_effect(tmp_path: Path) -> None:
    document = docx.Document()
    document.styles["Normal"].font.name = "Times New Roman"
    document.styles["Normal"].font.size = Pt(12)
    paragraph = document.add_paragraph("abcd")
    paragraph.add_run("ef").font.size = Pt(8)
    paragraph.add_run("g").font.name = "Arial"
    body = measured(document, tmp_path).role("body")
    assert body is not None
    assert body.fonts == (("Times New Roman", 12.0, 4), ("Times New Roman", 8.0, 2), ("Arial", 12.0, 1))
    assert body.characters == 7


def test_fonts_of_the_theme_and_of_character_styles(tmp_path: Path) -> None:
    document = docx.Document()  # its Normal names the theme's fonts
    style = document.styles.add_style("Loud", WD_STYLE_TYPE.CHARACTER)
    style.font.size = Pt(30)
    document.add_paragraph("plain").add_run("loud", style="Loud")
    document.add_heading("Heading", 2)
    found = measured(document, tmp_path)
    body, heading = found.role("body"), found.role("heading")
    assert body is not None and heading is not None
    assert body.fonts == (("Cambria", 11.0, 5), ("Cambria", 30.0, 4))
    assert heading.fonts[0][:2] == ("Calibri", 13.0)


@pytest.mark.parametrize(
    ("attributes", "kind", "every"),
    [
        (None, "none", 0),
        ('w:countBy="1" w:restart="continuous"', "continuous", 1),
        ('w:countBy="5" w:restart="newPage"', "each_page", 5),
        ('w:countBy="1"', "each_page", 1),
        ('w:countBy="1" w:restart="newSection"', "each_section", 1),
        ('w:restart="continuous"', "none", 0),
    ],
)
def test_line_numbers(attributes: str | None, kind: str, every: int, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Counted")
    if attributes is not None:
        document.sections[0]._sectPr.append(xml(f"<w:lnNumType {attributes}/>"))
    found = measured(document, tmp_path)
    assert found.line_numbers == kind and found.sections[0].every == every
    assert found.sections[0].first_line == (1 if every else 0)


def test_sections_that_differ_and_paragraphs_without_numbers(tmp_path: Path) -> None:
    document = docx.Document()
    document.sections[0]._sectPr.append(
        xml('<w:lnNumType w:countBy="1" w:restart="continuous" w:start="9"/>')
    )
    off = document.add_paragraph("Not counted")
    off._p.get_or_add_pPr().append(xml("<w:suppressLineNumbers/>"))
    document.add_paragraph("Counted")
    second = document.add_section()
    second._sectPr.remove(second._sectPr.find(qn("w:lnNumType")))
    second.orientation, second.page_width, second.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    found = measured(document, tmp_path)
    assert found.line_numbers == "mixed"
    assert [(s.line_numbers, s.first_line) for s in found.sections] == [("continuous", 10), ("none", 0)]
    assert (found.sections[1].width_mm, found.sections[1].height_mm) == (297.0, 210.0)
    body = found.role("body")
    assert body is not None and body.suppressed_line_numbers == 1


FIELDS = {
    "simple": '<w:fldSimple w:instr=" PAGE "/>',
    "cut": '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PA</w:instrText><w:instrText>GE \\* MERGEFORMAT</w:instrText></w:r>',
}


@pytest.mark.parametrize("field", FIELDS)
def test_page_numbers(field: str, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("x")
    assert [s.page_number for s in measured(document, tmp_path).sections] == [False]
    footer = document.sections[0].footer.paragraphs[0]
    footer.add_run("Page 1")  # typed, no field
    assert [s.page_number for s in measured(document, tmp_path).sections] == [False]
    footer._p.append(xml('<w:fldSimple w:instr="NUMPAGES"/>'))
    assert [s.page_number for s in measured(document, tmp_path).sections] == [False]
    footer._p.append(xml(FIELDS[field]))
    document.add_section()  # has the footer of the one before
    found = measured(document, tmp_path)
    assert [s.page_number for s in found.sections] == [True, True]
    assert found.headers == ("Page 1",)
    document.sections[1].different_first_page_header_footer = True
    assert [s.page_number for s in measured(document, tmp_path).sections] == [True, False]


def test_tables_and_pictures(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGBA", (300, 150)).save(picture, "PNG")
    document = docx.Document()
    document.add_picture(picture, width=Mm(50.8))
    document.paragraphs[-1]._p.find(".//" + qn("wp:docPr")).set("descr", "Words for it")
    table = document.add_table(3, 4)
    table.cell(0, 0).merge(table.cell(0, 1))
    table.rows[0]._tr.get_or_add_trPr().append(xml("<w:tblHeader/>"))
    table.cell(1, 1).add_table(1, 1)
    picture.seek(0)
    table.cell(2, 2).paragraphs[0].add_run().add_picture(picture, width=Mm(25.4))
    found = measured(document, tmp_path)
    (outer,) = found.tables
    assert (outer.rows, outer.columns, outer.header_rows, outer.merged_cells, outer.nested, outer.images) == (
        (3, 4, 1, 1, 1, 1)
    )
    first, second = found.images
    assert (first.format, first.mode, first.pixels, first.alt) == ("PNG", "RGBA", (300, 150), "Words for it")
    assert (first.width_mm, first.height_mm, first.dpi) == (50.8, 25.4, 150.0)
    assert second.dpi == 300.0 and second.alt == ""
    assert first.bytes > 0 and first.file.startswith("word/media/")


def test_headings_notes_and_formulas_as_pandoc_writes_them(tmp_path: Path) -> None:
    text = "---\ntitle: A title\nlang: en-GB\n---\n\n# One\n\nText.^[A note.] $a$\n\n### Three\n\nMore.^[Another.]\n"
    subprocess.run(
        [pandoc_path(), "-f", "markdown", "-o", str(tmp_path / "x.docx")], input=text.encode(), check=True
    )
    found = docx_measure.measure(tmp_path / "x.docx")
    assert found.headings == ((1, "One"), (3, "Three")) and found.heading_depth == 3
    assert found.footnotes == 2 and found.endnotes == 0 and found.equations == 1
    note, front = found.role("note"), found.role("front")
    assert note is not None and note.paragraphs == 2
    assert front is not None and front.paragraphs == 1
    assert found.language == "en-GB"
    assert found.role("caption") is None and found.tables == () and found.images == ()


def test_comments_revisions_and_hidden_text(tmp_path: Path) -> None:
    document = docx.Document()
    run = document.add_paragraph().add_run("Commented")
    clean = measured(document, tmp_path)
    assert clean.comments == () and clean.revisions == () and not clean.tracks_changes
    assert clean.hidden_characters == 0
    document.add_comment(run, text="Why so?", author="A. Reviewer")
    paragraph = document.add_paragraph()
    paragraph._p.append(xml('<w:ins w:id="1" w:author="Ada"><w:r><w:t>new</w:t></w:r></w:ins>'))
    paragraph._p.append(xml('<w:del w:id="2" w:author="Ada"><w:r><w:delText>old</w:delText></w:r></w:del>'))
    hidden = document.add_paragraph().add_run("secret")
    hidden.font.hidden = True
    document.settings.element.append(xml("<w:trackRevisions/>"))
    found = measured(document, tmp_path)
    assert found.comments == (Comment("A. Reviewer", "Why so?"),)
    assert found.revisions == (Revision("del", "Ada", 1), Revision("ins", "Ada", 1))
    assert found.tracks_changes and found.hidden_characters == 6
    body = found.role("body")
    assert body is not None and body.characters == len("Commented") + len("new")


def test_properties_and_language(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.author, document.core_properties.title = "Ada", "T"
    paragraph = document.add_paragraph()
    for text, tag in (("Englisch ist kurz", "de-DE"), ("x", "fr-FR")):
        run = paragraph.add_run(text)
        run._r.get_or_add_rPr().append(xml(f'<w:lang w:val="{tag}"/>'))
    document.save(tmp_path / "x.docx")
    custom = (
        b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
        b'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
        b'<property name="reviewer"><vt:lpwstr>B. Reader</vt:lpwstr></property></Properties>'
    )
    assert docx_measure.measure(tmp_path / "x.docx").custom == {}
    with_part(tmp_path / "x.docx", "docProps/custom.xml", custom)
    found = docx_measure.measure(tmp_path / "x.docx")
    assert found.core["creator"] == "Ada" and found.core["title"] == "T"
    assert found.custom == {"reviewer": "B. Reader"} and "docProps/custom.xml" in found.parts
    assert found.language == "de-DE" and found.embedded_fonts == ()
    assert found.bytes == (tmp_path / "x.docx").stat().st_size
    assert json.loads(json.dumps(found.to_json()))["line_numbers"] == "none"


@pytest.mark.parametrize("content", [b"no zip", b""])
def test_what_is_no_word_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.docx").write_bytes(content)
    with pytest.raises(ReviewError, match=r"x\.docx"):
        docx_measure.measure(tmp_path / "x.docx")


def test_damaged_parts(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("x")
    document.save(tmp_path / "x.docx")
    with zipfile.ZipFile(tmp_path / "x.docx") as archive:
        parts = {i.filename: archive.read(i) for i in archive.infolist()}
    for content in (
        b"<unclosed>",
        b"<empty/>",
        parts["word/document.xml"].replace(b'w:w="12240"', b'w:w="wide"'),
    ):
        with zipfile.ZipFile(tmp_path / "y.docx", "w") as archive:
            for name, part in parts.items():
                archive.writestr(name, content if name == "word/document.xml" else part)
        with pytest.raises(ReviewError, match=r"y\.docx"):
            docx_measure.measure(tmp_path / "y.docx")
