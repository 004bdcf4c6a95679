"""Two-step models against maintained libraries: none of them is imported by the package.

Tolerances are those to which each library iterates itself: 1e-9 where it solves in closed form, 1e-6 where it stops an iteration
(PyMARE's likelihoods, statsmodels' Paule–Mandel; meta_analyze is told 1e-12 of tau²).
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from livingreview.synthesis.models import effects, heterogeneity, influence, small_study, subgroups, two_step
from livingreview.synthesis.models.effects import Effects
from livingreview.synthesis.models.refusal import NotEstimable

ORACLES = Path(__file__).parents[1] / "oracles"


def inputs(name: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = json.loads((ORACLES / f"{name}.json").read_text())["inputs"]
    return found


def drawn(k: int, seed: int, tau: float) -> Effects:
    generator = np.random.default_rng(seed)
    v = generator.uniform(0.02, 1.5, k)
    return Effects(generator.normal(0.4, np.sqrt(v + tau**2)), v)


ARMS = inputs("p04_md_normand")
DATA = {
    "risk ratios": Effects(*(np.array(inputs("p03_rr_bcg_full")[c]) for c in ("yi", "vi"))),
    "logits": effects.logit_proportions(*(inputs("p01_prop_pritz")[c] for c in ("xi", "ni"))),
    "mean differences": effects.mean_differences(
        *(ARMS[c] for c in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"))
    ),
    "standardised": effects.standardised_mean_differences(
        *(ARMS[c] for c in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"))
    ),
    "flat likelihood": Effects(*(np.array(inputs("p05_small_study_raudenbush")[c]) for c in ("yi", "vi"))),
    "three studies": drawn(3, 5, 1.0),
    "no spread": drawn(12, 1, 0.0),
    "forty studies": drawn(40, 8, 0.7),
}
every = pytest.mark.parametrize("name", DATA)


def near(value: object, rel: float) -> Any:
    """Within rel; values of no size by 1e-9 of the unit."""
    return pytest.approx(value, rel=rel, abs=1e-9)


def theirs(data: Effects, **options: Any) -> Any:
    import meta_analyze

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return meta_analyze.meta_analysis(
            effect=data.y, variance=data.v, atol=1e-12, max_iter=20_000, **options
        )


@every
@pytest.mark.parametrize("method", ["DL", "PM", "REML"])
def test_meta_analyze_pools_alike(name: str, method: str) -> None:
    data = DATA[name]
    ours, other = two_step.fit(*data, method), theirs(data, tau2_method=method)
    # where the likelihood has several tops the library keeps the one nearest to its start
    assert ours.tau2 == near(other.tau2, 1e-7)
    assert ours.estimate == near(other.estimate, 1e-7)
    assert ours.se[0] == near(other.standard_error, 1e-7)
    assert ours.q == near(other.q, 1e-9)
    assert ours.i2 == near(100 * other.i2, 1e-6)


@every
def test_meta_analyze_agrees_on_hartung_and_knapp(name: str) -> None:
    data = DATA[name]
    ours, other = two_step.fit(*data, "DL", "knha"), theirs(data, tau2_method="DL", ci_method="hartung_knapp")
    assert (ours.lower[0], ours.upper[0]) == (near(other.ci_low, 1e-8), near(other.ci_high, 1e-8))


@every
def test_meta_analyze_agrees_on_the_q_profile(name: str) -> None:
    data = DATA[name]
    other = theirs(data, tau2_method="PM").tau2_confidence_interval(confidence_level=0.95)
    if other.is_empty:
        with pytest.raises(NotEstimable):
            heterogeneity.q_profile(*data)
        return
    ours = heterogeneity.q_profile(*data)
    assert (ours.tau2_lower, ours.tau2_upper) == (near(other.ci_low, 1e-7), near(other.ci_high, 1e-7))


@every
def test_meta_analyze_agrees_on_small_studies(name: str) -> None:
    data = DATA[name]
    other = theirs(data, tau2_method="DL")
    egger, lines = small_study.egger(*data), other.egger_test()
    assert (egger.t, egger.p, egger.limit) == tuple(
        near(x, 1e-7) for x in (lines.statistic, lines.pvalue, lines.limit_estimate)
    )
    begg, ranks = small_study.begg(*data), other.begg_test()
    assert (begg.tau, begg.p) == (near(ranks.tau, 1e-9), near(ranks.pvalue, 1e-9))
    for estimator in ("L0", "R0"):
        filled, trimmed = (
            small_study.trim_and_fill(*data, "DL", estimator),
            other.trim_and_fill(estimator=estimator),
        )
        assert (filled.filled, filled.side) == (trimmed.k0, trimmed.side)
        assert filled.fit.estimate == near(trimmed.adjusted_estimate, 1e-8)


@pytest.mark.parametrize("name", ["risk ratios", "logits", "forty studies"])
def test_meta_analyze_leaves_one_out_alike(name: str) -> None:
    data = DATA[name]
    ours = influence.leave_one_out(influence.two_step_on(*data, "DL"), data.y.size)
    other = theirs(data, tau2_method="DL").leave_one_out()
    assert [s.fit.estimate for s in ours if s.fit] == near([r.estimate for r in other.results], 1e-8)


def test_meta_analyze_separates_subgroups_alike() -> None:
    data = DATA["forty studies"]
    groups = ["a" if i % 3 else "b" for i in range(40)]
    ours = subgroups.separate(*data, groups, "DL")
    other = theirs(data, tau2_method="DL", subgroup=np.array(groups))
    assert (ours.q_between, ours.df, ours.p) == (
        near(other.q_between, 1e-8),
        other.q_between_df,
        near(other.q_between_pvalue, 1e-8),
    )


@every
@pytest.mark.parametrize("method", ["ML", "REML"])
def test_pymare_maximises_the_same_likelihood(name: str, method: str) -> None:
    from pymare.estimators import VarianceBasedLikelihoodEstimator  # type: ignore[import-untyped]

    data = DATA[name]
    estimator = VarianceBasedLikelihoodEstimator(method, small_sample_correction="wald")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(y=data.y[:, None], v=data.v[:, None], X=np.ones((data.y.size, 1)))
    ours, theirs = two_step.fit(*data, method), float(np.ravel(estimator.params_["tau2"])[0])
    d = heterogeneity.data(*data)
    restricted = method == "REML"
    # the library's search stops at 1e-6, so tau² on a flat top is less sharp than the height
    assert ours.tau2 == pytest.approx(theirs, rel=1e-3, abs=1e-4)
    assert heterogeneity.log_likelihood(d, ours.tau2, restricted) >= (
        heterogeneity.log_likelihood(d, max(theirs, 0.0), restricted) - 1e-12
    )


@every
def test_pymare_regresses_alike(name: str) -> None:
    from pymare.estimators import DerSimonianLaird

    data = DATA[name]
    if data.y.size < 4:
        return
    x = np.column_stack([np.ones(data.y.size), np.linspace(-1, 1, data.y.size) ** 3])
    estimator = DerSimonianLaird(small_sample_correction="wald")
    estimator.fit(y=data.y[:, None], v=data.v[:, None], X=x)
    ours = two_step.fit(*data, "DL", design=x)
    assert ours.tau2 == near(float(np.ravel(estimator.params_["tau2"])[0]), 1e-8)
    assert ours.coef.tolist() == near(np.ravel(estimator.params_["fe_params"]).tolist(), 1e-7)


@every
def test_statsmodels_agrees(name: str) -> None:
    from statsmodels.stats.meta_analysis import combine_effects  # type: ignore[import-untyped]

    data = DATA[name]
    with np.errstate(invalid="ignore"):
        other = combine_effects(data.y, data.v, method_re="chi2")
    ours = two_step.fit(*data, "DL")
    assert ours.q == near(other.q, 1e-9)
    if other.tau2 < 0:  # left negative there
        assert ours.tau2 == 0
        return
    assert (ours.estimate, ours.se[0]) == (near(other.mean_effect_re, 1e-9), near(other.sd_eff_w_re, 1e-9))
    assert two_step.fit(*data, "DL", "knha").se[0] == near(other.sd_eff_w_re_hksj, 1e-9)
    paule = combine_effects(data.y, data.v, method_re="iterated")
    assert heterogeneity.tau2(*data, method="PM") == near(paule.tau2, 1e-6)
