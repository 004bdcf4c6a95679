"""Tables of the supplement: included studies with their data, all others with reasons, search, appraisal, dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from livingreview.claims import marks
from livingreview.claims import wording as w
from livingreview.claims.words import PATIENT, Words
from livingreview.publish.escape import markdown
from livingreview.synthesis.sentences import capital
from livingreview.tables import agreement, analyses, certainty, reanalyses, safety
from livingreview.tables.conclusions import notices
from livingreview.tables.main_text import cited, identifier
from livingreview.tables.pipe import Column, Table

if TYPE_CHECKING:
    from livingreview.claims.build import Sources

Row = Mapping[str, Any]


def parts(sources: Sources) -> dict[str, str]:
    """Markdown of each part of the supplement by name; every part exists, and says so where it is empty."""
    data, documents = sources.supplement, sources.documents
    groups = {
        "included": [_included(data["included"])],
        "awaiting": [
            _others("awaiting", "Studies awaiting classification, with what is missing.", data["awaiting"])
        ],
        "ongoing": [_others("ongoing", "Ongoing studies and studies without results.", data["ongoing"])],
        "excluded": [
            _others("excluded", "Reports excluded after assessment, with the reason.", data["excluded"])
        ],
        "linked": [_linked(data["linked"])],
        "assessment": [_assessment(data.get("awaiting_assessment") or [])],
        "screening": [_screening(data.get("screening_reasons") or [])],
        "queries": list(_queries(data["queries"], documents["search"]["streams"])),
        "merges": [_merges(data["merges"])],
        "appraisal": list(_appraisal(data["appraisal"])),
        "dictionary": list(_dictionary(data.get("dictionary") or [])),
        "versions": [_versions(documents.get("environment") or {})],
        "notices": [notices((sources.notices or {}).get("studies") or [])],
    }
    texts = {name: _set(tables) for name, tables in groups.items()}
    texts["agreement"] = agreement.part(data["agreement"])
    words = Words(documents)
    results = sources.ordered
    for name, tables in {
        **reanalyses.parts(results, words),
        "harms": [safety.harms(results, words)],
        "change_scores": [safety.change_scores(results, words)],
        "certainty": certainty.inputs(sources.rated, documents),
    }.items():
        texts[name] = _set(tables)
    beside = analyses.other_sensitivity(results, words)
    texts["sensitivity"] = "\n".join(f"{text}\n\n{table.markdown()}" for text, table in beside) or _set([])
    by_therapy = [(t, list(_data(t, data["included"], words))) for t in documents["therapies"]]
    texts["data"] = "\n".join(f"## {markdown(t['name'])}\n\n{_set(tables)}" for t, tables in by_therapy)
    return texts


def _set(tables: Sequence[Table]) -> str:
    """The tables one after the other; several are first named in a sentence, so that each is mentioned in the text."""
    if not tables:
        return f"{w.NO_DATA.capitalize()}.\n"
    body = "\n".join(t.markdown() for t in tables)
    if len(tables) == 1:
        return body
    return f"See {w.listed([f'@tbl-{t.label}' for t in tables])}.\n\n{body}"


def _text(value: object, missing: str = w.NOT_REPORTED) -> str:
    """Escaped text of a cell; what is not reported says so."""
    return markdown(value) if value not in (None, "", []) else missing


def _joined(parts: Iterable[str | None], missing: str = w.NOT_REPORTED) -> str:
    return "; ".join(p for p in parts if p) or missing


def _with(value: object, word: str = "", after: str = "") -> str | None:
    """``word value after``, escaped; None for a missing value."""
    return None if value in (None, "") else f"{word} {markdown(value)} {after}".strip()


def _named(study: Row) -> str:
    """Title and source of a study."""
    return _joined([markdown(study["title"]), _with(study.get("journal"))])


def _included(studies: Sequence[Row]) -> Table:
    rows = [
        [
            cited(s),
            _named(s),
            identifier(s),
            _text(s["source_kind"]),
            _text("; ".join(s["unverified_criteria"]), "none"),
            _text("; ".join(s["missing"]), "none"),
        ]
        for s in studies
    ]
    return Table(
        "included",
        "Included studies: title, identifier, what could be read, eligibility criteria that could not be verified, and items missing from "
        "what could be read.",
        [
            Column("Study", 18),
            Column("Title, source", 26),
            Column("Identifier", 17),
            Column("Read", 10),
            Column("Not verified", 14),
            Column("Missing", 20),
        ],
        rows,
    )


def _data(therapy: Row, studies: Sequence[Row], words: Words) -> Iterable[Table]:
    """Groups, results and single patients of the studies of one therapy; a study's other groups stand beside them."""
    here = [s for s in studies if therapy["code"] in s["therapies"]]
    name, code = markdown(therapy["name"]), therapy["code"].replace("_", "-")
    groups = [[*_group(s, a, therapy, words)] for s in here for a in s["arms"]]
    people = words.units(PATIENT, 2)
    yield Table(
        f"groups-{code}",
        f"{name}: groups of the included studies, as reported.",
        [
            Column("Study, group", 19),
            Column("Agent or device, dose", 25),
            Column("Sessions, duration", 12),
            Column("Number, women, age", 17),
            Column("Cause, disease, site", 24),
            Column("Follow-up, months", 12),
        ],
        groups,
    )
    results = [[*_result(s, o, therapy)] for s in here for o in s["outcomes"]]
    yield Table(
        f"results-{code}",
        f"{name}: results as reported. An alternative is a second reading of the same {people} and is in no sum.",
        [
            Column("Study, group", 24),
            Column("Outcome, category", 27),
            Column("Judged on", 11),
            Column("Result", 24),
            Column("Months", 6),
            Column("Basis", 14),
        ],
        results,
    )
    persons = [[*_person(s, p, words)] for s in here for p in s["participants"]]
    if persons:
        yield Table(
            f"patients-{code}",
            f"{name}: {people} described one by one. They repeat {people} counted in the results and are not added to them.",
            [
                Column(f"Study, {words.units(PATIENT, 1)}", 26),
                Column("Age, sex", 9),
                Column("Disease, cause, site", 23),
                Column("Treatment, values", 16),
                Column("Response", 12),
                Column("Harms; recurrence; follow-up", 18),
            ],
            persons,
        )


def _in_group(study: Row, group: str | None, therapy: Row) -> str:
    """The study, and its group where that is not simply the therapy of the table."""
    return cited(study) if group in (None, therapy["name"]) else f"{cited(study)}: {markdown(group)}"


def _group(study: Row, arm: Row, therapy: Row, words: Words) -> Iterable[str]:
    yield _in_group(study, arm["arm"], therapy)
    yield _joined(
        [
            _with(arm["agent"]),
            _with(arm["dose"]),
            _with(arm["comparator"], "compared with"),
            _with(arm["same_patients_as"], f"same {words.units(PATIENT, 2)} as"),
        ]
    )
    yield _joined([_with(arm["sessions"], "sessions"), _with(arm["duration_months"], after="months")])
    yield _joined(
        [
            _with(arm["patients"], after=words.units(PATIENT, 1 if arm["patients"] == "1" else 2)),
            _with(arm["units"]),
            _with(arm["women"], after="female"),
            _with(arm["age"], "age"),
        ]
    )
    yield _joined([_with(arm["aetiology"]), _with(arm["disease"]), _with(arm["site"])])
    yield _text(arm["follow_up_months"])


def _result(study: Row, outcome: Row, therapy: Row) -> Iterable[str]:
    yield _in_group(study, outcome["arm"], therapy)
    alternative = " (alternative)" if outcome["alternative"] else ""
    yield (
        capital(_joined([_with(outcome["outcome"]), _with(outcome["category"]), _with(outcome["scale"])]))
        + alternative
    )
    yield _text(outcome["construct"], "–")
    yield _text(outcome["result"])
    yield _text(outcome["months"], "–")
    yield _text(outcome["basis"])


def _person(study: Row, person: Row, words: Words) -> Iterable[str]:
    yield f"{cited(study)}: {words.units(PATIENT, 1)} {person['patient']}"
    yield _joined([_with(person["age"]), _with(person["sex"])])
    yield _joined([_with(person["disease"]), _with(person["aetiology"]), _with(person["site"])])
    yield _joined(
        [
            _with(person["sessions"], "sessions"),
            _with(person["duration_months"], after="months"),
            _with(person["details"]),
        ]
    )
    yield _text(person["response"])
    yield _joined(
        [
            _with(person["adverse_events"], "harms:"),
            _with(person["recurrence"], "recurrence:"),
            _with(person["follow_up_months"], "follow-up", "months"),
        ]
    )


def _others(label: str, caption: str, studies: Sequence[Row]) -> Table:
    rows = [[markdown(s["label"]), _named(s), identifier(s), capital(_text(s["reason"]))] for s in studies]
    return Table(
        label,
        caption,
        [Column("Report", 22), Column("Title, source", 34), Column("Identifier", 19), Column("Reason", 25)],
        rows,
    )


def _linked(studies: Sequence[Row]) -> Table:
    rows = [[markdown(s["label"]), _named(s), identifier(s), _text(s["linked_to"])] for s in studies]
    return Table(
        "linked",
        "Further reports and the study they belong to.",
        [
            Column("Report", 22),
            Column("Title, source", 36),
            Column("Identifier", 20),
            Column("Belongs to", 22),
        ],
        rows,
    )


def _assessment(records: Sequence[Row]) -> Table:
    rows = [
        [markdown(r["label"]), _named(r), identifier(r), _joined([_with(r["status"]), _with(r["reason"])])]
        for r in records
    ]
    return Table(
        "assessment",
        "Records that await assessment.",
        [
            Column("Record", 22),
            Column("Title, source", 30),
            Column("Identifier", 18),
            Column("Status, reason", 30),
        ],
        rows,
    )


def _screening(reasons: Sequence[Row]) -> Table:
    rows = []
    for r in sorted(reasons, key=lambda r: (-r["n"], r["group"].casefold(), str(r["reason"]).casefold())):
        reason = capital(_text(r["reason"], "–"))
        # the flow diagram may gather several reasons under one name
        group = (
            f" ({markdown(r['group'])})"
            if r["reason"] and r["group"].casefold() != r["reason"].casefold()
            else ""
        )
        rows.append([f"{reason}{group}", w.integer(r["n"])])
    return Table(
        "screening",
        "Reasons for exclusion of records at screening, as written; in brackets the group of the flow diagram where it is another.",
        [Column("Reason", 88), Column("Records", 12, "right")],
        rows,
    )


def _queries(queries: Sequence[Row], streams: Mapping[str, str]) -> Iterable[Table]:
    for code, label in streams.items():
        mine = [q for q in queries if q["stream"] == code]
        days = w.listed(sorted({w.day(q["date"]) for q in mine if q["date"]}))
        sources = w.listed(sorted({markdown(q["source"]) for q in mine if q["source"]}))
        rows = [
            [
                w.integer(n),
                _text(q["query"]),
                w.integer(q["hits"]) if isinstance(q["hits"], int) else _text(q["hits"]),
            ]
            for n, q in enumerate(mine, 1)
        ]
        number = marks.Marks("search.queries.by_stream")
        told = f" Run on {marks.refer(f'search.days.{code}', days)}; source: {sources}." if mine else ""
        yield Table(
            f"queries-{code.replace('_', '-')}",
            f"Search stream “{markdown(label)}”: {number.counted(code, len(mine), 'query', 'queries')}, word for word, with the number of pages shown.{told}",
            [Column("No.", 7, "right"), Column("Query", 81), Column("Pages", 12, "right")],
            rows,
        )


def _merges(merges: Row) -> Table:
    rows = [[capital(_text(r["reason"])), w.integer(r["n"])] for r in merges["reasons"]]
    number = marks.Marks("flow", unit="pairs of records")
    pairs = number.counted("kept_apart", merges["kept_apart"], "pair", "pairs")
    return Table(
        "merges",
        f"Records merged as duplicates, by reason: {number('duplicates_removed', merges['n'])} in all. "
        f"{w.sentence(pairs).removesuffix('.')} of similar records {'was' if merges['kept_apart'] == 1 else 'were'} looked at and kept apart.",
        [Column("Reason", 85), Column("Records", 15, "right")],
        rows,
    )


def _appraisal(studies: Sequence[Row]) -> Iterable[Table]:
    for place, tool in enumerate(sorted({s["tool"] for s in studies}), 1):
        rows = []
        for study in (s for s in studies if s["tool"] == tool):
            for first, item in zip([True] + [False] * len(study["items"]), study["items"], strict=False):
                label = f"{w.integer(item['item_number'])} {_text(item['item_label'], '')}".strip()
                rows.append(
                    [
                        cited(study) if first else markdown(study["label_short"]),
                        label,
                        # the label may explain itself in brackets; the caption does so for all rows
                        _text((item["judgement"] or "").split(" (")[0]),
                        _text(item["reason"], "–"),
                    ]
                )
        yield Table(
            f"appraisal-{place}",
            f"{markdown(tool)}: judgement and reason by study and item. “Unclear” means that the information was missing from what could be read.",
            [Column("Study", 24), Column("Item", 26), Column("Judgement", 13), Column("Reason", 37)],
            rows,
        )


def _dictionary(entries: Sequence[Row]) -> Iterable[Table]:
    titles = {e["table"]: e.get("table_title") or e["table"].replace("_", " ") for e in entries}
    for table, title in titles.items():
        rows = [
            [
                f"{_text(e['title'])} ({markdown(e['column'])})",
                _joined([_with(e["type"]), _with(e["unit"]), "required" if e["required"] else None]),
                _text(e["allowed"], "–"),
                _text(e["description"], "–"),
            ]
            for e in entries
            if e["table"] == table
        ]
        yield Table(
            f"dictionary-{table.replace('_', '-')}",
            f"Data dictionary: {markdown(title)}.",
            [Column("Column", 26), Column("Type", 18), Column("Allowed", 28), Column("Meaning", 28)],
            rows,
        )


def _versions(environment: Row) -> Table:
    """Packages by version, and the lock file by its digest; nothing of the machine that built the review."""
    rows = [[markdown(p["name"]), markdown(p["version"])] for p in environment.get("packages") or []]
    if environment.get("lock"):
        rows.append(["Lock file (SHA-256, first 16 digits)", f"`{environment['lock']}`"])
    return Table(
        "versions",
        "Software that the review is built with: the project's own requirements at the versions of its lock file.",
        [Column("Package", 60), Column("Version", 40)],
        rows,
    )
