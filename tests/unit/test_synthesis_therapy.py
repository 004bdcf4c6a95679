"""The whole result of a therapy: JSON and back, order of rows, speed, and no word of this review in the package."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_slices import ROOT, protocol, slice_of
from work import done_within

from livingreview import canonical
from livingreview.synthesis.comparison import compare, previous, treated
from livingreview.synthesis.therapy import TherapyResult, synthesise

CODES = ("topical_sts", "intralesional_sts", "eswl", "laser")
PUBLISHED = {
    "n_studies": 40,
    "n_patients": 136,
    "laser": {"complete_remission_single_procedure": {"events": 12, "total": 21, "percent": 57}},
    "co2_laser": {"scarring_or_hyperkeratosis": {"events": 10, "total": 18, "percent": 56}},
    "recurrence": {"events": 3, "total": 136, "percent": 2},
}


@pytest.mark.parametrize("code", CODES)
def test_json_round_trip(code: str) -> None:
    result = synthesise(slice_of(code))
    text = canonical.dumps(result.to_json())
    assert canonical.dumps(TherapyResult.from_json(json.loads(text)).to_json()) == text
    assert TherapyResult.from_json(json.loads(json.dumps(result.to_json()))) == result


def test_another_shape_is_refused() -> None:
    data = synthesise(slice_of("laser")).to_json()
    with pytest.raises(TypeError, match="no field colour"):
        TherapyResult.from_json({**data, "colour": 1})
    del data["totals"]
    with pytest.raises(KeyError):
        TherapyResult.from_json(data)


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(CODES), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(code: str, random: Any) -> None:
    data = slice_of(code)
    expected = canonical.dumps(synthesise(data).to_json())
    for table in ("studies", "arms", "outcomes", "participants"):
        random.shuffle(data[table])
    # a slice read from canonical JSON has its keys sorted
    data = json.loads(canonical.dumps(data))
    assert canonical.dumps(synthesise(data).to_json()) == expected


def test_studies_without_a_year_come_last_and_stay() -> None:
    years = [s.year for s in synthesise(slice_of("topical_sts")).studies]
    assert years == [2008, 2011, 2014, 2014, 2016, 2016, 2019, 2019, 2023, None, None]


def test_arms_of_other_therapies_are_not_counted() -> None:
    result = synthesise(slice_of("eswl"))
    assert [s.arms for s in result.studies] == [("a",), ("a",), ("a",)]
    assert (
        result.patients.treated == 6
    )  # the 4 patients of the untreated fingers are the 4 of the treated ones


def test_an_empty_therapy() -> None:
    data = {**slice_of("laser"), "studies": [], "arms": [], "outcomes": [], "participants": []}
    result = synthesise(data)
    assert (result.studies, result.totals, result.patients.treated) == ((), (), 0)
    assert result.warnings[0] == "Laser: no study was included."
    assert TherapyResult.from_json(result.to_json()) == result


def test_where_there_is_nothing_it_says_so() -> None:
    warnings = synthesise(slice_of("eswl")).warnings
    assert (
        warnings[0]
        == "Extracorporeal shock waves: no data on response; none of the 3 studies reports a count."
    )
    assert {n.construct for n in synthesise(slice_of("laser")).no_data} == set(protocol()["constructs"])


@pytest.mark.parametrize("code", CODES)
def test_it_never_speaks_of_a_response_rate(code: str) -> None:
    text = canonical.dumps(synthesise(slice_of(code)).to_json())
    assert "response rate" not in text
    assert "NaN" not in text


def test_a_thousand_studies_take_less_than_a_second() -> None:
    base = slice_of("topical_sts")
    data: dict[str, Any] = {**base, "studies": [], "arms": [], "outcomes": [], "participants": []}
    for i in range(91):
        for table in ("studies", "arms", "outcomes", "participants"):
            data[table] += [{**r, "study_id": f"{r['study_id']}_{i}"} for r in base[table]]
    synthesise(base)
    import scipy.stats  # noqa: F401  what is loaded once is no work on a study

    result = done_within(1, lambda: synthesise(data))
    assert (result.patients.studies, result.patients.treated) == (91 * 11, 91 * 17)
    assert result.totals[0].responders == 91 * 2


# --- therapies side by side ---


def results() -> dict[str, TherapyResult]:
    return {code: synthesise(slice_of(code)) for code in CODES}


def test_comparison_rows() -> None:
    rows = compare(results())
    assert [
        (r.therapy, r.unit, r.construct, r.responders, r.evaluated, r.treated, r.unreported, r.no_data)
        for r in rows
    ] == [
        ("topical_sts", "patient", "deposit", 2, 2, 17, 15, False),
        ("topical_sts", "patient", "ulcer", 1, 1, 17, 16, False),
        ("topical_sts", "patient", "unspecified", 5, 5, 17, 12, False),
        ("intralesional_sts", "patient", "deposit", 7, 7, 45, 38, False),
        ("eswl", "patient", None, None, 0, 6, 6, True),
        ("laser", "lesion", "symptom", 17, 21, 21, 0, False),
    ]
    json.dumps([r.to_json() for r in rows])


def test_everybody_counts_once() -> None:
    everybody = treated(results())
    assert (everybody.studies, everybody.treated, everybody.treated_unknown) == (
        11 + 3 + 3 + 2,
        17 + 45 + 6 + 7,
        0,
    )
    # give the untreated fingers of blumhardt2016 (arms.csv, arm b shares the patients of arm a) to another therapy
    data = slice_of("eswl")
    for arm in data["arms"]:
        if arm["therapy"] == "no_treatment":
            arm["therapy"] = "laser"
    other = synthesise({**data, "therapy": slice_of("laser")["therapy"]})
    assert other.patients.treated == 4
    both = treated({"eswl": synthesise(data), "laser": other})
    assert (both.studies, both.treated) == (3, 6)


def test_published_counts_get_their_interval_and_are_recognised() -> None:
    found = {p.path[0]: p for p in previous(PUBLISHED, results())}
    assert {k: (p.events, p.total, p.probably_same_data) for k, p in found.items()} == {
        "laser": (12, 21, True),  # bottomley1996 o1: the same 12 of 21 areas
        "co2_laser": (10, 18, False),
        "recurrence": (3, 136, False),
    }
    (match,) = found["laser"].matches
    assert (match.quantity, match.unit, match.studies) == ("complete", "lesion", ("Bottomley 1996",))
    limits = {k: (round(p.estimate.lower, 3), round(p.estimate.upper, 3)) for k, p in found.items()}
    assert limits == {"laser": (0.340, 0.782), "co2_laser": (0.308, 0.785), "recurrence": (0.005, 0.063)}
    assert all("published, not recomputed" in p.estimate.warnings for p in found.values())


def test_a_published_count_is_matched_within_its_own_therapy() -> None:
    (other,) = previous({"eswl": {"x": {"events": 12, "total": 21}}}, results())
    assert not other.probably_same_data


def test_published_file_of_this_review_if_there() -> None:
    file = ROOT / "data" / "releases" / "2021.06" / "published.yaml"
    if not file.exists():
        pytest.skip("no earlier version is filed")
    published = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert {(p.events, p.total) for p in previous(published, results())} >= {(12, 21), (10, 18), (3, 136)}
