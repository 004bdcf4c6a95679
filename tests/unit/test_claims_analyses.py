"""Claims on the declared analyses: whole sentences from the results, with data or without, with a model or without."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import claims_review as review
import pytest

from livingreview.claims import analyses, certainty, declared
from livingreview.claims import wording as w
from livingreview.claims.build import build
from livingreview.claims.model import Claims
from livingreview.claims.words import Words
from livingreview.extraction import dataset
from livingreview.slices import Review, documents, therapy_slice
from livingreview.synthesis.therapy import synthesise

SECOND = review.ROOT / "tests/review"
KEYS = (
    "k", "n", "events", "percent", "lower", "upper", "text", "median", "prediction", "model", "reason", "verdict",
    "tipping", "left_out", "summary",
)  # fmt: skip


@functools.cache
def second() -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    """The protocol and the results of the review under ``tests/review``, where models can be fitted."""
    found = Review(dataset.load(SECOND, review.ROOT))
    protocol = documents(found, review.ROOT)
    return protocol, tuple(
        synthesise(therapy_slice(found, t["code"])).to_json() for t in protocol["therapies"]
    )


def words() -> Words:
    return Words(second()[0])


@functools.cache
def fitted() -> dict[str, Any]:
    """An analysis whose main model was fitted, with a prediction interval."""
    return next(
        a for r in second()[1] for a in r["analyses"] if a["main"]["fitted"] and a["main"]["prediction"]
    )


def plain(text: str) -> str:
    """A claim's text without escapes, to be held against the result's own words."""
    return text.replace("\\", "").replace("\u00a0", " ")


def test_every_declared_outcome_has_its_keys_with_data_or_without() -> None:
    full, empty = build(review.sources()), build(review.without_studies())
    protocol = review.sources().documents
    for therapy in protocol["therapies"]:
        for outcome in protocol["analyses"]["outcomes"]:
            for name in KEYS:
                key = f"{therapy['code']}.analysis.{outcome['code']}.{name}"
                assert key in full
                assert empty[key].value in (None, 0)
            assert empty[f"{therapy['code']}.analysis.{outcome['code']}.text"].text == "no data"
        assert "nothing could be estimated" in empty[f"{therapy['code']}.analysis.summary"].text
    assert empty["analyses.overview"].text.startswith("None of")


def test_what_the_protocol_declares_is_said() -> None:
    claims = Claims()
    protocol = second()[0]
    declared.add_declared(claims, protocol)
    assert claims["analyses.threshold"].text == w.percent(protocol["analyses"]["threshold"])
    for role in ("primary", "secondary", "additional"):
        for outcome in protocol["analyses"]["outcomes"]:
            named = f"{outcome['name'][1:]} (" in claims[f"analyses.{role}"].text
            assert named == (outcome["role"] == role)
    for entry in protocol["analyses"]["sensitivity"]:
        assert entry["name"][1:] in claims["analyses.sensitivity"].text
    assert claims["analyses.low_concern"].text.count("item") == len(
        next(s for s in protocol["analyses"]["sensitivity"] if s.get("appraisal"))["appraisal"]
    )


def test_a_fitted_model_prints_mean_median_prediction_and_its_convention() -> None:
    a = fitted()
    main, text = a["main"], plain(analyses.summary(a, words()))
    assert "mean proportion" in text
    for estimate in (main["estimate"], main["median"], main["prediction"]):
        assert plain(w.percent_range(estimate["lower"], estimate["upper"], a["n"])) in text
    assert "in the median study" in text
    assert "prediction interval for a new study" in text
    assert f"({analyses.convention(main['prediction'])})" in text
    assert "prediction interval (prediction" not in text
    assert main["name"] in text
    assert a["verdict"]["text"] in text
    assert a["tipping"]["text"] in text


def test_without_a_model_the_exact_interval_and_the_reason_are_printed() -> None:
    found = [a for r in second()[1] for a in r["analyses"] if a["k"] and not a["main"]["fitted"]]
    assert found
    for a in found:
        text = plain(analyses.summary(a, words()))
        assert "exact 90 % interval" in text
        assert a["main"]["reason"] in text
        assert "median study" not in text


def test_numbers_of_a_reason_why_a_study_is_left_out_are_claims_of_that_study() -> None:
    reason = "not every degree of response is counted: at least 6 of 9 responded"
    a = {**fitted(), "left_out": [{"study_id": "example2027", "label": "Example 2027", "reason": reason}]}
    claims = Claims()
    protocol = second()[0]
    outcome = next(o for o in protocol["analyses"]["outcomes"] if o["code"] == a["code"])
    analyses._add_one(claims, f"t.analysis.{a['code']}", outcome, a, words())
    key = f"t.analysis.{a['code']}.left_out"
    assert plain(claims[key].text) == f"Example 2027: {reason}."
    parts = [claims[part] for part in claims[key].parts]
    assert [(c.key, c.value) for c in parts] == [
        (f"{key}_example2027.reason1", 6),
        (f"{key}_example2027.reason2", 9),
    ]
    assert {c.studies for c in parts} == {("example2027",)}


def test_clustering_prints_the_results_own_warning() -> None:
    found = [a for r in second()[1] for a in r["analyses"] if a["clusters"]]
    assert found
    for a in found:
        assert a["clusters"]["warning"] in plain(analyses.summary(a, words()))


def step(label: str, year: int | None, state: str | None) -> dict[str, Any]:
    return {"label": label, "year": year, "state": state}


def test_only_a_change_of_state_is_told_of_re_analyses() -> None:
    verdict = {"states": {"above": ["main"]}}
    a: dict[str, Any] = {
        "k": 3, "verdict": verdict,
        "leave_one_out": [step("A 2001", 2001, "above"), step("B 2002", 2002, "undecided"), step("C", None, "undecided")],
        "cumulative": [step("A 2001", 2001, "undecided"), step("B 2002", 2002, "above"), step("C", None, "above")],
    }  # fmt: skip
    assert analyses.flips(a) == (
        "Without B 2002 or C the interval includes the threshold. "
        "In the order of publication the interval lies above the threshold since B 2002."
    )
    steady = {**a, "leave_one_out": a["leave_one_out"][:1], "cumulative": a["cumulative"][1:]}
    assert analyses.flips(steady) == ""
    # a study without a year comes last by convention, which says nothing about time
    undated = {**steady, "cumulative": [step("A 2001", 2001, "undecided"), step("C", None, "above")]}
    assert analyses.flips(undated) == ""
    assert analyses.flips({**a, "verdict": {"states": {}}}) == ""


def test_the_primary_outcome_is_told_in_full_and_the_others_by_their_interval() -> None:
    for result in second()[1]:
        claims = Claims()
        analyses.add_analyses(claims, "x", result, words())
        text = plain(claims["x.analysis.summary"].text)
        primary = next(a for a in result["analyses"] if a["role"] == "primary")
        if primary["k"]:
            assert primary["verdict"]["text"] in text
        for a in result["analyses"]:
            assert a["name"][1:] in text or not any(x["k"] for x in result["analyses"])


def test_the_overview_counts_what_has_data_and_what_was_fitted() -> None:
    claims = Claims()
    declared.add_overview(claims, second()[1])
    found = [a for r in second()[1] for a in r["analyses"]]
    told = [a for a in found if a["k"]]
    text = claims["analyses.overview"].text
    assert f"Of {len(found)} declared analyses" in text
    assert f"{len(told)} have data" in text
    assert f"fitted in {sum(a['main']['fitted'] for a in told)} of them" in text


def brief(results: Sequence[dict[str, Any]], protocol: dict[str, Any]) -> str:
    claims = Claims()
    analyses.add_brief(claims, results, Words(protocol))
    return plain(claims["analyses.brief"].text)


def test_the_brief_names_what_there_is_where_the_primary_outcome_has_no_data() -> None:
    claims = build(review.sources())
    text = plain(claims["analyses.brief"].text)
    assert text.startswith(
        "Response of the deposit (95 % intervals): topical STS 2 of 2 patients (2 studies, 17 treated; 16–100 %);"
    )
    assert "no count for shock waves or laser. Response of symptoms, by treated area: laser 17 of 21" in text
    assert "laser.analysis.symptom_response.wider.lower" in claims["analyses.brief"].parts
    assert "arms:lebedinskaya2014:a" in claims["analyses.brief"].rows  # who was treated and never counted


def test_the_brief_reads_for_any_number_of_therapies() -> None:
    protocol, results = review.sources().documents, list(review.sources().ordered)
    code = {r["therapy"]["code"]: r for r in results}
    assert brief([], protocol) == "No count could enter a declared analysis."
    assert brief([code["eswl"]], protocol) == "No count could enter a declared analysis."
    assert brief([code["laser"]], protocol).startswith(
        "Response of the deposit: no count for laser. Response of symptoms, by treated area (95 % intervals): laser 17"
    )
    assert brief([code["topical_sts"]], protocol).endswith("17 treated; 16–100 %).")


def test_the_brief_gives_the_mean_proportion_of_a_fitted_model() -> None:
    protocol, results = second()
    a, text = fitted(), brief(results, protocol)
    e = a["main"]["estimate"]
    shown = f"{w.percent(e['value'], e['n'])}, {w.percent_range(e['lower'], e['upper'], a['n'])}"
    assert f"mean proportion {plain(shown)})" in text
    assert "no count" not in text


def test_unsigned_certainty_supports_no_conclusion() -> None:
    claims = build(review.sources())
    assert claims["certainty.signed"].value == 0
    assert "none supports a conclusion" in claims["certainty.summary"].text
    assert "proposed, not signed" in claims["topical_sts.certainty.summary"].text
    assert "No evidence to rate on" in claims["eswl.certainty.summary"].text


def test_a_signed_rating_is_no_longer_said_to_support_nothing() -> None:
    found = review.sources().rated
    rated = next(r for r in found.ratings if r.all_cells)
    signed = replace(rated, supports_conclusion=True, status="signed", text="Very low", signed=6)
    claims = Claims()
    certainty.add_certainty(
        claims, replace(found, ratings=(signed,), cells=6, open=0), review.sources().documents
    )
    assert "Of 6 judgements, 6 are signed." in claims["certainty.summary"].text
    assert "supports a conclusion" not in claims["certainty.summary"].text
    assert claims["certainty.open"].value == 0


@pytest.mark.parametrize("key", ["harms.summary", "intralesional_sts.harms.summary"])
def test_words_of_a_source_are_printed_as_such(key: str) -> None:
    rows = [h for r in review.sources().ordered for h in r["harms"]["rows"] if h["as_reported"]]
    assert rows
    text = plain(build(review.sources())["intralesional_sts.harms.summary"].text)
    assert all(f"“{h['as_reported']}”" in text for h in rows)
    assert "nan" not in build(review.sources())[key].text


def test_mean_changes_name_the_correlation_that_they_assume() -> None:
    from livingreview.claims.scores import mean_changes_text

    estimate = {"value": -2.5, "lower": -4.04, "upper": -1.0, "level": 0.95}
    study = {"label": "A 2001", "change": -2.5, "correlation_used": True, "estimate": estimate}
    entry = {
        "unit": "patient", "measured": None, "correlation": 0.3, "k": 1, "n": 12, "studies": [study], "pooled": None,
        "reason": "Fewer than three studies (1), so that nothing is pooled.",
    }  # fmt: skip
    text = mean_changes_text([entry, {**entry, "correlation": 0.7}], Words({"units": {}}))
    assert text.startswith(
        "mean change (1 study with 12 patients): A 2001 −2.5 (−4 to −1) at a correlation of 0.3; A 2001"
    )
    assert text.endswith("fewer than three studies (1), so that nothing is pooled")
    pooled = {**entry, "k": 3, "pooled": estimate, "reason": None}
    assert "pooled −2.5 (95\u00a0% interval −4 to −1) at a correlation of 0.3" in mean_changes_text(
        [pooled], Words({"units": {}})
    )
    assert mean_changes_text([{**entry, "k": 0}], Words({"units": {}})) == ""
