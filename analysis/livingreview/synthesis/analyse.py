"""The declared analyses of one therapy: from its readings to the main estimate and everything that stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from livingreview.synthesis.analysis import Analysis, StudyData
from livingreview.synthesis.counting import PATIENT, Row, TherapySlice
from livingreview.synthesis.estimates import LeftOut
from livingreview.synthesis.firmness import FIRM_LEVEL, FirmLimits, firm_limits
from livingreview.synthesis.fitting import UNDECIDED, Fit, cautious_limits, cut, placed, position
from livingreview.synthesis.moderation import ADVISED_FOR_REGRESSION, regressions, subgroups
from livingreview.synthesis.pooled import Pooled
from livingreview.synthesis.proportions import proportion
from livingreview.synthesis.reanalysis import cumulative, leave_one_out
from livingreview.synthesis.records import to_json
from livingreview.synthesis.responses import ReadingRule, Response, later_than, responses, told
from livingreview.synthesis.selection import Part, parts, summed
from livingreview.synthesis.sensitivity import clustered, models, selections, verdict
from livingreview.synthesis.sentences import NO_STUDY, noun, studies, within
from livingreview.synthesis.small_studies import small_study
from livingreview.synthesis.tipping import tipping
from livingreview.synthesis.totals import Total, why_not


def analyse(data: TherapySlice) -> tuple[Analysis, ...]:
    """One analysis for each outcome that the protocol declares, in its order; one without data has k = 0 and says so.

    Empty where the slice carries no declaration.
    """
    declared = data.protocol.get("analyses")
    if not declared:
        return ()
    readings: dict[ReadingRule, tuple[Response, ...]] = {}
    found = []
    for outcome in declared["outcomes"]:
        rule = rule_of(data, outcome)
        if rule not in readings:
            readings[rule] = responses(data, rule)
        found.append(_analysis(data, declared, outcome, readings[rule]))
    return tuple(found)


def rule_of(data: TherapySlice, outcome: Row) -> ReadingRule:
    """Which report may speak for an arm in this outcome; its own time limit goes before that of all responses."""
    return ReadingRule(outcome["counts"], tuple(outcome.get("bases") or ()), outcome_limit(data, outcome))


def outcome_limit(data: TherapySlice, outcome: Row) -> float | None:
    """The latest time in months that the outcome takes, its own or that of all responses; None for any time."""
    latest = outcome.get("latest_months")
    return (data.protocol.get("response") or {}).get("latest_months") if latest is None else latest


def _because(pooled: Pooled, nothing: str) -> Pooled:
    """A result without any study says why there is none."""
    return pooled if pooled.estimate is not None else replace(pooled, reason=nothing)


def _no_count(limit: float | None, readings: Sequence[Response], counts: str) -> str:
    """Why no study enters, as a sentence: none gives a count, or only such as the outcome does not take."""
    refused: dict[str, list[str]] = {}
    for reading in readings:
        if not reading.used and reading.reason and reading.total and told(reading, counts) is not None:
            refused.setdefault(reading.study_id, []).append(reading.reason)
    too_late = "" if limit is None else later_than(limit)
    late = [s for s, reasons in refused.items() if too_late in reasons]
    others: dict[str, int] = {}
    for study, reasons in refused.items():
        if study not in late:
            others[reasons[0]] = others.get(reasons[0], 0) + 1
    clauses = [f"No study gives a count up to {limit:g} months" if late else NO_STUDY.removesuffix(".")]
    if others and not late:
        clauses = ["No study gives a count that can be used"]
    clauses += [f"{len(late)} report{'s' if len(late) == 1 else ''} only later"] if late else []
    clauses += [f"{studies(n)} with a count: {reason}" for reason, n in others.items()]
    return f"{'; '.join(clauses)}."


def _analysis(data: TherapySlice, declared: Row, outcome: Row, readings: Sequence[Response]) -> Analysis:
    from livingreview.synthesis.clusters import clusters

    unit, construct, counts = outcome["unit"], outcome["judged_on"], outcome["counts"]
    threshold = float(declared["threshold"])
    here = [r for r in readings if (r.unit, r.construct) == (unit, construct)]
    taken = parts(here, counts)
    items = summed(taken)
    left_out = _left_out(data, readings, unit, construct, {study for study, _, _ in items})
    fit = Fit(declared["primary_model"], data.level, unit)
    nothing = _no_count(outcome_limit(data, outcome), here, counts)
    main = _because(fit(items, left_out=left_out), nothing)
    beside = tuple(_because(fit(items, m), nothing) for m in declared.get("comparison_models") or ())
    lines = _studies(data, taken, main, unit)
    rows = selections(data, declared["sensitivity"], taken, here, fit, counts, threshold, nothing)
    rows = (*rows, *models(beside, items, threshold))
    events, total = sum(x for _, x, _ in items), sum(n for _, _, n in items)
    lie_in = clusters(data, [p.reading for p in taken], unit, data.level, declared.get("icc") or (), counts)
    state = position(main, threshold)
    independence = clustered(lie_in, main, threshold, unit, data.protocol.get("units") or {})
    groups = subgroups(data, declared.get("subgroups") or (), taken, fit, counts)
    slopes = regressions(data, declared.get("moderators") or (), taken, fit, counts)
    result = Analysis(
        code=outcome["code"],
        name=outcome["name"],
        role=outcome["role"],
        counts=counts,
        unit=unit,
        construct=construct,
        threshold=threshold,
        k=len(items),
        n=total,
        events=events,
        studies=lines,
        left_out=left_out,
        main=main,
        models=beside,
        sensitivity=rows,
        verdict=verdict(state, main.fitted, rows, threshold, independence),
        tipping=tipping(events, total, threshold, data.level),
        leave_one_out=leave_one_out(lines, fit, threshold),
        cumulative=cumulative(lines, fit, threshold),
        subgroups=groups,
        regressions=slopes,
        small_study=small_study(lines, main, fit),
        clusters=lie_in,
        warnings=(),
        firm=_firm(data, declared, outcome, taken, threshold),
    )
    return replace(result, warnings=_warnings(data, result, here))


def _firm(
    data: TherapySlice, declared: Row, outcome: Row, taken: Sequence[Part], threshold: float
) -> tuple[FirmLimits, ...]:
    """The limits that may be read against the threshold, at the stricter level."""
    from livingreview.synthesis.clusters import clusters

    unit, fit = outcome["unit"], Fit(declared["primary_model"], FIRM_LEVEL, outcome["unit"])

    counted = {study: (events, total) for study, events, total in summed(taken)}
    known: dict[object, tuple[float, float] | None] = {}

    def limits(without: str | None) -> tuple[float, float] | None:
        # without clusters a study is its count: of many that are alike, one is left out for all of them
        like = counted.get(without or "") if unit == PATIENT else without
        if like not in known:
            known[like] = limits_of(without)
        return known[like]

    def limits_of(without: str | None) -> tuple[float, float] | None:
        kept = [p for p in taken if p.reading.study_id != without]
        pooled = fit(summed(kept))
        if pooled.estimate is None or cut(pooled):
            return None
        readings = [p.reading for p in kept]
        lie_in = clusters(data, readings, unit, FIRM_LEVEL, declared.get("icc") or (), outcome["counts"])
        found = {"code": outcome["code"], "main": to_json(pooled), "clusters": to_json(lie_in)}
        return cautious_limits(found)[:2]

    return firm_limits(
        [(study, total) for study, _, total in summed(taken)],
        limits,
        lambda found: placed(*found, threshold) != UNDECIDED,
    )


def _left_out(
    data: TherapySlice, readings: Sequence[Response], unit: str, construct: str, used: set[str]
) -> tuple[LeftOut, ...]:
    by_study: dict[str, list[Response]] = {}
    for reading in readings:
        by_study.setdefault(reading.study_id, []).append(reading)
    return tuple(
        LeftOut(s, data.label(s), why_not(data, by_study.get(s, []), unit, construct))
        for s in data.studies
        if s not in used
    )


def _studies(data: TherapySlice, taken: Sequence[Part], main: Pooled, unit: str) -> tuple[StudyData, ...]:
    weights: dict[str, float] = {}
    if main.weights is not None and main.estimate is not None:
        weights = dict(zip(main.estimate.used, main.weights, strict=True))
    sizes: dict[str, list[int | None]] = {}
    for block in data.blocks(unit):
        sizes.setdefault(block.study_id, []).append(None if block.size is None else block.at_least)
    of: dict[str, list[Response]] = {}
    for part in taken:
        of.setdefault(part.reading.study_id, []).append(part.reading)
    lines = []
    for study_id, events, total in summed(taken):
        treated = sizes[study_id]
        size = None if None in treated else sum(n or 0 for n in treated)
        first = of[study_id][0]
        points = {r.timepoint_months for r in of[study_id]}
        weakest = max((r.basis for r in of[study_id]), key=lambda b: (b is None, data.place("bases", b)))
        lines.append(
            StudyData(
                study_id=study_id,
                label=first.label,
                year=first.year,
                design=first.design,
                source_kind=first.source_kind,
                basis=weakest,
                timepoint_months=points.pop() if len(points) == 1 else None,
                events=events,
                total=total,
                treated=size,
                unreported=None if size is None else size - total,
                arms=tuple(r.arm_id for r in of[study_id]),
                estimate=proportion(events, total, unit=unit, level=data.level, used=(study_id,)),
                weight=weights.get(study_id),
            )
        )
    return tuple(lines)


def _warnings(data: TherapySlice, analysis: Analysis, readings: Sequence[Response]) -> tuple[str, ...]:
    units = data.protocol.get("units") or {}
    found = []
    if not analysis.k:
        found.append(NO_COUNT if analysis.main.reason == NO_STUDY else str(analysis.main.reason))
    elif not analysis.main.fitted and analysis.main.reason:
        found.append(analysis.main.reason)
    found += analysis.main.warnings
    entering = [r for r in readings if r.used]
    used = {s.study_id for s in analysis.studies}
    refusable = (r for r in readings if not r.used and r.total and told(r, analysis.counts) is not None)
    if refused := len({r.study_id for r in refusable} - used):
        found.append(
            f"{studies(refused)} with a count {'is' if refused == 1 else 'are'} left out, each with its reason."
        )
    if undated := len({r.study_id for r in entering if r.timepoint_months is None}):
        some = (
            "the study does"
            if analysis.k == 1
            else f"{undated} of {analysis.k} studies {'does' if undated == 1 else 'do'}"
        )
        found.append(f"{some} not report when the result was read.")
    if analysis.k > 1 and all(s.total == 1 for s in analysis.studies):
        found.append(
            f"each of the {studies(analysis.k)} contributes a single {noun(1, analysis.unit, units)}."
        )
    found += [w for g in analysis.subgroups for w in g.warnings]
    found += [
        f"{r.name}: a slope from {studies(r.k)} says little; at least {ADVISED_FOR_REGRESSION} are advised."
        for r in analysis.regressions
        if r.slope is not None and r.k < ADVISED_FOR_REGRESSION
    ]
    if analysis.clusters is not None and analysis.clusters.warning:
        found.append(analysis.clusters.warning)
    return tuple(dict.fromkeys(f"{_subject(data, analysis)}: {within(w)}" for w in found))


NO_COUNT = "no study gives a count, so nothing could be estimated."


def _subject(data: TherapySlice, analysis: Analysis) -> str:
    return f"{data.therapy['name']}, {within(analysis.name)}"


def unsaid(data: TherapySlice, analyses: Sequence[Analysis], sums: Sequence[Total]) -> list[str]:
    """Warnings of the analyses for the therapy as a whole: none that the totals give already, and none twice that two
    analyses of one construct and unit share."""
    by_kind = {(t.unit, t.construct): t for t in sums}
    found: list[str] = []
    seen: set[tuple[str, str, str]] = set()
    for analysis in analyses:
        total = by_kind.get((analysis.unit, analysis.construct))
        for warning in analysis.warnings:
            said = warning.removeprefix(f"{_subject(data, analysis)}: ")
            key = (analysis.unit, analysis.construct, said)
            if key in seen or (said == NO_COUNT and (total is None or not total.k)):
                continue
            if total is not None and any(w.endswith(said) for w in total.warnings):
                continue
            seen.add(key)
            found.append(warning)
    return found
