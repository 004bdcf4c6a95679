"""The conclusions that a protocol declares: when each can be judged, when it holds, what it then says, and which analysis is watched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import Field, model_validator

from livingreview.nearest import did_you_mean
from livingreview.protocol_predicates import PredicateError, parse
from livingreview.protocol_types import Code, Day, Model, Text
from livingreview.yaml_source import Where

Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Sentences(Model):
    """What the documents print in each state."""

    holds: Text
    does_not_hold: Text
    cannot_be_judged: Text


class Watch(Model):
    """The estimate that an alert looks at: a declared analysis, the fall of a score in single patients, or any adverse event,
    each of one therapy. ``threshold`` is given for scores (in their units) and harms (a share); an analysis has that of all analyses."""

    therapy: Code
    analysis: Code | None = None
    score: Code | None = None
    harms: bool = False
    threshold: Number | None = None

    @model_validator(mode="after")
    def _one_estimate(self) -> Watch:
        if (self.analysis is not None) + (self.score is not None) + self.harms != 1:
            raise ValueError("watch one estimate: an `analysis`, a `score`, or `harms: true`")
        if self.threshold is not None and self.analysis is not None:
            raise ValueError("the threshold of an analysis is that of `analyses`, so none is given here")
        if self.threshold is None and self.analysis is None:
            raise ValueError("a `threshold` is needed: only analyses have one of their own")
        return self


class Conclusion(Model):
    """One conclusion. ``requires`` is what it needs to be judged at all, ``holds`` what makes it hold; both are predicates
    (:mod:`livingreview.protocol_predicates`). A person signs it with name and day; until then it is a proposal."""

    id: Code
    name: Text
    requires: Text
    holds: Text
    sentences: Sentences
    watch: Watch | None = None
    declared_on: Day
    how: Text
    signed_by: Text | None = None
    signed_on: Day | None = None

    @model_validator(mode="after")
    def _signed_as_a_whole(self) -> Conclusion:
        if (self.signed_by is None) != (self.signed_on is None):
            raise ValueError("a signature has both `signed_by` and `signed_on`")
        return self


class Information(Model):
    """How far an estimate must move between two releases to be told: ``share`` for proportions, ``score`` in units of the score,
    ``interval`` for the width of the interval for a new study."""

    share: Positive = 0.1
    score: Positive = 1.0
    interval: Positive = 0.1


class Conclusions(Model):
    """All conclusions, the designs that count as comparative, and the points at which a movement is told."""

    declared: list[Conclusion] = Field(default_factory=list)
    comparative: list[Code] = Field(default_factory=list)
    information: Information = Field(default_factory=Information)


def conflicts(
    section: Conclusions,
    therapies: Iterable[str],
    analyses: Iterable[str],
    scores: Iterable[str],
    designs: Mapping[str, object],
) -> Iterator[tuple[Where, str, str]]:
    """What is wrong with the section: ids used twice, predicates that cannot be read, codes that the protocol does not have."""
    known = {"therapy": list(therapies), "analysis": list(analyses), "score": list(scores)}
    seen: set[str] = set()
    for i, entry in enumerate(section.declared):
        where: Where = ("conclusions", "declared", i)
        if entry.id in seen:
            yield (*where, "id"), f"the id `{entry.id}` is already used", "take another"
        seen.add(entry.id)
        for field in ("requires", "holds"):
            try:
                parse(getattr(entry, field))
            except PredicateError as error:
                yield (
                    (*where, field),
                    str(error),
                    "see the conclusions in README.md for what a predicate may say",
                )
        if entry.signed_on is not None and entry.signed_on < entry.declared_on:
            yield (*where, "signed_on"), "signed before it was declared", "give the day of the signature"
        for field, codes in known.items():
            code = getattr(entry.watch, field, None)
            if code is not None and code not in codes:
                hint = did_you_mean(code, codes) or f"the protocol has: {', '.join(codes)}"
                yield (*where, "watch", field), f"no {field} `{code}`", hint
    for i, design in enumerate(section.comparative):
        if design not in designs:
            yield ("conclusions", "comparative", i), f"no design `{design}`", did_you_mean(design, designs)
