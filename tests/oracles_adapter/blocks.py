"""The blocks of a case file, one by one, and the shapes in which results under several correlations may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MEASURES = ("PLO", "PFT", "RR", "OR", "RD", "MD", "SMD", "MN", "MC", "SMCR", "SMCC")


@dataclass(frozen=True)
class Block:
    """One thing to grade: ``name`` as reported, ``leaf`` as the rules know it, and the correlation and measure it stands under."""

    name: str
    leaf: str
    expected: Any
    r: float | None = None
    measure: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The expected values by name; none where the whole block is a word."""
        return self.expected if isinstance(self.expected, dict) else {}


def blocks(name: str, value: Any, assumed: Sequence[float]) -> Iterator[Block]:
    """The blocks under one name of the expected values; ``assumed`` are the correlations that the inputs list."""
    measure = name.removesuffix("by_r").rstrip("_").upper()
    chosen = measure if measure in MEASURES else None
    if name == "by_r" or name.endswith("_by_r") or (chosen and isinstance(value, dict)):
        yield from _by_r(name, value, None, chosen, assumed)
    elif at := re.search(r"(?:^|_)r_?=?(0?\.\d+|0\d)(?=_|$)", name):
        r = float(at[1] if "." in at[1] else f"0.{at[1][1:]}")
        leaf = name.replace(at[0], "").strip("_")
        if not leaf or leaf.upper() in MEASURES:
            yield from _by_r(name, value, r, leaf.upper() or None, assumed)
        else:
            yield Block(name, leaf, value, r)
    else:
        yield Block(name, name, value)


def _by_r(
    name: str, value: Any, r: float | None, measure: str | None, assumed: Sequence[float], model: str = ""
) -> Iterator[Block]:
    """Blocks below ``by_r``, whatever its shape: a dictionary by correlation, one of lists beside a list ``r``, or a list of
    dictionaries with ``r`` each or in the order of the inputs' ``r``; measures and models may stand above or below."""
    if isinstance(value, list) and all(isinstance(v, dict) for v in value):
        listed = [v.get("r", assumed[i] if i < len(assumed) else None) for i, v in enumerate(value)]
        if None not in listed:
            for one, v in zip(listed, value, strict=True):
                rest = {k: x for k, x in v.items() if k != "r"}
                yield from _by_r(f"{name}/{one}", rest, float(one), measure, assumed, model)
            return
    if not isinstance(value, dict):
        yield Block(name, model, value, r, measure)
        return
    if isinstance(value.get("r"), list):
        for i, one in enumerate(value["r"]):
            rest = {k: x[i] for k, x in value.items() if k != "r" and isinstance(x, list)}
            yield from _by_r(f"{name}/{one}", rest, float(one), measure, assumed, model)
        return
    if r is not None and (
        model or any(isinstance(value.get(k), int | float | str) for k in ("estimate", "se", "tau2"))
    ):
        yield from _loose(name, value, r, measure, model or "model")
        return
    loose: dict[str, Any] = {}
    for key, inner in value.items():
        correlation = _correlation(key)
        below = isinstance(inner, dict) and (
            isinstance(inner.get("r"), list) or any(_correlation(k) is not None for k in inner)
        )
        at = re.fullmatch(r"(.+?)_r?_?(0?\.\d+)", key)
        if correlation is not None and isinstance(inner, dict | list):
            inner = {"yi": inner} if isinstance(inner, list) else inner
            yield from _by_r(f"{name}/{key}", inner, correlation, measure, assumed, model)
        elif key.upper() in MEASURES and isinstance(inner, dict | list):
            yield from _by_r(f"{name}/{key}", inner, r, key.upper(), assumed, model)
        elif below:
            yield from _by_r(f"{name}/{key}", inner, r, measure, assumed, key)
        elif at and isinstance(inner, dict):
            yield Block(f"{name}/{key}", at[1], inner, float(at[2]), measure)
        elif isinstance(inner, dict | str):
            yield Block(f"{name}/{key}", key, inner, r, measure)
        else:
            loose[key] = inner
    yield from _loose(name, loose, r, measure, model or "model")


def _correlation(key: str) -> float | None:
    """The correlation that a key is."""
    if number := re.fullmatch(r"(?:r[_=]?)?(-?[01]?\.\d+|0|1)", key):
        return float(number[1])
    short = re.fullmatch(r"r_?0(\d)", key)
    return float(f"0.{short[1]}") if short else None


def _loose(
    name: str, values: dict[str, Any], r: float | None, measure: str | None, model: str
) -> Iterator[Block]:
    """Values that stand directly under a correlation: effects, and a model, by its name or to be found from its numbers."""
    if not values:
        return
    if model == "effects":
        yield Block(name, model, values, r, measure)
        return
    arrays = {k: v for k, v in values.items() if k in ("yi", "vi")}
    rest = {k: v for k, v in values.items() if k not in arrays}
    if arrays:
        yield Block(f"{name}/effects", "effects", arrays, r, measure)
    if rest:
        yield Block(f"{name}/{model}", model, rest, r, measure)
