"""Names of people and institutions in free text (thanks, funding): what is masked and what is searched for are read off it alike.

A name is a run of words with capitals, joined by words such as *of*, *the*, *von*. Titles and words that only begin a sentence are no part of
it. Where *and* joins two names these are two; where it joins two subjects of one institution ("Ministry of Education and Science") it is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from livingreview.protocol_model import Protocol
from livingreview.submission.blinding import Words
from livingreview.submission.folding import fold, words

TITLES = ("Dr", "Prof", "Professor", "Mr", "Mrs", "Ms")
"""Titles that are usual before a family name alone."""
_TITLES = frozenset(
    [
        "dr",
        "drs",
        "prof",
        "profs",
        "professor",
        "professors",
        "doctor",
        "doctors",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "sir",
        "dame",
        "dipl",
        "med",
        "habil",
        "hab",
        "mgr",
        "herr",
        "frau",
        "phd",
        "md",
        "msc",
    ]
)
_BEGINNINGS = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "these",
        "that",
        "those",
        "all",
        "both",
        "no",
        "none",
        "in",
        "on",
        "at",
        "by",
        "to",
        "for",
        "from",
        "of",
        "with",
        "and",
        "or",
        "we",
        "i",
        "our",
        "my",
        "their",
        "its",
        "he",
        "she",
        "they",
        "it",
        "thanks",
        "thank",
        "special",
        "many",
        "finally",
        "also",
        "additionally",
        "furthermore",
        "moreover",
        "funded",
        "funding",
        "supported",
        "support",
        "sponsored",
        "financed",
        "grant",
        "grants",
        "award",
        "awards",
        "number",
        "numbers",
        "nr",
        "project",
        "projects",
        "contract",
    ]
)
_AND = frozenset(["and", "&", "und", "et", "y", "e", "i", "och", "og", "en"])
_OF_PEOPLE = frozenset(
    [
        "von",
        "van",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "du",
        "dos",
        "la",
        "le",
        "ten",
        "ter",
        "zu",
        "zur",
        "al",
        "bin",
        "ibn",
        "af",
        "av",
    ]
)
_JOINING = _AND | _OF_PEOPLE | frozenset(["of", "for", "the", "at", "des", "für", "do", "das", "vor"])
_APART = frozenset(["of", "for", "at"])
"""What stands between a person and the place where that person works, as well as within names of places."""
_PLACES = frozenset(
    [
        "new",
        "north",
        "south",
        "east",
        "west",
        "northern",
        "southern",
        "eastern",
        "western",
        "great",
        "united",
        "saint",
        "st",
        "los",
        "las",
    ]
)
_WORD = re.compile(r"&|(?:[^\W\d_]|\d(?=[^\W_]*[A-Z]))(?:[\w'’\u2010\u2011-]*\w)?")
_PLAIN_GAP = re.compile(r"[ \t\r\u00a0\u2009\u202f]*\n?[ \t\r\u00a0\u2009\u202f]*")
_DOTTED_GAP = re.compile(r"\.?[ \t\r\u00a0\u2009\u202f]*\n?[ \t\r\u00a0\u2009\u202f]*")
_GIVEN_BY = re.compile(r"\b(?:by|from)\s+(?:(?:the|an?)\s+)?$", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\s*(?:\([^()]*\)\s*)?(?:,|;|,?\s*\b(?:and|by|from)\b|,?\s*&)\s*(?:(?:the|an?)\s+)?", re.IGNORECASE
)
_MOST = 4  # words of a person's name, without particles
_SINGLE = 5  # letters of a name of one word


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a text. ``family`` is the family name of a person, with particles, and empty where the name is not a person's;
    ``given`` is what stands before it."""

    text: str
    given: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class _Run:
    """Words in a row that make a name. ``titled``: a title stands before it; ``begin`` and ``end`` are where it stands in the text."""

    words: tuple[str, ...]
    titled: bool
    begin: int
    end: int

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def capitals(self) -> list[str]:
        return [word for word in self.words if _capital(word)]


def thanked(protocol: Protocol, known: Words) -> list[Named]:
    """The people and institutions named in the acknowledgements of review.yaml; see :func:`names`."""
    return names(protocol.acknowledgements or "", known, open_text(protocol))


def open_text(protocol: Protocol) -> str:
    """What the protocol says of subject and methods, as folded words: an institution that is named there too (a database, the maker of a
    tool) is known to every reader."""
    told = protocol.slice(
        "title", "short_title", "question", "eligibility", "keywords", "therapies", "search"
    )
    return " ".join(words(str(told)))


def names(text: str, known: Words, told: str = "") -> list[Named]:
    """The people and institutions that a text names, each once: names of two words and more, and single ones after a title.

    Names of ordinary words alone (countries, "Open Access") are left out, and institutions that ``told`` (folded words) holds.
    """
    found: dict[str, Named] = {}
    for run in _runs(text):
        for part in _parted(run, known, people=True):
            name = _named(part, known)
            if name and (name.family or f" {' '.join(words(part.text))} " not in f" {told} "):
                found.setdefault(fold(name.text), name)
    return list(found.values())


def funders(text: str, known: Words) -> list[str]:
    """The names that a statement of funding holds, each once and whole: those of several words, and a single word after *by* or *from*
    that is not an ordinary one."""
    found: dict[str, str] = {}
    last: _Run | None = None  # the name before, if money came from it
    for run in _runs(text):
        between = text[last.end : run.begin] if last else ""
        several_before = last is not None and len(last.words) > 1
        # After the name of an institution and a comma stands its town: "the National Science Centre, Kraków".
        town = several_before and "," in between and not re.search(r"\w|&", between)
        goes_on = last is not None and bool(_GOES_ON.fullmatch(between))
        gives = goes_on or bool(_GIVEN_BY.search(text[max(0, run.begin - 30) : run.begin]))
        last = run if gives else None
        for part in _parted(run, known, people=False):
            several = len(part.capitals) > 1
            single = gives and not town and len(part.words) == 1 and len(fold(part.text)) >= _SINGLE
            if (several or single) and not (_ordinary(part, known) or (single and _generic(part, known))):
                found.setdefault(fold(part.text), part.text)
    return list(found.values())


def institution(name: str, known: Words) -> bool:
    """Whether a word of a name says that it is an institution's or a group's."""
    return any(_heads(word, known) for word in words(name))


def _heads(word: str, known: Words) -> bool:
    """Short words count whole (a Mr Incze is no Inc.), the others as a part of a longer one (Forschungsgemeinschaft)."""
    return any(
        word == stem if len(stem) < 5 else stem in word
        for stem in map(fold, known.institution_words | known.body_words)
    )


def _ordinary(run: _Run, known: Words) -> bool:
    """Whether a run says nothing by itself: ordinary words only, none of which heads an institution's name."""
    parts = words(" ".join(run.capitals))
    common = {fold(word) for word in known.ordinary_names}
    return all(part in common for part in parts) and not institution(run.text, known)


def _generic(run: _Run, known: Words) -> bool:
    """Whether a single word is one that many institutions have in their names (University, Foundation, Institutes)."""
    return institution(run.text, known) or fold(run.text).rstrip("s") in map(fold, known.institution_common)


def _capital(word: str) -> bool:
    return word[0].isupper() or bool(
        re.match(r"(?:\d+|[a-z]{1,2}['’-])[^\W\d_]", word) and not word.islower()
    )


def _runs(text: str) -> Iterator[_Run]:
    held: list[re.Match[str]] = []
    titled = False
    end = 0
    for match in _WORD.finditer(text):
        word = match[0]
        gap = text[end : match.start()]
        end = match.end()
        title = fold(word) in _TITLES and _capital(word)
        # after initials and "St." a full stop ends nothing
        short = bool(held) and (len(held[-1][0]) == 1 or held[-1][0] == "St")
        if held and (title or not (_DOTTED_GAP if short else _PLAIN_GAP).fullmatch(gap)):
            yield from _run(held, titled)
            held, titled = [], False
        elif not held and titled and not _DOTTED_GAP.fullmatch(gap):
            titled = False
        if title:
            titled = True
        elif _capital(word) or (held and word.lower() in _JOINING) or (titled and word in _OF_PEOPLE):
            held.append(match)
        else:
            yield from _run(held, titled)
            held, titled = [], False
    yield from _run(held, titled)


def _run(held: Sequence[re.Match[str]], titled: bool) -> Iterator[_Run]:
    """The run without words that only begin a sentence, and without what joins it to nothing."""
    kept = list(held)
    while kept and (
        (fold(kept[0][0]) in _BEGINNINGS and not _initial(kept[0]))
        or (not titled and not _capital(kept[0][0]))
    ):
        kept.pop(0)
    while kept and (fold(kept[-1][0]) in _BEGINNINGS or not _capital(kept[-1][0])):
        kept.pop()
    if kept:
        said = (*(match[0] for match in kept[:-1]), re.sub(r"['’]s$", "", kept[-1][0]))
        yield _Run(said, titled, kept[0].start(), kept[-1].end())


def _initial(match: re.Match[str]) -> bool:
    return len(match[0]) == 1 and match.string[match.end() :].startswith(".")


def _parted(run: _Run, known: Words, people: bool) -> list[_Run]:
    """A run as the names that it holds: parted at *and*, and, of ``people``, between a person and the place of work."""
    for index, word in enumerate(run.words):
        left, right = _cut(run, 0, index), _cut(run, index + 1, len(run.words), run.words[index + 1 :])
        if left is None or right is None:
            continue
        if word in _AND:
            two = run.words[index + 1] == "the" or not _only_subjects(right, known)
            joined = len(left.words) == 1 and (word == "&" or left.words == right.words)  # Johnson & Johnson
            if two and not joined:
                return [*_parted(left, known, people), *_parted(right, known, people)]
        elif people and word in _APART and _person(left, known):
            return [left, *_parted(right, known, people)]
    return [run]


def _only_subjects(run: _Run, known: Words) -> bool:
    common = {fold(word) for word in known.ordinary_names}
    return all(word in common and not _heads(word, known) for word in words(" ".join(run.capitals)))


def _cut(run: _Run, begin: int, end: int, rest: tuple[str, ...] = ()) -> _Run | None:
    """A part of a run, without what joins it."""
    kept = list(rest or run.words[begin:end])
    while kept and kept[0] in _JOINING - _OF_PEOPLE:
        kept.pop(0)
    while kept and kept[-1] in _JOINING:
        kept.pop()
    return _Run(tuple(kept), run.titled and begin == 0, run.begin, run.end) if kept else None


def _person(run: _Run, known: Words) -> bool:
    """Whether a run reads as a person: two to four words with capitals (one after a title), the last of them no initial."""
    capitals = run.capitals
    if not (1 if run.titled else 2) <= len(capitals) <= _MOST or len(capitals[-1]) < 2:
        return False
    joins = [word for word in run.words if not _capital(word)]
    numbers = any(c.isdigit() for word in run.words for c in word)
    place = fold(capitals[0]) in _PLACES
    return all(word in _OF_PEOPLE for word in joins) and not (
        numbers or place or institution(run.text, known)
    )


def _named(run: _Run, known: Words) -> Named | None:
    if _ordinary(run, known):
        return None
    if _person(run, known):
        at = len(run.words) - 1
        while at and run.words[at - 1] in _OF_PEOPLE:
            at -= 1
        return Named(run.text, " ".join(run.words[:at]), " ".join(run.words[at:]))
    several = len([word for word in run.capitals if len(word) > 1]) > 1
    place = fold(run.words[0]) in _PLACES and not institution(run.text, known)
    return Named(run.text) if several and not place else None
