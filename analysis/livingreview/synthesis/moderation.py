"""Do results differ between kinds of studies or patients? Declared subgroups and meta-regressions on one moderator.

A column is looked up as everywhere (:mod:`livingreview.synthesis.selection`); where all patients of an arm are described
and their results are known one by one, a study can give patients to several groups or values, and the one-stage model
takes them with the study's common intercept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livingreview.protocol_codes import FIELD_OF_COLUMN, as_text
from livingreview.synthesis.analysis import Group, GroupTest, Regression, SubgroupAnalysis
from livingreview.synthesis.counting import Row, TherapySlice
from livingreview.synthesis.fitting import Fit
from livingreview.synthesis.selection import Counted, Part, split, value_words
from livingreview.synthesis.sentences import listed, noun, studies, whole

LEAST_FOR_REGRESSION = 4
"""Fewest studies for a slope: two coefficients and a spread leave a degree of freedom."""
ADVISED_FOR_REGRESSION = 10
"""Studies from which a meta-regression is advised (Thompson & Higgins, Stat Med 2002;21:1559-1573)."""
ONE_STAGE = ("one-stage binomial–normal model", "stijnen2010")
TWO_STEP = ("logit, REML, Hartung–Knapp with guard", "thompson2002")


@dataclass(frozen=True, slots=True)
class Cell:
    """Units of one study with one known value of a column: ``events`` of ``total``."""

    study_id: str
    value: Any
    events: int
    total: int


def cells(
    data: TherapySlice, taken: Sequence[Part], column: str, counts: str
) -> tuple[list[Cell], list[Part]]:
    """The parts added up by study and value of a column, and the parts whose value is not known or whose patients cannot be
    told apart."""
    known: dict[tuple[str, Any], Cell] = {}
    unknown: list[Part] = []
    for part in taken:
        found = split(data, part, column, counts)
        if found.known_by is None or any(s.events is None for s in found.shares):
            unknown.append(part)
            continue
        for share in found.shares:
            key = (part.reading.study_id, share.value)
            before = known.get(key)
            known[key] = Cell(
                *key,
                (before.events if before else 0) + (share.events or 0),
                (before.total if before else 0) + share.total,
            )
    return list(known.values()), unknown


def subgroups(
    data: TherapySlice, declared: Sequence[Row], taken: Sequence[Part], fit: Fit, counts: str
) -> tuple[SubgroupAnalysis, ...]:
    """Each declared subgroup analysis: every group pooled by the main model, and tests of their difference."""
    return tuple(_subgroup(data, entry, taken, fit, counts) for entry in declared)


def _subgroup(
    data: TherapySlice, entry: Row, taken: Sequence[Part], fit: Fit, counts: str
) -> SubgroupAnalysis:
    column, declared = entry["by"], entry.get("groups") or {}
    known, unknown = cells(data, taken, column, counts)
    group_of = {str(v): code for code, values in declared.items() for v in values}
    grouped: dict[str, list[Cell]] = {code: [] for code in _codes(data, column, declared, known)}
    outside: Counter[str] = Counter()
    for cell in known:
        code = group_of.get(as_text(cell.value)) if declared else as_text(cell.value)
        if code is None:
            outside[as_text(cell.value)] += cell.total
        else:
            grouped[code].append(cell)
    groups = tuple(
        _group(data, entry, code, found, fit) for code, found in grouped.items() if found or declared
    )
    missing = sum(p.total for p in unknown)
    warnings = []
    if missing:
        some = len({p.reading.study_id for p in unknown})
        warnings.append(
            f"{entry['name']}: not known, or not known one by one, for {missing} "
            f"{noun(missing, fit.unit, data.protocol.get('units') or {})} of {studies(some)}."
        )
    if outside:
        values = [f"“{value_words(data, column, v)}”" for v in sorted(outside)]
        warnings.append(f"{entry['name']}: no group is declared for {listed(values)}.")
    return SubgroupAnalysis(
        code=entry["code"],
        name=entry["name"],
        groups=groups,
        tests=_tests({c: f for c, f in grouped.items() if f}, fit),
        unknown=missing + sum(outside.values()),
        warnings=tuple(warnings),
    )


def _codes(data: TherapySlice, column: str, declared: Mapping[str, Any], known: Sequence[Cell]) -> list[str]:
    """Groups in the order of the declaration, else of the protocol's codes, else of the values."""
    if declared:
        return list(declared)
    field = FIELD_OF_COLUMN.get(column, "")
    return sorted({as_text(c.value) for c in known}, key=lambda v: data.place(field, v))


def _group(data: TherapySlice, entry: Row, code: str, found: Sequence[Cell], fit: Fit) -> Group:
    items = _by_study(found)
    labels = entry.get("labels") or {}
    return Group(
        code=code,
        name=str(labels.get(code) or value_words(data, entry["by"], code)),
        k=len(items),
        n=sum(n for _, _, n in items),
        events=sum(x for _, x, _ in items),
        pooled=fit(items) if items else None,
        reason=None if items else "No study is in this group.",
    )


def _by_study(found: Sequence[Cell]) -> list[Counted]:
    sums: dict[str, tuple[int, int]] = {}
    for cell in found:
        events, total = sums.get(cell.study_id, (0, 0))
        sums[cell.study_id] = (events + cell.events, total + cell.total)
    return [(study, *both) for study, both in sums.items()]


def _tests(grouped: Mapping[str, Sequence[Cell]], fit: Fit) -> tuple[GroupTest, ...]:
    """The three tests between groups, each with the reason where the data cannot carry it."""
    reason = None
    if len(grouped) < 2:
        reason = "Fewer than two groups have data."
    elif not fit(_by_study([c for found in grouped.values() for c in found])).fitted:
        reason = "The studies of these groups cannot carry a model."
    if reason:
        return tuple(
            GroupTest(variance, *method, None, None, None, reason)
            for variance, method in (("common", ONE_STAGE_TEST), ("separate", SEPARATE), ("common", COMMON))
        )
    return (_likelihood_ratio(grouped, fit), *_two_step_tests(grouped))


ONE_STAGE_TEST = ("likelihood ratio, one-stage binomial–normal model", "stijnen2010")
SEPARATE = ("Q between groups, logit, REML", "borenstein2011")
COMMON = ("Q of moderators, logit, REML", "borenstein2011")


def _likelihood_ratio(grouped: Mapping[str, Sequence[Cell]], fit: Fit) -> GroupTest:
    import numpy as np
    from scipy.special import chdtrc

    from livingreview.synthesis.models.refusal import NotEstimable

    rows = [(cell, place) for place, found in enumerate(grouped.values()) for cell in found]
    design = np.zeros((len(rows), len(grouped)))
    design[:, 0] = 1
    for i, (_, place) in enumerate(rows):
        design[i, place] = 1
    try:
        statistic = _gain([cell for cell, _ in rows], design, fit)
    except NotEstimable as refusal:
        return GroupTest("common", *ONE_STAGE_TEST, None, None, None, whole(refusal.reason))
    df = len(grouped) - 1
    return GroupTest("common", *ONE_STAGE_TEST, statistic, df, float(chdtrc(df, statistic)), None)


def _gain(rows: Sequence[Cell], design: Any, fit: Fit) -> float:
    """Twice the log likelihood that the columns of a design add to the intercept, at least 0."""
    from livingreview.synthesis.models import binomial_normal

    counts = ([c.events for c in rows], [c.total for c in rows], [c.study_id for c in rows])
    full = binomial_normal.fit(*counts, design=design, level=fit.level)
    null = binomial_normal.fit(*counts, level=fit.level)
    # rows of one study with the same covariates are one binomial; its number of orders is no evidence on the covariates
    orders = _orders([(c.study_id, *x) for c, x in zip(rows, design.tolist(), strict=True)], rows)
    gain = (full.loglik - orders) - (null.loglik - _orders([(c.study_id,) for c in rows], rows))
    return float(max(0.0, 2 * gain))


def _orders(keys: Sequence[tuple[Any, ...]], rows: Sequence[Cell]) -> float:
    """Sum of the log binomial coefficients of rows added up by key."""
    from math import lgamma

    sums: dict[tuple[Any, ...], tuple[int, int]] = {}
    for key, cell in zip(keys, rows, strict=True):
        x, n = sums.get(key, (0, 0))
        sums[key] = (x + cell.events, n + cell.total)
    return sum(lgamma(n + 1) - lgamma(x + 1) - lgamma(n - x + 1) for x, n in sums.values())


def _two_step_tests(grouped: Mapping[str, Sequence[Cell]]) -> tuple[GroupTest, GroupTest]:
    from livingreview.synthesis.models import effects
    from livingreview.synthesis.models import subgroups as models
    from livingreview.synthesis.models.refusal import NotEstimable

    items = [(code, *item) for code, found in grouped.items() for item in _by_study(found)]
    if len({study for _, study, _, _ in items}) < len(items):
        reason = "A study has patients in several groups, which a two-step test would take for studies of their own."
        return (
            GroupTest("separate", *SEPARATE, None, None, None, reason),
            GroupTest("common", *COMMON, None, None, None, reason),
        )
    y, v = effects.logit_proportions([x for *_, x, _ in items], [n for *_, n in items])
    names = [code for code, *_ in items]
    try:
        apart = models.separate(y, v, names)
        separate = GroupTest("separate", *SEPARATE, apart.q_between, apart.df, apart.p, None)
    except NotEstimable as refusal:
        separate = GroupTest("separate", *SEPARATE, None, None, None, whole(refusal.reason))
    try:
        together = models.common(y, v, names).fit
        common = GroupTest("common", *COMMON, together.qm, len(grouped) - 1, together.qm_p, None)
    except NotEstimable as refusal:
        common = GroupTest("common", *COMMON, None, None, None, whole(refusal.reason))
    return separate, common


def regressions(
    data: TherapySlice, declared: Sequence[Row], taken: Sequence[Part], fit: Fit, counts: str
) -> tuple[Regression, ...]:
    """For each declared moderator the one-stage regression and, as a second one, the two-step one."""
    found = []
    for entry in declared:
        known, unknown = cells(data, taken, entry["by"], counts)
        found += [_slope(entry, known, unknown, fit, method) for method in (ONE_STAGE, TWO_STEP)]
    return tuple(found)


def _slope(
    entry: Row, known: Sequence[Cell], unknown: Sequence[Part], fit: Fit, method: tuple[str, str]
) -> Regression:
    from livingreview.synthesis.models.refusal import NotEstimable

    k = len({c.study_id for c in known})
    try:
        slope, lower, upper, p = _fitted(known, fit, method)
        slope, lower, upper = (entry["per"] * value for value in (slope, lower, upper))
    except NotEstimable as refusal:
        return _regression(entry, k, method, (None, None, None, None), whole(refusal.reason))
    return _regression(entry, k, method, (slope, lower, upper, p), None)


def _regression(
    entry: Row,
    k: int,
    method: tuple[str, str],
    found: tuple[float | None, float | None, float | None, float | None],
    reason: str | None,
) -> Regression:
    slope, lower, upper, p = found
    return Regression(
        code=entry["code"],
        name=entry["name"],
        per=float(entry["per"]),
        k=k,
        slope=slope,
        lower=lower,
        upper=upper,
        odds_ratio=_ratio(slope),
        odds_ratio_lower=_ratio(lower),
        odds_ratio_upper=_ratio(upper),
        p=p,
        method=method[0],
        citation=method[1],
        reason=reason,
    )


def _ratio(slope: float | None) -> float | None:
    """Odds ratio of a slope on the logit scale; None where it is beyond what a number can hold."""
    from math import exp

    return None if slope is None or abs(slope) > 700 else exp(slope)


def _fitted(known: Sequence[Cell], fit: Fit, method: tuple[str, str]) -> tuple[float, float, float, float]:
    """Slope per unit of the moderator on the logit scale with its limits and p; raises NotEstimable."""
    from livingreview.synthesis.models.refusal import NotEstimable

    k = len({c.study_id for c in known})
    if k < LEAST_FOR_REGRESSION:
        raise NotEstimable(
            f"{studies(k)} with a known value {'is' if k == 1 else 'are'} too few; at least {LEAST_FOR_REGRESSION} are needed"
        )
    values = [float(c.value) for c in known]
    if len(set(values)) < 2:
        raise NotEstimable("all have the same value")
    if not fit(_by_study(known)).fitted:
        raise NotEstimable("the studies with a known value cannot carry a model")
    import numpy as np

    x = np.asarray(values) - np.mean(values)
    design = np.column_stack([np.ones_like(x), x])
    if method is ONE_STAGE:
        from scipy.special import ndtr, ndtri

        from livingreview.synthesis.models import binomial_normal

        counts = ([c.events for c in known], [c.total for c in known], [c.study_id for c in known])
        model = binomial_normal.fit(*counts, design=design, level=fit.level)
        slope, se = float(model.coef[1]), float(model.se[1])
        half = float(ndtri((1 + fit.level) / 2)) * se
        return slope, slope - half, slope + half, float(2 * ndtr(-abs(slope) / se))
    if k < len(known):
        raise NotEstimable("a study has several values of it, which only the one-stage model can take")
    from livingreview.synthesis.models import effects, two_step

    y, v = effects.logit_proportions([c.events for c in known], [c.total for c in known])
    line = two_step.fit(y, v, "REML", "adhoc", design, fit.level)
    return tuple(float(getattr(line, part)[1]) for part in ("coef", "lower", "upper", "p"))  # type: ignore[return-value]
