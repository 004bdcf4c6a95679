"""What a protocol may say for journals: statements in the team's own words, and the short texts that some journals ask for.

Every key is optional. Nothing is made up for one that is missing: what is printed then says that it is missing.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from livingreview.protocol_types import Model, Text

Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$")]


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
    """Keys of the protocol that only files for journals print.

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
