"""Opening files of every kind that a package holds, down to archives in archives, for the search for leaks."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import json
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from livingreview.submission import blinding
from livingreview.submission.latex_text import readable
from livingreview.submission.leaks_images import image_passages
from livingreview.submission.leaks_markup import markup_passages
from livingreview.submission.leaks_pdf import pdf_passages
from livingreview.submission.leaks_word import office_part
from livingreview.submission.passages import Passage, inside, reference_lists, unreadable

_DEEPEST = 8
_DATA_URI = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w=.-]+)*),([A-Za-z0-9+/=%_.~\s-]+)")
_MARKUP = (".html", ".htm", ".xhtml", ".xml", ".svg", ".jats", ".rels", ".xmp", ".csl", ".opf", ".ncx")
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"II*\x00", ".tif"),
    (b"MM\x00*", ".tif"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"GIF8", ".gif"),
    (b"RIFF", ".webp"),
)


def passages(name: str, data: bytes, known: blinding.Words, depth: int = 0) -> Iterator[Passage]:
    """All text of a file, what it is being told by its content first and by its name second.

    A file that cannot be opened gives a passage at the place ``unreadable``, as nothing is proven of it.
    """
    if depth > _DEEPEST:
        yield unreadable(name, f"archives lie more than {_DEEPEST} deep in each other")
        return

    def embedded(member: str, content: bytes) -> Iterator[Passage]:
        return passages(member, content, known, depth + 1)

    try:
        yield from _opened(name, data, known, embedded)
    except (
        Exception
    ) as error:  # the parsers raise what they like on broken files; each must end in the report
        yield unreadable(name, f"{type(error).__name__}: {error}"[:200])
        yield from raw_strings(name, data)


Embedded = Callable[[str, bytes], Iterator[Passage]]


def _opened(name: str, data: bytes, known: blinding.Words, embedded: Embedded) -> Iterator[Passage]:
    suffix = "." + name.rsplit(".", 1)[-1].lower() if "." in name else ""
    image = next((kind for magic, kind in _IMAGES if data.startswith(magic)), None)
    if zipfile.is_zipfile(io.BytesIO(data)) and data[:2] == b"PK":
        yield from _zip(name, data, known, embedded)
    elif b"%PDF-" in data[:1024]:
        yield from pdf_passages(name, data, known, embedded)
    elif image:
        yield from image_passages(name, data, image)
    elif data[:2] == b"\x1f\x8b":
        yield from _gzip(name, data, embedded)
    elif data[257:262] == b"ustar":
        yield from _tar(name, data, embedded)
    elif _is_text(data):
        yield from _text(name, suffix, data, known, embedded)
    else:
        yield from raw_strings(name, data)


def _is_text(data: bytes) -> bool:
    if data[:4] == b"\xc5\xd0\xd3\xc6":  # EPS with a preview
        return True
    return data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" not in data[:65536]


def decoded(data: bytes) -> str:
    """Bytes as text: by byte order mark, else UTF-8, else Windows-1252."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _text(
    name: str, suffix: str, data: bytes, known: blinding.Words, embedded: Embedded
) -> Iterator[Passage]:
    text = decoded(data)
    if "data:" in text:
        text, files = _without_data_uris(text)
        for number, (kind, content) in enumerate(files, 1):
            yield from inside(embedded(f"embedded {number}.{kind}", content), name)
    start = text[:2000].lstrip().lower()
    if (
        suffix in _MARKUP
        or start.startswith(("<?xml", "<!doctype", "<html"))
        or re.match(r"<[a-z:]+[\s>]", start)
    ):
        yield from markup_passages(
            name, text, known, html=suffix in (".html", ".htm") or "<html" in start[:1000]
        )
    elif suffix in (".json", ".jsonld", ".ipynb", ".geojson"):
        yield from _json(name, text)
    elif suffix == ".bib":
        yield from _bib(name, text)
    elif data[:4] == b"\xc5\xd0\xd3\xc6" or start.startswith("%!ps"):
        yield from _postscript(name, text)
    else:
        if suffix in (".tex", ".ltx", ".bbl", ".sty"):
            text = readable(text)
        yield Passage(name, "body text", "", text, lists=reference_lists(text, known))


def _without_data_uris(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    files: list[tuple[str, bytes]] = []

    def take(match: re.Match[str]) -> str:
        kind, content = (match[1] or "text/plain").split("/")[-1].split("+")[0], match[3]
        try:
            raw = (
                base64.b64decode(re.sub(r"\s", "", unquote(content)))
                if ";base64" in match[2]
                else unquote(content).encode()
            )
        except (binascii.Error, ValueError):
            return match[0]
        files.append((kind, raw))
        return "data:,"

    return _DATA_URI.sub(take, text), files


def _json(name: str, text: str) -> Iterator[Passage]:
    def walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
        if isinstance(value, dict):
            for key, entry in value.items():
                yield f"{path} (key)", str(key)
                yield from walk(entry, f"{path}.{key}" if path else str(key))
        elif isinstance(value, list):
            if value and all(isinstance(entry, str) for entry in value):
                yield path, "".join(value) if value[0].endswith("\n") else "\n".join(value)
            else:
                for number, entry in enumerate(value):
                    yield from walk(entry, f"{path}[{number}]")
        elif value is not None and not isinstance(value, bool):
            yield path, str(value)

    for path, found in walk(json.loads(text), ""):
        yield Passage(name, "key" if path.endswith("(key)") else "body text", path, found)


def _bib(name: str, text: str) -> Iterator[Passage]:
    """A bibliography: names in fields of its entries are cited; notes, owners, file paths and remarks are not."""
    fields = re.compile(
        r"(?im)^[ \t,]*(author|editor|translator|title|booktitle|journal|journaltitle|shorttitle|doi|url|year|date)\s*=\s*"
    )
    plain = re.sub(r"\\[`'^\"~=.uvHtcdbk]\s*|(?<!\\)[{}]", "", text)
    plain = re.sub(r"\\(?:l|L)\b", "l", re.sub(r"\\(?:o|O)\b", "o", plain))
    spans = []
    for match in fields.finditer(plain):
        following = re.search(r"(?m)^[ \t]*(?:[\w-]+\s*=|@)|^\s*$", plain[match.end() :])
        end = match.end() + following.start() if following else len(plain)
        spans.append((match.start(), end))
    yield Passage(name, "body text", "", plain, lists=tuple(spans))


def _postscript(name: str, text: str) -> Iterator[Passage]:
    header = list(re.finditer(r"(?m)^%%?(\w+):?[ \t]*(.*)$", text))
    for match in header:
        person = match[1] in ("For", "Author")
        value = match[2].strip().strip("()")
        yield Passage(name, "image metadata", f"%%{match[1]}", value, person=person)
    unescaped = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8) & 255), text)
    yield Passage(name, "body text", "", re.sub(r"(?m)^%.*$", "", unescaped))


def raw_strings(name: str, data: bytes) -> Iterator[Passage]:
    """Letters in a file of an unknown kind, in one byte and in two bytes each; only long spellings are searched for there."""
    one = [m.decode("utf-8", "replace") for m in re.findall(rb"[\x20-\x7e\xc2-\xf4\x80-\xbf]{5,}", data)]
    two = [m.decode("utf-16-le") for m in re.findall(rb"(?:[\x20-\x7e]\x00){5,}", data)]
    yield Passage(name, "bytes", "", "\n".join([*one, *two]), raw=True)


def _gzip(name: str, data: bytes, embedded: Embedded) -> Iterator[Passage]:
    if data[3] & 8:  # the header holds the name of the file that was packed
        yield Passage(
            name,
            "ZIP member name",
            "gzip header",
            data[10:].split(b"\0", 1)[0].decode("latin-1") if not data[3] & 4 else "",
        )
    yield from inside(embedded(re.sub(r"\.t?gz$", "", name.rsplit("/", 1)[-1]), gzip.decompress(data)), name)


def _tar(name: str, data: bytes, embedded: Embedded) -> Iterator[Passage]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive.getmembers():
            yield Passage(name, "ZIP member name", "", member.name)
            for label, value in (("user", member.uname), ("group", member.gname)):
                if value not in ("", "root"):
                    yield Passage(name, "ZIP user field", f"{member.name}, {label}", value, person=True)
            content = archive.extractfile(member)
            if content is not None:
                yield from inside(embedded(member.name, content.read()), name)


def _zip(name: str, data: bytes, known: blinding.Words, embedded: Embedded) -> Iterator[Passage]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        office = "[Content_Types].xml" in names or "mimetype" in names
        if archive.comment:
            yield Passage(name, "ZIP comment", "", decoded(archive.comment))
        for info in archive.infolist():
            yield Passage(name, "ZIP member name", "", info.filename)
            if info.comment:
                yield Passage(name, "ZIP comment", info.filename, decoded(info.comment))
            yield from _extra(name, info)
            if info.is_dir():
                continue
            if info.flag_bits & 1:
                yield unreadable(f"{name}!{info.filename}", "needs a password")
                continue
            try:
                content = archive.read(info)
            except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError) as error:
                yield unreadable(f"{name}!{info.filename}", str(error))
                continue
            if office and info.filename.endswith((".xml", ".rels", ".vml")):
                try:
                    yield from inside(office_part(info.filename, content, known), name)
                except Exception as error:  # a broken part, see above
                    yield unreadable(f"{name}!{info.filename}", f"{type(error).__name__}: {error}"[:200])
                    yield from inside(raw_strings(info.filename, content), name)
            else:
                yield from inside(embedded(info.filename, content), name)


def _extra(name: str, info: zipfile.ZipInfo) -> Iterator[Passage]:
    """User fields of a member (APPNOTE 4.5, Info-ZIP): a user id other than 0, and a time zone that clock and stamp tell together."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        body, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == 0x7875 and len(body) > 1:
            width = body[1]
            user = int.from_bytes(body[2 : 2 + width], "little")
            if user:
                yield Passage(name, "ZIP user field", info.filename, f"user id {user}", person=True)
        elif kind in (0x5855, 0x7855) and len(body) >= 4:
            user = int.from_bytes(body[-4:-2], "little")
            if user:
                yield Passage(name, "ZIP user field", info.filename, f"user id {user}", person=True)
        elif kind == 0x5455 and len(body) >= 5 and body[0] & 1:
            offset = _zone(info, int.from_bytes(body[1:5], "little", signed=True))
            if offset:
                yield Passage(name, "ZIP user field", info.filename, f"time zone {offset}", person=True)
        elif kind == 0x7075 and len(body) > 5:
            yield Passage(name, "ZIP member name", info.filename, body[5:].decode("utf-8", "replace"))


def _zone(info: zipfile.ZipInfo, stamp: int) -> str:
    import calendar

    minutes = round((calendar.timegm((*info.date_time, 0, 0, 0)) - stamp) / 900) * 15
    if not minutes or abs(minutes) > 14 * 60:
        return ""
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
