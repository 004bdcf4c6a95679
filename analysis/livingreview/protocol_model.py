"""The protocol of a review as data: question, therapies, words, colours, people."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from livingreview.printable import plural
from livingreview.protocol_analyses import Analyses
from livingreview.protocol_certainty import CertaintyRating, rated
from livingreview.protocol_comparisons import Counterpart
from livingreview.protocol_conclusions import Conclusions
from livingreview.protocol_living import Living
from livingreview.protocol_submission import ForJournals
from livingreview.protocol_types import (
    Code,
    Colour,
    Day,
    Labels,
    Model,
    Name,
    Orcid,
    RelativeFile,
    Role,
    Text,
)


class Affiliation(Model):
    """An institution of authors."""

    name: Text
    city: Text | None = None
    country: Text | None = None
    ror: (
        Annotated[str, StringConstraints(pattern=r"^https://ror\.org/0[a-hj-km-np-tv-z0-9]{6}\d{2}$")] | None
    ) = None


class Author(Model):
    """A person (``given`` and ``family``) or a group (``name`` alone)."""

    name: Text
    given: Text | None = None
    family: Text | None = None
    orcid: Orcid | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None
    affiliations: list[str] = Field(default_factory=list)
    roles: list[Role] = Field(default_factory=list)
    corresponding: bool = False

    @model_validator(mode="before")
    @classmethod
    def _full_name(cls, value: Any) -> Any:
        if (
            isinstance(value, dict)
            and value.get("name") is None
            and value.get("given")
            and value.get("family")
        ):
            return {**value, "name": f"{value['given']} {value['family']}"}
        return value


class Question(Model):
    """The review question and its parts."""

    text: Text
    population: Text
    intervention: Text
    comparator: Text
    outcome: Text


class Eligibility(Model):
    """What studies must be, and must not be, to be included."""

    include: Annotated[list[Text], Field(min_length=1)]
    exclude: list[Text] = Field(default_factory=list)


class Therapy(Model):
    """A therapy in scope; its colour goes with the code through all figures."""

    code: Code
    name: Text
    short_name: Text
    colour: Colour


class ResponseCategories(Model):
    """Labels of the results that a response is counted in; ``any`` is complete or partial, degree not shown."""

    complete: Text
    partial: Text
    any: Text
    none: Text


class Response(Model):
    """What counts as response: the outcome, its categories, and its definition in words."""

    outcome: Code
    categories: ResponseCategories
    definition: Text
    latest_months: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


class Unit(Model):
    """A unit of analysis in words."""

    singular: Text
    plural: Text


class Design(Model):
    """A study design in words. A label alone gets its plural by the rules of :func:`livingreview.printable.plural`."""

    singular: Text
    plural: Text

    @model_validator(mode="before")
    @classmethod
    def _from_label(cls, value: Any) -> Any:
        given = {"singular": value} if isinstance(value, str) and value.strip() else value
        if isinstance(given, dict) and isinstance(given.get("singular"), str) and given.get("plural") is None:
            return {**given, "plural": plural(given["singular"].strip())}
        return given


Number = Annotated[float, Field(allow_inf_nan=False)]


class Outcome(Model):
    """An outcome code: what it is called, what kind of result it is, and the scale where there is one.

    ``range`` holds the ends of the scale that all values of the outcome are put on.
    """

    code: Code
    name: Text
    kind: Literal["response", "score", "harm", "recurrence", "other"]
    scale: Text | None = None
    range: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None

    @model_validator(mode="after")
    def _range_is_of_a_score(self) -> Outcome:
        if self.range is not None:
            if self.kind not in ("score", "other"):
                raise ValueError(f"a range belongs to a score, not to an outcome of kind {self.kind}")
            if not self.range[0] < self.range[1]:
                raise ValueError(
                    f"range runs from the lowest to the highest value, not from {self.range[0]:g} to {self.range[1]:g}"
                )
        return self


class AppraisalTool(Model):
    """A tool of critical appraisal and the study designs it is for."""

    name: Text
    short: Text
    designs: Annotated[list[Code], Field(min_length=1)]
    citation_key: Text | None = None


class Judgement(Model):
    """How a judgement of an appraisal item prints."""

    label: Text
    symbol: Text
    colour: Colour


class Judgements(Model):
    """The four judgements of an appraisal item."""

    yes: Judgement
    no: Judgement
    unclear: Judgement
    not_applicable: Judgement


class ReasonGroup(Model):
    """A group of reasons for exclusion in the flow diagram: its label, and words of which one stands in the reason."""

    label: Text
    contains: Annotated[list[Text], Field(min_length=1)]


class Search(Model):
    """The search: its last date, what was done, its streams, and the words of the flow diagram's boxes.

    ``other_stream_reasons`` are words of reasons that only leave a record to another stream, which is no exclusion;
    ``reason_groups`` gather reasons for exclusion, the first group that fits counts.
    """

    date: Day
    description: Text
    streams: Annotated[dict[Name, Text], Field(min_length=1)]
    box_labels: dict[Code, Text] = Field(default_factory=dict)
    other_stream_reasons: list[Text] = Field(default_factory=list)
    reason_groups: list[ReasonGroup] = Field(default_factory=list)


class PreviousVersion(Model):
    """The version that this one continues. ``published`` holds the content of ``published_file``, ``comparisons`` what of
    the present data stands beside its figures."""

    label: Text
    citation_key: Text | None = None
    doi: Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    published_file: RelativeFile
    published: dict[str, Any] = Field(default_factory=dict)
    comparisons: list[Counterpart] = Field(default_factory=list)


class Document(Model):
    """A document to be built; its figures and tables are numbered after ``label_prefix``."""

    name: Name
    source: RelativeFile
    label_prefix: str = ""


class Protocol(ForJournals):
    """The whole protocol. Field names are the top-level keys of ``review.yaml``."""

    title: Text
    short_title: Text
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)*$")]
    date: Day
    data_date: Day
    access_date: Day
    status: Text
    authors: Annotated[list[Author], Field(min_length=1)]
    affiliations: dict[Name, Affiliation] = Field(default_factory=dict)
    question: Question
    eligibility: Eligibility
    registration: Text | None = None
    funding: Text
    competing_interests: Text
    keywords: list[Text] = Field(default_factory=list)
    therapies: Annotated[list[Therapy], Field(min_length=1)]
    out_of_scope: dict[Code, Text] = Field(default_factory=dict)
    response: Response
    constructs: Labels
    units: Annotated[dict[Code, Unit], Field(min_length=1)]
    designs: Annotated[dict[Code, Design], Field(min_length=1)]
    aetiologies: Labels
    outcomes: Annotated[list[Outcome], Field(min_length=1)]
    bases: Labels
    source_kinds: Labels
    appraisal_tools: Annotated[dict[Code, AppraisalTool], Field(min_length=1)]
    judgements: Judgements
    analyses: Analyses
    certainty: CertaintyRating = Field(default_factory=CertaintyRating)
    conclusions: Conclusions = Field(default_factory=Conclusions)
    confidence_level: Annotated[float, Field(ge=0.5, lt=1, allow_inf_nan=False)] = 0.95
    search: Search
    previous_version: PreviousVersion | None = None
    living: Living = Field(default_factory=Living)
    documents: Annotated[list[Document], Field(min_length=1)]
    csl: Name

    def slice(self, *fields: str) -> dict[str, Any]:
        """The named fields (all when none is named), ready for JSON: dates as text, no model objects.

        ``designs`` maps codes to labels, as all lists of codes do; ``design_plurals`` beside it gives their plurals. Subgroups with
        ``groups`` carry the order of these, which are mappings that each analysis has for itself.
        """
        unknown = set(fields) - set(type(self).model_fields)
        if unknown:
            raise KeyError(f"the protocol has no {', '.join(sorted(unknown))}")
        found = self.model_dump(mode="json", include=set(fields) or None)
        if (designs := found.get("designs")) is not None:
            found["designs"] = {code: design["singular"] for code, design in designs.items()}
            found["design_plurals"] = {code: design["plural"] for code, design in designs.items()}
        for entry in (found.get("analyses") or {}).get("subgroups", ()):
            if entry["groups"]:
                entry["order"] = {"groups": list(entry["groups"])}
        return found

    def rated_outcomes(self) -> dict[str, str]:
        """Outcomes whose certainty is rated: code → name (see :func:`livingreview.protocol_certainty.rated`)."""
        return rated(self.certainty, self.analyses.outcomes, self.outcomes)

    def outcome_codes(self, kind: str) -> list[str]:
        """Codes of the outcomes of one kind, in protocol order."""
        return [o.code for o in self.outcomes if o.kind == kind]
