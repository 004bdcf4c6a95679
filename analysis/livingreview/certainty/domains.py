"""The inputs of each domain of certainty, and the rating that a rule proposes from them.

A rule sees nothing but the inputs it returns, rounded as they are digested, so the same digest is always the same proposal. What cannot be
estimated is an input that says so. "Most" is more than half of the units (of the studies, where units are not known), after "most information"
in the Cochrane Handbook, 14.2.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from livingreview.certainty.body import SCORE, Body, Interval, share
from livingreview.certainty.model import Input
from livingreview.certainty.words import Words, amount, amounts, limits
from livingreview.synthesis.sentences import listed, studies

RULES = "1"
"""Version of the rules below. A rule that proposes otherwise from the same inputs is a new version, and opens every cell."""

_BY_CROSSINGS = ("not_serious", "serious", "very_serious", "extremely_serious")
CONSIDERABLE = 50.0
"""I² in per cent from which studies on both sides of the threshold count as inconsistent, where no prediction interval exists
(Cochrane Handbook, 10.10.2: 50 to 90 % may be substantial)."""
INFORMATION = 400
ASYMMETRY = 0.1
"""P value below which Egger's test counts (Egger 1997)."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed judgement with its sentence; ``remark`` follows the judgement's word where something could not be estimated."""

    judgement: str
    reason: str
    remark: str = ""


Domain = tuple[tuple[Input, ...], Proposal]


def rounded(value: float) -> float:
    """Three decimals: what a digest is taken of must not hang on the last digits of an optimiser."""
    return round(value, 3) + 0.0


def who(body: Body, words: Words) -> tuple[Input, ...]:
    """What was counted, in which studies, in how many: inputs of every domain."""
    return (
        Input("what", "What was counted", list(body.what), body.measure),
        Input(
            "studies",
            "Studies",
            sorted(m.study_id for m in body.members),
            listed([m.label for m in body.members]),
        ),
        Input("size", "Size", body.participants, words.size(body), body.participants is not None),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """How much of the evidence some studies hold: as an input, as the beginning of a sentence, and whether it is most of it."""

    given: Input
    says: str
    most: bool


def part_of(code: str, label: str, body: Body, words: Words, chosen: set[str]) -> Part:
    """The part of the evidence that the chosen studies hold."""
    part, whole, in_units = share(body, chosen)
    given = Input(code, label, [part, whole], words.part(body, part, whole, in_units))
    return Part(given, words.among(body, part, whole, in_units), 2 * part > whole)


def indirectness(
    body: Body, words: Words, indirect: Mapping[str, Sequence[str]], labels: Mapping[str, Mapping[str, str]]
) -> Domain:
    """Criteria of eligibility that could not be checked, results that do not rest on the results of the report, and second-hand sources.

    Most of the evidence in studies with one such mark: serious; with two: very serious (Guyatt 2011, GRADE guidelines 8).
    """
    criteria = Counter(c for m in body.members for c in m.unverified)
    marks: dict[str, set[str]] = {"unverified": {m.study_id for m in body.members if m.unverified}}
    found = [
        Input(
            "unverified",
            "Criteria that could not be checked (studies)",
            dict(sorted(criteria.items())),
            words.tally(dict(sorted(criteria.items()))) or "none",
        )
    ]
    titles = {"basis": "What the result rests on (studies)", "source_kind": "What could be read (studies)"}
    for column, title in titles.items():
        values = [getattr(m, column) or "not_reported" for m in body.members]
        counts = {v: values.count(v) for v in sorted(set(values))}
        names = {**labels[column], "not_reported": "not reported"}
        found.append(Input(column, title, counts, words.tally(counts, names)))
        listed_codes = sorted(indirect.get(column, ()))
        found.append(
            Input(
                f"indirect_{column}",
                "Counts as indirect",
                listed_codes,
                listed([names.get(c, c) for c in listed_codes]) or "none",
            )
        )
        marks[column] = {m.study_id for m in body.members if getattr(m, column) in listed_codes}
    once = set().union(*marks.values())
    twice = {s for s in once if sum(s in held for held in marks.values()) > 1}
    one = part_of("marked", "In studies with such a mark", body, words, once)
    two = part_of("marked_twice", "In studies with two such marks", body, words, twice)
    inputs = (*who(body, words), *found, one.given, two.given)
    why = _indirect_because(marks)
    if two.most:
        reason = f"{two.says} with two signs of indirectness: {why}."
        return inputs, Proposal("very_serious", reason)
    if once:
        reason = f"{one.says} with a sign of indirectness: {why}."
        return inputs, Proposal("serious" if one.most else "not_serious", reason)
    reason = "No study has a criterion that could not be checked, an indirect basis or an indirect source."
    return inputs, Proposal("not_serious", reason)


def _indirect_because(marks: Mapping[str, set[str]]) -> str:
    says = {
        "unverified": "criteria of eligibility that could not be checked",
        "basis": "a result that does not rest on the results of the report",
        "source_kind": "a source that counts as indirect",
    }
    return listed([f"{says[mark]} ({studies(len(held))})" for mark, held in marks.items() if held])


def crossed(interval: Interval | None, thresholds: Sequence[float]) -> list[float]:
    """Thresholds inside an interval, limits rounded as they are digested."""
    if interval is None:
        return []
    lower, upper = rounded(interval.lower), rounded(interval.upper)
    return [t for t in thresholds if lower < t < upper]


def imprecision(body: Body, words: Words) -> Domain:
    """The interval against the thresholds: one level down for each that it holds, up to three; three without any interval.

    Schünemann 2022 (GRADE guidance 35). The exact interval of a small number of patients is wide by itself; that of a score is not, so that a
    score needs the information size beside it (Zeng 2022, GRADE guidance 34; 400 participants, Guyatt 2011, GRADE guidelines 6).
    """
    interval = body.interval
    held = crossed(interval, body.thresholds)
    thresholds = Input("thresholds", "Thresholds", list(body.thresholds), amounts(body.thresholds, body.kind))
    if interval is None:
        missing = Input("interval", "Interval", None, f"not estimable: {body.no_interval}", False)
        reason = f"{body.no_interval} Nothing bounds the value, so this is rated down by three levels."
        inputs = (*who(body, words), missing, thresholds)
        return inputs, Proposal("extremely_serious", reason, "no interval")
    text = limits(interval.lower, interval.upper, body.kind)
    shown = Input(
        "interval",
        "Interval",
        [rounded(interval.lower), rounded(interval.upper)],
        f"{text} ({interval.what})",
    )
    judgement = _BY_CROSSINGS[min(len(held), 3)]
    about = f"The interval ({text}, {words.size(body)})"
    inputs = (*who(body, words), shown, thresholds)
    if held:
        plural = "" if len(held) == 1 else "s"
        reason = f"{about} holds the threshold{plural} of {amounts(held, body.kind)}."
        return inputs, Proposal(judgement, reason)
    reason = f"{about} holds no threshold ({thresholds.text})"
    if body.kind == SCORE and (body.participants or 0) < INFORMATION:
        return inputs, Proposal(
            "serious",
            f"{reason}, but a score needs about {INFORMATION} participants before a narrow interval can be relied on.",
        )
    return inputs, Proposal(judgement, f"{reason}.")


def inconsistency(body: Body, words: Words) -> Domain:
    """How far the studies' true values lie apart: the thresholds that the prediction interval holds beyond those of the confidence
    interval (one: serious, more: very serious), or without it directions and I². With fewer than three studies of at
    least two units nothing can be estimated, and what cannot be seen is not rated down (imprecision carries it).

    Guyatt 2011 (GRADE guidelines 7); IntHout 2016 for the prediction interval.
    """
    inputs = [*who(body, words)]
    if body.above is not None and body.below is not None:
        at = "" if body.decisive is None else f" of {amount(body.decisive, body.kind)}"
        sides = (
            f"{body.above} at or above the threshold{at}, {body.below} below (studies of at least two units)"
        )
        inputs.append(Input("directions", "Directions", [body.above, body.below, body.decisive], sides))
    spread = body.heterogeneity
    if spread is None or spread.tau2 is None:
        inputs.append(Input("tau2", "Heterogeneity", None, f"not estimable: {body.no_spread}", False))
        inputs.append(Input("prediction", "Prediction interval", None, "not estimable", False))
        reason = (
            f"{body.no_spread} Whether results are consistent cannot be seen, so nothing is rated down here."
        )
        return tuple(inputs), Proposal("not_serious", reason.strip(), "not estimable")
    inputs.append(Input("tau2", "tau²", rounded(spread.tau2), f"{rounded(spread.tau2):g} ({spread.scale})"))
    i2 = body.i2
    inputs.append(
        Input("i2", "I²", None, "not estimable", False)
        if i2 is None
        else Input("i2", "I²", round(i2), f"{round(i2)} %")
    )
    new = body.prediction
    if new is None:
        return _by_directions(body, inputs, i2)
    text = limits(new.lower, new.upper, body.kind)
    inputs.append(
        Input(
            "prediction",
            "Prediction interval",
            [rounded(new.lower), rounded(new.upper)],
            f"{text} ({new.method_name})",
        )
    )
    inputs.append(
        Input("thresholds", "Thresholds", list(body.thresholds), amounts(body.thresholds, body.kind))
    )
    own = (
        Interval(body.estimate.lower, body.estimate.upper, body.estimate.method_name)
        if body.estimate
        else None
    )
    if own:
        own_limits = limits(own.lower, own.upper, body.kind)
        inputs.append(
            Input("confidence", "Confidence interval", [rounded(own.lower), rounded(own.upper)], own_limits)
        )
    before = crossed(own, body.thresholds)
    beyond = [t for t in crossed(Interval(new.lower, new.upper, ""), body.thresholds) if t not in before]
    if not beyond:
        reason = f"The prediction interval ({text}) holds no threshold that the confidence interval does not hold as well."
        return tuple(inputs), Proposal("not_serious", reason)
    which = amounts(beyond, body.kind)
    reason = f"The prediction interval ({text}) holds {which}, which the confidence interval does not: a new study may lie elsewhere."
    return tuple(inputs), Proposal("serious" if len(beyond) == 1 else "very_serious", reason)


def _by_directions(body: Body, inputs: list[Input], i2: float | None) -> Domain:
    inputs.append(
        Input("prediction", "Prediction interval", None, "not estimable with fewer than five studies", False)
    )
    both = bool(body.above and body.below)
    if both and (i2 is None or round(i2) >= CONSIDERABLE):
        reason = (
            "The studies lie on both sides of the threshold, and there are too few for a prediction interval."
        )
        return tuple(inputs), Proposal("serious", reason)
    reason = (
        "The studies lie on both sides of the threshold, but no further apart than chance allows."
        if both
        else "The studies that can show a direction lie on one side of the threshold."
        if body.above or body.below
        else "There are too few studies for a prediction interval, and nothing else shows that they disagree."
    )
    return tuple(inputs), Proposal("not_serious", reason, "no prediction interval")


def publication_bias(body: Body, words: Words) -> Domain:
    """Signs that results are missing: most studies are reports of a single unit, most of the patients treated are not reported on,
    or Egger's test is small (from ten studies on). Such reports are published because of their result, so bias is suspected
    by default (Murad 2018); the tipping point is shown beside it."""
    single = sum(m.n == 1 for m in body.members)
    k = len(body.members)
    unit = str((words.units.get(body.unit) or {}).get("singular", body.unit))
    inputs = [
        *who(body, words),
        Input("single", f"Reports of a single {unit}", [single, k], f"{single} of {studies(k)}"),
    ]
    reasons = []
    if 2 * single > k:
        reasons.append(
            f"{single} of {studies(k)} {'is a report' if single == 1 else 'are reports'} of a single {unit}, "
            "and such reports are published because of their result."
        )
    inputs.append(_unreported(body, words))
    if body.treated and body.unreported is not None and 2 * body.unreported > body.treated:
        reasons.append(f"For {_of_treated(body, words)} treated this outcome is not reported.")
    egger, untested = _egger(body)
    inputs.append(egger)
    if egger.value is not None and egger.value < ASYMMETRY:
        reasons.append(
            f"Small studies give other results than large ones (Egger's test, p = {egger.value:g})."
        )
    tipping = body.tipping
    inputs.append(
        Input("tipping", "Tipping point", None, "not estimable", False)
        if tipping is None or tipping.failures is None
        else Input("tipping", "Tipping point", [tipping.failures, tipping.threshold], tipping.text)
    )
    if reasons:
        return tuple(inputs), Proposal("strongly_suspected", " ".join(reasons))
    return tuple(inputs), Proposal(
        "undetected",
        "No sign of missing results was found"
        + (", and with fewer than ten studies no test can look for it." if untested else "."),
        "not testable" if untested else "",
    )


def _unreported(body: Body, words: Words) -> Input:
    label = "Treated, without this outcome"
    if body.unreported is None:
        return Input("unreported", label, None, "not estimable: the number treated is not known", False)
    if body.treated is None:
        return Input("unreported", label, [body.unreported, None], f"{body.unreported}")
    return Input(
        "unreported",
        label,
        [body.unreported, body.treated],
        _of_treated(body, words),
    )


def _of_treated(body: Body, words: Words) -> str:
    """``15 of 17 patients``; ``15 of at least 17 patients`` where some study does not report how many it treated."""
    least = "at least " if body.treated_is_minimum else ""
    return f"{body.unreported} of {least}{body.treated} {words.patients(body.treated or 0)}"


def _egger(body: Body) -> tuple[Input, bool]:
    """Egger's test as an input, and True where it is not offered."""
    label = "Test of small-study effects"
    tests = body.small_study.tests if body.small_study and body.small_study.offered else ()
    p = next((t.p for t in tests if t.code == "egger"), None)
    if p is None:
        return Input("egger", label, None, "not estimable with fewer than ten studies", False), not tests
    return Input("egger", label, rounded(p), f"Egger's test, p = {rounded(p):g}"), False
