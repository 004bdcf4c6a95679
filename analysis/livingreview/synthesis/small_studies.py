"""Small-study effects of one analysis: tests from ten studies on, and what chance alone would show in a study of each size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from livingreview.synthesis.analysis import Contour, SmallStudy, SmallStudyTest, StudyData
from livingreview.synthesis.fitting import Fit
from livingreview.synthesis.pooled import Pooled
from livingreview.synthesis.sentences import whole

LEAST = 10
"""Studies from which tests of asymmetry are offered (Sterne et al., BMJ 2011;343:d4002)."""
LEAST_FOR_CONTOURS = 3
MOST_SIZES = 200
LIMITS = (
    "These tests cannot show that reports are missing: the standard error of a logit depends on the proportion itself, and "
    "the size of a study goes with its design, so that an asymmetry may come from either."
)


def small_study(lines: Sequence[StudyData], main: Pooled, fit: Fit) -> SmallStudy:
    """Egger, Begg, trim-and-fill on logits where ten studies give a count; contours where three do and results differ.

    Contours are exact binomial ranges around the main estimate for studies of 1 to the largest number of units (at most
    200 sizes, evenly chosen on a log scale).
    """
    k = len(lines)
    offered = k >= LEAST
    return SmallStudy(
        offered=offered,
        tests=_tests(lines, fit.level) if offered else (),
        contours=_contours(lines, main, fit.level),
        text=LIMITS
        if offered
        else f"Tests of small-study effects need at least {LEAST} studies; {k or 'none'} {'gives' if k <= 1 else 'give'} a count here.",
    )


def _tests(lines: Sequence[StudyData], level: float) -> tuple[SmallStudyTest, ...]:
    from livingreview.synthesis.models import effects, small_study

    y, v = effects.logit_proportions([s.events for s in lines], [s.total for s in lines])

    def egger() -> dict[str, object]:
        found = small_study.egger(y, v, level)
        return {"value": found.t, "p": found.p}

    def begg() -> dict[str, object]:
        found = small_study.begg(y, v)
        return {"value": found.tau, "p": found.p}

    def trim_and_fill() -> dict[str, object]:
        found = small_study.trim_and_fill(y, v, "REML", level=level)
        value = float(effects.expit_back(found.fit.coef)[0])
        return {"value": value, "filled": found.filled, "side": found.side}

    return (
        _test("egger", "Egger’s regression", "egger1997", egger),
        _test("begg", "Begg’s rank correlation", "begg1994", begg),
        _test("trim_and_fill", "Trim and fill", "duval2000", trim_and_fill),
    )


def _test(code: str, name: str, citation: str, compute: Callable[[], dict[str, object]]) -> SmallStudyTest:
    from livingreview.synthesis.models.refusal import NotEstimable

    found: dict[str, object] = dict.fromkeys(("value", "p", "filled", "side", "reason"))
    try:
        found |= compute()
    except NotEstimable as refusal:
        found["reason"] = whole(refusal.reason)
    return SmallStudyTest(code=code, name=name, citation=citation, **found)  # type: ignore[arg-type]


def _contours(lines: Sequence[StudyData], main: Pooled, level: float) -> tuple[Contour, ...]:
    events, total = sum(s.events for s in lines), sum(s.total for s in lines)
    if len(lines) < LEAST_FOR_CONTOURS or main.estimate is None or events in (0, total):
        return ()
    from livingreview.synthesis.models.small_study import contours

    sizes = _sizes(max(s.total for s in lines))
    lower, upper = contours(main.estimate.value, sizes, level)
    return tuple(
        Contour(n, float(low), float(high)) for n, low, high in zip(sizes, lower, upper, strict=True)
    )


def _sizes(largest: int) -> list[int]:
    if largest <= MOST_SIZES:
        return list(range(1, largest + 1))
    step = largest ** (1 / (MOST_SIZES - 1))
    return sorted({round(step**i) for i in range(MOST_SIZES)} | {largest})
