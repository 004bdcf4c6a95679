"""``livingreview add-study``: a study with all its rows, from one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from livingreview.commands import enter

SUMMARY = "add a study with its arms, outcomes, participants and appraisals from one YAML file"
DESCRIPTION = (
    "Read the sections study, records, arms, outcomes, participants and appraisals of a YAML file and add their rows to the "
    "tables, sorted, all or none. Nothing is written that `livingreview check` would refuse."
)
EXAMPLE = "livingreview add-study --from smith2026.yaml"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The file."""
    parser.add_argument("--from", dest="file", type=Path, required=True, metavar="FILE", help="the YAML file")


def run(given: argparse.Namespace) -> int:
    """Add the study and say which rows were written."""
    from livingreview.pipeline.fingerprint import repository
    from livingreview.update import study_file

    root, file = repository(), given.file.resolve()
    enter(given.directory)
    for line in study_file.add(Path(), root, file).lines():
        print(line)
    return 0
