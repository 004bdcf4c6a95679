"""What holds of the models for any data."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingreview.synthesis.models import effects, heterogeneity, influence, small_study, subgroups, two_step
from livingreview.synthesis.models.refusal import NotEstimable

METHODS = st.sampled_from(["EE", "DL", "PM", "REML", "ML", "HE", "SJ", "EB"])
TESTS = st.sampled_from(["z", "knha", "adhoc"])
STUDIES = st.tuples(st.integers(0, 60), st.integers(0, 60)).filter(lambda c: sum(c) > 0)
SEVERAL = st.lists(STUDIES, min_size=2, max_size=15)
QUICK = settings(max_examples=60, deadline=None, derandomize=True, database=None)
EXTREME = [(0, 1), (1, 0), (0, 500), (500, 0)]


def counts(studies: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Events and totals from pairs of events and non-events."""
    table = np.array(studies)
    return table[:, 0], table.sum(axis=1)


def fitted(y: np.ndarray, v: np.ndarray, method: str, test: str = "z") -> two_step.TwoStepFit | None:
    try:
        return two_step.fit(y, v, method, test)
    except NotEstimable:
        return None


def same(a: float, b: float) -> bool:
    return a == pytest.approx(b, rel=1e-7, abs=1e-9)


def finite(fit: two_step.TwoStepFit) -> bool:
    arrays = (fit.coef, fit.se, fit.lower, fit.upper, fit.p, fit.weights, [fit.tau2, fit.q, fit.i2 or 0.0])
    return all(np.isfinite(a).all() for a in arrays)


@QUICK
@given(SEVERAL, st.randoms(use_true_random=False), METHODS, TESTS)
def test_the_order_of_studies_does_not_matter(studies, random, method, test) -> None:  # type: ignore[no-untyped-def]
    shuffled = studies.copy()
    random.shuffle(shuffled)
    for measure in (effects.logit_proportions, effects.freeman_tukey):
        one, other = (fitted(*measure(*counts(s)), method, test) for s in (studies, shuffled))
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert same(one.estimate, other.estimate) and same(one.tau2, other.tau2)
            assert same(one.lower[0], other.lower[0]) and same(one.q, other.q)


@QUICK
@given(SEVERAL, METHODS, TESTS)
def test_non_events_mirror_events(studies, method, test) -> None:  # type: ignore[no-untyped-def]
    others = [(b, a) for a, b in studies]
    _, n = counts(studies)
    logit, mirror = (fitted(*effects.logit_proportions(*counts(s)), method, test) for s in (studies, others))
    if logit is not None and mirror is not None:
        assert same(logit.estimate, -mirror.estimate) and same(logit.tau2, mirror.tau2)
        assert same(logit.lower[0], -mirror.upper[0])
    arcsine, mirror = (fitted(*effects.freeman_tukey(*counts(s)), method, test) for s in (studies, others))
    if arcsine is not None and mirror is not None:
        assert same(arcsine.estimate, np.pi / 2 - mirror.estimate) and same(arcsine.tau2, mirror.tau2)
        mean = effects.harmonic_mean(n)
        back, other = (float(effects.freeman_tukey_back(f.estimate, mean)) for f in (arcsine, mirror))
        assert back == pytest.approx(1 - other, abs=1e-6)


@QUICK
@given(SEVERAL, METHODS, TESTS)
def test_intervals_hold_the_estimate_and_stay_within_bounds(studies, method, test) -> None:  # type: ignore[no-untyped-def]
    x, n = counts(studies)
    mean = effects.harmonic_mean(n)
    for measure, back in (
        (effects.logit_proportions, effects.expit_back),
        (effects.freeman_tukey, lambda y: effects.freeman_tukey_back(y, mean)),
    ):
        fit = fitted(*measure(x, n), method, test)
        if fit is None:
            continue
        assert finite(fit) and fit.tau2 >= 0 and 0 <= (fit.i2 or 0) <= 100
        lower, value, upper = (float(v) for v in back([fit.lower[0], fit.estimate, fit.upper[0]]))
        assert 0 <= lower <= value <= upper <= 1
        new = two_step.predict(fit)
        assert new[0] <= fit.lower[0] + 1e-9 or test != "z"
        assert 0 <= float(back(new[0])) <= float(back(new[1])) <= 1


@QUICK
@given(st.lists(STUDIES | st.sampled_from(EXTREME), min_size=1, max_size=25))
def test_more_data_never_crash(studies) -> None:  # type: ignore[no-untyped-def]
    x, n = counts(studies)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for measure in (effects.logit_proportions, effects.freeman_tukey):
            y, v = measure(x, n)
            steps = influence.cumulative(influence.two_step_on(y, v, "REML"), range(len(studies)))
            assert all(s.fit is not None and finite(s.fit) for s in steps)
            for attempt in (
                lambda y=y, v=v: heterogeneity.q_profile(y, v),
                lambda y=y, v=v: small_study.egger(y, v),
                lambda y=y, v=v: small_study.begg(y, v),
                lambda y=y, v=v: small_study.trim_and_fill(y, v, "REML"),
                lambda y=y, v=v: subgroups.separate(y, v, [str(i % 2) for i in range(y.size)]),
            ):
                try:
                    found = attempt()
                except NotEstimable as refusal:
                    assert refusal.reason
                else:
                    numbers = [x for x in getattr(found, "__dict__", {}).values() if isinstance(x, float)]
                    assert not np.isnan(numbers).any()


@pytest.mark.parametrize("cell", EXTREME)
@pytest.mark.parametrize("method", ["EE", "DL", "PM", "REML", "ML", "HE", "EB"])
def test_extreme_cells_give_numbers(cell: tuple[int, int], method: str) -> None:
    for studies in ([cell] * 4, [cell, (3, 4), (1, 9)], EXTREME, [cell, cell, (500, 0), (0, 500)]):
        for measure in (effects.logit_proportions, effects.freeman_tukey):
            fit = fitted(*measure(*counts(studies)), method)
            assert fit is not None and finite(fit)


@QUICK
@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(1e-6, 1e4)), min_size=3, max_size=12),
    st.floats(1e-3, 1e3),
    st.sampled_from(["DL", "PM", "REML", "ML"]),
)
def test_the_unit_of_the_effect_does_not_matter(studies, factor, method) -> None:  # type: ignore[no-untyped-def]
    y, v = np.array(studies).T
    one, other = fitted(y, v, method), fitted(y * factor, v * factor**2, method)
    assert one is not None and other is not None
    assert other.tau2 / factor**2 == pytest.approx(one.tau2, rel=1e-6, abs=1e-9 * float(v.min()))
    assert other.estimate / factor == pytest.approx(one.estimate, rel=1e-6, abs=1e-8)
