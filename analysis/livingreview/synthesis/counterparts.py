"""What of the present data stands beside a published figure, as the protocol declares it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from livingreview.synthesis.estimates import Estimate
from livingreview.synthesis.proportions import proportion
from livingreview.synthesis.sentences import noun
from livingreview.synthesis.therapy import TherapyResult

Row = Mapping[str, Any]
Results = Mapping[str, TherapyResult]


@dataclass(frozen=True, slots=True)
class Count:
    """A count of ours, of one study or (``label`` says so) of several."""

    label: str
    events: int
    total: int


@dataclass(frozen=True, slots=True)
class Ours:
    """What is ours: an ``estimate`` with its interval, or plain ``numbers`` (median, mean, min, max) without one, or neither,
    and then ``missing`` is a sentence why. ``what`` names it; ``counts`` are those in which published patients may be seen again."""

    kind: str
    what: str
    estimate: Estimate | None
    numbers: dict[str, float]
    counts: tuple[Count, ...]
    used: tuple[str, ...]
    missing: str | None


def counterpart(declared: Row | None, results: Results, units: Mapping[str, Any]) -> Ours:
    """Our result for one entry of the protocol's ``comparisons`` (None: none is declared). Raises KeyError where its therapy
    has no result or its analysis is not among the therapy's."""
    if declared is None:
        return _none("undeclared", "", "No result of the present data is declared to stand beside it.")
    if declared.get("nothing"):
        text = str(declared["nothing"]).strip()
        return _none("nothing", "", text if text.endswith(".") else f"{text}.")
    code = declared.get("therapy")
    chosen = {code: results[code]} if code else dict(results)
    readers: dict[str, Callable[[Row, Results, Mapping[str, Any]], Ours]] = {
        "analysis": _analysis,
        "harm": _harm,
        "recurrence": _recurrence,
        "dose": _dose,
        "score": _score,
    }
    kind = next(k for k in readers if declared.get(k) is not None)
    return readers[kind](declared, chosen, units)


def _none(kind: str, what: str, missing: str) -> Ours:
    return Ours(kind, what, None, {}, (), (), missing)


def _of(chosen: Results) -> str:
    """``of`` and its name for one therapy, nothing for all."""
    names = [str(r.therapy["name"]) for r in chosen.values()]
    return f" of {names[0][:1].lower()}{names[0][1:]}" if len(names) == 1 else ""


def _analysis(declared: Row, chosen: Results, units: Mapping[str, Any]) -> Ours:
    (result,) = chosen.values()
    found = {a.code: a for a in result.analyses}[declared["analysis"]]
    if found.main.estimate is None:
        return _none("analysis", found.name, f"No study{_of(chosen)} gives a count for “{found.name}”.")
    counts = [Count(s.label, s.events, s.total) for s in found.studies]
    if found.k > 1:
        counts.append(Count(f"{found.k} studies together", found.events, found.n))
    return Ours(
        kind="analysis",
        what=found.name,
        estimate=found.main.estimate,
        numbers={},
        counts=tuple(counts),
        used=tuple(s.study_id for s in found.studies),
        missing=None,
    )


def _harm(declared: Row, chosen: Results, units: Mapping[str, Any]) -> Ours:
    category = str(declared["harm"])
    totals = [
        t for r in chosen.values() for t in r.harms.totals if t.category.casefold() == category.casefold()
    ]
    counted = [t.estimate for t in totals if t.estimate is not None]
    if not counted:
        verb = "counts this harm, though it is named" if totals else "counts this harm"
        return _none("harm", category, f"No study{_of(chosen)} {verb} (“{category}”).")
    rows = [h for r in chosen.values() for h in r.harms.rows if h.category.casefold() == category.casefold()]
    single = [
        Count(h.label, h.events, h.total)
        for h in rows
        if h.used and h.events is not None and h.total is not None
    ]
    return _summed("harm", category, counted, single, chosen)


def _recurrence(declared: Row, chosen: Results, units: Mapping[str, Any]) -> Ours:
    unit = str(declared["recurrence"])
    what = f"recurrence in {noun(2, unit, units)}"
    totals = [t for r in chosen.values() for t in r.recurrence.totals if t.unit == unit]
    if not totals:
        return _none("recurrence", what, f"No study{_of(chosen)} counts {what}.")
    if len({t.denominator for t in totals}) > 1:
        return _none(
            "recurrence",
            what,
            f"The present counts of {what} are out of different groups (all evaluated, or responders only) and are not summed.",
        )
    rows = [r for result in chosen.values() for r in result.recurrence.rows if r.used and r.unit == unit]
    single = [Count(r.label, r.events, r.total) for r in rows if r.events is not None and r.total is not None]
    return _summed("recurrence", what, [t.estimate for t in totals], single, chosen)


def _summed(kind: str, what: str, totals: list[Estimate], single: list[Count], chosen: Results) -> Ours:
    """Crude sum of the therapies' totals. Totals in different units, or of people who may be the same in two therapies, are not summed."""
    if len({t.unit for t in totals}) > 1:
        return _none(kind, what, f"The present counts of {what} are in different units and are not summed.")
    ids = tuple(dict.fromkeys(study for t in totals for study in t.used))
    if _shared(chosen, set(ids)):
        return _none(
            kind,
            what,
            f"The present counts of {what} hold the same people under two therapies and are not summed.",
        )
    events, total = sum(t.events or 0 for t in totals), sum(t.total or 0 for t in totals)
    estimate = proportion(
        events,
        total,
        unit=totals[0].unit,
        level=totals[0].level,
        method="clopper_pearson" if events else "clopper_pearson_one_sided",
        k=len(ids),
        used=ids,
    )
    together = [Count(f"{len(ids)} studies together", events, total)] if len(single) > 1 else []
    return Ours(kind, what, estimate, {}, (*single, *together), ids, None)


def _shared(chosen: Results, ids: set[str]) -> bool:
    seen: set[tuple[str, str]] = set()
    for result in chosen.values():
        here = {(s.study_id, p.first_arm) for s in result.studies if s.study_id in ids for p in s.people}
        if here & seen:
            return True
        seen |= here
    return False


def _dose(declared: Row, chosen: Results, units: Mapping[str, Any]) -> Ours:
    (result,) = chosen.values()
    name = str(declared["dose"])
    dose = result.doses.get(name)
    what = name.replace("_", " ")
    numbers = {
        key: value
        for key, value in (
            ("median", dose.median if dose else None),
            ("min", dose.min if dose else None),
            ("max", dose.max if dose else None),
        )
        if value is not None
    }
    if dose is None or not numbers:
        return _none("dose", what, f"No study{_of(chosen)} reports the {what}.")
    return Ours("dose", what, None, numbers, (), tuple(dict.fromkeys(v.study_id for v in dose.values)), None)


def _score(declared: Row, chosen: Results, units: Mapping[str, Any]) -> Ours:
    (result,) = chosen.values()
    score = next(s for s in result.scores if s.outcome == declared["score"])
    sign = -1.0 if declared.get("direction") == "fall" else 1.0
    changes = score.changes
    if changes is not None and changes.values:
        values, used = [sign * v for v in changes.values], changes.used
        centre = {"median": sign * (changes.median or 0.0)}
    else:
        series = [m for m in score.measurements if m.used and m.change is not None]
        values = [sign * m.change for m in series if m.change is not None]
        used = tuple(dict.fromkeys(m.study_id for m in series))
        centre = {"mean": values[0]} if len(values) == 1 else {}
    if not values:
        return _none(
            "score", score.name, f"No study{_of(chosen)} reports a change of “{score.name}” in numbers."
        )
    ends = {"min": min(values), "max": max(values)} if len(values) > 1 else {}
    return Ours("score", score.name, None, {**centre, **ends}, (), used, None)
