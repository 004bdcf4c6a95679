"""The body of evidence on one outcome of one therapy: its studies, its estimate, and what is known of their spread."""

from __future__ import annotations

from dataclasses import dataclass

from livingreview.synthesis.analysis import SmallStudy, Tipping
from livingreview.synthesis.estimates import Estimate
from livingreview.synthesis.pooled import Heterogeneity
from livingreview.synthesis.therapy import TherapyResult

RESPONSE, SCORE, HARM = "response", "score", "harm"


@dataclass(frozen=True, slots=True)
class Member:
    """One study behind the estimate. ``n`` are its units, None where not reported."""

    study_id: str
    label: str
    design: str | None
    source_kind: str | None
    basis: str | None
    n: int | None
    unverified: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """The interval that imprecision is judged by, and what it is in words."""

    lower: float
    upper: float
    what: str


@dataclass(frozen=True, slots=True)
class Body:
    """What the certainty of one outcome rests on.

    ``what`` are the codes of what was counted or measured. ``participants`` are units of kind ``unit`` in ``members``. ``thresholds`` part what would be decided differently, in the units of the
    estimate; ``above`` and ``below`` count studies of at least two units on either side of ``decisive``, the protocol's own threshold (None: not known).
    ``i2`` is in per cent. ``treated`` are the patients that the studies of the therapy treated (a minimum if ``treated_is_minimum``), ``unreported`` those
    without this outcome. What is None could not be estimated: ``no_interval`` and ``no_spread`` are sentences why.
    """

    therapy: str
    outcome: str
    name: str
    kind: str
    unit: str
    what: tuple[str, ...]
    members: tuple[Member, ...]
    participants: int | None
    estimate: Estimate | None
    measure: str
    interval: Interval | None
    no_interval: str
    thresholds: tuple[float, ...]
    prediction: Estimate | None = None
    heterogeneity: Heterogeneity | None = None
    no_spread: str = ""
    i2: float | None = None
    decisive: float | None = None
    above: int | None = None
    below: int | None = None
    treated: int | None = None
    treated_is_minimum: bool = False
    unreported: int | None = None
    tipping: Tipping | None = None
    small_study: SmallStudy | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a result says of one study beyond the study itself."""

    basis: str | None
    n: int | None


def members(result: TherapyResult, told: dict[str, Told]) -> tuple[Member, ...]:
    """The studies named in ``told`` in print order, with what the therapy's result knows of them.

    Raises KeyError for a study that the result does not have.
    """
    lines = {line.study_id: line for line in result.studies}
    if unknown := sorted(set(told) - set(lines)):
        raise KeyError(f"no study {', '.join(unknown)} in the result of {result.therapy['code']}")
    return tuple(
        Member(
            line.study_id,
            line.label,
            line.design,
            line.source_kind,
            told[line.study_id].basis,
            told[line.study_id].n,
            line.unverified_criteria,
        )
        for line in result.studies
        if line.study_id in told
    )


def share(body: Body, chosen: set[str]) -> tuple[int, int, bool]:
    """How much of the evidence lies in the chosen studies: part, whole, and True where these are units.

    Units where every study reports them, else studies: an unknown number cannot be a share of anything.
    """
    if all(m.n is not None for m in body.members):
        return (
            sum(m.n or 0 for m in body.members if m.study_id in chosen),
            sum(m.n or 0 for m in body.members),
            True,
        )
    return len(chosen & {m.study_id for m in body.members}), len(body.members), False
