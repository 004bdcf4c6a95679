"""What a protocol may say for journals: statements in the team's own words, and the short texts that some journals ask for.

Every key is optional. Nothing is made up for one that is missing: what is printed then says that it is missing.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from livingreview.protocol_types import Model, Text

Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$")]

STATEMENTS = {
    "funding": "Funding",
    "competing_interests": "Competing interests",
    "contributions": "Author contributions (CRediT)",
    "data_availability": "Data availability",
    "code_availability": "Code availability",
    "ethics": "Ethics",
    "registration": "Registration",
    "consent": "Consent for publication",
    "patient_involvement": "Involvement of patients and the public",
    "guarantor": "Guarantor",
    "transparency": "Transparency",
    "ai_use": "Use of artificial intelligence",
    "relation_to_continued_review": "Relation to the review that this one continues",
    "acknowledgements": "Acknowledgements",
}
"""The statements that a journal may ask for, with their titles, in the order in which they print."""

NOT_REGISTERED = "The review has not been registered."
"""What prints where the protocol names no register."""


def lacks_repository(code: str, text: str, repository: str | None) -> bool:
    """Whether the words of a statement on data or code do not name the repository that there is."""
    about = code in ("data_availability", "code_availability")
    return bool(about and text and repository and repository not in text)


class CoverLetter(Model):
    """What a cover letter says beside what the protocol knows anyway.

    ``editor`` is how the editor is addressed, ``message`` why the journal's readers need the review, ``declarations`` sentences that the
    authors stand behind (that the work is not under consideration elsewhere, for instance); ``suggested_reviewers`` and
    ``opposed_reviewers`` one person a line, with reason and address.
    """

    editor: Text | None = None
    message: Text | None = None
    declarations: list[Text] = Field(default_factory=list)
    suggested_reviewers: list[Text] = Field(default_factory=list)
    opposed_reviewers: list[Text] = Field(default_factory=list)


class ForJournals(Model):
    """Keys of the protocol that are made for journals; the manuscript prints its statements, the other keys only files for journals.

    ``relation_to_continued_review`` says how the authors relate to those of the review that this one continues; ``ai_use`` what was done by
    a machine, and who checked it; ``repository`` where data and code are (left out of blinded files). ``consent`` (to publication of what
    tells of a person), ``patient_involvement``, ``guarantor`` and ``transparency`` are asked for by some journals only.
    """

    running_title: Text | None = None
    highlights: list[Text] = Field(default_factory=list)
    capsule_summary: list[Text] = Field(default_factory=list)
    key_messages: list[Text] = Field(default_factory=list)
    acknowledgements: Text | None = None
    repository: Address | None = None
    data_availability: Text | None = None
    code_availability: Text | None = None
    ethics: Text | None = None
    consent: Text | None = None
    patient_involvement: Text | None = None
    guarantor: Text | None = None
    transparency: Text | None = None
    ai_use: Text | None = None
    relation_to_continued_review: Text | None = None
    cover_letter: CoverLetter = Field(default_factory=CoverLetter)
