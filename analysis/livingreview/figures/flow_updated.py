"""PRISMA 2020 flow diagram for an updated review: studies of the version before, this version’s search, and the studies in total.

Drawn from an entry of the slice of versions (see ``livingreview.living.update``). Without a version before, it is the plain diagram. Layout after
Page MJ et al. (2021) The PRISMA 2020 statement. BMJ 372:n71, doi 10.1136/bmj.n71 (updated reviews).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from livingreview.figures import flow as plain
from livingreview.figures import words
from livingreview.figures.flow_boxes import (
    TOP,
    Columns,
    Row,
    draw_box,
    draw_rows,
    height,
    label,
    long,
    told,
)
from livingreview.figures.sheet import FULL_WIDTH, Sheet, setting
from livingreview.figures.words import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = Columns(main=(48.0, 102.0), side=(108.0, FULL_WIDTH - 0.3))
BEFORE = (10.0, 43.0)
"""Column of the version before."""


def file_name(version: str) -> str:
    """Name of the figure of an earlier release, without points: ``flow_of_2026_11``."""
    return f"flow_of_{version.replace('.', '_')}"


def draw(entry: Data) -> Figure:
    """The diagram, 174 mm wide and as high as its boxes need."""
    if entry["previous"] is None:
        return plain.draw(_whole(entry))
    rows = [
        *plain.steps(entry, COLUMNS, *_carried(entry)),
        Row("Included", told(*_new(entry), COLUMNS.main)),
        Row("Included", told(*_all(entry), COLUMNS.main), [], long("Included")),
    ]
    sheet = Sheet(FULL_WIDTH, height(rows))
    tops = draw_rows(sheet, rows, COLUMNS)
    before = told(*_before(entry), BEFORE)
    draw_box(sheet, BEFORE, TOP, before, setting("axes.facecolor"), rows[0].main_high)
    # from the version before down its column and into the total
    x, level = sum(BEFORE) / 2, tops[-1] + rows[-1].main_high / 2
    bottom = TOP + max(before.high, rows[0].main_high)
    sheet.line([x, x], [bottom, level], setting("lines.color"), setting("lines.linewidth"))
    sheet.arrow((x, level), (COLUMNS.main[0], level))
    return sheet.figure


def alt_text(entry: Data) -> str:
    """The diagram in words, box by box."""
    if entry["previous"] is None:
        return plain.alt_text(_whole(entry))
    steps = zip(("Records screened", "Reports assessed"), _carried(entry), strict=True)
    lines = [_before(entry), *((step, list(c)) for step, c in steps if c), _new(entry)]
    lines.append(_all(entry))
    said = ". ".join("; ".join(filter(None, [title, *more])) for title, more in lines)
    # the boxes of the search have no included studies: those follow with the version before
    return f"{plain.alt_text(entry)} {_spoken(said)}."


def _spoken(text: str) -> str:
    """Numbers of boxes as running text has them: ``: 12`` for ``(n = 12)``."""
    return re.sub(r" \(n = ([^)]*)\)", r": \1", text.replace("\u00a0", " "))


def caption_facts(entry: Data) -> dict[str, Any]:
    """Facts for a caption: the number in every box, and what the version before and the total are."""
    return {
        **plain.caption_facts(entry),
        "new_studies": entry["new"]["studies"],
        "removed": entry["removed"],
        "total": dict(entry["total"]),
        "previous": entry["previous"],
    }


def _whole(entry: Data) -> dict[str, Any]:
    """The entry as a plain flow: everything is new."""
    boxes = {**entry["boxes"], "included_studies": entry["new"]["studies"]}
    if entry["new"]["reports"]:
        boxes["included_reports"] = entry["new"]["reports"]
    return {**entry, "boxes": boxes}


def _carried(entry: Data) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Further lines of the boxes of screening and of assessment."""
    found = []
    for step, open_before in (
        ("screening", "carried over from the version before"),
        ("assessment", "carried over from the version before, or judged anew"),
    ):
        lines = []
        if entry["carried"][step]:
            lines.append(f"of these, {open_before} {words.n(entry['carried'][step])}")
        if entry["withdrawn"][step]:
            lines.append(f"without those known before {words.n(entry['withdrawn'][step])}")
        found.append(tuple(lines))
    return found[0], found[1]


def _before(entry: Data) -> tuple[str, list[str]]:
    previous = entry["previous"]
    known = previous["studies"]
    lines = []
    if previous["reports"]:
        lines.append(f"{label(entry, 'included_reports')} {words.n(previous['reports'])}")
    if previous["kind"] == "published":
        lines.append("as published; which studies these were is not known")
    if entry["removed"]:
        lines.append(f"of these, no longer included {words.n(entry['removed'])}")
    title = f"Studies included in version {previous['version']}"
    return f"{title} {words.n(known)}" if known is not None else f"{title}: not reported", lines


def _new(entry: Data) -> tuple[str, list[str]]:
    published = entry["previous"]["kind"] == "published"
    title = "Studies included from this version’s search" if published else "New studies included"
    reports = entry["new"]["reports"]
    lines = [f"Reports of these studies {words.n(reports)}"] if reports else []
    return f"{title} {words.n(entry['new']['studies'])}", lines


def _all(entry: Data) -> tuple[str, list[str]]:
    total = entry["total"]
    title = "Studies of both versions together" if _ranged(entry) else label(entry, "included_studies")
    if total["least"] == total["most"]:
        lines = (
            [f"{label(entry, 'included_reports')} {words.n(total['reports'])}"] if total["reports"] else []
        )
        return f"{title} {words.n(total['least'])}", lines
    later = f" and the {total['later']} published after it" if total["later"] else ""
    least = (
        f"at least those of version {entry['previous']['version']}{later}"
        if total["least"] > entry["new"]["studies"]
        else "at least those of this version"
    )
    most = "at most the sum" + (f" less {total['shared']} known to be the same" if total["shared"] else "")
    number = f"(n = {total['least']:,} to {total['most']:,})".replace(" ", "\u00a0")
    return f"{title} {number}", [least, most]


def _ranged(entry: Data) -> bool:
    return bool(entry["previous"]["kind"] == "published")
