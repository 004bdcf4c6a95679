"""Slices as the extract gate makes them, straight from the shipped tables, so that the numbers can be checked by hand."""

from __future__ import annotations

import csv
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from livingreview.protocol import load
from livingreview.protocol_order import order_of

ROOT = Path(__file__).parents[2]
TEXT = {
    "study_id", "arm_id", "outcome_id", "patient_id", "therapy", "outcome", "construct", "unit", "category", "basis",
    "alternative_to", "note", "p_value", "shares_patients_with", "design", "source_kind", "country", "label", "sex",
    "aetiology", "site", "underlying_disease", "agent_detail", "comparator", "response", "adverse_events", "recurrence",
    "eligibility", "first_author", "title", "unverified_criteria", "as_reported", "monotherapy", "tool", "item_label", "judgement",
}  # fmt: skip


def typed(column: str, text: str) -> Any:
    if text == "":
        return None
    if column in TEXT:
        return text
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


@cache
def table(name: str) -> tuple[dict[str, Any], ...]:
    with (ROOT / "data" / "raw" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple({c: typed(c, v) for c, v in row.items()} for row in csv.DictReader(lines))


USED = (
    "confidence_level", "response", "constructs", "units", "designs", "outcomes", "bases", "aetiologies", "source_kinds",
)  # fmt: skip


@cache
def analyses() -> dict[str, Any]:
    """The declared analyses with the defaults filled in, as every slice holds them."""
    return dict(load(ROOT / "review.yaml").slice("analyses")["analyses"])


@cache
def protocol() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "review.yaml").read_text(encoding="utf-8")))


def slice_of(code: str) -> dict[str, Any]:
    arms = [a for a in table("arms") if a["therapy"] == code]
    included = {s["study_id"] for s in table("studies") if s["eligibility"] == "included"}
    ids = included & {a["study_id"] for a in arms}
    studies = []
    for s in table("studies"):
        if s["study_id"] in ids:
            year = s["year"] or "n.d."
            author = s["first_author"]
            label = (
                f"{author} {year}" if author else f"Authors not shown ({s['journal'] or s['title']}, {year})"
            )
            criteria = [c.strip() for c in (s["unverified_criteria"] or "").split(";") if c.strip()]
            studies.append({**s, "label": label, "unverified_criteria": criteria})
    return {
        "therapy": next(t for t in protocol()["therapies"] if t["code"] == code),
        "protocol": {
            **{field: protocol()[field] for field in USED},
            "analyses": deepcopy(analyses()),
            "order": order_of(protocol(), *USED),
        },
        "studies": studies,
        "appraisals": judgements(ids),
        **{
            n: [dict(r) for r in table(n) if r["study_id"] in ids]
            for n in ("arms", "outcomes", "participants")
        },
    }


def judgements(studies: set[str]) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in table("appraisals"):
        if row["study_id"] in studies:
            tool = found.setdefault(row["study_id"], {}).setdefault(row["tool"], {})
            tool[str(row["item_number"])] = row["judgement"]
    return found


def appraisal_slice() -> dict[str, Any]:
    tools: dict[str, Any] = {}
    for row in table("appraisal_tools"):
        known = protocol()["appraisal_tools"][row["tool"]]
        tool = tools.setdefault(row["tool"], {"name": known["name"], "short": known["short"], "items": []})
        tool["items"].append({k: row[k] for k in ("item_number", "item_label", "signalling")})
    studies: dict[str, Any] = {}
    for row in table("appraisals"):
        study = studies.setdefault(
            row["study_id"],
            {
                "study_id": row["study_id"],
                "label": row["study_id"],
                "tool": row["tool"],
                "therapies": [],
                "items": {},
            },
        )
        study["items"][str(row["item_number"])] = row["judgement"]
    order = {"tools": list(protocol()["appraisal_tools"]), "judgements": list(protocol()["judgements"])}
    return {
        "tools": tools,
        "studies": list(studies.values()),
        "judgements": protocol()["judgements"],
        "order": order,
    }
