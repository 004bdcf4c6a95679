"""A tree and a layout as files: PDF by Typst, DOCX by pandoc; equal input gives equal bytes."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livingreview.canonical import write_bytes
from livingreview.errors import Problem, ReviewError
from livingreview.publish import docx, pandoc, typeset
from livingreview.publish.escape import markdown
from livingreview.publish.project import Project
from livingreview.publish.snapshot import inlines, meta_text
from livingreview.submission import docx_layout
from livingreview.submission.arrange import Block, Tree, unlinked
from livingreview.submission.layout import SINGLE, Layout
from livingreview.submission.typst_tree import for_typst, quoted
from livingreview.tracked import word_file
from livingreview.tracked.words import Signature

TEMPLATE = "templates/submission.typ"


@dataclass(frozen=True, slots=True)
class Properties:
    """What a file says of itself: title (plain text), authors, keywords, day, running head."""

    title: str
    authors: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    day: dt.date | None = None
    running: str = ""

    @property
    def epoch(self) -> int:
        """Seconds since 1970 of the day (midnight UTC); 1980-01-01, where ZIP begins, without one."""
        day = self.day or dt.date(1980, 1, 1)
        return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Written:
    """Files that were written, in the order of the formats, and what was noted on the way."""

    files: tuple[Path, ...]
    warnings: tuple[str, ...] = field(default=())


def write(
    tree: Tree,
    layout: Layout,
    properties: Properties,
    project: Project,
    document: Path,
    stem: Path,
    formats: Sequence[str] = ("pdf", "docx"),
    revisions: Signature | None = None,
) -> Written:
    """Write ``stem`` + ``.pdf`` and ``.docx`` from a tree that is already arranged (see :mod:`.arrange`).

    With ``revisions`` the tree is one of two versions merged (see :mod:`livingreview.tracked.blocks`): the DOCX tracks what changed. There
    is no PDF of such a tree. Pictures are looked for beside ``document``, the source of the tree. Raises ReviewError with every problem.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    tree = unlinked(tree)
    problems: list[Problem] = []
    files = []
    with tempfile.TemporaryDirectory(prefix="livingreview-") as folder:
        for name in formats:
            scratch = Path(folder)
            if name == "docx":
                content, said = _docx(tree, layout, properties, project, document, scratch, revisions)
            else:
                content, said = _pdf(tree, layout, properties, project, document, scratch)
            problems += said
            if not any(p.severity == "error" for p in said):
                files.append(stem.with_name(f"{stem.name}.{name}"))
                write_bytes(files[-1], content)
    if errors := [p for p in problems if p.severity == "error"]:
        raise ReviewError(errors)
    return Written(tuple(files), tuple(dict.fromkeys(str(p) for p in problems)))


def _pdf(
    tree: Tree, layout: Layout, properties: Properties, project: Project, document: Path, scratch: Path
) -> tuple[bytes, list[Problem]]:
    tree = for_typst(tree, document.parent)
    meta = {k: v for k, v in tree["meta"].items() if k in ("title", "lang")}
    meta["sub"] = {"t": "MetaMap", "c": _settings(layout, properties)}
    out = scratch / "document.typ"
    target = pandoc.Target("typst", "typst-citations", out, template=project.resource(TEMPLATE))
    problems = pandoc.convert(
        project, document, {**tree, "meta": meta}, target, epoch=properties.epoch, scratch=scratch
    )
    if any(p.severity == "error" for p in problems):
        return b"", problems
    standard = "a-2b" if layout.archival else None
    content, said = typeset.pdf(out.read_bytes(), project, document, properties.epoch, standard)
    return content, [*problems, *said]


def _docx(
    tree: Tree,
    layout: Layout,
    properties: Properties,
    project: Project,
    document: Path,
    scratch: Path,
    revisions: Signature | None = None,
) -> tuple[bytes, list[Problem]]:
    reference, out = scratch / "reference.docx", scratch / "document.docx"
    reference.write_bytes(docx_layout.reference(layout, properties.running))
    meta = {k: v for k, v in tree["meta"].items() if k in ("title", "lang")}
    if properties.keywords:
        meta["keywords"] = {"t": "MetaList", "c": [_string(k) for k in properties.keywords]}
    tree = {**tree, "meta": meta, "blocks": docx_layout.for_word(tree["blocks"], document.parent)}
    if revisions:
        tree = word_file.prepared(tree, revisions)
    target = pandoc.Target("docx", "docx", out, reference=reference)
    problems = pandoc.convert(project, document, tree, target, epoch=properties.epoch, scratch=scratch)
    if any(p.severity == "error" for p in problems):
        return b"", problems
    docx.normalise(out, {"author": [markdown(name) for name in properties.authors]})
    if revisions:
        out.write_bytes(word_file.revised(out.read_bytes(), properties.title, revisions))
    docx_layout.finish(out, layout, properties.title)
    return out.read_bytes(), problems


def _settings(layout: Layout, properties: Properties) -> dict[str, Block]:
    found: dict[str, Block] = {
        "size": _code(f"{layout.font_size:g}"),
        "pitch": _code(f"{layout.line_spacing * SINGLE:g}"),
        "title": _code(quoted(properties.title)),
        "authors": _codes(properties.authors),
        "keywords": _codes(properties.keywords),
    }
    if layout.figures == "placed":
        found["floating"] = {"t": "MetaBool", "c": True}
    if layout.line_numbers:
        found["linenumbers"] = {"t": "MetaBool", "c": True}
    if layout.page_numbers:
        found["pagenumbers"] = {"t": "MetaBool", "c": True}
    if properties.running:
        found["running"] = _code(quoted(properties.running))
    if properties.day:
        for name in ("year", "month", "day"):
            found[name] = _code(str(getattr(properties.day, name)))
    return found


def title_of(tree: Tree) -> str:
    """The title of a tree as text."""
    return meta_text(tree["meta"].get("title"))


def _code(text: str) -> Block:
    return {"t": "MetaInlines", "c": [{"t": "RawInline", "c": ["typst", text]}]}


def _codes(texts: Iterable[str]) -> Block:
    return {"t": "MetaList", "c": [_code(quoted(text)) for text in texts]}


def _string(text: str) -> dict[str, Any]:
    return {"t": "MetaInlines", "c": inlines(text)}
