"""The flow of a version in the updated-review form of PRISMA 2020: studies of the version before, this version's search, and totals.

The tables of a living review grow, and the flow counts all that is in them. What one version's search brought is the difference to the flow of the
version before. A box that is settled (excluded, sought, linked) shows its difference; one that is still open (awaiting) shows what is open
now. What was open before, or was judged otherwise before, is looked at again and enters as *carried over*. So each step again has as
many entries as exits. Beside a version that was only published nothing can be subtracted: all that is in the tables is this version's search, and
the total is a range (see ``totals``).

Source of the form: Page MJ et al. (2021) The PRISMA 2020 statement. BMJ 372:n71, doi 10.1136/bmj.n71 (flow diagram for updated reviews);
living reviews show one diagram a version: Kahale LA et al. (2022) Tailored PRISMA 2020 flow diagrams for living systematic reviews. F1000Research
10:192, doi 10.12688/f1000research.51723.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingreview.living.totals import of_studies

Row = Mapping[str, Any]

SETTLED_SCREENING = ("excluded_screening", "sought")
SETTLED_ASSESSMENT = ("excluded_assessed", "linked_reports", "retracted")
OPEN_ASSESSMENT = ("awaiting_classification", "ongoing")
PRINTED = ("boxes", "labels", "streams", "order")
"""Parts of a flow that a diagram needs."""


def total(value: Any) -> int:
    """Number of a box; 0 for a box that the flow does not have."""
    return int(value["total"] if isinstance(value, Mapping) else value or 0)


def updated(
    version: Row,
    flow: Row,
    included: Sequence[str],
    previous: Row | None,
    rows: Mapping[str, Row] | None = None,
) -> dict[str, Any]:
    """The flow of ``version`` (``{"version", "date", "search_date"}``) beside the version before.

    ``flow`` counts all that is in the tables of the version, ``included`` are the ids of its studies. ``previous`` is an entry of the
    slice of releases (``{"version", "kind", "date", "flow", "included", "n_studies", "search_date"}``) or None; beside a published one the
    ``rows`` of studies by id tell which are later for certain. The result holds counts only: the name of a study that changes
    changes no diagram.
    """
    before = (previous or {}).get("flow") or {}
    old: Row = before.get("boxes") or (before if "identified" in before else {})
    known = previous is not None and previous["kind"] == "released"
    boxes = _boxes(flow["boxes"], old)
    earlier = set((previous or {}).get("included") or ()) if known else set()
    new, removed = len(set(included) - earlier), len(earlier - set(included))
    screened = sum(total(boxes[b]) for b in (*SETTLED_SCREENING, "awaiting_assessment") if b in boxes)
    came = total(boxes["identified"]) - boxes["duplicates_removed"]
    boxes["screened"] = screened
    outs = (*SETTLED_ASSESSMENT, *OPEN_ASSESSMENT)
    assessed = sum(total(boxes[b]) for b in outs if b in boxes) + new
    found = total(boxes.get("sought")) + boxes.get("other_sources", 0)
    boxes["assessed"] = assessed
    reports = total(flow["boxes"].get("included_reports"))
    old_reports = total(old["included_reports"]) if "included_reports" in old else None
    return {
        "version": {k: version.get(k) for k in ("version", "date", "search_date")},
        "previous": None if previous is None else _previous(previous, old_reports),
        "boxes": boxes,
        "carried": {"screening": max(0, screened - came), "assessment": max(0, assessed - found)},
        "withdrawn": {"screening": max(0, came - screened), "assessment": max(0, found - assessed)},
        "new": {"studies": new, "reports": reports - (old_reports or 0) if reports and not removed else None},
        "removed": removed,
        "included": len(included),
        "total": {
            **_total(previous, [(rows or {})[i] for i in included if i in (rows or {})], len(included)),
            "reports": reports or None if known or previous is None else None,
        },
        **{part: flow[part] for part in PRINTED[1:] if part in flow},
    }


def across(versions: Sequence[Row]) -> list[dict[str, Any]]:
    """One column a version for the diagram across releases, the oldest first.

    ``versions`` are results of :func:`updated`; what stood before the first of them gets a column with its studies only.
    """
    columns: list[dict[str, Any]] = []
    for entry in versions:
        previous = entry["previous"]
        if previous and not columns:
            columns.append(
                {
                    **{k: previous[k] for k in ("version", "date", "search_date")},
                    "published": previous["kind"] == "published",
                    "studies": previous["studies"],
                }
            )
        boxes = entry["boxes"]
        columns.append(
            {
                **entry["version"],
                "published": False,
                "identified": total(boxes["identified"]),
                "screened": boxes["screened"],
                "assessed": boxes["assessed"],
                "carried": entry["carried"],
                "new": entry["new"]["studies"],
                "removed": entry["removed"],
                "studies": total(entry["included"]),
                "together": {k: entry["total"][k] for k in ("least", "most")}
                if previous and previous["kind"] == "published"
                else None,
                "before": previous["version"] if previous else None,
            }
        )
    return columns


def history(flow: Row, present: Row, entries: Sequence[Row], rows: Mapping[str, Row]) -> dict[str, Any]:
    """What the flow notebook draws: ``present`` version (``{"version", "date", "search_date", "included"}``), each earlier release, and all across.

    ``entries`` is the list of the slice of releases, the oldest first; ``rows`` are the studies of the tables by id.
    """
    made: list[dict[str, Any]] = []
    previous: Row | None = None
    for entry in entries:
        if entry.get("flow") and (entry["flow"].get("boxes")):
            made.append(updated(entry, entry["flow"], entry.get("included") or [], previous, rows))
        previous = entry
    now = updated(present, flow, present["included"], previous, rows)
    return {
        "present": now,
        "earlier": {entry["version"]["version"]: entry for entry in made},
        "across": across([*made, now]),
        "order": flow.get("order") or {},
    }


def _boxes(now: Row, old: Row) -> dict[str, Any]:
    """Boxes of one version's search: differences of settled boxes, present numbers of open ones."""
    found: dict[str, Any] = {}
    for box, value in now.items():
        if isinstance(value, list):  # the reasons of an open box stand beside it
            found[box] = value
        elif box in ("awaiting_assessment", *OPEN_ASSESSMENT):
            found[box] = total(value)
        elif box not in ("screened", "assessed", "included_studies", "included_reports"):
            found[box] = _difference(value, old.get(box))
    return found


def _difference(now: Any, old: Any) -> Any:
    """What came on top of ``old``; parts are named only where they sum to the whole, so that no reader has to guess."""
    whole = max(0, total(now) - total(old))
    if not isinstance(now, Mapping):
        return whole
    found: dict[str, Any] = {"total": whole}
    before = old if isinstance(old, Mapping) else {}
    if "by_stream" in now:
        earlier = before.get("by_stream") or {}
        parts = {code: max(0, n - earlier.get(code, 0)) for code, n in now["by_stream"].items()}
        if sum(parts.values()) == whole:
            found["by_stream"] = parts
    if "reasons" in now:
        known = {r["reason"]: r["n"] for r in before.get("reasons") or ()}
        reasons = [{"reason": r["reason"], "n": r["n"] - known.get(r["reason"], 0)} for r in now["reasons"]]
        reasons = [r for r in reasons if r["n"] > 0]
        found["reasons"] = reasons if sum(r["n"] for r in reasons) == whole else []
    return found


def _previous(entry: Row, reports: int | None) -> dict[str, Any]:
    return {
        **{k: entry.get(k) for k in ("version", "kind", "date", "search_date")},
        "studies": entry.get("n_studies"),
        "reports": reports,
        "patients": entry.get("n_patients"),
    }


def _total(previous: Row | None, rows: Iterable[Row], number: int) -> dict[str, Any]:
    if previous is None or previous["kind"] == "released" or previous.get("n_studies") is None:
        return {"least": number, "most": number, "later": 0, "shared": 0}
    found = of_studies(int(previous["n_studies"]), str(previous.get("date") or ""), number, rows)
    return {"least": found.least, "most": found.most, "later": found.later, "shared": found.shared}
