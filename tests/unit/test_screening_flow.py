from __future__ import annotations

from typing import Any

import pytest
from screening_data import record, review, shipped, study

from livingreview.errors import ReviewError
from livingreview.screening.flow import NEVER_JUDGED, NO_REASON, OTHER_REASONS, decide, flow, reason_group

OTHER_STREAM = ["covered elsewhere"]


def boxes(records: list[dict[str, Any]], studies: list[dict[str, Any]], **search: Any) -> dict[str, Any]:
    return dict(flow(review(records, studies, **search))["boxes"])


def test_every_box_of_a_small_review() -> None:
    records = [
        record("A first report of something", study_id="a2020", decision="include"),
        record("The same report elsewhere", study_id="a2020", stream="two"),
        record("A second report of the first", study_id="a2021"),
        record("An excluded report of mice", study_id="b2020"),
        record("A report to be classified", study_id="c2020"),
        record("A registered study", study_id="d2020"),
        record("A linked report of an excluded one", study_id="e2020"),
        record("Nothing to do with it", reason="surgery of the knee"),
        record("Nothing to do with it either", reason="surgery of the hip"),
        record("Unclear from what can be read", decision="unclear", reason="treatment not visible"),
    ]
    studies = [
        study("a2020"),
        study("a2021", "linked_report", linked_to="a2020"),
        study("b2020", "excluded", exclusion_reason="animal study"),
        study("c2020", "awaiting_classification"),
        study("d2020", "ongoing"),
        study("e2020", "linked_report", linked_to="b2020"),
        study("known2019", "excluded"),
    ]
    assert boxes(
        records,
        studies,
        reason_groups=[{"label": "Surgery", "contains": ["surg"]}],
        streams={"one": "1", "zero": "0"},
    ) == {
        "identified": {"total": 10, "by_stream": {"one": 9, "two": 1, "zero": 0}},
        "duplicates_removed": 1,
        "screened": 9,
        "excluded_screening": {"total": 2, "reasons": [{"reason": "Surgery", "n": 2}]},
        "awaiting_assessment": 1,
        "awaiting_assessment_reasons": [{"reason": "Unclear", "n": 1}],
        "sought": 6,
        "other_sources": 1,
        "assessed": 7,
        "excluded_assessed": {
            "total": 2,
            "reasons": [{"reason": OTHER_REASONS, "n": 1}, {"reason": NO_REASON, "n": 1}],
        },
        "awaiting_classification": 1,
        "ongoing": 1,
        "linked_reports": 2,
        "retracted": 0,
        "included_studies": 1,
        "included_reports": 2,
    }


def test_an_empty_review_adds_up() -> None:
    found = boxes([], [])
    assert found["screened"] == found["assessed"] == found["included_studies"] == 0


@pytest.mark.parametrize(
    ("decisions", "kind"),
    [
        (["exclude", "include"], "awaiting"),
        (["exclude", "unclear"], "awaiting"),
        (["unclear", "include"], "awaiting"),
        (["exclude", "exclude"], "exclude"),
    ],
)
def test_include_before_unclear_before_exclude(decisions: list[str], kind: str) -> None:
    group = [record(decision=d, reason="r") for d in decisions]
    assert decide(group, {"search": {}}).kind == decide(group[::-1], {"search": {}}).kind == kind


def test_belongs_to_the_other_stream_is_no_exclusion() -> None:
    protocol = {"search": {"other_stream_reasons": OTHER_STREAM}}
    passed_on = record(decision="exclude", reason="Drug: covered ELSEWHERE")
    judged = record(decision="exclude", reason="review")
    unclear = record(decision="unclear", reason="cut off")
    alone = decide([passed_on], protocol)
    assert (alone.kind, alone.group) == ("awaiting", NEVER_JUDGED)
    both = decide([passed_on, judged], protocol)
    assert (both.kind, both.reason) == ("exclude", "review")
    assert decide([passed_on, unclear], protocol).kind == "awaiting"
    assert decide([passed_on], {"search": {}}).kind == "exclude"


def test_of_two_reasons_the_first_declared_group_counts() -> None:
    protocol = {
        "search": {"reason_groups": [{"label": "B", "contains": ["bb"]}, {"label": "A", "contains": ["aa"]}]}
    }
    group = [record(reason="aa"), record(reason="bb"), record(reason="cc"), record()]
    assert decide(group, protocol).group == decide(group[::-1], protocol).group == "B"


def test_reason_groups() -> None:
    protocol = {"search": {"reason_groups": [{"label": "Surgery", "contains": ["surg", "excision"]}]}}
    assert reason_group("Wide EXCISION", protocol) == "Surgery"
    assert reason_group("something else", protocol) == OTHER_REASONS
    assert reason_group("", protocol) == NO_REASON
    assert reason_group("something else", {"search": {}}) == "Something else"


def fails(records: list[dict[str, Any]], studies: list[dict[str, Any]], box: str, *words: str) -> None:
    with pytest.raises(ReviewError) as caught:
        flow(review(records, studies))
    text = str(caught.value)
    assert f"does not add up at the box “{box}”" in text
    for word in words:
        assert word in text


def test_a_flow_that_does_not_add_up_names_the_box() -> None:
    fails([record("x", study_id="nobody2020")], [], "Reports assessed for eligibility", "(0 is not 1)")
    fails([record("x", study_id="nobody2020")], [], "Reports sought", "nobody2020", "records_one.csv, row")
    fails([record("x", decision=None)], [], "Records screened", "no decision")
    fails([], [study("a2020", "perhaps")], "Reports assessed for eligibility", "perhaps")
    fails([], [study("a2020", "linked_report", linked_to="gone")], "Reports of included studies")
    fails(
        [], [study("a2020"), study("a2020")], "Reports assessed for eligibility", "2 studies are called a2020"
    )
    twice = record("x")
    fails([twice, dict(twice)], [], "Records identified", "2 records are called")


def test_labels_are_the_protocols_where_it_has_any() -> None:
    labels = flow(review([], [], box_labels={"assessed": "Excerpts assessed"}))["labels"]
    assert labels["assessed"] == "Excerpts assessed"
    assert labels["screened"] == "Records screened"


def test_merges_are_logged_by_report() -> None:
    one, two = record("A", doi="10.1001/a", study_id="a2020"), record("B", doi="10.1001/a")
    found = flow(review([one, two], [study("a2020")]))
    assert found["merges"] == [
        {"kept": f"one/{one['record_id']}", "merged": [f"one/{two['record_id']}"], "reason": "DOI"}
    ]
    assert [link["reason"] for link in found["links"]] == ["DOI"]


# --- the shipped review

SETTINGS = {
    "other_stream_reasons": ["covered by the other part of this search", "other therapy of this review"],
    "reason_groups": [
        {"label": "Second report or news item", "contains": ["second report", "linked to "]},
        {"label": "Animal study", "contains": ["animal"]},
        {
            "label": "Review or commentary without own patients",
            "contains": ["review", "commentary", "guidance"],
        },
        {"label": "Everything else", "contains": [""]},
    ],
}


def test_the_shipped_flow() -> None:
    data = shipped()
    own = data.protocol.slice("search")["search"]
    found = flow(review(data.tables["records"], data.tables["studies"], **{**own, **SETTINGS}))
    counts = {
        k: v["total"] if isinstance(v, dict) else v
        for k, v in found["boxes"].items()
        if not isinstance(v, list)
    }
    assert counts == {
        "identified": 342,
        "duplicates_removed": 39,
        "screened": 303,
        "excluded_screening": 227,
        "awaiting_assessment": 13,
        "sought": 63,
        "other_sources": 0,
        "assessed": 63,
        "excluded_assessed": 33,
        "awaiting_classification": 7,
        "ongoing": 3,
        "linked_reports": 1,
        "retracted": 0,
        "included_studies": 19,
        "included_reports": 19,
    }
    assert found["boxes"]["identified"]["by_stream"] == {"physical": 209, "sts": 133}
    assert found["boxes"]["awaiting_assessment_reasons"] == [
        {"reason": "Unclear", "n": 7},
        {"reason": NEVER_JUDGED, "n": 6},
    ]
    assert all(e["left"] == e["right"] for e in found["equations"])
    assert len(found["equations"]) == 8


def test_the_shipped_protocol_declares_its_reasons() -> None:
    data = shipped()
    search = data.protocol.slice("search")["search"]
    if "reason_groups" not in search:
        pytest.skip("the protocol's model has no search.reason_groups and search.other_stream_reasons yet")
    boxes = flow(data)["boxes"]
    assert (boxes["excluded_screening"]["total"], boxes["awaiting_assessment"]) == (227, 13)
    for box in ("excluded_screening", "excluded_assessed"):
        reasons = {r["reason"]: r["n"] for r in boxes[box]["reasons"]}
        assert len(reasons) <= 10
        assert reasons.get(OTHER_REASONS, 0) <= 5
        assert max(map(len, reasons)) <= 60
