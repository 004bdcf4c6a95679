"""Claims on scores of one therapy: values as reported, changes of single patients, mean changes of series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims import clustered
from livingreview.claims import wording as w
from livingreview.claims.model import Claims
from livingreview.claims.words import PATIENT, Words, lower_first
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]

DIGITS = 1
"""Decimals of an estimated change: more than a scale in whole steps can carry."""


def add_scores(claims: Claims, code: str, result: Row, words: Words) -> None:
    """Claims ``<therapy>.scores.…``: each score outcome of the protocol, with data or without, and all in words."""
    told, silent, unpaired = [], [], []
    for outcome in [*result["scores"], *result["measures"]]:
        texts = score_texts(outcome, words)
        ids = {m["study_id"] for m in [*outcome["measurements"], *outcome["improved"]]}
        name = markdown(lower_first(outcome["name"]))
        scale = f" ({markdown(outcome['scale'])})" if outcome["scale"] else ""
        claims.add(
            f"{code}.scores.{outcome['outcome']}.text",
            len(texts),
            "; ".join(texts) or w.NO_DATA,
            unit=outcome["scale"] or "",
            definition=f"{outcome['name']} as reported",
            studies=sorted(ids),
        )
        changes, means = outcome["changes"], mean_changes_text(outcome["change_scores"], words)
        told_changes = bool(changes and changes["n"])
        claims.add(
            f"{code}.scores.{outcome['outcome']}.changes",
            changes["n"] if changes else None,
            changes_text(changes, words) if told_changes else w.NO_DATA,
            unit=outcome["scale"] or "",
            definition=f"{outcome['name']}: changes of single patients with both values",
            studies=changes["used"] if changes else (),
        )
        claims.add(
            f"{code}.scores.{outcome['outcome']}.mean_change",
            None,
            means or w.NO_DATA,
            unit=outcome["scale"] or "",
            definition=f"{outcome['name']}: mean changes of series, by assumed correlation",
            studies=sorted({s["study_id"] for c in outcome["change_scores"] for s in c["studies"]}),
        )
        others = [
            f"{markdown(a['label'])} {alternative_text(a, words)}"
            for a in result["alternatives"]
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


def alternative_text(a: Row, words: Words) -> str:
    """Figures of a second reading of units already counted."""
    e = a["estimate"]
    if e:
        return clustered.estimate(e, words)
    return f"change {w.number(a['change'])}" if a["change"] is not None else "no figures"


def score_texts(outcome: Row, words: Words) -> list[str]:
    """One clause a study: values as reported, then counts of improved units, then paired changes."""
    texts = [
        f"{markdown(m['label'])}: {measurement_text(m, words)}" for m in outcome["measurements"] if m["used"]
    ]
    for i in outcome["improved"]:
        if i["used"] and i["estimate"]:
            texts.append(f"{markdown(i['label'])}: improved in {clustered.estimate(i['estimate'], words)}")
    changes = outcome["changes"]
    if changes and changes["n"]:
        texts.append(changes_text(changes, words))
    means = mean_changes_text(outcome["change_scores"], words)
    if means:
        texts.append(means)
    texts += [f"{markdown(x['label'])}: “{markdown(x['words'])}”" for x in outcome["words"]]
    return texts


def changes_text(changes: Row, words: Words) -> str:
    """``change in 5 patients with both values: median −3 (range −7 to 1), Hodges–Lehmann estimate −3 (…)``."""
    spread = "" if changes["n"] == 1 else f" (range {w.span(changes['min'], changes['max'])})"
    centre = f"{'' if changes['n'] == 1 else 'median '}{w.number(changes['median'])}"
    text = f"change in {words.counted(changes['n'], PATIENT)} with both values: {centre}{spread}"
    if changes["n"] > 1 and changes["hodges_lehmann_value"] is not None:
        text += f", Hodges–Lehmann estimate {w.number(changes['hodges_lehmann_value'])}"
        e = changes["hodges_lehmann"]
        if e:
            text += f" ({markdown(e['method_name'])}, {w.level(e['level'])}: {_span(e)})"
        elif changes["reason"]:
            text += f" without an interval: {lower_first(markdown(w.clause(changes['reason'])))}"
    return text


def _span(e: Row) -> str:
    return w.span(round(e["lower"], DIGITS), round(e["upper"], DIGITS))


def mean_changes_text(entries: Sequence[Row], words: Words) -> str:
    """Mean changes of series, pooled or one by one, at each correlation assumed; empty where no series gives one."""
    texts: list[str] = []
    groups: dict[tuple[str, str | None], list[Row]] = {}
    for entry in entries:
        if entry["k"]:
            groups.setdefault((entry["unit"], entry["measured"]), []).append(entry)
    for (unit, measured), found in groups.items():
        first = found[0]
        what = f"{markdown(measured)}, mean change" if measured else "mean change"
        told = list(dict.fromkeys(_mean_change(entry) for entry in found))
        size = f"{w.studies(first['k'])} with {words.counted(first['n'], unit)}"
        texts.append(f"{what} ({size}): {'; '.join(told)}{clustered.if_independent(unit, words)}")
        if first["reason"]:
            texts.append(lower_first(markdown(w.clause(first["reason"]))))
    return "; ".join(texts)


def _mean_change(entry: Row) -> str:
    pooled = entry["pooled"]
    at = f" at a correlation of {w.number(entry['correlation'])}" if entry["correlation"] is not None else ""
    if pooled:
        return f"pooled {w.number(pooled['value'], DIGITS)} ({w.level(pooled['level'])} interval {_span(pooled)}){at}"
    one_by_one = [
        f"{markdown(s['label'])} {w.number(s['change'], DIGITS)} ({_span(s['estimate'])})"
        + (at if s["correlation_used"] else "")
        for s in entry["studies"]
    ]
    return "; ".join(one_by_one)


def measurement_text(m: Row, words: Words) -> str:
    """``patient global assessment, 6.4 before, change −2.7 (29 patients)``."""
    parts = [markdown(m["measured"])] if m.get("measured") else []
    if m["before"] is not None:
        parts.append(f"{w.number(m['before'])} before")
    if m["after"] is not None:
        parts.append(f"{w.number(m['after'])} after")
    if m["change"] is not None:
        parts.append(f"change {w.number(m['change'])}" + (" (calculated)" if m["change_derived"] else ""))
    # a source may give the same number as change and as its mean
    centres = [name for name in ("median", "mean") if m[name] is not None and m[name] != m["change"]]
    parts += [f"{name} {w.number(m[name])}" for name in centres]
    if m["sd"] is not None:
        parts.append(f"SD {w.number(m['sd'])}")
    if m["min"] is not None or m["max"] is not None:
        parts.append(f"range {w.span(m['min'], m['max'])}")
    if m["timepoint_months"] is not None:
        parts.append(f"at {w.counted_number(m['timepoint_months'], 'month', 'months')}")
    if m["original"]:
        o = m["original"]
        parts.append(f"given on a scale of {w.span(o['scale_min'], o['scale_max'])}{_original(o)}")
    if m["as_reported"]:
        parts.append(f"“{markdown(m['as_reported'])}”")
    of = f" ({words.counted(m['total'], m['unit'])})" if m["total"] is not None else ""
    return f"{', '.join(parts)}{of}"


def _original(o: Row) -> str:
    """The source's own values: `` as 62 before, 30 after``."""
    known = [
        (name, o[name]) for name in ("before", "after", "change", "median", "mean") if o[name] is not None
    ]
    told = [
        f"{w.number(v)} {name}" if name in ("before", "after") else f"{name} {w.number(v)}"
        for name, v in known
    ]
    return f" as {w.listed(told)}" if told else ""
