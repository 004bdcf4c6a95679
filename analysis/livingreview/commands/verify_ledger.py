"""``livingreview verify-ledger``: is every release what it was?"""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter
from livingreview.errors import ReviewError, report

SUMMARY = "check that every release is what was released, and the chain whole"
DESCRIPTION = (
    "Check each file of data/releases against its manifest, each manifest against its digest, and the chain of releases; name everything that "
    "differs, is missing or is too many."
)
EXAMPLE = "livingreview verify-ledger"


def run(given: argparse.Namespace) -> int:
    """Verify the ledger; raises ReviewError with everything that is wrong."""
    from livingreview.releases import ledger, verify

    enter(given.directory)
    problems = verify.verify(Path())
    if any(p.severity == "error" for p in problems):
        raise ReviewError(problems)
    if problems:
        print(report(problems))
    known = ledger.releases(Path())
    files = sum(len(r.manifest["files"]) + 1 for r in known)
    names = ", ".join(r.version + (" (published)" if r.kind == "published" else "") for r in known)
    print(
        f"The ledger is whole: {len(known)} release{'' if len(known) == 1 else 's'} ({names}), {files} files, each as released."
        if known
        else "The ledger is empty: nothing has been released."
    )
    return 0
