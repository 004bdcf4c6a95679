"""Two-step models: what they give by hand calculation, what they refuse, and how fast they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats
from work import done_within

from livingreview.synthesis.models import (
    clustered,
    effects,
    heterogeneity,
    influence,
    small_study,
    subgroups,
    two_step,
)
from livingreview.synthesis.models.refusal import NotEstimable

Y, V = np.array([0.1, 0.9, -0.3, 1.4, 0.5]), np.array([0.04, 0.09, 0.05, 0.3, 0.02])


def test_the_common_effect_is_the_weighted_mean() -> None:
    fit = two_step.fit(Y, V, "EE")
    assert fit.estimate == pytest.approx(np.average(Y, weights=1 / V))
    assert fit.se[0] == pytest.approx((1 / V).sum() ** -0.5)
    assert fit.weights.sum() == pytest.approx(1)
    assert (fit.tau2, fit.se_tau2, fit.r2) == (0, None, None)


def test_equal_variances_have_a_known_tau2() -> None:
    """With equal variances REML, DL, PM, HE and SJ's fixed point are the sample variance less the sampling variance."""
    v = np.full(5, 0.05)
    expected = Y.var(ddof=1) - 0.05
    for method in ("REML", "DL", "PM", "HE", "EB"):
        assert heterogeneity.tau2(Y, v, method=method) == pytest.approx(expected, rel=1e-12)
    assert heterogeneity.tau2(Y, v, method="ML") == pytest.approx(Y.var() - 0.05, rel=1e-12)
    fit = two_step.fit(Y, v, "REML", "knha")
    assert fit.se[0] == pytest.approx(stats.sem(Y))
    assert fit.p[0] == pytest.approx(stats.ttest_1samp(Y, 0).pvalue)


def test_tau2_is_cut_at_zero() -> None:
    close = np.array([0.5, 0.51, 0.49, 0.5, 0.52])
    assert all(heterogeneity.tau2(close, V, method=m) == 0 for m in ("REML", "ML", "DL", "PM", "HE"))
    assert heterogeneity.i2_h2(heterogeneity.data(close, V), 0, "REML") == (0, 1)


@pytest.mark.parametrize(
    ("y", "v", "tops"),
    [
        ([0.0, -3.5, -4.3, -0.1, 0.0], [0.99, 1.18, 1.15, 0.01, 0.01], 2),
        ([10.2, -0.1, 0.0], [1.93, 0.02, 0.01], 2),
        (Y.tolist(), V.tolist(), 1),
    ],
)
def test_the_highest_of_several_tops_is_taken(y: list[float], v: list[float], tops: int) -> None:
    """The restricted likelihood falls from tau² = 0 on and rises again far out; fixed-point steps from 0 stay at 0."""
    d = heterogeneity.data(y, v)
    grid = np.array([0.0, *np.geomspace(1e-4, 200, 3000)])
    heights = np.array([heterogeneity.log_likelihood(d, t, True) for t in grid])
    rises = np.sign(np.diff(heights))
    assert (rises[0] < 0) + ((rises[:-1] > 0) & (rises[1:] < 0)).sum() == tops
    found = heterogeneity.tau2(y, v)
    assert heterogeneity.log_likelihood(d, found, True) >= heights.max()
    assert found == pytest.approx(grid[heights.argmax()], rel=0.01)


def test_the_guard_never_narrows() -> None:
    close = np.array([0.5, 0.51, 0.49, 0.5, 0.52])
    plain, bold, guarded = (two_step.fit(close, V, "REML", t) for t in ("z", "knha", "adhoc"))
    assert bold.se[0] < plain.se[0] == guarded.se[0]
    assert guarded.upper[0] > plain.upper[0]  # t in place of the normal quantile


def test_prediction_intervals_name_their_quantile() -> None:
    fit = two_step.fit(Y, V)
    spread = np.sqrt(fit.se[0] ** 2 + fit.tau2)
    for convention, quantile in (
        ("normal", stats.norm.ppf(0.975)),
        ("t_k1", stats.t.ppf(0.975, 4)),
        ("t_k2", stats.t.ppf(0.975, 3)),
    ):
        lower, upper = two_step.predict(fit, convention)
        assert (lower, upper) == pytest.approx(
            (fit.estimate - quantile * spread, fit.estimate + quantile * spread)
        )
    two = two_step.fit(Y[:2], V[:2])
    with pytest.raises(NotEstimable, match="too few"):
        two_step.predict(two, "t_k2")
    with pytest.raises(ValueError, match="convention"):
        two_step.predict(fit, "t")


@pytest.mark.parametrize("method", ["DL", "PM", "REML", "ML", "HE", "SJ", "EB"])
def test_one_study_has_no_spread(method: str) -> None:
    with pytest.raises(NotEstimable, match="one study"):
        two_step.fit([0.2], [0.1], method)
    alone = two_step.fit_or_own([0.2], [0.1], method, test="knha")
    assert (alone.estimate, alone.se[0], alone.i2, alone.q_p) == (0.2, pytest.approx(0.1**0.5), None, None)


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: two_step.fit([], [], "EE"), "no study"),
        (lambda: two_step.fit([0.1, 0.2], [0.1, 0.0]), "no sampling variance"),
        (lambda: two_step.fit([0.1, 0.1], [0.1, 0.2], test="knha"), "all equal"),
        (lambda: two_step.fit([0.3], [0.1], "EE", "knha"), "one study"),
        (lambda: two_step.fit(Y, V, design=np.ones((5, 2))), "do not differ"),
        (lambda: two_step.fit(Y[:2], V[:2], design=np.array([[1, 0], [1, 1]])), "as many"),
        (lambda: two_step.fit(Y[:1], V[:1], "EE", design=np.array([[1, 0]])), "fewer studies"),
        (lambda: heterogeneity.q_profile([0.2], [0.1]), "one study"),
        (lambda: heterogeneity.q_profile(np.full(9, 0.2), np.full(9, 0.1)), "empty"),
        (lambda: heterogeneity.tau2(np.full(3, 0.2), V[:3], method="SJ"), "all equal"),
        (lambda: small_study.egger(Y[:2], V[:2]), "fewer than three"),
        (lambda: small_study.egger(Y, np.full(5, 0.1)), "standard errors"),
        (lambda: small_study.begg(Y[:2], V[:2]), "fewer than three"),
        (lambda: small_study.begg(Y, np.full(5, 0.1)), "variances"),
        (lambda: small_study.trim_and_fill(Y[:2], V[:2]), "fewer than three"),
        (lambda: small_study.trim_and_fill(Y, np.full(5, 0.1)), "side"),
        (lambda: subgroups.separate(Y, V, ["a"] * 5), "one group"),
        (lambda: subgroups.separate(Y, V, ["a"] * 4 + ["b"]), "one study"),
        (lambda: clustered.robust(two_step.fit(Y, V), [1] * 5), "1 cluster "),
    ],
)
def test_refusals_say_why(call: Callable[[], object], reason: str) -> None:
    with pytest.raises(NotEstimable) as refused:
        call()
    assert reason in refused.value.reason


@pytest.mark.parametrize(
    "call",
    [
        lambda: two_step.fit([0.1], [0.1, 0.2]),
        lambda: two_step.fit([np.nan, 0.1], [0.1, 0.2]),
        lambda: two_step.fit(Y, -V),
        lambda: two_step.fit(Y, V, "reml"),
        lambda: two_step.fit(Y, V, test="t"),
        lambda: two_step.fit(Y, V, level=95),
        lambda: two_step.predict(two_step.fit(Y, V, design=np.column_stack([np.ones(5), V]))),
        lambda: effects.logit_proportions([3], [2]),
        lambda: effects.freeman_tukey_back(0.5, 0),
        lambda: effects.mean_changes(1, 2, 1, 1, 5, 1.2),
        lambda: small_study.trim_and_fill(Y, V, estimator="Q0"),
        lambda: small_study.trim_and_fill(Y, V, side="both"),
        lambda: clustered.robust(two_step.fit(Y, V), [1, 2]),
    ],
)
def test_misuse_is_an_error(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        call()


def test_subgroups_with_one_tau2_show_each_group() -> None:
    groups = ["b", "a", "b", "a", "b"]
    found = subgroups.common(Y, V, groups)
    assert found.groups == ("a", "b")
    design = np.array([[g == "a", g == "b"] for g in groups], dtype=float)
    each = two_step.fit(Y, V, design=design)
    assert found.fit.tau2 == pytest.approx(each.tau2)
    assert (found.estimates, found.lower) == (pytest.approx(each.coef), pytest.approx(each.lower))
    assert found.fit.qm is not None and found.fit.stat[1] ** 2 == pytest.approx(found.fit.qm)


def test_a_steep_moderator_explains_the_spread() -> None:
    x = np.linspace(0, 1, 12)
    y, v = 3 * x + 0.05 * np.cos(40 * x), np.full(12, 0.01)
    fit = two_step.fit(y, v, design=np.column_stack([np.ones(12), x]))
    assert fit.r2 == pytest.approx(100) and fit.qm_p is not None and fit.qm_p < 1e-10
    lower, upper = two_step.predict(fit, at=[1, 0.5])
    assert lower < 1.5 < upper


def test_series_of_reanalyses_keep_positions_and_reasons() -> None:
    run = influence.two_step_on(Y, V)
    without = influence.leave_one_out(run, 5)
    third = two_step.fit(np.delete(Y, 2), np.delete(V, 2))
    assert without[2].fit is not None and without[2].fit.estimate == third.estimate
    growing = influence.cumulative(run, [4, 0, 1, 2, 3])
    assert [s.position for s in growing] == [4, 0, 1, 2, 3]
    assert growing[0].fit is not None and growing[0].fit.estimate == Y[4]
    assert growing[-1].fit is not None
    assert growing[-1].fit.estimate == pytest.approx(two_step.fit(Y, V).estimate)
    (alone,) = influence.leave_one_out(run, 1)
    assert (alone.fit, alone.reason) == (None, "no study is left")


def test_trim_and_fill_mirrors_what_it_trims() -> None:
    y = np.array([0.0, 0.05, -0.05, 0.1, 0.6, 0.9, 1.2])
    v = np.array([0.01, 0.02, 0.02, 0.03, 0.2, 0.3, 0.5])
    found = small_study.trim_and_fill(y, v, "EE")
    mirror = small_study.trim_and_fill(-y, v, "EE")
    assert (found.filled > 0, found.side, mirror.side) == (True, "left", "right")
    assert mirror.fit.estimate == pytest.approx(-found.fit.estimate)
    assert found.fit.k == 7 + found.filled == 7 + found.y.size
    assert found.fit.estimate < two_step.fit(y, v, "EE").estimate


def test_contours_are_binomial_ranges() -> None:
    lower, upper = small_study.contours(0.3, [1, 10, 200])
    assert (lower[0], upper[0]) == (0, 1)
    for n, low, high in zip([10, 200], lower[1:], upper[1:], strict=True):
        assert stats.binom.cdf(round(low * n) - 1, n, 0.3) <= 0.025 < stats.binom.cdf(round(low * n), n, 0.3)
        assert stats.binom.sf(round(high * n), n, 0.3) <= 0.025 < stats.binom.sf(round(high * n) - 1, n, 0.3)
    assert [float(x[0]) for x in small_study.contours(0.0, [5])] == [0, 0]
    assert [float(x[0]) for x in small_study.contours(1.0, [5])] == [1, 1]


def test_each_study_its_own_cluster_is_the_plain_sandwich() -> None:
    fit = two_step.fit(Y, V)
    found = clustered.robust(fit, list("abcde"))
    w = 1 / (V + fit.tau2)
    plain = np.sqrt(5 / 4 * ((w * (Y - fit.estimate)) ** 2).sum()) / w.sum()
    assert (found.se[0], found.df) == (pytest.approx(plain), 4)
    twice = clustered.robust(two_step.fit(np.tile(Y, 2), np.tile(V, 2), "EE"), list("abcde") * 2)
    once = clustered.robust(two_step.fit(Y, V, "EE"), list("abcde"))
    assert twice.se[0] == pytest.approx(once.se[0])  # a copy of every study within its cluster adds nothing


def test_effects_by_hand() -> None:
    risk = effects.log_risk_ratios([4], [123], [11], [139])
    assert risk.y[0] == pytest.approx(np.log(4 / 123 / (11 / 139)))
    assert risk.v[0] == pytest.approx(1 / 4 - 1 / 123 + 1 / 11 - 1 / 139)
    empty = effects.log_odds_ratios([0, 3], [10, 10], [2, 4], [10, 10])
    assert empty.y.tolist() == pytest.approx([np.log(0.5 * 8.5 / (10.5 * 2.5)), np.log(3 * 6 / (7 * 4))])
    difference = effects.risk_differences([3], [10], [4], [8])
    assert (difference.y[0], difference.v[0]) == (pytest.approx(-0.2), pytest.approx(0.021 + 0.03125))
    change = effects.mean_changes(6, 4, 2, 1, 10, 0.5)
    assert (change.y[0], change.v[0]) == (-2, pytest.approx((4 + 1 - 2) / 10))
    assert effects.hedges_factor(np.array([10.0]))[0] == pytest.approx(0.9228, abs=1e-4)
    steep = effects.standardised_mean_changes(6, 4, 2, 10, 0.5)
    own = effects.change_score_standardised(6, 4, 2, 1, 10, 0.5)
    factor = float(effects.hedges_factor(np.array([9.0]))[0])
    assert (steep.y[0], own.y[0]) == (pytest.approx(-factor), pytest.approx(-2 * factor / 3**0.5))


@pytest.mark.parametrize("x", [0, 1, 7, 20])
def test_the_double_arcsine_comes_back(x: int) -> None:
    y = effects.freeman_tukey(x, 20).y
    assert effects.freeman_tukey_back(y, 20)[0] == pytest.approx(x / 20, abs=1e-12)


def test_beyond_the_range_the_double_arcsine_is_zero_or_one() -> None:
    assert effects.freeman_tukey_back([-0.1, 0.01, 1.56, 2.0], 8).tolist() == [0, 0, 1, 1]


def test_many_studies_are_fast() -> None:
    generator = np.random.default_rng(3)
    v = generator.uniform(0.05, 2, 4000)
    y = generator.normal(0, np.sqrt(v + 0.3))
    two_step.fit(y, v)

    def work() -> Any:
        fit = two_step.fit(y, v, test="adhoc")
        heterogeneity.q_profile(y, v)
        influence.leave_one_out(influence.two_step_on(y[:40], v[:40]), 40)
        return fit

    fit = done_within(1, work)
    assert fit.tau2 == pytest.approx(0.3, rel=0.2)


@pytest.mark.parametrize("method", ["DL", "PM", "REML", "ML", "HE"])
def test_the_origin_of_a_moderator_does_not_matter(method: str) -> None:
    """A year counted from 0 or from 2000 gives the same spread to ten digits, though its squares are near collinear with the intercept."""
    year = np.array([1991.0, 1995, 2003, 2010, 2022])
    near, far = (
        two_step.fit(Y, V, method, design=np.column_stack([np.ones(5), year - origin]))
        for origin in (2000, 0)
    )
    assert far.tau2 == pytest.approx(near.tau2, rel=1e-10)
    assert far.se_tau2 == pytest.approx(near.se_tau2, rel=1e-10)
    assert far.coef[1] == pytest.approx(near.coef[1], rel=1e-10)
