"""Claims on scores of one therapy: values as reported, changes of single patients, mean changes of series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims import clustered
from livingreview.claims import wording as w
from livingreview.claims.marks import UNMARKED, Marks, plain, slug
from livingreview.claims.model import Claims
from livingreview.claims.numbers import tokens
from livingreview.claims.words import PATIENT, Words, lower_first
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]

DIGITS = 1
"""Decimals of an estimated change: more than a scale in whole steps can carry."""


def add_scores(claims: Claims, code: str, result: Row, words: Words) -> None:
    """Claims ``<therapy>.scores.…``: each score outcome of the protocol, with data or without, and all in words."""
    told, silent, unpaired = [], [], []
    for outcome in [*result["scores"], *result["measures"]]:
        m = claims.marks(f"{code}.scores.{outcome['outcome']}", outcome["name"], outcome["scale"] or "")
        texts = score_texts(outcome, words, m)
        ids = {m["study_id"] for m in [*outcome["measurements"], *outcome["improved"]]}
        name = markdown(lower_first(outcome["name"]))
        scale = f" ({markdown(outcome['scale'])})" if outcome["scale"] else ""
        claims.add(
            f"{code}.scores.{outcome['outcome']}.text",
            len(texts),
            "; ".join(texts) or w.NO_DATA,
            unit="text",
            definition=f"{outcome['name']} as reported",
            studies=sorted(ids),
        )
        changes, means = outcome["changes"], mean_changes_text(outcome["change_scores"], words, m)
        told_changes = bool(changes and changes["n"])
        claims.add(
            f"{code}.scores.{outcome['outcome']}.changes",
            changes["n"] if changes else None,
            changes_text(changes, words, m) if told_changes else w.NO_DATA,
            unit="text",
            definition=f"{outcome['name']}: changes of single patients with both values",
            studies=changes["used"] if changes else (),
        )
        claims.add(
            f"{code}.scores.{outcome['outcome']}.mean_change",
            None,
            means or w.NO_DATA,
            unit="text",
            definition=f"{outcome['name']}: mean changes of series, by assumed correlation",
            studies=sorted({s["study_id"] for c in outcome["change_scores"] for s in c["studies"]}),
        )
        others = [
            f"{markdown(a['label'])} {alternative_text(a, words, _study(m, a, f'second_reading{i}'))}"
            for i, a in enumerate(result["alternatives"], 1)
            if a["outcome"] == outcome["outcome"]
        ]
        if texts:
            told.append(w.sentence(f"{name}{scale}: {'; '.join(texts)}"))
            if outcome["measurements"] and not told_changes and outcome["kind"] == "score":
                unpaired.append(name)
            told += (
                [
                    w.sentence(
                        f"second reading of the same {words.units(PATIENT, 2)}, not summed: {'; '.join(others)}"
                    )
                ]
                if others
                else []
            )
        elif outcome["kind"] == "score":
            silent.append(name)
    summary = w.paragraph(
        *told,
        w.sentence(
            f"changes of single {words.units(PATIENT, 2)} with both values: no data for {w.listed(unpaired, 'or')}"
        )
        if unpaired
        else "",
        w.sentence(f"no study gives a number for {w.listed(silent, 'or')}")
        if silent and result["studies"]
        else "",
    )
    claims.add(
        f"{code}.scores.summary",
        len(told),
        summary or "There are no scores.",
        unit="text",
        definition="scores as reported",
        studies=[s["study_id"] for s in result["studies"]],
    )


def _study(m: Marks, row: Row, name: str = "") -> Marks:
    """Marks for what one study gives."""
    if m.key is None:
        return m
    return m.at(
        f"{slug(row['study_id'])}.{name}" if name else slug(row["study_id"]),
        row["label"],
        studies=[row["study_id"]],
    )


def alternative_text(a: Row, words: Words, m: Marks = UNMARKED) -> str:
    """Figures of a second reading of units already counted."""
    e = a["estimate"]
    if e:
        return clustered.estimate(e, words, m=m)
    return f"change {m.number('change', a['change'], 'change')}" if a["change"] is not None else "no figures"


def score_texts(outcome: Row, words: Words, m: Marks = UNMARKED) -> list[str]:
    """One clause a study: values as reported, then counts of improved units, then paired changes."""
    texts = [
        f"{markdown(x['label'])}: {measurement_text(x, words, _study(m, x, f'measured{i}'))}"
        for i, x in enumerate(outcome["measurements"], 1)
        if x["used"]
    ]
    for number, i in enumerate(outcome["improved"], 1):
        if i["used"] and i["estimate"]:
            of = _study(m, i, f"improved{number}")
            texts.append(
                f"{markdown(i['label'])}: improved in {clustered.estimate(i['estimate'], words, m=of)}"
            )
    changes = outcome["changes"]
    if changes and changes["n"]:
        texts.append(changes_text(changes, words, m))
    means = mean_changes_text(outcome["change_scores"], words, m)
    if means:
        texts.append(means)
    texts += [f"{markdown(x['label'])}: “{markdown(x['words'])}”" for x in outcome["words"]]
    return texts


def changes_text(changes: Row, words: Words, m: Marks = UNMARKED) -> str:
    """``change in 5 patients with both values: median −3 (range −7 to 1), Hodges–Lehmann estimate −3 (…)``."""
    m = m.at("paired", "changes of single patients with both values", studies=changes.get("used"))
    spread = "" if changes["n"] == 1 else f" (range {m.span(changes['min'], changes['max'])})"
    centre = (
        f"{'' if changes['n'] == 1 else 'median '}{m.number('median', changes['median'], 'median change')}"
    )
    text = f"change in {words.counted(changes['n'], PATIENT, m)} with both values: {centre}{spread}"
    if changes["n"] > 1 and changes["hodges_lehmann_value"] is not None:
        text += f", Hodges–Lehmann estimate {m.number('hodges_lehmann', changes['hodges_lehmann_value'], 'Hodges–Lehmann estimate')}"
        e = changes["hodges_lehmann"]
        if e:
            text += f" ({markdown(e['method_name'])}, {m('hodges_lehmann_level', e['level'], w.level(e['level']), 'level that the exact interval reaches')}: {_span(e, m, 'hodges_lehmann_')})"
        elif changes["reason"]:
            why = lower_first(markdown(w.clause(w.spaced(changes["reason"]))))
            text += f" without an interval: {m.within(why, _signed_rank(changes, words.protocol.get('confidence_level')))}"
    return text


def _signed_rank(changes: Row, level: float | None) -> list[tuple[str, Any, str]]:
    """Numbers of the reason why there is no exact interval: too few pairs reach only a lower level (1 − 2 ⁄ 2ⁿ)."""
    n = changes["n"]
    return [
        ("n", n, "paired changes"),
        ("/review.confidence", level, ""),
        ("reached", 1 - 2 / 2**n, "level that the range of all changes reaches, 1 − 2 ⁄ 2ⁿ"),
    ]


def _span(e: Row, m: Marks = UNMARKED, prefix: str = "") -> str:
    return m.span(e["lower"], e["upper"], prefix, DIGITS)


def mean_changes_text(entries: Sequence[Row], words: Words, m: Marks = UNMARKED) -> str:
    """Mean changes of series, pooled or one by one, at each correlation assumed; empty where no series gives one."""
    texts: list[str] = []
    groups: dict[tuple[str, str | None], list[Row]] = {}
    for entry in entries:
        if entry["k"]:
            groups.setdefault((entry["unit"], entry["measured"]), []).append(entry)
    for number, ((unit, measured), found) in enumerate(groups.items(), 1):
        first = found[0]
        of = m.at(f"mean_change{number}", "mean change").at(
            studies=[s.get("study_id", "") for s in first["studies"]]
        )
        what = f"{markdown(measured)}, mean change" if measured else "mean change"
        told = list(
            {plain(text): text for text in (_mean_change(entry, of) for entry in reversed(found))}.values()
        )[::-1]
        size = f"{of.studies('k', first['k'])} with {words.counted(first['n'], unit, of)}"
        texts.append(f"{what} ({size}): {'; '.join(told)}{clustered.if_independent(unit, words)}")
        if first["reason"]:
            why = lower_first(markdown(w.clause(first["reason"])))
            texts.append(
                of.within(
                    why, [("with_error", _first(why), "studies with a standard error of the mean change")]
                )
            )
    return "; ".join(texts)


def _first(text: str) -> int | None:
    found = [t.value for t in tokens(text)]
    return int(found[0]) if found and found[0] is not None else None


def _mean_change(entry: Row, m: Marks) -> str:
    pooled, correlation = entry["pooled"], entry["correlation"]
    of = m.at(f"at_{slug(f'{correlation:g}')}") if correlation is not None else m
    said = "correlation assumed between before and after"
    at = (
        f" at a correlation of {of.number('correlation', correlation, said)}"
        if correlation is not None
        else ""
    )
    if pooled:
        value = of.number("pooled", pooled["value"], "pooled mean change", DIGITS)
        return f"pooled {value} ({of.level(pooled['level'])} interval {_span(pooled, of, 'pooled_')}){at}"
    one_by_one = [
        f"{markdown(s['label'])} {_study(of, s).number('change', s['change'], 'mean change', DIGITS)} "
        f"({_span(s['estimate'], _study(of, s))})" + (at if s["correlation_used"] else "")
        for s in entry["studies"]
    ]
    return "; ".join(one_by_one)


def measurement_text(x: Row, words: Words, m: Marks = UNMARKED) -> str:
    """``patient global assessment, 6.4 before, change −2.7 (29 patients)``."""
    parts = [markdown(x["measured"])] if x.get("measured") else []
    if x["before"] is not None:
        parts.append(f"{m.number('before', x['before'], 'value before')} before")
    if x["after"] is not None:
        parts.append(f"{m.number('after', x['after'], 'value after')} after")
    if x["change"] is not None:
        change = m.number("change", x["change"], "change")
        parts.append(f"change {change}" + (" (calculated)" if x["change_derived"] else ""))
    # a source may give the same number as change and as its mean
    centres = [name for name in ("median", "mean") if x[name] is not None and x[name] != x["change"]]
    parts += [f"{name} {m.number(name, x[name], name)}" for name in centres]
    if x["sd"] is not None:
        parts.append(f"SD {m.number('sd', x['sd'], 'standard deviation')}")
    if x["min"] is not None or x["max"] is not None:
        parts.append(f"range {m.span(x['min'], x['max'])}")
    if x["timepoint_months"] is not None:
        months = m.number("months", x["timepoint_months"], "months after treatment")
        parts.append(f"at {months} {'month' if x['timepoint_months'] == 1 else 'months'}")
    if x["original"]:
        o, original = x["original"], m.at("original", "on the scale of the source")
        parts.append(
            f"given on a scale of {original.span(o['scale_min'], o['scale_max'], 'scale_')}{_original(o, original)}"
        )
    if x["as_reported"]:
        parts.append(f"“{markdown(x['as_reported'])}”")
    of = f" ({words.counted(x['total'], x['unit'], m)})" if x["total"] is not None else ""
    return f"{', '.join(parts)}{of}"


def _original(o: Row, m: Marks) -> str:
    """The source's own values: `` as 62 before, 30 after``."""
    known = [
        (name, o[name]) for name in ("before", "after", "change", "median", "mean") if o[name] is not None
    ]
    told = [
        f"{m.number(name, v, name)} {name}"
        if name in ("before", "after")
        else f"{name} {m.number(name, v, name)}"
        for name, v in known
    ]
    return f" as {w.listed(told)}" if told else ""
