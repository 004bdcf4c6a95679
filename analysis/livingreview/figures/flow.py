"""PRISMA 2020 flow diagram: boxes that grow with their text, summed numbers only.

Drawn from the flow of the screening stage: ``boxes`` (numbers, or ``{"total": n, "reasons": [{"reason", "n"}]}``), ``labels`` (the
words of the boxes) and ``streams`` (names of the search streams). Layout after Page MJ et al. (2021) The PRISMA 2020
statement. BMJ 372:n71, doi 10.1136/bmj.n71, with boxes of their own for what is still open in a living review. The form for an
updated review, with the studies of the version before, is in ``flow_updated``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livingreview.figures import words
from livingreview.figures.flow_boxes import (
    MOST_REASONS,
    Box,
    Columns,
    Row,
    box_of,
    count,
    draw_rows,
    height,
    label,
    long,
    lower,
    streams,
)
from livingreview.figures.sheet import FULL_WIDTH, Sheet
from livingreview.figures.words import Data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ORDER = (
    "duplicates_removed",
    "screened",
    "excluded_screening",
    "awaiting_assessment",
    "sought",
    "other_sources",
    "assessed",
    "excluded_assessed",
    "awaiting_classification",
    "ongoing",
    "linked_reports",
    "retracted",
    "included_studies",
    "included_reports",
)
ALWAYS = {
    "duplicates_removed",
    "screened",
    "excluded_screening",
    "assessed",
    "excluded_assessed",
    "included_studies",
}


def draw(flow: Data) -> Figure:
    """The diagram, 174 mm wide and as high as its boxes need."""
    columns = Columns()
    boxes = flow["boxes"]
    reports = (
        [f"{label(flow, 'included_reports')} {words.n(count(boxes['included_reports']))}"]
        if "included_reports" in boxes
        else []
    )
    last = Row("Included", box_of(flow, "included_studies", columns.main, reports), [], long("Included"))
    rows = [*steps(flow, columns), last]
    sheet = Sheet(FULL_WIDTH, height(rows))
    draw_rows(sheet, rows, columns)
    return sheet.figure


def alt_text(flow: Data) -> str:
    """The flow in words, box by box; a box that the flow does not have is passed over."""
    boxes = flow["boxes"]

    def said(key: str) -> str:
        return f"{label(flow, key)}: {count(boxes[key])}"

    def why(key: str) -> str:
        reasons = boxes[key].get("reasons", []) if isinstance(boxes[key], dict) else []
        listed = ", ".join(f"{r['reason']}: {r['n']}" for r in reasons[:MOST_REASONS])
        if rare := reasons[MOST_REASONS:]:
            listed += f", {len(rare)} rarer reasons: {sum(r['n'] for r in rare)}"
        return f" ({listed})" if listed else ""

    told = ["PRISMA 2020 flow diagram."]
    by = ", ".join(f"{name}: {n}" for name, n in streams(flow).items())
    told.append(said("identified") + (f" ({by})" if by else "") + ".")
    for key in ORDER:
        if key in boxes and (key in ALWAYS or count(boxes[key])):
            told.append(said(key) + why(key) + ".")
    return " ".join(told)


def caption_facts(flow: Data) -> dict[str, Any]:
    """Facts for a caption: the number in every box."""
    return {key: count(value) for key, value in flow["boxes"].items() if not isinstance(value, list)}


def steps(
    flow: Data, columns: Columns, screened: tuple[str, ...] = (), assessed: tuple[str, ...] = ()
) -> list[Row]:
    """The steps from identification to assessment; ``screened`` and ``assessed`` are further lines of these two boxes."""
    boxes = flow["boxes"]
    from_streams = [f"{name} {words.n(n)}" for name, n in streams(flow).items()]
    rows = [
        Row(
            "Identification",
            box_of(flow, "identified", columns.main, from_streams),
            [box_of(flow, "duplicates_removed", columns.side)],
            long("Identification"),
        ),
        Row(
            "Screening",
            box_of(flow, "screened", columns.main, screened),
            _beside(flow, columns, "excluded_screening", "awaiting_assessment"),
        ),
    ]
    if "sought" in boxes:
        rows.append(Row("Screening", box_of(flow, "sought", columns.main)))
    other = (
        (f"of these, {lower(label(flow, 'other_sources'))} {words.n(count(boxes['other_sources']))}",)
        if count(boxes.get("other_sources"))
        else ()
    )
    left = ("excluded_assessed", "awaiting_classification", "ongoing", "linked_reports", "retracted")
    rows.append(
        Row(
            "Screening",
            box_of(flow, "assessed", columns.main, (*other, *assessed)),
            _beside(flow, columns, *left),
        )
    )
    return rows


def _beside(flow: Data, columns: Columns, *keys: str) -> list[Box]:
    """Boxes at the side: a box that is always part of the diagram, or one that is not empty."""
    return [
        box_of(flow, key, columns.side, always=key in ALWAYS)
        for key in keys
        if key in flow["boxes"] and (key in ALWAYS or count(flow["boxes"][key]))
    ]
