"""``livingreview submitted``: record what was sent to a journal, so that a revision can be compared with it."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "record the package that was sent to a journal"
DESCRIPTION = (
    "Once a package made by `make submission` has really been sent: keep its text, the studies behind it and the SHA-256 of its files in "
    "data/submissions/JOURNAL/ROUND. A revision is then compared with it. A record never changes. It is refused when there is no package, "
    "when the build is newer than the package, or when the round is recorded with other content."
)
EXAMPLE = "livingreview submitted adr; after a revision was sent: livingreview submitted adr --round 2"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the journal and the round."""
    parser.add_argument("journal", metavar="JOURNAL", help="a profile in manuscript/journals, such as adr")
    parser.add_argument(
        "--round",
        type=int,
        default=1,
        metavar="N",
        help="1: the first submission (default); 2: its first revision; and so on",
    )


def run(given: argparse.Namespace) -> int:
    """Record the package; raises ReviewError with every reason against it."""
    from livingreview import protocol as protocols
    from livingreview.pipeline.fingerprint import repository
    from livingreview.submission import profile, revision_base, rounds

    root = repository().resolve()
    enter(given.directory)
    here = Path()
    profile.file(given.journal, here, root)
    protocol = protocols.load(here / protocols.FILE)
    made, new = rounds.record(
        here,
        given.journal,
        given.round,
        protocol.version,
        protocol.date.isoformat(),
        revision_base.studies_now(here, root),
    )
    if not new:
        print(f"Round {made.number} of {made.journal} is recorded already, with the same content.")
        return 0
    print(f"Recorded as sent to {made.journal}, round {made.number}: version {made.version} of {made.date},")
    print(f"  {len(made.files)} files of {rounds.PACKAGES}/{rounds.package(made.journal, made.number)}")
    print(f"Commit it: git add {made.folder} && git commit")
    return 0
