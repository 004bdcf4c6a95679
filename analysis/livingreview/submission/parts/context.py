"""What every part works with: its settings, its folder, and the documents of the review in the journal's style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from livingreview import protocol as protocols
from livingreview.protocol_model import Protocol
from livingreview.reporting import binding, labels, lists
from livingreview.submission import documents
from livingreview.submission.layout import Layout
from livingreview.submission.package_plan import Plan, layout_from
from livingreview.submission.parts import record
from livingreview.submission.restyle import restyled

BIBLIOGRAPHIES = ("manuscript/references.bib", "manuscript/_built/studies.json")


@dataclass(frozen=True)
class Context:
    """One part of one package of the review in ``review``; ``settings`` are those of the plan."""

    plan: Plan
    part: str
    review: Path
    root: Path

    @cached_property
    def settings(self) -> dict[str, Any]:
        """What the journal's rules set for this part."""
        return self.plan.settings()[self.part]

    @cached_property
    def protocol(self) -> Protocol:
        """The protocol of the review."""
        return protocols.load(self.review / "review.yaml")

    @property
    def folder(self) -> Path:
        """Where the part puts its files."""
        place = record.folder(self.plan.name, self.part)
        place.mkdir(parents=True, exist_ok=True)
        return place

    @property
    def layout(self) -> Layout:
        """The layout of the part's settings."""
        return layout_from(self.settings["layout"])

    @property
    def bibliographies(self) -> list[Path]:
        """The bibliographies that there are."""
        return [p for name in BIBLIOGRAPHIES if (p := self.review / name).is_file()]

    def source(self, document: str) -> documents.Source:
        """A document of the review, its citations in the style of the part's settings (none: as they are)."""
        given = documents.source(self.review, self.root, document)
        style = self.settings.get("style")
        if not style or not self.bibliographies:
            return given
        return replace(given, tree=restyled(given.tree, style, self.bibliographies))

    @cached_property
    def checklists(self) -> tuple[str, ...]:
        """Codes of the reporting checklists of the package: those that the journal asks for, and all others that the review has filled in."""
        known = lists.load(self.review, self.root)
        every = labels.read(self.review, labels.listed(self.review))
        answered = binding.load(self.review, known, every).answers
        return tuple(dict.fromkeys([*self.settings["codes"], *(code for code in known if code in answered)]))

    def other(self, part: str) -> record.Record:
        """The record of another part of the package, which must have been made before."""
        return record.read(self.plan.name, part)

    def made(self, part: str, name: str) -> Path:
        """A file of another part."""
        return record.folder(self.plan.name, part) / name

    def earlier(self, parts: Sequence[str] | None = None) -> list[record.Record]:
        """The records of all parts that come before this one, in their order."""
        return [self.other(name) for name in parts or self.plan.before(self.part)]
