"""Declared conclusions: how they are judged, what alerts look at, and how mistakes in them are told."""

from __future__ import annotations

import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import claims_review as review
import pytest
import second_review
from analysis_cases import declared, slice_json, study
from extraction_review import Copy

from livingreview import canonical
from livingreview.claims.build import build
from livingreview.claims.conclusions import add_conclusions
from livingreview.claims.model import Claims
from livingreview.conclusions import check
from livingreview.conclusions.alerts import compare, unacknowledged
from livingreview.conclusions.evidence import evidence
from livingreview.conclusions.judge import judge
from livingreview.conclusions.state import judged
from livingreview.errors import ReviewError
from livingreview.synthesis.pool import pool
from livingreview.synthesis.proportions import proportion
from livingreview.synthesis.therapy import synthesise
from livingreview.tables.conclusions import conclusions, in_words

FIRST = "topical_sts.analysis.deposit_response.n >= 10"
POINTS = {"share": 0.1, "score": 1.0, "interval": 0.1}


def section(requires: str, holds: str, watch: dict[str, Any] | None = None) -> dict[str, Any]:
    entry = {
        "id": "one", "name": "One", "requires": requires, "holds": holds, "watch": watch, "declared_on": "2026-01-01", "how": "before",
        "sentences": {"holds": "It does", "does_not_hold": "It does not", "cannot_be_judged": "Nobody knows"},
        "signed_by": None, "signed_on": None,
    }  # fmt: skip
    return {"declared": [entry], "information": POINTS, "comparative": []}


def state(requires: str, holds: str, **claims: float | None) -> tuple[str, str]:
    values = {key.replace("_", "."): value for key, value in claims.items()}
    (found,) = judge(section(requires, holds), values, {}, None)
    return found["state"], found["sentence"]


def test_the_declared_conclusions_of_the_shipped_review() -> None:
    found = canonical.read_json(review.built() / "build/claims/conclusions.json")
    assert {entry["id"]: entry["state"] for entry in found} == {
        "topical_sts_response": "cannot_be_judged",
        "intralesional_sts_response": "cannot_be_judged",
        "laser_symptoms": "cannot_be_judged",
        "eswl_pain": "cannot_be_judged",
        "laser_harms": "cannot_be_judged",
        "controlled_evidence": "does_not_hold",
    }
    assert not any(entry["signed"] for entry in found)
    # against a published version there is nothing but information
    assert {entry["alert"]["level"] for entry in found} <= {"none", "information"}
    assert all(entry["how"] == "after the data had been seen" for entry in found)


def test_without_studies_nothing_can_be_judged() -> None:
    claims = build(review.without_studies())
    states = {c.key: c.value for c in claims if c.key.endswith(".state") and c.key.startswith("conclusions.")}
    assert len(states) == 6
    assert set(states.values()) == {"cannot_be_judged"}


def test_the_brief_counts_the_conclusions_by_state() -> None:
    def told(*states: str) -> str:
        entries = [{"id": f"c{i}", "state": state, "name": "x", "inputs": [], "template": "x", "signed": False, "alert": {"level": "none", "reasons": []}}
                   for i, state in enumerate(states)]  # fmt: skip
        claims = Claims()
        add_conclusions(claims, entries, 1)
        assert claims["conclusions.brief"].value["holds"] == states.count("holds")
        return claims["conclusions.brief"].text

    unknown = "cannot_be_judged"
    assert told() == "The protocol declares no conclusion."
    assert told("does_not_hold") == "The one declared conclusion does not hold."
    assert told(unknown, unknown) == "Of 2 declared conclusions, 2 cannot be judged."
    assert told("holds", "holds", "does_not_hold", unknown) == (
        "Of 4 declared conclusions, 1 cannot be judged, 1 does not hold and 2 hold."
    )
    shipped = build(review.sources())["conclusions.brief"]
    assert shipped.text == "Of 6 declared conclusions, 5 cannot be judged and 1 does not hold."
    assert len(shipped.parts) == 3 and shipped.compared


def test_states() -> None:
    assert state("a.n >= 10", "a.lower >= 50 %", a_n=12, a_lower=0.5) == ("holds", "It does")
    assert state("a.n >= 10", "a.lower >= 50 %", a_n=12, a_lower=0.49) == ("does_not_hold", "It does not")
    assert state("a.n >= 10", "a.lower >= 50 %", a_n=9, a_lower=0.9) == ("cannot_be_judged", "Nobody knows")
    # what is missing neither holds nor fails, and too little data fails nothing
    assert state("a.n >= 10", "a.lower >= 50 %", a_n=12, a_lower=None)[0] == "cannot_be_judged"
    assert state("a.n >= 10", "a.lower >= 50 %", a_n=None, a_lower=0.9)[0] == "cannot_be_judged"
    assert state("a.n >= 10", "a.lower >= 50 % or a.n > 20", a_n=21, a_lower=None)[0] == "holds"


def test_a_claim_that_is_no_number_cannot_be_compared() -> None:
    with pytest.raises(ReviewError, match="no number"):
        state("a.n >= 10", "a.lower >= 50 %", a_n=12, a_lower="much")  # type: ignore[arg-type]


def test_the_table_says_predicates_in_words_with_present_values() -> None:
    from livingreview.protocol_predicates import parse

    claims = build(review.sources())
    text = in_words(parse(f"not ({FIRST} or included.comparative.n < 2) and 3 > included.studies.n"), claims)
    assert "not (" in text
    assert "at least 10 (2)" in text
    assert "less than 2 (1)" in text
    assert "; or " in text
    assert text.endswith("less than 3 (19)")
    table = (review.built() / "manuscript/_built/tables/conclusions.md").read_text(encoding="utf-8")
    assert "{#tbl-conclusions}" in table
    assert table.count("not signed") == 6


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def line_of(copy: Copy, part: str) -> int:
    text = (copy.folder / "review.yaml").read_text(encoding="utf-8")
    return text[: text.index(part)].count("\n") + 1


def told(copy: Copy) -> list[Any]:
    return check.problems(copy.load(), copy.folder, review.ROOT)


def test_an_unknown_claim_is_told_with_its_line_and_the_nearest_one(copy: Copy) -> None:
    copy.protocol("laser.analysis.symptom_complete.k >= 2", "laser.analysis.symptom_complete.kk >= 2")
    copy.protocol("eswl.scores.pain_vas.fall_lower", "eswl.scores.pain_vsa.fall_lower")
    first, second = told(copy)
    assert (first.file, first.row) == ("review.yaml", line_of(copy, "symptom_complete.kk"))
    assert first.column == "conclusions.declared[3].requires"
    assert "`laser.analysis.symptom_complete.k`" in first.suggestion
    assert (second.row, "`eswl.scores.pain_vas.fall_lower`" in second.suggestion) == (
        line_of(copy, "pain_vsa"),
        True,
    )


def test_a_sentence_may_print_claims(copy: Copy) -> None:
    asked = "Controlled evidence on these therapies is too sparse to conclude from"
    copy.protocol(
        asked,
        "Only {{< var included.comparative.n >}} of {{< var included.studies.n >}} studies compared anything",
    )
    data = copy.load()
    assert check.problems(data, copy.folder, review.ROOT) == []
    sources = review.sources()
    changed = {**sources.documents, "conclusions": data.protocol.slice("conclusions")["conclusions"]}
    claims = build(replace(sources, documents=changed))
    found = claims["conclusions.controlled_evidence.sentence"]
    assert found.text == "Only 1 of 19 studies compared anything."
    assert found.parts == ["included.comparative.n", "included.studies.n"]
    told_of = {e["id"]: e["sentence"] for e in judged(replace(sources, documents=changed), claims)}
    assert told_of["controlled_evidence"] == "Only 1 of 19 studies compared anything"
    copy.protocol("{{< var included.comparative.n >}}", "{{< var included.comparativ.n >}}")
    (problem,) = told(copy)
    assert problem.column == "conclusions.declared[6].sentences.does_not_hold"
    assert "`included.comparative.n`" in problem.suggestion


def test_a_claim_that_is_text_is_told(copy: Copy) -> None:
    copy.protocol("included.comparative.n >= 2", "included.studies.n >= 2 and review.version >= 2")
    (problem,) = told(copy)
    assert "`review.version`, which is no number" in problem.message


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("included.comparative.n >= 2", "included.comparative.n > = 2", "conclusions.declared[6].holds", "must stand here"),
        ("included.comparative.n >= 2", "os.system >= 2; 1", "conclusions.declared[6].holds", "no meaning"),
        ("- id: laser_harms", "- id: eswl_pain", "conclusions.declared[5].id", "already used"),
        ("watch: {therapy: eswl, score: pain_vas, threshold: 1}", "watch: {therapy: eswt, score: pain_vas, threshold: 1}", "conclusions.declared[4].watch.therapy", "no therapy `eswt`"),
        ("watch: {therapy: eswl, score: pain_vas, threshold: 1}", "watch: {therapy: eswl, score: pain, threshold: 1}", "conclusions.declared[4].watch.score", "no score `pain`"),
        ("watch: {therapy: eswl, score: pain_vas, threshold: 1}", "watch: {therapy: eswl, score: pain_vas}", "conclusions.declared[4].watch", "threshold"),
        ("watch: {therapy: eswl, score: pain_vas, threshold: 1}", "watch: {therapy: eswl, threshold: 1}", "conclusions.declared[4].watch", "watch one estimate"),
        ("watch: {therapy: laser, analysis: symptom_complete}", "watch: {therapy: laser, analysis: symptom_complete, threshold: 0.4}", "conclusions.declared[3].watch", "threshold"),
        ("comparative: [nonrandomised_trial, randomised_trial]", "comparative: [nonrandomised_trial, randomized_trial]", "conclusions.comparative[2]", "no design"),
        ("information: {share: 0.1,", "information: {share: 0,", "conclusions.information.share", "above 0"),
        ("      signed_by: null         # a clinician signs with name and day", "      signed_by: Ada", "conclusions.declared[1]", "both"),
    ],
)  # fmt: skip
def test_mistakes_in_the_section_are_told_with_their_line(
    copy: Copy, old: str, new: str, place: str, message: str
) -> None:
    from livingreview import protocol

    path = copy.folder / "review.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ReviewError) as caught:
        protocol.load(path)
    found = [p for p in caught.value.problems if p.column == place]
    assert found, [(p.column, p.message) for p in caught.value.problems]
    assert message in found[0].message
    assert found[0].row


def test_an_acknowledgement_names_a_declared_conclusion(copy: Copy) -> None:
    head = ["version", "conclusion", "name", "reason", "date"]
    copy.write("acknowledgements", [head, ["2026.11", "laser_harm", "Ada", "looked at", "2026-11-22"]])
    (problem,) = [p for p in copy.problems() if p.severity == "error"]
    assert (problem.file, problem.row, problem.column) == ("data/raw/acknowledgements.csv", 2, "conclusion")
    assert "laser_harms" in problem.suggestion


# --- what alerts look at -------------------------------------------------------------------------------------------


WATCH = {"therapy": "t", "analysis": "main_response", "score": None, "harms": False, "threshold": None}


def seen(*studies: Any, **given: Any) -> dict[str, Any]:
    """Evidence of the main analysis of these studies; a pair is a study of patients (responders, evaluated)."""
    rows = [study(f"s{i}", *s) if isinstance(s, tuple) else s for i, s in enumerate(studies)]
    made = synthesise(slice_json(*rows, analyses=declared(**given))).to_json()
    found = evidence(WATCH, {"t": made}, None)
    assert found is not None
    return found


def test_the_firm_limits_are_those_of_the_same_model_at_99_per_cent() -> None:
    sizes = [(18, 20), (15, 20), (19, 20), (16, 20), (17, 20)]
    found = seen(*sizes)
    data = [(f"s{i}", x, n) for i, (x, n) in enumerate(sizes)]
    usual, strict = (pool(data, "binomial_normal", level=level, unit="patient") for level in (0.95, 0.99))
    assert usual.fitted and strict.fitted
    assert usual.estimate and strict.estimate
    assert (found["lower"], found["upper"]) == pytest.approx((usual.estimate.lower, usual.estimate.upper))
    assert (found["firm"]["lower"], found["firm"]["upper"]) == pytest.approx(
        (strict.estimate.lower, strict.estimate.upper)
    )
    assert found["firm"]["lower"] < found["lower"] < found["value"] < found["upper"] < found["firm"]["upper"]
    assert (found["position"], found["firm"]["position"], found["firm"]["survives"]) == (
        "above",
        "above",
        True,
    )
    assert set(found["firm"]["without"]) == {"s0", "s1", "s2", "s3", "s4"}


def test_what_is_undecided_leaves_nobody_out() -> None:
    found = seen((10, 20), (11, 20), (9, 20))
    assert (found["position"], found["firm"]["position"]) == ("undecided", "undecided")
    assert (found["firm"]["without"], found["firm"]["survives"]) == ({}, False)


def test_above_at_95_and_not_at_99() -> None:
    found = seen((14, 20), (13, 20))
    assert (found["position"], found["firm"]["position"], found["firm"]["survives"]) == (
        "above",
        "undecided",
        False,
    )


def test_two_studies_never_survive_leave_one_out() -> None:
    found = seen((40, 40), (40, 40))
    assert found["firm"]["position"] == "above"
    assert set(found["firm"]["without"].values()) == {"above"}
    assert found["firm"]["survives"] is False
    assert seen((40, 40), (40, 40), (40, 40))["firm"]["survives"] is True


def test_one_study_that_carries_all_does_not_survive() -> None:
    found = seen((60, 60), (2, 2), (1, 1))
    assert found["firm"]["position"] == "above"
    assert found["firm"]["without"]["s0"] == "undecided"
    assert found["firm"]["survives"] is False


def test_no_study_has_no_evidence() -> None:
    found = seen(study("s0", None, 3))
    assert (found["k"], found["position"], found["firm"]["position"], found["firm"]["survives"]) == (
        0,
        None,
        None,
        False,
    )
    assert evidence(None, {}, None) is None


def test_units_within_patients_are_read_at_the_largest_correlation() -> None:
    lesions = study("s0", 26, 30, unit="lesion", arm={"n_patients": 6})
    outcome = {"unit": "lesion"}
    found = seen(lesions, outcome=outcome)
    patients = seen((26, 30))
    assert found["value"] == patients["value"]
    assert found["firm"]["lower"] < patients["firm"]["lower"]
    assert found["lower"] < patients["lower"]
    assert (patients["position"], found["position"]) == ("above", "undecided")


def second(watch: dict[str, Any]) -> dict[str, Any]:
    found = evidence(
        {**WATCH, "analysis": None, **watch},
        {"hyperthermia": second_review.result("hyperthermia").to_json()},
        None,
    )
    assert found is not None
    return found


def test_a_score_is_its_fall_and_keeps_to_exact_limits() -> None:
    found = second({"therapy": "hyperthermia", "score": "pain_nrs", "threshold": 1.0})
    changes = next(s.changes for s in second_review.result("hyperthermia").scores if s.outcome == "pain_nrs")
    assert changes and changes.hodges_lehmann
    assert (found["lower"], found["upper"]) == (-changes.hodges_lehmann.upper, -changes.hodges_lehmann.lower)
    assert found["position"] == "above"
    assert (found["firm"]["lower"], found["firm"]["position"]) == (0.0, "undecided")


def test_leave_one_out_tells_of_scores_and_harms_too() -> None:
    """An alert is amber where leaving out a study flips the printed interval: also of a fall, and of harms."""
    from livingreview.conclusions.evidence import _harms, _score
    from livingreview.synthesis.individual_changes import summary_of_changes
    from livingreview.synthesis.records import to_json

    falls = [("strong", -v) for v in (4, 5, 6, 5, 4, 6, 5, 4)] + [
        ("weak", -v) for v in (1.0, 1.2, 1.4, 0.8, 1.1, 0.9, 1.3)
    ]
    fall = _score({"changes": to_json(summary_of_changes("pain", "pain", falls))}, 1.2)
    assert (fall["position"], fall["fragile"]) == ("above", ["strong"])
    assert _score({"changes": to_json(summary_of_changes("pain", "pain", falls))}, 0.5)["fragile"] == []

    def harms(*rows: tuple[str, str, int, int]) -> dict[str, Any]:
        shown = [
            {"study_id": s, "category": "any", "unit": u, "used": True, "estimate": {"events": x, "total": n}}
            for s, u, x, n in rows
        ]
        people = [(x, n) for _, u, x, n in rows if u == "patient"]
        x, n = sum(v[0] for v in people), sum(v[1] for v in people)
        found = proportion(x, n, unit="patient", level=0.95, method="clopper_pearson")
        total = {
            "category": "any",
            "unit": "patient",
            "k": len(people),
            "evaluated": n,
            "estimate": to_json(found),
        }
        lesions = {**total, "unit": "lesion", "evaluated": 400}
        return _harms({"totals": [lesions, total], "rows": shown}, 0.2)

    found = harms(("large", "patient", 2, 60), ("small", "patient", 2, 8), ("sites", "lesion", 90, 400))
    assert (found["n"], found["position"], found["fragile"]) == (68, "below", ["large"])
    assert found["studies"] == ["large", "small"]


def test_harms_are_the_share_with_any_event() -> None:
    found = second({"therapy": "hyperthermia", "harms": True, "threshold": 0.5})
    assert found["n"] == 99
    assert found["position"] == found["firm"]["position"] == "below"
    assert found["firm"]["upper"] > found["upper"]
    assert found["firm"]["survives"] is True
    assert set(found["firm"]["without"]) == set(found["studies"])


def test_a_limit_at_the_largest_correlation_is_never_the_naive_one() -> None:
    """A predicate on it cannot hold because in how many patients the lesions lie is unknown."""
    from livingreview.claims.conclusions import _at_largest

    known = synthesise(
        slice_json(
            study("s0", 26, 30, unit="lesion", arm={"n_patients": 6}), analyses=declared({"unit": "lesion"})
        )
    )
    unknown = synthesise(
        slice_json(
            study("s0", 26, 30, unit="lesion", arm={"n_patients": None}),
            analyses=declared({"unit": "lesion"}),
        )
    )
    patients = synthesise(slice_json(study("s0", 26, 30)))
    found = [
        _at_largest(made.to_json()["analyses"][0], [0.2, 0.8], 0.95) for made in (known, unknown, patients)
    ]
    limits = [
        made.to_json()["analyses"][0]["main"]["estimate"]["lower"] for made in (known, unknown, patients)
    ]
    assert found[0] is not None and found[0] < limits[0] - 0.1
    assert found[1] is None
    assert found[2] == limits[2]


def test_patients_in_series_are_not_those_of_single_reports() -> None:
    claims = build(review.sources())
    of = {t: claims[f"{t}.analysis.deposit_response.in_series"] for t in ("topical_sts", "intralesional_sts")}
    assert [of["topical_sts"].value, of["intralesional_sts"].value] == [0, 6]
    assert claims["intralesional_sts.analysis.deposit_response.n"].value == 7
    assert of["topical_sts"].definition.startswith("patients evaluated in studies of two or more")


def test_inputs_are_claims_with_definitions() -> None:
    claims = build(review.sources())
    expected = {
        "topical_sts.analysis.deposit_response.series": 0,
        "intralesional_sts.analysis.deposit_response.series": 1,
        "intralesional_sts.analysis.deposit_response.failures_lower": pytest.approx(0.0649, abs=1e-4),
        "laser.analysis.symptom_complete.icc_lower": pytest.approx(0.184, abs=1e-3),
        "eswl.scores.pain_vas.paired": 0,
        "eswl.scores.pain_vas.fall_lower": None,
        "laser.harms.any_evaluated": 0,
        "laser.harms.any_upper": None,
        "included.comparative.n": 1,
    }
    assert {key: claims[key].value for key in expected} == expected
    assert all(claims[key].definition for key in expected)
    assert claims["included.comparative.n"].studies == ("blumhardt2016",)


# --- looks, one after the other ------------------------------------------------------------------------------------


def a_look(number: int, before: list[dict[str, Any]] | None, *sizes: tuple[int, int]) -> dict[str, Any]:
    """The conclusion after a release with these studies, with its alert against the release before."""
    rows = [study(f"s{i}", *s) for i, s in enumerate(sizes)]
    made = synthesise(slice_json(*rows)).to_json()
    main = made["analyses"][0]["main"]["estimate"]
    values = {"a.n": made["analyses"][0]["n"], "a.lower": main["lower"]}
    (found,) = judge(section("a.n >= 10", "a.lower >= 50 %", WATCH), values, {"t": made}, None)
    kind = None if before is None else "released"
    (alert,) = compare([found], before, previous_kind=kind, look=number)
    return {**found, "alert": {**alert.to_json(), "look": number}}


def test_a_conclusion_from_look_to_look() -> None:
    start = [(11, 20), (12, 20), (10, 20)]
    first = a_look(1, None, *start)
    assert (first["state"], first["alert"]["level"]) == ("does_not_hold", "none")
    same = a_look(2, [first], *start)
    assert same["alert"]["level"] == "none"
    # two larger studies: the printed interval crosses, the strict one does not
    amber = a_look(3, [same], *start, (38, 40), (30, 34))
    assert amber["alert"]["level"] == "amber"
    assert amber["alert"]["pending"] is None
    strong = [*start, (36, 40), (35, 40), (37, 40), (36, 40), (34, 40)]
    waits = a_look(4, [amber], *strong)
    assert waits["state"] == "holds"
    assert (waits["alert"]["level"], waits["alert"]["pending"]) == ("amber", "above")
    red = a_look(5, [waits], *strong, (17, 20))
    assert (red["alert"]["level"], red["alert"]["established"]) == ("red", "above")
    assert a_look(6, [red], *strong, (17, 20))["alert"]["level"] == "none"


def test_the_claims_gate_compares_with_the_base_release() -> None:
    sources, claims = review.sources(), build(review.sources())
    present = canonical.read_json(review.built() / "build/claims/conclusions.json")
    last = next(i for i, entry in enumerate(present) if entry["id"] == "controlled_evidence")
    earlier = deepcopy(present)
    earlier[last]["state"] = "holds"
    release = {"version": "2026.05", "kind": "released", "conclusions": earlier}
    later = replace(
        sources, releases={"version": "2026.11", "look": 2, "base": "2026.05", "releases": [release]}
    )
    found = {entry["id"]: entry["alert"] for entry in judged(later, claims)}
    assert found["controlled_evidence"]["level"] == "amber"
    assert found["controlled_evidence"]["previous"] == "2026.05"
    assert {a["level"] for key, a in found.items() if key != "controlled_evidence"} == {"none"}
    assert {a["look"] for a in found.values()} == {2}


def test_a_red_alert_blocks_until_it_is_acknowledged(tmp_path: Path) -> None:
    shutil.copytree(review.ROOT / "data/releases", tmp_path / "data/releases")
    shutil.copy(review.ROOT / "review.yaml", tmp_path)
    entries = canonical.read_json(review.built() / "build/claims/conclusions.json")
    entries[0]["alert"] |= {"level": "red", "reasons": ["so it is"]}
    canonical.write_json(tmp_path / "build/claims/conclusions.json", entries)
    row = {
        "version": "2026.11",
        "conclusion": entries[0]["id"],
        "name": "Ada",
        "reason": "Checked.",
        "date": "2026-11-22",
    }
    notices = {"studies": [], "restored": {}, "acknowledgements": []}
    canonical.write_json(tmp_path / "build/extract/notices.json", notices)
    (alert,) = unacknowledged(tmp_path, review.ROOT)
    assert (alert.conclusion, alert.level, alert.reasons) == (entries[0]["id"], "red", ("so it is",))
    canonical.write_json(tmp_path / "build/extract/notices.json", {**notices, "acknowledgements": [row]})
    assert unacknowledged(tmp_path, review.ROOT) == []
    claims = build(review.sources())
    acknowledged = {**entries[0], "acknowledged": [row]}
    shown = conclusions([acknowledged], claims).markdown().replace("\\", "")
    assert "red: so it is; acknowledged by Ada: Checked." in shown
