"""PDFs of known make are measured as what they are, in both directions."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import typst
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from livingreview.errors import ReviewError
from livingreview.submission import pdf_measure, pdf_text
from livingreview.submission.pdf_types import LineNumbers, PdfMeasures

# The height of a line is that of its edges (one em), so that lines are 1 em and ``leading`` apart.
SETUP = """
#set page(width: 210mm, height: 297mm, margin: 25mm{page})
#set text(font: "Libertinus Serif", size: {size}pt, top-edge: 0.7em, bottom-edge: -0.3em, lang: "{lang}")
#set par(leading: {leading}pt, spacing: {leading}pt{par})
"""


def made(
    folder: Path,
    body: str,
    *,
    before: str = "",
    size: float = 12,
    leading: float = 12,
    lang: str = "en",
    page: str = "",
    par: str = "",
    standards: tuple[str, ...] = (),
) -> Path:
    """A PDF by Typst."""
    text = before + SETUP.format(size=size, leading=leading, lang=lang, page=page, par=par) + body
    content: Any = typst.compile(
        text.encode(), root=folder, ignore_system_fonts=True, timestamp=0, pdf_standards=list(standards)
    )
    path = folder / "x.pdf"
    path.write_bytes(content)
    return path


def by_hand(folder: Path, content: str, font: dict[str, str] | None = None, turn: int = 0) -> Path:
    """A PDF of one page, 400 by 300 pt, with a content stream and one font F."""
    writer = PdfWriter()
    page = writer.add_blank_page(400, 300)
    named = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"} | (font or {})
    described = DictionaryObject({NameObject(k): NameObject(v) for k, v in named.items()})
    fonts = DictionaryObject({NameObject("/F"): writer._add_object(described)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    stream = DecodedStreamObject()
    stream.set_data(content.encode("latin-1"))
    page[NameObject("/Contents")] = writer._add_object(stream)
    if turn:
        page.rotate(turn)
    writer.write(folder / "hand.pdf")
    return folder / "hand.pdf"


@pytest.mark.parametrize(("size", "leading", "distance"), [(12, 12, 24.0), (12, 6, 18.0), (11, 2.2, 13.2)])
def test_line_distance_and_body_font(size: float, leading: float, distance: float, tmp_path: Path) -> None:
    text = "#text(size: 20pt)[Heading]\n\n#lorem(150)#super[1] #lorem(150)"
    found = pdf_measure.measure(made(tmp_path, text, size=size, leading=leading))
    assert found.line_distance == distance
    assert found.pages[0].line_distance == distance
    assert found.body == ("LibertinusSerif-Regular", size)
    assert (found.pages[0].width_mm, found.pages[0].height_mm) == (210.0, 297.0)


LONG = "#lorem(900)"
NUMBERED = '#set par.line(numbering: "1")\n'


def test_line_numbers_over_pages(tmp_path: Path) -> None:
    found = pdf_measure.measure(made(tmp_path, NUMBERED + LONG))
    assert len(found.pages) == 3 and found.line_numbering == "continuous"
    assert [p.unnumbered_lines for p in found.pages] == [0, 0, 0]
    assert [p.line_numbers.first for p in found.pages if p.line_numbers] == [1, 30, 59]
    assert found.pages[0].line_numbers == LineNumbers(1, 29, 1, 29, "left")
    assert found.pages[0].lines == 29 and found.pages[0].page_number is None


def test_line_numbers_anew_on_each_page(tmp_path: Path) -> None:
    text = '#set par.line(numbering: "1", numbering-scope: "page")\n' + LONG
    found = pdf_measure.measure(made(tmp_path, text))
    assert found.line_numbering == "each_page"
    assert {p.line_numbers.first for p in found.pages if p.line_numbers} == {1}


def test_line_numbers_at_the_right_and_every_fifth(tmp_path: Path) -> None:
    text = '#set par.line(numbering: "1", number-margin: right)\n' + LONG
    right = pdf_measure.measure(made(tmp_path, text))
    assert right.line_numbering == "continuous" and right.pages[0].line_numbers is not None
    assert right.pages[0].line_numbers.side == "right" and right.pages[0].unnumbered_lines == 0
    fifth = "#set par.line(numbering: n => if calc.rem(n, 5) == 0 [#n])\n"
    found = pdf_measure.measure(made(tmp_path, fifth + LONG))
    assert found.line_numbering == "continuous"
    assert found.pages[0].line_numbers == LineNumbers(5, 25, 5, 5, "left")
    assert [p.unnumbered_lines for p in found.pages] == [0, 0, 0]


def test_pages_and_lines_without_numbers(tmp_path: Path) -> None:
    assert pdf_measure.measure(made(tmp_path, LONG)).line_numbering == "none"
    some = pdf_measure.measure(
        made(tmp_path, f"{NUMBERED}#lorem(60)\n#pagebreak()\n#set par.line(numbering: none)\n#lorem(60)")
    )
    assert some.line_numbering == "other"
    assert [p.line_numbers is None for p in some.pages] == [False, True]
    part = f"{NUMBERED}#lorem(100)\n\n#[\n#set par.line(numbering: none)\n#lorem(20)\n]\n\n#lorem(30)"
    page = pdf_measure.measure(made(tmp_path, part)).pages[0]
    assert page.line_numbers is not None and page.unnumbered_lines == 2
    assert page.lines == page.line_numbers.count + 2


def test_numbers_in_tables_and_lists_are_no_line_numbers(tmp_path: Path) -> None:
    rows = ", ".join(f"[{i}], [word], [{i}]" for i in range(1, 15))
    text = f"#lorem(90)\n#table(columns: (auto, 1fr, auto), {rows})\n+ one\n+ two\n+ three\n"
    assert pdf_measure.measure(made(tmp_path, text)).line_numbering == "none"


def test_page_numbers(tmp_path: Path) -> None:
    plain = pdf_measure.measure(made(tmp_path, LONG))
    assert [p.page_number for p in plain.pages] == [None, None, None]
    for page in (
        ', numbering: "1"',
        ', numbering: "1 of 1"',
        ", header: [Version 2026.11, 3 May #context here().page()]",
    ):
        found = pdf_measure.measure(made(tmp_path, NUMBERED + LONG, page=page))
        assert [p.page_number for p in found.pages] == [1, 2, 3]
        # header and footer are no lines of the body
        assert [p.unnumbered_lines for p in found.pages] == [0, 0, 0]
    # the same words at the top of every page, but numbered: text
    again = "#pagebreak()\n".join(["The same words."] * 3)
    found = pdf_measure.measure(made(tmp_path, NUMBERED + again, page=', numbering: "1"'))
    assert [p.lines for p in found.pages] == [1, 1, 1] and found.line_numbering == "continuous"
    later = pdf_measure.measure(made(tmp_path, "#counter(page).update(7)\n" + LONG, page=', numbering: "1"'))
    assert [p.page_number for p in later.pages] == [7, 8, 9]
    assert [p.label for p in later.pages] == ["7", "8", "9"]
    single = made(tmp_path, "#lorem(20)", page=", header: [Draft of 2026]")
    assert pdf_measure.measure(single).pages[0].page_number is None
    single = made(tmp_path, "#lorem(20)", page=', numbering: "1"')
    page = pdf_measure.measure(single).pages[0]
    assert page.page_number == 1 and page.lines == 2


def test_fonts(tmp_path: Path) -> None:
    (font,) = pdf_measure.measure(made(tmp_path, "Words.\n#pagebreak()\nWords.")).fonts
    assert (font.name, font.embedded, font.subset, font.unicode, font.pages) == (
        ("LibertinusSerif-Regular", True, True, True, 2)
    )
    found = pdf_measure.measure(by_hand(tmp_path, "BT /F 10 Tf 20 200 Td (Words) Tj 0 -14 Td (more) Tj ET"))
    (font,) = found.fonts
    assert (font.name, font.kind, font.embedded, font.subset, font.unicode) == (
        ("Helvetica", "Type1", False, False, False)
    )
    assert found.body == ("Helvetica", 10.0) and found.line_distance == 14.0
    assert found.pages[0].characters == 9


def test_sizes_follow_the_matrices(tmp_path: Path) -> None:
    text = "q 2 0 0 2 0 0 cm BT /F 6 Tf 1 0 0 1 10 100 Tm 10 TL (One) Tj T* (two) Tj (x) ' ET Q"
    found = pdf_measure.measure(by_hand(tmp_path, text))
    assert found.body == ("Helvetica", 12.0) and found.line_distance == 20.0 and found.pages[0].lines == 3
    turned = "BT /F 10 Tf 0 1 -1 0 {} 20 Tm (Words) Tj ET"
    sideways = by_hand(tmp_path, turned.format(100) + " " + turned.format(114))
    assert pdf_measure.measure(sideways).body is None  # written upwards
    upright = pdf_measure.measure(by_hand(tmp_path, turned.format(100) + " " + turned.format(114), turn=90))
    assert upright.line_distance == 14.0 and upright.pages[0].lines == 2
    assert (upright.pages[0].width_mm, upright.pages[0].height_mm) == (105.8, 141.1)


@pytest.mark.parametrize(("width", "dpi"), [("50.8mm", 150.0), ("25.4mm", 300.0)])
def test_pictures(width: str, dpi: float, tmp_path: Path) -> None:
    for mode, name in (("RGB", "a.png"), ("RGBA", "b.png"), ("L", "c.png")):
        Image.effect_noise((300, 150), 60).convert(mode).save(tmp_path / name)
    text = "".join(f'#image("{name}", width: {width}, alt: "x")\n' for name in ("a.png", "b.png", "c.png"))
    found = pdf_measure.measure(made(tmp_path, text)).images
    assert [(i.pixels, i.dpi, i.page, i.bits) for i in found] == [((300, 150), dpi, 1, 8)] * 3
    assert [i.alpha for i in found] == [False, True, False]
    assert found[0].width_mm == float(width[:-2]) and found[0].compression == ("FlateDecode",)
    assert [i.colour for i in found] == ["rgb", "rgb", "grey"]


def test_tags_language_title_and_what_a_file_says_of_itself(tmp_path: Path) -> None:
    Image.new("L", (30, 30)).save(tmp_path / "a.png")
    head = '#set document(title: "A title", author: ("Ada", "Charles"), keywords: ("x", "y"))\n'
    text = '= Heading\n#figure(image("a.png", alt: "Words"), caption: [Caption])\n#link("https://a.org")[a]'
    found = pdf_measure.measure(made(tmp_path, text, before=head, lang="de", standards=("ua-1",)))
    assert found.tagged and found.language == "de" and found.title == "A title" and found.shows_title
    assert (found.pdf_ua, found.pdf_a) == ("1", "")
    assert found.tags["H1"] == 1 and found.tags["Figure"] == 1 and found.figures_without_alt == 0
    assert found.information["Author"] == "Ada, Charles" and found.xmp["dc:creator"] == "Ada, Charles"
    assert found.xmp["dc:title"] == "A title" and found.outline and found.annotations == {"Link": 1}
    assert found.attachments == () and not found.scripts and not found.encrypted
    assert json.loads(json.dumps(found.to_json()))["line_numbering"] == "none"
    archived = pdf_measure.measure(made(tmp_path, text.replace(', alt: "Words"', ""), standards=("a-2b",)))
    assert (archived.pdf_a, archived.pdf_ua, archived.title) == ("2b", "", "")
    assert archived.output_intents and archived.figures_without_alt == 1
    bare = pdf_measure.measure(by_hand(tmp_path, ""))
    assert not bare.tagged and bare.tags == {} and bare.language == "" and bare.xmp == {}
    assert bare.body is None and bare.line_distance is None and bare.version == "1.3" and not bare.outline


def test_notes_attachments_and_scripts(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(made(tmp_path, "Words.")))
    writer.add_attachment("secret.txt", b"x")
    script = {
        NameObject("/S"): NameObject("/JavaScript"),
        NameObject("/JS"): TextStringObject("app.alert('x')"),
    }
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(script)
    note = {"/Type": "/Annot", "/Subtype": "/Text", "/Contents": "/x"}
    writer.add_annotation(0, DictionaryObject({NameObject(k): NameObject(v) for k, v in note.items()}))
    writer.write(tmp_path / "y.pdf")
    found = pdf_measure.measure(tmp_path / "y.pdf")
    assert found.attachments == ("secret.txt",) and found.scripts and found.annotations == {"Text": 1}
    assert found.bytes == (tmp_path / "y.pdf").stat().st_size


def test_what_cannot_be_read(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(made(tmp_path, "Words.").read_bytes())))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    (tmp_path / "none.pdf").write_bytes(b"no pdf")
    by_hand(tmp_path, "BT /F Tf (Words) Tj ET")  # without a size
    for name in ("locked.pdf", "none.pdf", "gone.pdf", "hand.pdf"):
        with pytest.raises(ReviewError, match=name.replace(".", r"\.")):
            pdf_measure.measure(tmp_path / name)


def test_measures_are_data(tmp_path: Path) -> None:
    found = pdf_measure.measure(made(tmp_path, "Words."))
    assert isinstance(found, PdfMeasures)
    with pytest.raises(AttributeError):
        found.title = "x"  # type: ignore[misc]


def test_characters_of_codes() -> None:
    cmap = (
        "2 beginbfchar <0001> <0048> <0002> <00660069> endbfchar "
        "2 beginbfrange <0010> <0012> <0041> <0020> <0021> [<0058> <0059>] endbfrange"
    )
    assert pdf_text._unicode(cmap) == {1: "H", 2: "fi", 16: "A", 17: "B", 18: "C", 32: "X", 33: "Y"}
    encoding = DictionaryObject(
        {
            NameObject("/Differences"): ArrayObject(
                [NumberObject(1), NameObject("/one"), NameObject("/eacute")]
            )
        }
    )
    table = pdf_text._simple(DictionaryObject({NameObject("/Encoding"): encoding}))
    assert (table[1], table[2], table[0x41], table[0x96]) == ("1", "é", "A", "–")
