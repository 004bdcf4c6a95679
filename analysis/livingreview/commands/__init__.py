"""The commands of the command line, one module each.

A module holds ``SUMMARY`` (one line for the list), ``DESCRIPTION``, ``EXAMPLE``, ``run(given) -> int`` and, where it takes
more than ``--directory``, ``arguments(parser)``. Imports of anything heavy belong inside ``run``: the whole list is loaded for
every call of the program.
"""

from __future__ import annotations

import argparse
import importlib
import os
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError

COMMANDS = (
    "check",
    "status",
    "new",
    "import-records",
    "add-study",
    "template",
    "import-xlsx",
    "agreement",
    "migrate",
    "merge-table",
    "certainty",
    "why",
    "receipt",
    "trace",
    "changes",
    "clean-room",
    "release",
    "verify-ledger",
    "rebuild-release",
    "archive",
    "submission",
    "submitted",
    "pdf-preview",
)
WITHOUT_REVIEW = ("new",)


def add(commands: Any) -> None:
    """Add every command to the subparsers of an :class:`argparse.ArgumentParser`."""
    for name in COMMANDS:
        module = importlib.import_module(f"livingreview.commands.{name.replace('-', '_')}")
        parser: argparse.ArgumentParser = commands.add_parser(
            name, help=module.SUMMARY, description=module.DESCRIPTION, epilog=f"Example: {module.EXAMPLE}"
        )
        if hasattr(module, "arguments"):
            module.arguments(parser)
        if name not in WITHOUT_REVIEW:
            parser.add_argument(
                "--directory", type=Path, default=Path(), metavar="DIR", help="the review (default: here)"
            )
        parser.set_defaults(action=module.run)


def enter(directory: Path) -> None:
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
