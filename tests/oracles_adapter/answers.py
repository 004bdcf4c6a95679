"""Fits of ours in the words of a case file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import chdtrc, expit

from livingreview.synthesis.models import effects, heterogeneity, two_step
from livingreview.synthesis.models.effects import Array
from livingreview.synthesis.models.refusal import NotEstimable
from livingreview.synthesis.models.two_step import TwoStepFit
from tests.oracles_adapter.grade import Refused, Ungraded

Answer = dict[str, Any]


def attempt(function: Callable[[], Any]) -> Any:
    """What the function gives, or the refusal."""
    try:
        return function()
    except NotEstimable as refusal:
        return Refused(refusal.reason)


def _values(array: Array) -> float | list[float]:
    return float(array[0]) if array.size == 1 else array.tolist()


def model(fit: TwoStepFit) -> Answer:
    """A two-step fit: coefficients, heterogeneity, test of moderators."""
    stat = _values(fit.stat)
    return {
        "k": fit.k,
        "estimate": _values(fit.coef),
        "se": _values(fit.se),
        **dict.fromkeys(("stat", "zval", "tval"), stat),
        "pval": _values(fit.p),
        "ci_lb": _values(fit.lower),
        "ci_ub": _values(fit.upper),
        "tau2": fit.tau2,
        "se_tau2": fit.se_tau2,
        "I2": fit.i2,
        "H2": fit.h2,
        "QE": fit.q,
        "QEp": fit.q_p,
        "QM": fit.qm,
        "QMp": fit.qm_p,
        "R2": fit.r2,
        "df": fit.df,
        "ddf": fit.df,
    }


def intervals(fit: TwoStepFit, back: Callable[[float], float] | None) -> Answer:
    """Prediction intervals and Q-profile limits of a model without moderators, and the values on the natural scale."""
    usual = "normal" if fit.test == "z" else "t_k1"
    answer: Answer = {}
    for name, convention in (("pi", usual), ("pi_riley", "t_k2")):
        limits = attempt(lambda c=convention: two_step.predict(fit, c))  # type: ignore[misc]
        for i, end in enumerate(("lb", "ub")):
            answer[f"{name}_{end}"] = limits if isinstance(limits, Refused) else limits[i]
    profile = attempt(lambda: heterogeneity.q_profile(fit.y, fit.v, fit.design, fit.level))
    for name, field in (("tau2_qp", "tau2"), ("I2_qp", "i2")):
        for end, word in (("lb", "lower"), ("ub", "upper")):
            answer[f"{name}_{end}"] = (
                profile if isinstance(profile, Refused) else getattr(profile, f"{field}_{word}")
            )
    if back is not None:
        shown = {"pred": fit.estimate, "ci_lb": fit.lower[0], "ci_ub": fit.upper[0]}
        answer["back"] = {name: back(float(value)) for name, value in shown.items()}
        for end in ("lb", "ub"):
            limit = answer[f"pi_{end}"]
            answer["back"][f"pi_{end}"] = limit if isinstance(limit, Refused) else back(limit)
    return answer


def one_stage(fit: Any, events: Array, totals: Array, design: Array | None) -> Answer:
    """A binomial–normal fit, with the heterogeneity that goes with it."""
    q = two_step.quantile(fit.level, None)
    coef, se = np.asarray(fit.coef), np.asarray(fit.se)
    answer: Answer = {
        "k": fit.k,
        "estimate": _values(coef),
        "se": _values(se),
        **dict.fromkeys(("stat", "zval"), _values(coef / se)),
        "pval": _values(chdtrc(1, (coef / se) ** 2)),
        "ci_lb": _values(coef - q * se),
        "ci_ub": _values(coef + q * se),
        "tau2": fit.tau2,
        "loglik": fit.loglik,
        "boundary": bool(fit.boundary),
    }
    corrected = effects.logit_proportions(events, totals)
    d = heterogeneity.data(corrected.y, corrected.v, design)
    answer["I2"], answer["H2"] = heterogeneity.i2_h2(d, fit.tau2, "ML")
    answer |= _fixed_tests(events, totals, d.x, d.freedom)
    if coef.size > 1:
        answer["QM"], _, answer["QMp"] = fit.wald(range(1, coef.size))
        return answer
    mean = fit.mean()[0]
    answer |= {"marginal_mean_proportion": mean, "mean": mean}
    half = q * float(np.hypot(np.sqrt(fit.tau2), se[0]))
    ends = {"pi_lb": coef[0] - half, "pi_ub": coef[0] + half}
    answer |= {name: float(value) for name, value in ends.items()}
    shown = {"pred": coef[0], "ci_lb": coef[0] - q * se[0], "ci_ub": coef[0] + q * se[0], **ends}
    answer["back"] = {name: float(expit(value)) for name, value in shown.items()}
    return answer


def _fixed_tests(events: Array, totals: Array, x: Array, freedom: int) -> Answer:
    """Homogeneity in the logistic model with tau² = 0: the likelihood ratio against one parameter a study, and the Wald test, to
    which studies without a finite logit add nothing."""
    coef = np.zeros(x.shape[1])
    for _ in range(50):
        p = expit(x @ coef)
        information = (x.T * (totals * p * (1 - p))) @ x
        coef = coef + np.linalg.solve(information, x.T @ (events - totals * p))
    p = expit(x @ coef)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(events > 0, events * np.log(events / (totals * p)), 0)
        rest = totals - events
        parts = parts + np.where(rest > 0, rest * np.log(rest / (totals * (1 - p))), 0)
    ratio = 2 * float(parts.sum())
    inner = (events > 0) & (events < totals)
    answer: Answer = {"QE_LRT": ratio, "QEp_LRT": float(chdtrc(freedom, ratio))}
    if inner.sum() <= x.shape[1]:
        left = Ungraded("too few studies with a finite logit")
        return answer | {"QE_Wld": left, "QEp_Wld": left}
    y, v = effects.logit_proportions(events[inner], totals[inner])
    wald = heterogeneity.q(y, v, x[inner]).q
    return answer | {"QE_Wld": wald, "QEp_Wld": float(chdtrc(freedom, wald))}
