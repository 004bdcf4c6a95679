"""Alerts on conclusions, from constructed releases: what is information, amber, red, and what waits for the next look."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from livingreview.conclusions.alerts import AMBER, INFORMATION, NONE, RED, Alert, compare, gravest, waiting


def evidence(
    position: str = "undecided", firm: str = "undecided", survives: bool | None = None, **more: Any
) -> dict[str, Any]:
    """Evidence of an estimate whose intervals lie so; it survives leave-one-out where it is decided, unless said otherwise."""
    if survives is None:
        survives = firm != "undecided"
    return {
        "therapy": "heat", "code": "cleared", "measure": "share", "threshold": 0.5, "k": 5, "n": 40, "value": 0.6, "lower": 0.4,
        "upper": 0.8, "level": 0.95, "position": position, "fragile": [], "sensitivity": {"series": "undecided"},
        "prediction": [0.2, 0.9], "studies": ["a", "b"],
        "firm": {"level": 0.99, "lower": 0.3, "upper": 0.9, "position": firm, "without": {}, "survives": survives},
        "certainty": {"level": "low", "status": "proposed", "proposed": {"imprecision": "serious"}, "digests": {"imprecision": "aa"}},
        **more,
    }  # fmt: skip


def entry(state: str = "does_not_hold", found: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": "heat",
        "name": "Heat clears warts",
        "state": state,
        "predicate": {"requires": "a.n >= 1", "holds": "a.lower >= 50 %"},
        "watch": {"therapy": "heat", "analysis": "cleared"},
        "evidence": evidence() if found is None else found,
        "information": {"share": 0.1, "score": 1.0, "interval": 0.1},
        **more,
    }


def released(now: dict[str, Any], before: list[dict[str, Any]] | None, look: int) -> dict[str, Any]:
    """The entry as a release stores it, with its alert."""
    (alert,) = compare([now], before, previous_kind="released" if before else None, look=look)
    return {**now, "alert": {**alert.to_json(), "look": look, "previous": None}}


def against(now: dict[str, Any], before: dict[str, Any], look: int = 2) -> Alert:
    (alert,) = compare([now], [before], previous_kind="released", look=look)
    return alert


FIRST = released(entry(), None, 1)
ABOVE = entry("holds", evidence("above", "above"))


def test_nothing_changed_is_no_alert() -> None:
    assert against(entry(), FIRST).level == NONE
    assert against(entry(), FIRST).reasons == ()


def test_the_first_look_raises_nothing_and_is_what_later_looks_are_held_against() -> None:
    (alert,) = compare([ABOVE], None, previous_kind=None, look=1)
    assert (alert.level, alert.pending, alert.established) == (NONE, None, "above")
    assert against(ABOVE, released(ABOVE, None, 1)).level == NONE


def test_a_published_version_is_information_only() -> None:
    for previous in (None, [FIRST]):
        (alert,) = compare([ABOVE], previous, previous_kind="published", look=1)
        assert alert.level == INFORMATION
        assert "not comparable" in alert.reasons[0]


@pytest.mark.parametrize(("before", "now"), [("cannot_be_judged", "holds"), ("holds", "cannot_be_judged")])
def test_a_state_that_cannot_be_judged_is_information_only(before: str, now: str) -> None:
    alert = against(entry(now, evidence("above", "above")), released(entry(before), None, 1))
    assert alert.level == INFORMATION
    assert "cannot be judged" in alert.reasons[0]
    assert alert.pending is None


def test_a_crossing_of_the_printed_interval_is_amber() -> None:
    alert = against(entry("holds", evidence("above")), FIRST)
    assert alert.level == AMBER
    assert any(
        "95 % interval lies above the threshold, before: includes" in r.replace("\u00a0", " ")
        for r in alert.reasons
    )
    assert alert.pending is None


def test_a_flipped_row_of_the_sensitivity_set_is_amber() -> None:
    alert = against(entry(found=evidence(sensitivity={"series": "below"})), FIRST)
    assert alert.level == AMBER
    assert "series" in alert.reasons[0]
    # a row that could not be estimated before is no flip
    unknown = released(entry(found=evidence(sensitivity={"series": None})), None, 1)
    assert against(entry(), unknown).level == NONE


def test_leave_one_out_that_flips_is_amber() -> None:
    assert against(entry(found=evidence(fragile=["a"])), FIRST).level == AMBER
    known = released(entry(found=evidence(fragile=["a"])), None, 1)
    assert against(entry(found=evidence(fragile=["a", "b"])), known).level == NONE
    assert against(entry(), known).level == AMBER


def test_a_proposed_judgement_that_flips_is_amber_and_changed_inputs_alone_are_information() -> None:
    flipped = evidence()
    flipped["certainty"] = {**flipped["certainty"], "proposed": {"imprecision": "not_serious"}}
    assert against(entry(found=flipped), FIRST).level == AMBER
    inputs = evidence()
    inputs["certainty"] = {**inputs["certainty"], "digests": {"imprecision": "bb"}}
    alert = against(entry(found=inputs), FIRST)
    assert alert.level == INFORMATION
    assert "inputs of its certainty" in alert.reasons[0]


def test_movements_beyond_the_points_that_were_set_are_information() -> None:
    assert against(entry(found=evidence(value=0.7)), FIRST).level == NONE  # just the point, not beyond it
    alert = against(entry(found=evidence(value=0.72)), FIRST)
    assert alert.level == INFORMATION
    assert alert.reasons == ("the estimate moved by 12 percentage points",)
    alert = against(entry(found=evidence(prediction=[0.1, 0.95])), FIRST)
    assert alert.level == INFORMATION
    assert "wider" in alert.reasons[0]


def test_red_needs_the_firm_crossing_at_two_releases_running() -> None:
    second = released(ABOVE, [FIRST], 2)
    assert (second["alert"]["level"], second["alert"]["pending"]) == (AMBER, "above")
    third = released(ABOVE, [second], 3)
    assert (third["alert"]["level"], third["alert"]["pending"], third["alert"]["established"]) == (
        RED,
        None,
        "above",
    )
    assert third["alert"]["reasons"][0].startswith("the 99")
    # once acknowledged and released it is known
    assert against(ABOVE, third, 4).level == NONE


def test_looking_at_the_same_release_again_is_no_second_look() -> None:
    second = released(ABOVE, [FIRST], 2)
    again = against(ABOVE, second, 2)
    assert again.level == NONE
    assert again.pending == "above"


def test_a_crossing_that_does_not_survive_leave_one_out_is_amber_and_waits_for_nothing() -> None:
    fragile = entry("holds", evidence("above", "above", survives=False))
    second = released(fragile, [FIRST], 2)
    assert (second["alert"]["level"], second["alert"]["pending"]) == (AMBER, None)
    assert released(fragile, [second], 3)["alert"]["level"] == NONE


def test_a_crossing_that_does_not_persist_lapses() -> None:
    second = released(ABOVE, [FIRST], 2)
    third = released(entry(), [second], 3)
    assert third["alert"]["level"] == AMBER  # the printed interval has crossed back
    assert any("has not persisted" in r for r in third["alert"]["reasons"])
    assert third["alert"]["pending"] is None
    fourth = released(ABOVE, [third], 4)
    assert (fourth["alert"]["level"], fourth["alert"]["pending"]) == (AMBER, "above")


def test_from_one_side_to_the_other() -> None:
    first = released(ABOVE, None, 1)
    below = entry("does_not_hold", evidence("below", "below"))
    second = released(below, [first], 2)
    assert (second["alert"]["level"], second["alert"]["pending"]) == (AMBER, "below")
    assert released(below, [second], 3)["alert"]["level"] == RED


def test_losing_what_was_firm_is_amber_at_most() -> None:
    first = released(ABOVE, None, 1)
    lost = released(entry(), [first], 2)
    assert lost["alert"]["level"] == AMBER
    assert lost["alert"]["established"] == "above"
    # back where it was: nothing new is firm
    assert released(ABOVE, [lost], 3)["alert"]["pending"] is None


def test_first_judged_after_a_firm_side_was_known_still_needs_two_releases() -> None:
    first = released(ABOVE, None, 1)
    blind = released(entry("cannot_be_judged"), [first], 2)
    below = entry("does_not_hold", evidence("below", "below"))
    third = released(below, [blind], 3)
    assert (third["alert"]["level"], third["alert"]["pending"]) == (INFORMATION, "below")
    assert released(below, [third], 4)["alert"]["level"] == RED


def test_a_conclusion_that_watches_no_estimate_turns_amber_when_its_state_changes() -> None:
    plain = {"evidence": None, "watch": None}
    before = released({**entry("does_not_hold"), **plain}, None, 1)
    alert = against({**entry("holds"), **plain}, before)
    assert (alert.level, alert.pending) == (AMBER, None)


def test_another_question_is_not_compared() -> None:
    changed = {**ABOVE, "predicate": {"requires": "a.n >= 1", "holds": "a.lower >= 40 %"}}
    assert against(changed, FIRST).level == INFORMATION
    moved = deepcopy(ABOVE)
    moved["evidence"]["threshold"] = 0.4
    assert "not comparable" in against(moved, FIRST).reasons[0]
    added, gone = compare([{**ABOVE, "id": "new"}], [FIRST], previous_kind="released", look=2)
    assert (added.level, gone.level, gone.conclusion) == (INFORMATION, INFORMATION, "heat")


def test_a_red_alert_waits_for_a_name_and_a_reason_for_this_version() -> None:
    red = Alert("heat", "Heat clears warts", RED, ("…",), None, "above")
    amber = Alert("cold", "Cold clears warts", AMBER, ("…",), None, None)
    row = {
        "version": "2026.12",
        "conclusion": "heat",
        "name": "A. Nurse",
        "reason": "checked",
        "date": "2026-12-01",
    }
    assert waiting([red, amber], [], "2026.12") == [red]
    assert waiting([red, amber], [row], "2026.12") == []
    assert waiting([red, amber], [row], "2027.01") == [red]
    assert waiting([red, amber], [{**row, "name": None}], "2026.12") == [red]
    assert gravest([amber, red]) == RED
    assert gravest([]) == NONE
