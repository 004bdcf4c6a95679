"""Published figures beside ours: agree, differ, or cannot say, each with its reason in a whole sentence."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_slices import protocol, slice_of

from livingreview.claims.model import Claims
from livingreview.claims.previous import add_previous
from livingreview.errors import ReviewError
from livingreview.protocol import load
from livingreview.synthesis import records
from livingreview.synthesis.agreement import Agreement, agreements, told
from livingreview.synthesis.proportions import clopper_pearson
from livingreview.synthesis.therapy import TherapyResult, synthesise

ROOT = Path(__file__).parents[2]
COUNT = {"events": 10, "total": 18}


@cache
def results() -> dict[str, TherapyResult]:
    return {t["code"]: synthesise(slice_of(t["code"])) for t in protocol()["therapies"]}


def with_harm(events: int | None, total: int | None, *more: tuple[int, int]) -> dict[str, TherapyResult]:
    """Laser with a scar counted in its first study, and in further ones."""
    data = slice_of("laser")
    arms = [a for a in data["arms"] if a["therapy"] == "laser"]
    for number, (arm, (x, n)) in enumerate(zip(arms, [(events, total), *more], strict=False)):
        arm["n_patients"] = None
        row = dict.fromkeys(data["outcomes"][0]) | {
            "study_id": arm["study_id"],
            "arm_id": arm["arm_id"],
            "outcome_id": f"new{number}",
            "outcome": "adverse_event",
            "category": "Scar",
            "unit": "patient",
            "events": x,
            "total": n,
        }
        data["outcomes"].append(row)
    return {**results(), "laser": synthesise(data)}


def one(figure: Any, counterpart: Mapping[str, Any] | None, ours: dict[str, TherapyResult]) -> Agreement:
    comparisons = [] if counterpart is None else [{"published": "x.y", **counterpart}]
    version = {"published": {"x": {"y": figure, "told": "in words"}}, "comparisons": comparisons}
    (found,) = agreements(version, ours, protocol()["units"], 0.95)
    assert records.from_json(Agreement, records.to_json(found)) == found
    assert found.reason.endswith(".") and found.reason[0].isupper()
    return found


SCAR = {"therapy": "laser", "harm": "scar"}


@pytest.mark.parametrize(
    ("events", "total", "verdict", "words"),
    [
        (11, 20, "agree", "each estimate lies in the interval of the other"),
        (1, 40, "differ", "the intervals do not overlap"),
        # 30 to 42 % overlaps with 31 to 78 %, but 56 % is outside of it
        (90, 250, "cannot_say", "the intervals overlap, but not each estimate"),
        (10, 18, "cannot_say", "very likely the same patients"),
        (0, 30, "differ", "0 % (0 % to 10 %) now"),
    ],
)
def test_counts_with_intervals(events: int, total: int, verdict: str, words: str) -> None:
    found = one(COUNT, SCAR, with_harm(events, total))
    assert (found.verdict, found.kind) == (verdict, "harm")
    assert words in found.reason
    assert found.ours.estimate is not None
    assert (found.ours.estimate.events, found.ours.estimate.total) == (events, total)


def test_the_same_count_in_one_of_several_studies_confirms_nothing() -> None:
    found = one(COUNT, SCAR, with_harm(10, 18, (30, 60)))
    assert found.ours.estimate is not None
    assert (found.ours.estimate.events, found.ours.estimate.total, found.ours.estimate.k) == (40, 78, 2)
    assert (found.verdict, len(found.same_count)) == ("cannot_say", 1)
    assert found.same_count[0] in found.reason


def test_a_harm_named_without_a_count_is_no_data() -> None:
    named = one(COUNT, SCAR, with_harm(None, 18))
    unnamed = one(COUNT, {"therapy": "laser", "harm": "no such harm"}, results())
    assert named.verdict == unnamed.verdict == "cannot_say"
    assert named.ours.estimate is None and unnamed.ours.estimate is None
    assert "though it is named" in named.reason and "though it is named" not in unnamed.reason


def test_the_analysis_that_rests_on_the_published_patients() -> None:
    """outcomes.csv, bottomley1996 o1: 12 of 21 areas, the figure of 2021."""
    found = one({"events": 12, "total": 21}, {"therapy": "laser", "analysis": "symptom_complete"}, results())
    assert found.same_count == ("Bottomley 1996",)
    assert found.verdict == "cannot_say"
    assert found.ours.estimate is not None and found.ours.used == ("bottomley1996",)
    other = one({"events": 12, "total": 22}, {"therapy": "laser", "analysis": "symptom_complete"}, results())
    assert other.verdict == "agree"
    none = one(COUNT, {"therapy": "eswl", "analysis": "deposit_response"}, results())
    assert none.verdict == "cannot_say" and "Response of the deposit" in none.reason


def test_recurrence_of_another_unit_is_not_ours() -> None:
    """outcomes.csv counts 2 recurrences of 21 areas, none in patients."""
    patients = one({"events": 3, "total": 136}, {"recurrence": "patient"}, results())
    assert patients.verdict == "cannot_say" and "recurrence in patients" in patients.reason
    lesions = one({"events": 3, "total": 136}, {"recurrence": "lesion"}, results())
    assert lesions.ours.estimate is not None
    assert (lesions.ours.estimate.events, lesions.ours.estimate.total) == (2, 21)


def test_plain_numbers_stand_side_by_side() -> None:
    """arms.csv: topical treatment for 1.8 and 2 months, and at least 5 in a third."""
    dose = {"therapy": "topical_sts", "dose": "treatment_duration_months"}
    found = one({"mean": 4.9, "min": 2, "max": 24}, dose, results())
    assert found.published is None and found.verdict == "cannot_say"
    assert found.reason == "No interval was published: mean 4.9 (2 to 24) then, median 1.9 (1.8 to 5) now."
    score = {"therapy": "intralesional_sts", "score": "global_score", "direction": "fall"}
    fell = one({"median": 1, "min": 0, "max": 5}, score, results())
    assert fell.ours.numbers == {"min": 2.5, "max": 2.7}  # mra2096_nd: −2.7 and −2.5
    assert "no interval was published" in fell.reason.lower()
    assert one({"median": 3}, {"therapy": "eswl", "score": "pain_vas"}, results()).ours.numbers == {}


def test_an_interval_of_ours_beside_a_bare_percentage() -> None:
    found = one({"more_than": 11}, SCAR, with_harm(11, 20))
    assert found.verdict == "cannot_say"
    assert "more than 11 then, 55 % (32 % to 77 %) now" in found.reason


def test_nothing_to_compare_says_why() -> None:
    said = one(40, {"nothing": "It describes a search"}, results())
    assert (said.kind, said.reason, said.verdict) == ("nothing", "It describes a search.", "cannot_say")
    undeclared = one(COUNT, None, results())
    assert (undeclared.kind, undeclared.verdict) == ("undeclared", "cannot_say")


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 60), st.integers(1, 60))
def test_the_verdict_does_not_depend_on_who_came_first(a: int, n: int, b: int, m: int) -> None:
    from livingreview.synthesis.agreement import _intervals
    from livingreview.synthesis.proportions import proportion

    a, b = min(a, n), min(b, m)
    first, second = (proportion(x, t, unit="patient") for x, t in ((a, n), (b, m)))
    verdict, _ = _intervals(first, second)
    assert verdict == _intervals(second, first)[0]
    apart = clopper_pearson(a, n, 0.95)[1] < clopper_pearson(b, m, 0.95)[0]
    assert (verdict == "differ") == (apart or clopper_pearson(b, m, 0.95)[1] < clopper_pearson(a, n, 0.95)[0])


def test_numbers_in_words() -> None:
    assert told({"min": 64, "max": 81}, " %") == "64 % to 81 %"
    assert told({"median": -3.25}) == "median −3.25"
    assert told({"value": 136}) == "136"
    assert told({"upper_quartile": 3}) == "upper quartile 3"


def test_every_published_figure_of_the_shipped_review_has_a_verdict() -> None:
    version = load(ROOT / "review.yaml").slice("previous_version")["previous_version"]
    found = agreements(version, results(), protocol()["units"], 0.95)
    assert {a.path for a in found} == {c["published"] for c in version["comparisons"]}
    assert "undeclared" not in {a.kind for a in found}


def test_claims_of_a_figure_and_of_a_plain_number() -> None:
    claims = Claims()
    documents = {
        "confidence_level": 0.95,
        "units": protocol()["units"],
        "previous_version": {
            "label": "0",
            "published": {"n": 40, "x": COUNT},
            "comparisons": [{"published": "x", **SCAR}],
        },
    }
    add_previous(claims, documents, with_harm(11, 20))
    assert claims["previous.x.verdict"].text.startswith(
        "Agree. It was 56\u00a0% (31\u00a0% to 78\u00a0%) then"
    )
    assert (
        claims["previous.x.ours"].text
        == "11 of 20 patients (55\u00a0%, exact 95\u00a0% interval 32–77\u00a0%)"
    )
    assert claims["previous.n"].text == "40"
    assert claims["previous.n_verdict"].value == "cannot_say"
    assert claims["previous.n_ours"].text == "not compared"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "dose: treatment_duration_months}",
            "dose: treatment_duration_months, harm: pain}",
            "harm and dose are given",
        ),
        ("analysis: symptom_complete}", "analysis: symptom_complet}", "did you mean `symptom_complete`"),
        (
            "{published: eswl.vas_reduction,",
            "{published: eswl.vas_reductoin,",
            "did you mean `eswl.vas_reduction`",
        ),
        (
            "therapy: eswl, score: pain_vas, direction",
            "score: pain_vas, direction",
            "needs the key `therapy`",
        ),
        ("recurrence: patient}", "recurrence: patients}", "did you mean `patient`"),
        ("{published: n_patients,", "{published: n_studies,", "already has a counterpart"),
    ],
)
def test_a_wrong_counterpart_is_told_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    file = tmp_path / "review.yaml"
    text = (ROOT / "review.yaml").read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    published = tmp_path / "data/releases/2021.06/published.yaml"
    published.parent.mkdir(parents=True)
    published.write_bytes((ROOT / "data/releases/2021.06/published.yaml").read_bytes())
    with pytest.raises(ReviewError) as raised:
        load(file)
    told_at = [p for p in raised.value.problems if words in f"{p.message} {p.suggestion}"]
    assert told_at, [str(p) for p in raised.value.problems]
    line = text[: text.index(old)].count("\n") + 1
    assert told_at[0].row == line
