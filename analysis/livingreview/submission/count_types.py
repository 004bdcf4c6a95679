"""The counts of a document as data: words by part, headings, references, tables, figures, footnotes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from livingreview.submission.words import Rule


@dataclass(frozen=True, slots=True)
class Parts:
    """Words by where they stand. ``citations`` are those of ``prose`` that are marks of citations only ("[1, 2]")."""

    prose: int = 0
    citations: int = 0
    headings: int = 0
    table_captions: int = 0
    figure_captions: int = 0
    tables: int = 0
    footnotes: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the first level with all below it; ``title`` has no number. What stands before any is "" by name."""

    identifier: str
    title: str
    parts: Parts


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text (title, running title): its words and its characters with spaces."""

    text: str
    words: int
    characters: int


@dataclass(frozen=True, slots=True)
class Abstract:
    """``words`` includes the headings of a structured abstract, which are the bold beginnings of its paragraphs."""

    words: int = 0
    words_without_headings: int = 0
    paragraphs: int = 0
    headings: tuple[str, ...] = ()
    words_below: tuple[int, ...] = ()
    citations: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the text; ``number`` is empty where it has none."""

    level: int
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A table or figure. ``label`` ("Table 1") is empty where it has none, ``mentions`` are links to it in the text; ``first`` is the place of
    the first of them among all links of the document (from 0), None without any.

    ``pieces`` are the real tables or the pictures in it; ``words`` those in the cells of a table.
    """

    identifier: str
    label: str
    caption: str
    pieces: int
    words: int
    mentions: int
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a document has. Lists keep the order of the document."""

    rule: Rule
    title: Line
    subtitle: Line | None
    running_title: Line | None
    front: int
    """Words of the lines below the title: authors, affiliations, dates."""
    abstract: Abstract | None
    keywords: tuple[str, ...]
    sections: tuple[Section, ...]
    headings: tuple[Heading, ...]
    heading_depth: int
    footnotes: int
    tables: tuple[Item, ...]
    figures: tuple[Item, ...]
    equations: int
    cited: tuple[str, ...]
    """Keys cited anywhere, by first citation."""
    listed: tuple[str, ...]
    """Keys in the list of references, as it prints."""
    reference_words: int
    unresolved: tuple[str, ...]
    """What prints in place of something missing (``?@fig-x``), ``@key`` not in the list, ``#anchor`` that is nowhere."""

    @property
    def declarations(self) -> tuple[str, ...]:
        """Titles of the sections behind the text proper, funding and other statements: those of the first level without a number that
        come after the last with one. None where no section is numbered."""
        first = [heading for heading in self.headings if heading.level == 1]
        numbered = [index for index, heading in enumerate(first) if heading.number]
        return tuple(heading.text for heading in first[numbered[-1] + 1 :]) if numbered else ()

    def text_words(
        self,
        *,
        abstract: bool = False,
        captions: bool = False,
        tables: bool = False,
        references: bool = False,
    ) -> int:
        """Words from the introduction to the conclusions, with headings and without statements, and with what a journal counts beside."""
        return self.words(
            abstract=abstract,
            captions=captions,
            tables=tables,
            references=references,
            without=self.declarations,
        )

    def words(
        self,
        *,
        abstract: bool = False,
        headings: bool = True,
        citations: bool = True,
        captions: bool = False,
        tables: bool = False,
        footnotes: bool = False,
        references: bool = False,
        without: Iterable[str] = (),
    ) -> int:
        """Words of the main text, counted as a journal asks; title, lines of authors and keywords never count.

        ``without`` names sections of the first level that do not count, by identifier or title in any case.
        """
        left_out = {name.casefold() for name in without}
        total = self.reference_words if references else 0
        total += self.abstract.words if abstract and self.abstract else 0
        for section in self.sections:
            if {section.identifier.casefold(), section.title.casefold()} & left_out:
                continue
            parts = section.parts
            total += parts.prose - (0 if citations else parts.citations)
            total += parts.headings if headings else 0
            total += parts.table_captions + parts.figure_captions if captions else 0
            total += parts.tables if tables else 0
            total += parts.footnotes if footnotes else 0
        return total

    def to_json(self) -> dict[str, Any]:
        """Plain maps, lists, texts and numbers."""
        return asdict(self)
