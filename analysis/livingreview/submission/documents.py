"""The files with text of a submission: manuscript, title page, statements, letters, tables apart.

All are made from the tree of the built document and from the protocol, never from changed sources.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from livingreview import protocol as protocols
from livingreview.errors import Problem, ReviewError
from livingreview.protocol_model import Protocol
from livingreview.publish import snapshot
from livingreview.publish.project import Project
from livingreview.publish.snapshot import inlines
from livingreview.submission import letters, statements, title_page
from livingreview.submission.arrange import Blocks, Tree, arranged, items, page_break
from livingreview.submission.blinding import load
from livingreview.submission.layout import Layout
from livingreview.submission.masking import Identity, blinded, identity, masked
from livingreview.submission.write import Properties, Written, title_of, write

FORMATS = ("pdf", "docx")


@dataclass(frozen=True, slots=True)
class Source:
    """What files are made from: a built document's tree, where its pictures lie, and the protocol."""

    project: Project
    document: Path
    tree: Tree
    protocol: Protocol

    @property
    def title(self) -> str:
        """The title of the document as text."""
        return title_of(self.tree) or self.protocol.title

    @property
    def who(self) -> Identity:
        """What tells who wrote it. Raises ReviewError for a ``manuscript/blinding.yaml`` that cannot be used."""
        return identity(self.protocol, load(self.project.review))


def source(review: Path, root: Path, document: str = "manuscript") -> Source:
    """A built document of a review. Raises ReviewError where it has not been built, or where review.yaml cannot be read."""
    project = Project(review.resolve(), root.resolve())
    path, _ = project.entry(document)
    built = review / "build" / "documents" / f"{document}.ast.json"
    if not built.is_file():
        raise ReviewError(
            Problem(
                "the document has not been built", project.shown(built), suggestion="build the review first"
            )
        )
    return Source(
        project, path.resolve(), snapshot.read(built), protocols.load(project.review / "review.yaml")
    )


def manuscript(
    given: Source,
    layout: Layout,
    stem: Path,
    *,
    formats: Sequence[str] = FORMATS,
    counts: Mapping[str, int | str] | None = None,
    further: Mapping[str, Sequence[str]] | None = None,
) -> Written:
    """The document as ``layout`` wants it, as ``stem`` + ``.pdf`` and ``.docx``.

    ``counts`` and ``further`` (see :func:`livingreview.submission.title_page.blocks`) print where the title page comes first.
    """
    tree, properties = laid_out(given, layout, counts=counts, further=further)
    return write(tree, layout, properties, given.project, given.document, stem, formats)


def laid_out(
    given: Source,
    layout: Layout,
    *,
    who: Identity | None = None,
    counts: Mapping[str, int | str] | None = None,
    further: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Tree, Properties]:
    """The tree that :func:`manuscript` writes, and what its files say of themselves; ``who`` must not be told where the layout is blinded
    (default: everybody whom the protocol names)."""
    before = first_page(given.protocol, layout, counts, further)
    return placed(given, layout, before, who=who), _properties(given, blind=layout.blinded)


def first_page(
    protocol: Protocol,
    layout: Layout,
    counts: Mapping[str, int | str] | None = None,
    further: Mapping[str, Sequence[str]] | None = None,
) -> Blocks:
    """The title page of a protocol where the layout has it in the manuscript, before everything else; nothing where it has not."""
    if layout.blinded or layout.title_page != "first":
        return []
    return title_page.blocks(protocol, counts or {}, items=further)


def placed(given: Source, layout: Layout, before: Blocks, *, who: Identity | None = None) -> Tree:
    """The tree as its readers see it, below the title page ``before``, with everything in the places of the layout."""
    return arranged(shown(given, layout, who=who), layout, before=[*before, page_break()] if before else None)


def shown(given: Source, layout: Layout, *, who: Identity | None = None) -> Tree:
    """The tree with what the readers of a layout may see: without statements that stand elsewhere, and blinded."""
    tree = statements.without(given.tree, layout.without)
    return blinded(tree, who or given.who) if layout.blinded else tree


def title_page_file(
    given: Source,
    layout: Layout,
    stem: Path,
    counts: Mapping[str, int | str],
    *,
    further: Mapping[str, Sequence[str]] | None = None,
    formats: Sequence[str] = FORMATS,
) -> Written:
    """The title page as a file of its own."""
    content = title_page.blocks(given.protocol, counts, items=further)
    return _plain(given, layout, stem, content, formats, title=given.title)


def statements_file(
    given: Source,
    layout: Layout,
    stem: Path,
    *,
    asked: Collection[str] = (),
    formats: Sequence[str] = FORMATS,
) -> Written:
    """The statements, who did the work as far as it is recorded, and what is missing; ``asked`` are the codes that the journal asks for."""
    found = statements.statements(given.protocol, given.tree, asked)
    work = statements.recorded_work(given.project.review / "data" / "raw")
    content = statements.blocks(found, work, given.protocol)
    return _plain(given, layout, stem, content, formats, title="Statements")


def cover_letter_file(
    given: Source,
    layout: Layout,
    stem: Path,
    journal: str,
    *,
    enclosed: Sequence[str] = (),
    revised: bool = False,
    formats: Sequence[str] = FORMATS,
) -> Written:
    """The cover letter to ``journal``; ``enclosed`` are names of files, ``revised`` says that the manuscript was there before."""
    stated = statements.statements(given.protocol, given.tree)
    content = letters.cover_letter(given.protocol, given.title, journal, stated, enclosed, revised=revised)
    return _plain(given, layout, stem, content, formats, title="Cover letter")


def response_file(
    given: Source,
    layout: Layout,
    stem: Path,
    journal: str,
    *,
    comments: Mapping[str, Sequence[str]] | None = None,
    changes: Sequence[str] = (),
    since: str = "",
    formats: Sequence[str] = ("docx",),
) -> Written:
    """The skeleton of an answer to reviewers (see :func:`livingreview.submission.letters.response_to_reviewers`); names and institutions are left out where the layout is blinded."""
    content = letters.response_to_reviewers(given.protocol, given.title, journal, comments, changes, since)
    if layout.blinded:
        content = blinded({"meta": {}, "blocks": content}, given.who)["blocks"]
    return _plain(given, layout, stem, content, formats, title="Response to reviewers", blind=layout.blinded)


def table_files(
    given: Source, layout: Layout, folder: Path, *, formats: Sequence[str] = ("docx",)
) -> tuple[Written, ...]:
    """Each table with its caption as a file of its own (``Table1``, ``TableS2``), in the order of the text."""
    tree = shown(given, layout)
    done = []
    for number, table in enumerate((i for i in items(tree["blocks"]) if i.kind == "table"), start=1):
        label = table.label or f"Table {number}"
        name = "".join(c for c in label if c.isalnum())
        done.append(
            _plain(
                given, layout, folder / name, [table.block], formats,
                title=label.replace("\u00a0", " "), printed=False, blind=layout.blinded,
            )
        )  # fmt: skip
    return tuple(done)


def _plain(
    given: Source,
    layout: Layout,
    stem: Path,
    content: Blocks,
    formats: Sequence[str],
    *,
    title: str,
    printed: bool = True,
    blind: bool = False,
) -> Written:
    meta = {"title": {"t": "MetaInlines", "c": inlines(title)}} if printed else {}
    meta |= {k: v for k, v in given.tree["meta"].items() if k == "lang"}
    tree = {**given.tree, "meta": meta, "blocks": content}
    properties = _properties(given, blind=blind, title=title)
    return write(tree, layout.plain(), properties, given.project, given.document, stem, formats)


def _properties(given: Source, *, blind: bool, title: str = "") -> Properties:
    protocol = given.protocol
    own, running = title or given.title, title_page.running_title(protocol)
    return Properties(
        title=masked(own, given.who) if blind else own,
        authors=() if blind else tuple(a.name for a in protocol.authors),
        keywords=tuple(protocol.keywords),
        day=protocol.date,
        running=masked(running, given.who) if blind else running,
    )
