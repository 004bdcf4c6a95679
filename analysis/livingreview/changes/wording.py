"""What changed in the words of a document: sentence by sentence, each change shown word by word in its context.

Passages are aligned first, then their sentences, then words. Numbers of citations, figures, tables and sections are left out of the
comparison, because a new one shifts those of all that follow; passages that differ in them alone are counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, TypeVar

from rapidfuzz.distance import Indel

from livingreview.publish.snapshot import Passage, sentences

Piece = list[str]
"""``[sign, text]``: sign is ``=`` (in both), ``-`` (only before) or ``+`` (only after)."""

ALIKE = 0.5
"""Two sentences (or passages) at least this alike, as shares of their words, are versions of each other."""

# A citation as it prints, [3] or [4, 7–9], with the space before it.
_CITATION = re.compile(r"\s?\[\d+(?:[,–-]\s?\d+)*\]")
# A numbered place; its number shifts with those before it.
_PLACE = re.compile(
    r"\b(Figures?|Tables?|Sections?)[ \u00a0]S?\d+(?:\.\d+)*(?:(?:,| and|–|-) ?S?\d+(?:\.\d+)*)*"
)
# When a web page was read: the same reference, read again.
_ACCESSED = re.compile(r"\s*Accessed \d{1,2} \w+ \d{4}\.?")
_ENTRY = re.compile(r"^\s*\[?\d+[.\]]?\s+")
# Words with what belongs to them (12 %, 3.5, well-known), spaces, and single signs.
_TOKEN = re.compile(r"\s+|\w+(?:[.,'’–-]\w+)*(?:\u00a0%)?|[^\w\s]")
_T = TypeVar("_T")


def words(before: str, after: str) -> list[Piece]:
    """The two texts as one, word by word; equal texts give a single piece."""
    a, b = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    for name, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if name == "equal":
            _add(pieces, "=", "".join(a[i:j]))
        else:
            _add(pieces, "-", "".join(a[i:j]))
            _add(pieces, "+", "".join(b[k:m]))
    return _joined(pieces)


def _add(pieces: list[Piece], sign: str, text: str) -> None:
    if not text:
        return
    if pieces and pieces[-1][0] == sign:
        pieces[-1][1] += text
    else:
        pieces.append([sign, text])


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Changes parted by a space alone become one change, so that a new phrase reads as a phrase."""
    out: list[Piece] = []
    for n, (sign, text) in enumerate(pieces):
        between = 0 < n < len(pieces) - 1
        if sign == "=" and between and not text.strip():
            for other in ("-", "+"):
                _insert(out, other, text)
        elif sign == "=":
            out.append([sign, text])
        else:
            _insert(out, sign, text)
    return [piece for piece in out if piece[1]]


def _insert(out: list[Piece], sign: str, text: str) -> None:
    """Add to the change at the end of ``out``: what goes before what comes."""
    start = next((i for i in range(len(out) - 1, -1, -1) if out[i][0] == "="), -1) + 1
    for piece in out[start:]:
        if piece[0] == sign:
            piece[1] += text
            return
    if sign == "-":
        out.insert(start, [sign, text])
    else:
        out.append([sign, text])


def compare(before: Sequence[Passage], after: Sequence[Passage]) -> dict[str, Any]:
    """Changes of one document: ``{"sentences": [...], "rows": [...], "references": {"added", "removed"}, "renumbered": n}``.

    An entry has ``section`` (its headings), ``kind`` (that of the passage), ``what`` (``changed``, ``added``, ``removed``), ``pieces`` (see
    :data:`Piece`) and the unchanged sentences ``before_it`` and ``after_it`` next to it in the same passage ("" where there is none). ``rows`` are those
    of tables. ``renumbered`` counts passages that differ only in such numbers.
    """
    found: dict[str, Any] = {"sentences": [], "rows": [], "renumbered": 0}
    references = [[p for p in side if p.kind == "reference"] for side in (before, after)]
    names = [{_ACCESSED.sub("", n): n for p in side if (n := _ENTRY.sub("", p.text))} for side in references]
    found["references"] = {
        "added": [n for key, n in names[1].items() if key not in names[0]],
        "removed": [n for key, n in names[0].items() if key not in names[1]],
    }
    texts = [[p for p in side if p.kind != "reference"] for side in (before, after)]
    for old, new in aligned(texts[0], texts[1], _passage, _passages_alike):
        one = new or old
        assert one is not None
        if old is not None and new is not None and _bare(old.text) == _bare(new.text):
            found["renumbered"] += old.text != new.text
            continue
        target = found["rows" if one.kind == "row" else "sentences"]
        target.extend(_of_passage(old, new, one))
    return found


def _of_passage(old: Passage | None, new: Passage | None, one: Passage) -> Iterator[dict[str, Any]]:
    whole = one.kind in ("row", "heading", "title")
    sides: list[list[str]] = [
        [] if p is None else [p.text] if whole else sentences(p.text) for p in (old, new)
    ]
    was, now = sides
    found = aligned(was, now, _bare, _alike)
    pairs = list(found)
    for n, (a, b) in enumerate(pairs):
        if a is not None and b is not None and _bare(a) == _bare(b):
            continue
        yield {
            "section": list(one.section),
            "kind": one.kind,
            "what": "added" if a is None else "removed" if b is None else "changed",
            "pieces": words(a or "", b or ""),
            "before_it": _context(pairs[n - 1 : n]),
            "after_it": _context(pairs[n + 1 : n + 2]),
        }


def _context(pairs: Iterable[tuple[str | None, str | None]]) -> str:
    """The sentence, if it is the same in both."""
    return next((b for a, b in pairs if a is not None and b is not None and _bare(a) == _bare(b)), "")


def aligned(
    before: Sequence[_T],
    after: Sequence[_T],
    key: Callable[[_T], Any],
    alike: Callable[[_T, _T], float],
) -> Iterator[tuple[_T | None, _T | None]]:
    """Pairs of two sequences in order: equal ones (by ``key``), then between these the most alike, then what only one side has."""
    matcher = SequenceMatcher(None, [key(x) for x in before], [key(x) for x in after], autojunk=False)
    for name, i, j, k, m in matcher.get_opcodes():
        if name == "equal":
            yield from zip(before[i:j], after[k:m], strict=True)
        else:
            yield from _paired(before[i:j], after[k:m], alike)


def _paired(
    before: Sequence[_T], after: Sequence[_T], alike: Callable[[_T, _T], float]
) -> Iterator[tuple[_T | None, _T | None]]:
    """The pairing, in order, with the greatest sum of likeness; pairs below :data:`ALIKE` stay apart."""
    n, m = len(before), len(after)
    scores = [[alike(a, b) for b in after] for a in before]
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            pair = best[i + 1][j + 1] + scores[i][j] if scores[i][j] >= ALIKE else 0.0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < n or j < m:
        if i < n and j < m and scores[i][j] >= ALIKE and best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            yield before[i], after[j]
            i, j = i + 1, j + 1
        elif i < n and (j == m or best[i][j] == best[i + 1][j]):
            yield before[i], None
            i += 1
        else:
            yield None, after[j]
            j += 1


def _bare(text: str) -> str:
    return _PLACE.sub(r"\1", _CITATION.sub("", text))


def _passage(p: Passage) -> tuple[str, str]:
    return p.kind, _bare(p.text)


def _passages_alike(a: Passage, b: Passage) -> float:
    return _alike(a.text, b.text) if a.kind == b.kind else 0.0


def _alike(a: str, b: str) -> float:
    """Share of words in common, 0 to 1; numbers count little, for they are what changes."""
    x, y = (re.findall(r"[^\W\d]+|\d", _bare(t)) for t in (a, b))
    if not x or not y:
        return 0.0
    return float(Indel.normalized_similarity(x, y))
