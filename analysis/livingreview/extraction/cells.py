"""The meaning of one cell: text to a typed value, or what is wrong with it and what to type instead."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from livingreview.extraction import spreadsheet
from livingreview.extraction.schema import FieldSchema
from livingreview.nearest import nearest

Value = int | float | str | bool | None

_TRUE = frozenset(["true", "wahr", "vrai", "verdadero", "vero", "prawda", "verdadeiro", "waar", "sant"])
_FALSE = frozenset(["false", "falsch", "faux", "falso", "fałsz", "onwaar", "usant"])
_NOT_REPORTED = frozenset(
    [
        "na",
        "n/a",
        "n.a.",
        "nr",
        "n.r.",
        "nd",
        "-",
        "--",
        "–",
        "—",
        ".",
        "?",
        "missing",
        "unknown",
        "unclear",
        "null",
        "nil",
        "not\xa0reported",
    ]
)
_PLAIN = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
_COMMA = re.compile(r"-?(?:[0-9]+,[0-9]+|,[0-9]+)")
_THREE = re.compile(r"-?[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be told about a cell; a note when the value was understood all the same."""

    message: str
    allowed: str = ""
    suggestion: str = ""
    error: bool = True


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a table writes numbers: its separator, and whether number cells hold decimal commas and decimal points."""

    separator: str = ","
    commas: bool = False
    points: bool = False


def number_style(separator: str, texts: Collection[str]) -> NumberStyle:
    """Style of the texts of all number columns of a table."""
    return NumberStyle(
        separator,
        commas=any("," in t and _COMMA.fullmatch(t) for t in texts),
        points=any("." in t and _PLAIN.fullmatch(t) for t in texts),
    )


def read_cell(
    spec: FieldSchema,
    text: str,
    codes: Mapping[str, object] | None = None,
    style: NumberStyle = NumberStyle(),
) -> tuple[Value, Finding | None]:
    """Value of a non-empty cell and what to tell about it.

    ``codes`` are the allowed codes from the protocol, None if the column takes no codes from there (or they are
    unknown because the protocol is broken). After an error the value is None.
    """
    if (broken := spreadsheet.damage(text)) is not None:
        return None, Finding(broken[0], suggestion=broken[1])
    note: Finding | None = None
    if spec.aliases and (alias := spec.aliases.get(text.casefold())) is not None and alias != text:
        note = Finding(f"`{text}` was read as `{alias}`", error=False)
        text = alias
    value: Value
    if spec.type in ("integer", "number"):
        value, found = _number(text, whole=spec.type == "integer", style=style)
    elif spec.type == "year":
        value, found = _year(text)
    elif spec.type == "date":
        value, found = _date(text)
    elif spec.type == "boolean":
        value, found = _boolean(text)
    else:
        value, found = _text(spec, text, style)
    if found is not None and found.error:
        return None, found
    wrong = _constraints(spec, value, text, codes)
    return (None, wrong) if wrong is not None else (value, found or note)


def _constraints(
    spec: FieldSchema, value: Value, text: str, codes: Mapping[str, object] | None
) -> Finding | None:
    limits = spec.constraints
    allowed = list(codes) if codes is not None else [str(v) for v in limits.get("enum", [])]
    if allowed and str(value) not in allowed:
        shown = ", ".join(allowed) if len(allowed) <= 30 else f"one of {len(allowed)} codes"
        match = nearest(text, [*allowed, *spec.aliases])
        match = spec.aliases.get(match, match) if match else None
        match = (
            match if match in allowed else None
        )  # an alias may lead to a code that this review does not have
        if match is None and spreadsheet.is_mangled(text):
            return _made_a_date(shown)
        return Finding("not an allowed code", shown, f"`{text}`: did you mean `{match}`?" if match else "")
    if isinstance(value, str):
        if spec.pattern is not None and not spec.pattern.fullmatch(value):
            return _misshapen(spec, value)
        if len(value) < limits.get("minLength", 0) or len(value) > limits.get("maxLength", math.inf):
            return Finding("too short" if len(value) < limits.get("minLength", 0) else "too long")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        low, high = limits.get("minimum"), limits.get("maximum")
        if (low is not None and value < float(low)) or (high is not None and value > float(high)):
            return Finding("outside the possible range", _between(low, high))
    return None


def _between(low: object, high: object) -> str:
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"{low} or more" if low is not None else f"{high} or less"


def _made_a_date(allowed: str) -> Finding:
    return Finding(
        "a spreadsheet turned this into a date",
        allowed,
        "type again what the source says, with the column formatted as text",
    )


def _misshapen(spec: FieldSchema, value: str) -> Finding:
    shape = str(spec.extras.get("shape", f"a text of the form {spec.constraints['pattern']}"))
    hints = spec.extras.get("spreadsheet", [])
    if "dates" in hints and (meant := spreadsheet.dates(value)):
        plausible = [m for m in meant if spec.pattern is None or spec.pattern.fullmatch(m)]
        if plausible:
            return Finding(
                _what_happened(value),
                shape,
                f"type {' or '.join(plausible)}, with the column formatted as text",
            )
    if spreadsheet.is_mangled(value):
        return _made_a_date(shape)
    if "digits" in hints and re.fullmatch(r"[0-9]([.,][0-9]+)?[eE]\+?[0-9]+", value):
        return Finding(
            "a spreadsheet turned the number round and its last digits are lost",
            shape,
            "type it again, with the column formatted as text",
        )
    for prefix in spec.extras.get("strip", []):
        rest = value[len(prefix) :].strip()
        if (
            value.casefold().startswith(prefix.casefold())
            and spec.pattern is not None
            and spec.pattern.fullmatch(rest)
        ):
            return Finding("not written as it must be", shape, f"type {rest}")
    if spec.pattern is not None and value != value.lower() and spec.pattern.fullmatch(value.lower()):
        return Finding("not written as it must be", shape, f"type {value.lower()}")
    return Finding("not written as it must be", shape)


def _what_happened(text: str) -> str:
    if re.fullmatch(r"[0-9]{5}([.,]0+)?", text):
        return "a spreadsheet turned the date into the number of days since 1899-12-30"
    if re.search(r"[^\W\d_]", text) or re.fullmatch(r"[0-9]{1,2}[-./].*", text):
        return "a spreadsheet turned the date into its own form"
    return "not written as a date is written here"


def _text(spec: FieldSchema, text: str, style: NumberStyle) -> tuple[Value, Finding | None]:
    hints = spec.extras.get("spreadsheet", [])
    if "digits" in hints:
        digits, changed = spreadsheet.whole_digits(text)
        if digits is None:
            lost = "a spreadsheet turned the number round and its last digits are lost"
            return None, Finding(
                lost, str(spec.extras.get("shape", "")), "type it again, with the column formatted as text"
            )
        if changed:
            return digits, Finding(
                "a number that a spreadsheet rewrote was read as the digits it holds", error=False
            )
    if "decimals" in hints and style.separator != "," and re.fullmatch(r"[0-9]+,[0-9]+", text):
        return text.replace(",", "."), Finding("a decimal comma was read as a point", error=False)
    if "dates" in hints and spec.pattern is None and spreadsheet.is_mangled(text):
        return None, _made_a_date(str(spec.extras.get("shape", "")))
    if (
        "dates" in hints
        and spec.pattern is not None
        and spec.pattern.fullmatch(text)
        and (bad := _impossible_day(text))
    ):
        return None, bad
    return text, None


def _impossible_day(text: str) -> Finding | None:
    if found := re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", text):
        try:
            dt.date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
        except ValueError:
            return Finding("there is no such day", suggestion="check month and day")
    return None


def _number(text: str, whole: bool, style: NumberStyle) -> tuple[Value, Finding | None]:
    kind = "a whole number" if whole else "a number"
    plain, note = text.replace("\u2212", "-"), None
    if plain != text:
        note = Finding("a minus sign was read as a hyphen", error=False)
    if _ambiguous(plain, whole, style):
        bare, point = re.sub(r"[.,]", "", plain), re.sub(r"[.,](?=[^.,]*$)", ".", plain)
        hint = (
            f"type {bare} or {point}"
            if not whole and point.count(".") == 1 and "," not in point
            else f"type {bare}"
        )
        return None, Finding("a separator that may mean thousands or decimals", kind, hint)
    if _COMMA.fullmatch(plain):
        plain, note = plain.replace(",", "."), Finding("a decimal comma was read as a point", error=False)
    elif found := re.fullmatch(r"(-?)([0-9])(?:[.,]([0-9]+))?[eE]([+-]?[0-9]{1,3})", plain):
        exponent, fraction = int(found[4]), found[3] or ""
        if exponent > len(fraction):
            lost = "a number in scientific notation whose last digits may be lost"
            return None, Finding(lost, kind, "type it in full")
        plain = f"{found[1]}{found[2]}.{fraction or 0}e{exponent}"
        return _whole(float(plain), whole, Finding("a number in scientific notation was read", error=False))
    elif not _PLAIN.fullmatch(plain):
        return None, _no_number(plain, kind)
    if whole and "." not in plain:
        return (int(plain), note) if len(plain) <= 15 else (None, Finding("too large a number", kind))
    value = float(plain)
    if not math.isfinite(value):
        return None, Finding("too large a number", kind)
    return _whole(value, whole, note)


def _ambiguous(text: str, whole: bool, style: NumberStyle) -> bool:
    """Whether ``1,234`` may be 1234 as well as 1.234, judged by how the table writes its numbers."""
    if not _THREE.fullmatch(text):
        return False
    marks = re.findall(r"[.,]", text)
    if len(marks) > 1 or (style.commas and style.points):
        return True
    return marks[0] == "," and (whole or style.separator == ",")


def _whole(value: float, whole: bool, note: Finding | None) -> tuple[Value, Finding | None]:
    if not whole:
        return (int(value) if value.is_integer() and abs(value) < 1e15 else value), note
    if not value.is_integer():
        return None, Finding("not a whole number", "a whole number")
    return int(value), note or Finding("a whole number written with decimals was read", error=False)


def _no_number(text: str, kind: str) -> Finding:
    whole = kind == "a whole number"
    if text.casefold() == "none":
        return Finding(
            "not a number", kind, "type 0 if the source says none; leave the cell empty if it is not reported"
        )
    if text.casefold() in _NOT_REPORTED or text.casefold() == "not reported":
        return Finding("not a number", kind, "leave the cell empty if it is not reported")
    if spreadsheet.is_mangled(text):
        return Finding(
            "a spreadsheet turned the number into a date",
            kind,
            "type the number again, with the column formatted as a number",
        )
    if found := re.fullmatch(r"([<>≤≥~≈=]|ca\.?|approx\.?|about) *(-?[0-9.,]+)", text):
        return Finding("not a number alone", kind, f"type {found[2]} and say `{found[1]}` in the note")
    if found := re.fullmatch(r"(-?[0-9]+(?:[.,][0-9]+)?) *(%|[^\W\d_].*)", text):
        if whole and found[2] == "%":
            return Finding("a percentage, not a count", kind, "type how many, not how many percent")
        return Finding("a number with a unit", kind, f"type {found[1]}")
    if re.fullmatch(r"[0-9][0-9 \u00a0\u202f']*([.,][0-9]+)?", text):
        bare = re.sub(r"[ \u00a0\u202f']", "", text)
        return Finding("a number with spaces or marks inside", kind, f"type {bare}")
    if re.fullmatch(r"-?[0-9.,]+ *(-|–|to|/) *-?[0-9.,]+", text):
        return Finding(
            "two numbers", kind, "give one number here; a range goes into the columns for minimum and maximum"
        )
    if re.fullmatch(r"-?[0-9.,]+", text):
        return Finding(
            "a number with separators that cannot be told apart",
            kind,
            "type it without separators of thousands, with a decimal point",
        )
    return Finding("not a number", kind)


def _year(text: str) -> tuple[Value, Finding | None]:
    if re.fullmatch(r"[0-9]{4}", text):
        return int(text), None
    if found := re.fullmatch(r"([0-9]{4})[.,]0+", text):
        return int(found[1]), Finding("a whole number written with decimals was read", error=False)
    if meant := spreadsheet.dates(text):
        return None, Finding("a date where a year belongs", "a year such as 2021", f"type {meant[0][:4]}")
    return None, Finding("not a year", "a year such as 2021; empty if it is not shown")


def _date(text: str) -> tuple[Value, Finding | None]:
    shape = "a date as YYYY-MM-DD"
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        impossible = _impossible_day(text)
        return (None, impossible) if impossible else (text, None)
    if meant := [m for m in spreadsheet.dates(text) if len(m) == 10]:
        return None, Finding(
            _what_happened(text), shape, f"type {' or '.join(meant)}, with the column formatted as text"
        )
    return None, Finding("not a date", shape)


def _boolean(text: str) -> tuple[Value, Finding | None]:
    word = text.casefold()
    if word in ("true", "false"):
        return word == "true", None
    if word in _TRUE | _FALSE:
        return word in _TRUE, Finding("a spreadsheet's own word for true or false was read", error=False)
    return None, Finding("neither true nor false", "true, false")
