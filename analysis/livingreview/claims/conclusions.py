"""Claims that conclusions are judged on, and the claims that say what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.marks import Marks
from livingreview.claims.model import Claims
from livingreview.claims.words import PATIENT, lower_first
from livingreview.conclusions.alerts import AMBER, INFORMATION, RED
from livingreview.conclusions.judge import VARIABLE
from livingreview.protocol_predicates import FAILS, HOLDS, OPEN
from livingreview.publish.escape import markdown
from livingreview.synthesis.fitting import cautious_limits
from livingreview.synthesis.sentences import noun

Row = Mapping[str, Any]

STATES = {HOLDS: "holds", FAILS: "does not hold", OPEN: "cannot be judged"}
"""States of a conclusion as they print."""
ANY = "any"
SERIES_FROM = 2
"""Units from which a study counts as a series."""


def add_inputs(claims: Claims, documents: Row, characteristics: Row, results: Iterable[Row]) -> None:
    """Numbers that predicates compare, beside those that prose prints.

    ``<therapy>.analysis.<outcome>.series``, ``.in_series`` (units evaluated in them), ``.failures_lower``, ``.cautious_lower``,
    ``.cautious_upper`` (the limits that are read against the threshold: robust to clustering where units lie in patients, or at the
    largest correlation that the protocol assumes), ``.icc_lower`` (always at that correlation; none where the patients are not known);
    ``<therapy>.scores.<score>.paired``, ``.fall``, ``.fall_lower``, ``.fall_upper``; ``<therapy>.harms.any_evaluated``,
    ``.any_upper``; ``included.comparative.n``.
    """
    icc, level = documents["analyses"].get("icc") or (), documents["confidence_level"]
    for result in results:
        code, name = result["therapy"]["code"], result["therapy"]["name"]
        analyses = {a["code"]: a for a in result["analyses"]}
        for outcome in documents["analyses"]["outcomes"]:
            many = noun(2, outcome["unit"], documents.get("units") or {})
            _add_analysis(claims, code, name, outcome, analyses.get(outcome["code"]), many, icc, level)
        measures = {s["outcome"]: s for s in result["scores"]}
        for outcome in documents["outcomes"]:
            if outcome["kind"] == "score":
                _add_score(claims, code, name, outcome, measures.get(outcome["code"]))
        people = noun(2, PATIENT, documents.get("units") or {})
        _add_harms(claims, code, name, result["harms"], people)
    designs = (documents.get("conclusions") or {}).get("comparative") or []
    compared = [s["study_id"] for s in characteristics["studies"] if s["design"] in designs]
    claims.add(
        "included.comparative.n",
        len(compared),
        w.integer(len(compared)),
        unit="studies",
        definition="included studies of a design that compares groups or sides",
        studies=compared,
    )


def _add_analysis(
    claims: Claims,
    code: str,
    therapy: str,
    outcome: Row,
    a: Row | None,
    many: str,
    icc: Sequence[float],
    level: float,
) -> None:
    studies = [s["study_id"] for s in a["studies"]] if a else []
    found = a if a and a["main"]["estimate"] else None
    n = a["n"] if a else None

    def add(part: str, value: Any, text: str, what: str, unit: str = outcome["unit"]) -> None:
        claims.add(
            f"{code}.analysis.{outcome['code']}.{part}",
            value,
            text,
            unit=unit,
            definition=f"{what}, {lower_first(outcome['name'])}, {lower_first(therapy)}",
            studies=studies,
        )

    sizes = [s["total"] for s in a["studies"] if s["total"] >= SERIES_FROM] if a else None
    series, within = (None, None) if sizes is None else (len(sizes), sum(sizes))
    add("series", series, w.integer(series), f"studies that evaluated two or more {many}", "studies")
    add("in_series", within, w.integer(within), f"{many} evaluated in studies of two or more")
    failures = next((r for r in a["sensitivity"] if r["kind"] == "failures"), None) if a else None
    pooled = failures["pooled"] if failures else None
    bound = pooled["estimate"]["lower"] if pooled and pooled["estimate"] else None
    total = failures["n"] if failures else None
    add(
        "failures_lower",
        bound,
        w.percent(bound, total),
        f"lower limit with all unreported {many} as failures",
    )
    limits = cautious_limits(found)[:2] if found else (None, None)
    for part, limit in zip(("lower", "upper"), limits, strict=True):
        add(
            f"cautious_{part}",
            limit,
            w.percent(limit, n),
            f"{part} limit that allows for the likeness of {many} in a patient",
        )
    limit = _at_largest(found, icc, level) if found else None
    add(
        "icc_lower",
        limit,
        w.percent(limit, n),
        "lower limit at the largest correlation assumed within patients",
    )


def _at_largest(a: Row, icc: Sequence[float], level: float) -> float | None:
    """Lower limit were units of one patient correlated as closely as the protocol assumes at most; where a model was fitted, not above its own
    limit. For patients it is the limit of the main analysis. None where in how many patients the units lie is not known."""
    from livingreview.synthesis.models.lesions import at_icc

    main = a["main"]["estimate"]["lower"]
    clusters = a["clusters"]
    if clusters is None:
        return float(main)
    if not clusters["patients"] or not icc:
        return None
    naive = clusters["naive"]
    limit = at_icc(naive["events"], naive["total"], clusters["patients"], max(icc), level)[1]
    return min(limit, main) if a["main"]["fitted"] else limit


def _add_score(claims: Claims, code: str, therapy: str, outcome: Row, measure: Row | None) -> None:
    changes = (measure or {}).get("changes") or {}
    limits = changes.get("hodges_lehmann") or {}
    key = f"{code}.scores.{outcome['code']}"
    about = f"{lower_first(outcome['name'])} in single patients, {lower_first(therapy)}"
    n = changes.get("n", 0)
    studies = list(changes.get("used") or [])
    claims.add(
        f"{key}.paired",
        n,
        w.integer(n),
        unit=PATIENT,
        definition=f"values before and after, {about}",
        studies=studies,
    )
    falls = {
        "fall": (changes.get("hodges_lehmann_value"), "fall (Hodges–Lehmann estimate)"),
        "fall_lower": (limits.get("upper"), "lower limit of the fall"),
        "fall_upper": (limits.get("lower"), "upper limit of the fall"),
    }
    for part, (change, what) in falls.items():
        value = None if change is None else 0.0 - change
        claims.add(
            f"{key}.{part}",
            value,
            w.number(value),
            unit=outcome.get("scale") or "",
            definition=f"{what}, {about}",
            studies=studies,
        )


def _add_harms(claims: Claims, code: str, therapy: str, harms: Row, people: str) -> None:
    # lesions or sites are no patients: a count of them says nothing of how many people were harmed
    mine = (ANY, PATIENT)
    total = next((t for t in harms["totals"] if (t["category"], t["unit"]) == mine and t["estimate"]), None)
    studies = sorted(
        {r["study_id"] for r in harms["rows"] if r["used"] and (r["category"], r["unit"]) == mine}
    )
    evaluated = total["evaluated"] if total else 0
    upper = total["estimate"]["upper"] if total else None
    for part, value, text, what, unit in (
        (
            "any_evaluated",
            evaluated,
            w.integer(evaluated),
            f"{people} evaluated for any adverse event",
            PATIENT,
        ),
        (
            "any_upper",
            upper,
            w.percent(upper, evaluated),
            f"upper limit of the share of {people} with any adverse event",
            PATIENT,
        ),
    ):
        claims.add(
            f"{code}.harms.{part}",
            value,
            text,
            unit=unit,
            definition=f"{what}, {lower_first(therapy)}",
            studies=studies,
        )


def add_conclusions(claims: Claims, judged: Sequence[Row], look: int) -> None:
    """Claims ``conclusions.…``: state and sentence of each declared conclusion, all of them in words, and their alerts."""
    for entry in judged:
        studies = sorted({s for key in entry["inputs"] for s in claims[key].studies})
        claims.add(
            f"conclusions.{entry['id']}.state",
            entry["state"],
            STATES[entry["state"]],
            unit="text",
            definition=f"state of the conclusion: {entry['name']}",
            studies=studies,
        )
        claims.add(
            f"conclusions.{entry['id']}.sentence",
            entry["state"],
            _sentence(claims, entry["id"], entry["template"]),
            unit="text",
            definition=f"what the conclusion says in its present state: {entry['name']}",
            studies=studies,
        )
        for part in ("state", "sentence"):
            claims.replace(f"conclusions.{entry['id']}.{part}", compared=tuple(entry["inputs"]))
    every = tuple(dict.fromkeys(key for entry in judged for key in entry["inputs"]))
    claims.add(
        "conclusions.summary",
        {entry["id"]: entry["state"] for entry in judged},
        _summary(judged),
        unit="text",
        definition="states of the declared conclusions in words",
        studies=sorted({s for key in every for s in claims[key].studies}),
    )
    claims.add(
        "conclusions.brief",
        {state: sum(entry["state"] == state for entry in judged) for state in STATES},
        _brief(judged, claims.marks("conclusions.all", unit="conclusions")),
        unit="text",
        definition="how many of the declared conclusions are in which state",
        studies=sorted({s for key in every for s in claims[key].studies}),
    )
    for part in ("summary", "brief"):
        claims.replace(f"conclusions.{part}", compared=every)
    claims.add(
        "conclusions.signed",
        [entry["id"] for entry in judged if entry["signed"]],
        _signed(judged),
        unit="text",
        definition="which of the declared conclusions people have signed",
    )
    claims.add(
        "conclusions.alerts",
        {entry["id"]: entry["alert"]["level"] for entry in judged},
        _alerts(judged),
        unit="text",
        definition="alerts on the conclusions against the version before",
    )
    claims.add(
        "conclusions.look",
        look,
        w.integer(look),
        unit="looks",
        definition="looks at the data so far, this version included",
    )


def _sentence(claims: Claims, conclusion: str, template: str) -> str:
    """The sentence, escaped, with the claims that it prints marked as such."""
    marks = claims.marks(f"conclusions.{conclusion}")
    parts = VARIABLE.split(template)  # text, key, text, key, …, text
    texts = [marks.other(p, claims[p].text) if i % 2 else _escaped(p) for i, p in enumerate(parts)]
    return w.sentence("".join(texts))


def _escaped(text: str) -> str:
    """Escaped, with the blanks at its ends, which part it from the claims beside it."""
    inner = text.strip()
    if not inner:
        return text
    before, after = text.split(inner, 1)
    return f"{before}{markdown(inner)}{after}"


def _names(entries: Iterable[Row]) -> str:
    return "; ".join(markdown(lower_first(e["name"])) for e in entries)


_SAID = {
    HOLDS: ("by the criteria that were declared it holds that", "that", "and"),
    FAILS: ("the present data do not show that", "that", "or"),
    OPEN: ("it cannot be judged on the present data whether", "whether", "or"),
}


def _summary(judged: Sequence[Row]) -> str:
    """``It cannot be judged on the present data whether a, whether b or whether c. The present data do not show that d.``"""
    told = []
    for state, (lead, again, last) in _SAID.items():
        names = [markdown(lower_first(e["name"])) for e in judged if e["state"] == state]
        if names:
            told.append(
                w.sentence(f"{lead} {w.listed([names[0], *(f'{again} {n}' for n in names[1:])], last)}")
            )
    return w.paragraph(*told) or "The protocol declares no conclusion."


_COUNTED = {
    OPEN: ("cannot be judged", "cannot be judged"),
    FAILS: ("does not hold", "do not hold"),
    HOLDS: ("holds", "hold"),
}
"""States as what is said of one conclusion and of several."""


def _brief(judged: Sequence[Row], m: Marks) -> str:
    """``Of 6 declared conclusions, 5 cannot be judged and 1 does not hold.``"""
    if not judged:
        return "The protocol declares no conclusion."
    if len(judged) == 1:
        only = m("declared", 1, "one", "declared conclusions")
        return w.sentence(f"the {only} declared conclusion {_COUNTED[judged[0]['state']][0]}")
    told = []
    for state, (one, many) in _COUNTED.items():
        if n := sum(entry["state"] == state for entry in judged):
            number = m(state, n, None, f"declared conclusions of which it is said: {STATES[state]}")
            told.append(f"{number} {one if n == 1 else many}")
    declared = m("declared", len(judged), None, "declared conclusions")
    return w.sentence(f"of {declared} declared conclusions, {w.listed(told)}")


def _signed(judged: Sequence[Row]) -> str:
    signed = [e for e in judged if e["signed"]]
    if not signed:
        return "Nobody has signed these conclusions; they are proposals that wait for a signature."
    by = "; ".join(f"{markdown(lower_first(e['name']))} ({markdown(e['signed_by'])})" for e in signed)
    rest = [e for e in judged if not e["signed"]]
    return w.paragraph(
        w.sentence(f"signed: {by}"), w.sentence(f"proposed only: {_names(rest)}") if rest else ""
    )


def _alerts(judged: Sequence[Row]) -> str:
    """Names by level, the gravest first; the reasons are in the report of changes."""
    told = []
    reasons = {reason for entry in judged for reason in entry["alert"]["reasons"]}
    if len(reasons) == 1 and all(e["alert"]["level"] == INFORMATION for e in judged):
        return w.sentence(markdown(reasons.pop()))  # the same for every conclusion: nothing could be compared
    for level in (RED, AMBER, INFORMATION):
        if found := [e for e in judged if e["alert"]["level"] == level]:
            told.append(w.sentence(f"{level}: {_names(found)}"))
    return w.paragraph(*told) or "No alert was raised."
