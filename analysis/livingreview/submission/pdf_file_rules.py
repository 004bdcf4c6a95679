"""ISO 19005-2, level B: structure of the file, metadata, output intents, what may be in it beside pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pypdf.generic import StreamObject

from livingreview.publish.pdf_streams import ambiguous_ends
from livingreview.submission.pdf_objects import Objects, get, listed, xmp

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PDF = "{http://ns.adobe.com/pdf/1.3/}"
_IDENTIFICATION = {
    "a": "{http://www.aiim.org/pdfa/ns/id/}",
    "ua": "{http://www.aiim.org/pdfua/ns/id/}",
}
_SAME = {
    "/Title": f"{_DC}title",
    "/Author": f"{_DC}creator",
    "/Subject": f"{_DC}description",
    "/Keywords": f"{_PDF}Keywords",
    "/Creator": f"{_XMP}CreatorTool",
    "/Producer": f"{_PDF}Producer",
    "/CreationDate": f"{_XMP}CreateDate",
    "/ModDate": f"{_XMP}ModifyDate",
}
_CLASSES = (b"prtr", b"mntr", b"scnr", b"spac")
_DEEPEST_Q = 28
_LONGEST_NAME = 127
_LONGEST_STRING = 32767
_PAGE = (3.0, 14400.0)
_Q = re.compile(rb"(?<=\s)([qQ])(?=\s)")


def claims(pdf: Objects) -> tuple[str, ...]:
    """What the file says that it is: ``2b``, ``ua-1``."""
    said = xmp(pdf.root)
    a, ua = _IDENTIFICATION["a"], _IDENTIFICATION["ua"]
    archival = said.get(f"{a}part", "") + said.get(f"{a}conformance", "").lower()
    accessible = said.get(f"{ua}part", "")
    return tuple(c for c in (archival, f"ua-{accessible}" if accessible else "") if c)


def problems(pdf: Objects) -> Iterator[tuple[str, str]]:
    """Clause and what is against it."""
    yield from _structure(pdf)
    yield from _limits(pdf)
    yield from _metadata(pdf)
    yield from _output_intents(pdf)
    yield from _beside(pdf)


def _structure(pdf: Objects) -> Iterator[tuple[str, str]]:
    if not re.match(rb"%PDF-1\.[0-7][\r\n]", pdf.data):
        yield "6.1.2", "the file does not begin with %PDF-1.0 to %PDF-1.7"
    second = pdf.data[:64].splitlines()[1:2]
    if not second or not re.match(rb"%[\x80-\xff]{4}", second[0]):
        yield "6.1.2", "the second line is not a comment of four bytes above 127"
    identifiers = listed(pdf.trailer.get("/ID"))
    if len(identifiers) != 2:
        yield "6.1.3", "the trailer has no file identifier"
    if pdf.trailer.get("/Encrypt") is not None:
        yield "6.1.3", "the file is encrypted"
    if pdf.data.rpartition(b"%%EOF")[2].strip(b"\r\n"):
        yield "6.1.3", "something stands behind the end of the file"
    for place, length in ambiguous_ends(pdf.data):
        yield (
            "6.1.7.1",
            f"the stream at byte {place} ({length} bytes) ends in a line feed or carriage return that may be its data or its end",
        )
    for part in pdf.untagged:
        stream = part.value
        if not isinstance(stream, StreamObject):
            continue
        if any(name in stream for name in ("/F", "/FFilter", "/FDecodeParms")):
            yield "6.1.7.1", f"{part}: a stream stands in another file"
        filters = [str(f) for f in listed(stream.get("/Filter"))]
        if "/LZWDecode" in filters:
            yield "6.1.7.2", f"{part}: LZW compression"
        parameters = listed(stream.get("/DecodeParms"))
        crypt = [get(p, "/Name") for f, p in zip(filters, parameters, strict=False) if f == "/Crypt"]
        if "/Crypt" in filters and any(name not in (None, "/Identity") for name in crypt):
            yield "6.1.7.2", f"{part}: an encrypted stream"
    for content in pdf.contents:
        if any(re.search(rb"/(?:LZW|LZWDecode|Crypt)\b", inline) for inline in content.inline):
            yield "6.1.10", f"{content.place}: LZW compression or encryption of an inline picture"


def _limits(pdf: Objects) -> Iterator[tuple[str, str]]:
    for part in pdf.parts:
        for name, value in dict.items(part.value):
            if len(name) > _LONGEST_NAME:
                yield "6.1.13", f"{part}: a name of more than {_LONGEST_NAME} bytes"
            if isinstance(value, (str, bytes)) and len(value) > _LONGEST_STRING:
                yield "6.1.13", f"{part}: a string of more than {_LONGEST_STRING} bytes"
    for content in pdf.contents:
        depth = deepest = 0
        for found in _Q.finditer(content.operators):
            depth += 1 if found[1] == b"q" else -1
            deepest = max(deepest, depth)
        if deepest > _DEEPEST_Q:
            yield (
                "6.1.13",
                f"{content.place}: saves its state {deepest} deep, at most {_DEEPEST_Q} are allowed",
            )
    for number, page in enumerate(pdf.pages, 1):
        sides = (float(page.mediabox.width), float(page.mediabox.height))
        if not all(_PAGE[0] <= side <= _PAGE[1] for side in sides):
            yield "6.1.13", f"page {number} is smaller than 3 or larger than 14400 units"


def _metadata(pdf: Objects) -> Iterator[tuple[str, str]]:
    stream = get(pdf.root, "/Metadata")
    if not isinstance(stream, StreamObject):
        yield "6.6.2.1", "no XMP metadata"
        return
    text = stream.get_data()
    if stream.get("/Filter") is not None:
        yield "6.6.2.1", "the XMP metadata are compressed"
    opening = re.search(rb"<\?xpacket begin=[^>]*\?>", text)
    if opening is None:
        yield "6.6.2.1", "the XMP metadata are no packet"
    elif re.search(rb"\b(?:bytes|encoding)=", opening[0]):
        yield "6.6.2.1", "the XMP packet gives its length or encoding"
    said = xmp(pdf.root)
    if not said:
        yield "6.6.2.1", "the XMP metadata cannot be read"
    prefix = _IDENTIFICATION["a"]
    if said.get(f"{prefix}part") != "2":
        yield "6.6.4", "the part of PDF/A is not 2"
    if said.get(f"{prefix}conformance") not in ("A", "B", "U"):
        yield "6.6.4", "the level of PDF/A is not A, B or U"
    information = get(pdf.trailer, "/Info") or {}
    for key, name in _SAME.items():
        written = information.get(key)
        if written is None:
            continue
        value = str(written)
        if key.endswith("Date"):
            agree = _moment(value) == _moment(said.get(name, ""))
        else:
            agree = " ".join(value.split()) == said.get(name, "")
            agree = agree or (key == "/Author" and value.split(", ") == said.get(name, "").split("; "))
        if not agree:
            shown = f"{key[1:]} of the document information is not that of the XMP metadata"
            yield "6.6.3", shown


def _moment(text: str) -> tuple[str, str]:
    """Digits of a day and time, and its zone, in either notation; seconds and parts that are not given are the first."""
    found = re.fullmatch(r"(?:D:)?([\d\-T:]*?)(?:\.\d+)?(Z|[+-]\d\d[:']?\d\d'?)?[\s0']*", text.strip())
    if not found:
        return text, ""
    digits = re.sub(r"\D", "", found[1])
    zone = re.sub(r"[:']", "", found[2] or "Z")
    start = "00000101000000"
    return digits + start[len(digits) :], "Z" if zone in ("+0000", "-0000") else zone


def profile_space(intent: Any) -> bytes:
    """The colour space of an output intent's ICC profile (``RGB ``, ``CMYK``, ``GRAY``); empty without a profile that can be read."""
    stream = get(intent, "/DestOutputProfile")
    header = stream.get_data()[:128] if isinstance(stream, StreamObject) else b""
    good = len(header) == 128 and header[36:40] == b"acsp" and header[12:16] in _CLASSES and header[8] <= 4
    return bytes(header[16:20]) if good else b""


def _output_intents(pdf: Objects) -> Iterator[tuple[str, str]]:
    intents = listed(get(pdf.root, "/OutputIntents"))
    for intent in intents:
        stream = get(intent, "/DestOutputProfile")
        if get(intent, "/S") == "/GTS_PDFA1":
            space = profile_space(intent)
            if not space:
                yield "6.2.3", "the output intent has no ICC profile for a device"
            elif get(stream, "/N") != {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}.get(space):
                yield "6.2.3", "the number of components of the output profile is not that of its colours"
        if get(intent, "/S") == "/GTS_PDFX" and get(intent, "/DestOutputProfileRef") is not None:
            yield "6.2.3", "the output profile stands in another file"
    profiles = {id(get(i, "/DestOutputProfile")) for i in intents if get(i, "/DestOutputProfile") is not None}
    if len(profiles) > 1:
        yield "6.2.3", "the output intents have different profiles"


def _beside(pdf: Objects) -> Iterator[tuple[str, str]]:
    root = pdf.root
    for part in pdf.untagged:
        embedded = get(part.value, "/EF")
        if embedded is None:
            continue
        if get(part.value, "/F") is None or get(part.value, "/UF") is None:
            yield "6.8", f"{part}: an embedded file without both of its names"
        for stream in {id(v): v for v in (get(embedded, name) for name in embedded)}.values():
            if isinstance(stream, StreamObject) and not _archival(stream.get_data()):
                yield "6.8", f"{part}: an embedded file that does not say that it is PDF/A-1 or PDF/A-2"
    options = get(root, "/OCProperties")
    if options is not None:
        yield from _optional(options)
    if get(root, "/Names", "/AlternatePresentations") is not None:
        yield "6.10", "alternate presentations"
    if any(get(page, "/PresSteps") is not None for page in pdf.pages):
        yield "6.10", "presentation steps"
    if get(root, "/Requirements") is not None:
        yield "6.11", "the document has requirements"
    if set(get(root, "/Perms") or {}) - {"/UR3", "/DocMDP"}:
        yield "6.1.12", "permissions other than /UR3 and /DocMDP"


def _optional(options: Any) -> Iterator[tuple[str, str]]:
    groups = {id(group) for group in listed(get(options, "/OCGs"))}
    configurations = [*listed(get(options, "/D")), *listed(get(options, "/Configs"))]
    names = [str(get(c, "/Name") or "") for c in configurations]
    if not all(names):
        yield "6.9", "a configuration of optional content without a name"
    if len(set(names)) < len(names):
        yield "6.9", "two configurations of optional content have one name"
    for configuration in configurations:
        if get(configuration, "/AS") is not None:
            yield "6.9", "optional content that shows itself by usage (/AS)"
        order = get(configuration, "/Order")
        if order is not None and groups - set(_ordered(order)):
            yield "6.9", "the order of optional content does not name every group"


def _ordered(order: Any) -> Iterator[int]:
    for entry in listed(order):
        if isinstance(entry, list):
            yield from _ordered(entry)
        else:
            yield id(entry)


def _archival(data: bytes) -> bool:
    """Whether data are a PDF that says that it is PDF/A-1 or PDF/A-2."""
    if not data.startswith(b"%PDF-"):
        return False
    try:
        return any(claim[0] in "12" for claim in claims(Objects.of(data)))
    except Exception:
        return False
