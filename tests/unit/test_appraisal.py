"""Appraisal is counted by item and never summed."""

from __future__ import annotations

import dataclasses
import json
import random

import pytest
from raw_slices import appraisal_slice, table

from livingreview.appraisal import AppraisalResult, AppraisedStudy, ToolResult, appraise


def test_counts_of_the_shipped_appraisals() -> None:
    result = appraise(appraisal_slice())
    rows = table("appraisals")
    assert result.judged == len(rows) == 167
    assert result.unclear == sum(r["judgement"] == "unclear" for r in rows)
    assert {t.tool: (len(t.studies), len(t.items)) for t in result.tools} == {
        "jbi_case_report": (11, 8),
        "jbi_case_series": (7, 10),
        "jbi_quasi_experimental": (1, 9),
    }


def test_one_item_by_hand() -> None:
    """appraisals.csv, jbi_quasi_experimental: blumhardt2016 has yes on items 1, 4 and 6, else unclear."""
    tool = next(t for t in appraise(appraisal_slice()).tools if t.tool == "jbi_quasi_experimental")
    (study,) = tool.studies
    assert [n for n, j in enumerate(study.judgements, 1) if j == "yes"] == [1, 4, 6]
    first = tool.items[0]
    assert (first.number, first.counts, first.missing, first.share_unclear) == (
        1,
        {"yes": 1, "no": 0, "unclear": 0, "not_applicable": 0},
        0,
        0.0,
    )
    assert tool.share_unclear == pytest.approx(6 / 9)


def test_round_trip_and_order() -> None:
    data = appraisal_slice()
    result = appraise(data)
    assert AppraisalResult.from_json(json.loads(json.dumps(result.to_json()))) == result
    random.Random(1).shuffle(data["studies"])
    assert appraise(data) == result


def test_there_is_no_score() -> None:
    names = {f.name for c in (AppraisalResult, ToolResult, AppraisedStudy) for f in dataclasses.fields(c)}
    assert not names & {"score", "sum", "total", "quality"}


def test_a_missing_item_stays_missing() -> None:
    data = appraisal_slice()
    study = next(s for s in data["studies"] if s["tool"] == "jbi_quasi_experimental")
    del study["items"]["2"]
    tool = next(t for t in appraise(data).tools if t.tool == "jbi_quasi_experimental")
    assert tool.studies[0].judgements[1] is None
    assert (tool.items[1].missing, tool.items[1].share_unclear) == (1, None)
    assert tool.judged == 8


def test_an_unknown_judgement_is_refused() -> None:
    data = appraisal_slice()
    data["studies"][0]["items"]["1"] = "perhaps"
    with pytest.raises(ValueError, match="unknown judgement perhaps"):
        appraise(data)
