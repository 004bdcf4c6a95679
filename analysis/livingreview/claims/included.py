"""Claims about the included studies as a set: how many, of which kind, what of them could be read, how they were appraised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.marks import Marks, slug
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
    m = claims.marks("included")
    add(
        "studies.text",
        len(studies),
        m.studies("studies.n", len(studies)),
        "included studies, with their unit",
        "text",
    )
    least = "at least " if unknown else ""
    patients = f"{least}{words.counted(treated, PATIENT, m, 'patients.n')}"
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
        f"{counted_once}, with their unit",
        "text",
    )
    designs = _tally(studies, "design", words, "designs", m.at("by_design", "included studies of a design"))
    add("designs", None, designs or w.NO_DATA, "included studies by design", "text")
    size = (
        f"{m.studies('studies.n', len(studies))} with {least}{m('patients.n', treated)} treated "
        f"{words.units(PATIENT, treated)}"
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
        studies,
        "source_kind",
        words,
        "source_kinds",
        m.at("by_source", "included studies by what could be read"),
        counted_as="{label} ({n})",
    )
    add("brief", None, _brief(studies, size, words, m), "included studies and patients in brief", "text")
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
        _missing(studies, words, m),
        "included studies without visible year, country or size",
        "text",
    )
    add(
        "unverified", None, _unverified(studies, m), "eligibility criteria that could not be verified", "text"
    )


def _brief(studies: Sequence[Row], size: str, words: Words, m: Marks) -> str:
    """``Included were 19 studies with 75 treated patients, among them 11 case reports.``: the commonest design, the first of the protocol
    among several; without "among them" where every study has it."""
    if not studies:
        return "No study is included."
    counts = Counter(s.get("design") for s in studies)
    known = [*words.codes("designs"), *sorted(c for c in counts if c)]
    design = max((c for c in known if counts[c]), key=lambda c: counts[c], default=None)
    verb = "Included was" if len(studies) == 1 else "Included were"
    if design is None:
        return w.sentence(f"{verb} {size}")
    most = [s for s in studies if s.get("design") == design]
    told = _tally(most, "design", words, "designs", m.at("by_design", "included studies of a design"))
    return w.sentence(f"{verb} {size}{': ' if len(most) == len(studies) else ', among them '}{told}")


def _tally(
    studies: Sequence[Row], column: str, words: Words, field: str, m: Marks, counted_as: str = ""
) -> str:
    """``2 case reports, 1 case series``: counts by code, in the protocol's order."""
    counts = Counter(s.get(column) for s in studies)
    known = words.codes(field)
    parts = []
    for code in [*known, *sorted(c for c in counts if c and c not in known), None]:
        if n := counts.get(code, 0):
            label = words.name(field, code, 1 if counted_as else n)
            of = m.at(studies=[s["study_id"] for s in studies if s.get(column) == code])
            number = of(slug(code or "not_reported"), n, None, code or "not reported", "studies")
            parts.append(counted_as.format(label=label, n=number) if counted_as else f"{number} {label}")
    return w.listed(parts)


def _missing(studies: Sequence[Row], words: Words, m: Marks) -> str:
    def of(ids: Sequence[str], name: str, what: str) -> str:
        number = m.at(studies=ids)(
            f"without_{name}", len(ids), None, f"included studies without {what}", "studies"
        )
        return f"{number} of {m.studies('studies.n', len(studies))}"

    if not studies:
        return "There are no included studies."
    no_year = [s["study_id"] for s in studies if s.get("year") is None]
    no_country = [s["study_id"] for s in studies if not s.get("country")]
    no_size = [s["study_id"] for s in studies if any(n is None for n in (s.get("n_patients") or {}).values())]
    parts = [
        f"no {what} could be seen for {of(ids, name, what)}"
        for what, name, ids in (
            ("year of publication", "year", no_year),
            ("country", "country", no_country),
            (f"number of {words.units(PATIENT, 2)}", "size", no_size),
        )
        if ids
    ]
    return (
        w.sentence(w.listed(parts))
        if parts
        else f"Year, country and number of {words.units(PATIENT, 2)} could be seen for each of them."
    )


def _unverified(studies: Sequence[Row], m: Marks) -> str:
    if not studies:
        return "There are no included studies."
    counts: Counter[str] = Counter()
    for study in studies:
        counts.update(set(study.get("unverified_criteria") or []))
    if not counts:
        return "Each eligibility criterion could be verified for each included study."

    def number(criterion: str, n: int) -> str:
        ids = [s["study_id"] for s in studies if criterion in (s.get("unverified_criteria") or [])]
        said = f"included studies in which the criterion {criterion} could not be verified"
        return m.at("not_verified", studies=ids)(slug(criterion), n, None, said, "studies")

    named = [
        f"{markdown(criterion)} ({number(criterion, n)} of {m.studies('studies.n', len(studies))})"
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
        n, said = counts.get(code, 0), lower_first(_label(judgements[code]))
        add(f"{code}.n", n, w.integer(n), f"items judged {said}")
        share = n / total if total else None
        add(f"{code}.percent", share, w.percent(share, total), f"items judged {said}, share of all")
    m = claims.marks("appraisal")
    named = [
        f"*{markdown(lower_first(_label(judgements[code])))}* {m(f'{code}.n', counts[code])} "
        f"({m.percent(f'{code}.percent', counts[code] / total, total)})"
        for code in judgements
        if counts.get(code)
    ]
    tools = Counter(s["tool"] for s in studies)
    by_tool = [
        f"{m.studies(f'by_tool.{tool}', n, 'studies appraised with this tool')} with the {markdown(str(appraisal['tools'].get(tool, {}).get('name', tool)))}"
        for tool, n in ordered(dict(sorted(tools.items())), appraisal["tools"]).items()
    ]
    text = (
        w.paragraph(
            w.sentence(f"{w.listed(by_tool)} {'was' if len(studies) == 1 else 'were'} appraised"),
            w.sentence(
                f"{m.counted('items', total, 'judgement was', 'judgements were')} made: {w.listed(named)}"
            ),
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
        of_all = m.percent(f"{code}.percent", counts[code] / total, total)
        shares.append(f"{m(f'{code}.n', counts[code])} ({of_all}) {verb}*{label}*")
    of = m.counted("items", total, "appraisal judgement", "appraisal judgements")
    brief = f"of {of} by item, {w.listed(shares)}" if total else text
    add("brief", None, w.sentence(brief), "appraisal in a sentence", "text")


def _label(judgement: Any) -> str:
    # the label may explain itself in brackets; running text has the explanation already
    label = judgement["label"] if isinstance(judgement, Mapping) else str(judgement)
    return label.split(" (")[0]
