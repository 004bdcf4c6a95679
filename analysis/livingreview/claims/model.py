"""What a claim is, and the set of all claims: keys are unique, never both a value and a group, and always resolvable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from livingreview.claims.marks import Marks, Part, span, taken_out
from livingreview.claims.numbers import DIGITS, tokens
from livingreview.claims.wording import NBSP
from livingreview.errors import Problem, ReviewError

_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)*")

PER_CENT = "per cent"
TEXT = "text"
"""Unit of a claim that is a sentence or a name and no number."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One named number or statement.

    ``value`` is the plain value (None: no data); ``text`` is markdown ready to print; ``unit`` says what the value
    counts or measures; ``definition`` is one line for a person; ``studies`` are the ids of the studies it rests on.
    ``marked`` are the numbers within a sentence, each a claim of its own. ``rows`` (keys of raw rows) and ``made_by`` (notebook or
    step, and cell) are set once all claims are there, by :mod:`livingreview.claims.provenance`. ``compared`` are the claims whose values
    decide what this one says: those in the predicate of a conclusion.
    """

    key: str
    value: Any
    text: str
    unit: str = ""
    definition: str = ""
    studies: tuple[str, ...] = ()
    format: str = ""
    marked: tuple[Part, ...] = ()
    rows: tuple[str, ...] = ()
    made_by: Mapping[str, str] | None = None
    compared: tuple[str, ...] = ()

    @property
    def parts(self) -> list[str]:
        """Keys of the claims that are the numbers within this sentence, in the order of print."""
        return list(dict.fromkeys(p.key for p in self.marked))

    def to_json(self) -> dict[str, Any]:
        """JSON-ready fields without the key; ``marked`` says where in the text each part stands: ``[start, end, key]``."""
        return {
            "value": self.value,
            "text": self.text,
            "format": self.format,
            "unit": self.unit,
            "definition": self.definition,
            "studies": sorted(set(self.studies)),
            "rows": list(self.rows),
            "made_by": dict(self.made_by or {}),
            "parts": self.parts,
            "marked": [[p.start, p.end, p.key] for p in self.marked],
            **({"compared": list(self.compared)} if self.compared else {}),
        }

    def markup(self) -> str:
        """The text for the documents: each number a span that names its claim (``[21]{data-claim="key"}``), so that the HTML can
        say where it comes from. A statement without numbers that rests on studies is one such span; a name is none."""
        if self.marked:
            out, position = [], 0
            for part in self.marked:
                out += [self.text[position : part.start], span(self.text[part.start : part.end], part.key)]
                position = part.end
            return "".join([*out, self.text[position:]])
        rests = self.compared or (self.studies and self.value != self.text)
        whole = self.unit != TEXT or (rests and self.text.endswith("."))
        return span(self.text, self.key) if whole and not set(self.text) & set("[]\n") else self.text


class Claims:
    """A growing set of claims by key. ``strict``: a marked number that another sentence prints otherwise is an error; else it is
    kept among the ``conflicts``, for :func:`livingreview.claims.check.faults` to take out and tell."""

    def __init__(self, *, strict: bool = True) -> None:
        self._by_key: dict[str, Claim] = {}
        self._implied: set[str] = set()
        self._strict = strict
        self.conflicts: dict[tuple[str, str, str], str] = {}
        """By sentence, key and number as printed: why the mark is wrong."""
        self.faults: list[Problem] = []
        """Numbers of generated sentences that are no claims, once they have been looked for: faults of the program."""

    def __iter__(self) -> Iterator[Claim]:
        return iter(self._by_key[key] for key in sorted(self._by_key))

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def __getitem__(self, key: str) -> Claim:
        return self._by_key[key]

    def __len__(self) -> int:
        return len(self._by_key)

    def add(
        self,
        key: str,
        value: Any,
        text: str,
        *,
        unit: str = "",
        definition: str = "",
        studies: Iterable[str] = (),
        format: str = "",
    ) -> Claim:
        """Add a claim and return it. Numbers marked in the text (:class:`livingreview.claims.marks.Marks`) become claims of their own.

        Raises :class:`ReviewError` for a malformed or repeated key, no text, no definition, or a marked number that another sentence
        prints otherwise.
        """
        _check(key, text, definition)
        if key in self._by_key and key not in self._implied:
            raise ReviewError(
                f"two claims would be called `{key}`; is a therapy's code the name of a group of claims?"
            )
        shown, marked = taken_out(" ".join(text.split("\n")))
        ids = tuple(studies)
        claim = Claim(
            key, value, shown, unit, definition, ids, format or format_of(value, shown, unit), tuple(marked)
        )
        known = self._by_key.get(key)
        if known is not None and _differ(known.value, claim.value):
            if self._strict:
                raise ReviewError(f"a sentence prints `{key}` as {known.text}, but the claim is {claim.text}")
            self.conflicts |= {
                (c.key, key, p.printed): f"is said to be `{key}`, which is {claim.text}"
                for c in self
                for p in c.marked
                if p.key == key and not p.refers
            }
        self._by_key[key] = claim
        self._implied.discard(key)
        for part in marked:
            if not part.refers:
                self._imply(part, ids, key)
        return claim

    def _imply(self, part: Part, studies: tuple[str, ...], sentence: str) -> None:
        """The claim that a marked number is: made here, unless it is there and the same."""
        known = self._by_key.get(part.key)
        if known is not None:
            if _differ(known.value, part.value):
                if self._strict:
                    raise ReviewError(
                        f"`{sentence}` prints {part.printed} for `{part.key}`, which is {known.text}"
                    )
                self._conflict(sentence, part, f"is said to be `{part.key}`, which is {known.text}")
            return
        # "no studies", "none", "one", "all": the number alone is written in digits
        digits = any(t.kind == DIGITS for t in tokens(part.printed))
        alone = part.printed if digits or not isinstance(part.value, int) else f"{part.value:,}"
        if part.unit == PER_CENT and alone[-1:].isdigit():  # the lower limit in "58–95 %"
            alone += f"{NBSP}%"
        try:
            _check(part.key, alone, part.definition)
        except ReviewError as error:
            if self._strict:
                raise
            self._conflict(sentence, part, f"is no claim: {error}")
            return
        self._implied.add(part.key)
        self._by_key[part.key] = Claim(
            part.key,
            part.value,
            alone,
            part.unit,
            part.definition,
            studies if part.studies is None else part.studies,
            format_of(part.value, alone, part.unit),
        )

    def _conflict(self, sentence: str, part: Part, why: str) -> None:
        self.conflicts[sentence, part.key, part.printed] = why

    @property
    def implied(self) -> frozenset[str]:
        """Keys of the claims that are there only as a number within a sentence."""
        return frozenset(self._implied)

    def marks(self, key: str, about: str = "", unit: str = "") -> Marks:
        """Marks for the numbers of a sentence: they become claims ``<key>.…``."""
        return Marks(key, about, unit)

    def replace(self, key: str, **fields: Any) -> None:
        """Set fields of a claim that is there; raises KeyError for one that is not."""
        self._by_key[key] = replace(self._by_key[key], **fields)

    def nested(self, *, markup: bool = False) -> dict[str, Any]:
        """Texts as nested dictionaries, for ``_variables.yml``; with ``markup``, numbers are spans that name their claims. Numbers that
        only a sentence prints are left out: whether they are there depends on the data, so that no prose may hang on them.

        Raises :class:`ReviewError` where a key is both a claim and a group of claims.
        """
        tree: dict[str, Any] = {}
        for claim in (c for c in self if c.key not in self._implied):
            *groups, name = claim.key.split(".")
            node = tree
            for group in groups:
                node = node.setdefault(group, {})
                if not isinstance(node, dict):
                    raise ReviewError(f"`{claim.key}` would lie inside another claim")
            if name in node:
                raise ReviewError(f"`{claim.key}` is both a claim and a group of claims")
            node[name] = claim.markup() if markup else claim.text
        return tree

    def to_json(self) -> dict[str, Any]:
        """All claims by key, JSON-ready."""
        return {claim.key: claim.to_json() for claim in self}


def _check(key: str, text: str, definition: str) -> None:
    if not _KEY.fullmatch(key):
        raise ReviewError(f"`{key}` cannot be a claim's key: small letters, digits and `_`, joined by dots")
    if not text.strip():
        raise ReviewError(f"the claim `{key}` has no text; a value that is missing says so in words")
    if not definition.strip():
        raise ReviewError(f"the claim `{key}` has no definition; say in one line what it is")


def _differ(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) > 1e-9 * max(1.0, abs(one))
    return bool(one != other)


def format_of(value: Any, text: str, unit: str) -> str:
    """How a value is put into words: ``whole number``, ``per cent, 1 decimal``, ``number``, ``date``, ``no data`` or ``text``."""
    if value is None:
        return "no data" if unit != TEXT else TEXT
    if unit == TEXT:
        return TEXT
    found = tokens(text)
    decimals = len(found[0].text.partition(".")[2]) if found else 0
    places = f", {decimals} decimal{'s' if decimals > 1 else ''}" if decimals else ""
    if unit == "date":
        return "date"
    if isinstance(value, bool | str | dict):
        return TEXT
    if isinstance(value, list):
        return "count of a total, per cent, interval" if len(found) > 2 else "list of numbers"
    if unit == PER_CENT or text.endswith("%"):
        return f"per cent{places}"
    return "whole number" if isinstance(value, int) else f"number{places}"
