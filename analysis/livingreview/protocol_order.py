"""The order in which the protocol lists its codes, kept beside mappings: a canonical file sorts their keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

FIELDS = (
    "out_of_scope", "constructs", "units", "designs", "aetiologies", "bases", "source_kinds", "appraisal_tools",
    "judgements", "affiliations", "categories", "streams",
)  # fmt: skip
"""Mappings of the protocol whose order means something; what is a list there keeps its order by itself."""

NESTED: Mapping[str, tuple[str, str]] = {
    "categories": ("response", "categories"),
    "streams": ("search", "streams"),
}
"""Those of them that lie inside a field, by their own name."""


def order_of(protocol: Mapping[str, Any], *fields: str) -> dict[str, list[str]]:
    """Codes by field, in the protocol's order, of a JSON-ready ``protocol``; of all :data:`FIELDS` when none is named.

    A name that is none of these (a list, a text) gets no entry.
    """
    found: dict[str, list[str]] = {}
    for name in (f for f in fields or FIELDS if f in FIELDS):
        outer, inner = NESTED.get(name, ("", name))
        value = ((protocol.get(outer) or {}) if outer else protocol).get(inner)
        if isinstance(value, Mapping):
            found[name] = [str(key) for key in value]
    return found


def ordered(mapping: Mapping[str, Any], order: Iterable[str]) -> dict[str, Any]:
    """The same mapping in this order; keys that the order does not name come last, as they stood."""
    wanted = [key for key in order if key in mapping]
    return {key: mapping[key] for key in dict.fromkeys([*wanted, *mapping])}


def restored(content: Any) -> Any:
    """Content of a canonical file, its mappings again in the order that it carries under ``order``.

    ``order`` maps names of mappings to their keys and holds for every mapping of that name beside or below it, until
    one further down says otherwise.
    Content without ``order`` is returned as it is.
    """
    order = content.get("order") if isinstance(content, Mapping) else None
    return _restored(content, order) if order else content


def _restored(content: Any, order: Mapping[str, Iterable[str]]) -> Any:
    if isinstance(content, list):
        return [_restored(value, order) for value in content]
    if not isinstance(content, Mapping):
        return content
    if isinstance(own := content.get("order"), Mapping):
        order = {**order, **own}
    found = {key: value if key == "order" else _restored(value, order) for key, value in content.items()}
    for key in order:
        if isinstance(found.get(key), Mapping):
            found[key] = ordered(found[key], order[key])
    return found
