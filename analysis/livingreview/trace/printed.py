"""Where claims print: every ``{{< var … >}}`` of the documents with its line, and the sentence that it gives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview.publish.sources import SHORTCODE, Source, argument, files
from livingreview.reporting.labels import listed

Record = Mapping[str, Any]

_END = re.compile(r"(?<=[.!?])(?<!\b\w\.\w\.)\s+(?=[A-Z0-9“*(<])")
_MARKUP = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~^@$'\"&/:])")


@dataclass(frozen=True, slots=True)
class Print:
    """One place where a claim prints: document, file, line, the claim that the text names, and the sentence around a number."""

    document: str
    file: str
    line: int
    variable: str
    sentence: str


def prints(review: Path, claims: Mapping[str, Record], wanted: frozenset[str]) -> list[Print]:
    """Every place where one of the ``wanted`` claims prints, by itself or within a sentence; in the order of the documents."""
    found = []
    for name, (source, _) in listed(review).items():
        for part in files(review / source):
            found += list(_in_source(part, name, review, claims, wanted))
    return found


def _in_source(
    source: Source, document: str, review: Path, claims: Mapping[str, Record], wanted: frozenset[str]
) -> Iterator[Print]:
    shown = source.path.resolve().relative_to(review.resolve()).as_posix()
    told: set[tuple[int, str]] = set()
    for match in SHORTCODE.finditer(source.masked):
        key = argument(match.group(2))
        if match.group(1) != "var" or key not in claims:
            continue
        claim = claims[key]
        for within in _spots(key, claim, wanted):
            sentence = _sentence(source, match, claims, within)
            line = source.line(match.start())
            if (line, sentence) not in told:
                told.add((line, sentence))
                yield Print(document, shown, line, key, sentence)


def _spots(key: str, claim: Record, wanted: frozenset[str]) -> list[tuple[int, int]]:
    """Where in a claim's text something wanted stands."""
    if key in wanted:
        return [(0, len(claim["text"]))]
    return [(start, end) for start, end, part in claim.get("marked") or () if part in wanted]


def _sentence(
    source: Source, match: re.Match[str], claims: Mapping[str, Record], spot: tuple[int, int]
) -> str:
    """The sentence that prints a stretch of a variable's text, with the other variables filled in."""
    text = source.text
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    end = len(text) if end < 0 else end

    def filled(part: str) -> str:
        return SHORTCODE.sub(
            lambda m: str((claims.get(argument(m.group(2))) or {}).get("text", m.group())), part
        )

    before, after = filled(text[start : match.start()]), filled(text[match.end() : end])
    whole = before + str(claims[argument(match.group(2))]["text"]) + after
    first, last = len(before) + spot[0], len(before) + spot[1]
    bounds = [0, *(m.end() for m in _END.finditer(whole)), len(whole)]
    begin = max(b for b in bounds if b <= first)
    finish = min(b for b in bounds if b >= last)
    return _MARKUP.sub(r"\1", whole[begin:finish].strip())


def variables(review: Path) -> dict[str, list[str]]:
    """Keys that each document names, in its order."""
    found: dict[str, list[str]] = {}
    for name, (source, _) in listed(review).items():
        keys = [
            code.detail for part in files(review / source) for code in part.shortcodes() if code.name == "var"
        ]
        found[name] = list(dict.fromkeys(keys))
    return found
