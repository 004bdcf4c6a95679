"""Where raw rows stand now: file and line of each row key, looked up in the tables as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livingreview import yaml_source
from livingreview.errors import ReviewError
from livingreview.extraction.read import read_table
from livingreview.extraction.rowkeys import CODED, row_key

RAW = Path("data/raw")
PROTOCOL = "review.yaml"
WHOLE = "@"
"""A key ``records@web`` stands for every row of the table of that stream."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: file relative to the review, line as a spreadsheet counts it (None: the whole file), and its cells."""

    file: str
    line: int | None
    cells: Mapping[str, str] = field(default_factory=dict)
    rows: int = 1

    def __str__(self) -> str:
        if self.line is None:
            return f"{self.file} ({self.rows} rows)" if self.rows != 1 else self.file
        return f"{self.file}, {'row' if self.file.endswith('.csv') else 'line'} {self.line}"


class Rows:
    """The tables of a review, read as text: a table that would not pass validation can be traced too."""

    def __init__(self, review: Path) -> None:
        self.review = review
        self._places: dict[str, list[Place]] = {}
        self._files: dict[str, Place] = {}
        for path in sorted((review / RAW).rglob("*.csv")):
            self._read(path)
        self._yaml: dict[str, yaml_source.Source | None] = {}

    def _read(self, path: Path) -> None:
        shown = path.relative_to(self.review).as_posix()
        table, stream = path.stem, ""
        if match := re.fullmatch(r"(queries|records)_(.+)", path.stem):
            table, stream = match[1], match[2]
        raw = read_table(path, table, shown)
        if stream:
            self._files[f"{table}{WHOLE}{stream}"] = Place(shown, None, {}, len(raw.rows))
        if table == "queries":
            self._files[f"queries:{stream}"] = Place(shown, None, {}, len(raw.rows))
            return
        for row in raw.rows:
            cells = {**row.cells, **({"stream": stream} if stream else {})}
            try:
                key = row_key(table, {k: v or None for k, v in cells.items()})
            except KeyError:
                continue
            self._places.setdefault(key, []).append(Place(shown, row.row, cells))

    def find(self, key: str) -> list[Place]:
        """Places of a row key: several where a key is not unique, none where it is in no table any more."""
        if key in self._files:
            return [self._files[key]]
        table, _, path = key.partition(":")
        if table == PROTOCOL:
            return self._in_yaml(PROTOCOL, path)
        if table == "published":
            name = self._published()
            return self._in_yaml(name, path) if name else []
        return list(self._places.get(key, ()))

    def of_study(self, study: str) -> dict[str, list[Place]]:
        """Every row of a study by key."""
        return {
            key: places
            for key, places in self._places.items()
            if any(p.cells.get("study_id") == study for p in places)
            and key.partition(":")[0] not in {"appraisal_tools", *_NOT_OF_STUDY}
        }

    def study(self, study: str) -> Mapping[str, str] | None:
        """Cells of a study's own row; None for an unknown one."""
        places = self._places.get(f"studies:{study}")
        return places[0].cells if places else None

    def studies(self) -> list[str]:
        """Ids of all studies, sorted."""
        return sorted(key.partition(":")[2] for key in self._places if key.startswith("studies:"))

    def _source(self, name: str) -> yaml_source.Source | None:
        if name not in self._yaml:
            try:
                self._yaml[name] = yaml_source.read(self.review / name, name)
            except ReviewError:
                self._yaml[name] = None
        return self._yaml[name]

    def _published(self) -> str | None:
        source = self._source(PROTOCOL)
        version = (source.data or {}).get("previous_version") if source else None
        return str(version.get("published_file") or "") or None if isinstance(version, dict) else None

    def _in_yaml(self, name: str, path: str) -> list[Place]:
        source = self._source(name)
        if source is None:
            return []
        where: list[str | int] = []
        value: Any = source.data
        for part in path.split("."):
            if isinstance(value, dict) and part in value:
                where.append(part)
                value = value[part]
            elif isinstance(value, list):
                found = [
                    i
                    for i, v in enumerate(value)
                    if isinstance(v, dict) and part in (v.get("code"), v.get("id"))
                ]
                if not found:
                    break
                where.append(found[0])
                value = value[found[0]]
            else:
                break
        shown = "" if isinstance(value, dict | list) or value is None else str(value)
        return [Place(name, source.line(tuple(where)), {"value": shown} if shown else {})]


_NOT_OF_STUDY = frozenset(
    table for table, columns in CODED.items() if table not in ("studies", "records") and columns
)
