"""A copy of the synthetic review whose tables a test may write to."""

from __future__ import annotations

import shutil
from pathlib import Path

from livingreview.errors import Problem, ReviewError

ROOT = Path(__file__).resolve().parents[2]
SYNTHETIC = ROOT / "tests/review"


def copy(folder: Path, second: bool = True) -> Path:
    """Protocol and tables of the synthetic review in ``folder``; without ``second`` no second extraction."""
    shutil.copytree(SYNTHETIC / "data", folder / "data")
    shutil.copy(SYNTHETIC / "review.yaml", folder)
    if not second:
        shutil.rmtree(folder / "data/raw/second")
        (folder / "data/raw/adjudications.csv").unlink()
    return folder


def table(review: Path, name: str) -> Path:
    return review / "data/raw" / f"{name}.csv"


def files(review: Path) -> dict[str, bytes]:
    """Bytes of every table."""
    raw = review / "data/raw"
    return {p.relative_to(raw).as_posix(): p.read_bytes() for p in sorted(raw.rglob("*.csv"))}


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_bytes().decode("utf-8")
    assert text.count(old) == 1, f"{path.name}: {text.count(old)} times {old}"
    path.write_bytes(text.replace(old, new).encode("utf-8"))


def added(before: bytes, after: bytes) -> list[str]:
    """Lines that were put in; every other line must stand as it stood, in the same order."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found = [line for line in new if line not in old]
    assert [line for line in new if line in old] == old
    return [line.decode("utf-8").rstrip("\r\n") for line in found]


def refused(error: ReviewError) -> list[Problem]:
    return [p for p in error.problems if p.severity == "error"]
