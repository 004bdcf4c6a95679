"""Certainty of a whole review: from tables through the gate's slice to ratings, findings, and the sheet that people sign."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from livingreview import slices
from livingreview.canonical import dumps, write_json
from livingreview.certainty import sheet
from livingreview.certainty.assess import assess
from livingreview.certainty.model import Certainty
from livingreview.certainty.slice import certainty as certainty_slice
from livingreview.errors import ReviewError
from livingreview.extraction import dataset
from livingreview.protocol_grade import DOMAINS, OVERALL
from livingreview.protocol_order import restored
from livingreview.slices import Review
from livingreview.synthesis.therapy import TherapyResult, synthesise

ROOT = Path(__file__).parents[2]
SYNTHETIC = ROOT / "tests/review"


def through_json(value: Any) -> Any:
    """A gate's content as its readers get it."""
    return restored(json.loads(dumps(value)))


class Built:
    """The gate's slices of a review, and the results of its therapies."""

    def __init__(self, folder: Path) -> None:
        review = Review(dataset.load(folder, ROOT))
        self.slice = through_json(certainty_slice(review))
        self.appraisal = through_json(slices.appraisal(review))
        self.results = {
            t["code"]: TherapyResult.from_json(
                synthesise(through_json(slices.therapy_slice(review, t["code"]))).to_json()
            )
            for t in review.protocol["therapies"]
        }

    def assess(self, signatures: list[dict[str, Any]] | None = None) -> Certainty:
        given = self.slice["signatures"] if signatures is None else signatures
        return assess(self.results, self.appraisal, given, self.slice["protocol"])


@pytest.fixture(scope="module")
def built() -> Built:
    return Built(SYNTHETIC)


@pytest.fixture(scope="module")
def unsigned(built: Built) -> Certainty:
    return built.assess([])


def sign(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{**row, "signed_by": "Ada Synthetic", "date": "2026-02-20"} for row in rows]


def test_every_therapy_and_rated_outcome_has_a_rating(built, unsigned):
    protocol = built.slice["protocol"]
    expected = [(t["code"], o["code"]) for t in protocol["therapies"] for o in protocol["rated"]]
    assert [(r.therapy, r.outcome) for r in unsigned.ratings] == expected
    assert {o["kind"] for o in protocol["rated"]} == {"response", "score", "harm"}
    for rating in unsigned.ratings:
        if rating.status == "no_evidence":
            assert rating.all_cells == ()
        else:
            assert [c.domain for c in rating.all_cells] == [*DOMAINS, OVERALL]
            assert set(rating.studies) <= {s.study_id for s in built.results[rating.therapy].studies}


def test_the_result_survives_json(unsigned):
    again = Certainty.from_json(unsigned.to_json())
    assert again == unsigned
    assert dumps(Certainty.from_json(json.loads(dumps(unsigned.to_json()))).to_json()) == dumps(
        unsigned.to_json()
    )


def test_it_is_the_same_each_time_whatever_the_order_of_signatures(built, unsigned):
    rows = sign(list(sheet.rows(unsigned)))
    assert built.assess(rows) == built.assess(rows[::-1])


def test_the_estimates_are_those_of_the_results(built, unsigned):
    for row in unsigned.findings:
        result = built.results[row.therapy]
        if row.kind == "response":
            analysis = next(a for a in result.analyses if a.code == row.outcome)
            assert row.estimate == analysis.main.estimate
            assert row.participants == (analysis.n or None)
            assert row.studies == analysis.k
        elif row.kind == "harm" and row.estimate:
            assert row.estimate in [t.estimate for t in result.harms.totals]


def test_an_outcome_that_nobody_reports_has_no_evidence(built, unsigned):
    for row in unsigned.findings:
        assert (row.studies == 0) == (row.status == "no_evidence")
    empty = [r for r in unsigned.ratings if r.status == "no_evidence"]
    for rating in (r for r in empty if r.kind == "response"):
        analysis = next(a for a in built.results[rating.therapy].analyses if a.code == rating.outcome)
        assert analysis.k == 0
    assert any(r.kind == "response" and r.cells for r in unsigned.ratings)


def test_named_harms_stand_beside_and_are_not_rated(built, unsigned):
    named = [f for f in unsigned.findings if f.status == "not_rated"]
    assert named
    most = built.slice["protocol"]["certainty"]["named_harms"]
    for therapy in built.results:
        assert sum(f.therapy == therapy for f in named) <= most
    assert all(f.level is None and not f.supports_conclusion for f in named)


def test_nothing_signed_supports_nothing_and_says_so(unsigned):
    assert unsigned.open == unsigned.cells > 0
    assert not any(r.supports_conclusion for r in unsigned.ratings)
    assert f"None of the {unsigned.cells} judgements" in unsigned.warnings[0]


def test_a_signed_row_supports_a_conclusion_and_the_others_do_not(built, unsigned):
    rating = next(r for r in unsigned.ratings if r.cells)
    rows = [
        r for r in sheet.rows(unsigned) if (r["therapy"], r["outcome"]) == (rating.therapy, rating.outcome)
    ]
    assert len(rows) == 6
    found = built.assess(sign(rows))
    assert found.supports(rating.therapy, rating.outcome)
    assert [r for r in found.ratings if r.supports_conclusion] == [
        found.rating(rating.therapy, rating.outcome)
    ]
    assert found.open == unsigned.open - 6
    assert not built.assess(sign(rows[:-1])).supports(rating.therapy, rating.outcome)
    assert not found.supports(rating.therapy, "nothing_of_this_name")


def test_a_signature_on_what_has_no_evidence_any_more_is_told(built, unsigned):
    empty = next(r for r in unsigned.ratings if r.status == "no_evidence")
    row = {**next(sheet.rows(unsigned)), "therapy": empty.therapy, "outcome": empty.outcome}
    found = built.assess(sign([row]))
    assert any("not used" in w and "Ada Synthetic" in w for w in found.warnings)
    assert found.rating(empty.therapy, empty.outcome) == empty


def test_all_printed_sentences_are_whole(unsigned):
    for cell in (c for r in unsigned.ratings for c in r.all_cells):
        assert cell.reason.endswith(".")
        assert "None" not in cell.reason.replace("None of", "")
    for row in unsigned.findings:
        assert row.means.endswith(".")
        assert "None" not in row.means
    assert all(w.endswith(".") for w in unsigned.warnings)


# --- the sheet


def test_the_sheet_becomes_the_table_when_name_and_date_are_added(tmp_path, built, unsigned):
    folder = shutil.copytree(SYNTHETIC, tmp_path / "review", ignore=shutil.ignore_patterns("build", "_built"))
    rows = sign(list(csv.DictReader(io.StringIO(sheet.text(unsigned)))))
    with (folder / "data/raw/certainty.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    review = Review(dataset.load(folder, ROOT))
    signatures = through_json(certainty_slice(review))["signatures"]
    found = built.assess(signatures)
    assert found.open == 0
    assert {r.status for r in found.ratings} == {"signed", "no_evidence"}
    assert list(sheet.rows(found)) == []


def test_the_sheet_holds_what_is_open_and_nothing_else(built, unsigned):
    rows = list(sheet.rows(unsigned))
    assert len(rows) == unsigned.open
    assert all(r["signed_by"] == r["date"] == "" for r in rows)
    old = {**rows[0], "inputs_digest": "0" * 16}
    found = built.assess(sign([old, rows[1]]))
    left = list(sheet.rows(found))
    assert rows[0] in left
    assert rows[1] not in left


def test_the_sheet_shows_again_a_certainty_that_is_not_what_its_domains_give(tmp_path, built, unsigned):
    rows = sign(list(sheet.rows(unsigned)))
    overall = next(r for r in rows if r["domain"] == OVERALL and r["judgement"] == "very_low")
    overall["judgement"] = "low"
    found = built.assess(rows)
    assert found.open == 0
    (left,) = sheet.rows(found)
    assert (left["judgement"], left["signed_by"]) == ("very_low", "")
    assert left["inputs_digest"] == overall["inputs_digest"]
    assert left["reason"].startswith("Signed 1 level above what the domains give, without one of the reasons")
    assert any("the domains give very low" in w for w in found.warnings)
    assert any("signed 1 level above" in f.means for f in found.findings)
    write_json(tmp_path / sheet.RESULT, {"certainty": found.to_json()})
    assert sheet.write(tmp_path)[1].startswith("1 signed above or below what the domains give")


def test_the_sheet_is_written_from_the_last_build(tmp_path, unsigned):
    with pytest.raises(ReviewError, match="has not been computed yet"):
        sheet.write(tmp_path)
    write_json(tmp_path / sheet.RESULT, {"certainty": unsigned.to_json()})
    lines = sheet.write(tmp_path)
    assert f"{unsigned.open} of {unsigned.cells}" in lines[0]
    assert (tmp_path / sheet.SHEET).read_text(encoding="utf-8") == sheet.text(unsigned)


# --- the gate's slice


def test_the_slice_carries_what_bears_on_the_result(built):
    bearing = built.slice["protocol"]["bearing"]
    declared = dataset.load(SYNTHETIC, ROOT).protocol.analyses.sensitivity
    for row in declared:
        for tool, part in row.appraisal.items():
            assert bearing[tool] == {str(item): accepted for item, accepted in part.items.items()}
    assert bearing


def test_the_first_review_is_rated_too():
    """Its data may change; that it is rated by therapy, without a failure and without a made-up signature, may not."""
    real = Built(ROOT)
    found = real.assess([])
    assert len(found.ratings) == len(real.results) * len(real.slice["protocol"]["rated"])
    assert not any(r.supports_conclusion for r in found.ratings)
