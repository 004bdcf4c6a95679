"""The slice of the extract gate that certainty needs: the signatures, and what of the protocol the ratings depend on."""

from __future__ import annotations

from typing import Any

from livingreview.extraction.schema import CORE
from livingreview.protocol_grade import HARMS
from livingreview.protocol_order import order_of
from livingreview.slices import Review

TABLE = "certainty"
RATED_UP_FOR = "rated_up_for"
"""Column that a review may be without: GRADE's reason for a certainty above what the domains give."""


def certainty(review: Review) -> dict[str, Any]:
    """``{"signatures": [row], "protocol": {…}}``.

    ``protocol`` holds the section ``certainty``, the ``rated`` outcomes (``code``, ``name``, ``kind``, ``unit``), the therapies, the words for codes, and
    ``bearing``: by appraisal tool and item the judgements that meet an item which bears on the result, as the sensitivity
    analyses by appraisal declare them.
    """
    p = review.protocol
    analyses = {a["code"]: a for a in p["analyses"]["outcomes"]}
    bearing: dict[str, dict[str, list[str]]] = {}
    for row in p["analyses"]["sensitivity"]:
        for tool, part in row["appraisal"].items():
            for item, accepted in part["items"].items():
                bearing.setdefault(tool, {}).setdefault(str(item), list(accepted))
    rated = [
        {
            "code": code,
            "name": name,
            "kind": "response" if code in analyses else "harm" if code == HARMS else "score",
            "unit": analyses[code]["unit"] if code in analyses else None,
        }
        for code, name in review.data.protocol.rated_outcomes().items()
    ]
    fields = ("units", "designs", "bases", "source_kinds")
    return {
        "signatures": [
            {c: review.wording.free(row[c]) if c == "reason" else row[c] for c in CORE[TABLE]}
            | {RATED_UP_FOR: row.get(RATED_UP_FOR)}
            for row in review.rows(TABLE)
        ],
        "protocol": {
            "certainty": p["certainty"],
            "rated": rated,
            "therapies": [{"code": t["code"], "name": t["name"]} for t in p["therapies"]],
            "bearing": bearing,
            **{field: p[field] for field in fields},
            "order": order_of(p, *fields),
        },
    }
