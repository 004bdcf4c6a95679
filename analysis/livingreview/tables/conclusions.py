"""The declared conclusions as a table: what each asks for, what the data give, its state, and who signed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from livingreview.claims import wording as w
from livingreview.claims.conclusions import STATES
from livingreview.conclusions.alerts import AMBER, NONE, RED
from livingreview.protocol_predicates import Comparison, Joined, Operand, Predicate, parse
from livingreview.publish.escape import markdown
from livingreview.synthesis.sentences import capital
from livingreview.tables.main_text import identifier
from livingreview.tables.pipe import DASH, Column, Table

if TYPE_CHECKING:
    from livingreview.claims.model import Claims

Row = Mapping[str, Any]

_SIGNS = {
    ">=": "at least",
    "<=": "at most",
    ">": "more than",
    "<": "less than",
    "=": "exactly",
    "!=": "other than",
}


def conclusions(judged: Sequence[Row], claims: Claims) -> Table:
    """One row a conclusion: its name, what it needs to be judged and to hold (with the present values), state, alert, signature."""
    rows = []
    for entry in judged:
        alert = entry["alert"]
        grave = alert["reasons"] if alert["level"] in (AMBER, RED) else []
        by = [
            f"acknowledged by {a['name']}: {a['reason']}"
            for a in entry["acknowledged"]
            if alert["level"] == RED
        ]
        reasons = f": {markdown('; '.join((*grave, *by)))}" if grave else ""
        rows.append(
            [
                markdown(entry["name"]),
                in_words(parse(entry["predicate"]["requires"]), claims),
                in_words(parse(entry["predicate"]["holds"]), claims),
                STATES[entry["state"]],
                DASH if alert["level"] == NONE else f"{alert['level']}{reasons}",
                f"signed by {markdown(entry['signed_by'])}, {w.day(entry['signed_on'])}"
                if entry["signed"]
                else f"proposed on {w.day(entry['declared_on'])}, not signed",
            ]
        )
    return Table(
        "conclusions",
        "Declared conclusions: what is needed to judge each, when it holds, the present values in brackets, and the state that follows. "
        f"An alert compares with the version before.{_declared(judged)}",
        [
            Column("Conclusion", 18),
            Column("Can be judged with", 28),
            Column("Holds with", 28),
            Column("State", 10),
            Column("Alert", 13),
            Column("Standing", 15),
        ],
        rows,
    )


def _declared(judged: Sequence[Row]) -> str:
    """When the conclusions were declared, in the words of the protocol; each of several ways with its conclusions."""
    ways: dict[str, list[str]] = {}
    for entry in judged:
        ways.setdefault(entry["how"], []).append(entry["name"])
    if len(ways) == 1:
        return f" They were declared {markdown(next(iter(ways)))}."
    told = [f"declared {markdown(how)}: {markdown('; '.join(names))}" for how, names in ways.items()]
    return f" {' '.join(w.sentence(t) for t in told)}" if told else ""


def in_words(predicate: Predicate, claims: Claims) -> str:
    """``units evaluated, response, heat: at least 10 (7); …`` with the values that the claims print now."""
    if isinstance(predicate, Comparison):
        return _comparison(predicate, claims)
    if predicate.word == "not":
        return f"not ({in_words(predicate.parts[0], claims)})"
    between = "; " if predicate.word == "and" else "; or "
    return between.join(_part(p, claims) for p in predicate.parts)


def _part(predicate: Predicate, claims: Claims) -> str:
    text = in_words(predicate, claims)
    return f"({text})" if isinstance(predicate, Joined) and predicate.word != "not" else text


def _comparison(found: Comparison, claims: Claims) -> str:
    left, sign, right = found.left, found.sign, found.right
    if left.key is None:  # a number before the claim reads better the other way round
        turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
        left, sign, right = right, turned.get(sign, sign), left
    claim = claims[str(left.key)]
    return f"{capital(markdown(claim.definition))}: {_SIGNS[sign]} {_operand(right, claims)} ({claim.text})"


def _operand(operand: Operand, claims: Claims) -> str:
    if operand.key is not None:
        claim = claims[operand.key]
        return f"{markdown(claim.definition)} ({claim.text})"
    return markdown(operand.text.replace(" ", "").replace("%", f"{w.NBSP}%"))


_STANDING = {"corrected": "corrected", "retracted": "retracted"}


def notices(studies: Iterable[Row]) -> Table:
    """Reports that were corrected or retracted: study, notice with its date, and what became of the report here."""
    rows = [
        [
            markdown(s["label"]),
            identifier(s),
            f"{_STANDING[s['status']]} on {w.day(s['date'])}",
            markdown(s["notice"]),
            "left out of all syntheses" if s["left_out"] else _kept(s),
        ]
        for s in studies
    ] or [["No correction or retraction is known", *[DASH] * 4]]
    return Table(
        "notices",
        "Reports of which a correction or a retraction is known, and what became of them in this version.",
        [
            Column("Study", 20),
            Column("Identifier", 22),
            Column("Status", 18),
            Column("Notice", 40),
            Column("In this version", 22),
        ],
        rows,
    )


def _kept(study: Row) -> str:
    if study["eligibility"] == "included":
        return "included"
    return "not included"
