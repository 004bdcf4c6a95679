"""Bodies of evidence, words and appraisals that a test may change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from livingreview.certainty.body import RESPONSE, Body, Interval, Member
from livingreview.certainty.words import Words
from livingreview.protocol_certainty import CertaintyRating
from livingreview.synthesis.analysis import SmallStudy, SmallStudyTest, Tipping
from livingreview.synthesis.estimates import Estimate
from livingreview.synthesis.pooled import Heterogeneity
from livingreview.synthesis.proportions import proportion

SECTION: dict[str, Any] = CertaintyRating(start={"trial": "high"}, indirect={"basis": ["title"]}).model_dump(
    mode="json"
)
WORDS = Words.from_protocol(
    {
        "certainty": SECTION,
        "units": {
            "patient": {"singular": "patient", "plural": "patients"},
            "lesion": {"singular": "wart", "plural": "warts"},
        },
        "designs": {"series": "Series", "case": "Single case", "trial": "Trial"},
    }
)
LABELS = {"basis": {"results": "Results", "title": "Title"}, "source_kind": {"paper": "Paper"}}


def member(name: str, n: int | None = 10, **changes: Any) -> Member:
    """A study of ``n`` units."""
    return replace(Member(name, name.upper(), "series", "paper", "results", n, ()), **changes)


def body(*members: Member, events: int = 15, **changes: Any) -> Body:
    """Evidence on a response from these studies (two of ten units by default), with its exact interval."""
    studies = members or (member("a"), member("b"))
    n = sum(m.n or 0 for m in studies) or 20
    estimate = proportion(min(events, n), n, unit="patient", k=len(studies))
    bare = Body(
        therapy="one",
        outcome="cleared",
        name="Cleared",
        kind=RESPONSE,
        unit="patient",
        what=("responders", "skin", "patient"),
        members=studies,
        participants=n,
        estimate=estimate,
        measure="Crude proportion, exact interval",
        interval=Interval(estimate.lower, estimate.upper, "exact interval"),
        no_interval="",
        thresholds=(0.25, 0.5, 0.75),
        no_spread="There are too few studies.",
        decisive=0.5,
        above=2,
        below=0,
        treated=n,
        unreported=0,
    )
    return replace(bare, **changes)


def spread(tau2: float = 0.4, i2: float | None = 30.0) -> Heterogeneity:
    """An estimated heterogeneity."""
    return Heterogeneity("logit", tau2, None, None, i2, None, None, None, None, None, 6, "REML", "x", None)


def prediction(lower: float, upper: float) -> Estimate:
    """A prediction interval."""
    middle = proportion(10, 20, unit="patient")
    return replace(middle, kind="prediction", lower=lower, upper=upper, method_name="t with k − 2")


def limits(of: Body, lower: float, upper: float) -> Body:
    """The same evidence with another interval, for the estimate and for imprecision."""
    assert of.estimate is not None
    estimate = replace(of.estimate, value=(lower + upper) / 2, lower=lower, upper=upper)
    return replace(of, estimate=estimate, interval=Interval(lower, upper, "exact interval"))


def egger(p: float | None) -> SmallStudy:
    """Small-study tests with this p value of Egger's."""
    test = SmallStudyTest("egger", "Egger", "egger1997", 1.0, p, None, None, None if p else "not estimable")
    return SmallStudy(True, (test,), (), "")


def tipping(failures: int | None) -> Tipping:
    """A tipping point."""
    return Tipping(0.5, failures, 5, 6, 0.4, f"{failures} failures.")


def appraisal(**judgements: dict[str, str | None]) -> dict[str, Any]:
    """The appraisal slice: by study, judgements of the items of one checklist with three items."""
    items = [{"item_number": i, "item_label": f"Question {i}", "signalling": None} for i in (1, 2, 3)]
    names = {"yes": "Yes", "no": "No", "unclear": "Unclear", "not_applicable": "Not applicable"}
    return {
        "tools": {"list": {"name": "Checklist", "short": "Checklist", "items": items}},
        "judgements": {code: {"label": label} for code, label in names.items()},
        "studies": [
            {"study_id": s, "label": s.upper(), "tool": "list", "items": items_of}
            for s, items_of in judgements.items()
        ],
    }


def items(*judgements: str | None) -> dict[str, str | None]:
    """Judgements of items 1, 2, …"""
    return {str(i): j for i, j in enumerate(judgements, 1)}
