"""Step: the documents with what changed since the last release marked in them, as Word files and as pages."""

from __future__ import annotations

import datetime
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livingreview.canonical import file_digest, write_json
from livingreview.errors import ReviewError
from livingreview.publish import reference_docx, snapshot
from livingreview.publish.project import Project, epoch
from livingreview.publish.sources import Source
from livingreview.releases import ledger
from livingreview.releases.ledger import Release
from livingreview.tracked import page, word_file
from livingreview.tracked.blocks import Merged, merge
from livingreview.tracked.words import Signature

FORMATS = ("docx", "html")


def run(documents: Mapping[str, str], review: Path, root: Path, out: Path) -> list[Path]:
    """Compare ``documents`` (source by name) with the last release; write ``NAME_changes.docx`` and ``.html`` of each.

    Reads the snapshots ``build/documents/NAME.ast.json``. The record ``out`` says what was compared with what, how much
    differs, or why there is nothing to compare; then no document is written and one of an earlier comparison goes.
    Returns the documents written. Raises ReviewError for a release that cannot be read.
    """
    project = Project(review.resolve(), root.resolve())
    release = ledger.last(review)
    record: dict[str, Any] = {"since": release.version if release else None, "documents": {}}
    written: list[Path] = []
    for name, source in documents.items():
        old = release.document(name) if release else None
        stem = Path(source).stem
        if release is None or old is None:
            record["documents"][name] = {"not_compared": _reason(release, name)}
            for suffix in FORMATS:
                (project.folder / f"_output/{stem}_changes.{suffix}").unlink(missing_ok=True)
            continue
        new = snapshot.read(review / f"build/documents/{name}.ast.json")
        merged, made = _documents(project, project.review / source, old, new, release)
        record["documents"][name] = {
            "insertions": merged.insertions,
            "deletions": merged.deletions,
            "rows_inserted": merged.rows_inserted,
            "rows_deleted": merged.rows_deleted,
            "pictures": merged.pictures,
            "formats": {p.suffix[1:]: {"path": _shown(p, project), "sha256": file_digest(p)} for p in made},
        }
        written += [Path(_shown(p, project)) for p in made]
    write_json(out, record)
    return written


def _reason(release: Release | None, name: str) -> str:
    if release is None:
        return "there is no earlier release to compare with"
    if release.kind == "published":
        return f"version {release.version} was published elsewhere; its text is not part of this review"
    return f"release {release.version} has no document of the name {name}"


def _documents(
    project: Project, source: Path, old: dict[str, Any], new: dict[str, Any], release: Release
) -> tuple[Merged, list[Path]]:
    """Make both files in a folder beside the target, then move them there together."""
    metadata = project.metadata(Source(source))
    version = snapshot.meta_text(new["meta"].get("version")) or "present"
    title = snapshot.meta_text(new["meta"].get("title"))
    moment = datetime.datetime.fromtimestamp(epoch(metadata), datetime.UTC)
    sign = Signature(f"Version {version}", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    merged = merge(old, new, sign, release.version)
    target = project.folder / "_output"
    target.mkdir(parents=True, exist_ok=True)
    stem = f"{source.stem}_changes"
    for stale in target.glob(f".{stem}-*"):
        shutil.rmtree(stale, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=target, prefix=f".{stem}-") as folder:
        scratch = Path(folder)
        docx, html = (scratch / f"{stem}.{suffix}" for suffix in FORMATS)
        about = f"Version {version}: what changed since version {release.version} of {release.date}"
        reference = reference_docx.of(project)
        said = word_file.write(merged, title, sign, project, source, metadata, reference, docx, scratch)
        said += page.write(merged, title, about, sign, project, source, html, scratch)
        if errors := [p for p in said if p.severity == "error"]:
            raise ReviewError(errors)
        for path in (docx, html):
            path.chmod(0o644)
            path.replace(target / path.name)
    return merged, [target / docx.name, target / html.name]


def _shown(path: Path, project: Project) -> str:
    return path.relative_to(project.review).as_posix()
