"""A package put together: all parts in one folder, what was measured against the journal's rules, and the same as one ZIP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from livingreview import canonical
from livingreview import protocol as protocols
from livingreview.submission import checks, checks_page, evidence, packing
from livingreview.submission.checks import Checks
from livingreview.submission.count_types import Counts
from livingreview.submission.docx_types import DocxMeasures
from livingreview.submission.facts import Checklist, Conformance, Facts, File
from livingreview.submission.figure_files import Made
from livingreview.submission.leaks import Leak
from livingreview.submission.package_plan import CHECKS_JSON, CHECKS_PAGE, FOLDER, Plan
from livingreview.submission.parts import record
from livingreview.submission.parts.record import Record
from livingreview.submission.pdf_types import PdfMeasures
from livingreview.submission.references import References
from livingreview.submission.statements import Statement, Work

_FIRST_SECOND = 0  # packed as the first that ZIP can tell: the files themselves say of which day they are


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was written: its folder, its ZIP, its files, and how it stands against the rules."""

    folder: Path
    zip: Path
    files: tuple[Path, ...]
    checks: Checks


def write(plan: Plan, review: Path, root: Path) -> Package:
    """Put the parts of a package together in ``submission/NAME``, check it, and write ``submission/NAME.zip``.

    Everything is written whatever the checks say. Files in the folder that the package does not know are left alone. They are not in the
    ZIP, and neither are the checks: these are for the authors, and name what reviewers must not read. Raises ReviewError where a part is missing.
    """
    records = [record.read(plan.name, part) for part in plan.settings()]
    folder = FOLDER / plan.name
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for made in records:
        for entry in made.files:
            written.append(folder / entry.name)
            _copy(record.folder(plan.name, made.part) / entry.name, written[-1])
    facts = gathered(plan, review, records)
    ready = evidence.evidence(review, facts)
    result = checks.check(facts, ready)
    canonical.write_json(folder / CHECKS_JSON, result.to_json())
    canonical.write_text(folder / CHECKS_PAGE, checks_page.markdown(result, facts))
    archive = FOLDER / f"{plan.name}.zip"
    content: dict[str, bytes | Path] = {f"{plan.name}/{path.name}": path for path in written}
    canonical.write_bytes(archive, packing.pack(content, _FIRST_SECOND))
    written += [folder / CHECKS_JSON, folder / CHECKS_PAGE]
    return Package(folder, archive, tuple(sorted(written)), result)


def gathered(plan: Plan, review: Path, records: Iterable[Record]) -> Facts:
    """What the parts measured, as rules read it."""
    found: dict[str, Any] = {}
    files: list[File] = []
    notes: list[str] = []
    maps: dict[str, dict[str, Any]] = {"docx": {}, "pdf": {}, "conformance": {}}
    unresolved: list[str] = []
    for made in records:
        files += made.files
        notes += [f"{made.part}: {note}" for note in made.notes]
        for name, value in made.measured.items():
            if name in maps:
                maps[name] |= value
            elif name == "unresolved":
                unresolved += value
            else:
                found[name] = value
    return Facts(
        profile=plan.profile,
        stage=plan.stage,
        protocol=protocols.load(review / "review.yaml"),
        files=tuple(files),
        counts=_read(Counts, found["counts"]),
        references=_read(References, found["references"]),
        docx=_each(DocxMeasures, maps["docx"]),
        pdf=_each(PdfMeasures, maps["pdf"]),
        conformance=_each(Conformance, maps["conformance"]),
        figures=_read(Made, found["figures"]),
        statements=_read(tuple[Statement, ...], found["statements"]),
        work=_read(tuple[Work, ...], found["work"]),
        checklists=_read(tuple[Checklist, ...], found.get("checklists", ())),
        leaks=_read(tuple[Leak, ...] | None, found.get("leaks")),
        jats=_read(tuple[str, ...] | None, found.get("jats")),
        latex=_read(tuple[str, ...] | None, found.get("latex")),
        unresolved=tuple(unresolved),
        style=plan.style,
        notes=tuple(notes),
    )


def _copy(source: Path, target: Path) -> None:
    """Copied only where it differs: a copy takes a new date, and editors of files ask about it."""
    if not (target.is_file() and canonical.file_digest(target) == canonical.file_digest(source)):
        canonical.write_bytes(target, source.read_bytes())


def _read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def _each(kind: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    read = TypeAdapter(kind)
    return {name: read.validate_python(value) for name, value in sorted(values.items())}
