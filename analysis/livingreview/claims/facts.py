"""Numbers that the results' own sentences hold, so that each of them can be marked as the claim it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livingreview.claims.numbers import QUANTIFIER, tokens

Row = Mapping[str, Any]

Facts = list[tuple[str, Any, str]]
"""Numbers that a result's own sentence may hold: names (``/key``: a claim made elsewhere), values, definitions; in the order of print."""


def verdict_facts(a: Row) -> Facts:
    """Numbers of the verdict on the sensitivity set, of the other models, and of the interval that allows for clusters."""
    verdict = a["verdict"]
    models = [r for r in a["sensitivity"] if r["kind"] == "model"]
    fitted = [r for r in models if r["state"] is not None]
    same = [
        r for r in fitted if r["state"] == next((s for s, c in verdict["states"].items() if "main" in c), "")
    ]
    return [
        (
            "verdict_estimated",
            verdict["estimated"],
            "analyses of the sensitivity set that could be estimated",
        ),
        ("verdict_declared", verdict["declared"], "analyses of the sensitivity set"),
        (
            "verdict_same_data",
            verdict["same_data"],
            "sensitivity analyses with the same data as the main one",
        ),
        ("models_declared", len(models), "other models declared"),
        ("models_fitted", len(fitted), "other models that could be fitted"),
        ("models_same", len(same), "other models that place the interval as the main one does"),
        ("/analyses.threshold", a["threshold"], ""),
        *(fact for fact in cluster_facts(a["clusters"] or {}) if fact[0].startswith("icc")),
    ]


def tipping_facts(a: Row) -> Facts:
    """Numbers of the tipping point: failures, threshold, and the exact lower limit before and after."""
    from livingreview.synthesis.proportions import clopper_pearson

    tipping, estimate = a["tipping"], a["main"]["estimate"]
    found: Facts = [
        (
            "tipping_failures",
            tipping["failures"],
            "unpublished failures that would tip the exact lower limit",
        ),
        ("/analyses.threshold", a["threshold"], ""),
    ]
    if not tipping["total"] or not estimate:
        return found
    # an exact one-sided limit at 97.5 % is the end of a two-sided interval at 95 %
    level = estimate["level"] if estimate["sided"] == 2 else 2 * estimate["level"] - 1
    first = clopper_pearson(tipping["events"], tipping["total"], level)[0]
    if tipping["failures"]:
        found.append(("tipping_from", first, "lower limit of the exact interval of the counts"))
    after = "lower limit of the exact interval with the unpublished failures"
    return [*found, ("tipping_to", tipping["lower"], after)]


def reason_facts(a: Row) -> Facts:
    """Numbers of the reason why no model was fitted, or why nothing could be estimated at all."""
    if not a["k"]:
        return _nothing_facts(a["main"]["reason"] or "")
    return [
        (
            "series",
            sum((s["total"] or 0) > 1 for s in a["studies"]),
            "studies that evaluated two or more units",
        ),
        ("k", a["k"], "studies"),
        ("n", a["n"], "units evaluated"),
        ("events", a["events"], "responders"),
    ]


def _nothing_facts(reason: str) -> Facts:
    """Numbers of the reason why no study enters, each by the words beside it; the results hold them only within that sentence."""
    found: Facts = []
    for place, token in enumerate(tokens(reason), 1):
        if token.kind == QUANTIFIER or token.value is None:
            continue
        value = int(token.value) if token.value == int(token.value) else float(token.value)
        after = reason[token.end :].lstrip()
        if after.startswith("months"):
            fact = ("latest_months", value, "latest time that the outcome takes, in months")
        elif after.startswith(("report only later", "reports only later")):
            fact = (
                "only_later",
                value,
                "studies that give a count only after the latest time that the outcome takes",
            )
        elif after.startswith(("study with a count", "studies with a count")):
            fact = (
                f"not_taken{place}",
                value,
                "studies with a count that the outcome does not take, for this reason",
            )
        else:
            fact = (f"reason{place}", value, "number in the reason why nothing could be estimated")
        found.append(fact)
    return found


def cluster_facts(clusters: Row) -> Facts:
    """Numbers on units within patients: how many lie in how many, limits as if independent, robust, and by correlation."""
    if not clusters:
        return []
    naive, robust = clusters["naive"], clusters["robust"]
    found: Facts = []
    if robust:
        found += [
            ("robust.lower", robust["lower"], "lower limit robust to clustering"),
            ("robust.upper", robust["upper"], "upper limit robust to clustering"),
        ]
    found += [
        ("clusters.units", clusters["units"], "units that lie in patients"),
        ("clusters.patients", clusters["patients"], "patients that the units lie in"),
        ("naive.lower", naive["lower"], "lower limit if units were independent"),
        ("naive.upper", naive["upper"], "upper limit if units were independent"),
    ]
    for i, at in enumerate(clusters["at_icc"], 1):
        found += [
            (f"icc{i}.lower", at["lower"], f"lower limit at a correlation of {at['icc']:g}"),
            (f"icc{i}.upper", at["upper"], f"upper limit at a correlation of {at['icc']:g}"),
            (f"icc{i}.icc", at["icc"], "correlation assumed within patients"),
        ]
    return found
