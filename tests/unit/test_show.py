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
    rows = [{"unit": "patient", "n": {"construct": ["nodule"]}, "outcomes": "pain"}]
    columns = {"unit": "Unit", "n.construct": "On", "outcomes": "Outcome"}
    shown = show.table(rows, columns, names)
    assert shown.index[0] == "patients"
    assert list(shown.iloc[0]) == ["Nodule", "Pain"]
    assert show.words(PROTOCOL, "constructs") == {"constructs": {"nodule": "Nodule"}}


def test_a_code_means_what_it_means_in_its_own_column() -> None:
    protocol = {
        "source_kinds": {"secondary": "Secondary source", "above": "From above"},
        "designs": {"secondary": "Analysis of other data"},
        "therapies": [{"code": "heat", "name": "Heat"}],
    }
    row = {"label": "secondary", "role": "secondary", "source_kind": "secondary", "design": "secondary", "n": {"heat": 2}}  # fmt: skip
    row["state"] = "above"
    columns = {k: k for k in ("label", "role", "source_kind", "design", "n", "state")}
    shown = show.table([row], columns, show.words(protocol), codes={"n": "therapies"})
    assert shown.index[0] == "secondary"  # free text is no code
    assert list(shown.iloc[0]) == [
        "Secondary",
        "Secondary source",
        "Analysis of other data",
        "Heat: 2",
        "above it",
    ]


def test_what_was_not_computed_is_not_called_unreported() -> None:
    row = {"a": "x", "b": None, "c": None, "d": None}
    shown = show.table([row], {k: k for k in row}, computed=("b",), shares=("c",))
    assert list(shown.iloc[0]) == ["not estimated", "not estimated", "not reported"]


def test_only_computed_numbers_are_rounded() -> None:
    long = 0.9641152904
    row = {
        "a": "x",
        "reported": 12.3456789,
        "p": 1e-9,
        "slope": -0.123456,
        "q": 12345.678,
        "k": 12345,
        "share": long,
    }
    shown = show.table([row], {k: k for k in row}, computed=("p", "slope", "q", "k"), shares=("share",))
    assert list(shown.iloc[0]) == ["12.3456789", "<0.001", "\N{MINUS SIGN}0.123", "12346", "12345", "96 %"]
    shown = show.table([{"a": "x", "b": long, "c": -1e-9, "d": 0.0}], {k: k for k in "abcd"}, computed="bcd")
    assert list(shown.iloc[0]) == ["0.964", ">\N{MINUS SIGN}0.001", "0"]


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
    assert show.cell({"patient": 3}, show.words(PROTOCOL)["units"]) == "patients: 3"
    html = show.table([{"a": "<script>$x$", "b": "y" * 500}], {"a": "A", "b": "B"}).to_html()
    assert "&lt;script&gt;$x$" in html
    assert "y" * 500 in html
