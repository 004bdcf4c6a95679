"""The protocol of a review: ``review.yaml`` as typed, frozen data, checked as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from livingreview.errors import Problem, ReviewError
from livingreview.nearest import nearest
from livingreview.protocol_conflicts import CONFLICTS
from livingreview.protocol_model import Protocol
from livingreview.protocol_types import pattern_words
from livingreview.yaml_source import Source, Where, read

FILE = "review.yaml"


@dataclass(frozen=True)
class Draft:
    """What could be read of a protocol: ``protocol`` holds the fields in ``known``; with ``problems`` it is not usable as such."""

    protocol: Protocol
    known: frozenset[str]
    problems: list[Problem]
    source: Source | None = None

    def problem(self, where: Where, message: str, suggestion: str = "") -> Problem:
        """A problem at a place of the protocol that shows only beside other files."""
        return _at(self.source or Source(None), FILE, where, message, suggestion)


def load(path: Path) -> Protocol:
    """Read and check a protocol. Raises ReviewError with every problem, each with file and line."""
    found = draft(path)
    if found.problems:
        raise ReviewError(found.problems)
    return found.protocol


def draft(path: Path) -> Draft:
    """Read a protocol as far as it can be read, so that tables can be checked beside it; raises nothing."""
    path = Path(path)
    name = path.name
    try:
        source = read(path, name)
    except ReviewError as error:
        return Draft(Protocol.model_construct(), frozenset(), error.problems)
    problems = list(source.problems)
    if not isinstance(source.data, dict):
        problems.append(Problem("the protocol must be a list of `key: value` lines", file=name, row=1))
        return Draft(Protocol.model_construct(), frozenset(), problems)
    data = dict(source.data)
    previous = data.get("previous_version")
    if (
        isinstance(previous, dict)
        and "published" not in previous
        and isinstance(previous.get("published_file"), str)
    ):
        published, found = _published(path.parent, previous["published_file"])
        problems += [_at(source, name, ("previous_version", "published_file"), text) for text in found]
        data["previous_version"] = {**previous, "published": published}
    try:
        protocol = Protocol.model_validate(data)
        known = frozenset(Protocol.model_fields)
    except ValidationError as error:
        problems += [_problem(source, name, dict(detail)) for detail in error.errors(include_url=False)]
        protocol, known = _partial(data)
    for needed, conflicts in CONFLICTS:
        if known.issuperset(needed.split()):
            problems += [_at(source, name, where, text, hint) for where, text, hint in conflicts(protocol)]
    return Draft(protocol, known, sorted(problems, key=lambda p: (p.row or 0, p.message)), source)


def _partial(data: dict[str, Any]) -> tuple[Protocol, frozenset[str]]:
    """The fields that are valid by themselves."""
    good: dict[str, Any] = {}
    for name, info in Protocol.model_fields.items():
        if name not in data:
            continue
        try:
            annotation: Any = Annotated[info.annotation, info]
            good[name] = TypeAdapter(annotation).validate_python(data[name])
        except ValidationError:
            continue
    return Protocol.model_construct(**good), frozenset(good)


def _published(folder: Path, file: str) -> tuple[dict[str, Any], list[str]]:
    import json

    import yaml

    if file.startswith("/") or ".." in file.split("/"):
        return {}, []  # refused by the model
    try:
        content = yaml.load(
            (folder / file).read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
        content = json.loads(json.dumps(content, default=str))
    except FileNotFoundError:
        return {}, [f"the file {file} is missing"]
    except (OSError, ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
        return {}, [f"{file} cannot be read: {error}"]
    return (content, []) if isinstance(content, dict) else ({}, [f"{file} must hold `key: value` lines"])


def _at(source: Source, name: str, where: Where, message: str, suggestion: str = "") -> Problem:
    return Problem(message, file=name, row=source.line(where), column=_dotted(where), suggestion=suggestion)


def _dotted(where: Where) -> str:
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")


def _problem(source: Source, name: str, detail: dict[str, Any]) -> Problem:
    where: Where = tuple(part for part in detail["loc"] if part != "[key]")
    kind, context, value = detail["type"], detail.get("ctx", {}), detail.get("input")
    shown = value if isinstance(value, str) else None
    if kind == "extra_forbidden":
        key = str(where[-1])
        known = _keys(Protocol, where[:-1])
        match = nearest(key, known)
        return Problem(
            f"unknown key `{key}`",
            file=name,
            row=source.line(where),
            column=_dotted(where),
            allowed=", ".join(known),
            suggestion=f"`{key}`: did you mean `{match}`?" if match else "",
        )
    allowed = ""
    if kind == "missing":
        message, shown = f"the key `{where[-1]}` is missing", None
    elif kind == "string_pattern_mismatch":
        message, allowed = (
            "not written as it must be",
            pattern_words().get(context["pattern"], context["pattern"]),
        )
    elif kind == "literal_error":
        message, allowed = "not one of the allowed words", context["expected"]
    elif value is None:
        message = "a value is missing here"
    elif kind in ("float_parsing", "int_parsing", "float_type", "int_type"):
        message, allowed = "not a number", "a number, with a decimal point"
    elif kind in ("less_than", "less_than_equal", "greater_than", "greater_than_equal"):
        word = "below" if kind.startswith("less") else "above"
        least, bound = "less" if word == "above" else "more", next(iter(context.values()))
        message = f"must not be {least} than {bound}" if kind.endswith("equal") else f"must be {word} {bound}"
        shown = str(value)
    elif kind.startswith("date_"):
        message, allowed = "not a date", "a day of the calendar as YYYY-MM-DD"
    elif kind == "too_short":
        message, shown = "the list must not be empty", None
    elif kind == "value_error":
        message = str(context["error"])
    else:
        message = detail["msg"][0].lower() + detail["msg"][1:]
    return Problem(
        message, file=name, row=source.line(where), column=_dotted(where), value=shown, allowed=allowed
    )


def _keys(model: Any, where: Where) -> list[str]:
    """Known keys of the model that stands at a path of the protocol."""
    for part in where:
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(str(part))
            model = field.annotation if field else None
        else:
            model = get_args(model)[-1] if get_origin(model) in (list, dict) else None
        while get_origin(model) is not None and get_origin(model) not in (list, dict):
            model = get_args(model)[0]  # Annotated[X, …] and X | None
    if isinstance(model, type) and issubclass(model, BaseModel):
        return list(model.model_fields)
    return []
