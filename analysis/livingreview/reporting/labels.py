"""The labelled places of all documents, from their sources: what a checklist can point at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from livingreview import yaml_source
from livingreview.publish.sources import Source, include_path

SPECIAL = ("title", "abstract")
"""Places that every main document has without a label."""

_BUILT = {"tables": "tbl", "figures": "fig"}


@dataclass(slots=True)
class Labels:
    """Documents by label. ``open`` are documents that include files which are not built yet: these may bring any figure or table."""

    by_label: dict[str, list[str]] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    prefixes: dict[str, str] = field(default_factory=dict)

    def documents(self, place: str) -> list[str]:
        """Names of the documents that have a place; ``document/label`` means one of them."""
        document, _, label = place.rpartition("/")
        found = self.by_label.get(label or place, [])
        return [d for d in found if d == document] if document else list(found)

    def may_exist(self, place: str) -> bool:
        """Whether a place that is not known could be in a file that has not been built yet."""
        document, _, label = place.rpartition("/")
        unbuilt = {document} & self.open if document else self.open
        return bool(unbuilt) and label.startswith(("tbl-", "fig-"))

    def names(self) -> list[str]:
        """Every label, and the special places."""
        return [*SPECIAL, *sorted(self.by_label)]


def listed(review: Path) -> dict[str, tuple[str, str]]:
    """Source and label prefix of each document, from the protocol (its own check validates it; read here as plain YAML)."""
    data = yaml_source.read(review / "review.yaml", "review.yaml").data
    entries = data.get("documents") if isinstance(data, dict) else None
    return {
        str(e["name"]): (str(e["source"]), str(e.get("label_prefix") or ""))
        for e in entries or []
        if isinstance(e, dict) and "name" in e and "source" in e
    }


def read(review: Path, documents: Mapping[str, tuple[str, str]]) -> Labels:
    """The labels of documents ``{name: (source, label prefix)}``; a missing source has none."""
    found = Labels(prefixes={name: prefix for name, (_, prefix) in documents.items()})
    for name, (source, _) in documents.items():
        _visit(review / source, (review / source).parent, name, found, set())
    return found


def _visit(path: Path, folder: Path, document: str, found: Labels, seen: set[Path]) -> None:
    if path in seen or not path.is_file():
        return
    seen.add(path)
    source = Source(path)
    for label in source.labels():
        _add(found, label.name, document)
    for code in source.shortcodes():
        if code.name != "include":
            continue
        target = include_path(code.detail, folder)
        if target.is_file():
            _visit(target, folder, document, found, seen)
            continue
        found.open.add(document)
        # one table or figure a file, named by its label
        if (kind := _BUILT.get(target.parent.name)) and target.suffix == ".md":
            _add(found, f"{kind}-{target.stem}", document)


def _add(found: Labels, label: str, document: str) -> None:
    documents = found.by_label.setdefault(label, [])
    if document not in documents:
        documents.append(document)
