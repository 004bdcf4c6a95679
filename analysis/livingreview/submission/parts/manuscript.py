"""The manuscript as the journal wants it, with the counts of its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter

from livingreview.protocol_model import Protocol
from livingreview.publish.snapshot import Tree
from livingreview.submission import counts, documents, references, title_page
from livingreview.submission.count_types import Counts
from livingreview.submission.parts import record
from livingreview.submission.parts.context import Context
from livingreview.submission.parts.record import Record
from livingreview.submission.profile_model import Counts as Counted

STEM = "Manuscript"


def run(at: Context) -> Record:
    """Write ``Manuscript.pdf`` and ``.docx``, and count and measure them."""
    given = at.source(at.plan.main)
    layout = at.layout
    # what reviewers do not get does not count either
    found = counted(at.protocol, documents.shown(given, layout))
    made = documents.manuscript(
        given,
        layout,
        at.folder / STEM,
        formats=at.settings["formats"],
        counts=for_title_page(found, at.settings["counts"], short_texts(at)),
        further=short_texts(at),
    )
    cited = references.measure(at.bibliographies, found.listed)
    title = "Manuscript, blinded" if layout.blinded else "Manuscript"
    measured = {
        "counts": found.to_json(),
        "references": cited.to_json(),
        "unresolved": list(found.unresolved),
        **record.measures(made.files, places=True),
    }
    files = record.files(at.part, [(path, title) for path in made.files], "reviewers")
    return Record(at.part, files, measured, made.warnings)


def counted(protocol: Protocol, tree: Tree) -> Counts:
    """The counts of a document of the review with this protocol."""
    metadata = {"short-title": title_page.running_title(protocol), "keywords": list(protocol.keywords)}
    return counts.measure(tree, metadata)


def as_made(at: Context) -> Counts:
    """The counts of the manuscript of this package, from the record of its part."""
    found: Counts = TypeAdapter(Counts).validate_python(at.other("manuscript").measured["counts"])
    return found


def for_title_page(
    found: Counts, rule: Mapping[str, bool] | None, short: Mapping[str, Sequence[str]] | None = None
) -> dict[str, int | str]:
    """The numbers that a title page prints; words of the text by the journal's way of counting. ``short``: see :func:`short_texts`."""
    return {
        "Words in the abstract": found.abstract.words if found.abstract else 0,
        **{
            f"Words in the {name.lower()}": sum(len(line.split()) for line in lines)
            for name, lines in (short or {}).items()
        },
        "Words in the text": found.text_words(**Counted.model_validate(rule or {}).model_dump()),
        "References": len(found.listed),
        "Tables": len(found.tables),
        "Figures": len(found.figures),
    }


def short_texts(at: Context) -> dict[str, Sequence[str]]:
    """The short texts that the journal asks for, by heading; empty where the protocol has none."""
    return title_page.short_texts(at.protocol, at.settings["short_texts"])
