"""Evidence that is ready passes every check, and each gap is told with its numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import submission_facts as f

from livingreview.errors import ReviewError
from livingreview.protocol_living import Living, Schedule
from livingreview.submission import evidence
from livingreview.submission.check_types import Check
from livingreview.submission.references import References
from livingreview.submission.statements import Work

Data = dict[str, Any]
PEOPLE = {"Search": "Ada Byron", "Screening": "Mary Somerville"}


def ready() -> Data:
    """Slices and tables of a review whose evidence is ready."""
    queries = [
        {"date": "2026-01-01", "source": "MEDLINE (Ovid)", "query": "words", "hits": 2},
        {
            "date": "2026-01-02",
            "source": "Retraction Watch",
            "query": "titles of included studies",
            "hits": 0,
        },
    ]
    agreement = {"studies": ["A 2020"], "cells": 40, "agreed": 38, "open": 0}
    conclusions = [{"id": "a", "signed": True}]
    claims = {f"certainty.{name}": {"value": n} for name, n in (("cells", 6), ("signed", 6), ("ratings", 1))}
    boxes = {
        "screened": 2,
        "assessed": 1,
        "awaiting_assessment": 0,
        "awaiting_classification": 0,
        "retracted": 0,
    }
    study = {"study_id": "a", "label": "A 2020", "source_kind": "full_text", "unverified_criteria": []}
    return {
        "build/extract/supplement.json": {"queries": queries, "agreement": agreement},
        "build/extract/characteristics.json": {"studies": [study]},
        "build/extract/appraisal.json": {"studies": [{"study_id": "a", "items": {"1": "yes"}}]},
        "build/extract/flow.json": {"boxes": boxes},
        "build/claims/claims.json": claims,
        "build/claims/conclusions.json": conclusions,
        "data/raw/appraisals.csv": "study_id,item_number,judgement,appraiser,date\na,1,yes,Ada Byron,2026-01-01\n",
        "data/raw/second/appraisals.csv": "study_id,item_number,judgement\na,1,yes\n",
        "data/raw/search/records.csv": "record_id\nr1\nr2\n",
    }  # fmt: skip


def checked(folder: Path, data: Data, **changes: Any) -> dict[str, Check]:
    for name, content in data.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    work = [
        Work("screened", who, "search/records.csv", column, 2)
        for who, column in (("Ada Byron", "screened_by"), ("Mary Somerville", "screener"))
    ]
    work += [Work(done, "Ada Byron", "a.csv", "b", 1) for done in ("extracted", "appraised")]
    said: dict[str, Any] = {"source_kinds": {"full_text": "Full text", "abstract": "Abstract"}}
    living = Living(
        proposed=False,
        decided_by="Ada Byron",
        decided_on="2026-01-01",
        schedule=Schedule(search=6),
        people=PEOPLE,
    )
    protocol = f.protocol(**said | {"living": living} | changes.get("protocol", {}))
    references = changes.get("references", References((f.entry("a"),), ()))
    found = evidence.of_review(folder, protocol, references, changes.get("work", work))
    return {c.code.removeprefix("evidence."): c for c in found}


def test_what_is_ready_passes(tmp_path: Path) -> None:
    found = checked(tmp_path, ready())
    assert {code: c.outcome for code, c in found.items() if c.outcome != "pass"} == {}
    assert found["double_extraction"].measured == (
        "1 of 1 included study; agreement 95% of 40 cells, 0 differences open"
    )
    assert all(c.source and c.limit for c in found.values())


def change(name: str, key: str, value: Any) -> Callable[[Data], None]:
    def changed(data: Data) -> None:
        at: Any = data[name]
        *way, last = key.split("/")
        for step in way:
            at = at[int(step)] if step.isdigit() else at[step]
        at[last] = value

    return changed


SUPPLEMENT, STUDIES = "build/extract/supplement.json", "build/extract/characteristics.json"
FLOW, CLAIMS = "build/extract/flow.json", "build/claims/claims.json"
GAPS: dict[str, tuple[str, Callable[[Data], Any], str]] = {
    "web pages only": ("database_search", change(SUPPLEMENT, "queries/0/source", "web pages"), "0 of 2 queries in bibliographic databases; otherwise: Retraction Watch, web pages"),
    "no number of records": ("search_recorded", change(SUPPLEMENT, "queries/0/hits", None), "1 of 2 queries"),
    "a record waits": ("selection_complete", change(FLOW, "boxes/awaiting_assessment", 1), "of 2 records, 1 wait for assessment"),
    "a report waits": ("selection_complete", change(FLOW, "boxes/awaiting_classification", 1), "1 for classification"),
    "a criterion is open": ("eligibility_confirmed", change(STUDIES, "studies/0/unverified_criteria", ["age"]), "not confirmed in 1 of 1 included study (age: 1)"),
    "nobody looked": ("retractions", change(SUPPLEMENT, "queries/1/source", "Embase"), "0 recorded queries name retractions"),
    "an abstract": ("full_texts", change(STUDIES, "studies/0/source_kind", "abstract"), "0 of 1 included study (Abstract 1)"),
    "single extraction": ("double_extraction", change(SUPPLEMENT, "agreement/studies", []), "0 of 1 included study; agreement cannot be computed: single extraction"),
    "a difference is open": ("double_extraction", change(SUPPLEMENT, "agreement/open", 1), "1 difference open"),
    "a role signs": ("appraisals_signed", lambda d: d.update({"data/raw/appraisals.csv": "study_id,appraiser,date\na,first reviewer,2026-01-01\n"}), "0 of 1 judgement on 1 of 1 included study; signed as: first reviewer"),
    "one appraiser": ("appraisals_twice", lambda d: d.pop("data/raw/second/appraisals.csv"), "0 of 1 included study"),
    "an open judgement": ("certainty_signed", change(CLAIMS, "certainty.signed/value", 5), "5 of 6 judgements on 1 outcome"),
    "an open conclusion": ("conclusions_signed", lambda d: d["build/claims/conclusions.json"].append({"signed": False}), "1 of 2 declared conclusions"),
}  # fmt: skip


@pytest.mark.parametrize("name", GAPS)
def test_each_gap_fails_alone_and_says_how_much(name: str, tmp_path: Path) -> None:
    code, gap, said = GAPS[name]
    data = ready()
    gap(data)
    found = checked(tmp_path, data)
    assert [c for c, check in found.items() if check.outcome == "fail"] == [code]
    assert said in found[code].measured and found[code].note


def test_gaps_of_protocol_references_and_people(tmp_path: Path) -> None:
    nobody = References((f.entry("a", authors=0), f.entry("b", year="")), ())
    found = checked(
        tmp_path,
        ready(),
        protocol={
            "registration": None,
            "living": Living(schedule=Schedule(search=6), people={"Search": None}),
        },
        references=nobody,
        work=[Work("appraised", "first reviewer", "appraisals.csv", "appraiser", 3)],
    )
    failed = {code: c.measured for code, c in found.items() if c.outcome == "fail"}
    assert failed == {
        "registration": "not registered",
        "screening_twice": "no table says who screened the 2 records",
        "references_authors": "1 of 2 references; without: a",
        "references_years": "1 of 2 references; without: b",
        "living_mode": "a search every 6 months, proposed, adopted by nobody",
        "who_did_it": "no table says who screened; no table says who extracted; in the tables, but no person of review.yaml: "
        "first reviewer; nobody is named for: Search",
    }


def test_one_person_or_half_the_records_is_not_twice(tmp_path: Path) -> None:
    for rows in ([("Ada Byron", 2)], [("Ada Byron", 2), ("Mary Somerville", 1)]):
        work = [Work("screened", who, "records.csv", "screener", n) for who, n in rows]
        assert checked(tmp_path, ready(), work=work)["screening_twice"].outcome == "fail"
    both = [Work("screened", "Ada Byron; Mary Somerville", "records.csv", "screened_by", 2)]
    assert checked(tmp_path, ready(), work=both)["screening_twice"].outcome == "pass"


def test_what_cannot_be_known_is_not_judged(tmp_path: Path) -> None:
    data = ready()
    data[CLAIMS] = {}
    found = checked(tmp_path, data, protocol={"source_kinds": {"paper": "Paper"}})
    assert found["full_texts"].outcome == "unverified"
    assert found["certainty_signed"].outcome == "not applicable"


def test_a_review_that_is_not_built_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReviewError) as error:
        evidence.of_review(tmp_path, f.protocol(), References((), ()), ())
    assert "has not been built" in str(error.value) and len(error.value.problems) == 6


@pytest.mark.parametrize(
    "name", ["PubMed", "Embase (Ovid)", "Cochrane CENTRAL", "Web of Science Core Collection"]
)
def test_databases_are_known_by_name(name: str) -> None:
    assert evidence.DATABASES.search(name)


@pytest.mark.parametrize("name", ["public web pages", "generic pages", "central library", "Eric's shelf"])
def test_other_sources_are_no_databases(name: str) -> None:
    assert not evidence.DATABASES.search(name)
