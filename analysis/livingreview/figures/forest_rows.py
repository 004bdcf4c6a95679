"""The rows of a forest: studies by unit and construct, crude totals, and what is not reported.

Rows of declared analyses come from :mod:`livingreview.figures.forest_pooled`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from livingreview.figures import analysed, words
from livingreview.figures.percent_axis import PercentAxis
from livingreview.figures.sheet import FULL_WIDTH, line_height, small, wrap
from livingreview.figures.words import Data

LABEL = 55.6
"""Room for labels, in millimetres."""

INDENT = 2.0
WHOLE = FULL_WIDTH - INDENT - 1
"""Room for text over all columns, in millimetres."""


@dataclass(frozen=True)
class Columns:
    """Where things stand: centres of the three columns of counts, the axis, centre of the estimates, right end of the weights (None:
    no such column); all in millimetres."""

    counts: tuple[float, float, float]
    axis: PercentAxis
    text: float
    weight: float | None

    @property
    def said_room(self) -> float:
        """Room for words in place of an estimate, which begin at the axis and may run on to the edge."""
        return FULL_WIDTH - 1 - self.axis.left


_COUNTS = (63.4, 75.9, 87.9)
COLUMNS = Columns(_COUNTS, PercentAxis(97.0, 144.0), 160.0, None)
WITH_WEIGHTS = Columns(_COUNTS, PercentAxis(97.0, 138.5), 151.8, FULL_WIDTH)


@dataclass
class Row:
    """One line of the figure: what is printed in its columns and what is drawn.

    ``pitch`` is the height it takes where there is room, ``gap`` room above it, both in millimetres. ``words`` stand where an estimate
    would be drawn. Rows with the same ``run`` lie under one line at the ``threshold``.
    """

    kind: str
    lines: list[str]
    counts: tuple[str, str, str] = ("", "", "")
    estimate: Data | None = None
    text: str = ""
    words: list[str] = field(default_factory=list)
    weight: str = ""
    hollow: bool = False
    fitted: bool = False
    size: float = 0.0
    pitch: float = 4.8
    gap: float = 0.0
    run: int = 0
    threshold: float = 0.0
    high: float = 0.0

    @property
    def least(self) -> float:
        """Height when set as tight as can be, in millimetres."""
        return line_height(self.size) * max(1, len(self.lines), len(self.words)) + self.gap


@dataclass(frozen=True)
class Room:
    """How much a forest shows: type size of its rows, rows of studies, lines a label may take, and which multiverses."""

    size: float
    studies: int
    label_lines: int
    multiverse: str


def groups(result: Data) -> list[tuple[tuple[str, str], list[Data]]]:
    """Responses by unit and construct, in the order of the totals; the group of a primary outcome also where it is empty."""
    found: dict[tuple[str, str], list[Data]] = {}
    for total in result.get("totals") or []:
        found[total["unit"], total["construct"]] = []
    for response in result.get("responses") or []:
        found.setdefault((response["unit"], response["construct"]), []).append(response)
    kept = [(key, members) for key, members in found.items() if members]
    heard = {key for key, _ in kept}
    primary = [(a["unit"], a["construct"]) for a in analysed.analyses(result) if a["role"] == "primary"]
    return [(key, []) for key in primary if key not in heard] + kept


def shown(responses: Sequence[Data]) -> list[Data]:
    """Responses with a count."""
    return [r for r in responses if r.get("estimate")]


def silent(result: Data) -> list[Data]:
    """Studies in none of the responses: nothing is reported of how many responded."""
    heard = {r["study_id"] for r in result.get("responses") or []}
    return [s for s in result.get("studies") or [] if s["study_id"] not in heard]


def total_of(result: Data, unit: str, construct: str) -> Data | None:
    """The crude total of a unit and construct."""
    totals = result.get("totals") or []
    return next((t for t in totals if (t["unit"], t["construct"]) == (unit, construct)), None)


def study_rows(members: list[Data], analysis: Data | None, most: int, room: Room) -> list[Row]:
    """The studies of a group, at most ``most`` of them: the largest, then a line that counts the others."""
    kept = members
    if len(members) > most:
        ordered = sorted(members, key=lambda r: (-_size(r), r["label"]))[:most]
        chosen = {id(r) for r in ordered}
        kept = [r for r in members if id(r) in chosen]
    seen = Counter(r["label"] for r in kept)
    arm: Counter[str] = Counter()
    used = analysed.used_arms(analysis) if analysis else set()
    weights = (
        {s["study_id"]: s["weight"] for s in analysis["studies"] if s["weight"] is not None}
        if analysis
        else {}
    )
    rows = []
    for response in kept:
        label = response["label"]
        arm[label] += 1
        row = _study(response, f"{label}, arm {arm[label]}" if seen[label] > 1 else label, room)
        if analysis and row.estimate:
            row.hollow = (response["study_id"], response["arm_id"]) not in used
        if (
            response.get("estimate")
            and not row.hollow
            and (weight := weights.pop(response["study_id"], None))
        ):
            row.weight = f"{weight * 100:.1f}"
        rows.append(row)
    if len(kept) < len(members):
        text = f"and {words.count(len(members) - len(kept), 'smaller result')}, not drawn"
        rows.append(Row("more", [text], size=room.size))
    return rows


def _size(response: Data) -> int:
    return int(response["estimate"]["total"]) if response.get("estimate") else -1


def _study(response: Data, label: str, room: Room) -> Row:
    estimate = response.get("estimate")
    treated, missing = response.get("treated"), response.get("unreported")
    row = Row(
        "study", wrap(label, LABEL, room.size, most=room.label_lines), estimate=estimate, size=room.size
    )
    if estimate:
        row.hollow = response.get("used") is False
        counts = f"{estimate['events']}/{estimate['total']}"
        row.counts = (counts, words.number(treated), words.number(missing))
        row.text = words.interval(estimate)
        return row
    n = treated if treated is not None else response.get("total")
    row.counts = (words.DASH, words.number(treated), words.number(missing))
    row.words = ["not reported" if n is None else f"not reported (n = {n})"]
    if response.get("at_least"):
        row.words = [f"at least {response['at_least']} of {words.number(response.get('total'))}"]
    return row


def left_out_rows(members: list[Data], analysis: Data, room: Room) -> list[Row]:
    """One note that names the studies of the group with a count which the analysis leaves out, with the reason of each."""
    reasons = {o["study_id"]: o["reason"] for o in analysis["left_out"]}
    used = analysed.used_arms(analysis)
    named = []
    for r in shown(members):
        reason = reasons.get(r["study_id"]) or r.get("reason")
        if (r["study_id"], r["arm_id"]) not in used and reason:
            named.append(f"{r['label']} ({analysed.lower_first(reason.rstrip('.'))})")
    if not named:
        return []
    text = f"Not in the analysis: {'; '.join(named)}"
    lines = wrap(text, WHOLE, small(), most=room.label_lines)
    return [Row("note", lines, size=small(), pitch=0)]


def crude_rows(total: Data | None, room: Room) -> list[Row]:
    """The crude total, and the same if all units not reported were failures."""
    estimate = total.get("estimate") if total else None
    if not total or not estimate:
        return []
    counts = (f"{estimate['events']}/{estimate['total']}", *words.treated(total))
    text = words.interval(estimate)
    rows = [Row("total", ["Crude total (not a model)"], counts, estimate, text, size=room.size, gap=0.6)]
    worst = total.get("if_failures")
    if worst and total.get("unreported"):
        counts = (f"{worst['events']}/{worst['total']}", "", "")
        label = ["if all not reported were failures"]
        rows.append(Row("worst", label, counts, worst, words.interval(worst), size=room.size))
    return rows


def silent_rows(result: Data, room: Room) -> list[Row]:
    """Studies that report no response, by name."""
    found = silent(result)
    if not found:
        return []
    most = min(20, max(3, room.studies // 3))
    rows = [Row("group", ["Response not reported"], size=room.size, gap=1.6)]
    for study in found[:most]:
        n = study.get("n_patients")
        row = Row("study", wrap(study["label"], LABEL, room.size, most=room.label_lines), size=room.size)
        row.counts = ("", words.number(n), "")
        row.words = ["not reported" if n is None else f"not reported (n = {n})"]
        rows.append(row)
    if len(found) > most:
        rows.append(Row("more", [f"and {words.studies(len(found) - most)} more"], size=room.size))
    return rows
