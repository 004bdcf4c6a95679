"""Words and patterns that the proof of blinding goes by: ``blinding.yaml`` beside this file, and what a review adds to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean

FILE = "manuscript/blinding.yaml"
_BARE = ("third_person", "third_person_before", "after_references_lines")
_PATTERNS = ("self_citations", "acknowledgements")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A named regular expression; a space in it stands for any white space."""

    name: str
    pattern: str

    def compiled(self) -> re.Pattern[str]:
        """The pattern, ready to search with, letter case ignored."""
        return _compile(self.pattern)


@dataclass(frozen=True, slots=True)
class Words:
    """The content of ``blinding.yaml``; see the remarks there."""

    self_citations: tuple[Pattern, ...]
    acknowledgements: tuple[Pattern, ...]
    reference_headings: frozenset[str]
    after_references: frozenset[str]
    after_references_lines: tuple[str, ...]
    acknowledgement_headings: frozenset[str]
    third_person: tuple[str, ...]
    third_person_before: tuple[str, ...]
    neutral_people: frozenset[str]
    common_words: frozenset[str]
    institution_words: frozenset[str]
    institution_common: frozenset[str]
    body_words: frozenset[str]
    ordinary_names: frozenset[str]
    abbreviations: frozenset[str]
    mail_providers: frozenset[str]


@lru_cache(maxsize=256)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", r"\s+").replace(r"\s+?", r"\s*"), re.IGNORECASE)


def search(pattern: str, text: str) -> re.Match[str] | None:
    """The first place of a pattern of ``blinding.yaml`` in a text."""
    return _compile(pattern).search(text)


@lru_cache(maxsize=8)
def load(review: Path | None = None) -> Words:
    """The words of the package and those of the review's own ``manuscript/blinding.yaml``.

    Raises ReviewError with every unknown key and every pattern that is no regular expression.
    """
    data = yaml.safe_load(Path(__file__).with_name("blinding.yaml").read_text(encoding="utf-8"))
    own = review / FILE if review else None
    if own is not None and own.is_file():
        try:
            added = yaml.safe_load(own.read_text(encoding="utf-8-sig")) or {}
        except yaml.YAMLError as error:
            raise ReviewError(Problem(f"not valid YAML: {getattr(error, 'problem', error)}", FILE)) from None
        problems = list(_problems(added, set(data)))
        if problems:
            raise ReviewError(problems)
        data = {key: value + (added.get(key) or []) for key, value in data.items()}
    found: dict[str, Any] = {}
    for key, value in data.items():
        if key in _PATTERNS:
            found[key] = tuple(Pattern(entry["name"], entry["pattern"]) for entry in value)
        elif key in _BARE:
            found[key] = tuple(value)
        else:
            found[key] = frozenset(str(entry).casefold() for entry in value)
    return Words(**found)


def _problems(added: Any, known: set[str]) -> list[Problem]:
    if not isinstance(added, dict):
        return [Problem("must be a list of `key: value` lines", FILE)]
    problems = []
    for key, value in added.items():
        if key not in known:
            problems.append(
                Problem(f"unknown key {key}", FILE, suggestion=did_you_mean(str(key), sorted(known)) or "")
            )
        elif not isinstance(value, list):
            problems.append(Problem("must be a list", FILE, column=key))
        else:
            for entry in value:
                if key in _PATTERNS and not (isinstance(entry, dict) and set(entry) == {"name", "pattern"}):
                    problems.append(Problem("each entry has a name and a pattern", FILE, column=key))
                    continue
                pattern = entry["pattern"] if key in _PATTERNS else entry
                if key in (*_PATTERNS, *_BARE):
                    try:
                        _compile(str(pattern))
                    except re.error as error:
                        problems.append(
                            Problem(f"no regular expression: {error}", FILE, column=key, value=str(pattern))
                        )
    return problems
