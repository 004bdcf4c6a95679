"""Claims on what the protocol declares to be analysed, and how much of it the data could carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.analyses import AGAINST, leaves_open, state_of
from livingreview.claims.marks import Marks, slug
from livingreview.claims.model import Claims
from livingreview.claims.words import Words, lower_first
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]


def add_declared(claims: Claims, documents: Row) -> None:
    """Claims ``analyses.…``: outcomes, models, sensitivity set and thresholds as the protocol declares them."""
    from livingreview.synthesis.estimates import METHODS

    declared, words = documents["analyses"], Words(documents)

    def model(code: str) -> str:
        return markdown(METHODS[code].name if code in METHODS else code.replace("_", " "))

    def names(entries: Sequence[Row]) -> str:
        return w.listed([markdown(lower_first(e["name"])) for e in entries])

    by_role = {
        role: [o for o in declared["outcomes"] if o["role"] == role]
        for role in ("primary", "secondary", "additional")
    }
    correlations = (declared.get("scores") or {}).get("correlations") or []
    limits = sorted({o["latest_months"] for o in declared["outcomes"] if o.get("latest_months")})
    claims.add(
        "analyses.latest_months",
        limits,
        w.listed([w.number(x) for x in limits], "or") or w.NO_DATA,
        unit="months",
        definition="latest time of a report that enters an analysis, for the outcomes that have such a limit",
    )
    texts = {
        "threshold": (w.percent(declared["threshold"]), "share of responders that matters for a decision"),
        "icc": (w.listed([w.number(x) for x in declared["icc"]]), "correlations assumed within patients"),
        "correlations": (
            w.listed([w.number(x) for x in correlations], "or") or w.NO_DATA,
            "correlations assumed between measurements before and after",
        ),
        "model": (model(declared["primary_model"]), "model of the main analyses"),
        "models": (
            "; ".join(model(m) for m in declared["comparison_models"]) or "none",
            "models fitted beside it",
        ),
        "sensitivity": (names(declared["sensitivity"]), "sensitivity analyses"),
        "subgroups": (names(declared.get("subgroups") or []) or "none", "subgroup analyses"),
        "moderators": (names(declared.get("moderators") or []) or "none", "moderators of meta-regressions"),
        "low_concern": (_low_concern(declared["sensitivity"], words), "what low concern in appraisal means"),
        **{role: (_outcomes(found, words), f"{role} outcomes") for role, found in by_role.items()},
    }
    for name, (text, definition) in texts.items():
        unit = UNITS.get(name, "text")
        claims.add(f"analyses.{name}", declared.get(name), text, unit=unit, definition=definition)


UNITS = {
    "threshold": "per cent",
    "icc": "correlations",
    "correlations": "correlations",
    "low_concern": "items",
}
"""Units of what is declared in numbers."""


def add_overview(claims: Claims, results: Sequence[Row]) -> None:
    """Claim ``analyses.overview``: how many of the declared analyses have data, could be fitted, and agree."""
    found = [a for r in results for a in r["analyses"]]
    told = [a for a in found if a["k"]]
    fitted = sum(a["main"]["fitted"] for a in told)
    m = claims.marks("analyses.all", "over all therapies", "analyses")
    of = f"{m.counted('declared', len(found), 'declared analysis', 'declared analyses')} (outcomes by therapies)"
    if not told:
        text = f"{m('with_data', 0, 'none', 'analyses with data')} of {of} has data"
    else:
        number = m("with_data", len(told), None, "analyses with data")
        modelled = m(
            "fitted",
            fitted,
            w.integer(fitted) if fitted else "none",
            "analyses in which a model could be fitted",
        )
        have = "has data" if len(told) == 1 else "have data"
        text = f"of {of}, {number} {have}; a model could be fitted in {modelled} of them"
    sentences = [w.sentence(text)]
    places = {s: sum(state_of(a) == s for a in told) for s in AGAINST}
    which = (
        "main interval (of units in patients the one that allows for clustering)"
        if any(a["clusters"] for a in told)
        else "main interval"
    )
    where = [
        f"{AGAINST[s]} in {m(f'interval_{s}', n, None, f'analyses whose interval {AGAINST[s]}')}"
        for s, n in places.items()
        if n
    ]
    if where:
        sentences.append(w.sentence(f"the {which} {w.listed(where)}"))
    tally = Counter(_outcome_of(a["verdict"]) for a in told)
    verdicts = {name: tally[name] for name in _VERDICTS}
    judged = [
        f"{name} {m(f'sensitivity_{slug(name)}', n, None, f'analyses whose sensitivity analyses {name} them')}"
        for name, n in verdicts.items()
        if n
    ]
    if judged:
        sentences.append(w.sentence(f"the sensitivity analyses {w.listed(judged)}"))
    claims.add(
        "analyses.overview",
        len(told),
        w.paragraph(*sentences),
        unit="text",
        definition="declared analyses over all therapies: data, models, place of the interval, verdicts",
        studies=sorted({s["study_id"] for a in told for s in a["studies"]}),
    )


def add_untimed(claims: Claims, documents: Row, results: Sequence[Row]) -> None:
    """Claim ``analyses.untimed``: of the studies in analyses with a limit of time, how many do not tell when their result was read."""
    limited = {o["code"] for o in documents["analyses"]["outcomes"] if o.get("latest_months")}
    told, ids = [], set()
    for result in results:
        entered = [s for a in result["analyses"] if a["code"] in limited for s in a["studies"]]
        every = {s["study_id"] for s in entered}
        untimed = {s["study_id"] for s in entered if s["timepoint_months"] is None}
        ids |= untimed
        if every:
            name = markdown(lower_first(result["therapy"]["name"]))
            m = Marks(f"{result['therapy']['code']}.untimed", name, "studies")
            number = m.at(studies=untimed)(
                "n", len(untimed), None, "studies whose result has no reported time"
            )
            among = m.at(studies=every).studies("of", len(every), "studies in analyses with a limit of time")
            told.append(f"{number} of {among} of {name}")
    claims.add(
        "analyses.untimed",
        len(ids),
        w.listed(told) or "no study",
        unit="text",
        definition="studies in analyses with a limit of time whose result has no reported time, by therapy",
        studies=sorted(ids),
    )


_VERDICTS = ("agree in", "all leave open where it lies in", "split in", "cannot be judged in")


def _outcome_of(verdict: Row) -> str:
    """Which of :data:`_VERDICTS` it is. To agree that nothing can be told is no agreement on a side."""
    if verdict["agree"] is None:
        return "cannot be judged in"
    if not verdict["agree"]:
        return "split in"
    return "all leave open where it lies in" if leaves_open(verdict) else "agree in"


def _outcomes(outcomes: Sequence[Row], words: Words) -> str:
    """``response of the deposit (complete or partial, by patient; results of the report; latest report up to 12 months)``."""
    found = []
    for o in outcomes:
        counts = "complete" if o["counts"] == "complete" else "complete or partial"
        parts = [f"{counts}, {words.judged_on(o['judged_on'])}, by {words.units(o['unit'], 1)}"]
        if o.get("bases"):
            parts.append(f"from {w.listed([words.name('bases', b) for b in o['bases']], 'or')}")
        if o.get("latest_months"):
            parts.append(f"latest report up to {w.counted_number(o['latest_months'], 'month', 'months')}")
        found.append(f"{markdown(lower_first(o['name']))} ({', '.join(parts)})")
    return "; ".join(found) or "none"


def _low_concern(sensitivity: Sequence[Row], words: Words) -> str:
    """Items by tool that must be judged so: ``case reports: items 3, 4, 5 and 6``."""
    tools = words.protocol.get("appraisal_tools") or {}
    found = []
    for s in sensitivity:
        for tool, appraised in (s.get("appraisal") or {}).items():
            numbers = sorted(int(i) for i in appraised["items"])
            known = tools.get(tool) or {}
            name = markdown(lower_first(str(known.get("name", tool))))
            items = "item" if len(numbers) == 1 else "items"
            found.append(f"{name}: {items} {w.listed([w.integer(i) for i in numbers])}")
    return "; ".join(found) or "none"
