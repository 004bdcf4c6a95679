"""Effects, moderators and groups of a case, found from the names in its blocks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from livingreview.synthesis.models import subgroups
from livingreview.synthesis.models.effects import Array, Effects
from tests.oracles_adapter.blocks import Block
from tests.oracles_adapter.case import Case


class Unknown(Exception):
    """The block cannot be graded; the message says why."""


def studies(case: Case, block: Block, measure: str | None) -> Effects:
    """The effects behind a block: those given, unless the block names a measure or a correlation."""
    found = case.effects(measure or (None if case.given() else case.measure()), block.r)
    if found is None:
        raise Unknown("the inputs do not show which effects these are")
    return found


def design(case: Case, moderator: str | None, expected: Mapping[str, Any]) -> Array:
    """The matrix behind the coefficients that a block names, else behind the moderator in the block's own name."""
    names = expected.get("coef_names")
    if not isinstance(names, list):
        if moderator is None:
            raise Unknown("the block names no moderator")
        return _by_moderator(case, moderator)
    columns = [_column(case, str(name), [str(n) for n in names]) for name in names]
    return np.column_stack(columns)


def _by_moderator(case: Case, name: str) -> Array:
    column = case.column(name)
    if column is None:
        raise Unknown(f"the inputs have no column {name}")
    if all(isinstance(x, int | float) for x in column):
        return np.column_stack([np.ones(len(column)), np.array(column, dtype=float)])
    return subgroups.dummies([str(x) for x in column])


def _column(case: Case, name: str, names: list[str]) -> Array:
    """One coefficient's column: the intercept, a column of numbers, one shifted by a constant, or the indicator of a level."""
    length = max(len(v) for v in case.inputs.values() if isinstance(v, list))
    if name in ("intrcpt", "(Intercept)"):
        return np.ones(length)
    if (numbers := case.numbers(name)) is not None:
        return numbers[0]
    if (shifted := re.fullmatch(r"I\((\w+)\s*-\s*([\d.]+)\)", name)) and (
        numbers := case.numbers(shifted[1])
    ):
        return numbers[0] - float(shifted[2])
    for key, column in case.inputs.items():
        levels = {str(x) for x in column} if isinstance(column, list) else set()
        for level in levels:
            stem = name.removesuffix(level)
            named = stem in (key, f"factor({key})") or re.fullmatch(r"factor\(\w+\)", stem)
            if stem != name and named and _levels_fit(levels, names):
                return np.array([float(str(x) == level) for x in column])
    for column in case.inputs.values():
        ordered = sorted({str(x) for x in column}) if isinstance(column, list) else []
        stems = [n.removesuffix(one) for n, one in zip(names[1:], ordered[1:], strict=False)]
        # a factor under another name: the same stem before every level but the first
        if len(ordered) == len(names) > 1 and len(set(stems)) == 1 and stems[0] not in names:
            level = name.removeprefix(stems[0])
            if level in ordered[1:]:
                return np.array([float(str(x) == level) for x in column])
    raise Unknown(f"the inputs have no column for the coefficient {name}")


def _levels_fit(levels: set[str], names: list[str]) -> bool:
    """Whether all levels but the first stand among the coefficients."""
    return all(any(name.endswith(level) for name in names) for level in sorted(levels)[1:])


def grouping(case: Case, expected: Mapping[str, Any]) -> list[str]:
    """The column whose values are the groups of the block."""
    wanted = {str(g) for g in expected.get("groups", [])}
    for column in case.inputs.values():
        if isinstance(column, list) and {str(x) for x in column} == wanted:
            return [str(x) for x in column]
    raise Unknown("the inputs have no column with these groups")
