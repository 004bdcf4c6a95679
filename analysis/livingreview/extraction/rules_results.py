"""Rules on results: outcomes, and participants beside the counts of their arm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from livingreview.errors import Problem
from livingreview.extraction.ruling import Review, Row, grouped, others, rule, told, unread
from livingreview.nearest import did_you_mean

_DEGREES = ("complete", "partial")
_EXCLUSIVE = ("complete", "partial", "none")


def _setting(row: Row) -> tuple[Any, ...]:
    return row["study_id"], row["arm_id"], row["unit"], row["construct"], row["timepoint_months"]


def _responses(review: Review) -> list[Row]:
    codes = set(review.protocol.outcome_codes("response"))
    return [row for row in review.tables["outcomes"] if row["outcome"] in codes]


def _primary_settings(review: Review) -> dict[tuple[Any, ...], list[Row]]:
    """Response rows that are no second reading, by study, arm, unit, construct and time point."""
    return grouped(
        (r for r in _responses(review) if r["alternative_to"] is None), lambda r: (r["outcome"], *_setting(r))
    )


@rule("outcomes")
def events_within_total(review: Review) -> Iterator[Problem]:
    """Not more events than evaluated units."""
    for row in review.tables["outcomes"]:
        if row["events"] is not None and row["total"] is not None and row["events"] > row["total"]:
            yield told(row, "events", "more events than the total", allowed=f"0 to {row['total']} (total)")


@rule("outcomes", against="arms")
def total_within_arm(review: Review) -> Iterator[Problem]:
    """Not more units evaluated (or, without a total, with the event) than the arm has patients or lesions."""
    columns = review.schemas["arms"].unit_columns
    for row in review.tables["outcomes"]:
        arm, column = review.arm(row), columns.get(row["unit"])
        if arm is None or column is None or arm.get(column) is None:
            continue
        counted = "total" if row["total"] is not None else "events"
        if row[counted] is not None and row[counted] > arm[column]:
            yield told(
                row,
                counted,
                f"more than the {row['unit']}s of arm {row['arm_id']}",
                allowed=f"0 to {arm[column]} ({column} in arms.csv, row {arm['_row']})",
            )


@rule("outcomes", protocol="response outcomes constructs")
def response_is_coded(review: Review) -> Iterator[Problem]:
    """A response has one of the protocol's categories, and a construct (what it was judged on)."""
    categories = list(review.protocol.response.categories.model_dump())
    for row in _responses(review):
        category = row["category"]
        if category not in categories and not unread(row, "category"):
            message = "a response needs a category" if category is None else "no category of response"
            yield told(
                row,
                "category",
                message,
                allowed=", ".join(categories),
                suggestion=did_you_mean(category, categories)
                if category
                else "`any` if the degree is not shown",
            )
        if row["construct"] is None and not unread(row, "construct"):
            constructs = review.protocol.constructs
            hint = "`unspecified` if the source does not say" if "unspecified" in constructs else ""
            yield told(
                row,
                "construct",
                "a response needs a construct",
                allowed=", ".join(constructs),
                suggestion=hint,
            )


@rule("outcomes", protocol="outcomes")
def exclusive_categories_fit(review: Review) -> Iterator[Problem]:
    """Complete, partial and none stand once each, share one total, and their events sum to no more than it."""
    for rows in _primary_settings(review).values():
        exclusive = [r for r in rows if r["category"] in _EXCLUSIVE]
        for category, same in grouped(rows, lambda r: r["category"]).items():
            for row in same[1:] if category is not None else []:
                yield told(
                    row,
                    "category",
                    f"the same result of the same arm, unit, construct and time point stands already in {others(same[:1])}",
                    suggestion="a second reading of the same patients: name the first in alternative_to",
                )
        totals = [r for r in rows if r["total"] is not None]
        if len({r["total"] for r in totals}) > 1:
            first = totals[0]
            for row in totals[1:]:
                if row["total"] != first["total"]:
                    yield told(
                        row, "total", f"another total than in {others([first])}, which is {first['total']}"
                    )
            continue
        counted = [r for r in exclusive if r["events"] is not None]
        events = sum(r["events"] for r in counted)
        if totals and len(counted) > 1 and events > totals[0]["total"]:
            yield told(
                counted[-1],
                "events",
                f"complete, partial and none exclude each other, but sum to {events} of {totals[0]['total']} ({others(counted)})",
            )


@rule("outcomes", protocol="outcomes")
def recurrence_fits_response(review: Review) -> Iterator[Problem]:
    """Units without response cannot recur: recurrences and non-responders together are no more than the total."""
    kinds = {o.code: o.kind for o in review.protocol.outcomes}
    primary = review.primary("outcomes")
    recurrences = grouped(
        (r for r in primary if kinds.get(r["outcome"]) == "recurrence"),
        lambda r: (r["study_id"], r["arm_id"], r["unit"], r["total"]),
    )
    for row in primary:
        if (
            kinds.get(row["outcome"]) != "response"
            or row["category"] != "none"
            or None in (row["events"], row["total"])
        ):
            continue
        for other in recurrences.get((row["study_id"], row["arm_id"], row["unit"], row["total"]), []):
            if other["events"] is not None and other["events"] + row["events"] > row["total"]:
                yield told(
                    other,
                    "events",
                    f"more recurrences than units that responded: {row['events']} of {row['total']} did not ({others([row])})",
                    allowed=f"0 to {row['total'] - row['events']}",
                )


@rule("outcomes", protocol="outcomes")
def any_not_beside_degrees(review: Review) -> Iterator[Problem]:
    """`any` (degree not shown) does not stand beside complete or partial of the same patients, which it would count twice."""
    for rows in _primary_settings(review).values():
        degrees = [r for r in rows if r["category"] in _DEGREES]
        missing = [r for r in rows if r["category"] == "none" and r["events"] is not None]
        for row in (r for r in rows if r["category"] == "any"):
            if degrees:
                yield told(
                    row,
                    "category",
                    f"stands beside complete or partial of the same arm, unit, construct and time point ({others(degrees)})",
                    suggestion="delete the row, or, for a second reading of the same patients, name the first in alternative_to",
                )
            elif (
                missing
                and None not in (row["events"], row["total"])
                and row["events"] + missing[0]["events"] > row["total"]
            ):
                yield told(
                    row, "events", f"with none ({others(missing)}) more than the total of {row['total']}"
                )


@rule("outcomes")
def alternative_is_of_same_arm(review: Review) -> Iterator[Problem]:
    """A second reading names a primary result of the same arm and outcome, not itself nor another second reading."""
    known = {(r["study_id"], r["outcome_id"]): r for r in review.tables["outcomes"]}
    for row in review.tables["outcomes"]:
        target = row["alternative_to"]
        if target is None:
            continue
        if target == row["outcome_id"]:
            yield told(row, "alternative_to", "a result cannot be the second reading of itself")
            continue
        first = known.get((row["study_id"], target))
        if first is None:
            continue
        if first["alternative_to"] is not None:
            yield told(
                row,
                "alternative_to",
                f"names {target}, which is itself a second reading",
                suggestion="name the primary result, whose alternative_to is empty",
            )
        for column in ("arm_id", "outcome", "unit"):
            if None not in (row[column], first[column]) and first[column] != row[column]:
                yield told(
                    row,
                    "alternative_to",
                    f"names {target}, which has another {column} ({first[column]}, not {row[column]})",
                    suggestion="only a second reading of the same result is an alternative",
                )
                break


@rule("participants", against="arms")
def participant_has_therapy_of_arm(review: Review) -> Iterator[Problem]:
    """A participant has the therapy of the arm."""
    for row in review.tables["participants"]:
        arm = review.arm(row)
        if (
            arm is not None
            and None not in (row["therapy"], arm["therapy"])
            and row["therapy"] != arm["therapy"]
        ):
            yield told(
                row,
                "therapy",
                f"not the therapy of arm {row['arm_id']} (arms.csv, row {arm['_row']})",
                allowed=arm["therapy"],
            )


@rule("participants", against="arms", columns="age sex")
def participants_fit_arm(review: Review) -> Iterator[Problem]:
    """Not more participants, women or men than the arm has, and no age outside the arm's range."""
    for key, rows in grouped(review.tables["participants"], lambda r: (r["study_id"], r["arm_id"])).items():
        arm = review.arms.get(key)
        if arm is None:
            continue
        patients, women = arm["n_patients"], arm["n_female"]
        if patients is not None and len(rows) > patients:
            yield told(
                rows[-1],
                "patient_id",
                f"{_participants(len(rows))} of an arm with {patients} patient{'' if patients == 1 else 's'}",
                suggestion=f"check n_patients in arms.csv, row {arm['_row']}",
            )
        limits = {"F": women, "M": patients - women if None not in (patients, women) else None}
        for sex, most in limits.items():
            counted = [r for r in rows if r["sex"] == sex]
            # more women than patients is told of the arm itself, and leaves fewer than no men
            if most is not None and len(counted) > max(most, 0):
                yield told(
                    counted[-1],
                    "sex",
                    f"{_participants(len(counted))} of sex {sex} in an arm that has {most}",
                    suggestion=f"check n_female in arms.csv, row {arm['_row']}",
                )
        low, high = arm.get("age_min"), arm.get("age_max")
        for row in rows:
            age = row["age"]
            if age is not None and ((low is not None and age < low) or (high is not None and age > high)):
                yield told(
                    row,
                    "age",
                    f"outside the ages of arm {row['arm_id']} (arms.csv, row {arm['_row']})",
                    allowed=f"{low} to {high}",
                )


@rule("participants", against="arms outcomes", protocol="outcomes")
def participants_agree_with_counts(review: Review) -> Iterator[Problem]:
    """The responses of described participants can be true together with the counts of their arm.

    Of every category, the counted events are at least those described and at most those plus the patients not described
    (any arm size known). Where a study counts several constructs or time points, agreement with one is enough,
    because the participants' response does not say which it is.
    """
    patients = (
        r
        for r in _responses(review)
        if r["alternative_to"] is None and r["unit"] == "patient" and r["events"] is not None
    )
    by_arm = grouped(patients, lambda r: (r["study_id"], r["arm_id"]))
    for key, people in grouped(review.tables["participants"], lambda r: (r["study_id"], r["arm_id"])).items():
        described = Counter(r["response"] for r in people if r["response"] is not None)
        arm = review.arms.get(key)
        if not described or arm is None or key not in by_arm or any(unread(r, "response") for r in people):
            continue
        open_to_all = None if arm["n_patients"] is None else arm["n_patients"] - sum(described.values())
        contradictions = []
        for rows in grouped(by_arm[key], _setting).values():
            against = [(row, text) for row in rows if (text := _contradiction(row, described, open_to_all))]
            if not against:
                break
            contradictions += against
        else:
            row, text = contradictions[0]
            wrong = next((p for p in people if _counts(p["response"], row["category"])), people[0])
            yield told(
                wrong,
                "response",
                f"{text} (outcomes.csv, {others([row])})",
                suggestion="mend the participant, the count, or n_patients of the arm",
            )


def _participants(n: int) -> str:
    return f"{n} participant{'' if n == 1 else 's'}"


def _counts(response: str | None, category: str) -> bool:
    """Whether a participant's response is one of those that a category counts."""
    return response is not None and response in ((*_DEGREES, "any") if category == "any" else (category,))


def _contradiction(row: Row, described: Counter[str], rest: int | None) -> str:
    category = row["category"]
    if category not in (*_EXCLUSIVE, "any"):
        return ""
    least = sum(n for response, n in described.items() if _counts(response, category))
    # a participant described as a response of unknown degree may be complete or partial
    degree_open = described["any"] if category in _DEGREES else 0
    if row["events"] < least:
        return f"{_participants(least)} with response {category}, but the arm counts {row['events']}"
    if rest is not None and rest >= 0 and row["events"] > least + degree_open + rest:
        return f"the arm counts {row['events']} with response {category}, but its participants allow {least + degree_open + rest}"
    return ""
