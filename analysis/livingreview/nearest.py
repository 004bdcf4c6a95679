"""The nearest match of a mistyped word, for "did you mean …?"."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def nearest(word: str, choices: Iterable[str], cutoff: float = 0.62) -> str | None:
    """The choice most like ``word``, or None when nothing is like it.

    Similarity is one minus the Damerau-Levenshtein distance over the longer length, without regard to
    case, accents, and the kind of word separator; ties go to the choice that sorts first.
    """
    from rapidfuzz.distance import DamerauLevenshtein  # only ever needed once something is wrong

    wanted = _plain(word)
    best, best_score = None, cutoff
    for choice in sorted(set(choices)):
        score = DamerauLevenshtein.normalized_similarity(wanted, _plain(choice), score_cutoff=best_score)
        if score > best_score or (best is None and score >= best_score > 0):
            best, best_score = choice, score
    return best


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """The sentence "`word`: did you mean `choice`?", or an empty text when nothing is near."""
    match = nearest(word, choices)
    return f"`{word}`: did you mean `{match}`?" if match is not None else ""


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = (c for c in decomposed if not unicodedata.combining(c))
    return "".join("_" if c in " -_./" else c for c in letters)
