"""The manuscript folder as a Quarto project: its settings, metadata, variables, templates and bibliographies."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from livingreview.errors import Problem, ReviewError
from livingreview.publish.sources import Source, load_yaml

# Settings of the project that are not metadata of the document.
_SETTINGS = ("project", "metadata-files", "format", "filters", "execute")


@dataclass(frozen=True)
class Project:
    """The ``manuscript`` folder of a review; what it lacks comes from the repository's own ``manuscript`` folder."""

    review: Path
    root: Path

    @property
    def folder(self) -> Path:
        """The folder of the sources."""
        return self.review / "manuscript"

    def resource(self, name: str) -> Path:
        """A project file (template, filter, style): the review's own, else the repository's."""
        own = self.folder / name
        return own if own.exists() else self.root / "manuscript" / name

    def shown(self, path: Path) -> str:
        """The path as people know it: relative to the review (or to the repository)."""
        for base in (self.review, self.root):
            try:
                return path.resolve().relative_to(base.resolve()).as_posix()
            except ValueError:
                continue
        return path.name

    def read_yaml(self, path: Path) -> dict[str, Any]:
        """A YAML map; a missing file is an empty one. Raises ReviewError with the line when it cannot be read."""
        if not path.is_file():
            return {}
        return self.parse_yaml(path.read_text(encoding="utf-8-sig"), path)

    def parse_yaml(self, text: str, path: Path, first_line: int = 1) -> dict[str, Any]:
        """The map in a YAML text that begins at ``first_line`` of a file; raises ReviewError with file and line."""
        try:
            loaded = load_yaml(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or "cannot be read"
            line = mark.line + first_line if mark else None
            raise ReviewError(Problem(f"not valid YAML: {what}", self.shown(path), line)) from None
        return loaded if isinstance(loaded, dict) else {}

    @cached_property
    def settings(self) -> dict[str, Any]:
        """``_quarto.yml``."""
        return self.read_yaml(self.resource("_quarto.yml"))

    @cached_property
    def variables(self) -> dict[str, Any]:
        """``_variables.yml``: the named values of the prose."""
        return self.read_yaml(self.folder / "_variables.yml")

    @cached_property
    def shared_metadata(self) -> dict[str, Any]:
        """Metadata that all documents share: the project's, then that of its metadata files."""
        merged = {key: value for key, value in self.settings.items() if key not in _SETTINGS}
        for name in self.settings.get("metadata-files") or []:
            merged = _merge(merged, self.read_yaml(self.folder / name))
        return merged

    def metadata(self, source: Source) -> dict[str, Any]:
        """Metadata of a document, the nearer place winning: project, metadata files, front matter."""
        front = self.parse_yaml(source.front_text, source.path, first_line=2)
        front = {key: value for key, value in front.items() if key not in _SETTINGS}
        return _merge(self.shared_metadata, front)

    def format_options(self, name: str) -> dict[str, Any]:
        """Options of one output format (``typst``, ``html``, ``docx``)."""
        options = (self.settings.get("format") or {}).get(name)
        return options if isinstance(options, dict) else {}

    def entry(self, document: str) -> tuple[Path, str]:
        """Source and label prefix of a document of the protocol (validated by the first gate; read here as plain YAML).

        Raises ReviewError for a name that the protocol does not have.
        """
        listed = self.read_yaml(self.review / "review.yaml").get("documents") or []
        for entry in listed:
            if isinstance(entry, dict) and entry.get("name") == document:
                return self.review / str(entry["source"]), str(entry.get("label_prefix") or "")
        if any(isinstance(entry, dict) for entry in listed):
            names = ", ".join(str(entry.get("name")) for entry in listed if isinstance(entry, dict))
            raise ReviewError(
                Problem(f"there is no document {document}", "review.yaml", column="documents", allowed=names)
            )
        return self.folder / f"{document}.qmd", ""

    def filters(self) -> list[Path]:
        """The Lua filters, in the order in which they run."""
        listed = self.settings.get("filters") or []
        return [
            self.resource(item["path"] if isinstance(item, dict) else item)
            for item in listed
            if item != "citeproc"
        ]

    def bibliographies(self, metadata: dict[str, Any]) -> list[Path]:
        """The bibliography files that the metadata names."""
        named = metadata.get("bibliography") or []
        return [self.folder / str(name) for name in ([named] if isinstance(named, str) else named)]


def epoch(metadata: dict[str, Any]) -> int:
    """Seconds since 1970 of the release date (midnight UTC) in the metadata; 1980-01-01, where ZIP begins, without one."""
    try:
        day = datetime.date.fromisoformat(str(metadata.get("date", "")))
    except ValueError:
        day = datetime.date(1980, 1, 1)
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC).timestamp())


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], value)
        elif isinstance(value, list) and isinstance(merged.get(key), list) and key == "bibliography":
            # Quarto adds the lists of bibliographies of both places.
            merged[key] = [*merged[key], *(item for item in value if item not in merged[key])]
        else:
            merged[key] = value
    return merged
