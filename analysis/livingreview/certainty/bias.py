"""Where the certainty of an outcome starts, and risk of bias from the critical appraisal, item by item.

Judgements are counted and never summed into a score. ``unclear`` means that the information was missing to us: it is never a
flaw, and it never shows that an item is met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livingreview.appraisal import UNCLEAR
from livingreview.certainty.body import Body
from livingreview.certainty.domains import Domain, Proposal, part_of, who
from livingreview.certainty.model import Input
from livingreview.certainty.words import Words
from livingreview.protocol_grade import LEVELS

MET = "yes"
"""Accepted where the protocol does not say for a tool which items bear on the result."""
NEUTRAL = "not_applicable"

Bearing = Mapping[str, Mapping[str, Sequence[str]]]
"""By tool, the items that bear on the result and the judgements that meet each."""


@dataclass(frozen=True, slots=True)
class Appraised:
    """Items of one study that bear on the result: how many are judged not met, and how many nobody could judge."""

    flaws: int
    unknown: int

    @property
    def met(self) -> bool:
        """Every item that bears on the result is met."""
        return not self.flaws and not self.unknown


def start(body: Body, words: Words, section: Mapping[str, Any]) -> tuple[str, str]:
    """The level that the evidence starts at, and why: the lowest that a design of it starts at by protocol (Guyatt 2008)."""
    counts = Counter(m.design or "" for m in body.members)
    levels = {design: str(section["start"].get(design, section["start_otherwise"])) for design in counts}
    lowest = min(levels.values(), key=LEVELS.index)
    names = {**words.designs, "": "Design not reported"}
    tally = words.tally(dict(sorted(counts.items())), names)
    mixed = len(set(levels.values())) > 1
    reason = f"Starts at {words.judgement(lowest).lower()} by the designs of the studies ({tally})"
    return lowest, reason + (", the lowest of them counts." if mixed else ".")


def risk_of_bias(body: Body, words: Words, appraisal: Mapping[str, Any], bearing: Bearing) -> Domain:
    """Risk of bias by the items that bear on the result.

    Most of the evidence in studies with an item judged not met: serious; with two such items: very serious; in studies that
    meet every such item: not serious. Anything between cannot be judged from what could be read. It is rated down by one level, because a low risk cannot be
    shown and certainty is what we can show (Cochrane Handbook 14.2.2: unclear risk that raises some doubt); it is never rated down by more.
    """
    by_study = {s["study_id"]: s for s in appraisal["studies"]}
    tools = appraisal["tools"]
    known = {m.study_id: _appraised(by_study.get(m.study_id), tools, bearing) for m in body.members}
    flawed = {s for s, a in known.items() if a and a.flaws}
    twice = {s for s, a in known.items() if a and a.flaws > 1}
    met = {s for s, a in known.items() if a and a.met}
    unclear = {s for s, a in known.items() if a is None or (a.unknown and not a.flaws)}
    inputs = [*who(body, words)]
    designs = dict(sorted(Counter(m.design or "not_reported" for m in body.members).items()))
    names = {**words.designs, "not_reported": "not reported"}
    inputs.append(Input("designs", "Designs", designs, words.tally(designs, names)))
    inputs += _items(body, by_study, tools, bearing, appraisal["judgements"])
    parts = {
        code: part_of(code, label, body, words, chosen)
        for code, label, chosen in (
            ("met", "In studies that meet every item that bears on the result", met),
            ("flawed", "In studies with an item judged not met", flawed),
            ("flawed_twice", "In studies with two or more items judged not met", twice),
            ("unclear", "In studies without a shown flaw, with an item nobody could judge", unclear),
        )
    }
    found = (*inputs, *(p.given for p in parts.values()))
    if parts["flawed_twice"].most:
        reason = f"{parts['flawed_twice'].says} with at least two items judged not met."
        return found, Proposal("very_serious", reason)
    if parts["flawed"].most:
        return found, Proposal("serious", f"{parts['flawed'].says} with an item judged not met.")
    if parts["met"].most:
        reason = f"{parts['met'].says} in which every item that bears on the result is met."
        return found, Proposal("not_serious", reason)
    shown, hidden = (parts[code].given.value[0] for code in ("flawed", "unclear"))
    reason = (
        f"{parts['met'].says} in which every item that bears on the result is known to be met. For {shown} an item is judged not met, "
        f"and for {hidden} items are unclear, because the information was missing to us. Rated down by one level because a low risk "
        "of bias cannot be shown; missing information is no finding against a study."
    )
    return found, Proposal("serious", reason, "low risk cannot be shown")


def _appraised(
    study: Mapping[str, Any] | None, tools: Mapping[str, Any], bearing: Bearing
) -> Appraised | None:
    """What is known of one study; None where nobody appraised it."""
    if study is None:
        return None
    wanted = _wanted(study["tool"], tools, bearing)
    given = {number: study["items"].get(number) for number in wanted}
    flaws = sum(j not in (None, UNCLEAR, NEUTRAL, *wanted[n]) for n, j in given.items())
    unknown = sum(j in (None, UNCLEAR) for j in given.values())
    return Appraised(flaws, unknown)


def _wanted(tool: str, tools: Mapping[str, Any], bearing: Bearing) -> Mapping[str, Sequence[str]]:
    """Items of a tool that bear on the result, with the judgements that meet them; all items where the protocol names none."""
    if named := bearing.get(tool):
        return named
    return {str(item["item_number"]): (MET,) for item in (tools.get(tool) or {}).get("items", ())}


def _items(
    body: Body,
    by_study: Mapping[str, Mapping[str, Any]],
    tools: Mapping[str, Any],
    bearing: Bearing,
    judgements: Mapping[str, Any],
) -> list[Input]:
    """One input for each item that bears on the result: how many studies got each judgement."""
    found = []
    appraised = [by_study[m.study_id] for m in body.members if m.study_id in by_study]
    for tool in tools:
        studies = [s for s in appraised if s["tool"] == tool]
        wanted = _wanted(tool, tools, bearing)
        labels = {str(i["item_number"]): i["item_label"] for i in tools[tool].get("items", ())}
        for number in sorted(wanted, key=int) if studies else ():
            given = [s["items"].get(number) for s in studies]
            counts = {j: given.count(j) for j in judgements if given.count(j)}
            if given.count(None):
                counts["missing"] = given.count(None)
            names = {**{j: judgements[j]["label"] for j in judgements}, "missing": "Not judged"}
            shown = ", ".join(f"{names[j]}: {n}" for j, n in counts.items())
            title = f"{tools[tool]['short']}, item {number} ({labels.get(number, 'no label')})"
            found.append(Input(f"{tool}_{number}", title, counts, shown))
    if left := len(body.members) - len(appraised):
        found.append(Input("not_appraised", "Studies nobody appraised", left, str(left)))
    return found
