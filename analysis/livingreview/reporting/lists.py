"""Checklists of reporting guidelines, one YAML file each in ``manuscript/reporting/``, shared by all reviews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean
from livingreview.yaml_source import Source, read

FOLDER = "manuscript/reporting"
_FIELDS = ("name", "title", "doi", "note", "items")
_ITEM = ("item", "section", "topic", "asks")


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its number and topic as the guideline has them, and what it asks for, in our own words."""

    item: str
    section: str
    topic: str
    asks: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """One guideline: ``code`` is the stem of its file, ``note`` is printed below its table."""

    code: str
    name: str
    title: str
    doi: str
    items: tuple[Item, ...]
    note: str = ""


def files(review: Path, root: Path) -> list[Path]:
    """The checklists of a review: the repository's, and those that the review has itself (which go first), by name."""
    found = {p.stem: p for folder in (root, review) for p in sorted((folder / FOLDER).glob("*.yaml"))}
    return [found[code] for code in sorted(found)]


def load(review: Path, root: Path) -> dict[str, Checklist]:
    """Every checklist by code. Raises ReviewError with every problem of every file, with lines."""
    found, problems = {}, []
    for path in files(review, root):
        try:
            found[path.stem] = _read(path)
        except ReviewError as error:
            problems += error.problems
    if problems:
        raise ReviewError(problems)
    return found


def _read(path: Path) -> Checklist:
    name = f"{FOLDER}/{path.name}"
    source = read(path, name)
    data = source.data
    problems = list(source.problems)
    if not isinstance(data, dict):
        raise ReviewError(Problem("a checklist is expected here", name, 1, allowed=", ".join(_FIELDS)))
    problems += [_unknown(key, _FIELDS, name, source.line((key,))) for key in data if key not in _FIELDS]
    problems += [
        Problem(f"`{key}` is missing", name, 1) for key in ("name", "title", "doi") if not _text(data, key)
    ]
    listed = data.get("items")
    if not isinstance(listed, list) or not listed:
        raise ReviewError([*problems, Problem("`items` must be a list", name, source.line(("items",)))])
    items = [item for number in range(len(listed)) if (item := _item(source, number, name, problems))]
    seen: dict[str, int] = {}
    for number, item in enumerate(items):
        if item.item in seen:
            problems.append(
                Problem("the item stands twice", name, source.line(("items", number)), value=item.item)
            )
        seen[item.item] = number
    if problems:
        raise ReviewError(problems)
    return Checklist(
        path.stem,
        _text(data, "name"),
        _text(data, "title"),
        _text(data, "doi"),
        tuple(items),
        _text(data, "note"),
    )


def _item(source: Source, number: int, name: str, problems: list[Problem]) -> Item | None:
    line = source.line(("items", number))
    entry = source.data["items"][number]
    if not isinstance(entry, dict):
        problems.append(Problem(f"an item needs {', '.join(_ITEM)}", name, line))
        return None
    problems += [_unknown(key, _ITEM, name, line) for key in entry if key not in _ITEM]
    missing = [key for key in _ITEM if not _text(entry, key)]
    if missing:
        problems.append(Problem(f"`{'`, `'.join(missing)}` missing", name, line, allowed=", ".join(_ITEM)))
        return None
    return Item(*(_text(entry, key) for key in _ITEM))


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return value.strip() if isinstance(value, str) else ""


def _unknown(key: str, known: tuple[str, ...], name: str, line: int) -> Problem:
    return Problem(
        f"unknown key `{key}`", name, line, allowed=", ".join(known), suggestion=did_you_mean(key, known)
    )
