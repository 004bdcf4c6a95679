"""The answer of one model to one set of studies: an estimate, or the reason why the data cannot carry the model."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.synthesis.estimates import Estimate


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Spread of the studies' true values on the model's scale. Limits of ``tau2`` and ``i2`` are by Q-profile where the
    model is two-step, None where there are none. ``informative`` studies have at least two units; with fewer than three
    of them nothing is estimated and ``reason`` says so. ``i2`` is in per cent."""

    scale: str
    tau2: float | None
    tau2_lower: float | None
    tau2_upper: float | None
    i2: float | None
    i2_lower: float | None
    i2_upper: float | None
    q: float | None
    q_df: int | None
    q_p: float | None
    informative: int
    method: str
    citation: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class AtSize:
    """A Freeman–Tukey mean back-transformed as if a study had ``n`` units; ``which`` is minimum, harmonic or maximum."""

    which: str
    n: float
    value: float


@dataclass(frozen=True, slots=True)
class Pooled:
    """What one model says of one set of studies.

    ``fitted`` is False where the data could not carry the model: ``estimate`` is then the exact (Clopper–Pearson) crude
    proportion if there is any study, else None, and ``reason`` is a whole sentence why. ``estimate`` of a fitted
    one-stage model is the population **mean** proportion and ``median`` the proportion of the median study; of a
    two-step model it is the back-transformed mean (its kind says which). ``prediction`` (from five studies) is the interval for a new study, its
    ``method_name`` names the convention. ``weights`` sum to 1 in the order of ``estimate.used``, None where the model
    defines none.
    """

    model: str
    name: str
    citation: str
    fitted: bool
    estimate: Estimate | None
    median: Estimate | None = None
    prediction: Estimate | None = None
    heterogeneity: Heterogeneity | None = None
    weights: tuple[float, ...] | None = None
    at_sizes: tuple[AtSize, ...] = ()
    reason: str | None = None
    warnings: tuple[str, ...] = ()
