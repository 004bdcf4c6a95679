"""Degrees of response: what exclusive counts of complete, partial, any and none say together, by arithmetic alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CATEGORIES = ("complete", "partial", "any", "none")
"""Complete, partial and none exclude each other; any is complete or partial, degree unknown."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the category counts of one reading say (see :class:`livingreview.synthesis.responses.Response` for the fields)."""

    complete: int | None
    partial: int | None
    any_only: int | None
    none: int | None
    responders: int | None
    at_least: int
    at_most: int | None
    total: int | None
    derived: tuple[str, ...] = ()
    problem: str | None = None


def solve(given: Mapping[str, int | None], total: int | None) -> Counts:
    """Responders and the categories that follow by arithmetic from the exclusive counts ``given`` of ``total`` units.

    Steps: (1) no unit is left beside the known categories: the missing ones are 0 (partial 1 of 1: complete 0);
    (2) complete and partial known: responders are their sum; (3) ``any`` known and the two not both known: responders
    are ``any``, complete stays missing, except that no responder at all means no complete one; (4) else responders
    stay unknown, at least the ones known. That the rest beside ``none`` responded is never concluded. Counts that
    exceed the total are reported in ``problem`` and nothing is derived from them.
    """
    complete, partial, either, none = (given.get(c) for c in CATEGORIES)
    known = sum(v for v in (complete, partial, none) if v is not None)
    responding = (complete or 0) + (partial or 0)
    at_least = max(responding, either or 0)
    if total is not None and max(known, at_least + (none or 0)) > total:
        problem = "the counts exceed the number evaluated"
        return Counts(complete, partial, either, none, None, 0, None, total, problem=problem)
    derived: list[str] = []
    if total is not None and total > 0:
        if known == total:
            derived += [
                c for c, v in (("complete", complete), ("partial", partial), ("none", none)) if v is None
            ]
        elif either == 0:
            derived += [c for c, v in (("complete", complete), ("partial", partial)) if v is None]
        elif either == total and none is None:
            derived.append("none")
    complete = 0 if "complete" in derived else complete
    partial = 0 if "partial" in derived else partial
    none = 0 if "none" in derived else none
    responders = complete + partial if complete is not None and partial is not None else either
    degree_known = complete is not None and partial is not None
    at_most = responders if responders is not None else None if total is None else total - (none or 0)
    return Counts(
        complete=complete,
        partial=partial,
        any_only=None if degree_known else either,
        none=none,
        responders=responders,
        at_least=responders if responders is not None else at_least,
        at_most=at_most,
        total=total,
        derived=tuple(derived),
    )
