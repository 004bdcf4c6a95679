"""Claims on the declared analyses: what each of them says of a therapy, in numbers and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims import clustered
from livingreview.claims import wording as w
from livingreview.claims.facts import cluster_facts, reason_facts, tipping_facts, verdict_facts
from livingreview.claims.marks import UNMARKED, Marks, slug
from livingreview.claims.model import Claims
from livingreview.claims.numbers import QUANTIFIER, tokens
from livingreview.claims.words import PATIENT, Words, lower_first
from livingreview.publish.escape import markdown
from livingreview.synthesis.fitting import cautious_limits, placed
from livingreview.synthesis.sentences import NO_STUDY, noun

Row = Mapping[str, Any]

TOTAL = (("total", "n"),)
NOT_ESTIMATED = "could not be estimated"
AGAINST = {
    "above": "lies above the threshold",
    "below": "lies below the threshold",
    "undecided": "includes the threshold",
}
"""Where an interval lies, by the state of a result, as the end of a clause."""


def add_analyses(claims: Claims, code: str, result: Row, words: Words) -> None:
    """Claims ``<therapy>.analysis.…`` of one therapy: every declared outcome has its keys, with data or without."""
    found = {a["code"]: a for a in result["analyses"]}
    outcomes = words.protocol["analyses"]["outcomes"]
    for outcome in outcomes:
        _add_one(claims, f"{code}.analysis.{outcome['code']}", outcome, found.get(outcome["code"]), words)
    m = claims.marks(f"{code}.analysis")
    told = [found[o["code"]] for o in outcomes if o["code"] in found]
    claims.add(
        f"{code}.analysis.summary",
        sum(a["k"] > 0 for a in told),
        _all(told, words, m),
        unit="text",
        definition=f"declared analyses of {result['therapy']['name']} in words",
        studies=sorted({s["study_id"] for a in told for s in a["studies"]}),
    )


def _add_one(claims: Claims, key: str, outcome: Row, a: Row | None, words: Words) -> None:
    studies = [s["study_id"] for s in a["studies"]] if a else []
    name = outcome["name"]
    main = a["main"] if a else None
    estimate = main["estimate"] if main else None
    n = estimate["n"] if estimate else None
    m = Marks(key, markdown(name), outcome["unit"], TOTAL)

    def add(part: str, value: Any, text: str, definition: str, unit: str = outcome["unit"]) -> None:
        claims.add(
            f"{key}.{part}", value, text, unit=unit, definition=f"{name}: {definition}", studies=studies
        )

    many = noun(2, outcome["unit"], words.protocol.get("units") or {})
    for part, definition in (("k", "studies"), ("n", f"{many} evaluated"), ("events", "responders")):
        value = a[part] if a and a["k"] else (0 if a and part == "k" else None)
        add(part, value, w.integer(value), definition)
    for part, field in (("percent", "value"), ("lower", "lower"), ("upper", "upper")):
        value = estimate[field] if estimate else None
        what = "value" if field == "value" else f"{field} limit"
        add(part, value, w.percent(value, n), f"{what} of the main estimate")
    add("text", None, main_text(a, words, m) if a else w.NO_DATA, "main estimate", "text")
    for part in ("median", "prediction"):
        extra = main[part] if main else None
        text = interval_text(extra, m.at(f"of_{part}", part)) if extra else NOT_ESTIMATED
        add(part, extra["value"] if extra else None, text, part, "text")
    add("model", None, markdown(main["name"]) if main else w.NO_DATA, "model or exact interval", "text")
    reason = said((main or {}).get("reason") or "The model was fitted.", a, m) if main else w.NO_DATA
    add("reason", None, reason, "why no model was fitted", "text")
    add(
        "verdict",
        a["verdict"]["agree"] if a else None,
        said(a["verdict"]["text"], a, m) if a else w.NO_DATA,
        "verdict of the sensitivity set",
        "text",
    )
    add(
        "tipping",
        a["tipping"]["failures"] if a else None,
        said(a["tipping"]["text"], a, m) if a else w.NO_DATA,
        "tipping point",
        "text",
    )
    add("left_out", None, left_out(a["left_out"], m) if a else w.NO_DATA, "studies left out", "text")
    add("summary", None, summary(a, words, m) if a else w.NO_DATA, "all of it in words", "text")


def said(text: str | None, a: Row | None = None, m: Marks = UNMARKED) -> str:
    """A result's own sentence, escaped; with marks, its numbers are looked up among those of the analysis ``a``."""
    shown = w.sentence(w.spaced(markdown(text or "")))
    if a is None or m.key is None:
        return shown
    if text == a["verdict"]["text"]:
        return m.within(shown, verdict_facts(a))
    if text == a["tipping"]["text"]:
        return m.within(shown, tipping_facts(a))
    if a["clusters"] and text == a["clusters"]["warning"]:
        return m.within(shown, cluster_facts(a["clusters"]))
    return m.within(shown, reason_facts(a))


def interval_text(estimate: Row, m: Marks = UNMARKED) -> str:
    """``62 % (40–81 %)``: value and limits of a proportion whose kind has been said."""
    n = estimate["n"]
    return (
        f"{m.percent('percent', estimate['value'], n)} ({m.range(estimate['lower'], estimate['upper'], n)})"
    )


def main_text(a: Row, words: Words, m: Marks = UNMARKED) -> str:
    """The main estimate: of a model ``mean proportion 62 % (95 % interval 40–81 %)``, else the crude count with its exact interval."""
    main = a["main"]
    estimate = main["estimate"]
    if not estimate:
        return w.NO_DATA
    if not main["fitted"]:
        return clustered.analysed(a, words, m)
    what = "mean proportion" if estimate["kind"] == "mean_proportion" else "proportion"
    n = estimate["n"]
    beside = clustered.wider(a, words, m)
    return (
        f"{what} {m.percent('percent', estimate['value'], n)} ({m.level(estimate['level'])} interval "
        f"{m.range(estimate['lower'], estimate['upper'], n)}{clustered.if_independent(a['unit'], words)}"
        f"{f'; of the summed counts {beside}' if beside else ''})"
    )


def convention(prediction: Row) -> str:
    """Convention of a prediction interval without what it is called: ``t with k − 2 degrees of freedom``."""
    name = lower_first(str(prediction["method_name"]))
    if name.startswith("prediction interval (") and name.endswith(")"):
        name = name.removeprefix("prediction interval (")[:-1]
    return markdown(name.removeprefix("prediction interval, "))


def left_out(studies: Sequence[Row], m: Marks = UNMARKED) -> str:
    """Studies that do not enter, each with its reason. A number of a reason is a claim ``left_out_<study>.reason<n>`` of that study alone."""
    if not studies:
        return "No study was left out."
    return w.sentence("; ".join(f"{markdown(s['label'])}: {_reason(s, m)}" for s in studies))


def _reason(study: Row, m: Marks) -> str:
    text = markdown(w.clause(study["reason"]))
    values = [t.value for t in tokens(text) if t.kind != QUANTIFIER and t.value is not None]
    numbers = [int(v) if v == int(v) else float(v) for v in values]
    said = f"number in the reason why {markdown(study['label'])} is left out"
    facts = [(f"reason{place}", value, said) for place, value in enumerate(numbers, start=1)]
    mine = m.at(f"left_out_{slug(study['study_id'])}", studies=[study["study_id"]])
    return mine.within(text, facts)


def summary(a: Row, words: Words, m: Marks = UNMARKED) -> str:
    """One outcome in a paragraph: main estimate or why there is none, threshold, verdict, tipping point, what flips, clusters."""
    if not a["k"]:
        return w.sentence(f"{markdown(a['name'])}: {_no_data(a, m)}")
    return w.paragraph(
        _main(a, words, m),
        said(a["main"]["reason"], a, m),
        said(a["verdict"]["text"], a, m),
        said(a["tipping"]["text"], a, m),
        flips(a),
        said((a["clusters"] or {}).get("warning"), a, m),
    )


def _no_data(a: Row, m: Marks, otherwise: str = w.NO_DATA) -> str:
    """Why an outcome without data has none, as a clause."""
    return lower_first(m.within(markdown(w.clause(a["main"]["reason"] or otherwise)), reason_facts(a)))


def _main(a: Row, words: Words, m: Marks = UNMARKED) -> str:
    main, name = a["main"], markdown(a["name"])
    from_studies = f"from {m.studies('k', a['k'])}"
    if main["fitted"]:
        median, prediction = main["median"], main["prediction"]
        counted = (
            f"{m('events', a['events'])} of {words.counted(a['n'], a['unit'], m, 'total')} {from_studies}"
        )
        text = f"{name}: {main_text(a, words, m)}, {counted}, by the {markdown(lower_first(main['name']))}"
        if median:
            text += f"; in the median study {interval_text(median, m.at('of_median', 'median'))}"
        if prediction:
            spread = m.at("of_prediction", "prediction").range(
                prediction["lower"], prediction["upper"], a["n"]
            )
            text += f"; prediction interval for a new study {spread} ({convention(prediction)})"
    else:
        text = f"{name}: {main_text(a, words, m)}, {from_studies}"
    state = state_of(a)
    if state:
        which = "the wider interval" if clustered.wider(a, words) else "the interval"
        text += f"; {which} {AGAINST[state]} of {m.other('analyses.threshold', w.percent(a['threshold']))}"
    return w.sentence(text)


def state_of(a: Row) -> str | None:
    """Where the interval that may be read against the threshold lies; None where the main analysis has none."""
    if not a["main"]["estimate"] or not any("main" in codes for codes in a["verdict"]["states"].values()):
        return None
    lower, upper, _ = cautious_limits(a)
    return placed(lower, upper, a["threshold"])


def leaves_open(verdict: Row) -> bool:
    """Whether the analyses of a verdict agree only in that each interval includes the threshold."""
    return bool(verdict["agree"] and "undecided" in verdict["states"])


def flips(a: Row) -> str:
    """What leaving out one study, or the order in time, changes of the main state; empty where nothing changes. The steps' intervals
    are like with like: units of one patient are taken as independent in them and in the main one."""
    state = next((s for s, codes in a["verdict"]["states"].items() if "main" in codes), None)
    if state is None or a["k"] < 2:
        return ""
    by_state: dict[str, list[str]] = {}
    for step in a["leave_one_out"]:
        if step["state"] and step["state"] != state:
            by_state.setdefault(step["state"], []).append(markdown(step["label"]))
    sentences = [
        w.sentence(f"without {w.listed(labels, 'or')} the interval {AGAINST[other]}")
        for other, labels in by_state.items()
    ]
    states = [s for s in a["cumulative"] if s["state"]]
    changed = [i for i in range(1, len(states)) if states[i]["state"] != states[i - 1]["state"]]
    if changed:
        last = states[changed[-1]]
        # the place of a study without a year is a convention, not its time
        if last["year"] is not None:
            sentences.append(
                w.sentence(
                    f"in the order of publication the interval {AGAINST[last['state']]} since {markdown(last['label'])}"
                )
            )
    return w.paragraph(*sentences)


def _all(told: Sequence[Row], words: Words, m: Marks = UNMARKED) -> str:
    """The primary outcome in full (without data also the first other that has), the others by where their intervals lie, then
    those without data by name."""
    if not told:
        return "No analysis was declared."
    if not any(a["k"] for a in told):
        if all(a["main"]["reason"] == NO_STUDY for a in told):
            return (
                "No study gives a count for any of the declared outcomes, so that nothing could be estimated."
            )
        return w.paragraph(*_without(told, m))
    primary = [a for a in told if a["role"] == "primary"]
    others = [a for a in told if a["k"] and a["role"] != "primary"]
    sentences = [summary(a, words, _of(m, a)) for a in primary]
    if others and not any(a["k"] for a in primary):
        first, *others = others
        sentences.append(summary(first, words, _of(m, first)))
    sentences.append(_others(others, m))
    sentences += [
        w.paragraph(_main(a, words, _of(m, a)), said(a["clusters"]["warning"], a, _of(m, a)))
        for a in others
        if a["clusters"]
    ]
    sentences += _without([a for a in told if not a["k"] and a["role"] != "primary"], m)
    return w.paragraph(*sentences)


def _of(m: Marks, a: Row) -> Marks:
    """Marks of one outcome among those of a therapy."""
    if m.key is None:
        return m
    return Marks(f"{m.key}.{a['code']}", markdown(a["name"]), a["unit"], TOTAL)


def _without(outcomes: Sequence[Row], m: Marks) -> list[str]:
    """Outcomes without data by the reason that each of them gives; its numbers are those of the first of them."""
    by_reason: dict[str, list[Row]] = {}
    for a in outcomes:
        by_reason.setdefault(a["main"]["reason"] or NO_STUDY, []).append(a)
    return [
        w.sentence(
            f"nothing could be estimated for {'; '.join(markdown(lower_first(a['name'])) for a in same)}: "
            f"{_no_data(same[0], _of(m, same[0]), NO_STUDY)}"
        )
        for same in by_reason.values()
    ]


def _others(outcomes: Sequence[Row], m: Marks) -> str:
    """Where the intervals of further outcomes lie: ``… includes the threshold for complete response (4 of 7), …``."""
    by_state: dict[str, list[str]] = {}
    # units within patients need their warning and so stand by themselves
    for a in (a for a in outcomes if not a["clusters"]):
        if state := state_of(a):
            by_state.setdefault(state, []).append(
                f"{markdown(lower_first(a['name']))} ({_figure(a, _of(m, a))})"
            )
    placed = [f"{AGAINST[state]} for {'; '.join(names)}" for state, names in by_state.items()]
    return (
        w.sentence(f"for the other outcomes with data, the interval {'. It '.join(placed)}") if placed else ""
    )


def _figure(a: Row, m: Marks) -> str:
    estimate = a["main"]["estimate"]
    if a["main"]["fitted"]:
        return f"mean proportion {m.percent('percent', estimate['value'], estimate['n'])}"
    return f"{m('events', a['events'])} of {m('total', a['n'])}"


def add_brief(claims: Claims, results: Sequence[Row], words: Words) -> None:
    """Claim ``analyses.brief``: for an abstract, the primary outcome over the therapies, and of a therapy without a count for it the
    first other outcome that has one."""
    outcomes = sorted(words.protocol["analyses"]["outcomes"], key=lambda o: o["role"] != "primary")
    said: dict[str, list[str]] = {o["code"]: [] for o in outcomes}
    without: dict[str, bool] = {}  # whether no study has a count at all
    told: list[Row] = []
    for result in results:
        found = {a["code"]: a for a in result["analyses"] if a["main"]["estimate"]}
        reasons = {a["code"]: a["main"]["reason"] for a in result["analyses"]}
        name = markdown(lower_first(result["therapy"]["short_name"]))
        shown = next((found[code] for code in said if code in found), None)
        if shown is None or shown["code"] != outcomes[0]["code"]:
            without[name] = (reasons.get(outcomes[0]["code"]) or NO_STUDY) == NO_STUDY
        if shown is not None:
            told.append(shown)
            m = _of(claims.marks(f"{result['therapy']['code']}.analysis"), shown)
            said[shown["code"]].append(f"{name} {_counted(shown, result, words, m)}")
    claims.add(
        "analyses.brief",
        len(told),
        _brief(outcomes, said, without, f" ({claims.marks('analyses').level(words.level)} intervals)"),
        unit="text",
        definition="main analysis of the primary outcome, or of the first other with data, over all therapies in brief",
        studies=sorted({s["study_id"] for a in told for s in a["studies"]}),
    )


def _brief(
    outcomes: Sequence[Row], said: Mapping[str, Sequence[str]], without: Mapping[str, bool], level: str
) -> str:
    """``Response (95 % intervals): a 2 of 2 patients (2 studies, 17 treated; 16–100 %); no count for b or c. Relief: b …``"""
    if not any(said.values()):
        return "No count could enter a declared analysis."
    sentences = []
    for outcome in outcomes:
        counts, name = said[outcome["code"]], markdown(outcome["name"])
        if counts:
            none = _none(without) if outcome is outcomes[0] else []
            sentences.append(w.sentence(f"{name}{level}: {'; '.join([*counts, *none])}"))
            level = ""  # said once
        elif outcome is outcomes[0]:
            sentences.append(w.sentence(f"{name}: {'; '.join(_none(without))}"))
    return w.paragraph(*sentences)


def _none(without: Mapping[str, bool]) -> list[str]:
    """``no count for a or b``; a count that is there but does not enter, such as one that is too late, is not denied."""
    clauses = (("no count", True), ("no count that may enter", False))
    listed = [(clause, [name for name, none in without.items() if none is told]) for clause, told in clauses]
    return [f"{clause} for {w.listed(names, 'or')}" for clause, names in listed if names]


def _counted(a: Row, result: Row, words: Words, m: Marks) -> str:
    """``17 of 21 lesions (1 study, 7 patients treated; 37–99 % if clustered)``, with the mean proportion where a model was
    fitted. Those treated stand beside those counted; of units within patients the cautious interval is the only one."""
    patients = result["patients"]
    of = Marks(f"{result['therapy']['code']}.patients", markdown(result["therapy"]["name"]), "patients")
    treated = words.counted(patients["treated"], PATIENT, of, "treated")
    if a["unit"] == PATIENT:
        treated = of("treated", patients["treated"])
    least = "at least " if patients["treated_is_minimum"] else ""
    interval = clustered.cautious(a, words, m)
    if a["main"]["fitted"]:
        e = a["main"]["estimate"]
        among = "of the summed counts " if clustered.wider(a, words) else ""
        interval = f"mean proportion {m.percent('percent', e['value'], e['n'])}, {among}{interval}"
    return (
        f"{m('events', a['events'])} of {words.counted(a['n'], a['unit'], m, 'total')} "
        f"({m.studies('k', a['k'])}, {least}{treated} treated; {interval})"
    )
