"""Declared analyses for the figures' tests, built from the result classes. Values of models are invented; the figures only print them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from livingreview.synthesis.analysis import (
    Analysis,
    AtIcc,
    Clusters,
    Contour,
    SensitivityRow,
    SmallStudy,
    Step,
    StudyData,
    Tipping,
    Verdict,
)
from livingreview.synthesis.estimates import Estimate, LeftOut
from livingreview.synthesis.pooled import Pooled
from livingreview.synthesis.proportions import clopper_pearson, proportion
from livingreview.synthesis.records import to_json

MODELS = {
    "beta_binomial": "Beta-binomial model",
    "logit_reml": "Logit, REML",
    "logit_reml_hk": "Logit, REML, Hartung–Knapp",
    "logit_dl": "Logit, DerSimonian–Laird",
    "logit_dl_hk": "Logit, DerSimonian–Laird, Hartung–Knapp",
    "logit_pm": "Logit, Paule–Mandel",
    "logit_pm_hk": "Logit, Paule–Mandel, Hartung–Knapp",
    "freeman_tukey": "Freeman–Tukey double arcsine",
}
ROWS = [
    "Series only", "Results of the report only", "Without secondary sources",
    "Without a cause of a name that is long enough to break over two lines of the label",
    "Low concern in appraisal only", "One treatment alone, confirmed", "Unreported counted as failures",
]  # fmt: skip


def pooled(model: str, name: str, x: int, n: int, k: int, level: float, unit: str = "patient") -> Pooled:
    """A model where three studies carry one, else the exact interval; nothing at all without studies."""
    empty = Pooled(
        model, name, "lin2020", False, None, None, None, None, None, (), "No study gives a count.", ()
    )
    if not n:
        return empty
    exact = replace(proportion(x, n, unit=unit, level=level, k=k))
    if k < 3 or x in (0, n):
        reason = f"Only {k} studies give a count; {name} needs three of two units or more, so the exact interval stands."
        return replace(empty, estimate=exact, reason=reason)
    lower, upper = clopper_pearson(x, n, level)
    mean = replace(
        exact, kind="mean_proportion", value=0.9 * exact.value + 0.05, lower=lower * 0.8, upper=min(1, upper * 1.05),
        method=model, method_name=name,
    )  # fmt: skip
    wide = replace(
        mean,
        kind="prediction",
        lower=lower * 0.4,
        upper=min(1, upper * 1.3),
        method_name="normal with t, k − 2",
    )
    return replace(
        empty, fitted=True, estimate=mean, median=replace(mean, kind="median_proportion", value=mean.value + 0.02),
        prediction=wide if k >= 5 else None, reason=None,
    )  # fmt: skip


def _state(estimate: Estimate | None, threshold: float) -> str | None:
    if estimate is None:
        return None
    return "above" if estimate.lower >= threshold else "below" if estimate.upper < threshold else "undecided"


def _steps(studies: list[StudyData], name: str, level: float) -> tuple[Step, ...]:
    ordered = sorted(studies, key=lambda s: (s.year is None, s.year or 0))
    steps, x, n = [], 0, 0
    for k, study in enumerate(ordered, start=1):
        x, n = x + study.events, n + study.total
        fit = pooled("binomial_normal", name, x, n, k, level)
        steps.append(Step(study.study_id, study.label, study.year, k, n, fit, _state(fit.estimate, 0.5)))
    return tuple(steps)


def _clusters(x: int, n: int, level: float, robust: bool) -> Clusters:
    """Lesions in half as many patients."""
    naive = proportion(x, n, unit="lesion", level=level)
    known = replace(naive, method_name="cluster-robust interval", lower=naive.lower * 0.9) if robust else None
    at = (
        ()
        if robust
        else (AtIcc(0.25, n / 2, naive.lower * 0.9, 1.0), AtIcc(0.75, n / 3, naive.lower * 0.7, 1.0))
    )
    return Clusters(n, n // 2, naive, known, at, "Lesions of one patient are not independent.")


def analysis(
    studies: list[tuple[str, int, int]],
    *,
    code: str = "nodule_response",
    role: str = "primary",
    counts: str = "responders",
    unit: str = "patient",
    construct: str = "nodule",
    level: float = 0.95,
    weights: bool = False,
    left_out: tuple[LeftOut, ...] = (),
    ids: list[str] | None = None,
    robust: bool = False,
) -> dict[str, Any]:
    """An analysis of ``studies`` (label, events, total), as JSON."""
    data = [
        StudyData(
            study_id=ids[i] if ids else f"s{i}", label=label, year=None if i % 9 == 8 else 1990 + i % 30, design="series",
            source_kind="abstract", basis="results", timepoint_months=None, events=x, total=n, treated=n, unreported=0,
            arms=("a",), estimate=proportion(x, n, unit=unit, level=level), weight=1 / len(studies) if weights else None,
        )
        for i, (label, x, n) in enumerate(studies)
    ]  # fmt: skip
    k, x, n = len(data), sum(s.events for s in data), sum(s.total for s in data)
    name = "Binomial–normal model"
    main = pooled("binomial_normal", name, x, n, k, level, unit)
    rows = []
    for i, title in enumerate(ROWS):
        some = data[: max(0, k - i)]
        y, m = sum(s.events for s in some), sum(s.total for s in some)
        fit = pooled("binomial_normal", name, y, m, len(some), level, unit) if some and i != 4 else None
        rows.append(
            SensitivityRow(
                code=f"row{i}", name=title, kind="selection", k=len(some) if fit else 0, n=m if fit else 0,
                events=y if fit else None, pooled=fit, state=_state(fit.estimate if fit else None, 0.5), same_data=i == 0 and bool(fit),
                left_out=(), reason=None if fit else "No study is left that meets every item; 11 were judged unclear.",
            )
        )  # fmt: skip
    done = sum(r.pooled is not None for r in rows) + bool(n)
    contours = []
    if main.estimate:
        for size in sorted({1, 2, 3, 5, 8, 13, 21, 34, 55, *(s.total for s in data)}):
            lower, upper = clopper_pearson(round(main.estimate.value * size), size, level)
            contours.append(Contour(size, lower, upper))
    verdict = f"{done} of {len(rows) + 1} analyses could be estimated; agreement cannot be judged."
    return dict(to_json(Analysis(
        code=code, name=f"Response of the {construct}", role=role, counts=counts, unit=unit, construct=construct, threshold=0.5,
        k=k, n=n, events=x, studies=tuple(data), left_out=left_out, main=main,
        models=tuple(pooled(m, title, x, n, k, level, unit) for m, title in MODELS.items()), sensitivity=tuple(rows),
        verdict=Verdict(len(rows) + 1, done, 1, {}, None, verdict),
        tipping=Tipping(0.5, None, None, None, None, "No data."), leave_one_out=(), cumulative=_steps(data, name, level),
        subgroups=(), regressions=(),
        small_study=SmallStudy(k >= 10, (), tuple(contours), "Tests of small-study effects are offered from ten studies on."),
        clusters=_clusters(x, n, level, robust) if unit == "lesion" and n else None, warnings=(),
    )))  # fmt: skip


def with_analyses(result: dict[str, Any], level: float = 0.95, weights: bool = False) -> dict[str, Any]:
    """The result with a primary analysis of patients' nodules, a complete one beside it, and one of pain by lesion."""
    found = []
    for unit, construct, role in (("patient", "nodule", "primary"), ("lesion", "pain", "additional")):
        members = [
            r
            for r in result["responses"]
            if (r["unit"], r["construct"]) == (unit, construct) and r["estimate"] and r["used"]
        ]
        studies = [(r["label"], r["responders"], r["total"]) for r in members]
        others = tuple(
            LeftOut(r["study_id"], r["label"], "The result rests on the title only.")
            for r in result["responses"]
            if (r["unit"], r["construct"]) == (unit, construct) and r not in members
        )
        for counts in ("responders", "complete"):
            found.append(
                analysis(
                    studies, code=f"{construct}_{counts}", role=role if counts == "responders" else "secondary",
                    counts=counts, unit=unit, construct=construct, level=level, weights=weights, left_out=others,
                    ids=[r["study_id"] for r in members],
                )
            )  # fmt: skip
    return {**result, "level": level, "analyses": found}
