"""Scores, harms, recurrence, doses and characteristics against the rows of the shipped tables."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from raw_slices import slice_of

from livingreview.synthesis.scores import OutcomeScores, summary_of_changes
from livingreview.synthesis.therapy import TherapyResult, synthesise


@cache
def result(code: str) -> TherapyResult:
    return synthesise(slice_of(code))


def score(code: str, outcome: str) -> OutcomeScores:
    return next(s for s in result(code).scores if s.outcome == outcome)


# --- scores ---


def test_values_are_listed_as_reported() -> None:
    """outcomes.csv, mra2096_nd o1 and o2: before 6.4 and 6.1, change −2.7 and −2.5, 29 patients."""
    told = score("intralesional_sts", "global_score")
    assert [(m.measured, m.total, m.before, m.after, m.change, m.p_value) for m in told.measurements] == [
        ("patient global assessment", 29, 6.4, None, -2.7, "<0.001"),
        ("physician global assessment", 29, 6.1, None, -2.5, "<0.001"),
    ]


def test_the_latest_percent_change_is_used_and_the_earlier_listed() -> None:
    """outcomes.csv, baumgartnernielsen2016 o3 (−67 % at 0.9 months) and o4 (−90 % at 2.8)."""
    told = score("intralesional_sts", "lesion_size")
    assert [(m.change, m.timepoint_months, m.used) for m in told.measurements] == [
        (-67, 0.9, False),
        (-90, 2.8, True),
    ]


def test_a_baseline_alone_is_no_change() -> None:
    """outcomes.csv, baumgartnernielsen2016 o5: pain 9 before, nothing after."""
    told = score("intralesional_sts", "pain_vas")
    assert told.has_data
    assert (told.measurements[0].before, told.measurements[0].change) == (9, None)
    assert any("no study reports a change" in w for w in told.warnings)


def test_improvement_counts_are_counts_and_controls_are_not_counted() -> None:
    """outcomes.csv, blumhardt2016: o1 pain 2 of 4 (o2 is the untreated arm), o3 size 3 of 4, o4 its alternative 4 of 4."""
    pain, size = score("eswl", "pain_vas"), score("eswl", "lesion_size")
    assert [(i.events, i.total) for i in pain.improved] == [(2, 4)]
    assert [(i.events, i.total) for i in size.improved] == [(3, 4)]
    assert pain.measurements == ()
    assert [(a.outcome, a.events, a.total) for a in result("eswl").alternatives] == [("lesion_size", 4, 4)]


def test_words_without_a_number() -> None:
    """outcomes.csv, lebedinskaya2014 o1 and o2: described, no value."""
    told = score("topical_sts", "pain_vas")
    assert not told.has_data
    assert told.words_only == ("Lebedinskaya 2014",)
    assert "Topical sodium thiosulfate, pain: no data." in told.warnings


def test_paired_changes() -> None:
    data = slice_of("topical_sts")
    people: list[dict[str, Any]] = data["participants"]
    for person, (before, after) in zip(people, [(8, 2), (5, 5), (7, None), (4, 6)], strict=False):
        person.update(pain_before=before, pain_after=after)
    changes = next(s for s in synthesise(data).scores if s.outcome == "pain_vas").changes
    assert changes is not None
    assert (changes.n, changes.median, changes.min, changes.max, changes.values) == (
        3,
        0.0,
        -6.0,
        2.0,
        (-6.0, 0.0, 2.0),
    )


def test_no_pair_gives_no_number() -> None:
    empty = summary_of_changes("pain", "pain_vas", [])
    assert (empty.n, empty.median, empty.min, empty.max) == (0, None, None, None)


# --- harms ---


def test_two_infections_of_six_patients() -> None:
    """outcomes.csv, bottomley1996 o5: 2 of 6 patients (the responses there are of 21 areas)."""
    harm = result("laser").harms
    (total,) = harm.totals
    assert (total.category, total.events, total.evaluated, total.unit) == (
        "postoperative infection",
        2,
        6,
        "patient",
    )
    assert total.estimate is not None
    assert (total.estimate.lower, total.estimate.upper) == (
        pytest.approx(0.0433, abs=1e-4),
        pytest.approx(0.7772, abs=1e-4),
    )
    assert (harm.evaluated, harm.treated, harm.unreported, harm.evaluated_for_any) == (6, 7, 1, 0)
    assert [s.study_id for s in harm.silent] == ["anonwounds5278"]


def test_no_event_has_a_one_sided_limit() -> None:
    """outcomes.csv, jost2016 o2: any adverse event 0 of 3; 1 − 0.05^(1/3) = 0.632."""
    harm = result("topical_sts").harms
    (total,) = harm.totals
    assert (harm.rows[0].status, total.events, total.evaluated) == ("none_reported", 0, 3)
    assert total.estimate is not None
    assert (total.estimate.sided, total.estimate.lower) == (1, 0.0)
    assert total.estimate.upper == pytest.approx(1 - 0.05 ** (1 / 3))
    assert (harm.evaluated, harm.evaluated_for_any, harm.unreported, len(harm.silent)) == (3, 3, 14, 10)


def test_an_unknown_count_is_unknown() -> None:
    """outcomes.csv, mra2096_nd o3: any, no events and no total; clinrheumatol2021 o2: burning 1 of 1."""
    harm = result("intralesional_sts").harms
    by_study = {h.study_id: h for h in harm.rows}
    unknown = by_study["mra2096_nd"]
    assert (unknown.status, unknown.events, unknown.total, unknown.estimate) == ("unknown", None, None, None)
    assert {t.category: (t.events, t.evaluated) for t in harm.totals} == {
        "any": (None, 0),
        "transient burning during injection": (1, 1),
    }
    assert (harm.evaluated, harm.treated, harm.k_unknown) == (1, 45, 1)


def test_silence_is_no_absence() -> None:
    harm = result("eswl").harms
    assert (harm.rows, harm.totals, harm.evaluated, harm.unreported) == ((), (), 0, 6)
    assert "no data on harms" in harm.warnings[0]


def test_individual_patients_none_and_empty() -> None:
    """participants.csv: "none" means reported as none, empty means not reported (wolf2008 p1, bair2011 p1 and p2)."""
    data = slice_of("topical_sts")
    for person in data["participants"]:
        if person["study_id"] == "wolf2008":
            person["adverse_events"] = "none"
        if person["study_id"] == "bair2011" and person["patient_id"] == "p1":
            person["adverse_events"] = "Itch; burning"
    harm = synthesise(data).harms
    assert {(h.study_id, h.category, h.events, h.total) for h in harm.rows if h.source == "participants"} == {
        ("wolf2008", "any", 0, 1)
    }
    for person in data["participants"]:
        if person["study_id"] == "bair2011" and person["patient_id"] == "p2":
            person["adverse_events"] = "burning"
    harm = synthesise(data).harms
    assert {(h.category, h.events, h.total) for h in harm.rows if h.study_id == "bair2011"} == {
        ("any", 2, 2),
        ("itch", 1, 2),
        ("burning", 2, 2),
    }
    assert harm.evaluated == 3 + 1 + 2


# --- recurrence ---


def test_exclusive_recurrence_stays_off_the_responders() -> None:
    """outcomes.csv, bottomley1996 o4: 2 of 21 areas; arms.csv: follow-up 20 months (12–40)."""
    again = result("laser").recurrence
    (row,) = again.rows
    assert (row.events, row.total, row.exclusive, row.denominator) == (2, 21, True, "evaluated")
    assert (row.follow_up_months, row.follow_up_months_min, row.follow_up_months_max) == (20, 12, 40)
    assert "never put over the responders" in row.notes[0]


@pytest.mark.parametrize("code", ["topical_sts", "intralesional_sts", "eswl"])
def test_no_data_on_recurrence(code: str) -> None:
    again = result(code).recurrence
    assert (again.rows, again.totals, again.k) == ((), (), 0)
    assert "no data on recurrence" in again.warnings[0]


# --- doses, characteristics, patients ---


def test_doses_of_the_topical_arms() -> None:
    """arms.csv: 25, 10, 10, 10, 10, 20, 10 percent and four arms without; durations 2, 5, 1.8 months."""
    doses = result("topical_sts").doses
    strength, duration = doses["concentration_percent"], doses["treatment_duration_months"]
    assert (strength.reporting, strength.missing, strength.median, strength.min, strength.max) == (
        7,
        4,
        10,
        10,
        25,
    )
    assert duration.reporting == 3
    # jost2016 gives only a least duration of 5 months: an end of a range, not a value
    assert (duration.with_value, duration.median, duration.min, duration.max) == (2, 1.9, 1.8, 5)
    assert (doses["sessions"].reporting, doses["sessions"].median) == (0, None)


def test_sessions_and_follow_up() -> None:
    """arms.csv: baumgartnernielsen2016 1–4 sessions (a range, no value), clinrheumatol2021 3; mra2096_nd follow-up 2.8–3.7 months."""
    doses = result("intralesional_sts").doses
    assert (
        doses["sessions"].with_value,
        doses["sessions"].median,
        doses["sessions"].min,
        doses["sessions"].max,
    ) == (1, 3, 1, 4)
    assert (
        doses["follow_up_months"].with_value,
        doses["follow_up_months"].min,
        doses["follow_up_months"].max,
    ) == (0, 2.8, 3.7)


@pytest.mark.parametrize(
    ("code", "studies", "treated", "women", "known"),
    [
        # women: arms.csv n_female where given, else sex of single patients (bair2011 p1)
        ("topical_sts", 11, 17, 2, 7),
        ("intralesional_sts", 3, 45, 39, 44),  # 6 of 6 and 33 of 38
        ("eswl", 3, 6, 2, 2),
        ("laser", 2, 7, 1, 1),
    ],
)
def test_patients_and_women(code: str, studies: int, treated: int, women: int, known: int) -> None:
    r = result(code)
    assert (r.patients.studies, r.patients.treated, r.patients.treated_is_minimum) == (
        studies,
        treated,
        False,
    )
    assert (r.characteristics.women.women, r.characteristics.women.known) == (women, known)
    assert r.characteristics.women.unknown == treated - known


def test_patients_evaluated() -> None:
    # topical: 2 + 1 + 5; intralesional: 7; laser: all 21 areas of 6 patients were evaluated, none counted per patient
    found = {c: result(c).patients for c in ("topical_sts", "intralesional_sts", "eswl", "laser")}
    assert {c: (p.evaluated_as_patients, p.evaluated_any, p.unreported_any) for c, p in found.items()} == {
        "topical_sts": (8, 8, 9),
        "intralesional_sts": (7, 7, 38),
        "eswl": (0, 0, 6),
        "laser": (0, 6, 1),
    }


def test_characteristics_of_the_topical_studies() -> None:
    c = result("topical_sts").characteristics
    assert {p.code: (p.k, p.patients) for p in c.designs} == {"case_report": (7, 7), "case_series": (4, 10)}
    assert {p.code: (p.k, p.patients) for p in c.aetiologies} == {
        "dystrophic": (6, 9),
        "metastatic": (1, 3),
        "iatrogenic": (3, 4),
        "not_reported": (1, 1),
    }
    assert c.ages.values == (6, 15, 41, 50, 60, 62, 74)
    assert (c.ages.median, c.first_year, c.last_year, c.without_year) == (50, 2008, 2023, 2)
