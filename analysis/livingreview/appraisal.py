"""Critical appraisal: judgements item by item. They are counted by item and never summed into a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livingreview.protocol_order import restored
from livingreview.synthesis import records

UNCLEAR = "unclear"
"""Reserved judgement: the information was missing to us, which says nothing of how the study was done."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a tool with its judgements counted over studies. ``counts`` has every judgement of the protocol, 0
    included; ``missing`` studies have none. ``share_unclear`` is of the studies judged, None without any."""

    number: int
    label: str
    signalling: str | None
    counts: dict[str, int]
    missing: int
    share_unclear: float | None


@dataclass(frozen=True, slots=True)
class AppraisedStudy:
    """One study: its judgement by item, in the order of the tool's items; None where none was given."""

    study_id: str
    label: str
    therapies: tuple[str, ...]
    judgements: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """One tool: its items and the studies judged by it; ``judged`` item judgements in all, of which ``unclear``."""

    tool: str
    name: str
    short: str
    items: tuple[Item, ...]
    studies: tuple[AppraisedStudy, ...]
    judged: int
    unclear: int
    share_unclear: float | None


@dataclass(frozen=True, slots=True)
class AppraisalResult:
    """Appraisal of all included studies by tool. There is no score here, on purpose."""

    tools: tuple[ToolResult, ...]
    judgements: dict[str, Any]
    judged: int
    unclear: int
    share_unclear: float | None
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready dictionary; :meth:`from_json` gives the equal object back."""
        return dict(records.to_json(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AppraisalResult:
        """The result that :meth:`to_json` wrote. Raises KeyError or TypeError for another shape."""
        return records.from_json(cls, data)


def appraise(data: Mapping[str, Any]) -> AppraisalResult:
    """Appraisal from the JSON of its slice: ``tools``, ``studies`` (``items``: number → judgement) and ``judgements``.

    Tools and judgements stand in the protocol's order, studies in the order of labels; a tool that judged no study is left out.
    Raises ValueError for a judgement that the protocol does not know.
    """
    data = restored(data)
    known = dict(data["judgements"])
    tools = tuple(
        _tool(code, tool, [s for s in data["studies"] if s["tool"] == code], known)
        for code, tool in data["tools"].items()
        if any(s["tool"] == code for s in data["studies"])
    )
    judged, unclear = sum(t.judged for t in tools), sum(t.unclear for t in tools)
    warnings = []
    if judged:
        warnings.append(
            f"{unclear} of {judged} item judgements are unclear because the information was missing in what could be "
            "read; this is no judgement of how the studies were done."
        )
    return AppraisalResult(
        tools, known, judged, unclear, unclear / judged if judged else None, tuple(warnings)
    )


def _tool(
    code: str, tool: Mapping[str, Any], studies: list[Mapping[str, Any]], known: dict[str, Any]
) -> ToolResult:
    numbers = sorted(int(i["item_number"]) for i in tool["items"])
    definitions = {int(i["item_number"]): i for i in tool["items"]}
    rows = []
    for study in sorted(studies, key=lambda s: (str(s["label"]), str(s["study_id"]))):
        given = {int(n): j for n, j in study["items"].items()}
        wrong = sorted({str(j) for j in given.values() if j is not None and j not in known})
        if wrong:
            raise ValueError(f"{study['study_id']}: unknown judgement {', '.join(wrong)}")
        therapies = tuple(study.get("therapies") or ())
        rows.append(
            AppraisedStudy(study["study_id"], study["label"], therapies, tuple(given.get(n) for n in numbers))
        )
    items = []
    for place, number in enumerate(numbers):
        column = [r.judgements[place] for r in rows]
        counts = {j: column.count(j) for j in known}
        given_n = sum(counts.values())
        items.append(
            Item(
                number=number,
                label=str(definitions[number]["item_label"]),
                signalling=definitions[number].get("signalling"),
                counts=counts,
                missing=len(column) - given_n,
                share_unclear=counts.get(UNCLEAR, 0) / given_n if given_n else None,
            )
        )
    judged = sum(sum(i.counts.values()) for i in items)
    unclear = sum(i.counts.get(UNCLEAR, 0) for i in items)
    return ToolResult(
        tool=code,
        name=str(tool.get("name", code)),
        short=str(tool.get("short", tool.get("name", code))),
        items=tuple(items),
        studies=tuple(rows),
        judged=judged,
        unclear=unclear,
        share_unclear=unclear / judged if judged else None,
    )
