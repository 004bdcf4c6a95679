"""A pydantic model read from YAML: what does not fit is told with file, line, and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from livingreview.errors import Problem
from livingreview.nearest import nearest
from livingreview.protocol_types import pattern_words
from livingreview.yaml_source import Source, Where

AModel = TypeVar("AModel", bound=BaseModel)
_MANY = (list, dict, tuple)


def at(source: Source, name: str, where: Where, message: str, suggestion: str = "") -> Problem:
    """A problem at a place of the document: a path of keys and list positions (from 0)."""
    return Problem(message, file=name, row=source.line(where), column=dotted(where), suggestion=suggestion)


def dotted(where: Where) -> str:
    """A place as people read it, e.g. ``therapies[2].label``."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in where).lstrip(".")


def problems(model: type[BaseModel], source: Source, name: str, error: ValidationError) -> list[Problem]:
    """What pydantic found, told with file and line; ``model`` is the model that was asked to read ``source``."""
    return [_problem(model, source, name, dict(detail)) for detail in error.errors(include_url=False)]


def meant(model: type[BaseModel], detail: Mapping[str, Any]) -> Where | None:
    """The place of the key that an unknown key was meant for, if one is near; ``detail`` is one of pydantic's errors."""
    if detail["type"] != "extra_forbidden":
        return None
    place: Where = tuple(part for part in detail["loc"] if part != "[key]")
    match = nearest(str(place[-1]), _keys(model, place[:-1]))
    return (*place[:-1], match) if match else None


def partial(model: type[AModel], data: dict[str, Any]) -> tuple[AModel, frozenset[str]]:
    """What can be read of a document that is not valid: its valid fields, and their names (others are not set)."""
    good: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if name not in data:
            continue
        try:
            annotation: Any = Annotated[info.annotation, info]
            good[name] = TypeAdapter(annotation).validate_python(data[name])
        except ValidationError:
            continue
    return model.model_construct(**good), frozenset(good)


def _problem(model: type[BaseModel], source: Source, name: str, detail: dict[str, Any]) -> Problem:
    asked: Where = tuple(part for part in detail["loc"] if part != "[key]")
    kind, context, value = detail["type"], detail.get("ctx", {}), detail.get("input")
    where = asked if kind == "missing" else _written(source, asked)
    shown = value if isinstance(value, str) else None
    if kind == "extra_forbidden":
        key = str(where[-1])
        known = _keys(model, asked[:-1])
        match = (meant(model, detail) or ("",))[-1]
        return Problem(
            f"unknown key `{key}`",
            file=name,
            row=source.line(where),
            column=dotted(where),
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
    elif kind in ("bool_parsing", "bool_type"):
        message, allowed = "neither true nor false", "true, false"
    elif kind in ("tuple_type", "list_type"):
        message, allowed = "not a list", "[one, two], or lines that begin with a dash"
    elif kind in ("model_type", "model_attributes_type", "dict_type"):
        message, allowed = "lines of `key: value` are expected here", ", ".join(_keys(model, asked))
    elif kind == "string_type":
        message = "a text is expected here, not a list or lines of `key: value`"
    elif kind == "too_short":
        message, shown = "the list must not be empty", None
    elif kind == "value_error":
        message = str(context["error"])
    else:
        message = detail["msg"][0].lower() + detail["msg"][1:]
    return Problem(
        message, file=name, row=source.line(where), column=dotted(where), value=shown, allowed=allowed
    )


def _written(source: Source, asked: Where) -> Where:
    """The place in the document: without a ``value`` that the model put around a bare value."""
    found: Where = ()
    for part in asked:
        if part != "value" or (*found, part) in source.lines:
            found = (*found, part)
    return found


def _keys(model: Any, where: Where) -> list[str]:
    """Known keys of the model that stands at a path of the document."""
    for part in where:
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(str(part))
            model = field.annotation if field else None
        else:
            model = _inside(model) if get_origin(model) in _MANY else None
        while get_origin(model) is not None and get_origin(model) not in _MANY:
            model = get_args(model)[0]  # Annotated[X, …] and X | None
    if isinstance(model, type) and issubclass(model, BaseModel):
        return list(model.model_fields)
    return []


def _inside(many: Any) -> Any:
    return [inner for inner in get_args(many) if inner is not Ellipsis][-1]
