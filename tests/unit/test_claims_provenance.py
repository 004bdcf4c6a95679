"""What each claim rests on, and the cell that made it: for every claim of both reviews."""

from __future__ import annotations

import re
from pathlib import Path

import claims_review as review
import pytest

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


def test_the_panel_names_the_sources_of_a_few_studies() -> None:
    claims = build(review.sources())
    read = {s: f"source of {s}" for s in claims["included.studies.n"].studies}
    found = records(claims, {}, read)
    assert found["laser.response.lesion.symptom.responders"]["o"] == "source of bottomley1996"
    assert "o" not in found["included.studies.n"]  # too many for the page: trace has them


def test_without_the_slice_of_rows_claims_are_made_all_the_same() -> None:
    from dataclasses import replace

    bare: Sources = replace(review.sources(), rows={})
    assert build(bare)["included.studies.n"].rows == ()


def test_denominators_rest_on_those_without_a_count_too() -> None:
    """Patients treated, unreported or counted as failures: also of studies that report no count (found by changing raw rows)."""
    claims = build(review.sources())
    every = {s["study_id"] for s in review.sources().results["therapies"]["topical_sts"]["studies"]}
    for key in (
        "response.patient.deposit.treated",
        "response.patient.deposit.unreported",
        "response.patient.deposit.if_failures.upper",
        "response.summary",
        "analysis.deposit_response.failures_lower",
        "analysis.summary",
        "harms.treated",
    ):
        claim = claims[f"topical_sts.{key}"]
        assert every == set(claim.studies), key
        assert "arms:lebedinskaya2014:a" in claim.rows, key
    assert set(claims["topical_sts.response.patient.deposit.evaluated"].studies) < every
    assert "arms:lebedinskaya2014:a" in claims["harms.treated"].rows
    assert any(k.startswith("outcomes:") for k in claims["intralesional_sts.scores.summary"].rows)
    assert any(k.startswith("arms:") for k in claims["previous.topical_sts.duration_months.ours"].rows)
    assert set(claims["releases.new_studies"].studies) == set(claims["included.studies.n"].studies)


def test_every_conclusion_is_a_claim_that_can_be_asked() -> None:
    """Also one that rests on no study yet: its sentence prints as a claim."""
    claims = build(review.sources())
    for claim in claims:
        if claim.key.startswith("conclusions.") and claim.key.endswith(".sentence"):
            assert f'{{data-claim="{claim.key}"}}' in claim.markup(), claim.key
            assert {row for key in claim.compared for row in claims[key].rows} <= set(claim.rows)
