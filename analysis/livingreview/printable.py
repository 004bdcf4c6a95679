"""Cells of the tables as text for print: codes in words, numbers with units and ranges, no keys and no addresses.

The texts are plain; what a format needs escaped is escaped where documents are made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]

_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_AUTHOR_YEAR_KEY = re.compile(r"(?<![\w/.-])([a-z]{3,})((?:19|20)\d\d[a-z]?)(?![\w-])")
_KEY_LIKE = re.compile(r"(?<![\w/-])[a-z0-9][a-z0-9_]*(?:-[a-z0-9_]+)*(?![\w-])")
_MINUS = "\u2212"


def number(value: float | int | str | None) -> str | None:
    """``1,234``, ``2.8``, ``−67``: as written in the table, with a true minus sign; ``None`` stays ``None``."""
    if value is None:
        return None
    if isinstance(value, str):
        return value
    text = f"{Decimal(repr(value)).normalize():,f}" if isinstance(value, float) else f"{value:,}"
    return text.replace("-", _MINUS)


def spread(row: Row, name: str) -> str | None:
    """What a family of columns (``age_mean``, ``age_median``, ``age_min``, …) tells: ``median 3 (range 1–4)``.

    The plain column ``name`` is a centre without a word. One number where the range has no width; ``None`` for nothing.
    """
    low, high = row.get(f"{name}_min"), row.get(f"{name}_max")
    centres = [(word, row.get(f"{name}_{word}" if word else name)) for word in ("", "median", "mean")]
    told = [(word, value) for word, value in centres if value is not None]
    if low is None and high is None:
        return ", ".join(f"{word} {number(v)}".strip() for word, v in told) or None
    if low == high and all(v == low for _, v in told):
        return number(low)
    span = None
    if low is not None and high is not None and low != high:
        # an en dash beside a minus sign reads as two of them
        span = f"{number(low)}{' to ' if min(low, high) < 0 else '–'}{number(high)}"
    if span is None:
        span = (
            number(low) if low == high else f"from {number(low)}" if high is None else f"up to {number(high)}"
        )
    if not told:
        return span
    return f"{', '.join(f'{word} {number(v)}'.strip() for word, v in told)} (range {span})"


def joined(parts: Iterable[str | None], by: str = "; ") -> str | None:
    """The parts that there are; ``None`` if there is none."""
    return by.join(p for p in parts if p) or None


def listed(value: object) -> list[str]:
    """Items of a cell that holds several, parted by semicolons outside brackets; ``none`` and nothing give no item."""
    items: list[str] = []
    depth, start, text = 0, 0, "" if value is None else str(value)
    for place, character in enumerate(text + ";"):
        depth += (character in "([") - (character in ")]" and depth > 0)
        if character == ";" and (depth == 0 or place == len(text)):
            items.append(text[start:place].strip())
            start = place + 1
    return [item for item in items if item and item.casefold() != "none"]


_NOUN_ENDS = re.compile(
    r"[,;:(]| (?:without|with|of|in|for|by|from|to|on|at|and|or|after|before|against|that|which)\b"
)


def plural(label: str) -> str:
    """English plural of a label, that of its noun: ``Controlled trials without randomisation``, ``Case series``.

    The noun is the last word before a preposition, a comma or a bracket. Labels with another plural are spelled out
    in the protocol.
    """
    end = _NOUN_ENDS.search(label, 1)
    noun, rest = (label[: end.start()], label[end.start() :]) if end else (label, "")
    gap = noun[len(noun.rstrip()) :]
    return f"{_plural_noun(noun.rstrip())}{gap}{rest}"


def _plural_noun(noun: str) -> str:
    if noun.endswith(("series", "species")):
        return noun
    if noun.endswith("sis"):
        return f"{noun[:-2]}es"
    if noun.endswith(("ss", "x", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("s"):
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


class Wording:
    """Words for the codes of one review, and free text made fit for print.

    ``labels`` maps study ids to the names under which studies print.
    """

    def __init__(self, protocol: Row, labels: Mapping[str, str]) -> None:
        scope = {t["code"]: t["name"] for t in protocol["therapies"]}
        self._codes: dict[str, Mapping[str, str]] = {
            "therapy": {**(protocol.get("out_of_scope") or {}), **scope},
            "outcome": {o["code"]: o["name"] for o in protocol["outcomes"]},
            "category": protocol["response"]["categories"],
            "tool": {code: tool["name"] for code, tool in protocol["appraisal_tools"].items()},
            "judgement": {code: judgement["label"] for code, judgement in protocol["judgements"].items()},
            "stream": protocol["search"].get("streams") or {},
            **{
                name: protocol[field]
                for name, field in (
                    ("design", "designs"),
                    ("aetiology", "aetiologies"),
                    ("construct", "constructs"),
                    ("basis", "bases"),
                    ("source_kind", "source_kinds"),
                )
            },
        }
        self._response = protocol["response"]["outcome"]
        self._scales = {o["code"]: o.get("scale") for o in protocol["outcomes"]}
        self._units: Mapping[str, Any] = protocol["units"]
        # Only keys that cannot be a word of the language are looked for in free text.
        self._labels = {key: label for key, label in labels.items() if re.search(r"[\d_]", key)}

    def code(self, kind: str, value: object) -> str | None:
        """Label of a code; a code without label in plain words; ``None`` for a missing value."""
        if value is None:
            return None
        known = self._codes.get(kind, {})
        return str(known[str(value)]) if str(value) in known else str(value).replace("_", " ")

    def category(self, outcome: str, value: object) -> str | None:
        """Category of a result: a label of the protocol for the response outcome, else the report's own words."""
        return self.code("category" if outcome == self._response else "", value)

    def scale(self, outcome: str) -> str | None:
        """Scale of an outcome, if the protocol names one."""
        return self._scales.get(outcome)

    def units(self, unit: object, n: object = None) -> str | None:
        """Name of a unit of analysis in the number that ``n`` asks for."""
        if unit is None:
            return None
        names = self._units.get(str(unit)) or {"singular": str(unit), "plural": f"{unit}s"}
        return str(names["singular"] if n == 1 else names["plural"])

    def free(self, value: object) -> str | None:
        """Free text on one line in which a study's key is its label and an address is "web page"."""
        if value is None:
            return None
        text = " ".join(_ADDRESS.sub("web page", str(value)).split())
        text = _KEY_LIKE.sub(lambda m: self._labels.get(m.group(), m.group()), text)
        # Keys of studies that are not in the tables (any more) are written as author and year all the same.
        return _AUTHOR_YEAR_KEY.sub(lambda m: f"{m.group(1).capitalize()} {m.group(2)}", text)


def result(row: Row, wording: Wording) -> str:
    """The figures of an outcome row as the report gave them: ``3 of 6 patients``, ``before 58 (SD 17); 8 lesions``; its own
    words for what it gives no figure of are in quotation marks."""
    events, total, unit = row.get("events"), row.get("total"), row.get("unit")
    figures = [
        f"{word} {number(row[column])}"
        + (f" (SD {number(row[f'{column}_sd'])})" if row.get(f"{column}_sd") is not None else "")
        for word, column in (
            ("before", "before"),
            ("after", "after"),
            ("change", "change"),
            ("mean", "mean"),
            ("SD", "sd"),
        )
        if row.get(column) is not None
    ]
    middle = spread(
        {
            **row,
            "value": None,
            "value_median": row.get("median"),
            "value_min": row.get("min"),
            "value_max": row.get("max"),
        },
        "value",
    )
    # A P value belongs to a change. Beside the bare count of one arm it would suggest a comparison that is not shown.
    p = row.get("p_value") if events is None else None
    ends = [number(row.get(column)) for column in ("scale_min", "scale_max")]
    scale = f"on a scale of {ends[0]}–{ends[1]}" if None not in ends and (figures or middle) else None
    told = [
        *figures,
        middle,
        scale,
        f"P {p}"
        if p is not None and str(p)[:1] in "<>=≤≥"
        else f"P = {number(p)}"
        if p is not None
        else None,
    ]
    counted = None
    if events is not None:
        counted = (
            f"{number(events)} of {number(total)} {wording.units(unit, total)}"
            if total is not None
            else f"{number(events)} {wording.units(unit, events)}"
        )
    elif total is not None:
        size = f"{number(total)} {wording.units(unit, total)}"
        counted = size if any(told) else f"number not reported, of {size}"
    words = wording.free(row.get("as_reported"))
    quoted = f"“{words}”" if words else None
    return (
        joined([counted, *told, quoted] if events is not None else [*told, counted, quoted])
        or "no figures reported"
    )


def extra_facts(row: Row, columns: Sequence[tuple[str, str, str]]) -> str | None:
    """Further columns of a row, ``(column, title, unit)`` each, in words: ``interval 1 week; impulses 2,000``."""
    facts = []
    for column, name, unit in columns:
        value = number(row.get(column))
        if value is not None:
            shown = name[:1].lower() + name[1:] if name[1:2].islower() else name
            one = unit[:-1] if value == "1" and re.fullmatch(r"[a-z]{3,}s", unit) else unit
            facts.append(f"{shown} {value}\u00a0{one}" if unit else f"{shown} {value}")
    return joined(facts)
