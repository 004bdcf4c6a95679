"""Two-step models: studies' effects with known variances, pooled or regressed on moderators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, fdtrc, ndtr, ndtri, stdtr, stdtrit

from livingreview.synthesis.models import heterogeneity
from livingreview.synthesis.models.refusal import NotEstimable

Array = NDArray[np.float64]

TESTS = ("z", "knha", "adhoc")
CONVENTIONS = {
    "normal": "normal quantile",
    "t_k1": "t quantile with k − 1 degrees of freedom",
    "t_k2": "t quantile with k − 2 degrees of freedom",
}


@dataclass(frozen=True, slots=True, eq=False)
class TwoStepFit:
    """A pooled effect (p = 1) or a meta-regression on p coefficients, on the scale of ``y``.

    ``coef``, ``se``, ``stat``, ``p``, ``lower``, ``upper`` have length p, ``cov`` is p×p; ``weights`` (length k) sum to 1.
    ``se_tau2`` is None for the common-effect model; ``i2`` (per cent), ``h2`` and ``q_p`` are None without a degree of freedom.
    ``qm`` tests all coefficients but the intercept: chi² with p - 1 degrees of freedom, under Hartung–Knapp F with (p - 1, k - p).
    ``r2`` is the share of tau² that the moderators explain, per cent; None without moderators, or where there is none to explain.
    ``df`` is the number of degrees of freedom of t, None with z. ``y``, ``v``, ``design``, ``method``, ``test`` and ``level`` are what was fitted.
    """

    coef: Array
    se: Array
    cov: Array
    stat: Array
    p: Array
    lower: Array
    upper: Array
    tau2: float
    se_tau2: float | None
    i2: float | None
    h2: float | None
    q: float
    q_df: int
    q_p: float | None
    qm: float | None
    qm_p: float | None
    r2: float | None
    k: int
    weights: Array
    df: int | None
    y: Array
    v: Array
    design: Array
    method: str
    test: str
    level: float

    @property
    def estimate(self) -> float:
        """The first coefficient: the pooled effect of a model without moderators."""
        return float(self.coef[0])


def fit(
    y: ArrayLike,
    v: ArrayLike,
    method: str = "REML",
    test: str = "z",
    design: ArrayLike | None = None,
    level: float = 0.95,
) -> TwoStepFit:
    """Pool effects ``y`` with sampling variances ``v``; with a ``design`` (k×p, its first column of ones) regress them on it.

    ``method``: EE (common effect) or an estimator of tau² (heterogeneity.METHODS). ``test``: z; knha, the Hartung–Knapp variance with t (Hartung & Knapp, Stat Med
    2001;20:3875-3889; Knapp & Hartung, Stat Med 2003;22:2693-2710); adhoc, the same never narrower than the plain variance (factor max(1, s²): Röver et al., BMC Med Res
    Methodol 2015;15:99). Raises NotEstimable without a degree of freedom for tau² or t, or where the Hartung–Knapp variance is 0; ValueError for unknown names.
    """
    if test not in TESTS:
        raise ValueError(f"no test is called {test!r}; there are {', '.join(TESTS)}")
    if not 0 < level < 1:
        raise ValueError(f"a confidence level lies between 0 and 1, not at {level}")
    d = heterogeneity.data(y, v, design)
    tau2 = heterogeneity.estimate(d, method)
    weighted = heterogeneity.weighted(d, tau2)
    cov = weighted.cov
    df = None
    if test != "z":
        if d.freedom < 1:
            raise NotEstimable("one study alone gives no Hartung–Knapp variance")
        factor = weighted.q / d.freedom
        if test == "adhoc":
            factor = max(1.0, factor)
        elif heterogeneity.exact_fit(d, weighted):
            raise NotEstimable("the studies' values are all equal, so the Hartung–Knapp variance is 0")
        cov, df = cov * factor, d.freedom
    se = np.sqrt(np.diag(cov))
    stat = weighted.coef / se
    half = quantile(level, df) * se
    i2, h2 = heterogeneity.i2_h2(d, tau2, method)
    q = heterogeneity.q_test(d)
    qm, qm_p = _moderators(weighted.coef, cov, df)
    return TwoStepFit(
        coef=weighted.coef,
        se=se,
        cov=cov,
        stat=stat,
        p=2 * (ndtr(-np.abs(stat)) if df is None else stdtr(df, -np.abs(stat))),
        lower=weighted.coef - half,
        upper=weighted.coef + half,
        tau2=tau2,
        se_tau2=heterogeneity.standard_error_tau2(d, tau2, method),
        i2=i2,
        h2=h2,
        q=q.q,
        q_df=q.df,
        q_p=q.p,
        qm=qm,
        qm_p=qm_p,
        r2=_explained(d, tau2, method),
        k=d.y.size,
        weights=weighted.w / weighted.w.sum(),
        df=df,
        y=d.y,
        v=d.v,
        design=d.x,
        method=method,
        test=test,
        level=level,
    )


def fit_or_own(
    y: ArrayLike, v: ArrayLike, method: str = "REML", test: str = "z", level: float = 0.95
) -> TwoStepFit:
    """As fit without moderators; a single study stands for itself as in the common-effect model with z, whatever the method.

    For series of re-analyses that start from one study: its interval shows that study alone, not the spread of studies.
    """
    if np.size(y) == 1:
        method, test = "EE", "z"
    return fit(y, v, method, test, level=level)


def quantile(level: float, df: float | None) -> float:
    """Two-sided quantile of t with ``df`` degrees of freedom, of the normal distribution for None."""
    upper = 1 - (1 - level) / 2
    return float(ndtri(upper) if df is None else stdtrit(df, upper))


def predict(
    model: TwoStepFit, convention: str = "normal", at: ArrayLike | None = None
) -> tuple[float, float]:
    """Prediction interval (lower, upper) for the true effect of a new study, with the moderators ``at`` (a row of the design; by default the
    mean of a model without moderators).

    estimate ± quantile · √(se² + tau²). ``convention`` names the quantile, on which programs differ: ``normal``; ``t_k1``, t with k - p degrees of
    freedom (k - 1 without moderators); ``t_k2``, one fewer (Higgins et al., J R Stat Soc A 2009;172:137-159). Raises NotEstimable without such a degree of
    freedom, ValueError for an unknown convention or a regression without ``at``.
    """
    if convention not in CONVENTIONS:
        raise ValueError(f"no convention is called {convention!r}; there are {', '.join(CONVENTIONS)}")
    size = model.coef.size
    if at is None and size > 1:
        raise ValueError("a regression predicts at given moderators only")
    row = np.ones(1) if at is None else np.asarray(at, dtype=float)
    df = {"normal": None, "t_k1": model.k - size, "t_k2": model.k - size - 1}[convention]
    if df is not None and df < 1:
        raise NotEstimable(f"{model.k} studies are too few for this prediction interval")
    centre = float(row @ model.coef)
    half = quantile(model.level, df) * float(np.sqrt(row @ model.cov @ row + model.tau2))
    return centre - half, centre + half


def _moderators(coef: Array, cov: Array, df: int | None) -> tuple[float | None, float | None]:
    """Wald test of all coefficients but the first."""
    tested = coef.size - 1
    if tested == 0:
        return None, None
    statistic = float(coef[1:] @ np.linalg.solve(cov[1:, 1:], coef[1:]))
    if df is None:
        return statistic, float(chdtrc(tested, statistic))
    return statistic / tested, float(fdtrc(tested, df, statistic / tested))


def _explained(d: heterogeneity.Data, tau2: float, method: str) -> float | None:
    if d.x.shape[1] == 1 or method == "EE":
        return None
    without = heterogeneity.estimate(heterogeneity.data(d.y, d.v), method)
    return 100 * max(0.0, (without - tau2) / without) if without > 0 else None
