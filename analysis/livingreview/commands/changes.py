"""``livingreview changes``: what changed between two versions."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "what changed between two versions, and what each change is due to"
DESCRIPTION = (
    "Compare two versions of the ledger, or one with the last build, and write facts and report (JSON, Markdown, HTML, PDF) into "
    "build/changes/. Without versions the last build is compared with the last version in the ledger."
)
EXAMPLE = "livingreview changes --since 2026.11"
FOLDER = Path("build/changes")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The two versions."""
    parser.add_argument(
        "--since", metavar="V", help="the earlier version (default: the last in the ledger before the later)"
    )
    parser.add_argument(
        "--until", metavar="V", help="the later version (default: the review as it was last built)"
    )


def run(given: argparse.Namespace) -> int:
    """Write the comparison and say where it is."""
    from livingreview import canonical
    from livingreview.changes import compare, state
    from livingreview.errors import Problem, ReviewError
    from livingreview.pipeline.fingerprint import repository
    from livingreview.releases import ledger
    from livingreview.steps.changes import summary

    root = repository()
    enter(given.directory)
    review = Path()
    after = compare.version(review, given.until) if given.until else compare.present(review)
    if after.is_published:
        raise ReviewError(
            Problem(
                "a published version was not recomputed, so nothing can be compared up to it",
                value=given.until,
                suggestion="name it with --since",
            )
        )
    if given.since:
        before: state.State | None = compare.version(review, given.since)
    else:
        found = ledger.base(review, after.version) if given.until else ledger.last(review)
        before = None if found is None else state.of_release(found)
    if before is not None and given.until and ledger.order(before.version) >= ledger.order(after.version):
        raise ReviewError(
            Problem(
                "the earlier version must come before the later", value=f"{before.version}, {after.version}"
            )
        )
    facts, text = compare.compared(review, root, before, after)
    stem = f"{before.version if before else 'first'}_{after.version if given.until else 'present'}"
    made = compare.written(review, root, facts, text, FOLDER, stem)
    compare.store(FOLDER / f"{stem}.json", facts)
    canonical.write_text(FOLDER / f"{stem}.md", text)
    print(summary(facts))
    for path in (FOLDER / f"{stem}.json", FOLDER / f"{stem}.md", *made):
        print(path)
    return 0
