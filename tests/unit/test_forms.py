"""The form: lists and notes from the schemas; back into the tables whole or not at all, and against nobody's edits."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import update_review

from livingreview.errors import ReviewError
from livingreview.extraction import agreement, dataset
from livingreview.update import form, form_import, form_reading, second_form

ROOT = update_review.ROOT


class Filled:
    """A form in a file, with small verbs to fill it."""

    def __init__(self, review: Path, study: str = "", second: bool = False) -> None:
        self.path = review / "form.xlsx"
        self.path.write_bytes(form.make(review, ROOT, study, second))
        self.book = openpyxl.load_workbook(self.path)

    def columns(self, sheet: str) -> list[str]:
        return [c.value for c in self.book[sheet][1]]

    def set(self, sheet: str, row: int, **cells: Any) -> None:
        for name, value in cells.items():
            self.book[sheet].cell(row, self.columns(sheet).index(name) + 1).value = value
        self.book.save(self.path)


def _take(review: Path, delete: bool = False) -> list[str]:
    return form_import.take_in(review, ROOT, review / "form.xlsx", delete).lines()


def test_the_form_is_made_from_the_schemas(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    filled = Filled(review)
    schemas = dataset.load(review, ROOT).schemas
    for table in form.TABLES:
        assert filled.columns(table) == form.columns(schemas[table])
        assert all(cell.comment is not None for cell in filled.book[table][1])
    arms = filled.book["arms"]
    lists = {str(v.sqref): v for v in arms.data_validations.dataValidation}
    therapy = lists["C2:C501"]
    assert therapy.type == "list"
    sheet, _, cells = therapy.formula1.partition("!")
    codes = [c.value for (c,) in filled.book[sheet][cells.replace("$", "")]]
    assert codes == ["cryotherapy", "salicylic_acid", "duct_tape", "hyperthermia", *codes[4:]]
    assert "cryotherapy = " in arms["C1"].comment.text
    number = next(v for v in lists.values() if v.errorTitle == "n_patients")
    assert (number.type, number.formula1) == ("whole", "0")
    assert filled.book[form.LISTS].sheet_state == "hidden"


def test_same_review_same_bytes(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    assert form.make(review, ROOT, "okonkwo2004") == form.make(review, ROOT, "okonkwo2004")
    with pytest.raises(ReviewError, match="did you mean `okonkwo2004`"):
        form.make(review, ROOT, "okonkwo2040")


@pytest.mark.parametrize("study", ["petrovic2020", "dubois2019", "zhou2023"])
def test_a_form_that_nobody_touched_changes_nothing(tmp_path: Path, study: str) -> None:
    review = update_review.copy(tmp_path)
    filled = Filled(review, study)
    filled.book.save(filled.path)
    before = update_review.files(review)
    assert _take(review) == []
    assert update_review.files(review) == before


def test_a_correction_changes_its_row_alone(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    Filled(review, "okonkwo2004").set("arms", 2, n_female=3, concentration_percent=40.0)
    before = update_review.files(review)
    assert _take(review) == ["data/raw/arms.csv: 1 row changed"]
    after = update_review.files(review)
    assert {f for f in after if after[f] != before[f]} == {"arms.csv"}
    old, new = before["arms.csv"].decode().splitlines(), after["arms.csv"].decode().splitlines()
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert changed == [(old[2], old[2].replace(",yes,22,,0,", ",yes,22,,3,"))]


def test_a_new_study(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    filled = Filled(review)
    filled.set(
        "studies", 2, study_id="berg2025", first_author="Berg", year=2025, title="Wax", source_url="https://example.org/b",
        source_kind="paper", eligibility="excluded", exclusion_reason="other disease",
    )  # fmt: skip
    filled.set(
        "records", 2, stream="warming", record_id="berg2025", study_id="berg2025", title_kind="published", title="Wax",
        decision="exclude", stage="full_text", reason="other disease",
    )  # fmt: skip
    before = update_review.files(review)
    assert _take(review) == [
        "data/raw/search/records_warming.csv: 1 row added",
        "data/raw/studies.csv: 1 row added",
    ]
    after = update_review.files(review)
    assert update_review.added(before["studies.csv"], after["studies.csv"])[0].startswith(
        "berg2025,Berg,2025,Wax,"
    )
    assert _take(review) == []


def test_what_somebody_else_changed_is_never_overwritten(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    filled = Filled(review, "okonkwo2004")
    update_review.replace(
        update_review.table(review, "arms"), '"plaster, changed daily"', '"plaster, changed weekly"'
    )
    filled.set("arms", 2, agent_detail="plaster", n_female=3)
    before = update_review.files(review)
    with pytest.raises(ReviewError) as caught:
        _take(review)
    (told,) = caught.value.problems
    assert told.place == "form.xlsx, sheet arms, row 2, column agent_detail"
    assert (
        "it was `plaster, changed daily` and is `plaster, changed weekly` in data/raw/arms.csv"
        in told.message
    )
    assert update_review.files(review) == before
    # other cells of the same row merge, and so does the same edit made twice
    filled.set("arms", 2, agent_detail="plaster, changed weekly")
    assert _take(review) == ["data/raw/arms.csv: 1 row changed"]
    text = update_review.table(review, "arms").read_text(encoding="utf-8")
    assert '"plaster, changed weekly",40,,,,,,,,3,,,yes,22,,3,' in text


def test_rows_that_are_gone(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    filled = Filled(review, "anon2018")
    rows = [r[0].value for r in filled.book["appraisals"].iter_rows(min_row=2)]
    assert rows
    filled.book["outcomes"].delete_rows(2)
    filled.book.save(filled.path)
    with pytest.raises(ReviewError, match="was in the form when it was made and is no longer"):
        _take(review)
    outcomes = update_review.table(review, "outcomes")
    first = next(
        line for line in outcomes.read_text(encoding="utf-8").splitlines() if line.startswith("anon2018,")
    )
    cells = first.split(",")
    update_review.replace(
        outcomes, first, ",".join([*cells[:7], str(int(cells[7]) + 0), *cells[8:-1], "changed"])
    )
    with pytest.raises(ReviewError, match="takes out the row anon2018 / o1, which was changed"):
        _take(review, delete=True)


def test_what_validation_refuses_is_told_by_the_cell_of_the_form(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    filled = Filled(review, "okonkwo2004")
    filled.set("arms", 2, n_patients="many", therapy="salicylic acid")
    filled.set("outcomes", 2, events=dt.datetime(2021, 3, 5))
    before = update_review.files(review)
    with pytest.raises(
        ReviewError, match="sheet outcomes, row 2, column events: a spreadsheet turned this into a date"
    ):
        _take(review)
    filled.book["outcomes"].cell(2, filled.columns("outcomes").index("events") + 1).number_format = "General"
    filled.set("outcomes", 2, events=999)
    with pytest.raises(ReviewError) as caught:
        _take(review)
    places = {p.place for p in update_review.refused(caught.value)}
    assert {
        "form.xlsx, sheet arms, row 2, column n_patients",
        "form.xlsx, sheet arms, row 2, column therapy",
    } <= places
    assert update_review.files(review) == before


def test_a_table_that_is_open_elsewhere_is_named(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    Filled(review, "okonkwo2004").set("arms", 2, n_female=3)
    (review / "data/raw/.~lock.arms.csv#").write_bytes(b"")
    with pytest.raises(ReviewError, match=r"data/raw/arms.csv: the file is open in a spreadsheet"):
        _take(review)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (lambda b: b[: len(b) // 2], "damaged: it was saved or copied only in part"),
        (lambda b: b"", "the file is empty"),
        (lambda b: b"\xd0\xcf\x11\xe0" + b, r"an old workbook \(XLS\) or one with a password"),
        (lambda b: b"study_id,arm_id\n", "no XLSX workbook"),
        (lambda b: b.replace(b"xl/workbook.xml", b"xl/workbook.xmk"), "saved only in part"),
    ],
)
def test_half_saved_forms_are_named(tmp_path: Path, content: Any, told: str) -> None:
    review = update_review.copy(tmp_path)
    filled = Filled(review)
    filled.path.write_bytes(content(filled.path.read_bytes()))
    with pytest.raises(ReviewError, match=told) as caught:
        _take(review)
    assert caught.value.problems[0].file == "form.xlsx"
    (tmp_path / "~$form.xlsx").write_bytes(b"x")
    with pytest.raises(ReviewError, match="open in a spreadsheet"):
        _take(review)


def test_sheets_and_columns_that_no_table_has(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    filled = Filled(review, "okonkwo2004")
    filled.book["arms"].title = "arm"
    filled.book["studies"].cell(1, 2).value = "first_autor"
    filled.book.save(filled.path)
    with pytest.raises(ReviewError) as caught:
        _take(review)
    told = "\n".join(str(p) for p in caught.value.problems)
    assert "did you mean `arms`" in told
    assert "did you mean `first_author`" in told


def test_the_same_row_twice(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    filled = Filled(review, "okonkwo2004")
    filled.set("arms", 3, study_id="okonkwo2004", arm_id="a")
    with pytest.raises(ReviewError, match="the same study_id and arm_id as in row 2"):
        _take(review)


def test_a_second_extraction_by_form(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path, second=False)
    assert agreement.lines(agreement.compare(review, ROOT))[0].startswith(
        "No study has been extracted a second time"
    )
    filled = Filled(review, "okonkwo2004", second=True)
    ids = [c.value for c in filled.book["arms"][2]]
    assert ids[:2] == ["okonkwo2004", "a"]
    assert not any(ids[2:])
    assert "records" not in filled.book.sheetnames
    for sheet in ("outcomes", "appraisals", "studies", "participants"):
        filled.book[sheet].delete_rows(2, 40)
    filled.set("arms", 2, therapy="salicylic_acid", n_patients=21)
    before = update_review.files(review)
    assert second_form.take_in(review, ROOT, filled.path) == ["data/raw/second/arms.csv: 1 row"]
    after = update_review.files(review)
    assert {f for f in after if after[f] != before.get(f)} == {"second/arms.csv"}
    assert second_form.take_in(review, ROOT, filled.path) == ["data/raw/second/arms.csv: 1 row"]
    assert update_review.files(review) == after
    found = agreement.compare(review, ROOT)
    assert ("n_patients", "22", "21") in [(d.field, d.first, d.second) for d in found.open]
    filled.set("arms", 2, therapy="salt")
    with pytest.raises(
        ReviewError, match=r"form\.xlsx, sheet arms, row 2, column therapy: not an allowed code"
    ):
        second_form.take_in(review, ROOT, filled.path)


def test_the_commands(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path / "review")

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "livingreview", *words, "--directory", str(review)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    done = call("template", "--study", "okonkwo2004", "--output", "form.xlsx")
    assert done.returncode == 0, done.stderr
    assert form_reading.read(tmp_path / "form.xlsx", dataset.load(review, ROOT).schemas).sheets["arms"].rows
    assert call("import-xlsx", "form.xlsx").stdout == "The form changes nothing.\n"
    assert "there is a file of this name" in call("template", "--output", "form.xlsx").stderr
    assert "--second needs --study" in call("template", "--second").stderr
