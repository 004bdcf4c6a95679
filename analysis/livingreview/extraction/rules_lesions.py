"""Rules on units that are described by patient, such as lesions: they fit the patient's arm and the counts of it."""

from __future__ import annotations

from collections.abc import Iterator

from livingreview.errors import Problem
from livingreview.extraction.ruling import Review, Row, grouped, others, rule, told, unread
from livingreview.unit_columns import of_patient


def _columns(review: Review) -> Iterator[tuple[str, str, str]]:
    """(unit, column of those evaluated, column of responders) of the units that participants can be counted in."""
    known = review.schemas["participants"].fields
    for unit in review.protocol.units:
        evaluated, responded = of_patient(unit)
        if evaluated in known and responded in known:
            yield unit, evaluated, responded


@rule("participants", protocol="units")
def responding_units_are_evaluated(review: Review) -> Iterator[Problem]:
    """Not more units of a patient respond than were evaluated in this patient."""
    for _, evaluated, responded in _columns(review):
        for row in review.tables["participants"]:
            if row[responded] is None or unread(row, evaluated):
                continue
            if row[evaluated] is None:
                yield told(
                    row,
                    responded,
                    f"stands without {evaluated}",
                    suggestion=f"fill in {evaluated}, or empty the cell",
                )
            elif row[responded] > row[evaluated]:
                yield told(
                    row,
                    responded,
                    f"more than {evaluated}",
                    allowed=f"0 to {row[evaluated]} ({evaluated})",
                )


@rule("participants", against="arms", protocol="units")
def units_of_participants_fit_arm(review: Review) -> Iterator[Problem]:
    """The units evaluated in the described patients of an arm are together no more than the arm has."""
    sizes = review.schemas["arms"].unit_columns
    for unit, evaluated, _ in _columns(review):
        for key, people in _people(review).items():
            arm, size = review.arms.get(key), sizes.get(unit, "")
            most = None if arm is None else arm.get(size)
            together = sum(p[evaluated] or 0 for p in people)
            if arm is not None and most is not None and together > most:
                last = [p for p in people if p[evaluated]][-1]
                yield told(
                    last,
                    evaluated,
                    f"the described patients have {together} together, but the arm has {most} ({size} in arms.csv, row {arm['_row']})",
                    allowed=f"together 0 to {most}",
                    suggestion=f"mend the patients, or {size} of the arm",
                )


@rule("participants", against="arms outcomes", protocol="units outcomes response")
def units_of_participants_agree_with_counts(review: Review) -> Iterator[Problem]:
    """Units counted patient by patient can be true together with the counts of their arm in outcomes.csv.

    Patients who are the whole arm sum to the counts, a part of them to no more. Of several constructs and time points
    agreement with one is enough. Without any count a note says that the units are not counted.
    """
    codes = set(review.protocol.outcome_codes("response"))
    results = grouped(
        (r for r in review.primary("outcomes") if r["outcome"] in codes),
        lambda r: (r["study_id"], r["arm_id"], r["unit"]),
    )
    for unit, evaluated, responded in _columns(review):
        for key, people in _people(review).items():
            arm, told_of = review.arms.get(key), [p for p in people if p[evaluated] is not None]
            if arm is None or not told_of or any(unread(p, evaluated, responded) for p in people):
                continue
            rows = results.get((*key, unit), [])
            if not rows:
                yield told(
                    told_of[0],
                    evaluated,
                    f"no response counted in {unit}s stands in outcomes.csv for this arm, so these are not counted",
                    suggestion="add rows to outcomes.csv with the counts of the arm",
                    severity="note",
                )
                continue
            whole = arm["n_patients"] == len(people) == len(told_of) and all(
                p[responded] is not None for p in people
            )
            sums = sum(p[evaluated] for p in told_of), sum(p[responded] or 0 for p in told_of)
            settings = grouped(rows, lambda r: (r["construct"], r["timepoint_months"]))
            against = [(s, text) for s in settings.values() if (text := _contradiction(s, sums, whole))]
            if len(against) == len(settings):
                setting, text = against[0]
                yield told(
                    told_of[-1],
                    evaluated if "evaluated" in text else responded,
                    f"the described patients sum to {text} (outcomes.csv, {others(setting)})",
                    suggestion="mend the patients or the counts of the arm",
                )


def _people(review: Review) -> dict[tuple[str, str], list[Row]]:
    return grouped(review.tables["participants"], lambda r: (r["study_id"], r["arm_id"]))


def _contradiction(rows: list[Row], sums: tuple[int, int], whole: bool) -> str:
    """How the sums (evaluated, responders) contradict the counts of one construct and time point; empty if they do not."""
    events = {r["category"]: r["events"] for r in rows}
    totals = {r["total"] for r in rows if r["total"] is not None}
    total = next(iter(totals)) if len(totals) == 1 else None
    responders = events.get("any")
    if responders is None and None not in (events.get("complete"), events.get("partial")):
        responders = events["complete"] + events["partial"]
    for summed, counted, words in (
        (sums[0], total, "evaluated"),
        (sums[1], responders, "with response"),
    ):
        if counted is not None and (summed > counted or (whole and summed != counted)):
            return f"{summed} {words}, but the arm counts {counted}"
    return ""
