"""The other documents of the review as the supplement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from livingreview.publish.snapshot import Tree, inlines
from livingreview.reporting import lists
from livingreview.submission import documents
from livingreview.submission.arrange import item
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.manuscript import counted
from livingreview.submission.parts.record import Record

# Identifier of the box of a reporting checklist in a document, before its code.
_LIST = "item-tbl-checklist-"


def run(at: Context) -> Record:
    """Write each document as PDF and DOCX under the name of its source (``Supplement.pdf``), single spaced, nothing left out."""
    made: list[tuple[Path, str]] = []
    said: list[str] = []
    unresolved: list[str] = []
    names = file_names(at)
    for name in at.settings["documents"]:
        given = at.source(name)
        given = replace(given, tree=without_lists(given.tree, names))
        written = documents.manuscript(given, at.layout, at.folder / stem(name))
        made += [(path, given.title) for path in written.files]
        said += written.warnings
        unresolved += counted(at.protocol, given.tree).unresolved
    files = record.files(at.part, made, "reviewers")
    measured = {"unresolved": unresolved, **record.measures((path for path, _ in made), places=True)}
    return Record(at.part, files, measured, tuple(said))


def file_names(at: Context) -> dict[str, str]:
    """The name of each reporting checklist's files, without ending, by its code: that of the guideline."""
    known = lists.load(at.review, at.root)
    return {code: re.sub(r"[^A-Za-z0-9]+", "-", known[code].name).strip("-") for code in at.checklists}


def stem(document: str) -> str:
    """The name of a document's files: ``supplement`` gives ``Supplement``."""
    return "".join(word[:1].upper() + word[1:] for word in document.replace("-", "_").split("_"))


def without_lists(tree: Tree, names: Mapping[str, str]) -> Tree:
    """The tree with each reporting checklist named in ``names`` (file name without ending, by code) replaced by where it is.

    The document's own lists give pages of the review's PDF, which are not those of the package: two answers to one question.
    """
    files = {f"{_LIST}{code.replace('_', '-')}": name for code, name in names.items()}

    def made(block: Any) -> Any:
        if block["t"] != "Div":
            return block
        (identifier, classes, attributes), inside = block["c"]
        if identifier in files and (found := item(block)) is not None:
            label: list[Any] = [{"t": "Strong", "c": inlines(f"{found.label}.")}]
            words = f"This checklist is the file {files[identifier]}.pdf, with the pages of the files that go with it."
            return {"t": "Div", "c": [[identifier, [], []], [_sentence([*label, {"t": "Space"}], words)]]}
        return {"t": "Div", "c": [[identifier, classes, attributes], [made(b) for b in inside]]}

    return {**tree, "blocks": [made(block) for block in tree["blocks"]]}


def _sentence(before: list[Any], words: str) -> Any:
    return {"t": "Para", "c": [*before, *inlines(words)]}
