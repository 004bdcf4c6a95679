"""Tables of the supplement on what lies around an estimate: single studies left out, order in time, subgroups, spread, small studies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from livingreview.claims import clustered
from livingreview.claims import wording as w
from livingreview.claims.analyses import NOT_ESTIMATED, said
from livingreview.claims.words import Words, lower_first
from livingreview.publish.escape import markdown
from livingreview.synthesis.sentences import capital
from livingreview.tables.analyses import marked, position_of, shortly
from livingreview.tables.pipe import DASH, Column, Table

Row = Mapping[str, Any]


def parts(results: Sequence[Row], words: Words) -> dict[str, list[Table]]:
    """Tables by the name of their part of the supplement."""
    return {
        "leave_one_out": [_steps(results, "leave_one_out", words)],
        "cumulative": [_steps(results, "cumulative", words)],
        "heterogeneity": [_heterogeneity(results)],
        "subgroups": [_subgroups(results, words)],
        "regressions": [_regressions(results)],
        "small_study": [_small_study(results)],
    }


def p_text(p: float | None) -> str:
    """``0.03``; ``<0.001`` for what is smaller."""
    if p is None:
        return DASH
    return "<0.001" if p < 0.001 else w.number(p, 3 if p < 0.1 else 2)


def limits(
    value: float | None, lower: float | None, upper: float | None, digits: int = 2, sign: str = ""
) -> str:
    """``0.4 (0–2.1)``: a value with its limits where it has any."""
    if value is None:
        return DASH
    text = f"{w.number(value, digits)}{sign}"
    if lower is None or upper is None:
        return text
    return f"{text} ({w.span(round(lower, digits), round(upper, digits))}{sign})"


def _each(
    results: Sequence[Row], rows_of: Callable[[Row], Iterable[Sequence[str]]], cells: int, nothing: str
) -> list[Sequence[str]]:
    """Rows of every analysis, headed by therapy and outcome. Outcomes of a therapy with the same rows share them; those
    without any come last, in one row."""
    found: list[Sequence[str]] = []
    for result in results:
        name = markdown(result["therapy"]["short_name"])
        alike: dict[tuple[Sequence[str], ...], list[str]] = {}
        for a in result["analyses"]:
            rows = tuple(dict.fromkeys(tuple(row) for row in rows_of(a)))
            alike.setdefault(rows, []).append(markdown(lower_first(a["name"])))
        silent = alike.pop((), None)
        for same, outcomes in alike.items():
            heading = capital("; ".join(outcomes))
            found += [(name, heading, *row) for row in same]
        if silent:
            found.append((name, "All others" if alike else "All outcomes", nothing, *[DASH] * (cells - 1)))
    return found


def _steps(results: Sequence[Row], field: str, words: Words) -> Table:
    cumulative = field == "cumulative"

    def rows_of(a: Row) -> Iterable[Sequence[str]]:
        if a["k"] < 2:
            return
        for step in a[field]:
            estimate = step["pooled"]["estimate"]
            yield (
                markdown(step["label"]),
                w.integer(step["k"]),
                w.integer(step["n"]),
                marked(estimate) if estimate else NOT_ESTIMATED,
                position_of(step["state"], estimate),
            )

    label, caption, column = (
        (
            "cumulative",
            "Cumulative analyses: the main analysis after each study in the order of publication; studies without a visible year come last.",
            "Study added",
        )
        if cumulative
        else (
            "leave-one-out",
            "Leave-one-out analyses: the main analysis without each study in turn.",
            "Left out",
        )
    )
    rows = _each(results, rows_of, 5, "fewer than two studies")
    return Table(
        label,
        clustered.explained(f"{caption} Threshold: where the interval leaves it.", rows, words),
        [
            Column("Therapy", 16),
            Column("Outcome", 24),
            Column(column, 21),
            Column("Studies", 9, "center"),
            Column("Units", 8, "center"),
            Column("Estimate (interval)", 20),
            Column("Threshold", 12),
        ],
        rows,
    )


def _heterogeneity(results: Sequence[Row]) -> Table:
    def rows_of(a: Row) -> Iterable[Sequence[str]]:
        if not a["k"]:
            return
        told = [m for m in (a["main"], *a["models"]) if m["heterogeneity"]]
        reasons: dict[str, list[str]] = {}
        for model in told:
            h = model["heterogeneity"]
            if h["reason"]:
                reasons.setdefault(h["reason"], []).append(markdown(model["name"]))
                continue
            q = (
                f"{w.number(h['q'], 1)} ({w.integer(h['q_df'])}; {p_text(h['q_p'])})"
                if h["q"] is not None
                else DASH
            )
            yield (
                capital(markdown(model["name"])),
                limits(h["tau2"], h["tau2_lower"], h["tau2_upper"]),
                limits(h["i2"], h["i2_lower"], h["i2_upper"], 0, f"{w.NBSP}%"),
                q,
                f"{markdown(h['scale'])}; {w.integer(h['informative'])} of {w.studies(a['k'])} with at least two units",
            )
        if not told:
            yield ("none", DASH, DASH, DASH, shortly(a["main"]["reason"]))
        for reason, names in reasons.items():
            some = "all models" if len(names) == len(told) > 1 else "; ".join(dict.fromkeys(names))
            yield (capital(some), DASH, DASH, DASH, shortly(reason))

    return Table(
        "heterogeneity",
        "Spread between studies by model: variance on the scale of the model and share of variation beyond chance (limits by Q-profile where "
        "the model is two-step), and Cochran’s Q with its degrees of freedom and p value.",
        [
            Column("Therapy", 13),
            Column("Outcome", 18),
            Column("Model", 21),
            Column("Variance (limits)", 13),
            Column("I² (limits)", 13),
            Column("Q (df; p)", 11),
            Column("Note", 21),
        ],
        _each(results, rows_of, 5, "no study"),
    )


def _subgroups(results: Sequence[Row], words: Words) -> Table:
    def rows_of(a: Row) -> Iterable[Sequence[str]]:
        if not a["k"]:
            return
        for s in a["subgroups"]:
            title = markdown(s["name"])
            for g in s["groups"]:
                pooled = g["pooled"]
                estimate = pooled["estimate"] if pooled else None
                why = g["reason"] or (pooled["reason"] if pooled and not pooled["fitted"] else None)
                yield (
                    f"{title}: {markdown(g['name'])}",
                    w.integer(g["k"]),
                    f"{w.integer(g['events'])}/{w.integer(g['n'])}",
                    marked(estimate) if estimate else NOT_ESTIMATED,
                    shortly(why),
                )
            if s["unknown"]:
                yield (f"{title}: not known", w.integer(s["unknown"]), DASH, DASH, "In no group.")
            yield (f"{title}: difference", DASH, DASH, DASH, _tests(s["tests"]))

    rows = _each(results, rows_of, 5, "no study")
    return Table(
        "subgroups",
        clustered.explained(
            "Declared subgroups. A difference between subgroups is one between studies and shows no cause.",
            rows,
            words,
        ),
        [
            Column("Therapy", 13),
            Column("Outcome", 17),
            Column("Subgroup", 21),
            Column("Studies", 8, "center"),
            Column("Responses", 10, "center"),
            Column("Estimate (interval)", 16),
            Column("Note", 25),
        ],
        rows,
    )


def _tests(tests: Sequence[Row]) -> str:
    told: list[str] = []
    for t in tests:
        if t["statistic"] is None:
            told.append(said(t["reason"]))
        else:
            method = capital(markdown(t["method"]))
            told.append(
                f"{method}, {t['variance']} variance: χ² {w.number(t['statistic'])}, df {w.integer(t['df'])}, p {p_text(t['p'])}."
            )
    return w.paragraph(*dict.fromkeys(told)) or "Not tested."


def _regressions(results: Sequence[Row]) -> Table:
    def rows_of(a: Row) -> Iterable[Sequence[str]]:
        if not a["k"]:
            return
        for r in a["regressions"]:
            step = "" if r["per"] == 1 else f", per {w.number(r['per'])}"
            yield (
                f"{markdown(r['name'])}{step}",
                w.integer(r["k"]),
                limits(r["odds_ratio"], r["odds_ratio_lower"], r["odds_ratio_upper"])
                if r["odds_ratio"] is not None
                else NOT_ESTIMATED,
                p_text(r["p"]),
                said(r["reason"]) if r["reason"] else markdown(r["method"]),
            )

    return Table(
        "regressions",
        "Meta-regressions on one moderator: odds ratio of a response for the step named, between studies.",
        [
            Column("Therapy", 14),
            Column("Outcome", 19),
            Column("Moderator", 17),
            Column("Studies", 8, "center"),
            Column("Odds ratio (interval)", 16),
            Column("p", 7),
            Column("Note", 24),
        ],
        _each(results, rows_of, 5, "no study"),
    )


def _small_study(results: Sequence[Row]) -> Table:
    def rows_of(a: Row) -> Iterable[Sequence[str]]:
        found = a["small_study"]
        if not a["k"]:
            return
        if not found["offered"]:
            yield ("none", DASH, DASH, said(found["text"]))
            return
        for t in found["tests"]:
            if t["value"] is None:
                value = NOT_ESTIMATED
            elif t["filled"] is not None:
                value = f"{w.percent(t['value'], a['n'])} after filling in {w.studies(t['filled'])}"
                value += f" ({markdown(t['side'])} side)" if t["side"] and t["filled"] else ""
            else:
                value = w.number(t["value"])
            yield (markdown(t["name"]), value, p_text(t["p"]), said(t["reason"]))
        yield ("Reading", DASH, DASH, said(found["text"]))

    return Table(
        "small-study",
        "Tests of small-study effects, offered from ten studies on, with what they cannot show.",
        [
            Column("Therapy", 14),
            Column("Outcome", 20),
            Column("Test", 17),
            Column("Statistic", 17),
            Column("p", 7),
            Column("Note", 31),
        ],
        _each(results, rows_of, 4, "no study"),
    )
