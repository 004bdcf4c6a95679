"""Journal profiles: one YAML file for a journal in ``manuscript/journals/``, the review's own before the repository's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from livingreview import yaml_model, yaml_source
from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean, nearest
from livingreview.submission.profile_conflicts import CONFLICTS, of_source
from livingreview.submission.profile_model import Profile, Rule
from livingreview.yaml_source import Source, Where

FOLDER = "manuscript/journals"
_CHECKLISTS = "manuscript/reporting"
_NEEDED = ("name", "title")


def names(review: Path, root: Path) -> list[str]:
    """The names of all profiles that a review can use, sorted."""
    return sorted(_files(review, root))


def file(name: str, review: Path, root: Path) -> Path:
    """The file of a profile: the review's own, else the repository's. Raises ReviewError for an unknown journal."""
    found = _files(review, root)
    if name not in found:
        raise ReviewError(
            Problem(
                f"there is no journal profile `{name}`",
                file=FOLDER,
                allowed=", ".join(sorted(found)),
                suggestion=_nearest(name, found) or f"write one: {FOLDER}/NAME.yaml (see docs/journals.md)",
            )
        )
    return found[name]


def load(name: str, review: Path, root: Path) -> Profile:
    """The profile of a journal. Raises ReviewError with every problem, each with file and line."""
    path = file(name, review, root)
    shown = f"{FOLDER}/{path.name}"
    source = yaml_source.read(path, shown)
    problems = list(source.problems)
    if not isinstance(source.data, dict):
        raise ReviewError(
            [*problems, Problem("a profile must be a list of `key: value` lines", file=shown, row=1)]
        )
    profile, unread, found = _read(source, shown)
    problems += found
    for needed, conflicts in CONFLICTS:
        if not any(_within(place, tuple(key.split("."))) for place in unread for key in needed.split()):
            problems += [yaml_model.at(source, shown, *conflict) for conflict in conflicts(profile)]
    problems += _sources_of_unread(unread, profile, source, shown)
    if ("name",) not in unread and profile.name != path.stem:
        problems.append(
            yaml_model.at(
                source,
                shown,
                ("name",),
                f"the profile calls itself `{profile.name}`, but its file is {path.name}",
                "make the name in the file and the name of the file the same",
            )
        )
    problems += _checklists(profile, source, shown, review, root)
    if problems:
        raise ReviewError(sorted(problems, key=lambda p: (p.row or 0, p.column, p.message)))
    return profile


def _read(source: Source, shown: str) -> tuple[Profile, list[Where], list[Problem]]:
    """The profile as far as it can be read, the places left out of it because they are wrong, and the problems."""
    data = {key: value for key, value in source.data.items() if value is not None or key in _NEEDED}
    unread: list[Where] = []
    problems: list[Problem] = []
    while True:  # some checks are made only once others pass
        try:
            return Profile.model_validate(data), unread, problems
        except ValidationError as error:
            problems += yaml_model.problems(Profile, source, shown, error)
            details = error.errors(include_url=False)
            wrong = [_cut(detail["loc"], data) for detail in details]
            # A mistyped key is told once, and not again by what misses the key that was meant.
            unread += [
                place for detail in details if (place := yaml_model.meant(Profile, detail)) is not None
            ]
        unread += wrong
        for place in wrong:
            data = _without(data, place)
        data = {**dict.fromkeys(_NEEDED, "unread"), **data}


def _cut(place: Where, data: Any) -> Where:
    """The part of a place that stands in the data; a list is left out as a whole, so that no other entry moves.

    A rule whose value cannot be read is left out with it: without its value it would be told again, as not complete.
    """
    found: Where = ()
    for part in place:
        if isinstance(data, dict) and part in data:
            found, data = (*found, part), data[part]
        elif part != "value":
            break
    return (found[:-1] if found[-1:] == ("value",) else found) or place[:1]


def _without(data: dict[str, Any], place: Where) -> dict[str, Any]:
    key, rest = str(place[0]), place[1:]
    if rest and isinstance(data.get(key), dict):
        return {**data, key: _without(data[key], rest)}
    return {kept: value for kept, value in data.items() if kept != key}


def _sources_of_unread(unread: list[Where], profile: Profile, source: Source, shown: str) -> list[Problem]:
    """What is wrong with the sources of rules that were left out because their value could not be read."""
    found = []
    for place in unread:
        given: Any = source.data
        for part in place:
            given = given.get(part) if isinstance(given, dict) else None
        if isinstance(given, dict) and "value" in given and ("sources",) not in unread:
            try:
                rule = Rule[Any].model_validate({**given, "value": None})
            except ValidationError:
                continue  # told already
            found += [
                yaml_model.at(source, shown, *conflict)
                for conflict in of_source(place, rule, profile.sources)
            ]
    return found


def _within(place: Where, around: Where) -> bool:
    return place[: len(around)] == around[: len(place)]


def _checklists(profile: Profile, source: Source, shown: str, review: Path, root: Path) -> list[Problem]:
    problems = []
    lists = {p.stem for folder in (root, review) for p in (folder / _CHECKLISTS).glob("*.yaml")}
    for number, rule in enumerate(profile.checklists):
        if rule.value not in lists:
            problems.append(
                yaml_model.at(
                    source,
                    shown,
                    ("checklists", number),
                    f"there is no checklist `{rule.value}` in {_CHECKLISTS}",
                    did_you_mean(rule.value, lists) or f"there are: {', '.join(sorted(lists))}",
                )
            )
    return problems


def _files(review: Path, root: Path) -> dict[str, Path]:
    return {path.stem: path for folder in (root, review) for path in (folder / FOLDER).glob("*.yaml")}


def _nearest(name: str, found: dict[str, Path]) -> str:
    """What the name may have meant: the name of a profile, or of one whose journal has nearly this title."""
    if match := nearest(name, found):
        return f"did you mean `{match}`?"
    titles: dict[str, str] = {}
    for code, path in sorted(found.items()):
        try:
            data = yaml_source.read(path, path.name).data
        except ReviewError:
            continue
        if isinstance(data, dict) and isinstance(data.get("title"), str):
            titles.setdefault(data["title"], code)
    match = nearest(name, titles)
    return f"did you mean `{titles[match]}` ({match})?" if match else ""
