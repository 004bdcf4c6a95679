"""Tables of the main text: characteristics, responses, doses, scores, harms, recurrence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from livingreview.claims import clustered, marks
from livingreview.claims import wording as w
from livingreview.claims.safety import harm_text, partly_counted, recurrence_of
from livingreview.claims.scores import (
    alternative_text,
    changes_text,
    mean_changes_text,
    measurement_text,
)
from livingreview.claims.therapy import dose_text
from livingreview.claims.words import PATIENT, Words, lower_first
from livingreview.publish.escape import markdown
from livingreview.synthesis.sentences import capital
from livingreview.tables.pipe import Column, Table

Row = Mapping[str, Any]


def identifier(study: Row) -> str:
    """Identifier of a study, linked to where it leads (markdown)."""
    found = study["identifier"]
    text = markdown(found["text"])
    return f"[{text}](<{found['url']}>)" if found.get("url") else text


def cited(study: Row) -> str:
    """A study's name with its citation: ``Bottomley 1996 [@…]``, which prints as a number."""
    return f"{markdown(study['label'])} [@{study['study_id']}]"


def compact(estimate: Row) -> str:
    """``17/21: 81 % (58–95)``: an estimate in a narrow column whose head or caption says what the brackets hold, with the mark of units in patients."""
    total = estimate["total"]
    bounds = w.percent_range(estimate["lower"], estimate["upper"], total).removesuffix(f"{w.NBSP}%")
    return f"{w.integer(estimate['events'])}/{w.integer(total)}: {w.percent(estimate['value'], total)}{w.NBSP}({bounds}){clustered.mark(estimate)}"


def characteristics(data: Row, documents: Row) -> Table:
    """One row a study: design, country, what was read, therapies with patients, causes."""
    therapies = {t["code"]: t["short_name"] for t in documents["therapies"]}
    people = Words(documents).units(PATIENT, 2)
    rows = []
    for s in sorted(
        data["studies"], key=lambda s: (s.get("year") is None, s.get("year") or 0, s["label"].casefold())
    ):
        sizes = s.get("n_patients") or {}
        given = [
            f"{markdown(therapies[code])}: {w.integer(sizes[code]) if sizes.get(code) is not None else w.NOT_REPORTED}"
            for code in therapies
            if code in s["therapies"]
        ]
        causes = [
            markdown(lower_first(documents["aetiologies"].get(a, a))) for a in s.get("aetiologies") or []
        ]
        rows.append(
            [
                cited(s),
                markdown(documents["designs"].get(s.get("design"), w.NOT_REPORTED)),
                markdown(s.get("country") or w.NOT_REPORTED),
                markdown(documents["source_kinds"].get(s.get("source_kind"), w.NOT_REPORTED)),
                "; ".join(given),
                capital(w.listed(causes)) or w.NOT_REPORTED,
            ]
        )
    return Table(
        "characteristics",
        f"Characteristics of the included studies, by year. The number after a therapy is the number of {people} treated by it.",
        [
            Column("Study", 27),
            Column("Design", 15),
            Column("Country", 12),
            Column("What was read", 16),
            Column(f"Therapy: {people}", 17),
            Column("Cause", 13),
        ],
        rows,
    )


def responses(results: Sequence[Row], words: Words) -> Table:
    """One row a therapy, construct and unit, with the patients treated, evaluated and unreported."""
    rows = []
    for r in results:
        told = [t for t in r["totals"] if t["k"]]
        name = markdown(r["therapy"]["short_name"])
        if not told:
            treated = w.integer(r["patients"]["treated"])
            rows.append(
                [
                    name,
                    w.NO_DATA,
                    "0",
                    f"{treated} / 0 / {treated}" if r["studies"] else w.NO_DATA,
                    w.NO_DATA,
                    w.NO_DATA,
                    w.NO_DATA,
                ]
            )
        for t in told:
            least = "≥ " if t["treated_unknown"] else ""
            missing = f"{least}{w.integer(t['unreported'])}" if t["unreported"] or not least else "not known"
            within = f" in {words.counted(t['patients'], PATIENT)}" if t["patients"] else ""
            complete = t["complete"]
            silent = (
                f"; {w.studies(complete['k_missing'])} without degree"
                if complete["k_missing"] and complete["estimate"]
                else ""
            )
            rows.append(
                [
                    name,
                    f"{capital(words.units(t['unit'], 2))}{within}: {words.construct(t['construct']).strip('*')}",
                    w.integer(t["k"]),
                    f"{least}{w.integer(t['treated'])} / {w.integer(t['evaluated'])} / {missing}",
                    compact(t["estimate"]),
                    f"{compact(complete['estimate'])}{silent}"
                    if complete["estimate"]
                    else "degree not reported",
                    compact(t["if_failures"])
                    if t["if_failures"]
                    else "not known"
                    if t["if_failures_reason"]
                    else w.NO_DATA,
                ]
            )
    caption = (
        "Reported responses by therapy, by what the response was judged on, and by unit of analysis. Counts, per cent and "
        f"exact {marks.level(words.level)} intervals; crude totals over studies, not a model. {_at_any_time(words)} Unreported: treated, without a counted "
        "result on this construct. Last column: all unreported taken as failures. Rows of one therapy may hold the same "
        f"{words.units(PATIENT, 2)} and are not added."
    )
    return Table(
        "responses",
        clustered.explained(caption, rows, words),
        [
            Column("Therapy", 13),
            Column("Unit: judged on", 21),
            Column("Studies", 9, "center"),
            Column("Treated / evaluated / unreported", 19, "center"),
            Column("Reported responses", 20),
            Column("Complete", 19),
            Column("If unreported were failures", 18),
        ],
        rows,
    )


def _at_any_time(words: Words) -> str:
    """That this table takes the latest report at any time, and which limits the declared outcomes have."""
    limits = sorted(
        {o["latest_months"] for o in words.protocol["analyses"]["outcomes"] if o.get("latest_months")}
    )
    if not limits:
        return "The latest report of each study counts."
    until = marks.refer("analyses.latest_months", w.listed([w.number(x) for x in limits], "or"))
    return (
        f"The latest report of each study counts, at whatever time; the declared analyses take the latest one up to {until} months, so that "
        "counts may differ."
    )


def doses(results: Sequence[Row], fields: Mapping[str, str]) -> Table:
    """One row a therapy and quantity that any study reports; what no study reports is named once a therapy."""
    rows = []
    for r in results:
        name = markdown(r["therapy"]["short_name"])
        known = {f: r["doses"][f] for f in fields if f in r["doses"]}
        missing = [markdown(lower_first(fields[f])) for f, d in known.items() if not d["reporting"]]
        for field, dose in known.items():
            if dose["reporting"]:
                text, _, arms = dose_text(dose).partition(", reported for ")
                rows.append([name, markdown(fields[field]), text, arms])
        if missing:
            rows.append([name, capital("; ".join(missing)), w.NO_DATA, "none"])
    return Table(
        "doses",
        "Strength, settings, number and duration of treatments, and follow-up, over the arms of each therapy: range over arms and reported "
        "ranges, with the median of arms that report a value.",
        [
            Column("Therapy", 26),
            Column("Quantity", 36),
            Column("Range (median)", 20),
            Column("Reported for", 18),
        ],
        rows,
    )


def scores(results: Sequence[Row], words: Words) -> Table:
    """One row a study and measurement, as reported; counts of improved units with exact intervals."""
    rows = []
    for r in results:
        name = markdown(r["therapy"]["short_name"])
        for outcome in [*r["scores"], *r["measures"]]:
            scale = f" ({markdown(outcome['scale'])})" if outcome["scale"] else ""
            title = f"{markdown(outcome['name'])}{scale}"
            for m in outcome["measurements"]:
                rows.append(
                    [
                        name,
                        title,
                        cited(m),
                        capital(measurement_text(m, words)) + ("" if m["used"] else " (earlier)"),
                    ]
                )
            for i in outcome["improved"]:
                e = i["estimate"]
                count = f"Improved: {clustered.estimate(e, words)}" if e else "Improved: no count"
                rows.append([name, title, cited(i), count])
            changes = outcome["changes"]
            if changes and changes["n"]:
                labels = {s["study_id"]: s for s in r["studies"]}
                sources = "; ".join(cited(labels[s]) for s in labels if s in changes["used"])
                rows.append([name, title, sources, capital(changes_text(changes, words))])
            means = mean_changes_text(outcome["change_scores"], words)
            if means:
                rows.append([name, title, "series", capital(means)])
            rows += [[name, title, cited(x), f"“{markdown(x['words'])}”"] for x in outcome["words"]]
            quoted = {x["label"] for x in outcome["words"]}
            bare = [markdown(x) for x in outcome["words_only"] if x not in quoted]
            if bare:
                rows.append([name, title, "; ".join(bare), "in words only, no number"])
        for a in r["alternatives"]:
            reading = f"Second reading of the same {words.units(PATIENT, 2)}, not summed: {alternative_text(a, words)}"
            rows.append([name, markdown(a["outcome_name"]), cited(a), reading])
    return Table(
        "scores",
        f"Scores, measurements and second readings of results, as reported; changes of single {words.units(PATIENT, 2)} with both values; mean "
        f"changes of series at each correlation assumed, with {marks.level(words.level)} intervals.",
        [
            Column("Therapy", 20),
            Column("Outcome (scale)", 25),
            Column("Study", 22),
            Column("As reported", 38),
        ],
        rows,
    )


def harms(results: Sequence[Row], words: Words) -> Table:
    """One row a study and harm, then one a therapy for the studies that say nothing of harms. A group whose patients are
    those of another group of its study says so."""
    rows = []
    for r in results:
        name = markdown(r["therapy"]["short_name"])
        first = {(s["study_id"], p["first_arm"]) for s in r["studies"] for p in s["people"]}
        for h in r["harms"]["rows"]:
            kind = "Any adverse event" if h["category"] == "any" else capital(markdown(h["category"]))
            if h["estimate"]:
                _, _, bounds = harm_text(h, words).partition("(")
                count = f"{w.integer(h['events'])} of {words.counted(h['total'], h['unit'])}"
                if (h["study_id"], h["arm_id"]) not in first:
                    count += (
                        f"; the same {words.units(PATIENT, 2)} as in another group of the study, counted once"
                    )
                rows.append([name, cited(h), kind, count, bounds.rstrip(")")])
            else:
                why = markdown(h["reason"]) if h["reason"] else "no count"
                told = f": “{markdown(h['as_reported'])}”" if h["as_reported"] else ""
                seen = why if partly_counted(h) else f"mentioned; {why}"
                rows.append([name, cited(h), kind, f"{seen}{told}", "not known"])
        silent = len(r["harms"]["silent"])
        if silent:
            further = "further " if r["harms"]["rows"] else ""
            rows.append(
                [
                    name,
                    f"{w.integer(silent)} {further}{'study' if silent == 1 else 'studies'}",
                    "nothing reported on harms",
                    w.NO_DATA,
                    "",
                ]
            )
    return Table(
        "harms",
        f"Harms by study, with the number in whom they were counted or reported as absent. Exact {marks.level(words.level)} limits; one-sided where no event was "
        "seen. Studies that report nothing on harms are in no denominator.",
        [
            Column("Therapy", 17),
            Column("Study", 25),
            Column("Harm", 19),
            Column("Count", 19),
            Column("Exact limits", 20),
        ],
        rows,
    )


def recurrence(results: Sequence[Row], words: Words) -> Table:
    """One row a study that reports recurrence, and one a therapy for those that do not."""
    rows = []
    for r in results:
        name = markdown(r["therapy"]["short_name"])
        for x in r["recurrence"]["rows"]:
            e = x["estimate"]
            count = clustered.estimate(e, words) if e else "mentioned, no count"
            middle = x["follow_up_months"]
            low, high = x["follow_up_months_min"], x["follow_up_months_max"]
            spread = f" ({w.span(low, high)})" if low is not None or high is not None else ""
            follow_up = (
                f"{w.number(middle)}{spread}" if middle is not None else spread.strip(" ()") or w.NOT_REPORTED
            )
            share = recurrence_of(x["denominator"], int(x["exclusive"]), 1)
            rows.append([name, cited(x), count, capital(share), follow_up])
        silent = len(r["recurrence"]["silent"])
        if silent:
            further = "further " if r["recurrence"]["rows"] else ""
            rows.append(
                [
                    name,
                    f"{w.integer(silent)} {further}{'study' if silent == 1 else 'studies'}",
                    w.NO_DATA,
                    "",
                    "",
                ]
            )
    return Table(
        "recurrence",
        "Recurrence by study, with the follow-up of the arm in months (range).",
        [
            Column("Therapy", 20),
            Column("Study", 22),
            Column("Recurrence", 26),
            Column("Denominator", 18),
            Column("Follow-up, months", 14),
        ],
        rows,
    )
