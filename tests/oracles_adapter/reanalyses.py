"""Rules for series of re-analyses, small-study tests and cluster-robust variances."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeGuard

import numpy as np

from livingreview.synthesis.models import clustered, heterogeneity, influence, small_study, two_step
from tests.oracles_adapter import answers, constants
from tests.oracles_adapter.answers import Answer, attempt
from tests.oracles_adapter.blocks import Block
from tests.oracles_adapter.case import Case
from tests.oracles_adapter.design import Unknown, studies
from tests.oracles_adapter.grade import Refused


def _series(
    steps: tuple[influence.Step[two_step.TwoStepFit], ...],
) -> Answer:
    def each(read: Callable[[two_step.TwoStepFit], Any]) -> list[Any]:
        return [Refused(s.reason or "") if s.fit is None else read(s.fit) for s in steps]

    def spread(read: Callable[[two_step.TwoStepFit], Any]) -> list[Any]:
        return [constants.LONE if s.k == 1 else v for s, v in zip(steps, each(read), strict=True)]

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
    y, v = studies(case, block, measure)
    return influence.two_step_on(y, v, options["method"], options.get("test", "z")), y.size


def leave_one_out(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Answer:
    found = _series(influence.leave_one_out(*_fit_on(case, block, measure, options)))
    return constants.rounding_of_zero(case, block, found)


def cumulative(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Answer:
    fit, k = _fit_on(case, block, measure, options)
    order = case.expected.get("cumul_order_1based") or _entered(case, block, measure, k)
    found = _series(influence.cumulative(fit, [int(i) - 1 for i in order]))
    return constants.rounding_of_zero(case, block, found)


def _entered(case: Case, block: Block, measure: str | None, k: int) -> list[int]:
    """Positions from 1 in the order of the file, or by year if only the earliest study has the first value."""
    as_given = list(range(1, k + 1))
    first = block.values.get("estimate")
    years = case.numbers("year")
    if years is None or years[0].size != k or not _starts_with_number(first):
        return as_given
    y = studies(case, block, measure).y
    by_year = [int(i) + 1 for i in np.argsort(years[0], kind="stable")]
    away = [abs(y[order[0] - 1] - float(first[0])) for order in (as_given, by_year)]
    return by_year if away[1] < away[0] else as_given


def _starts_with_number(value: Any) -> TypeGuard[list[float]]:
    return isinstance(value, list) and bool(value) and isinstance(value[0], int | float)


def order_by_year(case: Case, _b: Block, _m: str | None, _: dict[str, str]) -> list[int]:
    years = case.numbers("year")
    if years is None:
        raise Unknown("the inputs have no year; the sequence is taken as given")
    return [int(i) + 1 for i in np.argsort(years[0], kind="stable")]


def egger(case: Case, block: Block, measure: str | None, _: dict[str, str]) -> Answer:
    y, v = studies(case, block, measure)
    found = small_study.egger(y, v)
    return {
        **dict.fromkeys(("t", "stat", "tval"), found.t),
        "df": found.df,
        **dict.fromkeys(("p", "pval"), found.p),
        "limit_estimate": found.limit,
        "limit_ci_lb": found.limit_lower,
        "limit_ci_ub": found.limit_upper,
    }


def egger_mixed(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Answer:
    y, v = studies(case, block, measure)
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


def begg(case: Case, block: Block, measure: str | None, _: dict[str, str]) -> Answer:
    y, v = studies(case, block, measure)
    found = small_study.begg(y, v)
    return {**dict.fromkeys(("kendall_tau", "tau"), found.tau), **dict.fromkeys(("p", "pval"), found.p)}


def trim_and_fill(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Answer:
    y, v = studies(case, block, measure)
    found = small_study.trim_and_fill(y, v, options["method"], options["estimator"])
    return answers.model(found.fit) | {"k0": found.filled, "side": found.side}


def _clusters(case: Case, block: Block, k: int) -> list[Any]:
    """The column of the call, or one named like clusters, else any with repeated values; of several the one that gives the file's
    number of clusters, if it says."""
    data = ("yi", "vi", "sei", "xi", "ni", "year")
    named = [column for column in (case.column("cluster"),) if column is not None]
    others = [v for n, v in case.inputs.items() if n not in data and isinstance(v, list) and v not in named]
    columns = [c for c in (*named, *others) if len(c) == k and len(set(map(str, c))) < k]
    columns = columns or [c for c in named if len(c) == k]
    if not columns:
        raise Unknown("the inputs do not name the cluster of each study")
    said = [block.values[n] for n in ("clusters", "n_clusters", "m") if n in block.values]
    said += [
        block.values[n] + 1 for n in ("df", "dfs", "ddf") if isinstance(block.values.get(n), int | float)
    ]
    fitting = [c for c in columns if said and len(set(map(str, c))) == said[0]]
    return (fitting or columns)[0]


def robust(case: Case, block: Block, measure: str | None, options: dict[str, str]) -> Any:
    """The model below is the one whose estimate the block shows, since the robust variance leaves it as it is."""
    y, v = studies(case, block, measure)
    clusters = _clusters(case, block, y.size)
    fits = {m: attempt(lambda m=m: two_step.fit(y, v, m)) for m in ("REML", *heterogeneity.METHODS)}  # type: ignore[misc]
    wanted = block.values.get("estimate")
    chosen = fits[options.get("method", "REML")]
    if "method" not in options and isinstance(wanted, int | float):
        near = [
            f for f in fits.values() if not isinstance(f, Refused) and np.isclose(f.estimate, wanted, 1e-5)
        ]
        several = re.compile(r"rma\.mv|three.?level|multi.?level", re.I)
        if not near and several.search(" ".join([case.calls, *case.expected])):
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
