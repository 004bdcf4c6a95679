"""A temporary copy of a repository and a review: builds there, measured, and the edits that lead to them."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from livingreview.errors import ReviewError
from livingreview.extraction import dataset
from livingreview.pipeline.cleanroom import IGNORED, SOURCES
from livingreview.screening import flow

# Runs a command and writes its wall seconds, processor seconds (children included) and the peak memory of the largest
# process. It imports next to nothing: the peak of a process begins with that of the process that started it.
METER = """
import os, sys, time
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(child, 0)
wall = time.perf_counter() - start
with open(sys.argv[1], "w") as out:
    out.write(f"{wall} {used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}")
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


class Failed(RuntimeError):
    """A measured command failed; the message holds what it said."""


@dataclass(frozen=True)
class Cost:
    """Of one run: ``wall`` and ``cpu`` in seconds (all processes), ``peak`` memory of the largest process in MiB."""

    wall: float
    cpu: float
    peak: float


@dataclass
class Series:
    """Several runs of the same thing, and the steps that each ran (the same in all runs, else the set of the last)."""

    costs: list[Cost] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def add(self, cost: Cost, steps: Iterable[str] = ()) -> None:
        """Note a run."""
        self.costs.append(cost)
        self.steps = sorted(steps)

    @property
    def wall(self) -> float:
        """Median wall time in seconds."""
        return statistics.median(c.wall for c in self.costs)

    @property
    def cpu(self) -> float:
        """Median processor time in seconds."""
        return statistics.median(c.cpu for c in self.costs)

    @property
    def peak(self) -> float:
        """Largest peak in MiB."""
        return max(c.peak for c in self.costs)

    def to_json(self) -> dict[str, Any]:
        """All runs, rounded to milliseconds and MiB."""
        return {
            "wall": [round(c.wall, 3) for c in self.costs],
            "cpu": [round(c.cpu, 3) for c in self.costs],
            "wall_median": round(self.wall, 3),
            "cpu_median": round(self.cpu, 3),
            "peak_mib": round(self.peak),
            "steps": self.steps,
        }

    def __str__(self) -> str:
        walls = [c.wall for c in self.costs]
        spread = f" ({min(walls):.2f}–{max(walls):.2f})" if len(walls) > 1 else ""
        return f"{self.wall:.2f}{spread}"


def metered(command: Sequence[str], folder: Path, environment: dict[str, str]) -> Cost:
    """Run a command in ``folder`` and return its cost; raises :class:`Failed` unless it ends with status 0."""
    note = folder / ".cost"
    meter = [sys.executable, "-I", "-S", "-c", METER, str(note), *command]
    done = subprocess.run(meter, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"status {done.returncode}: {' '.join(command)[:200]}\n{done.stdout}{done.stderr}")
    wall, cpu, peak = map(float, note.read_text().split())
    note.unlink()
    return Cost(wall, cpu, peak)


@dataclass
class Sandbox:
    """``root`` is a copy of a repository's sources; ``review`` the review that is built (``root`` itself or another)."""

    root: Path
    review: Path
    cores: int = 2

    @property
    def environment(self) -> dict[str, str]:
        """The built-in engine, and nothing inherited that would lead to another copy of the package."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LIVINGREVIEW_", "PYTHON"))}
        return {**kept, "LIVINGREVIEW_ENGINE": "builtin"}

    @property
    def step_environment(self) -> dict[str, str]:
        """What the workflow gives to a step."""
        return {
            **self.environment,
            "PYTHONPATH": str(self.root / "analysis"),
            "LIVINGREVIEW_ROOT": str(self.root),
        }

    def build(self) -> tuple[Cost, list[str]]:
        """The build command, called in the review's folder; returns its cost and the steps in its receipt."""
        command = [sys.executable, "-m", "snakemake", "rebuild", "--cores", str(self.cores)]
        if self.review != self.root:
            command += ["--snakefile", str(self.root / "Snakefile")]
            command += ["--workflow-profile", str(self.root / "profiles/default")]
        cost = metered(command, self.review, self.environment)
        receipt = json.loads((self.review / "build/receipt.json").read_text(encoding="utf-8"))
        return cost, [" ".join([s["rule"], *s["wildcards"].values()]) for s in receipt["steps"]]

    def clean(self) -> None:
        """What `make clean` does."""
        for name in ("build", ".snakemake", "manuscript/_built", "manuscript/_output"):
            shutil.rmtree(self.review / name, ignore_errors=True)
        built = [self.review / "manuscript/_variables.yml"]
        for suffix in ("svg", "pdf", "png"):
            built += (self.review / "figures").glob(f"*.{suffix}")
        for path in built:
            path.unlink(missing_ok=True)

    def documents(self) -> dict[str, dict[str, str]]:
        """``documents`` of review.yaml by name."""
        listed = yaml.safe_load((self.review / "review.yaml").read_text(encoding="utf-8"))["documents"]
        return {d["name"]: d for d in listed}

    def append_sentence(self, number: int) -> None:
        """A prose edit: one more sentence at the end of the first document."""
        source = self.review / next(iter(self.documents().values()))["source"]
        words = (
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
        )
        with source.open("a", encoding="utf-8") as out:
            out.write(f"\nThis is the {words[number % 10]} sentence that was added to be measured.\n")

    def digests(self) -> dict[str, str]:
        """SHA-256 of every output, from the receipt of the last build."""
        receipt = json.loads((self.review / "build/receipt.json").read_text(encoding="utf-8"))
        found: dict[str, str] = receipt["outputs"]
        return found


def copy_repository(source: Path, target: Path) -> Path:
    """Copy a repository's sources, nothing built; returns ``target``."""
    target.mkdir(parents=True)
    for name in SOURCES:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=IGNORED)
        elif (source / name).is_file():
            shutil.copy2(source / name, target / name)
    return target


class RowEdit:
    """One number of one row of outcomes.csv, switched between two valid values."""

    def __init__(self, box: Sandbox) -> None:
        """Find the first row with events of an included study and a therapy in scope that may become one more or less.

        Raises :class:`Failed` where the review has no such row.
        """
        self.path = box.review / "data/raw/outcomes.csv"
        self.original = self.path.read_text(encoding="utf-8")
        data = dataset.load(box.review, box.root)
        scope = {t.code for t in data.protocol.therapies}
        arms = {(a["study_id"], a["arm_id"]): a["therapy"] for a in data.tables["arms"]}
        included = {s["study_id"] for s in data.tables["studies"] if s["eligibility"] == "included"}
        for row in csv.DictReader(io.StringIO(self.original)):
            self.therapy = arms.get((row["study_id"], row["arm_id"]), "")
            if not row["events"].isdigit() or row["study_id"] not in included or self.therapy not in scope:
                continue
            if row.get("alternative_to"):
                continue
            for events in (int(row["events"]) - 1, int(row["events"]) + 1):
                self.changed = self._with(row, events)
                if self.changed and self._valid(box):
                    self.name = f"{row['study_id']} {row['outcome_id']}: {row['events']} → {events}"
                    self.path.write_text(self.original, encoding="utf-8")
                    return
        self.path.write_text(self.original, encoding="utf-8")
        raise Failed("no row of outcomes.csv can be changed by one and stay valid")

    def _with(self, row: dict[str, str], events: int) -> str:
        """The table with other events in this row; empty where there cannot be so many."""
        if events < 0:
            return ""
        table = csv.DictReader(io.StringIO(self.original))
        out = io.StringIO()
        writer = csv.DictWriter(out, list(table.fieldnames or ()), lineterminator="\n")
        writer.writeheader()
        for other in table:
            same = (other["study_id"], other["outcome_id"]) == (row["study_id"], row["outcome_id"])
            writer.writerow({**other, "events": str(events)} if same else other)
        return out.getvalue()

    def _valid(self, box: Sandbox) -> bool:
        self.path.write_text(self.changed, encoding="utf-8")
        try:
            flow.flow(dataset.load(box.review, box.root))
        except ReviewError:
            return False
        return True

    def switch(self) -> None:
        """Write the other of the two values."""
        now = self.path.read_text(encoding="utf-8")
        self.path.write_text(self.original if now == self.changed else self.changed, encoding="utf-8")
