"""Signatures: they hold for the inputs they were given under, open again when one changes, and only whole rows carry a conclusion."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from certainty_bodies import LABELS, SECTION, WORDS, appraisal, body, items, limits, member

from livingreview.certainty.body import Body
from livingreview.certainty.cells import inputs_digest, rate, unrated
from livingreview.certainty.findings import Nothing, finding
from livingreview.certainty.model import Cell, Input, Rating, Signature
from livingreview.protocol_grade import DOMAINS, LEVELS, RATED_UP

APPRAISAL = appraisal(a=items("yes", "yes", "yes"), b=items("yes", "unclear", "yes"))


def rated(
    of: Body | None = None,
    signatures: dict[str, Signature] | None = None,
    *,
    judged: dict[str, Any] | None = None,
    section: dict[str, Any] | None = None,
) -> Rating:
    about = unrated({"code": "one", "name": "One"}, "cleared", "Cleared", "response")
    given = {("one", "cleared", domain): signature for domain, signature in (signatures or {}).items()}
    return rate(of or body(), about, WORDS, section or SECTION, judged or APPRAISAL, {}, LABELS, given)


def signed(cell: Cell, judgement: str | None = None, by: str = "Ada") -> Signature:
    return Signature(judgement or cell.judgement, "Seen and agreed.", by, "2026-02-01", cell.digest)


def cell(rating: Rating, domain: str) -> Cell:
    return next(c for c in rating.all_cells if c.domain == domain)


def digests(rating: Rating) -> dict[str, str]:
    return {c.domain: c.digest for c in rating.all_cells}


# --- digests


def test_a_digest_is_of_values_and_not_of_words():
    inputs = (
        Input("n", "Patients", 12, "12 patients"),
        Input("share", "Share", None, "not estimable", False),
    )
    now = inputs_digest("imprecision", inputs)
    assert len(now) == 16
    assert int(now, 16) >= 0
    assert (
        inputs_digest("imprecision", (replace(inputs[0], label="People", text="a dozen"), inputs[1])) == now
    )
    assert inputs_digest("imprecision", inputs[::-1]) == now
    assert inputs_digest("imprecision", (replace(inputs[0], value=13), inputs[1])) != now
    assert inputs_digest("imprecision", (inputs[0], replace(inputs[1], estimable=True))) != now
    assert inputs_digest("inconsistency", inputs) != now


def test_another_version_of_the_rules_opens_every_cell(monkeypatch):
    before = digests(rated())
    monkeypatch.setattr("livingreview.certainty.cells.RULES", "next")
    assert not set(before.values()) & set(digests(rated()).values())


@pytest.mark.parametrize(
    ("change", "domains"),
    [
        (lambda b: limits(b, 0.1, 0.9), {"imprecision"}),
        (lambda b: replace(b, thresholds=(0.25, 0.5)), {"imprecision"}),
        (lambda b: replace(b, unreported=5, treated=25), {"publication_bias"}),
        (lambda b: replace(b, above=1, below=1), {"inconsistency"}),
        (lambda b: replace(b, what=("complete", "skin", "patient")), set(DOMAINS)),
        (lambda b: replace(b, participants=b.participants + 1), set(DOMAINS)),
        (
            lambda b: replace(b, members=(b.members[0], replace(b.members[1], basis="title"))),
            {"indirectness"},
        ),
        (
            lambda b: replace(b, members=(b.members[0], replace(b.members[1], design="case"))),
            {"risk_of_bias"},
        ),
        (lambda b: replace(b, members=(b.members[0], member("c"))), set(DOMAINS)),
    ],
)
def test_exactly_the_domains_whose_inputs_change_get_another_digest(change, domains):
    before, after = digests(rated()), digests(rated(change(body())))
    # the certainty itself rests on all of them
    assert {d for d in before if before[d] != after[d]} == domains | {"overall"}


@pytest.mark.parametrize(
    "change",
    [
        lambda b: replace(b, name="Clearance"),
        lambda b: replace(b, warnings=("A new warning.",)),
        lambda b: replace(b, measure="Exact proportion"),
        lambda b: replace(b, members=tuple(replace(m, label=f"{m.label}.") for m in b.members)),
        lambda b: replace(b, members=b.members[::-1]),
        lambda b: limits(b, b.interval.lower + 1e-7, b.interval.upper - 1e-7),
    ],
)
def test_words_and_the_last_digits_of_a_model_change_no_digest(change):
    start = limits(body(), 0.5101, 0.9101)
    assert digests(rated(start)) == digests(rated(change(start)))


def test_a_changed_judgement_of_an_appraised_item_opens_risk_of_bias_alone():
    changed = copy.deepcopy(APPRAISAL)
    changed["studies"][1]["items"]["2"] = "no"
    before, after = digests(rated()), digests(rated(judged=changed))
    assert {d for d in before if before[d] != after[d]} == {"risk_of_bias", "overall"}


# --- signatures


def test_nobody_signed():
    found = rated()
    assert {c.status for c in found.all_cells} == {"proposed"}
    assert found.status == "proposed"
    assert not found.supports_conclusion
    assert found.text == f"{found.level_name} (proposed, not signed)"
    assert all("proposed, not signed" in c.text for c in found.all_cells)


def test_all_six_signed_support_a_conclusion_and_five_do_not():
    open_cells = rated()
    every = {c.domain: signed(c) for c in open_cells.all_cells}
    found = rated(signatures=every)
    assert found.status == "signed"
    assert found.supports_conclusion
    assert found.text == f"{open_cells.level_name} (signed by Ada)"
    for missing in every:
        short = rated(signatures={d: s for d, s in every.items() if d != missing})
        assert not short.supports_conclusion
        assert short.status == "proposed"
        assert "5 of 6 judgements signed" in short.text


def test_a_signature_under_other_inputs_is_open_again_and_says_by_whom():
    every = {c.domain: signed(c) for c in rated().all_cells}
    found = rated(limits(body(), 0.1, 0.9), every)
    again = cell(found, "imprecision")
    assert again.status == "reopened"
    assert again.judgement == again.proposed == "extremely_serious"
    assert "signed by Ada on 2026-02-01" in again.text
    assert "inputs have changed" in again.text
    assert cell(found, "overall").status == "reopened"
    assert {c.domain for c in found.cells if c.status == "signed"} == set(DOMAINS) - {"imprecision"}
    assert found.status == "reopened"
    assert not found.supports_conclusion
    assert any("signed by Ada" in w and "open again" in w for w in found.warnings)


def test_it_holds_again_when_the_inputs_are_what_they_were():
    every = {c.domain: signed(c) for c in rated().all_cells}
    assert rated(limits(body(), 0.1, 0.9), every).status == "reopened"
    assert rated(signatures=every).status == "signed"


def test_the_signed_judgement_holds_and_the_proposal_stays_visible():
    proposed = cell(rated(), "imprecision")
    other = next(j for j in ("serious", "very_serious") if j != proposed.proposed)
    found = rated(signatures={"imprecision": signed(proposed, other)})
    changed = cell(found, "imprecision")
    assert (changed.judgement, changed.proposed) == (other, proposed.proposed)
    assert changed.because == "Seen and agreed."
    assert changed.reason == proposed.reason
    assert changed.digest == proposed.digest


def test_another_judgement_of_a_domain_changes_the_certainty_and_opens_its_signature():
    start = limits(body(member("a", design="trial"), member("b", design="trial")), 0.55, 0.7)
    clean = appraisal(a=items("yes", "yes", "yes"), b=items("yes", "yes", "yes"))
    before = rated(start, judged=clean)
    assert before.level == "high"
    every = {c.domain: signed(c) for c in before.all_cells}
    assert rated(start, every, judged=clean).supports_conclusion
    every["indirectness"] = signed(cell(before, "indirectness"), "very_serious")
    after = rated(start, every, judged=clean)
    assert (after.level, cell(after, "overall").status) == ("low", "reopened")
    every["overall"] = signed(cell(after, "overall"))
    assert rated(start, every, judged=clean).supports_conclusion


def test_a_person_may_rate_up_by_signing_the_certainty_itself():
    before = rated()
    every = {c.domain: signed(c) for c in before.all_cells}
    every["overall"] = replace(signed(cell(before, "overall"), "moderate"), rated_up_for="large_effect")
    found = rated(signatures=every)
    assert (found.level, found.supports_conclusion) == ("moderate", True)
    assert cell(found, "overall").proposed == before.level


def signed_as(level: str, rated_up_for: str | None = None) -> Rating:
    """All six signed, the domains as proposed (they give a low certainty) and the certainty as this level."""
    trials = limits(body(member("a", design="trial"), member("b", design="trial")), 0.45, 0.8)
    clean = appraisal(a=items("yes", "yes", "yes"), b=items("yes", "yes", "yes"))
    before = rated(trials, judged=clean)
    assert before.level == "low"
    every = {c.domain: signed(c) for c in before.all_cells}
    every["overall"] = replace(every["overall"], judgement=level, rated_up_for=rated_up_for)
    return rated(trials, every, judged=clean)


def test_a_certainty_as_the_domains_give_it_is_told_without_a_remark():
    found = signed_as("low", "large_effect")
    assert (found.difference, found.against_domains, found.warnings) == (0, "", ())
    assert found.text == "Low (signed by Ada)"


def test_a_certainty_above_its_domains_says_so_wherever_it_stands():
    found = signed_as("high")
    clause = (
        "signed 2 levels above what the domains give, without one of the reasons for which GRADE rates up"
    )
    assert (found.difference, found.against_domains) == (2, clause)
    assert found.text == f"High (signed by Ada; {clause})"
    assert cell(found, "overall").text.endswith(f"; {clause}")
    row = finding(found, body(), "patient", WORDS)
    assert row.means.endswith(f" The certainty is high, {clause}.")
    assert row.certainty == found.text
    (told,) = found.warnings
    assert told == (
        "One, cleared: the certainty is signed by Ada as high, but the domains give low, and none of the reasons for which "
        "GRADE rates up is named (a large effect, a dose response or bias against the effect)."
    )


@pytest.mark.parametrize(("code", "words"), RATED_UP.items())
def test_a_reason_of_grade_is_told_and_needs_no_warning(code, words):
    found = signed_as("moderate", code)
    assert found.text == f"Moderate (signed by Ada; signed 1 level above what the domains give, for {words})"
    assert found.warnings == ()


def test_a_certainty_below_its_domains_says_so():
    found = signed_as("very_low", "large_effect")
    assert found.difference == -1
    assert found.text == "Very low (signed by Ada; signed 1 level below what the domains give)"
    row = finding(found, body(), "patient", WORDS)
    assert row.means.endswith(" The certainty is very low, signed 1 level below what the domains give.")
    assert found.warnings[0].endswith("but the domains give low, and no domain is rated down for it.")


def test_a_certainty_signed_before_its_domains_is_compared_with_the_proposals():
    before = rated()
    found = rated(signatures={"overall": signed(cell(before, "overall"), "high")})
    assert found.difference == LEVELS.index("high") - LEVELS.index(before.level or "")
    row = finding(found, body(), "patient", WORDS)
    assert found.against_domains in row.means
    assert row.means.endswith("no conclusion.")


def test_a_signature_that_is_open_again_is_not_compared():
    before = rated()
    every = {"overall": signed(cell(before, "overall"), "high")}
    found = rated(limits(body(), 0.1, 0.9), every)
    assert (found.difference, found.against_domains) == (0, "")


def test_levels_add_up_and_stop_at_the_lowest():
    for start in LEVELS:
        section = {**SECTION, "start": {}, "start_otherwise": start}
        found = rated(section=section)
        down = sum(c.down for c in found.cells)
        assert down > 0
        assert found.level == LEVELS[max(0, LEVELS.index(start) - down)]


# --- summary of findings


def test_an_unsigned_rating_says_that_we_do_not_know_whatever_is_proposed():
    start = limits(body(member("a", design="trial"), member("b", design="trial")), 0.55, 0.7)
    clean = appraisal(a=items("yes", "yes", "yes"), b=items("yes", "yes", "yes"))
    open_row = finding(rated(start, judged=clean), start, "patient", WORDS)
    assert open_row.level == "high"
    assert open_row.means.startswith("We do not know.")
    assert open_row.means.endswith("Certainty proposed as high, signed by nobody: no conclusion.")
    every = {c.domain: signed(c) for c in rated(start, judged=clean).all_cells}
    row = finding(rated(start, every, judged=clean), start, "patient", WORDS)
    assert row.supports_conclusion
    assert row.means == (
        "The proportion of patients with this is about 63 % (55 % to 70 %). The certainty is high."
    )


def test_very_low_certainty_means_that_we_do_not_know_even_when_signed():
    every = {c.domain: signed(c) for c in rated().all_cells}
    every["overall"] = replace(every["overall"], judgement="very_low")
    row = finding(rated(signatures=every), body(), "patient", WORDS)
    assert row.supports_conclusion
    assert row.means.startswith("We do not know. Reported: 15 of 20 patients in 2 studies, 75 % (")
    assert row.means.endswith("The certainty is very low.")


def test_no_evidence_has_nothing_to_sign_and_no_number():
    about = unrated({"code": "one", "name": "One"}, "pain", "Pain", "score")
    row = finding(about, Nothing("no study reports a change", ("Pain: no data.",)), "patient", WORDS)
    assert about.all_cells == ()
    assert (row.participants, row.estimate, row.level, row.studies) == (None, None, None, 0)
    assert row.means == "We do not know: no study reports a change."
    assert row.warnings == ("Pain: no data.",)
    assert not row.supports_conclusion
