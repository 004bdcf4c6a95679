"""The analyses that a protocol declares: outcomes, response definition, models, sensitivity set, subgroups, thresholds.

A selection names columns of the extraction tables (``design``, ``source_kind``, ``aetiology``, ``monotherapy``, ``basis``, …)
and the values that are kept or dropped, so that a new outcome, sensitivity analysis or subgroup needs no code.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from livingreview.protocol_types import Code, Model, Text

Share = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
PooledModel = Literal[
    "binomial_normal",
    "beta_binomial",
    "logit_reml",
    "logit_reml_hk",
    "logit_dl",
    "logit_dl_hk",
    "logit_pm",
    "logit_pm_hk",
    "freeman_tukey",
]
"""Models of proportions; ``_hk`` is Hartung–Knapp with the guard max(1, s²)."""


class Appraised(Model):
    """What a study of low concern must show: by tool, the judgements that are accepted item by item."""

    items: Annotated[dict[int, Annotated[list[Code], Field(min_length=1)]], Field(min_length=1)]


class Selection(Model):
    """Which studies an analysis takes: by columns of the tables, by the size of a study, by appraisal.

    ``keep`` needs the column to be reported and to hold one of the values; ``drop`` takes out what holds one of them and
    leaves what does not report it. ``least_total`` is the smallest number of units evaluated.
    """

    keep: dict[Code, Annotated[list[Text], Field(min_length=1)]] = Field(default_factory=dict)
    drop: dict[Code, Annotated[list[Text], Field(min_length=1)]] = Field(default_factory=dict)
    least_total: Annotated[int, Field(ge=1)] | None = None
    appraisal: dict[Code, Appraised] = Field(default_factory=dict)


class Sensitivity(Selection):
    """A sensitivity analysis beside every pooled response: another selection, or unreported units counted as failures."""

    code: Code
    name: Text
    unreported: Literal["failures"] | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Sensitivity:
        if not (self.keep or self.drop or self.least_total or self.appraisal or self.unreported):
            raise ValueError(
                "this sensitivity analysis changes nothing: give keep, drop, least_total, appraisal or unreported"
            )
        return self


class AnalysedOutcome(Model):
    """A response that is analysed: what counts (``responders`` are complete plus partial), on which construct (``judged_on``) and unit.

    ``bases`` (all when empty) and ``latest_months`` say which readings may enter. Role ``primary`` is for one outcome.
    """

    code: Code
    name: Text
    role: Literal["primary", "secondary", "additional"]
    counts: Literal["responders", "complete"] = "responders"
    judged_on: Code
    unit: Code
    bases: list[Code] = Field(default_factory=list)
    latest_months: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


class Subgroups(Model):
    """Subgroups by a column; ``groups`` gathers its values under names (each value its own group without it)."""

    code: Code
    name: Text
    by: Code
    groups: dict[Code, Annotated[list[Text], Field(min_length=1)]] = Field(default_factory=dict)
    labels: dict[Code, Text] = Field(default_factory=dict)


class Moderator(Model):
    """A numeric column for a meta-regression; ``per`` is the step that the slope is given for (10 for "per 10 years")."""

    code: Code
    name: Text
    by: Code
    per: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0


class ScoreAnalysis(Model):
    """How series with mean and SD before and after are read: assumed correlations of the two measurements."""

    correlations: Annotated[list[Share], Field(min_length=1)] = Field(default_factory=lambda: [0.3, 0.5, 0.7])


class Analyses(Model):
    """Everything that the synthesis computes beyond counts. ``threshold`` is the proportion that matters for a decision."""

    threshold: Share
    icc: Annotated[list[Share], Field(min_length=1)] = Field(default_factory=lambda: [0.2, 0.8])
    primary_model: PooledModel = "binomial_normal"
    comparison_models: list[PooledModel] = Field(default_factory=list)
    outcomes: Annotated[list[AnalysedOutcome], Field(min_length=1)]
    sensitivity: Annotated[list[Sensitivity], Field(min_length=1)]
    subgroups: list[Subgroups] = Field(default_factory=list)
    moderators: list[Moderator] = Field(default_factory=list)
    scores: ScoreAnalysis = Field(default_factory=ScoreAnalysis)
