"""Certainty of the evidence of a whole review, from its results, its appraisal and the signatures that people gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from livingreview.certainty import bodies
from livingreview.certainty.body import HARM, RESPONSE, SCORE, Body
from livingreview.certainty.cells import Signatures, rate, unrated
from livingreview.certainty.domains import RULES
from livingreview.certainty.findings import Nothing, finding, named
from livingreview.certainty.model import SIGNED, Certainty, Finding, Rating, Signature
from livingreview.certainty.words import Words
from livingreview.protocol_grade import LEVELS
from livingreview.synthesis.counting import PATIENT
from livingreview.synthesis.sentences import NO_STUDY, capital, listed, within
from livingreview.synthesis.therapy import TherapyResult

CITATIONS = ("guyatt2008", "murad2018", "schunemann2022", "zeng2022", "schunemann2019", "hultcrantz2017")
"""Where the rules come from, as keys of the list of references."""


def assess(
    results: Mapping[str, TherapyResult],
    appraisal: Mapping[str, Any],
    signatures: Iterable[Mapping[str, Any]],
    protocol: Mapping[str, Any],
) -> Certainty:
    """Every rating and row of the summary of findings.

    ``results`` by therapy code, ``appraisal`` the content of the gate's ``appraisal.json``, ``signatures`` and ``protocol`` the parts of
    its ``certainty.json``. Nothing is read or written, and the same arguments give the same result. Raises KeyError for
    a therapy without a result.
    """
    words = Words.from_protocol(protocol)
    given = _signatures(signatures)
    ratings: list[Rating] = []
    findings: list[Finding] = []
    for therapy in protocol["therapies"]:
        result = results[therapy["code"]]
        for outcome in protocol["rated"]:
            rating, rows = _outcome(result, therapy, outcome, protocol, appraisal, words, given)
            ratings.append(rating)
            findings += rows
    cells = [c for r in ratings for c in r.all_cells]
    waiting = sum(c.status != SIGNED for c in cells)
    return Certainty(
        rules=RULES,
        levels={level: words.levels[level] for level in LEVELS},
        domains=dict(words.domains),
        ratings=tuple(ratings),
        findings=tuple(findings),
        cells=len(cells),
        open=waiting,
        citations=CITATIONS,
        warnings=tuple(_warnings(ratings, len(cells), waiting, given, protocol, words)),
    )


def _outcome(
    result: TherapyResult,
    therapy: Mapping[str, Any],
    outcome: Mapping[str, Any],
    protocol: Mapping[str, Any],
    appraisal: Mapping[str, Any],
    words: Words,
    given: Signatures,
) -> tuple[Rating, list[Finding]]:
    code, name, kind = outcome["code"], outcome["name"], outcome["kind"]
    section = protocol["certainty"]
    body = _body(result, outcome, section)
    rating = unrated(therapy, code, name, kind)
    if body is not None:
        labels = {"basis": protocol["bases"], "source_kind": protocol["source_kinds"]}
        rating = rate(body, rating, words, section, appraisal, protocol["bearing"], labels, given)
    shown = _nothing(result, outcome) if body is None else body
    rows = [finding(rating, shown, outcome.get("unit") or PATIENT, words)]
    if kind == HARM:
        beside = bodies.named_harms(result.harms, section["named_harms"])
        for total in beside:
            one = bodies.of_total(
                result,
                total,
                f"{code}:{total.category}",
                capital(total.category),
                section["harm_thresholds"],
            )
            # the harm that stands for all of them, where nobody counts any, is not shown twice
            if one is not None and (body is None or one.what != body.what):
                rows.append(named(rating, one, words))
    return rating, rows


def _body(result: TherapyResult, outcome: Mapping[str, Any], section: Mapping[str, Any]) -> Body | None:
    code = outcome["code"]
    if outcome["kind"] == RESPONSE:
        analysis = next((a for a in result.analyses if a.code == code), None)
        return None if analysis is None else bodies.response(result, analysis, section["thresholds"])
    if outcome["kind"] == SCORE:
        scores = next((s for s in result.scores if s.outcome == code), None)
        change = next((s["change"] for s in section["scores"] if s["code"] == code), None)
        return None if scores is None else bodies.score(result, scores, change)
    return bodies.harm(result, code, outcome["name"], section["harm_thresholds"])


def _nothing(result: TherapyResult, outcome: Mapping[str, Any]) -> Nothing:
    code = outcome["code"]
    if outcome["kind"] == RESPONSE:
        analysis = next((a for a in result.analyses if a.code == code), None)
        reason = analysis.main.reason if analysis and not analysis.k else None
        return Nothing(within((reason or NO_STUDY).removesuffix(".")), analysis.warnings if analysis else ())
    if outcome["kind"] == HARM:
        return Nothing("no study counts harms", result.harms.warnings)
    scores = next((s for s in result.scores if s.outcome == code), None)
    counts = " of the score, only how many improved" if scores and scores.improved else ""
    return Nothing(f"no study reports a change{counts}", scores.warnings if scores else ())


def _signatures(rows: Iterable[Mapping[str, Any]]) -> Signatures:
    return {
        (row["therapy"], row["outcome"], row["domain"]): Signature(
            judgement=row["judgement"],
            reason=row["reason"],
            signed_by=row["signed_by"],
            date=row["date"],
            digest=row["inputs_digest"],
            rated_up_for=row.get("rated_up_for"),
        )
        for row in rows
    }


def _warnings(
    ratings: list[Rating],
    cells: int,
    waiting: int,
    given: Signatures,
    protocol: Mapping[str, Any],
    words: Words,
) -> Iterable[str]:
    if cells and waiting == cells:
        yield (
            f"None of the {cells} judgements on certainty is signed: every rating is proposed by rule and supports no conclusion."
        )
    elif waiting:
        yield (
            f"{cells - waiting} of {cells} judgements on certainty {'is' if cells - waiting == 1 else 'are'} signed; a rating supports a conclusion only when all of "
            "its judgements are."
        )
    for rating in ratings:
        yield from rating.warnings
    held = {(r.therapy, r.outcome) for r in ratings if r.cells}
    names = {t["code"]: t["name"] for t in protocol["therapies"]}
    outcomes = {o["code"]: o["name"] for o in protocol["rated"]}
    for therapy, outcome in dict.fromkeys((t, o) for t, o, _ in given):
        if (therapy, outcome) not in held:
            signers = listed(
                sorted({s.signed_by for key, s in given.items() if key[:2] == (therapy, outcome)})
            )
            yield (
                f"{names.get(therapy, therapy)}, {within(outcomes.get(outcome, outcome))}: signed by {signers}, but there is now no "
                "evidence to rate, so the signatures are not used."
            )
    if cells:
        yield (
            "Nothing is rated up by rule. Who finds a large effect, a dose response or bias against the effect signs the "
            "certainty itself and names that reason."
        )
