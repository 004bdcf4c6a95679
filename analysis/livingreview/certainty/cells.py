"""From inputs and signatures to cells, and from cells to the rating of an outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from livingreview.canonical import digest
from livingreview.certainty import domains
from livingreview.certainty.bias import Bearing, risk_of_bias, start
from livingreview.certainty.body import Body
from livingreview.certainty.domains import RULES, Domain, Proposal
from livingreview.certainty.model import (
    NO_EVIDENCE,
    PROPOSED,
    REOPENED,
    SIGNED,
    Cell,
    Input,
    Rating,
    Signature,
)
from livingreview.certainty.words import Words
from livingreview.protocol_grade import DOMAINS, DOWN, LEVELS, OVERALL, RATED_UP
from livingreview.synthesis.sentences import listed, within

Signatures = Mapping[tuple[str, str, str], Signature]
"""By therapy, outcome and domain."""
DIGITS = 16


def inputs_digest(domain: str, inputs: tuple[Input, ...]) -> str:
    """First 16 hexadecimal digits of the SHA-256 of the canonical JSON of a domain, its input values and the version of the rules.

    Labels and texts are words and do not count.
    """
    values = {i.code: [i.estimable, i.value] for i in inputs}
    return digest({"domain": domain, "rules": RULES, "inputs": values})[:DIGITS]


def cell(
    domain: str,
    inputs: tuple[Input, ...],
    proposal: Proposal,
    signature: Signature | None,
    words: Words,
) -> Cell:
    """One cell: proposed, signed, or open again because the signature was given under other inputs."""
    now = inputs_digest(domain, inputs)
    status = PROPOSED if signature is None else SIGNED if signature.digest == now else REOPENED
    judgement = signature.judgement if signature and status == SIGNED else proposal.judgement
    label = words.judgement(proposal.judgement)
    proposed_label = f"{label} ({proposal.remark})" if proposal.remark else label
    holds = words.judgement(judgement) if status == SIGNED else proposed_label
    return Cell(
        domain=domain,
        name=words.domains[domain],
        inputs=inputs,
        estimable=not proposal.remark,
        proposed=proposal.judgement,
        proposed_label=proposed_label,
        reason=proposal.reason,
        digest=now,
        status=status,
        judgement=judgement,
        judgement_label=holds,
        down=DOWN.get(judgement, 0),
        signature=signature,
        text=f"{holds}; {_status(status, signature, words)}",
        because=signature.reason if signature and status == SIGNED else proposal.reason,
    )


def _status(status: str, signature: Signature | None, words: Words) -> str:
    if signature is None:
        return "proposed, not signed"
    by = f"signed by {signature.signed_by} on {signature.date}"
    if status == SIGNED:
        return by
    was = within(words.judgement(signature.judgement))
    return f"proposed; {by} as {was}, and open again because the inputs have changed since"


def rate(
    body: Body,
    about: Rating,
    words: Words,
    section: Mapping[str, Any],
    appraisal: Mapping[str, Any],
    bearing: Bearing,
    labels: Mapping[str, Mapping[str, str]],
    signatures: Signatures,
) -> Rating:
    """The rating of one body of evidence; ``about`` is the empty rating that names it."""
    found: dict[str, Domain] = {
        "risk_of_bias": risk_of_bias(body, words, appraisal, bearing),
        "inconsistency": domains.inconsistency(body, words),
        "indirectness": domains.indirectness(body, words, section["indirect"], labels),
        "imprecision": domains.imprecision(body, words),
        "publication_bias": domains.publication_bias(body, words),
    }
    key = (about.therapy, about.outcome)
    cells = tuple(cell(d, *found[d], signatures.get((*key, d)), words) for d in DOMAINS)
    begin, why = start(body, words, section)
    overall = cell(OVERALL, *_overall(begin, why, cells, words), signatures.get((*key, OVERALL)), words)
    difference, against = _against_domains(overall)
    if against:
        overall = replace(overall, text=f"{overall.text}; {against}")
    every = (*cells, overall)
    signed = sum(c.status == SIGNED for c in every)
    status = (
        SIGNED if signed == len(every) else REOPENED if any(c.status == REOPENED for c in every) else PROPOSED
    )
    name = words.judgement(overall.judgement)
    return replace(
        about,
        studies=tuple(m.study_id for m in body.members),
        start=begin,
        start_reason=why,
        cells=cells,
        overall=overall,
        level=overall.judgement,
        level_name=name,
        status=status,
        signed=signed,
        supports_conclusion=status == SIGNED,
        text=f"{name} ({_how(status, every)}{f'; {against}' if against else ''})",
        warnings=(
            *(_reopened(about, c.name, c.signature) for c in every if c.signature and c.status == REOPENED),
            *_unfounded(about, overall, difference, words),
        ),
        difference=difference,
        against_domains=against,
    )


def _against_domains(overall: Cell) -> tuple[int, str]:
    """Levels that the signed certainty lies above what the domains give by rule, and a clause that says so; 0 and nothing where it is not
    signed under these inputs or agrees."""
    by = overall.signature
    if by is None or overall.status != SIGNED:
        return 0, ""
    difference = _place(overall.judgement) - _place(overall.proposed)
    if not difference:
        return 0, ""
    size = abs(difference)
    clause = f"signed {size} level{'' if size == 1 else 's'} {'above' if difference > 0 else 'below'} what the domains give"
    if difference < 0:
        return difference, clause
    why = RATED_UP.get(by.rated_up_for or "")
    return (
        difference,
        f"{clause}, {f'for {why}' if why else 'without one of the reasons for which GRADE rates up'}",
    )


def _unfounded(about: Rating, overall: Cell, difference: int, words: Words) -> Iterator[str]:
    """The sentence on a certainty signed above what the domains give without one of GRADE's reasons, or below it."""
    by = overall.signature
    if by is None or not difference or (difference > 0 and by.rated_up_for in RATED_UP):
        return
    signed, given = (within(words.judgement(level)) for level in (overall.judgement, overall.proposed))
    *others, last = RATED_UP.values()
    what = (
        f"none of the reasons for which GRADE rates up is named ({', '.join(others)} or {last})"
        if difference > 0
        else "no domain is rated down for it"
    )
    yield (
        f"{about.therapy_name}, {within(about.name)}: the certainty is signed by {by.signed_by} as {signed}, but the domains give "
        f"{given}, and {what}."
    )


def unrated(therapy: Mapping[str, Any], outcome: str, name: str, kind: str) -> Rating:
    """The rating of an outcome without any evidence: nothing to judge, nothing to sign."""
    return Rating(
        therapy=str(therapy["code"]),
        therapy_name=str(therapy["name"]),
        outcome=outcome,
        name=name,
        kind=kind,
        studies=(),
        start=None,
        start_reason="",
        cells=(),
        overall=None,
        level=None,
        level_name="No evidence",
        status=NO_EVIDENCE,
        signed=0,
        supports_conclusion=False,
        text="No evidence",
        warnings=(),
    )


def _overall(begin: str, why: str, cells: tuple[Cell, ...], words: Words) -> Domain:
    """The certainty itself: the start, less the levels of the judgements that hold; never below the lowest."""
    below = _place(begin) - sum(c.down for c in cells)
    inputs = (
        Input("start", "Start", begin, words.judgement(begin)),
        *(Input(c.domain, c.name, [c.judgement, c.digest], c.judgement_label) for c in cells),
    )
    lowered = [f"{within(c.name)} by {c.down} level{'' if c.down == 1 else 's'}" for c in cells if c.down]
    how = f"Rated down: {listed(lowered)}." if lowered else "Nothing is rated down."
    if below < 0:
        how += f" There is no level below {within(words.judgement(LEVELS[0]))}."
    return inputs, Proposal(LEVELS[max(0, below)], f"{why} {how}")


def _place(level: str) -> int:
    """0 for the lowest level."""
    places: list[str] = list(LEVELS)
    return places.index(level)


def _how(status: str, cells: tuple[Cell, ...]) -> str:
    signed = sum(c.status == SIGNED for c in cells)
    if status == SIGNED:
        names = list(dict.fromkeys(c.signature.signed_by for c in cells if c.signature))
        return f"signed by {listed(names)}"
    open_again = sum(c.status == REOPENED for c in cells)
    parts = [
        "proposed, not signed" if not signed else f"proposed, {signed} of {len(cells)} judgements signed"
    ]
    if open_again:
        parts.append(f"{open_again} open again because the inputs changed")
    return "; ".join(parts)


def _reopened(about: Rating, name: str, by: Signature) -> str:
    return (
        f"{about.therapy_name}, {within(about.name)}, {within(name)}: signed by {by.signed_by} on {by.date}; the inputs have "
        "changed since, so the judgement is open again."
    )
