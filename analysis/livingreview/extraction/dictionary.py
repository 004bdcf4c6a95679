"""The data dictionary that the supplement prints, generated from the schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livingreview.extraction.schema import FieldSchema, TableSchema, code_lists
from livingreview.protocol import Protocol

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "year": "year",
    "date": "date",
}


def data_dictionary(schemas: Mapping[str, TableSchema], protocol: Protocol) -> list[dict[str, Any]]:
    """One entry a column, in the order of tables and columns, all values text but ``required`` (bool).

    Keys: table, table_title, column, title, type (in words; ``code`` for a column of codes), unit, allowed (codes with
    their labels, the range, or the form; empty if anything may stand there), required, description.
    """
    lists = code_lists(protocol)
    return [
        {
            "table": schema.name,
            "table_title": schema.title,
            "column": spec.name,
            "title": spec.title,
            "type": "code" if _codes(spec, lists) else _TYPES[spec.type],
            "unit": str(spec.extras.get("unit", "")),
            "allowed": _allowed(spec, lists),
            "required": spec.required,
            "description": spec.description,
        }
        for schema in schemas.values()
        for spec in schema.fields.values()
    ]


def _codes(spec: FieldSchema, lists: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    if "codesFrom" in spec.extras:
        return lists[spec.extras["codesFrom"]]
    return {str(code): "" for code in spec.constraints.get("enum", [])}


def _allowed(spec: FieldSchema, lists: Mapping[str, Mapping[str, str]]) -> str:
    codes = _codes(spec, lists)
    if codes:
        return "; ".join(f"{code} ({label})" if label else code for code, label in codes.items())
    if "shape" in spec.extras:
        return str(spec.extras["shape"])
    low, high = spec.constraints.get("minimum"), spec.constraints.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None or high is not None:
        return f"{low} or more" if low is not None else f"{high} or less"
    return "YYYY-MM-DD" if spec.type == "date" else ""
