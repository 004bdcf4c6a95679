"""How much of each moved claim is due to what, from rebuilds of the cheap steps between the earlier version and the present.

The chain begins with the claims that the earlier version printed and ends with the present ones. Between them stand
counterfactuals: the earlier data under today's code, then with today's protocol, and so on in the order of
:data:`livingreview.changes.counterfactual.FACTORS`. A factor's share of a number is the difference between two neighbours in the
chain; shares add up to the whole change exactly. Another order could share out differently where factors act together, which is why
the order is stated wherever shares print. A claim that is text has no shares: it goes to the first factor at which it changes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview.changes.counterfactual import CODE, FACTORS, METHOD, Between
from livingreview.changes.rebuild import Claims, Rebuilder
from livingreview.errors import ReviewError


@dataclass(frozen=True)
class Link:
    """One step of the chain. ``factors`` are applied together on top of the links before it: more than one where a state between them
    would be no valid review. ``claims`` are those after it."""

    factors: tuple[str, ...]
    claims: Claims

    @property
    def name(self) -> str:
        """Names of its factors for print."""
        return " with ".join(FACTORS[f] for f in self.factors)


@dataclass(frozen=True)
class Chain:
    """``start`` are the earlier claims as printed; the last link's are the present ones. ``refused`` tells why states between could not
    be rebuilt, by factor."""

    start: Claims
    links: tuple[Link, ...]
    refused: Mapping[str, str]


def chain(
    between: Between, start: Claims, end: Claims, rebuilder: Rebuilder, *, same_code: bool = False
) -> Chain:
    """The chain of counterfactuals from ``start`` to ``end``.

    With ``same_code`` the earlier claims were made by the very code that runs, so that they need not be made again.

    A factor that changes nothing in the data has no link. A state that does not pass the extract gate is left out, and its factor goes
    together with the next.
    """
    states = _states(between)
    if same_code and len(states) > 1:
        states = states[1:]
    links: list[Link] = []
    waiting: list[str] = []
    refused: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="livingreview-") as scratch:
        for position, (factor, applied) in enumerate(states):
            waiting.append(factor)
            if position == len(states) - 1:  # these data are the present ones, and their claims at hand
                links.append(Link(tuple(waiting), end))
                break
            folder = Path(scratch) / factor
            folder.mkdir()
            between.write(folder, applied)
            try:
                claims = rebuilder.claims(folder)
            except ReviewError as error:
                refused[factor] = error.problems[0].message if error.problems else str(error)
                continue
            links.append(Link(tuple(waiting), claims))
            waiting = []
    return Chain(start, tuple(links), refused)


def _states(between: Between) -> list[tuple[str, tuple[str, ...]]]:
    """Factor and all factors applied by then, for each that changes a file; the code always stands first."""
    found: list[tuple[str, tuple[str, ...]]] = []
    applied: tuple[str, ...] = ()
    known: Any = None
    for factor in FACTORS:
        applied = (*applied, factor)
        source = between.after if METHOD in applied else between.before
        content = (
            (source.folder / "review.yaml").read_bytes(),
            {n: sorted(t.splitlines()) for n, t in between.texts(applied).items()},
        )
        if factor == CODE or content != known:
            found.append((factor, applied))
        known = content
    return found


def shares(key: str, found: Chain) -> dict[str, Any]:
    """What the move of one claim is due to: ``{"first": name, "parts": [{"factors", "name", "share"}]}``.

    ``parts`` are the links at which the claim changed, in order; ``share`` is the difference in its value (in the claim's own unit) or
    None where either side has no plain number. ``first`` is the name of the first of them; None where no link changes it.
    """
    parts = []
    before = found.start.get(key)
    for link in found.links:
        after = link.claims.get(key)
        if _seen(before) != _seen(after):
            a, b = _number(before), _number(after)
            share = None if a is None or b is None else b - a
            parts.append({"factors": list(link.factors), "name": link.name, "share": share})
        before = after
    return {"first": parts[0]["name"] if parts else None, "parts": parts}


def _seen(claim: Mapping[str, Any] | None) -> Any:
    return None if claim is None else (claim.get("text"), claim.get("value"))


def _number(claim: Mapping[str, Any] | None) -> float | None:
    value = None if claim is None else claim.get("value")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
