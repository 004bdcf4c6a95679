"""A review from another field runs through the same code; its totals are those counted by hand from its tables.

The review is synthetic: see tests/review/README.md for what each study is there for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from second_review import REVIEW, ROOT, data, result

from livingreview.screening import flow

HOSTILE = (
    r"<script>alert(1)</script> {{< var x >}} $x^2$ @fig-x `code` \textbf{latex} #let a = 1 *b* _c_ | [d](e)"
)


def test_it_is_valid() -> None:
    assert [str(p) for p in data().problems if p.severity != "note"] == []


def test_an_alias_is_translated_and_told() -> None:
    assert {s["study_id"]: s["language"] for s in data().tables["studies"]}["tanaka2009"] == "ja"
    assert any("Japanese" in p.message and "ja" in p.message for p in data().problems)


def test_it_shares_no_code_with_the_first_review() -> None:
    def codes(path: Path) -> set[str]:
        protocol = yaml.safe_load(path.read_text(encoding="utf-8"))
        kept = {t["code"] for t in protocol["therapies"]} | {o["code"] for o in protocol["outcomes"]}
        for field in ("out_of_scope", "designs", "aetiologies", "bases", "source_kinds", "appraisal_tools"):
            kept |= set(protocol[field])
        return kept | set(protocol["constructs"]) - {"unspecified"} | set(protocol["search"]["streams"])

    assert not codes(REVIEW / "review.yaml") & codes(ROOT / "review.yaml")


def test_the_hostile_title_arrives_untouched() -> None:
    titles = {s["study_id"]: s["title"] for s in data().tables["studies"]}
    assert titles["dubois2019"] == HOSTILE
    assert [r["title"] for r in data().tables["records"] if r["study_id"] == "dubois2019"] == [HOSTILE]


def test_flow() -> None:
    # 14 + 16 + 19 records; one trial, one series, one ice-bath and one dancers' record lie in two streams
    boxes = flow.flow(data())["boxes"]
    assert boxes["identified"] == {
        "total": 14 + 16 + 19,
        "by_stream": {"freezing": 14, "covering": 16, "warming": 19},
    }
    assert boxes["duplicates_removed"] == 4
    assert boxes["screened"] == 45
    assert boxes["excluded_screening"]["total"] == 4 + 2
    assert boxes["awaiting_assessment"] == 2
    assert boxes["assessed"] == 20 + 17
    assert boxes["excluded_assessed"]["total"] == 4
    assert (boxes["awaiting_classification"], boxes["ongoing"], boxes["linked_reports"]) == (1, 1, 2)
    assert (boxes["included_studies"], boxes["included_reports"]) == (12 + 17, 14 + 17)


STUDIES = {
    "cryotherapy": ["lindqvist1998", "garciamunoz2011", "brzeczyszczykiewicz2013", "dubois2019", "zhou2023"],
    "salicylic_acid": ["okonkwo2004", "oconnor2016", "anon2018", "muller2021"],
    "duct_tape": ["tanaka2009", "garciamunoz2011", "petrovic2020", "svensson_nd"],
    "hyperthermia": [
        "virtanen1994",
        "morales1999",
        "osei2003",
        "hussain2006",
        "lefevre2008",
        "kowalczyk2010",
        "ito2012",
        "silva2014",
        "nielsen2015",
        "adeyemi2017",
        "horvath2018",
        "banerjee2019",
        "haraldsen2020",
        "roy2021",
        "cohen2022",
        "demir2023",
        "tamm2024",
    ],
}


@pytest.mark.parametrize("code", STUDIES)
def test_studies_in_print_order(code: str) -> None:
    assert [s.study_id for s in result(code).studies] == STUDIES[code]


@pytest.mark.parametrize(
    ("code", "treated", "arms_unknown"),
    [
        ("cryotherapy", 40 + 20 + 8 + 1 + 25, 0),  # the eight swimmers of two arms once
        ("salicylic_acid", 22 + 5 + 6 + 16, 1),  # sixteen evaluated in an arm that does not tell its size
        ("duct_tape", 18 + 19 + 1 + 7, 0),
        # in the order of the studies
        ("hyperthermia", 24 + 32 + 18 + 28 + 12 + 23 + 9 + 46 + 15 + 22 + 30 + 40 + 8 + 14 + 1 + 5 + 1, 0),
    ],
)
def test_patients(code: str, treated: int, arms_unknown: int) -> None:
    patients = result(code).patients
    assert (patients.treated, patients.treated_unknown) == (treated, arms_unknown)


# code, unit, construct → studies, responders, evaluated, treated, complete of evaluated with a degree (None: no degree)
TOTALS: dict[tuple[str, str, str], tuple[int, int, int, int, tuple[int, int] | None]] = {
    # García-Muñoz 12 + 3 of 20, Dubois 1 of 1, Zhou 14 + 6 of 25
    ("cryotherapy", "patient", "skin"): (3, 15 + 1 + 20, 20 + 1 + 25, 94, (12 + 1 + 14, 46)),
    # Brzęczyszczykiewicz 6 of 8 (the other arm holds the same swimmers), Zhou 18 of 25
    ("cryotherapy", "patient", "pain_free"): (2, 6 + 18, 8 + 25, 94, None),
    # Lindqvist 61 + 20 of 96, Brzęczyszczykiewicz 6 and 7 of 8 warts each; 96 + 8 + 8 + 1 + 60 warts are known of
    ("cryotherapy", "lesion", "skin"): (2, 81 + 6 + 7, 96 + 8 + 8, 173, (61 + 6 + 7, 112)),
    # Okonkwo at 3 months 11 + 6 of 21, the anonymous series 0 of 6; Müller gives no count
    ("salicylic_acid", "patient", "skin"): (2, 17 + 0, 21 + 6, 49, (11 + 0, 27)),
    # O’Connor's five athletes one by one: 3 cleared, 1 smaller, 1 unchanged
    ("salicylic_acid", "patient", "unspecified"): (1, 4, 5, 49, (3, 5)),
    # García-Muñoz 9 + 4 of 18, Svensson 7 of 7
    ("duct_tape", "patient", "skin"): (2, 13 + 7, 18 + 7, 45, (9 + 7, 25)),
    # Tanaka-Ōkubo 10 of 18 and Петровић 1 of 1, both without degree
    ("duct_tape", "patient", "unspecified"): (2, 10 + 1, 18 + 1, 45, None),
    # Svensson 8 of 9 feet; no table column counts feet, so nine is the least that was treated
    ("duct_tape", "foot", "pain_free"): (1, 8, 9, 9, None),
    # at the latest time point, so Horváth 15 + 3 of 28 at 18 months; 22 of 28 at 3 months
    ("hyperthermia", "patient", "skin"): (15, 197 - 4, 291, 328, (146 - 2, 291)),
    # Kowalczyk, Ito, Nielsen, Adéyẹmí: everybody
    ("hyperthermia", "patient", "pain_free"): (4, 22 + 9 + 15 + 20, 66, 328, None),
    # Haraldsen 9 + 3 of 19 in eight skiers, Demir 5 + 2 of 12 in five wrestlers
    ("hyperthermia", "lesion", "skin"): (2, 12 + 7, 19 + 12, 31, (9 + 5, 31)),
}


@pytest.mark.parametrize(
    ("where", "expected"), TOTALS.items(), ids=lambda x: "-".join(x) if isinstance(x[0], str) else ""
)
def test_totals_counted_by_hand(where: tuple[str, str, str], expected: tuple[Any, ...]) -> None:
    code, unit, construct = where
    total = result(code).total(unit, construct)
    assert total is not None
    complete = None if total.complete.events is None else (total.complete.events, total.complete.total)
    assert (total.k, total.responders, total.evaluated, total.treated, complete) == expected
    assert total.unreported == total.treated - total.evaluated
    assert total.estimate is not None
    assert total.estimate.level == 0.9


def test_there_are_no_other_totals() -> None:
    found = {(code, t.unit, t.construct) for code in STUDIES for t in result(code).totals if t.k}
    assert found == set(TOTALS)


def test_an_exclusive_relapse_is_no_response() -> None:
    total = result("salicylic_acid").total("patient", "skin")
    assert total is not None
    assert total.recurrence_exclusive == 1
    rows = {r.study_id: r for r in result("salicylic_acid").recurrence.rows}
    assert (rows["okonkwo2004"].events, rows["okonkwo2004"].total, rows["okonkwo2004"].exclusive) == (
        1,
        21,
        True,
    )


def test_harms_have_the_patients_that_were_looked_at() -> None:
    def of(code: str) -> dict[str, tuple[int | None, int | None]]:
        return {h.category: (h.events, h.evaluated) for h in result(code).harms.totals}

    assert of("cryotherapy") == {
        "any": (4, 25),
        "blister": (12, 40),
        "infection": (0, 40),
        "pain during treatment": (15 + 8, 20 + 8),
    }
    assert of("salicylic_acid") == {"any": (0 + 1, 22 + 5), "burning": (None, None), "maceration": (1, 5)}
    assert of("duct_tape") == {"any": (0, 18 + 7), "skin irritation": (3, 18)}
    # Virtanen, Adéyẹmí, Horváth, Roy-Tremblay; the skiers and wrestlers one by one; words alone give no count
    assert of("hyperthermia") == {
        "any": (0 + 2 + 1 + 0 + 2 + 0, 24 + 20 + 28 + 14 + 8 + 5),
        "blister": (3 + 5 + 2, 26 + 38 + 8),
        "redness": (None, None),
        "stinging": (None, None),
    }
    unseen = next(h.estimate for h in result("duct_tape").harms.totals if h.category == "any")
    assert unseen is not None
    assert unseen.upper == pytest.approx(1 - 0.1 ** (1 / 25))  # one-sided exact limit of 0 of 25 at 90 %


def test_paired_scores_and_second_readings() -> None:
    pain = {s.outcome: s for s in result("salicylic_acid").scores}["pain_nrs"]
    assert pain.changes is not None
    assert pain.changes.values == (-7, -6, -3, -2, 1)
    assert pain.changes.median == -3
    assert {m.label: (m.mean, m.sd) for m in pain.measurements}["Okonkwo 2004"] == (-3.4, 1.9)
    assert [(a.study_id, a.events, a.total) for a in result("cryotherapy").alternatives] == [
        ("zhou2023", 11, 25)
    ]


def test_its_documents_take_the_settings_of_the_repository() -> None:
    # a copy of its own would grow old; that a review without one builds is part of what is tested with it
    assert not (REVIEW / "manuscript/_quarto.yml").exists()


@pytest.mark.parametrize(
    "name", ["README.md", "review.yaml", "manuscript/manuscript.qmd", "manuscript/supplement.qmd"]
)
def test_it_says_that_it_is_synthetic(name: str) -> None:
    head = (REVIEW / name).read_text(encoding="utf-8").splitlines()[:6]
    assert "synthetic" in " ".join(head).casefold()
