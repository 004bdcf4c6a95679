"""The protocol of a review: ``review.yaml`` as typed, frozen data, checked as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from livingreview import yaml_model
from livingreview.errors import Problem, ReviewError
from livingreview.protocol_conflicts import CONFLICTS
from livingreview.protocol_model import Protocol
from livingreview.yaml_source import Source, Where, read

FILE = "review.yaml"


@dataclass(frozen=True)
class Draft:
    """What could be read of a protocol: ``protocol`` holds the fields in ``known``; with ``problems`` it is not usable as such."""

    protocol: Protocol
    known: frozenset[str]
    problems: list[Problem]
    source: Source | None = None

    def problem(self, where: Where, message: str, suggestion: str = "") -> Problem:
        """A problem at a place of the protocol that shows only beside other files."""
        return yaml_model.at(self.source or Source(None), FILE, where, message, suggestion)


def load(path: Path) -> Protocol:
    """Read and check a protocol. Raises ReviewError with every problem, each with file and line."""
    found = draft(path)
    if found.problems:
        raise ReviewError(found.problems)
    return found.protocol


def draft(path: Path) -> Draft:
    """Read a protocol as far as it can be read, so that tables can be checked beside it; raises nothing."""
    path = Path(path)
    name = path.name
    try:
        source = read(path, name)
    except ReviewError as error:
        return Draft(Protocol.model_construct(), frozenset(), error.problems)
    problems = list(source.problems)
    if not isinstance(source.data, dict):
        problems.append(Problem("the protocol must be a list of `key: value` lines", file=name, row=1))
        return Draft(Protocol.model_construct(), frozenset(), problems)
    data = dict(source.data)
    previous = data.get("previous_version")
    if (
        isinstance(previous, dict)
        and "published" not in previous
        and isinstance(previous.get("published_file"), str)
    ):
        published, found = _published(path.parent, previous["published_file"])
        problems += [
            yaml_model.at(source, name, ("previous_version", "published_file"), text) for text in found
        ]
        data["previous_version"] = {**previous, "published": published}
    try:
        protocol = Protocol.model_validate(data)
        known = frozenset(Protocol.model_fields)
    except ValidationError as error:
        problems += yaml_model.problems(Protocol, source, name, error)
        protocol, known = yaml_model.partial(Protocol, data)
    for needed, conflicts in CONFLICTS:
        if known.issuperset(needed.split()):
            problems += [
                yaml_model.at(source, name, where, text, hint) for where, text, hint in conflicts(protocol)
            ]
    return Draft(protocol, known, sorted(problems, key=lambda p: (p.row or 0, p.message)), source)


def _published(folder: Path, file: str) -> tuple[dict[str, Any], list[str]]:
    import json

    import yaml

    if file.startswith("/") or ".." in file.split("/"):
        return {}, []  # refused by the model
    try:
        content = yaml.load(
            (folder / file).read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
        content = json.loads(json.dumps(content, default=str))
    except FileNotFoundError:
        return {}, [f"the file {file} is missing"]
    except (OSError, ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
        return {}, [f"{file} cannot be read: {error}"]
    return (content, []) if isinstance(content, dict) else ({}, [f"{file} must hold `key: value` lines"])
