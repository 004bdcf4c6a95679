"""Corrected and retracted reports: out of the syntheses, still in the flow, and the build says what that moved."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from extraction_review import Copy

from livingreview import canonical, notices
from livingreview.claims.retractions import told
from livingreview.extraction import dataset
from livingreview.figures import flow as flow_figure
from livingreview.figures import style
from livingreview.screening import flow as flows
from livingreview.slices import Review, study_digests, therapy_slice
from livingreview.steps import claims, collect, extract
from livingreview.synthesis.therapy import synthesise

ROOT = Path(__file__).resolve().parents[2]
NOTICE = {"status_date": "2026-02-01", "status_notice": "Retraction, Synthetic Journal 2026;1:1"}
GONE = "lindqvist1998"


@pytest.fixture
def review(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def mark(review: Copy, study: str, status: str) -> None:
    review.set("studies", review.row_of("studies", study_id=study), status=status, **NOTICE)


def test_a_table_without_the_columns_is_as_if_every_report_were_active(review: Copy) -> None:
    rows = review.rows("studies")
    keep = [i for i, c in enumerate(rows[0]) if not c.startswith("status")]
    review.write("studies", [[row[i] for i in keep] for row in rows])
    data = review.load()
    assert not [p for p in data.problems if "status" in p.message]
    assert notices.told(data) == []
    assert len(Review(data).studies(flows.INCLUDED)) == 19


def test_a_retracted_study_leaves_the_syntheses_and_stays_in_the_flow(review: Copy) -> None:
    before = Review(review.load())
    mark(review, "bottomley1996", "retracted")
    after = Review(review.load())
    assert "bottomley1996" in {s["study_id"] for s in therapy_slice(before, "laser")["studies"]}
    assert "bottomley1996" not in {s["study_id"] for s in therapy_slice(after, "laser")["studies"]}
    boxes = [r.flow["boxes"] for r in (before, after)]
    assert [b["included_studies"] for b in boxes] == [19, 18]
    assert [b["retracted"] for b in boxes] == [0, 1]
    assert boxes[0]["assessed"] == boxes[1]["assessed"] == 63
    assert all(e["left"] == e["right"] for e in after.flow["equations"])
    assert [s["study_id"] for s in after.studies(flows.RETRACTED)] == ["bottomley1996"]
    # the notice is part of what the study is told by
    assert (
        study_digests(before)["bottomley1996"]["studies"] != study_digests(after)["bottomley1996"]["studies"]
    )
    assert notices.told(review.load())[0].startswith(
        "Retracted and left out of all syntheses: Bottomley 1996"
    )


def test_the_figure_has_a_box_of_its_own_only_where_it_is_needed(review: Copy) -> None:
    label = "Retracted studies, left out of all syntheses"
    assert label not in flow_figure.alt_text(Review(review.load()).flow)
    mark(review, "bottomley1996", "retracted")
    found = Review(review.load()).flow
    assert f"{label}: 1" in flow_figure.alt_text(found)
    with style.load(ROOT / "figures/style.mplstyle"):
        assert flow_figure.draw(found)


def test_a_corrected_study_stays_in_and_is_listed(review: Copy) -> None:
    mark(review, "bottomley1996", "corrected")
    found = Review(review.load())
    assert "bottomley1996" in {s["study_id"] for s in found.studies(flows.INCLUDED)}
    told_of = notices.notices(found, lambda r: {})
    assert [(s["study_id"], s["status"], s["left_out"]) for s in told_of["studies"]] == [
        ("bottomley1996", "corrected", False)
    ]
    assert told_of["restored"] == {}


def test_a_retracted_report_that_was_excluded_anyway_moves_nothing(review: Copy) -> None:
    mark(review, "badawi2020", "retracted")
    found = Review(review.load())
    assert found.flow["boxes"]["retracted"] == 0
    told_of = notices.notices(found, lambda r: {"x": 1})
    assert [(s["study_id"], s["left_out"]) for s in told_of["studies"]] == [("badawi2020", False)]


def built(folder: Path, *retracted: str) -> Path:
    """The gates of the synthetic review run in a folder, with these studies retracted."""
    shutil.copytree(ROOT / "tests/review", folder, ignore=shutil.ignore_patterns("build", "_*"))
    path = folder / "data/raw/studies.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for study in retracted:
        (place,) = (i for i, line in enumerate(lines) if line.startswith(f"{study},"))
        assert lines[place].endswith(",active,,\n")
        lines[place] = lines[place].replace(
            ",active,,\n", f",retracted,{NOTICE['status_date']},{NOTICE['status_notice'].replace(',', ';')}\n"
        )
    path.write_text("".join(lines), encoding="utf-8")
    extract.run(folder, ROOT, folder / "build/extract")
    results = []
    for slice_ in sorted((folder / "build/extract/therapy").glob("*.json")):
        results.append(folder / "build/results/therapy" / slice_.name)
        canonical.write_json(results[-1], synthesise(canonical.read_json(slice_)).to_json())
    collect.run(folder / "build/collect/results.json", results)
    claims.run(folder, ROOT, folder / "build/claims")
    return folder


def test_the_build_says_what_a_retraction_moved(tmp_path: Path) -> None:
    before, after = built(tmp_path / "before"), built(tmp_path / "after", GONE)
    known = {f: canonical.read_json(f / "build/claims/claims.json") for f in (before, after)}
    found = canonical.read_json(after / "build/claims/retractions.json")
    assert canonical.read_json(before / "build/claims/retractions.json") == {
        "studies": [],
        "moved": [],
        "conclusions": [],
    }
    assert [s["study_id"] for s in found["studies"]] == [GONE]
    # the counterfactual is the review as it was before the retraction, claim by claim
    moved = {m["key"]: (m["restored"], m["now"]) for m in found["moved"]}
    really: dict[str, Any] = {
        key: (known[before][key]["text"], known[after][key]["text"])
        for key in known[before].keys() & known[after].keys()
        if known[before][key]["unit"] != "text" and known[before][key]["text"] != known[after][key]["text"]
    }
    assert really and really.items() <= moved.items()
    assert moved["included.studies.n"] == ("29", "28")
    assert moved["cryotherapy.analysis.wart_response.k"] == ("2", "1")
    lines = told(found)
    assert lines[0].startswith(
        "Retracted and left out of all syntheses: Lindqvist 1998 (notice of 2026-02-01)"
    )
    assert any("included.studies.n: 29 → 28" in line for line in lines)
    # its table in the supplement, and its paragraph in the flow
    table = (
        (after / "manuscript/_built/supplement/notices.md").read_text(encoding="utf-8").replace("\u00a0", " ")
    )
    assert "retracted on 1 February 2026" in table and "left out of all syntheses" in table
    assert "No correction or retraction is known" in (
        before / "manuscript/_built/supplement/notices.md"
    ).read_text(encoding="utf-8")
    assert "retracted since" in known[after]["flow.summary"]["text"]


def test_a_retraction_that_turns_a_conclusion_says_so() -> None:
    lines = told(
        {
            "studies": [{"label": "A 2000", "date": "2026-01-01"}],
            "conclusions": [{"id": "one", "name": "One", "now": "cannot_be_judged", "restored": "holds"}],
            "moved": [{"key": f"a.b{i}", "now": "1", "restored": None} for i in range(12)],
        }
    )
    assert lines[1] == "  conclusion one: cannot be judged, with it: holds"
    assert lines[2] == "  a.b0: – → 1"
    assert lines[-1] == "  and 4 more numbers, in build/claims/retractions.json"
    assert told({"studies": [], "moved": [], "conclusions": []}) == []


def test_the_synthetic_review_is_valid_with_its_status_columns() -> None:
    data = dataset.load(ROOT / "tests/review", ROOT)
    assert {s["status"] for s in data.tables["studies"]} == {"active"}
