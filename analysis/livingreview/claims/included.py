"""Claims about the included studies as a set: how many, of which kind, what of them could be read, how they were appraised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.model import Claims
from livingreview.claims.words import PATIENT, Words, lower_first
from livingreview.protocol_order import ordered
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]


def add_included(claims: Claims, characteristics: Row, documents: Row, results: Row) -> None:
    """Claims ``included.…``: counts of studies and patients, designs, sources, what is missing, unverified criteria."""
    studies: Sequence[Row] = characteristics["studies"]
    ids = [s["study_id"] for s in studies]
    words = Words(documents)
    therapies = results["therapies"]
    treated = sum(r["patients"]["treated"] for r in therapies.values())
    unknown = any(r["patients"]["treated_is_minimum"] for r in therapies.values())

    def add(key: str, value: Any, text: str, definition: str, unit: str = "studies") -> None:
        claims.add(f"included.{key}", value, text, unit=unit, definition=definition, studies=ids)

    add("studies.n", len(studies), w.integer(len(studies)), "included studies")
    add("studies.text", len(studies), w.studies(len(studies)), "included studies")
    least = "at least " if unknown else ""
    patients = f"{least}{words.counted(treated, PATIENT)}"
    counted_once = "patients treated, each counted once within a therapy"
    add(
        "patients.n",
        treated,
        f"{least}{w.integer(treated)}",
        counted_once,
        "patients",
    )
    add(
        "patients.text",
        treated,
        patients,
        counted_once,
        "patients",
    )
    designs = _tally((s.get("design") for s in studies), words, "designs")
    add("designs", None, designs or w.NO_DATA, "included studies by design", "text")
    size = (
        f"{w.studies(len(studies))} with {least}{w.integer(treated)} treated {words.units(PATIENT, treated)}"
    )
    verb = "Included was" if len(studies) == 1 else "Included were"
    add(
        "summary",
        None,
        w.sentence(f"{verb} {size}: {designs}" if studies else "no study is included"),
        "included studies and patients in a sentence",
        "text",
    )
    sources = _tally(
        (s.get("source_kind") for s in studies), words, "source_kinds", counted_as="{label} ({n})"
    )
    add(
        "sources",
        None,
        w.sentence(f"what could be read of the included studies: {sources}")
        if sources
        else "No source was read.",
        "what could be read of the included studies",
        "text",
    )
    add(
        "missing",
        None,
        _missing(studies, words),
        "included studies without visible year, country or size",
        "text",
    )
    add("unverified", None, _unverified(studies), "eligibility criteria that could not be verified", "text")


def _tally(values: Iterable[str | None], words: Words, field: str, counted_as: str = "") -> str:
    """``2 case reports, 1 case series``: counts by code, in the protocol's order."""
    counts = Counter(values)
    known = words.codes(field)
    parts = []
    for code in [*known, *sorted(c for c in counts if c and c not in known), None]:
        if n := counts.get(code, 0):
            label = words.name(field, code, 1 if counted_as else n)
            parts.append(
                counted_as.format(label=label, n=w.integer(n)) if counted_as else f"{w.integer(n)} {label}"
            )
    return w.listed(parts)


def _missing(studies: Sequence[Row], words: Words) -> str:
    def of(n: int) -> str:
        return f"{w.integer(n)} of {w.studies(len(studies))}"

    if not studies:
        return "There are no included studies."
    no_year = sum(s.get("year") is None for s in studies)
    no_country = sum(not s.get("country") for s in studies)
    no_size = sum(any(n is None for n in (s.get("n_patients") or {}).values()) for s in studies)
    parts = [
        f"no {what} could be seen for {of(n)}"
        for what, n in (
            ("year of publication", no_year),
            ("country", no_country),
            (f"number of {words.units(PATIENT, 2)}", no_size),
        )
        if n
    ]
    return (
        w.sentence(w.listed(parts))
        if parts
        else f"Year, country and number of {words.units(PATIENT, 2)} could be seen for each of them."
    )


def _unverified(studies: Sequence[Row]) -> str:
    if not studies:
        return "There are no included studies."
    counts: Counter[str] = Counter()
    for study in studies:
        counts.update(set(study.get("unverified_criteria") or []))
    if not counts:
        return "Each eligibility criterion could be verified for each included study."
    named = [
        f"{markdown(criterion)} ({w.integer(n)} of {w.studies(len(studies))})"
        for criterion, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return w.sentence(f"eligibility criteria that could not be verified: {w.listed(named)}")


def add_appraisal(claims: Claims, appraisal: Row) -> None:
    """Claims ``appraisal.…``: judgements counted over studies and items. They are counts, never a score."""
    studies: Sequence[Row] = appraisal["studies"]
    judgements: Mapping[str, Any] = appraisal["judgements"]
    ids = [s["study_id"] for s in studies]
    counts = Counter(j for s in studies for j in s["items"].values())
    total = sum(counts.values())

    def add(key: str, value: Any, text: str, definition: str, unit: str = "judgements") -> None:
        claims.add(f"appraisal.{key}", value, text, unit=unit, definition=definition, studies=ids)

    add("items", total, w.integer(total), "judgements of an item of a study")
    add("studies", len(studies), w.integer(len(studies)), "studies appraised", "studies")
    for code in judgements:
        n = counts.get(code, 0)
        add(f"{code}.n", n, w.integer(n), f"items judged {code}")
        share = n / total if total else None
        add(f"{code}.percent", share, w.percent(share, total), f"items judged {code}, share of all")
    named = [
        f"*{markdown(lower_first(_label(judgements[code])))}* {w.integer(counts[code])} ({w.percent(counts[code] / total, total)})"
        for code in judgements
        if counts.get(code)
    ]
    tools = Counter(s["tool"] for s in studies)
    by_tool = [
        f"{w.studies(n)} with the {markdown(str(appraisal['tools'].get(tool, {}).get('name', tool)))}"
        for tool, n in ordered(dict(sorted(tools.items())), appraisal["tools"]).items()
    ]
    text = (
        w.paragraph(
            w.sentence(f"{w.listed(by_tool)} {'was' if len(studies) == 1 else 'were'} appraised"),
            w.sentence(f"{w.counted(total, 'judgement was', 'judgements were')} made: {w.listed(named)}"),
        )
        if total
        else "No study was appraised."
    )
    add("summary", None, text, "appraisal in words", "text")
    shares: list[str] = []
    for code in (c for c in judgements if counts.get(c)):
        # the verb stands once, with the first of the list
        verb = "" if shares else "was " if counts[code] == 1 else "were "
        label = markdown(lower_first(_label(judgements[code])))
        shares.append(f"{w.integer(counts[code])} ({w.percent(counts[code] / total, total)}) {verb}*{label}*")
    of = w.counted(total, "appraisal judgement", "appraisal judgements")
    brief = f"of {of} by item, {w.listed(shares)}" if total else text
    add("brief", None, w.sentence(brief), "appraisal in a sentence", "text")


def _label(judgement: Any) -> str:
    # the label may explain itself in brackets; running text has the explanation already
    label = judgement["label"] if isinstance(judgement, Mapping) else str(judgement)
    return label.split(" (")[0]
