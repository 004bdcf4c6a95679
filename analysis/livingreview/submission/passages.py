"""Pieces of text as they stand in a file, each with its place: what the search for leaks looks at."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from livingreview.submission import blinding
from livingreview.submission.folding import BORDER

Place = Literal[
    "body text",
    "header or footer",
    "footnote",
    "comment",
    "deleted text",
    "revision author",
    "core property",
    "application property",
    "custom property",
    "document setting",
    "alternative text",
    "link",
    "XMP",
    "info dictionary",
    "annotation",
    "attachment",
    "bookmark",
    "earlier revision",
    "image metadata",
    "PNG chunk",
    "TIFF tag",
    "EXIF",
    "attribute",
    "markup comment",
    "key",
    "file name",
    "ZIP member name",
    "ZIP user field",
    "ZIP comment",
    "bytes",
    "unreadable",
]
"""Where in a file text can stand."""

PROSE: frozenset[str] = frozenset(
    {"body text", "header or footer", "footnote", "comment", "deleted text", "annotation", "alternative text"}
)
"""Places where people write sentences."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text. ``file`` is its file (members of archives after ``!``), ``where`` the part of the file.

    ``marks`` are (offset, label) of pages or the like. ``lists`` are the spans that hold a list of references. ``person``: the
    text is the value of a field that names a person. ``raw``: bytes read as letters, in which short words occur by chance.
    """

    file: str
    place: Place
    where: str
    text: str
    marks: tuple[tuple[int, str], ...] = ()
    lists: tuple[tuple[int, int], ...] = ()
    person: bool = False
    raw: bool = False

    def at(self, offset: int) -> str:
        """The part of the file that an offset lies in, such as ``page 3``."""
        number = bisect_right([mark for mark, _ in self.marks], offset) - 1
        return ", ".join(filter(None, [self.where, self.marks[number][1] if number >= 0 else ""]))

    def listed(self, offset: int) -> bool:
        """Whether an offset lies in a list of references."""
        return any(begin <= offset < end for begin, end in self.lists)

    def context(self, begin: int, end: int, words: int = 6) -> str:
        """Some words around a span, on one line."""
        before = one_line(self.text[max(0, begin - 120) : begin]).split(" ")
        after = one_line(self.text[end : end + 120]).split(" ")
        found = one_line(self.text[begin:end])
        left, right = " ".join(before[-words - 1 :]), " ".join(after[: words + 1])
        return "".join(c for c in f"{left}{found}{right}".strip() if c.isprintable())


def one_line(text: str) -> str:
    """A piece of text on one line, as people see it: one border of markup is nothing, several in a row part words."""
    return re.sub(r"\s+", " ", re.sub(f"{BORDER}{{2,}}", " ", text).replace(BORDER, ""))


def heading(line: str) -> str:
    """A line as a heading: without marks, numbers and end punctuation, in small letters."""
    line = line.replace(BORDER, "")
    line = re.sub(r"\{[^}]*\}\s*$", "", line.strip())
    line = re.sub(r"^(?:[#=*_\s]+|\d+(?:\.\d+)*\.?\s+|[A-Z]\.\s+|\\(?:sub)*section\*?\{)", "", line)
    return re.sub(r"\s+", " ", line.strip(" *_:.}#=")).casefold()


_BIBLIOGRAPHY = (r"\begin{thebibliography}", r"\end{thebibliography}")


def reference_lists(text: str, known: blinding.Words) -> tuple[tuple[int, int], ...]:
    """Spans of lists of references in a text of lines: from a line that is such a heading to the next known heading that is none,
    to a line that begins like a caption, or to the end; in LaTeX the environment of the bibliography."""
    found: list[tuple[int, int]] = []
    begin = -1
    offset = 0
    for line in text.split("\n"):
        if line.startswith(_BIBLIOGRAPHY[0]) and begin < 0:
            begin = offset
        elif line.startswith(_BIBLIOGRAPHY[1]) and begin >= 0:
            found.append((begin, offset))
            begin = -1
        elif len(line) < 200:
            words = heading(line)
            if begin < 0 and words in known.reference_headings:
                begin = offset
            elif begin >= 0 and words and _ends(line, words, known):
                found.append((begin, offset))
                begin = -1
        offset += len(line) + 1
    if begin >= 0:
        found.append((begin, len(text)))
    return tuple(found)


def _ends(line: str, words: str, known: blinding.Words) -> bool:
    if line.startswith("#") and words not in known.reference_headings:
        return True
    return words in known.after_references or any(
        (match := blinding.search(pattern, line)) and match.start() == 0
        for pattern in known.after_references_lines
    )


def inside(passages: Iterable[Passage], file: str) -> list[Passage]:
    """Passages of a file that lies in another."""
    return [replace(passage, file=f"{file}!{passage.file}") for passage in passages]


def unreadable(file: str, why: str) -> Passage:
    """What stands for a file, or a part of one, that could not be opened: nothing is proven of it."""
    return Passage(file, "unreadable", "", why)


def joined(parts: Sequence[tuple[str, str]]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Labelled parts as one text, a line break between them, and the offset of each label."""
    marks, texts, offset = [], [], 0
    for label, text in parts:
        marks.append((offset, label))
        texts.append(text)
        offset += len(text) + 1
    return "\n".join(texts), tuple(marks)
