"""Part of the change report on claims: each that moved, before and after, what it is due to, and the studies responsible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingreview.changes import marks
from livingreview.claims import wording as w
from livingreview.publish.escape import markdown
from livingreview.tables.pipe import DASH, Column, Table

Facts = Mapping[str, Any]
_LONG = 90
"""A text of more characters is a statement: it is shown as one text with its changes marked, and not in two columns."""
GENERAL = {
    "included": "Included studies",
    "flow": "Search and selection",
    "review": "The review itself",
    "previous": "The previous version",
}


def claims(facts: Facts, names: Mapping[str, str]) -> list[str]:
    """The section: first the claims that documents print, by therapy or subject, then all others."""
    moved = facts["claims"]["moved"]
    parts = ["# Claims that moved"]
    if not moved:
        return [*parts, "No claim moved."]
    parts.append(attribution(facts["claims"]["attribution"]))
    printed = [m for m in moved if m["printed"]]
    others = [m for m in moved if not m["printed"]]
    for group in _groups(printed, names):
        parts += _group(group, [m for m in printed if _group_of(m) == group], names)
    if others:
        short = [m for m in others if not _statement(m)]
        long = [m for m in others if _statement(m)]
        parts.append("## Claims that no document prints")
        parts.append(
            f"```{{=html}}\n<details><summary>{w.counted(len(others), 'claim', 'claims')}</summary>\n```"
        )
        if short:
            parts.append(_numbers("others", "Claims that moved and print in no document.", short))
        parts += ["\n".join(_statement_lines(long))] if long else []
        parts.append("```{=html}\n</details>\n```")
    return parts


def attribution(found: Facts) -> str:
    """How shares were computed, in words."""
    links = found["links"]
    text = (
        "What a move is due to was computed by rebuilding the cheap steps (extraction, synthesis, claims) between the two versions. "
        "Changes were applied one after the other: "
        f"{'; then '.join(links)}. The shares of a number add up to its whole move. In another order they could differ where changes act "
        "together. A statement has no shares; it names each change at which it became another."
    )
    if found["same_code"]:
        text += " Code and locked versions of the software are those of the earlier version."
    for factor, why in found["refused"].items():
        text += f" The data with only *{factor}* added would be no valid review ({markdown(why)}), so this change goes together with the next."
    return text


def _group_of(claim: Facts) -> str:
    return str(claim["key"]).split(".", 1)[0]


def _groups(moved: Iterable[Facts], names: Mapping[str, str]) -> list[str]:
    """Therapies in the protocol's order, then the rest by name."""
    found = dict.fromkeys(_group_of(m) for m in moved)
    rank = {code: n for n, code in enumerate(names)}
    return sorted(found, key=lambda g: (rank.get(g, len(rank)), g))


def _group(group: str, moved: Sequence[Facts], names: Mapping[str, str]) -> list[str]:
    title = names.get(group) or GENERAL.get(group) or markdown(group.replace("_", " ").capitalize())
    short = [m for m in moved if not _statement(m)]
    long = [m for m in moved if _statement(m)]
    parts = [f"## {title}"]
    if short:
        parts.append(_numbers(group, f"{title}: numbers that documents print.", short))
    if long:
        parts.append("Statements that changed:")
        parts += ["\n".join(_statement_lines(long))]
    return parts


def _numbers(label: str, caption: str, moved: Sequence[Facts]) -> str:
    columns = [
        Column("Claim", 4),
        Column("Before", 2.2),
        Column("Now", 2.2),
        Column("Due to", 3),
        Column("Studies responsible", 3),
    ]
    rows = [
        [
            f"{_name(m)} (`{m['key']}`)",
            _side(m, "before"),
            _side(m, "after"),
            due(m),
            marks.studies(m["labels"]) or DASH,
        ]
        for m in moved
    ]
    return Table(f"changes-claims-{label.replace('_', '-')}", caption, columns, rows).markdown()


def _statement(claim: Facts) -> bool:
    return any(len((claim[side] or {}).get("text", "")) > _LONG for side in ("before", "after"))


def _statement_lines(moved: Iterable[Facts]) -> Iterable[str]:
    for m in moved:
        texts = [(m[side] or {}).get("text", "") for side in ("before", "after")]
        why = f"Due to {due(m)}."
        if m["labels"]:
            why += f" Studies: {marks.studies(m['labels'])}."
        yield f"- {_name(m)} (`{m['key']}`): {marks.texts_differ(*texts)} *{why}*"


def _name(claim: Facts) -> str:
    text = markdown(claim["definition"]) or markdown(claim["key"])
    return text[:1].upper() + text[1:]


def _side(claim: Facts, side: str) -> str:
    found = claim[side]
    if found is None:
        return "(no such claim)"
    text = str(found["text"])
    return (
        text if len(text) <= 3 * _LONG else markdown(marks.plain(text)[: 3 * _LONG].rsplit(" ", 1)[0]) + " …"
    )


def due(claim: Facts) -> str:
    """What a move is due to: each factor with its share where the claim is a number, ``not determined`` where no rebuild shows it."""
    parts = claim["due"]["parts"]
    if not parts:
        return "not determined"
    return "; ".join(
        f"{p['name']} {marks.signed(p['share'], claim)}" if p["share"] and len(parts) > 1 else p["name"]
        for p in parts
    )
