"""Command line: ``livingreview --help``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from livingreview import __version__
from livingreview.errors import Problem, ReviewError, report

COMMANDS = ("check", "new", "certainty", "receipt", "clean-room")
EPILOG = """\
A review is a folder with review.yaml, data/raw/ and manuscript/. To build it: make rebuild, or snakemake rebuild
(add --directory DIR for a review elsewhere). What a build did and why is in build/receipt.json.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status (1: something in the review needs mending)."""
    parser = _parser()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words:
        parser.print_help()
        return 0
    if not words[0].startswith("-") and words[0] not in (*COMMANDS, "step"):
        parser.exit(2, f"There is no command {words[0]}. The commands are: {', '.join(COMMANDS)}.\n")
    given = parser.parse_args(words)
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

    check = _command(
        commands,
        "check",
        "check protocol and tables; all problems at once, nothing is written",
        "Read review.yaml and every table of data/raw and tell all that does not fit, with file, row and column.",
        "livingreview check --directory ../my-review",
    )
    check.set_defaults(action=_check)

    new = _command(
        commands,
        "new",
        "start another review in a new folder",
        "Lay the files of a new review into an empty or new folder: a protocol to fill in, empty tables, first texts.",
        "livingreview new ../my-review",
    )
    new.set_defaults(action=_new)

    sheet = _command(
        commands,
        "certainty",
        "write the sheet of judgements on certainty that are to be signed",
        "Write build/certainty/to_sign.csv from the last build: one line for each judgement (GRADE) that nobody has signed or "
        "that is open again, with what is proposed and why.",
        "livingreview certainty",
    )
    sheet.set_defaults(action=_certainty)

    receipt = _command(
        commands,
        "receipt",
        "what the last build ran, and why",
        "Print the steps of the last build with the reason of each, and what lies there now.",
        "livingreview receipt",
    )
    receipt.set_defaults(action=_receipt)

    room = _command(
        commands,
        "clean-room",
        "build from scratch elsewhere and compare every output",
        "Build the review from its sources in a temporary folder and compare the bytes of every output with those here.",
        "livingreview clean-room",
    )
    room.set_defaults(action=_clean_room)

    # Steps are for the workflow, not for people: no help line.
    step = commands.add_parser("step")
    step.add_argument("name")
    step.add_argument("--wildcard", action="append", default=[])
    for name in ("inputs", "outputs", "guards"):
        step.add_argument(f"--{name}", nargs="*", default=[])
    step.set_defaults(action=_step)
    return parser


def _command(
    commands: Any, name: str, summary: str, description: str, example: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=description, epilog=f"Example: {example}"
    )
    if name == "new":
        parser.add_argument("directory", type=Path, metavar="DIR", help="the folder to make")
    else:
        parser.add_argument(
            "--directory", type=Path, default=Path(), metavar="DIR", help="the review (default: here)"
        )
    return parser


def _enter(directory: Path) -> None:
    """Go into a review's folder; raises ReviewError where there is none."""
    if not (directory / "review.yaml").is_file():
        raise ReviewError(
            Problem(
                f"no review in {directory}: it has no review.yaml"
                if directory.is_dir()
                else f"no folder {directory}",
                suggestion="name the folder of a review with --directory DIR, or start one with `livingreview new DIR`",
            )
        )
    os.chdir(directory)


def _check(given: argparse.Namespace) -> int:
    from livingreview.extraction import dataset
    from livingreview.pipeline.fingerprint import repository
    from livingreview.screening import flow

    root = repository()
    _enter(given.directory)
    found = dataset.load(Path(), root)
    merges = flow.duplicates(found)
    flow.flow(found, merges)
    if problems := [*found.problems, *merges.problems]:
        print(report(problems))
    rows = sum(len(table) for table in found.tables.values())
    print(
        f"No errors: {rows} rows in {len(found.tables)} tables agree with the protocol and with each other."
    )
    if not found.tables["studies"]:
        print("There are no studies yet.")
    return 0


def _new(given: argparse.Namespace) -> int:
    from livingreview import scaffold

    for line in scaffold.create(given.directory):
        print(line)
    return 0


def _certainty(given: argparse.Namespace) -> int:
    from livingreview.certainty import sheet

    _enter(given.directory)
    for line in sheet.write(Path()):
        print(line)
    return 0


def _receipt(given: argparse.Namespace) -> int:
    from livingreview import canonical
    from livingreview.pipeline import receipt

    path = given.directory / receipt.PATH
    if not path.is_file():
        sys.stderr.write(f"Nothing has been built here yet: there is no {path}. To build: make rebuild\n")
        return 1
    content = canonical.read_json(path)
    for step in content["steps"]:
        name = " ".join([step["rule"], *step["wildcards"].values()])
        print(f"{name}: {step['why']} ({step['seconds']:.1f} s)")
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
    return runner.run(call, lambda c: registry.ACTIONS[given.name](layout, c), code)


if __name__ == "__main__":
    sys.exit(main())
