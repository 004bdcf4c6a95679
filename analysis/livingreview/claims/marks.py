"""Marks round the numbers of a generated sentence: which claim each printed number is.

A function that composes a sentence takes a :class:`Marks` and lets it write each number: ``m("n", 21)`` prints ``21``
between private characters that also hold the key of the claim (that of the marks, and ``n``), its value and its definition.
:meth:`livingreview.claims.model.Claims.add` takes the marks out again, registers those claims and lists them as parts of the
sentence. :data:`UNMARKED` writes the numbers alone, for tables.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.numbers import DIGITS, QUANTIFIER, Token, tokens

OPEN, BAR, CLOSE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{OPEN}([^{OPEN}{BAR}{CLOSE}]*){BAR}([^{OPEN}{BAR}{CLOSE}]*){CLOSE}")

DEFINITIONS = {
    "k": "studies",
    "n": "units evaluated",
    "events": "units counted",
    "total": "units they are counted among",
    "percent": "proportion",
    "lower": "lower limit of the interval",
    "upper": "upper limit of the interval",
    "treated": "units treated",
    "evaluated": "units evaluated",
    "unreported": "units treated whose result is not reported",
}
"""What a number is by the last part of its key, where the sentence says nothing closer."""


@dataclass(frozen=True, slots=True)
class Part:
    """A number within a sentence: ``text[start:end]`` prints the claim ``key``. ``refers``: a claim that is made elsewhere."""

    key: str
    value: Any
    definition: str
    unit: str
    start: int
    end: int
    printed: str
    refers: bool
    studies: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Marks:
    """Writes numbers of sentences. ``key`` is the group of claims they belong to (None: no marks), ``about`` begins their definitions."""

    key: str | None = None
    about: str = ""
    unit: str = ""
    alias: tuple[tuple[str, str], ...] = ()
    """What a name is called in this group: ``(("total", "n"),)``."""
    ids: tuple[str, ...] | None = None
    """Studies that the numbers rest on; None: those of the sentence."""

    def __call__(
        self, name: str, value: Any, text: str | None = None, definition: str = "", unit: str = ""
    ) -> str:
        """The number as it prints (``text``, by default a whole number), marked as the claim ``<key>.<name>``."""
        printed = w.integer(value) if text is None else text
        if self.key is None or value is None:
            return printed
        name = dict(self.alias).get(name, name)
        said = definition or DEFINITIONS.get(name.rsplit(".", 1)[-1], name.replace("_", " "))
        about = f"{self.about}: {said}" if self.about else said
        return _marked(f"{self.key}.{name}", printed, value, about, unit or self.unit, studies=self.ids)

    def at(
        self, name: str = "", about: str = "", unit: str = "", studies: Iterable[str] | None = None
    ) -> Marks:
        """Marks for the group ``<key>.<name>``; what they are about is said after what these are about."""
        if self.key is None:
            return self
        said = f"{self.about}, {about}" if self.about and about else about or self.about
        return replace(
            self,
            key=f"{self.key}.{name}" if name else self.key,
            about=said,
            unit=unit or self.unit,
            ids=self.ids if studies is None else tuple(sorted(set(studies))),
        )

    def other(self, key: str, text: str) -> str:
        """A number that is the claim ``key``, which is made elsewhere."""
        return text if self.key is None else _marked(key, text, None, "", "", refers=True)

    def level(self, share: float) -> str:
        """The confidence level as it prints."""
        return self.other("review.confidence", w.level(share))

    def percent(self, name: str, share: float | None, total: int | None = None, definition: str = "") -> str:
        """``81 %``, as :func:`livingreview.claims.wording.percent`."""
        return self(name, share, w.percent(share, total), definition, "per cent")

    def range(
        self, lower: float | None, upper: float | None, total: int | None = None, prefix: str = ""
    ) -> str:
        """``58–95 %``: two numbers, ``<prefix>lower`` and ``<prefix>upper``."""
        text = w.percent_range(lower, upper, total)
        if self.key is None or lower is None or upper is None:
            return text
        first, last = text.split("\u2013")
        return (
            f"{self(f'{prefix}lower', lower, first, unit='per cent')}\u2013"
            f"{self(f'{prefix}upper', upper, last, unit='per cent')}"
        )

    def span(
        self, lower: float | None, upper: float | None, prefix: str = "", digits: int | None = None
    ) -> str:
        """``2–24``: lowest and highest of plain numbers."""
        if digits is not None:
            lower, upper = (None if x is None else round(x, digits) for x in (lower, upper))
        text = w.span(lower, upper)
        if self.key is None or (lower is None and upper is None):
            return text
        if lower is None or upper is None or lower == upper:
            return self(f"{prefix}min", lower if lower is not None else upper, text, "lowest value")
        between = " to " if " to " in text else "\u2013"
        first, last = text.split(between, 1)
        return f"{self(f'{prefix}min', lower, first, 'lowest value')}{between}{self(f'{prefix}max', upper, last, 'highest value')}"

    def number(self, name: str, value: float | None, definition: str = "", digits: int = 2) -> str:
        """A measured number."""
        return self(name, value, w.number(value, digits), definition)

    def counted(self, name: str, n: int | None, singular: str, plural: str, definition: str = "") -> str:
        """``21 lesions``, ``no lesions``: the number is marked, its unit is not."""
        text = w.counted(n, singular, plural)
        if self.key is None or n is None:
            return text
        number, _, noun = text.partition(" ")
        return f"{self(name, n, number, definition or plural, plural)} {noun}"

    def studies(self, name: str, n: int, definition: str = "") -> str:
        """``3 studies``."""
        return self.counted(name, n, "study", "studies", definition or "studies")

    def estimate(
        self, events: int, total: int, lower: float, upper: float, confidence: float, of: str = ""
    ) -> str:
        """``17 of 21 treated areas (81 %, exact 95 % interval 58–95 %)``, as :func:`livingreview.claims.wording.estimate`."""
        units = f" {of}" if of else ""
        return (
            f"{self('events', events)} of {self('total', total)}{units} ({self.percent('percent', events / total, total)}, "
            f"exact {self.level(confidence)} interval {self.range(lower, upper, total)})"
        )

    def within(self, text: str, facts: Iterable[tuple[str, Any, str]]) -> str:
        """A sentence of a result, with its numbers marked: ``facts`` are names, values and definitions in the order of print.
        Each number of the text is the first fact not yet used that prints so, else the first that does; others stay as they are."""
        if self.key is None:
            return text
        known = [(name, value, said) for name, value, said in facts if value is not None]
        used: set[str] = set()
        out, position = [], 0
        for token in tokens(text):
            share = _SHARE.match(text, token.end) is not None
            fits = [f for f in known if token.kind != QUANTIFIER and _prints(token, f[1], share)]
            if not fits:
                continue
            # 0.8 is a correlation of 0.8 before it is a limit of 0.76, rounded
            fits = [f for f in fits if not share and _same(token, f[1])] or fits
            name, value, said = next((f for f in fits if f[0] not in used), fits[0])
            used.add(name)
            if name.startswith("/"):  # made elsewhere, under that whole key
                marked = self.other(name[1:], token.text)
            else:
                marked = self(name, value, token.text, said, "per cent" if share else "")
            out += [text[position : token.start], marked]
            position = token.end
        return "".join([*out, text[position:]])


UNMARKED = Marks()
"""Writes numbers without marks."""


_SHARE = re.compile(r"(?:(?: to |\u2013)\\?[<>]?[\d.]+)?[ \u00a0]%")
"""What follows a number that is a share: a per cent sign, maybe after the upper limit of a range."""


def _prints(token: Token, value: Any, share: bool) -> bool:
    """Whether a number of a text may be the value; ``share``: it is printed in per cent."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if share:
        if not 0 <= value <= 1:
            return False
        usual = {w.percent(value, n).split(w.NBSP)[0].lstrip("<>") for n in (None, 1000)}
        return token.text in usual or _rounds(token, 100 * value)
    if isinstance(value, int):
        return token.value == value
    if token.kind != DIGITS:
        return False
    return token.text in {w.number(value, d) for d in (1, 2, 3)} or (
        "." in token.text and _rounds(token, value)
    )


def _same(token: Token, value: Any) -> bool:
    return token.value is not None and float(token.value) == value


def _rounds(token: Token, value: float) -> bool:
    """Whether a number in digits is the value, rounded to as many decimals as it has: a limit near a threshold prints with
    more of them than usual."""
    decimals = len(token.text.partition(".")[2])
    return token.kind == DIGITS and abs(float(token.value or 0) - value) <= 0.5 * 10**-decimals + 1e-9


def slug(text: str) -> str:
    """A text as part of a key: ``small letters_and_digits``."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", folded.lower()).strip("_") or "x"


def _marked(
    key: str,
    printed: str,
    value: Any,
    definition: str,
    unit: str,
    refers: bool = False,
    studies: tuple[str, ...] | None = None,
) -> str:
    head = json.dumps([key, value, definition, unit, refers, studies], ensure_ascii=False)
    return f"{OPEN}{head}{BAR}{plain(printed)}{CLOSE}"


def refer(key: str, text: str) -> str:
    """A number of a caption, marked as the claim ``key``."""
    return _marked(key, text, None, "", "", refers=True)


def level(share: float) -> str:
    """The confidence level in a caption."""
    return refer("review.confidence", w.level(share))


def threshold(share: float) -> str:
    """The threshold of the declared analyses in a caption."""
    return refer("analyses.threshold", w.percent(share))


def spanned(text: str) -> str:
    """Markdown in which each marked number is a span that names its claim."""
    return _MARK.sub(lambda m: span(m.group(2), json.loads(m.group(1))[0]), text) if OPEN in text else text


def span(text: str, key: str) -> str:
    """A number as a span of markdown that names its claim."""
    return f'[{text}]{{data-claim="{key}"}}'


def without(text: str, wrong: Collection[tuple[str, str]]) -> str:
    """The text without those marks that are ``wrong`` (key and number as printed); their numbers stay."""

    def kept(match: re.Match[str]) -> str:
        return match.group(2) if (json.loads(match.group(1))[0], match.group(2)) in wrong else match.group()

    return _MARK.sub(kept, text) if wrong else text


def plain(text: str) -> str:
    """The text without its marks."""
    return _MARK.sub(lambda m: m.group(2), text) if OPEN in text else text


def taken_out(text: str) -> tuple[str, list[Part]]:
    """The text without its marks, and the numbers that were marked."""
    if OPEN not in text:
        return text, []
    out: list[str] = []
    parts: list[Part] = []
    position = length = 0
    for match in _MARK.finditer(text):
        before = text[position : match.start()]
        key, value, definition, unit, refers, studies = json.loads(match.group(1))
        printed = match.group(2)
        start = length + len(before)
        length = start + len(printed)
        parts.append(
            Part(
                key,
                value,
                definition,
                unit,
                start,
                length,
                printed,
                refers,
                None if studies is None else tuple(studies),
            )
        )
        out += [before, printed]
        position = match.end()
    return "".join([*out, text[position:]]), parts
