"""The declared sensitivity set beside a pooled response, and what it says as a whole.

The verdict counts the main analysis and every declared selection; the other models rest on the same data by design, so
they are no further look at the evidence and are told apart, in a sentence of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from livingreview.synthesis.analysis import Clusters, SensitivityRow, Verdict
from livingreview.synthesis.counting import PATIENT, Row, TherapySlice, unsized
from livingreview.synthesis.estimates import LeftOut
from livingreview.synthesis.fitting import ABOVE, BELOW, UNDECIDED, Fit, cut, placed, position
from livingreview.synthesis.pooled import Pooled
from livingreview.synthesis.proportions import proportion
from livingreview.synthesis.responses import Response
from livingreview.synthesis.selection import Counted, Part, select, summed
from livingreview.synthesis.sentences import NO_STUDY, listed, noun, percent, whole
from livingreview.synthesis.totals import size_unknown

MAIN = "main"
"""Code of the main analysis in a verdict; no row of the set may have it."""
SELECTION = "selection"
FAILURES = "failures"
MODEL = "model"
LEAST = 3
"""With fewer analyses estimated, agreement cannot be judged."""


def selections(
    data: TherapySlice,
    declared: Iterable[Row],
    taken: Sequence[Part],
    readings: Sequence[Response],
    fit: Fit,
    counts: str,
    threshold: float,
    nothing: str = NO_STUDY,
) -> tuple[SensitivityRow, ...]:
    """A row for each declared sensitivity analysis, in the protocol's order; ``readings`` are all on the outcome's construct
    and unit, used or not, ``taken`` what enters the main analysis. ``nothing`` is the sentence where the main analysis has no study."""
    main = summed(taken)
    rows = []
    for entry in declared:
        kept, left_out = select(data, taken, entry, counts)
        items = summed(kept)
        reason = "No study is left." if main else nothing
        if entry.get("unreported") == FAILURES:
            items, left_out, unknown = with_failures(data, readings, fit.unit)
            reason = unknown or reason
        rows.append(_row(entry, items, main, left_out, fit, threshold, reason))
    return tuple(rows)


def _row(
    entry: Row,
    items: tuple[Counted, ...],
    main: tuple[Counted, ...],
    left_out: tuple[LeftOut, ...],
    fit: Fit,
    threshold: float,
    reason: str,
) -> SensitivityRow:
    failures = entry.get("unreported") == FAILURES
    pooled = None
    if items:
        bound = failures and items != main
        pooled = _bound(items, left_out, fit) if bound else fit(items, left_out=left_out)
    return SensitivityRow(
        code=entry["code"],
        name=entry["name"],
        kind=FAILURES if failures else SELECTION,
        k=len(items),
        n=sum(total for _, _, total in items),
        events=sum(events for _, events, _ in items) if items else None,
        pooled=pooled,
        state=position(pooled, threshold),
        same_data=bool(items) and items == main,
        left_out=left_out,
        reason=None if items else reason,
    )


def _bound(items: Sequence[Counted], left_out: tuple[LeftOut, ...], fit: Fit) -> Pooled:
    """The exact interval of the sums. A model would take each study without a result for one without a response, and the
    spread that this makes up would widen the interval upwards: a worst case must not look better than the main analysis."""
    estimate = proportion(
        sum(events for _, events, _ in items),
        sum(total for _, _, total in items),
        unit=fit.unit,
        level=fit.level,
        k=len(items),
        used=[study for study, _, _ in items],
        left_out=left_out,
    )
    return Pooled(
        model=estimate.method,
        name=estimate.method_name,
        citation=estimate.citation,
        fitted=False,
        estimate=estimate,
        reason="This is a bound of counts, so no model was fitted; the interval is the exact one of the summed counts.",
    )


def with_failures(
    data: TherapySlice, readings: Sequence[Response], unit: str
) -> tuple[tuple[Counted, ...], tuple[LeftOut, ...], str | None]:
    """Certain responders of all units treated, by study, every unit without a known result a failure.

    As in the totals' bound, every study of the therapy enters with all it treated, also one that reports on another
    construct only. Nothing where no response is certain and none was counted, and where some arm does not tell its size, for
    then it would be no bound: those studies with their reason, and the reason for the whole as a sentence.
    """
    if not any(r.used or r.at_least for r in readings):
        return (), (), None
    if unknown := size_unknown(data, unit):
        silent = unsized(data, unit)
        reason = "the number treated is not reported"
        return (), tuple(LeftOut(s, data.label(s), reason) for s in silent), whole(unknown)
    certain = dict.fromkeys(data.studies, 0)
    sizes = dict.fromkeys(data.studies, 0)
    for reading in readings:
        certain[reading.study_id] += reading.at_least if reading.total else 0
    for block in data.blocks(unit):
        sizes[block.study_id] += block.at_least
    return tuple((s, certain[s], n) for s, n in sizes.items() if n), (), None


def models(
    pooled: Iterable[Pooled], items: Sequence[Counted], threshold: float
) -> tuple[SensitivityRow, ...]:
    """A row for each other model of the main analysis' data; one that could not be fitted, or whose back-translation was cut, has
    no state, and says why."""
    return tuple(
        SensitivityRow(
            code=p.model,
            name=p.name,
            kind=MODEL,
            k=len(items),
            n=sum(total for _, _, total in items),
            events=sum(events for _, events, _ in items) if items else None,
            pooled=p,
            state=position(p, threshold) if p.fitted else None,
            same_data=False,
            left_out=(),
            reason=cut(p) if p.fitted else p.reason,
        )
        for p in pooled
    )


def verdict(
    main: str | None,
    main_fitted: bool,
    rows: Sequence[SensitivityRow],
    threshold: float,
    independence: str = "",
) -> Verdict:
    """What main analysis and sensitivity set say together; ``main`` is the state of the main analysis, ``independence`` a
    sentence on what the intervals take for independent (see :func:`clustered`)."""
    declared = [(MAIN, "the main analysis", main)]
    declared += [(r.code, f"“{r.name}”", r.state) for r in rows if r.kind != MODEL]
    estimated = [entry for entry in declared if entry[2] is not None]
    states: dict[str, tuple[str, ...]] = {}
    names: dict[str, list[str]] = {}
    for state in (ABOVE, UNDECIDED, BELOW):
        if codes := tuple(code for code, _, found in estimated if found == state):
            states[state] = codes
            names[state] = [name for _, name, found in estimated if found == state]
    same = sum(r.same_data and r.state is not None for r in rows if r.kind != MODEL)
    # analyses of one and the same data cannot disagree, so their agreement says nothing; a split is one whatever else there is
    too_few = len(estimated) < LEAST or (len(states) == 1 and len(estimated) - same < LEAST)
    agree = None if too_few else len(states) == 1
    text = f"{len(estimated)} of {len(declared)} analyses could be estimated; "
    if agree is None:
        told = len(estimated) >= LEAST
        text += f"{_same(same)}, so agreement cannot be judged." if told else "agreement cannot be judged."
    elif agree:
        text += f"of these all agree that {_that(next(iter(states)), threshold)}"
        text += ", which leaves the question open" if UNDECIDED in states else ""
        text += f", but {_same(same)}." if same else "."
    else:
        text += f"they split by where the interval lies: {_parted(names, threshold)}."
        text += f" {_same(same).capitalize()}." if same else ""
    for sentence in (_models(main, main_fitted, rows), independence):
        text += f" {sentence}" if sentence else ""
    return Verdict(len(declared), len(estimated), same, states, agree, text)


def clustered(lie_in: Clusters | None, pooled: Pooled, threshold: float, unit: str, units: Row) -> str:
    """A sentence where an interval that allows for units within patients lies elsewhere than that of the main analysis,
    ``pooled``, else empty. One that is narrower than what a fitted model gives allows for less, and is passed over."""
    main = position(pooled, threshold)
    if lie_in is None or main is None or pooled.estimate is None:
        return ""
    least = pooled.estimate.upper - pooled.estimate.lower if pooled.fitted else 0.0
    several, one = noun(2, unit, units), noun(1, PATIENT, units)
    start = f"These intervals take {several} of one {one} as independent"
    if lie_in.robust is not None:
        if lie_in.robust.upper - lie_in.robust.lower < least:
            return ""
        if (state := placed(lie_in.robust.lower, lie_in.robust.upper, threshold)) == main:
            return ""
        return f"{start}; where an interval allows for their likeness, {_that(state, threshold)}."
    for at in sorted(lie_in.at_icc, key=lambda a: a.icc):
        if at.upper - at.lower >= least and (state := placed(at.lower, at.upper, threshold)) != main:
            return (
                f"{start}; at a correlation of {at.icc:g} within {noun(2, PATIENT, units)} the main one would run from "
                f"{percent(at.lower)} to {percent(at.upper)}, so that {_that(state, threshold)}."
            )
    return ""


_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _that(state: str, threshold: float) -> str:
    return {
        ABOVE: f"the lower limit lies at or above {percent(threshold)}",
        BELOW: f"the upper limit lies below {percent(threshold)}",
        UNDECIDED: f"the interval includes {percent(threshold)}",
    }[state]


def _parted(names: Mapping[str, Sequence[str]], threshold: float) -> str:
    return "; ".join(f"in {listed(who)} {_that(state, threshold)}" for state, who in names.items())


def _same(n: int) -> str:
    rest = "one of them rests" if n == 1 else f"{n if n > len(_SMALL) else _SMALL[n - 1]} of them rest"
    return f"{rest} on exactly the data of the main analysis and could not differ from it"


def _models(main: str | None, main_fitted: bool, rows: Sequence[SensitivityRow]) -> str:
    """The second sentence: whether the other models place the interval as the main one does."""
    others = [r for r in rows if r.kind == MODEL]
    fitted = [r for r in others if r.state is not None]
    unread = any(r.state is None and r.pooled is not None and r.pooled.fitted for r in others)
    could = "could be fitted and read against the threshold" if unread else "could be fitted"
    if not others or main is None:
        return ""
    if not fitted:
        return "" if main_fitted else f"No model {could}, so that models cannot be compared."
    if not main_fitted:
        return f"The main model could not be fitted; {len(fitted)} of {len(others)} other models could."
    like_main = "the interval as the main model does"
    same = [r for r in fitted if r.state == main]
    if len(others) == len(fitted) == len(same) == 1:
        return f"The one other model of the same data places {like_main}."
    text = f"Of {len(others)} other models of the same data "
    if len(fitted) < len(others):
        text += f"{len(fitted)} {could}; of these "
    if len(same) == len(fitted):
        return f"{text}all place {like_main}."
    differing = [r.name for r in fitted if r.state != main]
    return f"{text}{len(same) or 'none'} place{'s' if len(same) == 1 else ''} {like_main}, not so: {listed(differing)}."
