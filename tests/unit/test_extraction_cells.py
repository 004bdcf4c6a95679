"""One cell: what it means, and what to type instead."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from livingreview.extraction import spreadsheet
from livingreview.extraction.cells import NumberStyle, read_cell
from livingreview.extraction.schema import FieldSchema, load_schemas

SCHEMAS = load_schemas(Path(__file__).parents[2] / "data/schema")
STUDIES, ARMS = SCHEMAS["studies"].fields, SCHEMAS["arms"].fields
COUNT, AGE, DATE, PUBLISHED = (
    ARMS["n_patients"],
    ARMS["age_mean"],
    SCHEMAS["appraisals"].fields["date"],
    STUDIES["publication_date"],
)
YES = FieldSchema("yes", "boolean")


@pytest.mark.parametrize(
    ("spec", "text", "value", "note"),
    [
        (COUNT, "6", 6, ""),
        (COUNT, "0", 0, ""),
        (COUNT, "6.0", 6, "with decimals"),
        (COUNT, "6,0", 6, "decimal comma"),
        (AGE, "3.5", 3.5, ""),
        (AGE, "60.0", 60, ""),
        (AGE, "2,8", 2.8, "decimal comma"),
        (AGE, ".5", 0.5, ""),
        (AGE, "1E-02", 0.01, "scientific"),
        (SCHEMAS["outcomes"].fields["change"], "-67", -67, ""),
        (SCHEMAS["outcomes"].fields["change"], "−2.7", -2.7, "minus sign"),
        (STUDIES["year"], "1996", 1996, ""),
        (STUDIES["year"], "1996.0", 1996, "with decimals"),
        (STUDIES["pmid"], "27494629", "27494629", ""),
        (STUDIES["pmid"], "27494629.0", "27494629", "rewrote"),
        (STUDIES["pmid"], "27494629,0", "27494629", "rewrote"),
        (STUDIES["pmid"], "2.7494629E+07", "27494629", "rewrote"),
        (PUBLISHED, "2021", "2021", ""),
        (PUBLISHED, "2021-04", "2021-04", ""),
        (PUBLISHED, "2021-04-30", "2021-04-30", ""),
        (DATE, "2026-11-22", "2026-11-22", ""),
        (STUDIES["language"], "English", "en", "`English` was read as `en`"),
        (STUDIES["language"], "ENGLISH", "en", "`ENGLISH` was read as `en`"),
        (STUDIES["language"], "en", "en", ""),
        (STUDIES["country"], "Turkey", "Türkiye", "`Turkey` was read as `Türkiye`"),
        (STUDIES["title"], "-ray of hope", "-ray of hope", ""),
        (SCHEMAS["outcomes"].fields["p_value"], "<0.001", "<0.001", ""),
        (STUDIES["title"], "„UMLAUT Ä“ and Ångström, 5 µm", "„UMLAUT Ä“ and Ångström, 5 µm", ""),
        (YES, "TRUE", True, ""),
        (YES, "FALSCH", False, "own word"),
        (YES, "VRAI", True, "own word"),
    ],
)
def test_understood(spec, text, value, note):
    got, finding = read_cell(spec, text)
    assert (got, type(got)) == (value, type(value))
    assert (note in finding.message and not finding.error) if note else finding is None


@pytest.mark.parametrize(
    ("spec", "text", "message", "suggestion"),
    [
        # numbers
        (COUNT, "6.5", "not a whole number", ""),
        (COUNT, "-1", "outside the possible range", ""),
        (AGE, "121", "outside the possible range", ""),
        (AGE, "1,234", "thousands or decimals", "type 1234 or 1.234"),
        (COUNT, "1,234", "thousands or decimals", "type 1234"),
        (AGE, "1.234,5", "cannot be told apart", "with a decimal point"),
        (AGE, "1.234.567", "thousands or decimals", "type 1234567"),
        (AGE, "1 234", "spaces or marks", "type 1234"),
        (AGE, "1.0E+07", "last digits may be lost", "type it in full"),
        (AGE, "02. Aug", "turned the number into a date", "type the number again"),
        (AGE, "Feb-08", "turned the number into a date", "type the number again"),
        (AGE, "not reported", "not a number", "leave the cell empty"),
        (COUNT, "none", "not a number", "type 0 if the source says none"),
        (AGE, "NR", "not a number", "leave the cell empty"),
        (AGE, "-", "not a number", "leave the cell empty"),
        (AGE, "62 years", "with a unit", "type 62"),
        (AGE, "50%", "with a unit", "type 50"),
        (AGE, "<5", "not a number alone", "type 5"),
        (AGE, "3-5", "two numbers", "minimum and maximum"),
        (AGE, "9" * 400, "too large", ""),
        (AGE, "inf", "not a number", ""),
        (AGE, "٣", "not a number", ""),
        # years and dates
        (STUDIES["year"], "96", "not a year", ""),
        (STUDIES["year"], "01.04.2021", "a date where a year belongs", "type 2021"),
        (STUDIES["year"], "0996", "outside the possible range", ""),
        (PUBLISHED, "Apr-21", "turned the date into its own form", "type 2021-04,"),
        (PUBLISHED, "21-Apr", "turned the date into its own form", "type 2021-04,"),
        (PUBLISHED, "Apr 96", "turned the date into its own form", "type 1996-04,"),
        (PUBLISHED, "Mrz 21", "turned the date into its own form", "type 2021-03,"),
        (PUBLISHED, "01.04.2021", "turned the date into its own form", "type 2021-04-01 or 2021-01-04,"),
        (PUBLISHED, "04/2021", "turned the date into its own form", "type 2021-04,"),
        (PUBLISHED, "44317", "number of days", "type 2021-05-01,"),
        (PUBLISHED, "2021/04", "not written as a date", "type 2021-04,"),
        (PUBLISHED, "2021-4", "not written as a date", "type 2021-04,"),
        (PUBLISHED, "2021-04-31", "no such day", ""),
        (PUBLISHED, "2021-13", "not written as it must be", ""),
        (PUBLISHED, "soon", "not written as it must be", ""),
        (DATE, "22.11.2026", "its own form", "type 2026-11-22,"),
        (DATE, "11/12/2026", "its own form", "type 2026-12-11 or 2026-11-12,"),
        (DATE, "2026-11-22 00:00:00", "not written as a date", "type 2026-11-22,"),
        (DATE, "46348", "number of days", "type 2026-11-22,"),
        (DATE, "2026-02-30", "no such day", ""),
        (DATE, "2026-11", "not a date", ""),
        # identifiers and codes
        (STUDIES["pmid"], "1.0E+07", "last digits are lost", "formatted as text"),
        (STUDIES["pmid"], "2,75E+07", "last digits are lost", "formatted as text"),
        (STUDIES["pmid"], "PMID: 27494629", "not written as it must be", "type 27494629"),
        (STUDIES["pmid"], "2749462912", "not written as it must be", ""),
        (STUDIES["pmcid"], "3306811", "not written as it must be", ""),
        (STUDIES["doi"], "https://doi.org/10.1001/x.1", "not written as it must be", "type 10.1001/x.1"),
        (STUDIES["doi"], "10.1001", "not written as it must be", ""),
        (STUDIES["study_id"], "../../x", "not written as it must be", ""),
        (STUDIES["study_id"], "Smith2020", "not written as it must be", "type smith2020"),
        (STUDIES["study_id"], "_x", "not written as it must be", ""),
        (STUDIES["study_id"], "a\nb", "not written as it must be", ""),
        (ARMS["arm_id"], "01-Sep", "turned this into a date", "formatted as text"),
        (STUDIES["pages"], "03-May", "turned this into a date", "formatted as text"),
        (STUDIES["issue"], "2-Jan", "turned this into a date", "formatted as text"),
        (STUDIES["language"], "Klingon", "not written as it must be", ""),
        (STUDIES["eligibility"], "inclded", "not an allowed code", "`inclded`: did you mean `included`?"),
        (STUDIES["source_url"], "www.example.org", "not written as it must be", ""),
        # formulas, error values, damaged letters
        (STUDIES["title"], "=A1+B1", "takes it for a formula", "begin the text with a letter"),
        (STUDIES["title"], "@home", "takes it for a formula", "begin the text with a letter"),
        (AGE, "+5", "takes it for a formula", "type 5"),
        (AGE, "#REF!", "error value", "leave the cell empty"),
        (STUDIES["title"], "#NAME?", "error value", ""),
        (AGE, "#DIV/0!", "error value", ""),
        (AGE, "########", "error value", ""),
        (AGE, "#WERT!", "error value", ""),
        (STUDIES["country"], "TÃ¼rkiye", "letters were damaged", "type Türkiye"),
        (STUDIES["first_author"], "MÃ¼ller-Ã…kesson", "letters were damaged", "type Müller-Åkesson"),
        (STUDIES["title"], "a \ufffd b", "a letter was lost", ""),
        (YES, "maybe", "neither true nor false", ""),
    ],
)
def test_refused_with_what_to_do(spec, text, message, suggestion):
    got, finding = read_cell(spec, text)
    assert got is None
    assert finding is not None
    assert finding.error
    assert message in finding.message
    assert suggestion in finding.suggestion


def test_codes_of_the_protocol():
    codes = {"topical_sts": "Topical", "laser": "Laser"}
    assert read_cell(ARMS["therapy"], "laser", codes) == ("laser", None)
    _, finding = read_cell(ARMS["therapy"], "topcal_sts", codes)
    assert finding is not None
    assert (finding.allowed, finding.suggestion) == (
        "topical_sts, laser",
        "`topcal_sts`: did you mean `topical_sts`?",
    )
    assert (
        read_cell(ARMS["therapy"], "anything", None)[0] == "anything"
    )  # the protocol is broken: nothing to compare with


@pytest.mark.parametrize(
    ("style", "text", "value"),
    [
        (NumberStyle(";", commas=True), "1,234", 1.234),
        (NumberStyle(";", commas=True, points=True), "1,234", None),
        (NumberStyle(";", commas=True, points=True), "1.234", None),
        (NumberStyle(";", commas=True, points=True), "1,23", 1.23),
        (NumberStyle(";", points=True), "1.234", 1.234),
        (NumberStyle(","), "0,001", 0.001),
    ],
)
def test_thousands_are_judged_by_the_table(style, text, value):
    assert read_cell(AGE, text, None, style)[0] == value


def test_decimal_comma_in_text_of_a_semicolon_table():
    assert read_cell(STUDIES["pages"], "1009,3", None, NumberStyle(";"))[0] == "1009.3"
    assert read_cell(STUDIES["pages"], "1009,3", None, NumberStyle(","))[0] == "1009,3"


def test_examples_in_docstrings():
    assert doctest.testmod(spreadsheet).failed == 0
