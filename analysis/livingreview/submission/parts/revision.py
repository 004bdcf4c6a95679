"""What an answer to reviewers needs: the manuscript with what changed since it was sent, and the answer to fill in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from livingreview.errors import ReviewError
from livingreview.submission import documents, revision_base, revision_files
from livingreview.submission.documents import Source
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.manuscript import as_made, for_title_page, short_texts
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
        changes = revision_files.response_changes(base, plain.tree, at.review, at.root)
        since = base.since
        given, then = _in_one_style(at, plain, base, said)
        written = revision_files.tracked_copy(
            given,
            then,
            at.layout,
            at.folder / TRACKED,
            counts=for_title_page(as_made(at), at.settings["counts"]),
            further=short_texts(at),
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
