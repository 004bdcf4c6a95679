"""``livingreview submission``: how the package for a journal stands against the journal's rules."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "what the package for a journal meets of its rules; without a journal: which journals there are"
DESCRIPTION = (
    "Tell what `make submission` found: each rule of the journal that the package does not meet, and what keeps the evidence from being "
    "ready. The exit status is 1 where there is any. Without a journal, list the journals whose rules are known. Nothing is made: the "
    "package is made by `make submission JOURNAL=NAME`, with STAGE=revision for an answer to reviewers."
)
EXAMPLE = "livingreview submission bmj"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The journal and the stage."""
    parser.add_argument("journal", nargs="?", help="name of the journal's profile (none: list them)")
    parser.add_argument(
        "--stage", default="initial", metavar="STAGE", help="initial (the default) or revision"
    )


def run(given: argparse.Namespace) -> int:
    """Print the verdict; 0 everything is met, 1 something is not."""
    from livingreview.pipeline.fingerprint import repository

    root = repository()
    enter(given.directory)
    if not given.journal:
        return _list(root)
    return _verdict(given.journal, given.stage, root)


def _list(root: Path) -> int:
    from livingreview.errors import ReviewError
    from livingreview.submission import profile

    problems = []
    for name in profile.names(Path(), root):
        try:
            found = profile.load(name, Path(), root)
        except ReviewError as error:  # the others are listed all the same
            problems += error.problems
            continue
        rules = [rule for _, rule in found.rules()]
        read = sum(rule.verified for rule in rules)
        print(f"{name:<10} {found.title} ({len(rules)} rules, {read} of them read at their source)")
    print("make submission JOURNAL=NAME makes the package; docs/journals.md tells how to add a journal")
    if problems:
        raise ReviewError(problems)
    return 0


def _verdict(journal: str, stage: str, root: Path) -> int:
    from livingreview import canonical
    from livingreview.errors import Problem, ReviewError
    from livingreview.pipeline.fingerprint import Fingerprints
    from livingreview.pipeline.layout import make_plan
    from livingreview.submission import checks, package_plan

    prints = Fingerprints(root / "analysis/livingreview", Path("build/fingerprints.json"))
    prefixes = make_plan(root, prints, remember=False)["prefixes"]
    plan = package_plan.load(journal, stage, prefixes, Path(), root)
    place = package_plan.FOLDER / plan.name / package_plan.CHECKS_JSON
    if not place.is_file():
        how = f"make submission JOURNAL={journal}" + (" STAGE=revision" if stage == "revision" else "")
        raise ReviewError(
            Problem("the package has not been made", file=place.parent.as_posix(), suggestion=how)
        )
    found = checks.read(canonical.read_json(place))
    sys.stdout.flush()
    print("\n".join(["", *checks.verdict(found)]))
    return 1 if found.failures else 0
