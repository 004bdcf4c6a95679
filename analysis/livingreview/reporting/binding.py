"""``manuscript/reporting.yaml``: where in its documents a review answers each item of each checklist.

An item has a ``place`` (or several: labels of sections, tables or figures, or the words ``title`` and ``abstract``), or it
is ``not_applicable`` or ``not_done``, each with a reason in words that are printed. A checklist that does not suit the
review stands under ``not_used`` with its reason. Nothing may be left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean
from livingreview.reporting.labels import SPECIAL, Labels
from livingreview.reporting.lists import Checklist
from livingreview.yaml_source import Source, read

FILE = "manuscript/reporting.yaml"
NOT_USED = "not_used"
_ANSWERS = ("place", "not_applicable", "not_done")
_FIELDS = (*_ANSWERS, "note")
_LEAST_REASON = 15


@dataclass(frozen=True, slots=True)
class Answer:
    """What a review says to one item; exactly one of ``places``, ``not_applicable`` and ``not_done`` is filled."""

    places: tuple[str, ...] = ()
    not_applicable: str = ""
    not_done: str = ""
    note: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class Binding:
    """Answers by code of the checklist and item; ``not_used`` gives the reason for each checklist that is not used."""

    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    not_used: dict[str, str] = field(default_factory=dict)


def load(review: Path, lists: Mapping[str, Checklist], labels: Labels) -> Binding:
    """The binding of a review; an empty one where it has no such file (then it prints no checklist).

    Raises ReviewError with every problem: unknown checklists and items, items without an answer or with two, places that
    no document has (nearest label named), reasons that say nothing.
    """
    path = review / FILE
    if not path.is_file():
        return Binding()
    source = read(path, FILE)
    problems = list(source.problems)
    if not isinstance(source.data, dict):
        raise ReviewError(
            Problem("checklists are expected here, by their code", FILE, 1, allowed=", ".join(lists))
        )
    found = Binding()
    for code in source.data:
        if code == NOT_USED:
            found.not_used.update(_not_used(source, lists, problems))
        elif code not in lists:
            problems.append(_unknown("checklist", code, [*lists, NOT_USED], source.line((code,))))
        else:
            found.answers[code] = _answers(source, lists[code], labels, problems)
    for code in sorted(set(lists) - set(found.answers) - set(found.not_used)):
        problems.append(
            Problem(
                f"the checklist {lists[code].name} (`{code}`) has no places here",
                FILE,
                suggestion=f"give each of its items a place, or put it under `{NOT_USED}` with the reason",
            )
        )
    for code in sorted(set(found.answers) & set(found.not_used)):
        problems.append(
            Problem(f"`{code}` has places and stands under `{NOT_USED}`", FILE, source.line((NOT_USED, code)))
        )
    if problems:
        raise ReviewError(problems)
    return found


def _not_used(source: Source, lists: Mapping[str, Checklist], problems: list[Problem]) -> dict[str, str]:
    listed = source.data[NOT_USED]
    if not isinstance(listed, dict):
        problems.append(
            Problem(f"`{NOT_USED}` gives a reason for each checklist", FILE, source.line((NOT_USED,)))
        )
        return {}
    found = {}
    for code, reason in listed.items():
        line = source.line((NOT_USED, code))
        if code not in lists:
            problems.append(_unknown("checklist", code, lists, line))
        problems += _reason(reason, line)
        found[code] = str(reason or "")
    return found


def _answers(
    source: Source, checklist: Checklist, labels: Labels, problems: list[Problem]
) -> dict[str, Answer]:
    given = source.data[checklist.code]
    if not isinstance(given, dict):
        problems.append(
            Problem(
                f"the items of {checklist.name} are expected here, each with its place",
                FILE,
                source.line((checklist.code,)),
            )
        )
        return {}
    known = [item.item for item in checklist.items]
    problems += [
        _unknown(f"item of {checklist.name}", name, known, source.line((checklist.code, name)))
        for name in given
        if name not in known
    ]
    answers = {}
    for item in checklist.items:
        if item.item not in given:
            problems.append(
                Problem(
                    f"item {item.item} of {checklist.name} ({item.topic}) has no place",
                    FILE,
                    source.line((checklist.code,)),
                    allowed="place: LABEL, not_applicable: REASON, or not_done: REASON",
                    suggestion=f"it asks: {item.asks}",
                )
            )
            continue
        line = source.line((checklist.code, item.item))
        answer = _answer(given[item.item], f"item {item.item} of {checklist.name}", line, problems)
        problems += _places(answer, labels)
        answers[item.item] = answer
    return answers


def _answer(given: Any, what: str, line: int, problems: list[Problem]) -> Answer:
    """An answer from YAML; a bare label stands for ``place: label``."""
    if isinstance(given, str):
        given = {"place": given}
    if isinstance(given, list):
        given = {"place": given}
    if not isinstance(given, dict):
        problems.append(Problem(f"{what} has no answer", FILE, line, allowed=", ".join(_FIELDS)))
        return Answer(line=line)
    problems += [_unknown("key", key, _FIELDS, line) for key in given if key not in _FIELDS]
    kinds = [key for key in _ANSWERS if given.get(key)]
    if len(kinds) != 1:
        problems.append(
            Problem(
                f"{what} needs exactly one answer, and has {len(kinds)}",
                FILE,
                line,
                allowed=" or ".join(_ANSWERS),
            )
        )
        return Answer(line=line)
    if kinds[0] != "place":
        problems += _reason(given[kinds[0]], line)
    named = given.get("place") or []
    places = tuple(str(p) for p in ([named] if isinstance(named, str) else named))
    return Answer(
        places,
        str(given.get("not_applicable") or ""),
        str(given.get("not_done") or ""),
        str(given.get("note") or ""),
        line,
    )


def _places(answer: Answer, labels: Labels) -> Iterable[Problem]:
    for place in answer.places:
        if place in SPECIAL or labels.documents(place):
            if len(labels.documents(place)) > 1:
                yield Problem(
                    "two documents have this label",
                    FILE,
                    answer.line,
                    value=place,
                    allowed=", ".join(f"{d}/{place}" for d in labels.documents(place)),
                )
        elif not labels.may_exist(place):
            yield Problem(
                "no document has this place",
                FILE,
                answer.line,
                value=place,
                allowed=f"{', '.join(SPECIAL)}, or the label of a section, table or figure",
                suggestion=did_you_mean(place, labels.names()),
            )


def _reason(reason: Any, line: int) -> list[Problem]:
    if isinstance(reason, str) and len(reason.strip()) >= _LEAST_REASON:
        return []
    return [Problem("the reason says too little for a reader", FILE, line, value=str(reason or ""))]


def _unknown(what: str, name: str, known: Iterable[str], line: int) -> Problem:
    known = list(known)
    return Problem(
        f"there is no such {what}",
        FILE,
        line,
        value=name,
        suggestion=did_you_mean(name, known) or f"known: {', '.join(known[:8])}",
    )
