"""A study from one file: all its rows or none, what need not be typed is filled in, problems name the line."""

from __future__ import annotations

from pathlib import Path

import pytest
import update_review

from livingreview.errors import ReviewError
from livingreview.extraction import dataset
from livingreview.extraction.writing import Change, apply
from livingreview.update import study_file

ROOT = update_review.ROOT
STUDY = """\
study:
  study_id: berg2025
  first_author: Berg
  year: 2025
  title: Freezing in ten curlers
  journal: Synthetic Journal of Sports Podiatry
  doi: 10.5555/synthetic.2025.99
  country: Norway
  design: series
  source_url: https://example.org/berg2025
  source_kind: paper
  eligibility: included
  unverified_criteria: [sport of every athlete, warts on the sole only]
records: {stream: freezing}
arms:
  - {arm_id: a, therapy: cryotherapy, agent_detail: "liquid nitrogen, twice", n_patients: 10, n_lesions: 14}
outcomes:
  - {outcome_id: o1, outcome: clearing, construct: skin, unit: patient, category: complete, events: 6, total: 10, basis: results_section}
  - {outcome_id: o2, outcome: clearing, construct: skin, unit: patient, category: partial, events: 2, total: 10, basis: results_section}
participants:
  - {patient_id: p1, sex: F, age: 20}
appraisals:
  - {tool: synthetic_series, item_number: 1, judgement: "yes", reason: Said.}
  - {tool: synthetic_series, item_number: 2, judgement: "yes", reason: Said.}
  - {tool: synthetic_series, item_number: 3, judgement: unclear, reason: Not told.}
  - {tool: synthetic_series, item_number: 4, judgement: "no", reason: Said.}
"""


def _add(review: Path, text: str = STUDY) -> list[str]:
    path = review / "berg2025.yaml"
    path.write_text(text, encoding="utf-8")
    return study_file.add(review, ROOT, path).lines()


def test_all_rows_of_a_study_and_nothing_else(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    before = update_review.files(review)
    said = _add(review)
    assert "data/raw/appraisals.csv: 4 rows added" in said
    after = update_review.files(review)
    new = {f: rows for f in after if (rows := update_review.added(before[f], after[f]))}
    assert set(new) == {
        "studies.csv", "arms.csv", "outcomes.csv", "participants.csv", "appraisals.csv", "search/records_freezing.csv",
    }  # fmt: skip
    assert new["arms.csv"][0].startswith('berg2025,a,cryotherapy,"liquid nitrogen, twice",')
    assert new["search/records_freezing.csv"] == [
        "berg2025,berg2025,published,Freezing in ten curlers,Berg,2025,Synthetic Journal of Sports Podiatry,"
        "10.5555/synthetic.2025.99,,https://example.org/berg2025,include,full_text,"
    ]
    assert [row.split(",")[3] for row in new["appraisals.csv"]] == [
        "Rules of inclusion", "All athletes counted", "Warts counted alike", "Time told",
    ] or all(row.split(",")[3] for row in new["appraisals.csv"])  # fmt: skip
    data = dataset.load(review, ROOT)
    person = next(r for r in data.tables["participants"] if r["study_id"] == "berg2025")
    assert (person["arm_id"], person["therapy"]) == ("a", "cryotherapy")
    study = next(r for r in data.tables["studies"] if r["study_id"] == "berg2025")
    assert study["unverified_criteria"] == "sport of every athlete; warts on the sole only"


def test_the_record_that_waited_becomes_the_one_of_the_study(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    before = update_review.files(review)
    _add(review, STUDY.replace("{stream: freezing}", "{stream: freezing, record_id: F13}"))
    old, new = (
        f["search/records_freezing.csv"].decode().splitlines() for f in (before, update_review.files(review))
    )
    changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    assert [b for _, b in changed] == [
        'F13,berg2025,described,"a page on freezing warts of athletes, cut off before the results",,,,,,https://example.org/F13,include,full_text,results not visible'
    ]


def test_other_records_included_without_a_study_do_not_stand_in_the_way(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    path = review / "data/raw/search/records_freezing.csv"
    text = path.read_text(encoding="utf-8")
    waits = "zz9,,published,A report that waits for its study,Roe,2024,,,,https://example.org/zz9,include,title_abstract,fits\n"
    path.write_text(text + waits, encoding="utf-8")
    said = _add(review)
    assert said[-1].endswith("until it has one: freezing/zz9")
    assert waits in path.read_text(encoding="utf-8")
    with pytest.raises(ReviewError, match="included at screening, but no study is named"):
        dataset.load(review, ROOT)


def test_a_record_of_the_file_needs_its_study_named(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    data = dataset.load(review, ROOT)
    row = next(r for r in data.tables["records"] if r["stream"] == "freezing" and r["decision"] == "exclude")
    change = Change(
        "records", (row["record_id"],), {"decision": "include", "study_id": ""}, stream="freezing"
    )
    with pytest.raises(ReviewError, match="included at screening, but no study is named"):
        apply(review, ROOT, [change])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("n_patients", "n_pateints", r"line 16: arms has no such column[\s\S]*did you mean `n_patients`"),
        ("outcomes:", "outcome:", r"line 17: no such section[\s\S]*did you mean `outcomes`"),
        ("therapy: cryotherapy", "therapy: cryoterapy", r"line 16, arms.therapy[\s\S]*did you mean `cryotherapy`"),
        ("n_patients: 10", "n_patients: 9", r"line 18, outcomes.total: more than the patients of arm a"),
        ("{stream: freezing}", "{stream: freezin}", r"line 14, records.stream[\s\S]*did you mean `freezing`"),
        ("{arm_id: a, ", "{", r"line 16, arms.arm_id: must not be empty"),
        ("outcome_id: o2", "outcome_id: o1", r"line 19, outcomes: the row stands twice \(first in 18\)"),
        ("study_id: berg2025", "study_id: okonkwo2004", r"line 1, study.study_id: the study is there already"),
        ("  year: 2025\n", "  year: [a\n", "not valid YAML"),
        ("  study_id: berg2025\n", "", "the study has no study_id"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_and_nothing_is_written(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    review = update_review.copy(tmp_path)
    before = update_review.files(review)
    with pytest.raises(ReviewError, match=told):
        _add(review, STUDY.replace(old, new, 1))
    assert update_review.files(review) == before


def test_all_problems_at_once(tmp_path: Path) -> None:
    review = update_review.copy(tmp_path)
    with pytest.raises(ReviewError) as caught:
        _add(review, STUDY.replace("n_patients: 10", "n_patients: ten").replace("events: 6", "events: 60"))
    assert len(update_review.refused(caught.value)) >= 2
    assert {p.file for p in update_review.refused(caught.value)} == {"berg2025.yaml"}


def test_an_interrupted_writing_leaves_the_tables_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from livingreview.extraction import writing

    review = update_review.copy(tmp_path)
    before = update_review.files(review)
    real, calls = writing.write_bytes, []

    def failing(path: Path, content: bytes) -> None:
        if path.is_relative_to(review):
            calls.append(path)
            if len(calls) == 3:
                raise failure
        real(path, content)

    monkeypatch.setattr(writing, "write_bytes", failing)
    for failure in (PermissionError(13, "Permission denied"), KeyboardInterrupt()):
        calls.clear()
        with pytest.raises(ReviewError if isinstance(failure, OSError) else KeyboardInterrupt):
            _add(review)
        assert len(calls) >= 4
        assert update_review.files(review) == before


def test_a_table_that_changes_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from livingreview.extraction import writing

    review = update_review.copy(tmp_path)
    arms = update_review.table(review, "arms")
    check = writing._validated

    def slow(*given: object) -> object:
        found = check(*given)  # type: ignore[arg-type]
        arms.write_bytes(arms.read_bytes() + b"x2020,a,cryotherapy\n")
        return found

    monkeypatch.setattr(writing, "_validated", slow)
    studies = update_review.table(review, "studies").read_bytes()
    with pytest.raises(
        ReviewError, match=r"data/raw/arms.csv: the table changed while it was being worked on"
    ):
        _add(review)
    assert update_review.table(review, "studies").read_bytes() == studies
    assert arms.read_bytes().endswith(b"x2020,a,cryotherapy\n")
