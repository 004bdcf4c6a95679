"""``manuscript/numbers.yaml``: the numbers that may stand in the prose without being claims, by kind and with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livingreview.claims.numbers import tokens
from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean
from livingreview.yaml_source import Source, read

FILE = "manuscript/numbers.yaml"
_LEAST_REASON = 15
# Nobody may take the findings themselves out of the check.
_NEVER_EXEMPT = frozenset({"abstract", "results", "discussion", "conclusion", "conclusions"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of number that needs no claim: what it is, and what a text of this kind must look like."""

    meaning: str
    pattern: re.Pattern[str]


KINDS: Mapping[str, Kind] = {
    "citation_year": Kind(
        "the year by which a publication is named", re.compile(r".*\b(?:1[5-9]|20)\d\d\b.*", re.S)
    ),
    "confidence_level": Kind("the level of an interval", re.compile(r".*\d\s*%.*", re.S)),
    "formula": Kind("a chemical formula", re.compile(r".*[A-Za-z][~_]?[0-9₀-₉].*", re.S)),
    "place": Kind(
        "the number of a section, table, figure, item or version",
        re.compile(r".*\b(?:section|table|figure|item|part|version|chapter)s?\b.*", re.S | re.I),
    ),
    "method": Kind("what the methods fix, whatever the data say", re.compile(r".*\S\s+\S.*", re.S)),
    "name": Kind("part of a name", re.compile(r".*[^\W\d_].*", re.S)),
}
"""The kinds that exist; another one is refused."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One text that may be printed, with the line of ``numbers.yaml`` where it stands."""

    kind: str
    text: str
    reason: str
    line: int

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the entry stands in a text, as whole words; any white space in it matches any other."""
        words = [re.escape(word) for word in self.text.split()]
        pattern = r"(?<!\w)" + r"[\s\u00a0\u202f]+".join(words) + r"(?!\w)"
        # the first letter may begin a sentence
        for match in re.finditer(pattern, text, re.I if self.text[:1].isalpha() else 0):
            yield match.span()


@dataclass(frozen=True, slots=True)
class Exempt:
    """A section (by its title or label) in which numbers need not be claims."""

    section: str
    reason: str
    line: int


@dataclass(slots=True)
class Allowed:
    """What ``numbers.yaml`` says. Without the file nothing is allowed and no section is exempt."""

    entries: list[Entry] = field(default_factory=list)
    exempt: list[Exempt] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def covers(self, text: str, start: int, end: int) -> bool:
        """Whether ``text[start:end]`` lies in an allowed text; notes the entry as used."""
        for entry in self.entries:
            if any(a <= start and end <= b for a, b in entry.spans(text)):
                self.used.add(entry.line)
                return True
        return False

    def exempts(self, section: str, label: str) -> bool:
        """Whether the section of this title and label is exempt; notes the entry as used."""
        for entry in self.exempt:
            if entry.section == label or entry.section.casefold() == section.casefold():
                self.used.add(entry.line)
                return True
        return False

    def unused(self) -> list[Problem]:
        """A warning for each entry that nothing needs, so that the list stays as short as it can be."""
        named = [(e.line, e.text) for e in self.entries] + [(e.line, e.section) for e in self.exempt]
        return [
            Problem(
                "nothing in the documents needs this entry",
                FILE,
                line,
                value=value,
                suggestion="take it out",
                severity="warning",
            )
            for line, value in named
            if line not in self.used
        ]


def load(review: Path) -> Allowed:
    """The list of a review. Raises ReviewError with every problem of the file, each with its line."""
    path = review / FILE
    if not path.is_file():
        return Allowed()
    source = read(path, FILE)
    problems = list(source.problems)
    if not isinstance(source.data, dict):
        raise ReviewError(Problem("`exempt` and `allowed` are expected here, each a list", FILE, 1))
    for key in source.data:
        if key not in ("exempt", "allowed"):
            problems.append(_unknown(key, ("exempt", "allowed"), source.line((key,))))
    found = Allowed()
    for line, item in _items(source, "exempt", ("section", "reason"), problems):
        if item["section"].casefold() in _NEVER_EXEMPT:
            problems.append(
                Problem(
                    "the findings cannot be exempt",
                    FILE,
                    line,
                    value=item["section"],
                    suggestion="take it out",
                )
            )
        found.exempt.append(Exempt(item["section"], item["reason"], line))
    for line, item in _items(source, "allowed", ("kind", "text", "reason"), problems):
        problems += _entry_problems(item, line)
        found.entries.append(Entry(item["kind"], item["text"], item["reason"], line))
    seen: dict[str, int] = {}
    for entry in found.entries:
        if entry.text in seen:
            problems.append(
                Problem(
                    f"the text is already allowed in line {seen[entry.text]}",
                    FILE,
                    entry.line,
                    value=entry.text,
                )
            )
        seen.setdefault(entry.text, entry.line)
    if problems:
        raise ReviewError(problems)
    return found


def _items(
    source: Source, key: str, fields: tuple[str, ...], problems: list[Problem]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and fields of each complete item of a list; what is amiss goes to ``problems``."""
    listed: Any = source.data.get(key) or []
    if not isinstance(listed, list):
        problems.append(Problem(f"`{key}` must be a list", FILE, source.line((key,))))
        return
    for number, item in enumerate(listed):
        line = source.line((key, number))
        if not isinstance(item, dict):
            problems.append(Problem(f"an entry of `{key}` needs {', '.join(fields)}", FILE, line))
            continue
        problems += [_unknown(name, fields, line) for name in item if name not in fields]
        missing = [name for name in fields if not isinstance(item.get(name), str) or not item[name].strip()]
        if missing:
            problems.append(
                Problem(f"`{'`, `'.join(missing)}` missing", FILE, line, allowed=", ".join(fields))
            )
            continue
        if len(item["reason"].strip()) < _LEAST_REASON:
            problems.append(
                Problem("the reason says too little for a reader", FILE, line, value=item["reason"])
            )
        yield line, {name: item[name].strip() for name in fields}


def _entry_problems(item: Mapping[str, str], line: int) -> Iterator[Problem]:
    kind = KINDS.get(item["kind"])
    if kind is None:
        yield Problem(
            "unknown kind of number",
            FILE,
            line,
            value=item["kind"],
            allowed="; ".join(f"{name}: {known.meaning}" for name, known in KINDS.items()),
            suggestion=did_you_mean(item["kind"], KINDS),
        )
        return
    if not kind.pattern.fullmatch(item["text"]):
        yield Problem(
            f"this is not {kind.meaning}",
            FILE,
            line,
            value=item["text"],
            suggestion="choose the right kind, or use a claim",
        )
    numbers = tokens(item["text"])
    if not numbers and not re.search(r"\b(?:half|both|most|all|none|neither|one)\b", item["text"], re.I):
        yield Problem(
            "there is no number in this text", FILE, line, value=item["text"], suggestion="take it out"
        )
    elif re.fullmatch(r"[\d\s.,]+", item["text"]):
        yield Problem(
            "a number by itself would be allowed everywhere",
            FILE,
            line,
            value=item["text"],
            suggestion="give the words around it too",
        )


def _unknown(name: str, fields: tuple[str, ...], line: int) -> Problem:
    return Problem(
        f"unknown key `{name}`", FILE, line, allowed=", ".join(fields), suggestion=did_you_mean(name, fields)
    )
