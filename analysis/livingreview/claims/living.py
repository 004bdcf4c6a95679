"""Claims about the living mode: schedule, triggers, retirement, people, and what the versions of the review hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.marks import Marks
from livingreview.claims.model import Claims
from livingreview.claims.words import lower_first
from livingreview.living.update import total
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]

MODES = {"active": "Living", "paused": "Paused", "retired": "Retired"}
"""How the mode of a review prints on its first page."""
NOT_SCHEDULED = "not scheduled"


def add_living(claims: Claims, documents: Row, releases: Row, update: Row) -> None:
    """Everything that the protocol and the ledger say about the living mode; without a schedule the claims say so."""
    living, plan = documents["living"], documents["schedule"]
    _add_schedule(claims, living, plan)
    m = claims.marks("living.retiring", "plan for retirement")
    claims.add(
        "living.summary",
        None,
        summary(living, plan, claims.marks("living.schedule", "schedule")),
        unit="text",
        definition="schedule of searches and of the steps after them, and whether a team has adopted it",
    )
    claims.add(
        "living.triggers",
        living["triggers"],
        _triggers(living["triggers"]),
        unit="text",
        definition="what brings a search or a version forward",
    )
    claims.add(
        "living.retirement",
        None,
        retirement(living, m),
        unit="text",
        definition="when the review is to be retired",
    )
    claims.add(
        "living.people",
        None,
        people(living["people"]),
        unit="text",
        definition="who does which step of the living review",
    )
    note: Row = next((n for n in living["versions"] if n["version"] == documents["version"]), {})
    claims.add(
        "living.trigger",
        note.get("trigger"),
        w.sentence(markdown(note.get("trigger") or "What set off this version is not recorded")),
        unit="text",
        definition="what set off this version",
    )
    claims.add(
        "living.methods",
        note.get("methods") or [],
        _methods(note.get("methods") or []),
        unit="text",
        definition="what this version does otherwise than the one before",
    )
    _add_releases(claims, releases, update)


def _add_schedule(claims: Claims, living: Row, plan: Row) -> None:
    texts = {"search": "months from one search to the next"} | {
        step: f"months from a search until {said}" for step, (said, _) in _STEPS.items()
    }
    paces = living.get("schedule") or {}
    for step, definition in texts.items():
        months = paces.get(step)
        claims.add(
            f"living.schedule.{step}",
            months,
            NOT_SCHEDULED if months is None else w.integer(months),
            unit="months",
            definition=definition,
        )
    claims.add(
        "living.next_search_due",
        plan["due"],
        w.day(plan["due"]) if plan["due"] else NOT_SCHEDULED,
        unit="date",
        definition="day on which the next search is due: last search of a stream and months of the schedule, the earliest",
    )
    claims.add(
        "living.mode",
        living["mode"],
        MODES[living["mode"]],
        unit="text",
        definition="whether the review is kept up to date (living, paused, retired)",
    )


_STEPS = {
    "screening": ("all its records are screened", "its records are to be screened"),
    "classification": (
        "reports that await classification are settled",
        "reports that await classification settled",
    ),
    "version": (
        "a version with its results is released",
        "a version with its results released",
    ),
}


def summary(living: Row, plan: Row, m: Marks) -> str:
    """The schedule in sentences, the first of which says who has adopted it."""
    paces = living.get("schedule")
    if living["mode"] != "active":
        ended = living["ended"]
        word = "paused" if living["mode"] == "paused" else "retired"
        since = m("ended", ended["date"], w.day(ended["date"]), "end of the living mode", "date")
        return w.sentence(
            f"the review has been {word} since {since}: {markdown(lower_first(ended['reason']))}"
        )
    if not paces:
        return "No schedule has been set: nothing says when the next search is due."
    every = _every(m, "search", paces["search"], "months from one search to the next")
    said = [f"the search is to be repeated every {every}"]
    other = [s for s in plan["streams"] if s["months"] not in (None, paces["search"])]
    said += [
        f"the stream {markdown(lower_first(s['name']))} every "
        + _every(m, f"stream_{s['code']}".replace("-", "_"), s["months"], f"months between searches: {s['name']}")
        for s in other
    ]  # fmt: skip
    steps = [
        f"{words} within {_months(m, step, paces[step], f'months from a search until {definition}')}"
        for step, (definition, words) in _STEPS.items()
        if paces.get(step)
    ]
    due = m.other("living.next_search_due", w.day(plan["due"])) if plan["due"] else NOT_SCHEDULED
    return w.paragraph(
        _adopted(living, m),
        w.sentence(f"{w.listed(said)}; the next search is due on {due}"),
        w.sentence(f"after a search, {w.listed(steps)}") if steps else "",
    )


def _adopted(living: Row, m: Marks) -> str:
    if living["proposed"]:
        return "What follows, schedule and plan for retirement, is a proposal; no review team has adopted it so far."
    day = living["decided_on"]
    told = m("decided_on", day, w.day(day), "day on which the schedule was adopted", "date")
    return w.sentence(
        f"schedule and plan for retirement were adopted by {markdown(living['decided_by'])} on {told}"
    )


def _every(m: Marks, name: str, months: int, definition: str) -> str:
    """``6 months``, ``month``: what stands after "every"."""
    return "month" if months == 1 else _months(m, name, months, definition)


def _months(m: Marks, name: str, months: int, definition: str) -> str:
    return m.counted(name, months, "month", "months", definition)


def _triggers(triggers: Sequence[str]) -> str:
    if not triggers:
        return "Nothing has been declared that would bring a search forward."
    listed = _alternatives([markdown(lower_first(w.clause(t))) for t in triggers])
    return w.sentence(f"a search or a version is brought forward when {listed}")


def retirement(living: Row, m: Marks) -> str:
    """The plan for retirement in sentences."""
    plan = living["retirement"]
    rules = []
    if n := plan["unchanged_searches"]:
        told = m.counted(
            "unchanged_searches", n, "version", "versions", "versions in a row without a new study"
        )
        rules.append(f"{told} in a row {'has' if n == 1 else 'have'} brought no new study")
    rules += [markdown(lower_first(w.clause(reason))) for reason in plan["reasons"]]
    overdue = ""
    if plan["overdue_months"]:
        told = _months(m, "overdue_months", plan["overdue_months"], "months overdue until the review says so")
        overdue = w.sentence(
            f"a review whose search is overdue by {told} says that it is no longer kept up to date"
        )
    if not rules:
        return w.paragraph("There is no plan for retirement.", overdue)
    return w.paragraph(w.sentence(f"the review is to be retired when {_alternatives(rules)}"), overdue)


def _alternatives(clauses: Sequence[str]) -> str:
    """Clauses of which any suffices; they may hold commas."""
    return "; ".join([*clauses[:-1], f"or {clauses[-1]}" if len(clauses) > 1 else clauses[-1]])


def people(steps: Mapping[str, str | None]) -> str:
    """Who does which step; the steps for which nobody is named come last."""
    named = [f"{markdown(lower_first(step))}: {markdown(who)}" for step, who in sorted(steps.items()) if who]
    open_steps = [markdown(lower_first(step)) for step, who in sorted(steps.items()) if not who]
    return w.paragraph(
        w.sentence("; ".join(named)) if named else "",
        w.sentence(f"nobody is named yet for {w.listed(open_steps)}") if open_steps else "",
    ) or "Who does which step has not been declared."  # fmt: skip


def _methods(changes: Sequence[str]) -> str:
    if not changes:
        return "No change of method since the version before is recorded."
    return w.paragraph(*(w.sentence(markdown(c)) for c in changes))


def version_key(version: str) -> str:
    """Key of the claim that is the number of an earlier version."""
    return f"releases.versions.v{version.replace('.', '_')}"


def _add_releases(claims: Claims, releases: Row, update: Row) -> None:
    """Look number, the version before, new studies, and the studies of all versions together."""
    now = update["present"]
    previous, together = now["previous"], now["total"]
    look = releases["look"]
    claims.add(
        "living.look",
        look,
        w.integer(look),
        unit="looks",
        definition="number of this look at the data: analyses of the living review so far, published versions apart",
    )
    for entry in releases["releases"]:
        claims.add(
            version_key(entry["version"]),
            entry["version"],
            markdown(entry["version"]),
            unit="version",
            definition="an earlier version of the review, as the ledger calls it",
        )
    claims.add(
        "releases.earlier",
        len(releases["releases"]),
        w.integer(len(releases["releases"])),
        unit="versions",
        definition="versions of the review before this one",
    )
    claims.add(
        "releases.previous.version",
        previous["version"] if previous else None,
        markdown(previous["version"]) if previous else "none",
        unit="version",
        definition="version before this one",
    )
    known = previous["studies"] if previous else None
    claims.add(
        "releases.previous.studies",
        known,
        w.integer(known),
        unit="studies",
        definition="studies of the version before",
    )
    claims.add(
        "releases.new_studies",
        now["new"]["studies"],
        w.integer(now["new"]["studies"]),
        unit="studies",
        definition="studies included in this version that the version before did not include, as far as that is known",
    )
    claims.add(
        "releases.removed_studies",
        now["removed"],
        w.integer(now["removed"]),
        unit="studies",
        definition="studies of the version before that are no longer included",
    )
    m = claims.marks("releases.total", "studies of this version and the one before together")
    claims.add(
        "releases.total.text",
        None,
        total_text(together, m),
        unit="text",
        definition="studies of this version and the one before together",
    )
    claims.add(
        "releases.search",
        None,
        _search(claims, now),
        unit="text",
        definition="what of the records came with this version's search",
    )
    claims.add(
        "releases.summary",
        None,
        _summary(claims, now),
        unit="text",
        definition="this version beside the one before",
    )


def total_text(together: Row, m: Marks) -> str:
    """``between 42 and 59``, or a number."""
    if together["least"] == together["most"]:
        return m("least", together["least"], None, "number", "studies")
    least = m(
        "least",
        together["least"],
        None,
        "fewest possible: those of the version before and the present ones published after it",
    )
    most = m("most", together["most"], None, "most possible: the sum, less those known to be the same")
    return f"between {least} and {most}"


def _search(claims: Claims, now: Row) -> str:
    """What of the records came with this version's search, where an own release came before it."""
    previous, boxes = now["previous"], now["boxes"]
    if previous is None or previous["kind"] == "published":
        came = "The records came with the search of this version."
        return came if total(boxes["identified"]) else "There are no records yet."
    m = claims.marks("releases.searched", "search of this version")

    def carried(step: str, verb: str) -> str:
        n = now["carried"][step]
        said = m(f"{step}_carried_over", n, None, f"{verb}, waiting since the version before or judged anew")
        return (
            f" ({said} carried over from version {m.other('releases.previous.version', markdown(previous['version']))})"
            if n
            else ""
        )

    return w.sentence(
        f"of these, {m.counted('identified', total(boxes['identified']), 'record', 'records', 'records that came with it')} came with the search "
        f"of this version, for which {m.counted('screened', boxes['screened'], 'record', 'records', 'records screened for it')}"
        f"{carried('screening', 'records screened')} {'was' if boxes['screened'] == 1 else 'were'} screened and "
        f"{m.counted('assessed', boxes['assessed'], 'report', 'reports', 'reports assessed for it')}{carried('assessment', 'reports assessed')} "
        f"{'was' if boxes['assessed'] == 1 else 'were'} assessed; the diagram shows this version beside the one before"
    )


def _summary(claims: Claims, now: Row) -> str:
    previous, together = now["previous"], now["total"]
    m = claims.marks("releases.total", "studies of this version and the one before together")
    if previous is None:
        return "This is the first version."
    version = m.other("releases.previous.version", markdown(previous["version"]))
    if previous["kind"] == "published":
        if previous["studies"] is None:
            return w.sentence(f"version {version} was published without a number of studies")
        before = m.other("releases.previous.studies", w.integer(previous["studies"]))
        here = m.other("releases.new_studies", w.integer(now["new"]["studies"]))
        later = (
            f", {m('later', together['later'], None, 'present studies published after the version before')} of which "
            f"{'was' if together['later'] == 1 else 'were'} published after it"
            if together["later"]
            else ""
        )
        return w.sentence(
            f"version {version} had {before} studies and this version has {here}{later}; which of them are the same is not known, so that "
            f"together they are {total_text(together, m)}"
        )
    new = m.other("releases.new_studies", w.integer(now["new"]["studies"]))
    gone = m.other("releases.removed_studies", w.integer(now["removed"]))
    n = now["new"]["studies"]
    added = f"{new} {'study was' if n == 1 else 'studies were'} added" if n else "no study was added"
    removed = (
        f" and {gone} {'is' if now['removed'] == 1 else 'are'} no longer included" if now["removed"] else ""
    )
    return w.sentence(
        f"since version {version}, {added}{removed}; the review now includes {total_text(together, m)}"
    )
