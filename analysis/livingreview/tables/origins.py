"""The supplement's table of where each number of the main text comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.panel import by_table
from livingreview.publish.escape import markdown
from livingreview.tables.pipe import DASH, Column, Table

Record = Mapping[str, Any]

BREAK = "\u200b"
"""Where a long key may break in a narrow column."""


def origins(keys: Iterable[str], claims: Mapping[str, Record]) -> Table:
    """One row for each claim that the main text prints as a number: what it is, how many studies it rests on, rows counted by
    table, and the notebook cell or step that made it; claims that share all of these stand together. ``keys`` are those of the
    rendered document, ``claims`` the file of the claims gate."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for key in sorted(set(keys)):
        if key in claims:
            claim = claims[key]
            about = (
                _group(key),
                w.integer(len(claim["studies"])) if claim["studies"] else DASH,
                _rows(claim["rows"]),
                _made(claim["made_by"]),
            )
            groups.setdefault(about, []).append(key)
    rows = [
        [_keys(group, found), _definitions(found, claims), studies, told, made]
        for (group, studies, told, made), found in groups.items()
    ]
    return Table(
        "origins",
        "Where each number of the main text comes from: claims by key, what they are, the studies and the rows of the extraction tables that they "
        "rest on, and what made them (a cell of a notebook, or a step of the build). Claims of one group that rest on the same share a row. A key "
        "with its study, row and line in the tables is found with *livingreview trace* and the key.",
        [
            Column("Claims", 30),
            Column("What they are", 32),
            Column("Studies", 8, "right"),
            Column("Rows by table", 16),
            Column("Made by", 14),
        ],
        rows,
    )


def _group(key: str) -> str:
    return key.rpartition(".")[0]


def _keys(group: str, keys: Iterable[str]) -> str:
    names = [key.removeprefix(f"{group}.") for key in keys]
    shown = f"{group}.{names[0]}" if len(names) == 1 else f"{group}: {', '.join(names)}"
    return markdown(shown).replace(".", f".{BREAK}").replace("\\_", f"\\_{BREAK}")


def _definitions(keys: Iterable[str], claims: Mapping[str, Record]) -> str:
    told = list(dict.fromkeys(str(claims[key]["definition"]) for key in keys))
    # definitions of one group begin alike
    head = told[0].partition(": ")[0] + ": " if ": " in told[0] else ""
    if head and len(told) > 1 and all(text.startswith(head) for text in told):
        told = [told[0], *(text.removeprefix(head) for text in told[1:])]
    return markdown("; ".join(told))


def _rows(keys: Iterable[str]) -> str:
    counts = by_table(tuple(keys))
    return markdown("; ".join(f"{table} {n}" for table, n in counts.items())) or "none"


def _made(made: Mapping[str, str]) -> str:
    name = made.get("notebook") or f"step {made.get('step', 'claims')}"
    return markdown(f"{name}: {made.get('cell', '')}").replace("\\_", f"\\_{BREAK}")
