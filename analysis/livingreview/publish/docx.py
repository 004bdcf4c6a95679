"""Word files made canonical: no clock, no user name, and the page furniture on every section."""

from __future__ import annotations

import io
import re
import zipfile
from html import escape
from pathlib import Path
from typing import Any

from livingreview.publish.escape import flat

_EPOCH = (1980, 1, 1, 0, 0, 0)
_FURNITURE = re.compile(r"<w:(?:header|footer)Reference\b[^>]*/>")

_NO_PROGRAM = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
)


def normalise(path: Path, metadata: dict[str, Any]) -> None:
    """Rewrite a DOCX in place so that equal content is equal bytes.

    ZIP entries lose their times, the authors of the metadata become the document's creators, every section gets the
    header and footer of the last one (pandoc writes them only there), table rows do not break over pages.
    """
    with zipfile.ZipFile(path) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()]
    # Pandoc copies every setting of the project into custom properties; readers of the document need none of them.
    entries = [(name, _without_custom(content)) for name, content in entries if name != "docProps/custom.xml"]
    for index, (name, content) in enumerate(entries):
        if name == "word/document.xml":
            entries[index] = (name, _document(content.decode("utf-8")).encode("utf-8"))
        elif name == "docProps/core.xml":
            entries[index] = (name, _core(content.decode("utf-8"), metadata).encode("utf-8"))
        elif name == "docProps/app.xml":
            # Pandoc's model names a word processor that never saw the file, and counts of a text without words.
            entries[index] = (name, _NO_PROGRAM)
    path.write_bytes(packed(entries))


def packed(entries: list[tuple[str, bytes]], comment: bytes = b"") -> bytes:
    """A ZIP of the entries in the order given, without times, owners or platform."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            # Pictures are compressed already.
            info.compress_type = (
                zipfile.ZIP_STORED if name.endswith((".png", ".jpg")) else zipfile.ZIP_DEFLATED
            )
            archive.writestr(info, content)
        archive.comment = comment
    return buffer.getvalue()


def authors(metadata: dict[str, Any]) -> list[str]:
    """Names of the authors in Quarto's author schema, as plain text."""
    listed = metadata.get("author") or metadata.get("authors") or []
    names = []
    for author in listed if isinstance(listed, list) else [listed]:
        name = author.get("name", "") if isinstance(author, dict) else author
        if isinstance(name, dict):
            name = name.get("literal") or " ".join(str(name[k]) for k in ("given", "family") if name.get(k))
        names.append(plain(str(name)))
    return [name for name in names if name]


def plain(markdown: str) -> str:
    """What a literal markdown text (see :func:`livingreview.publish.escape.markdown`) prints."""
    unescaped = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)
    return flat(re.sub(r"&#(\d+);", lambda m: chr(int(m.group(1))), unescaped))


def _document(xml: str) -> str:
    sections = list(re.finditer(r"<w:sectPr\b[^>]*?(?:/>|>.*?</w:sectPr>)", xml, re.S))
    if sections:
        furniture = "".join(_FURNITURE.findall(sections[-1].group()))
        for match in reversed(sections[:-1]):
            section = match.group()
            if furniture and not _FURNITURE.search(section):
                opening = re.match(r"<w:sectPr\b[^>]*>", section)
                assert opening is not None
                section = opening.group() + furniture + section[opening.end() :]
                xml = xml[: match.start()] + section + xml[match.end() :]
    return re.sub(r"<w:tr>(\s*)(?!<w:trPr)(?=<w:tc>)", r"<w:tr>\1<w:trPr><w:cantSplit/></w:trPr>", xml)


def _without_custom(content: bytes) -> bytes:
    if b"docProps/custom.xml" not in content:
        return content
    return re.sub(rb"<(?:Override|Relationship)\b[^>]*docProps/custom\.xml[^>]*/>", b"", content)


def _core(xml: str, metadata: dict[str, Any]) -> str:
    creators = escape("; ".join(authors(metadata)), quote=False)
    xml = re.sub(
        r"<dc:creator>.*?</dc:creator>|<dc:creator\s*/>",
        lambda _: f"<dc:creator>{creators}</dc:creator>",
        xml,
        flags=re.S,
    )
    if "<dc:creator>" not in xml and creators:
        xml = xml.replace("</cp:coreProperties>", f"<dc:creator>{creators}</dc:creator></cp:coreProperties>")
    return re.sub(r"<cp:lastModifiedBy>.*?</cp:lastModifiedBy>", "", xml, flags=re.S)
