"""Declared analyses as the figures read them: which are drawn, and what their estimates are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from livingreview.figures import words
from livingreview.figures.sheet import NO_BREAK, setting
from livingreview.figures.words import Data

_KINDS = {
    "mean_proportion": f"population{NO_BREAK}mean",
    "median_proportion": f"median{NO_BREAK}study",
}
FAILED = "could not be estimated"


def analyses(result: Data) -> list[Data]:
    """Every declared analysis of a therapy, in the protocol's order; none where the result holds none."""
    return list(result.get("analyses") or [])


def responders(result: Data, least: int = 0) -> list[Data]:
    """Analyses of responders (complete plus partial) with at least ``least`` studies."""
    return [a for a in analyses(result) if a["counts"] == "responders" and a["k"] >= least]


def of_group(result: Data, unit: str, construct: str) -> Data | None:
    """The analysis that draws in the group of a unit and construct: that of responders, else the first there is."""
    found = [a for a in analyses(result) if (a["unit"], a["construct"]) == (unit, construct)]
    return next((a for a in found if a["counts"] == "responders"), found[0] if found else None)


def shows_multiverse(analysis: Data) -> bool:
    """Whether sensitivity set and further models are drawn: for the primary outcome always, else from two studies."""
    return bool(analysis["role"] == "primary" or analysis["k"] >= 2)


def colour(result: Data) -> str:
    """Colour of the therapy, which it keeps in every figure."""
    return str(result["therapy"].get("colour") or setting("lines.color"))


def level(result: Data) -> str:
    """Confidence level of the result: ``95%``."""
    known = [a["main"]["estimate"] for a in analyses(result)] + [
        r.get("estimate") for r in result.get("responses") or []
    ]
    return words.level(known, result.get("level") or 0.95)


def pooled_name(pooled: Data, k: int) -> str:
    """``Binomial–normal model, population mean``; ``Exact interval, no model: 2 studies`` where none was fitted."""
    if pooled["estimate"] and not pooled["fitted"]:
        return f"Exact interval, no model: {words.studies(k)}"
    name = model_name(pooled)
    kind = _KINDS.get((pooled["estimate"] or {}).get("kind", ""))
    return f"{name}, {kind}" if kind and kind not in name else name


def model_name(pooled: Data) -> str:
    """Name of a model without what its brackets add, and without the word that all of them share."""
    return upper_first(str(pooled["name"]).split(" (")[0].removesuffix(" interval"))


def prediction_name(prediction: Data) -> str:
    """``Prediction interval (…)``, with its convention."""
    name = str(prediction["method_name"])
    return upper_first(name if "prediction" in name.lower() else f"prediction interval, {name}")


def why_not(reason: str | None) -> str:
    """``could not be estimated: no study is left``: the first clause of a reason."""
    clause = re.split(r"[.;:](?:\s|$)|, so ", reason or "", maxsplit=1)[0].strip()
    return f"{FAILED}: {lower_first(clause)}" if clause else FAILED


def upper_first(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """With a small first letter, unless the first word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def said(analysis: Data) -> str:
    """The pooled result of an analysis in words: ``exact interval, no model: 62 per cent (48 to 75), 2 studies, 31 of 50``."""
    main, k = analysis["main"], analysis["k"]
    if not main["estimate"]:
        return why_not(main["reason"])
    name = pooled_name(main, k) if main["fitted"] else "exact interval, no model"
    counted = f"{words.studies(k)}, {analysis['events']} of {analysis['n']}"
    name = lower_first(name).replace(NO_BREAK, " ")
    parts = [f"{name}: {words.spoken(main['estimate'])}, {counted}"]
    if main["median"]:
        parts.append(f"median study {words.spoken(main['median'])}")
    if main["prediction"]:
        p = main["prediction"]
        parts.append(f"prediction interval {words.whole(p['lower'])} to {words.whole(p['upper'])}")
    warning = f". {analysis['clusters']['warning']}" if analysis["clusters"] else ""
    return "; ".join(parts) + warning


def used_arms(analysis: Data) -> set[tuple[str, str]]:
    """Studies and arms that the analysis counts."""
    return {(s["study_id"], arm) for s in analysis["studies"] for arm in s["arms"]}


def threshold(values: Sequence[Any]) -> str:
    """The thresholds there are, in per cent: ``50 %``."""
    return words.listed([f"{v * 100:g} %" for v in dict.fromkeys(values)])
