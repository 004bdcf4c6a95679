"""Which block of the old version a block of the new version was: an alignment by likeness, in the order of the text."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import Any

_WORD = re.compile(r"\w+")
# Blocks with less in common than this are not one block that was edited.
LIKE = 0.35
# Beyond this many pairs to weigh, only blocks at the same place from the start are compared.
_MOST = 40_000

Pair = tuple[int | None, int | None]


def aligned(
    old: Sequence[Any], new: Sequence[Any], key: Callable[[Any], str], like: Callable[[Any, Any], float]
) -> list[Pair]:
    """Pairs of positions ``(old, new)`` in reading order; None on one side for what was inserted or deleted.

    Equal items (by ``key``) are found first; what lies between them is paired so that the sum of likeness (0 to 1, below
    ``LIKE`` no pair) is largest. Items never cross.
    """
    matcher = SequenceMatcher(None, [key(o) for o in old], [key(n) for n in new], autojunk=False)
    found: list[Pair] = []
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal":
            found += zip(range(i1, i2), range(j1, j2), strict=True)
        else:
            found += [
                (None if i is None else i + i1, None if j is None else j + j1)
                for i, j in _between(old[i1:i2], new[j1:j2], like)
            ]
    return found


def _between(old: Sequence[Any], new: Sequence[Any], like: Callable[[Any, Any], float]) -> list[Pair]:
    if not old or not new:
        return [(i, None) for i in range(len(old))] + [(None, j) for j in range(len(new))]
    if len(old) * len(new) > _MOST:
        score = [[like(o, n) if i == j else 0.0 for j, n in enumerate(new)] for i, o in enumerate(old)]
    else:
        score = [[like(o, n) for n in new] for o in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            taken = score[i][j] + best[i + 1][j + 1] if score[i][j] >= LIKE else 0.0
            best[i][j] = max(taken, best[i + 1][j], best[i][j + 1])
    found: list[Pair] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if score[i][j] >= LIKE and best[i][j] == score[i][j] + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            found.append((i, None))
            i += 1
        else:
            found.append((None, j))
            j += 1
    return found + [(k, None) for k in range(i, len(old))] + [(None, k) for k in range(j, len(new))]


def likeness(old: Counter[str], new: Counter[str]) -> float:
    """Share of words that two texts have in common (Dice's coefficient of their bags of words), 0 to 1."""
    size = old.total() + new.total()
    return 2 * (old & new).total() / size if size else 1.0


def bag(text: str) -> Counter[str]:
    """Words of a text, counted."""
    return Counter(_WORD.findall(text))


def dumped(value: Any) -> str:
    """A block as text, to see whether two are the same."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
