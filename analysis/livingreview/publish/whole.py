"""A document as one text for pandoc: shortcodes resolved, included files in their places, metadata in front."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from livingreview.errors import ReviewError
from livingreview.publish.check import check
from livingreview.publish.expand import expand, expand_metadata
from livingreview.publish.project import Project
from livingreview.publish.sources import Source


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
    return metadata, f"---\n{json.dumps(metadata, ensure_ascii=False)}\n---\n\n{body}"
