"""Claims on harms and recurrence: of one therapy, and listed over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingreview.claims import clustered
from livingreview.claims import wording as w
from livingreview.claims.model import Claims
from livingreview.claims.words import PATIENT, Words, lower_first
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]


def add_harms(claims: Claims, code: str, result: Row, words: Words) -> None:
    """Claims ``<therapy>.harms.…``."""
    harms = result["harms"]
    texts = [harm_text(t, words) for t in harms["totals"] if t["estimate"]]
    ids = sorted({h["study_id"] for h in harms["rows"]})
    claims.add(
        f"{code}.harms.evaluated",
        harms["evaluated"],
        w.integer(harms["evaluated"]),
        unit="patients",
        definition="patients in whom some harm was counted or reported as absent",
        studies=ids,
    )
    claims.add(
        f"{code}.harms.text",
        len(texts),
        "; ".join(texts) or w.NO_DATA,
        unit="text",
        definition="harms with denominators",
        studies=ids,
    )
    claims.add(
        f"{code}.harms.summary",
        len(texts),
        _harms(harms, texts, result, words),
        unit="text",
        definition="harms in words",
        studies=ids,
    )


def harm_text(total: Row, words: Words) -> str:
    """``any adverse event: 0 of 3 patients (upper exact one-sided 95 % limit 63 %)``."""
    e = total["estimate"]
    name = harm_name(total["category"])
    if e["sided"] == 1 and e["events"] == 0:
        of = words.counted(e["total"], total["unit"])
        return f"{name} 0 of {of} (one-sided exact {w.level(e['level'])} upper limit {w.percent(e['upper'], e['total'])}{clustered.if_independent(total['unit'], words)})"
    return f"{name} {clustered.estimate(e, words)}"


def _harms(harms: Row, texts: Sequence[str], result: Row, words: Words) -> str:
    n = len(result["studies"])
    if not n:
        return "There are no data on harms."
    without = [h for h in harms["rows"] if h["status"] == "unknown"]
    unknown = sorted({markdown(h["label"]) for h in without if not partly_counted(h)})
    mentioned = w.paragraph(
        w.sentence(f"mentioned without a count: {w.listed(unknown)}") if unknown else "",
        *(
            w.sentence(f"{markdown(h['label'])}, {harm_name(h['category'])}: {markdown(h['reason'])}")
            for h in without
            if partly_counted(h)
        ),
        reported_words(harms["rows"]),
    )
    if not texts:
        return w.paragraph(f"No count of harms could be read in any of {w.studies(n)}.", mentioned)
    least = "at least " if harms["treated_unknown"] else ""
    return w.paragraph(
        w.sentence(
            f"harms were counted or reported as absent for {w.integer(harms['evaluated'])} of {least}{words.counted(harms['treated'], PATIENT)} "
            f"treated ({w.integer(harms['k'])} of {w.studies(n)}): {'; '.join(texts)}"
        ),
        mentioned,
    )


def partly_counted(harm: Row) -> bool:
    """Whether a harm without a usable count still has its events or its denominator, which the reason then names."""
    return harm["status"] == "unknown" and (harm["events"] is not None or bool(harm["total"]))


def reported_words(rows: Iterable[Row]) -> str:
    """What sources say of harms in words instead of numbers, as they say it; empty where none does."""
    told = dict.fromkeys(
        f"{markdown(h['label'])}, {harm_name(h['category'])}: “{markdown(h['as_reported'])}”"
        for h in rows
        if h["as_reported"]
    )
    return w.sentence(f"in the words of the source, {'; '.join(told)}") if told else ""


def harm_name(category: str) -> str:
    """Name of a harm within a sentence."""
    return "any adverse event" if category == "any" else markdown(lower_first(category))


def add_recurrence(claims: Claims, code: str, result: Row, words: Words) -> None:
    """Claims ``<therapy>.recurrence.…``."""
    again = result["recurrence"]
    texts = [recurrence_text(t, again["rows"], words) for t in again["totals"]]
    ids = sorted({r["study_id"] for r in again["rows"]})
    claims.add(
        f"{code}.recurrence.text",
        len(texts),
        "; ".join(texts) or w.NO_DATA,
        unit="text",
        definition="recurrence with denominators",
        studies=ids,
    )
    if not result["studies"]:
        summary = "There are no data on recurrence."
    elif not texts:
        summary = f"Recurrence was reported by none of {w.studies(len(result['studies']))}."
    else:
        summary = w.sentence(
            f"recurrence, reported by {w.integer(again['k'])} of {w.studies(len(result['studies']))}: {'; '.join(texts)}"
        )
        summary = w.paragraph(summary, *_within_patients(result))
    claims.add(
        f"{code}.recurrence.summary",
        len(texts),
        summary,
        unit="text",
        definition="recurrence in words",
        studies=ids,
    )


def _within_patients(result: Row) -> list[str]:
    """The sentences on recurrence in units that lie in patients, without the heading that names therapy and subject."""
    heading = f"{result['therapy']['name']}, recurrence: "
    return [
        w.sentence(w.spaced(markdown(text.removeprefix(heading))))
        for text in result["recurrence"]["warnings"]
        if text.startswith(heading)
    ]


_DENOMINATORS = {
    "evaluated": "of those evaluated",
    "responders": "of responders",
    "as_reported": "as reported",
}
APART = "a result apart, not a share of responders"


def recurrence_of(denominator: str, apart: int, of: int) -> str:
    """What a recurrence is a share of; ``apart`` of the ``of`` studies count it as a result beside the responses."""
    if not apart:
        return _DENOMINATORS[denominator]
    where = "" if apart == of else f"in {w.integer(apart)} of {w.studies(of)} "
    return f"{_DENOMINATORS[denominator]}; {where}{APART}"


def recurrence_text(total: Row, rows: Iterable[Row], words: Words) -> str:
    """``2 of 21 lesions (10 %, exact 95 % interval 1–30 %; of those evaluated …)``; ``rows`` are the therapy's studies."""
    e = total["estimate"]
    mine = [
        r
        for r in rows
        if r["used"] and (r["unit"], r["denominator"]) == (total["unit"], total["denominator"])
    ]
    apart = {r["study_id"] for r in mine if r["exclusive"]}
    text = clustered.estimate(e, words).removesuffix(")")
    return f"{text}; {recurrence_of(total['denominator'], len(apart), total['k'])})"


def add_overall(claims: Claims, results: Iterable[Row], words: Words) -> None:
    """Claims ``harms.…`` and ``recurrence.…`` over all therapies; nothing is pooled, only listed and counted."""
    results = list(results)
    ids = sorted({s["study_id"] for r in results for s in r["studies"]})
    n = len(ids)
    treated = sum(r["harms"]["treated"] for r in results)
    evaluated = sum(r["harms"]["evaluated"] for r in results)
    with_harms = {
        h["study_id"] for r in results for h in r["harms"]["rows"] if h["status"] != "unknown" and h["used"]
    }
    least = "at least " if any(r["harms"]["treated_unknown"] for r in results) else ""
    brief = (
        f"Harms were counted or reported as absent for {w.integer(evaluated)} of {least}{words.counted(treated, PATIENT)} treated."
        if evaluated
        else "No count of harms could be read."
    )
    named = [
        f"{markdown(lower_first(r['therapy']['name']))}: {'; '.join(harm_text(t, words) for t in r['harms']['totals'] if t['estimate'])}"
        for r in results
        if any(t["estimate"] for t in r["harms"]["totals"])
    ]
    where = f"They come from {w.integer(len(with_harms))} of {w.studies(n)}." if with_harms else ""
    claims.add(
        "harms.brief",
        evaluated,
        brief,
        unit="patients",
        definition="patients with harms counted or reported as absent",
        studies=ids,
    )
    claims.add(
        "harms.summary",
        evaluated,
        w.paragraph(
            brief, where, w.sentence(". ".join(w.sentence(x).rstrip(".") for x in named)) if named else ""
        ),
        unit="text",
        definition="harms over all therapies, listed and not pooled",
        studies=ids,
    )
    counted = [r for r in results if r["recurrence"]["totals"]]
    texts = [
        f"{markdown(lower_first(r['therapy']['name']))} {recurrence_text(t, r['recurrence']['rows'], words)}"
        for r in counted
        for t in r["recurrence"]["totals"]
    ]
    k = len({x["study_id"] for r in results for x in r["recurrence"]["rows"] if x["events"] is not None})
    claims.add(
        "recurrence.text",
        len(texts),
        "; ".join(texts) or w.NO_DATA,
        unit="text",
        definition="recurrence by therapy",
        studies=ids,
    )
    said = (
        f"Recurrence was reported by {w.integer(k)} of {w.studies(n)}"
        if k
        else "Recurrence was reported by no included study"
    )
    claims.add(
        "recurrence.brief",
        k,
        w.sentence(
            f"{said}: {'; '.join(_short(r['therapy'], t, words) for r in counted for t in r['recurrence']['totals'])}"
            if texts
            else said
        ),
        unit="studies",
        definition="studies that report recurrence",
        studies=ids,
    )
    claims.add(
        "recurrence.summary",
        k,
        w.paragraph(
            w.sentence(f"{said}: {'; '.join(texts)}" if texts else said),
            *(
                w.sentence(f"{markdown(r['therapy']['name'])}: {lower_first(text)}")
                for r in counted
                for text in _within_patients(r)
            ),
        ),
        unit="text",
        definition="recurrence over all therapies, listed and not pooled",
        studies=ids,
    )


def _short(therapy: Row, total: Row, words: Words) -> str:
    e = total["estimate"]
    return (
        f"{markdown(lower_first(therapy['name']))} {w.integer(e['events'])} of {words.counted(e['total'], total['unit'])}, "
        f"{_DENOMINATORS[total['denominator']]} ({w.percent_range(e['lower'], e['upper'], e['total'])}"
        f"{clustered.if_independent(total['unit'], words)})"
    )
