"""What a Word file really has, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distance of lines. ``rule`` is ``multiple`` (``value`` in lines), ``exact`` or ``at_least`` (``value`` in pt)."""

    rule: str
    value: float


@dataclass(frozen=True, slots=True)
class Role:
    """How the paragraphs of one role are set; paragraphs without text do not count.

    Roles: body, heading, front (title, authors, dates, keywords), abstract, caption, table, reference, note. ``spacings``
    counts paragraphs; ``fonts`` (font and size in pt) and ``languages`` count characters, without runs of white space only.
    The commonest first.
    """

    name: str
    paragraphs: int
    characters: int
    spacings: tuple[tuple[Spacing, int], ...]
    fonts: tuple[tuple[str, float, int], ...]
    languages: tuple[tuple[str, int], ...]
    suppressed_line_numbers: int
    """Paragraphs that are left out when lines are numbered."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the file: its page in mm, columns, line numbers and page numbers.

    ``line_numbers`` is ``none``, ``continuous``, ``each_page`` or ``each_section``; ``every`` is the step in which they
    print. ``page_number`` tells whether header or footer of every kind of page that the section has hold the field PAGE.
    """

    width_mm: float
    height_mm: float
    columns: int
    line_numbers: str
    every: int
    first_line: int
    page_number: bool
    page_number_restarts_at: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A real table: its size, rows that repeat as header, merged cells, tables and pictures inside it."""

    rows: int
    columns: int
    header_rows: int
    merged_cells: int
    nested: int
    images: int


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: pixels (0 where it is a drawing), printed size and what follows for dpi, alternative text.

    Linked pictures, whose file is not inside, have an empty ``file``.
    """

    file: str
    format: str
    mode: str
    pixels: tuple[int, int]
    width_mm: float
    height_mm: float
    dpi: float | None
    alt: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Revision:
    """Marks of one kind (``ins``, ``del``, ``moveFrom``, ``pPrChange``, …) by one author."""

    kind: str
    author: str
    number: int


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment with its author."""

    author: str
    text: str


@dataclass(frozen=True, slots=True)
class DocxMeasures:
    """What a Word file really has."""

    bytes: int
    roles: tuple[Role, ...]
    sections: tuple[Section, ...]
    headings: tuple[tuple[int, str], ...]
    """Level and text, by the outline level of the style."""
    leads: tuple[str, ...]
    """Bold words that begin a paragraph of the text, and end with stop or colon."""
    footnotes: int
    """Marks of footnotes in the text."""
    endnotes: int
    tables: tuple[Table, ...]
    images: tuple[Image, ...]
    equations: int
    comments: tuple[Comment, ...]
    revisions: tuple[Revision, ...]
    tracks_changes: bool
    """Whether the file records changes from now on."""
    hidden_characters: int
    language: str
    """Language of most characters, else that of the default style."""
    embedded_fonts: tuple[str, ...]
    headers: tuple[str, ...]
    """Text of headers and footers, parts in order."""
    core: dict[str, str]
    """Core properties by name (creator, lastModifiedBy, title, created, …)."""
    app: dict[str, str]
    custom: dict[str, str]
    parts: tuple[str, ...]
    """Names of the files inside, sorted."""
    order: str = ""
    """One letter for each thing of the body that is seen, in its order: (h)eading, (b)ody, (a)bstract, front (m)atter, (c)aption,
    (r)eference, (t)able, (f)igure."""

    def role(self, name: str) -> Role | None:
        """The paragraphs of a role; None where there are none."""
        return next((role for role in self.roles if role.name == name), None)

    @property
    def heading_depth(self) -> int:
        """The deepest level of headings; 0 without headings."""
        return max((level for level, _ in self.headings), default=0)

    @property
    def line_numbers(self) -> str:
        """As in :class:`Section`; ``mixed`` where sections differ."""
        kinds = {section.line_numbers for section in self.sections}
        return kinds.pop() if len(kinds) == 1 else "mixed"

    def to_json(self) -> dict[str, Any]:
        """Plain maps, lists, texts and numbers."""
        return asdict(self) | {"heading_depth": self.heading_depth, "line_numbers": self.line_numbers}
