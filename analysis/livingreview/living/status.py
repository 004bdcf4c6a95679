"""Where a living review stands on a day: what is due, what is open, what is in order. The only part of the package that looks at today's date.

A matter is *due* when its date has come or a rule of the protocol is met; then somebody has to act, and the command's exit status says so to a
scheduler. It is *open* when something waits but no date has been set or its date has not come yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from livingreview.living.schedule import months_between
from livingreview.living.update import total

Row = Mapping[str, Any]
State = Literal["ok", "open", "due", "unknown"]

OK: Final = "ok"
OPEN: Final = "open"
DUE: Final = "due"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class Matter:
    """One thing to look at: its ``state``, what is to be said, how many things wait (None: unknown), and the day on which it is due."""

    code: str
    name: str
    state: State
    text: str
    n: int | None = None
    due: str | None = None
    overdue_days: int | None = None
    items: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Facts:
    """What the status is told from. ``releases`` are the entries of the ledger's slice, with the version itself where it has been released;
    what a build would have to tell is None where nothing has been built."""

    protocol: Row
    schedule: Row
    boxes: Row
    releases: Sequence[Row]
    changed_since_release: bool
    queued: int
    without_numbers: Sequence[str]
    disputed: Sequence[str] | None
    unsigned: tuple[int, int] | None
    red: Sequence[str] | None


def status(facts: Facts, today: dt.date) -> dict[str, Any]:
    """The status as JSON-ready data: ``{"version", "today", "mode", "proposed", "matters": [...], "due": [names], "exit": 0 | 1}``."""
    matters = list(_matters(facts, today))
    due = [m.name for m in matters if m.state == DUE]
    protocol = facts.protocol
    return {
        "title": protocol["short_title"],
        "version": protocol["version"],
        "today": today.isoformat(),
        "mode": protocol["living"]["mode"],
        "proposed": protocol["living"]["proposed"],
        "last_search": facts.schedule["searched"],
        "days_since_search": (today - dt.date.fromisoformat(facts.schedule["searched"])).days,
        "next_search_due": facts.schedule["due"],
        "matters": [asdict(m) for m in matters],
        "due": due,
        "exit": 1 if due else 0,
    }


def _matters(facts: Facts, today: dt.date) -> Iterator[Matter]:
    yield from _searches(facts, today)
    yield _queue(facts, today)
    yield _classification(facts, today)
    yield _data(facts)
    yield _version(facts, today)
    yield _disputes(facts)
    yield _signatures(facts)
    yield _conclusions(facts)
    yield _alerts(facts)
    yield from _retirement(facts, today)
    yield _people(facts)


def _searches(facts: Facts, today: dt.date) -> Iterator[Matter]:
    plan = facts.schedule
    if facts.protocol["living"]["mode"] != "active":
        ended = facts.protocol["living"]["ended"]
        yield Matter("search", "Search", OK, f"none is due: {facts.protocol['living']['mode']} since {ended['date']} ({ended['reason']})")  # fmt: skip
        return
    if plan["due"] is None:
        yield Matter("search", "Search", UNKNOWN, f"last on {plan['searched']}; no schedule says when the next is due")  # fmt: skip
        return
    same = len({(s["searched"], s["due"]) for s in plan["streams"]}) == 1
    for stream in plan["streams"][:1] if same else plan["streams"]:
        name = "Search" if same else f"Search: {stream['name']}"
        days = (today - dt.date.fromisoformat(stream["searched"])).days
        since = f"{_days(days)} ago" if days >= 0 else "which lies after this day"
        yield _dated(
            "search" if same else f"search_{stream['code']}",
            name,
            f"last on {stream['searched']}, {since}",
            stream["due"],
            today,
            waiting="next",
        )


def _queue(facts: Facts, today: dt.date) -> Matter:
    waiting = total(facts.boxes.get("awaiting_assessment"))
    queued = f", {facts.queued} of them screened by nobody yet" if facts.queued else ""
    return _counted("screening", "Screening", waiting, "record awaits", "records await", f"assessment{queued}", facts, today)  # fmt: skip


def _classification(facts: Facts, today: dt.date) -> Matter:
    waiting = total(facts.boxes.get("awaiting_classification"))
    return _counted("classification", "Classification", waiting, "report awaits", "reports await", "classification", facts, today)  # fmt: skip


def _counted(
    code: str, name: str, n: int, one: str, many: str, what: str, facts: Facts, today: dt.date
) -> Matter:
    if not n:
        return Matter(code, name, OK, f"no {many.split()[0]} wait", 0)
    due = facts.schedule["steps"][code]["due"] if facts.protocol["living"]["mode"] == "active" else None
    text = f"{n} {one if n == 1 else many} {what}"
    if due is None:
        return Matter(code, name, OPEN, text, n)
    return _dated(code, name, text, due, today, n)


def _dated(
    code: str, name: str, text: str, due: str, today: dt.date, n: int | None = None, waiting: str = ""
) -> Matter:
    """A matter with a date: due from that day on, and before it in order (``waiting``: nothing is there to do yet) or open."""
    late = (today - dt.date.fromisoformat(due)).days
    if late >= 0:
        said = f"due since {due}, {_days(late)} overdue" if late else f"due today ({due})"
        return Matter(code, name, DUE, f"{text}; {said}", n, due, late)
    state: State = OK if waiting else OPEN
    return Matter(code, name, state, f"{text}; {f'{waiting} ' if waiting else ''}due on {due}, in {_days(-late)}", n, due)  # fmt: skip


def _data(facts: Facts) -> Matter:
    ongoing, silent = total(facts.boxes.get("ongoing")), len(facts.without_numbers)
    if not ongoing and not silent:
        return Matter("data", "Data", OK, "no study awaits results", 0)
    parts = [f"{ongoing} ongoing or without results"] if ongoing else []
    parts += [f"{silent} included without any number"] if silent else []
    return Matter("data", "Data", OPEN, f"studies that await data: {' and '.join(parts)}", ongoing + silent, items=list(facts.without_numbers))  # fmt: skip


def _version(facts: Facts, today: dt.date) -> Matter:
    version = facts.protocol["version"]
    released = any(e["version"] == version and e["kind"] == "released" for e in facts.releases)
    if released and not facts.changed_since_release:
        return Matter("version", "Version", OK, f"{version} is released", 0)
    text = (
        f"data or protocol have changed since release {version}" if released else f"{version} is not released"
    )
    due = facts.schedule["steps"]["version"]["due"]
    if due is None or facts.protocol["living"]["mode"] != "active":
        return Matter("version", "Version", OPEN, text, 1)
    return _dated("version", "Version", text, due, today, 1)


def _disputes(facts: Facts) -> Matter:
    if facts.disputed is None:
        return Matter("disagreements", "Disagreements", OK, "no second extraction exists to disagree with", 0)
    if not facts.disputed:
        return Matter("disagreements", "Disagreements", OK, "none between the extractors is open", 0)
    n = len(facts.disputed)
    text = f"{n} {'field is disputed and blocks' if n == 1 else 'fields are disputed and block'} the release of what uses them"
    return Matter("disagreements", "Disagreements", DUE, text, n, items=list(facts.disputed))


def _signatures(facts: Facts) -> Matter:
    if facts.unsigned is None:
        return Matter("signatures", "Certainty", UNKNOWN, "nothing has been built that would tell which judgements are open")  # fmt: skip
    n, whole = facts.unsigned
    if not n:
        text = f"the {whole} judgements are signed" if whole else "no judgement has been proposed yet"
        return Matter("signatures", "Certainty", OK, text, 0)
    return Matter("signatures", "Certainty", OPEN, f"{n} of {whole} judgements are open to be signed, as of the last build", n)  # fmt: skip


def _conclusions(facts: Facts) -> Matter:
    declared = (facts.protocol.get("conclusions") or {}).get("declared") or []
    names = [c["name"] for c in declared if not c.get("signed_by")]
    if not declared:
        return Matter("conclusions", "Conclusions", OK, "none are declared", 0)
    if not names:
        return Matter("conclusions", "Conclusions", OK, f"the {len(declared)} declared are signed", 0)
    return Matter("conclusions", "Conclusions", OPEN, f"{len(names)} of {len(declared)} declared wait for a signature", len(names), items=names)  # fmt: skip


def _alerts(facts: Facts) -> Matter:
    if facts.red is None:
        return Matter("alerts", "Alerts", UNKNOWN, "nothing has been built that would tell of alerts")
    if not facts.red:
        return Matter("alerts", "Alerts", OK, "no red alert waits to be acknowledged", 0)
    n = len(facts.red)
    return Matter("alerts", "Alerts", DUE, f"{n} red {'alert waits' if n == 1 else 'alerts wait'} to be acknowledged by name", n, items=list(facts.red))  # fmt: skip


def _retirement(facts: Facts, today: dt.date) -> Iterator[Matter]:
    plan = facts.protocol["living"]["retirement"]
    if facts.protocol["living"]["mode"] == "retired":
        return
    limit = plan["unchanged_searches"]
    if limit:
        quiet = unchanged(facts.releases)
        text = f"{quiet} of {limit} released versions in a row without a newly included study"
        state: State = DUE if quiet >= limit else OK
        yield Matter("retirement", "Retirement", state, f"{text}{'; the rule for retirement is met' if state == DUE else ''}", quiet)  # fmt: skip
    limit, due = plan["overdue_months"], facts.schedule["due"]
    if limit and due:
        late = months_between(dt.date.fromisoformat(due), today)
        if late >= limit:
            yield Matter("notice", "Notice", DUE, f"the search is {late} months overdue: say that the review is no longer kept up to date (living.mode in review.yaml)", late)  # fmt: skip


def unchanged(releases: Iterable[Row]) -> int:
    """Released versions at the end of the ledger, one after the other, that brought no newly included study. A version that follows none or a published
    one has nothing to compare with, and ends the count."""
    n = 0
    for entry in reversed(list(releases)):
        brief = entry.get("brief") or {}
        if entry["kind"] != "released" or "added" not in brief or brief["added"]:
            break
        n += 1
    return n


def _people(facts: Facts) -> Matter:
    steps = facts.protocol["living"]["people"]
    names = sorted(step for step, who in steps.items() if not who)
    if not names:
        return Matter("people", "People", OK if steps else UNKNOWN, "each step has a name" if steps else "who does what has not been declared", 0)  # fmt: skip
    return Matter("people", "People", OPEN, f"nobody is named for {', '.join(n.lower() for n in names)}", len(names), items=names)  # fmt: skip


def _days(n: int) -> str:
    return "1 day" if n == 1 else f"{n:,} days"


def lines(found: Row) -> list[str]:
    """The status as lines for a person."""
    adopted = (
        "schedule and rules are proposals that no team has adopted"
        if found["proposed"]
        else "adopted schedule"
    )
    out = [
        f"{found['title']}, version {found['version']}, on {found['today']}",
        f"Mode: {found['mode']}; {adopted}.",
        "",
    ]
    wide = max(len(m["name"]) for m in found["matters"])
    marks = {OK: "ok", OPEN: "open", DUE: "DUE", UNKNOWN: "?"}
    out += [f"{marks[m['state']]:<5}{m['name']:<{wide}}  {m['text']}" for m in found["matters"]]
    due = found["due"]
    return [*out, "", f"Due: {', '.join(due)}." if due else "Nothing is due."]
