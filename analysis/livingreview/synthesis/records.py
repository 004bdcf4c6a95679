"""Result objects as JSON and back: frozen dataclasses of plain values, tuples, dictionaries and other such dataclasses."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
Reader = Callable[[Any], Any]


def to_json(value: Any) -> Any:
    """JSON-ready copy of a result object: dataclasses become dictionaries by field name, tuples become lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): to_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(v) for v in value]
    return value


def from_json(kind: type[T], data: Any) -> T:
    """The result object that :func:`to_json` wrote. Raises KeyError for a missing and TypeError for an unknown field."""
    readers = _readers(kind)  # type: ignore[arg-type]
    if unknown := sorted(data.keys() - readers.keys()):
        raise TypeError(f"{kind.__name__} has no field {', '.join(unknown)}")
    return kind(
        **{
            name: value if (value := data[name]) is None or read is None else read(value)
            for name, read in readers.items()
        }
    )


@functools.cache
def _readers(kind: Any) -> dict[str, Reader | None]:
    resolved = typing.get_type_hints(kind)
    return {f.name: _reader(resolved[f.name]) for f in dataclasses.fields(kind)}


@functools.cache
def _reader(hint: Any) -> Reader | None:
    """What makes a field of this type from its JSON, which is not null; None where the JSON is the field."""
    arguments = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _reader(next(a for a in arguments if a is not type(None)))
    if origin is tuple:
        each = _reader(arguments[0])
        if each is None:
            return tuple
        return lambda values: tuple([v if v is None else each(v) for v in values])
    if origin is dict:
        of = _reader(arguments[1])
        if of is None:
            return dict
        return lambda values: {k: v if v is None else of(v) for k, v in values.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return functools.partial(from_json, hint)
    return float if hint is float else None
