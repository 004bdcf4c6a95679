"""Tables as spreadsheets save them: the file, before any cell is understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from livingreview.extraction.read import RawTable, clean, read_table

PLAIN = 'id,name,value\na,Türkiye,2.5\nb,"two\nlines, one cell",\n'


@pytest.fixture
def read(tmp_path: Path):
    def read(content: bytes | str) -> RawTable:
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(path, shown="data/raw/table.csv")

    return read


def cells(table: RawTable) -> list[tuple[int, list[str]]]:
    return [(row.row, list(row.cells.values())) for row in table.rows]


EXPECTED = [(2, ["a", "Türkiye", "2.5"]), (3, ["b", "two\nlines, one cell", ""])]


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


SEMICOLON = (
    PLAIN.replace("id,name,value", "id;name;value")
    .replace("a,Türkiye,2.5", "a;Türkiye;2.5")
    .replace('b,"', 'b;"')
    .replace('",\n', '";\n')
)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (PLAIN.encode(), ""),
        (PLAIN.encode("utf-8-sig"), ""),
        (crlf(PLAIN).encode("utf-8-sig"), ""),
        (PLAIN.replace("\n", "\r").encode(), ""),
        (PLAIN.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + PLAIN.encode("utf-16-be"), "UTF-16"),
        (PLAIN.encode("utf-16-le"), "UTF-16-LE"),
        (PLAIN.encode("utf-16-be"), "UTF-16-BE"),
        (PLAIN.encode("cp1252"), "Windows-1252"),
        (SEMICOLON.encode(), "semicolon"),
        (SEMICOLON.replace(";", "\t").encode("utf-16"), "tab"),
        (b"\xef\xbb\xbfsep=;\r\n" + crlf(SEMICOLON).encode(), "semicolon"),
        (("sep=,\n" + PLAIN).encode(), ""),
        (PLAIN.replace("Türkiye", "Tu\u0308rkiye").encode(), ""),
        (PLAIN.replace("Türkiye", "\u00a0Türkiye \u200b").encode(), ""),
        (
            PLAIN.replace("id,name,value", "id,name,value,,")
            .replace("2.5", "2.5,,")
            .replace('",\n', '",,,\n')
            .encode(),
            "",
        ),
        ((PLAIN + ",,\n\n,,\n").encode(), ""),
    ],
)
def test_every_dialect_reads_alike(read, content, note):
    table = read(content)
    assert table.header == ["id", "name", "value"]
    assert cells(table) == EXPECTED
    assert table.problems == []
    assert note in " ".join(p.message for p in table.notes)
    assert all(p.severity == "note" and p.file == "data/raw/table.csv" for p in table.notes)
    assert bool(note) == bool(table.notes)


def test_rows_count_as_in_a_spreadsheet(read):
    table = read('id,name\na,"one\ntwo\nthree"\n\n,\nb,x\n')
    assert [row.row for row in table.rows] == [2, 5]


def test_short_rows_are_noted(read):
    table = read("id,name,value\na\nb,x\n")
    assert cells(table) == [(2, ["a", "", ""]), (3, ["b", "x", ""])]
    assert [p.message for p in table.notes] == [
        "2 rows with fewer cells than the header; the missing ones were read as empty"
    ]


@pytest.mark.parametrize(
    ("content", "row", "column", "message"),
    [
        (b"", None, "", "the table is empty"),
        (b"\xef\xbb\xbf\r\n;;\r\n", None, "", "the table is empty"),
        (b'id,name\na,"open\nb,x\nc,y\n', 2, "", "never closed"),
        (b'id,name\na,"in "the" text"\n', 2, "", "text follows a closing quotation mark"),
        (b"id,name\na,x\nb,y,z\n", 3, "", "the row has 3 cells, the header 2"),
        (b"id,name,id\na,x,b\n", 1, "id", "the column stands twice, as A and C"),
        (b"id,,name\na,x,b\n", 1, "", "column B has no name"),
        (b'"id,name"\n"a,b"\n', 1, "", "wrong separator"),
        (b"1,2.5,3\n4,5,6\n", 1, "", "the header row is missing"),
        (b"id,name\n\x00a,b\n", None, "", "zero bytes"),
        (b"PK\x03\x04rest", None, "", "a spreadsheet's own file"),
        (b"id,name\na,\x81\x8d\n", None, "", "neither UTF-8 nor Windows-1252"),
        (b"\xff\xfea", None, "", "damaged"),
        (b"id,name\na," + b"x" * 140_000 + b"\n", 2, "", "a cell holds more than 131,072 characters"),
    ],
)
def test_what_is_broken_is_named(read, content, row, column, message):
    found = [p for p in read(content).problems if message in p.message]
    assert [(p.file, p.row, p.column, p.severity) for p in found] == [
        ("data/raw/table.csv", row, column, "error")
    ]


def test_too_many_cells_shows_them(read):
    (problem,) = read(b"id,name\na,Smith, John\n").problems
    assert (problem.value, problem.suggestion) == (
        "John",
        "put a cell that contains a comma in quotation marks",
    )


def test_values_that_moved_to_the_right_are_pointed_out(read):
    (problem,) = read("id,name,value\na,Smith, John,\nb,Roe,\n").problems
    assert (problem.severity, problem.row) == ("warning", 2)
    assert "the row has 4 cells, the header 3" in problem.message
    assert read("id,name,value\na,x,,,\nb,y,,,\n").problems == []  # empty columns to the right of every row


def test_missing_file(tmp_path):
    (problem,) = read_table(tmp_path / "arms.csv", shown="data/raw/arms.csv").problems
    assert str(problem).startswith("data/raw/arms.csv: the table is missing")


@pytest.mark.parametrize("lock", ["~$table.csv", ".~lock.table.csv#"])
def test_lock_file_warns(read, tmp_path, lock):
    (tmp_path / lock).write_text("")
    (problem,) = read(PLAIN).problems
    assert problem.severity == "warning"
    assert "open in a spreadsheet" in problem.message
    assert lock in problem.suggestion


def test_many_columns_are_lettered(read):
    names = [f"c{i}" for i in range(28)]
    table = read(",".join([*names, "c0"]) + "\n")
    assert "as A and AC" in table.problems[0].message


def test_clean():
    assert clean("  a\r\nb\u00a0\ufeff ") == "a\nb"
    assert clean("e\u0301") == "é"
