"""Before a build: make sure that what lies there is what the last build left, and that the input is fit to build.

All of it is cheap when nothing changed: sizes and times of files are compared, contents only where these differ.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from livingreview import canonical
from livingreview.errors import Problem, ReviewError, report
from livingreview.pipeline import journal, reasons
from livingreview.pipeline.fingerprint import Fingerprints, combined
from livingreview.pipeline.layout import GATES, Layout

KEPT = Path("build/edited-by-hand")
CHECKED = Path("build/checked.json")
CHECKED_TEXT = Path("build/checked_text.json")
ENGINE_RECORDS = Path(".snakemake/metadata")


def check_inputs(layout: Layout, changed: Callable[[], object]) -> None:
    """Validate protocol and tables if they are not those that were last found valid; call ``changed`` first in that case.

    Raises :class:`ReviewError` with every problem; nothing has been touched by then.
    """
    paths = layout.raw_tables()
    locks = [p for p in Path("data/raw").rglob("*") if p.name.startswith(("~$", ".~lock"))]
    now = {p: canonical.file_digest(p) for p in paths if Path(p).is_file()}
    now |= {str(p): "open in a spreadsheet" for p in locks}
    try:
        if canonical.read_json(CHECKED) == now:
            return
    except (OSError, ValueError):
        pass
    changed()
    from livingreview.conclusions import check as conclusions
    from livingreview.extraction import dataset
    from livingreview.screening import flow

    found = dataset.load(Path(), layout.root)
    merges = flow.duplicates(found)
    flow.flow(found, merges)
    if wrong := conclusions.problems(found, Path(), layout.root):
        raise ReviewError(wrong)
    if warnings := [p for p in [*found.problems, *merges.problems] if p.severity == "warning"]:
        say(report(warnings))
    canonical.write_json(CHECKED, now)


def check_text(layout: Layout, prints: Fingerprints, changed: Callable[[], object]) -> None:
    """Look for typed numbers and for checklist items without a place, if the texts are not those last found good; call ``changed``
    first in that case.

    Raises :class:`ReviewError` with every problem; nothing has been touched by then.
    """
    from livingreview.prose import check

    documents = {name: (source, layout.plan["prefixes"][name]) for name, source in layout.documents.items()}
    now = {
        str(p): canonical.file_digest(p) for p in check.files(Path(), layout.root, documents) if p.is_file()
    }
    now["code"] = combined(prints.modules("livingreview.prose.check"))
    try:
        if canonical.read_json(CHECKED_TEXT) == now:
            return
    except (OSError, ValueError):
        pass
    changed()
    found = check.problems(Path(), layout.root, documents)
    if any(p.severity == "error" for p in found):
        raise ReviewError(found)
    if found:
        say(report(found))
    canonical.write_json(CHECKED_TEXT, now)


def missing_records() -> bool:
    """True where a build lies here but the workflow engine's records of it are gone."""
    built = any(Path(m).exists() for m in GATES)
    return built and not (ENGINE_RECORDS.is_dir() and any(ENGINE_RECORDS.iterdir()))


def discard_gates() -> None:
    """Remove the gates' manifests, so that everything is built anew: without records a code edit would go unseen."""
    for manifest in GATES:
        Path(manifest).unlink(missing_ok=True)
    for entry in journal.entries():
        if entry.rule == "document":
            _drop_record(entry)


def discard_unknown_package(package: str) -> bool:
    """Remove what says that a package is made where this build does not know it (copied from elsewhere, or its records are gone).

    The workflow engine asks only for that one file, and would take it for finished. Returns whether there was such a file.
    """
    made = Path(f"submission/{package}/checks.json")
    known = journal.load(f"submission_package-{package}") is not None and ENGINE_RECORDS.is_dir()
    if known or not made.is_file():
        return False
    made.unlink()
    for record in Path(f"build/submission/{package}").glob("*.json"):
        record.unlink()
    return True


def discard_altered(package: str = "") -> dict[str, str]:
    """Find outputs that are gone or were edited by hand, and see to it that their step runs again.

    An edited file is kept under ``build/edited-by-hand/``, then removed. Files for journals are looked at only where the ``package`` is to
    be made. Returns ``{path: what was found}``.
    """
    found: dict[str, str] = {}
    packed = [e for e in journal.submissions() if package and e.wildcards.get("package") == package]
    for entry in [*journal.entries(), *packed]:
        # all are looked at before any is removed
        altered = {
            path: what for path, known in entry.outputs.items() if (what := journal.altered(path, known))
        }
        for path, what in altered.items():
            found.setdefault(path, what)
            if what == "changed by hand":
                kept = KEPT / path
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, kept)
                Path(path).unlink()
            _drop_record(entry)
    if found or reasons.DISCARDED.exists():
        canonical.write_json(reasons.DISCARDED, found)
    return found


def _drop_record(entry: journal.Entry) -> None:
    """Remove the one file of a step that every build asks for: without it the step runs, whatever else it lost.

    The workflow engine does not miss a file between two steps as long as the last ones are there.
    """
    for path in entry.outputs:
        if (
            path in GATES
            or path.endswith(".ipynb")
            or path.startswith(("build/documents/", "build/changes/"))
        ):
            Path(path).unlink(missing_ok=True)
    if package := entry.wildcards.get("package"):
        Path(f"build/submission/{package}/{entry.wildcards.get('part')}.json").unlink(missing_ok=True)
        Path(f"submission/{package}/checks.json").unlink(missing_ok=True)


def prune(steps: set[str]) -> list[str]:
    """Remove what steps left that are no longer part of the review (a therapy or notebook taken out).

    Returns the removed paths.
    """
    entries = journal.entries()
    kept = {path for e in entries if e.step in steps for path in e.outputs}
    removed: list[str] = []
    for entry in entries:
        if entry.step in steps:
            continue
        for path in entry.outputs:
            if path not in kept and Path(path).exists():
                Path(path).unlink()
                removed.append(path)
        entry.path.unlink()
    return removed


def sweep() -> None:
    """Remove half-written files of a build that was killed (each output appears by an atomic move when it is whole)."""
    for folder in ("build", "figures", "manuscript", "submission"):
        for part in Path(folder).rglob(".*.part"):
            part.unlink(missing_ok=True)


def prune_slices(therapies: list[str]) -> None:
    """Remove the extract gate's slices of therapies that the protocol no longer has."""
    for path in Path("build/extract/therapy").glob("*.json"):
        if path.stem not in therapies:
            path.unlink()


def writable() -> None:
    """Raise :class:`ReviewError` naming each output folder that cannot be written, before anything is touched."""
    problems = []
    packages = sorted(str(p) for p in Path("submission").glob("*") if p.is_dir())
    for folder in (
        "build", "figures", "manuscript", "manuscript/_output", "manuscript/_built", "submission", *packages,
    ):  # fmt: skip
        path = Path(folder)
        if path.exists() and not path.is_dir():
            problems.append(
                Problem(
                    "a folder is needed here, and a file has its name",
                    file=folder,
                    suggestion="move the file away",
                )
            )
        elif path.exists() and not os.access(path, os.W_OK | os.X_OK):
            problems.append(
                Problem(
                    "the folder is read-only", file=folder, suggestion=f"make it writable: chmod u+w {folder}"
                )
            )
    if problems:
        raise ReviewError(problems)


def say(text: str) -> None:
    """A line to the person at the terminal."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def build_id() -> str:
    """Name of this build: time and process (used in journal and receipt only, never in an output)."""
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S')}-{os.getpid()}"
