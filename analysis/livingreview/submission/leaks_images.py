"""Metadata of pictures: PNG chunks, TIFF tags of every page, EXIF, IPTC, XMP. What is drawn in the pixels cannot be read here."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from PIL import ExifTags, Image, TiffTags

from livingreview.submission.leaks_markup import around, xml_tree
from livingreview.submission.passages import Passage, Place

_PEOPLE_TAGS = {315: "Artist", 316: "HostComputer", 40093: "XPAuthor", 42032: "CameraOwnerName", 33432: ""}
_PEOPLE_KEYS = ("author", "artist", "creator", "owner")
_STRUCTURE = frozenset(
    {
        256,
        257,
        258,
        259,
        262,
        273,
        277,
        278,
        279,
        282,
        283,
        284,
        296,
        317,
        320,
        322,
        323,
        324,
        325,
        338,
        339,
        34675,
    }
)


def image_passages(name: str, data: bytes, kind: str) -> Iterator[Passage]:
    """All text beside the pixels of a PNG, TIFF, JPEG, GIF or WebP. Raises what Pillow raises for a broken file."""
    if kind == ".png":
        yield from _png(name, data)
    with Image.open(io.BytesIO(data)) as image:
        if kind == ".tif":
            for page in range(getattr(image, "n_frames", 1)):
                image.seek(page)
                yield from _tags(name, f"page {page + 1}", "TIFF tag", dict(getattr(image, "tag_v2", {})))
        yield from _exif(name, image)
        if kind not in (".png", ".tif"):
            for key, value in sorted(image.info.items(), key=lambda item: str(item[0])):
                if isinstance(value, str | bytes) and key not in ("exif", "icc_profile"):
                    yield from value_passages(name, "image metadata", str(key), value)
            for marker, value in getattr(image, "applist", []):
                if marker not in ("APP0", "APP2"):
                    yield from value_passages(name, "image metadata", marker, value)
    end = data.rfind(b"IEND") + 8 if kind == ".png" else len(data)
    if kind == ".png" and data[end:]:
        yield Passage(name, "bytes", "after the picture", as_text(data[end:]), raw=True)


def _png(name: str, data: bytes) -> Iterator[Passage]:
    """Text chunks (PNG specification, 11.3.3 and 11.3.2.3)."""
    offset = 8
    while offset + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[offset : offset + 8])
        body, offset = data[offset + 8 : offset + 8 + size], offset + 12 + size
        if kind in (b"tEXt", b"zTXt", b"iTXt", b"iCCP"):
            key, _, rest = body.partition(b"\0")
            label = key.decode("latin-1")
            if kind == b"zTXt":
                text = zlib.decompress(rest[1:]).decode("latin-1")
            elif kind == b"iTXt":
                packed, rest = rest[0], rest[2:]
                rest = rest.split(b"\0", 2)[2]
                text = (zlib.decompress(rest) if packed else rest).decode("utf-8", "replace")
            else:
                text = rest.decode("latin-1") if kind == b"tEXt" else ""
            yield Passage(name, "PNG chunk", f"{kind.decode()} keyword", label)
            if "<x:xmpmeta" in text or "<rdf:RDF" in text:
                yield from xmp_passages(name, f"{kind.decode()} {label}", text.encode())
            else:
                person = label.lower() in _PEOPLE_KEYS
                yield Passage(name, "PNG chunk", f"{kind.decode()} {label}", text, person=person)
        elif kind not in (
            b"IHDR",
            b"IDAT",
            b"PLTE",
            b"IEND",
            b"tRNS",
            b"gAMA",
            b"cHRM",
            b"sRGB",
            b"pHYs",
            b"eXIf",
        ):
            yield Passage(name, "PNG chunk", kind.decode("latin-1"), as_text(body), raw=True)


def _exif(name: str, image: Image.Image) -> Iterator[Passage]:
    exif = image.getexif()
    if image.format != "TIFF":
        yield from _tags(name, "", "EXIF", dict(exif))
    for folder in (0x8769, 0x8825, 0xA005):
        yield from _tags(name, "", "EXIF", dict(exif.get_ifd(folder)))


def _tags(name: str, page: str, place: Place, tags: dict[int, Any]) -> Iterator[Passage]:
    for tag, value in sorted(tags.items()):
        if tag in _STRUCTURE or not isinstance(value, str | bytes | tuple):
            continue
        label = ExifTags.TAGS.get(tag) or TiffTags.lookup(tag).name
        text = value if isinstance(value, str | bytes) else " ".join(map(str, value))
        where = ", ".join(filter(None, [page, label]))
        if tag == 700 and isinstance(text, bytes):
            yield from xmp_passages(name, where, text)
        else:
            yield from value_passages(name, place, where, text, person=bool(_PEOPLE_TAGS.get(tag)))


def value_passages(
    name: str, place: Place, where: str, value: str | bytes, person: bool = False
) -> Iterator[Passage]:
    """A value of metadata as text; XMP among it is read as such."""
    if isinstance(value, bytes) and (b"<x:xmpmeta" in value or b"<rdf:RDF" in value):
        yield from xmp_passages(name, where, value)
    else:
        text = value if isinstance(value, str) else as_text(value)
        if text.strip("\x00 \n"):
            yield Passage(
                name,
                place,
                where,
                text.strip("\x00 "),
                person=person,
                raw=isinstance(value, bytes) and not person,
            )


def xmp_passages(name: str, where: str, data: bytes) -> Iterator[Passage]:
    """Text, attributes and fields for people of an XMP packet; letters in it where it is not well-formed."""
    begin, end = data.find(b"<x:xmpmeta"), data.rfind(b"</x:xmpmeta>")
    packet = data[begin : end + 12] if 0 <= begin < end else data
    if begin < 0 and (start := data.find(b"<rdf:RDF")) >= 0:
        packet = data[start : data.rfind(b"</rdf:RDF>") + 10]
    try:
        tree = xml_tree(packet)
    except (ValueError, SyntaxError):
        yield Passage(name, "XMP", where, as_text(data))
        return
    yield Passage(name, "XMP", where, " \n".join(tree.itertext()))
    for passage in around(name, tree):
        yield Passage(name, "XMP", f"{where} {passage.where}".strip(), passage.text, person=passage.person)


def as_text(data: bytes) -> str:
    """Bytes of metadata as text: UTF-16 where every other byte is zero, else UTF-8, else Latin-1, without control characters."""
    if len(data) >= 6 and data[1::2].count(0) > len(data) // 3:
        text = data.decode("utf-16-le", "replace")
    elif len(data) >= 6 and data[::2].count(0) > len(data) // 3:
        text = data.decode("utf-16-be", "replace")
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]+", "\n", text)
