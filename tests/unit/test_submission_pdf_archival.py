"""PDFs that are what they say, and small ones that are not: each breach is planted, and found by its clause."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typst
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from submission_source import source

from livingreview.errors import ReviewError
from livingreview.publish.pdf_streams import ambiguous_ends, plain_ends
from livingreview.submission import documents, pdf_archival, pdf_font_rules
from livingreview.submission.layout import Layout
from livingreview.submission.pdf_archival import OWN, conformance, installed
from livingreview.submission.pdf_measure import measure

TEXT = b"""
#set document(title: "A title", author: ("Ada Example", "Bo Sample"), keywords: ("one", "two"), date: datetime(year: 2026, month: 11, day: 22))
#set text(lang: "en")
= One
Text with a #link("https://example.org")[link].
== Two
#figure(image(bytes("<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'><rect width='40' height='20' fill='teal' opacity='0.5'/></svg>"), alt: "A box"), caption: [A box.])
#figure(table(columns: 2, table.header[a][b], [1], [2]), caption: [Numbers.])
#math.equation(alt: "x squared", $x^2$)
"""
DYNAMIC = b"""<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><config xmlns="http://www.xfa.org/schema/xci/1.0/"><acrobat><acrobat7>
<dynamicRender>required</dynamicRender></acrobat7></acrobat></config></xdp:xdp>"""
UNSEEN = ("6.1.13", "6.2.3", "6.2.11.2", "6.2.11.3.3", "6.6.2.1", "6.6.3", "7.15")
"""Clauses some of whose breaches the validator (0.11) does not tell."""
Plant = Callable[[PdfWriter], Any]


@cache
def good(*standards: str) -> bytes:
    """A small PDF with everything that a manuscript has."""
    made: Any = typst.compile(
        TEXT,
        format="pdf",
        timestamp=1_763_769_600,
        pdf_standards=list(standards or ("a-2b", "ua-1")),  # type: ignore[arg-type]
        ignore_system_fonts=True,
    )
    return plain_ends(bytes(made))


def name(text: str) -> NameObject:
    return NameObject(f"/{text}")


def dictionary(**entries: Any) -> DictionaryObject:
    return DictionaryObject({name(key): value for key, value in entries.items()})


def stream(data: bytes, **entries: Any) -> StreamObject:
    made = DecodedStreamObject()
    made.set_data(data)
    made.update(dictionary(**entries))
    return made


def root(pdf: PdfWriter) -> Any:
    return pdf.root_object


def first(pdf: PdfWriter, key: str, value: str) -> Any:
    """The first dictionary of the file whose ``key`` is ``value``."""
    return next(
        o for o in pdf._objects if isinstance(o, DictionaryObject) and o.get(f"/{key}") == f"/{value}"
    )


def resource(pdf: PdfWriter, kind: str, entry: Any) -> None:
    """Adds something to the resources of the first page."""
    held = pdf.pages[0]["/Resources"].get_object()
    held.setdefault(name(kind), DictionaryObject()).get_object()[name("Planted")] = pdf._add_object(entry)


def state(**entries: Any) -> Plant:
    def plant(pdf: PdfWriter) -> None:
        resource(pdf, "ExtGState", dictionary(Type=name("ExtGState"), **entries))
        draw(b"/Artifact BMC q /Planted gs 0 0 9 9 re f Q EMC")(pdf)

    return plant


def draw(operators: bytes) -> Plant:
    """Adds operators at the end of the first page, as an artefact."""

    def plant(pdf: PdfWriter) -> None:
        page = pdf.pages[0]
        data = page["/Contents"].get_object().get_data() + b"\n" + operators + b"\n"
        page[name("Contents")] = pdf._add_object(stream(data))

    return plant


def picture(data: bytes = b"\0\0\0", **entries: Any) -> Plant:
    def plant(pdf: PdfWriter) -> None:
        base = {"Type": name("XObject"), "Subtype": name("Image"), "Width": NumberObject(1)}
        base |= {"Height": NumberObject(1), "BitsPerComponent": NumberObject(8)}
        base["ColorSpace"] = name("DeviceRGB")
        resource(pdf, "XObject", stream(data, **(base | entries)))
        draw(b"/Artifact BMC q 9 0 0 9 9 9 cm /Planted Do Q EMC")(pdf)

    return plant


def form(**entries: Any) -> Plant:
    def plant(pdf: PdfWriter) -> None:
        box = ArrayObject([NumberObject(n) for n in (0, 0, 9, 9)])
        base = {"Type": name("XObject"), "Subtype": name("Form"), "BBox": box}
        resource(pdf, "XObject", stream(b"", **(base | entries)))
        draw(b"/Artifact BMC q /Planted Do Q EMC")(pdf)

    return plant


def note(kind: str, **entries: Any) -> Plant:
    def plant(pdf: PdfWriter) -> None:
        page = pdf.pages[0]
        base = {"Type": name("Annot"), "Subtype": name(kind), "F": NumberObject(4)}
        base["Rect"] = ArrayObject([NumberObject(n) for n in (9, 9, 99, 99)])
        page.setdefault(name("Annots"), ArrayObject()).get_object().append(
            pdf._add_object(dictionary(**(base | entries)))
        )

    return plant


def action(**entries: Any) -> Plant:
    return lambda pdf: root(pdf).__setitem__(name("OpenAction"), dictionary(**entries))


def catalogue(**entries: Any) -> Plant:
    return lambda pdf: root(pdf).update(dictionary(**entries))


def without(key: str) -> Plant:
    return lambda pdf: root(pdf).pop(f"/{key}")


def xmp(old: str, new: str) -> Plant:
    def plant(pdf: PdfWriter) -> None:
        text = root(pdf)["/Metadata"].get_object().get_data().decode()
        assert re.search(old, text)
        changed = stream(re.sub(old, new, text).encode(), Type=name("Metadata"), Subtype=name("XML"))
        root(pdf)[name("Metadata")] = pdf._add_object(changed)

    return plant


def entry(kind: str, value: str, **entries: Any) -> Plant:
    """Changes entries of the first dictionary of a kind; None takes one away."""

    def plant(pdf: PdfWriter) -> None:
        held = first(pdf, kind, value)
        for key, changed in entries.items():
            if changed is None:
                del held[f"/{key}"]
            else:
                held[name(key)] = changed

    return plant


def embedded(data: bytes, *, names: tuple[str, ...] = ("F", "UF")) -> Plant:
    def plant(pdf: PdfWriter) -> None:
        file = pdf._add_object(stream(data, Type=name("EmbeddedFile"), Subtype=name("application/pdf")))
        said = {key: TextStringObject("a.pdf") for key in names}
        made = dictionary(Type=name("Filespec"), EF=dictionary(F=file), **said)
        tree = ArrayObject([TextStringObject("a.pdf"), pdf._add_object(made)])
        held = root(pdf).setdefault(name("Names"), DictionaryObject()).get_object()
        held[name("EmbeddedFiles")] = dictionary(Names=tree)

    return plant


def optional(**entries: Any) -> Plant:
    def plant(pdf: PdfWriter) -> None:
        group = pdf._add_object(dictionary(Type=name("OCG"), Name=TextStringObject("a")))
        configuration = dictionary(**({"Name": TextStringObject("b")} | entries))
        root(pdf)[name("OCProperties")] = dictionary(OCGs=ArrayObject([group]), D=configuration)

    return plant


def intent(plant: Callable[[PdfWriter, Any], Any]) -> Plant:
    return lambda pdf: plant(pdf, root(pdf)["/OutputIntents"][0].get_object())


def no_intent(pdf: PdfWriter) -> None:
    del root(pdf)["/OutputIntents"]
    draw(b"/Artifact BMC 1 0 0 rg 0 0 9 9 re f EMC")(pdf)


def wrong_profile(pdf: PdfWriter, held: Any) -> None:
    held[name("DestOutputProfile")] = pdf._add_object(stream(b"none", N=NumberObject(3)))


def wrong_count(pdf: PdfWriter, held: Any) -> None:
    held["/DestOutputProfile"].get_object()[name("N")] = NumberObject(4)


def no_font_file(pdf: PdfWriter) -> None:
    for held in pdf._objects:
        if isinstance(held, DictionaryObject) and held.get("/Type") == "/FontDescriptor":
            for key in ("/FontFile2", "/FontFile3"):
                held.pop(key, None)


def standard_font(pdf: PdfWriter) -> None:
    resource(
        pdf,
        "Font",
        dictionary(Type=name("Font"), Subtype=name("Type1"), BaseFont=name("Helvetica"), Encoding=name("WinAnsiEncoding")),
    )  # fmt: skip
    draw(b"/Artifact BMC BT /Planted 9 Tf 9 9 Td (a) Tj ET EMC")(pdf)


def font_of_pattern(pdf: PdfWriter) -> None:
    """A font that only a tiling pattern uses."""
    helvetica = dictionary(
        Type=name("Font"), Subtype=name("Type1"), BaseFont=name("Helvetica"), Encoding=name("WinAnsiEncoding")
    )
    resources = dictionary(Font=dictionary(Q=pdf._add_object(helvetica)))
    box = ArrayObject([NumberObject(n) for n in (0, 0, 9, 9)])
    tile = {
        "Type": name("Pattern"), "PatternType": NumberObject(1), "PaintType": NumberObject(1),
        "TilingType": NumberObject(1), "BBox": box, "XStep": NumberObject(9), "YStep": NumberObject(9),
        "Resources": resources,
    }  # fmt: skip
    resource(pdf, "Pattern", stream(b"BT /Q 9 Tf (a) Tj ET", **tile))
    draw(b"/Artifact BMC /Pattern cs /Planted scn 0 0 9 9 re f EMC")(pdf)


def cid_set(pdf: PdfWriter) -> None:
    """The set of a font forgets all characters but the first."""
    for held in pdf._objects:
        if isinstance(held, DictionaryObject) and held.get("/Type") == "/FontDescriptor":
            held[name("CIDSet")] = pdf._add_object(stream(b"\x80"))


def no_map(pdf: PdfWriter) -> None:
    for held in pdf._objects:
        if isinstance(held, DictionaryObject) and str(held.get("/Subtype")) == "/CIDFontType0":
            held[name("Subtype")] = name("CIDFontType2")


def lzw(pdf: PdfWriter) -> None:
    # A clear code and the end of the data, in nine bits each.
    resource(pdf, "XObject", stream(b"\x80\x40\x40", Filter=name("LZWDecode")))
    held = pdf._objects[-1]
    held.update(dictionary(Type=name("XObject"), Subtype=name("Form")))  # type: ignore[union-attr]
    held[name("BBox")] = ArrayObject([NumberObject(n) for n in (0, 0, 9, 9)])  # type: ignore[index]


def other_file(pdf: PdfWriter) -> None:
    form(F=TextStringObject("a.bin"))(pdf)


def information(pdf: PdfWriter) -> None:
    pdf.add_metadata({"/Title": "Another title"})


def information_date(pdf: PdfWriter) -> None:
    pdf.add_metadata({"/CreationDate": "D:20200101000000Z"})


def jpeg2000(channels: int, method: int = 1, space: int = 16) -> Plant:
    header = (1).to_bytes(4, "big") * 2 + channels.to_bytes(2, "big") + b"\x07\x07\0\0"
    boxes = b"\0\0\0\x16ihdr" + header + b"\0\0\0\x0fcolr" + bytes((method, 0, 0)) + space.to_bytes(4, "big")
    return picture(data=boxes + b"\0\0\0\0jp2c", Filter=name("JPXDecode"))


def reference(pdf: PdfWriter) -> None:
    """A second output intent, for printing, whose profile stands elsewhere."""
    made = dictionary(
        S=name("GTS_PDFX"), DestOutputProfileRef=dictionary(), OutputConditionIdentifier=TextStringObject("a")
    )
    root(pdf)["/OutputIntents"].append(pdf._add_object(made))


ARCHIVE: list[tuple[str, Plant]] = [
    ("6.1.7.1", other_file),
    ("6.1.7.2", lzw),
    ("6.1.10", draw(b"/Artifact BMC q BI /W 1 /H 1 /BPC 8 /CS /RGB /F /LZW ID \x80\x40\x40 EI Q EMC")),
    ("6.1.12", catalogue(Perms=dictionary(Other=dictionary()))),
    ("6.1.13", draw(b"q " * 40 + b"Q " * 40)),
    ("6.1.13", lambda pdf: pdf.pages[0].update({name("MediaBox"): ArrayObject([NumberObject(n) for n in (0, 0, 20000, 20000)])})),
    ("6.1.13", catalogue(Planted=name("a"), **{"a" * 130: NumberObject(1)})),
    ("6.1.13", catalogue(Planted=TextStringObject("a" * 40000))),
    ("6.2.3", intent(wrong_profile)),
    ("6.2.3", intent(wrong_count)),
    ("6.2.3", reference),
    ("6.2.4.3", no_intent),
    ("6.2.4.3", draw(b"/Artifact BMC 0 0 0 1 k 0 0 9 9 re f EMC")),
    ("6.2.4.3", draw(b"/Artifact BMC /DeviceCMYK cs 0 0 0 1 sc 0 0 9 9 re f EMC")),
    ("6.2.4.3", picture(ColorSpace=name("DeviceCMYK"), data=b"\0\0\0\0")),
    ("6.2.5", state(TR=name("Identity"))),
    ("6.2.5", state(TR2=name("Identity"))),
    ("6.2.5", state(HTP=ArrayObject([NumberObject(0), NumberObject(0)]))),
    ("6.2.5", state(HT=dictionary(Type=name("Halftone"), HalftoneType=NumberObject(6)))),
    ("6.2.5", state(HT=dictionary(HalftoneType=NumberObject(1), HalftoneName=TextStringObject("a")))),
    ("6.2.6", state(RI=name("Other"))),
    ("6.2.6", draw(b"/Artifact BMC /Other ri EMC")),
    ("6.2.6", picture(Intent=name("Other"))),
    ("6.2.8.1", picture(Interpolate=BooleanObject(True))),
    ("6.2.8.1", picture(Alternates=ArrayObject())),
    ("6.2.8.1", picture(OPI=dictionary())),
    ("6.2.8.1", draw(b"/Artifact BMC q BI /W 1 /H 1 /BPC 8 /CS /G /I true ID a EI Q EMC")),
    ("6.2.8.3", jpeg2000(2)),
    ("6.2.8.3", jpeg2000(3, space=19)),
    ("6.2.9", form(PS=stream(b""))),
    ("6.2.9", form(OPI=dictionary())),
    ("6.2.9", form(Ref=dictionary())),
    ("6.2.9", form(Subtype=name("PS"))),
    ("6.2.10", state(BM=name("Other"))),
    ("6.2.11.2", entry("Subtype", "Type0", Subtype=name("Other"))),
    ("6.2.11.2", entry("Subtype", "Type0", DescendantFonts=ArrayObject())),
    (
        "6.2.11.3.1",
        entry(
            "Subtype", "Type0",
            Encoding=stream(b"", CIDSystemInfo=dictionary(Registry=TextStringObject("Adobe"), Ordering=TextStringObject("Japan1"))),
        ),
    ),
    ("6.2.11.3.2", no_map),
    ("6.2.11.3.3", entry("Subtype", "Type0", Encoding=None)),
    ("6.2.11.4.1", no_font_file),
    ("6.2.11.4.1", standard_font),
    ("6.2.11.4.1", font_of_pattern),
    ("6.2.11.4.2", cid_set),
    ("6.3.1", note("Movie")),
    ("6.3.2", note("Link", F=NullObject(), Contents=TextStringObject("a"))),
    ("6.3.2", note("Link", F=NumberObject(0), Contents=TextStringObject("a"))),
    ("6.3.2", note("Link", F=NumberObject(6), Contents=TextStringObject("a"))),
    ("6.3.3", note("Square", Contents=TextStringObject("a"))),
    ("6.3.3", note("Square", AP=dictionary(N=stream(b""), D=stream(b"")))),
    ("6.4.1", note("Widget", AP=dictionary(N=stream(b"")), A=dictionary(S=name("URI")))),
    ("6.4.1", catalogue(AcroForm=dictionary(NeedAppearances=BooleanObject(True), Fields=ArrayObject()))),
    ("6.4.1", catalogue(AcroForm=dictionary(Fields=ArrayObject([dictionary(AA=dictionary())])))),
    ("6.4.2", catalogue(AcroForm=dictionary(XFA=stream(b""), Fields=ArrayObject()))),
    ("6.4.2", catalogue(NeedsRendering=BooleanObject(True))),
    ("6.5.1", action(S=name("JavaScript"), JS=TextStringObject("1"))),
    ("6.5.1", action(S=name("Launch"), F=TextStringObject("a"))),
    ("6.5.1", action(S=name("Named"), N=name("Print"))),
    ("6.5.1", note("Link", A=dictionary(S=name("Hide")), Contents=TextStringObject("a"))),
    ("6.5.2", catalogue(AA=dictionary())),
    ("6.5.2", lambda pdf: pdf.pages[0].update(dictionary(AA=dictionary()))),
    ("6.6.2.1", xmp("begin=", "bytes='9' begin=")),
    ("6.6.2.1", xmp(r"(?s)<\?xpacket.*?\?>", "")),
    ("6.6.4", xmp("<pdfaid:conformance>B", "<pdfaid:conformance>C")),
    ("6.6.3", information),
    ("6.6.3", information_date),
    ("6.8", embedded(b"no PDF")),
    ("6.8", embedded(good(), names=("F",))),
    ("6.9", optional(Name=NullObject())),
    ("6.9", optional(AS=ArrayObject())),
    ("6.9", optional(Order=ArrayObject())),
    ("6.10", lambda pdf: pdf.pages[0].update(dictionary(PresSteps=dictionary()))),
    ("6.10", lambda pdf: root(pdf).setdefault(name("Names"), DictionaryObject()).get_object().update(dictionary(AlternatePresentations=dictionary()))),
    ("6.11", catalogue(Requirements=ArrayObject())),
]  # fmt: skip
ACCESS: list[tuple[str, Plant]] = [
    ("6.2", without("MarkInfo")),
    ("7.1", without("StructTreeRoot")),
    ("7.1", catalogue(MarkInfo=dictionary(Marked=BooleanObject(True), Suspects=BooleanObject(True)))),
    ("7.1", catalogue(ViewerPreferences=dictionary(DisplayDocTitle=BooleanObject(False)))),
    ("7.1", xmp("(?s)<dc:title>.*?</dc:title>", "")),
    ("7.1", draw(b"BT /f0 9 Tf 9 9 Td <0001> Tj ET")),
    ("7.2", without("Lang")),
    ("7.2", entry("S", "TR", S=name("LI"))),
    ("7.3", entry("S", "Figure", Alt=None)),
    ("7.4.2", entry("S", "H1", S=name("H3"))),
    ("7.4.4", entry("S", "H2", S=name("H"))),
    ("7.5", entry("S", "TH", A=None, ID=None)),
    ("7.7", entry("S", "Formula", Alt=None)),
    ("7.9", entry("S", "Caption", S=name("Note"))),
    ("7.15", catalogue(AcroForm=dictionary(XFA=stream(DYNAMIC), Fields=ArrayObject()))),
    ("7.18.1", note("Square", Contents=TextStringObject("a"), AP=dictionary(N=stream(b"")))),
    ("7.18.2", note("TrapNet")),
    ("7.18.3", lambda pdf: pdf.pages[0].pop("/Tabs")),
    ("7.18.5", note("Link", Contents=TextStringObject("a"))),
    ("7.18.5", entry("Subtype", "Link", Contents=None)),
    ("7.21.4.1", no_font_file),
    ("7.21.7", entry("Subtype", "Type0", ToUnicode=None)),
]


def _streams_apart(pdf: PdfWriter, value: Any) -> None:
    """Streams are objects of their own."""
    if isinstance(value, DictionaryObject):
        for key, inner in dict.items(value):
            _streams_apart(pdf, inner)
            if isinstance(inner, StreamObject):
                value[key] = pdf._add_object(inner)


def planted(plant: Plant) -> bytes:
    pdf = PdfWriter(clone_from=io.BytesIO(good()))
    plant(pdf)
    for held in list(pdf._objects):
        _streams_apart(pdf, held)
    made = io.BytesIO()
    pdf.write(made)
    return plain_ends(made.getvalue())


def found(content: bytes, folder: Path) -> tuple[str, ...]:
    path = folder / "a.pdf"
    path.write_bytes(content)
    return conformance(path).problems


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Own rules only."""
    monkeypatch.setattr(pdf_archival, "installed", lambda: "")


@pytest.mark.parametrize("content", [good(), planted(lambda pdf: None)], ids=["typst", "written again"])
def test_good(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    result = conformance(path)
    assert result.claims == ("2b", "ua-1")
    assert result.problems == ()
    assert OWN in result.validator


@pytest.mark.parametrize(("clause", "plant"), ARCHIVE)
def test_archive_breach(clause: str, plant: Plant, tmp_path: Path, alone: None) -> None:
    assert any(f"(ISO 19005-2, {clause})" in p for p in found(planted(plant), tmp_path))


@pytest.mark.parametrize(("clause", "plant"), ACCESS)
def test_access_breach(clause: str, plant: Plant, tmp_path: Path, alone: None) -> None:
    assert any(f"(ISO 14289-1, {clause})" in p for p in found(planted(plant), tmp_path))


def test_the_validator_agrees() -> None:
    """What is planted is a breach for others too."""
    page = pytest.importorskip("page", reason="page-validation is not installed")
    cases = [("2b", *case) for case in ARCHIVE] + [("ua1", *case) for case in ACCESS]
    passed = [
        (claim, clause, number)
        for number, (claim, clause, plant) in enumerate(cases)
        if clause not in UNSEEN and page.validate_pdf_bytes(planted(plant), profile=claim).is_compliant
    ]
    assert passed == []


def raw(old: bytes, new: bytes) -> bytes:
    changed = good().replace(old, new, 1)
    assert changed != good()
    return changed


@pytest.mark.parametrize(
    ("clause", "content"),
    [
        ("6.1.2", raw(b"%PDF-1.7", b"%PDF-2.0")),
        ("6.1.2", raw(b"\n%\x80\x80\x80\x80", b"\n%aaaa")),
        ("6.1.3", re.sub(rb"/ID\b", b"/Id", good())),
        ("6.1.3", good() + b"\nmore"),
    ],
)
def test_breach_of_the_file(clause: str, content: bytes, tmp_path: Path, alone: None) -> None:
    assert any(f"(ISO 19005-2, {clause})" in p for p in found(content, tmp_path))


def test_encrypted(tmp_path: Path, alone: None) -> None:
    for password, readable in (("", True), ("secret", False)):
        pdf = PdfWriter(clone_from=io.BytesIO(good()))
        pdf.encrypt(password, "owner", algorithm="RC4-128")
        path = tmp_path / "a.pdf"
        pdf.write(path)
        if readable:
            assert "the file is encrypted (ISO 19005-2, 6.1.3)" in conformance(path).problems
        else:
            with pytest.raises(ReviewError, match="locked"):
                conformance(path)


def test_ends_of_streams(tmp_path: Path, alone: None) -> None:
    """Data that end with a carriage return, and those that only look so."""
    data = b"a\nstream\nb\r\nendstream\n\r"
    content = b"%%PDF-1.7\n1 0 obj\n<</Length %d/Other<<>>>>\nstream\n%s\nendstream\nendobj\n" % (
        len(data),
        data,
    )
    start = content.index(data)
    assert list(ambiguous_ends(content)) == [(start, len(data))]
    mended = plain_ends(content)
    assert len(mended) == len(content) and mended[start : start + len(data)] == data
    assert mended[start + len(data) :].startswith(b"\rendstream") and not list(ambiguous_ends(mended))
    assert plain_ends(good()) == good()
    # Written by somebody else.
    pdf = PdfWriter(clone_from=io.BytesIO(good()))
    root(pdf)[name("Planted")] = pdf._add_object(stream(b"a\r"))
    made = io.BytesIO()
    pdf.write(made)
    assert any("(ISO 19005-2, 6.1.7.1)" in p for p in found(made.getvalue(), tmp_path))
    assert not found(plain_ends(made.getvalue()), tmp_path)


def test_no_claim(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(good("1.7"))
    assert conformance(path) == pdf_archival.Conformance((), OWN, ())


def test_other_claims(tmp_path: Path, alone: None) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(good("a-3b"))
    assert conformance(path) == pdf_archival.Conformance(("3b",), OWN, ("whether it is 3b was not checked",))
    path.write_bytes(good("ua-1"))
    assert conformance(path) == pdf_archival.Conformance(("ua-1",), OWN, ())


@pytest.mark.parametrize("content", [b"", b"text", good()[:2000]])
def test_no_pdf(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    with pytest.raises(ReviewError, match="not a PDF that can be read"):
        conformance(path)


def test_many_of_one_are_told_once(tmp_path: Path, alone: None) -> None:
    def plant(pdf: PdfWriter) -> None:
        for _ in range(3):
            note("Link", F=NumberObject(0), Contents=TextStringObject("a"))(pdf)

    said = [p for p in found(planted(plant), tmp_path) if "6.3.2" in p]
    assert said == ["an annotation (Link) that is hidden or is not printed (ISO 19005-2, 6.3.2), 3 times"]


def test_widths_of_glyphs(tmp_path: Path) -> None:
    """The validator misreads the widths of fonts such as this one, which are right; where they are wrong, its word stands."""
    import cvttf_NotoSansCJK_Regular as cjk

    made: Any = typst.compile(
        TEXT.replace(b"= One", '#set text(font: "Noto Sans CJK TC")\n= 石灰'.encode()),
        format="pdf",
        timestamp=1_763_769_600,
        pdf_standards=["a-2b", "ua-1"],
        ignore_system_fonts=True,
        font_paths=[Path(str(cjk.__file__)).parent],
    )
    path = tmp_path / "a.pdf"
    path.write_bytes(plain_ends(bytes(made)))
    result = conformance(path)
    assert result.problems == ()
    if installed():
        assert "refuted" in result.validator
    pdf = PdfWriter(clone_from=path)
    fonts = [
        f for f in pdf._objects if isinstance(f, DictionaryObject) and f.get("/Subtype") == "/CIDFontType0"
    ]
    font = next(f for f in fonts if "CJK" in str(f["/BaseFont"]))
    assert pdf_font_rules.wrong_widths(font) == []
    font[name("W")] = ArrayObject([NumberObject(0), NumberObject(500), NumberObject(123)])
    wrong = pdf_font_rules.wrong_widths(font)
    assert wrong and 1 in wrong
    pdf.write(path)
    if installed():
        assert any("GLYPH-WIDTH" in p for p in conformance(path).problems)


def test_files_for_journals(tmp_path: Path) -> None:
    """All PDFs of a package with ``archival`` are what they say, and have it for their titles, languages and pictures."""
    given, layout = source(tmp_path / "review"), Layout(archival=True)
    made = [
        *documents.manuscript(given, layout, tmp_path / "m", formats=("pdf",)).files,
        *documents.manuscript(given, Layout(archival=True, figures="end", tables="end", blinded=True), tmp_path / "b", formats=("pdf",)).files,
        *documents.title_page_file(given, layout, tmp_path / "t", {}, formats=("pdf",)).files,
        *documents.statements_file(given, layout, tmp_path / "s", formats=("pdf",)).files,
        *documents.cover_letter_file(given, layout, tmp_path / "c", "A journal", formats=("pdf",)).files,
        *documents.response_file(given, layout, tmp_path / "r", "A journal", formats=("pdf",)).files,
        *(f for w in documents.table_files(given, layout, tmp_path, formats=("pdf",)) for f in w.files),
    ]  # fmt: skip
    assert len(made) == 7
    for path in made:
        result = conformance(path)
        assert (result.claims, result.problems) == (("2b", "ua-1"), ()), path.name
        seen = measure(path)
        assert seen.title and seen.language and seen.shows_title and not seen.figures_without_alt
        assert all(font.embedded and font.unicode for font in seen.fonts)


def test_what_a_file_denies_is_not_measured_as_said(tmp_path: Path) -> None:
    def plant(pdf: PdfWriter) -> None:
        no = BooleanObject(False)
        catalogue(ViewerPreferences=dictionary(DisplayDocTitle=no), MarkInfo=dictionary(Marked=no))(pdf)

    path = tmp_path / "a.pdf"
    path.write_bytes(planted(plant))
    assert (measure(path).shows_title, measure(path).tagged) == (False, False)
