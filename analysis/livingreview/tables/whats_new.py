"""The table "What's new": one row a version, the newest first, with its date, what kind of event it is, and what it brought.

The words of the events are those that Cochrane reviews use (Cochrane Handbook, chapter IV: "New search has been performed", "… and conclusions
have (not) changed", "Amended"). Everything comes from the ledger and the present data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.living import total_text
from livingreview.claims.marks import UNMARKED
from livingreview.claims.model import Claims
from livingreview.claims.words import PATIENT, Words, lower_first
from livingreview.publish.escape import markdown
from livingreview.tables.pipe import DASH, Column, Table

Row = Mapping[str, Any]

LABEL = "whats-new"


def table(documents: Row, releases: Row, update: Row, claims: Claims) -> Table:
    """The table. Of the claims it takes the number of patients and the states of the declared conclusions."""
    people = Words(documents)
    states = {
        c["id"]: claims[f"conclusions.{c['id']}.state"].value
        for c in (documents.get("conclusions") or {}).get("declared") or []
        if f"conclusions.{c['id']}.state" in claims
    }
    notes = {note["version"]: note for note in documents["living"]["versions"]}
    earlier = list(releases["releases"])
    flows = {**update["earlier"], documents["version"]: update["present"]}
    rows = []
    now = {
        "version": documents["version"],
        "date": documents["date"],
        "kind": "released",
        "look": releases["look"],
        "search_date": documents["search"]["date"],
        "n_patients": claims["included.patients.n"].value,
        "patients": claims["included.patients.n"].text,
        "brief": {"since": releases["base"], **releases["since_base"]} if releases["since_base"] else {},
        "conclusions": [{"id": i, "state": s} for i, s in states.items()] or None,
    }
    versions = [*earlier, now]
    for before, version in zip([None, *versions], versions, strict=False):
        note = notes.get(version["version"], {})
        rows.append(
            [
                _version(version, version is now and releases["changed_since_release"]),
                w.day(version["date"]) if version["date"] else DASH,
                event(version, before),
                description(version, before, flows.get(version["version"]), note, people),
            ]
        )
    return Table(
        LABEL,
        "What is new in each version of this review, the newest first. Versions that were published elsewhere are quoted, not recomputed.",
        [Column("Version", 15), Column("Date", 14), Column("Event", 19), Column("What is new", 52)],
        rows[::-1],
    )


def _version(version: Row, changed: bool) -> str:
    text = markdown(version["version"])
    if version["look"]:
        text += f" (look {version['look']})"
    return f"{text}, with changes since its release" if changed else text


def event(version: Row, before: Row | None) -> str:
    """What kind of event a version is: search, studies, conclusions."""
    if version["kind"] == "published":
        return "Published review"
    if before is None:
        return "First version"
    parts = []
    searched = version.get("search_date")
    new_search = bool(searched) and searched != before.get("search_date")
    changes = version.get("brief") or {}
    if new_search:
        parts.append("new search has been performed")
    elif any(changes.get(k) for k in ("added", "removed", "corrected")):
        parts.append("amended: studies or their data have changed")
    else:
        parts.append("amended")
    parts.append(_conclusions(version.get("conclusions"), before))
    return w.sentence("; ".join(p for p in parts if p))


def _conclusions(now: Sequence[Row] | None, before: Row) -> str:
    if before["kind"] == "published" or now is None or before.get("conclusions") is None:
        return "conclusions cannot be compared" if now else ""
    old = {c["id"]: c["state"] for c in before["conclusions"]}
    new = {c["id"]: c["state"] for c in now}
    moved = sum(new.get(i) != state for i, state in old.items()) + len(new.keys() - old.keys())
    return "conclusions have changed" if moved else "conclusions have not changed"


def description(version: Row, before: Row | None, flow: Row | None, note: Row, words: Words) -> str:
    """What set the version off, what its search gave, which studies came and went, and what is done otherwise."""
    sentences = [w.sentence(markdown(note["trigger"]))] if note.get("trigger") else []
    if version["kind"] == "published":
        sentences.append(_published(version, words))
        return w.paragraph(*sentences)
    if flow is not None:
        sentences.append(_search(version, flow, before is not None and before["kind"] == "released"))
    sentences += _studies(version, before, flow, words)
    if note.get("methods"):
        sentences.append("Changes of method: " + "; ".join(_clause(m) for m in note["methods"]) + ".")
    return w.paragraph(*sentences) or "Nothing has changed."


def _clause(text: str) -> str:
    return markdown(lower_first(w.clause(text)))


def _published(version: Row, words: Words) -> str:
    brief = version.get("brief") or {}
    counts = [w.studies(version["n_studies"])] if version.get("n_studies") is not None else []
    if version.get("n_patients") is not None:
        counts.append(words.counted(version["n_patients"], PATIENT))
    sources = brief.get("searched") or []
    where = f", from {w.listed([markdown(s) for s in sources])}" if sources else ""
    said = (
        f"{w.listed(counts)}{where}, as published"
        if counts
        else "as published; no number of studies is known"
    )
    return w.sentence(said)


def _search(version: Row, flow: Row, known: bool) -> str:
    boxes = flow["boxes"]
    identified = boxes["identified"]
    n = identified["total"] if isinstance(identified, Mapping) else identified
    when = f" of {w.day(version['search_date'])}" if version.get("search_date") else ""
    if not known and not n:
        return f"Search{when}: no records."
    if known and not n:
        return f"No records were added since the search{when}."
    new = "new " if known else ""
    return (
        f"Search{when}: {w.counted(n, f'{new}record', f'{new}records')}, "
        f"{w.integer(boxes['screened'])} screened, {w.counted(boxes['assessed'], 'report', 'reports')} assessed."
    )


def _studies(version: Row, before: Row | None, flow: Row | None, words: Words) -> list[str]:
    changes = version.get("brief") or {}
    found = []
    for key, one, many in (
        ("added", "study newly included", "studies newly included"),
        ("removed", "study no longer included", "studies no longer included"),
        ("corrected", "study with corrected data", "studies with corrected data"),
    ):
        studies = changes.get(key) or []
        if studies:
            names = w.listed([markdown(s["label"]) for s in studies])
            found.append(w.sentence(f"{w.counted(len(studies), one, many)} ({names})"))
    if changes and not changes.get("added"):
        found.insert(0, "No study newly included.")
    if flow is None:
        return found
    total = flow["total"]
    patients = (
        f" with {version['patients']} {words.units(PATIENT, version.get('n_patients'))}"
        if version.get("patients") and flow["included"]
        else ""
    )
    here = f"{w.studies(flow['new']['studies'])}{patients} in this version"
    if total["least"] != total["most"]:
        last = f"{here}; {total_text(total, UNMARKED)} together with those of version {markdown(before['version'] if before else '')}"
    else:
        last = f"{w.studies(total['least'])}{patients} in all"
    return [*found, w.sentence(last)]
