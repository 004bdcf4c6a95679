"""The built-in engine: the Quarto subset of the manuscripts with pandoc and Typst, both from wheels."""

from __future__ import annotations

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata as packages
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.publish import docx, html, pandoc, reference_docx, snapshot, typeset
from livingreview.publish.check import check
from livingreview.publish.project import Project, epoch
from livingreview.publish.whole import expanded

# Name in Quarto, name that filters and templates know, and pandoc's writer, of each format.
_KINDS = {
    "pdf": ("typst", "typst", "typst-citations"),
    "html": ("html", "html5", "html5"),
    "docx": ("docx", "docx", "docx"),
}


class BuiltinEngine:
    """Pandoc and Typst in one start: all formats of a document at the same time."""

    name = "builtin"

    @property
    def version(self) -> str:
        """The versions of the two packages that decide what is rendered."""
        return f"pypandoc_binary {packages.version('pypandoc_binary')}, typst {packages.version('typst')}"

    def render(
        self,
        document: Path,
        formats: tuple[str, ...],
        review: Path,
        root: Path,
        out_dir: Path,
        label_prefix: str = "",
    ) -> dict[str, Any]:
        """See :class:`livingreview.publish.engine.Engine`."""
        project = Project(review, root)
        found = check(document, project)
        errors = [p for p in found if p.severity == "error"]
        if errors:
            raise ReviewError(errors)
        metadata, text = expanded(project, document, label_prefix)
        # Typst takes as long as everything else, so that the PDF goes its own way, beside the other formats.
        groups = [g for g in (("pdf",), ("docx", "html")) if set(g) & set(formats)]
        with tempfile.TemporaryDirectory(dir=out_dir, prefix="work-") as scratch:
            job = _Job(project, document, metadata, text, Path(scratch), out_dir)
            wanted = [tuple(name for name in group if name in formats) for group in groups]
            with ThreadPoolExecutor(max_workers=len(groups)) as pool:
                problems = [problem for said in pool.map(job.render, wanted) for problem in said]
        if errors := [p for p in problems if p.severity == "error"]:
            raise ReviewError(errors)
        return {
            "formats": {name: job.target(name) for name in formats},
            "tree": job.tree,
            "warnings": [str(p) for p in [*found, *dict.fromkeys(problems)] if p.severity == "warning"],
        }


class _Job:
    """One document on its way into several formats."""

    def __init__(
        self,
        project: Project,
        document: Path,
        metadata: dict[str, Any],
        text: str,
        scratch: Path,
        out_dir: Path,
    ) -> None:
        self.project, self.document, self.metadata = project, document, metadata
        self.scratch, self.out_dir = scratch, out_dir
        self.epoch = epoch(metadata)
        self.tree: dict[str, Any] | None = None
        self.text = scratch / "document.md"
        self.text.write_text(text, encoding="utf-8")

    def target(self, name: str) -> Path:
        """Where the file of a format goes."""
        return self.out_dir / f"{self.document.stem}.{name}"

    def render(self, names: tuple[str, ...]) -> list[Problem]:
        """Make the files of these formats; returns what was noted on the way."""
        targets = [self._wanted(name) for name in names]
        tree = self.scratch / "document.json"
        if "docx" in names:  # next to the Word file, with which it shares the filters' work
            targets.insert(names.index("docx") + 1, pandoc.Target("docx", "json", tree))
        problems = pandoc.write(
            self.project,
            self.document,
            self.text,
            targets,
            citeproc=bool(self.metadata.get("bibliography")),
            epoch=self.epoch,
            scratch=self.scratch,
        )
        if any(p.severity == "error" for p in problems):
            return problems
        shown = self.project.shown(self.document)
        if "pdf" in names:
            content, said = typeset.pdf(
                self._output("pdf").read_bytes(), self.project, self.document, self.epoch
            )
            self.target("pdf").write_bytes(content)
            problems += said
        if "docx" in names:
            docx.normalise(self.target("docx"), self.metadata)
            self.tree = snapshot.refined(
                json.loads(tree.read_text(encoding="utf-8")), self.metadata, self.document.parent
            )
        if "html" in names:
            problems += html.embed(self.target("html"), self.document.parent, shown)
        return problems

    def _output(self, name: str) -> Path:
        return self.scratch / "document.typ" if name == "pdf" else self.target(name)

    def _wanted(self, name: str) -> pandoc.Target:
        quarto, format_name, writer = _KINDS[name]
        options = self.project.format_options(quarto)
        template = options.get("template")
        named = options.get("css") or [] if name == "html" else []
        return pandoc.Target(
            format_name,
            writer,
            self._output(name),
            template=self.project.resource(template) if template else None,
            reference=reference_docx.of(self.project) if name == "docx" else None,
            toc=int(options.get("toc-depth", 3)) if options.get("toc") else None,
            css=tuple(str(self.project.resource(c)) for c in ([named] if isinstance(named, str) else named)),
        )
