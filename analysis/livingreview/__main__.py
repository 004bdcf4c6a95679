"""Command line: ``livingreview --help``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from livingreview import __version__
from livingreview.commands import COMMANDS, add
from livingreview.errors import ReviewError, report

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

    add(commands)

    # Steps are for the workflow, not for people: no help line.
    step = commands.add_parser("step")
    step.add_argument("name")
    step.add_argument("--wildcard", action="append", default=[])
    for name in ("inputs", "outputs", "guards"):
        step.add_argument(f"--{name}", nargs="*", default=[])
    step.set_defaults(action=_step)
    return parser


def _step(given: argparse.Namespace) -> int:
    from livingreview.pipeline import process

    process.end_on_interrupt()  # before anything takes time
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
