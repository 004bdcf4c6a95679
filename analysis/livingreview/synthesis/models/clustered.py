"""Cluster-robust intervals: studies (or lesions) of one cluster may depend on each other in any way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from livingreview.synthesis.models import heterogeneity, two_step
from livingreview.synthesis.models.refusal import NotEstimable
from livingreview.synthesis.models.two_step import TwoStepFit

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Robust:
    """Coefficients with cluster-robust standard errors, t with ``df`` = ``clusters`` - p; arrays of length p, ``cov`` p×p."""

    coef: Array
    se: Array
    cov: Array
    stat: Array
    p: Array
    lower: Array
    upper: Array
    df: int
    clusters: int


def robust(fit: TwoStepFit, clusters: Sequence[object]) -> Robust:
    """Sandwich variance of the weighted fit with residuals summed within clusters, times m/(m - p) for m clusters (CR1), with t(m - p):
    Cameron & Miller, J Hum Resour 2015;50:317-372.

    ``clusters`` names the cluster of each study. Raises NotEstimable with no more clusters than coefficients, or where the residuals of every cluster
    cancel out; ValueError for another number of names than studies.
    """
    if len(clusters) != fit.k:
        raise ValueError("each study has one cluster")
    names = [str(c) for c in clusters]
    order = {name: i for i, name in enumerate(dict.fromkeys(names))}
    m, p = len(order), fit.coef.size
    if m <= p:
        raise NotEstimable(f"{m} cluster{'s' if m != 1 else ''} cannot show the spread between clusters")
    weighted = heterogeneity.weighted(heterogeneity.data(fit.y, fit.v, fit.design), fit.tau2)
    bread, scores = weighted.cov, fit.design * (weighted.w * weighted.residual)[:, None]
    sums = np.zeros((m, p))
    np.add.at(sums, [order[name] for name in names], scores)
    cov = bread @ (sums.T @ sums) @ bread * m / (m - p)
    se = np.sqrt(np.diag(cov))
    # what is left of residuals that cancel out is rounding
    if (se**2 <= 1e-20 * np.diag(bread)).any():
        raise NotEstimable("the clusters do not differ")
    stat = fit.coef / se
    half = two_step.quantile(fit.level, m - p) * se
    return Robust(
        coef=fit.coef,
        se=se,
        cov=cov,
        stat=stat,
        p=2 * stdtr(m - p, -np.abs(stat)),
        lower=fit.coef - half,
        upper=fit.coef + half,
        df=m - p,
        clusters=m,
    )
