"""Harms: x of n over the patients evaluated, exact limits, and what is not known said as such."""

from __future__ import annotations

from functools import cache

import pytest
from raw_slices import slice_of
from small_slices import Row, small

from livingreview.synthesis.harms import Harm, HarmSummary, HarmTotal, harms
from livingreview.synthesis.records import from_json, to_json
from livingreview.synthesis.therapy import TherapyResult, synthesise


@cache
def result(code: str) -> TherapyResult:
    return synthesise(slice_of(code))


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
        "any": (None, None),
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


def summary(outcomes: list[Row], arms: list[Row] | None = None) -> HarmSummary:
    """Harms of rows whose studies each have an arm of 20 patients."""
    ids = sorted({o["study_id"] for o in outcomes})
    return harms(
        small(
            arms or [{"study_id": s, "n_patients": 20, "n_lesions": 60} for s in ids],
            [{"outcome": "harm", "category": "any", **o} for o in outcomes],
        )
    )


def only(outcomes: list[Row]) -> tuple[Harm, HarmTotal]:
    (row,), (total,) = (found := summary(outcomes)).rows, found.totals
    return row, total


def test_the_words_of_a_source_print_and_the_count_stays_unknown() -> None:
    """outcomes.csv, mra2096_nd o3: the sentence is cut off, so neither number nor denominator is known."""
    harm = result("intralesional_sts").harms
    row = next(h for h in harm.rows if h.study_id == "mra2096_nd")
    words = "almost all patients experienced something intense (sentence cut off)"
    assert (row.as_reported, row.events, row.total) == (words, None, None)
    total = next(t for t in harm.totals if t.category == "any")
    assert (total.events, total.evaluated, total.estimate, total.rule_of_three) == (None, None, None, None)
    assert [(w.study_id, w.words) for w in total.words] == [("mra2096_nd", words)]
    assert sum(f"reported as “{words}”; the count is unknown" in w for w in harm.warnings) == 1


@pytest.mark.parametrize(
    ("given", "reason", "sentence"),
    [
        (
            {"as_reported": "almost all"},
            "no usable count is reported",
            "S: reported as “almost all”; the count is unknown, so not in the denominator.",
        ),
        (
            {"events": 3},
            "seen in 3 patients; how many were evaluated is not reported",
            "S: seen in 3 patients; how many were evaluated is not reported, so not in the denominator.",
        ),
        (
            {"total": 20},
            "looked for in 20 patients; how many were affected is not reported",
            "S: looked for in 20 patients; how many were affected is not reported, so not in the denominator.",
        ),
        (
            {},
            "no usable count is reported",
            "S: mentioned without a usable count, so not in the denominator.",
        ),
    ],
)
def test_what_is_unknown_is_never_a_zero(given: Row, reason: str, sentence: str) -> None:
    row, total = only([{"study_id": "s", **given}])
    assert (row.status, row.used, row.estimate, row.reason) == ("unknown", False, None, reason)
    assert (row.events, row.total) == (given.get("events"), given.get("total"))
    assert (total.k, total.k_unknown, total.events, total.evaluated, total.estimate) == (
        0,
        1,
        None,
        None,
        None,
    )
    assert total.warnings == (sentence,)


def test_unknown_and_counted_studies_side_by_side() -> None:
    """Only the counted ones make the denominator; the other is named with its words."""
    found = summary(
        [
            {"study_id": "s", "events": 2, "total": 18},
            {"study_id": "u", "events": 0, "total": 20},
            {"study_id": "v", "as_reported": "a few"},
        ]
    )
    (total,) = found.totals
    assert (total.k, total.k_unknown, total.events, total.evaluated) == (2, 1, 2, 38)
    assert total.estimate is not None
    assert (total.estimate.lower, total.estimate.upper) == (
        pytest.approx(0.0064, abs=1e-4),
        pytest.approx(0.1775, abs=1e-4),
    )
    assert [(s.study_id, s.reason) for s in total.estimate.left_out] == [("v", "no usable count is reported")]
    assert (
        "Tincture, harms: V: reported as “a few”; the count is unknown, so not in the denominator."
        in found.warnings
    )


def test_no_event_at_all_has_a_one_sided_limit_over_studies() -> None:
    found = summary([{"study_id": s, "events": 0, "total": 20} for s in "su"])
    (total,) = found.totals
    assert total.estimate is not None
    assert (total.estimate.sided, total.estimate.lower, total.rule_of_three) == (1, 0, 3 / 40)
    assert total.estimate.upper == pytest.approx(1 - 0.05 ** (1 / 40))


def test_two_outcomes_of_one_category_are_not_added() -> None:
    """Any harm and any scar are looked for in the same patients: two totals of 20, not one of 40."""
    found = summary(
        [
            {"study_id": "s", "events": 3, "total": 20},
            {"study_id": "s", "outcome": "scar", "events": 1, "total": 20},
        ]
    )
    assert [(t.outcome, t.outcome_name, t.events, t.evaluated) for t in found.totals] == [
        ("harm", "Harms", 3, 20),
        ("scar", "Scars", 1, 20),
    ]
    assert found.evaluated == 20


def test_harm_by_lesion_says_what_clustering_would_do() -> None:
    """6 of 60 spots in 20 patients, 3 a patient: design effects 1.4 and 2.6."""
    _, total = only([{"study_id": "s", "unit": "lesion", "events": 6, "total": 60}])
    assert total.warnings == (
        "Spots of one patient are not independent, and how they cluster is not known. Treated as independent, 60 spots in 20 "
        "patients give an interval of 4 to 21 %; it would be 3 to 23 % at a correlation within patients of 0.2, and 2 to 30 % at 0.8.",
    )


def test_no_event_by_lesion_keeps_the_one_sided_limit() -> None:
    _, total = only([{"study_id": "s", "unit": "lesion", "events": 0, "total": 60}])
    effective = 60 / (1 + 2 * 0.8)
    assert any(f"0 to {100 * (1 - 0.05 ** (1 / effective)):.0f} % at 0.8" in w for w in total.warnings)


def test_json_round_trip() -> None:
    found = summary([{"study_id": "s", "events": 2, "total": 18}, {"study_id": "v", "as_reported": "a few"}])
    assert from_json(HarmSummary, to_json(found)) == found
