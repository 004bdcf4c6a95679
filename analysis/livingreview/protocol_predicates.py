"""Predicates over claims: a tiny language that compares named numbers, reads nothing else and runs no code.

``heat.analysis.clearing.k >= 2 and heat.analysis.clearing.cautious_lower >= 50 %``

Grammar, the weakest binding first: ``or``; ``and``; ``not``; a comparison ``a OP b`` with one of ``= != < <= > >=`` (also written
``≠ ≤ ≥``) between claim keys and numbers; a predicate in round brackets. A number may carry ``%``. A key has a dot in it.

A value that is missing makes its comparison unknown, and the logic is Kleene's strong three-valued one (Kleene SC, Introduction to
Metamathematics, 1952, § 64): *false and unknown* is false, *true or unknown* is true, everything else with an unknown part is unknown.
So a missing number can neither make a predicate hold nor fail by accident.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

HOLDS, FAILS, OPEN = "holds", "does_not_hold", "cannot_be_judged"
"""States of a conclusion: what its predicates come to."""

Value = float | int | None

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:\s*%)?)|(?P<name>[a-z][a-z0-9_]*(?:\.[a-z0-9][a-z0-9_]*)*)"
    r"|(?P<sign><=|>=|!=|==|=|<|>|≤|≥|≠|\(|\)))"
)
_SAME = {"==": "=", "≤": "<=", "≥": ">=", "≠": "!="}
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_WORDS = ("and", "or", "not")
_DEEPEST = 50
"""Brackets within brackets; a predicate that people read has a handful."""


class PredicateError(ValueError):
    """A predicate that cannot be read; ``place`` counts its characters from 1."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(f"{message} (character {place})")
        self.place = place


@dataclass(frozen=True, slots=True)
class Operand:
    """A claim's key, or a number with the text it was written in."""

    key: str | None
    number: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left sign right``."""

    left: Operand
    sign: str
    right: Operand


@dataclass(frozen=True, slots=True)
class Joined:
    """``not`` of one part; ``and`` or ``or`` of two or more."""

    word: str
    parts: tuple[Predicate, ...]


Predicate = Comparison | Joined


def parse(text: str) -> Predicate:
    """The predicate that a text says. Raises :class:`PredicateError` with the place of the first thing that cannot be read."""
    reader = _Reader(list(_tokens(text)), len(text) + 1)
    found = reader.either(0)
    if reader.at < len(reader.tokens):
        raise PredicateError(
            f"`{reader.here}` is not expected here; predicates are joined by `and` or `or`", reader.place
        )
    return found


def keys(predicate: Predicate) -> list[str]:
    """Keys of the claims that a predicate reads, each once, in the order of the text."""
    return list(dict.fromkeys(o.key for c in comparisons(predicate) for o in (c.left, c.right) if o.key))


def comparisons(predicate: Predicate) -> Iterator[Comparison]:
    """Every comparison in a predicate, from left to right."""
    if isinstance(predicate, Comparison):
        yield predicate
        return
    for part in predicate.parts:
        yield from comparisons(part)


def evaluate(predicate: Predicate, values: Mapping[str, Value]) -> bool | None:
    """True, False, or None for unknown. Raises KeyError for a key that ``values`` lacks; a value of None is missing."""
    if isinstance(predicate, Comparison):
        left, right = _value(predicate.left, values), _value(predicate.right, values)
        return None if left is None or right is None else _COMPARE[predicate.sign](left, right)
    found = [evaluate(part, values) for part in predicate.parts]
    if predicate.word == "not":
        return None if found[0] is None else not found[0]
    decisive = predicate.word == "or"  # one true decides an `or`, one false an `and`
    if decisive in found:
        return decisive
    return None if None in found else not decisive


def _value(operand: Operand, values: Mapping[str, Value]) -> float | None:
    found = operand.number if operand.key is None else values[operand.key]
    # limits are computed: the last bit of a sum must not decide whether a limit reaches a bound
    return None if found is None else float(f"{found:.12g}")


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            blank = len(text[at:]) - len(text[at:].lstrip())
            raise PredicateError(
                f"`{text[at + blank]}` has no meaning in a predicate: it knows claims, numbers, %, = != < <= > >=, and, or, not, ( )",
                at + blank + 1,
            )
        kind = str(match.lastgroup)
        yield kind, match[kind], match.start(kind) + 1
        at = match.end()


class _Reader:
    def __init__(self, tokens: list[tuple[str, str, int]], end: int) -> None:
        self.tokens, self.end, self.at = tokens, end, 0

    @property
    def here(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    @property
    def place(self) -> int:
        return self.tokens[self.at][2] if self.at < len(self.tokens) else self.end

    def take(self, *wanted: str) -> bool:
        if self.here in wanted and self.here:
            self.at += 1
            return True
        return False

    def either(self, depth: int) -> Predicate:
        return self._row("or", lambda: self._row("and", lambda: self.negated(depth)))

    def _row(self, word: str, part: Callable[[], Predicate]) -> Predicate:
        parts = [part()]
        while self.take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def negated(self, depth: int) -> Predicate:
        if depth > _DEEPEST:
            raise PredicateError("too many brackets", self.place)
        if self.take("not"):
            return Joined("not", (self.negated(depth + 1),))
        if self.take("("):
            inside = self.either(depth + 1)
            if not self.take(")"):
                raise PredicateError("a closing bracket is missing", self.place)
            return inside
        left = self.operand()
        sign = _SAME.get(self.here, self.here)
        if sign not in _COMPARE:
            raise PredicateError(
                f"after `{left.text}` one of = != < <= > >= must follow"
                + (f", not `{self.here}`" if self.here else ""),
                self.place,
            )
        self.at += 1
        right = self.operand()
        if left.key is None and right.key is None:
            raise PredicateError("two numbers are compared: one side must be a claim", self.place)
        return Comparison(left, sign, right)

    def operand(self) -> Operand:
        if self.at >= len(self.tokens):
            raise PredicateError("the predicate ends where a claim or a number must stand", self.end)
        kind, text, place = self.tokens[self.at]
        if kind == "sign" or text in _WORDS:
            raise PredicateError(f"a claim or a number must stand here, not `{text}`", place)
        self.at += 1
        if kind == "number":
            share = text.endswith("%")
            plain = float(text.rstrip("% "))
            return Operand(None, plain / 100 if share else plain, text)
        if "." not in text:
            raise PredicateError(f"`{text}` is no claim: the key of a claim has a dot in it", place)
        return Operand(text, None, text)
