"""Claims on the reported responses of one therapy: every unit and construct of the protocol, with data or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims import clustered
from livingreview.claims import wording as w
from livingreview.claims.model import Claims
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
        _summary(result, told, words),
        unit="text",
        definition=about,
        studies=studies,
    )
    claims.add(
        f"{code}.response.basis",
        None,
        _bases(result, words),
        unit="text",
        definition=f"what the {about} rest on",
        studies=studies,
    )
    claims.add(
        f"{code}.response.brief",
        len(told),
        _brief(result, told, words),
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
    _add_estimate(add, "", total["estimate"] if total else None, unit, words)
    unknown = total["if_failures_reason"] if total else None
    _add_estimate(
        add,
        "if_failures.",
        total["if_failures"] if total else None,
        unit,
        words,
        f"not known, since {unknown}" if unknown else w.NO_DATA,
    )
    complete = total["complete"] if total else None
    _add_estimate(add, "complete.", complete["estimate"] if complete else None, unit, words)


def _add_estimate(
    add: Any, prefix: str, estimate: Row | None, unit: str, words: Words, absent: str = w.NO_DATA
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
            f"{kind}: {name} of the proportion",
        )
    text = absent
    if estimate:
        text = clustered.estimate(estimate, words)
    add(
        f"{prefix}text",
        [estimate["events"], estimate["total"]] if estimate else None,
        text,
        f"{kind}, with exact interval",
    )


def _summary(result: Row, told: Sequence[Row], words: Words) -> str:
    uncounted = _uncounted(result, words)
    if not told:
        if not result["studies"]:
            return "No study of this therapy is included."
        return w.paragraph("No included study of this therapy reported a count of responses.", uncounted)
    return w.paragraph(*(_one_total(t, words) for t in told), uncounted, _bases(result, words))


def _one_total(total: Row, words: Words) -> str:
    unit, estimate, worst, complete = (
        total["unit"],
        total["estimate"],
        total["if_failures"],
        total["complete"],
    )
    within = (
        f" in {words.counted(total['patients'], PATIENT)}" if unit != PATIENT and total["patients"] else ""
    )
    of = f"evaluated {words.units(unit, estimate['total'])}{within}"
    text = (
        f"Reported responses {words.judged_on(total['construct'])}: "
        + clustered.estimate(estimate, words, of)
        + f", from {w.studies(total['k'])}; {_accounted(total)}"
    )
    exact = complete["estimate"]
    if exact:
        missing = (
            f"; {w.studies(complete['k_missing'])} did not tell the degree" if complete["k_missing"] else ""
        )
        text += f"; complete: {integer_of(exact)}{missing}"
    else:
        text += "; the degree of response was not told"
    if total["unreported"] and worst:
        text += f"; if {_all_unreported(total)} failed, {integer_of(worst)}"
    elif total["if_failures_reason"]:
        text += f"; no proportion with all unreported as failures, since {total['if_failures_reason']}"
    if total["recurrence_exclusive"]:
        text += (
            f". The source counts {words.counted(total['recurrence_exclusive'], unit)} with recurrence as a result apart, "
            "so whether these had responded first is unknown"
        )
    return w.sentence(text)


def _accounted(total: Row) -> str:
    """``treated 45, evaluated 7, unreported 38``; minima where arms do not tell their size."""
    least = "at least " if total["treated_unknown"] else ""
    missing = f"{least}{w.integer(total['unreported'])}" if total["unreported"] or not least else "not known"
    return f"treated {least}{w.integer(total['treated'])}, evaluated {w.integer(total['evaluated'])}, unreported {missing}"


def _all_unreported(total: Row) -> str:
    return "the one unreported had" if total["unreported"] == 1 else "all unreported had"


def integer_of(estimate: Row) -> str:
    """``12 of 21 (57 %, 34–78 %)``: an estimate whose kind of interval has been said before; of units in patients ``likewise 34–78 %``."""
    like = "likewise " if clustered.mark(estimate) else ""
    return (
        f"{w.integer(estimate['events'])} of {w.integer(estimate['total'])} ({w.percent(estimate['value'], estimate['total'])}, {like}"
        f"{w.percent_range(estimate['lower'], estimate['upper'], estimate['total'])})"
    )


def _uncounted(result: Row, words: Words) -> str:
    """Studies that speak of a response without a usable count."""
    labels = sorted(
        {markdown(r["label"]) for r in result["responses"] if not r["used"] and r["responders"] is None}
    )
    if not labels:
        return ""
    return w.sentence(f"{w.listed(labels)} described a response without a count")


def _bases(result: Row, words: Words) -> str:
    tally: dict[str, set[str]] = {}
    for r in result["responses"]:
        if r["used"]:
            tally.setdefault(r["basis"] or "", set()).add(r["study_id"])
    if not tally:
        return "There is no counted result whose basis could be stated."
    named = [
        f"{words.name('bases', b)} in {w.studies(len(tally[b]))}"
        for b in [*words.codes("bases"), ""]
        if b in tally
    ]
    return w.sentence(f"what the counts rest on: {w.listed(named)}")


def _brief(result: Row, told: Sequence[Row], words: Words) -> str:
    if not result["studies"]:
        return f"{markdown(result['therapy']['name'])}: no study is included."
    patients = result["patients"]
    least = "at least " if patients["treated_is_minimum"] else ""
    head = (
        f"{markdown(result['therapy']['name'])}, {least}{words.counted(patients['treated'], PATIENT)} treated"
    )
    if not told:
        return f"{head}: no reported counts of response."
    return w.sentence(f"{head}: reported responses in {'; '.join(_one_brief(t, words) for t in told)}")


def _one_brief(total: Row, words: Words) -> str:
    """``7 of 7 evaluated patients judged on deposit (59–100 %; 38 unreported, 16 % if all of them had failed)``."""
    e, worst, missing = total["estimate"], total["if_failures"], total["unreported"]
    least = "at least " if total["treated_unknown"] else ""
    if missing and worst:
        failed = "it" if missing == 1 else "all of them"
        rest = f"{w.integer(missing)} unreported, {w.percent(worst['value'], worst['total'])} if {failed} had failed"
    elif missing:
        rest = f"{least}{w.integer(missing)} unreported"
    else:
        rest = "number unreported not known" if least else "none unreported"
    return (
        f"{w.integer(e['events'])} of {w.integer(e['total'])} evaluated {words.units(total['unit'], e['total'])} "
        f"{words.judged_on(total['construct'])} ({w.percent_range(e['lower'], e['upper'], e['total'])}"
        f"{clustered.if_independent(total['unit'], words)}; {rest})"
    )
