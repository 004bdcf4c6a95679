"""How a manuscript is laid out for a journal, as plain settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SINGLE = 1.15
"""Line pitch of single spacing in font sizes, as word processors set text faces of the Times kind."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Settings of one file.

    ``font_size`` in points; ``line_spacing`` as in word processors (2: double). ``line_numbers`` run on through the whole file.
    ``figures`` stand where they are first told of, at the end each on a page of its own, or are left out: their captions are then listed at
    the end (``left_out``) or stand in the text where the figures stood (``captions``); ``tables`` likewise (``separate``: they are files of their own and their captions are listed). ``blinded`` takes out who wrote
    it; ``without`` are codes of statements that do not stand in the text (see :mod:`livingreview.submission.statements`). ``title_page`` says whether authors and counts stand on the first page or in a separate file. ``archival`` asks for PDF/A-2b beside
    PDF/UA-1.
    """

    font_size: float = 12
    line_spacing: float = 2
    line_numbers: bool = True
    page_numbers: bool = True
    figures: Literal["placed", "end", "left_out", "captions"] = "placed"
    tables: Literal["placed", "end", "separate"] = "placed"
    blinded: bool = False
    title_page: Literal["separate", "first"] = "separate"
    archival: bool = False
    without: tuple[str, ...] = ()

    def plain(self) -> Layout:
        """The same for letters and statements: single spacing without line numbers."""
        return Layout(
            font_size=self.font_size,
            line_spacing=1,
            line_numbers=False,
            page_numbers=self.page_numbers,
            archival=self.archival,
        )
