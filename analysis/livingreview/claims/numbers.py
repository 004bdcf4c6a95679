"""Numbers in running text: digits, number words, and words such as *half*, *both* or *none* where they count something.

One function finds them for everything that asks whether a printed number is a claim: the check of generated sentences at
the claims gate and the lint of the prose that people write. It decides what *is* a number; what may be printed without a
claim (years of citations, a confidence level, …) is decided by its callers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

DIGITS, WORD, QUANTIFIER = "digits", "word", "quantifier"
"""Kinds of tokens: ``12``, ``2.5`` or the digit of ``CO₂``; ``twelve``, ``two thirds``; ``both`` before something countable."""

_NOUNS = (
    "adult analysis answer area arm article case child claim cohort comparison condition conclusion count criterion database deposit "
    "domain effect estimate event excerpt exclusion experiment failure figure finger group harm interval item judgement "
    "lesion limb man method model month observation outcome page pair participant patient people person publication query reader "
    "rating record recurrence reference report responder response result review reviewer series session site source stream study "
    "subgroup success synthesis table therapy time treatment trial unit value version week woman year"
)
NOUNS = tuple(_NOUNS.split())
"""What a review counts, in the singular; the names of a review's own units are added by the caller."""

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_DECADES = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "third quarter fifth sixth seventh eighth ninth tenth"
_ONES = {word: n for n, word in enumerate(_SMALL.split())}
_TENS = {word: 10 * n for n, word in enumerate(_DECADES.split(), 2)}
_GREAT = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_OTHER = {"dozen": 12, "once": 1, "twice": 2, "thrice": 3}
_PARTS = {"half": 2, "halves": 2} | {
    word: n for n, part in enumerate(_ORDINALS.split(), 3) for word in (part, f"{part}s")
}
_PLURALS = (
    "analysis analyses child children criterion criteria man men people people query queries series series study studies "
    "synthesis syntheses therapy therapies woman women"
)
_IRREGULAR = dict(zip(_PLURALS.split()[::2], _PLURALS.split()[1::2], strict=True))

_SCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")
_VULGAR = {
    "½": Fraction(1, 2),
    "⅓": Fraction(1, 3),
    "⅔": Fraction(2, 3),
    "¼": Fraction(1, 4),
    "¾": Fraction(3, 4),
}
_DIGITS = re.compile(
    r"[-\u2212+]?(?<![0-9])[0-9]+(?:,[0-9]{3}(?![0-9]))*(?:\.[0-9]+)?|[⁰¹²³⁴-⁹]+|[₀-₉]+|[½⅓⅔¼¾]"
)
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SENTENCE_END = re.compile(r"[.!?;:](?=[\s*_]|$)|\n\s*\n")
_COUNTS_BY_ITSELF = frozenset({"them", "these", "those", "us", "which", "whom"})
_DETERMINERS = frozenset({"the", "these", "those", "our", "its", "their", "such", "this", "that"})
_VERBS = "is are was were be been had has have did do could can may might would will gave give gives reported"
_BE = frozenset(_VERBS.split())
# after these "one" stands for a thing and counts nothing, unless a countable noun follows
_POINTERS = "a an the this that any which every each another other no some last first second third next"
_POINTING = frozenset(_POINTERS.split())
_BEFORE_SUBJECT = frozenset(
    {"whom", "which", "and", "but", "while", "whereas", "that", "almost", "nearly", "about"}
)
_TOTALS = {"both": 2, "neither": 0, "none": 0}
_SHARES = frozenset({"half", "both", "most", "all", "none", "neither", "majority", "minority"})


@dataclass(frozen=True, slots=True)
class Token:
    """One number in a text: ``text[start:end]`` as printed, its kind, and its value where the words alone tell it (``all`` does not).

    ``word`` is the whole stretch without spaces that the number stands in (``CO₂``, ``two-step``), without punctuation at its ends.
    """

    start: int
    end: int
    text: str
    kind: str
    value: Decimal | Fraction | None
    word: str


def tokens(text: str, nouns: Iterable[str] = ()) -> list[Token]:
    """The numbers of a plain text in its order; none overlap. ``nouns`` are further countable nouns, singular or plural.

    A minus sign or plus belongs to a number that no letter or digit precedes, so ``2–24`` is two numbers and ``−6`` is one.
    *Half, both, most, all, none, neither, majority, minority* are numbers only where they count: beside a countable noun, or
    before ``of them``. *One* counts unless it points (``the one used``) or belongs to an idiom (``one another``, ``one by one``).
    *No* counts nothing here: an absence is no number. Ordinals (``first``) are no numbers, fractions (``a third of``) are.
    """
    return list(_tokens(text, (*NOUNS, *nouns)))


@lru_cache(maxsize=10_000)  # the same names and sentences are asked about again and again
def _tokens(text: str, nouns: tuple[str, ...]) -> tuple[Token, ...]:
    found = [*_digits(text), *_words(text, _plurals(nouns))]
    return tuple(sorted(found, key=lambda t: t.start))


def _digits(text: str) -> list[Token]:
    found = []
    for match in _DIGITS.finditer(text):
        start, end = match.span()
        # a sign after a letter, a digit or a bracket is a hyphen
        if text[start] in "-\u2212+" and start and (text[start - 1].isalnum() or text[start - 1] in ")]"):
            start += 1
        figure = text[start:end]
        found.append(Token(start, end, figure, DIGITS, _value(figure), _around(text, start, end)))
    return found


def _value(figure: str) -> Decimal | Fraction:
    if figure in _VULGAR:
        return _VULGAR[figure]
    return Decimal(figure.translate(_SCRIPTS).replace("\u2212", "-").replace(",", ""))


def _around(text: str, start: int, end: int) -> str:
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end].strip(".,;:!?()[]{}*_\"'“”‘’")


@lru_cache(maxsize=64)  # thousands of sentences are read with the same nouns
def _plurals(nouns: tuple[str, ...]) -> frozenset[str]:
    known = set()
    for noun in nouns:
        last = noun.lower().split()[-1:] or [""]
        known |= {last[0], _IRREGULAR.get(last[0], f"{last[0]}s")}
    return frozenset(known - {""})


def _words(text: str, nouns: frozenset[str]) -> list[Token]:
    words = list(_WORDS.finditer(text))
    lower = [m.group().lower() for m in words]
    found, i = [], 0
    while i < len(words):
        length, value = _number_words(lower, words, text, i, nouns)
        kind = WORD
        if not length and lower[i] in _SHARES and _counts(lower, words, text, i, nouns):
            length, value, kind = 1, _share(lower[i]), QUANTIFIER
        if length:
            start, end = words[i].start(), words[i + length - 1].end()
            found.append(Token(start, end, text[start:end], kind, value, _around(text, start, end)))
        i += length or 1
    return found


def _share(word: str) -> Decimal | Fraction | None:
    if word == "half":
        return Fraction(1, 2)
    return Decimal(_TOTALS[word]) if word in _TOTALS else None


def _joined(text: str, before: re.Match[str], after: re.Match[str]) -> bool:
    """Whether two words stand side by side, with a space or a hyphen between them."""
    return text[before.end() : after.start()] in (" ", "-", "\u00a0", "\u2011", "\n")


def _number_words(
    lower: list[str], words: list[re.Match[str]], text: str, i: int, nouns: frozenset[str]
) -> tuple[int, Decimal | Fraction | None]:
    """How many words from the ``i``-th on are one number (0: none), and its value."""

    def follows(at: int) -> bool:
        return at < len(words) and _joined(text, words[at - 1], words[at])

    word = lower[i]
    if word in _OTHER:
        return 1, Decimal(_OTHER[word])
    if word in ("a", "one") and follows(i + 1) and lower[i + 1] in _PARTS and _fraction(lower, i + 2):
        return (
            (2, Fraction(1, _PARTS[lower[i + 1]])) if word == "one" or lower[i + 1] != "half" else (0, None)
        )
    if word in ("a", "an") and follows(i + 1) and lower[i + 1] in _GREAT:
        return 2, Decimal(_GREAT[lower[i + 1]])
    if word not in _ONES and word not in _TENS and word not in _GREAT:
        return 0, None
    if word == "one" and not _one_counts(lower, words, text, i, nouns):
        return 0, None
    total, current, at = 0, 0, i
    while at < len(words) and (at == i or follows(at)):
        w = lower[at]
        begins = at == i or lower[at - 1] in _GREAT or lower[at - 1] == "and"
        if w in _ONES and (begins or (lower[at - 1] in _TENS and _ONES[w] < 10)):
            current += _ONES[w]
        elif w in _TENS and begins:
            current += _TENS[w]
        elif w in _GREAT:
            current = max(current, 1) * _GREAT[w]
            if w != "hundred":
                total, current = total + current, 0
        elif (
            w == "and"
            and lower[at - 1] in _GREAT
            and at + 1 < len(words)
            and lower[at + 1] in (_ONES | _TENS)
        ):
            pass
        else:
            break
        at += 1
    value = total + current
    if (
        at < len(words)
        and follows(at)
        and lower[at] in _PARTS
        and lower[at] not in ("half", "third", "fifth")
    ):
        return at - i + 1, Fraction(value, _PARTS[lower[at]])
    return at - i, Decimal(value)


def _fraction(lower: list[str], after: int) -> bool:
    """Whether ``a third`` is a share and no ordinal (``a third reviewer``): it ends the text or ``of`` follows."""
    return after >= len(lower) or lower[after] in ("of", "is", "are", "was", "were", "to")


def _one_counts(
    lower: list[str], words: list[re.Match[str]], text: str, i: int, nouns: frozenset[str]
) -> bool:
    after = lower[i + 1 : i + 4]
    if after[:1] in (["another"], ["or"], ["by"]) and (
        after[:2] in (["by", "one"], ["or", "more"]) or after[0] == "another"
    ):
        return False
    if i > 1 and lower[i - 1] == "by" and lower[i - 2] == "one":
        return False
    # "the one used", "a similar one left": a comma between them parts what does not belong together
    behind = [
        k
        for k in (i - 1, i - 2)
        if k >= 0 and not re.search(r"[,;:.()]", text[words[k].end() : words[i].start()])
    ]
    if any(lower[k] in _POINTING for k in behind):
        ahead = _same_sentence(text, words, i, range(i + 1, min(i + 3, len(words))))
        return any(lower[k] in nouns for k in ahead)
    return True


def _same_sentence(text: str, words: list[re.Match[str]], i: int, near: Iterable[int]) -> list[int]:
    kept = []
    for k in near:
        between = (
            text[words[i].end() : words[k].start()] if k > i else text[words[k].end() : words[i].start()]
        )
        if not _SENTENCE_END.search(between):
            kept.append(k)
    return kept


def _counts(lower: list[str], words: list[re.Match[str]], text: str, i: int, nouns: frozenset[str]) -> bool:
    """Whether *half, both, …* at ``i`` counts: of something countable, or said of it."""
    word = lower[i]
    if text[words[i].end() : words[i].end() + 1] == "-" or text[: words[i].start()].endswith("-"):
        return False
    ahead = _same_sentence(text, words, i, range(i + 1, min(i + 6, len(words))))
    names = [lower[k] for k in ahead]
    if names[:1] == ["of"]:
        rest = [n for n in names[1:] if n not in _DETERMINERS or n in _COUNTS_BY_ITSELF]
        if rest[:1] and (rest[0] in _COUNTS_BY_ITSELF or any(n in nouns for n in rest[:3])):
            return True
    elif any(n in nouns for n in [n for n in names if n not in _DETERMINERS][:2]) and not _broken(
        text, words, i, ahead
    ):
        # "most of the", "all treated patients", "both arms"; a comparative ("most severe") counts only with its noun
        return True
    if word == "none" and names[:1] and (names[0] in _BE or names[0].endswith("ed")):
        return True
    behind = _same_sentence(text, words, i, range(max(i - 2, 0), i))
    said = [lower[k] for k in behind]
    # "Most improved.", "of whom all responded", "two did, half were": the word itself is what the verb is said of
    begins = not said or said[-1] in _BEFORE_SUBJECT or text[: words[i].start()].rstrip()[-1:] in (",", "(")
    said_of = begins and names[:1] and (names[0] in _BE or names[0].endswith("ed"))
    if said_of and _joined(text, words[i], words[i + 1]):
        return True
    if word == "half" and said and said[-1] in ("other", "remaining"):
        return True
    return (
        bool(said)
        and (said[-1] in nouns or (len(said) > 1 and said[-1] in _BE and said[-2] in nouns))
        and (word in ("all", "both", "none", "neither"))
    )


def _broken(text: str, words: list[re.Match[str]], i: int, ahead: list[int]) -> bool:
    """Whether a comma or bracket stands between the word and what follows it at once."""
    return bool(ahead) and any(c in ",()" for c in text[words[i].end() : words[ahead[0]].start()])
