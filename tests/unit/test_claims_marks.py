"""Numbers within sentences: marked where they are composed, claims of their own once added, and none without."""

from __future__ import annotations

import re
from pathlib import Path

import claims_review as review
import pytest

from livingreview.claims import marks, printed, wording
from livingreview.claims.check import check, check_texts, names_in, uncovered
from livingreview.claims.marks import UNMARKED, Marks
from livingreview.claims.model import Claims
from livingreview.claims.words import lower_first
from livingreview.errors import ReviewError

NB = wording.NBSP
M = Marks("laser.x", "Symptoms", "lesion")


def added(text: str, **others: int) -> Claims:
    claims = Claims()
    claims.add("review.confidence", 0.95, f"95{NB}%", unit="per cent", definition="level")
    for key, value in others.items():
        claims.add(key.replace("__", "."), value, str(value), definition="a number")
    claims.add("a.sentence", None, text, unit="text", definition="a sentence", studies=["s1"])
    return claims


def test_marks_print_what_the_wording_prints() -> None:
    given = (17, 21, 0.58, 0.95, 0.95, "areas")
    assert marks.plain(M.estimate(*given)) == UNMARKED.estimate(*given) == wording.estimate(*given)
    assert marks.plain(M.range(0.58, 0.95)) == wording.percent_range(0.58, 0.95)
    assert marks.plain(M.span(-6, -1)) == wording.span(-6, -1) == UNMARKED.span(-6, -1)
    assert marks.plain(M.studies("k", 0)) == "no studies"
    assert UNMARKED("n", 1234) == "1,234"


def test_a_sentence_becomes_claims_and_parts() -> None:
    claims = added(wording.sentence(M.estimate(17, 21, 0.581, 0.946, 0.95)))
    sentence = claims["a.sentence"]
    assert marks.OPEN not in sentence.text and sentence.text.startswith("17 of 21 (81")
    names = ["events", "total", "percent", "lower", "upper"]
    assert sentence.parts == [
        *(f"laser.x.{n}" for n in names[:3]),
        "review.confidence",
        *(f"laser.x.{n}" for n in names[3:]),
    ]
    assert claims["laser.x.lower"].value == 0.581
    assert claims["laser.x.lower"].text == f"58{NB}%"
    assert claims["laser.x.events"].definition == "Symptoms: units counted"
    assert claims["laser.x.events"].studies == ("s1",)
    for part in sentence.marked:
        assert sentence.text[part.start : part.end] == part.printed
    assert claims.implied == {f"laser.x.{n}" for n in names}
    # prose must not hang on numbers that come and go with a sentence
    assert "laser" not in claims.nested()


def test_markup_names_each_number() -> None:
    claims = added(f"From {M.studies('k', 3)}.")
    assert claims["a.sentence"].markup() == 'From [3]{data-claim="laser.x.k"} studies.'
    assert claims["review.confidence"].markup() == f'[95{NB}%]{{data-claim="review.confidence"}}'


def test_the_first_letter_is_behind_the_mark() -> None:
    assert marks.plain(wording.sentence(M.studies("k", 0))) == "No studies."
    assert marks.plain(lower_first(f"{M('k', 0, 'None')} of them")) == "none of them"


def test_one_key_has_one_value() -> None:
    with pytest.raises(ReviewError, match=r"prints 4 for `laser\.x\.k`, which is 3"):
        added(f"{M('k', 3)} and {M('k', 4)}")
    with pytest.raises(ReviewError, match="prints 5 for"):
        added(f"{M('n', 5)}", laser__x__n=4)


def test_numbers_in_words_are_claims_too() -> None:
    claims = added(f"the {M('k', 1, 'one')} study, {M('n', 0, 'none')} of them")
    assert [claims[f"laser.x.{n}"].text for n in ("k", "n")] == ["1", "0"]


def test_a_results_own_sentence_is_matched_in_order() -> None:
    facts = [
        ("estimated", 2, "estimated"),
        ("declared", 8, "declared"),
        ("same", 2, "same data"),
        ("low", 0.18, "limit"),
    ]
    text = f"2 of 8 could be estimated; two of them differ (18{NB}%, 9)."
    claims = added(M.within(text, facts))
    assert claims["a.sentence"].text == text
    assert claims["a.sentence"].parts == [f"laser.x.{n}" for n in ("estimated", "declared", "same", "low")]


def test_the_gate_refuses_a_number_that_is_no_part() -> None:
    documents = review.sources().documents
    check(
        added(f"From {M.studies('k', 3)} by Smith 2020, “about 7”, a one-stage model."),
        documents,
        ["Smith 2020"],
    )
    with pytest.raises(ReviewError, match="prints the number 12, which is no claim"):
        check(added("From 12 studies."), documents, [])
    with pytest.raises(ReviewError, match="prints the number 2020"):
        check(added("Smith 2020 did."), documents, [])
    with pytest.raises(ReviewError, match=r"`b\.c`, which is no claim"):
        check(added(M.other("b.c", "3")), documents, [])
    with pytest.raises(ReviewError, match="prints 95"):
        check(added(M.other("review.confidence", f"90{NB}%")), documents, [])


def test_captions_are_checked_and_their_numbers_named() -> None:
    documents, claims = review.sources().documents, added("nothing")
    caption = f": With {marks.level(0.95)} intervals. {{#tbl-a2}}"
    check_texts({"tables/a.md": f"| 4 |\n\n{caption}"}, claims, documents, [])
    assert 'With [95\u00a0%]{data-claim="review.confidence"} intervals' in marks.spanned(caption)
    with pytest.raises(ReviewError, match=r"tables/a\.md prints the number 9"):
        check_texts({"tables/a.md": ": With 9 intervals."}, claims, documents, [])


def test_uncovered_leaves_quantifiers_and_quotations() -> None:
    assert [t.text for t in uncovered("12 “13” all of them", [(0, 2)], re.compile("(?!)"))] == []


def test_only_printed_claims_count_for_a_document(tmp_path: Path) -> None:
    claims = added(f"From {M.studies('k', 3)}.", other__n=7).to_json()
    page = tmp_path / "a.qmd"
    page.write_text("{{< var a.sentence >}}", encoding="utf-8")
    caption = marks.spanned(f": {marks.level(0.95)}")
    keys = printed.printed(page, claims, [caption])
    assert keys == ["a.sentence", "laser.x.k", "review.confidence"]
    records = {key: {"d": claims[key]["definition"]} for key in claims}
    before = printed.digests(keys, claims, records)
    claims["other.n"]["text"] = "8"
    assert printed.digests(keys, claims, records) == before
    claims["review.confidence"]["text"] = "90 %"
    after = printed.digests(keys, claims, records)
    assert after["_variables.yml"] != before["_variables.yml"]
    assert after["_built/claims.json"] == before["_built/claims.json"]
    assert printed.printed(tmp_path / "gone.qmd", claims, []) is None


def test_names_from_the_tables_may_hold_numbers() -> None:
    results = {"harms": {"rows": [{"category": "grade 2 burn", "events": 3, "label": "Smith 2020"}]}}
    assert names_in(results) == {"grade 2 burn", "Smith 2020"}
    documents = review.sources().documents
    claims = added(f"Grade 2 burn {M('events', 3)} of {M('total', 9)} (Smith 2020).")
    check(claims, documents, names_in(results))
    with pytest.raises(ReviewError, match="number 2, which is no claim"):
        check(claims, documents, ["Smith 2020"])
