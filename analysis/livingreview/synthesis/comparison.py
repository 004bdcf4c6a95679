"""Therapies side by side, and what an earlier version published beside what is counted now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from livingreview.synthesis import records
from livingreview.synthesis.estimates import Estimate
from livingreview.synthesis.proportions import proportion
from livingreview.synthesis.therapy import TherapyResult


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """Reported responses of one therapy on one construct and unit. ``no_data``: no study of the therapy reports a count
    (construct None: on no construct at all); the numbers of responders are then None, the treated ones stay."""

    therapy: str
    name: str
    short_name: str
    colour: str
    unit: str
    construct: str | None
    no_data: bool
    k: int
    studies: int
    responders: int | None
    evaluated: int
    treated: int
    treated_is_minimum: bool
    unreported: int
    complete_events: int | None
    complete_total: int | None
    estimate: Estimate | None
    if_failures: Estimate | None
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready dictionary of the fields."""
        return dict(records.to_json(self))


@dataclass(frozen=True, slots=True)
class SameCount:
    """A count of ours with the same events of the same total as a published one."""

    therapy: str
    name: str
    quantity: str
    unit: str
    construct: str | None
    studies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishedCount:
    """A count that the earlier version published, with the exact interval that it implies.

    ``path`` are the keys under which it stands. ``note`` always says that it is not recomputed;
    ``probably_same_data`` is True where one of our own counts coincides (``matches``): that is then the same patients
    seen twice, never an agreement of two sources.
    """

    path: tuple[str, ...]
    events: int
    total: int
    estimate: Estimate
    note: str
    probably_same_data: bool
    matches: tuple[SameCount, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON-ready dictionary of the fields."""
        return dict(records.to_json(self))


@dataclass(frozen=True, slots=True)
class Everybody:
    """All patients and studies of the review, those in several therapies once. ``treated`` is a minimum where
    ``treated_unknown`` groups of patients have no reported size."""

    studies: int
    treated: int
    treated_unknown: int

    def to_json(self) -> dict[str, Any]:
        """JSON-ready dictionary of the fields."""
        return dict(records.to_json(self))


def treated(results: Mapping[str, TherapyResult]) -> Everybody:
    """Studies and patients over all therapies: a patient treated with two of them (arms that share patients) counts once."""
    groups: dict[tuple[str, str], tuple[bool, int]] = {}
    for result in results.values():
        for study in result.studies:
            for people in study.people:
                key = (study.study_id, people.first_arm)
                known, n = groups.get(key, (False, 0))
                groups[key] = (known or people.n is not None, max(n, people.at_least))
    return Everybody(
        studies=len({s.study_id for r in results.values() for s in r.studies}),
        treated=sum(n for _, n in groups.values()),
        treated_unknown=sum(not known for known, _ in groups.values()),
    )


def compare(results: Mapping[str, TherapyResult]) -> tuple[ComparisonRow, ...]:
    """One row for each total of each therapy, in the order of ``results``; a therapy without any total gets one row
    that says so. Rows of different constructs or units are not comparable with each other."""
    rows: list[ComparisonRow] = []
    for code, result in results.items():
        rows += [
            _row(
                code,
                result,
                unit=t.unit,
                construct=t.construct,
                no_data=t.k == 0,
                k=t.k,
                responders=t.responders if t.k else None,
                evaluated=t.evaluated,
                treated=t.treated,
                treated_is_minimum=t.treated_unknown > 0,
                unreported=t.unreported,
                complete_events=t.complete.events,
                complete_total=t.complete.total,
                estimate=t.estimate,
                if_failures=t.if_failures,
                warnings=t.warnings,
            )
            for t in result.totals
        ]
        if not result.totals:
            rows.append(
                _row(
                    code,
                    result,
                    unit="patient",
                    construct=None,
                    no_data=True,
                    k=0,
                    responders=None,
                    evaluated=0,
                    treated=result.patients.treated,
                    treated_is_minimum=result.patients.treated_is_minimum,
                    unreported=result.patients.treated,
                    complete_events=None,
                    complete_total=None,
                    estimate=None,
                    if_failures=None,
                    warnings=result.warnings[:1],
                )
            )
    return tuple(rows)


def _row(code: str, result: TherapyResult, **fields: Any) -> ComparisonRow:
    therapy = result.therapy
    name = str(therapy["name"])
    return ComparisonRow(
        therapy=code,
        name=name,
        short_name=str(therapy.get("short_name", name)),
        colour=str(therapy.get("colour", "#000000")),
        studies=len(result.studies),
        **fields,
    )


def previous(
    published: Mapping[str, Any], results: Mapping[str, TherapyResult], level: float = 0.95
) -> tuple[PublishedCount, ...]:
    """Every ``{events, total}`` in what the earlier version published, at whatever depth, with its exact interval.

    A count under a therapy's code is compared with that therapy, any other with all therapies. Raises ValueError for
    impossible published counts.
    """
    own = list(_own_counts(results))
    found = []
    for path, events, total in _counts(published, ()):
        within = {p for p in path if p in results} or set(results)
        matches = tuple(match for match, e, n in own if (e, n) == (events, total) and match.therapy in within)
        found.append(
            PublishedCount(
                path=path,
                events=events,
                total=total,
                estimate=proportion(
                    events, total, unit="published", level=level, warnings=("published, not recomputed",)
                ),
                note="published, not recomputed",
                probably_same_data=bool(matches),
                matches=matches,
            )
        )
    return tuple(found)


def _counts(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int, int]]:
    if not isinstance(node, Mapping):
        return
    if isinstance(node.get("events"), int) and isinstance(node.get("total"), int):
        yield path, node["events"], node["total"]
    for key in sorted(node):
        yield from _counts(node[key], (*path, str(key)))


def _own_counts(results: Mapping[str, TherapyResult]) -> Iterator[tuple[SameCount, int, int]]:
    """Counts of ours: of single studies (a published number is often one study's) and totals of several studies."""
    for code, result in results.items():
        name = str(result.therapy["name"])
        for r in result.responses:
            for quantity, events in (("complete", r.complete), ("responders", r.responders)):
                if events is not None and r.total:
                    yield SameCount(code, name, quantity, r.unit, r.construct, (r.label,)), events, r.total
        labels = {s.study_id: s.label for s in result.studies}
        for t in result.totals:
            if t.k > 1:
                told = tuple(labels[s] for s in t.used)
                yield (
                    SameCount(code, name, "responders", t.unit, t.construct, told),
                    t.responders,
                    t.evaluated,
                )
                if t.complete.estimate is not None and t.complete.events is not None and t.complete.k > 1:
                    who = tuple(labels[s] for s in t.complete.estimate.used)
                    yield (
                        SameCount(code, name, "complete", t.unit, t.construct, who),
                        t.complete.events,
                        t.complete.total or 0,
                    )
        for h in result.harms.rows:
            if h.events is not None and h.total:
                yield SameCount(code, name, h.category, h.unit, None, (h.label,)), h.events, h.total
        for again in result.recurrence.rows:
            if again.events is not None and again.total:
                yield (
                    SameCount(code, name, "recurrence", again.unit, None, (again.label,)),
                    again.events,
                    again.total,
                )
