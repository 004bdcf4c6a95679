"""Time the build: what `make bench` runs. What is measured, and how, is told in README.md beside this file."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import floor, rivals, synthetic
from benchmarks.measure import Failed, RowEdit, Sandbox, Series, copy_repository
from benchmarks.tables import Rows, table
from livingreview import canonical

ROOT = Path(__file__).resolve().parents[1]
OUT = Path("build/bench.json")
GRID = ((40, 4), (400, 8), (4000, 16))
STUDIES_A_THERAPY, THERAPIES = 10, (4, 8, 16)
LARGE = 4000  # studies from which a single run has to do
FORMULA = """\
unavoidable = start + max(chain, work / cores): the start of Snakemake (a one-rule workflow with nothing to do); the
longest chain of steps that wait for each other (wall time); the processor time of all steps that ran, spread over the
cores. A notebook counts as one kernel that makes its imports, a document as its rendering in three formats, extract
as reading, validating and slicing the tables; gathering and formatting count nothing."""


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


def repeat(box: Sandbox, runs: int, before: Callable[[int], object]) -> Series:
    """Build ``runs`` times, each after ``before(number of the run)``."""
    series = Series()
    for number in range(runs):
        before(number)
        cost, steps = box.build()
        series.add(cost, steps)
    return series


def sensible(name: str, series: Series) -> None:
    """Raise :class:`Failed` where a build did something with nothing changed, or nothing with something changed."""
    if (name == "no-op") == bool(series.steps):
        raise Failed(f"{name}: {counted(series.steps)} ran. The time of a wrong build is not worth knowing.")


def counted(steps: Sequence[str]) -> str:
    """Steps by rule, e.g. ``extract, therapy ×4``."""
    rules = [s.split(" ")[0] for s in steps]
    order = [rule for stage in rivals.STAGES for rule in stage]
    found = [f"{r} ×{rules.count(r)}" if rules.count(r) > 1 else r for r in order if r in rules]
    return ", ".join(found) or "none"


class Real:
    """Measurements of one review: the four situations, the floor under them, and the rivals."""

    def __init__(self, box: Sandbox, runs: int) -> None:
        self.box, self.runs = box, runs
        say("warming up: one build that is not counted")
        box.clean()
        box.build()
        self.edit = RowEdit(box)
        self.outputs = box.digests()
        self.commands = rivals.commands(box)

    def situations(self) -> dict[str, Series]:
        """No-op, prose edit, one changed row, cold build."""
        box, found = self.box, {}
        plans: dict[str, Callable[[int], object]] = {
            "no-op": lambda _: None,
            "prose edit": box.append_sentence,
            "one changed row": lambda _: self.edit.switch(),
            "cold build": lambda _: box.clean(),
        }
        for name, before in plans.items():
            say(f"{name}: {self.runs} runs")
            found[name] = repeat(box, self.runs, before)
            sensible(name, found[name])
        return found

    def rivals(self, folder: Path) -> tuple[dict[str, dict[str, Series]], dict[str, list[str]]]:
        """Cold and one-row work by plain rules and by the shell loop; and outputs that came out different."""
        if self.edit.path.read_text(encoding="utf-8") != self.edit.original:
            self.edit.switch()
        self.box.build()
        outputs = self.box.digests()
        other = rivals.plain_copy(self.box, folder)
        say(f"plain rules: {self.runs} runs each")
        cold = repeat(other, self.runs, lambda _: other.clean())
        different = {"plain rules": rivals.same_outputs(other, outputs)}
        row = RowEdit(other)
        found = {
            "plain rules": {
                "cold build": cold,
                "one changed row": repeat(other, self.runs, lambda _: row.switch()),
            }
        }
        for name, at_once in (("shell loop", 1), (f"shell loop, {self.box.cores} at a time", self.box.cores)):
            say(f"{name}: {self.runs} runs")
            series = Series()
            for _ in range(self.runs):
                series.add(
                    rivals.loop(self.box, self.commands, at_once),
                    (s for group in self.commands.values() for s in group),
                )
            series.steps = sorted(rule for rule, group in self.commands.items() for _ in group)
            different[name] = rivals.same_outputs(self.box, outputs)
            # A loop does everything whatever changed.
            found[name] = {"cold build": series, "one changed row": series}
        return found, different


def real_review(source: Path, cores: int, runs: int, folder: Path) -> dict[str, Any]:
    """Measure and print parts 1 and 2 for the review in ``source``; returns them for the report."""
    root = copy_repository(ROOT, folder / "repository")
    review = root
    if source.resolve() != ROOT:
        review = copy_repository(source, folder / "review")
        shutil.copytree(ROOT / "data/schema", review / "data/schema", dirs_exist_ok=True)
    real = Real(Sandbox(root, review, cores), runs)
    series = real.situations()
    say("the unavoidable share, part by part")
    under = floor.measure(real.box, runs)
    rows = []
    for name, s in series.items():
        least = under.of(s.steps)
        rows.append(
            [
                name,
                str(s),
                f"{s.cpu:.2f}",
                f"{least:.2f}",
                f"{s.wall / least:.2f}",
                f"{s.peak:.0f}",
                counted(s.steps),
            ]
        )
    print(
        table(
            "Builds (seconds; median of runs, least–most)",
            ["", "wall", "cpu", "unavoidable", "ratio", "peak MiB", "steps"],
            rows,
        )
    )
    print(f"\nThe changed row: {real.edit.name}.\n{FORMULA}")
    parts: Rows = [["start of Snakemake", str(under.start), f"{under.start.cpu:.2f}"]]
    parts += [[name, str(s), f"{s.cpu:.2f}"] for name, s in sorted(under.steps.items())]
    print(table("The unavoidable parts (seconds)", ["", "wall", "cpu"], parts))
    say("the same work driven in other ways")
    others, different = real.rivals(folder / "plain")
    rows = [
        [rival, name, str(s), f"{s.wall / series[name].wall:.2f}", str(len(s.steps))]
        for rival, by_name in others.items()
        for name, s in by_name.items()
    ]
    print(
        table(
            "The same work in other ways (ratio: their time over ours)",
            ["", "", "wall", "ratio", "steps"],
            rows,
        )
    )
    for rival, paths in different.items():
        print(
            f"{rival}: {'the same bytes in every document and figure' if not paths else 'DIFFERENT: ' + ', '.join(paths)}"
        )
    return {
        "changed_row": real.edit.name,
        "builds": {
            n: {
                **s.to_json(),
                "unavoidable": round(under.of(s.steps), 3),
                "ratio": round(s.wall / under.of(s.steps), 3),
            }
            for n, s in series.items()
        },
        "unavoidable_parts": under.to_json(),
        "rivals": {rival: {n: s.to_json() for n, s in by_name.items()} for rival, by_name in others.items()},
    }


def growth(
    title: str, sizes: Sequence[tuple[int, int]], cores: int, runs: int, folder: Path
) -> dict[str, Any]:
    """Measure and print cold, no-op and one-row builds of synthetic reviews of (studies, therapies).

    A size that cannot be built is told, has its error in the result, and does not keep the others from being measured.
    """
    root = folder / "repository"
    if not root.exists():
        copy_repository(ROOT, root)
    found: dict[str, Any] = {}
    rows: Rows = []
    for studies, therapies in sizes:
        say(f"synthetic review: {studies} studies, {therapies} therapies")
        review = synthetic.write(folder / f"synthetic-{studies}-{therapies}", studies, therapies)
        name = f"{studies} studies, {therapies} therapies"
        try:
            by_name = grown(Sandbox(root, review, cores), runs if studies < LARGE else 1)
        except Failed as error:
            found[f"{studies}x{therapies}"] = {"failed": str(error).replace(str(folder), "…")[-2000:]}
            rows.append([name, "FAILED", "", "", "", ""])
            say(found[f"{studies}x{therapies}"]["failed"])
        else:
            found[f"{studies}x{therapies}"] = {what: s.to_json() for what, s in by_name.items()}
            for what, s in by_name.items():
                rows.append([name, what, str(s), f"{s.cpu:.2f}", f"{s.peak:.0f}", counted(s.steps)])
        shutil.rmtree(review)
    print(table(title, ["", "", "wall s", "cpu s", "peak MiB", "steps"], rows))
    return found


def grown(box: Sandbox, runs: int) -> dict[str, Series]:
    """A cold build, builds with nothing to do and builds after one changed row of one review."""
    found = {"cold": repeat(box, 1, lambda _: box.clean())}
    edit = RowEdit(box)
    found["no-op"] = repeat(box, runs, lambda _: None)
    found["one row"] = repeat(box, runs, lambda _: edit.switch())
    for name, series in found.items():
        sensible(name, series)
    return found


def main() -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/run.py", description="Time the build in temporary copies."
    )
    parser.add_argument("--quick", action="store_true", help="one run of each, small synthetic reviews only")
    parser.add_argument("--growth-only", action="store_true", help="only the synthetic reviews")
    parser.add_argument("--real-only", action="store_true", help="only the review, no synthetic ones")
    parser.add_argument("--full", action="store_true", help="all nine combinations of studies and therapies")
    parser.add_argument("--runs", type=int, help="runs of each measurement (default: 5; growth: 3)")
    parser.add_argument(
        "--sizes",
        nargs="+",
        metavar="STUDIESxTHERAPIES",
        help="only these synthetic reviews, e.g. 40x4 400x8",
    )
    parser.add_argument(
        "--review", type=Path, default=ROOT, metavar="DIR", help="the review (default: the repository's)"
    )
    parser.add_argument("--cores", type=int, default=min(2, os.cpu_count() or 1), help="cores (default: 2)")
    given = parser.parse_args()
    runs = given.runs or (1 if given.quick else 5)
    grown_runs = given.runs or (1 if given.quick else 3)
    sizes: tuple[tuple[int, int], ...] = GRID[:1] if given.quick else GRID
    if given.full:
        sizes = tuple((s, t) for s, _ in GRID for _, t in GRID)
    if given.sizes:
        sizes = tuple((int(s), int(t)) for s, t in (size.split("x") for size in given.sizes))
    fixed = [(t * STUDIES_A_THERAPY, t) for t in (THERAPIES[:2] if given.quick else THERAPIES)]
    report: dict[str, Any] = {
        "cores": given.cores,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    print(
        f"Built-in engine, {given.cores} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start."
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        try:
            if not given.growth_only:
                report["review"] = real_review(given.review, given.cores, runs, folder)
            if not given.real_only:
                report["growth"] = growth("Growth: synthetic reviews", sizes, given.cores, grown_runs, folder)
            if not (given.real_only or given.sizes):
                title = f"Unaffected therapies: {STUDIES_A_THERAPY} studies in each therapy"
                report["unaffected"] = growth(title, fixed, given.cores, grown_runs, folder)
        except Failed as error:
            print(str(error).replace(name, "…"), file=sys.stderr)
            return 1
    canonical.write_json(OUT, report)
    print(f"\nAll runs: {OUT}")
    sized = [*report.get("growth", {}).values(), *report.get("unaffected", {}).values()]
    return 1 if any("failed" in one for one in sized) else 0


if __name__ == "__main__":
    sys.exit(main())
