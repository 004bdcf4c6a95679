"""What of the method changed between two versions: fields of the protocol, versions of the software, code of the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

PROTOCOL = "review.yaml"
ABOUT = ("version", "date", "data_date", "access_date", "status")
"""Fields that change with every version and say nothing of the method."""
LOCK = "requirements.lock"
_NAMES = ("code", "name", "id", "published", "given")


def protocol_changes(before: Path, after: Path) -> list[dict[str, Any]]:
    """Fields of ``review.yaml`` that differ between two reviews: ``{path, before, after, about}``, in the order of the paths.

    A list of entries with a code or a name is compared entry by entry. ``before`` and ``after`` are texts, "" where the field is
    missing; ``about`` marks the fields of :data:`ABOUT`.
    """
    old, new = (flat(_read(folder / PROTOCOL)) for folder in (before, after))
    return [
        {
            "path": path,
            "before": old.get(path, ""),
            "after": new.get(path, ""),
            "about": path.split(".")[0] in ABOUT,
        }
        for path in dict.fromkeys([*new, *old])
        if old.get(path, "") != new.get(path, "")
    ]


def _read(path: Path) -> Any:
    return yaml.load(
        path.read_text(encoding="utf-8-sig"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )


def flat(value: Any, path: str = "") -> dict[str, str]:
    """Each single value by its dotted path, as text; entries of a list by their code or name, else by their place."""
    if isinstance(value, Mapping):
        return {
            k: t
            for name, part in value.items()
            for k, t in flat(part, f"{path}.{name}" if path else str(name)).items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        if all(not isinstance(item, Mapping | list) for item in value):
            return {path: ", ".join(_text(item) for item in value)}
        found: dict[str, str] = {}
        for place, item in enumerate(value, start=1):
            names = [str(item[n]) for n in _NAMES if n in item] if isinstance(item, Mapping) else []
            found |= flat(item, f"{path}[{names[0] if names else place}]")
        return found
    return {path: _text(value)}


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def version_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[dict[str, str]]:
    """What has another version in ``after``: ``{name, before, after}``; nothing where the earlier side says nothing.

    Only names of ``after`` count: a release lists every locked package, a build the review's own requirements.
    """
    if not before:
        return []
    return [
        {"name": name, "before": before.get(name, ""), "after": version}
        for name, version in sorted(after.items())
        if before.get(name) != version and (name in before or before.get(LOCK) != after.get(LOCK))
    ]


def code_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Steps of both versions whose code, or what it runs with, differs; sorted."""
    return sorted(step for step in before.keys() & after.keys() if before[step] != after[step])
