"""The models against reference values, computed elsewhere with tightly converged software and a second implementation.

Each test is one block of one case file, graded at the file's own tolerance. The folder is tests/oracles, or the one that the
environment variable ORACLES names. A block that no rule knows is skipped by its name.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.oracles_adapter.case import Block, Case
from tests.oracles_adapter.design import Unknown
from tests.oracles_adapter.grade import grade
from tests.oracles_adapter.rules import answer

OWN = Path(__file__).parent / "oracles"
FOLDER = Path(os.environ.get("ORACLES") or OWN)
CASES = {str(p.relative_to(FOLDER).with_suffix("")): p for p in sorted(FOLDER.rglob("*.json"))}


def blocks(path: Path) -> tuple[str, ...]:
    try:
        return tuple(b.name for b in Case(path).blocks())
    except ValueError as error:
        return (f"not a case: {error}",)


@pytest.mark.parametrize(
    ("path", "name"),
    [pytest.param(path, name, id=f"{case}-{name}") for case, path in CASES.items() for name in blocks(path)],
)
def test_block(path: Path, name: str, record_property: Callable[[str, object], None]) -> None:
    if name.startswith("not a case"):
        pytest.skip(f"{path.name}: {name}")
    case = Case(path)
    block = next(b for b in case.blocks() if b.name == name)
    try:
        got = answer(case, block)
    except Unknown as reason:
        pytest.skip(f"{case.name} {name}: {reason}")
    tally = grade(case, name, block.expected, got)
    if not tally.values:
        pytest.skip(f"{case.name} {name}: {'; '.join(tally.skipped) or 'nothing to grade'}")
    record_property(
        "oracle",
        json.dumps([name, tally.values, tally.worst, f"{case.name} {tally.worst_key}", tally.skipped]),
    )
    assert not tally.wrong, f"{case.name}, block {name}:\n" + "\n".join(tally.wrong)


def test_there_are_cases() -> None:
    assert CASES, f"{FOLDER} holds no case file"


@pytest.fixture
def case() -> Case:
    return Case(OWN / "p01_prop_pritz.json")


def wrongs(case: Case, name: str, expected: Any) -> list[str]:
    return grade(case, name, expected, answer(case, Block(name, name, expected))).wrong


def test_a_number_beyond_the_tolerance_is_wrong(case: Case) -> None:
    expected = copy.deepcopy(case.expected["PLO_REML"])
    assert not wrongs(case, "PLO_REML", expected)
    expected["tau2"] *= 1 + 2e-6
    assert [w.split(":")[0] for w in wrongs(case, "PLO_REML", expected)] == ["tau2"]


def test_a_number_where_the_file_says_not_estimable_is_wrong(case: Case) -> None:
    expected = case.expected["PLO_REML"] | {"se_tau2": "not estimable"}
    assert [w.split(":")[0] for w in wrongs(case, "PLO_REML", expected)] == ["se_tau2"]


def test_a_refusal_is_right_only_where_the_file_says_so(case: Case) -> None:
    case.inputs = {"xi": [3], "ni": [5]}
    assert not wrongs(case, "PLO_REML", {"estimate": "not estimable", "tau2": "not estimable"})
    assert wrongs(case, "PLO_REML_knha", {"estimate": None, "tau2": "no", "se_tau2": 0.5})


def test_an_unknown_block_or_value_is_named(case: Case) -> None:
    with pytest.raises(Unknown, match="no rule"):
        answer(case, Block("three_level", "three_level", {}))
    expected = {"estimate": case.expected["PLO_DL"]["estimate"], "cooks_distance": 0.1}
    tally = grade(case, "PLO_DL", expected, answer(case, Block("PLO_DL", "PLO_DL", expected)))
    assert (tally.values, tally.skipped) == (1, ["cooks_distance: no rule for this value"])
