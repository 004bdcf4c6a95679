"""Part of the change report on wording: each sentence that changed, word by word, with its neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livingreview.changes import marks
from livingreview.claims import wording as w
from livingreview.publish.escape import markdown

Facts = Mapping[str, Any]
_KINDS = {
    "abstract": "abstract",
    "row": "row of a table",
    "caption": "caption",
    "item": "list",
    "heading": "heading",
    "title": "title",
    "front": "front matter",
}


def wording(facts: Facts) -> list[str]:
    """The section: one part a document."""
    parts = ["# Wording"]
    for name, found in facts["wording"].items():
        parts += _document(name, found)
    return parts if len(parts) > 1 else [*parts, "There are no texts of documents to compare."]


def _document(name: str, found: Facts) -> list[str]:
    parts = [f"## {markdown(name[:1].upper() + name[1:])}"]
    if found.get("missing"):
        which = "earlier" if found["missing"] == "before" else "present"
        return [*parts, f"The {which} version has no text of this document, so wording is not compared."]
    if not found["sentences"] and not found["rows_changed"] and not any(found["references"].values()):
        parts.append(
            "No word changed."
            if not found["renumbered"]
            else "Only numbers of citations, figures, tables or sections changed."
        )
        return parts
    place: list[str] | None = None
    for entry in [*found["sentences"], *found["rows"]]:
        here = [*entry["section"], *([_KINDS[entry["kind"]]] if entry["kind"] in _KINDS else [])]
        if here != place:
            parts.append(marks.where(" › ".join(here) or "At the beginning"))
            place = here
        around = (
            marks.context(entry["before_it"], before=True),
            marks.context(entry["after_it"], before=False),
        )
        parts.append(" ".join(p for p in (around[0], marks.marked(entry["pieces"]), around[1]) if p))
    hidden = found["rows_changed"] - len(found["rows"])
    if hidden:
        parts.append(f"{w.counted(hidden, 'row', 'rows')} of tables changed.".capitalize())
    for kind, text in (("added", "References added"), ("removed", "References removed")):
        if found["references"][kind]:
            parts.append(f"{text}:")
            parts.append("\n".join(f"- {markdown(r)}" for r in found["references"][kind]))
    if found["renumbered"]:
        parts.append(
            f"{w.counted(found['renumbered'], 'further passage differs', 'further passages differ')} only in the numbers of citations, figures, tables or sections."
        )
    return parts
