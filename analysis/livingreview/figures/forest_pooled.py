"""Rows of a declared analysis in a forest: the pooled result, and under it every other analysis of the same outcome."""

from __future__ import annotations

from livingreview.figures import analysed, words
from livingreview.figures.forest_rows import INDENT, LABEL, WHOLE, WITH_WEIGHTS, Room, Row
from livingreview.figures.sheet import small, wrap
from livingreview.figures.words import Data

_PITCH = 3.9
_SAID = WITH_WEIGHTS.said_room
_WIDE = WITH_WEIGHTS.axis.left - INDENT - 2  # room for the label of a row without counts


def pooled_rows(analysis: Data, total: Data | None, room: Room, run: int) -> list[Row]:
    """Main estimate, median, prediction interval, multiverse and verdict of one analysis."""
    rows = [*_main(analysis, total, room)]
    told = analysed.shows_multiverse(analysis)
    drawn = {"all": True, "primary": analysis["role"] == "primary"}.get(room.multiverse, False)
    if told and drawn:
        rows += _multiverse(analysis)
    if any(row.estimate for row in rows):
        for row in rows:
            row.run, row.threshold = run, analysis["threshold"]
    # beside a multiverse that there is no room for, the verdict would speak of rows that nobody sees
    if told and (drawn or analysis["role"] == "primary"):
        lines = wrap(analysis["verdict"]["text"], WHOLE, small())
        rows.append(Row("verdict", lines, size=small(), gap=0.5))
    return rows


def _main(analysis: Data, total: Data | None, room: Room) -> list[Row]:
    main = analysis["main"]
    label = wrap(analysed.pooled_name(main, analysis["k"]), LABEL, room.size, "semibold")
    treated = words.treated(total) if total else ("", "")
    if not main["estimate"]:
        row = Row("unestimated", label, (words.DASH, *treated), size=room.size, gap=0.6)
        row.words = wrap(analysed.why_not(main["reason"]), _SAID, room.size, most=2)
        return [row]
    counts = (f"{analysis['events']}/{analysis['n']}", *treated)
    text = words.interval(main["estimate"])
    rows = [Row("main", label, counts, main["estimate"], text, size=room.size, gap=0.6)]
    rows[0].fitted = main["fitted"]
    if not main["fitted"] and main["reason"] and analysis["k"] > 1:
        lines = wrap(main["reason"], WHOLE, small(), most=3)
        rows.append(Row("note", lines, size=small(), pitch=0))
    if main["median"]:
        text = words.interval(main["median"])
        rows.append(Row("median", ["Median study of the model"], ("", "", ""), main["median"], text))
    if main["prediction"]:
        p = main["prediction"]
        text = f"({words.whole(p['lower'])} to {words.whole(p['upper'])})"
        name = wrap(analysed.prediction_name(p), _WIDE, room.size, most=2)
        rows.append(Row("prediction", name, ("", "", ""), p, text))
    rows += _clusters(analysis, room)
    for row in rows:
        row.size = row.size or room.size
    return rows


def _clusters(analysis: Data, room: Room) -> list[Row]:
    """Where units lie in patients: the interval that allows for it, or those that assumed correlations would give."""
    clusters = analysis["clusters"]
    if not clusters:
        return []
    rows = []
    if robust := clusters["robust"]:
        name = analysed.upper_first(robust["method_name"])
        row = Row(
            "cluster", wrap(name, _WIDE, room.size, most=2), ("", "", ""), robust, words.interval(robust)
        )
        row.fitted = True
        rows.append(row)
    for assumed in clusters["at_icc"]:
        at = {**assumed, "value": clusters["naive"]["value"]}
        label = [f"Interval at a correlation of {assumed['icc']:g}"]
        rows.append(Row("cluster", label, ("", "", ""), at, words.interval(at)))
    return rows


def _multiverse(analysis: Data) -> list[Row]:
    rows = []
    # models are told below from ``models``; the set repeats them to say where they lie
    selections = [row for row in analysis["sensitivity"] if row["kind"] != "model"]
    if selections:
        rows.append(_heading("Sensitivity analyses"))
        rows += [_sensitivity(row) for row in selections]
    if analysis["models"]:
        models = _models(analysis)
        rows.append(_heading("Other models, same studies", any(m.kind == "analysis" for m in models)))
        rows += models
    return rows


def _heading(text: str, counted: bool = True) -> Row:
    return Row("block", [text], ("", "Studies" if counted else "", ""), size=small(), pitch=_PITCH, gap=0.7)


def _line(name: str, counts: tuple[str, str, str]) -> Row:
    return Row("analysis", wrap(name, LABEL - INDENT, small(), most=2), counts, size=small(), pitch=_PITCH)


def _sensitivity(row: Data) -> Row:
    pooled = row["pooled"]
    events = words.DASH if row["events"] is None else row["events"]
    counts = f"{events}/{row['n']}" if row["n"] else words.DASH
    line = _line(row["name"], (counts, str(row["k"]), ""))
    estimate = pooled["estimate"] if pooled else None
    if estimate is None:
        reason = row["reason"] or (pooled["reason"] if pooled else None)
        line.words = wrap(analysed.why_not(reason), _SAID, small(), most=2)
        return line
    line.estimate, line.text = estimate, words.interval(estimate)
    line.fitted, line.hollow = pooled["fitted"], row["same_data"]
    return line


def _models(analysis: Data) -> list[Row]:
    """One line a model; models that failed for one and the same reason share a line that names them, or says that it is all."""
    failed: dict[str, list[str]] = {}
    for model in analysis["models"]:
        if not model["fitted"]:
            failed.setdefault(analysed.why_not(model["reason"]), []).append(analysed.model_name(model))
    rows, done = [], set()
    for model in analysis["models"]:
        reason = None if model["fitted"] else analysed.why_not(model["reason"])
        if reason is not None and len(failed[reason]) > 1:
            if reason not in done:
                rows += _failed(failed[reason], reason, len(analysis["models"]))
            done.add(reason)
            continue
        counts = (f"{analysis['events']}/{analysis['n']}", str(analysis["k"]), "")
        line = _line(analysed.model_name(model), counts)
        if reason is None:
            line.estimate, line.text, line.fitted = model["estimate"], words.interval(model["estimate"]), True
        else:
            line.words = wrap(reason, _SAID, small(), most=2)
        rows.append(line)
    return rows


def _failed(names: list[str], reason: str, many: int) -> list[Row]:
    text = f"{'; '.join(names)}: {reason}" if len(names) < many else f"All {many} {reason}"
    lines = wrap(text, WHOLE - INDENT, small())
    return [Row("failed", lines, size=small(), pitch=_PITCH)]
