"""A document as one text for pandoc: shortcodes resolved, included files in their places, metadata in front."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from livingreview.errors import ReviewError
from livingreview.publish.check import check
from livingreview.publish.expand import expand, expand_metadata
from livingreview.publish.project import Project
from livingreview.publish.sources import Source, masked

# An empty line and a table, the first two lines of which begin with a pipe.
_TABLE = re.compile(r"(?<=\n)\n(?=\|[^\n]*\n\|[ :|-]+\n)")


def checked(project: Project, document: Path, label_prefix: str = "") -> tuple[dict[str, Any], str]:
    """Metadata and text of a document (see :func:`expanded`); raises ReviewError with every problem found in it."""
    if errors := [p for p in check(document, project) if p.severity == "error"]:
        raise ReviewError(errors)
    return expanded(project, document, label_prefix)


def expanded(project: Project, document: Path, label_prefix: str = "") -> tuple[dict[str, Any], str]:
    """Metadata and text of a document that has passed the check; the text begins with the metadata."""
    source = Source(document)
    metadata = project.metadata(source)
    if label_prefix:
        metadata.setdefault("label-prefix", label_prefix)
    metadata = expand_metadata(metadata, project.variables, metadata, project.folder)
    body = expand(source.body, project.variables, metadata, document.parent, (document,))
    # JSON is YAML, and on one line it cannot hold the end of its block.
    return metadata, f"---\n{json.dumps(metadata, ensure_ascii=False)}\n---\n\n{_spaced(body)}"


def _spaced(text: str) -> str:
    """The text with a second empty line before each table.

    After one line of text and one empty line, pandoc looks whether a definition follows, and reads a table there only to see
    that it is none; then it reads it again.
    """
    places = [match.start() for match in _TABLE.finditer(masked(text))]
    cuts = zip([0, *places], [*places, len(text)], strict=True)
    return "\n".join(text[start:end] for start, end in cuts)
