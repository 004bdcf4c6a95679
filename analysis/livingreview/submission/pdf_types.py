"""What a PDF really has, as data. Lengths are in mm where the name says so, else in pt (1/72 inch)."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Font:
    """A font of the pages. ``name`` is without the six letters that mark a subset; ``kind`` as in the file."""

    name: str
    kind: str
    embedded: bool
    subset: bool
    unicode: bool
    """Whether the file says which characters its glyphs are."""
    pages: int


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of pixels where it is drawn; ``dpi`` is the smaller of both directions, None where nothing is drawn.

    ``colour`` is grey, rgb, cmyk or the file's own word for another, empty for a mask; ``compression`` are the filters of the file, ``alpha`` tells whether a mask makes it transparent.
    """

    page: int
    pixels: tuple[int, int]
    width_mm: float
    height_mm: float
    dpi: float | None
    colour: str
    bits: int
    compression: tuple[str, ...]
    alpha: bool


@dataclass(frozen=True, slots=True)
class LineNumbers:
    """Numbers in the margin of a page, beside lines of text; ``step`` is 0 where there is one number only."""

    first: int
    last: int
    step: int
    count: int
    side: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is seen (turned as it says). ``label`` is what a viewer calls it, ``page_number`` what it prints.

    ``lines`` are those in the size of the body of the document, ``line_distance`` the commonest distance of their
    baselines (None with fewer than two), ``unnumbered_lines`` those without a line number beside them.
    """

    number: int
    label: str
    width_mm: float
    height_mm: float
    characters: int
    page_number: int | None
    lines: int
    line_distance: float | None
    line_numbers: LineNumbers | None
    unnumbered_lines: int


@dataclass(frozen=True, slots=True)
class PdfMeasures:
    """What a PDF really has."""

    bytes: int
    version: str
    encrypted: bool
    pages: tuple[Page, ...]
    fonts: tuple[Font, ...]
    text: tuple[tuple[str, float, int], ...]
    """Font, size in pt and characters without spaces, the commonest first; the first is the body."""
    images: tuple[Image, ...]
    tagged: bool
    tags: dict[str, int]
    """Elements of the tag tree by their type."""
    figures_without_alt: int
    """Tagged figures without alternative text."""
    language: str
    title: str
    """The title of the XMP metadata, else of the document information."""
    shows_title: bool
    """Whether viewers are told to show the title and not the name of the file."""
    pdf_a: str
    """Such as ``2b``; empty where the file does not say that it is PDF/A. What a file says is not yet so."""
    pdf_ua: str
    """Such as ``1``; empty where the file does not say that it is PDF/UA."""
    output_intents: tuple[str, ...]
    information: dict[str, str]
    xmp: dict[str, str]
    """XMP by name with its usual prefix (``dc:title``); several values are parted by ``; ``."""
    outline: bool
    annotations: dict[str, int]
    """Annotations by type (Link, Text, Highlight, …)."""
    attachments: tuple[str, ...]
    scripts: bool

    @property
    def body(self) -> tuple[str, float] | None:
        """Font and size of most characters; None without text."""
        return self.text[0][:2] if self.text else None

    @property
    def line_distance(self) -> float | None:
        """The distance of lines of most pages, each weighed by its lines."""
        found = Counter[float]()
        for page in self.pages:
            if page.line_distance is not None:
                found[page.line_distance] += page.lines
        return min(found, key=lambda d: (-found[d], d)) if found else None

    @property
    def line_numbering(self) -> str:
        """``none``; ``continuous`` over all pages that have lines; ``each_page`` beginning anew; else ``other``.

        Pages without lines of the body, such as one with a figure alone, may go without.
        """
        pages = [p for p in self.pages if p.lines or p.line_numbers]
        found = [p.line_numbers for p in pages if p.line_numbers is not None]
        if not found:
            return "none"
        steps = {n.step for n in found if n.step}
        if len(found) < len(pages) or len(steps) > 1:
            return "other"
        step = steps.pop() if steps else 1
        if all(after.first == before.last + step for before, after in pairwise(found)):
            return "continuous"
        return "each_page" if len({n.first for n in found}) == 1 else "other"

    def to_json(self) -> dict[str, Any]:
        """Plain maps, lists, texts and numbers."""
        return asdict(self) | {"line_distance": self.line_distance, "line_numbering": self.line_numbering}
