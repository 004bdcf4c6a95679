"""When each stream was last searched and when the next search is due. Nothing here looks at today's date."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day ``months`` later; the last day of the month where that month is shorter (31 August + 6 months is 28 or 29 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def schedule(protocol: Row, queries: Iterable[Row]) -> dict[str, Any]:
    """Last search and next one due, of the whole review and of each stream; dates as text (YYYY-MM-DD).

    ``protocol`` is the JSON-ready protocol, ``queries`` the rows of its search tables. A stream was last searched on the date of its newest
    query, or on the protocol's ``search.date`` where no query has a date. ``due`` is None without a schedule, and for a review that is paused or retired.
    ``steps`` are the other dates of the schedule, counted from the last search.
    """
    living, search = protocol["living"], protocol["search"]
    paces = living.get("schedule") or {}
    active = living["mode"] == "active"
    newest: dict[str, str] = {}
    for query in queries:
        day = str(query.get("date") or "")
        if _DAY.fullmatch(day):
            newest[query["stream"]] = max(day, newest.get(query["stream"], ""))
    streams = []
    for code, name in search["streams"].items():
        searched = newest.get(code, search["date"])
        months = (paces.get("streams") or {}).get(code, paces.get("search"))
        due = _later(searched, months) if active else None
        streams.append({"code": code, "name": name, "searched": searched, "months": months, "due": due})
    return {
        "searched": search["date"],
        "months": paces.get("search"),
        "due": min((s["due"] for s in streams if s["due"]), default=None),
        "streams": streams,
        "steps": {
            step: {"months": paces.get(step), "due": _later(search["date"], paces.get(step))}
            for step in ("screening", "classification", "version")
        },
    }


def _later(day: str, months: int | None) -> str | None:
    return None if months is None else add_months(dt.date.fromisoformat(day), months).isoformat()


def months_between(first: dt.date, later: dt.date) -> int:
    """Whole months from one day to a later one; 0 where it is not later."""
    months = (later.year - first.year) * 12 + later.month - first.month
    return max(0, months - (add_months(first, months) > later))
