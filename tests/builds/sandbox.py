"""A repository and a small review in a temporary folder, to be edited and built as a person would."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview.pipeline.knock import DOOR

REPOSITORY = Path(__file__).resolve().parents[2]
NEEDED = (
    "Snakefile",
    "pyproject.toml",
    "requirements.lock",
    "analysis",
    "profiles",
    "data/schema",
    "figures",
)
SHARED = ("manuscript/filters", "manuscript/templates", "manuscript/reporting", "manuscript/_quarto.yml")
BUILT = shutil.ignore_patterns(
    "__pycache__", "*.svg", "*.pdf", "*.png", "_built", "_output", "_variables.yml", "build"
)
UNBUILT = ("build", ".snakemake", "_built", "_output", "_variables.yml", "*.svg", "*.pdf", "*.png")
# Records of a build rather than what it makes: times, processes and places stand in them.
RECORDS = ("journal", "logs", "cache", "edited-by-hand")
RECORD_FILES = (
    ".lock",
    ".release.lock",
    "receipt.json",
    "plan.json",
    "checked.json",
    "checked_text.json",
    "fingerprints.json",
    "discarded.json",
)


@dataclass
class Sandbox:
    """``root`` is a copy of the repository's code, ``review`` a copy of the synthetic review."""

    root: Path
    review: Path
    said: str = ""
    foretold: bool = False
    """Whether each build is held against what `livingreview why` says before it."""

    def command(self, *targets: str) -> list[str]:
        """The call a person makes in the repository's folder."""
        return [
            sys.executable,
            "-m",
            "snakemake",
            *(targets or ("rebuild",)),
            "--directory",
            str(self.review),
        ]

    @property
    def environment(self) -> dict[str, str]:
        inherited = {
            k: v for k, v in os.environ.items() if k == DOOR or not k.startswith(("LIVINGREVIEW_", "PYTEST_"))
        }
        for name in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
            inherited.pop(name, None)
        return {**inherited, "LIVINGREVIEW_ENGINE": "builtin"}

    def build(self, *targets: str, expect: int = 0) -> set[str]:
        """Build and return the steps that ran, e.g. ``{"extract", "therapy cryotherapy"}``.

        Where ``foretold``, what `livingreview why` says before is held against what ran: at least the certain steps, at most the
        possible ones too.
        """
        foreseen = self.foreseen() if self.foretold and expect == 0 and not targets else None
        done = subprocess.run(
            self.command(*targets),
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        self.said = done.stdout + done.stderr
        assert done.returncode == expect, self.said
        assert "a fault of the program" not in self.said, self.said
        ran = self.steps()
        if foreseen is not None:
            certain, perhaps = set(foreseen["certain"]), set(foreseen["perhaps"])
            assert certain <= ran <= certain | perhaps, foreseen
        return ran

    def foreseen(self) -> dict[str, Any]:
        """What `livingreview why --json` says now; it may write nothing."""
        before = self.outputs()
        done = subprocess.run(
            [sys.executable, "-m", "livingreview", "why", "--json", "--directory", str(self.review)],
            cwd=self.root,
            env={**self.environment, "PYTHONPATH": str(self.root / "analysis")},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert self.outputs() == before
        content: dict[str, Any] = json.loads(done.stdout)
        return content

    def clean_room(self, **environment: str) -> tuple[int, str]:
        """Exit status of `livingreview clean-room`, and what it said; ``environment`` is that of its build too."""
        done = subprocess.run(
            [sys.executable, "-m", "livingreview", "clean-room", "--directory", str(self.review)],
            cwd=self.root,
            env={**self.environment, "PYTHONPATH": str(self.root / "analysis"), **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )
        return done.returncode, done.stdout + done.stderr

    def receipt(self) -> dict[str, Any]:
        """The receipt of the last build."""
        content: dict[str, Any] = json.loads((self.review / "build/receipt.json").read_text(encoding="utf-8"))
        return content

    def steps(self) -> set[str]:
        """Names of the steps in the last receipt; each may stand there only once."""
        names = [" ".join([s["rule"], *s["wildcards"].values()]) for s in self.receipt()["steps"]]
        assert len(names) == len(set(names)), names
        return set(names)

    def why(self, step: str) -> str:
        """The receipt's reason for a step."""
        for s in self.receipt()["steps"]:
            if " ".join([s["rule"], *s["wildcards"].values()]) == step:
                return str(s["why"])
        raise AssertionError(f"{step} did not run")

    def outputs(self) -> dict[str, str]:
        """SHA-256 of every built file of the review, records of the build apart."""
        found = {}
        for folder in ("build", "figures", "manuscript"):
            for path in sorted((self.review / folder).rglob("*")):
                name = path.relative_to(self.review)
                if path.is_file() and not (name.parts[1] in RECORDS or name.name in RECORD_FILES):
                    found[str(name)] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def text(self, path: str) -> str:
        return (self.review / path).read_text(encoding="utf-8")

    def replace(self, path: str, old: str, new: str, *, root: bool = False) -> None:
        """Replace a text that must be there."""
        file = (self.root if root else self.review) / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def rows(self, table: str) -> list[dict[str, str]]:
        """Rows of a raw table."""
        with (self.review / f"data/raw/{table}.csv").open(encoding="utf-8", newline="") as source:
            return list(csv.DictReader(source))

    def edit(self, table: str, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
        """Rewrite a raw table after ``change``."""
        rows = self.rows(table)
        header = list(rows[0])
        with (self.review / f"data/raw/{table}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, header, lineterminator="\n")
            writer.writeheader()
            writer.writerows(change(rows))


def set_up(folder: Path) -> Sandbox:
    """Lay a repository and the synthetic review, not yet built, into ``folder``."""
    root, review = folder / "repository", folder / "review"
    for name in (*NEEDED, *SHARED):
        source = REPOSITORY / name
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=BUILT)
        else:
            shutil.copy2(source, target)
    shutil.copytree(REPOSITORY / "tests/review", review, ignore=BUILT)
    # Its own schemas, so that the built state can be copied to another folder and stay true.
    shutil.copytree(REPOSITORY / "data/schema", review / "data/schema", dirs_exist_ok=True)
    return Sandbox(root, review)


Once = Callable[[str, Callable[[Path], None]], Path]
"""Makes a folder of a name by a function that is given it, where it is not there yet, and returns its path."""


def copied(built: Path, folder: Path) -> Sandbox:
    """A built sandbox in another folder, as it is."""
    for name in ("repository", "review"):
        shutil.copytree(built / name, folder / name)
    return Sandbox(folder / "repository", folder / "review")


def unbuilt_copy(built: Path, folder: Path) -> Sandbox:
    """The sources of a built sandbox in another folder, not yet built there."""
    shutil.copytree(built / "repository", folder / "repository", ignore=BUILT)
    shutil.copytree(built / "review", folder / "review", ignore=shutil.ignore_patterns(*UNBUILT))
    return Sandbox(folder / "repository", folder / "review")
