"""Every kind of defect that is planted on a page is found there, clean pages have none, and pictures are the same each time."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest
import typst
from PIL import Image
from pypdf import PdfReader, PdfWriter

from livingreview.commands import pdf_preview
from livingreview.errors import ReviewError
from livingreview.preview import pictures
from livingreview.preview.page_defects import KINDS, Defect, defects, defects_in

SETUP = """
#set document(title: "A title")
#set page(width: 148mm, height: 210mm, margin: 20mm, header: [Header #line(length: 100%)], footer: context align(center, counter(page).display()))
#set text(font: "Libertinus Serif", size: 11pt, lang: "en")
#show heading: set block(sticky: true)
#set table.cell(breakable: false)
"""
NUMBERED = '#set par.line(numbering: "1", number-clearance: 5mm)\n'
FIGURE = '#figure(caption: [A picture.])[#image("figure.svg", width: 60mm, alt: "A picture")]\n'
TABLE = (
    "#table(columns: (20%, 80%), table.header[a][b], ..range(60).map(i => ([row #i], lorem(12))).flatten())\n"
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"><defs><clipPath id="axes">'
    '<rect x="20" y="5" width="70" height="35"/></clipPath></defs>'
    '<g clip-path="url(#axes)"><path d="M-30 10 L150 30" stroke="#000" fill="none"/><circle cx="20" cy="20" r="9"/></g>'
    '<rect x="20" y="5" width="70" height="35" fill="none" stroke="#000"/></svg>'
)


def made(folder: Path, body: str, *, name: str = "x", setup: str = SETUP) -> Path:
    """A tagged PDF by Typst."""
    (folder / "figure.svg").write_text(SVG)
    Image.new("RGB", (60, 40), "navy").save(folder / "photo.png")
    content: Any = typst.compile(
        (setup + body).encode(), root=folder, ignore_system_fonts=True, timestamp=0, pdf_standards=["ua-1"]
    )
    path = folder / f"{name}.pdf"
    path.write_bytes(content)
    return path


def kinds(pdf: Path) -> list[tuple[int, str]]:
    return sorted({(d.page, d.kind) for d in defects(pdf)})


CLEAN = {
    "text, lists, notes and formulas": '= A heading\n\n#lorem(300)#super[1] ffi fj f) _f_) #math.equation(alt: "x", $sqrt(a^2 + b_1) hat(x) sum_(i=1)^n x_i integral_0^1 f$) #footnote[Note]\n\n- a\n- b\n\nWhat? Really?! e\\@mail.org',
    "lines with numbers": NUMBERED + "= A heading\n\n#lorem(600)\n\n" + TABLE,
    "a figure whose axes clip": FIGURE + "#lorem(30)" + FIGURE,
    "a whole picture": '#image("photo.png", width: 100%, alt: "A picture")',
    "a table over pages": TABLE,
    "a turned page and a figure alone": "#lorem(20)\n#page(flipped: true)[#lorem(50)]\n" + FIGURE,
    "a coloured page": '#set page(fill: rgb("#eeeeff"))\n#lorem(20)',
    "a row that is higher than a page": "#set table.cell(breakable: true)\n#table(columns: (20%, 80%), [a], lorem(700))",
    "text turned in a picture": "#lorem(30)#rotate(-90deg, reflow: true)[Side of it] #lorem(30)",
    "pictures over which words stand": "#block(fill: navy, width: 100%, inset: 8pt, text(fill: white)[Words]) #lorem(20)",
}


@pytest.mark.parametrize("body", CLEAN.values(), ids=CLEAN)
def test_clean_pages_have_none(body: str, tmp_path: Path) -> None:
    assert [str(d) for d in defects(made(tmp_path, body))] == []


TALL = "#block(height: {})[#lorem(20)]\n"
PLANTED = {
    "text cut by the page": ("#lorem(20) #place(dx: 120mm)[Far out]", 1, "overflow"),
    "text beyond the page": ("#lorem(20) #place(dx: 150mm)[Far]", 1, "overflow"),
    "a wide table": ("#table(columns: 6 * (40mm,), ..range(12).map(i => [cell #i]))", 1, "overflow"),
    "a figure beyond the page": ('#move(dx: 80mm, image("photo.png", width: 60mm, alt: "x"))', 1, "overflow"),
    "lines below the page": ("#place(dy: 175mm)[#block(height: 5mm)[#lorem(70)]]#lorem(20)", 1, "overflow"),
    "text at the edge": ("#lorem(20) #place(dx: -18.5mm)[Edge]", 1, "edge"),
    "a figure at the edge": ('#place(dx: -18mm, image("photo.png", width: 60mm, alt: "x"))', 1, "edge"),
    "text cut by its box": ("#lorem(10)\n\n#block(clip: true, height: 4pt)[Words that are cut]", 1, "clipped"),
    "a picture cut by its box": (
        '#lorem(10)\n\n#block(clip: true, width: 30mm, height: 20mm, image("photo.png", width: 60mm, alt: "x"))', 1, "clipped",
    ),
    "a drawing cut by its box": (
        '#lorem(10)\n\n#block(clip: true, width: 30mm, height: 30mm, image("figure.svg", width: 90mm, alt: "x"))', 1, "clipped",
    ),
    "lines over each other": ("#lorem(40)#place(top, dy: 3pt)[#lorem(20)]", 1, "overprint"),
    "cells that run into each other": (
        "#table(columns: (12mm, 40mm), [#box(width: 0pt)[Unbreakable#sym.wj;Identifier]], [Another word])", 1, "overprint",
    ),
    "an empty page": ("#lorem(20)#pagebreak()#pagebreak()#lorem(20)", 2, "empty"),
    "an empty last page": ("#lorem(20)#pagebreak()#v(1pt)", 2, "empty"),
    "an unresolved reference": ("See ?\\@fig-missing and more.", 1, "unresolved"),
    "an unresolved number": ("There were *?var:studies.total* studies.", 1, "unresolved"),
    "two question marks": ("See Section ?? for more.", 1, "unresolved"),
    "a cut row": (
        "#set table.cell(breakable: true)\n#lorem(180)\n\n#v(43mm)\n#table(columns: (20%, 80%), table.header[a][b], [x], lorem(60))", 1, "row",
    ),
    "a heading alone": (
        "#show heading: set block(sticky: false)\n#lorem(50)\n#v(120mm)\n= Alone\n\n#block(breakable: false, lorem(90))", 1, "heading",
    ),
    "text among the line numbers": (NUMBERED + "#lorem(200)#place(top, dx: -9mm, dy: 40mm)[In] #lorem(600)", 1, "margin"),
    "a table beyond the right margin": (
        NUMBERED + "#lorem(200)\n\n#table(columns: (60mm, 60mm), [a], [Beyond all])", 1, "margin",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "page", "kind"), PLANTED.values(), ids=PLANTED)
def test_planted_defects_are_found(body: str, page: int, kind: str, tmp_path: Path) -> None:
    found = defects(made(tmp_path, body))
    assert (page, kind) in {(d.page, d.kind) for d in found}, [str(d) for d in found]
    for defect in found:
        left, top, right, bottom = defect.box_mm
        assert defect.kind in KINDS and defect.file == "x.pdf" and left < right and top < bottom
        assert defect.warning == (defect.kind == "heading")


def test_every_kind_is_planted() -> None:
    assert {kind for _, _, kind in PLANTED.values()} == set(KINDS)


def test_where_a_defect_is(tmp_path: Path) -> None:
    pdf = made(tmp_path, "#lorem(20)#pagebreak()#place(dx: 122mm, dy: 50mm)[Beyond]")
    (found,) = [d for d in defects(pdf) if d.kind == "overflow"]
    left, top, _, bottom = found.box_mm
    assert found.page == 2 and 139 < left < 149 and 69 < top < bottom < 76
    assert "“" in found.what and str(found).startswith("x.pdf, page 2: the text “")
    assert found.to_json()["kind"] == "overflow"


def test_turned_and_cropped_pages_are_looked_at_as_they_are_seen(tmp_path: Path) -> None:
    source = made(tmp_path, "#lorem(60)", name="source")
    for turn in (90, 180, 270):
        writer = PdfWriter(clone_from=PdfReader(source))
        writer.pages[0].rotate(turn)
        writer.write(tmp_path / "x.pdf")
        assert kinds(tmp_path / "x.pdf") == []
    writer = PdfWriter(clone_from=PdfReader(source))
    writer.pages[0].cropbox.right = float(writer.pages[0].cropbox.right) - 100
    writer.write(tmp_path / "x.pdf")
    assert (1, "overflow") in kinds(tmp_path / "x.pdf")


def test_a_file_of_one_figure_needs_no_margin(tmp_path: Path) -> None:
    setup = '#set document(title: "A")\n#set page(width: 80mm, height: 40mm, margin: 0mm)\n'
    assert (
        kinds(made(tmp_path, '#image("figure.svg", width: 80mm, height: 40mm, alt: "x")', setup=setup)) == []
    )


def test_a_folder_of_pdfs(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    made(tmp_path / "a", "#lorem(20)#pagebreak()#pagebreak()", name="empty")
    made(tmp_path, PLANTED["a heading alone"][0], name="heading")
    assert {(d.file, d.kind) for d in defects_in(tmp_path)} == {("empty.pdf", "empty")}
    assert {d.kind for d in defects_in(tmp_path, warnings=True)} == {"empty", "heading"}


def test_what_is_no_pdf(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_text("no PDF")
    with pytest.raises(ReviewError, match="not a PDF"):
        defects(tmp_path / "x.pdf")
    with pytest.raises(ReviewError, match="not a PDF"):
        pictures.draw({"x": tmp_path / "x.pdf"}, tmp_path / "out")
    with pytest.raises(ReviewError, match="no such file"):
        pictures.named([tmp_path / "missing.pdf"])
    with pytest.raises(ReviewError, match="dpi"):
        pictures.draw({}, tmp_path / "out", dpi=5000)


def test_pictures_are_the_same_each_time_and_only_drawn_where_something_changed(tmp_path: Path) -> None:
    one, two = (
        made(tmp_path, "#lorem(30)#pagebreak()#lorem(9)", name="one"),
        made(tmp_path, "b", name="two"),
    )
    out = tmp_path / "out"
    first = pictures.draw({"one": one, "two": two}, out)
    assert [p.name for p in first[0].files] == ["page-01.png", "page-02.png"]
    assert first[0].sizes[0] == Image.open(first[0].files[0]).size == (467, 662)  # 148 mm by 210 mm at 80 dpi
    again = pictures.draw({"one": one, "two": two}, tmp_path / "elsewhere")
    for a, b in zip(first, again, strict=True):
        assert [p.read_bytes() for p in a.files] == [p.read_bytes() for p in b.files]
    (out / "one" / "page-03.png").write_text("stale")
    (out / "gone").mkdir()
    (out / "two" / "page-01.png").unlink()
    made(tmp_path, "#lorem(30)", name="two")
    known = pictures.draw({"one": one, "two": two}, out)
    assert [d.drawn for d in known] == [False, True] and known[0].files == first[0].files
    assert sorted(p.name for p in (out / "one").iterdir()) == ["page-01.png", "page-02.png", "pages.json"]
    assert not (out / "gone").exists()
    assert [d.drawn for d in pictures.draw({"one": one}, out, dpi=40)] == [True]
    assert not (out / "two").exists()


def test_the_index_names_and_links_every_page(tmp_path: Path) -> None:
    pdf = made(tmp_path, "#lorem(30)#pagebreak()#lorem(9)", name='a "b" & c')
    drawn = pictures.draw(pictures.named([pdf]), tmp_path / "out")
    bad = Defect(pdf.name, 2, "empty", "a <bad> page", (0, 0, 1, 1))
    index = pictures.write_index(drawn, tmp_path / "out", title="A & B", defects={drawn[0].name: [bad]})
    html = index.read_text()
    for number in (1, 2):
        assert f'alt="{drawn[0].name}, page {number} of 2"' in html
        assert f'<a href="{drawn[0].name}/page-0{number}.png">' in html
        assert (tmp_path / "out" / drawn[0].name / f"page-0{number}.png").is_file()
    assert (
        "a &lt;bad&gt; page" in html and "A &amp; B" in html and "http" not in html and "<script" not in html
    )
    assert str(tmp_path) not in html


@pytest.fixture
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "r" / "manuscript" / "_output").mkdir(parents=True)
    (tmp_path / "r" / "review.yaml").write_text("title: A\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "r"


def told(capsys: pytest.CaptureFixture[str], review: Path, *words: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    pdf_preview.arguments(parser)
    parser.add_argument("--directory", type=Path)
    status = pdf_preview.run(parser.parse_args([*words, "--directory", str(review)]))
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_the_command(
    review: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(capsys, review) == (1, "no PDF is built here: run `make rebuild` first\n")
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    (review / "submission" / "bmj").mkdir(parents=True)
    made(review / "manuscript" / "_output", "#lorem(20)#pagebreak()#pagebreak()", name="manuscript")
    made(review / "submission" / "bmj", "#lorem(20)", name="Manuscript")
    monkeypatch.chdir(review.parent)
    status, text = told(capsys, review)
    assert status == 0
    lines = text.splitlines()
    assert lines[0] == "manuscript: 3 pages, 2 defects" and "page 2: the page has nothing on it" in lines[1]
    assert lines[3:] == [
        "bmj-Manuscript: 1 page, nothing wrong",
        "4 pictures of 2 documents in build/preview/",
        "to look at them: build/preview/index.html",
    ]
    assert (review / "build/preview/bmj-Manuscript/page-01.png").is_file() and not opened
    monkeypatch.chdir(review.parent)
    monkeypatch.setenv("DISPLAY", ":0")
    status, text = told(capsys, review, "r/submission/bmj/Manuscript.pdf", "--dpi", "40", "--open")
    assert status == 0 and text.startswith("Manuscript: 1 page, nothing wrong") and len(opened) == 1
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(review.parent)
    assert told(capsys, review, "--open")[0] == 0 and len(opened) == 1
