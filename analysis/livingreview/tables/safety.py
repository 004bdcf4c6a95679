"""Tables of the supplement on harms over studies, and on mean changes of scores by the correlation assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims import clustered, marks
from livingreview.claims import wording as w
from livingreview.claims.safety import harm_name
from livingreview.claims.scores import DIGITS
from livingreview.claims.words import Words
from livingreview.publish.escape import markdown
from livingreview.synthesis.sentences import capital
from livingreview.tables.main_text import cited
from livingreview.tables.pipe import DASH, Column, Table

Row = Mapping[str, Any]


def harms(results: Sequence[Row], words: Words) -> Table:
    """One row a therapy and harm over its studies; an unknown denominator is shown as unknown."""
    rows = []
    for r in results:
        name = markdown(r["therapy"]["short_name"])
        for t in r["harms"]["totals"]:
            e = t["estimate"]
            said = "; ".join(f"{markdown(x['label'])}: “{markdown(x['words'])}”" for x in t["words"])
            counted = (
                f"{w.integer(t['events'])} of {words.counted(t['evaluated'], t['unit'])}"
                if e
                else "not known"
            )
            rows.append(
                [
                    name,
                    capital(harm_name(t["category"])),
                    w.integer(t["k"]),
                    w.integer(t["k_unknown"]),
                    counted,
                    f"{_limits(e)}{clustered.mark(e)}" if e else DASH,
                    said or DASH,
                ]
            )
        if not r["harms"]["totals"]:
            rows.append([name, "No study reports on harms", "0", "0", DASH, DASH, DASH])
    caption = (
        f"Harms over the studies of each therapy: crude counts among those evaluated for the harm, with exact {marks.level(words.level)} limits, one-sided "
        "where no event was seen. Studies that mention a harm without a usable count have an unknown denominator and are in none."
    )
    return Table(
        "harms-pooled",
        clustered.explained(caption, rows, words),
        [
            Column("Therapy", 14),
            Column("Harm", 22),
            Column("Studies with a count", 10, "center"),
            Column("Studies without", 10, "center"),
            Column("Count", 16),
            Column("Per cent (limits)", 15),
            Column("Words of the source", 20),
        ],
        rows,
    )


def _limits(e: Row) -> str:
    if e["sided"] == 1:
        none = e["events"] == 0
        return (
            f"at most {w.percent(e['upper'], e['total'])}"
            if none
            else f"at least {w.percent(e['lower'], e['total'])}"
        )
    return f"{w.percent(e['value'], e['total'])} ({w.percent_range(e['lower'], e['upper'], e['total'])})"


def change_scores(results: Sequence[Row], words: Words) -> Table:
    """One row a therapy, score and assumed correlation, then its series; a score without mean changes says so."""
    rows = []
    for r in results:
        name = markdown(r["therapy"]["short_name"])
        silent = []
        for outcome in r["scores"]:
            title = markdown(outcome["name"])
            told = [c for c in outcome["change_scores"] if c["k"]]
            for c in told:
                thing = f"{title}: {markdown(c['measured'])}" if c["measured"] else title
                at = w.number(c["correlation"]) if c["correlation"] is not None else "none needed"
                size = f"{w.integer(c['k'])} ({w.integer(c['n'])})"
                if c["pooled"]:
                    rows.append([name, thing, at, size, "Pooled", _change(c["pooled"]), _spread(c)])
                for s in c["studies"]:
                    rows.append(
                        [
                            name,
                            thing,
                            at,
                            f"1 ({w.integer(s['n'])})",
                            cited(s),
                            _change(s["estimate"]),
                            _share(s),
                        ]
                    )
                if c["reason"]:
                    rows.append(
                        [name, thing, at, size, "Pooled", "not pooled", w.sentence(markdown(c["reason"]))]
                    )
            if not told:
                silent.append(title)
        if silent:
            rows.append(
                [
                    name,
                    "; ".join(silent),
                    DASH,
                    "0",
                    DASH,
                    w.NO_DATA,
                    "No series gives a mean change with its spread.",
                ]
            )
    caption = (
        "Mean changes of scores in series, by the correlation assumed between the values before and after where the source does not give the "
        f"spread of the change, with {marks.level(words.level)} intervals."
    )
    return Table(
        "change-scores",
        clustered.explained(caption, rows, words),
        [
            Column("Therapy", 14),
            Column("Score", 18),
            Column("Correlation", 10, "center"),
            Column("Studies (units)", 10, "center"),
            Column("Study", 17),
            Column("Mean change (interval)", 17),
            Column("Note", 20),
        ],
        rows,
    )


def _change(e: Row) -> str:
    return f"{w.number(e['value'], DIGITS)} ({w.span(round(e['lower'], DIGITS), round(e['upper'], DIGITS))}){clustered.mark(e)}"


def _share(study: Row) -> str:
    return f"Weight {w.percent(study['weight'])}." if study["weight"] is not None else DASH


def _spread(entry: Row) -> str:
    parts = []
    if entry["prediction"]:
        p = entry["prediction"]
        parts.append(f"Prediction interval {w.span(round(p['lower'], DIGITS), round(p['upper'], DIGITS))}.")
    h = entry["heterogeneity"]
    if h and h["tau2"] is not None:
        parts.append(f"Variance between studies {w.number(h['tau2'])}.")
    return w.paragraph(*parts) or DASH
