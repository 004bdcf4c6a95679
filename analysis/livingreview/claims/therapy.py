"""Claims on one therapy besides its responses: studies, doses; scores, harms and recurrence by their own modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livingreview.claims import wording as w
from livingreview.claims.marks import UNMARKED, Marks
from livingreview.claims.model import Claims
from livingreview.claims.safety import add_harms, add_recurrence
from livingreview.claims.scores import add_scores
from livingreview.claims.words import PATIENT, Words, lower_first
from livingreview.publish.escape import markdown

Row = Mapping[str, Any]


def add_therapy(claims: Claims, code: str, result: Row, words: Words, fields: Mapping[str, str]) -> None:
    """Claims ``<therapy>.…`` of one therapy's results; ``fields`` are the print names of doses by field."""
    _add_studies(claims, code, result, words)
    _add_doses(claims, code, result, fields)
    add_scores(claims, code, result, words)
    add_harms(claims, code, result, words)
    add_recurrence(claims, code, result, words)


def _add_studies(claims: Claims, code: str, result: Row, words: Words) -> None:
    studies, patients = result["studies"], result["patients"]
    ids = [s["study_id"] for s in studies]
    name = result["therapy"]["name"]

    def add(key: str, value: Any, text: str, unit: str, definition: str) -> None:
        claims.add(f"{code}.{key}", value, text, unit=unit, definition=definition, studies=ids)

    least = "at least " if patients["treated_is_minimum"] else ""
    add("name", name, markdown(name), "text", "name of the therapy")
    add(
        "short_name",
        result["therapy"]["short_name"],
        markdown(result["therapy"]["short_name"]),
        "text",
        "short name",
    )
    add("studies.n", len(studies), w.integer(len(studies)), "studies", f"studies of {name}")
    m = claims.marks(f"{code}.studies", markdown(name))
    add(
        "studies.text",
        len(studies),
        m.studies("n", len(studies)),
        "text",
        f"studies of {name}, with their unit",
    )
    add(
        "patients.treated",
        patients["treated"],
        f"{least}{w.integer(patients['treated'])}",
        "patients",
        f"patients treated by {name}",
    )
    add(
        "patients.text",
        patients["treated"],
        f"{least}{words.counted(patients['treated'], PATIENT, claims.marks(f'{code}.patients'), 'treated')}",
        "text",
        f"patients treated by {name}, with their unit",
    )
    add(
        "patients.evaluated",
        patients["evaluated_any"],
        w.integer(patients["evaluated_any"]),
        "patients",
        "patients with a counted response on some construct",
    )
    add(
        "patients.unreported",
        patients["unreported_any"],
        w.integer(patients["unreported_any"]),
        "patients",
        "treated patients without a counted response on any construct",
    )
    add(
        "overview",
        None,
        _overview(result, words, claims.marks(code, markdown(name))),
        "text",
        f"studies and patients of {name}",
    )


def _overview(result: Row, words: Words, m: Marks) -> str:
    studies, patients, who = result["studies"], result["patients"], result["characteristics"]
    if not studies:
        return "No study of this therapy is included."
    designs = w.listed(
        [
            f"{m('designs.' + p['code'], p['k'], None, 'studies of the design ' + words.name('designs', p['code']), 'studies')} "
            f"{words.name('designs', p['code'], p['k'])}"
            for p in who["designs"]
            if p["code"] != "not_reported"
        ]
    )
    least = "at least " if patients["treated_is_minimum"] else ""
    causes = w.listed(
        [
            f"{words.name('aetiologies', p['code'])} "
            f"({m('aetiologies.' + p['code'], p['k'], None, 'studies of the cause ' + words.name('aetiologies', p['code']), 'studies')})"
            for p in who["aetiologies"]
            if p["code"] != "not_reported"
        ]
    )
    women, ages = who["women"], who["ages"]
    sentences = [
        ("the only study" if len(studies) == 1 else f"the {m.studies('studies.n', len(studies))}")
        + (f" ({designs})" if designs else "")
        + f" reported {least}{words.counted(patients['treated'], PATIENT, m, 'patients.treated')}"
    ]
    if causes:
        sentences.append(f"by study, the cause was {causes}")
    if women["known"] == 1:
        sex = "female" if women["women"] else "not female"
        one = m("sex.known", 1, "one", "patients whose sex was reported", "patients")
        sentences.append(f"the {one} {words.units(PATIENT, 1)} whose sex was reported was {sex}")
    elif women["known"]:
        verb = "was" if women["women"] == 1 else "were"
        sentences.append(
            f"of {words.counted(women['known'], PATIENT, m, 'sex.known')} whose sex was reported, "
            f"{m('sex.women', women['women'], None, 'patients reported as female', 'patients')} {verb} female"
        )
    if ages["min"] is not None:
        many = len(ages["values"])
        single = (
            f" (median {m.number('ages.median', ages['median'], 'median age of patients described one by one')} in "
            f"{m('ages.k', many, None, 'patients whose own age is known', 'patients')} described one by one)"
            if many > 1
            else ""
        )
        what = "the only reported age was" if ages["min"] == ages["max"] else "reported ages were"
        sentences.append(
            f"{what} {m.at('ages', 'age', 'years').span(ages['min'], ages['max'])} years{single}"
        )
    return w.paragraph(*(w.sentence(s) for s in sentences))


def _add_doses(claims: Claims, code: str, result: Row, fields: Mapping[str, str]) -> None:
    reported, missing = [], []
    for field, name in fields.items():
        dose = result["doses"].get(field)
        ids = sorted({v["study_id"] for v in dose["values"]}) if dose else []
        m = claims.marks(f"{code}.doses.{field}", name, name).at(studies=ids)
        text = dose_text(dose, m)
        claims.add(
            f"{code}.doses.{field}.text",
            None if dose is None else {"min": dose["min"], "median": dose["median"], "max": dose["max"]},
            text,
            unit="text",
            definition=f"{name} over the arms of the therapy",
            studies=ids,
        )
        if dose and dose["reporting"]:
            reported.append(f"{markdown(lower_first(name))} {text}")
        elif dose:
            missing.append(markdown(lower_first(name)))
    studies = [s["study_id"] for s in result["studies"]]
    sentences = [w.sentence(f"reported doses and times: {'; '.join(reported)}")] if reported else []
    if studies and missing:
        sentences.append(w.sentence(f"not reported by any study: {w.listed(missing)}"))
    claims.add(
        f"{code}.doses.summary",
        len(reported),
        w.paragraph(*sentences) or "There are no data on doses or durations.",
        unit="text",
        definition="doses, sessions, durations and follow-up in words",
        studies=studies,
    )


def dose_text(dose: Row | None, m: Marks = UNMARKED) -> str:
    """``2–24 (median 4.9), reported for 3 of 8 arms``."""
    if not dose or not dose["reporting"]:
        return w.NO_DATA
    spread = m.span(dose["min"], dose["max"])
    centre = (
        f" (median {m.number('median', dose['median'], 'median over arms')})"
        if dose["with_value"] > 1 and dose["min"] != dose["max"]
        else ""
    )
    if dose["with_value"] == 1 and dose["min"] != dose["max"]:
        spread = f"{m.number('median', dose['median'], 'median')} (range {spread})"
    reporting = m("reporting", dose["reporting"], None, "arms that report it", "arms")
    return f"{spread}{centre}, reported for {reporting} of {m.counted('arms', dose['arms'], 'arm', 'arms')}"
