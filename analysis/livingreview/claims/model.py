"""What a claim is, and the set of all claims: keys are unique, never both a value and a group, and always resolvable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from livingreview.errors import ReviewError

_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)*")


@dataclass(frozen=True, slots=True)
class Claim:
    """One named number or statement.

    ``value`` is the plain value (None: no data); ``text`` is markdown ready to print; ``unit`` says what the value
    counts or measures; ``definition`` is one line for a person; ``studies`` are the ids of the studies it rests on.
    """

    key: str
    value: Any
    text: str
    unit: str = ""
    definition: str = ""
    studies: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON-ready fields without the key."""
        return {
            "value": self.value,
            "text": self.text,
            "unit": self.unit,
            "definition": self.definition,
            "studies": sorted(set(self.studies)),
        }


class Claims:
    """A growing set of claims by key."""

    def __init__(self) -> None:
        self._by_key: dict[str, Claim] = {}

    def __iter__(self) -> Iterator[Claim]:
        return iter(self._by_key[key] for key in sorted(self._by_key))

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def __getitem__(self, key: str) -> Claim:
        return self._by_key[key]

    def __len__(self) -> int:
        return len(self._by_key)

    def add(
        self,
        key: str,
        value: Any,
        text: str,
        *,
        unit: str = "",
        definition: str = "",
        studies: Iterable[str] = (),
    ) -> Claim:
        """Add a claim and return it. Raises :class:`ReviewError` for a malformed or repeated key."""
        if not _KEY.fullmatch(key):
            raise ReviewError(
                f"`{key}` cannot be a claim's key: small letters, digits and `_`, joined by dots"
            )
        if key in self._by_key:
            raise ReviewError(
                f"two claims would be called `{key}`; is a therapy's code the name of a group of claims?"
            )
        if not text.strip():
            raise ReviewError(f"the claim `{key}` has no text; a value that is missing says so in words")
        claim = Claim(key, value, " ".join(text.split("\n")), unit, definition, tuple(studies))
        self._by_key[key] = claim
        return claim

    def nested(self) -> dict[str, Any]:
        """Texts as nested dictionaries, for ``_variables.yml``.

        Raises :class:`ReviewError` where a key is both a claim and a group of claims.
        """
        tree: dict[str, Any] = {}
        for claim in self:
            *groups, name = claim.key.split(".")
            node = tree
            for group in groups:
                node = node.setdefault(group, {})
                if not isinstance(node, dict):
                    raise ReviewError(f"`{claim.key}` would lie inside another claim")
            if name in node:
                raise ReviewError(f"`{claim.key}` is both a claim and a group of claims")
            node[name] = claim.text
        return tree

    def to_json(self) -> dict[str, Any]:
        """All claims by key, JSON-ready."""
        return {claim.key: claim.to_json() for claim in self}
