"""Claims on harms and recurrence: of one therapy, and listed over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingreview.claims import clustered
from livingreview.claims import wording as w
from livingreview.claims.facts import cluster_facts
from livingreview.claims.marks import UNMARKED, Marks, slug
from livingreview.claims.model import Claims
from livingreview.claims.words import PATIENT, Words, lower_first
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]


def add_harms(claims: Claims, code: str, result: Row, words: Words) -> None:
    """Claims ``<therapy>.harms.…``."""
    harms = result["harms"]
    m = claims.marks(f"{code}.harms", markdown(result["therapy"]["name"]))
    texts = [harm_text(t, words, m) for t in harms["totals"] if t["estimate"]]
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
        _harms(harms, texts, result, words, m),
        unit="text",
        definition="harms in words",
        studies=ids,
    )


def harm_text(total: Row, words: Words, m: Marks = UNMARKED) -> str:
    """``any adverse event: 0 of 3 patients (upper exact one-sided 95 % limit 63 %)``."""
    e = total["estimate"]
    name = harm_name(total["category"])
    m = m.at(f"of.{slug(total['category'])}_{total['unit']}", name, total["unit"], e.get("used"))
    if e["sided"] == 1 and e["events"] == 0:
        of = words.counted(e["total"], total["unit"], m, "total")
        limit = m.percent("upper", e["upper"], e["total"], "one-sided exact upper limit")
        sided = f"{ONE_SIDED} {m.level(e['level'])} upper limit {limit}"
        return f"{name} {m('events', 0)} of {of} ({sided}{clustered.if_independent(total['unit'], words)})"
    return f"{name} {clustered.estimate(e, words, m=m)}"


ONE_SIDED = "one-sided exact"


def _harms(harms: Row, texts: Sequence[str], result: Row, words: Words, m: Marks = UNMARKED) -> str:
    n = len(result["studies"])
    if not n:
        return "There are no data on harms."
    without = [h for h in harms["rows"] if h["status"] == "unknown"]
    unknown = sorted({markdown(h["label"]) for h in without if not partly_counted(h)})
    mentioned = w.paragraph(
        w.sentence(f"mentioned without a count: {w.listed(unknown)}") if unknown else "",
        *(
            w.sentence(f"{markdown(h['label'])}, {harm_name(h['category'])}: {_reason(h, m, i)}")
            for i, h in enumerate(without, 1)
            if partly_counted(h)
        ),
        reported_words(harms["rows"]),
    )
    if not texts:
        return w.paragraph(f"No count of harms could be read in any of {_studies(result)}.", mentioned)
    least = "at least " if harms["treated_unknown"] else ""
    return w.paragraph(
        w.sentence(
            f"harms were counted or reported as absent for {m('evaluated', harms['evaluated'])} of {least}"
            f"{words.counted(harms['treated'], PATIENT, m, 'treated')} treated "
            f"({m('k', harms['k'], None, 'studies that counted a harm or reported its absence', 'studies')} of "
            f"{_studies(result)}): {'; '.join(texts)}"
        ),
        mentioned,
    )


def _studies(result: Row) -> str:
    """``3 studies``: the studies of a therapy, as the claim that counts them."""
    m = Marks(f"{result['therapy']['code']}.studies", result["therapy"]["name"])
    return m.studies("n", len(result["studies"]))


def partly_counted(harm: Row) -> bool:
    """Whether a harm without a usable count still has its events or its denominator, which the reason then names."""
    return harm["status"] == "unknown" and (harm["events"] is not None or bool(harm["total"]))


def _reason(h: Row, m: Marks, number: int) -> str:
    """Why a harm was not counted, which names the number that is known."""
    of = m.at(
        f"partly.{slug(h['study_id'])}_{number}", f"{h['label']}, {h['category']}", studies=[h["study_id"]]
    )
    facts = [("events", h["events"], "events"), ("total", h["total"], "units evaluated")]
    return of.within(markdown(h["reason"]), facts)


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
    m = claims.marks(f"{code}.recurrence", markdown(result["therapy"]["name"]))
    texts = [recurrence_text(t, again["rows"], words, m) for t in again["totals"]]
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
        none = m("k", 0, "none", "studies that report recurrence", "studies")
        summary = f"Recurrence was reported by {none} of {_studies(result)}."
    else:
        summary = w.sentence(
            f"recurrence, reported by {m('k', again['k'], None, 'studies that report recurrence', 'studies')} of "
            f"{_studies(result)}: {'; '.join(texts)}"
        )
        summary = w.paragraph(summary, *_within_patients(result, m))
    claims.add(
        f"{code}.recurrence.summary",
        len(texts),
        summary,
        unit="text",
        definition="recurrence in words",
        studies=ids,
    )


def _within_patients(result: Row, m: Marks) -> list[str]:
    """The sentences on recurrence in units that lie in patients, without the heading that names therapy and subject."""
    heading = f"{result['therapy']['name']}, recurrence: "
    totals = [t for t in result["recurrence"]["totals"] if t.get("clusters")]
    found = [text for text in result["recurrence"]["warnings"] if text.startswith(heading)]
    told = [w.sentence(w.spaced(markdown(text.removeprefix(heading)))) for text in found]
    if len(found) != len(totals):
        return told
    return [
        _recurred(m, total).within(text, cluster_facts(total["clusters"]))
        for text, total in zip(told, totals, strict=True)
    ]


_DENOMINATORS = {
    "evaluated": "of those evaluated",
    "responders": "of responders",
    "as_reported": "as reported",
}
_COUNTED = {"evaluated": " evaluated", "responders": " responding", "as_reported": ", as reported"}
"""The same in brief."""
APART = "a result apart, not a share of responders"


def recurrence_of(denominator: str, apart: int, of: int, m: Marks = UNMARKED) -> str:
    """What a recurrence is a share of; ``apart`` of the ``of`` studies count it as a result beside the responses."""
    if not apart:
        return _DENOMINATORS[denominator]
    where = (
        ""
        if apart == of
        else f"in {m('apart', apart, None, 'studies that count it apart', 'studies')} of {m.studies('k', of)} "
    )
    return f"{_DENOMINATORS[denominator]}; {where}{APART}"


def recurrence_text(total: Row, rows: Iterable[Row], words: Words, m: Marks = UNMARKED) -> str:
    """``2 of 21 lesions (10 %, exact 95 % interval 1–30 %; of those evaluated …)``; ``rows`` are the therapy's studies."""
    e = total["estimate"]
    mine = [
        r
        for r in rows
        if r["used"] and (r["unit"], r["denominator"]) == (total["unit"], total["denominator"])
    ]
    apart = {r["study_id"] for r in mine if r["exclusive"]}
    m = _recurred(m, total)
    text = clustered.estimate(e, words, m=m).removesuffix(")")
    return f"{text}; {recurrence_of(total['denominator'], len(apart), total['k'], m)})"


def _recurred(m: Marks, total: Row) -> Marks:
    """Marks of one total of recurrence."""
    unit, denominator = total["unit"], total["denominator"]
    return m.at(
        f"of.{unit}_{denominator}",
        f"recurrence {_DENOMINATORS[denominator]}",
        unit,
        total["estimate"].get("used"),
    )


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
    m = claims.marks("harms", "all therapies", "patients")
    included = claims.marks("included.studies").studies("n", n)
    brief = (
        f"Harms were counted or reported as absent for {m('evaluated', evaluated, None, 'patients with a count or its absence')} of "
        f"{least}{words.counted(treated, PATIENT, m, 'treated')} treated."
        if evaluated
        else "No count of harms could be read."
    )
    named = [
        f"{markdown(lower_first(r['therapy']['name']))}: {'; '.join(harm_text(t, words, _group(r, 'harms')) for t in r['harms']['totals'] if t['estimate'])}"
        for r in results
        if any(t["estimate"] for t in r["harms"]["totals"])
    ]
    told = m.at(studies=with_harms)(
        "k", len(with_harms), None, "studies with a count of harms or their absence", "studies"
    )
    where = f"They come from {told} of {included}." if with_harms else ""
    claims.add(
        "harms.brief",
        evaluated,
        brief,
        unit="text",
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
        f"{markdown(lower_first(r['therapy']['name']))} {recurrence_text(t, r['recurrence']['rows'], words, _group(r, 'recurrence'))}"
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
    of = claims.marks("recurrence", "all therapies")
    said = (
        f"Recurrence was reported by {of('k', k, None, 'studies that report recurrence', 'studies')} of {included}"
        if k
        else "Recurrence was reported by no included study"
    )
    claims.add(
        "recurrence.brief",
        k,
        w.sentence(
            f"{said}: {'; '.join(_short(r['therapy'], t, words, _group(r, 'recurrence')) for r in counted for t in r['recurrence']['totals'])}"
            if texts
            else said
        ),
        unit="text",
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
                for text in _within_patients(r, _group(r, "recurrence"))
            ),
        ),
        unit="text",
        definition="recurrence over all therapies, listed and not pooled",
        studies=ids,
    )


def _group(result: Row, name: str) -> Marks:
    return Marks(f"{result['therapy']['code']}.{name}", markdown(result["therapy"]["name"]))


def _short(therapy: Row, total: Row, words: Words, m: Marks) -> str:
    e, m = total["estimate"], _recurred(m, total)
    counts = {"n": e["total"], "unit": total["unit"], "clusters": total.get("clusters")}
    interval = clustered.cautious({**counts, "main": {"estimate": e, "fitted": False}}, words, m)
    return (
        f"{markdown(lower_first(therapy['short_name']))} {m('events', e['events'])} of "
        f"{words.counted(e['total'], total['unit'], m, 'total')}{_COUNTED[total['denominator']]} ({interval})"
    )
