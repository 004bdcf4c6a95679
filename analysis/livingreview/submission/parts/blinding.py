"""The proof that what reviewers get does not say who wrote it."""

from __future__ import annotations

from dataclasses import asdict

from livingreview.submission import documents, figure_files, identities, leaks
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.record import Record


def run(at: Context) -> Record:
    """Search every file that reviewers get, all together: what stands in one may tell what another hides.

    Words in pictures of pixels and in outlines cannot be read there: the vectors that figures were made from are searched as well.
    """
    found = [
        at.made(made.part, entry.name)
        for made in at.earlier()
        for entry in made.files
        if entry.audience == "reviewers"
    ]
    given = documents.source(at.review, at.root, at.plan.main)
    drawn = figure_files.figures_of(given.tree, at.review, given.document.parent)
    found += [figure.vector for figure in drawn if figure.vector is not None]
    named = identities.identities(at.protocol, at.review, at.root)
    told = leaks.search(found, named, at.review)
    return Record(at.part, record.files(at.part, [], "editor"), {"leaks": [asdict(leak) for leak in told]})
