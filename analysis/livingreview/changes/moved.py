"""Claims that moved between two versions, with the studies responsible."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from livingreview.changes.rebuild import Claims

Claim = Mapping[str, Any]


def moved(
    before: Claims,
    after: Claims,
    touched: Callable[[str], Collection[str]],
    changed_rows: Mapping[str, Collection[str]],
    due: Callable[[str], Mapping[str, Any]],
    factor: Callable[[str], str],
    printed: Mapping[str, list[str]],
) -> list[dict[str, Any]]:
    """Every claim whose value or text differs, sorted by key.

    ``touched`` gives for a key the ids of the studies that could bear on it and whose data changed in any way, ``changed_rows`` the keys of their changed rows (``table:study:own
    key``), ``due`` tells for a key what its move is due to (see :func:`livingreview.changes.attribution.shares`), ``factor`` to which factor
    the changes of a study belong, ``printed`` in which documents a claim prints. A study is responsible only through its own factor.

    Each is ``{key, definition, unit, what, before, after, change, studies, due, printed}``: ``what`` is ``moved``, ``new`` or ``gone``;
    ``before`` and ``after`` are ``{value, text}`` (None where the version has no such claim); ``change`` is the difference of plain
    numbers, else None.
    """
    found = []
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        if same(was, now):
            continue
        one = now or was or {}
        shares = due(key)
        factors = {f for part in shares["parts"] for f in part["factors"]}
        near = [s for s in sorted(touched(key)) if factor(s) in factors]
        # A claim that rests on none of them by name (a count of all patients, say) moved through all of them.
        studies = responsible(was, now, near, changed_rows) or near
        found.append(
            {
                "key": key,
                "definition": one.get("definition", ""),
                "unit": one.get("unit", ""),
                "format": one.get("format", ""),
                "what": "new" if was is None else "gone" if now is None else "moved",
                "before": _told(was),
                "after": _told(now),
                "change": _change(was, now),
                "studies": studies,
                "due": shares,
                "printed": printed.get(key, []),
            }
        )
    return found


def same(was: Claim | None, now: Claim | None) -> bool:
    """Whether two claims print the same and hold the same value."""
    if was is None or now is None:
        return was is now
    return (was.get("text"), was.get("value")) == (now.get("text"), now.get("value"))


def _told(claim: Claim | None) -> dict[str, Any] | None:
    return None if claim is None else {"value": claim.get("value"), "text": claim.get("text", "")}


def number(claim: Claim | None) -> float | None:
    """The value of a claim as a plain number; None where it is none."""
    value = None if claim is None else claim.get("value")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _change(was: Claim | None, now: Claim | None) -> float | None:
    a, b = number(was), number(now)
    return None if a is None or b is None else b - a


def responsible(
    was: Claim | None,
    now: Claim | None,
    touched: Collection[str],
    changed_rows: Mapping[str, Collection[str]],
) -> list[str]:
    """Ids of the studies that the claim rests on before or after and whose data changed, sorted.

    Where the claim names the raw rows it rests on, a study that it holds on both sides counts only with one of these rows changed.
    """
    sides = [set((claim or {}).get("studies") or ()) for claim in (was, now)]
    rows = {str(r) for claim in (was, now) for r in (claim or {}).get("rows") or ()}
    found = []
    for study in sorted((sides[0] | sides[1]) & set(touched)):
        on_both = study in sides[0] and study in sides[1]
        if on_both and rows and not rows & set(changed_rows.get(study, ())):
            continue
        found.append(study)
    return found


def row_keys(changes: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Keys of the changed rows by study, in the form in which claims name rows: ``table:study[:own key]``."""
    found: dict[str, list[str]] = {}
    for change in changes:
        study = str(change["study"])
        if study:
            table = str(change["table"]).rsplit("/", 1)[-1]
            own = str(change["key"]).replace(", ", ":")
            found.setdefault(study, []).append(":".join(part for part in (table, study, own) if part))
    return found
