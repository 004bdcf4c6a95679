"""Revisions for a journal: what they are compared with, tracked changes, and the lines for the answer to reviewers."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import revisions
import submission_source
from publish_review import text_of

from livingreview.submission import (
    documents,
    docx_measure,
    identities,
    leaks,
    revision_files,
)
from livingreview.submission.layout import Layout
from livingreview.submission.revision_base import Base

W = revisions.W
OLD = submission_source.TEXT
NEW = (
    OLD.replace("Words of the background.", "More words of the whole background.")
    .replace("| 1 | 2 |", "| 1 | 3 |\n| 4 | 5 |")
    .replace("A caption of the figure.", "A short caption of the figure.")
    .replace("Nothing was needed", "Nothing at all was needed")
    .replace("Last words, long enough", "A paragraph that is new.\n\nLast words, quite long enough")
)
LAYOUTS = {
    "blinded": Layout(blinded=True, figures="end", tables="end"),
    "first": Layout(title_page="first", figures="left_out", tables="separate", font_size=11),
}


@cache
def tree(text: str) -> dict[str, Any]:
    return submission_source.tree(text)


def base(**changes: Any) -> Base:
    """The old text as it was sent."""
    return Base(
        tree(OLD), "round 1", "version 2026.10 of 1 October 2026", "2026.10", "2026-10-01", {},
        submission_source.people(**changes),
    )  # fmt: skip


FORMER = {
    "authors": [
        {"given": "Ada", "family": "Example", "name": "Ada Example", "affiliations": ["first", "second"]},
        {"given": "Cyrilla", "family": "Formerly", "name": "Cyrilla Formerly", "affiliations": ["second"],
         "email": "cyrilla@example.org", "corresponding": True},
    ],
    "affiliations": {"first": {"name": "First Institute"}, "second": {"name": "Second Clinic", "city": "Rome"}},
    "keywords": ["an old word"],
}  # fmt: skip
PAGES: dict[str, dict[str, Any]] = {
    "new": {"counts": {"Words in the text": 97, "Tables": 1}, "further": {"Highlights": ["One thing is new."]}},
    "old": {"counts": {"Words in the text": 83, "Tables": 1}, "further": {"Highlights": []}},
}  # fmt: skip


def page(then: Base, layout: Layout) -> Any:
    assert then.protocol is not None
    return documents.first_page(then.protocol, layout, **PAGES["old"])


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> documents.Source:
    return submission_source.source(tmp_path_factory.mktemp("revision"), NEW)


@pytest.fixture(scope="module")
def made(given: documents.Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For each layout NAME.docx with tracked changes, and each version alone."""
    folder = tmp_path_factory.mktemp("made")
    for name, layout in LAYOUTS.items():
        then = base(**FORMER)
        assert then.protocol is not None
        written = revision_files.tracked_copy(
            given, then, layout, folder / name, **PAGES["new"], then=page(then, layout)
        )
        assert written.warnings == ()
        before = replace(given, tree=then.tree, protocol=then.protocol)
        for version, source in (("new", given), ("old", before)):
            target = folder / f"{name}_{version}"
            documents.manuscript(source, layout, target, formats=("docx",), **PAGES[version])
    return folder


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize(("accept", "version"), [(True, "new"), (False, "old")])
def test_accepting_gives_the_manuscript_and_rejecting_the_base(
    made: Path, name: str, accept: bool, version: str
) -> None:
    settled = revisions.settle(revisions.root(made / f"{name}.docx"), accept=accept)
    alone = revisions.root(made / f"{name}_{version}.docx")
    assert revisions.paragraphs(settled) == revisions.paragraphs(alone)
    assert revisions.shape(settled) == revisions.shape(alone)


def test_a_change_of_authors_is_marked_on_the_title_page(made: Path) -> None:
    document = revisions.root(made / "first.docx")
    gone, came = (
        " ".join("".join(part.itertext()) for part in document.iter(f"{W}{tag}")) for tag in ("del", "ins")
    )
    assert all(words in gone for words in ("Cyrilla Formerly", "Second Clinic, Rome", "an old word", "83"))
    assert all(words in came for words in ("Bo Sample", "ada@example.org", "One thing is new.", "97"))
    assert "Cyrilla" not in " ".join(revisions.paragraphs(revisions.root(made / "first_new.docx")))


def test_a_title_page_of_then_that_nobody_knows_is_told(given: documents.Source, tmp_path: Path) -> None:
    unread = replace(base(), protocol=None)
    told = revision_files.tracked_copy(given, unread, LAYOUTS["first"], tmp_path / "copy", **PAGES["new"])
    assert [w for w in told.warnings if "title page of version 2026.10" in w and "authors" in w]
    document = revisions.root(tmp_path / "copy.docx")
    texts = ["".join(part.itertext()) for part in document.iter(f"{W}ins", f"{W}del")]
    assert not [text for text in texts if "Bo Sample" in text or "97" in text]


@pytest.mark.parametrize("name", LAYOUTS)
def test_it_looks_as_the_journal_wants(made: Path, given: documents.Source, name: str) -> None:
    found = docx_measure.measure(made / f"{name}.docx")
    clean = docx_measure.measure(made / f"{name}_new.docx")
    body = found.role("body")
    assert body is not None
    assert found.line_numbers == "continuous" and all(s.page_number for s in found.sections)
    assert [s.value for s, _ in body.spacings] == [2] and body.fonts[0][1] == LAYOUTS[name].font_size
    assert len(found.tables) == len(clean.tables) and len(found.images) == len(clean.images)
    assert found.core == clean.core and found.custom == {}
    author = "Authors" if LAYOUTS[name].blinded else f"Version {given.protocol.version}"
    assert {r.author for r in found.revisions} == {author} and {r.kind for r in found.revisions} == {
        "ins",
        "del",
    }
    day = given.protocol.date.isoformat()
    document = revisions.root(made / f"{name}.docx")
    assert {e.get(f"{W}date") for e in document.iter(f"{W}ins", f"{W}del")} == {f"{day}T00:00:00Z"}
    numbers = [e.get(f"{W}id") for e in document.iter(f"{W}ins", f"{W}del")]
    assert len(set(numbers)) == len(numbers)


def test_the_same_versions_give_the_same_bytes(made: Path, given: documents.Source, tmp_path: Path) -> None:
    again = tmp_path / "again"
    revision_files.tracked_copy(given, base(**FORMER), LAYOUTS["blinded"], again, **PAGES["new"], then=[])
    assert (tmp_path / "again.docx").read_bytes() == (made / "blinded.docx").read_bytes()


def test_page_breaks_are_those_of_the_present_version(
    made: Path, given: documents.Source, tmp_path: Path
) -> None:
    assert len(list(revisions.root(made / "blinded.docx").iter(f"{W}pageBreakBefore"))) == 2
    bare = replace(given, tree=tree("Words.\n\n# Discussion\n\nMore words.\n"))
    with_figure = replace(base(), tree=tree(OLD))
    revision_files.tracked_copy(bare, with_figure, LAYOUTS["blinded"], tmp_path / "bare")
    assert not list(revisions.root(tmp_path / "bare.docx").iter(f"{W}pageBreakBefore"))


def test_a_blinded_copy_names_nobody_in_what_it_deletes(tmp_path: Path) -> None:
    """Cy Former wrote the version before, and is named in words that were deleted since."""
    text = "# One\n\nWords of the text.\n\nLast words.\n"
    given = submission_source.source(tmp_path, text)
    former = {
        "given": "Cyrilla", "family": "Formerly", "name": "Cyrilla Formerly", "orcid": "0000-0001-5109-3700",
    }  # fmt: skip
    then = base(authors=[{"name": "Ada Example", "given": "Ada", "family": "Example"}, former])
    old = text.replace("Last words", "Drawn by Cyrilla Formerly. Last words")
    then = replace(then, tree=tree(old))
    known = [
        *identities.identities(given.protocol, given.project.review, tmp_path),
        *identities.identities(then.protocol or given.protocol, given.project.review, tmp_path),
    ]
    blind = Layout(blinded=True)
    revision_files.tracked_copy(given, then, blind, tmp_path / "Manuscript_changes")
    assert leaks.search([tmp_path / "Manuscript_changes.docx"], known) == []
    # the search is not blind itself: it finds the name where nothing hides it
    told = revision_files.tracked_copy(given, replace(then, protocol=None), blind, tmp_path / "open")
    assert "cannot be hidden" in told.warnings[0]
    found = leaks.search([tmp_path / "open.docx"], known)
    assert {(leak.kind, leak.place) for leak in found} == {("author name", "deleted text")}


def test_the_author_of_a_revision_is_found(made: Path, given: documents.Source, tmp_path: Path) -> None:
    named = tmp_path / "named.docx"
    shutil.copyfile(made / "blinded.docx", named)
    sign = revision_files.signature(given, blind=True)
    assert sign.author == "Authors"
    planted = _with(named, b'w:author="Authors"', b'w:author="Ada Example"')
    known = identities.identities(given.protocol, given.project.review, tmp_path)
    found = leaks.search([planted], known)
    assert ("revision author", "Ada Example") in {(leak.place, leak.found) for leak in found}
    assert not [
        leak for leak in leaks.search([made / "blinded.docx"], known) if leak.place == "revision author"
    ]


def _with(path: Path, old: bytes, new: bytes) -> Path:
    import zipfile

    from livingreview.publish.docx import packed

    with zipfile.ZipFile(path) as archive:
        entries = [(i.filename, archive.read(i)) for i in archive.infolist()]
    path.write_bytes(packed([(name, content.replace(old, new)) for name, content in entries]))
    return path


def test_the_answer_has_the_changes_and_leaves_the_rest_open(given: documents.Source, tmp_path: Path) -> None:
    documents.response_file(
        given, Layout(blinded=True), tmp_path / "Response", "The Journal",
        changes=["Discussion: 8 words inserted, by Ada Example."], since=base().since,
    )  # fmt: skip
    text = text_of(tmp_path / "Response.docx")
    assert "Changes made since version 2026.10 of 1 October 2026, by section" in text.replace("\u00a0", " ")
    assert "Discussion: 8 words inserted" in text and "Ada Example" not in text
    assert "Reviewer 1, comment 1" in text and text.count("[Answer.]") == 3
    assert text.count("with page and lines") == 3
