"""Two extractions: coefficients against published and hand-computed values, differences, adjudication, what is blocked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import update_review
from hypothesis import given
from hypothesis import strategies as st

from livingreview.claims import marks
from livingreview.errors import ReviewError
from livingreview.extraction import agreement, dataset
from livingreview.extraction.agreement_measures import ac1, kappa, observed
from livingreview.slices import Review
from livingreview.supplement import agreement as printed
from livingreview.tables import agreement as table

ROOT = update_review.ROOT
HEAD = "row,field,first,second,value,reason,adjudicator,date\n"


def _pairs(both: int, first: int, second: int, neither: int) -> list[tuple[str, str]]:
    return [("a", "a")] * both + [("a", "b")] * first + [("b", "a")] * second + [("b", "b")] * neither


def test_published_example_of_high_agreement() -> None:
    """Gwet (2002, Statistical Methods for Inter-Rater Reliability Assessment 1): 118, 5, 2, 0: kappa −0.0234, AC1 0.941."""
    pairs = _pairs(118, 5, 2, 0)
    assert observed(pairs) == pytest.approx(0.944)
    assert kappa(pairs) == pytest.approx(-0.0234, abs=5e-5)
    assert ac1(pairs) == pytest.approx(0.9408, abs=5e-5)


def test_textbook_example_of_kappa() -> None:
    """20, 5, 10, 15 of 50: observed 0.7, by chance 0.5, so kappa 0.4; AC1 by hand: π = 0.55, chance 0.495."""
    pairs = _pairs(20, 5, 10, 15)
    assert kappa(pairs) == pytest.approx(0.4)
    assert ac1(pairs) == pytest.approx((0.7 - 0.495) / (1 - 0.495))


def test_three_categories_by_hand() -> None:
    # agree 4 of 6; first: a3 b2 c1, second: a2 b3 c1; kappa chance (6 + 6 + 1)/36; AC1 means 5/12, 5/12, 2/12 over 2
    pairs = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("b", "c"), ("c", "b")]
    agreed = 3 / 6
    assert observed(pairs) == pytest.approx(agreed)
    first, second = {"a": 3, "b": 2, "c": 1}, {"a": 2, "b": 3, "c": 1}
    chance = sum(first[c] * second[c] for c in "abc") / 36
    assert kappa(pairs) == pytest.approx((agreed - chance) / (1 - chance))
    assert chance == pytest.approx(13 / 36)
    guess = (5 / 12 * 7 / 12 + 5 / 12 * 7 / 12 + 2 / 12 * 10 / 12) / 2
    assert ac1(pairs) == pytest.approx((agreed - guess) / (1 - guess))


def test_not_defined() -> None:
    assert (observed([]), kappa([]), ac1([])) == (None, None, None)
    assert (kappa([("a", "a")] * 3), ac1([("a", "a")] * 3)) == (None, None)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_raters_are_alike_and_nothing_is_above_one(pairs: list[tuple[str, str]]) -> None:
    turned = [(b, a) for a, b in pairs]
    for measure in (observed, kappa, ac1):
        value, other = measure(pairs), measure(turned)
        assert value == other or value == pytest.approx(other)
        assert value is None or value <= 1 + 1e-12


def _review(folder: Path, **edits: tuple[str, str]) -> Path:
    """The synthetic review with two extractions of okonkwo2004, the second with some edits."""
    review = update_review.copy(folder, second=False)
    for name in ("studies", "arms", "outcomes", "appraisals"):
        head, *rows = update_review.table(review, name).read_text(encoding="utf-8").splitlines()
        path = review / f"data/raw/second/{name}.csv"
        path.parent.mkdir(exist_ok=True)
        text = "\n".join([head, *(r for r in rows if r.startswith("okonkwo2004,"))]) + "\n"
        path.write_text(text.replace(*edits[name]) if name in edits else text, encoding="utf-8")
    return review


def _adjudicate(review: Path, *rows: str) -> None:
    update_review.table(review, "adjudications").write_text(
        HEAD + "".join(f"{r}\n" for r in rows), encoding="utf-8"
    )


def test_the_same_twice(tmp_path: Path) -> None:
    found = agreement.compare(_review(tmp_path), ROOT)
    assert (found.studies, found.differences) == (["okonkwo2004"], [])
    assert found.overall is not None
    assert (found.overall.percent, found.overall.n > 20) == (1.0, True)
    assert agreement.blocking(tmp_path, ROOT) == []


def test_differences_block_what_uses_them_and_nothing_else(tmp_path: Path) -> None:
    review = _review(tmp_path, arms=(",22,,0,", ",21,,0,"))
    found = agreement.compare(review, ROOT)
    (d,) = found.open
    assert (d.row, d.field, d.first, d.second) == ("arms:okonkwo2004:a", "n_patients", "22", "21")
    (told,) = agreement.blocking(review, ROOT)
    assert told.place == "data/raw/arms.csv, row 3, column n_patients"
    assert "results, figures and statements of Salicylic acid" in told.message
    assert "Cryotherapy" not in told.message
    assert "22 (first), 21 (second)" in str(told)


def test_notes_and_free_text_are_nobodys_dispute(tmp_path: Path) -> None:
    review = _review(tmp_path, arms=("plaster, changed daily", "in other words"))
    assert agreement.compare(review, ROOT).differences == []


def test_a_difference_that_no_output_shows_blocks_nothing(tmp_path: Path) -> None:
    """Arms of a report that was excluded are in no output."""
    review = _review(tmp_path)
    second = review / "data/raw/second/arms.csv"
    row = next(
        r
        for r in update_review.table(review, "arms").read_text(encoding="utf-8").splitlines()
        if r.startswith("rossi2005,")
    )
    second.write_text(
        second.read_text(encoding="utf-8") + row.replace("oral_zinc", "untreated") + "\n", encoding="utf-8"
    )
    (tmp_path / "data/raw/second/studies.csv").unlink()
    (tmp_path / "data/raw/second/outcomes.csv").unlink()
    found = agreement.compare(review, ROOT)
    assert [(d.row, d.field) for d in found.open] == [("arms:rossi2005:a", "therapy")]
    assert agreement.blocking(review, ROOT) == []


def test_a_row_that_one_of_them_lacks(tmp_path: Path) -> None:
    review = _review(tmp_path)
    path = review / "data/raw/second/appraisals.csv"
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
    (d,) = agreement.compare(review, ROOT).open
    assert (d.field, d.first, d.second) == ("(row)", "present", "absent")
    assert len(agreement.blocking(review, ROOT)) == 1
    _adjudicate(review, f"{d.row},(row),present,absent,present,It is an item of the tool.,Zoë,2026-02-28")
    assert agreement.compare(review, ROOT).open == []


def test_adjudication_settles_and_agreement_stays_as_it_was(tmp_path: Path) -> None:
    review = _review(tmp_path, arms=(",22,,0,", ",22,,3,"))
    before = agreement.compare(review, ROOT)
    _adjudicate(review, "arms:okonkwo2004:a,n_female,0,3,3,Table 1 of the report.,Zoë,2026-02-28")
    (d,) = agreement.compare(review, ROOT).open
    assert d.why_open == "adjudicated as 3, but the table holds 0"
    update_review.replace(update_review.table(review, "arms"), ",22,,0,", ",22,,3,")
    after = agreement.compare(review, ROOT)
    assert after.open == []
    assert after.overall == before.overall
    assert [(x.first, x.second, x.value, x.settled) for x in after.differences] == [("0", "3", "3", True)]


def test_a_decision_for_the_first_value(tmp_path: Path) -> None:
    review = _review(tmp_path, arms=(",22,,0,", ",21,,0,"))
    before = agreement.compare(review, ROOT).overall
    _adjudicate(review, "arms:okonkwo2004:a,n_patients,22,21,22,Table 1 of the report.,Zoë,2026-02-28")
    after = agreement.compare(review, ROOT)
    assert (after.open, after.overall) == ([], before)
    assert agreement.blocking(review, ROOT) == []
    second = review / "data/raw/second/arms.csv"
    update_review.replace(second, ",21,,0,", ",20,,0,")
    (d,) = agreement.compare(review, ROOT).open
    assert "the second extraction has changed since" in d.why_open


def test_slips_are_told(tmp_path: Path) -> None:
    review = _review(tmp_path, arms=(",22,,0,", ",many,,0,"))
    _adjudicate(review, "arms:okonkwo2004:a,n_patient,22,21,22,,Zoë,2026-02-28")
    (review / "data/raw/second/arm.csv").write_text("study_id\n")
    with pytest.raises(ReviewError) as caught:
        dataset.load(review, ROOT)
    told = {(p.file, p.column) for p in update_review.refused(caught.value)}
    assert told == {
        ("data/raw/second/arms.csv", "n_patients"),
        ("data/raw/adjudications.csv", "reason"),
        ("data/raw/second/arm.csv", ""),
    }
    (review / "data/raw/second/arm.csv").unlink()
    update_review.replace(review / "data/raw/second/arms.csv", ",many,,0,", ",21,,0,")
    _adjudicate(review, "arms:okonkwo2004:a,n_patient,22,21,22,x,Zoë,2026-02-28")
    (stray,) = agreement.compare(review, ROOT).problems
    assert "did you mean `n_patients`" in stray.suggestion
    update_review.replace(review / "data/raw/second/arms.csv", "okonkwo2004,", "okonkwo2040,")
    with pytest.raises(ReviewError, match="there is no such study in studies"):
        dataset.load(review, ROOT)


def test_what_the_supplement_prints() -> None:
    def part(review: Path) -> str:
        found: dict[str, Any] = printed(Review(dataset.load(review, ROOT)))
        return marks.plain(table.part(found))

    assert part(ROOT) == f"{table.NONE}\n"
    text = part(update_review.SYNTHETIC)
    assert "2 studies were extracted a second time, independently: Lindqvist 1998 and Okonkwo 2004." in text
    assert "They differ in 3, of which 0 wait for adjudication." in text
    assert "{#tbl-agreement}" in text
    assert "A slip in the second extraction" in text
