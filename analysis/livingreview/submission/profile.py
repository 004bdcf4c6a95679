"""Journal profiles: one YAML file for a journal in ``manuscript/journals/``, the review's own before the repository's."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from livingreview import yaml_model, yaml_source
from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean, nearest
from livingreview.submission.profile_conflicts import CONFLICTS
from livingreview.submission.profile_model import Profile
from livingreview.yaml_source import Source

FOLDER = "manuscript/journals"
_CHECKLISTS = "manuscript/reporting"


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
    data = {key: value for key, value in source.data.items() if value is not None or key in ("name", "title")}
    try:
        profile, known = Profile.model_validate(data), frozenset(Profile.model_fields)
    except ValidationError as error:
        problems += yaml_model.problems(Profile, source, shown, error)
        profile, known = yaml_model.partial(Profile, data)
        known |= {key for key in Profile.model_fields if key not in data} - {"name", "title"}
    for needed, conflicts in CONFLICTS:
        if known.issuperset(needed.split()):
            problems += [yaml_model.at(source, shown, *conflict) for conflict in conflicts(profile)]
    problems += _beside(profile, known, path, source, shown, review, root)
    if problems:
        raise ReviewError(sorted(problems, key=lambda p: (p.row or 0, p.column, p.message)))
    return profile


def _beside(
    profile: Profile, known: frozenset[str], path: Path, source: Source, shown: str, review: Path, root: Path
) -> list[Problem]:
    """What does not fit the profile's file name, or the checklists that there are."""
    problems = []
    if "name" in known and profile.name != path.stem:
        problems.append(
            yaml_model.at(
                source,
                shown,
                ("name",),
                f"the profile calls itself `{profile.name}`, but its file is {path.name}",
                f"write `name: {path.stem}`, or rename the file",
            )
        )
    lists = {p.stem for folder in (root, review) for p in (folder / _CHECKLISTS).glob("*.yaml")}
    for number, rule in enumerate(profile.checklists if "checklists" in known else ()):
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
