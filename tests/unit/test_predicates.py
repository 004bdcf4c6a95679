"""The language of conclusions: what it can say, what it refuses, and what a missing value does."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingreview.protocol_predicates import PredicateError, evaluate, keys, parse

VALUES = {"a.n": 12, "a.lower": 0.55, "b.n": 0, "b.lower": None, "c.share": 0.25}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.n >= 10", True),
        ("a.n ≥ 10 and a.lower >= 50 %", True),
        ("a.lower >= 55%", True),
        ("a.lower > 55 %", False),
        ("c.share = 25 %", True),
        ("c.share != 25 %", False),
        ("a.n < 10 or b.n = 0", True),
        ("not a.n < 10", True),
        ("not (a.n >= 10 and b.n > 0)", True),
        ("10 <= a.n", True),
        ("b.n < a.n", True),
        ("b.lower >= 0.5", None),
        ("b.lower >= 0.5 and b.n > 0", False),
        ("b.lower >= 0.5 and a.n > 0", None),
        ("b.lower >= 0.5 or a.n > 0", True),
        ("not b.lower >= 0.5", None),
        ("a.n = 1 or a.n = 2 and b.n = 9", False),
    ],
)
def test_what_a_predicate_says(text: str, expected: bool | None) -> None:
    assert evaluate(parse(text), VALUES) is expected


def test_and_binds_before_or_and_not_before_both() -> None:
    assert evaluate(parse("a.n > 0 or a.n > 0 and b.n > 0"), VALUES) is True
    assert evaluate(parse("(a.n > 0 or a.n > 0) and b.n > 0"), VALUES) is False
    assert evaluate(parse("not b.n > 0 and a.n > 0"), VALUES) is True


@pytest.mark.parametrize("word", ["and", "or"])
def test_kleene_tables(word: str) -> None:
    said = {True: "a.n > 0", False: "b.n > 0", None: "b.lower > 0"}
    for left, right in product(said, repeat=2):
        expected = {
            "and": False if False in (left, right) else None if None in (left, right) else True,
            "or": True if True in (left, right) else None if None in (left, right) else False,
        }[word]
        assert evaluate(parse(f"{said[left]} {word} {said[right]}"), VALUES) is expected


def test_keys_in_the_order_of_the_text() -> None:
    assert keys(parse("b.n > 1 and (a.n > b.n or not c.share < 3)")) == ["b.n", "a.n", "c.share"]


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("", 1, "ends"),
        ("a.n", 4, "must follow"),
        ("a.n >=", 7, "ends"),
        ("a.n >= 10 and", 14, "ends"),
        ("a.n >= 10 b.n > 2", 11, "not expected"),
        ("(a.n > 1", 9, "bracket"),
        ("a.n > 1)", 8, "not expected"),
        ("n > 1", 1, "no claim"),
        ("1 < 2", 6, "two numbers"),
        ("a.n > 1 < 3", 9, "not expected"),
        ("__import__('os').system('x')", 1, "no meaning"),
        ("a.n > 1; b.n", 8, "no meaning"),
        ("a.n > -1", 7, "no meaning"),
        ("and a.n > 1", 1, "must stand here"),
        ("A.n > 1", 1, "no meaning"),
        ("(" * 80 + "a.n > 1" + ")" * 80, 52, "too many"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, place: int, word: str) -> None:
    with pytest.raises(PredicateError) as error:
        parse(text)
    assert error.value.place == place
    assert word in str(error.value)


def test_an_unknown_key_is_an_error_and_not_a_missing_value() -> None:
    with pytest.raises(KeyError):
        evaluate(parse("a.nn > 1"), VALUES)


def test_the_last_bit_does_not_decide() -> None:
    assert evaluate(parse("a.x >= 30 %"), {"a.x": 0.1 + 0.2 - 1e-16}) is True
    assert evaluate(parse("a.x = 30 %"), {"a.x": 0.1 + 0.2}) is True


@given(st.text(alphabet="abn.0 1()<>=!%andort", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except PredicateError as error:
        assert 1 <= error.place <= len(text) + 1
        return
    assert evaluate(found, dict.fromkeys(keys(found), 1)) in (True, False)
    assert evaluate(found, dict.fromkeys(keys(found))) in (True, False, None)
