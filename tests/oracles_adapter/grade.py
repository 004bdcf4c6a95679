"""Our values against those of a case file."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.oracles_adapter.case import Case

# words about a block, and settings of the reference software: nothing to grade
NOT_VALUES = frozenset({"note", "notes", "comment", "reason", "method", "test", "warning", "warnings", "nAGQ", "call", "measure"})  # fmt: skip


@dataclass(frozen=True)
class Refused:
    """We say that the data do not determine the value."""

    reason: str


@dataclass(frozen=True)
class Ungraded:
    """The value is not compared, for this reason."""

    reason: str


@dataclass
class Tally:
    """What came of one block. ``worst`` is the largest error relative to the expected value, or for values near 0 to the size
    at which the absolute tolerance takes over."""

    values: int = 0
    worst: float = 0.0
    worst_key: str = ""
    wrong: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def grade(case: Case, block: str, expected: Any, got: Any) -> Tally:
    """Compare a whole block."""
    tally = Tally()
    _compare(case, block, "", expected, got, tally)
    return tally


def _compare(case: Case, block: str, key: str, expected: Any, got: Any, tally: Tally) -> None:
    leaf = key.split(".")[-1].split("[")[0]
    if expected is None or leaf in NOT_VALUES:
        return
    if isinstance(got, Ungraded):
        tally.skipped.append(f"{key}: {got.reason}")
    elif isinstance(expected, Mapping):
        for name, value in expected.items():
            inner = got.get(name, Ungraded("no rule for this value")) if isinstance(got, Mapping) else got
            _compare(case, block, f"{key}.{name}".lstrip("."), value, inner, tally)
    elif isinstance(expected, list):
        _compare_list(case, block, key, expected, got, tally)
    elif isinstance(expected, bool):
        _note(tally, key, got is expected, expected, got)
    elif isinstance(expected, str):
        _compare_words(tally, key, expected, got)
    elif math.isnan(expected):
        _compare_words(tally, key, "NaN", got)
    else:
        _compare_number(case, block, key, leaf, float(expected), got, tally)


def _compare_list(case: Case, block: str, key: str, expected: list[Any], got: Any, tally: Tally) -> None:
    if isinstance(got, Refused):
        got = [got] * len(expected)
    elif not isinstance(got, list | tuple):
        got = [got]
    if len(got) != len(expected):
        tally.wrong.append(f"{key}: {len(expected)} values expected, {len(got)} found")
        return
    for i, (e, g) in enumerate(zip(expected, got, strict=True)):
        _compare(case, block, f"{key}[{i}]", e, g, tally)


def _compare_words(tally: Tally, key: str, expected: str, got: Any) -> None:
    """A word in place of a number means not estimable; a bound such as ">100" says where the number lies; other words are names."""
    if (bound := re.fullmatch(r"\s*([<>])=?\s*([-+\d.eE]+)\s*", expected)) and isinstance(got, int | float):
        beyond = got >= float(bound[2]) if bound[1] == ">" else got <= float(bound[2])
        _note(tally, key, beyond, expected, got)
    elif isinstance(got, str):
        _note(tally, key, got == expected, expected, got)
    else:
        _note(tally, key, got is None or isinstance(got, Refused), f"not estimable ({expected})", got)


def _compare_number(
    case: Case, block: str, key: str, leaf: str, expected: float, got: Any, tally: Tally
) -> None:
    if isinstance(got, list | tuple) and len(got) == 1:
        got = got[0]
    if isinstance(got, bool) or not isinstance(got, int | float):
        _note(tally, key, False, expected, got)
        return
    rel, absolute = case.allowed(block, leaf)
    difference = 0.0 if float(got) == expected else abs(float(got) - expected)
    error = difference / max(abs(expected), absolute / rel if rel else 0.0, 1e-300)
    _note(tally, key, difference <= max(absolute, rel * abs(expected)), expected, got)
    if not error <= tally.worst:
        tally.worst, tally.worst_key = error, key


def _note(tally: Tally, key: str, right: bool, expected: Any, got: Any) -> None:
    tally.values += 1
    if not right:
        tally.wrong.append(f"{key}: {expected!r} expected, {got!r} found")
