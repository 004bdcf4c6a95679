"""A planted leak of each kind is found in each place of a file, and what names nobody gives none."""

from __future__ import annotations

import base64
import gzip
import io
import json
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject

from livingreview import protocol
from livingreview.errors import ReviewError
from livingreview.protocol_model import Protocol
from livingreview.submission import blinding
from livingreview.submission.leaks import Identity, Leak, identities, search, search_bytes
from livingreview.submission.leaks_pdf import without_line_numbers

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = {
    "authors": [
        {"given": "Jörg Anton", "family": "Szczepański", "orcid": "0000-0002-1825-0097", "email": "j.szczepanski@derma.uni-utopia.edu"},
        {"given": "Ada", "family": "Long"},
        {"name": "The Cutis Collaboration (to be named)"},
    ],
    "affiliations": {"one": {"name": "Department of Skin, Invented University of Utopia", "city": "Neustadt", "ror": "https://ror.org/01abcde23"}},
    "funding": "This work was supported by the Utopian Science Council (grant 2019/33/B/NZ5/01234).",
    "registration": "PROSPERO CRD42026123456",
}  # fmt: skip
NAME = "Jörg Szczepański"


def a_protocol(**changes: Any) -> Protocol:
    plain = protocol.load(ROOT / "tests/review/review.yaml").model_dump(mode="json")
    return Protocol.model_validate({**plain, **PEOPLE, **changes})


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> list[Identity]:
    review = tmp_path_factory.mktemp("review")
    (review / "manuscript").mkdir()
    text = "# Methods\n\nNot long ago.\n\n# Acknowledgements\n\nWe thank Wilhelmina Grateful for help.\n"
    (review / "manuscript/manuscript.qmd").write_text(text, encoding="utf-8")
    cff = 'authors:\n  - {family-names: Citowska, given-names: Ewa}\nrepository-code: "https://github.com/cutis-team/living-cutis"\ndoi: 10.5281/zenodo.7654321\n'
    (review / "CITATION.cff").write_text(cff, encoding="utf-8")
    for command in (
        ["init", "-q"],
        ["config", "user.name", "Git Committer"],
        ["config", "user.email", "gitty@machine.example"],
        ["remote", "add", "origin", "git@gitlab.utopia.edu:derma/hidden-repo.git"],
    ):
        subprocess.run(["git", *command], cwd=review, check=True)
    return identities(a_protocol(), review, review)


def found(known: list[Identity], text: str, name: str = "a.txt") -> set[str]:
    return {leak.kind for leak in search_bytes(name, text.encode(), known)}


def places(known: list[Identity], name: str, data: bytes, kind: str = "author name") -> set[str]:
    return {leak.place for leak in search_bytes(name, data, known) if leak.kind == kind}


@pytest.mark.parametrize(
    "text",
    [
        "Jörg Szczepański", "Jörg Anton Szczepański", "Szczepański, Jörg", "Szczepański J", "Szczepański, J.A.", "Szczepański J. A.",
        "J. A. Szczepański", "JA Szczepański", "J.A. Szczepański", "J.\u00a0Szczepański", "Jorg Szczepanski", "JOERG SZCZEPAŃSKI",
        "Szczepan\u0301ski", "Szcze\u00adpański", "by Szcze-\npański", "Szcze\u200bpański", "szczepanski", "joerg_szczepanski", "Ada Long",
        "Long A", "Long, A.", "ADA LONG", "Ewa Citowska", "Citowska E", "adalong_2026",
    ],
)  # fmt: skip
def test_names_are_found_in_every_spelling(known: list[Identity], text: str) -> None:
    assert "author name" in found(known, f"Written (by {text}) here")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the Cutis Collaboration", "group"),
        ("Invented University\nof Utopia", "affiliation"),
        ("at ror.org/01abcde23.", "affiliation"),
        ("0000-0002-1825-0097", "ORCID"),
        ("https://orcid.org/0000-0002-1825-0097", "ORCID"),
        ("0000–0002–1825–0097", "ORCID"),
        ("0000 0002 1825 0097", "ORCID"),
        ("0000000218250097", "ORCID"),
        ("0000-0001-5109-3700", "ORCID"),
        ("j.szczepanski@derma.uni-utopia.edu", "e-mail"),
        ("j_szczepanski", "e-mail"),
        ("someone@elsewhere.org", "e-mail"),
        ("the Utopian Science Council", "funder"),
        ("No. 2019/33/B/NZ5/01234", "grant number"),
        ("CRD 42026123456", "registration"),
        ("https://doi.org/10.5281/zenodo.7654321", "DOI"),
        ("github.com/cutis-team/living-cutis", "repository"),
        ("https://gitlab.utopia.edu/derma/hidden-repo", "repository"),
        ("Wilhelmina Grateful", "acknowledged person"),
        ("Git Committer", "git user"),
        ("gitty@machine.example", "e-mail"),
        ("/home/somebody/review", "user folder"),
        ("C:\\Users\\somebody\\a.docx", "user folder"),
        ("as in our previous review [12], nothing", "self-citation"),
        ("We have shown earlier that", "self-citation"),
        ("We previ-\nously reported it", "self-citation"),
        ("We thank the nurses", "acknowledgement"),
        ("\nAcknowledgements\n\nThe nurses helped.", "acknowledgement"),
    ],
)
def test_each_kind_is_found(known: list[Identity], text: str, kind: str) -> None:
    assert kind in found(known, f"There is {text} in it")


@pytest.mark.parametrize(
    "text",
    [
        "As long as A is long, a long time; A long course; Department of Skin; Neustadt; Ada and Anton",
        "Our review found nine studies. We searched again; we found pain before and after treatment. Our search was broad",
        "0000-0002-1825-0098 and 1234-5678-9012-3456; figure@2x.png; @page2021; the council of science; university",
        "The 2021 review [12] was continued. Earlier reviews showed this. https://doi.org/10.1097/BOR.0000000000000220",
        "/home page; the users; joergszcz; Szczepanskiego; Longer A; CRD42026123457; 2019/33",
    ],
)
def test_clean_text_gives_none(known: list[Identity], text: str) -> None:
    assert search_bytes("clean.txt", text.encode(), known) == []


LISTED = "\n\nReferences\n\n1. Szczepański JA, Long A (2021) Local therapies. J Derm 3:1\n\n"


def test_own_paper_in_the_list_and_cited_in_the_third_person_is_none(
    known: list[Identity], tmp_path: Path
) -> None:
    assert not found(
        known, "In 2021 Szczepański and Long asked; a review by Long, Szczepański and Other [1]." + LISTED
    )
    (tmp_path / "manuscript.txt").write_text("x" + LISTED, encoding="utf-8")
    (tmp_path / "supplement.txt").write_text("Szczepański et al. 2021", encoding="utf-8")
    assert search([tmp_path], known) == []
    assert search([tmp_path / "supplement.txt"], known)
    assert not found(known, "As Szczepański et al. [1] showed, and (Szczepański and Long 2021)." + LISTED)


def test_the_list_of_references_of_a_latex_source(known: list[Identity]) -> None:
    source = "x\n\\begin{thebibliography}{9}\n\\bibitem{a} Szczepa\\'nski JA. (2021) A title.\n\\end{thebibliography}\n"
    assert search_bytes("a.tex", source.encode(), known) == []
    assert {leak.kind for leak in search_bytes("a.tex", (source + "By Szczepa\\'nski.").encode(), known)} == {
        "author name"
    }


@pytest.mark.parametrize(
    "text",
    [
        "Written by Szczepański." + LISTED,  # not cited
        "As Szczepański et al. [1] showed.",  # no such entry
        "Jörg Szczepański et al. [1] showed." + LISTED,  # with the given name
        "x" + LISTED + "Author contributions\n\nSzczepański wrote it in 2021.",  # after the list
        "x" + LISTED + "Fig. 1 Drawn by Szczepański for 2021",
    ],
)
def test_own_name_elsewhere_is_one(known: list[Identity], text: str) -> None:
    assert found(known, text) == {"author name"}


def test_the_sentence_of_a_self_citation_is_told(known: list[Identity]) -> None:
    text = "Before. In our earlier systematic\nreview [3], nine of ten responded. After."
    (leak,) = search_bytes("a.txt", text.encode(), known)
    assert leak.context == "In our earlier systematic review [3], nine of ten responded."
    assert leak.identity.startswith("our earlier work")
    assert json.loads(json.dumps(leak.to_json()))["kind"] == "self-citation"


def a_docx(**parts: str) -> bytes:
    """A DOCX with text in it; parts replace or add members."""
    document = docx.Document()
    document.core_properties.author = ""
    document.add_paragraph("Nothing here.")
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out) as archive:
        members = {
            name: archive.read(name) for name in archive.namelist() if name != "docProps/thumbnail.jpeg"
        }
    members |= {name: text.encode() for name, text in parts.items()}
    return a_zip(members)


def a_zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
RUNS = "<w:p><w:r><w:t>Jörg Szcze</w:t></w:r><w:r><w:rPr/><w:t>pański</w:t></w:r></w:p>"
CP = 'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'


@pytest.mark.parametrize(
    ("part", "xml", "place"),
    [
        ("word/document.xml", f"<w:document {W}><w:body>{RUNS}</w:body></w:document>", "body text"),
        ("word/header1.xml", f"<w:hdr {W}>{RUNS}</w:hdr>", "header or footer"),
        ("word/footnotes.xml", f"<w:footnotes {W}><w:footnote>{RUNS}</w:footnote></w:footnotes>", "footnote"),
        ("word/comments.xml", f"<w:comments {W}><w:comment w:id='0'>{RUNS}</w:comment></w:comments>", "comment"),
        ("word/comments.xml", f"<w:comments {W}><w:comment w:id='0' w:author='{NAME}'/></w:comments>", "revision author"),
        ("word/people.xml", f"<w15:people xmlns:w15='x'><w15:person w15:author='{NAME}'/></w15:people>", "revision author"),
        ("word/document.xml", f"<w:document {W}><w:p><w:ins w:author='{NAME}'/></w:p></w:document>", "revision author"),
        ("word/document.xml", f"<w:document {W}><w:p><w:del><w:r><w:delText>{NAME}</w:delText></w:r></w:del></w:p></w:document>", "deleted text"),
        ("word/document.xml", f"<w:document {W}><w:p><wp:docPr descr='by {NAME}'/></w:p></w:document>", "alternative text"),
        ("word/document.xml", f"<w:document {W}><w:p><w:r><w:instrText>AUTHOR {NAME}</w:instrText></w:r></w:p></w:document>", "link"),
        ("word/_rels/document.xml.rels", "<R><Relationship Target='http://x.org/joerg-szczepanski'/></R>", "link"),
        ("word/settings.xml", f"<w:settings {W}><w:documentProtection w:edit='{NAME}'/></w:settings>", "document setting"),
        ("docProps/core.xml", f"<cp:coreProperties {CP}><dc:creator>{NAME}</dc:creator></cp:coreProperties>", "core property"),
        ("docProps/app.xml", f"<Properties><Manager>{NAME}</Manager></Properties>", "application property"),
        ("docProps/custom.xml", f"<Properties><property name='by'><v>{NAME}</v></property></Properties>", "custom property"),
        ("customXml/item1.xml", f"<a><b>{NAME}</b></a>", "custom property"),
        ("word/embeddings/x.bin", f"\x00\x01 {NAME}", "bytes"),
    ],
)  # fmt: skip
def test_every_place_of_a_docx(known: list[Identity], part: str, xml: str, place: str) -> None:
    assert places(known, "a.docx", a_docx(**{part: xml})) == {place}


def test_a_clean_docx_and_people_whom_the_protocol_does_not_know(known: list[Identity]) -> None:
    assert search_bytes("a.docx", a_docx(), known) == []
    core = f"<cp:coreProperties {CP}><cp:lastModifiedBy>Mary Smith</cp:lastModifiedBy></cp:coreProperties>"
    (leak,) = search_bytes("a.docx", a_docx(**{"docProps/core.xml": core}), known)
    assert (leak.kind, leak.found, leak.where) == ("person field", "Mary Smith", "lastModifiedBy")


def test_a_bibliography_of_a_docx(known: list[Identity]) -> None:
    def body(style: str, text: str) -> str:
        entry = f"<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
        after = "<w:p><w:pPr><w:pStyle w:val='Heading1'/></w:pPr><w:r><w:t>End</w:t></w:r></w:p>"
        return f"<w:document {W}>{entry}{after}</w:document>"

    text = "Szczepański J (2021) Local therapies"
    assert not places(known, "a.docx", a_docx(**{"word/document.xml": body("Bibliography", text)}))
    assert places(known, "a.docx", a_docx(**{"word/document.xml": body("BodyText", text)})) == {"body text"}


def a_pdf(change: Callable[[PdfWriter], object] | None = None, text: str = "Nothing here") -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(400, 400)
    content = StreamObject()
    lines = ") Tj T* (".join(text.split("\n"))
    content.set_data(f"BT /F1 12 Tf 14 TL 20 300 Td ({lines}) Tj ET".encode("latin-1"))
    page[NameObject("/Contents")] = writer._add_object(content)
    font = {
        "/Type": "/Font",
        "/Subtype": "/Type1",
        "/BaseFont": "/Helvetica",
        "/Encoding": "/WinAnsiEncoding",
    }
    fonts = DictionaryObject(
        {NameObject("/F1"): DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})}
    )
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    if change:
        change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _annotate(writer: PdfWriter) -> None:
    note = FreeText(text=f"by {NAME}", rect=(10, 10, 90, 90))
    writer.add_annotation(0, note)


def _alternative(writer: PdfWriter) -> None:
    writer._add_object(
        DictionaryObject(
            {NameObject("/Alt"): TextStringObject(NAME), NameObject("/S"): NameObject("/Figure")}
        )
    )


def _packet(inside: str) -> bytes:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="{rdf}" xmlns:dc="http://purl.org/dc/elements/1.1/"><r:Description>{inside}</r:Description></r:RDF></x:xmpmeta>'.encode()


XMP = _packet(f"<dc:creator>{NAME}</dc:creator>")


def _xmp(writer: PdfWriter) -> None:
    stream = StreamObject()
    stream.set_data(XMP)
    stream[NameObject("/Type")] = NameObject("/Metadata")
    stream[NameObject("/Subtype")] = NameObject("/XML")
    writer._add_object(stream)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda w: w.add_metadata({"/Author": NAME}), "info dictionary"),
        (lambda w: w.add_metadata({"/Private": NAME}), "info dictionary"),
        (_xmp, "XMP"),
        (_annotate, "annotation"),
        (_alternative, "alternative text"),
        (lambda w: w.add_outline_item(title=NAME, page_number=0), "bookmark"),
        (lambda w: w.add_attachment("a.txt", NAME.encode()), "body text"),
        (lambda w: w.add_attachment("szczepanski.txt", b"x"), "attachment"),
        (lambda w: w.add_uri(0, "https://x.org/szczepanski", (0, 0, 9, 9)), "link"),
    ],
)
def test_every_place_of_a_pdf(
    known: list[Identity], change: Callable[[PdfWriter], object], place: str
) -> None:
    assert place in places(known, "a.pdf", a_pdf(change))


def test_pages_of_a_pdf(known: list[Identity]) -> None:
    assert search_bytes("a.pdf", a_pdf(), known) == []
    (leak,) = search_bytes("a.pdf", a_pdf(text="Drawn by Ada\nLong here"), known)
    assert (leak.kind, leak.place, leak.where) == ("author name", "body text", "page 1")
    assert leak.context == "Drawn by Ada Long here"
    lines = "\n".join(f"{n} {'by Ada' if n == 9 else 'Long' if n == 10 else 'word'}" for n in range(1, 20))
    assert places(known, "a.pdf", a_pdf(text=lines)) == {"body text"}


def test_an_earlier_revision_of_a_pdf(known: list[Identity]) -> None:
    first = a_pdf(lambda w: w.add_metadata({"/Author": NAME}))
    writer = PdfWriter(io.BytesIO(first), incremental=True)
    writer.add_metadata({"/Author": ""})
    out = io.BytesIO()
    writer.write(out)
    assert PdfReader(io.BytesIO(out.getvalue())).metadata["/Author"] == ""  # type: ignore[index]
    assert "earlier revision" in places(known, "a.pdf", out.getvalue())


def test_line_numbers_go_and_other_numbers_stay() -> None:
    pages = ["\n".join(f"{n} word" for n in range(1, 9)), "9\nword 12\n2026 was\n10 word"]
    assert without_line_numbers(pages)[1] == "\nword 12\n2026 was\nword"
    assert without_line_numbers(["1 a\n2 b"]) == ["1 a\n2 b"]


def a_picture(kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, kind, **options)
    return out.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(info: Callable[[PngImagePlugin.PngInfo], object]) -> bytes:
    chunks = PngImagePlugin.PngInfo()
    info(chunks)
    return a_picture("PNG", pnginfo=chunks)


def _exif(tag: int) -> Image.Exif:
    exif = Image.Exif()
    exif[tag] = "Szczepanski"
    return exif


@pytest.mark.parametrize(
    ("name", "data", "place"),
    [
        ("a.png", _png(lambda c: c.add_text("Author", NAME)), "PNG chunk"),
        ("a.png", _png(lambda c: c.add_text("Comment", "by Szczepanski", zip=True)), "PNG chunk"),
        ("a.png", _png(lambda c: c.add_itxt("XML:com.adobe.xmp", XMP.decode())), "XMP"),
        ("a.png", a_picture("PNG", exif=_exif(315)), "EXIF"),
        ("a.tif", a_picture("TIFF", tiffinfo={315: "Szczepanski"}), "TIFF tag"),
        ("a.tif", a_picture("TIFF", tiffinfo={270: "by J. Szczepanski"}), "TIFF tag"),
        ("a.tif", a_picture("TIFF", tiffinfo={700: XMP}), "XMP"),
        ("a.jpg", a_picture("JPEG", exif=_exif(315)), "EXIF"),
        ("a.jpg", a_picture("JPEG", comment=b"by Szczepanski"), "image metadata"),
        ("a.png", a_picture("PNG") + b"by Szczepanski", "bytes"),
        ("a.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%For: Szczepanski\nshowpage\n", "image metadata"),
        ("a.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n(Szczepa\\361ski A. Long) show (Ada Long)\n", "body text"),
        ("a.svg", f"<svg xmlns='x'><metadata><creator>{NAME}</creator></metadata></svg>".encode(), "core property"),
        ("a.svg", "<svg xmlns='x'><text>Jörg <tspan>Szczepański</tspan></text></svg>".encode(), "body text"),
        ("a.svg", f"<svg xmlns='x'><!-- {NAME} --></svg>".encode(), "markup comment"),
        ("a.svg", b"<svg xmlns='x' docname='szczepanski.svg'/>", "link"),
        ("a.html", f"<!doctype html><html><meta name=author content='{NAME}'></html>".encode(), "core property"),
        ("a.html", "<html><body><p>Jörg <b>Szcze</b>pański</p></body></html>".encode(), "body text"),
        ("a.html", f"<html><body><img alt='by {NAME}'></body></html>".encode(), "alternative text"),
        ("a.html", b"<html><body><img src='data:text/plain;base64," + base64.b64encode(NAME.encode()) + b"'></body></html>", "body text"),
        ("a.xml", "<article><contrib><surname>Szczepański</surname><given-names>Jörg</given-names></contrib></article>".encode(), "body text"),
        ("a.md", f"---\nauthor: {NAME}\n---\n".encode(), "body text"),
        ("a.txt", f"by {NAME}".encode("utf-16"), "body text"),
        ("a.txt", "by Jörg Szczepanski".encode("latin-1"), "body text"),
        ("a.json", json.dumps({"a": [{"b": NAME}]}).encode(), "body text"),
        ("a.json", json.dumps({NAME: 1}).encode(), "key"),
        ("a.bib", b"@article{x2021,\n  author = {Other, A.},\n  year = {2021},\n  owner = {szczepanski},\n}\n", "body text"),
        ("Fig1_szczepanski.png", a_picture("PNG"), "file name"),
        ("a.zip", a_zip({"szczepanski/a.txt": b"x"}), "ZIP member name"),
        ("a.zip", a_zip({"b.zip": a_zip({"c.txt": NAME.encode()})}), "body text"),
        ("a.txt.gz", gzip.compress(NAME.encode(), mtime=0), "body text"),
    ],
)  # fmt: skip
def test_every_place_of_other_files(known: list[Identity], name: str, data: bytes, place: str) -> None:
    assert place in places(known, name, data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", a_picture("PNG")),
        ("a.tif", a_picture("TIFF", compression="tiff_lzw", dpi=(600, 600))),
        ("a.jpg", a_picture("JPEG")),
        ("a.svg", b"<svg xmlns='x'><metadata><creator>Matplotlib v3.1, https://matplotlib.org/</creator></metadata></svg>"),
        ("a.html", "<html><body><p>x</p><div id='refs'><p>Szczepański J (2021) X</p></div></body></html>".encode()),
        ("a.xml", "<a><ref-list><ref><surname>Szczepański</surname><year>2021</year></ref></ref-list></a>".encode()),
        ("a.bib", b"@article{x2021,\n  author = {Szczepa{\\'n}ski, J\\\"org},\n  year = {2021},\n}\n"),
        ("a.zip", a_zip({"b.zip": a_zip({"c.txt": b"Nothing"})})),
        ("a.json", b'{"a": [1, "nothing", null]}'),
    ],
)  # fmt: skip
def test_clean_files_give_none(known: list[Identity], name: str, data: bytes) -> None:
    assert search_bytes(name, data, known) == []


def test_users_and_time_zones_in_archives(known: list[Identity]) -> None:
    member = zipfile.ZipInfo("a.txt", (2026, 2, 28, 14, 0, 0))
    user = struct.pack("<HHBBIBI", 0x7875, 11, 1, 4, 1000, 4, 1000)
    zone = struct.pack("<HHBI", 0x5455, 5, 1, 1772283600)  # 13:00 UTC
    member.extra = user + zone
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.comment = b"packed by Ada Long"
        archive.writestr(member, b"x")
    leaks = search_bytes("a.zip", out.getvalue(), known)
    assert {(leak.place, leak.found) for leak in leaks} == {
        ("ZIP comment", "Ada Long"),
        ("ZIP user field", "user id 1000"),
        ("ZIP user field", "time zone +01:00"),
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as packed:
        entry = tarfile.TarInfo("a.txt")
        entry.uname = "somebody"
        packed.addfile(entry, io.BytesIO(b""))
    assert [leak.found for leak in search_bytes("a.tar.gz", out.getvalue(), known)] == ["somebody"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"%PDF-1.7 broken"),
        ("a.png", b"\x89PNG\r\n\x1a\nbroken"),
        ("a.xml", b"<a>"),
        ("a.json", b"{"),
        ("a.docx", a_docx(**{"word/document.xml": "<broken"})),
        ("a.pdf", a_pdf(lambda w: w.encrypt("secret"))),
    ],
)
def test_what_cannot_be_opened_is_told(known: list[Identity], name: str, data: bytes) -> None:
    assert "unreadable" in {leak.kind for leak in search_bytes(name, data, known)}


def test_folders_and_files_are_searched_in_order(known: list[Identity], tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b/x.txt").write_text("Ada Long, and Ada Long", encoding="utf-8")
    (tmp_path / "a.txt").write_text("CRD42026123456", encoding="utf-8")
    leaks: list[Leak] = search([tmp_path], known)
    assert [(leak.file, leak.kind, leak.times) for leak in leaks] == [
        ("a.txt", "registration", 1),
        ("b/x.txt", "author name", 2),
    ]
    assert search([tmp_path / "b/x.txt"], known)[0].file == "x.txt"


def test_a_given_name_that_the_family_name_begins_with(tmp_path: Path) -> None:
    plain = a_protocol(authors=[{"given": "Jo", "family": "Johansen"}])
    people = identities(plain, tmp_path, tmp_path)
    assert not found(
        people, "As Johansen et al. [1] showed." + LISTED.replace("Szczepański JA", "Johansen J")
    )


def test_a_common_word_is_not_searched_for_alone(known: list[Identity]) -> None:
    spellings = {i.value: {f.words for f in i.forms} for i in known if i.kind == "author name"}
    assert ("long",) not in spellings["Ada Long"] and ("long", "a") in spellings["Ada Long"]
    assert ("szczepanski",) in spellings["Jörg Anton Szczepański"]
    assert all(("jorg",) not in forms and ("ja",) not in forms for forms in spellings.values())


def test_no_funding_and_no_registration_give_nothing_to_search_for(tmp_path: Path) -> None:
    plain = a_protocol(funding="No funding has been declared for this draft.", registration="Not registered")
    kinds = {identity.kind for identity in identities(plain, tmp_path, tmp_path)}
    assert not kinds & {"funder", "grant number", "registration"}


def test_a_review_adds_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "manuscript").mkdir()
    own = tmp_path / blinding.FILE
    own.write_text("self_citations:\n  - {name: de, pattern: 'unsere frühere Arbeit'}\n", encoding="utf-8")
    text = "Wie unsere frühere Arbeit zeigte."
    assert [leak.kind for leak in search_bytes("a.txt", text.encode(), [], tmp_path)] == ["self-citation"]
    assert search_bytes("a.txt", text.encode(), []) == []


def test_own_words_that_cannot_be_used_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "manuscript").mkdir()
    own = "self_citation: []\nthird_person: ['(']\nacknowledgements: [x]\ncommon_words: y\n"
    (tmp_path / blinding.FILE).write_text(own, encoding="utf-8")
    with pytest.raises(ReviewError) as error:
        blinding.load(tmp_path)
    assert len(error.value.problems) == 4
    assert "self_citations" in str(error.value)
