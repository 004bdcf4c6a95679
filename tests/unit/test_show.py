"""Tables of notebooks: missing is said, codes become words, nothing is lost or cut."""

from __future__ import annotations

from livingreview import show

PROTOCOL = {
    "units": {"patient": {"singular": "patient", "plural": "patients"}},
    "constructs": {"nodule": "Nodule"},
    "outcomes": [{"code": "pain", "name": "Pain", "kind": "score"}],
    "confidence_level": 0.95,
}
ESTIMATE = {
    "events": 2,
    "total": 3,
    "value": 2 / 3,
    "lower": 0.0943,
    "upper": 0.9916,
    "level": 0.95,
    "sided": 2,
}


def test_missing_is_not_reported_and_zero_is_zero() -> None:
    shown = show.table([{"a": "x", "b": None, "c": 0, "d": 0.0}], {"a": "A", "b": "B", "c": "C", "d": "D"})
    assert list(shown.loc["x"]) == ["not reported", "0", "0"]


def test_a_blank_column_stays_empty_where_nothing_is_to_be_said() -> None:
    shown = show.table(
        [{"a": "x", "b": None}, {"a": "y", "b": "because"}], {"a": "A", "b": "B"}, blank=("b",)
    )
    assert list(shown["B"]) == ["", "because"]


def test_no_rows_say_no_data() -> None:
    assert list(show.table([], {"a": "A", "b": "B"}).index) == ["no data"]
    assert list(show.table([], {"a": "A"})["A"]) == ["no data"]


def test_codes_become_words_and_nested_values_are_reached() -> None:
    names = show.words(PROTOCOL)
    shown = show.table([{"u": "patient", "n": {"c": ["nodule", "pain"]}}], {"u": "Unit", "n.c": "On"}, names)
    assert shown.index[0] == "patients"
    assert shown["On"].iloc[0] == "Nodule, Pain"
    assert show.words(PROTOCOL, "constructs") == {"nodule": "Nodule"}


def test_estimates_are_told_with_their_limits() -> None:
    assert show.cell(ESTIMATE) == "67 % (9 % to 99 %, 95 % interval)"
    none = {**ESTIMATE, "events": 0, "value": 0.0, "lower": 0.0, "upper": 0.632, "sided": 1}
    assert show.cell(none) == "0 % (at most 63 % by a one-sided 95 % limit)"
    everybody = {**ESTIMATE, "events": 3, "value": 1.0, "lower": 0.368, "upper": 1.0, "sided": 1}
    assert show.cell(everybody) == "100 % (at least 37 % by a one-sided 95 % limit)"


def test_numbers_and_markup_stay_as_they_are() -> None:
    assert show.cell(2.5) == "2.5"
    assert show.cell(12.0) == "12"
    assert show.cell(True) == "yes"
    assert show.cell({"patient": 3}, show.words(PROTOCOL)) == "patients: 3"
    html = show.table([{"a": "<script>$x$", "b": "y" * 500}], {"a": "A", "b": "B"}).to_html()
    assert "&lt;script&gt;$x$" in html
    assert "y" * 500 in html
