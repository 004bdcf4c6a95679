"""What leaving out retracted studies moves: the claims of this build beside those of the same build with the studies restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from livingreview.claims.build import Sources, build
from livingreview.claims.model import TEXT, Claim, Claims
from livingreview.conclusions.state import judged
from livingreview.protocol_order import restored as in_order

Row = Mapping[str, Any]
MOST = 8
"""Claims named in the last lines of a build."""


def retractions(sources: Sources, claims: Claims) -> dict[str, Any]:
    """``{"studies", "moved", "conclusions"}``: the retracted studies (id, label, date, notice); each claim of a number that differs
    (``key``, ``definition``, text ``now`` and ``restored``); each conclusion whose state differs. All empty without a retraction."""
    left_out = [s for s in sources.notices.get("studies") or () if s["left_out"]]
    if not left_out:
        return {"studies": [], "moved": [], "conclusions": []}
    then = _with_them(sources, sources.notices["restored"])
    before = build(then, checked=False)
    states = {entry["id"]: entry["state"] for entry in judged(then, before)}
    return {
        "studies": [
            {
                "study_id": s["study_id"],
                "label": s["label"],
                "date": s["date"],
                "notice": s["notice"],
                "therapies": s["therapies"],
            }
            for s in left_out
        ],
        "moved": sorted(_moved(claims, before), key=lambda m: (_place(m["key"]), m["key"])),
        "conclusions": [
            {"id": e["id"], "name": e["name"], "now": e["state"], "restored": states[e["id"]]}
            for e in judged(sources, claims)
            if e["state"] != states[e["id"]]
        ],
    }


def _with_them(sources: Sources, slices: Row) -> Sources:
    """The sources as they would be if the retracted studies still counted: their slices, and the results of their therapies."""
    from livingreview.synthesis.therapy import synthesise

    known = {f.name for f in fields(Sources)}
    names = {name.removesuffix(".json"): content for name, content in slices.items()}
    results = {
        name.removeprefix("therapy/"): synthesise(content).to_json()
        for name, content in names.items()
        if name.startswith("therapy/")
    }
    return replace(
        sources,
        **{name: in_order(content) for name, content in names.items() if name in known},
        results={"therapies": {**sources.results["therapies"], **results}},
        notices={},
    )


def _moved(now: Claims, before: Claims) -> list[dict[str, Any]]:
    here, there = ({c.key: c for c in claims} for claims in (now, before))
    found = []
    for key in sorted(here.keys() | there.keys()):
        a, b = here.get(key), there.get(key)
        some: Claim = a or b  # type: ignore[assignment]
        if some.unit == TEXT or (a and b and a.text == b.text):
            continue
        found.append(
            {
                "key": key,
                "definition": some.definition,
                "now": a.text if a else None,
                "restored": b.text if b else None,
            }
        )
    return found


def _place(key: str) -> int:
    """Claims that a person looks for first: what is included, then the declared analyses, then the rest."""
    return 0 if key.startswith("included.") else 1 if ".analysis." in key else 2


def told(found: Row) -> list[str]:
    """What a build says of retractions, line by line; empty without one."""
    if not found["studies"]:
        return []
    who = "; ".join(f"{s['label']} (notice of {s['date']})" for s in found["studies"])
    lines = [f"Retracted and left out of all syntheses: {who}"]
    lines += [
        f"  conclusion {c['id']}: {_said(c['now'])}, with {'it' if len(found['studies']) == 1 else 'them'}: {_said(c['restored'])}"
        for c in found["conclusions"]
    ]
    moved = found["moved"]
    lines += [f"  {m['key']}: {m['restored'] or '–'} → {m['now'] or '–'}" for m in moved[:MOST]]
    if len(moved) > MOST:
        lines.append(f"  and {len(moved) - MOST} more numbers, in build/claims/retractions.json")
    if not moved:
        lines.append("  no number that prints has moved")
    return lines


def _said(state: str) -> str:
    return state.replace("_", " ")
