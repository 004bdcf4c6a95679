"""Rules on scores: values lie on their scale, a scale has two ends, a spread belongs to values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from livingreview.errors import Problem
from livingreview.extraction.ruling import Review, rule, told

_POINTS = ("before", "after")
_LENGTHS = ("change", "median", "mean", "min", "max", "before_sd", "after_sd", "sd")
_SPREADS = ("before_sd", "after_sd", "sd")

Scale = tuple[float, float]


@rule("outcomes", columns="scale_min scale_max")
def scale_has_two_ends(review: Review) -> Iterator[Problem]:
    """A scale of the source is given by its lowest and its highest value, the lowest first."""
    for row in review.tables["outcomes"]:
        low, high = row["scale_min"], row["scale_max"]
        if (low is None) != (high is None):
            given, lacking = ("scale_max", "scale_min") if low is None else ("scale_min", "scale_max")
            yield told(
                row, given, f"stands without {lacking}", suggestion=f"fill in {lacking}, or empty both"
            )
        elif low is not None and low >= high:
            yield told(
                row, "scale_min", "not lower than scale_max", allowed=f"less than {high:g} (scale_max)"
            )


@rule("outcomes", columns="scale_min scale_max before_sd after_sd", protocol="outcomes")
def scores_lie_on_scale(review: Review) -> Iterator[Problem]:
    """Values lie on the row's scale, or without one in the outcome's range; changes and spreads are no longer than it."""
    ranges = _ranges(review)
    for row in review.tables["outcomes"]:
        own = row["scale_min"] is not None and row["scale_max"] is not None
        scale = (row["scale_min"], row["scale_max"]) if own else ranges.get(row["outcome"])
        if scale is None or scale[0] >= scale[1]:
            continue
        where = "scale_min to scale_max" if own else f"range of {row['outcome']} in review.yaml"
        hint = (
            "mend the value or the scale"
            if own
            else "if the source uses another scale, give its ends in scale_min and scale_max"
        )
        width = scale[1] - scale[0]
        for column in _POINTS:
            if row[column] is not None and not scale[0] <= row[column] <= scale[1]:
                allowed = f"{scale[0]:g} to {scale[1]:g} ({where})"
                yield told(row, column, "not on the scale", allowed=allowed, suggestion=hint)
        for column in _LENGTHS:
            if (value := row.get(column)) is not None and abs(value) > width:
                least = 0 if column in _SPREADS else -width
                allowed = f"{least:g} to {width:g} (the scale runs over {width:g}: {where})"
                yield told(row, column, "longer than the scale", allowed=allowed, suggestion=hint)


@rule("outcomes", columns="before_sd after_sd sd")
def spread_belongs_to_values(review: Review) -> Iterator[Problem]:
    """A standard deviation stands beside the mean it belongs to, and not beside a single unit."""
    for row in review.tables["outcomes"]:
        for column in _SPREADS:
            if row[column] is None:
                continue
            if row["total"] == 1:
                yield told(
                    row,
                    column,
                    "a single unit has no standard deviation (total is 1)",
                    suggestion="empty the cell, or mend total",
                )
            elif not any(row.get(c) is not None for c in ("change", "mean", *_owners(column))):
                owners = " and ".join(_owners(column))
                yield told(
                    row,
                    column,
                    "stands without the values that it is the spread of",
                    suggestion=f"fill in {owners}, or the mean change in mean",
                )


def _owners(column: str) -> tuple[str, ...]:
    return _POINTS if column == "sd" else (column.removesuffix("_sd"),)


@rule("participants", protocol="outcomes")
def individual_scores_lie_on_scale(review: Review) -> Iterator[Problem]:
    """Values of single patients before and after treatment lie in the range of the outcome that they measure."""
    ranges = _ranges(review)
    for row in review.tables["participants"]:
        for column, value in row.items():
            measure, _, when = column.rpartition("_")
            scales = {c: s for c, s in ranges.items() if c == measure or c.startswith(f"{measure}_")}
            if when not in _POINTS or value is None or not scales:
                continue
            if not any(low <= value <= high for low, high in scales.values()):
                allowed = ", ".join(
                    f"{low:g} to {high:g} (range of {c} in review.yaml)" for c, (low, high) in scales.items()
                )
                yield told(
                    row,
                    column,
                    "not on the scale",
                    allowed=allowed,
                    suggestion="put the value on this scale, and write the value of the source into the note",
                )


def _ranges(review: Review) -> dict[Any, Scale]:
    return {o.code: (o.range[0], o.range[1]) for o in review.protocol.outcomes if o.range is not None}
