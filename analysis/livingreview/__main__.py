"""Command line: ``livingreview --help``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from livingreview import __version__
from livingreview.errors import ReviewError, report

EPILOG = """\
A review is a folder with review.yaml, data/raw/ and manuscript/. To build it: make rebuild, or snakemake rebuild
(add --directory DIR for a review elsewhere). What a build did and why is in build/receipt.json.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status (1: something in the review needs mending)."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        return int(given.action(given))
    except ReviewError as error:
        sys.stderr.write(report(error.problems) + "\n")
        return 1
    except BrokenPipeError:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="livingreview",
        description="Keep a living systematic review: check its tables, start a new one, see what a build did.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"livingreview {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="check protocol and tables; all problems at once, nothing is written")
    check.add_argument("--directory", type=Path, default=Path(), metavar="DIR", help="the review (default: here)")
    check.set_defaults(action=_check)

    new = commands.add_parser("new", help="start another review in a new folder")
    new.add_argument("directory", type=Path, metavar="DIR")
    new.set_defaults(action=_new)

    receipt = commands.add_parser("receipt", help="what the last build ran, and why")
    receipt.add_argument("--directory", type=Path, default=Path(), metavar="DIR")
    receipt.set_defaults(action=_receipt)

    room = commands.add_parser("clean-room", help="build from scratch elsewhere and compare every output")
    room.add_argument("--directory", type=Path, default=Path(), metavar="DIR")
    room.set_defaults(action=_clean_room)

    # Steps are for the workflow, not for people: no help line.
    step = commands.add_parser("step")
    step.add_argument("name")
    step.add_argument("--wildcard", action="append", default=[])
    for name in ("inputs", "outputs", "guards"):
        step.add_argument(f"--{name}", nargs="*", default=[])
    step.set_defaults(action=_step)
    return parser


def _check(given: argparse.Namespace) -> int:
    from livingreview.extraction import dataset
    from livingreview.pipeline.fingerprint import repository
    from livingreview.screening import flow

    os.chdir(given.directory)
    found = dataset.load(Path(), repository())
    flow.flow(found)
    if found.problems:
        print(report(found.problems))
    rows = sum(len(table) for table in found.tables.values())
    print(f"No errors: {rows} rows in {len(found.tables)} tables agree with the protocol and with each other.")
    return 0


def _new(given: argparse.Namespace) -> int:
    from livingreview import scaffold

    for line in scaffold.create(given.directory):
        print(line)
    return 0


def _receipt(given: argparse.Namespace) -> int:
    from livingreview import canonical
    from livingreview.pipeline import receipt

    path = given.directory / receipt.PATH
    if not path.is_file():
        raise ReviewError(f"no receipt at {path}: nothing has been built here yet")
    content = canonical.read_json(path)
    for step in content["steps"]:
        print(f"{step['rule']}: {step['why']} ({step['seconds']:.1f} s)")
    print(receipt.summary(content))
    return 0


def _clean_room(given: argparse.Namespace) -> int:
    from livingreview.pipeline import cleanroom
    from livingreview.pipeline.fingerprint import repository

    return cleanroom.compare(given.directory.resolve(), repository())


def _step(given: argparse.Namespace) -> int:
    from livingreview.pipeline import runner
    from livingreview.pipeline.fingerprint import Fingerprints, repository
    from livingreview.pipeline.layout import Layout, engine_identity, fingerprint_parts, make_plan
    from livingreview.steps import registry

    root = repository()
    wildcards = dict(item.split("=", 1) for item in given.wildcard)
    call = runner.Call(given.name, wildcards, given.inputs, given.outputs, given.guards)
    prints = Fingerprints(root / "analysis/livingreview", Path("build/fingerprints.json"))
    plan = make_plan(root, prints)
    if given.name == "document":
        plan["engine"] = engine_identity()
    layout = Layout(root, plan)
    code = fingerprint_parts(layout, prints, given.name, wildcards)
    return runner.run(call, lambda c: _dispatch(registry.ACTIONS[given.name](layout, c)), code)


def _dispatch(written: Iterable[Path | str] | None) -> Iterable[Path | str]:
    return written or []


if __name__ == "__main__":
    sys.exit(main())
