"""The difference between two paragraphs, word by word, as pandoc's insertion and deletion spans.

A paragraph is taken apart into words, each with the mark-up around it (emphasis, link, …); the words are compared; and the
paragraph is put together again, with the mark-up outside and the marks of change inside. A link can then hold marks of
change, while no mark of change holds a link, which Word would not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, Literal

Inline = dict[str, Any]
State = Literal["", "insertion", "deletion"]

_PIECES = re.compile(r"\w+(?:[.,:/·–'’-]\w+)*|\s|.", re.S)
_MARKUP = (
    "Emph",
    "Strong",
    "Underline",
    "Strikeout",
    "Superscript",
    "Subscript",
    "SmallCaps",
    "Quoted",
    "Link",
    "Span",
)
_SPACES = ("Space", "SoftBreak")
# Equal words between two changes that are fewer than this share of the words changed around them only confuse.
_ISLAND = 0.12


@dataclass(frozen=True, slots=True)
class Signature:
    """Who changed and when, as Word wants them: a release's label, and a time such as ``2026-11-22T00:00:00Z``."""

    author: str
    date: str

    def span(self, state: State, inlines: list[Inline]) -> Inline:
        """The inlines as inserted or deleted; pandoc writes such a span as a revision."""
        return {
            "t": "Span",
            "c": [["", [state], [["author", self.author], ["date", self.date]]], inlines],
        }


@dataclass(eq=False, slots=True)
class _Markup:
    """One piece of mark-up of one paragraph; two neighbours that look alike stay two."""

    inline: Inline

    @property
    def key(self) -> str:
        """What it does to a word: identifiers make no difference to a reader."""
        kind, content = self.inline["t"], self.inline.get("c")
        if kind == "Span":
            return json.dumps([kind, *content[0][1:]], sort_keys=True)  # type: ignore[index]
        if kind == "Link":
            return json.dumps([kind, content[2]])  # type: ignore[index]
        return f"Quoted {content[0]['t']}" if kind == "Quoted" else kind  # type: ignore[index]

    def around(self, inlines: list[Inline], *, deleted: bool) -> Inline:
        """The mark-up with other content; deleted content gives up its identifier, which the new text may need."""
        kind, content = self.inline["t"], self.inline.get("c")
        if kind in ("Link", "Span"):
            attributes = ["", *content[0][1:]] if deleted else content[0]  # type: ignore[index]
            return {"t": kind, "c": [attributes, inlines, *content[2:]]}  # type: ignore[index]
        return {"t": kind, "c": [content[0], inlines] if kind == "Quoted" else inlines}  # type: ignore[index]


@dataclass(slots=True)
class Word:
    """A word, a space, a sign or a picture with the mark-up around it. ``key`` is equal for what reads the same."""

    leaf: Inline
    markup: tuple[_Markup, ...]
    key: str

    @property
    def is_word(self) -> bool:
        """False for spaces and signs."""
        kind = self.leaf["t"]
        return kind not in _SPACES and (kind != "Str" or any(c.isalnum() for c in self.leaf["c"]))


def words(inlines: Iterable[Inline]) -> list[Word]:
    """A paragraph as words. Citations count by what they print; claims' spans (``data-…`` only) not at all."""
    found: list[Word] = []

    def place(word: Word) -> tuple[bool, tuple[int, ...]]:
        return word.leaf["t"] == "Str", tuple(map(id, word.markup))

    # Text that stands together is cut into words anew: a span that has come or gone does not part them.
    for (is_text, _), group in groupby(_words(inlines, ()), key=place):
        part = list(group)
        if is_text:
            text = "".join(word.leaf["c"] for word in part)
            part = [_word({"t": "Str", "c": piece}, part[0].markup) for piece in _PIECES.findall(text)]
        found += part
    return found


def _words(inlines: Iterable[Inline], markup: tuple[_Markup, ...]) -> Iterator[Word]:
    for inline in inlines:
        kind, content = inline["t"], inline.get("c")
        if kind == "Cite" or (kind == "Span" and is_silent(content[0])):  # type: ignore[index]
            yield from _words(content[1], markup)  # type: ignore[index]
        elif kind in _MARKUP:
            inside = content if isinstance(content, list) and kind not in ("Quoted", "Link", "Span") else None
            inner = (*markup, _Markup(inline))
            yield from _words(content[1] if inside is None else inside, inner)  # type: ignore[index]
        else:
            yield _word(inline, markup)


def _word(leaf: Inline, markup: tuple[_Markup, ...]) -> Word:
    kind = leaf["t"]
    if kind == "Image":
        # A picture is the same one when it shows the same; its words and its size may differ.
        shown = picture(leaf)
    elif kind == "Str":
        shown = leaf["c"]
    else:
        shown = " " if kind in _SPACES else json.dumps(leaf, sort_keys=True)
    return Word(leaf, markup, "\x00".join([shown, *(m.key for m in markup)]))


def is_silent(attributes: list[Any]) -> bool:
    """True for a span that only carries data, such as the key of a claim."""
    identifier, classes, pairs = attributes
    own = [name for name, _ in pairs if not name.startswith("data-") and name not in ("claim", "key")]
    return not identifier and all(c in ("claim", "nocase") for c in classes) and not own


def picture(image: Inline) -> str:
    """What tells pictures apart: their content, as the snapshot has it, or else their address."""
    return str(dict(image["c"][0][2]).get("digest") or image["c"][2][0])


def compared(old: list[Word], new: list[Word]) -> list[tuple[State, Word]]:
    """All words of both in the order of reading; of a replaced part the old words come first."""
    steps = SequenceMatcher(None, [w.key for w in old], [w.key for w in new], autojunk=False).get_opcodes()
    out: list[tuple[State, Word]] = []
    for kept, i1, i2, j1, j2 in _joined(steps, new):
        if kept:
            out += [("", word) for word in new[j1:j2]]
        else:
            beside = [word.markup for word in new[max(j1 - 1, 0) : j1 + 1]]
            out += [("deletion", Word(w.leaf, _shared(w.markup, beside), w.key)) for w in old[i1:i2]]
            out += [("insertion", word) for word in new[j1:j2]]
    return out


def _shared(own: tuple[_Markup, ...], beside: list[tuple[_Markup, ...]]) -> tuple[_Markup, ...]:
    """The mark-up of an old word, joined with that of its new neighbours where it is alike: one emphasis holds both."""
    best: tuple[_Markup, ...] = ()
    for markup in beside:
        alike = 0
        for mine, theirs in zip(own, markup, strict=False):
            if mine.key != theirs.key:
                break
            alike += 1
        if alike > len(best):
            best = markup[:alike]
    return (*best, *own[len(best) :])


def _joined(
    steps: Sequence[tuple[str, int, int, int, int]], new: list[Word]
) -> list[tuple[bool, int, int, int, int]]:
    """Steps of a comparison, changes with nothing but a space, a sign or a stray word between them made one."""
    found: list[tuple[bool, int, int, int, int]] = []
    for position, (what, i1, i2, j1, j2) in enumerate(steps):
        kept = what == "equal"
        if kept and 0 < position < len(steps) - 1:
            before, after = steps[position - 1], steps[position + 1]
            around = sum(s[2] - s[1] + s[4] - s[3] for s in (before, after))
            count = sum(word.is_word for word in new[j1:j2])
            pictures = any(word.leaf["t"] == "Image" for word in new[j1:j2])
            kept = pictures or count > _ISLAND * around or (count == 0 and j2 - j1 > 2)
        if found and not kept and not found[-1][0]:
            _, a1, _, b1, _ = found[-1]
            found[-1] = (False, a1, i2, b1, j2)
        else:
            found.append((kept, i1, i2, j1, j2))
    return found


def marked(items: Sequence[tuple[State, Word]], sign: Signature) -> list[Inline]:
    """The words as inlines again, changed ones in spans of insertion and deletion."""
    return _build(items, 0, sign)


def _build(items: Sequence[tuple[State, Word]], depth: int, sign: Signature) -> list[Inline]:
    out: list[Inline] = []

    def outermost(item: tuple[State, Word]) -> tuple[int, State]:
        state, word = item
        return (id(word.markup[depth]), "") if len(word.markup) > depth else (0, state)

    for (place, state), group in groupby(items, key=outermost):
        part = list(group)
        if place:
            outer, gone = part[0][1].markup[depth], all(s == "deletion" for s, _ in part)
            out.append(outer.around(_build(part, depth + 1, sign), deleted=gone))
        else:
            leaves = list(_leaves(word.leaf for _, word in part))
            out += [sign.span(state, leaves)] if state else leaves
    return out


def _leaves(leaves: Iterable[Inline]) -> Iterator[Inline]:
    """Pieces of words that stood together are one again."""
    for is_text, group in groupby(leaves, key=lambda leaf: leaf["t"] == "Str"):
        if is_text:
            yield {"t": "Str", "c": "".join(leaf["c"] for leaf in group)}
        else:
            yield from group


def merged(old: list[Inline], new: list[Inline], sign: Signature) -> list[Inline]:
    """One paragraph that holds both, with what changed marked."""
    return marked(compared(words(old), words(new)), sign)


def whole(inlines: list[Inline], state: State, sign: Signature) -> list[Inline]:
    """A paragraph of which every word is inserted or deleted."""
    return marked([(state, word) for word in words(inlines)], sign)
