"""Rules on what is said of individual patients: that it can be true beside the counts, and that it is counted at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from livingreview.errors import Problem
from livingreview.extraction.ruling import Review, Row, grouped, others, rule, told, unread

NONE = "none"
"""What ``adverse_events`` says when the source reports that there were none."""
_COUNTED_KINDS = {"response": "response", "adverse_events": "harm", "recurrence": "recurrence"}
"""Columns of participants and the kind of outcome that counts the same thing in an arm."""
_WORDS = {"response": "responses", "adverse_events": "harms", "recurrence": "recurrences"}
_VALUES = ("events", "before", "after", "change", "mean", "median")
_DENIAL = re.compile(
    r"(?:no|nil|zero|0|absent|negative|without)"
    r"|none\s.+"
    r"|(?:no|nil|without|absence of|free of)\s+(?:any\s+|other\s+|further\s+|serious\s+|significant\s+|relevant\s+)*"
    r"(?:adverse|side|unwanted|undesir|harm|complication|toxic|event|effect|problem|relapse|recurr).*",
    re.IGNORECASE | re.DOTALL,
)
_UNKNOWN = re.compile(
    r"n[./]?a\.?|n[./]?r\.?|n[./]?d\.?|[-–—.?]+|null|missing|unknown|unclear|not (?:reported|stated|mentioned|known|available|given|described).*",
    re.IGNORECASE | re.DOTALL,
)


def _is_denial(text: str) -> bool:
    return _DENIAL.fullmatch(text.strip()) is not None


def _kinds(review: Review) -> dict[str, str]:
    return {o.code: o.kind for o in review.protocol.outcomes}


@rule("participants")
def harms_are_named_or_none(review: Review) -> Iterator[Problem]:
    """Adverse events are named, separated by semicolons, or the one word none; any other way to say no would count as a harm."""
    allowed = "`none`, the name of the harm (several separated by semicolons), or empty"
    for row in review.tables["participants"]:
        text = row["adverse_events"]
        if text is None or text.strip().casefold() == NONE:
            continue
        parts = [part.strip() for part in text.split(";")]
        if any(part.casefold() == NONE for part in parts):
            yield told(row, "adverse_events", "none stands beside a harm", allowed=allowed)
        elif any(_UNKNOWN.fullmatch(part) for part in parts):
            yield told(
                row,
                "adverse_events",
                "would be counted as a harm",
                allowed=allowed,
                suggestion="leave the cell empty if it is not reported",
            )
        elif any(_is_denial(part) for part in parts):
            yield told(
                row,
                "adverse_events",
                "would be counted as a harm",
                allowed=allowed,
                suggestion="type none if the source says that there was no harm",
            )


@rule("outcomes", protocol="outcomes")
def nothing_is_counted_as_events(review: Review) -> Iterator[Problem]:
    """A harm or recurrence counts those who had it; that nobody had it is events 0, not a category of its own."""
    kinds = _kinds(review)
    for row in review.tables["outcomes"]:
        kind, category = kinds.get(row["outcome"]), row["category"]
        if (
            kind in ("harm", "recurrence")
            and category
            and (category.casefold() == NONE or _is_denial(category))
        ):
            things = "harms" if kind == "harm" else "recurrences"
            yield told(
                row,
                "category",
                f"the events of this row would be counted as {things}",
                allowed="any, or what it was",
                suggestion="type any, and in events how many had it (0 if nobody)",
            )


@rule("participants", against="arms outcomes", protocol="outcomes")
def participants_agree_on_events(review: Review) -> Iterator[Problem]:
    """Harms and recurrences of described participants can be true together with the counts of their arm.

    Of several time points of a count, agreement with one is enough.
    """
    kinds = _kinds(review)
    counts = grouped(
        (
            r
            for r in review.primary("outcomes")
            if r["unit"] == "patient"
            and r["events"] is not None
            and kinds.get(r["outcome"]) in ("harm", "recurrence")
        ),
        lambda r: (r["study_id"], r["arm_id"]),
    )
    people = grouped(review.tables["participants"], lambda r: (r["study_id"], r["arm_id"]))
    for key, rows in counts.items():
        arm, described = review.arms.get(key), people.get(key, [])
        if arm is None or not described:
            continue
        for (outcome, category), same in grouped(
            rows, lambda r: (r["outcome"], (r["category"] or "any").casefold())
        ).items():
            column = "adverse_events" if kinds[outcome] == "harm" else "recurrence"
            if any(unread(p, column) for p in described):
                continue
            yes = [p for p in described if _has(p[column], column, category)]
            no = [p for p in described if p[column] is not None and _denies(p[column], column)]
            found = [(row, text) for row in same if (text := _disagreement(row, arm, len(yes), len(no)))]
            if len(found) == len(same):
                row, text = found[0]
                wrong = yes[0] if text.startswith("it is described") else no[0]
                yield told(
                    wrong,
                    column,
                    f"{text} (outcomes.csv, {others([row])})",
                    suggestion="mend the participant, the count, or n_patients of the arm",
                )


def _has(value: str | None, column: str, category: str) -> bool:
    """Whether a described patient had what a row counts."""
    if value is None or _denies(value, column):
        return False
    return (
        category == "any"
        or column == "recurrence"
        or category in [p.strip().casefold() for p in value.split(";")]
    )


def _denies(value: str, column: str) -> bool:
    return value.casefold() == (NONE if column == "adverse_events" else "no")


def _disagreement(row: Row, arm: Row, yes: int, no: int) -> str:
    if yes > row["events"]:
        return f"it is described in {yes} participant{'' if yes == 1 else 's'}, but the arm counts {row['events']}"
    sizes = [n for n in (arm["n_patients"], row["total"]) if n is not None]
    if sizes and no > max(sizes) - row["events"]:
        return f"the arm counts {row['events']} of {max(sizes)}, but {no} participant{'' if no == 1 else 's'} had none"
    return ""


@rule("participants", against="studies arms outcomes", protocol="outcomes therapies")
def participants_are_counted(review: Review) -> Iterator[Problem]:
    """What is said of individual patients counts only where they are the whole arm or outcomes.csv has the count; else a note says so.

    Only arms in scope of included studies are looked at: nothing is counted in the others.
    """
    scope = {t.code for t in review.protocol.therapies}
    kinds = _kinds(review)
    reported = grouped(review.primary("outcomes"), lambda r: (r["study_id"], r["arm_id"]))
    for key, people in grouped(review.tables["participants"], lambda r: (r["study_id"], r["arm_id"])).items():
        arm, study = review.arms.get(key), review.studies.get(key[0])
        if arm is None or study is None or study["eligibility"] != "included" or arm["therapy"] not in scope:
            continue
        rows = reported.get(key, [])
        for column, kind in _COUNTED_KINDS.items():
            same = [r for r in rows if kinds.get(r["outcome"]) == kind]
            if any(unread(p, column) for p in people):
                continue
            yield from _uncounted(column, arm, people, same)
        for column in sorted(
            c for c in people[0] if c.endswith("_before") and f"{c[:-7]}_after" in people[0]
        ):
            yield from _unpaired(column.removesuffix("_before"), people, rows)


def _uncounted(column: str, arm: Row, people: list[Row], same: list[Row]) -> Iterator[Problem]:
    described = [p for p in people if p[column] is not None]
    if not described or any(r["events"] is not None and r["total"] is not None for r in same):
        return
    size = arm["n_patients"]
    if not same and size == len(people) == len(described):
        return
    these = _WORDS[column]
    if size is None:
        part = f"{len(described)} patient{'' if len(described) == 1 else 's'} of an arm whose n_patients is not known"
    else:
        part = f"{len(described)} of {size} patient{'' if size == 1 else 's'} of the arm"
    if same:
        message = f"described in {part}: these {these} are not counted, because outcomes.csv names them without a count"
        hint = f"give events and total in outcomes.csv, {others(same)}"
    else:
        whole = "" if size is not None and len(described) < size else ", or complete n_patients in arms.csv"
        message = f"described in part ({part}): these {these} are not counted"
        hint = (
            f"add a row to outcomes.csv, with total {len(described)} if nothing is known of the others{whole}"
        )
    yield told(described[0], column, message, suggestion=hint, severity="note")


def _unpaired(measure: str, people: list[Row], rows: list[Row]) -> Iterator[Problem]:
    """A value before or after treatment without the other gives no change."""
    if any(
        _measures(r["outcome"], measure) and any(r.get(value) is not None for value in _VALUES) for r in rows
    ):
        return
    pair = (f"{measure}_before", f"{measure}_after")
    for given, lacking in (pair, pair[::-1]):
        alone = [p for p in people if p[given] is not None and p[lacking] is None and not unread(p, lacking)]
        if alone:
            yield told(
                alone[0],
                given,
                f"stands without {lacking} in {len(alone)} patient{'' if len(alone) == 1 else 's'} of the arm, "
                "so no change can be computed and the value is not used",
                suggestion=f"fill in {lacking}, or add a row with the values to outcomes.csv",
                severity="note",
            )


def _measures(outcome: Any, measure: str) -> bool:
    """The same reading of names as in the synthesis: ``pain_vas`` is measured by ``pain_before`` and ``pain_after``."""
    return isinstance(outcome, str) and (outcome == measure or outcome.startswith(f"{measure}_"))
