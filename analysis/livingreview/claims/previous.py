"""Claims about the previous version: its published figures, quoted, and whether the present data agree with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from livingreview.claims import clustered
from livingreview.claims import wording as w
from livingreview.claims.marks import Marks
from livingreview.claims.model import Claims
from livingreview.claims.words import Words
from livingreview.publish.escape import markdown
from livingreview.published import figures

if TYPE_CHECKING:
    from livingreview.synthesis.counterparts import Ours
    from livingreview.synthesis.therapy import TherapyResult

Row = Mapping[str, Any]
VERDICTS = {"agree": "Agree", "differ": "Differ", "cannot_say": "Cannot say"}


def add_previous(claims: Claims, documents: Row, ours: Mapping[str, TherapyResult]) -> None:
    """Published figures of the previous version: quoted, with exact intervals of printed counts; where a result of the
    present data has the same count and denominator; and whether what the protocol sets beside a figure agrees with it."""
    from livingreview.synthesis.agreement import agreements
    from livingreview.synthesis.comparison import previous as published_counts

    version = documents.get("previous_version") or {}
    published = version.get("published") or {}
    confidence = documents["confidence_level"]
    claims.add(
        "previous.label",
        version.get("label"),
        markdown(version.get("label") or w.NO_DATA),
        unit="version",
        definition="version that this one continues",
    )
    for path, value in sorted(figures(published)):
        text = published_text(path, value, confidence)
        if text is not None:
            claims.add(
                f"previous.{path}.text" if isinstance(value, Mapping) else f"previous.{path}",
                value,
                text,
                unit="published",
                definition="published figure, quoted and not recomputed",
            )
    if not published:
        return
    ids = {s.label: s.study_id for r in ours.values() for s in r.studies}
    for count in published_counts(published, ours, confidence):
        labels = sorted({label for match in count.matches for label in match.studies})
        same = [ids[x] for x in labels if x in ids]
        claims.add(
            f"previous.{'.'.join(count.path)}.overlap",
            count.probably_same_data,
            "very likely the same patients" if count.probably_same_data else "unknown",
            unit="text",
            definition="whether published and present figure probably rest on the same patients",
            studies=same,
        )
        claims.add(
            f"previous.{'.'.join(count.path)}.same",
            count.probably_same_data,
            f"the present data hold the same count with the same denominator, {_quoted(count, 'events')} of "
            f"{_quoted(count, 'total')}, from {w.listed([markdown(x) for x in labels])}: very likely the same patients, not the agreement of two "
            "findings"
            if count.probably_same_data
            else "no result of the present data has this count with this denominator",
            unit="text",
            definition="whether a result of the present data has the count and denominator of the published figure",
            studies=same,
        )
    described = {path for path, value in figures(published) if isinstance(value, Mapping)}
    for found in agreements(version, ours, documents["units"], confidence):
        # a plain number is a claim by itself, and no group of claims
        stem = f"previous.{found.path}"
        stem += "." if found.path in described else "_"
        claims.add(
            f"{stem}verdict",
            found.verdict,
            f"{VERDICTS[found.verdict]}. {w.spaced(markdown(found.reason))}",
            unit="verdict",
            definition="whether the present data agree with the published figure, and why",
            studies=found.ours.used,
        )
        claims.add(
            f"{stem}ours",
            None if found.ours.estimate is None else found.ours.estimate.value,
            ours_text(found.ours, documents["units"], confidence),
            unit="present data",
            definition="what of the present data stands beside the published figure",
            studies=found.ours.used,
        )


def _quoted(count: Any, name: str) -> str:
    """A number that is the same in both reviews."""
    m = Marks(f"previous.{'.'.join(count.path)}.shared", "the same in the published and the present data")
    return m(name, getattr(count, name))


def ours_text(ours: Ours, units: Row, confidence: float) -> str:
    """Our result beside a published figure: a count with its exact interval, a pooled proportion, or plain numbers."""
    from livingreview.synthesis.agreement import told

    found = ours.estimate
    if ours.kind in ("nothing", "undeclared"):
        return "not compared"
    if found is None:
        return w.spaced(told(ours.numbers)) if ours.numbers else w.NO_DATA
    if found.kind == "proportion" and found.events is not None and found.total is not None:
        names = w.unit_names(units, found.unit, found.total)
        text = w.estimate(
            found.events, found.total, found.lower, found.upper, confidence, markdown(names)
        ).removesuffix(")")
        return f"{text}{clustered.if_independent(found.unit, Words({'units': units}))})"
    names = markdown(w.unit_names(units, found.unit, found.n))
    return (
        f"{w.percent(found.value, found.n)} ({w.level(confidence)} interval {w.percent_range(found.lower, found.upper, found.n)}"
        f"{clustered.if_independent(found.unit, Words({'units': units}))}; "
        f"{w.studies(found.k)}, {w.integer(found.n)} {names}; {markdown(found.method_name)})"
    )


def published_text(path: str, value: Any, confidence: float) -> str | None:
    """A published figure as text; None where its form is not known. A path ending in ``percent`` holds per cents."""
    sign = f"{w.NBSP}%" if path.rsplit("_", 1)[-1] == "percent" else ""
    if isinstance(value, int | float):
        return f"{w.number(value)}{sign}"
    if {"events", "total"} <= set(value):
        from livingreview.synthesis.proportions import clopper_pearson

        # the printed percentage is left out: it is the same share, rounded by others
        lower, upper = clopper_pearson(int(value["events"]), int(value["total"]), confidence)
        return w.estimate(int(value["events"]), int(value["total"]), lower, upper, confidence)
    if "more_than" in value:
        return f"more than {w.number(value['more_than'])}{sign}"
    spread = w.span(value.get("min"), value.get("max")) if {"min", "max"} & set(value) else ""
    for centre in ("median", "mean"):
        if centre in value:
            return f"{centre} {w.number(value[centre])}{sign}" + (
                f" (range {spread}{sign})" if spread else ""
            )
    return f"{spread}{sign}" if spread else None
