"""Subgroups, meta-regression and small-study effects, against likelihoods worked out by hand where the spread is zero."""

from __future__ import annotations

from math import comb, exp, log, sqrt
from typing import Any

import pytest
from analysis_cases import a_slice, declared, outcome_row, people, study

from livingreview.synthesis.analyse import analyse
from livingreview.synthesis.analysis import Analysis

DESIGN = {"code": "design", "name": "Design", "by": "design", "groups": {}, "labels": {}}
AETIOLOGY = {"code": "aetiology", "name": "Cause", "by": "aetiology", "groups": {}, "labels": {}}
YEAR = {"code": "year", "name": "Year", "by": "year", "per": 10.0}


def one(*studies: Any, **analyses: Any) -> Analysis:
    (found,) = analyse(a_slice(*studies, analyses=declared(**analyses)))
    return found


def alike(**columns: Any) -> list[dict[str, Any]]:
    """Three studies with 6 of 10 in one design, three with 7 of 10 in the other: the spread is zero, so that models of all are
    those of 18 of 30 and 21 of 30."""
    return [
        study(f"{design}{i}", events, 10, design=design, **{c: v[events - 6] for c, v in columns.items()})
        for design, events in (("report", 6), ("series", 7))
        for i in range(3)
    ]


def log_likelihood(events: int, total: int) -> float:
    p = events / total
    return events * log(p) + (total - events) * log(1 - p)


def test_groups_and_their_tests() -> None:
    found = one(*alike(), subgroups=[DESIGN])
    (analysis,) = found.subgroups
    assert [(g.code, g.name, g.k, g.events, g.n) for g in analysis.groups] == [
        ("report", "Case report", 3, 18, 30),
        ("series", "Series", 3, 21, 30),
    ]
    pooled = analysis.groups[0].pooled
    assert pooled is not None
    assert pooled.fitted
    assert pooled.estimate is not None
    assert pooled.estimate.value == pytest.approx(0.6, abs=1e-6)
    ratio, separate, common = analysis.tests
    expected = 2 * (log_likelihood(18, 30) + log_likelihood(21, 30) - log_likelihood(39, 60))
    assert ratio.statistic == pytest.approx(expected, abs=1e-6)
    assert (ratio.variance, ratio.df, ratio.reason) == ("common", 1, None)
    # logits with equal variances in a group: Q = (difference)² / sum of the squared standard errors
    gap, variance = log(0.7 / 0.3) - log(0.6 / 0.4), 1 / 18 + 1 / 12 + 1 / 21 + 1 / 9
    assert separate.statistic == pytest.approx(gap**2 / variance, rel=1e-6)
    assert common.statistic == pytest.approx(gap**2 / variance, rel=1e-6)
    assert [t.variance for t in analysis.tests] == ["common", "separate", "common"]
    assert (analysis.unknown, analysis.warnings) == (0, ())


def test_declared_groups_gather_values_and_keep_their_order() -> None:
    declaration = {
        **DESIGN,
        "groups": {"several": ["series", "trial"], "none_of": ["trial"], "single": ["report"]},
        "labels": {"several": "Several patients"},
    }
    (analysis,) = one(*alike(), subgroups=[declaration]).subgroups
    assert [(g.code, g.name, g.k) for g in analysis.groups] == [
        ("several", "Several patients", 3),
        ("none_of", "none of", 0),
        ("single", "single", 3),
    ]
    assert (analysis.groups[1].pooled, analysis.groups[1].reason) == (None, "No study is in this group.")
    assert analysis.tests[0].df == 1


def test_what_is_unknown_or_in_no_group_is_told() -> None:
    studies = [
        study("one", 1, 2, arm={"aetiology": "own"}),
        study("two", 1, 3, arm={"aetiology": "drug"}),
        study("three", 1, 4),
    ]
    (analysis,) = one(*studies, subgroups=[{**AETIOLOGY, "groups": {"own": ["own"]}}]).subgroups
    assert [(g.code, g.k, g.n) for g in analysis.groups] == [("own", 1, 2)]
    assert analysis.unknown == 7
    assert analysis.warnings == (
        "Cause: not known, or not known one by one, for 4 patients of 1 study.",
        "Cause: no group is declared for “By a drug”.",
    )
    assert {t.reason for t in analysis.tests} == {"Fewer than two groups have data."}


def test_groups_that_cannot_carry_a_model_say_so() -> None:
    (analysis,) = one(study("one", 1, 2, design="report"), study("two", 1, 3), subgroups=[DESIGN]).subgroups
    assert {t.reason for t in analysis.tests} == {"The studies of these groups cannot carry a model."}
    assert all(t.statistic is None and t.p is None for t in analysis.tests)
    (group, _) = analysis.groups
    assert group.pooled is not None
    assert not group.pooled.fitted


def mixed(
    name: str, first: tuple[int, int], second: tuple[int, int], column: str, values: tuple[Any, Any]
) -> Any:
    """A study all of whose patients are described: responders of total with the one value, then with the other."""
    told = [r for x, n in (first, second) for r in ["complete"] * x + ["none"] * (n - x)]
    given = study(name, first[0] + second[0], first[1] + second[1], complete=first[0] + second[0])
    given["participants"] = people(name, told, **{column: [values[0]] * first[1] + [values[1]] * second[1]})
    return given


def test_patients_of_one_study_can_lie_in_two_groups() -> None:
    studies = [mixed(f"s{i}", (3, 5), (4, 5), "aetiology", ("own", "drug")) for i in range(4)]
    (analysis,) = one(*studies, subgroups=[AETIOLOGY]).subgroups
    assert [(g.code, g.k, g.events, g.n) for g in analysis.groups] == [
        ("own", 4, 12, 20),
        ("drug", 4, 16, 20),
    ]
    ratio, separate, common = analysis.tests
    expected = 2 * (log_likelihood(12, 20) + log_likelihood(16, 20) - log_likelihood(28, 40))
    assert ratio.statistic == pytest.approx(expected, abs=1e-6)
    assert separate.reason == common.reason
    assert str(separate.reason).startswith("A study has patients in several groups")


def test_a_slope_between_two_years_is_the_log_odds_ratio() -> None:
    found = one(*alike(year=(1990, 2010)), moderators=[YEAR])
    stage, two_step = found.regressions
    gap = log(0.7 / 0.3) - log(0.6 / 0.4)
    error = sqrt(1 / 18 + 1 / 12 + 1 / 21 + 1 / 9)
    assert (stage.k, stage.per, stage.reason) == (6, 10.0, None)
    assert stage.slope == pytest.approx(gap / 2, abs=1e-6)  # per 10 of 20 years
    assert stage.lower == pytest.approx((gap - 1.959964 * error) / 2, abs=1e-5)
    assert stage.odds_ratio == pytest.approx(exp(gap / 2), abs=1e-6)
    assert two_step.slope == pytest.approx(gap / 2, abs=1e-6)
    # t with 4 degrees of freedom, and a variance that the guard does not let fall
    assert two_step.upper == pytest.approx((gap + 2.776445 * error) / 2, abs=1e-5)
    slopes = [w for w in found.warnings if "a slope from" in w]
    assert slopes == [
        "Therapy, response of the deposit: year: a slope from 6 studies says little; at least 10 are advised."
    ]


def test_arms_of_one_study_with_the_same_value_are_one_study() -> None:
    studies = alike(year=(1990, 2010))
    for given in studies:
        given["arms"].append({**given["arms"][0], "arm_id": "b"})
        given["outcomes"].append(outcome_row(given["studies"][0]["study_id"], "o9", "any", 5, 10, arm="b"))
    for found in one(*studies, moderators=[YEAR]).regressions:
        assert (found.k, found.reason) == (6, None)


def test_a_moderator_of_patients() -> None:
    studies = [mixed(f"s{i}", (3, 5), (4, 5), "age", (20, 40)) for i in range(4)]
    age = {"code": "age", "name": "Age", "by": "age", "per": 20.0}
    stage, two_step = one(*studies, moderators=[age]).regressions
    assert stage.slope == pytest.approx(log(0.8 / 0.2) - log(0.6 / 0.4), abs=1e-6)
    assert stage.k == 4
    assert two_step.slope is None
    assert two_step.reason == "A study has several values of it, which only the one-stage model can take."


@pytest.mark.parametrize(
    ("studies", "reason"),
    [
        ([], "0 studies with a known value are too few; at least 4 are needed."),
        (alike()[:3], "3 studies with a known value are too few; at least 4 are needed."),
        (alike(), "All have the same value."),
        (
            [study(f"s{i}", 3, 3, year=2000 + i) for i in range(4)],
            "The studies with a known value cannot carry a model.",
        ),
    ],
)
def test_a_slope_that_cannot_be_estimated_says_why(studies: list[Any], reason: str) -> None:
    for found in one(*studies, moderators=[YEAR]).regressions:
        assert found.reason == reason
        assert (found.slope, found.lower, found.odds_ratio, found.p) == (None, None, None, None)


# --- small-study effects


def test_tests_of_asymmetry_from_ten_studies_on() -> None:
    nine = [study(f"s{i}", 1 + i % 3, 3 + i, year=2000) for i in range(9)]
    few = one(*nine).small_study
    assert (few.offered, few.tests) == (False, ())
    assert few.text == "Tests of small-study effects need at least 10 studies; 9 give a count here."
    many = one(*nine, study("s9", 5, 9)).small_study
    assert many.offered
    assert [t.code for t in many.tests] == ["egger", "begg", "trim_and_fill"]
    assert all(t.value is not None and t.reason is None for t in many.tests)
    assert many.tests[2].filled is not None
    assert "cannot show that reports are missing" in many.text


def test_contours_are_exact_binomial_ranges() -> None:
    found = one(study("one", 1, 4), study("two", 2, 4), study("three", 3, 4))
    pooled = found.main.estimate
    assert pooled is not None
    assert [c.n for c in found.small_study.contours] == [1, 2, 3, 4]
    for contour in found.small_study.contours:
        chance = [
            comb(contour.n, x) * pooled.value**x * (1 - pooled.value) ** (contour.n - x)
            for x in range(contour.n + 1)
        ]
        x = round(contour.lower * contour.n)
        assert sum(chance[:x]) <= 0.025 < sum(chance[: x + 1])
        x = round(contour.upper * contour.n)
        assert sum(chance[x + 1 :]) <= 0.025 < sum(chance[x:])
    assert one(study("one", 1, 4), study("two", 2, 4)).small_study.contours == ()
    assert one(*(study(f"s{i}", 2, 2) for i in range(4))).small_study.contours == ()


def test_contours_of_very_large_studies_are_few() -> None:
    found = one(*(study(f"s{i}", 2000 + i, 4000) for i in range(3))).small_study
    sizes = [c.n for c in found.contours]
    assert sizes[0] == 1
    assert sizes[-1] == 4000
    assert len(sizes) <= 201
