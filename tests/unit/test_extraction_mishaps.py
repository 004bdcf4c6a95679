"""What befalls files and tables as a whole: each mishap is told with what to do, and none brings a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from extraction_review import Copy

from livingreview.errors import ReviewError
from livingreview.extraction.read import read_table
from livingreview.protocol import draft
from livingreview.screening import flow


@pytest.fixture
def review(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def told(review: Copy, file: str) -> list[tuple[str, str]]:
    return [(p.message, p.suggestion) for p in review.problems() if p.file == f"data/raw/{file}"]


def test_table_under_another_name(review):
    review.path("arms").rename(review.folder / "data/raw/Arms.csv")
    assert ("the table is missing", "rename Arms.csv to arms.csv") in told(review, "arms.csv")
    review.path("participants").unlink()
    (review.folder / "data/raw/participants.xlsx").write_bytes(b"PK\x03\x04")
    ((message, hint),) = told(review, "participants.csv")
    assert (message, hint) == (
        "the table is missing",
        "save participants.xlsx as CSV UTF-8 under the name participants.csv",
    )


@pytest.mark.parametrize("name", ["arms (1).csv", "arms.xlsx"])
def test_file_that_nothing_reads(review, name):
    (review.folder / "data/raw" / name).write_bytes(b"PK\x03\x04")
    ((message, _),) = told(review, name)
    assert "not read" in message
    assert review.errors() == []


def test_folder_in_place_of_a_table(review):
    review.path("arms").unlink()
    review.path("arms").mkdir()
    assert told(review, "arms.csv")[0][0] == "a folder has this name"


def test_merge_conflict_is_told_once(review):
    lines = review.path("arms").read_text().splitlines(keepends=True)
    lines[2:2] = ["<<<<<<< HEAD\n", "=======\n", ">>>>>>> other\n"]
    review.path("arms").write_text("".join(lines))
    (problem,) = review.errors()
    assert (problem.row, problem.value) == (3, "<<<<<<< HEAD")
    assert "git" in problem.message


def test_huge_cell(review):
    review.set("studies", 3, extraction_note="x" * 1_000_000)
    (problem,) = review.errors()
    assert problem.row == 3
    assert "more than 131,072 characters" in problem.message
    assert "quotation mark" in problem.suggestion


def test_lost_letters_of_windows_1252(tmp_path):
    path = tmp_path / "studies.csv"
    path.write_bytes(
        'id,name,url\nx0,"two\nlines",\nx1,é Wo?niak,https://x.org/a?b=c\nx2,why? yes,\n'.encode("cp1252")
    )
    (problem,) = read_table(path).problems
    assert (problem.row, problem.value, problem.severity) == (3, "Wo?niak", "warning")


def test_empty_table_that_others_name_is_told_once_each(review):
    review.write("studies", review.rows("studies")[:1])
    found = [p for p in review.errors() if p.message.startswith("studies has no rows")]
    tables = ("appraisals", "arms", "search/records_physical", "search/records_sts")
    assert {p.file for p in found} == {f"data/raw/{table}.csv" for table in tables}
    assert len(found) == len(tables)
    assert len(review.errors()) < 30


def test_the_same_slip_in_very_many_rows_is_told_once_with_all_rows(review):
    rows = review.rows("outcomes")
    last = len(rows)
    column = rows[0].index("outcome")
    for i in range(1000):
        row = list(rows[1])
        row[1], row[column] = f"z{i}", "radiografic"
        rows.append(row)
    review.write("outcomes", rows)
    (problem,) = review.errors()
    assert problem.row == last + 1
    assert f"(1000 rows: {last + 1}–{last + 1000})" in problem.message


PROTOCOL = [
    ("confidence_level: 0.95", "confidence_level: high", "not a number"),
    ("confidence_level: 0.95", "confidence_level: 95", "must be below 1"),
    ("confidence_level: 0.95", "confidence_level: -1", "must not be less than 0.5"),
    ("data_date: 2026-11-22", "data_date: 2026-02-30", "not a date"),
    ('title: "Local', 'title: "Lo\x07cal', "control character"),
    ("short_title:", "<<<<<<< HEAD\nshort_title:", "put together by git"),
    ("csl: springer-basic-brackets", "csl: springer-basic-bracket", "no citation style"),
]


@pytest.mark.parametrize(("old", "new", "message"), PROTOCOL, ids=[m for *_, m in PROTOCOL])
def test_protocol_slip_has_line_and_plain_words(review, old, new, message):
    text = (review.folder / "review.yaml").read_text()
    review.protocol(old, new)
    (problem,) = draft(review.folder / "review.yaml").problems
    assert message in problem.message
    assert problem.row == text[: text.index(old)].count("\n") + 1


def test_record_of_two_studies_is_never_merged_and_told(review):
    """Two studies that share a DOI in the records stay apart, and a warning says so."""
    table = "search/records_sts"
    for study in ("wolf2008", "bair2011"):
        review.set(table, review.row_of(table, study_id=study), doi="10.1000/same")
    data = review.load()
    found = flow.duplicates(data)
    (problem,) = [p for p in found.problems if p.value == "10.1000/same"]
    assert problem.severity == "warning"
    assert "belong to different studies" in problem.message
    flow.flow(data, found)


def test_every_shipped_merge_has_a_reason_and_one_study(review):
    data = review.load()
    found = flow.duplicates(data)
    assert found.merges
    assert all(m.reason for m in found.merges)
    for group in found.groups:
        assert len({r["study_id"] for r in group} - {None}) <= 1


def test_flow_names_the_box_when_a_study_has_no_record(review):
    table = "search/records_sts"
    review.drop(table, review.row_of(table, study_id="bair2011"))
    with pytest.raises(ReviewError, match="no search record leads to this study"):
        review.load()


def test_table_saved_over_another_is_told_once(review):
    review.path("arms").write_bytes(review.path("outcomes").read_bytes())
    (problem,) = review.errors()
    assert (problem.file, problem.row) == ("data/raw/arms.csv", 1)
    assert "header of another table" in problem.message


@pytest.mark.parametrize(
    ("table", "cells", "message"),
    [
        ("arms", {"agent_detail": "a\x07b"}, "invisible control character"),
        ("outcomes", {"events": "50%"}, "a percentage, not a count"),
    ],
)
def test_cell_that_would_mislead(review, table, cells, message):
    review.set(table, 3, **cells)
    found = [(p.row, p.column) for p in review.errors() if message in p.message]
    assert found == [(3, next(iter(cells)))]
