"""Search results into the queue: nothing lost, nothing twice, duplicates linked, decisions into the flow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import update_review

from livingreview.errors import ReviewError
from livingreview.extraction import dataset
from livingreview.screening import flow, queue, references

ROOT = update_review.ROOT
RIS = """TY  - JOUR
TI  - Ice baths after marathon running
AU  - Costa
PY  - 2012
JF  - Synthetic Recovery
UR  - https://example.org/C14
ER  -
TY  - JOUR
TI  - Salicylic acid for footballers
AU  - Okonkwo, C.
PY  - 2004
DO  - 10.5555/SYNTHETIC.2004.7
ER  -
TY  - JOUR
TI  - A wart that nobody has seen before
AU  - Młodzik, Anna
PY  - 2025
DO  - 10.5555/new.1
ER  -
TY  - JOUR
AU  - Nobody
DO  - 10.5555/untitled
ER  -
"""


def _take(review: Path, text: str = RIS, stream: str = "covering") -> queue.Imported:
    path = review / "found.ris"
    path.write_text(text, encoding="utf-8")
    return queue.take_in(review, ROOT, references.read(path), stream)


def _flow(review: Path) -> dict[str, object]:
    return dict(flow.flow(dataset.load(review, ROOT))["boxes"])


def test_records_come_in_and_are_counted(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    before, boxes = update_review.files(review), _flow(review)
    done = _take(review)
    assert (done.references, len(done.added), done.known) == (4, 3, ["covering/C14"])
    assert done.duplicates == {next(k for k in done.added if "okonkwo" in k): ("covering/C01", "DOI")}
    assert len(done.waiting) == 2
    after = update_review.files(review)
    name = "search/records_covering.csv"
    assert {f for f in after if after[f] != before[f]} == {name}
    rows = update_review.added(before[name], after[name])
    assert len(rows) == 3
    assert all(row.endswith(",awaiting,title_abstract,") for row in rows)
    assert any("(no title in the export)" in row and ",described," in row for row in rows)
    now = _flow(review)
    assert now["identified"]["total"] == boxes["identified"]["total"] + 3  # type: ignore[index]
    assert now["duplicates_removed"] == boxes["duplicates_removed"] + 1  # type: ignore[operator]
    assert now["awaiting_assessment"] == boxes["awaiting_assessment"] + 2  # type: ignore[operator]


def test_a_second_run_adds_nothing(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    _take(review)
    before = update_review.files(review)
    done = _take(review)
    assert (done.added, len(done.known), len(done.waiting)) == ([], 4, 2)
    assert update_review.files(review) == before


def test_copies_within_a_file_are_all_counted_once_each_run(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    twice = RIS[RIS.index("TY  - JOUR\nTI  - A wart") : RIS.index("TY  - JOUR\nAU  - Nobody")] * 2
    assert len(_take(review, twice).added) == 2
    assert _take(review, twice).added == []
    assert len(queue.waiting(dataset.load(review, ROOT))) == 1


def test_decisions_flow_into_the_counts(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    _take(review)
    before = _flow(review)
    path = review / "data/raw/search/records_covering.csv"
    text = path.read_text(encoding="utf-8")
    line = next(row for row in text.splitlines() if "nobody has seen" in row)
    path.write_text(
        text.replace(line, line.replace(",awaiting,title_abstract,", ",exclude,title_abstract,animals")),
        encoding="utf-8",
    )
    now = _flow(review)
    assert now["awaiting_assessment"] == before["awaiting_assessment"] - 1  # type: ignore[operator]
    assert now["excluded_screening"]["total"] == before["excluded_screening"]["total"] + 1  # type: ignore[index]
    assert len(queue.waiting(dataset.load(review, ROOT))) == 1


def test_a_report_that_was_decided_is_not_screened_again(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    again = "TY  - JOUR\nTI  - Ice baths after marathon running\nAU  - Costa\nPY  - 2012\nJF  - Synthetic Recovery\nER  -\n"
    done = _take(review, again, "warming")
    assert len(done.added) == 1
    assert done.waiting == []
    boxes = _flow(review)
    assert flow.NOT_SCREENED not in [r["reason"] for r in boxes["awaiting_assessment_reasons"]]  # type: ignore[attr-defined]


def test_an_awaiting_record_with_a_study_is_refused(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    update_review.replace(
        review / "data/raw/search/records_covering.csv",
        "okonkwo2004,include,full_text,",
        "okonkwo2004,awaiting,full_text,",
    )
    with pytest.raises(ReviewError, match="has not been screened"):
        dataset.load(review, ROOT)


def test_an_impossible_record_is_refused_with_its_line_and_nothing_is_written(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    before = update_review.files(review)
    with pytest.raises(ReviewError, match=r"found.ris, line 14, records.year: lies after the data date"):
        _take(review, RIS.replace("PY  - 2025", "PY  - 2077"))
    assert update_review.files(review) == before
    with pytest.raises(ReviewError, match="did you mean `covering`"):
        _take(review, RIS, "coverng")


def test_the_command(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path / "review")
    (tmp_path / "found.ris").write_text(RIS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "livingreview", "import-records", "found.ris", "--stream", "covering", "--directory", str(review)],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "4 records in the file: 3 added, 1 already here." in done.stdout
    assert "2 reports of this file wait for screening." in done.stdout
