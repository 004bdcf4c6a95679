"""The columns, values and items that the declared analyses name: does the review have them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from livingreview.errors import Problem
from livingreview.extraction.schema import FieldSchema, TableSchema, code_lists
from livingreview.extraction.validate import Row
from livingreview.nearest import did_you_mean
from livingreview.protocol import Draft
from livingreview.protocol_codes import FIELD_OF_COLUMN, OF_READING
from livingreview.yaml_source import Where

TABLES = ("participants", "arms", "studies")
"""Where a column is looked up, before the result itself."""
NUMBERS = ("integer", "number", "year")


def check(draft: Draft, schemas: Mapping[str, TableSchema], items: Sequence[Row] | None) -> Iterator[Problem]:
    """Problems of the protocol's ``analyses`` beside the schemas and the ``items`` of appraisal tools (None: table not
    readable): a column that no table has or that may not print, a value that it cannot hold, a moderator that is no number, an
    item that a tool does not have."""
    if "analyses" not in draft.known:
        return
    analyses = draft.protocol.analyses
    known = columns(schemas)
    lists = code_lists(draft.protocol, draft.known)
    for i, entry in enumerate(analyses.sensitivity):
        for part in ("keep", "drop"):
            for column, values in getattr(entry, part).items():
                where: Where = ("analyses", "sensitivity", i, part, column)
                yield from _column(draft, where, column, known)
                yield from _values(draft, where, values, known.get(column, ()), column, lists)
        for tool, asked in entry.appraisal.items():
            yield from _items(
                draft, ("analyses", "sensitivity", i, "appraisal", tool), tool, list(asked.items), items
            )
    for i, group in enumerate(analyses.subgroups):
        yield from _column(draft, ("analyses", "subgroups", i, "by"), group.by, known)
        for code, values in group.groups.items():
            where = ("analyses", "subgroups", i, "groups", code)
            yield from _values(draft, where, values, known.get(group.by, ()), group.by, lists)
    for i, moderator in enumerate(analyses.moderators):
        where = ("analyses", "moderators", i, "by")
        yield from _column(draft, where, moderator.by, known)
        types = {f.type for f in known.get(moderator.by, ())}
        if types and not types <= set(NUMBERS):
            yield draft.problem(
                where, f"the column `{moderator.by}` holds no numbers", "make it a subgroup instead"
            )


def columns(schemas: Mapping[str, TableSchema]) -> dict[str, list[FieldSchema]]:
    """Columns that an analysis may name, with their definitions in the tables that have them."""
    found: dict[str, list[FieldSchema]] = {}
    for table in TABLES:
        for name, spec in schemas[table].fields.items():
            if spec.printed:
                found.setdefault(name, []).append(spec)
    for name in OF_READING:
        found.setdefault(name, []).append(schemas["outcomes"].fields[name])
    return found


def _column(
    draft: Draft, where: Where, column: str, known: Mapping[str, Sequence[FieldSchema]]
) -> Iterator[Problem]:
    if column not in known:
        yield draft.problem(
            where,
            f"no table of patients, arms or studies has the column `{column}` for analysis",
            did_you_mean(column, known),
        )


def _values(
    draft: Draft,
    where: Where,
    values: Sequence[str],
    specs: Sequence[FieldSchema],
    column: str,
    lists: Mapping[str, Mapping[str, str]],
) -> Iterator[Problem]:
    if column in FIELD_OF_COLUMN:
        return  # codes of the protocol, told there
    allowed: set[str] = set()
    for spec in specs:
        if spec.type == "boolean":
            allowed |= {"yes", "no"}
        elif (codes := spec.extras.get("codesFrom")) is not None and codes in lists:
            allowed |= set(lists[codes])
        elif (words := spec.constraints.get("enum")) is not None:
            allowed |= {str(w) for w in words}
        else:
            return  # free text or a number
    for j, value in enumerate(values):
        if specs and value not in allowed:
            hint = did_you_mean(value, allowed) or f"it can be: {', '.join(sorted(allowed))}"
            yield draft.problem((*where, j), f"the column `{column}` cannot be `{value}`", hint)


def _items(
    draft: Draft, where: Where, tool: str, asked: Sequence[int], items: Sequence[Row] | None
) -> Iterator[Problem]:
    numbers = sorted(
        {r["item_number"] for r in items or () if r["tool"] == tool and r["item_number"] is not None}
    )
    for number in asked if numbers else ():
        if number not in numbers:
            yield draft.problem(
                (*where, "items", str(number)),
                f"{tool} has no item {number}",
                f"appraisal_tools.csv has: {', '.join(map(str, numbers))}",
            )
