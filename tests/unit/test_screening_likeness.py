from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from screening_data import record

from livingreview.screening import likeness


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Lee HY", "Lee", "agrees"),
        ("Lee HY", "Lee H", "agrees"),
        ("Lee HY", "Lee JS", "conflicts"),
        ("Pérez-Moreno, M.", "Perez-Moreno", "agrees"),
        ("Del Castillo-González", "Castillo-Gonzalez", "agrees"),
        ("Ben Fatma", "Fatma", "agrees"),
        ("E", "E", "agrees"),
        ("Kim", "Park", "conflicts"),
        ("Kim", None, "unknown"),
        ("O'Neil", "O’Neil", "agrees"),
        ("Łuczak", "Luczak", "agrees"),
    ],
)
def test_authors(first: str, second: str | None, expected: str) -> None:
    assert likeness.authors(record(author=first), record(author=second)) == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Arch Dermatol", "Archives of Dermatology", "agrees"),
        ("Clin Exp Dermatol", "Clinical and Experimental Dermatology", "agrees"),
        ("Actas Dermosifiliogr", "Actas Dermo-Sifiliográficas", "agrees"),
        ("Rheumatology (Oxford)", "Rheumatology", "agrees"),
        ("J Clin Aesthet Dermatol", "Journal of Clinical and Aesthetic Dermatology", "agrees"),
        ("JNMA: Journal of the Nepal Medical Association", "J Nepal Med Assoc", "agrees"),
        ("PNAS", "Primary Notes on Art and Science", "agrees"),
        ("Arch Dermatol", "Archives of Surgery", "conflicts"),
        ("medRxiv", "Archives of Surgery", "conflicts"),
        ("Arch Dermatol", None, "unknown"),
    ],
)
def test_journals(first: str, second: str | None, expected: str) -> None:
    assert likeness.journals(record(journal=first), record(journal=second)) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(2020, 2020), ("2020", 2020), ("2020-05", 2020), ("n.d.", None), (None, None)]
)
def test_year(value: object, expected: int | None) -> None:
    assert likeness.year({"year": value}) == expected


@given(st.text(max_size=80), st.text(max_size=80))
def test_likeness_is_symmetric_and_never_fails(first: str, second: str) -> None:
    assert likeness.titles(first, second) == likeness.titles(second, first)
    same = likeness.titles(first, first)
    assert same is not None
    assert same.kind == "same"
    likeness.is_placeholder(first)
    assert likeness.authors({"first_author": first}, {"first_author": second}) == likeness.authors(
        {"first_author": second}, {"first_author": first}
    )
