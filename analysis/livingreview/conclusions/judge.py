"""Each declared conclusion judged on the claims of this build: does it hold, does it not, or can it not be judged?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livingreview.conclusions.evidence import evidence
from livingreview.errors import Problem, ReviewError
from livingreview.nearest import nearest
from livingreview.protocol_predicates import FAILS, HOLDS, OPEN, evaluate, keys, parse
from livingreview.yaml_source import Where, read

if TYPE_CHECKING:
    from livingreview.certainty.model import Certainty

Row = Mapping[str, Any]
FIELDS = ("requires", "holds")
FILE = "review.yaml"
VARIABLE = re.compile(r"\{\{<\s*var\s+([a-z][a-z0-9_.]*)\s*>\}\}")


def judge(
    section: Row, claims: Mapping[str, Any], results: Mapping[str, Row], rated: Certainty | None
) -> list[dict[str, Any]]:
    """The declared conclusions with state, sentence, inputs and evidence, in the protocol's order.

    ``section`` is ``conclusions`` of the protocol, ``claims`` maps a claim's key to its value, ``results`` a therapy's code to its
    results. Raises :class:`ReviewError` with every key that is no claim, or a claim that is no number.
    """
    if problems := list(unknown(section, claims, claims)):
        raise ReviewError(problems)
    found = []
    for entry in section.get("declared") or ():
        parts = {field: parse(entry[field]) for field in FIELDS}
        values = {key: claims[key] for part in parts.values() for key in keys(part)}
        verdicts = {field: evaluate(part, values) for field, part in parts.items()}
        if verdicts["requires"] is not True or verdicts["holds"] is None:
            state = OPEN
        else:
            state = HOLDS if verdicts["holds"] else FAILS
        found.append(
            {
                "id": entry["id"],
                "name": entry["name"],
                "state": state,
                "sentence": entry["sentences"][state],
                "predicate": {field: entry[field] for field in FIELDS},
                "inputs": values,
                "missing": sorted(key for key, value in values.items() if value is None),
                "enough": verdicts["requires"],
                "watch": entry.get("watch"),
                "evidence": evidence(entry.get("watch"), results, rated),
                "information": section["information"],
                "declared_on": entry["declared_on"],
                "how": entry["how"],
                "signed": bool(entry.get("signed_by")),
                "signed_by": entry.get("signed_by"),
                "signed_on": entry.get("signed_on"),
            }
        )
    return found


def unknown(section: Row, known: Iterable[str], values: Mapping[str, Any]) -> Iterable[Problem]:
    """A problem for each key of a predicate or a sentence that is no claim (with the nearest one), or of a predicate that is no number."""
    every = sorted(known)
    for i, entry in enumerate(section.get("declared") or ()):
        for field in FIELDS:
            place = f"conclusions.declared[{i + 1}].{field}"
            for key in keys(parse(entry[field])):
                if key not in values:
                    yield _no_claim(entry["id"], key, place, every)
                elif not _number(values[key]):
                    yield Problem(
                        f"the conclusion `{entry['id']}` compares the claim `{key}`, which is no number",
                        file=FILE,
                        column=place,
                        suggestion="take the claim of the number itself, such as one that ends in .k, .n, .lower or .upper",
                    )
        for state, sentence in entry["sentences"].items():
            for key in named(sentence):
                if key not in values:
                    place = f"conclusions.declared[{i + 1}].sentences.{state}"
                    yield _no_claim(entry["id"], key, place, every)


def _no_claim(conclusion: str, key: str, place: str, every: list[str]) -> Problem:
    match = _like(key, every)
    return Problem(
        f"the conclusion `{conclusion}` names the claim `{key}`, which does not exist",
        file=FILE,
        column=place,
        suggestion=f"did you mean `{match}`?" if match else "`livingreview trace` names the claims",
    )


def named(sentence: str) -> list[str]:
    """Keys of the claims that a sentence prints, as ``{{< var KEY >}}``."""
    return VARIABLE.findall(sentence)


def filled(sentence: str, texts: Mapping[str, str]) -> str:
    """The sentence with the texts of the claims that it prints."""
    return VARIABLE.sub(lambda found: texts[found[1]], sentence)


def _number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _like(key: str, known: list[str]) -> str | None:
    """The nearest claim: among those of the same group first, for a slip is mostly in the last word."""
    parts = key.split(".")
    for size in range(len(parts) - 1, 0, -1):
        start = ".".join(parts[:size]) + "."
        group = [k for k in known if k.startswith(start)]
        if group:
            last = nearest(key.removeprefix(start), [k.removeprefix(start) for k in group])
            return f"{start}{last}" if last else nearest(key, group)
    return nearest(key, known)


def located(found: Iterable[Problem], review: Path) -> list[Problem]:
    """The problems with the lines of ``review.yaml`` that their places (``conclusions.declared[2].holds``) have in this folder."""
    found = list(found)
    if not any(p.file == FILE and p.row is None for p in found):
        return found
    try:
        source = read(review / FILE, FILE)
    except ReviewError:
        return found
    return [
        replace(p, row=source.line(_where(p.column))) if p.file == FILE and p.row is None else p
        for p in found
    ]


def _where(dotted: str) -> Where:
    parts = re.findall(r"[^.\[\]]+|\[\d+\]", dotted)
    return tuple(int(p[1:-1]) - 1 if p.startswith("[") else p for p in parts)
