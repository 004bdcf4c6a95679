"""What counts as a number in running text."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from livingreview.claims.numbers import tokens

FOUND = {
    "12 of 1,234 patients (81 %, exact 95 % interval 58–95 %)": ["12", "1,234", "81", "95", "58", "95"],
    "from −6 to −1.5, version 2026.11": ["−6", "−1.5", "2026.11"],
    "range 2–24 and CO₂ with I²": ["2", "24", "₂", "²"],
    "twenty-one patients and forty five lesions": ["twenty-one", "forty five"],
    "one hundred and two records": ["one hundred and two"],
    "Three studies, two thirds of them small": ["Three", "two thirds"],
    "a third of the patients, a quarter of them": ["a third", "a quarter"],
    "a third reviewer and a second one": [],
    "half of the patients responded": ["half"],
    "Most studies were small": ["Most"],
    "both arms, all of them": ["both", "all"],
    "None of these responded; none was harmed": ["None", "none"],
    "The patients all improved and the reports are both small": ["all", "both"],
    "at all, most severe, second to none, half-life": [],
    "above all, what matters most. Patients differ": [],
    "described one by one, with one another": [],
    "the one used is named; the one patient seen": ["one"],
    "one of the lesions": ["one"],
    "No study says so; no one knows": [],
    "Most improved. Half responded, of whom all were women, and both had relapsed": [
        "Most",
        "Half",
        "all",
        "both",
    ],
    "the remaining half; the other half": ["half", "half"],
    "**Conclusions.** Half responded.": ["Half"],
    "the most affected hand, a most unexpected turn, is most needed": [],
    "once, twice and a dozen times": ["once", "twice", "dozen"],
    "a hundred records": ["a hundred"],
}


@pytest.mark.parametrize(("text", "expected"), FOUND.items())
def test_finds_numbers_and_nothing_else(text: str, expected: list[str]) -> None:
    assert [t.text for t in tokens(text)] == expected
    assert all(text[t.start : t.end] == t.text for t in tokens(text))


def test_values() -> None:
    def values(text: str) -> list[object]:
        return [t.value for t in tokens(text)]

    assert values("1,234 and −2.5") == [Decimal(1234), Decimal("-2.5")]
    assert values("one hundred and two thousand and five") == [Decimal(102005)]
    assert values("two quarters, half of them, ½") == [Fraction(2, 4), Fraction(1, 2), Fraction(1, 2)]
    assert values("all of them and both of them") == [None, Decimal(2)]


def test_a_reviews_own_units_are_countable() -> None:
    assert tokens("most gadgets broke") == []
    assert [t.text for t in tokens("most gadgets broke", ["gadget"])] == ["most"]


def test_the_word_around_a_number() -> None:
    assert [t.word for t in tokens("a CO₂ laser (two-step), S3.")] == ["CO₂", "two-step", "S3"]
