"""What an answer to reviewers needs: the manuscript with what changed since it was sent, and the answer to fill in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from livingreview.errors import ReviewError
from livingreview.submission import documents, revision_base, revision_files, title_page
from livingreview.submission.arrange import Blocks
from livingreview.submission.documents import Source
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.manuscript import as_made, counted, for_title_page, short_texts
from livingreview.submission.parts.record import Record
from livingreview.submission.restyle import restyled
from livingreview.submission.revision_base import Base

TRACKED, RESPONSE = "ManuscriptTracked", "ResponseToReviewers"


def run(at: Context) -> Record:
    """Write ``ManuscriptTracked.docx`` and ``ResponseToReviewers.docx``.

    Where there is nothing to compare with, the answer is written without a list of changes, and the reason is noted.
    """
    plain = documents.source(at.review, at.root, at.plan.main)
    base = revision_base.base(at.review, at.plan.profile.name, plain.tree, at.plan.main)
    made: list[tuple[Path, str]] = []
    said: list[str] = []
    changes: tuple[str, ...] = ()
    since = ""
    if isinstance(base, Base):
        since = base.since
        given, then = _in_one_style(at, plain, base, said)
        further = short_texts(at)
        counts = for_title_page(as_made(at), at.settings["counts"], further)
        earlier = _page_then(at, given, then)
        changes = _changes(
            at, plain, base, earlier, documents.first_page(plain.protocol, at.layout, counts, further)
        )
        written = revision_files.tracked_copy(
            given,
            then,
            at.layout,
            at.folder / TRACKED,
            counts=counts,
            further=further,
            then=earlier,
        )
        said += [f"the changes are those since {base.description}", *written.warnings]
        made += [(path, "Manuscript with the changes since it was sent marked") for path in written.files]
    else:
        said.append(base)
    response = documents.response_file(
        plain, at.layout, at.folder / RESPONSE, at.settings["title"], changes=changes, since=since
    )
    made += [(path, "Answer to the reviewers, to be filled in") for path in response.files]
    said += response.warnings
    files = record.files(at.part, made, "reviewers")
    return Record(at.part, files, record.measures(path for path, _ in made), tuple(said))


def _page_then(at: Context, given: Source, base: Base) -> Blocks | None:
    """The title page that the version to compare with has before its text, from the protocol of then and the counts of the text of then.

    None where what it printed cannot be read any more.
    """
    if base.protocol is None or not base.printable:
        return None
    found = counted(base.protocol, documents.shown(replace(given, tree=base.tree), at.layout))
    further = title_page.short_texts(base.protocol, at.settings["short_texts"])
    counts = for_title_page(found, at.settings["counts"], further)
    return documents.first_page(base.protocol, at.layout, counts, further)


def _changes(at: Context, plain: Source, base: Base, earlier: Blocks | None, now: Blocks) -> tuple[str, ...]:
    """What changed in what the manuscript shows, a line each: statements that it leaves out and hidden names are not among it."""
    who = revision_files.everybody(plain, base)
    then = documents.shown(replace(plain, tree=base.tree), at.layout, who=who)
    return revision_files.response_changes(
        replace(base, tree=then),
        documents.shown(plain, at.layout, who=who),
        at.review,
        at.root,
        pages=(now if earlier is None else earlier, now),
    )


def _in_one_style(at: Context, plain: Source, base: Base, said: list[str]) -> tuple[Source, Base]:
    """Both texts with citations in the journal's style; both as they are where the earlier one cites what no bibliography has any more."""
    style = at.settings.get("style")
    if not style or not at.bibliographies:
        return plain, base
    try:
        earlier = restyled(base.tree, style, at.bibliographies)
    except ReviewError:
        said.append(
            "the changes are marked in the review's own style of citations: the earlier text cites what is no longer listed"
        )
        return plain, base
    return at.source(at.plan.main), replace(base, tree=earlier)
