"""Editing a table leaves every other row byte for byte, and new rows stand where they sort, one row a line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingreview.errors import ReviewError
from livingreview.extraction.table_file import TableFile

ODD = (
    b'\xef\xbb\xbfstudy_id,outcome_id,note\r\n"a2020",o1,"quoted, though no need"\r\na2020 , o2 ,\r\n'
    b'c2020,o1,"two\nlines"\r\n\r\nc2020,o10,last'
)


def _file(folder: Path, content: bytes) -> TableFile:
    path = folder / "outcomes.csv"
    path.write_bytes(content)
    return TableFile.read(path, "data/raw/outcomes.csv")


def test_nothing_done_is_the_same_bytes(tmp_path: Path) -> None:
    assert _file(tmp_path, ODD).content() == ODD


def test_a_row_goes_where_it_sorts_and_the_others_stay(tmp_path: Path) -> None:
    file = _file(tmp_path, ODD)
    index = file.insert({"study_id": "c2020", "outcome_id": "o9", "note": "a, b"}, ("study_id", "outcome_id"))
    assert file.row(index) == 5
    assert file.content() == ODD.replace(b"\r\n\r\nc2020", b'\r\nc2020,o9,"a, b"\r\n\r\nc2020')
    file = _file(tmp_path, ODD)
    file.insert({"study_id": "b2020", "outcome_id": "o1", "note": ""}, ("study_id", "outcome_id"))
    assert file.content() == ODD.replace(b"c2020,o1,", b"b2020,o1,\r\nc2020,o1,", 1)


def test_a_row_behind_the_last_one_without_line_end(tmp_path: Path) -> None:
    file = _file(tmp_path, ODD)
    file.insert({"study_id": "d2020", "outcome_id": "o1", "note": "two\nlines"}, ("study_id", "outcome_id"))
    assert file.content() == ODD + b"\r\nd2020,o1,two lines\r\n"


def test_change_and_removal_touch_one_row(tmp_path: Path) -> None:
    file = _file(tmp_path, ODD)
    index = file.find(("study_id", "outcome_id"), ("a2020", "o2"))
    assert index == 1
    file.update(index, {"note": "now said"})
    assert file.content() == ODD.replace(b"a2020 , o2 ,", b"a2020,o2,now said")
    file.delete(index)
    assert file.content() == ODD.replace(b"a2020 , o2 ,\r\n", b"")


def test_a_new_column_is_put_behind_the_text_of_each_row(tmp_path: Path) -> None:
    file = _file(tmp_path, ODD.replace(b"a2020 , o2 ,", b"a2020,o2"))
    file.add_column("status", "active")
    rows = list(csv.reader(io.StringIO(file.content().decode("utf-8-sig"), newline="")))
    assert rows[0][-1] == "status"
    assert {row[3] for row in rows[1:] if row} == {"active"}
    assert b'"a2020",o1,"quoted, though no need",active\r\n' in file.content()


def test_semicolons_stay_semicolons(tmp_path: Path) -> None:
    file = _file(tmp_path, b"sep=;\nstudy_id;note\na;1,5\nb;x\n")
    index = file.insert({"study_id": "aa", "note": "x;y"}, ("study_id",))
    assert file.content() == b'sep=;\nstudy_id;note\na;1,5\naa;"x;y"\nb;x\n'
    assert file.row(index) == 3


@pytest.mark.parametrize("lock", ["~$outcomes.csv", ".~lock.outcomes.csv#"])
def test_a_table_that_is_open_in_a_spreadsheet_is_named(tmp_path: Path, lock: str) -> None:
    (tmp_path / lock).write_bytes(b"")
    with pytest.raises(
        ReviewError, match=r"data/raw/outcomes.csv: the file is open in a spreadsheet"
    ) as caught:
        _file(tmp_path, ODD)
    assert lock in caught.value.problems[0].suggestion


def test_a_half_saved_table_is_not_written_to(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="never closed"):
        _file(tmp_path, b'study_id,note\na,"cut in the mid')
    with pytest.raises(ReviewError, match="not UTF-8"):
        _file(tmp_path, "study_id,note\na,Müller\n".encode("cp1252"))


CELL = st.text(alphabet="abo12 ,\"';\né", max_size=6).map(lambda t: t.strip())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), max_size=6), st.tuples(CELL, CELL))
def test_whatever_is_put_in_is_read_back(rows: list[tuple[str, str]], new: tuple[str, str]) -> None:
    import tempfile

    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([("k", "v"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        file = _file(Path(folder), out.getvalue().encode())
        before = [line.raw for line in file.lines]
        index = file.insert({"k": "x" + new[0], "v": new[1]}, ("k",))
        after = [line.raw for line in file.lines]
        assert [raw.rstrip("\n") for raw in after[:index] + after[index + 1 :]] == [
            r.rstrip("\n") for r in before
        ]
        file.path.write_bytes(file.content())
        again = TableFile.read(file.path)
        assert len(again.lines) == len(before) + 1
        assert again.lines[index].cells == {
            "k": " ".join(f"x{new[0]}".split("\n")),
            "v": " ".join(new[1].split("\n")),
        } or ("\n" in new[0] + new[1])
