"""Columns of the extraction tables that a protocol may name by itself: those whose values are its own codes, and those of a result."""

from __future__ import annotations

from collections.abc import Mapping

FIELD_OF_COLUMN: Mapping[str, str] = {
    "aetiology": "aetiologies",
    "basis": "bases",
    "construct": "constructs",
    "design": "designs",
    "source_kind": "source_kinds",
    "unit": "units",
}
"""Field of the protocol that lists the codes of a column, for the columns that every review has."""

OF_READING = ("basis", "timepoint_months", "construct", "unit")
"""Columns that describe a result and not its patients, arm or study."""


def as_text(value: object) -> str:
    """A value of a table as a protocol writes it: yes and no for a boolean, 10 for 10.0."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
