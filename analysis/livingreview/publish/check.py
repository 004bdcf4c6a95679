"""The static check of a document before any engine runs: every unresolved name, with the file and line where it stands."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError, Severity
from livingreview.publish.expand import KNOWN, keys, printable, value
from livingreview.publish.project import Project
from livingreview.publish.sources import LABEL_KINDS, Found, Source, files, include_path

_CROSSREF = re.compile(rf"(?:{'|'.join(LABEL_KINDS)})-")
_WORDS = {"fig": "figure", "tbl": "table", "eq": "equation", "sec": "section"}


def check(document: Path, project: Project) -> list[Problem]:
    """Every problem of a document and of the files it includes; severity ``error`` must stop the build.

    Errors: unreadable front matter, unknown ``var``, ``meta``, shortcode, cross-reference or citation, missing or
    circular include, missing image or bibliography, a label given twice. Warnings: a figure or table that the text
    never mentions (not in a supplement, which has a ``label-prefix``), a figure without alternative text.
    """
    if not document.is_file():
        return [Problem("the document is missing", project.shown(document))]
    try:
        metadata = project.metadata(Source(document))
        variables = project.variables
    except ReviewError as error:
        return error.problems
    return _Check(document, project, metadata, variables).problems()


class _Check:
    def __init__(
        self, document: Path, project: Project, metadata: dict[str, Any], variables: dict[str, Any]
    ) -> None:
        self.document = document
        self.project = project
        self.metadata = metadata
        self.variables = variables
        self.sources = files(document)
        self.found: list[Problem] = []

    def problems(self) -> list[Problem]:
        for source in self.sources:
            for code in source.shortcodes():
                self._shortcode(source, code)
            for image in source.images():
                self._image(source, image)
        self._cycles(self.document, ())
        labels = self._labels()
        used = self._references(labels, self._bibliography())
        # The text of a supplement need not lead to each of its items.
        supplement = bool(self.metadata.get("label-prefix"))
        for label, (source, item) in labels.items():
            kind = label.split("-")[0]
            if kind in ("fig", "tbl") and label not in used and not supplement:
                self._say(
                    source,
                    item,
                    f"the {_WORDS[kind]} {label} is never mentioned in the text",
                    severity="warning",
                )
        return self.found

    def _say(
        self, source: Source, item: Found, message: str, near: str = "", severity: Severity = "error"
    ) -> None:
        self.found.append(
            Problem(message, self.project.shown(source.path), item.line, suggestion=near, severity=severity)
        )

    def _shortcode(self, source: Source, code: Found) -> None:
        if code.name in ("var", "meta"):
            tree = self.variables if code.name == "var" else self.metadata
            entry = value(tree, code.detail)
            if printable(entry) is not None:
                return
            what = "value" if code.name == "var" else "metadata entry"
            if isinstance(entry, dict | list) and entry:
                inside = ", ".join(keys(entry)[:8])
                self._say(
                    source, code, f"`{code.detail}` names a group of values, not one: it holds {inside}"
                )
            else:
                self._say(
                    source, code, f"there is no {what} `{code.detail}`", _nearest(code.detail, keys(tree))
                )
        elif code.name == "include":
            path = include_path(code.detail, self.document.parent)
            if not path.is_file():
                beside = path.parent.iterdir() if path.parent.is_dir() else []
                self._say(
                    source,
                    code,
                    f"the included file {self.project.shown(path)} does not exist",
                    _nearest(code.detail, (p.relative_to(self.document.parent).as_posix() for p in beside)),
                )
        elif code.name not in KNOWN:
            allowed = ", ".join(f"`{name}`" for name in KNOWN)
            self._say(
                source,
                code,
                f"unknown shortcode `{code.name}`; known ones are {allowed}",
                _nearest(code.name, KNOWN),
            )

    def _image(self, source: Source, image: Found) -> None:
        if "://" in image.name:
            self._say(
                source,
                image,
                f"the image {image.name} lies outside the project; documents load nothing from elsewhere",
            )
            return
        path = self.document.parent / image.name
        if not path.is_file():
            near = (
                _nearest(path.name, (p.name for p in path.parent.iterdir())) if path.parent.is_dir() else ""
            )
            self._say(source, image, f"the image {image.name} does not exist", near)
        if "#fig-" in image.detail and "fig-alt=" not in image.detail:
            self._say(
                source,
                image,
                f"the figure {image.name} has no alternative text (fig-alt); its caption stands in",
                severity="warning",
            )

    def _cycles(self, path: Path, inside: tuple[Path, ...]) -> None:
        source = next((s for s in self.sources if s.path == path), None)
        if source is None:
            return
        for code in source.shortcodes():
            if code.name != "include":
                continue
            target = include_path(code.detail, self.document.parent)
            if target in (*inside, path):
                self._say(
                    source,
                    code,
                    f"{self.project.shown(target)} includes itself, directly or through other files",
                )
            else:
                self._cycles(target, (*inside, path))

    def _labels(self) -> dict[str, tuple[Source, Found]]:
        labels: dict[str, tuple[Source, Found]] = {}
        for source in self.sources:
            for item in source.labels():
                if item.name in labels:
                    first_source, first = labels[item.name]
                    place = f"{self.project.shown(first_source.path)}, line {first.line}"
                    self._say(source, item, f"the label {item.name} is given twice; first in {place}")
                else:
                    labels[item.name] = (source, item)
        return labels

    def _references(self, labels: dict[str, tuple[Source, Found]], entries: set[str]) -> set[str]:
        used: set[str] = set()
        for source in self.sources:
            for item in source.citations():
                if _CROSSREF.match(item.name):
                    used.add(item.name)
                    if item.name not in labels:
                        kind = _WORDS[item.name.split("-")[0]]
                        self._say(
                            source,
                            item,
                            f"there is no {kind} `{item.name}` to refer to",
                            _nearest(item.name, labels),
                        )
                elif item.name not in entries:
                    self._say(
                        source,
                        item,
                        f"the citation `@{item.name}` is in none of the bibliographies",
                        _nearest(item.name, entries),
                    )
        return used

    def _bibliography(self) -> set[str]:
        entries: set[str] = set()
        for path in self.project.bibliographies(self.metadata):
            if not path.is_file():
                self.found.append(
                    Problem(f"the bibliography {path.name} does not exist", self.project.shown(path))
                )
                continue
            text = path.read_text(encoding="utf-8-sig")
            if path.suffix == ".json":
                try:
                    entries.update(str(item["id"]) for item in json.loads(text))
                except (ValueError, KeyError, TypeError) as error:
                    self.found.append(
                        Problem(f"not a CSL-JSON bibliography: {error}", self.project.shown(path))
                    )
            else:
                entries.update(
                    re.findall(r"^\s*@(?!comment|string|preamble)\w+\s*\{\s*([^,\s]+)\s*,", text, re.M | re.I)
                )
        if style := self.metadata.get("csl"):
            path = self.project.folder / str(style)
            if not path.is_file():
                self.found.append(
                    Problem(f"the citation style {path.name} does not exist", self.project.shown(path))
                )
        return entries


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else ""
