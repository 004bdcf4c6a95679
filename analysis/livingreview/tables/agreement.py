"""The part of the supplement on double extraction: agreement by column, and each difference with its decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.marks import Marks
from livingreview.publish.escape import markdown
from livingreview.tables.pipe import DASH, Column, Table

Row = Mapping[str, Any]

NONE = "No study has been extracted a second time yet, so that no agreement can be given."


def part(found: Row) -> str:
    """Markdown of the part; ``found`` is :func:`livingreview.supplement.agreement`'s content."""
    if not found["studies"]:
        return f"{NONE}\n"
    n, cells = len(found["studies"]), found["cells"]
    m = Marks("agreement")
    studies = f"{m('studies', n)} stud{'y was' if n == 1 else 'ies were'} extracted a second time, independently: {w.listed([markdown(s) for s in found['studies']])}."
    agreed = f"The two extractions agree in {m('agreed', found['agreed'])} of {m('cells', cells)} cells ({m.percent('percent', found['agreed'] / cells)})." if cells else ""  # fmt: skip
    differ = f"They differ in {m('differences', len(found['differences']))}, of which {m('open', found['open'])} wait{'s' if found['open'] == 1 else ''} for adjudication." if found["differences"] else "They do not differ."  # fmt: skip
    tables = [_by_column(found["fields"])]
    if found["differences"]:
        tables.append(_differences(found["differences"]))
    shown = w.listed([f"@tbl-{t.label}" for t in tables])
    return f"{studies} {agreed} {differ} See {shown}.\n\n" + "\n".join(t.markdown() for t in tables)


def _by_column(fields: Sequence[Row]) -> Table:
    return Table(
        "agreement",
        "Agreement of two extractions, by column of the tables. Coefficients are given for columns of codes from five cells on.",
        [
            Column("Table", 20),
            Column("Column", 30),
            Column("Cells", 10, "right"),
            Column("Agree", 12, "right"),
            Column("Cohen’s kappa", 14, "right"),
            Column("Gwet’s AC1", 14, "right"),
        ],
        list(_fields(fields)),
    )


def _fields(fields: Iterable[Row]) -> Iterable[list[str]]:
    for f in fields:
        yield [
            markdown(f["table"]),
            markdown(f["title"]),
            w.integer(f["n"]),
            DASH if f["percent"] is None else w.percent(f["percent"]),
            _coefficient(f["kappa"]),
            _coefficient(f["ac1"]),
        ]


def _coefficient(value: float | None) -> str:
    return DASH if value is None else f"{value:.2f}".replace("-", "−")


def _differences(differences: Iterable[Row]) -> Table:
    rows = [
        [
            markdown(d["study"]),
            f"{markdown(d['table'])}: {markdown(d['field'])}",
            markdown(d["first"]) or "empty",
            markdown(d["second"]) or "empty",
            (markdown(d["value"]) or "empty") if d["settled"] else "open",
            markdown(d["reason"]) if d["settled"] and d["reason"] else DASH,
        ]
        for d in differences
    ]
    return Table(
        "adjudications",
        "Fields in which two extractions differ, and how that was decided.",
        [
            Column("Study", 18),
            Column("Table, field", 22),
            Column("First", 14),
            Column("Second", 14),
            Column("Decided", 14),
            Column("Reason", 30),
        ],
        rows,
    )
