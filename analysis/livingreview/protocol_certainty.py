"""How a protocol rates certainty of evidence (GRADE): outcomes, start levels, thresholds, what is indirect, words.

The section is optional; without it every default below holds. A domain's possible judgements are GRADE's own and are
not for a review to change; they stand in :mod:`livingreview.protocol_grade`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from livingreview.protocol_analyses import AnalysedOutcome, Share
from livingreview.protocol_grade import HARMS, Domain, Level
from livingreview.protocol_types import Code, Model, Text

if TYPE_CHECKING:
    from livingreview.protocol_model import Outcome

Shares = Annotated[list[Share], Field(min_length=1)]


class ImportantChange(Model):
    """The smallest change of a score that matters to a patient, on the scale of the score."""

    code: Code
    change: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class CertaintyRating(Model):
    """How certainty is rated.

    ``outcomes``: codes of analyses and of score outcomes, and ``harms``; when empty the primary and secondary analyses, all scores, and harms.
    ``start`` is the level that a design starts at, ``start_otherwise`` that of any other: evidence without a comparison starts low
    (Guyatt 2008). ``thresholds`` part the proportions that would be decided differently, ``harm_thresholds`` those of harms; ``scores`` names
    for a score the change that matters. ``indirect`` maps ``basis`` or ``source_kind`` to the codes that make a study's
    result indirect. ``named_harms`` is how many harms the summary names beside any adverse event. ``levels``, ``domains`` and
    ``readings`` are words; a level's reading stands in its sentence ("… is probably …").
    """

    outcomes: list[Code] = Field(default_factory=list)
    start: dict[Code, Level] = Field(default_factory=dict)
    start_otherwise: Level = "low"
    thresholds: Shares = Field(default_factory=lambda: [0.25, 0.5, 0.75])
    harm_thresholds: Shares = Field(default_factory=lambda: [0.05, 0.1, 0.25])
    scores: list[ImportantChange] = Field(default_factory=list)
    indirect: dict[Literal["basis", "source_kind"], list[Code]] = Field(default_factory=dict)
    named_harms: Annotated[int, Field(ge=0, le=10)] = 2
    levels: dict[Level, Text] = Field(default_factory=dict)
    domains: dict[Domain | Literal["overall"], Text] = Field(default_factory=dict)
    readings: dict[Level, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _rising(self) -> CertaintyRating:
        for name in ("thresholds", "harm_thresholds"):
            values = getattr(self, name)
            if sorted(set(values)) != values:
                raise ValueError(f"{name} must rise from one to the next")
        return self


def ratable(analyses: Iterable[AnalysedOutcome], outcomes: Iterable[Outcome]) -> dict[str, str]:
    """Every outcome whose certainty can be rated: code → name, analyses first, then scores, then ``harms`` where there are any."""
    declared = list(outcomes)
    found = {a.code: a.name for a in analyses} | {o.code: o.name for o in declared if o.kind == "score"}
    harm = next((o.name for o in declared if o.kind == "harm"), None)
    return found if harm is None else {**found, HARMS: harm}


def rated(
    section: CertaintyRating, analyses: Iterable[AnalysedOutcome], outcomes: Iterable[Outcome]
) -> dict[str, str]:
    """The outcomes that are rated: code → name, in the section's order or, where it names none, the primary and
    secondary analyses, the scores, and harms. Codes that nothing stands for are left out."""
    analyses = list(analyses)
    known = ratable(analyses, outcomes)
    further = {a.code for a in analyses if a.role == "additional"}
    codes = section.outcomes or [code for code in known if code not in further]
    return {code: known[code] for code in codes if code in known}
