"""Changes of single patients who have a value before and after: list, median, range, Hodges–Lehmann estimate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from livingreview.synthesis.counting import PATIENT, TherapySlice
from livingreview.synthesis.estimates import METHODS, Estimate
from livingreview.synthesis.firmness import FIRM_LEVEL, FirmLimits, firm_limits
from livingreview.synthesis.models.refusal import NotEstimable


@dataclass(frozen=True, slots=True)
class Changes:
    """Individual paired changes (after − before) of the patients who have both values, sorted; None without any.

    ``hodges_lehmann_value`` is the median of the means of all pairs of changes; ``hodges_lehmann`` adds the signed-rank limits, which
    suppose that the changes lie symmetrically about their centre, and ``attained`` is the level that the exact ones really have.
    With too few changes for the level there are no limits and ``reason`` is a sentence why. ``firm`` holds the limits at a stricter level,
    ``leave_one_out`` those at the level that prints: of all studies and without each."""

    measure: str
    outcome: str | None
    studies: int
    n: int
    median: float | None
    min: float | None
    max: float | None
    values: tuple[float, ...]
    used: tuple[str, ...]
    hodges_lehmann_value: float | None
    hodges_lehmann: Estimate | None
    attained: float | None
    reason: str | None
    firm: tuple[FirmLimits, ...] = ()
    leave_one_out: tuple[FirmLimits, ...] = ()


def pairs(data: TherapySlice) -> dict[str, list[tuple[str, float]]]:
    """(study, after − before) by measure, from participant columns ``<measure>_before`` and ``<measure>_after``."""
    columns = sorted({c for p in data.participants for c in p})
    measures = [c.removesuffix("_before") for c in columns if c.endswith("_before")]
    found: dict[str, list[tuple[str, float]]] = {}
    for measure in measures:
        found[measure] = [
            (p["study_id"], float(after) - float(before))
            for p in data.participants
            if (before := p.get(f"{measure}_before")) is not None
            and (after := p.get(f"{measure}_after")) is not None
        ]
    return found


def changes_of(code: str, found: dict[str, list[tuple[str, float]]], level: float) -> Changes | None:
    """Individual changes of the measure whose name begins the outcome's code (``pain`` for ``pain_vas``)."""
    for measure, changes in sorted(found.items()):
        if code == measure or code.startswith(f"{measure}_"):
            return summary_of_changes(measure, code, changes, level)
    return None


def summary_of_changes(
    measure: str, outcome: str | None, pairs: Sequence[tuple[str, float]], level: float = 0.95
) -> Changes:
    """Median, range and centre of (study, change) pairs; a change of 0 is a result, no pair at all gives None values."""
    values = sorted(change for _, change in pairs)
    used = tuple(sorted({study for study, _ in pairs}))
    centre, estimate, attained, reason = _centre(values, used, level)
    return Changes(
        measure=measure,
        outcome=outcome,
        studies=len(used),
        n=len(values),
        median=median(values) if values else None,
        min=values[0] if values else None,
        max=values[-1] if values else None,
        values=tuple(values),
        used=used,
        hodges_lehmann_value=centre,
        hodges_lehmann=estimate,
        attained=attained,
        reason=reason,
        firm=_without_each(pairs, FIRM_LEVEL),
        leave_one_out=_without_each(pairs, level),
    )


def _without_each(pairs: Sequence[tuple[str, float]], level: float) -> tuple[FirmLimits, ...]:
    def limits(without: str | None) -> tuple[float, float] | None:
        kept = sorted(change for study, change in pairs if study != without)
        estimate = _centre(kept, (), level)[1]
        return None if estimate is None else (estimate.lower, estimate.upper)

    by_study = Counter(study for study, _ in pairs)
    return firm_limits(sorted(by_study.items()), limits)


def _centre(
    values: Sequence[float], used: tuple[str, ...], level: float
) -> tuple[float | None, Estimate | None, float | None, str | None]:
    if not values:
        return None, None, None, "No paired values of single patients are reported."
    from livingreview.synthesis.models import signed_rank

    centre = signed_rank.hodges_lehmann(values)
    try:
        found = signed_rank.interval(values, level)
    except NotEstimable:
        return centre, None, None, _too_few(len(values), signed_rank.widest_level(len(values)), level)
    code = "signed_rank" if found.exact else "signed_rank_normal"
    estimate = Estimate(
        kind="median_change",
        value=centre,
        lower=found.lower,
        upper=found.upper,
        level=level,
        sided=2,
        method=code,
        method_name=METHODS[code].name,
        citation=METHODS[code].citation,
        events=None,
        total=None,
        k=len(used),
        n=len(values),
        unit=PATIENT,
        used=used,
    )
    return centre, estimate, found.attained, None


def _too_few(n: int, widest: float, level: float) -> str:
    if n == 1:
        return "A single paired value has no interval."
    return (
        f"{n} paired values are too few for an exact signed-rank interval at {100 * level:g} %: even the whole range of "
        f"them reaches only {100 * widest:.3g} %."
    )
