"""Rows of the summary of findings: the estimate, its certainty, and in a sentence what it means.

An unsigned rating supports no conclusion, so its sentence says that we do not know, whatever level is proposed. Wording of the
levels: Santesso 2020 (GRADE guidelines 26).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from livingreview.certainty.body import SCORE, Body
from livingreview.certainty.model import NOT_RATED, REOPENED, Finding, Rating
from livingreview.certainty.words import Words, amount, limits
from livingreview.protocol_grade import LEVELS
from livingreview.synthesis.sentences import counted, studies, within


@dataclass(frozen=True, slots=True)
class Nothing:
    """What is said of an outcome without evidence: a clause why, and the sentences of the results on it."""

    why: str
    warnings: tuple[str, ...] = ()


def finding(rating: Rating, body: Body | Nothing, unit: str, words: Words) -> Finding:
    """The row of a rated outcome, or of one on which there is :class:`Nothing`; ``unit`` is what would then be counted."""
    if isinstance(body, Nothing):
        return Finding(
            therapy=rating.therapy,
            therapy_name=rating.therapy_name,
            outcome=rating.outcome,
            name=rating.name,
            kind=rating.kind,
            unit=unit,
            participants=None,
            studies=0,
            estimate=None,
            measure="No data",
            level=None,
            certainty=rating.text,
            status=rating.status,
            supports_conclusion=False,
            means=f"{words.readings[LEVELS[0]]}: {body.why}.",
            warnings=body.warnings,
        )
    row = named(rating, body, words)
    return replace(
        row,
        outcome=rating.outcome,
        kind=rating.kind,
        level=rating.level,
        certainty=rating.text,
        status=rating.status,
        supports_conclusion=rating.supports_conclusion,
        means=_means(rating, body, words),
        warnings=tuple(dict.fromkeys((*rating.warnings, *body.warnings))),
    )


def named(rating: Rating, body: Body, words: Words) -> Finding:
    """The row of a harm that is shown beside the rated outcome and has no certainty of its own."""
    return Finding(
        therapy=rating.therapy,
        therapy_name=rating.therapy_name,
        outcome=body.outcome,
        name=body.name,
        kind=body.kind,
        unit=body.unit,
        participants=body.participants,
        studies=len(body.members),
        estimate=body.estimate,
        measure=body.measure,
        level=None,
        certainty="Not rated by itself",
        status=NOT_RATED,
        supports_conclusion=False,
        means=f"{words.readings[LEVELS[0]]}. Reported: {reported(body, words)}. Its certainty is not rated by itself.",
        warnings=body.warnings,
    )


def reported(body: Body, words: Words) -> str:
    """The figures in a clause: ``5 of 7 patients in 6 studies, 71 % (29 % to 96 %)``."""
    estimate = body.estimate
    if estimate is None:
        return f"a change in {words.size(body)}, without an interval"
    size = words.size(body)
    if estimate.events is not None and estimate.total is not None:
        size = f"{estimate.events} of {counted(estimate.total, body.unit, words.units)} in {studies(len(body.members))}"
    return f"{size}, {value(body)}"


def value(body: Body) -> str:
    """The estimate with its interval: ``71 % (29 % to 96 %)``; of no event the one-sided limit."""
    estimate = body.estimate
    if estimate is None:
        return "without an estimate"
    if estimate.sided == 1:
        return f"at most {amount(estimate.upper, body.kind)} by a one-sided limit"
    middle = amount(estimate.value, body.kind)
    if body.kind == SCORE:
        middle = f"{within(body.measure.split(',')[0])} {middle}"
    return f"{middle} ({limits(estimate.lower, estimate.upper, body.kind)})"


def _means(rating: Rating, body: Body, words: Words) -> str:
    unknown = words.readings[LEVELS[0]]
    level = within(rating.level_name)
    if not rating.supports_conclusion:
        open_again = rating.status == REOPENED
        if open_again:
            why = f"signed before, open again because its inputs have changed; proposed as {level}{_against(rating)}"
        elif rating.signed:
            why = f"proposed as {level}, {rating.signed} of {len(rating.all_cells)} judgements signed{_against(rating)}"
        else:
            why = f"proposed as {level}, signed by nobody"
        return f"{unknown}. Certainty {why}: no conclusion."
    if rating.level == LEVELS[0] or body.estimate is None:
        return f"{unknown}. Reported: {reported(body, words)}. The certainty is {level}{_against(rating)}."
    reading = words.readings[rating.level or LEVELS[0]]
    what = "The change" if body.kind == SCORE else f"The proportion of {_plural(body, words)} with this"
    about = value(body) if body.estimate.sided == 1 or body.kind == SCORE else f"about {value(body)}"
    return f"{what} {reading} {about}. The certainty is {level}{_against(rating)}."


def _against(rating: Rating) -> str:
    return f", {rating.against_domains}" if rating.against_domains else ""


def _plural(body: Body, words: Words) -> str:
    return str((words.units.get(body.unit) or {}).get("plural", f"{body.unit}s"))
