"""The change report as HTML and PDF, by the packages alone and with the templates of the house, whichever engine renders the documents."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from livingreview.errors import Problem, ReviewError
from livingreview.publish import html, pandoc, typeset
from livingreview.publish.project import Project, epoch

FORMATS = ("html", "pdf")


def render(text: str, metadata: dict[str, Any], review: Path, root: Path, out: Path, stem: str) -> list[Path]:
    """Write ``stem.html`` and ``stem.pdf`` into the folder ``out``, both or none; returns their paths.

    ``text`` is markdown; pictures are addressed from the review's folder ``manuscript``. Raises ReviewError with what the programs
    said against it.
    """
    project = Project(review.resolve(), root.resolve())
    # Where pictures and includes start; there is no such file.
    document = project.folder / f"{stem}.qmd"
    page = project.format_options("html")
    css = page.get("css") or []
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=f".{stem}-") as folder:
        scratch = Path(folder).resolve()
        (scratch / "report.md").write_text(
            f"---\n{json.dumps(metadata, ensure_ascii=False)}\n---\n\n{text}", encoding="utf-8"
        )
        targets = [
            pandoc.Target(
                "html5",
                "html5",
                scratch / "report.html",
                template=project.resource(str(page["template"])),
                toc=2,
                css=tuple(str(project.resource(c)) for c in ([css] if isinstance(css, str) else css)),
            ),
            pandoc.Target(
                "typst",
                "typst",
                scratch / "report.typ",
                template=project.resource(str(project.format_options("typst")["template"])),
            ),
        ]
        when = epoch(metadata)
        problems = pandoc.write(
            project, document, scratch / "report.md", targets, citeproc=False, epoch=when, scratch=scratch
        )
        _stop(problems)
        problems = html.embed(scratch / "report.html", document.parent, stem)
        content, said = typeset.pdf((scratch / "report.typ").read_bytes(), project, document, when)
        (scratch / "report.pdf").write_bytes(content)
        _stop([*problems, *said])
        made = []
        for kind in FORMATS:
            path = scratch / f"report.{kind}"
            path.chmod(0o644)
            made.append(path.replace(out / f"{stem}.{kind}"))
    return made


def _stop(problems: list[Problem]) -> None:
    if errors := [p for p in problems if p.severity == "error"]:
        raise ReviewError(errors)
