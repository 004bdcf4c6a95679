"""Manuscripts for journals: what the files really hold."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import submission_source
from publish_review import text_of
from pypdf import PdfReader

from livingreview.errors import ReviewError
from livingreview.publish import snapshot
from livingreview.submission import arrange, documents, docx_layout, docx_measure
from livingreview.submission.layout import SINGLE, Layout


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> documents.Source:
    return submission_source.source(tmp_path_factory.mktemp("review"))


@pytest.fixture(scope="module")
def double(given: documents.Source, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """PDF and DOCX of the usual layout."""
    pdf, docx = documents.manuscript(given, Layout(), tmp_path_factory.mktemp("out") / "m").files
    return pdf, docx


def part(path: Path, name: str) -> str:
    return zipfile.ZipFile(path).read(name).decode("utf-8")


def heights(path: Path) -> list[tuple[float, str]]:
    """Lines of the first page: height of the base line in points, and text."""
    found: dict[float, str] = {}

    def visit(text: str, cm: list[float], tm: list[float], font: object, size: float) -> None:
        if text.strip():
            y = round(cm[1] * tm[4] + cm[3] * tm[5] + cm[5], 1)
            found[y] = found.get(y, "") + text

    PdfReader(path).pages[0].extract_text(visitor_text=visit)
    return sorted(found.items(), reverse=True)


def _alternatives(node: object) -> Iterator[str]:
    """Alternative texts of a tree of tags."""
    found = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(found, list):
        for child in found:
            yield from _alternatives(child)
    elif isinstance(found, dict) and found.get("/Type") != "/Page":
        if "/Alt" in found:
            yield str(found["/Alt"])
        yield from _alternatives(found.get("/K"))


def test_lines_of_the_word_file(double: tuple[Path, Path]) -> None:
    document, styles = part(double[1], "word/document.xml"), part(double[1], "word/styles.xml")
    sections = re.findall(r"<w:sectPr\b.*?</w:sectPr>", document, re.S)
    assert sections
    for section in sections:
        assert '<w:lnNumType w:countBy="1" w:restart="continuous"/>' in section
        assert section.index("<w:pgMar") < section.index("<w:lnNumType")
    normal = re.search(r'<w:style [^>]*w:styleId="Normal".*?</w:style>', styles, re.S)
    assert normal and 'w:line="480"' in normal.group() and 'w:lineRule="auto"' in normal.group()
    assert 'w:sz w:val="24"' in normal.group() and "Times New Roman" in normal.group()
    for name in ("BodyText", "FirstParagraph", "Bibliography", "Abstract"):
        style = re.search(rf'<w:style [^>]*w:styleId="{name}".*?</w:style>', styles, re.S)
        assert style and 'w:line="480"' in style.group(), name
    pictures = re.search(r'<w:style [^>]*w:styleId="CaptionedFigure".*?</w:style>', styles, re.S)
    assert pictures and "<w:suppressLineNumbers" in pictures.group()
    assert 'w:instr="PAGE"' in part(double[1], "word/footer1.xml")
    assert "<w:tbl>" in document and 'descr="Words for the picture"' in document


def test_lines_of_the_pdf(double: tuple[Path, Path]) -> None:
    lines = heights(double[0])
    # the number of each line stands beside it, and runs on
    numbered = [words.strip() for _, words in lines if words.strip() not in ("", "2")]  # but for the exponent
    assert len(numbered) >= 9
    for number, words in enumerate(numbered[:9], start=1):
        assert words.endswith(str(number)), words
    first = next(i for i, (_, words) in enumerate(lines) if "the statements" in words)
    assert lines[first][0] - lines[first + 1][0] == pytest.approx(12 * 2 * SINGLE, abs=0.2)


def test_neither_numbers_nor_spacing_where_none_is_asked(given: documents.Source, tmp_path: Path) -> None:
    layout = Layout(line_spacing=1, line_numbers=False, page_numbers=False, font_size=11)
    pdf, docx = documents.manuscript(given, layout, tmp_path / "m").files
    assert "lnNumType" not in part(docx, "word/document.xml")
    normal = re.search(r'<w:style [^>]*w:styleId="Normal".*?</w:style>', part(docx, "word/styles.xml"), re.S)
    assert normal and 'w:line="240"' in normal.group() and 'w:sz w:val="22"' in normal.group()
    assert "PAGE" not in part(docx, "word/footer1.xml")
    assert not re.search(r"(?<!\d)12(?!\d)", text_of(pdf))


def test_pdf_is_tagged_archival_and_says_what_it_is(given: documents.Source, tmp_path: Path) -> None:
    written = documents.manuscript(given, Layout(archival=True), tmp_path / "m", formats=("pdf",))
    assert written.warnings == ()
    reader = PdfReader(written.files[0])
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en"
    assert reader.metadata and reader.metadata.title == "A title"
    assert reader.metadata.author == "Ada Example, Bo Sample"
    xmp = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in xmp and "<pdfaid:conformance>B" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    alternatives = list(_alternatives(root["/StructTreeRoot"]))
    assert "Words for the picture" in alternatives
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert any(key in inner for key in ("/FontFile2", "/FontFile3"))


def test_figures_and_tables_go_where_they_are_wanted(given: documents.Source, tmp_path: Path) -> None:
    def made(layout: Layout) -> tuple[str, str]:
        path = documents.manuscript(given, layout, tmp_path / "m", formats=("docx",)).files[0]
        return text_of(path), part(path, "word/document.xml")

    text, xml = made(Layout())
    assert text.index("A caption of the figure") < text.index("Discussion") and "<w:drawing>" in xml
    text, xml = made(Layout(figures="end", tables="end"))
    assert text.index("An earlier paper") < text.index("TablesTable 1") < text.index("Figures")
    assert "<w:drawing>" in xml and "<w:tbl>" in xml
    assert (
        xml.count("<w:pageBreakBefore") == 2 and "<w:p><w:pPr><w:pageBreakBefore/></w:pPr></w:p>" not in xml
    )
    text, xml = made(Layout(figures="left_out", tables="separate"))
    assert "Table captionsTable 1. A caption of the table." in text
    assert "Figure captionsFigure 1. A caption of the figure." in text
    assert "<w:drawing>" not in xml and "<w:tbl>" not in xml
    for anchor in ("item-fig-x", "item-tbl-x"):  # links lead to the captions
        assert f'w:anchor="{anchor}"' in xml and f'w:name="{anchor}"' in xml


def test_title_page_first_or_apart(given: documents.Source, tmp_path: Path) -> None:
    counts = {"Words in the text": 1234}
    first = documents.manuscript(given, Layout(title_page="first"), tmp_path / "f", counts=counts)
    apart = documents.title_page_file(given, Layout(), tmp_path / "t", counts)
    further = submission_source.people(highlights=["One point"], running_title="Short")
    more = documents.title_page_file(
        replace(given, protocol=further), Layout(), tmp_path / "h", {},
        further=documents.title_page.short_texts(further, ["highlights", "key_messages"]), formats=("docx",),
    )  # fmt: skip
    assert "Running title. Short" in text_of(more.files[0]) and "One point" in text_of(more.files[0])
    assert "no key messages" in text_of(more.files[0]) and "no highlights" not in text_of(more.files[0])
    for path in (*first.files, *apart.files):
        text = text_of(path)
        for words in (
            "Ada Example",
            "0000-0002-1825-0097",
            "First Institute, Oslo, Norway",
            "ada@example.org",
        ):
            assert words in text, (path.name, words)
        assert "Words in the text: 1234" in text and "Bo Sample: no ORCID iD" in text
    assert "An earlier paper" in text_of(first.files[0]) and "An earlier paper" not in text_of(apart.files[0])
    assert "lnNumType" not in part(apart.files[1], "word/document.xml")


def test_statements_that_stand_elsewhere(given: documents.Source, tmp_path: Path) -> None:
    without = Layout(without=("funding", "contributions"))
    for path in documents.manuscript(given, without, tmp_path / "m").files:
        text = text_of(path)
        # a section that has nothing else goes with them; the abstract says what it said
        assert "Ada Example: Software" not in text and "Statements" not in text, path.name
        assert "Funding and registration. Paid by the Fund." in text and "Nothing was needed" in text
    one = documents.manuscript(given, Layout(without=("funding",)), tmp_path / "one", formats=("docx",))
    assert docx_measure.measure(one.files[0]).leads == ("Author contributions (CRediT).", "Ethics.")
    assert "Statements" in text_of(one.files[0])
    apart = documents.statements_file(given, without.plain(), tmp_path / "s", formats=("docx",))
    assert "Ada Example: Software" in text_of(apart.files[0])


def test_blinded_files_name_nobody(given: documents.Source, tmp_path: Path) -> None:
    layout = Layout(blinded=True, title_page="first")
    written = [
        documents.manuscript(given, layout, tmp_path / "m", counts={"x": 1}),
        documents.response_file(
            given, layout, tmp_path / "r", "Journal", comments={"Editor": ["Dear Ada Example"]}
        ),
        *documents.table_files(given, layout, tmp_path, formats=("pdf", "docx")),
    ]
    secrets = (
        "Bo Sample", "0000-0002", "ada@", "First Institute", "Oslo", "the Fund", "example.org", "A.E.", "Software",
    )  # fmt: skip
    for path in (p for w in written for p in w.files):
        if path.suffix == ".docx":
            archive = zipfile.ZipFile(path)
            inside = "\n".join(archive.read(n).decode("utf-8", "replace") for n in archive.namelist())
            assert "<dc:creator" not in inside or re.search(
                r"<dc:creator\s*/>|<dc:creator></dc:creator>", inside
            )
        else:
            reader = PdfReader(io.BytesIO(path.read_bytes()))
            assert reader.metadata and not reader.metadata.author
            inside = str(dict(reader.metadata)) + reader.trailer["/Root"]["/Metadata"].get_data().decode()
        for words in secrets:
            assert words not in text_of(path) and words not in inside, (path.name, words)
    text = text_of(written[0].files[1])
    # the list of references is anybody's; elsewhere the name is gone, and what only looks like it stays
    assert text.count("Ada Example") == 1 and "Ada Example (2020) An earlier paper" in text
    assert "Ada and Example are no names here" in text and "[removed for blinded review]" in text
    assert "Statements" not in text and "Nothing was needed" in text and "Background" in text


def test_equal_input_gives_equal_bytes(given: documents.Source, tmp_path: Path) -> None:
    for layout in (Layout(figures="end"), Layout(blinded=True, archival=True)):
        one = documents.manuscript(given, layout, tmp_path / "one" / "m")
        two = documents.manuscript(given, layout, tmp_path / "two" / "m")
        assert [p.read_bytes() for p in one.files] == [p.read_bytes() for p in two.files]


def test_pictures_leave_room_for_their_captions(tmp_path: Path) -> None:
    def image(name: str) -> dict[str, object]:
        return {"t": "Image", "c": [["", [], [["digest", "0"]]], [], [name, ""]]}

    for name, size in (("high.png", (100, 1000)), ("wide.png", (100, 50))):
        header = struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)
        chunks = (
            struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d))
            for k, d in ((b"IHDR", header), (b"IEND", b""))
        )
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    found = docx_layout.for_word([image("high.png"), image("wide.png"), image("none.png")], tmp_path)
    assert [f["c"][0][2] for f in found] == [[["width", "17.0mm"]], [], []]


def test_tables_as_files(given: documents.Source, tmp_path: Path) -> None:
    (written,) = documents.table_files(given, Layout(), tmp_path)
    assert [p.name for p in written.files] == ["Table1.docx"]
    assert "<w:tbl>" in part(written.files[0], "word/document.xml")
    assert "Table 1" in part(written.files[0], "docProps/core.xml")


def test_parts_and_items() -> None:
    found = arrange.split(submission_source.tree())
    assert [arrange.style(b) for b in found.front][:2] == ["Author", "Affiliation"]
    assert [b["t"] for b in found.references] == ["Header", "Div"]
    kinds = [(i.kind, i.label, i.words) for i in arrange.items(found.body)]
    assert kinds == [
        ("figure", "Figure 1", "Figure 1. A caption of the figure."),
        ("table", "Table 1", "Table 1. A caption of the table."),
    ]


def test_a_document_that_has_not_been_built(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="has not been built"):
        documents.source(tmp_path, submission_source.ROOT)


def _printed(tree: arrange.Tree) -> str:
    def walk(blocks: arrange.Blocks) -> Iterator[str]:
        for block in blocks:
            if block["t"] == "Div":
                yield from walk(block["c"][1])
            elif block["t"] in ("Para", "Plain"):
                yield snapshot.plain(block["c"])

    return "\n".join(walk(tree["blocks"]))


def test_captions_stay_where_the_figures_stood_and_lines_of_state_on_the_title_page() -> None:
    from livingreview.submission.arrange import arranged, items, page_break, style

    tree = submission_source.tree()
    kept = arranged(tree, Layout(figures="captions"))
    whole = arranged(tree, Layout(figures="placed"))
    assert not [i for i in items(kept["blocks"]) if i.kind == "figure"]
    assert len(kept["blocks"]) == len(whole["blocks"])
    captions = [snapshot.plain(i.caption[0]["c"]) for i in items(whole["blocks"]) if i.kind == "figure"]
    assert captions and all(_printed(kept).count(c) == 1 for c in captions)
    page = [{"t": "Para", "c": [{"t": "Str", "c": "Authors"}]}, page_break()]
    first = arranged(tree, Layout(title_page="first"), before=page)["blocks"]
    end = first.index(page_break())
    dates = [n for n, block in enumerate(first) if style(block) == "Date"]
    assert dates and max(dates) < end
