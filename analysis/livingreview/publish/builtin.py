"""The built-in engine: the Quarto subset of the manuscripts with pandoc and Typst, both from wheels."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import metadata as packages
from pathlib import Path
from typing import Any, cast

from livingreview.errors import Problem, ReviewError
from livingreview.publish import docx, reference_docx
from livingreview.publish.check import check
from livingreview.publish.expand import expand, expand_metadata
from livingreview.publish.project import Project, epoch
from livingreview.publish.sources import Source

_WRITERS = {"pdf": "typst-citations", "html": "html5", "docx": "docx"}
_QUARTO_NAME = {"pdf": "typst", "html": "html", "docx": "docx"}
# Pandoc only warns where a document must not be published.
_FATAL = re.compile(
    r"Citeproc: citation .* not found|Could not fetch resource|replacing image with|Could not find (?:image|data)"
    r"|Could not convert image|Duplicate (?:identifier|link reference|note)"
)


@cache
def pandoc_path() -> str:
    """The pandoc program that the wheel brings (or the one found by pypandoc)."""
    try:
        files = packages.distribution("pypandoc_binary").locate_file("pypandoc/files/pandoc")
    except packages.PackageNotFoundError:
        files = None
    if files is not None and Path(str(files)).is_file():
        return str(files)
    import pypandoc  # type: ignore[import-untyped]

    return str(pypandoc.get_pandoc_path())


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
        source = Source(document)
        metadata = project.metadata(source)
        if label_prefix:
            metadata.setdefault("label-prefix", label_prefix)
        metadata = expand_metadata(metadata, project.variables, metadata, project.folder)
        body = expand(source.body, project.variables, metadata, document.parent, (document,))
        with tempfile.TemporaryDirectory(dir=out_dir, prefix="work-") as scratch:
            job = _Job(project, document, metadata, body, Path(scratch), out_dir)
            with ThreadPoolExecutor(max_workers=max(1, len(formats))) as pool:
                done = dict(zip(formats, pool.map(job.render, formats), strict=True))
        problems = [problem for _, warned in done.values() for problem in warned]
        if errors := [p for p in problems if p.severity == "error"]:
            raise ReviewError(errors)
        return {
            "formats": {name: path for name, (path, _) in done.items()},
            "warnings": [str(p) for p in [*found, *dict.fromkeys(problems)] if p.severity == "warning"],
        }


class _Job:
    """One document on its way into several formats."""

    def __init__(
        self,
        project: Project,
        document: Path,
        metadata: dict[str, Any],
        body: str,
        scratch: Path,
        out_dir: Path,
    ) -> None:
        self.project, self.document, self.body, self.scratch, self.out_dir = (
            project,
            document,
            body,
            scratch,
            out_dir,
        )
        self.epoch = epoch(metadata)
        self.metadata = metadata
        (scratch / "metadata.json").write_text(json.dumps(metadata, ensure_ascii=False), encoding="utf-8")
        (scratch / "data").mkdir()

    def render(self, name: str) -> tuple[Path, list[Problem]]:
        """The file of one format and what was noted on the way."""
        target = self.out_dir / f"{self.document.stem}.{name}"
        output = self.scratch / "document.typ" if name == "pdf" else target
        problems = self._pandoc(name, output)
        if name == "pdf" and not any(p.severity == "error" for p in problems):
            target.write_bytes(self._typst(output.read_bytes()))
        elif name == "docx" and target.is_file():
            docx.normalise(target, self.metadata)
        return target, problems

    def _pandoc(self, name: str, output: Path) -> list[Problem]:
        options = self.project.format_options(_QUARTO_NAME[name])
        command = [
            pandoc_path(),
            "--from",
            "markdown",
            "--to",
            _WRITERS[name],
            "--standalone",
            "--wrap",
            "none",
        ]
        command += [
            "--data-dir",
            str(self.scratch / "data"),
            "--metadata-file",
            str(self.scratch / "metadata.json"),
        ]
        command += [f"--lua-filter={path}" for path in self.project.filters()]
        if self.metadata.get("bibliography"):
            command.append("--citeproc")
        if options.get("template"):
            command.append(f"--template={self.project.resource(options['template'])}")
        if options.get("toc"):
            command += ["--toc", f"--toc-depth={options.get('toc-depth', 3)}"]
        if name == "html":
            named = options.get("css") or []
            command += [
                f"--css={self.project.resource(css)}"
                for css in ([named] if isinstance(named, str) else named)
            ]
            command += ["--embed-resources", "--mathml"]
        if name == "docx":
            reference = self.project.folder / options.get("reference-doc", "_built/reference.docx")
            if not reference.is_file() or reference_docx.is_ours(reference):
                reference_docx.write(reference, self.project.shared_metadata)
            command.append(f"--reference-doc={reference}")
        command += ["--output", str(output), "-"]
        done = subprocess.run(
            command,
            input=self.body.encode("utf-8"),
            capture_output=True,
            cwd=self.document.parent,
            env=self._environment(),
        )
        return self._heard(done, name)

    def _environment(self) -> dict[str, str]:
        kept = {
            k: v
            for k, v in os.environ.items()
            if k in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP")
        }
        return {
            **kept,
            "SOURCE_DATE_EPOCH": str(self.epoch),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "LANG": "C.UTF-8",
        }

    def _heard(self, done: subprocess.CompletedProcess[bytes], name: str) -> list[Problem]:
        """What pandoc said, as problems of the document."""
        shown = self.project.shown(self.document)
        said = (
            done.stderr.decode("utf-8", "replace")
            .replace(str(self.scratch), "")
            .replace(str(self.out_dir), "")
        )
        said = said.replace(str(self.project.root.resolve()) + os.sep, "")
        problems = []
        for entry in re.split(r"\n(?=\[)", said.strip()):
            if entry.startswith(("[WARNING]", "[INFO]")):
                severity = "error" if _FATAL.search(entry) else "warning"
                problems.append(Problem(" ".join(entry.split("]", 1)[1].split()), shown, severity=severity))  # type: ignore[arg-type]
        if done.returncode:
            problems.append(
                Problem(f"pandoc could not make the {name}: {said.strip() or 'no message'}", shown)
            )
        return problems

    def _typst(self, text: bytes) -> bytes:
        import typst

        collected = self.project.folder / "_built" / "fonts"
        fonts = [collected] if collected.is_dir() else font_folders()
        try:
            # The stub ties the types of all paths together, which the function does not.
            compiled = cast(Any, typst.compile)(
                text,
                root=self.document.parent.resolve(),
                font_paths=fonts,
                ignore_system_fonts=True,
                format="pdf",
                timestamp=self.epoch,
                pdf_standards=["ua-1"],
            )
        except typst.TypstError as error:
            detail = "; ".join([str(error), *(str(h) for h in getattr(error, "hints", None) or [])])
            raise ReviewError(
                Problem(f"Typst could not make the PDF: {detail}", self.project.shown(self.document))
            ) from None
        return bytes(compiled)


def font_folders() -> list[Path]:
    """Folders of the packaged text fonts, for a review whose fonts have not been collected yet."""
    try:
        folder = packages.distribution("fontpkg-fira-sans").locate_file("fontpkg_fira_sans/files")
    except packages.PackageNotFoundError:
        return []
    return [Path(str(folder))]
