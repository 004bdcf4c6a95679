"""What the certainty of evidence is as a result: cells to sign, ratings of outcomes, rows of the summary of findings.

A *cell* is one domain of one outcome of one therapy. Its inputs are computed, its judgement is proposed by a rule, and a person signs
it. A signature holds for the digest of the inputs it was given under; when an input changes the cell is open again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livingreview.synthesis import records
from livingreview.synthesis.estimates import Estimate

SIGNED = "signed"
REOPENED = "reopened"
PROPOSED = "proposed"
NO_EVIDENCE = "no_evidence"
NOT_RATED = "not_rated"


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a domain. ``value`` is plain JSON and goes into the digest; ``label`` and ``text`` print. Where the
    data do not determine it ``estimable`` is False, ``value`` None, and ``text`` says why."""

    code: str
    label: str
    value: Any
    text: str
    estimable: bool = True


@dataclass(frozen=True, slots=True)
class Signature:
    """What a person signed in the table of certainty; ``digest`` is that of the inputs that the person saw. ``rated_up_for`` is the
    code of GRADE's reason for a certainty above what the domains give, where one is named."""

    judgement: str
    reason: str
    signed_by: str
    date: str
    digest: str
    rated_up_for: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One domain (or ``overall``, the certainty itself). ``proposed`` and ``reason`` follow from the inputs by rule.

    ``status``: ``signed`` (under these very inputs), ``reopened`` (signed under other inputs: see ``signature``), ``proposed``
    (by nobody). ``judgement`` is what holds: the signed one, else the proposed one; ``down`` the levels it rates down by (0 for
    ``overall``). ``estimable`` is False where the proposal rests on something that could not be estimated. ``text`` is the
    judgement with its status, ready to print, ``because`` the sentence of the judgement that holds (the signer's own words
    where signed).
    """

    domain: str
    name: str
    inputs: tuple[Input, ...]
    estimable: bool
    proposed: str
    proposed_label: str
    reason: str
    digest: str
    status: str
    judgement: str
    judgement_label: str
    down: int
    signature: Signature | None
    text: str
    because: str


@dataclass(frozen=True, slots=True)
class Rating:
    """Certainty of one outcome of one therapy. ``kind`` is ``response``, ``score`` or ``harm``.

    ``cells`` are the five domains in GRADE's order, ``overall`` the certainty; both are empty without evidence (``status`` ``no_evidence``). ``status`` is ``signed``
    when all six are, ``reopened`` when one of them is, else ``proposed``. ``level`` is the certainty that holds and ``level_name``
    its word. Only a rating with ``supports_conclusion`` (all six signed) may carry a conclusion. ``difference`` is how many levels the signed certainty
    lies above (below, where negative) what the domains that hold give by rule; ``against_domains`` says so in a clause, empty without a difference.
    ``text`` is ready to print.
    """

    therapy: str
    therapy_name: str
    outcome: str
    name: str
    kind: str
    studies: tuple[str, ...]
    start: str | None
    start_reason: str
    cells: tuple[Cell, ...]
    overall: Cell | None
    level: str | None
    level_name: str
    status: str
    signed: int
    supports_conclusion: bool
    text: str
    warnings: tuple[str, ...]
    difference: int = 0
    against_domains: str = ""

    @property
    def all_cells(self) -> tuple[Cell, ...]:
        """The domains and, last, the certainty itself."""
        return (*self.cells, self.overall) if self.overall else self.cells


@dataclass(frozen=True, slots=True)
class Finding:
    """One row of the summary of findings.

    ``participants`` are the units (``unit``; patients unless said otherwise) behind ``estimate``, in ``studies`` studies; None where no study
    gives a number. ``measure`` says what the estimate is. A named harm has ``status`` ``not_rated``: it is shown beside the rated outcome
    and has no certainty of its own. ``means`` is a whole sentence, ``warnings`` are sentences.
    """

    therapy: str
    therapy_name: str
    outcome: str
    name: str
    kind: str
    unit: str
    participants: int | None
    studies: int
    estimate: Estimate | None
    measure: str
    level: str | None
    certainty: str
    status: str
    supports_conclusion: bool
    means: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Certainty:
    """Ratings and summary of findings of a review, both in the order of the protocol's therapies and rated outcomes.

    ``rules`` is the version of the proposing rules, part of every digest. ``levels`` and ``domains`` are the words for the codes, lowest
    level first. ``open`` cells are not signed, of ``cells`` in all. ``warnings`` are sentences on the whole, ready to print.
    """

    rules: str
    levels: dict[str, str]
    domains: dict[str, str]
    ratings: tuple[Rating, ...]
    findings: tuple[Finding, ...]
    cells: int
    open: int
    citations: tuple[str, ...]
    warnings: tuple[str, ...]

    def rating(self, therapy: str, outcome: str) -> Rating | None:
        """The rating of an outcome of a therapy, None where it is not rated."""
        return next((r for r in self.ratings if (r.therapy, r.outcome) == (therapy, outcome)), None)

    def supports(self, therapy: str, outcome: str) -> bool:
        """Whether a conclusion on this outcome may be printed as one: every cell of it is signed."""
        found = self.rating(therapy, outcome)
        return found is not None and found.supports_conclusion

    def to_json(self) -> dict[str, Any]:
        """JSON-ready dictionary; :meth:`from_json` gives the equal object back."""
        return dict(records.to_json(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Certainty:
        """The result that :meth:`to_json` wrote. Raises KeyError or TypeError for another shape."""
        return records.from_json(cls, data)
