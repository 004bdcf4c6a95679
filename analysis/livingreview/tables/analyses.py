"""Tables of the declared analyses: main estimate, sensitivity set and models beside it, by therapy and outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingreview.claims import clustered, marks
from livingreview.claims import wording as w
from livingreview.claims.analyses import (
    NOT_ESTIMATED,
    TOTAL,
    convention,
    interval_text,
    leaves_open,
    said,
    state_of,
)
from livingreview.claims.words import Words, lower_first
from livingreview.publish.escape import markdown
from livingreview.synthesis.sentences import capital
from livingreview.tables.pipe import DASH, Column, Table

Row = Mapping[str, Any]

POSITION = {"above": "above", "below": "below", "undecided": "included"}
"""Where the interval leaves the threshold, in a narrow column."""
_SIZES = {"minimum": "smallest", "harmonic": "harmonic mean", "maximum": "largest"}


def analysis_of(result: Row, outcome: str) -> Row | None:
    """The analysis of a declared outcome in a therapy's result."""
    return next((a for a in result["analyses"] if a["code"] == outcome), None)


def sensitivity(result: Row, a: Row, words: Words) -> Table:
    """All analyses of one outcome in one therapy; the last row is the verdict in short, which the text gives in full."""
    name = markdown(result["therapy"]["name"])
    rows = [*_rows(a, words), _verdict(a["verdict"])]
    caption = (
        f"{name}: {markdown(lower_first(a['name']))}, main analysis, sensitivity analyses and other models against the threshold "
        f"of {marks.threshold(a['threshold'])}."
    )
    return Table(
        f"sensitivity-{result['therapy']['code'].replace('_', '-')}",
        clustered.explained(caption, rows, words),
        [
            Column("Analysis", 27),
            Column("Studies", 9, "center"),
            Column("Responses", 11, "center"),
            Column("Estimate (interval)", 22),
            Column("Threshold", 11),
            Column("Note", 30),
        ],
        rows,
    )


def _verdict(verdict: Row) -> Sequence[str]:
    """The verdict as a row: how many could be estimated, and whether these agree."""
    how = {True: "all agree", False: "they split", None: "agreement cannot be judged"}[verdict["agree"]]
    how = "all leave it open" if leaves_open(verdict) else how
    of = f"{w.integer(verdict['estimated'])} of {w.integer(verdict['declared'])} could be estimated"
    same = verdict["same_data"]
    note = f"{w.integer(same)} on the same data as the main analysis." if same else ""
    return ("**Verdict**", DASH, DASH, of, how, note)


def primary_sensitivity(results: Sequence[Row], words: Words) -> list[Table]:
    """One table a therapy for the primary outcome."""
    [outcome] = [o for o in words.protocol["analyses"]["outcomes"] if o["role"] == "primary"][:1] or [None]
    if outcome is None:
        return []
    found = [(r, analysis_of(r, outcome["code"])) for r in results]
    return [sensitivity(r, a, words) for r, a in found if a]


def other_sensitivity(results: Sequence[Row], words: Words) -> list[tuple[str, Table]]:
    """For each outcome other than the primary the verdicts in words, and the table with all therapies."""
    found = []
    threshold = marks.threshold(words.protocol["analyses"]["threshold"])
    for outcome in words.protocol["analyses"]["outcomes"]:
        if outcome["role"] == "primary":
            continue
        label = f"sensitivity-{outcome['code'].replace('_', '-')}"
        mine = [(markdown(r["therapy"]["short_name"]), analysis_of(r, outcome["code"])) for r in results]
        numbers = [
            marks.Marks(f"{r['therapy']['code']}.analysis.{outcome['code']}", alias=TOTAL) for r in results
        ]
        rows = [
            [name, *row]
            for name, a in mine
            if a
            for row in (*_rows(a, words), *([_verdict(a["verdict"])] if a["k"] else []))
        ]
        verdicts = [
            f"{name}: {said(a['verdict']['text'], a, m)}"
            for (name, a), m in zip(mine, numbers, strict=True)
            if a and a["k"]
        ]
        name = markdown(outcome["name"])
        text = w.paragraph(
            f"*{name}* (@tbl-{label}).",
            *(verdicts or ["Nothing could be estimated for any therapy; the notes of the table say why."]),
        )
        table = Table(
            label,
            clustered.explained(
                f"{name} ({outcome['role']} outcome): main analysis, sensitivity analyses and other models against the threshold of "
                f"{threshold}.",
                rows,
                words,
            ),
            [
                Column("Therapy", 13),
                Column("Analysis", 23),
                Column("Studies", 8, "center"),
                Column("Responses", 10, "center"),
                Column("Estimate (interval)", 18),
                Column("Threshold", 10),
                Column("Note", 26),
            ],
            rows,
        )
        found.append((text, table))
    return found


def _rows(a: Row, words: Words) -> Iterable[Sequence[str]]:
    """Main row, then the sensitivity set. Consecutive models that fail for one reason share a row, and where there is
    no study at all so does everything."""
    main = a["main"]
    rows = a["sensitivity"]
    if not a["k"] and not any(_has_estimate(r) for r in rows):
        yield (
            f"Main analysis, and all {w.integer(len(rows))} others" if rows else "Main analysis",
            "0",
            DASH,
            NOT_ESTIMATED,
            DASH,
            said(main["reason"]),
        )
        return
    what = lower_first(markdown(main["name"])) if main["fitted"] else "exact interval"
    yield (
        f"**Main analysis**: {what}",
        w.integer(a["k"]),
        _count(a["events"], a["n"]),
        marked(main["estimate"]) if main["estimate"] else NOT_ESTIMATED,
        _position(state_of(a)),
        w.paragraph(_wider(a, words), _about(main, a["n"])),
    )
    models = sum(r["kind"] == "model" for r in rows)
    together: list[Row] = []
    for row in rows:
        if together and not _same_failure(together[-1], row):
            yield _failed(together, models)
            together = []
        if _has_estimate(row):
            yield _estimated(row, convention(main["prediction"]) if main["prediction"] else None)
        else:
            together.append(row)
    if together:
        yield _failed(together, models)


def marked(estimate: Row) -> str:
    """An interval in a table, with the mark of units that lie in patients."""
    return f"{interval_text(estimate)}{clustered.mark(estimate)}"


def position_of(state: str | None, estimate: Row | None) -> str:
    """Where an interval leaves the threshold, with the mark of the interval."""
    return f"{_position(state)}{clustered.mark(estimate)}" if state and estimate else DASH


def _wider(a: Row, words: Words) -> str:
    """The interval that is read against the threshold, where it is not the printed one."""
    found = clustered.wider(a, words)
    return w.sentence(f"read against the threshold: {found}") if found else ""


def _has_estimate(row: Row) -> bool:
    """Whether a row says anything of its own: a model that was not fitted only repeats the exact interval."""
    pooled = row["pooled"]
    return bool(pooled and pooled["estimate"] and (pooled["fitted"] or row["kind"] != "model"))


def _same_failure(one: Row, other: Row) -> bool:
    return (
        not _has_estimate(other)
        and one["kind"] == other["kind"]
        and _why(one) == _why(other)
        and one["k"] == other["k"]
    )


def _why(row: Row) -> str:
    return str(row["reason"] or (row["pooled"] or {}).get("reason") or "")


def shortly(reason: str | None) -> str:
    """Why no model was fitted, without the clause that says so: a table's row says it already."""
    return said((reason or "").split(", so no model was fitted")[0])


def _failed(rows: Sequence[Row], of: int) -> Sequence[str]:
    if rows[0]["kind"] == "model":
        all_of_them = len(rows) == of and of > 1
        names = (
            f"All {w.integer(of)} other models"
            if all_of_them
            else "; ".join(markdown(r["name"]) for r in rows)
        )
    else:
        names = "; ".join([rows[0]["name"], *(lower_first(r["name"]) for r in rows[1:])])
        names = markdown(names)
    return (
        capital(names),
        w.integer(rows[0]["k"]),
        _count(rows[0]["events"], rows[0]["n"]),
        NOT_ESTIMATED,
        DASH,
        shortly(_why(rows[0])),
    )


def _estimated(row: Row, known: str | None) -> Sequence[str]:
    pooled = row["pooled"]
    notes = [_about(pooled, row["n"], known)]
    if row["same_data"] and row["kind"] != "model":
        notes.append("Same data as the main analysis.")
    if row["reason"]:
        notes.append(said(row["reason"]))
    name = markdown(row["name"])
    return (
        capital(name),
        w.integer(row["k"]),
        _count(row["events"], row["n"]),
        marked(pooled["estimate"]),
        position_of(row["state"], pooled["estimate"]),
        w.paragraph(*notes),
    )


def _count(events: int | None, n: int) -> str:
    return DASH if events is None else f"{w.integer(events)}/{w.integer(n)}"


def _position(state: str | None) -> str:
    return POSITION[state] if state else DASH


def _about(pooled: Row, n: int, known: str | None = None) -> str:
    """What else a model says: which proportion it is, the median study, a new study, the trap of a transformation. The
    ``known`` convention of prediction intervals is not said again."""
    parts: list[str] = []
    if not pooled["fitted"] and pooled["estimate"]:
        parts.append(f"Exact interval. {shortly(pooled['reason'])}".strip())
    if pooled["median"]:
        parts.append(f"Mean; in the median study {interval_text(pooled['median'])}.")
    elif pooled["fitted"] and pooled["estimate"]["kind"] == "median_proportion":
        parts.append("Of the median study.")
    if pooled["prediction"]:
        p = pooled["prediction"]
        how = convention(p)
        parts.append(
            f"Prediction interval {w.percent_range(p['lower'], p['upper'], n)}{'' if how == known else f' ({how})'}."
        )
    if pooled["at_sizes"]:
        values = [
            f"{w.percent(s['value'], n)} at the {_SIZES.get(s['which'], markdown(s['which']))} n ({w.number(s['n'], 1)})"
            for s in pooled["at_sizes"]
        ]
        parts.append(f"Back-transformed: {w.listed(values)}.")
    return w.paragraph(*parts)
