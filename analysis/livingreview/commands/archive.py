"""``livingreview archive``: the built review as one file that can be deposited."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "put data, code and all that was built into one ZIP that can be checked and rebuilt"
DESCRIPTION = (
    "Write the last build with its data, code and lock as a Workflow Run RO-Crate: every step with what it read and wrote, every number "
    "and figure with the studies behind it, CITATION.cff, codemeta.json and SHA256SUMS. The same build gives the same bytes. It is refused "
    "when nothing is built, or when a file changed since."
)
EXAMPLE = "livingreview archive --out archive.zip"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file to write."""
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="the file to write (default: submission/archive-VERSION.zip in the review)",
    )


def run(given: argparse.Namespace) -> int:
    """Write the archive; raises ReviewError with every reason against it."""
    from livingreview.pipeline.fingerprint import repository
    from livingreview.submission import archive

    root = repository().resolve()
    out = given.out.resolve() if given.out else None
    enter(given.directory)
    out = out or Path("submission") / archive.name(Path())
    made = archive.write(Path(), root, out)
    print(f"{out}: {made.files} files, {made.bytes / 1e6:.1f} MB, SHA-256 {made.sha256}")
    print(
        f"  {made.steps} steps, {made.figures} figures and {made.claims} numbers, behind them {made.studies} reports"
    )
    print("  to check it: unzip it, then sha256sum -c SHA256SUMS; ARCHIVE.md in it says more")
    return 0
