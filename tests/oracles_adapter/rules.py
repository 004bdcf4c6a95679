"""One rule for each kind of block: what we answer to it. A block without a rule is unknown, and reported as such."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import betaincinv, expit

from livingreview.synthesis.models import (
    clustered,
    effects,
    heterogeneity,
    influence,
    small_study,
    subgroups,
    two_step,
)
from livingreview.synthesis.models.effects import Array, Effects
from livingreview.synthesis.proportions import clopper_pearson, wilson
from tests.oracles_adapter import answers
from tests.oracles_adapter.answers import Answer, attempt
from tests.oracles_adapter.case import MEASURES, Block, Case
from tests.oracles_adapter.design import Unknown, design, grouping
from tests.oracles_adapter.grade import Refused, Ungraded

Rule = Callable[[Case, Block, str | None, dict[str, str]], Any]
_METHOD = r"(?P<method>EE|FE|CE|DL|PM|REML|ML|HE|SJ|EB)"
_TEST = r"(?:_(?P<test>knha|adhoc|z))?"
_BACK: dict[str, Callable[[float], float]] = {
    "PLO": lambda y: float(expit(y)),
    "RR": lambda y: float(np.exp(y)),
    "OR": lambda y: float(np.exp(y)),
}


def answer(case: Case, block: Block) -> Any:
    """Our values in the shape of the block, a Refused in place of what cannot be estimated. Raises Unknown with the reason where no rule
    knows the block or the inputs lack what it needs."""
    leaf, measure = block.leaf, block.measure
    prefix, _, rest = leaf.partition("_")
    if prefix in MEASURES and rest:
        leaf, measure = rest, prefix
    for pattern, rule in _RULES:
        if found := re.fullmatch(pattern, leaf):
            options = {k: v for k, v in found.groupdict().items() if v is not None}
            if "method" in options:
                options["method"] = {"FE": "EE", "CE": "EE"}.get(options["method"], options["method"])
            return _ruled(rule, case, block, measure, options)
    raise Unknown("no rule for this block")


def _ruled(rule: Rule, case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Any:
    try:
        return attempt(lambda: rule(case, block, measure, options))
    except (ValueError, IndexError) as error:
        raise Unknown(f"the inputs do not fit the block: {error}") from error


def _effects(case: Case, block: Block, measure: str | None) -> Effects:
    found = case.effects(measure, block.r)
    if found is None:
        raise Unknown("the inputs do not show which effects these are")
    return found


def _effects_block(case: Case, block: Block, measure: str | None, _: dict[str, str]) -> Answer:
    given = case.given() if measure is None and block.r is None else None
    found = case.computed(measure, block.r)
    if found is None or given is not None:
        nearest = case.nearest(block.values.get("yi"), block.r)
        found = case.computed(nearest, block.r) if nearest else given
    if found is None:
        raise Unknown("the inputs do not show which effects these are")
    y, v = ([Refused("no effect") if not np.isfinite(x) else float(x) for x in column] for column in found)
    return {"yi": y, "vi": v, "sei": [x if isinstance(x, Refused) else x**0.5 for x in v]}


def _model(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Answer:
    y, v = _effects(case, block, measure)
    method, test = options.get("method", "REML"), options.get("test", "z")
    expected = block.values
    alone = y.size == 1 and isinstance(expected.get("estimate"), int | float)
    fit = two_step.fit_or_own(y, v, method, test=test) if alone else two_step.fit(y, v, method, test)
    shown = measure or case.measure()
    sizes = case.numbers("ni") if shown == "PFT" and not (case.given() and not measure) else None
    back = _BACK.get(shown or "")
    if back is None and re.search(r"transf\s*=\s*exp\b", case.calls):
        back = _BACK["RR"]
    extra: Answer = {}
    if sizes is not None:
        n = sizes[0][np.isfinite(sizes[0])]
        mean = effects.harmonic_mean(n)
        back = lambda value: float(effects.freeman_tukey_back(value, mean))  # noqa: E731
        by_size = effects.freeman_tukey_back(fit.estimate, n)
        extra = {
            "harmonic_mean_n": mean,
            "back_per_study_n_range": [float(by_size.min()), float(by_size.max())],
        }
    found = answers.model(fit) | answers.intervals(fit, back) | extra
    return answers.lone(expected, found) if alone else answers.empty_profile(expected, found)


def _counts(case: Case) -> tuple[Array, Array]:
    found = case.numbers("xi", "ni")
    if found is None:
        raise Unknown("a one-stage model needs events and totals of single groups")
    complete = np.isfinite(found).all(axis=0) & (found[1] > 0)
    return found[0][complete], found[1][complete]


def _one_stage(case: Case, block: Block, _: str | None, options: dict[str, str]) -> Any:
    from livingreview.synthesis.models import binomial_normal

    x, n = _counts(case)
    if np.size(block.values.get("estimate", 0.0)) > 1 or options.get("moderator"):
        matrix: Array | None = design(case, options.get("moderator"), block.values)
    else:
        matrix = None
    fit = _carried(block, x.size, lambda **o: binomial_normal.fit(x, n, design=matrix, **o))
    if isinstance(fit, Refused):
        return fit
    found = answers.one_stage(fit, x, n, matrix)
    found["coef_names"] = block.values.get("coef_names")
    if not block.leaf.endswith("_independent"):
        found["loglik"] = Ungraded("the reference leaves constants out")
    return found


def _carried(block: Block, k: int, fit: Callable[..., Any]) -> Any:
    """The fit by our rules; where only the rule on studies of one unit refuses and the file has numbers, the fit without that rule."""
    numbers = bool(block.values) and not any(isinstance(v, str) for v in block.values.values())
    refused = attempt(fit)
    if isinstance(refused, Refused) and numbers:
        refused = attempt(lambda: fit(least_informative=0))
        if isinstance(refused, Refused) and k < 3:
            raise Unknown(f"not fitted by rule: {refused.reason}")
    return refused


def _beta_binomial(case: Case, block: Block, _m: str | None, _: dict[str, str]) -> Any:
    from livingreview.synthesis.models import beta_binomial

    x, n = _counts(case)
    fit = _carried(block, x.size, lambda **o: beta_binomial.fit(x, n, **o))
    if isinstance(fit, Refused):
        return fit
    return {
        "k": fit.k,
        "logit_mu": fit.logit_mu,
        "se_logit_mu": fit.se_logit_mu,
        "mu": fit.mu,
        "ci_lb": fit.lower,
        "ci_ub": fit.upper,
        "rho": fit.rho,
        "loglik": fit.loglik,
        "boundary": bool(fit.boundary),
    }


def _exact(case: Case, _b: Block, _m: str | None, _: dict[str, str]) -> Answer:
    x, n = _counts(case)
    counts = [(int(a), int(b)) for a, b in zip(x, n, strict=True)]
    found: Answer = {}
    for name, limits in (("cp", clopper_pearson), ("wilson", wilson), ("jeffreys", _jeffreys)):
        ends = [limits(a, b) for a, b in counts]
        found |= {f"{name}_lb": [e[0] for e in ends], f"{name}_ub": [e[1] for e in ends]}
        found[f"pooled_{name}"] = list(limits(int(x.sum()), int(n.sum())))
    return found | {"pooled_crude": float(x.sum() / n.sum())}


def _jeffreys(x: int, n: int) -> tuple[float, float]:
    """Quantiles of Beta(x + ½, n - x + ½), the limit 0 or 1 where no unit or every unit has an event."""
    lower = 0.0 if x == 0 else float(betaincinv(x + 0.5, n - x + 0.5, 0.025))
    return lower, 1.0 if x == n else float(betaincinv(x + 0.5, n - x + 0.5, 0.975))


def _separate(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Answer:
    measure = measure or (None if case.given() else case.measure())
    y, v = _effects(case, block, measure)
    groups = grouping(case, block.values)
    numbers = not any(isinstance(b, str) for b in _leaves(block.values.get("estimate")))
    found = subgroups.separate(y, v, groups, options["method"], lone=numbers)
    fits = found.fits
    spread = [f.i2 if f.k > 1 else answers.LONE for f in fits]
    return {
        "groups": list(found.groups),
        "k": [f.k for f in fits],
        "estimate": [f.estimate for f in fits],
        "se": [float(f.se[0]) for f in fits],
        "ci_lb": [float(f.lower[0]) for f in fits],
        "ci_ub": [float(f.upper[0]) for f in fits],
        "tau2": [f.tau2 for f in fits],
        "I2": spread,
        "Q": [f.q for f in fits],
        "QE": [f.q for f in fits],
        "Q_between": found.q_between,
        "df": found.df,
        "p_between": found.p,
    }


def _leaves(value: Any) -> list[Any]:
    return [x for v in value for x in _leaves(v)] if isinstance(value, list) else [value]


def _regression(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Answer:
    measure = measure or (None if case.given() else case.measure())
    y, v = _effects(case, block, measure)
    matrix = design(case, options.get("moderator"), block.values)
    if matrix.shape[0] != y.size:
        raise Unknown("the moderator is not known of every study")
    found = answers.model(two_step.fit(y, v, options["method"], options.get("test", "z"), matrix))
    return found | {"coef_names": block.values.get("coef_names")}


def _series(
    steps: tuple[influence.Step[two_step.TwoStepFit], ...],
) -> Answer:
    def each(read: Callable[[two_step.TwoStepFit], Any]) -> list[Any]:
        return [Refused(s.reason or "") if s.fit is None else read(s.fit) for s in steps]

    def spread(read: Callable[[two_step.TwoStepFit], Any]) -> list[Any]:
        return [answers.LONE if s.k == 1 else v for s, v in zip(steps, each(read), strict=True)]

    return {
        "k": [s.k for s in steps],
        "estimate": each(lambda f: f.estimate),
        "se": each(lambda f: float(f.se[0])),
        **dict.fromkeys(("stat", "zval", "tval"), each(lambda f: float(f.stat[0]))),
        "pval": each(lambda f: float(f.p[0])),
        "ci_lb": each(lambda f: float(f.lower[0])),
        "ci_ub": each(lambda f: float(f.upper[0])),
        "tau2": spread(lambda f: f.tau2),
        "I2": spread(lambda f: f.i2),
        "H2": spread(lambda f: f.h2),
        **dict.fromkeys(("Q", "QE"), spread(lambda f: f.q)),
        **dict.fromkeys(("Qp", "QEp"), spread(lambda f: f.q_p)),
    }


def _fit_on(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> tuple[Any, int]:
    measure = measure or (None if case.given() else case.measure())
    y, v = _effects(case, block, measure)
    return influence.two_step_on(y, v, options["method"], options.get("test", "z")), y.size


def _leave_one_out(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Answer:
    return _series(influence.leave_one_out(*_fit_on(case, block, measure, options)))


def _cumulative(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Answer:
    fit, k = _fit_on(case, block, measure, options)
    order = case.expected.get("cumul_order_1based") or list(range(1, k + 1))
    return _series(influence.cumulative(fit, [int(i) - 1 for i in order]))


def _order(case: Case, _b: Block, _m: str | None, _: dict[str, str]) -> list[int]:
    years = case.numbers("year")
    if years is None:
        raise Unknown("the inputs have no year; the sequence is taken as given")
    return [int(i) + 1 for i in np.argsort(years[0], kind="stable")]


def _egger(case: Case, block: Block, measure: str | None, _: dict[str, str]) -> Answer:
    y, v = _effects(case, block, measure or (None if case.given() else case.measure()))
    found = small_study.egger(y, v)
    return {
        **dict.fromkeys(("t", "stat", "tval"), found.t),
        "df": found.df,
        **dict.fromkeys(("p", "pval"), found.p),
        "limit_estimate": found.limit,
        "limit_ci_lb": found.limit_lower,
        "limit_ci_ub": found.limit_upper,
    }


def _egger_mixed(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Answer:
    y, v = _effects(case, block, measure or (None if case.given() else case.measure()))
    matrix = np.column_stack([np.ones_like(v), np.sqrt(v)])
    fit = two_step.fit(y, v, options["method"], options.get("test", "z"), matrix)
    return {
        **dict.fromkeys(("z", "stat", "zval", "t", "tval"), float(fit.stat[1])),
        "df": fit.df,
        **dict.fromkeys(("p", "pval"), float(fit.p[1])),
        "tau2": fit.tau2,
        "limit_estimate": fit.estimate,
        "limit_ci_lb": float(fit.lower[0]),
        "limit_ci_ub": float(fit.upper[0]),
    }


def _begg(case: Case, block: Block, measure: str | None, _: dict[str, str]) -> Answer:
    y, v = _effects(case, block, measure or (None if case.given() else case.measure()))
    found = small_study.begg(y, v)
    return {**dict.fromkeys(("kendall_tau", "tau"), found.tau), **dict.fromkeys(("p", "pval"), found.p)}


def _trim_and_fill(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Answer:
    y, v = _effects(case, block, measure or (None if case.given() else case.measure()))
    found = small_study.trim_and_fill(y, v, options["method"], options["estimator"])
    return answers.model(found.fit) | {"k0": found.filled, "side": found.side}


def _robust(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Any:
    """The model below is the one whose estimate the block shows, since the robust variance leaves it as it is."""
    y, v = _effects(case, block, measure or (None if case.given() else case.measure()))
    clusters = case.column("cluster")
    if clusters is None or len(clusters) != y.size:
        raise Unknown("the inputs do not name the cluster of each study")
    fits = {m: attempt(lambda m=m: two_step.fit(y, v, m)) for m in ("REML", *heterogeneity.METHODS)}  # type: ignore[misc]
    wanted = block.values.get("estimate")
    chosen = fits[options.get("method", "REML")]
    if "method" not in options and isinstance(wanted, int | float):
        near = [
            f for f in fits.values() if not isinstance(f, Refused) and np.isclose(f.estimate, wanted, 1e-5)
        ]
        if not near and "rma.mv" in case.calls:
            raise Unknown("the robust variance of a multilevel model")
        chosen = near[0] if near else chosen
    if isinstance(chosen, Refused):
        return chosen
    found = clustered.robust(chosen, clusters)
    stat, p = float(found.stat[0]), float(found.p[0])
    return answers.model(chosen) | {
        "se": float(found.se[0]),
        **dict.fromkeys(("stat", "tval", "t"), stat),
        **dict.fromkeys(("pval", "p"), p),
        "ci_lb": float(found.lower[0]),
        "ci_ub": float(found.upper[0]),
        **dict.fromkeys(("df", "dfs", "ddf"), found.df),
        **dict.fromkeys(("clusters", "n_clusters", "m", "n"), found.clusters),
    }


_RULES: tuple[tuple[str, Rule], ...] = (
    ("effects", _effects_block),
    (_METHOD + _TEST, _model),
    ("(?P<test>knha|adhoc)", _model),
    (r"GLMM_ML(?:_independent)?", _one_stage),
    (r"GLMM_ML_(?P<moderator>.+?)(?:_independent)?", _one_stage),
    (r"betabinomial_ML(?:_independent)?", _beta_binomial),
    ("exact", _exact),
    (rf"separate_tau2_{_METHOD}", _separate),
    (rf"common_tau2_{_METHOD}{_TEST}", _regression),
    (rf"metareg_(?P<moderator>.+?)_{_METHOD}{_TEST}", _regression),
    (rf"leave1out_{_METHOD}{_TEST}", _leave_one_out),
    (rf"cumul_{_METHOD}{_TEST}", _cumulative),
    ("cumul_order_1based", _order),
    ("egger(?:_lm)?", _egger),
    (rf"egger_rma_{_METHOD}{_TEST}", _egger_mixed),
    ("begg", _begg),
    (rf"trimfill_{_METHOD}_(?P<estimator>L0|R0)", _trim_and_fill),
    (rf"robust_CR1(?:_{_METHOD})?", _robust),
)
