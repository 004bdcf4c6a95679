"""All that can be told of the documents' text before anything is built: typed numbers, and checklist items without a place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from livingreview.errors import Problem, ReviewError
from livingreview.prose import allowed, lint
from livingreview.publish.project import Project
from livingreview.reporting import binding, labels, lists


def problems(review: Path, root: Path, documents: Mapping[str, tuple[str, str]]) -> list[Problem]:
    """Every problem of the texts of a review whose documents are ``{name: (source, label prefix)}``.

    Errors stop a build; an entry of the allow-list that nothing needs is a warning.
    """
    project = Project(review, root)
    found: list[Problem] = []
    try:
        permitted = allowed.load(review)
        for source, _ in documents.values():
            found += lint.document(review / source, project, permitted)
        found += lint.protocol(project, permitted)
        found += permitted.unused()
    except ReviewError as error:
        found += error.problems
    try:
        binding.load(review, lists.load(review, root), labels.read(review, documents))
    except ReviewError as error:
        found += error.problems
    return found


def document(review: Path, root: Path, source: Path) -> list[Problem]:
    """The typed numbers of one document."""
    return lint.document(source, Project(review, root), allowed.load(review))


def files(review: Path, root: Path, documents: Mapping[str, tuple[str, str]]) -> list[Path]:
    """Every file that :func:`problems` reads and people write, whether or not it is there."""
    from livingreview.publish import sources

    named = [review / allowed.FILE, review / binding.FILE, review / "review.yaml", *lists.files(review, root)]
    for source, _ in documents.values():
        named += [part.path for part in sources.files(review / source) if "_built" not in part.path.parts]
    return list(dict.fromkeys(named))
