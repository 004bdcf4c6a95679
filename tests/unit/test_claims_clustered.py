"""Intervals of units that lie in patients: the reader is told where they print that they take these units as independent."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import claims_review as review
import pytest
from test_claims_analyses import plain, second, words

from livingreview.certainty.assess import assess
from livingreview.claims import clustered, declared, safety
from livingreview.claims.analyses import main_text, state_of, summary
from livingreview.claims.build import build
from livingreview.claims.figures import Material, include
from livingreview.claims.model import Claims
from livingreview.claims.words import Words
from livingreview.publish.escape import markdown
from livingreview.synthesis.fitting import cautious_limits
from livingreview.synthesis.therapy import TherapyResult
from livingreview.tables import analyses, certainty, reanalyses
from livingreview.tables import main_text as tables
from livingreview.tables import safety as harms


@cache
def texts() -> dict[str, str]:
    return {c.key: plain(c.text) for c in build(review.sources())}


def analysis(therapy: str, code: str) -> dict[str, Any]:
    [result] = [r for r in second()[1] if r["therapy"]["code"] == therapy]
    return next(a for a in result["analyses"] if a["code"] == code)


def test_running_text_gives_both_intervals_and_the_brief_the_cautious_one() -> None:
    text = texts()["laser.analysis.symptom_response.text"]
    assert "17 of 21 lesions (81 %, exact 95 % interval 58–95 % if lesions are taken as independent" in text
    assert "37–99 % at a correlation of 0.8)" in text
    assert "17 of 21 lesions (1 study, 7 patients treated; 37–99 % if clustered)" in texts()["analyses.brief"]


def test_where_nothing_is_known_of_the_patients_the_brief_says_what_it_takes_for_granted() -> None:
    [laser] = [r for r in review.sources().ordered if r["therapy"]["code"] == "laser"]
    a = next(a for a in laser["analyses"] if a["code"] == "symptom_response")
    unknown = {**a, "clusters": {**a["clusters"], "robust": None, "at_icc": []}}
    text = plain(clustered.cautious(unknown, Words(review.sources().documents)))
    assert text == "58–95 % if lesions are taken as independent"


def test_where_units_are_known_patient_by_patient_the_robust_interval_stands_beside() -> None:
    a = analysis("hyperthermia", "wart_response")
    assert a["clusters"]["robust"]
    text = plain(main_text(a, words()))
    assert text.endswith(
        "45–76 % if warts are taken as independent, 38–80 % allowing for several in one athlete)"
    )


def test_an_interval_is_read_against_the_threshold_as_the_cautious_one() -> None:
    [laser] = [r for r in review.sources().ordered if r["therapy"]["code"] == "laser"]
    a = next(a for a in laser["analyses"] if a["code"] == "symptom_response")
    lower, upper, _ = cautious_limits(a)
    assert lower < a["threshold"] < upper
    assert a["main"]["estimate"]["lower"] > a["threshold"]
    assert state_of(a) == "undecided"
    assert "the wider interval includes the threshold" in summary(a, words())


def test_the_overview_counts_by_the_cautious_interval() -> None:
    told = [a for r in review.sources().ordered for a in r["analyses"] if a["k"]]
    above = sum(state_of(a) == "above" for a in told)
    found = re.search(r"lies above the threshold in (\d+)", texts()["analyses.overview"])
    assert (int(found[1]) if found else 0) == above
    naive = sum(a["main"]["estimate"]["lower"] >= a["threshold"] for a in told if a["main"]["estimate"])
    assert above < naive


def test_recurrence_warns_of_lesions_in_patients() -> None:
    for key in ("laser.recurrence.summary", "recurrence.summary"):
        assert "lesions of one patient are not independent" in texts()[key].casefold(), key
    brief = texts()["recurrence.brief"]
    assert "laser 2 of 21 lesions evaluated (<1–53 % if clustered)" in brief


def test_the_brief_on_recurrence_tells_denominators_apart() -> None:
    claims = Claims()
    safety.add_overall(claims, second()[1], words())
    brief = claims["recurrence.brief"].text
    assert "25 athletes evaluated" in brief
    assert "15 athletes responding" in brief
    assert "61 warts, as reported" in brief


def test_every_table_with_marked_intervals_says_what_the_mark_means() -> None:
    protocol, results = second()
    found = assess(
        {r["therapy"]["code"]: TherapyResult.from_json(r) for r in results},
        review.sources().appraisal | {"studies": []},
        [],
        second_certainty(),
    )
    shown = [
        tables.responses(results, words()),
        *[t for _, t in analyses.other_sensitivity(results, words())],
        *[t for part in reanalyses.parts(results, words()).values() for t in part],
        harms.harms(results, words()),
        harms.change_scores(results, words()),
        certainty.summary_of_findings(found, protocol),
    ]
    marked = [t for t in shown if any(clustered.MARK in cell for row in t.rows for cell in row)]
    assert {t.label for t in marked} >= {
        "responses",
        "sensitivity-wart-response",
        "change-scores",
    }
    for table in shown:
        assert (clustered.note(words()) in table.caption) == (table in marked), table.label


@cache
def second_certainty() -> dict[str, Any]:
    from second_review import data

    from livingreview.certainty.slice import certainty as certainty_slice
    from livingreview.slices import Review

    return dict(certainty_slice(Review(data()))["protocol"])


def test_the_summary_of_findings_says_on_which_interval_imprecision_was_judged() -> None:
    table = certainty.summary_of_findings(review.sources().rated, review.sources().documents)
    [row] = [r for r in table.rows if "17/21" in r[3]]
    assert clustered.MARK in row[3]
    assert clustered.note(Words(review.sources().documents)) in table.caption
    assert "Imprecision was judged on 37" in row[5]
    assert "correlation within patients of 0.8" in plain(row[5])


def test_the_summary_of_findings_says_which_correlation_is_assumed() -> None:
    protocol, results = second()
    found = assess(
        {r["therapy"]["code"]: TherapyResult.from_json(r) for r in results},
        review.sources().appraisal | {"studies": []},
        [],
        second_certainty(),
    )
    assumed = [f for f in found.findings if f.estimate and "assumed" in f.measure]
    assert assumed
    cells = [row[3] for row in certainty.summary_of_findings(found, protocol).rows]
    assert sum("correlation of before and after 0.5, assumed" in plain(c) for c in cells) == len(assumed)


def material() -> Material:
    protocol, results = second()
    return Material(protocol, {}, {}, {}, {"therapies": {r["therapy"]["code"]: r for r in results}})


@pytest.mark.parametrize("therapy", [r["therapy"]["code"] for r in second()[1]])
def test_the_caption_of_a_funnel_promises_only_what_is_drawn(therapy: str) -> None:
    result = material().results["therapies"][therapy]
    drawn = [a for a in result["analyses"] if a["counts"] == "responders" and a["k"] >= 2]
    contours = [a["name"] for a in drawn if a["small_study"]["contours"]]
    caption = include(f"small_study_{therapy}", material()).split("](_built")[0]
    assert ("The band shows exact binomial limits" in caption) == bool(contours)
    if len(contours) < len(drawn):
        assert all(markdown(name) in caption for name in contours)
    assert ("summed counts" in caption) == any(not a["main"]["fitted"] for a in drawn)


def test_results_without_a_time_are_counted_by_therapy() -> None:
    claims = Claims()
    protocol, results = second()
    declared.add_untimed(claims, protocol, results)
    limited = {o["code"] for o in protocol["analyses"]["outcomes"] if o.get("latest_months")}
    [heat] = [r for r in results if r["therapy"]["code"] == "hyperthermia"]
    entered = [s for a in heat["analyses"] if a["code"] in limited for s in a["studies"]]
    untimed = {s["study_id"] for s in entered if s["timepoint_months"] is None}
    every = {s["study_id"] for s in entered}
    assert f"{len(untimed)} of {len(every)} studies of local heat" in claims["analyses.untimed"].text
    topical = texts()["analyses.untimed"]
    assert re.search(r"[1-9]\d* of \d+ studies of topical sodium thiosulfate", topical)


def test_a_place_against_the_threshold_is_marked_like_its_interval() -> None:
    [laser] = [r for r in review.sources().ordered if r["therapy"]["code"] == "laser"]
    a = next(a for a in laser["analyses"] if a["code"] == "symptom_response")
    rows = analyses.sensitivity(laser, a, Words(review.sources().documents)).rows
    # the main interval is read with clustering allowed for, the others are not
    assert rows[0][4] == "included"
    placed = [row[4] for row in rows[1:-1] if clustered.MARK in row[3]]
    assert placed
    assert all(place.endswith(clustered.MARK) for place in placed)
