"""What each claim rests on, and the cell that made it: for every claim of both reviews."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.unit import claims_review as review

from livingreview.claims.build import Sources, build
from livingreview.claims.families import ELSE, REVIEW, THERAPY, Family, family
from livingreview.claims.model import TEXT
from livingreview.claims.panel import records
from livingreview.extraction.rowkeys import row_key
from livingreview.trace.chain import cell_line
from livingreview.trace.rows import Rows

NOTEBOOKS = review.ROOT / "analysis/notebooks"
FAMILIES = (*REVIEW, *THERAPY)


def cells(notebook: str) -> dict[str, str]:
    """Code of each named cell of a notebook."""
    parts = re.split(r"^# %%", (NOTEBOOKS / f"{notebook}.py").read_text(encoding="utf-8"), flags=re.M)
    return {m[1]: part for part in parts if (m := re.match(r'.*\bname="([^"]+)"', part))}


@pytest.mark.parametrize("known", [f for f in FAMILIES if f.notebook], ids=lambda f: f.pattern)
def test_each_family_names_a_cell_that_computes_or_shows_it(known: Family) -> None:
    code = cells(known.notebook)
    assert known.cell in code, f"{known.notebook} has no cell {known.cell}"
    assert known.shows and known.shows in code[known.cell], f"{known.cell} does not show {known.shows}"
    assert cell_line(NOTEBOOKS / f"{known.notebook}.py", known.cell)


def test_every_claim_is_complete() -> None:
    claims = build(review.sources())
    therapies = frozenset(t["code"] for t in review.sources().documents["therapies"])
    rows = Rows(review.ROOT)
    for claim in claims:
        known, _ = family(claim.key, therapies)
        assert known is not ELSE, claim.key
        assert claim.definition.strip() and claim.made_by, claim.key
        assert claim.format, claim.key
        assert all(part in claims for part in claim.parts), claim.key
        missing = [key for key in claim.rows if not rows.find(key)]
        assert not missing, f"{claim.key}: {missing}"


def test_numbers_with_studies_rest_on_rows_of_these_studies() -> None:
    for claim in build(review.sources()):
        of = {
            k.split(":")[1]
            for k in claim.rows
            if k.split(":")[0] in ("arms", "outcomes", "participants", "studies")
        }
        if claim.studies and claim.key.split(".")[0] != "flow":
            assert of <= set(claim.studies), claim.key
        if claim.studies and claim.value and claim.unit != TEXT:
            assert claim.rows, claim.key


def test_rows_are_those_of_therapy_construct_and_unit() -> None:
    claims = build(review.sources())
    rows = claims["laser.response.lesion.symptom.responders"].rows
    assert "outcomes:bottomley1996:o1" in rows and "outcomes:bottomley1996:o5" not in rows
    assert claims["analyses.threshold"].rows == ("review.yaml:analyses.threshold",)
    assert claims["flow.screened"].rows == ("records@physical", "records@sts")


def test_row_keys() -> None:
    assert row_key("outcomes", {"study_id": "a", "outcome_id": "o1"}) == "outcomes:a:o1"
    assert row_key("studies", {"study_id": "a"}) == "studies:a"
    assert row_key("records", {"record_id": "R1", "study_id": "a", "stream": "web"}) == "records:R1"
    assert row_key("queries", {"stream": "web", "query": "x"}) == "queries:web"


def test_the_panels_records_do_not_depend_on_lines(tmp_path: Path) -> None:
    found = records(build(review.sources()), {"bottomley1996": "Bottomley 1996"})
    one = found["laser.response.lesion.symptom.responders"]
    assert one["s"] == "Bottomley 1996" and one["m"] == "notebook therapy, cell totals"
    assert "outcomes:bottomley1996:o1" in one["r"] and "row 1" not in str(one)


def test_without_the_slice_of_rows_claims_are_made_all_the_same() -> None:
    from dataclasses import replace

    bare: Sources = replace(review.sources(), rows={})
    assert build(bare)["included.studies.n"].rows == ()
