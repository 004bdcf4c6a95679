"""What spreadsheets do to a value: recognising the damage, and saying what was there before."""

from __future__ import annotations

import datetime as dt
import re

_MONTHS = {
    1: "jan january januar janvier janv ene enero sty styczeń gen gennaio jän",
    2: "feb february februar fév févr février febrero lut luty febbraio",
    3: "mar march mrz mär märz mars marzo marzec",
    4: "apr april avr avril abr abril kwi kwiecień aprile",
    5: "may mai mayo maj maggio mag",
    6: "jun june juni juin junio cze czerwiec giu giugno",
    7: "jul july juli juil juillet julio lip lipiec lug luglio",
    8: "aug august août aou ago agosto sie sierpień",
    9: "sep sept september septembre septiembre wrz wrzesień set settembre",
    10: "oct october okt oktober octobre octubre paź październik ott ottobre",
    11: "nov november novembre noviembre lis listopad",
    12: "dec december dez dezember déc décembre dic diciembre gru grudzień dicembre",
}
_MONTH_OF = {word: number for number, words in _MONTHS.items() for word in words.split()}
_MONTH_NAMED = re.compile(r"(?:(\d{1,4})[-./ ]+)?([^\W\d_]{3,12})\.?(?:[-./ ]+(\d{1,4}))?")
_ERROR_VALUE = re.compile(r"#[A-ZÄÖÜ/0]+[!?]|#N/A|#NV|#+|(?:Err|Fehler|Erreur):\d+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DAMAGED_LETTERS = re.compile("[ÃÂÄÅ][\u0080-\u00bf\u0152-\u0178\u2013-\u203a\u20ac\u2122]|â€")


def damage(text: str) -> tuple[str, str] | None:
    """(what happened, what to do) when a cell of any type is visibly broken, else None."""
    if (found := _CONTROL.search(text)) is not None:
        shown = text[max(0, found.start() - 20) : found.start()]
        return (
            "holds an invisible control character",
            f"type it again; the character stands after `{shown}`" if shown else "type it again",
        )
    if text[0] in "=+@":
        rest = text.lstrip("=+@ ")
        return (
            f"begins with `{text[0]}`, so a spreadsheet takes it for a formula",
            f"type {rest}"
            if re.fullmatch(r"-?[\d.,]+", rest)
            else "type the result, or begin the text with a letter",
        )
    if text[0] in "#EF" and _ERROR_VALUE.fullmatch(text):
        return (
            "a spreadsheet's error value, not data",
            "type what the formula should have given, or leave the cell empty",
        )
    if text.isascii():
        return None
    if "\ufffd" in text:
        return "a letter was lost when the table was saved", "type the letter again and save as CSV UTF-8"
    if _DAMAGED_LETTERS.search(text):
        for encoding in ("cp1252", "latin-1"):
            try:
                repaired = text.encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
            return "letters were damaged by opening UTF-8 text as Windows-1252", f"type {repaired}"
    return None


def dates(text: str) -> list[str]:
    """What dates, written as here, a mangled one may have been; empty when it does not look like a date.

    >>> dates("Apr-21"), dates("44317"), dates("01.04.2021")
    (['2021-04'], ['2021-05-01'], ['2021-04-01', '2021-01-04'])
    """
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?[T ]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?Z?", text):
        return _valid((found[1], found[2], found[3]))
    if found := re.fullmatch(r"(\d{4})[-./](\d{1,2})(?:[-./](\d{1,2}))?\.?", text):
        return _valid((found[1], found[2], found[3]))
    if found := re.fullmatch(r"(\d{1,2})[-./] ?(\d{1,2})[-./] ?(\d{4}|\d{2})", text):
        return _valid((found[3], found[2], found[1]), (found[3], found[1], found[2]))
    if found := re.fullmatch(r"(\d{1,2})[-./](\d{4})", text):
        return _valid((found[2], found[1], None))
    if found := re.fullmatch(r"(\d{5})([.,]0+)?", text):  # days since 1899-12-30
        serial = int(found[1])
        return (
            [(dt.date(1899, 12, 30) + dt.timedelta(serial)).isoformat()] if 18_000 <= serial <= 60_000 else []
        )
    return _month_named(text)


def _month_named(text: str) -> list[str]:
    found = _MONTH_NAMED.fullmatch(text)
    month = _MONTH_OF.get(found[2].casefold()) if found else None
    if not found or month is None:
        return []
    before, after = found[1], found[3]
    if before and after:  # 01 Apr 2021, 2021 Apr 1
        return _valid((after, str(month), before)) or _valid((before, str(month), after))
    number = before or after
    return _valid((number, str(month), None)) if number else []


def _valid(*candidates: tuple[str, str, str | None]) -> list[str]:
    results: list[str] = []
    for year, month, day in candidates:
        full = (
            int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 30 else 1900)
        )  # the spreadsheets' rule
        if len(year) == 3 or (len(year) == 1):
            full = 2000 + int(year) if len(year) == 1 else 0
        try:
            value = dt.date(full, int(month), int(day or 1))
        except ValueError:
            continue
        written = value.isoformat() if day else value.isoformat()[:7]
        if written not in results:
            results.append(written)
    return results


def is_mangled(text: str) -> bool:
    """Whether a value that should be no date at all was turned into one: ``3-5`` into ``03-May``, ``sep1`` into ``01-Sep``."""
    found = _MONTH_NAMED.fullmatch(text)
    return bool(
        found and found[2].casefold() in _MONTH_OF and (found[1] or found[3]) and re.search(r"[-./ ]", text)
    )


def whole_digits(text: str) -> tuple[str | None, bool]:
    """(the digits of an identifier that became a number, whether it had become one).

    ``27494629.0`` and ``2.7494629E+07`` still hold every digit; of ``1.0E+07`` they are lost (None).

    >>> whole_digits("27494629.0"), whole_digits("2.7494629E+07"), whole_digits("1.0E+07"), whole_digits("8881679")
    (('27494629', True), ('27494629', True), (None, True), ('8881679', False))
    """
    if found := re.fullmatch(r"([0-9]+)[.,]0*", text):
        return found[1], True
    if found := re.fullmatch(r"([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,3})", text):
        fraction, exponent = found[2] or "", int(found[3])
        if len(fraction.rstrip("0")) <= exponent <= len(fraction):
            return (found[1] + fraction)[: exponent + 1], True
        return None, True
    return text, False
