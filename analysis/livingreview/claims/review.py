"""Claims about the review itself: protocol, search, selection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.frontmatter import full_title
from livingreview.claims.marks import Marks
from livingreview.claims.model import PER_CENT, Claims
from livingreview.claims.words import Words, lower_first
from livingreview.protocol_submission import NOT_REGISTERED, STATEMENTS, lacks_repository
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]


def add_protocol(claims: Claims, documents: Row) -> None:
    """What the protocol says about the review: names, dates, definitions, statements."""
    therapies = [markdown(lower_first(t["name"])) for t in documents["therapies"]]
    words = Words(documents)
    roles = [
        f"{markdown(a['name'])}: {', '.join(markdown(r) for r in a['roles'])}"
        for a in documents["authors"]
        if a.get("roles")
    ]
    texts = {
        "title": (full_title(documents["title"], documents["version"]), "title as it prints"),
        "version": (markdown(documents["version"]), "version of this release"),
        "date": (w.day(documents["date"]), "release date"),
        "data_date": (w.day(documents["data_date"]), "date after which nothing entered the tables"),
        "access_date": (w.day(documents["access_date"]), "date on which web pages were read"),
        "status": (w.sentence(markdown(documents["status"])), "status of this version"),
        "question": (markdown(documents["question"]["text"]), "the review question"),
        "registration": (
            w.sentence(markdown(documents["registration"]))
            if documents.get("registration")
            else NOT_REGISTERED,
            "registration of the protocol",
        ),
        "funding": (w.sentence(markdown(documents["funding"])), "funding statement"),
        "competing_interests": (
            w.sentence(markdown(documents["competing_interests"])),
            "competing interests",
        ),
        "contributions": (w.sentence("; ".join(roles)) or "To be stated.", "contributor roles (CRediT)"),
        "confidence": (w.level(documents["confidence_level"]), "confidence level of intervals"),
        "response_definition": (
            w.sentence(markdown(documents["response"]["definition"])),
            "what counts as response",
        ),
        "therapies": (w.listed(therapies, "or"), "therapies in scope"),
        "units": (w.listed([words.units(u, 1) for u in words.codes("units")], "or"), "units of analysis"),
        "constructs": (
            w.listed([words.name("constructs", c) for c in words.codes("constructs")], "or"),
            "what responses are judged on",
        ),
    }
    for name, (text, definition) in texts.items():
        value = documents.get({"confidence": "confidence_level"}.get(name, name))
        claims.add(f"review.{name}", value, text, unit=UNITS.get(name, "text"), definition=definition)


UNITS = {
    "confidence": PER_CENT,
    "version": "version",
    **dict.fromkeys(("date", "data_date", "access_date"), "date"),
}
"""Units of the fields of the protocol that print as numbers."""


def eligibility(documents: Row) -> str:
    """The eligibility criteria as two bulleted lists (markdown)."""
    parts = []
    for title, key in (("Included", "include"), ("Excluded", "exclude")):
        if documents["eligibility"].get(key):
            bullets = "\n".join(f"- {w.sentence(markdown(c))}" for c in documents["eligibility"][key])
            parts.append(f"*{title}:*\n\n{bullets}\n")
    return "\n".join(parts)


def statements(documents: Row) -> str:
    """The statements of the protocol for which there is no claim, a paragraph each (markdown); those that nobody gave are left out."""
    parts = []
    for code, title in STATEMENTS.items():
        words, repository = documents.get(code), documents.get("repository")
        if words and code not in _CLAIMED:
            text = w.sentence(markdown(words))
            if lacks_repository(code, words, repository):
                text += f" Repository: <{repository}>."
            parts.append(f"**{title}.** {text}\n")
    return "\n".join(parts)


_CLAIMED = ("funding", "competing_interests", "contributions", "registration")


def add_search(claims: Claims, documents: Row, queries: Sequence[Row]) -> None:
    """When and with how many queries each stream was searched."""
    search = documents["search"]
    by_stream = dict.fromkeys(search["streams"], 0)
    for query in queries:
        by_stream[query["stream"]] = by_stream.get(query["stream"], 0) + 1
    total = sum(by_stream.values())
    claims.add(
        "search.date",
        search["date"],
        w.day(search["date"]),
        unit="date",
        definition="last date of the search",
    )
    for code in by_stream:
        days = sorted({q["date"] for q in queries if q["stream"] == code and q["date"]})
        claims.add(
            f"search.days.{code}",
            days,
            w.listed([w.day(d) for d in days]) or w.NO_DATA,
            unit="date",
            definition=f"days on which the queries of the stream {code} were run",
        )
    claims.add(
        "search.description",
        search["description"],
        w.sentence(markdown(search["description"])),
        unit="text",
        definition="what was searched, in the protocol's words",
    )
    claims.add(
        "search.queries.n", total, w.integer(total), unit="queries", definition="queries run in all streams"
    )
    claims.add(
        "search.streams.n",
        len(by_stream),
        w.integer(len(by_stream)),
        unit="streams",
        definition="search streams",
    )
    m = claims.marks("search.queries.by_stream")
    named = [
        f"{markdown(lower_first(label))} "
        f"({m.counted(code, by_stream[code], 'query', 'queries', f'queries run in the stream {code}')})"
        for code, label in search["streams"].items()
    ]
    claims.add(
        "search.streams.list",
        sorted(by_stream),
        w.listed(named) or w.NO_DATA,
        unit="text",
        definition="streams with the number of queries run in each",
    )


_BOXES = {
    "identified": "records found in all streams",
    "duplicates_removed": "records merged into another record",
    "screened": "records after removal of duplicates",
    "excluded_screening": "records excluded at title and abstract",
    "awaiting_assessment": "records neither excluded nor assessed yet",
    "sought": "reports sought for assessment",
    "assessed": "reports assessed for eligibility",
    "excluded_assessed": "reports excluded after assessment, with a reason each",
    "awaiting_classification": "reports that cannot be classified with what is known",
    "ongoing": "ongoing studies and studies without results",
    "linked_reports": "second reports of a study",
    "retracted": "included studies that have been retracted since, in no synthesis",
    "included_studies": "studies included",
    "included_reports": "reports of included studies",
}


def add_flow(claims: Claims, flow: Row, supplement: Row) -> None:
    """The boxes of the flow of records and reports, and the paragraph that says the same."""
    boxes = {code: _total(value) for code, value in flow["boxes"].items() if not isinstance(value, list)}
    for code in _BOXES:
        boxes.setdefault(code, None)
    for code, n in sorted(boxes.items()):
        claims.add(
            f"flow.{code}", n, w.integer(n), unit="records or reports", definition=_BOXES.get(code, code)
        )
    apart = len(flow.get("kept_apart") or [])
    claims.add(
        "flow.kept_apart",
        apart,
        w.integer(apart),
        unit="pairs of records",
        definition="pairs of similar records that were looked at and kept apart",
    )
    claims.add(
        "flow.summary",
        None,
        _flow_summary(boxes, claims.marks("flow", unit="records or reports")),
        unit="text",
        definition="selection of records and reports in words",
    )
    ongoing = supplement.get("ongoing") or []
    labels = w.listed([markdown(s["label"]) for s in ongoing])
    claims.add(
        "flow.ongoing_list",
        len(ongoing),
        f"Registered without results so far: {labels}."
        if ongoing
        else "No ongoing study is known to this review.",
        unit="studies",
        definition="ongoing studies by name",
        studies=[s["study_id"] for s in ongoing if s.get("study_id")],
    )


def _total(value: Any) -> int | None:
    return value.get("total") if isinstance(value, Mapping) else value


def _flow_summary(n: Mapping[str, int | None], m: Marks) -> str:
    def number(key: str, text: str | None = None) -> str:
        return m(key, n[key], text, _BOXES[key])

    def counted(key: str, one: str, many: str) -> str:
        return m.counted(key, n[key], one, many, _BOXES[key])

    def verb(count: int | None) -> str:
        return "was" if count == 1 else "were"

    def of(key: str, thing: str, things: str, done: str, what: list[str]) -> str:
        if not what or not n[key]:
            return f"{counted(key, thing, things)} {verb(n[key])} {done}"
        which = f"the {number(key, 'one')}" if n[key] == 1 else number(key)
        return f"of {which} {thing if n[key] == 1 else things} {done}, {w.listed(what)}"

    screening = [f"{number('excluded_screening')} {verb(n['excluded_screening'])} excluded"]
    if n["awaiting_assessment"]:
        await_word = "awaits" if n["awaiting_assessment"] == 1 else "await"
        screening.append(f"{number('awaiting_assessment')} {await_word} assessment")
    endings = [
        f"{number('excluded_assessed')} {verb(n['excluded_assessed'])} excluded",
        f"{number('awaiting_classification')} {'awaits' if n['awaiting_classification'] == 1 else 'await'} classification",
        f"{number('ongoing')} {verb(n['ongoing'])} ongoing or without results",
        f"{number('linked_reports')} {'belongs' if n['linked_reports'] == 1 else 'belong'} to another study",
        f"{number('retracted')} {'has' if n['retracted'] == 1 else 'have'} been retracted since",
    ]
    kept = [
        e
        for e, key in zip(
            endings,
            ("excluded_assessed", "awaiting_classification", "ongoing", "linked_reports", "retracted"),
            strict=True,
        )
        if n[key]
    ]
    return w.paragraph(
        w.sentence(
            f"the search gave {counted('identified', 'record', 'records')}, of which "
            f"{number('duplicates_removed')} {verb(n['duplicates_removed'])} merged into another record of the same report"
        ),
        w.sentence(of("screened", "record", "records", "screened", screening)),
        w.sentence(of("assessed", "report", "reports", "assessed", kept)),
        w.sentence(
            f"the review includes {counted('included_studies', 'study', 'studies')}"
            + (
                f", from {counted('included_reports', 'report', 'reports')}"
                if n["included_reports"] and n["included_reports"] != n["included_studies"]
                else ""
            )
        ),
    )
