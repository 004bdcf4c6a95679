"""The declared analyses: what enters, what they say of the shipped data, and how they stand in a therapy's result."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from typing import Any

import pytest
from analysis_cases import OUTCOME, a_slice, declared, outcome_row, selection, slice_json, study
from raw_slices import slice_of

from livingreview.synthesis.analyse import analyse
from livingreview.synthesis.analysis import Analysis
from livingreview.synthesis.counting import TherapySlice
from livingreview.synthesis.proportions import clopper_pearson
from livingreview.synthesis.therapy import TherapyResult, synthesise


def one(*studies: Any, **given: Any) -> Analysis:
    (found,) = analyse(a_slice(*studies, **given))
    return found


def test_a_study_is_the_sum_of_its_arms() -> None:
    given = study("one", 2, 3, months=2, treated=4, source_kind="second_hand")
    given["arms"].append({**given["arms"][0], "arm_id": "b", "n_patients": 5})
    given["outcomes"].append(outcome_row("one", "o9", "any", 1, 5, basis="title", months=3, arm="b"))
    (line,) = one(given).studies
    assert (line.events, line.total, line.treated, line.unreported, line.arms) == (3, 8, 9, 1, ("a", "b"))
    assert (line.basis, line.timepoint_months, line.source_kind) == ("title", None, "second_hand")
    assert (line.estimate.lower, line.estimate.upper) == clopper_pearson(3, 8)


def test_the_number_treated_is_unknown_where_an_arm_does_not_report_it() -> None:
    given = study("one", 2, 3)
    given["arms"].append({**given["arms"][0], "arm_id": "b", "n_patients": None})
    (line,) = one(given).studies
    assert (line.total, line.treated, line.unreported) == (3, None, None)


def test_constructs_and_units_are_never_pooled() -> None:
    studies = [
        study("one", 2, 3),
        study("two", 1, 1, construct="symptom"),
        study("three", 4, 5, unit="lesion"),
        study("four", None, 2),
    ]
    found = one(*studies)
    assert [(s.study_id, s.events, s.total) for s in found.studies] == [("one", 2, 3)]
    assert {left.label: left.reason for left in found.left_out} == {
        "Two": "response reported as “Symptom” (patients)",
        "Three": "response reported as “Deposit” (lesions)",
        "Four": "no response is reported",
    }
    lesions = one(*studies, analyses=declared({"unit": "lesion"}))
    assert [(s.study_id, s.events, s.total) for s in lesions.studies] == [("three", 4, 5)]
    assert lesions.clusters is not None
    assert found.clusters is None


def test_complete_responses_are_counted_where_they_are_told() -> None:
    silent = study("any", None, 4)
    silent["outcomes"] = [outcome_row("any", "o1", "any", 3, 4)]
    partly = study("part", None, 5)
    partly["outcomes"] = [outcome_row("part", "o1", "complete", 2, 5)]
    found = one(study("one", 2, 3, complete=1), silent, partly, analyses=declared({"counts": "complete"}))
    assert [(s.study_id, s.events, s.total) for s in found.studies] == [("one", 1, 3), ("part", 2, 5)]
    assert [(left.label, left.reason) for left in found.left_out] == [
        ("Any", "the degree of response is not reported")
    ]
    responders = one(study("one", 2, 3, complete=1), silent, partly)
    assert [s.study_id for s in responders.studies] == ["any", "one"]


def test_each_outcome_chooses_its_own_report() -> None:
    given = study("one", None, 6)
    given["outcomes"] = [
        outcome_row("one", "o1", "any", 2, 6, months=3),
        outcome_row("one", "o2", "any", 5, 6, months=24),
    ]
    section = declared(
        outcomes=[{**OUTCOME, "latest_months": 12}, {**OUTCOME, "code": "ever", "role": "additional"}]
    )
    early, ever = analyse(a_slice(given, analyses=section))
    assert [(a.code, a.events, a.studies[0].timepoint_months) for a in (early, ever)] == [
        ("main_response", 2, 3),
        ("ever", 5, 24),
    ]


def test_the_time_limit_of_all_responses_holds_where_an_outcome_has_none() -> None:
    data = slice_json(study("one", 1, 2, months=20))
    data["protocol"]["response"]["latest_months"] = 12
    (found,) = analyse(TherapySlice.from_json(data))
    assert found.k == 0
    data["protocol"]["analyses"]["outcomes"][0]["latest_months"] = 24
    (found,) = analyse(TherapySlice.from_json(data))
    assert found.k == 1


def test_a_therapy_without_data_says_so() -> None:
    found = one(study("one", None, 2))
    assert (found.k, found.n, found.events, found.studies) == (0, 0, 0, ())
    assert (found.main.estimate, found.main.fitted) == (None, False)
    assert found.main.reason == "No study gives a count."
    assert found.verdict.text == "0 of 2 analyses could be estimated; agreement cannot be judged."
    assert found.warnings == (
        "Therapy, response of the deposit: no study gives a count, so nothing could be estimated.",
    )
    assert one().left_out == ()


def test_a_count_that_does_not_enter_is_not_denied() -> None:
    """Reported only after the limit, or on a basis that the outcome does not take: there is a count, and the sentence says why
    it is not used."""
    late = slice_json(
        study("one", 1, 2, months=24), study("two", None, 3), study("three", 2, 2, basis="title")
    )
    late["protocol"]["response"]["latest_months"] = 12
    (found,) = analyse(TherapySlice.from_json(late))
    assert found.k == 1
    late["protocol"]["analyses"]["outcomes"][0]["bases"] = ["results"]
    (found,) = analyse(TherapySlice.from_json(late))
    sentence = (
        "o study gives a count up to 12 months; 1 reports only later; 1 study with a count: the result rests on less than "
        "asked for (title only)."
    )
    assert found.k == 0
    assert found.main.reason == f"N{sentence}"
    assert {r.reason for r in found.sensitivity} == {f"N{sentence}"}
    assert f"Therapy, response of the deposit: n{sentence}" in found.warnings
    del late["protocol"]["response"]["latest_months"]
    late["protocol"]["analyses"]["outcomes"][0]["bases"] = ["nothing"]
    (found,) = analyse(TherapySlice.from_json(late))
    assert found.main.reason is not None
    assert found.main.reason.startswith("No study gives a count that can be used; ")


def test_a_protocol_without_declaration_has_no_analyses() -> None:
    data = slice_json(study("one", 1, 2))
    del data["protocol"]["analyses"]
    assert analyse(TherapySlice.from_json(data)) == ()
    assert synthesise(data).analyses == ()


def many(n: int = 12) -> list[Any]:
    """Twelve series of 4 to 15, responders 2 of 3 in whole numbers, the last of them a case report."""
    return [
        study(f"s{i:02}", (2 * (4 + i)) // 3, 4 + i, year=1990 + i, treated=5 + i) for i in range(n - 1)
    ] + [study("z", 0, 1, year=None, design="report")]


SECTION = declared(
    comparison_models=["beta_binomial", "logit_reml_hk", "freeman_tukey"],
    sensitivity=[selection("series", least_total=2), selection("failures", unreported="failures")],
    subgroups=[{"code": "design", "name": "Design", "by": "design", "groups": {}, "labels": {}}],
    moderators=[{"code": "year", "name": "Year", "by": "year", "per": 10.0}],
)


def test_a_fitted_analysis_hangs_together() -> None:
    found = one(*many(), analyses=SECTION)
    assert found.main.fitted
    assert found.main.estimate is not None
    assert (found.main.estimate.k, found.main.estimate.n) == (found.k, found.n) == (12, 100)
    assert found.main.estimate.used == tuple(s.study_id for s in found.studies)
    assert [m.model for m in found.models] == ["beta_binomial", "logit_reml_hk", "freeman_tukey"]
    assert [(r.kind, r.code) for r in found.sensitivity] == [
        ("selection", "series"),
        ("failures", "failures"),
        ("model", "beta_binomial"),
        ("model", "logit_reml_hk"),
        ("model", "freeman_tukey"),
    ]
    series, failures = found.sensitivity[:2]
    assert (series.k, series.n, series.events) == (11, 99, found.events)
    # one more treated than evaluated in each of eleven series
    assert (failures.k, failures.n, failures.events) == (12, 111, found.events)
    assert (found.verdict.declared, found.verdict.estimated) == (3, 3)
    assert len(found.leave_one_out) == len(found.cumulative) == 12
    assert found.cumulative[-1].study_id == "z"
    assert found.cumulative[-1].pooled.estimate is not None
    assert found.cumulative[-1].pooled.estimate.value == pytest.approx(found.main.estimate.value, abs=1e-6)
    assert found.small_study.offered


def test_weights_are_those_of_the_main_model() -> None:
    section = declared(primary_model="logit_reml")
    found = one(*many(), analyses=section)
    assert found.main.weights is not None
    assert tuple(s.weight for s in found.studies) == found.main.weights
    assert {s.weight for s in one(study("one", 1, 2)).studies} == {None}


def test_the_order_of_rows_does_not_matter() -> None:
    data = slice_json(*many(), analyses=SECTION)
    turned = {**data, **{t: data[t][::-1] for t in ("studies", "arms", "outcomes")}}
    assert analyse(TherapySlice.from_json(turned)) == analyse(TherapySlice.from_json(data))


def test_warnings_of_the_therapy_do_not_repeat_themselves() -> None:
    section = declared(
        outcomes=[
            OUTCOME,
            {**OUTCOME, "code": "complete", "name": "Complete", "role": "secondary", "counts": "complete"},
        ]
    )
    result = synthesise(slice_json(study("one", 1, 2), study("two", 2, 2), analyses=section))
    first, second = result.analyses
    undated = "2 of 2 studies do not report when the result was read."
    assert f"Therapy, response of the deposit: {undated}" in first.warnings
    assert f"Therapy, complete: {undated}" in second.warnings
    assert sum(undated in w for w in result.warnings) == 1
    nothing = synthesise(slice_json(study("one", None, 2), analyses=section))
    assert not any("nothing could be estimated" in w for w in nothing.warnings)


def test_a_result_with_analyses_survives_json() -> None:
    result = synthesise(slice_json(*many(), analyses=SECTION))
    assert TherapyResult.from_json(result.to_json()) == result


# --- the shipped data, worked out by hand


def shipped(therapy: str) -> dict[str, Analysis]:
    return {a.code: a for a in synthesise(slice_of(therapy)).analyses}


@pytest.mark.parametrize(
    ("therapy", "outcome", "k", "events", "total", "limits", "tipping"),
    [
        ("topical_sts", "deposit_response", 2, 2, 2, (0.158, 1.0), 0),
        ("topical_sts", "unspecified_response", 4, 5, 5, (0.478, 1.0), 0),
        ("topical_sts", "ulcer_response", 1, 1, 1, (0.025, 1.0), 0),
        ("intralesional_sts", "deposit_response", 2, 7, 7, (0.590, 1.0), 1),
        ("intralesional_sts", "deposit_complete", 2, 4, 7, (0.184, 0.901), 0),
        ("laser", "symptom_response", 1, 17, 21, (0.581, 0.946), 3),
        ("laser", "symptom_complete", 1, 12, 21, (0.340, 0.782), 0),
    ],
)
def test_shipped_analyses_are_exact_and_not_modelled(
    therapy: str,
    outcome: str,
    k: int,
    events: int,
    total: int,
    limits: tuple[float, float],
    tipping: int,
) -> None:
    found = shipped(therapy)[outcome]
    assert (found.k, found.events, found.n) == (k, events, total)
    assert not found.main.fitted
    assert found.main.reason
    assert found.main.estimate is not None
    assert (found.main.estimate.lower, found.main.estimate.upper) == pytest.approx(limits, abs=5e-4)
    assert found.tipping.failures == tipping


def test_shipped_shock_waves_have_nothing_to_analyse() -> None:
    assert {a.k for a in shipped("eswl").values()} == {0}


def test_shipped_primary_outcome_of_the_injection() -> None:
    found = shipped("intralesional_sts")["deposit_response"]
    states = {r.code: (r.k, r.events, r.n, r.state) for r in found.sensitivity if r.kind != "model"}
    assert states == {
        "series_only": (1, 6, 6, "above"),
        "results_only": (2, 7, 7, "above"),
        "primary_sources": (1, 1, 1, "undecided"),
        "not_iatrogenic": (2, 7, 7, "above"),
        "low_concern": (0, None, 0, None),
        "monotherapy": (0, None, 0, None),
        "failures": (3, 7, 45, "below"),
    }
    assert found.verdict.text.startswith(
        "6 of 8 analyses could be estimated; they split by where the interval lies: "
    )


def test_no_model_is_loaded_where_nothing_is_fitted() -> None:
    code = """
        import sys
        sys.path.insert(0, "tests/unit")
        from analysis_cases import slice_json, study
        from livingreview.synthesis.therapy import synthesise
        synthesise(slice_json(study("one", 2, 2), study("two", None, 3)))
        models = "livingreview.synthesis.models."
        heavy = [f"{models}binomial_normal", f"{models}two_step", "scipy.stats", "scipy.optimize", "pandas", "pydantic"]
        print([m for m in heavy if m in sys.modules])
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_forty_studies_take_seconds() -> None:
    studies = [
        study(f"s{i}", (i * 7 % (n + 1)), n, year=1980 + i) for i in range(40) for n in (1 + i * 3 % 20,)
    ]
    section = {
        **SECTION,
        "comparison_models": [
            "beta_binomial", "logit_reml", "logit_reml_hk", "logit_dl", "logit_dl_hk", "logit_pm", "logit_pm_hk", "freeman_tukey",
        ],
    }  # fmt: skip
    data = a_slice(*studies, analyses=section)
    analyse(data)  # loads the libraries
    start = time.process_time()
    (found,) = analyse(data)
    assert time.process_time() - start < 5
    assert len(found.leave_one_out) == 40
