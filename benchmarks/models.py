"""Time the models: one fit of the one-stage model with 40 and 4,000 studies, and everything that one outcome of 40 studies asks for.

    .venv/bin/python benchmarks/models.py

Each time is the median of several runs in one process after one that is not counted, beside the limit that it must keep.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import synthetic
from benchmarks.tables import table
from livingreview.extraction import dataset
from livingreview.slices import Review, therapy_slice
from livingreview.synthesis.analyse import analyse
from livingreview.synthesis.counting import TherapySlice
from livingreview.synthesis.models import binomial_normal

ROOT = Path(__file__).resolve().parents[1]
STUDIES, MANY = 40, 4000
LIMITS = {
    "fit of 40": 0.05,
    "fit of 4,000, most sizes alike": 1.0,
    "fit of 4,000, all different": 1.0,
    "outcome of 40": 5.0,
}
RUNS, SEED = 5, 1

Counts = tuple[NDArray[np.int64], NDArray[np.int64]]


def counts(studies: int, largest: int, seed: int) -> Counts:
    """Events and totals of invented studies of 1 to ``largest`` units."""
    draw = np.random.default_rng(seed)
    n = draw.integers(1, largest + 1, studies)
    return draw.binomial(n, 1 / (1 + np.exp(-(0.8 + 0.8 * draw.standard_normal(studies))))), n


def outcome(studies: int, seed: int) -> TherapySlice:
    """A therapy with so many invented studies in its primary outcome, which is the only one analysed."""
    with tempfile.TemporaryDirectory() as folder:
        review = synthetic.write(Path(folder), 6 * studies, 1, seed)
        found: dict[str, Any] = therapy_slice(Review(dataset.load(review, ROOT)), "t1")
    first = found["protocol"]["analyses"]["outcomes"][0]
    counted = {
        row["study_id"]
        for row in found["outcomes"]
        if (row["arm_id"], row["construct"], row["unit"]) == ("a", first["judged_on"], first["unit"])
    }
    kept = [s for s in found["studies"] if s["study_id"] in counted][:studies]
    ids = {s["study_id"] for s in kept}
    found["protocol"]["analyses"]["outcomes"] = [first]
    found["studies"] = kept
    for name in ("arms", "outcomes", "participants"):
        found[name] = [row for row in found[name] if row["study_id"] in ids]
    return TherapySlice.from_json(found)


def seconds(work: Callable[[], object], runs: int) -> list[float]:
    """Wall seconds of each run, after one that is not counted."""
    work()
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return found


def measure(runs: int, studies: int = STUDIES, many: int = MANY) -> dict[str, list[float]]:
    """Times by the names of LIMITS."""
    few, alike, different = counts(studies, 15, SEED), counts(many, 15, SEED), counts(many, 5000, SEED)
    therapy = outcome(studies, SEED)
    works: tuple[Callable[[], object], ...] = (
        lambda: binomial_normal.fit(*few),
        lambda: binomial_normal.fit(*alike),
        lambda: binomial_normal.fit(*different),
        lambda: analyse(therapy),
    )
    return {name: seconds(work, runs) for name, work in zip(LIMITS, works, strict=True)}


def report(found: dict[str, list[float]]) -> str:
    """The table: median, least and most in milliseconds, beside the limit."""
    rows = []
    for name, times in found.items():
        middle, limit = statistics.median(times), LIMITS[name]
        cells = [f"{1000 * t:.1f}" for t in (middle, min(times), max(times), limit)]
        rows.append([name, *cells, "kept" if middle <= limit else "NOT KEPT"])
    return table("Models (milliseconds)", ["", "median", "least", "most", "limit", ""], rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=RUNS, help=f"runs of each (default {RUNS})")
    found = measure(parser.parse_args(arguments).runs)
    print(report(found))
    return int(any(statistics.median(times) > LIMITS[name] for name, times in found.items()))


if __name__ == "__main__":
    sys.exit(main())
