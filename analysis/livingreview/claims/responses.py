"""Claims on the reported responses of one therapy: every unit and construct of the protocol, with data or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from livingreview.claims import clustered
from livingreview.claims import wording as w
from livingreview.claims.marks import Marks
from livingreview.claims.model import Claims
from livingreview.claims.numbers import tokens
from livingreview.claims.words import PATIENT, Words, lower_first
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]


def add_responses(claims: Claims, code: str, result: Row, words: Words) -> None:
    """Claims ``<therapy>.response.…`` of one therapy's results."""
    totals = {(t["unit"], t["construct"]): t for t in result["totals"]}
    for unit in words.codes("units"):
        for construct in words.codes("constructs"):
            _add_total(
                claims,
                f"{code}.response.{unit}.{construct}",
                unit,
                construct,
                totals.get((unit, construct)),
                words,
            )
    told = [t for t in result["totals"] if t["k"]]
    studies = sorted({s for t in told for s in t["used"]})
    about = f"reported responses to {result['therapy']['name']}"
    claims.add(
        f"{code}.response.summary",
        len(told),
        _summary(result, told, words, code),
        unit="text",
        definition=about,
        studies=studies,
    )
    claims.add(
        f"{code}.response.basis",
        None,
        _bases(result, words, code),
        unit="text",
        definition=f"what the {about} rest on",
        studies=studies,
    )
    claims.add(
        f"{code}.response.brief",
        len(told),
        _brief(result, told, words, code),
        unit="text",
        definition=f"{about}, one clause",
        studies=studies,
    )


def add_constructs(claims: Claims, results: Sequence[Row], words: Words) -> None:
    """Claim ``responses.constructs``: by therapy, on what its counted responses were judged."""
    found = {r["therapy"]["name"]: [t for t in r["totals"] if t["k"]] for r in results}
    texts = [
        f"{markdown(lower_first(name))} ({w.listed(list(dict.fromkeys(words.construct(t['construct']) for t in told))) or 'no count'})"
        for name, told in found.items()
    ]
    claims.add(
        "responses.constructs",
        {name: [t["construct"] for t in told] for name, told in found.items()},
        "; ".join(texts) or w.NO_DATA,
        unit="text",
        definition="constructs on which counted responses were judged, by therapy",
        studies=sorted({s for told in found.values() for t in told for s in t["used"]}),
    )


def _add_total(claims: Claims, key: str, unit: str, construct: str, total: Row | None, words: Words) -> None:
    studies = tuple(total["used"]) if total else ()
    where = f"on construct {construct}, unit {unit}"

    def add(name: str, value: Any, text: str, definition: str) -> None:
        claims.add(
            f"{key}.{name}", value, text, unit=unit, definition=f"{definition} {where}", studies=studies
        )

    counts = {
        "k": "studies with a count of responses",
        "responders": "reported responses",
        "evaluated": "units with a reported result",
        "treated": "units treated in the therapy's arms",
        "unreported": "treated units without a reported result",
    }
    for name, definition in counts.items():
        value = total[name] if total else None
        add(name, value, w.integer(value), definition)
    m = Marks(key, f"{where[3:]}: reported responses", unit)
    own = replace(m, alias=RESPONSES)
    _add_estimate(add, "", total["estimate"] if total else None, unit, words, own)
    unknown = total["if_failures_reason"] if total else None
    _add_estimate(
        add,
        "if_failures.",
        total["if_failures"] if total else None,
        unit,
        words,
        m.at("if_failures", "if every unreported unit had failed"),
        f"not known, since {_because(total, m)}" if total and unknown else w.NO_DATA,
    )
    complete = total["complete"] if total else None
    _add_estimate(
        add,
        "complete.",
        complete["estimate"] if complete else None,
        unit,
        words,
        m.at("complete", "complete responses"),
    )


RESPONSES = (("events", "responders"), ("total", "evaluated"))


def _because(total: Row, m: Marks) -> str:
    """Why the unreported cannot be counted as failures; it may say in how many studies."""
    reason = str(total["if_failures_reason"])
    return m.within(
        reason, [("studies_of_unknown_size", _number_in(reason), "studies whose size is unknown")]
    )


def _number_in(text: str) -> int | None:
    found = [t.value for t in tokens(text)]
    return int(found[0]) if found and found[0] is not None else None


def _add_estimate(
    add: Any, prefix: str, estimate: Row | None, unit: str, words: Words, m: Marks, absent: str = w.NO_DATA
) -> None:
    """Claims of one estimate; ``absent`` is its text where there is none."""
    kind = {
        "": "reported responses",
        "if_failures.": "responses if every unreported unit had failed",
        "complete.": "complete responses",
    }[prefix]
    total = estimate["total"] if estimate else None
    for name in ("value", "lower", "upper"):
        value = estimate[name] if estimate else None
        add(
            f"{prefix}{'percent' if name == 'value' else name}",
            value,
            w.percent(value, total),
            f"{kind}: {name if name == 'value' else f'{name} limit'} of the proportion",
        )
    text = absent
    if estimate:
        text = clustered.estimate(estimate, words, m=m)
    add(
        f"{prefix}text",
        [estimate["events"], estimate["total"]] if estimate else None,
        text,
        f"{kind}, with exact interval",
    )


def _summary(result: Row, told: Sequence[Row], words: Words, code: str) -> str:
    uncounted = _uncounted(result, words)
    if not told:
        if not result["studies"]:
            return "No study of this therapy is included."
        return w.paragraph("No included study of this therapy reported a count of responses.", uncounted)
    return w.paragraph(
        *(_one_total(t, words, _of(code, t)) for t in told), uncounted, _bases(result, words, code)
    )


def _of(code: str, total: Row) -> Marks:
    """Marks of one total: its claims are ``<therapy>.response.<unit>.<construct>.…``."""
    unit, construct = total["unit"], total["construct"]
    about = f"on construct {construct}, unit {unit}: reported responses"
    return Marks(f"{code}.response.{unit}.{construct}", about, unit)


def _one_total(total: Row, words: Words, m: Marks) -> str:
    unit, estimate, worst, complete = (
        total["unit"],
        total["estimate"],
        total["if_failures"],
        total["complete"],
    )
    within = (
        f" in {words.counted(total['patients'], PATIENT, m, 'patients')}"
        if unit != PATIENT and total["patients"]
        else ""
    )
    of = f"evaluated {words.units(unit, estimate['total'])}{within}"
    text = (
        f"Reported responses {words.judged_on(total['construct'])}: "
        + clustered.estimate(estimate, words, of, replace(m, alias=RESPONSES))
        + f", from {m.studies('k', total['k'])}; {_accounted(total, m)}"
    )
    exact = complete["estimate"]
    if exact:
        missing = (
            f"; {m.studies('complete.k_missing', complete['k_missing'], 'studies that did not tell the degree')} did not tell the degree"
            if complete["k_missing"]
            else ""
        )
        text += f"; complete: {integer_of(exact, m.at('complete', 'complete'))}{missing}"
    else:
        text += "; the degree of response was not told"
    if total["unreported"] and worst:
        text += f"; if {_all_unreported(total, m)} failed, {integer_of(worst, m.at('if_failures', 'if all unreported had failed'))}"
    elif total["if_failures_reason"]:
        text += f"; no proportion with all unreported as failures, since {_because(total, m)}"
    if total["recurrence_exclusive"]:
        text += (
            f". The source counts {words.counted(total['recurrence_exclusive'], unit, m, 'recurrence_exclusive')} with recurrence as a result apart, "
            "so whether these had responded first is unknown"
        )
    return w.sentence(text)


def _accounted(total: Row, m: Marks) -> str:
    """``treated 45, evaluated 7, unreported 38``; minima where arms do not tell their size."""
    least = "at least " if total["treated_unknown"] else ""
    missing = (
        f"{least}{m('unreported', total['unreported'])}" if total["unreported"] or not least else "not known"
    )
    return f"treated {least}{m('treated', total['treated'])}, evaluated {m('evaluated', total['evaluated'])}, unreported {missing}"


def _all_unreported(total: Row, m: Marks) -> str:
    if total["unreported"] == 1:
        return f"the {m('unreported', 1, 'one')} unreported had"
    return "all unreported had"


def integer_of(estimate: Row, m: Marks) -> str:
    """``12 of 21 (57 %, 34–78 %)``: an estimate whose kind of interval has been said before; of units in patients ``likewise 34–78 %``."""
    like = "likewise " if clustered.mark(estimate) else ""
    return (
        f"{m('events', estimate['events'])} of {m('total', estimate['total'])} "
        f"({m.percent('percent', estimate['value'], estimate['total'])}, {like}"
        f"{m.range(estimate['lower'], estimate['upper'], estimate['total'])})"
    )


def _uncounted(result: Row, words: Words) -> str:
    """Studies that speak of a response without a usable count."""
    labels = sorted(
        {markdown(r["label"]) for r in result["responses"] if not r["used"] and r["responders"] is None}
    )
    if not labels:
        return ""
    return w.sentence(f"{w.listed(labels)} described a response without a count")


def _bases(result: Row, words: Words, code: str) -> str:
    tally: dict[str, set[str]] = {}
    for r in result["responses"]:
        if r["used"]:
            tally.setdefault(r["basis"] or "", set()).add(r["study_id"])
    if not tally:
        return "There is no counted result whose basis could be stated."
    m = Marks(f"{code}.response.bases", "studies by what their counts rest on", "studies")
    named = [
        f"{words.name('bases', b)} in {m.studies(b or 'not_reported', len(tally[b]))}"
        for b in [*words.codes("bases"), ""]
        if b in tally
    ]
    return w.sentence(f"what the counts rest on: {w.listed(named)}")


def _brief(result: Row, told: Sequence[Row], words: Words, code: str) -> str:
    if not result["studies"]:
        return f"{markdown(result['therapy']['name'])}: no study is included."
    patients = result["patients"]
    least = "at least " if patients["treated_is_minimum"] else ""
    m = Marks(f"{code}.patients", markdown(result["therapy"]["name"]), "patients")
    treated = words.counted(patients["treated"], PATIENT, m, "treated")
    head = f"{markdown(result['therapy']['name'])}, {least}{treated} treated"
    if not told:
        return f"{head}: no reported counts of response."
    return w.sentence(
        f"{head}: reported responses in {'; '.join(_one_brief(t, words, _of(code, t)) for t in told)}"
    )


def _one_brief(total: Row, words: Words, m: Marks) -> str:
    """``7 of 7 evaluated patients judged on deposit (59–100 %; 38 unreported, 16 % if all of them had failed)``."""
    e, worst, missing = total["estimate"], total["if_failures"], total["unreported"]
    least = "at least " if total["treated_unknown"] else ""
    if missing and worst:
        failed = "it" if missing == 1 else "all of them"
        share = m.at("if_failures", "if all unreported had failed").percent(
            "percent", worst["value"], worst["total"]
        )
        rest = f"{m('unreported', missing)} unreported, {share} if {failed} had failed"
    elif missing:
        rest = f"{least}{m('unreported', missing)} unreported"
    else:
        rest = "number unreported not known" if least else f"{m('unreported', 0, 'none')} unreported"
    return (
        f"{m('responders', e['events'])} of {m('evaluated', e['total'])} evaluated {words.units(total['unit'], e['total'])} "
        f"{words.judged_on(total['construct'])} ({m.range(e['lower'], e['upper'], e['total'])}"
        f"{clustered.if_independent(total['unit'], words)}; {rest})"
    )
