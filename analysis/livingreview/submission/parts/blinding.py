"""The proof that what reviewers get does not say who wrote it."""

from __future__ import annotations

from dataclasses import asdict

from livingreview.submission import identities, leaks
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.record import Record


def run(at: Context) -> Record:
    """Search every file that reviewers get, all together: what stands in one may tell what another hides."""
    found = [
        at.made(made.part, entry.name)
        for made in at.earlier()
        for entry in made.files
        if entry.audience == "reviewers"
    ]
    named = identities.identities(at.protocol, at.review, at.root)
    told = leaks.search(found, named, at.review)
    return Record(at.part, record.files(at.part, [], "editor"), {"leaks": [asdict(leak) for leak in told]})
