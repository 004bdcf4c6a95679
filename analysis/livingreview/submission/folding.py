"""Text made comparable: letters and digits alone, with the way back, so that a name is found however it is set.

Compared are letters without case, diacritics, ligatures or compatibility forms (Unicode NFKD). What stands between letters is judged
afterwards: nothing visible (soft hyphens, zero-width characters, the border of a run), the hyphen at the end of a line, or a gap between words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

BORDER = "\x1f"
"""Stands between two pieces of markup: inside a word it counts for nothing, between words for a space."""

_LETTERS = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ı": "i",
    "ħ": "h",
    "ŧ": "t",
    "ŋ": "n",
}
_SPELT_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "ÿ": "ij"}
_INVISIBLE = r"[\x1f\u00ad\u200b-\u200f\u2060\ufeff\u0300-\u036f]*"
_UNSEEN = re.compile(_INVISIBLE.replace(r"\x1f", ""))
_IN_WORD = re.compile(_INVISIBLE + r"(?:[-\u2010\u2011]" + _INVISIBLE + r"[ \t\r]*\n\s*)?" + _INVISIBLE)
_LOOSE_IN_WORD = re.compile(r"[\s\x1f\u00ad\u200b-\u200f\u2010-\u2015\u2060\ufeff\u0300-\u036f.-]{0,4}")
_LONG = 12  # letters: so many in a row are no accident, whatever white space is between them
_JOINED = 8  # letters: so many are searched for with no gap between words, too (file and user names)


@lru_cache(maxsize=65536)
def letters(character: str) -> str:
    """The letters and digits that a character stands for, without case and diacritics; may be none or several."""
    found = []
    for part in unicodedata.normalize("NFKD", character).casefold():
        for piece in _LETTERS.get(part, part):
            found += [c for c in unicodedata.normalize("NFKD", piece) if c.isalnum()]
    return "".join(found)


def fold(text: str) -> str:
    """The letters and digits of a text, see :func:`letters`."""
    return "".join(map(letters, text))


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, parted by anything that is neither letter nor digit."""
    composed = unicodedata.normalize("NFC", text)
    return tuple(word for part in re.split(r"[\W_]+", composed) if (word := fold(part)))


def spelt_out(text: str) -> str:
    """The text with umlauts in two letters (Müller → Mueller)."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        (_SPELT_OUT[c.lower()].title() if c.isupper() else _SPELT_OUT[c]) if c.lower() in _SPELT_OUT else c
        for c in composed
    )


@dataclass(frozen=True, slots=True)
class Form:
    """A spelling to be found: its folded words. ``joined`` also takes it with no gap between the words, at any length; in a form of
    a ``name``, initials are capitals, and so is the first letter of another word."""

    words: tuple[str, ...]
    joined: bool = False
    name: bool = False

    @property
    def compact(self) -> str:
        """All letters in a row."""
        return "".join(self.words)


@dataclass(frozen=True)
class Folded:
    """A text made comparable."""

    text: str

    @cached_property
    def _both(self) -> tuple[str, list[int]]:
        found: list[str] = []
        at: list[int] = []
        for i, character in enumerate(self.text):
            for letter in letters(character):
                found.append(letter)
                at.append(i)
        return "".join(found), at

    @property
    def compact(self) -> str:
        """All letters and digits of the text in a row."""
        return self._both[0]

    def find(self, form: Form) -> Iterator[tuple[int, int]]:
        """Where the form stands: begin and end in the text itself."""
        needle = form.compact
        compact, at = self._both
        begin = compact.find(needle)
        while begin >= 0:
            end = begin + len(needle)
            if self._fits(form, begin) and self._alone(begin, end, needle) and self._capitals(form, begin):
                yield at[begin], at[end - 1] + 1
            begin = compact.find(needle, begin + 1)

    def _gap(self, index: int) -> str:
        at = self._both[1]
        return self.text[at[index - 1] + 1 : at[index]] if at[index] > at[index - 1] else ""

    def _fits(self, form: Form, begin: int) -> bool:
        index, long = begin, len(form.compact)
        for number, word in enumerate(form.words):
            for position in range(len(word)):
                here = index
                index += 1
                if here == begin:
                    continue
                gap = self._gap(here)
                if position == 0 and number:
                    initials = len(word) == 1 and len(form.words[number - 1]) == 1
                    if len(gap) > 12 or not (gap or initials or form.joined or long >= _JOINED):
                        return False
                elif (
                    gap
                    and not _IN_WORD.fullmatch(gap)
                    and not (long >= _LONG and _LOOSE_IN_WORD.fullmatch(gap))
                ):
                    return False
        return True

    def _capitals(self, form: Form, begin: int) -> bool:
        """Of a name with initials, these are capitals, and one of its other words begins with one."""
        if not form.name or all(len(word) > 1 for word in form.words):
            return True
        at, index, capital = self._both[1], begin, False
        for word in form.words:
            lower = self.text[at[index]].islower()
            if len(word) == 1 and lower:
                return False
            capital = capital or (len(word) > 1 and not lower)
            index += len(word)
        return capital or all(len(word) == 1 for word in form.words)

    def _alone(self, begin: int, end: int, needle: str) -> bool:
        if max(needle) >= "\u2e80":  # scripts without gaps between words
            return True
        compact, at = self._both
        begins = begin == 0 or (at[begin] > at[begin - 1] and self._parts(begin))
        ends = end == len(compact) or (at[end] > at[end - 1] and self._parts(end))
        return begins and ends

    def _parts(self, index: int) -> bool:
        return not _UNSEEN.fullmatch(self._gap(index))
