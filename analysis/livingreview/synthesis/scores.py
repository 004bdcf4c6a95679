"""Scores and measurements: listed as each source gives them, changes of single patients summarised, mean changes pooled.

Counts of patients who improved are counts, not changes of a score, and are kept apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from livingreview.synthesis.counting import Row, TherapySlice, primary
from livingreview.synthesis.estimates import Reported
from livingreview.synthesis.individual_changes import Changes, changes_of, pairs
from livingreview.synthesis.measurements import Improved, Measurement, improvements, measurements
from livingreview.synthesis.pooled_changes import ChangeScores, change_scores
from livingreview.synthesis.sentences import listed, studies, within


@dataclass(frozen=True, slots=True)
class OutcomeScores:
    """All that is reported on one outcome: values, counts of improved units, individual changes, mean changes, and the
    studies that mention it in words alone (``words`` has the words of the source where they were extracted). ``scale_range`` are the ends of the
    scale that all values stand on, None where the protocol gives none. ``has_data`` is False where there is no number at
    all: the text then says "no data"."""

    outcome: str
    name: str
    kind: str
    scale: str | None
    scale_range: tuple[float, ...] | None
    has_data: bool
    measurements: tuple[Measurement, ...]
    improved: tuple[Improved, ...]
    changes: Changes | None
    change_scores: tuple[ChangeScores, ...]
    words_only: tuple[str, ...]
    words: tuple[Reported, ...]
    warnings: tuple[str, ...]


def scores(data: TherapySlice, *kinds: str) -> tuple[OutcomeScores, ...]:
    """One entry for each outcome of these kinds (default ``score``) that the protocol declares, in its order, so that
    an outcome without data is there to say so. Alternatives are left to the list of alternatives."""
    kinds = kinds or ("score",)
    first, _ = primary(data.of_kind(*kinds))
    by_code: dict[str, list[Row]] = defaultdict(list)
    for row in first:
        by_code[row["outcome"]].append(row)
    codes = [c for c, o in data.outcome_kinds.items() if o.get("kind", "other") in kinds]
    codes += sorted(set(by_code) - set(codes))
    found = pairs(data)
    return tuple(
        _outcome(data, code, by_code.get(code, []), changes_of(code, found, data.level)) for code in codes
    )


def _outcome(data: TherapySlice, code: str, rows: Sequence[Row], changes: Changes | None) -> OutcomeScores:
    definition = data.outcome_kinds.get(code, {"name": code, "kind": "other"})
    name = str(definition.get("name", code))
    values = measurements(data, definition, rows)
    improved = improvements(data, definition, rows)
    told = {m.study_id for m in values} | {i.study_id for i in improved}
    without_number = {r["study_id"] for r in rows} - told
    words_only = tuple(data.label(s) for s in data.studies if s in without_number)
    analyses = data.protocol.get("analyses") or {}
    correlations = (analyses.get("scores") or {}).get("correlations") or ()
    result = OutcomeScores(
        outcome=code,
        name=name,
        kind=str(definition.get("kind", "other")),
        scale=definition.get("scale"),
        scale_range=tuple(map(float, definition["range"])) if definition.get("range") else None,
        has_data=bool(told or (changes and changes.n)),
        measurements=values,
        improved=improved,
        changes=changes,
        change_scores=change_scores(data, values, correlations),
        words_only=words_only,
        words=tuple(
            Reported(r["study_id"], data.label(r["study_id"]), str(r["as_reported"]))
            for r in rows
            if r.get("as_reported")
        ),
        warnings=(),
    )
    return replace(result, warnings=_warnings(data, result))


def _warnings(data: TherapySlice, found: OutcomeScores) -> tuple[str, ...]:
    about = f"{data.therapy['name']}, {within(found.name)}"
    warnings: list[str] = []
    if not found.has_data:
        warnings.append(f"{about}: no data.")
    elif not found.changes or not found.changes.n:
        if any(m.change is not None or m.mean is not None for m in found.measurements):
            warnings.append(f"{about}: no data on single patients; no paired values are reported.")
        else:
            warnings.append(f"{about}: no data on change; no study reports a change of the values.")
    elif found.changes.reason:
        warnings.append(f"{about}: {within(found.changes.reason)}")
    for scores in found.change_scores:
        what = f"{about}, {scores.measured}" if scores.measured else about
        said = [scores.reason] if scores.k and scores.reason else []
        warnings += [f"{what}: {within(sentence)}" for sentence in (*said, *scores.warnings)]
    if moved := [m.label for m in found.measurements if m.original]:
        low, high = found.scale_range or (0.0, 0.0)
        whose = listed(list(dict.fromkeys(moved)))
        warnings.append(f"{about}: the values of {whose} were put on the scale from {low:g} to {high:g}.")
    for reported in found.words:
        warnings.append(f"{about}: {reported.label} reports in words: “{reported.words}”.")
    silent = [x for x in found.words_only if x not in {r.label for r in found.words}]
    if silent:
        warnings.append(
            f"{about}: {studies(len(silent))} describe{'s' if len(silent) == 1 else ''} it in words alone, without a number."
        )
    return tuple(dict.fromkeys(warnings))
