"""The flow across the versions of a living review: one column a version, what each search brought, and the studies in total below.

Drawn from the columns of ``livingreview.living.update.across``, the oldest first. A version that was only published has its studies and nothing else.
More versions than fit side by side go on in a second row. Living reviews show their flow by version after Kahale LA et al. (2022) F1000Research
10:192, doi 10.12688/f1000research.51723.3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from livingreview.figures import words
from livingreview.figures.flow_boxes import Box, Place, draw_box, told
from livingreview.figures.sheet import (
    FULL_WIDTH,
    NO_BREAK,
    Sheet,
    body,
    line_height,
    setting,
    small,
)
from livingreview.figures.words import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 4
"""Versions side by side."""
_GAP, _DOWN = 6.0, 4.5
_TOP = 0.5
_HEAD = 9.0


def draw(columns: Sequence[Data]) -> Figure:
    """The diagram, 174 mm wide; one column at least."""
    wide = max(3, min(len(columns), MOST))  # two versions alone do not fill the sheet with two broad columns
    room = (FULL_WIDTH - 0.6 - _GAP * (wide - 1)) / wide
    bands = [columns[i : i + MOST] for i in range(0, len(columns), MOST)]
    drawn = [_band(band, room) for band in bands]
    highs = [_HEAD + sum(rows) + _DOWN * (len(rows) - 1) for _, rows in drawn]
    sheet = Sheet(FULL_WIDTH, 2 * _TOP + sum(highs) + 2 * _DOWN * (len(bands) - 1))
    top = _TOP
    for number, (band, (boxes, rows), high) in enumerate(zip(bands, drawn, highs, strict=True)):
        _draw_band(sheet, top, band, boxes, rows, room, goes_on=number + 1 < len(bands))
        top += high + 2 * _DOWN
    return sheet.figure


def alt_text(columns: Sequence[Data]) -> str:
    """The columns in words."""
    parts = ["Flow across the versions of this review."]
    for column in columns:
        lines = [text for title, more in _texts(column) for text in (title, *more)]
        head = f"Version {column['version']}" + (" (as published)" if column["published"] else "")
        parts.append(f"{head}: {'; '.join(lines)}.")
    return re.sub(r" \(n = ([^)]*)\)", r": \1", " ".join(parts).replace(NO_BREAK, " "))


def _band(columns: Sequence[Data], room: float) -> tuple[list[list[Box | None]], list[float]]:
    """Boxes of each column, bottom row last, and the height of each row of boxes."""
    place = (0.0, room)
    boxes: list[list[Box | None]] = []
    most = max(len(_texts(c)) for c in columns)
    for column in columns:
        texts = _texts(column)
        blank: list[Box | None] = [None] * (most - len(texts))
        boxes.append([*blank, *(told(title, lines, place) for title, lines in texts)])
    rows = [max(b.high for b in row if b is not None) for row in zip(*boxes, strict=True) if any(row)]
    return boxes, rows


def _texts(column: Data) -> list[tuple[str, list[str]]]:
    """Title and lines of the boxes of a column, from the search to the total."""
    studies = column["studies"]
    if "identified" not in column:
        known = f"Studies {words.n(studies)}" if studies is not None else "Studies: number not known"
        return [(known, ["as published"] if column["published"] else [])]
    carried = column["carried"]
    new = [f"no longer included {words.n(column['removed'])}"] if column["removed"] else []
    both = column["together"]
    ranged = (
        [f"with those of version {column['before']}: {both['least']:,} to {both['most']:,}"]
        if both and both["least"] != both["most"]
        else []
    )
    return [
        (f"Records identified {words.n(column['identified'])}", []),
        (f"Records screened {words.n(column['screened'])}", _over(carried["screening"])),
        (f"Reports assessed {words.n(column['assessed'])}", _over(carried["assessment"])),
        (f"Studies newly included {words.n(column['new'])}", new),
        (f"Studies included {words.n(studies)}", ranged),
    ]


def _over(n: int) -> list[str]:
    return [f"carried over {words.n(n)}"] if n else []


def _draw_band(
    sheet: Sheet, top: float, columns: Sequence[Data], boxes: Sequence[Sequence[Box | None]], rows: Sequence[float],
    room: float, *, goes_on: bool,
) -> None:  # fmt: skip
    tops = [top + _HEAD + sum(rows[:i]) + _DOWN * i for i in range(len(rows))]
    level = tops[-1] + rows[-1] / 2
    for i, (column, own) in enumerate(zip(columns, boxes, strict=True)):
        place: Place = (0.3 + i * (room + _GAP), 0.3 + i * (room + _GAP) + room)
        centre = sum(place) / 2
        _draw_head(sheet, top, place, column)
        for row, box in enumerate(own):
            if box is None:
                continue
            last = row + 1 == len(own)
            draw_box(
                sheet, place, tops[row], box, setting("axes.facecolor") if last else "#ffffff", rows[row]
            )
            if not last:
                sheet.arrow((centre, tops[row] + rows[row]), (centre, tops[row + 1]))
        if i:
            sheet.arrow((place[0] - _GAP, level), (place[0], level))
        if i + 1 == len(columns) and goes_on:
            # the studies go on to the next row of versions
            sheet.arrow((centre, tops[-1] + rows[-1]), (centre, tops[-1] + rows[-1] + 1.6 * _DOWN))


def _draw_head(sheet: Sheet, top: float, place: Place, column: Data) -> None:
    sheet.text(place[0], top + line_height(body()) / 2, f"Version {column['version']}", body(), "semibold")
    searched = column.get("search_date")
    said = f"searched {searched}" if searched else f"published {column['date']}" if column.get("date") else ""
    sheet.text(place[0], top + line_height(body()) + line_height(small()) / 2, said, small())
