"""The one-stage models against reference values, an integration written here, and what must hold for any counts."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from livingreview.synthesis.models import beta_binomial, binomial_normal
from livingreview.synthesis.models.beta_binomial import BetaBinomialFit
from livingreview.synthesis.models.binomial_normal import BinomialNormalFit
from livingreview.synthesis.models.random_intercept import evaluate, logistic, mean_proportion, rows
from livingreview.synthesis.models.refusal import NotEstimable

CASES = {
    path.stem[:3]: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parents[1] / "oracles").glob("*.json"))
}
WITH_GLMM = [name for name, case in CASES.items() if "GLMM_ML_independent" in case["expected"]]
WITH_BETA = [name for name, case in CASES.items() if "betabinomial_ML" in case["expected"]]
Array = NDArray[np.float64]


def counts_of(name: str) -> tuple[list[int], list[int]]:
    return CASES[name]["inputs"]["xi"], CASES[name]["inputs"]["ni"]


# Reference values


@pytest.mark.parametrize("name", WITH_GLMM)
def test_binomial_normal_block_of_the_oracle(name: str) -> None:
    expected = CASES[name]["expected"]["GLMM_ML_independent"]
    fit = binomial_normal.fit(*counts_of(name))
    back = expected["back"]
    assert fit.coef[0] == pytest.approx(expected["estimate"], rel=1e-9)
    assert fit.se[0] == pytest.approx(expected["se"], rel=1e-9)
    assert fit.tau2 == pytest.approx(expected["tau2"], rel=1e-9)
    assert fit.loglik == pytest.approx(expected["loglik"], rel=1e-9)
    assert fit.boundary == expected["boundary"]
    assert fit.median() == pytest.approx([back["pred"], back["ci_lb"], back["ci_ub"]], rel=1e-9)
    assert fit.prediction("normal") == pytest.approx([back["pi_lb"], back["pi_ub"]], rel=1e-9)
    assert fit.mean()[0] == pytest.approx(expected["marginal_mean_proportion"], rel=1e-9)


def test_a_moderator_as_in_the_oracle() -> None:
    case = CASES["p02"]
    expected = case["expected"]["GLMM_ML_scq_independent"]
    moderator = np.array(case["inputs"]["scq"])
    fit = binomial_normal.fit(*counts_of("p02"), design=np.column_stack([np.ones_like(moderator), moderator]))
    assert list(fit.coef) == pytest.approx(expected["estimate"], rel=1e-9)
    assert list(fit.se) == pytest.approx(expected["se"], rel=1e-9)
    assert fit.tau2 == pytest.approx(expected["tau2"], rel=1e-9)
    assert fit.loglik == pytest.approx(expected["loglik"], rel=1e-9)
    statistic, df, p = fit.wald([1])
    other = case["expected"]["GLMM_ML_scq"]  # of another optimiser
    assert (statistic, p) == (pytest.approx(other["QM"], rel=5e-4), pytest.approx(other["QMp"], rel=5e-4))
    assert df == 1


@pytest.mark.parametrize("name", WITH_BETA)
def test_beta_binomial_block_of_the_oracle(name: str) -> None:
    expected = CASES[name]["expected"]["betabinomial_ML"]
    fit = beta_binomial.fit(*counts_of(name))
    found = {
        "logit_mu": fit.logit_mu,
        "se_logit_mu": fit.se_logit_mu,
        "mu": fit.mu,
        "ci_lb": fit.lower,
        "ci_ub": fit.upper,
        "rho": fit.rho,
        "loglik": fit.loglik,
    }
    assert found == pytest.approx(expected, rel=1e-6)


def test_the_beta_binomial_without_spread_is_the_binomial() -> None:
    fit = beta_binomial.fit(*counts_of("p06"))
    logistic_fit = binomial_normal.fit(*counts_of("p06"))
    assert fit.boundary
    assert fit.rho == 0
    assert (fit.mu, fit.lower, fit.upper) == pytest.approx(logistic_fit.median(), rel=1e-12)
    assert fit.loglik == pytest.approx(logistic_fit.loglik, rel=1e-12)


# The likelihood


def trapezoid(x: int, n: int, centre: float, tau: float) -> float:
    """Log likelihood of one study by 8,001 equal steps of the standard normal variable between -12 and 12 around the integrand's top."""
    wide = np.linspace(-60, 60, 120_001)
    top = wide[np.argmax(_log_integrand(x, n, centre + tau * wide) - 0.5 * wide**2)]
    z = top + np.linspace(-12, 12, 8001)
    log_f = _log_integrand(x, n, centre + tau * z) - 0.5 * z**2
    highest = log_f.max()
    integral = np.exp(log_f - highest).sum() * (z[1] - z[0]) / math.sqrt(2 * math.pi)
    return float(math.log(math.comb(n, x)) + highest + math.log(integral))


def _log_integrand(x: int, n: int, u: Array) -> Array:
    return np.asarray(x * u - n * np.logaddexp(0, u))


@pytest.mark.parametrize("tau", [0.05, 0.3, 0.8, 2.0, 6.0])
@pytest.mark.parametrize("centre", [-3.0, 0.2, 1.5])
def test_adaptive_grid_against_a_dense_one(centre: float, tau: float) -> None:
    for x, n in (
        (0, 1),
        (1, 1),
        (1, 2),
        (3, 3),
        (0, 5),
        (4, 9),
        (16, 17),
        (499, 500),
        (500, 500),
        (130, 500),
    ):
        found = evaluate(rows([x], [n], None, None), np.array([centre]), tau).loglik
        assert found == pytest.approx(trapezoid(x, n, centre, tau), rel=1e-9, abs=1e-9), (x, n)


@pytest.mark.parametrize("tau", [0.1, 0.9, 4.0])
def test_gradient_and_information_against_finite_differences(tau: float) -> None:
    events, totals = [1, 0, 4, 3, 1, 9, 0], [1, 1, 6, 3, 2, 11, 4]
    groups = ["a", "b", "c", "d", "d", "e", "e"]
    design = np.column_stack([np.ones(7), [0.1, -0.4, 1.0, 0.3, -1.2, 0.0, 0.7]])
    data = rows(events, totals, groups, design)
    at, step = np.array([0.4, -0.3, math.log(tau)]), 1e-5
    here = evaluate(data, at[:2], tau)
    for i, moved in enumerate(step * np.eye(3)):
        up, down = (evaluate(data, p[:2], math.exp(p[2])) for p in (at + moved, at - moved))
        assert here.gradient[i] == pytest.approx((up.loglik - down.loglik) / (2 * step), rel=1e-6, abs=1e-8)
        slope = (up.gradient - down.gradient) / (2 * step)
        assert list(-here.information[i]) == pytest.approx(list(slope), rel=1e-6, abs=1e-7)


def test_many_studies_are_the_sum_of_each() -> None:
    """More kinds of study than are computed at once, some of two rows, some of them several times."""
    coef, tau = np.array([0.3, -0.5]), 0.7
    each = [([x, x % 2], [n, 1], [[1.0, 0.0], [1.0, 1.0]]) for n in range(1, 30) for x in range(n + 1)]
    each += [([x], [9], [[1.0, 0.5]]) for x in (3, 3, 3, 5)]
    parts = [evaluate(rows(x, n, ["a"] * len(x), design), coef, tau) for x, n, design in each]
    groups = [i for i, (x, _, _) in enumerate(each) for _ in x]
    x, n, design = (np.concatenate([e[i] for e in each]) for i in range(3))
    data = rows(x, n, groups, design)
    assert len(data.copies) == len(each) - 2
    found = evaluate(data, coef, tau)
    assert found.loglik == pytest.approx(sum(p.loglik for p in parts), rel=1e-10)
    assert list(found.gradient) == pytest.approx(list(sum(p.gradient for p in parts)), rel=1e-8)
    for row, expected in zip(found.information, sum(p.information for p in parts), strict=True):
        assert list(row) == pytest.approx(list(expected), rel=1e-7, abs=1e-7)


def test_the_limit_without_spread() -> None:
    data = rows([1, 0, 4, 3], [1, 1, 6, 3], None, None)
    coef, tau = np.array([0.4]), 1e-3
    null, slope = logistic(data, coef)
    small = evaluate(data, coef, tau)
    assert small.loglik == pytest.approx(null.loglik + slope * tau**2, abs=1e-11)
    assert slope == pytest.approx((small.loglik - null.loglik) / tau**2, rel=1e-4)


@pytest.mark.parametrize("centre", [-20.0, -2.0, 0.0, 0.85, 6.0])
@pytest.mark.parametrize("tau", [0.0, 0.8, 5.0, 30.0])
def test_mean_proportion_against_a_dense_grid(centre: float, tau: float) -> None:
    z = np.linspace(-14, 14, 400_001)
    weight = np.exp(-0.5 * z**2)
    expected = float(weight @ (0.5 * (1 + np.tanh((centre + tau * z) / 2))) / weight.sum())
    assert mean_proportion(centre, tau) == pytest.approx(expected, rel=1e-7)
    assert mean_proportion(centre, tau) + mean_proportion(-centre, tau) == pytest.approx(1, rel=1e-12)


def test_the_fit_is_the_best_of_a_dense_search() -> None:
    """No other spread has a higher likelihood: the profile is searched beyond the starts of the fit."""
    for x, n in (
        counts_of("p01"),
        ([1, 0] * 12 + [2, 0, 3, 4], [1] * 24 + [3, 3, 3, 4]),
        ([5, 0, 1, 9], [5, 6, 2, 9]),
    ):
        fit = binomial_normal.fit(x, n)
        data = rows(x, n, None, None)
        centres = np.linspace(fit.coef[0] - 2, fit.coef[0] + 2, 21)
        highest = max(
            evaluate(data, np.array([c]), t).loglik for t in np.geomspace(0.05, 25, 25) for c in centres
        )
        assert fit.loglik >= highest - 1e-9


# What must hold for any counts

studies = st.lists(
    st.integers(1, 14).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=3, max_size=12
)
quick = settings(derandomize=True, deadline=None, max_examples=40)


def fitted(counts: list[tuple[int, int]], **options: Any) -> BinomialNormalFit:
    """The fit; counts that cannot carry one are passed over."""
    try:
        return binomial_normal.fit([x for x, _ in counts], [n for _, n in counts], **options)
    except NotEstimable:
        assume(False)
        raise


def beta_fitted(counts: list[tuple[int, int]]) -> BetaBinomialFit:
    try:
        return beta_binomial.fit([x for x, _ in counts], [n for _, n in counts])
    except NotEstimable:
        assume(False)
        raise


def same(a: BinomialNormalFit, b: BinomialNormalFit) -> bool:
    return (
        bool((a.coef == b.coef).all() and (a.se == b.se).all())
        and (a.tau2, a.loglik, a.boundary, a.k) == (b.tau2, b.loglik, b.boundary, b.k)
        and a.mean() == b.mean()
    )


@quick
@given(studies, st.randoms(use_true_random=False))
def test_the_order_of_studies_changes_nothing(counts: list[tuple[int, int]], random: Any) -> None:
    other = random.sample(counts, len(counts))
    assert same(fitted(counts), fitted(other))
    assert beta_fitted(counts) == beta_fitted(other)


@quick
@given(studies)
def test_the_complement_mirrors(counts: list[tuple[int, int]]) -> None:
    fit, mirror = fitted(counts), fitted([(n - x, n) for x, n in counts])
    assert mirror.coef[0] == pytest.approx(-fit.coef[0], rel=1e-5, abs=1e-6)
    assert mirror.tau2 == pytest.approx(fit.tau2, rel=1e-5, abs=1e-6)
    assert mirror.loglik == pytest.approx(fit.loglik, rel=1e-9)
    for name in ("median", "mean"):
        value, lower, upper = getattr(fit, name)()
        assert getattr(mirror, name)() == pytest.approx((1 - value, 1 - upper, 1 - lower), abs=1e-5)
    beta, beta_mirror = beta_fitted(counts), beta_fitted([(n - x, n) for x, n in counts])
    assert beta_mirror.mu == pytest.approx(1 - beta.mu, abs=1e-6)
    assert beta_mirror.rho == pytest.approx(beta.rho, rel=1e-4, abs=1e-6)


@quick
@given(studies)
def test_patient_rows_give_the_same_fit(counts: list[tuple[int, int]]) -> None:
    events, totals, groups = [], [], []
    for study, (x, n) in enumerate(counts):
        events += [1] * x + [0] * (n - x)
        totals += [1] * n
        groups += [study] * n
    assert same(fitted(counts), binomial_normal.fit(events, totals, groups))
    assert beta_fitted(counts) == beta_binomial.fit(events, totals, groups)


@quick
@given(studies)
def test_estimates_lie_in_their_intervals(counts: list[tuple[int, int]]) -> None:
    fit, beta = fitted(counts), beta_fitted(counts)
    triples = [fit.median(), fit.mean(), (beta.mu, beta.lower, beta.upper)]
    for convention in ("normal", "t_k2"):
        lower, upper = fit.prediction(convention)
        triples.append((fit.median()[0], lower, upper))
        assert lower <= fit.median()[1] + 1e-12
        assert upper >= fit.median()[2] - 1e-12
    for value, lower, upper in triples:
        assert 0 <= lower <= value <= upper <= 1
    assert fit.se[0] > 0
    # the mean lies between the median study and one half
    assert abs(fit.mean()[0] - 0.5) <= abs(fit.median()[0] - 0.5) + 1e-9


CELLS = st.sampled_from(
    [(0, 1), (1, 1), (0, 500), (500, 500), (499, 500), (1, 2), (3, 3), (0, 3), (250, 500)]
)


@settings(quick, max_examples=60)
@given(st.lists(CELLS, min_size=1, max_size=12), st.lists(CELLS, max_size=3))
def test_extreme_cells_and_more_data_give_numbers_or_a_reason(
    counts: list[tuple[int, int]], more: list[tuple[int, int]]
) -> None:
    for some in (counts, counts + more):
        x, n = [x for x, _ in some], [n for _, n in some]
        try:
            fit = binomial_normal.fit(x, n)
            assert all(
                map(math.isfinite, (*fit.mean(), *fit.median(), *fit.prediction(), fit.tau2, fit.loglik))
            )
        except NotEstimable as refusal:
            assert refusal.reason
        try:
            beta = beta_binomial.fit(x, n)
            assert all(map(math.isfinite, (beta.mu, beta.lower, beta.upper, beta.se_logit_mu, beta.rho)))
        except NotEstimable as refusal:
            assert refusal.reason


# What cannot be estimated


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([(1, 1), (2, 2), (5, 5), (3, 3)], "every unit has an event"),
        ([(0, 1), (0, 2), (0, 5), (0, 3)], "no unit has an event"),
        ([(3, 5)], "there is one study"),
        ([(3, 5), (1, 4)], "there are two studies"),
        ([(3, 5), (1, 4), (1, 1), (0, 1)], "2 of 4 studies have two or more units"),
        ([(3, 5), (1, 1), (0, 1)], "1 of 3 studies has two or more units"),
        ([(3, 3), (0, 4), (2, 2), (0, 1)], "all units or none had the outcome"),
    ],
)
def test_refusals(counts: list[tuple[int, int]], reason: str) -> None:
    x, n = [x for x, _ in counts], [n for _, n in counts]
    for model in (binomial_normal.fit, beta_binomial.fit):
        with pytest.raises(NotEstimable, match=reason):
            model(x, n)


def test_a_spread_that_runs_away_is_refused() -> None:
    x, n = [0] * 30 + [50] * 30 + [1], [50] * 60 + [2]
    with pytest.raises(NotEstimable, match="no finite estimate"):
        binomial_normal.fit(x, n)


def test_covariates_that_cannot_be_estimated() -> None:
    x, n = [5, 4, 0, 1, 0], [5, 5, 5, 5, 5]
    constant = [[1.0, 2.0]] * 5
    with pytest.raises(NotEstimable, match="does not vary"):
        binomial_normal.fit(x, n, design=constant)
    with pytest.raises(NotEstimable, match="separates"):
        binomial_normal.fit([5, 5, 0, 1, 3], n, design=[[1, 1], [1, 1], [1, 0], [1, 0], [1, 0]])
    overlapping = binomial_normal.fit(x, n, design=[[1, 1], [1, 1], [1, 0], [1, 0], [1, 0]])
    assert np.isfinite(overlapping.se).all()


def test_covariates_of_patients_within_studies() -> None:
    """Rows of one study with different covariates share its intercept: equal to a search over a dense integral."""
    x, n = [1, 0, 1, 2, 4, 0, 3], [1, 1, 2, 5, 5, 3, 9]
    groups, covariate = [1, 1, 2, 2, 3, 3, 4], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]
    design = np.column_stack([np.ones(7), covariate])
    fit = binomial_normal.fit(x, n, groups, design)
    z = np.linspace(-9, 9, 3001)

    def loglik(coef: Array, tau: float) -> float:
        total = 0.0
        for study in sorted(set(groups)):
            log_f = -0.5 * z**2
            for i in (i for i, g in enumerate(groups) if g == study):
                u = float(design[i] @ coef) + tau * z
                log_f = log_f + _log_integrand(x[i], n[i], u) + math.log(math.comb(n[i], x[i]))
            total += math.log(float(np.exp(log_f).sum()) * (z[1] - z[0]) / math.sqrt(2 * math.pi))
        return total

    tau = math.sqrt(fit.tau2)
    assert fit.k == 4
    assert fit.loglik == pytest.approx(loglik(fit.coef, tau), rel=1e-8)
    for step in (np.array([0.05, 0.0]), np.array([0.0, 0.05])):
        assert loglik(fit.coef + step, tau) < fit.loglik > loglik(fit.coef - step, tau)
    assert loglik(fit.coef, tau + 0.05) < fit.loglik
    treated = binomial_normal.fit(x, n, groups, design, at=[1, 1])
    assert treated.median()[0] == pytest.approx(1 / (1 + math.exp(-fit.coef.sum())), rel=1e-9)


def test_impossible_input_is_an_error() -> None:
    for x, n in (([2], [1]), ([-1], [3]), ([0], [0]), ([1, 2], [3]), ([float("nan")], [3])):
        with pytest.raises(ValueError, match=r"events|one entry|finite"):
            binomial_normal.fit(x, n)
    with pytest.raises(ValueError, match="level"):
        binomial_normal.fit([1, 2, 3], [4, 4, 4], level=1.5)
    with pytest.raises(ValueError, match="level"):
        beta_binomial.fit([1, 2, 3], [4, 4, 4], level=0)
    with pytest.raises(ValueError, match="convention"):
        binomial_normal.fit([1, 2, 3], [4, 4, 4]).prediction("t_k1")


def test_levels_nest() -> None:
    x, n = counts_of("p01")
    narrow, wide = (binomial_normal.fit(x, n, level=level) for level in (0.8, 0.99))
    assert wide.mean()[1] < narrow.mean()[1] < narrow.mean()[2] < wide.mean()[2]
    assert wide.coef[0] == narrow.coef[0]
