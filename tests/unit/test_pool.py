"""Pooling by every model of a protocol: what is fitted, what is refused, and with which sentence."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from numpy.linalg import LinAlgError

from livingreview.protocol_analyses import PooledModel
from livingreview.synthesis import model_fits
from livingreview.synthesis.estimates import METHODS, LeftOut
from livingreview.synthesis.models import beta_binomial, binomial_normal, effects, heterogeneity, two_step
from livingreview.synthesis.pool import pool
from livingreview.synthesis.pooled import Pooled
from livingreview.synthesis.proportions import clopper_pearson
from livingreview.synthesis.records import from_json, to_json

MODELS = get_args(PooledModel)
ONE_STAGE = ("binomial_normal", "beta_binomial")
TWO_STEP = tuple(m for m in MODELS if m not in ONE_STAGE)
EVENTS, TOTALS = (1, 0, 1, 3, 2, 6, 9), (1, 1, 1, 3, 5, 11, 10)
EXACT = "so no model was fitted; the interval is the exact one of the summed counts."
AS_ONE = "The exact interval takes the units of all studies as if they came from one study."


def studies(events: tuple[int, ...], totals: tuple[int, ...]) -> list[tuple[str, int, int]]:
    return [(f"s{i}", x, n) for i, (x, n) in enumerate(zip(events, totals, strict=True))]


def pooled(
    model: str, events: tuple[int, ...] = EVENTS, totals: tuple[int, ...] = TOTALS, **more: Any
) -> Pooled:
    return pool(studies(events, totals), model, **{"level": 0.95, "unit": "patient", **more})


def test_every_model_of_a_protocol_is_known_and_cited() -> None:
    assert set(model_fits.MODELS) == set(MODELS) == set(model_fits.SCALES)
    for model in MODELS:
        result = pooled(model)
        assert result.fitted
        assert (result.model, result.name, result.citation) == (
            model,
            METHODS[model].name,
            METHODS[model].citation,
        )
    assert len({METHODS[m].name for m in MODELS}) == len(MODELS)
    with pytest.raises(KeyError):
        pooled("logit_rmel")


@pytest.mark.parametrize("model", MODELS)
def test_what_every_estimate_carries(model: str) -> None:
    gone = (LeftOut("z", "Zed 2001", "gives no count"),)
    result = pooled(model, level=0.8, left_out=gone, warnings=("Given.",))
    found = [e for e in (result.estimate, result.median, result.prediction) if e is not None]
    assert found
    for e in found:
        assert (e.events, e.total, e.n, e.k, e.unit, e.level, e.sided) == (22, 32, 32, 7, "patient", 0.8, 2)
        assert e.used == tuple(f"s{i}" for i in range(7))
        assert e.left_out == gone
        assert 0 <= e.lower <= e.value <= e.upper <= 1
        assert e.method in METHODS
    assert result.reason is None
    assert result.warnings[0] == "Given."
    assert result.heterogeneity is not None
    assert result.heterogeneity.informative == 4
    assert from_json(Pooled, json.loads(json.dumps(to_json(result)))) == result


def test_binomial_normal_gives_the_mean_with_the_median_beside_it() -> None:
    result, fit = pooled("binomial_normal"), binomial_normal.fit(EVENTS, TOTALS)
    assert result.estimate and result.median and result.prediction and result.heterogeneity
    assert (result.estimate.kind, result.median.kind, result.prediction.kind) == (
        "mean_proportion",
        "median_proportion",
        "prediction",
    )
    assert (result.estimate.value, result.estimate.lower, result.estimate.upper) == fit.mean()
    assert (result.median.value, result.median.lower, result.median.upper) == fit.median()
    assert (result.prediction.lower, result.prediction.upper) == fit.prediction("t_k2")
    assert "k − 2" in result.prediction.method_name
    assert result.prediction.citation == "higgins2009"
    assert result.heterogeneity.tau2 == fit.tau2
    assert result.heterogeneity.scale == "logit"
    assert result.weights is None


def test_beta_binomial() -> None:
    result, fit = pooled("beta_binomial"), beta_binomial.fit(EVENTS, TOTALS)
    assert result.estimate and result.heterogeneity
    assert (result.estimate.value, result.estimate.lower, result.estimate.upper) == (
        fit.mu,
        fit.lower,
        fit.upper,
    )
    assert result.estimate.kind == "mean_proportion"
    assert result.heterogeneity.tau2 == pytest.approx(fit.rho * fit.mu * (1 - fit.mu))
    assert result.median is result.prediction is None


@pytest.mark.parametrize("estimator", ["reml", "dl", "pm"])
@pytest.mark.parametrize("test", ["", "_hk"])
def test_two_step_on_logits(estimator: str, test: str) -> None:
    result = pooled(f"logit_{estimator}{test}")
    y, v = effects.logit_proportions(EVENTS, TOTALS)
    fit = two_step.fit(y, v, estimator.upper(), "adhoc" if test else "z")
    limits = heterogeneity.q_profile(y, v)
    assert result.estimate and result.heterogeneity and result.prediction and result.weights
    assert result.estimate.kind == "median_proportion"
    assert [result.estimate.value, result.estimate.lower, result.estimate.upper] == pytest.approx(
        [float(effects.expit_back(e[0])) for e in (fit.coef, fit.lower, fit.upper)]
    )
    assert result.estimate.se == fit.se[0]
    assert (result.heterogeneity.tau2_lower, result.heterogeneity.tau2_upper) == (
        limits.tau2_lower,
        limits.tau2_upper,
    )
    assert result.heterogeneity.i2 == fit.i2
    assert sum(result.weights) == pytest.approx(1)
    assert result.warnings == (
        "In 4 of 7 studies all or none had the outcome: 0.5 was added to both of their counts, which draws the pooled "
        "value towards one half.",
    )


def test_no_word_on_a_correction_where_none_was_made() -> None:
    assert pooled("logit_reml", (3, 4, 5), (6, 9, 12)).warnings == ()


def test_freeman_tukey_shows_its_trap() -> None:
    result = pooled("freeman_tukey")
    assert result.estimate
    at = {s.which: (s.n, s.value) for s in result.at_sizes}
    assert [at["minimum"][0], at["maximum"][0]] == [1, 11]
    assert at["harmonic"] == (pytest.approx(7 / sum(1 / n for n in TOTALS)), result.estimate.value)
    assert at["minimum"][1] - at["maximum"][1] > 0.01
    first, second = result.warnings
    assert first.startswith(
        "The Freeman–Tukey proportion depends on the study size it is translated back at: "
    )
    assert "at 1 (minimum)" in first
    assert "at 11 (maximum)" in first
    assert second == (
        "The harmonic mean of the study sizes is 1.9, below 2, where translating a Freeman–Tukey mean back is not reliable."
    )
    assert pooled("freeman_tukey", (15, 16, 14), (30, 30, 30)).warnings == ()


@pytest.mark.parametrize("model", MODELS)
def test_prediction_from_five_studies_on(model: str) -> None:
    four = pooled(model, (3, 2, 6, 9), (4, 5, 11, 10))
    five = pooled(model, (3, 2, 6, 9, 3), (4, 5, 11, 10, 7))
    assert four.fitted and five.fitted
    assert four.prediction is None
    assert (five.prediction is not None) == (model != "beta_binomial")


@pytest.mark.parametrize("model", ONE_STAGE)
def test_a_spread_of_zero_is_no_proof_of_agreement(model: str) -> None:
    result = pooled(model, (1, 0, 1, 3, 2, 6), (1, 1, 1, 3, 5, 11))
    assert result.heterogeneity and result.heterogeneity.tau2 == 0
    assert result.warnings == (
        "The estimated spread between studies is zero. With 6 studies, 3 of them of two or more units, this does not "
        "show that the studies agree.",
    )


REFUSED = [
    (
        (3,),
        (5,),
        "There is only one study, so no model was fitted; the interval is the exact one of that study.",
    ),
    ((3, 5), (5, 5), f"There are only two studies, {EXACT}"),
    ((1, 2, 4), (1, 2, 4), f"The outcome was seen in all of 7, {EXACT}"),
    ((0, 0, 0), (1, 2, 4), f"The outcome was seen in none of 7, {EXACT}"),
    (
        (0, 1, 3),
        (1, 2, 4),
        "Only 2 of the 3 studies have two or more units, and the spread between studies cannot be told from fewer than "
        f"three such studies, {EXACT}",
    ),
    (
        (0, 1, 3, 1),
        (1, 1, 4, 1),
        "Only 1 of the 4 studies has two or more units, and the spread between studies cannot be told from fewer than "
        f"three such studies, {EXACT}",
    ),
    (
        (0, 1, 1),
        (1, 1, 1),
        "None of the 3 studies has two or more units, and the spread between studies cannot be told from fewer than "
        f"three such studies, {EXACT}",
    ),
]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("events", "totals", "reason"), REFUSED)
def test_refusals_give_the_exact_interval_and_a_sentence(
    model: str, events: tuple[int, ...], totals: tuple[int, ...], reason: str
) -> None:
    result = pooled(model, events, totals)
    assert not result.fitted
    assert result.reason == reason
    assert result.estimate
    assert result.estimate.method == "clopper_pearson"
    assert (result.estimate.lower, result.estimate.upper) == clopper_pearson(sum(events), sum(totals))
    assert result.estimate.k == len(events)
    assert result.heterogeneity
    assert (result.heterogeneity.tau2, result.heterogeneity.reason) == (None, reason)
    assert result.median is result.prediction is result.weights is None
    assert result.warnings == ((AS_ONE,) if len(events) > 1 else ())
    assert from_json(Pooled, json.loads(json.dumps(to_json(result)))) == result


@pytest.mark.parametrize("model", ONE_STAGE)
def test_all_or_none_in_every_study(model: str) -> None:
    result = pooled(model, (0, 3, 4, 1), (3, 3, 4, 1))
    assert not result.fitted
    assert result.reason == (
        "In every study all units or none had the outcome, and the spread between studies has no finite estimate, "
        f"{EXACT}"
    )
    assert all(pooled(other, (0, 3, 4, 1), (3, 3, 4, 1)).fitted for other in TWO_STEP)


@pytest.mark.parametrize("model", MODELS)
def test_no_study(model: str) -> None:
    result = pool([], model, level=0.95, unit="patient")
    assert (result.fitted, result.estimate, result.heterogeneity) == (False, None, None)
    assert result.reason == "No study gives a count."


def test_studies_closer_than_chance_have_no_limits_of_the_spread() -> None:
    result = pooled("logit_reml", (15, 30, 45, 60, 75), (30, 60, 90, 120, 150))
    assert result.fitted
    assert result.heterogeneity
    assert (result.heterogeneity.tau2, result.heterogeneity.tau2_upper) == (0, None)
    assert any("closer together than chance" in w for w in result.warnings)


@pytest.mark.parametrize("error", [FloatingPointError("overflow"), LinAlgError("overflow")])
def test_a_failing_computation_is_told(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(two_step, "fit", fail)
    result = pooled("logit_dl")
    assert not result.fitted
    assert result.reason == f"The computation failed (overflow), {EXACT}"
    assert result.estimate and result.estimate.method == "clopper_pearson"


def test_a_number_that_is_not_finite_is_never_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects, "expit_back", lambda _: float("nan"))
    result = pooled("logit_reml")
    assert not result.fitted
    assert result.reason == f"The computation failed (a value is not finite), {EXACT}"


def test_entries_of_one_study_are_one_study() -> None:
    split = [("a", 2, 3), ("b", 1, 4), ("a", 1, 2), ("c", 5, 9)]
    summed = [("a", 3, 5), ("b", 1, 4), ("c", 5, 9)]
    for model in MODELS:
        assert pool(split, model, level=0.9, unit="lesion") == pool(summed, model, level=0.9, unit="lesion")


@pytest.mark.parametrize("counts", [("a", 2, 1), ("a", -1, 3), ("a", 0, 0)])
def test_impossible_counts_are_an_error(counts: tuple[str, int, int]) -> None:
    with pytest.raises(ValueError, match="is not a count of events"):
        pool([counts], "binomial_normal", level=0.95, unit="patient")
