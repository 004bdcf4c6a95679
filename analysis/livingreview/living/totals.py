"""How many studies two versions hold together: a number where their studies are known, else a range.

A version that was only published tells how many studies it had, not which. Of two sets of ``previous`` and ``present`` studies the union has at least
as many as the larger and at most the sum. A present study that was published after the previous version cannot have been in it, so each one
raises the lower end to at least ``previous + later``; each one known to have been in it lowers the upper end. Patients are never added:
how many are the same is unknown, and the versions count different ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]

SHARED = "in_2021_review"
"""Column of the studies that says whether the previous version held the study."""


@dataclass(frozen=True)
class TotalRange:
    """Studies of two versions together: between ``least`` and ``most``. ``later`` and ``shared`` are the present studies of which it is certain
    that the previous version did not, or did, hold them."""

    least: int
    most: int
    later: int
    shared: int


def total_range(previous: int, present: int, *, later: int = 0, shared: int = 0) -> TotalRange:
    """The range for a previous version of which only the number of studies is known.

    ``later`` of the ``present`` studies cannot have been in it, ``shared`` were. Raises ValueError where these do not fit into each other.
    """
    if min(previous, present, later, shared) < 0 or later + shared > present or shared > previous:
        raise ValueError(
            f"{later} later and {shared} shared of {present} present and {previous} previous studies"
        )
    return TotalRange(max(present, previous + later), previous + present - shared, later, shared)


def of_studies(previous: int, previous_date: str, present: int, included: Iterable[Row]) -> TotalRange:
    """The range for ``present`` studies, of which ``included`` are the rows that are known; ``previous_date`` (YYYY-MM-DD) is the day on which the
    previous version was published."""
    rows = list(included)[:present]
    shared = sum(r.get(SHARED) == "yes" for r in rows)
    later = sum(r.get(SHARED) != "yes" and published_after(r, previous_date) for r in rows)
    return total_range(previous, present, later=later, shared=min(shared, previous))


def published_after(study: Row, day: str) -> bool:
    """True where a study was published after ``day`` for certain: also on the first day that its date of publication, or its year, allows."""
    date = str(study.get("publication_date") or study.get("year") or "")
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", date) or not re.fullmatch(r"\d{4}(-\d{2}){0,2}", day):
        return False
    last = f"{day}-12-31" if len(day) == 4 else f"{day}-31" if len(day) == 7 else day
    return f"{date}-01-01"[:10] > last
