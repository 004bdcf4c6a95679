"""What an update does to the conclusions: alerts in three levels, from the evidence of this build and of an earlier release.

*Information*: an estimate moved further than the pre-set points, the interval for a new study changed its width, the inputs of certainty changed, or
there is nothing that this state could be compared with. *Amber*: the printed interval crossed the threshold, the state of a conclusion without an
interval changed, or a row of the sensitivity set, leave-one-out or a proposed judgement of certainty flipped. *Red*: the interval at 99 %
crossed the threshold, did so whichever study is left out (two or more must remain), and still does at the release after the one that first saw it.

A crossing waits in ``pending`` from the release that first sees it to the next one; ``established`` is the side that last counted as
firm: that of the first look at which the conclusion could be judged, then that of the last red alert. Nothing is compared with a published version or with a state that cannot be judged: that is information only. Looks are counted
and printed; no error rate is spent over them (notes on why: :mod:`livingreview.synthesis.firmness`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.protocol_predicates import OPEN
from livingreview.synthesis.fitting import ABOVE, BELOW, UNDECIDED

Row = Mapping[str, Any]

NONE, INFORMATION, AMBER, RED = "none", "information", "amber", "red"
LEVELS = (NONE, INFORMATION, AMBER, RED)
PUBLISHED = "published"
CONCLUSIONS = Path("build/claims/conclusions.json")
NOTICES = Path("build/extract/notices.json")

_LIES = {
    ABOVE: "lies above the threshold",
    BELOW: "lies below the threshold",
    UNDECIDED: "includes the threshold",
    None: "could not be estimated",
}
_STATES = {"holds": "holds", "does_not_hold": "does not hold", "cannot_be_judged": "cannot be judged"}


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert on one conclusion. ``reasons`` are clauses ready to print, the gravest first; ``pending`` is the side of the threshold on
    which a firm crossing waits for the next release, ``established`` the side that counts as firm so far."""

    conclusion: str
    name: str
    level: str
    reasons: tuple[str, ...]
    pending: str | None
    established: str | None

    def to_json(self) -> dict[str, Any]:
        """JSON-ready fields without the name of the conclusion."""
        return {
            "level": self.level,
            "reasons": list(self.reasons),
            "pending": self.pending,
            "established": self.established,
        }


def compare(
    present: Sequence[Row], previous: Sequence[Row] | None, *, previous_kind: str | None, look: int
) -> list[Alert]:
    """An alert for each conclusion of ``present``, then one for each that only ``previous`` declares.

    Both are lists as in ``build/claims/conclusions.json``; ``previous`` is None without an earlier release (``previous_kind`` None) and
    for a published version (``previous_kind`` ``published``). ``look`` is the number of the present look.
    """
    before = {entry["id"]: entry for entry in previous or ()} if previous_kind != PUBLISHED else {}
    found = []
    for entry in present:
        if previous_kind is None:
            found.append(_alone(entry, []))
        elif previous_kind == PUBLISHED:
            found.append(
                _alone(
                    entry, ["the version before this one was published and not recomputed: not comparable"]
                )
            )
        elif entry["id"] not in before:
            found.append(_alone(entry, ["declared since the last release: nothing to compare with"]))
        else:
            found.append(_against(entry, before[entry["id"]], look))
    here = {entry["id"] for entry in present}
    for gone in (entry for key, entry in before.items() if key not in here):
        found.append(
            Alert(gone["id"], gone["name"], INFORMATION, ("no longer declared as a conclusion",), None, None)
        )
    return found


def _alone(entry: Row, told: list[str]) -> Alert:
    """The first look at a conclusion: what is firm now is what later looks are held against."""
    return Alert(entry["id"], entry["name"], INFORMATION if told else NONE, tuple(told), None, _firm(entry))


def _firm(entry: Row) -> str | None:
    """The side on which the interval at the firm level lies whichever study is left out; None where it does not."""
    firm = (entry.get("evidence") or {}).get("firm") or {}
    judged = entry["state"] != OPEN and firm.get("survives")
    return firm["position"] if judged else None


def _against(now: Row, then: Row, look: int) -> Alert:
    if (changed := _redeclared(now, then)) is not None:
        return _alone(now, [changed])
    firm = _firm(now)
    stored = then.get("alert") or {}
    # a release remembers its own look: compared with it before the next one, nothing has persisted yet
    waiting, established = stored.get("pending"), stored.get("established")
    states = (then["state"], now["state"])
    if OPEN in states:
        told = list(_moved(now, then))
        if states[0] != states[1]:
            told.insert(0, f"{_STATES[states[1]]} now, before: {_STATES[states[0]]}")
        level = INFORMATION if told else NONE
        if established is None:
            return Alert(now["id"], now["name"], level, tuple(told), None, firm)
        pending = firm if firm != established else None
        return Alert(now["id"], now["name"], level, tuple(told), pending, established)
    red, amber, information = [], list(_flips(now, then)), list(_moved(now, then))
    pending = None
    if firm is not None and firm != established:
        at = _level(now["evidence"]["firm"]["level"])
        if waiting == firm and stored.get("look") != look:
            red.append(
                f"the {at} interval {_LIES[firm]}, whichever study is left out, and did so at the last release"
            )
            established = firm
        else:
            # seen for the first time, or the release that saw it is looked at again
            pending = firm
            if waiting != firm:
                amber.insert(
                    0,
                    f"the {at} interval {_LIES[firm]}, whichever study is left out: it becomes red if the next release agrees",
                )
    elif waiting is not None and firm != waiting:
        information.append("the crossing that the last release saw has not persisted")
    level = RED if red else AMBER if amber else INFORMATION if information else NONE
    return Alert(now["id"], now["name"], level, (*red, *amber, *information), pending, established)


def _redeclared(now: Row, then: Row) -> str | None:
    """Why two states of a conclusion are not of the same question."""
    if now["predicate"] != then["predicate"]:
        return "its predicate has been changed since the last release: not comparable"
    a, b = now.get("evidence"), then.get("evidence")
    if now.get("watch") != then.get("watch") or (a or {}).get("threshold") != (b or {}).get("threshold"):
        return "what it watches, or the threshold, has been changed since the last release: not comparable"
    return None


def _flips(now: Row, then: Row) -> Iterable[str]:
    """What makes an alert amber, as clauses."""
    a, b = now.get("evidence"), then.get("evidence")
    if now["state"] != then["state"]:
        yield f"{_STATES[now['state']]} now, before: {_STATES[then['state']]}"
    if not a or not b:
        return
    if a["position"] != b["position"]:
        level = _level(a["level"] or b["level"])
        yield f"the {level} interval {_LIES[a['position']]}, before: {_LIES[b['position']]}"
    for code, state in a["sensitivity"].items():
        known = b["sensitivity"].get(code)
        if known is not None and state is not None and state != known:
            name = (a.get("names") or {}).get(code, code)
            yield f"in the sensitivity analysis “{name}” the interval {_LIES[state]}, before: {_LIES[known]}"
    if bool(a["fragile"]) != bool(b["fragile"]):
        yield (
            "leaving out one study now moves the interval to another side"
            if a["fragile"]
            else "leaving out one study no longer moves the interval to another side"
        )
    proposed, known_judgements = _judgements(a), _judgements(b)
    for domain, judgement in proposed.items():
        known = known_judgements.get(domain)
        if known is not None and known != judgement:
            yield (
                f"the proposed judgement on {domain.replace('_', ' ')} is {judgement.replace('_', ' ')}, "
                f"before: {known.replace('_', ' ')}"
            )


def _judgements(evidence: Row) -> dict[str, str]:
    return dict((evidence.get("certainty") or {}).get("proposed") or {})


def _moved(now: Row, then: Row) -> Iterable[str]:
    """What is worth telling and no more, as clauses: movements beyond the pre-set points, and changed inputs of certainty."""
    a, b, points = now.get("evidence"), then.get("evidence"), now["information"]
    if not a or not b:
        return
    most = points["score" if a["measure"] == "score" else "share"]
    if a["value"] is not None and b["value"] is not None and _beyond(a["value"] - b["value"], most):
        yield f"the estimate moved by {_size(a['value'] - b['value'], a['measure'])}"
    if (a["value"] is None) != (b["value"] is None):
        yield (
            "there is an estimate for the first time"
            if b["value"] is None
            else "there is no estimate any more"
        )
    if a["prediction"] and b["prediction"]:
        wider = (a["prediction"][1] - a["prediction"][0]) - (b["prediction"][1] - b["prediction"][0])
        if _beyond(wider, points["interval"]):
            yield f"the interval for a new study is {'wider' if wider > 0 else 'narrower'} by {_size(abs(wider), 'share')}"
    digests = [(e.get("certainty") or {}).get("digests") for e in (a, b)]
    if digests[0] != digests[1]:
        yield "the inputs of its certainty have changed"


def _beyond(moved: float, most: float) -> bool:
    return abs(moved) > most * (1 + 1e-9)


def _size(moved: float, measure: str) -> str:
    shown = f"{moved:.2g}" if measure == "score" else f"{100 * moved:.0f} percentage points"
    return shown.replace("-", "\u2212")


def _level(level: float | None) -> str:
    return "main" if level is None else f"{100 * level:g}\u00a0%"


def gravest(alerts: Iterable[Alert]) -> str:
    """The highest level among the alerts; ``none`` without any."""
    return max((a.level for a in alerts), key=LEVELS.index, default=NONE)


def waiting(alerts: Iterable[Alert], acknowledgements: Iterable[Row], version: str) -> list[Alert]:
    """The red alerts that nobody has acknowledged for this version by name and with a reason."""
    done = {
        str(row["conclusion"])
        for row in acknowledgements
        if str(row["version"]) == version and row.get("name") and row.get("reason")
    }
    return [a for a in alerts if a.level == RED and a.conclusion not in done]


def stored(conclusions: Iterable[Row]) -> list[Alert]:
    """The alerts that a list of conclusions (as in ``conclusions.json``) carries."""
    return [
        Alert(
            c["id"],
            c["name"],
            c["alert"]["level"],
            tuple(c["alert"]["reasons"]),
            c["alert"]["pending"],
            c["alert"]["established"],
        )
        for c in conclusions
        if c.get("alert")
    ]


def unacknowledged(review: Path, root: Path) -> list[Alert]:
    """Red alerts of the present build of the review in this folder that nobody has acknowledged for its version: a release waits
    for them. ``root`` is the repository behind the review.

    Raises OSError where the gates of extraction and claims have not run.
    """
    from livingreview import protocol

    version = protocol.load(review / protocol.FILE).version
    notices = canonical.read_json(review / NOTICES)
    return waiting(
        stored(canonical.read_json(review / CONCLUSIONS)), notices["acknowledgements"], str(version)
    )
