"""Intervals of a proportion against reference values and against what must hold for any counts."""

from __future__ import annotations

import json
from math import isclose
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingreview.synthesis.estimates import METHODS
from livingreview.synthesis.proportions import clopper_pearson, one_sided, proportion, rule_of_three, wilson

ORACLES = Path(__file__).parents[1] / "oracles"
CASES = {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in sorted(ORACLES.glob("*.json"))}
WITH_EXACT = [name for name, case in CASES.items() if "exact" in case["expected"]]


def test_the_public_cases_are_there() -> None:
    assert len(CASES) == 6
    assert WITH_EXACT


@pytest.mark.parametrize("name", WITH_EXACT)
def test_exact_block_of_the_oracle(name: str) -> None:
    case = CASES[name]
    expected = case["expected"]["exact"]
    close = {"rel_tol": case["tolerance"]["rel"], "abs_tol": case["tolerance"]["abs"]}
    for i, (x, n) in enumerate(zip(case["inputs"]["xi"], case["inputs"]["ni"], strict=True)):
        for limits, prefix in ((clopper_pearson(x, n), "cp"), (wilson(x, n), "wilson")):
            for value, end in zip(limits, ("lb", "ub"), strict=True):
                assert isclose(value, expected[f"{prefix}_{end}"][i], **close), (name, i, prefix, end)
    x, n = sum(case["inputs"]["xi"]), sum(case["inputs"]["ni"])
    assert isclose(x / n, expected["pooled_crude"], **close)
    for value, wanted in zip(clopper_pearson(x, n), expected["pooled_cp"], strict=True):
        assert isclose(value, wanted, **close)


def test_by_hand() -> None:
    # 0 of 3: the upper limit solves (1 - p)^3 = 0.025, and 0.05 for the one-sided limit
    assert clopper_pearson(0, 3) == (0.0, pytest.approx(1 - 0.025 ** (1 / 3), rel=1e-14))
    assert one_sided(0, 3) == (0.0, pytest.approx(1 - 0.05 ** (1 / 3), rel=1e-14))
    assert one_sided(2, 2) == (pytest.approx(0.05**0.5, rel=1e-14), 1.0)
    assert clopper_pearson(1, 1) == (pytest.approx(0.025), 1.0)
    # 12 of 21, checked with scipy.stats.binomtest(12, 21).proportion_ci()
    assert clopper_pearson(12, 21) == (pytest.approx(0.3402063, abs=1e-7), pytest.approx(0.7818031, abs=1e-7))
    assert rule_of_three(136) == pytest.approx(3 / 136)
    assert rule_of_three(2) == 1.0


def test_clopper_pearson_solves_its_own_definition() -> None:
    from scipy.stats import binom

    for x, n in ((2, 6), (17, 21), (7, 45)):
        lower, upper = clopper_pearson(x, n)
        assert binom.sf(x - 1, n, lower) == pytest.approx(0.025, rel=1e-9)
        assert binom.cdf(x, n, upper) == pytest.approx(0.025, rel=1e-9)


@pytest.mark.parametrize(("x", "n"), [(0, 0), (-1, 3), (4, 3)])
def test_impossible_counts_are_refused(x: int, n: int) -> None:
    for limits in (clopper_pearson, wilson, one_sided):
        with pytest.raises(ValueError, match="not a count"):
            limits(x, n)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="one-sided"):
        one_sided(1, 3)
    with pytest.raises(ValueError, match="confidence level"):
        clopper_pearson(1, 3, 95)
    with pytest.raises(KeyError):
        proportion(1, 3, unit="patient", method="wald")


def test_an_estimate_says_where_it_comes_from() -> None:
    estimate = proportion(0, 3, unit="patient", method="clopper_pearson_one_sided", used=["a"])
    assert (estimate.kind, estimate.value, estimate.lower, estimate.sided) == ("proportion", 0.0, 0.0, 1)
    assert (estimate.k, estimate.n, estimate.unit, estimate.used) == (1, 3, "patient", ("a",))
    assert estimate.citation == METHODS["clopper_pearson_one_sided"].citation == "clopper1934"
    with pytest.raises(AttributeError):
        estimate.value = 0.5  # type: ignore[misc]


counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@given(counts, levels)
def test_interval_lies_in_the_unit_interval_and_contains_the_estimate(
    xn: tuple[int, int], level: float
) -> None:
    x, n = xn
    for limits in (clopper_pearson, wilson):
        lower, upper = limits(x, n, level)
        assert 0 <= lower <= x / n <= upper <= 1
        assert lower < upper


@given(counts, levels)
def test_complement_mirrors(xn: tuple[int, int], level: float) -> None:
    x, n = xn
    for limits in (clopper_pearson, wilson):
        lower, upper = limits(x, n, level)
        mirrored_lower, mirrored_upper = limits(n - x, n, level)
        assert isclose(lower, 1 - mirrored_upper, abs_tol=1e-12)
        assert isclose(upper, 1 - mirrored_lower, abs_tol=1e-12)


@given(counts, levels)
def test_more_events_move_both_limits_up(xn: tuple[int, int], level: float) -> None:
    x, n = xn
    if x < n:
        for limits in (clopper_pearson, wilson):
            first, second = limits(x, n, level), limits(x + 1, n, level)
            assert first[0] < second[0]
            assert first[1] < second[1] or second[1] == 1


@given(counts)
def test_a_higher_level_is_wider(xn: tuple[int, int]) -> None:
    for limits in (clopper_pearson, wilson):
        narrow, wide = limits(*xn, 0.9), limits(*xn, 0.99)
        assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


@given(st.integers(1, 5000), levels)
def test_one_sided_limit_is_nearer_than_the_two_sided(n: int, level: float) -> None:
    assert one_sided(0, n, level)[1] < clopper_pearson(0, n, level)[1]
    assert one_sided(n, n, level)[0] > clopper_pearson(n, n, level)[0]
    assert one_sided(0, n, 0.95)[1] <= rule_of_three(n)
