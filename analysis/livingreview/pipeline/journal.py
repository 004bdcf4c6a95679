"""The journal: what each step read, wrote and said, kept beside the build so that the next one can explain itself.

One JSON file a step in ``build/journal/``. It is written by the step itself when its outputs are in place, so it
holds without the workflow engine's own records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from livingreview import canonical

FOLDER = Path("build/journal")
FAILURES = FOLDER / "failed"
# Packages for journals are made from a build and are no part of it: a release and an archive know nothing of them.
SUBMISSION = FOLDER / "submission"
PROTOCOL_FILE = "review.yaml"


@dataclass(slots=True)
class Entry:
    """One step of one build. ``seconds`` is wall time; ``outputs`` maps path to SHA-256, size and time of change."""

    step: str
    rule: str
    wildcards: dict[str, str]
    build: str
    seconds: float
    why: str
    causes: list[str] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    parts: dict[str, dict[str, str]] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return _place(self.step)

    def save(self) -> None:
        """Write the entry (whole or not at all)."""
        canonical.write_json(self.path, asdict(self))


def load(step: str) -> Entry | None:
    """The last finished run of a step, or None where there is none (or none that can be read)."""
    return _read(_place(step))


def entries() -> list[Entry]:
    """The last finished run of every step of the review, sorted by step."""
    return _entries(FOLDER)


def submissions() -> list[Entry]:
    """The last finished run of every step that made a package for a journal, sorted by step."""
    return _entries(SUBMISSION)


def is_submission(step: str) -> bool:
    """Whether a step makes a package for a journal."""
    return step.startswith("submission_")


def _place(step: str) -> Path:
    return (SUBMISSION if is_submission(step) else FOLDER) / f"{step}.json"


def _entries(folder: Path) -> list[Entry]:
    return [e for path in sorted(folder.glob("*.json")) if (e := _read(path)) is not None]


def _read(path: Path) -> Entry | None:
    try:
        return Entry(**canonical.read_json(path))
    except (OSError, ValueError, TypeError):
        return None


def record(paths: Iterable[Path | str]) -> dict[str, dict[str, Any]]:
    """Digest, size and time of change of files, as the journal keeps them."""
    found = {}
    for path in sorted({str(p) for p in paths}):
        stat = Path(path).stat()
        found[path] = {
            "sha256": canonical.file_digest(path),
            "size": stat.st_size,
            "mtime_ns": stat.st_mtime_ns,
            "ctime_ns": stat.st_ctime_ns,  # cannot be set back by hand
        }
    return found


def altered(path: str, known: dict[str, Any]) -> str:
    """ "missing", "changed by hand" or "" for an output as the journal knows it (content decides, not time)."""
    try:
        stat = Path(path).stat()
    except OSError:
        return "missing"
    stamp = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    if stamp == (known["size"], known["mtime_ns"], known.get("ctime_ns")):
        return ""
    if stat.st_size != known["size"] or canonical.file_digest(path) != known["sha256"]:
        return "changed by hand"
    return ""


def study_parts(path: Path) -> dict[str, str]:
    """Digest of each study's part of each list in a JSON file: ``{"outcomes/smith2001": SHA-256}``.

    Lists whose items carry no ``study_id`` are left out: a change there is told by the file's name.
    """
    if path.suffix != ".json":
        return {}
    try:
        content = canonical.read_json(path)
    except (OSError, ValueError):
        return {}
    return parts_of(content)


def parts_of(content: Any) -> dict[str, str]:
    """As :func:`study_parts`, of content at hand."""
    if not isinstance(content, dict):
        return {}
    rows: dict[str, list[Any]] = {}
    for name, value in content.items():
        if isinstance(value, list):
            for row in value:
                if isinstance(row, dict) and "study_id" in row:
                    rows.setdefault(f"{name}/{row['study_id']}", []).append(row)
    return {key: canonical.digest(value) for key, value in rows.items()}


def changed_parts(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """Causes in study terms, from two results of :func:`study_parts` (or of the extract gate's digests)."""
    found: dict[str, set[str]] = {}
    for key in old.keys() | new.keys():
        if old.get(key) == new.get(key):
            continue
        table, study = key.split("/", 1)
        found.setdefault(study, set()).add(table)
    known, present = ({k.split("/", 1)[1] for k in part} for part in (old, new))
    causes = []
    for study, tables in sorted(found.items()):
        if study not in known:
            causes.append(f"{study} added")
        elif study not in present:
            causes.append(f"{study} removed")
        else:
            causes.append(f"{study} changed in {', '.join(f'{t}.csv' for t in sorted(tables))}")
    return causes


def note_failure(step: str, build: str) -> None:
    """Note that a step failed in this build."""
    canonical.write_json(FAILURES / f"{step}.json", {"step": step, "build": build})


def forget_failure(step: str) -> None:
    """The step has succeeded since."""
    (FAILURES / f"{step}.json").unlink(missing_ok=True)


def failures(build: str) -> list[str]:
    """Names of the steps that failed in this build, sorted."""
    found = [canonical.read_json(p) for p in sorted(FAILURES.glob("*.json"))]
    return [f["step"] for f in found if f["build"] == build]
