"""How a protocol keeps its review living: schedule, triggers, retirement, people, and what set off each version.

The section is optional; a review without it states no schedule and says so. What is asked for follows the extension of PRISMA for living
systematic reviews (Akl EA et al. (2024) BMJ 387:e079183, doi 10.1136/bmj-2024-079183): parameters of the living mode, plan for
retirement, trigger of each version, changes of method, people and roles.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from livingreview.protocol_types import Day, Model, Name, Text

Months = Annotated[int, Field(ge=1, le=120)]
"""Whole months of a schedule."""

Mode = Literal["active", "paused", "retired"]


class Schedule(Model):
    """When each step is due, in whole months.

    ``search`` is the time from one search to the next, ``streams`` the same for single streams that are searched at another pace.
    ``screening``, ``classification`` and ``version`` count from the last search: until all its records are screened, until reports that await
    classification are settled, and until a version with its results is released. A step without a number has no date.
    """

    search: Months
    streams: dict[Name, Months] = Field(default_factory=dict)
    screening: Months | None = None
    classification: Months | None = None
    version: Months | None = None

    @model_validator(mode="after")
    def _some_time_to_update(self) -> Schedule:
        shortest = min([self.search, *self.streams.values()])
        if self.screening is not None and self.screening > shortest:
            raise ValueError(
                f"`screening` takes {self.screening} months, but a search comes every {shortest}: records would never be screened "
                "before the next ones arrive"
            )
        return self


class Retirement(Model):
    """When the review should be retired: rules that the build can check, and reasons that people judge.

    ``unchanged_searches`` is the number of released versions in a row without a newly included study; ``overdue_months`` how long a search may be
    overdue before the review has to say that it is no longer kept up to date.
    """

    unchanged_searches: Annotated[int, Field(ge=1)] | None = None
    overdue_months: Months | None = None
    reasons: list[Text] = Field(default_factory=list)


class VersionNote(Model):
    """What set off a version, and what it does otherwise than the one before, in words that the data cannot give.

    ``searched`` is the date of its search, where the ledger does not know it.
    """

    version: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")]
    searched: Day | None = None
    trigger: Text | None = None
    methods: list[Text] = Field(default_factory=list)


class Ended(Model):
    """Since when, and why, a review is paused or retired."""

    date: Day
    reason: Text


class Living(Model):
    """The living mode of a review.

    ``proposed`` is true as long as no team has adopted the schedule and the rules; ``decided_by`` and ``decided_on`` say who did, and when.
    ``mode`` other than active needs ``ended``. ``people`` maps a step to who does it; an empty value means that nobody is named yet.
    """

    mode: Mode = "active"
    ended: Ended | None = None
    proposed: bool = True
    decided_by: Text | None = None
    decided_on: Day | None = None
    schedule: Schedule | None = None
    triggers: list[Text] = Field(default_factory=list)
    retirement: Retirement = Field(default_factory=Retirement)
    people: dict[Text, Text | None] = Field(default_factory=dict)
    versions: list[VersionNote] = Field(default_factory=list)

    @model_validator(mode="after")
    def _decided_or_proposed(self) -> Living:
        named = self.decided_by is not None and self.decided_on is not None
        if self.proposed and (self.decided_by is not None or self.decided_on is not None):
            raise ValueError(
                "`decided_by` and `decided_on` are for what a team has adopted: set `proposed: false` with them"
            )
        if not self.proposed and not named:
            raise ValueError("what is no longer proposed needs `decided_by` and `decided_on`")
        if (self.mode == "active") != (self.ended is None):
            raise ValueError(
                "`ended` (date and reason) belongs to a review that is paused or retired"
                if self.ended
                else f"a review that is {self.mode} needs `ended` with date and reason"
            )
        return self

    def note(self, version: str) -> VersionNote | None:
        """What the protocol says of a version; None where it says nothing."""
        return next((note for note in self.versions if note.version == version), None)
