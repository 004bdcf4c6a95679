"""What a row rule is, and what it sees."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from livingreview.errors import Problem, Severity
from livingreview.extraction.schema import TableSchema
from livingreview.extraction.validate import Row
from livingreview.protocol import Protocol


@dataclass(frozen=True)
class Review:
    """All tables while they are being checked, and the protocol as far as it is known; a value that could not be read is None."""

    tables: Mapping[str, list[Row]]
    schemas: Mapping[str, TableSchema]
    protocol: Protocol

    @cached_property
    def studies(self) -> dict[str, Row]:
        """Studies by study_id."""
        return {row["study_id"]: row for row in self.tables["studies"]}

    @cached_property
    def arms(self) -> dict[tuple[str, str], Row]:
        """Arms by (study_id, arm_id)."""
        return {(row["study_id"], row["arm_id"]): row for row in self.tables["arms"]}

    def arm(self, row: Row) -> Row | None:
        """The arm that a row belongs to, None if there is none."""
        return self.arms.get((row["study_id"], row["arm_id"]))

    def primary(self, table: str) -> list[Row]:
        """Rows that are no second reading of another row."""
        return [row for row in self.tables[table] if row["alternative_to"] is None]


Check = Callable[[Review], Iterator[Problem]]


@dataclass(frozen=True)
class Rule:
    """A named check of one table: ``against`` which other tables, and with which fields of the ``protocol``."""

    name: str
    table: str
    says: str
    check: Check
    columns: tuple[str, ...]
    against: tuple[str, ...]
    protocol: tuple[str, ...]


RULES: dict[str, Rule] = {}
"""All rules by name; filled by the modules that define them."""


def rule(table: str, columns: str = "", against: str = "", protocol: str = "") -> Callable[[Check], Check]:
    """Register a check under its function's name; its docstring is what it says to people.

    ``columns``: columns beyond the core ones that the table's schema must have; ``against``: other tables
    it compares with; ``protocol``: the fields of the protocol that it reads.
    """

    def register(check: Check) -> Check:
        name = check.__name__
        says = " ".join((check.__doc__ or name).split())
        RULES[name] = Rule(
            name, table, says, check, tuple(columns.split()), tuple(against.split()), tuple(protocol.split())
        )
        return check

    return register


def told(
    row: Row,
    column: str,
    message: str,
    *,
    value: object = None,
    allowed: str = "",
    suggestion: str = "",
    severity: Severity = "error",
) -> Problem:
    """A problem at a cell of a row; the value is the row's own unless another is given."""
    shown = row.get(column) if value is None else value
    return Problem(
        message,
        file=row["_file"],
        row=row["_row"],
        column=column,
        value=None if shown is None else str(shown),
        allowed=allowed,
        suggestion=suggestion,
        severity=severity,
    )


def unread(row: Row, *columns: str) -> bool:
    """Whether one of the columns holds something that could not be read (told already)."""
    bad = row.get("_bad", ())
    return any(c in bad for c in columns)


def grouped(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> dict[Any, list[Row]]:
    """Rows by a key, in the order of first appearance."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def others(rows: Iterable[Row]) -> str:
    """The words "row 4" or "rows 4, 5" for some rows."""
    numbers = sorted({row["_row"] for row in rows})
    return f"row{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}"
