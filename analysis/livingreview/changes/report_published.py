"""Parts of the change report against an earlier review of which only printed figures are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livingreview.claims import wording as w
from livingreview.publish.escape import markdown
from livingreview.tables.pipe import Column, Table

Facts = Mapping[str, Any]


def brief(facts: Facts) -> list[str]:
    """What can be said in a few sentences."""
    version = markdown(facts["before"]["version"])
    parts = [
        f"Of version {version} only the figures that it printed are known. They are quoted below as *published, not recomputed*, beside the "
        "present data. Which studies the two versions share is unknown, so no study counts as added or removed, numbers of patients "
        "are never added, and no change can be shared out to new studies, corrected data, methods or software: attribution is *not "
        "comparable*. The text of the earlier version is not at hand, so wording is not compared."
    ]
    total = facts["published"]["total"]
    if total:
        parts.append(_total(total, version))
    return parts


def _total(total: Mapping[str, int], version: str) -> str:
    least, most = w.integer(total["least"]), w.integer(total["most"])
    together = (
        f"{least} studies" if total["least"] == total["most"] else f"between {least} and {most} studies"
    )
    text = (
        f"Version {version} held {w.studies(total['previous'])}, the present one {w.studies(total['present'])}. Together they hold "
        f"**{together}**: at least the larger of the two numbers"
    )
    if total["later"]:
        text += (
            f" and at least the earlier studies with the {w.integer(total['later'])} of the present ones that "
            f"{'was' if total['later'] == 1 else 'were'} published later"
        )
    text += ", at most the sum"
    if total["shared"]:
        text += f" less the {w.integer(total['shared'])} known to be in both"
    return f"{text}."


def side_by_side(facts: Facts) -> list[str]:
    """The table of printed figures beside the present data."""
    rows = [
        [
            markdown(f["name"][:1].upper() + f["name"][1:]),
            f["published"],
            f["ours"],
            f["verdict"],
        ]
        for f in facts["published"]["figures"]
    ]
    version = markdown(facts["before"]["version"])
    columns = [
        Column("Figure", 3),
        Column(f"{version}, published", 3),
        Column("Present data", 3),
        Column("Do they agree?", 4),
    ]
    caption = (
        f"Figures that version {version} printed (published, not recomputed; intervals of printed counts are ours) beside the present "
        "data. Equal counts may be the same patients."
    )
    parts = ["# Side by side", Table("changes-published", caption, columns, rows).markdown()]
    same = [f["name"] for f in facts["published"]["figures"] if f["same_data"]]
    if same:
        parts.append(
            f"For {w.listed([markdown(n) for n in same])} the present data hold the same count with the same denominator: very likely the "
            "same patients, not the agreement of two findings."
        )
    parts.append(
        f"The present version makes {w.integer(facts['claims']['now'])} claims of its own. None is told as moved: the table quotes "
        "figures beside each other, and what a difference would be due to is not comparable."
    )
    return parts
