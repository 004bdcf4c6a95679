"""Measures a Word file: what its paragraphs, sections, notes, tables, pictures and properties really are.

Everything is read from the file's own parts (ECMA-376); nothing is laid out and nothing is judged.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

from lxml import etree

from livingreview.errors import Problem, ReviewError
from livingreview.submission.docx_styles import A, Styles, W, on
from livingreview.submission.docx_types import (
    Comment,
    DocxMeasures,
    Image,
    Revision,
    Role,
    Section,
    Table,
)

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FRONT = ("title", "subtitle", "author", "affiliation", "date", "keywords", "abstract title")
_ROLES = ("body", "heading", "front", "abstract", "caption", "table", "reference", "note")
_LETTERS = {role: role[0] for role in _ROLES} | {"front": "m"}
_RESTART = {"newPage": "each_page", "newSection": "each_section", "continuous": "continuous"}
_REVISIONS = (
    *("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge", "numberingChange"),
    *("pPrChange", "rPrChange", "sectPrChange", "tblPrChange", "tblGridChange", "tcPrChange", "trPrChange"),
)
_MM_PER_TWIP, _MM_PER_EMU = 25.4 / 1440, 25.4 / 914400
# Where text stands that does not print as text: what was deleted, codes of fields, what a picture is called.
_UNREAD = (f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}delText")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def measure(path: Path) -> DocxMeasures:
    """What a ``.docx`` file has. Raises ReviewError where it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = {info.filename: archive.read(info) for info in archive.infolist()}
        file = _File(parts)
        return _measured(file, path.stat().st_size)
    except (OSError, zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, LookupError, ValueError) as error:
        raise ReviewError(Problem(f"not a Word file that can be read: {error}", file=path.name)) from None


class _File:
    """The parts of a Word file, and those that the text leads to."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self.parts = parts
        main = [t for t, kind, _ in self.related("").values() if kind == "officeDocument"]
        self.name = main[0] if main else "word/document.xml"
        self.document = etree.fromstring(parts[self.name], _PARSER)
        self.body = self.document.find(f"{W}body")
        if self.body is None:
            raise KeyError("no text")
        self.relations = self.related(self.name)
        self.styles = Styles(self.first("styles"), self.first("theme"))

    def related(self, part: str) -> dict[str, tuple[str, str, bool]]:
        """Relations of a part by identifier: target, the last word of their type, whether the target is outside."""
        folder, name = posixpath.split(part)
        content = self.parts.get(posixpath.join(folder, "_rels", f"{name}.rels"))
        if content is None:
            return {}
        found = {}
        for relation in etree.fromstring(content, _PARSER):
            outside = relation.get("TargetMode") == "External"
            target = relation.get("Target", "")
            if not outside:
                target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
            found[relation.get("Id", "")] = (target, relation.get("Type", "").rsplit("/", 1)[-1], outside)
        return found

    def xml(self, name: str) -> Any:
        """The root of a part; None where there is none."""
        return etree.fromstring(self.parts[name], _PARSER) if name in self.parts else None

    def first(self, kind: str) -> Any:
        """The root of the first part of a kind that the text leads to; None where there is none."""
        return next(
            (self.xml(t) for t, k, outside in self.relations.values() if k == kind and not outside), None
        )

    def roots(self) -> list[Any]:
        """Every part that holds text: the document, headers, footers, notes and comments."""
        kinds = ("header", "footer", "footnotes", "endnotes", "comments")
        names = sorted({t for t, k, outside in self.relations.values() if k in kinds and not outside})
        return [self.document, *(root for root in map(self.xml, names) if root is not None)]


def _measured(file: _File, size: int) -> DocxMeasures:
    roles, headings, leads, hidden = _paragraphs(file)
    settings = file.first("settings")
    languages = Counter[str]()
    for role in roles:
        languages.update(dict(role.languages))
    languages.pop("", None)
    comments = file.first("comments")
    return DocxMeasures(
        bytes=size,
        roles=roles,
        sections=tuple(_sections(file)),
        headings=tuple(headings),
        leads=tuple(leads),
        footnotes=sum(1 for _ in file.body.iter(f"{W}footnoteReference")),
        endnotes=sum(1 for _ in file.body.iter(f"{W}endnoteReference")),
        tables=tuple(_table(t) for t in file.body.iter(f"{W}tbl") if _inside(t, f"{W}tbl") is None),
        images=tuple(_images(file)),
        equations=sum(1 for _ in file.body.iter(f"{_M}oMath")),
        comments=tuple(
            Comment(c.get(f"{W}author", ""), _text(c).strip())
            for c in (comments.iter(f"{W}comment") if comments is not None else ())
        ),
        revisions=_revisions(file),
        tracks_changes=settings is not None and on(settings.find(f"{W}trackRevisions")),
        hidden_characters=hidden,
        language=_ranked(languages)[0][0] if languages else file.styles.default_language(),
        embedded_fonts=_embedded(file),
        headers=tuple(
            text
            for root in file.roots()
            if root.tag in (f"{W}hdr", f"{W}ftr") and (text := " ".join(_text(root).split()))
        ),
        core=_properties(file.xml("docProps/core.xml")),
        app=_properties(file.xml("docProps/app.xml")),
        custom=_custom(file.xml("docProps/custom.xml")),
        parts=tuple(sorted(file.parts)),
        order="".join(_order(file)),
    )


def _order(file: _File) -> Iterator[str]:
    """The letters of :attr:`DocxMeasures.order`."""
    for block in file.body.iter(f"{W}p", f"{W}tbl"):
        if _inside(block, f"{W}tbl") is not None or _inside(block, f"{W}p") is not None:
            continue
        if block.tag == f"{W}tbl":
            yield "t"
            continue
        if any(True for _ in block.iter(f"{W}drawing", f"{W}pict")):
            yield "f"
        if any(_run_text(run).strip() for run in _runs(block)):
            yield _LETTERS[_role(file.styles.name(block), file.styles.level(block), None)]


def _paragraphs(file: _File) -> tuple[tuple[Role, ...], list[tuple[int, str]], list[str], int]:
    """Roles of paragraphs, headings, words that lead paragraphs, and the number of hidden characters."""
    seen: dict[str, dict[str, Any]] = {}
    headings, leads = [], []
    hidden = 0
    notes = [root for kind in ("footnotes", "endnotes") if (root := file.first(kind)) is not None]
    for root in (file.body, *notes):
        for paragraph in root.iter(f"{W}p"):
            table = _inside(paragraph, f"{W}tbl")
            runs = [(run, text) for run in _runs(paragraph) if (text := _run_text(run)).strip()]
            shown = [(run, text) for run, text in runs if not file.styles.hidden(run, paragraph)]
            hidden += sum(len(text) for _, text in runs) - sum(len(text) for _, text in shown)
            if not shown:
                continue
            level = file.styles.level(paragraph) if root is file.body and table is None else 0
            name = "note" if root is not file.body else _role(file.styles.name(paragraph), level, table)
            if name == "heading":
                headings.append((level, " ".join(_text(paragraph).split())))
            if name == "body" and (words := _lead(shown)):
                leads.append(words)
            counted = seen.setdefault(
                name,
                {
                    "paragraphs": 0,
                    "spacings": Counter(),
                    "fonts": Counter(),
                    "languages": Counter(),
                    "off": 0,
                },
            )
            counted["paragraphs"] += 1
            counted["spacings"][file.styles.spacing(paragraph, table)] += 1
            counted["off"] += file.styles.switched(paragraph, "suppressLineNumbers")
            for run, text in shown:
                counted["fonts"][file.styles.font(run, paragraph, table)] += len(text)
                counted["languages"][file.styles.language(run, paragraph, table)] += len(text)
    roles = tuple(
        Role(
            name=name,
            paragraphs=use["paragraphs"],
            characters=sum(use["fonts"].values()),
            spacings=tuple(_ranked(use["spacings"])),
            fonts=tuple((font, size, n) for (font, size), n in _ranked(use["fonts"])),
            languages=tuple(_ranked(use["languages"])),
            suppressed_line_numbers=use["off"],
        )
        for name in _ROLES
        if (use := seen.get(name)) is not None
    )
    return roles, headings, leads, hidden


def _lead(runs: list[tuple[Any, str]]) -> str:
    bold = takewhile(lambda run: on(run[0].find(f"{W}rPr/{W}b")), runs)
    words = " ".join("".join(text for _, text in bold).split())
    return words if words.endswith((".", ":")) else ""


def _role(style: str, level: int, table: Any) -> str:
    if table is not None:
        return "table"
    if style in _FRONT:
        return "front"
    if level:
        return "heading"
    if "caption" in style:
        return "caption"
    return {"abstract": "abstract", "bibliography": "reference"}.get(style, "body")


def _ranked(counter: Counter[Any]) -> list[tuple[Any, int]]:
    return sorted(counter.items(), key=lambda pair: (-pair[1], str(pair[0])))


def _runs(paragraph: Any) -> Iterator[Any]:
    """Runs of a paragraph itself, not of one inside it (a text box), without what was deleted."""
    for run in paragraph.iter(f"{W}r"):
        if (
            _inside(run, f"{W}p") is paragraph
            and _inside(run, f"{W}del") is None
            and _inside(run, f"{W}moveFrom") is None
        ):
            yield run


def _run_text(run: Any) -> str:
    return "".join(child.text or "" for child in run.iterchildren(f"{W}t"))


def _text(element: Any) -> str:
    """The text of an element; paragraphs, tabs and breaks are spaces."""
    if element.tag in _UNREAD:
        return ""
    if element.tag == f"{W}t":
        return element.text or ""
    inner = "".join(_text(child) for child in element.iterchildren(etree.Element))
    return f"{inner} " if element.tag in (f"{W}p", f"{W}tab", f"{W}br") else inner


def _inside(element: Any, tag: str) -> Any:
    """The nearest element of a tag around another; None where there is none."""
    return next(element.iterancestors(tag), None)


def _sections(file: _File) -> Iterator[Section]:
    settings = file.first("settings")
    alternate = settings is not None and on(settings.find(f"{W}evenAndOddHeaders"))
    numbered = {
        identifier
        for identifier, (target, kind, outside) in file.relations.items()
        if kind in ("header", "footer") and not outside and _has_page_field(file.xml(target))
    }
    # A section without a header or footer of a kind has that of the section before (17.10.5).
    furniture: dict[tuple[str, str], str] = {}
    for section in file.body.iter(f"{W}sectPr"):
        for reference in section.iterchildren(f"{W}headerReference", f"{W}footerReference"):
            furniture[reference.tag, reference.get(f"{W}type", "default")] = reference.get(f"{_R}id", "")
        kinds = ["default"]
        kinds += ["first"] if on(section.find(f"{W}titlePg")) else []
        kinds += ["even"] if alternate else []
        lines, page = section.find(f"{W}lnNumType"), section.find(f"{W}pgSz")
        columns, number = section.find(f"{W}cols"), section.find(f"{W}pgNumType")
        every = _whole(lines, "countBy", 0)
        yield Section(
            width_mm=round(_whole(page, "w", 12240) * _MM_PER_TWIP, 1),
            height_mm=round(_whole(page, "h", 15840) * _MM_PER_TWIP, 1),
            columns=_whole(columns, "num", 1),
            # Without countBy no number prints (17.6.8).
            line_numbers=_RESTART.get(lines.get(f"{W}restart", "newPage"), "none") if every else "none",
            every=every,
            first_line=_whole(lines, "start", 0) + 1 if every else 0,
            page_number=all(
                any(
                    furniture.get((f"{W}{place}Reference", kind)) in numbered
                    for place in ("header", "footer")
                )
                for kind in kinds
            ),
            page_number_restarts_at=_whole(number, "start", -1) if _whole(number, "start", -1) >= 0 else None,
        )


def _whole(element: Any, name: str, otherwise: int) -> int:
    value = element.get(f"{W}{name}") if element is not None else None
    return round(float(value)) if value else otherwise


def _has_page_field(root: Any) -> bool:
    if root is None:
        return False
    codes = [field.get(f"{W}instr", "") for field in root.iter(f"{W}fldSimple")]
    # The code of a field may be cut into several runs.
    codes += [
        "".join(code.text or "" for code in paragraph.iter(f"{W}instrText"))
        for paragraph in root.iter(f"{W}p")
    ]
    return any("PAGE" in code.upper().replace("\\", " ").split() for code in codes)


def _table(table: Any) -> Table:
    rows = table.findall(f"{W}tr")
    header = 0
    while header < len(rows) and on(rows[header].find(f"{W}trPr/{W}tblHeader")):
        header += 1
    spans = [cell.find(f"{W}tcPr/{W}gridSpan") for row in rows for cell in row.iter(f"{W}tc")]
    merged = sum(1 for span in spans if _whole(span, "val", 1) > 1)
    merged += sum(1 for cell in table.iter(f"{W}vMerge") if cell.get(f"{W}val", "continue") == "restart")
    return Table(
        rows=len(rows),
        columns=max(
            (
                sum(_whole(c.find(f"{W}tcPr/{W}gridSpan"), "val", 1) for c in r.findall(f"{W}tc"))
                for r in rows
            ),
            default=0,
        ),
        header_rows=header,
        merged_cells=merged,
        nested=sum(1 for _ in table.iter(f"{W}tbl")) - 1,
        images=sum(1 for _ in table.iter(f"{A}blip")),
    )


def _images(file: _File) -> Iterator[Image]:
    import PIL.Image

    for drawing in file.body.iter(f"{_WP}inline", f"{_WP}anchor"):
        extent, name = drawing.find(f"{_WP}extent"), drawing.find(f"{_WP}docPr")
        width, height = (int(extent.get(side, 0)) * _MM_PER_EMU for side in ("cx", "cy"))
        for blip in drawing.iter(f"{A}blip"):
            target, _, outside = file.relations.get(blip.get(f"{_R}embed", ""), ("", "", False))
            content = b"" if outside else file.parts.get(target, b"")
            kind, mode, pixels = posixpath.splitext(target)[1].lstrip(".").upper(), "", (0, 0)
            try:
                with PIL.Image.open(io.BytesIO(content)) as picture:
                    kind, mode, pixels = str(picture.format), picture.mode, picture.size
            except OSError:
                pass  # a drawing, or no file inside
            resolution = [p / (mm / 25.4) for p, mm in zip(pixels, (width, height), strict=True) if p and mm]
            yield Image(
                file="" if outside else target,
                format=kind,
                mode=mode,
                pixels=pixels,
                width_mm=round(width, 1),
                height_mm=round(height, 1),
                dpi=round(min(resolution), 1) if resolution else None,
                alt=name.get("descr", "") if name is not None else "",
                bytes=len(content),
            )


def _revisions(file: _File) -> tuple[Revision, ...]:
    tags = [f"{W}{kind}" for kind in _REVISIONS]
    found = Counter(
        (etree.QName(mark).localname, mark.get(f"{W}author", ""))
        for root in file.roots()
        for mark in root.iter(*tags)
    )
    return tuple(Revision(kind, author, n) for (kind, author), n in sorted(found.items()))


def _embedded(file: _File) -> tuple[str, ...]:
    fonts = file.first("fontTable")
    tags = [f"{W}embed{face}" for face in ("Regular", "Bold", "Italic", "BoldItalic")]
    listed = fonts.iter(f"{W}font") if fonts is not None else ()
    return tuple(sorted(f.get(f"{W}name", "") for f in listed if any(f.find(t) is not None for t in tags)))


def _properties(root: Any) -> dict[str, str]:
    if root is None:
        return {}
    texts = {etree.QName(e).localname: " ".join("".join(e.itertext()).split()) for e in root}
    return {name: text for name, text in sorted(texts.items()) if text}


def _custom(root: Any) -> dict[str, str]:
    if root is None:
        return {}
    return {e.get("name", ""): " ".join("".join(e.itertext()).split()) for e in root}
