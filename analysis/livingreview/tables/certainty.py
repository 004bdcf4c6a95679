"""Summary of findings, and what each judgement on the certainty of evidence rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.certainty.model import Certainty, Finding, Input, Rating
from livingreview.claims import clustered, marks
from livingreview.claims import wording as w
from livingreview.claims.words import PATIENT, Words, lower_first
from livingreview.publish.escape import markdown
from livingreview.synthesis.estimates import Estimate
from livingreview.tables.pipe import DASH, Column, Table

DIGEST_DIGITS = 8
"""Digits of a digest that print: enough to see that two differ."""


def summary_of_findings(certainty: Certainty, documents: Mapping[str, Any]) -> Table:
    """One row a therapy and outcome, in the protocol's order."""
    words = Words(documents)
    short = {t["code"]: markdown(t["short_name"]) for t in documents["therapies"]}
    rows: list[list[str]] = []
    for f in certainty.findings:
        row = [
            short.get(f.therapy, markdown(f.therapy_name)),
            markdown(f.name),
            _participants(f, words),
            _estimate(f),
            markdown(f.certainty) or DASH,
            w.paragraph(w.spaced(markdown(f.means)), _judged_on(certainty, f)),
        ]
        # outcomes without any evidence share a row
        alike = rows and f.participants is None and [rows[-1][0], *rows[-1][2:]] == [row[0], *row[2:]]
        if alike:
            rows[-1][1] += f"; {lower_first(row[1])}"
        else:
            rows.append(row)
    caption = (
        f"Summary of findings by therapy and outcome, with {marks.level(words.level)} intervals. Certainty is that of a body of evidence; *proposed* "
        "means computed by rule and signed by nobody, and supports no conclusion."
    )
    signed = certainty.cells - certainty.open
    facts = [("signed", signed, "judgements signed"), ("cells", certainty.cells, "judgements")]
    number = marks.Marks("certainty")
    notes = " ".join(
        number.within(w.sentence(w.spaced(markdown(text))), facts if i == 0 else ())
        for i, text in enumerate(certainty.warnings)
    )
    return Table(
        "findings",
        w.paragraph(clustered.explained(caption, rows, words), notes),
        [
            Column("Therapy", 12),
            Column("Outcome", 20),
            Column(f"{words.units(PATIENT, 2).capitalize()} (studies)", 12),
            Column("Estimate (interval)", 17),
            Column("Certainty", 14),
            Column("What it means", 33),
        ],
        rows,
    )


def _estimate(f: Finding) -> str:
    if f.estimate:
        assumed = (
            f.measure.rpartition(" (correlation ")[2].rstrip(")") if " (correlation " in f.measure else ""
        )
        cell = f"{estimate_cell(f.estimate)}{clustered.MARK if f.estimate.unit != PATIENT else ''}"
        return f"{cell}; correlation {markdown(assumed)}" if assumed else cell
    return "no interval" if f.studies else w.NO_DATA


def _judged_on(certainty: Certainty, f: Finding) -> str:
    """On which interval imprecision was judged, where it is not the printed one."""
    rating = certainty.rating(f.therapy, f.outcome)
    if rating is None or f.estimate is None or f.estimate.unit == PATIENT:
        return ""
    found = [
        i
        for cell in rating.cells
        if cell.domain == "imprecision"
        for i in cell.inputs
        if i.code == "interval"
    ]
    return w.sentence(f"imprecision was judged on {w.spaced(markdown(found[0].text))}") if found else ""


def _participants(f: Finding, words: Words) -> str:
    if f.participants is None:
        return f"not known ({w.integer(f.studies)})" if f.studies else "none (0)"
    unit = "" if f.unit == PATIENT else f" {words.units(f.unit, f.participants)}"
    return f"{w.integer(f.participants)}{unit} ({w.integer(f.studies)})"


def estimate_cell(e: Estimate) -> str:
    """``7/7: 100 % (59–100)``, ``mean 62 % (40–81)``, ``−2.5 (−4 to −1)``: an estimate of any kind in a narrow column."""
    if e.kind.endswith("_change"):
        return f"{e.kind.removesuffix('_change').replace('_', ' ')} {w.number(e.value, 1)} ({w.span(round(e.lower, 1), round(e.upper, 1))})"
    size = e.total if e.total is not None else e.n
    if e.sided == 1:
        limit = (
            f"at most {w.percent(e.upper, size)}" if e.events == 0 else f"at least {w.percent(e.lower, size)}"
        )
        return f"{w.integer(e.events)}/{w.integer(e.total)}: {limit}"
    bounds = w.percent_range(e.lower, e.upper, size).removesuffix(f"{w.NBSP}%")
    shown = f"{w.percent(e.value, size)}{w.NBSP}({bounds})"
    if e.kind == "proportion" and e.events is not None:
        return f"{w.integer(e.events)}/{w.integer(e.total)}: {shown}"
    return f"mean {shown}" if e.kind == "mean_proportion" else shown


def inputs(certainty: Certainty, documents: Mapping[str, Any]) -> list[Table]:
    """One table a therapy: the domains of each outcome with their inputs, judgement, status and digest."""
    return [
        _inputs(t, [r for r in certainty.ratings if r.therapy == t["code"]]) for t in documents["therapies"]
    ]


def _shared(rating: Rating) -> list[Input]:
    """Inputs that every domain of a rating has: they print once."""
    first, *others = rating.cells
    return [i for i in first.inputs if all(i in cell.inputs for cell in others)]


def _listed(found: Sequence[Input]) -> str:
    told = [f"{markdown(i.label)}: {w.spaced(markdown(w.clause(i.text)))}" for i in found]
    return w.sentence("; ".join(told))


def _inputs(therapy: Mapping[str, Any], ratings: Sequence[Rating]) -> Table:
    rows: list[list[str]] = []
    for r in (r for r in ratings if r.all_cells):
        shared = _shared(r)
        rows.append(
            [markdown(r.name), "All", _listed(shared), DASH, w.sentence(markdown(r.start_reason)), DASH]
        )
        rows += [
            [
                "",
                markdown(cell.name),
                _listed([i for i in cell.inputs if i not in shared]) or "As above.",
                markdown(cell.text),
                w.sentence(w.spaced(markdown(cell.because))),
                f"`{cell.digest[:DIGEST_DIGITS]}`",
            ]
            for cell in r.all_cells
        ]
    silent = [markdown(r.name) for r in ratings if not r.all_cells]
    if silent:
        rows.append(["; ".join(silent), "All", "No evidence.", "not rated", "No study gives a result.", DASH])
    return Table(
        f"certainty-{therapy['code'].replace('_', '-')}",
        f"{markdown(therapy['name'])}: what each judgement on the certainty of evidence rests on. The digest stands for the inputs; a signature "
        "given under another digest is open again.",
        [
            Column("Outcome", 14),
            Column("Domain", 12),
            Column("Inputs", 33),
            Column("Judgement", 13),
            Column("Reason", 19),
            Column("Digest", 9),
        ],
        rows,
    )
