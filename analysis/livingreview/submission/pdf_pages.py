"""A PDF whose pages are read once, for all that look at them: measures, tags, margins."""

from __future__ import annotations

import io
from collections import Counter
from functools import cached_property
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from livingreview.errors import Problem, ReviewError
from livingreview.submission import pdf_lines, pdf_text
from livingreview.submission.pdf_types import LineNumbers

DAMAGE = (
    *(OSError, PyPdfError, ValueError, LookupError, AttributeError, TypeError),
    *(NotImplementedError, ArithmeticError, RecursionError),
)
"""What a damaged file makes pypdf, and the reading of what it returns, raise."""


class Pages:
    """The pages of a PDF. What is asked for is read then, and may raise one of :data:`DAMAGE`."""

    def __init__(self, path: Path) -> None:
        """Opens the file. Raises ReviewError where it is no PDF, or is locked."""
        self.name = path.name
        try:
            self.data = path.read_bytes()
            self.reader = PdfReader(io.BytesIO(self.data))
            if self.reader.is_encrypted and not self.reader.decrypt(""):
                raise ReviewError(Problem("the PDF is locked with a password", file=self.name))
        except DAMAGE as error:
            raise self.unreadable(error) from None

    def unreadable(self, error: Exception) -> ReviewError:
        """What to tell of damage."""
        return ReviewError(Problem(f"not a PDF that can be read: {error}", file=self.name))

    @cached_property
    def read(self) -> list[tuple[list[pdf_text.Piece], list[pdf_text.Picture]]]:
        """Pieces of text and pictures of each page."""
        return [pdf_text.read(page) for page in self.reader.pages]

    @property
    def pieces(self) -> list[list[pdf_text.Piece]]:
        """Pieces of text of each page."""
        return [pieces for pieces, _ in self.read]

    @cached_property
    def letters(self) -> Counter[tuple[str, float]]:
        """Letters by font and size in pt."""
        found = Counter[tuple[str, float]]()
        for pieces in self.pieces:
            for piece in pieces:
                found[piece.font, round(piece.size, 1)] += len("".join(piece.text.split()))
        return found

    @cached_property
    def body(self) -> float:
        """The size of most letters in pt; 0 without text."""
        sizes = Counter[float]()
        for (_, size), number in self.letters.items():
            sizes[size] += number
        return max(sizes, key=lambda s: (sizes[s], s), default=0.0)

    @cached_property
    def sizes(self) -> list[tuple[float, float]]:
        """Width and height of each page in pt."""
        return [pdf_text.size(page) for page in self.reader.pages]

    @cached_property
    def numbers(self) -> list[tuple[LineNumbers | None, set[pdf_text.Piece]]]:
        """The numbers of lines on each page, and the pieces that print them."""
        return [pdf_lines.line_numbers(pieces, self.body) for pieces in self.pieces]

    @property
    def beside(self) -> list[set[pdf_text.Piece]]:
        """The pieces of each page that are numbers of lines."""
        return [found for _, found in self.numbers]

    @property
    def spread(self) -> list[tuple[list[pdf_text.Piece], float]]:
        """The pieces of each page, and its height in pt."""
        return [(found, height) for found, (_, height) in zip(self.pieces, self.sizes, strict=True)]

    @cached_property
    def printed(self) -> list[int | None]:
        """The number that each page prints."""
        return pdf_lines.page_numbers(self.spread, self.beside)
