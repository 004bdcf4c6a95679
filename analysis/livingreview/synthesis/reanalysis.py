"""Re-analyses of one outcome: each study left out in turn, and studies added one by one by year."""

from __future__ import annotations

from collections.abc import Sequence

from livingreview.synthesis.analysis import Step, StudyData
from livingreview.synthesis.fitting import Fit, position


def leave_one_out(studies: Sequence[StudyData], fit: Fit, threshold: float) -> tuple[Step, ...]:
    """The main model without each study in turn; nothing for fewer than two studies."""
    if len(studies) < 2:
        return ()
    return tuple(_step(left, [s for s in studies if s is not left], fit, threshold) for left in studies)


def cumulative(studies: Sequence[StudyData], fit: Fit, threshold: float) -> tuple[Step, ...]:
    """The main model as studies are added by year, those without a year last (Lau et al., N Engl J Med 1992;327:248-254)."""
    dated = sorted(studies, key=lambda s: (s.year is None, s.year or 0))
    return tuple(_step(added, dated[: i + 1], fit, threshold) for i, added in enumerate(dated))


def _step(named: StudyData, studies: Sequence[StudyData], fit: Fit, threshold: float) -> Step:
    pooled = fit([(s.study_id, s.events, s.total) for s in studies])
    return Step(
        study_id=named.study_id,
        label=named.label,
        year=named.year,
        k=len(studies),
        n=sum(s.total for s in studies),
        pooled=pooled,
        state=position(pooled, threshold),
    )
