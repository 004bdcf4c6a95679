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
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A study that does not enter an estimate, with the reason as it can be printed."""

    study_id: str
    label: str
    reason: str


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
