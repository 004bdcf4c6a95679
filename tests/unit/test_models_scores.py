"""Models of scores: the exact signed-rank interval, mean changes by correlation, one scale for all."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingreview.synthesis.models import change_scores, signed_rank
from livingreview.synthesis.models.refusal import NotEstimable

# --- the signed-rank interval ---


def enumerated(values: list[float], level: float) -> tuple[float, float, float] | None:
    """Limits and attained level from all 2^n signs of the ranks, one by one."""
    n = len(values)
    sums = [
        sum(r for r, sign in zip(range(1, n + 1), signs, strict=True) if sign)
        for signs in product((0, 1), repeat=n)
    ]
    tail = (1 - level) / 2
    d = 0
    while sum(s <= d for s in sums) / 2**n <= tail * (1 + 1e-12):
        d += 1
    if d == 0:
        return None
    averages = sorted((values[i] + values[j]) / 2 for i in range(n) for j in range(i, n))
    return averages[d - 1], averages[-d], 1 - 2 * sum(s <= d - 1 for s in sums) / 2**n


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("n", range(1, 13))
def test_limits_are_those_of_all_signs_enumerated(n: int, level: float) -> None:
    values = [float(v) for v in np.random.default_rng(n).normal(-2, 3, n)]
    wanted = enumerated(values, level)
    if wanted is None:
        with pytest.raises(NotEstimable):
            signed_rank.interval(values, level)
        return
    found = signed_rank.interval(values, level)
    assert (found.lower, found.upper) == pytest.approx(wanted[:2])
    assert found.attained == pytest.approx(wanted[2])
    assert found.attained is not None
    assert found.attained >= level - 1e-12


def test_inverting_the_test_gives_the_same_limits() -> None:
    """Inside the limits the two-sided signed-rank test of the centre does not reject, outside it does (no ties here)."""
    values = np.random.default_rng(5).normal(1, 2, 11)
    found = signed_rank.interval(values, 0.95)
    averages = signed_rank.walsh_averages(values)
    for centre in np.concatenate(
        [averages[:-1] + np.diff(averages) / 2, [averages[0] - 1, averages[-1] + 1]]
    ):
        moved = values - centre
        ranks = np.argsort(np.argsort(np.abs(moved))) + 1
        positive = int(ranks[moved > 0].sum())
        sums = [sum(r for r in range(1, 12) if bits >> r & 1) for bits in range(0, 2**12, 2)]
        p = 2 * min(np.mean([s <= positive for s in sums]), np.mean([s >= positive for s in sums]))
        assert (p > 0.05) == (found.lower < centre < found.upper)


@pytest.mark.parametrize(("n", "level"), [(1, 0.5), (4, 0.9), (5, 0.95), (7, 0.99)])
def test_too_few_values_have_no_interval(n: int, level: float) -> None:
    with pytest.raises(NotEstimable):
        signed_rank.interval(list(range(n)), level)
    assert signed_rank.widest_level(n) < level
    assert signed_rank.interval(list(range(n + 1)), level).attained == signed_rank.widest_level(n + 1)


def test_ties_and_zeros_stay_in() -> None:
    """Six values, three of them 0: the interval at 95 % is the whole range, the estimate the median of 21 averages."""
    found = signed_rank.interval([0, 0, 0, -4, -4, -2])
    assert (found.lower, found.upper, found.attained) == (-4, 0, 0.96875)
    assert signed_rank.hodges_lehmann([0, 0, 0, -4, -4, -2]) == -2


def test_without_values_nothing_is_estimated() -> None:
    with pytest.raises(NotEstimable):
        signed_rank.hodges_lehmann([])
    with pytest.raises(NotEstimable):
        signed_rank.interval([])
    with pytest.raises(ValueError, match="confidence level"):
        signed_rank.interval([1, 2], 1.5)


def test_above_200_values_the_normal_approximation_takes_over_without_a_jump() -> None:
    values = np.random.default_rng(1).normal(3, 1, 201)
    exact, normal = signed_rank.interval(values[:200]), signed_rank.interval(values)
    assert (exact.exact, normal.exact, normal.attained) == (True, False, None)
    assert (normal.lower, normal.upper) == pytest.approx((exact.lower, exact.upper), abs=0.02)


@given(st.lists(st.integers(-40, 40).map(lambda x: x / 4), min_size=6, max_size=40), st.integers(-8, 8))
def test_shift_and_mirror(values: list[float], by: float) -> None:
    found, centre = signed_rank.interval(values), signed_rank.hodges_lehmann(values)
    assert min(values) <= found.lower <= centre <= found.upper <= max(values)
    moved = signed_rank.interval([v + by for v in values])
    assert (moved.lower, moved.upper) == (found.lower + by, found.upper + by)
    mirrored = signed_rank.interval([-v for v in values])
    assert (mirrored.lower, mirrored.upper) == (-found.upper, -found.lower)


# --- one scale ---


@pytest.mark.parametrize(
    ("value", "from_range", "to_range", "length", "wanted"),
    [
        (62, (0, 100), (0, 10), False, 6.2),
        (0, (0, 100), (0, 10), False, 0),
        (100, (0, 100), (0, 10), False, 10),
        (-27, (0, 100), (0, 10), True, -2.7),
        (1, (1, 5), (0, 10), False, 0),
        (3, (1, 5), (0, 10), False, 5),
        (1, (1, 5), (0, 10), True, 2.5),
        (7, (0, 10), (0, 10), False, 7),
    ],
)
def test_rescale(value: float, from_range: Any, to_range: Any, length: bool, wanted: float) -> None:
    assert change_scores.rescale(value, from_range, to_range, length=length) == wanted


def test_a_scale_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="from a low to a high value"):
        change_scores.rescale(1, (0, 0), (0, 10))


# --- mean changes ---


@given(st.floats(0.1, 5), st.floats(0.1, 5), st.sampled_from([0.0, 0.3, 0.5, 0.7]), st.integers(2, 60))
def test_mean_change_by_correlation(before_sd: float, after_sd: float, r: float, n: int) -> None:
    """The spread of simulated pairs with exactly this correlation is the one of the formula."""
    first = np.array([1.0, -1.0, 0.0, 0.0]) * np.sqrt(2)
    second = np.array([0.0, 0.0, 1.0, -1.0]) * np.sqrt(2)
    before, after = before_sd * first, after_sd * (r * first + np.sqrt(1 - r * r) * second)
    found = change_scores.mean_change(6, 4, before_sd, after_sd, n, r)
    assert found.sd == pytest.approx(np.std(after - before))
    assert (found.change, found.se) == (-2, pytest.approx(found.sd / np.sqrt(n)))


@pytest.mark.parametrize(("sds", "n", "r"), [((1, 1), 1, 0.5), ((0, 0), 9, 0.5), ((1, 1), 9, 1.0)])
def test_no_spread_gives_no_standard_error(sds: tuple[float, float], n: int, r: float) -> None:
    with pytest.raises(NotEstimable):
        change_scores.mean_change(6, 4, *sds, n, r)


def test_arms_of_a_study_are_put_together_as_if_they_were_one() -> None:
    rng = np.random.default_rng(3)
    one, two = rng.normal(-2, 1, 8), rng.normal(-3, 2, 13)
    groups = [change_scores.MeanChange.of(len(x), float(x.mean()), float(x.std(ddof=1))) for x in (one, two)]
    both = np.concatenate([one, two])
    found = change_scores.together(groups)
    assert (found.n, found.change, found.sd) == (
        21,
        pytest.approx(both.mean()),
        pytest.approx(both.std(ddof=1)),
    )
