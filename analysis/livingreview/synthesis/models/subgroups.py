"""Subgroups of studies: each with its own tau², or all with one (Borenstein & Higgins, Prev Sci 2013;14:134-143)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from livingreview.synthesis.models import two_step
from livingreview.synthesis.models.refusal import NotEstimable
from livingreview.synthesis.models.two_step import TwoStepFit


@dataclass(frozen=True, slots=True, eq=False)
class Separate:
    """Fits of the ``groups``, in that order, and the test between them: ``q_between`` against chi² with ``df``, ``p``."""

    groups: tuple[str, ...]
    fits: tuple[TwoStepFit, ...]
    q_between: float
    df: int
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class Common:
    """One regression on the groups: the first coefficient of ``fit`` is the effect of the first of ``groups``, the others differ from
    it; ``fit.qm`` is the test between groups. ``estimates``, ``lower`` and ``upper`` are the effects of the groups themselves."""

    groups: tuple[str, ...]
    fit: TwoStepFit
    estimates: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


def levels(groups: Sequence[str]) -> tuple[str, ...]:
    """The groups' names in order of the alphabet. Raises NotEstimable with fewer than two."""
    found = tuple(sorted(set(groups)))
    if len(found) < 2:
        raise NotEstimable("all studies lie in one group")
    return found


def separate(
    y: ArrayLike,
    v: ArrayLike,
    groups: Sequence[str],
    method: str = "REML",
    level: float = 0.95,
    lone: bool = False,
) -> Separate:
    """Fit each group alone and test the differences: Σ w (estimate - mean)² with w = 1/se², the mean weighted by w.

    A group of one study has no tau²: NotEstimable, unless ``lone`` lets it stand for itself (the test is then too ready to see a
    difference). Raises NotEstimable with fewer than two groups.
    """
    effects, variances, names = np.asarray(y, dtype=float), np.asarray(v, dtype=float), np.asarray(groups)
    order = levels(groups)
    fitted = []
    for name in order:
        inside = names == name
        if inside.sum() == 1 and method != "EE" and not lone:
            raise NotEstimable(f"the group {name} has one study only")
        fitted.append(two_step.fit_or_own(effects[inside], variances[inside], method, level=level))
    estimates = np.array([f.estimate for f in fitted])
    weights = np.array([1 / f.se[0] ** 2 for f in fitted])
    mean = (weights @ estimates) / weights.sum()
    between = float(weights @ (estimates - mean) ** 2)
    df = len(order) - 1
    return Separate(order, tuple(fitted), between, df, float(chdtrc(df, between)))


def common(
    y: ArrayLike,
    v: ArrayLike,
    groups: Sequence[str],
    method: str = "REML",
    test: str = "z",
    level: float = 0.95,
) -> Common:
    """Regress the effects on the groups, so that all share one tau². Raises NotEstimable as two_step.fit does and with fewer than
    two groups."""
    order = levels(groups)
    design = dummies(groups)
    model = two_step.fit(y, v, method, test, design, level)
    contrast = np.column_stack([np.ones(len(order)), np.eye(len(order))[:, 1:]])
    estimates = contrast @ model.coef
    half = two_step.quantile(level, model.df) * np.sqrt(
        np.einsum("gp,pq,gq->g", contrast, model.cov, contrast)
    )
    return Common(
        order,
        model,
        tuple(estimates.tolist()),
        tuple((estimates - half).tolist()),
        tuple((estimates + half).tolist()),
    )


def dummies(groups: Sequence[str]) -> two_step.Array:
    """Design of k×g: a column of ones and one column for each group but the first in the alphabet."""
    names = np.asarray(groups)
    return np.column_stack(
        [np.ones(names.size), *((names == name).astype(float) for name in levels(groups)[1:])]
    )
