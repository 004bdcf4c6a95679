"""Whether the evidence is ready to be submitted: a list apart from the journal's rules on form.

Everything is read from the protocol, the tables and the built slices of the review; nothing is known here of its question. What no table
records counts as not done: readers cannot tell either.

Sources. PRISMA 2020: Page MJ et al. (2021) BMJ 372:n71. PRISMA-LSR: Akl EA et al. (2024) BMJ 387:e079183. Cochrane Handbook for Systematic
Reviews of Interventions, version 6. ``verified`` says whether the part that is named was read; chapters that were not are named from general
knowledge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from livingreview.protocol_model import Protocol
from livingreview.submission.check_types import Check, Outcome, counted, listed
from livingreview.submission.evidence_built import Asked, Built
from livingreview.submission.facts import Facts
from livingreview.submission.references import References
from livingreview.submission.statements import Work, recorded_work, unrecorded

FULL_TEXT = "full_text"
"""The code (or, in any case, the label) of the kind of source that is a whole report, in `source_kinds` of the protocol."""
DATABASES = re.compile(
    r"\b(?:(?i:medline|pubmed|embase|cochrane|web of science|scopus|cinahl|psyc(?:info|articles)|lilacs|scielo|biosis|"
    r"global (?:health|index medicus)|inspec|cnki|wanfang|sinomed|ovid|ebsco(?:host)?|proquest|europe pmc|science citation index|"
    r"openalex)|CENTRAL|ERIC|VIP|AMED|PEDro|Dimensions|Lens\.org)\b"
)
"""Names of bibliographic databases and their platforms, as sources of a search are called."""
_RETRACTIONS = re.compile(r"retract", re.IGNORECASE)


def evidence(review: Path, facts: Facts) -> tuple[Check, ...]:
    """What readers may ask of the evidence behind a package (see :func:`of_review`)."""
    return of_review(review, facts.protocol, facts.references, facts.work)


def of_review(
    review: Path, protocol: Protocol, references: References, work: Sequence[Work] | None = None
) -> tuple[Check, ...]:
    """What readers may ask of the evidence, in the order of the work: search, selection, extraction, appraisal, certainty, report.

    ``work`` is what tables say of who did what (read from the review where it is not given). Raises ReviewError where the review is not built.
    """
    built = Built(review)
    done = recorded_work(built.raw) if work is None else tuple(work)
    return (
        _registration(protocol),
        *_search(built),
        _screening_complete(built),
        _screening_twice(built, done),
        _eligibility(built),
        _retractions(built),
        _full_texts(built, protocol),
        _extraction_twice(built),
        *_appraisal(built, protocol),
        _certainty(built),
        _conclusions(built),
        *_references(references),
        _living(protocol),
        _people(protocol, done),
    )


def _registration(protocol: Protocol) -> Check:
    asked = Asked(
        "registration",
        "The review is registered",
        "a register and a number",
        "PRISMA 2020, item 24a; Cochrane Handbook, chapter 1",
        False,
    )
    return asked.found(
        protocol.registration or "not registered",
        bool(protocol.registration),
        "register the protocol (or say why not in the manuscript), and write `registration` in review.yaml",
        "review.yaml",
    )


def _search(built: Built) -> Iterable[Check]:
    queries = built.supplement["queries"]
    sources = Counter(str(q.get("source") or "") for q in queries)
    named = sorted({s for s in sources if DATABASES.search(s)})
    number = sum(sources[s] for s in named)
    others = sorted(s for s in sources if s not in named)
    shown = f"{number} of {counted(len(queries), 'query', 'queries')} in bibliographic databases"
    shown += f" ({listed(named)})" if named else ""
    shown += f"; otherwise: {listed(others)}" if others else ""
    yield Asked(
        "database_search",
        "Bibliographic databases were searched",
        "at least one; Cochrane asks for CENTRAL, MEDLINE and, where there is access, Embase",
        "PRISMA 2020, item 6; Cochrane Handbook, chapter 4",
    ).found(shown, number > 0, "search bibliographic databases, and record the queries in data/raw/search")
    recorded = sum(
        bool(q.get("date")) and bool(q.get("query")) and q.get("hits") is not None for q in queries
    )
    yield Asked(
        "search_recorded",
        "Each query is recorded",
        "source, date, words and number of records",
        "PRISMA 2020, items 6 and 7; Cochrane Handbook, chapter 4",
    ).found(
        f"{recorded} of {counted(len(queries), 'query', 'queries')}",
        0 < recorded == len(queries),
        "fill the tables of queries in data/raw/search",
    )


def _screening_complete(built: Built) -> Check:
    waiting, reports = (
        built.boxes.get("awaiting_assessment", 0),
        built.boxes.get("awaiting_classification", 0),
    )
    screened = built.boxes.get("screened", 0)
    return Asked(
        "selection_complete",
        "Every record and report is decided on",
        "none waits",
        "PRISMA 2020, items 8 and 16a; Cochrane Handbook, chapter 4",
        False,
    ).found(
        f"of {counted(screened, 'record')}, {waiting} wait for assessment, and of {counted(built.boxes.get('assessed', 0), 'report')} {reports} for classification",
        not waiting and not reports and screened > 0,
        "obtain these reports and decide on them",
    )


def _screening_twice(built: Built, work: Sequence[Work]) -> Check:
    records = sum(
        len(built.rows(f"search/{p.name}")) for p in sorted((built.raw / "search").glob("records*.csv"))
    )
    rows = Counter[str]()
    for entry in work:
        if entry.done == "screened" and entry.who:
            for person in re.split(r"\s*(?:;|/|&|\+|\band\b)\s*", entry.who):
                rows[person] += entry.rows
    people = sorted(person for person in rows if person)
    twice = len(people) > 1 and sum(rows.values()) >= 2 * records
    of = counted(records, "record")
    measured = listed((f"{p} ({rows[p]} of {of})" for p in people), f"no table says who screened the {of}")
    return Asked(
        "screening_twice",
        "Records were screened by two people",
        "each record by two",
        "PRISMA 2020, item 8; Cochrane Handbook, chapter 4",
    ).found(
        measured,
        twice,
        "screen a second time, and name who did it in a column `screened_by` of the tables of records",
        "data/raw/search",
    )


def _eligibility(built: Built) -> Check:
    doubtful = [s for s in built.studies if s.get("unverified_criteria")]
    criteria = Counter(c for s in doubtful for c in s["unverified_criteria"])
    which = listed(f"{name}: {number}" for name, number in sorted(criteria.items()))
    return Asked(
        "eligibility_confirmed",
        "Every criterion was confirmed for each included study",
        "all",
        "PRISMA 2020, item 8; Cochrane Handbook, chapter 4",
    ).found(
        f"not confirmed in {len(doubtful)} of {counted(len(built.studies), 'included study', 'included studies')}"
        + (f" ({which})" if doubtful else ""),
        bool(built.studies) and not doubtful,
        "read the full reports, or ask their authors",
    )


def _retractions(built: Built) -> Check:
    looked = [
        q
        for q in built.supplement["queries"]
        if _RETRACTIONS.search(f"{q.get('source') or ''} {q.get('query') or ''}")
    ]
    retracted = built.boxes.get("retracted", 0)
    return Asked(
        "retractions",
        "Retractions of included studies were looked up",
        "a recorded search for retraction notices",
        "Cochrane Handbook, chapter 4",
        False,
    ).found(
        f"{counted(len(looked), 'recorded query names', 'recorded queries name')} retractions; {retracted} of "
        f"{counted(len(built.studies), 'included study', 'included studies')} known as retracted",
        bool(looked),
        "look each included study up (e.g. in Retraction Watch and on the journal's page), and record that as a query",
    )


def _full_texts(built: Built, protocol: Protocol) -> Check:
    whole = {
        code
        for code, label in protocol.source_kinds.items()
        if code == FULL_TEXT or label.casefold() == "full text"
    }
    kinds = Counter(str(s.get("source_kind")) for s in built.studies)
    read = sum(kinds[k] for k in whole)
    shown = listed(
        f"{protocol.source_kinds.get(k, k)} {kinds[k]}" for k in [*protocol.source_kinds, "None"] if kinds[k]
    )
    met: bool | Outcome = bool(built.studies) and read == len(built.studies)
    note = "obtain the full texts, and extract from them"
    if not whole:
        met, note = "unverified", f"no kind of source in review.yaml has the code `{FULL_TEXT}`"
    return Asked(
        "full_texts",
        "Data were extracted from full texts",
        "all included studies",
        "PRISMA 2020, items 8 and 9; Cochrane Handbook, chapter 5",
        False,
    ).found(
        f"{read} of {counted(len(built.studies), 'included study', 'included studies')} ({shown})", met, note
    )


def _extraction_twice(built: Built) -> Check:
    found = built.supplement["agreement"]
    included = {s["label"] for s in built.studies}
    twice = included & set(found["studies"])
    if twice:
        share = f"{found['agreed'] / found['cells']:.0%}" if found["cells"] else "unknown"
        shown = f"; agreement {share} of {counted(found['cells'], 'cell')}, {counted(found['open'], 'difference')} open"
    else:
        shown = "; agreement cannot be computed: single extraction"
    return Asked(
        "double_extraction",
        "Data were extracted by two people, independently",
        "all included studies, differences settled",
        "PRISMA 2020, item 9; Cochrane Handbook, chapter 5",
    ).found(
        f"{len(twice)} of {counted(len(included), 'included study', 'included studies')}{shown}",
        bool(included) and twice == included and not found["open"],
        "extract a second time into data/raw/second, and settle the differences in data/raw/adjudications.csv",
    )


def _appraisal(built: Built, protocol: Protocol) -> Iterable[Check]:
    ids = {s["study_id"] for s in built.studies}
    rows = [row for row in built.rows("appraisals.csv") if row.get("study_id") in ids]
    persons = _persons(protocol)
    signed = [
        r
        for r in rows
        if " ".join((r.get("appraiser") or "").split()).casefold() in persons and r.get("date")
    ]
    names = sorted({" ".join((r.get("appraiser") or "").split()) or "nobody" for r in rows})
    done = {s["study_id"] for s in built.appraised if s.get("items")} & ids
    yield Asked(
        "appraisals_signed",
        "Critical appraisals are signed by a person",
        "every judgement on every included study, by an author or somebody named in review.yaml, with its day",
        "PRISMA 2020, item 11; Cochrane Handbook, chapter 7",
        False,
    ).found(
        f"{len(signed)} of {counted(len(rows), 'judgement')} on {len(done)} of {counted(len(ids), 'included study', 'included studies')}; signed as: {listed(names, 'nobody')}",
        bool(rows) and len(signed) == len(rows) and done == ids,
        "let persons check the judgements and sign with their names (column `appraiser`)",
        "data/raw/appraisals.csv",
    )
    second = {row.get("study_id") for row in built.rows("second/appraisals.csv")} & ids
    yield Asked(
        "appraisals_twice",
        "Studies were appraised by two people, independently",
        "all included studies",
        "PRISMA 2020, item 11; Cochrane Handbook, chapter 7",
        False,
    ).found(
        f"{len(second)} of {counted(len(ids), 'included study', 'included studies')}",
        bool(ids) and second == ids,
        "appraise a second time into data/raw/second/appraisals.csv",
        "data/raw/second/appraisals.csv",
    )


def _persons(protocol: Protocol) -> set[str]:
    """Names, initials included, of persons that the protocol names: authors with both names, and who does a step."""
    named = {
        n
        for a in protocol.authors
        if a.given and a.family
        for n in (a.name, f"{a.given} {a.family}", f"{a.given[0]}{a.family[0]}")
    }
    named |= {name for name in protocol.living.people.values() if name}
    return {" ".join(name.split()).casefold() for name in named}


def _certainty(built: Built) -> Check:
    cells, signed = built.number("certainty.cells"), built.number("certainty.signed")
    ratings = built.number("certainty.ratings")
    return Asked(
        "certainty_signed",
        "Judgements on certainty are signed by a person",
        "every judgement under the present data",
        "PRISMA 2020, items 15 and 22; Cochrane Handbook, chapter 14",
        False,
    ).found(
        f"{signed} of {counted(cells, 'judgement')} on {counted(ratings, 'outcome')}"
        if cells
        else "nothing to rate",
        signed == cells if cells else "not applicable",
        "sign the judgements in data/raw/certainty.csv" if cells else "no outcome has evidence that is rated",
        "data/raw/certainty.csv",
    )


def _conclusions(built: Built) -> Check:
    signed = sum(bool(c.get("signed")) for c in built.conclusions)
    number = len(built.conclusions)
    return Asked(
        "conclusions_signed",
        "Conclusions are signed by a person",
        "every declared conclusion",
        "Cochrane Handbook, chapter 15",
        False,
    ).found(
        f"{signed} of {counted(number, 'declared conclusion')}",
        0 < signed == number,
        "declare conclusions in review.yaml, and let a person sign each (`signed_by`, `signed_on`)",
        "review.yaml",
    )


def _references(references: References) -> Iterable[Check]:
    number = len(references.entries)
    bare = references.surnames_only
    known_by_surname = f"; by one surname only: {len(bare)} ({listed(bare)})" if bare else ""
    for code, title, lacking, what in (
        ("references_authors", "References name their authors", references.without_authors, "authors"),
        ("references_years", "References have a year", references.without_year, "years"),
    ):
        yield Asked(code, title, "each", "PRISMA 2020, item 17", False).found(
            f"{number - len(lacking)} of {counted(number, 'reference')}"
            + (f"; without: {listed(lacking)}" if lacking else "")
            + (known_by_surname if what == "authors" else ""),
            not lacking and number > 0 and not (bare and what == "authors"),
            f"find the {what} of these reports, and add them to their tables or to the bibliography",
        )


def _living(protocol: Protocol) -> Check:
    living, schedule = protocol.living, protocol.living.schedule
    if living.mode != "active":
        measured = f"the review is {living.mode}"
    elif schedule is None:
        measured = "no schedule"
    else:
        measured = f"a search every {counted(schedule.search, 'month')}, " + (
            "proposed, adopted by nobody"
            if living.proposed
            else f"adopted by {living.decided_by} on {living.decided_on}"
        )
    met: bool | Outcome = schedule is not None and not living.proposed
    return Asked(
        "living_mode",
        "A team has adopted the schedule of the living review",
        "schedule and plan for retirement, decided by a person",
        "PRISMA-LSR, item L1; Cochrane Handbook, chapter 22",
        False,
    ).found(
        measured,
        met if living.mode == "active" else "not applicable",
        "decide on `living` in review.yaml: `proposed: false` with `decided_by` and `decided_on`"
        if living.mode == "active"
        else "a review that has ended has no schedule",
        "review.yaml",
    )


def _people(protocol: Protocol, work: Sequence[Work]) -> Check:
    lacking = unrecorded(tuple(work))
    persons = _persons(protocol)
    unknown = sorted({w.who for w in work if w.who and w.who.casefold() not in persons})
    steps = [step for step, name in protocol.living.people.items() if not name]
    parts = [f"no table says who {done}" for done in lacking]
    parts += [f"in the tables, but no person of review.yaml: {listed(unknown)}"] if unknown else []
    parts += [f"nobody is named for: {listed(steps)}"] if steps else []
    return Asked(
        "who_did_it",
        "It is recorded who screened, extracted and appraised",
        "a person for each step",
        "PRISMA 2020, items 8, 9 and 11; PRISMA-LSR, item L4",
    ).found(
        "; ".join(parts) or f"all steps ({listed(sorted({w.who for w in work if w.who}))})",
        not parts,
        "name people in the tables (`screened_by`, `extracted_by`, `appraiser`) and in `living: people` of review.yaml",
    )
