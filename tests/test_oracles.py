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

from tests.oracles_adapter.blocks import Block
from tests.oracles_adapter.case import Case
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


def test_limits_beyond_the_search_of_the_reference_are_not_graded(case: Case) -> None:
    case.inputs = {"xi": [3, 7], "ni": [9, 12]}
    ours = answer(case, Block("PLO_REML", "PLO_REML", {}))["tau2_qp_ub"]
    assert ours > 100
    assert not wrongs(case, "PLO_REML", {"tau2_qp_ub": 100, "I2_qp_ub": 99.58})
    assert not wrongs(case, "PLO_REML", {"tau2_qp_ub": ">100"})
    assert wrongs(case, "PLO_REML", {"tau2_qp_ub": 101})
    assert wrongs(case, "PLO_REML", {"tau2_qp_ub": 1000})


def test_a_fit_that_two_references_disagree_on_is_graded_by_the_independent_one(case: Case) -> None:
    right = case.expected["GLMM_ML"]
    other = right | {"tau2": right["tau2"] * 1.01}
    assert wrongs(case, "GLMM_ML", other | {"se": right["se"] * 1.01}) == []
    assert wrongs(case, "GLMM_ML", other | {"QE_LRT": 1.0})
    case.expected["GLMM_ML_independent"] = "not computed"
    assert [w.split(":")[0] for w in wrongs(case, "GLMM_ML", other)] == ["tau2"]


def test_equal_values_leave_the_hartung_knapp_variance_out(case: Case) -> None:
    case.inputs = {"xi": [1, 1, 1], "ni": [1, 1, 1]}
    expected = {"estimate": 1.09861228866811, "se": 0.0, "tau2": 0.0, "ci_lb": 1.09861228866811}
    tally = grade(
        case,
        "PLO_REML_knha",
        expected,
        answer(case, Block("PLO_REML_knha", "PLO_REML_knha", expected)),
    )
    assert (tally.values, tally.wrong) == (2, [])
    assert wrongs(case, "PLO_REML_knha", expected | {"estimate": 1.2})


@pytest.mark.parametrize("shape", ["by correlation", "by model", "listed", "flat", "unnamed"])
def test_results_by_correlation_in_any_shape(tmp_path: Path, shape: str) -> None:
    """Three series; at one correlation the variance of a change is (s₁² + s₂² − 2 r s₁ s₂)/n, here of 4 and 4 in 4 units: 8 − 8 r."""
    inputs = {"m1i": [6, 7, 5], "m2i": [3, 4, 4], "sd1i": [4, 4, 4], "sd2i": [4, 4, 4], "ni": [4, 4, 4]}
    by_r: dict[float, dict[str, Any]] = {
        r: {"effects": {"yi": [3, 3, 1], "vi": [8 - 8 * r] * 3}, "EE": {"estimate": 7 / 3, "k": 3}}
        for r in (0.3, 0.5)
    }
    shapes: dict[str, dict[str, Any]] = {
        "by correlation": {"by_r": {f"r{r}": blocks for r, blocks in by_r.items()}},
        "by model": {"by_r": {m: {str(r): v[m] for r, v in by_r.items()} for m in ("effects", "EE")}},
        "listed": {"by_r": [{"r": r, **blocks} for r, blocks in by_r.items()]},
        "flat": {f"{m}_r{r}": v for r, blocks in by_r.items() for m, v in blocks.items()},
        "unnamed": {"by_r": {str(r): {**v["effects"], **v["EE"]} for r, v in by_r.items()}},
    }
    expected = shapes[shape]
    path = tmp_path / "case.json"
    path.write_text(json.dumps({"inputs": inputs, "expected": expected}), encoding="utf-8")
    case = Case(path)
    tallies = [grade(case, b.name, b.expected, answer(case, b)) for b in case.blocks()]
    assert (len(tallies), sum(t.values for t in tallies)) == (4, 16)
    assert not [w for t in tallies for w in t.wrong]
    path.write_text(path.read_text().replace("2.3333", "2.3334"), encoding="utf-8")
    case = Case(path)
    assert [w for b in case.blocks() for w in grade(case, b.name, b.expected, answer(case, b)).wrong]


def test_one_study_may_be_written_without_brackets(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    effects = {"yi": 0.0, "vi": 1.0}
    path.write_text(json.dumps({"inputs": {"xi": 2, "ni": 4}, "expected": {"PLO_effects": effects}}), "utf-8")
    case = Case(path)
    assert not wrongs(case, "PLO_effects", effects)
    assert wrongs(case, "PLO_effects", {"yi": 0.1, "vi": 1.0})
