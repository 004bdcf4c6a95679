"""User text made literal: whatever a person or a source wrote prints as it stands, in every format and engine."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Brackets become character references, because with `tex_math_single_backslash` (on in some Quarto set-ups)
# `\[` and `\(` open mathematics. A backslash before any other ASCII punctuation is literal in every dialect.
_REFERENCE = {"[": "&#91;", "]": "&#93;", "(": "&#40;", ")": "&#41;"}
_PLAIN = frozenset(" ,;%?")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[.](?=[0-9])")
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W_])-(?=[^\W_])")


def markdown(text: object) -> str:
    """Pandoc markdown that prints ``text`` literally (``None`` gives an empty string).

    The result is one line, safe inside a paragraph, a pipe-table cell, a caption, a heading, a link text or a
    YAML string that is read as markdown. Mark-up, raw HTML, TeX and Typst, mathematics, citations,
    cross-references, shortcodes, character references, list markers, bare addresses and smart typography all
    stay the characters they were. Line breaks and runs of white space become one space; control characters go.
    Round brackets are left alone unless they could be read as a list marker at the start.
    """
    return "" if text is None else _markdown(str(text))


@lru_cache(maxsize=10_000)  # the same names and sentences print again and again
def _markdown(text: str) -> str:
    line = flat(text)
    keep = {m.start() for pattern in (_BETWEEN_DIGITS, _BETWEEN_LETTERS) for m in pattern.finditer(line)}
    # `(1)`, `(a)`, `1)` at the start would begin a list; `](` cannot occur, since `]` never stays.
    guarded = re.match(r"\(?\w{0,9}\)", line)
    head = guarded.end() if guarded else 0
    out: list[str] = []
    for position, character in enumerate(line):
        if character in "()":
            out.append(_REFERENCE[character] if position < head else character)
        elif character in _REFERENCE:
            out.append(_REFERENCE[character])
        elif position in keep or character in _PLAIN or not _is_ascii_punctuation(character):
            out.append(character)
        else:
            out.append("\\" + character)
    return "".join(out)


def flat(text: str) -> str:
    """The text on one line: white space runs are one space, control and line-separator characters are gone."""
    shown = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return re.sub(r"[\s\u2028\u2029\x85]+", _space, shown).strip(" ")


def _space(match: re.Match[str]) -> str:
    # A run made of no-break spaces only is typography ("12 %"), not layout.
    run = match.group()
    return run if set(run) <= {"\u00a0", "\u202f", "\u2009"} else " "


def _is_ascii_punctuation(character: str) -> bool:
    return character.isascii() and not character.isalnum() and character.isprintable()
