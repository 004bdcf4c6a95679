"""All that changed between two versions of a review, as data: what the report prints and a release keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from livingreview.certainty.model import REOPENED, SIGNED
from livingreview.changes import attribution, methods, published, tables, wording
from livingreview.changes.counterfactual import FACTORS, Between
from livingreview.changes.moved import moved, row_keys
from livingreview.changes.rebuild import Rebuilder
from livingreview.changes.state import State

BOXES = (
    "identified", "duplicates_removed", "screened", "excluded_screening", "sought", "assessed", "excluded_assessed",
    "awaiting_classification", "awaiting_assessment", "ongoing", "retracted", "included_reports", "included_studies",
)  # fmt: skip
"""Boxes of the flow that the report sets side by side, in the order of the diagram."""
NOT_COMPARABLE = "not comparable"


def facts(
    before: State, after: State, rebuilder: Rebuilder, printed: Mapping[str, list[str]], main: Iterable[str]
) -> dict[str, Any]:
    """Everything that changed from ``before`` to ``after``, JSON-ready.

    ``printed`` tells in which documents each claim prints, ``main`` names the main documents, in whose tables each changed row is shown.
    Against a published version there is ``published`` (see :func:`livingreview.changes.published.side_by_side`), and what would need its
    data is empty. ``unchanged`` is True where nothing that the report tells has changed.
    """
    found: dict[str, Any] = {
        "before": before.told(),
        "after": after.told(),
        "comparable": not before.is_published,
    }
    found["conclusions"] = conclusions(before, after)
    found["search"] = {"boxes": boxes(before.flow, after.flow, comparable=not before.is_published)}
    if before.is_published:
        found |= {"published": published.side_by_side(before, after), "unchanged": False}
        found["claims"] = {"now": len(after.claims), "attribution": NOT_COMPARABLE}
        return found
    assert before.folder is not None
    assert after.folder is not None
    old, new = tables.Copy(before.folder), tables.Copy(after.folder)
    schemas = tables.schemas_of(after.folder, rebuilder.root, before.folder)
    rows = tables.row_changes(old, new, schemas)
    studies = tables.studies_changed(old, new, before.included, after.included, rows)
    between = Between(old, new, frozenset(before.included), frozenset(after.included), schemas)
    other_code = methods.code_changes(before.code, after.code)
    same_code = bool(before.code and after.code) and not other_code
    chain = attribution.chain(between, before.claims, after.claims, rebuilder, same_code=same_code)
    keys = row_keys(rows)
    touched = _touched(studies, rows)
    moves = moved(
        before.claims,
        after.claims,
        lambda key: near(key, touched, old, new),
        keys,
        lambda key: attribution.shares(key, chain),
        between.factor,
        printed,
    )
    found["studies"] = {
        what: [{"id": s, "label": label(s, before, after), **_why(s, what, old, new)} for s in ids]
        for what, ids in studies.items()
    }
    found["rows"] = [{**r, "label": label(r["study"], before, after)} for r in rows if tables.of_study(r)]
    found["search"] |= {"records": records(rows, old, new)}
    found["other_rows"] = other_rows(rows, old, new)
    found["claims"] = {
        "moved": [{**m, "labels": [label(s, before, after) for s in m["studies"]]} for m in moves],
        "before": len(before.claims),
        "now": len(after.claims),
        "attribution": {
            "order": [FACTORS[f] for link in chain.links for f in link.factors],
            "links": [link.name for link in chain.links],
            "same_code": same_code,
            "refused": {FACTORS[f]: why for f, why in chain.refused.items()},
        },
    }
    found["wording"] = _wording(before, after, set(main))
    found["certainty"] = certainty(before, after)
    found["methods"] = {
        "protocol": methods.protocol_changes(before.folder, after.folder),
        "software": methods.version_changes(before.software, after.software),
        "code": other_code,
    }
    found["unchanged"] = _nothing(found, rows)
    return found


def label(study: str, before: State, after: State) -> str:
    """Print name of a study; its id where neither version has a name for it."""
    return after.labels.get(study) or before.labels.get(study) or study


def _touched(studies: Mapping[str, list[str]], rows: Iterable[Mapping[str, Any]]) -> set[str]:
    return {s for ids in studies.values() for s in ids} | {
        str(r["study"]) for r in rows if tables.of_study(r)
    }


def near(key: str, touched: set[str], *copies: tables.Copy) -> set[str]:
    """Of the ``touched`` studies those that can bear on a claim: for a claim of a therapy those with an arm of it, then or now."""
    therapy = key.split(".", 1)[0]
    arms = [row for c in copies if "arms" in c.tables for row in c.tables["arms"].rows]
    if not any(row.get("therapy") == therapy for row in arms):
        return touched
    return touched & {row[tables.STUDY] for row in arms if row.get("therapy") == therapy}


def _why(study: str, what: str, old: tables.Copy, new: tables.Copy) -> dict[str, str]:
    """What the tables say of a study that came or went: what it was before, its notice if it was retracted."""
    was, now = old.studies.get(study, {}), new.studies.get(study, {})
    if what == "added":
        return {"was": was.get("eligibility", "") if was else "not in the tables"}
    if what in ("removed", "retracted"):
        if not now:
            return {"now": "not in the tables"}
        status = now.get("status", "")
        return {
            "now": status if status not in ("", "active") else now.get("eligibility", ""),
            "notice": now.get("status_notice", ""),
            "date": now.get("status_date", ""),
            "reason": now.get("exclusion_reason", ""),
        }
    if what in ("listed", "corrected_other"):
        return {"now": now.get("eligibility", "")}
    return {}


def _streams(*copies: tables.Copy) -> set[str]:
    return {name for c in copies for name, t in c.tables.items() if t.kind in tables.STREAMED}


def boxes(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, *, comparable: bool
) -> list[dict[str, Any]]:
    """Boxes of the flow: ``{box, label, before, after}``, in numbers of records, reports or studies; None where unknown. Boxes that are
    0 on both sides are left out, and where the versions are not ``comparable`` there is no ``before``."""
    if after is None:
        return []
    found = []
    for box in BOXES:
        was = _size((before or {}).get("boxes", {}).get(box)) if comparable else None
        now = _size(after.get("boxes", {}).get(box))
        if was or now:
            found.append(
                {
                    "box": box,
                    "label": after["labels"].get(box, box.replace("_", " ")),
                    "before": was,
                    "after": now,
                }
            )
    return found


def _size(box: Any) -> int | None:
    value = box.get("total") if isinstance(box, Mapping) else box
    return value if isinstance(value, int) else None


def records(rows: Iterable[Mapping[str, Any]], old: tables.Copy, new: tables.Copy) -> list[dict[str, Any]]:
    """Records and queries by table: ``{table, added, removed, changed, decisions}``; ``decisions`` counts records whose decision changed."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["table"] not in _streams(old, new):
            continue
        entry = found.setdefault(
            row["table"], {"table": row["table"], "added": 0, "removed": 0, "changed": 0, "decisions": 0}
        )
        entry[row["what"]] += 1
        if row["what"] == "changed" and any(c["column"] == "decision" for c in row["cells"]):
            entry["decisions"] += 1
    return [found[name] for name in sorted(found)]


def other_rows(rows: Iterable[Mapping[str, Any]], old: tables.Copy, new: tables.Copy) -> list[dict[str, Any]]:
    """Changes in tables that belong to no study and no search, by table: ``{table, added, removed, changed}``."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if tables.of_study(row) or row["table"] in _streams(old, new):
            continue
        entry = found.setdefault(
            row["table"], {"table": row["table"], "added": 0, "removed": 0, "changed": 0}
        )
        entry[row["what"]] += 1
    return [found[name] for name in sorted(found)]


def conclusions(before: State, after: State) -> list[dict[str, Any]]:
    """Conclusions before and after: ``{id, name, before, after, flipped, sentence, sentence_before, alert}``.

    ``before`` and ``after`` are states (None where a version does not declare the conclusion); ``alert`` is ``{level, reasons,
    pending}`` from the comparison of these two versions, None without one.
    """
    old = {c["id"]: c for c in before.conclusions or []}
    new = {c["id"]: c for c in after.conclusions or []}
    alerts = _alerts(before, after)
    found = []
    for name in dict.fromkeys([*new, *old]):
        was, now = old.get(name, {}), new.get(name, {})
        found.append(
            {
                "id": name,
                "name": (now or was).get("name", name),
                "before": was.get("state"),
                "after": now.get("state"),
                "flipped": bool(was) and bool(now) and was.get("state") != now.get("state"),
                "sentence_before": _sentence(before, was),
                "sentence": _sentence(after, now),
                "alert": alerts.get(name),
            }
        )
    return found


def _sentence(side: State, conclusion: Mapping[str, Any]) -> str:
    """The sentence as it prints: with the numbers that it names filled in, where the claims have it."""
    printed = side.claims.get(f"conclusions.{conclusion.get('id')}.sentence") or {}
    return str(printed.get("text") or conclusion.get("sentence", ""))


def _alerts(before: State, after: State) -> dict[str, dict[str, Any]]:
    if not after.conclusions:
        return {}
    from livingreview.conclusions import alerts

    found = alerts.compare(
        after.conclusions, before.conclusions, previous_kind=before.kind, look=after.look or 0
    )
    return {a.conclusion: {"level": a.level, "reasons": list(a.reasons), "pending": a.pending} for a in found}


def certainty(before: State, after: State) -> dict[str, list[dict[str, Any]]]:
    """Judgements on certainty whose standing changed: ``reopened`` (signed then, open again now), ``signed`` (signed now and not then),
    ``changed`` (another judgement, neither of these). Each is the present cell with ``was``, the earlier text."""
    key = ("therapy", "outcome", "domain")
    old = {tuple(c[k] for k in key): c for c in before.cells}
    found: dict[str, list[dict[str, Any]]] = {"reopened": [], "signed": [], "changed": []}
    for cell in after.cells:
        was = old.get(tuple(cell[k] for k in key))
        entry = {**cell, "was": (was.get("text") or was.get("label", "")) if was else ""}
        if was and was["status"] == SIGNED and cell["status"] == REOPENED:
            found["reopened"].append(entry)
        elif cell["status"] == SIGNED and (not was or was["status"] != SIGNED):
            found["signed"].append(entry)
        elif was and was["judgement"] != cell["judgement"]:
            found["changed"].append(entry)
    return found


def _wording(before: State, after: State, main: set[str]) -> dict[str, Any]:
    """Changes of wording by document; rows of tables only for the main documents, elsewhere their number (``rows_changed``)."""
    found: dict[str, Any] = {}
    for name in sorted({*before.documents, *after.documents}, key=lambda n: (n not in main, n)):
        if name not in before.documents or name not in after.documents:
            found[name] = {"missing": "before" if name not in before.documents else "after"}
            continue
        changes = wording.compare(before.documents[name], after.documents[name])
        changes["rows_changed"] = len(changes["rows"])
        if name not in main:
            changes["rows"] = []
        found[name] = changes
    return found


def _nothing(found: Mapping[str, Any], rows: list[Any]) -> bool:
    texts = [
        w
        for w in found["wording"].values()
        if w.get("missing") or w["sentences"] or w["rows_changed"] or any(w["references"].values())
    ]
    standing = [c for cells in found["certainty"].values() for c in cells]
    flips = [c for c in found["conclusions"] if c["before"] != c["after"]]
    return not (
        rows or found["claims"]["moved"] or texts or standing or flips or any(found["methods"].values())
    )
