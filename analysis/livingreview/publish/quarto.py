"""The Quarto engine: the same sources and templates, rendered by the Quarto that people have."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.publish import docx, reference_docx
from livingreview.publish.check import check
from livingreview.publish.project import Project, epoch
from livingreview.publish.sources import Source

_TO = {"pdf": "typst", "html": "html", "docx": "docx"}
# What Quarto only warns about, though it leaves a hole in the document.
UNRESOLVED = re.compile(
    r"(?im)^.*(?:Unable to resolve crossref|Unknown (?:var|meta key)|Undefined|citation \S+ not found"
    r"|Could not fetch resource|Include directive failed|Unable to resolve link target).*$"
)


class QuartoEngine:
    """Calls ``quarto render`` once per format, in a copy of the manuscript folder, so that a failure touches nothing."""

    name = "quarto"

    def __init__(self, executable: str, version: str) -> None:
        self.executable = executable
        self.version = version

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
        if errors := [p for p in found if p.severity == "error"]:
            raise ReviewError(errors)
        metadata = project.metadata(Source(document))
        results: dict[str, Path] = {}
        problems: list[Problem] = []
        # Not beside the outputs: Quarto takes nothing below folders whose names begin with a dot or an underscore
        # as part of a project.
        with tempfile.TemporaryDirectory(prefix="livingreview-") as scratch:
            copy = Path(scratch).resolve() / "manuscript"
            copy_sources(project, copy)
            for name in formats:
                target = out_dir / f"{document.stem}.{name}"
                problems += self._call(project, document, name, copy, target, metadata, label_prefix)
                results[name] = target
                if name == "docx" and target.is_file():
                    docx.normalise(target, metadata)
        if problems:
            raise ReviewError(list(dict.fromkeys(problems)))
        return {"formats": results, "warnings": [str(p) for p in found]}

    def command(self, document: Path, name: str, label_prefix: str, metadata: dict[str, Any]) -> list[str]:
        """The call for one format."""
        command = [self.executable, "render", document.name, "--to", _TO[name]]
        if label_prefix and "label-prefix" not in metadata:
            command += ["-M", f"label-prefix:{label_prefix}"]
        return command

    def _call(
        self,
        project: Project,
        document: Path,
        name: str,
        copy: Path,
        target: Path,
        metadata: dict[str, Any],
        label_prefix: str,
    ) -> list[Problem]:
        shown = project.shown(document)
        environment = {
            **os.environ,
            "QUARTO_PYTHON": sys.executable,
            "SOURCE_DATE_EPOCH": str(epoch(metadata)),
            "TZ": "UTC",
            "NO_COLOR": "1",
        }
        done = subprocess.run(
            self.command(document, name, label_prefix, metadata),
            cwd=copy,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
        said = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr).replace(str(copy) + os.sep, "")
        problems = [Problem(f"Quarto ({name}): {line.strip()}", shown) for line in UNRESOLVED.findall(said)]
        folder = ((project.settings.get("project") or {}).get("output-dir")) or "."
        made = [p for p in (copy / folder / target.name, copy / target.name) if p.is_file()]
        if done.returncode or not made:
            problems.append(
                Problem(f"Quarto could not make the {name}: {said.strip()[-2000:] or 'no message'}", shown)
            )
        else:
            shutil.move(made[0], target)
        return problems


def copy_sources(project: Project, target: Path) -> None:
    """A working copy of the manuscript folder with the repository's templates, filters and settings where it has none."""
    left_out = shutil.ignore_patterns("_output", ".quarto", "*_files", ".*")
    shutil.copytree(project.folder, target, ignore=left_out)
    for name in ("templates", "filters", "_quarto.yml"):
        source = project.root / "manuscript" / name
        if not (target / name).exists() and source.exists():
            if source.is_dir():
                shutil.copytree(source, target / name)
            else:
                shutil.copy2(source, target / name)
    reference = target / "_built" / "reference.docx"
    if not reference.is_file() or reference_docx.is_ours(reference):
        reference_docx.write(reference, project.shared_metadata)
