"""One rule for each kind of block: what we answer to it. A block without a rule is unknown, and reported as such."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import betaincinv, expit

from livingreview.synthesis.models import effects, subgroups, two_step
from livingreview.synthesis.models.effects import Array
from livingreview.synthesis.proportions import clopper_pearson, wilson
from tests.oracles_adapter import answers, constants, reanalyses
from tests.oracles_adapter.answers import Answer, attempt
from tests.oracles_adapter.blocks import MEASURES, Block
from tests.oracles_adapter.case import Case
from tests.oracles_adapter.design import Unknown, design, grouping, studies
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
    for name, chosen in ((leaf, measure), *_without_measure(leaf)):
        for pattern, rule in _RULES:
            if found := re.fullmatch(pattern, name):
                options = {k: v for k, v in found.groupdict().items() if v is not None}
                if "method" in options:
                    options["method"] = {"FE": "EE", "CE": "EE"}.get(options["method"], options["method"])
                return _ruled(rule, case, block, chosen, options)
    raise Unknown("no rule for this block")


def _without_measure(leaf: str) -> list[tuple[str, str]]:
    """A name such as leave1out_PLO_REML without its measure, and that measure."""
    parts = leaf.split("_")
    return [("_".join(parts[:i] + parts[i + 1 :]), p) for i, p in enumerate(parts) if i and p in MEASURES]


def _ruled(rule: Rule, case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Any:
    try:
        return attempt(lambda: rule(case, block, measure, options))
    except (ValueError, IndexError) as error:
        raise Unknown(f"the inputs do not fit the block: {error}") from error


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
    y, v = studies(case, block, measure)
    method, test = options.get("method", "REML"), options.get("test", "z")
    expected = block.values
    alone = y.size == 1 and isinstance(expected.get("estimate"), int | float)
    same = test == "knha" and abs(_plain(expected.get("se"))) < 1e-12
    if same and not isinstance(attempt(lambda: two_step.fit(y, v, method, test)), Refused):
        same = False
    if alone:
        fit = two_step.fit_or_own(y, v, method, test=test)
    else:
        fit = two_step.fit(y, v, method, "z" if same else test)
    shown = measure or case.measure()
    sizes = case.numbers("ni") if shown == "PFT" and not (case.given() and not measure) else None
    back = _BACK.get(shown or "")
    if back is None and re.search(r"transf\s*=\s*exp\b", case.calls):
        back = _BACK["RR"]
    extra: Answer = {"yi": y.tolist(), "vi": v.tolist()}
    if sizes is not None:
        n = sizes[0][np.isfinite(sizes[0])]
        mean = effects.harmonic_mean(n)
        back = lambda value: float(effects.freeman_tukey_back(value, mean))  # noqa: E731
        by_size = effects.freeman_tukey_back(fit.estimate, n)
        extra |= {
            "harmonic_mean_n": mean,
            "back_per_study_n_range": [float(by_size.min()), float(by_size.max())],
        }
    found = answers.model(fit) | answers.intervals(fit, back) | extra
    if alone:
        return constants.lone(expected, found)
    found = constants.search_end(expected, constants.empty_profile(expected, found))
    return constants.same_values(found) if same else found


def _plain(value: Any) -> float:
    """The number, nan for anything else."""
    return float(value) if isinstance(value, int | float) else float("nan")


def _unnamed(case: Case, block: Block, measure: str | None, _: dict[str, str]) -> Answer:
    """A model without its name: REML with z, unless another estimator or test gives the file's estimate and standard error."""
    y, v = studies(case, block, measure)
    wanted = [_plain(block.values.get(name)) for name in ("estimate", "se")]
    for method in ("REML", "DL", "PM", "ML", "EE"):
        for test in two_step.TESTS:
            fit = attempt(lambda m=method, t=test: two_step.fit(y, v, m, t))  # type: ignore[misc]
            near = not isinstance(fit, Refused) and np.isclose([fit.estimate, fit.se[0]], wanted, 1e-4).all()
            if near and (
                test == "z" or np.isclose(fit.p[0], _plain(block.values.get("pval", fit.p[0])), 1e-3)
            ):
                return _model(case, block, measure, {"method": method, "test": test})
    return _model(case, block, measure, {"method": "REML"})


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
    return constants.other_reference(case, block, found)


def _carried(block: Block, k: int, fit: Callable[..., Any]) -> Any:
    """The fit by our rules; where only the rule on studies of one unit refuses and the file has numbers, the fit without that rule.
    Numbers for two studies, and numbers at which software stopped though the likelihood has no maximum, are not graded."""
    numbers = bool(block.values) and not any(isinstance(v, str) for v in block.values.values())
    refused = attempt(fit)
    if isinstance(refused, Refused) and numbers:
        refused = attempt(lambda: fit(least_informative=0))
        if isinstance(refused, Refused) and k < 3:
            raise Unknown(f"not fitted by rule: {refused.reason}")
        if isinstance(refused, Refused) and "no finite estimate" in refused.reason:
            raise Unknown(f"the likelihood has no maximum: {refused.reason}")
    return refused


def _beta_binomial(case: Case, block: Block, _m: str | None, _: dict[str, str]) -> Any:
    from livingreview.synthesis.models import beta_binomial

    x, n = _counts(case)
    fit = _carried(block, x.size, lambda **o: beta_binomial.fit(x, n, **o))
    if isinstance(fit, Refused):
        return fit
    found = {
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
    return constants.short_of_zero(block.values, found)


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
    y, v = studies(case, block, measure)
    groups = grouping(case, block.values)
    numbers = not any(isinstance(b, str) for b in _leaves(block.values.get("estimate")))
    found = subgroups.separate(y, v, groups, options["method"], lone=numbers)
    fits = found.fits
    spread = [f.i2 if f.k > 1 else constants.LONE for f in fits]
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
    y, v = studies(case, block, measure)
    matrix = design(case, options.get("moderator"), block.values)
    if matrix.shape[0] != y.size:
        raise Unknown("the moderator is not known of every study")
    found = answers.model(two_step.fit(y, v, options["method"], options.get("test", "z"), matrix))
    return constants.nothing_to_explain(block.values, found | {"coef_names": block.values.get("coef_names")})


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
    (rf"leave1out_{_METHOD}{_TEST}", reanalyses.leave_one_out),
    (rf"cumul_{_METHOD}{_TEST}", reanalyses.cumulative),
    ("cumul_order_1based", reanalyses.order_by_year),
    ("egger(?:_lm)?", reanalyses.egger),
    (rf"egger_rma_{_METHOD}{_TEST}", reanalyses.egger_mixed),
    ("begg", reanalyses.begg),
    (rf"trimfill_{_METHOD}_(?P<estimator>L0|R0)", reanalyses.trim_and_fill),
    (rf"robust_CR1(?:_{_METHOD})?", reanalyses.robust),
    (rf"{_METHOD}_robust_CR1", reanalyses.robust),
    ("model|pooled|fit|rma", _unnamed),
)
