"""What an estimate is: a value with its interval, method, counts, and the studies behind it. Immutable."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """A method as the methods section names it; ``citation`` is its key in the list of references."""

    name: str
    citation: str


METHODS: dict[str, Method] = {
    "clopper_pearson": Method("exact (Clopper–Pearson) interval", "clopper1934"),
    "clopper_pearson_one_sided": Method("one-sided exact (Clopper–Pearson) limit", "clopper1934"),
    "wilson": Method("score (Wilson) interval", "wilson1927"),
    "rule_of_three": Method("rule of three", "hanley1983"),
    "binomial_normal": Method("binomial–normal model (one-stage, maximum likelihood)", "stijnen2010"),
    "beta_binomial": Method("beta-binomial model (maximum likelihood)", "griffiths1973"),
    "logit_reml": Method("logit proportions, REML", "viechtbauer2005"),
    "logit_reml_hk": Method("logit proportions, REML, guarded Hartung–Knapp interval", "rover2015"),
    "logit_dl": Method("logit proportions, DerSimonian–Laird", "dersimonian1986"),
    "logit_dl_hk": Method(
        "logit proportions, DerSimonian–Laird, guarded Hartung–Knapp interval", "rover2015"
    ),
    "logit_pm": Method("logit proportions, Paule–Mandel", "paule1982"),
    "logit_pm_hk": Method("logit proportions, Paule–Mandel, guarded Hartung–Knapp interval", "rover2015"),
    "freeman_tukey": Method("Freeman–Tukey double arcsine, REML", "freeman1950"),
    "q_profile": Method("Q-profile limits", "viechtbauer2007"),
    "cluster_robust": Method("cluster-robust interval", "cameron2015"),
    "patients_exact": Method("exact interval with one unit a patient", "donner2000"),
    "icc": Method("exact interval of the effective sample size", "donner2000"),
    "hodges_lehmann": Method("Hodges–Lehmann estimate", "hodges1963"),
    "signed_rank": Method("exact signed-rank interval", "bauer1972"),
    "signed_rank_normal": Method("signed-rank interval by the normal approximation", "bauer1972"),
    "mean_change_t": Method("t interval of the mean change", "morris2008"),
    "reml_hk_guarded": Method("random-effects mean (REML) with guarded Hartung–Knapp interval", "rover2015"),
    "prediction_t_k2": Method("prediction interval (t with k − 2 degrees of freedom)", "higgins2009"),
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A study that does not enter an estimate, with the reason as it can be printed."""

    study_id: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reported:
    """What a study says in words where it gives no count or value, in the words of the source."""

    study_id: str
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimated quantity.

    ``kind`` says what ``value`` is: ``proportion`` (events of total), ``mean_proportion`` (population mean of a model),
    ``median_proportion`` (the median study of a model), ``prediction`` (value of a new study; ``value`` is its centre), ``median_change``
    and ``mean_change`` (of a score, on its scale). ``se`` is on the scale of the model (logit, double arcsine, score), None where the method has none.
    ``sided`` is 2 for an interval, 1 for a one-sided limit (then the other limit is the natural bound 0 or 1). ``k`` studies, ``n`` units of kind ``unit``;
    ``events`` of ``total`` where the estimate is a proportion. ``used`` lists study ids.
    """

    kind: str
    value: float
    lower: float
    upper: float
    level: float
    sided: int
    method: str
    method_name: str
    citation: str
    events: int | None
    total: int | None
    k: int
    n: int
    unit: str
    used: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()
    se: float | None = None
