"""Recurrence, doses and characteristics against the rows of the shipped tables."""

from __future__ import annotations

from functools import cache

import pytest
from raw_slices import slice_of

from livingreview.synthesis.therapy import TherapyResult, synthesise


@cache
def result(code: str) -> TherapyResult:
    return synthesise(slice_of(code))


# --- recurrence ---


def test_exclusive_recurrence_stays_off_the_responders() -> None:
    """outcomes.csv, bottomley1996 o4: 2 of 21 areas; arms.csv: follow-up 20 months (12–40)."""
    again = result("laser").recurrence
    (row,) = again.rows
    assert (row.events, row.total, row.exclusive, row.denominator) == (2, 21, True, "evaluated")
    assert (row.follow_up_months, row.follow_up_months_min, row.follow_up_months_max) == (20, 12, 40)
    assert "never put over the responders" in row.notes[0]
    (clustered,) = (w for w in again.warnings if "not independent" in w)
    assert clustered.startswith("Laser, recurrence: lesions of one patient are not independent")
    assert "21 lesions in 6 patients give an interval of 1 to 30 %; it would be " in clustered


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
