"""All that was measured of one package, in one place: rules look here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from livingreview.protocol_model import Protocol
from livingreview.submission.count_types import Counts
from livingreview.submission.docx_types import DocxMeasures
from livingreview.submission.figure_files import Made
from livingreview.submission.leaks import Leak
from livingreview.submission.pdf_types import PdfMeasures
from livingreview.submission.profile_model import Profile
from livingreview.submission.references import References
from livingreview.submission.statements import Statement, Work

Stage = Literal["initial", "revision"]
Audience = Literal["reviewers", "editor"]


@dataclass(frozen=True, slots=True)
class File:
    """A file of the package. ``name`` is its path in the package, ``part`` the step that made it, ``audience`` who is meant to see it
    (``reviewers``: editor and reviewers; ``editor``: the editor only)."""

    name: str
    title: str
    part: str
    audience: Audience
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """An item of a reporting checklist. ``places`` are where it is answered: what stands there, the file of the package, page and first
    line there (None: that file prints no line numbers there). No place: ``reason`` says why there is none; neither: not answered.
    ``note`` is what the review adds to its answer."""

    number: str
    title: str
    places: tuple[tuple[str, str, int | None, int | None], ...]
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """A reporting checklist as filled in for this package; ``taken`` tells what was taken out of its places, and where that stands."""

    code: str
    title: str
    items: tuple[ChecklistItem, ...]
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conformance:
    """What a PDF claims to be (``2b``, ``ua-1``; empty: nothing), who checked it, and what was found against the claim."""

    claims: tuple[str, ...]
    validator: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that rules may ask of a package. Maps have the names of the package's files as keys.

    ``leaks`` is None where nobody has to be hidden; ``jats`` and ``latex`` are what their checks said, None where no such file was made;
    ``unresolved`` are links, citations and references of any document that lead nowhere.
    """

    profile: Profile
    stage: Stage
    protocol: Protocol
    files: tuple[File, ...]
    counts: Counts
    references: References
    docx: Mapping[str, DocxMeasures]
    pdf: Mapping[str, PdfMeasures]
    conformance: Mapping[str, Conformance]
    figures: Made
    statements: tuple[Statement, ...]
    work: tuple[Work, ...]
    checklists: tuple[Checklist, ...]
    leaks: tuple[Leak, ...] | None
    jats: tuple[str, ...] | None
    latex: tuple[str, ...] | None
    unresolved: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    """What the steps said on the way (a figure taken as a photograph, a format that is not made)."""
    style: str = ""
    """The style in which the references are set; empty: that of the protocol."""
