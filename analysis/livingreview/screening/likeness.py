"""When two bibliographic records look like the same report: titles, authors, years and journals compared.

Records of one report are written in many ways (case, accents, hyphens, abbreviated journals, a subtitle left out), and
different reports are written alike ("Part I" and "Part II", a letter and its reply, the same title by other authors).
A comparison therefore has three results: agrees, conflicts, cannot be told.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from livingreview.screening.identifiers import doi, text

Relation = Literal["agrees", "conflicts", "unknown"]

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_TAG = re.compile(r"</?[a-z]{1,6}>", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"\s*(?:[:.?!;,–—]|\s-)\s")
_NUMERAL = re.compile(r"\d|^(?:i{2,3}|iv|v|vi{1,3}|ix|x|first|second|third)$")
_SMALL = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with")
)
# A notice about a report, or an answer to it, bears its title and is another report.
_NOTICE = frozenset(
    (
        "comment",
        "correction",
        "corrigendum",
        "erratum",
        "expression",
        "reply",
        "response",
        "retracted",
        "retraction",
        "withdrawn",
    )
)
_PREPRINTS = (
    "arxiv",
    "authorea",
    "biorxiv",
    "medrxiv",
    "osfpreprints",
    "preprint",
    "psyarxiv",
    "researchsquare",
    "ssrn",
)
_PREPRINT_DOI = re.compile(r"10\.(?:1101|2139|20944|21203|22541|31219|31234|36227|48550)/")
_PLACEHOLDERS = frozenset(
    (
        "abstract", "abstracts", "a case report", "case presentation", "case report", "case reports", "case series",
        "correspondence", "editorial", "image", "letter", "letter to the editor", "letters", "n a", "na", "nil", "no title",
        "no title available", "none", "not available", "not displayed", "not reported", "not shown", "poster", "report",
        "review", "title", "title missing", "title not available", "title not displayed", "title not shown",
        "title unknown", "unknown", "unknown title", "untitled", "untitled document", "without title",
    )
)  # fmt: skip


@lru_cache(maxsize=200_000)
def words(value: str) -> tuple[str, ...]:
    """The words of a text in lower case without accents, marks and tags; any script, any Unicode form."""
    plain = unicodedata.normalize("NFKD", _TAG.sub("", value)).casefold().translate(_LETTERS)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).replace("&", " and ")
    # Apostrophes, and hyphens inside a word, do not divide it.
    plain = re.sub(r"(?<=\w)['’ʼ‐‑-](?=\w)", "", plain)
    return tuple(_WORD.findall(unicodedata.normalize("NFC", plain)))


def title_key(value: str) -> str:
    """The letters and digits of a title alone: equal for titles that differ in case, marks, hyphens or spaces."""
    return "".join(words(value))


def extent(value: str) -> int:
    """How many words a title has; in scripts that put no spaces between words, two characters count as one."""
    return sum(max(1, len(w) // 2) if w[0] >= "\u2e80" else 1 for w in words(value))


def is_placeholder(value: str) -> bool:
    """True for a title that says nothing of its report: empty, "[Untitled]", "case report", all in brackets."""
    bare = value.strip()
    if not bare or (bare[0], bare.rstrip(". ")[-1:]) in {("(", ")"), ("[", "]"), ("{", "}"), ("<", ">")}:
        return True
    return extent(bare) < 2 or " ".join(words(bare)) in _PLACEHOLDERS


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two titles are: the same letters, the same but for a subtitle, or spelt a little differently."""

    kind: Literal["same", "subtitle", "spelling"]
    score: float


def titles(first: str, second: str) -> Likeness | None:
    """How alike two titles are (score in per cent), or ``None`` for different titles.

    Words may differ in spelling by one letter after British and American spelling are made one. Numbers, Roman
    numerals and notices ("Erratum:") must be the same, so "Part I" is not "Part II" and "phase 2" not "phase 3".
    """
    one, two = words(first), words(second)
    if "".join(one) == "".join(two):
        return Likeness("same", 100.0)
    if _NOTICE & set(one) != _NOTICE & set(two):
        return None
    if _is_subtitled(first, second) or _is_subtitled(second, first):
        return Likeness("subtitle", 100.0)
    if min(len(one), len(two)) < 5 or _numerals(one) != _numerals(two):
        return None
    return _spelling(one, two)


def _numerals(found: tuple[str, ...]) -> Counter[str]:
    return Counter(w for w in found if _NUMERAL.search(w))


def _is_subtitled(short: str, long: str) -> bool:
    key = title_key(short)
    if extent(short) < 6 or not title_key(long).startswith(key):
        return False
    return any(title_key(long[: cut.start()]) == key for cut in _BREAK.finditer(long))


def _spelling(one: tuple[str, ...], two: tuple[str, ...]) -> Likeness | None:
    from rapidfuzz import fuzz
    from rapidfuzz.distance import Levenshtein

    left, right = [_folded(w) for w in one], [_folded(w) for w in two]
    if abs(len(left) - len(right)) > 2:
        return None
    only_left, only_right = Counter(left) - Counter(right), Counter(right) - Counter(left)
    rest_left = sorted(w for w in only_left.elements() if w not in _SMALL)
    rest_right = sorted(w for w in only_right.elements() if w not in _SMALL)
    if len(rest_left) != len(rest_right) or len(rest_left) > 2:
        return None
    for a, b in zip(rest_left, rest_right, strict=True):
        if min(len(a), len(b)) < 4 or Levenshtein.distance(a, b, score_cutoff=1) > 1:
            return None
    score = fuzz.ratio(" ".join(left), " ".join(right))
    return Likeness("spelling", round(score, 1)) if score >= 90 else None


def _folded(word: str) -> str:
    for british, plain in (("ph", "f"), ("ae", "e"), ("oe", "e"), ("our", "or"), ("y", "i"), ("z", "s")):
        word = word.replace(british, plain)
    return word


def _name(value: str) -> tuple[frozenset[str], frozenset[str]]:
    """Family-name words and initials of a first author ("Lee HY", "Pérez-Moreno, M.")."""
    parts = value.replace(",", " ").replace(".", " ").split()
    initials = {p for p in parts[1:] if p.isupper() and len(p) <= 3}
    family = frozenset(w for p in parts if p not in initials for w in words(p.replace("-", " ")))
    return family, frozenset("".join(initials).casefold())


def authors(first: Mapping[str, Any], second: Mapping[str, Any]) -> Relation:
    """Whether two records name the same first author; a shorter form of a name agrees with a longer one."""
    (one, one_initials), (two, two_initials) = (
        _name(text(first, "first_author")),
        _name(text(second, "first_author")),
    )
    if not one or not two:
        return "unknown"
    if not (one <= two or two <= one):
        return "conflicts"
    if one_initials and two_initials and not (one_initials <= two_initials or two_initials <= one_initials):
        return "conflicts"
    return "agrees"


def author_keys(record: Mapping[str, Any]) -> frozenset[str]:
    """Words of the first author's family name, under which a record is looked up."""
    family, _ = _name(text(record, "first_author"))
    longer = frozenset(w for w in family if len(w) > 3)
    return longer or family


def year(record: Mapping[str, Any]) -> int | None:
    """Year of a record, or ``None``."""
    found = re.match(r"(1[5-9]|20|21)\d\d(?!\d)", text(record, "year"))
    return int(found.group()) if found else None


def years(
    first: Mapping[str, Any], second: Mapping[str, Any]
) -> Literal["agrees", "near", "conflicts", "unknown"]:
    """Whether two records bear the same year; ``near`` is one year apart (online first, then in print)."""
    one, two = year(first), year(second)
    if one is None or two is None:
        return "unknown"
    return "agrees" if one == two else "near" if abs(one - two) == 1 else "conflicts"


def journals(first: Mapping[str, Any], second: Mapping[str, Any]) -> Relation:
    """Whether two records name the same journal; abbreviations agree ("Arch Dermatol", "Archives of Dermatology")."""
    one, two = (_journal(text(r, "journal")) for r in (first, second))
    if not one or not two:
        return "unknown"
    if "".join(one) == "".join(two) or _abbreviates(one, two) or _abbreviates(two, one):
        return "agrees"
    return "agrees" if _initials(one, two) or _initials(two, one) else "conflicts"


def is_preprint(record: Mapping[str, Any]) -> bool:
    """True if the journal column or the DOI is that of a preprint server."""
    journal = title_key(text(record, "journal"))
    return any(name in journal for name in _PREPRINTS) or bool(_PREPRINT_DOI.match(doi(record.get("doi"))))


def _journal(value: str) -> list[str]:
    # A remark in brackets ("Rheumatology (Oxford)", "(brief report)") and a series title after a colon are no part.
    name = re.sub(r"\([^)]*\)", " ", value.replace("-", ""))
    name = re.split(r":\s", name)[-1] if re.match(r"^[A-Z]{2,6}:\s", name) else name
    return [w for w in words(name) if w not in _SMALL]


def _abbreviates(short: list[str], long: list[str]) -> bool:
    return len(short) == len(long) and all(
        b.startswith(a) or a.startswith(b) for a, b in zip(short, long, strict=True)
    )


def _initials(short: list[str], long: list[str]) -> bool:
    return len(short) == 1 and 3 <= len(short[0]) == len(long) and short[0] == "".join(w[0] for w in long)
