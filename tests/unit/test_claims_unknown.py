"""What prints where a number is not known: no bound without the number treated, no denial of a count, no loss of one."""

from __future__ import annotations

from typing import Any

import claims_review as review

from livingreview.claims import analyses, safety
from livingreview.claims.build import build
from livingreview.claims.model import Claims
from livingreview.claims.words import Words
from livingreview.tables import analyses as analysis_tables
from livingreview.tables import main_text

LATE = "No study gives a count up to 12 months; 1 reports only later."


def result(code: str) -> dict[str, Any]:
    found: dict[str, Any] = review.sources().results["therapies"][code]
    return found


def words() -> Words:
    return Words(review.sources().documents)


def with_reason(a: dict[str, Any], reason: str) -> dict[str, Any]:
    return {**a, "main": {**a["main"], "reason": reason}}


def test_without_the_number_treated_no_worst_case_prints_anywhere() -> None:
    """Laser: one of two studies does not say how many areas it treated."""
    claims = build(review.sources())
    (total,) = [t for t in result("laser")["totals"] if t["k"]]
    reason = "the number treated is not known in 1 study"
    assert (total["if_failures"], total["if_failures_reason"]) == (None, reason)
    key = f"laser.response.{total['unit']}.{total['construct']}.if_failures"
    assert claims[f"{key}.percent"].value is None
    assert claims[f"{key}.text"].text == f"not known, since {reason}"
    assert (
        f"no proportion with all unreported as failures, since {reason}"
        in claims["laser.response.summary"].text
    )
    assert "had failed" not in claims["laser.response.brief"].text
    cells = [row for row in main_text.responses([result("laser")], words()).rows if "21" in str(row[4])]
    assert [row[-1] for row in cells] == ["not known"]
    a = next(a for a in result("laser")["analyses"] if a["k"])
    (row,) = [r for r in a["sensitivity"] if r["kind"] == "failures"]
    assert (row["state"], row["reason"]) == (None, "The number treated is not known in 1 study.")


def test_a_count_that_is_too_late_is_not_denied() -> None:
    found = result("eswl")
    first, *others = found["analyses"]
    late = [with_reason(first, LATE), *others]
    text = analyses._all(late, words())
    assert text.startswith(
        "Nothing could be estimated for response of the deposit: no study gives a count up to 12 months; 1 reports only later"
    )
    assert "nothing could be estimated for complete response of the deposit; " in text.casefold()
    assert "for any of the declared outcomes" not in text
    claims = Claims()
    further = [result("topical_sts"), result("laser")]
    analyses.add_brief(claims, [*further, {**found, "analyses": late}], words())
    assert "; no count for laser; no count that may enter for shock waves." in claims["analyses.brief"].text


def test_events_without_a_denominator_are_printed() -> None:
    """Scarring in 2, nobody says of how many: the 2 is known."""
    found = result("laser")
    row = {
        **found["harms"]["rows"][0],
        "category": "scarring",
        "events": 2,
        "total": None,
        "status": "unknown",
        "estimate": None,
        "reason": "seen in 2 patients; how many were evaluated is not reported",
        "as_reported": None,
    }
    changed = {**found, "harms": {**found["harms"], "rows": [row]}}
    text = safety._harms(changed["harms"], [], changed, words())
    assert "scarring: seen in 2 patients; how many were evaluated is not reported." in text
    assert "without a count" not in text
    cells = [str(cell) for line in main_text.harms([changed], words()).rows for cell in line]
    assert "seen in 2 patients; how many were evaluated is not reported" in cells
    nothing = {**row, "events": None, "reason": "no usable count is reported"}
    assert not safety.partly_counted(nothing)


def test_to_agree_that_nothing_is_decided_is_no_agreement() -> None:
    verdict = {
        "agree": True,
        "states": {"undecided": ["main", "a", "b"]},
        "estimated": 3,
        "declared": 4,
        "same_data": 0,
    }
    assert analyses.leaves_open(verdict)
    assert analysis_tables._verdict(verdict)[4] == "all leave it open"
    decided = {**verdict, "states": {"above": ["main", "a", "b"]}}
    assert not analyses.leaves_open(decided)
    assert analysis_tables._verdict(decided)[4] == "all agree"
    assert not analyses.leaves_open({**verdict, "agree": None})
