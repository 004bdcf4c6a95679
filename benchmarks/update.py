"""Time the update of the walk-through, from the edit to the finished documents: python benchmarks/update.py."""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/unit")]

from tests.builds import test_walkthrough as walkthrough  # noqa: E402 after the path
from tests.builds.sandbox import Sandbox, set_up  # noqa: E402

DOCUMENTS = ("manuscript", "supplement")
LIMIT = 20.0  # seconds to the finished documents, on two cores


def released(folder: Path) -> Sandbox:
    """The synthetic review, built, released and committed."""
    made = set_up(folder)
    made.build()
    for part in (made.root, made.review):
        walkthrough.commit(part)
    status, said = walkthrough.call(made, "release", walkthrough.FIRST)
    if status:
        raise SystemExit(said)
    made.build()
    walkthrough.commit(made.review)
    return made


def update(before: Sandbox, folder: Path) -> tuple[float, float, int]:
    """Seconds from the command to the last document and to the end of the build, and how many steps ran."""
    for name in ("repository", "review"):
        shutil.copytree(before.root.parent / name, folder / name)
    box = Sandbox(folder / "repository", folder / "review")
    walkthrough.update(box)
    start = time.time()
    steps = box.build()
    end = time.time()
    made = max((box.review / f"build/documents/{name}.json").stat().st_mtime for name in DOCUMENTS)
    shutil.rmtree(folder)
    return made - start, end - start, len(steps)


def main() -> int:
    """Print the times; exit status 1 where the documents take longer than the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        before = released(Path(folder) / "before")
        times = [update(before, Path(folder) / f"run{n}") for n in range(runs)]
    for what, place in (("to the finished documents", 0), ("to the end, with the change report", 1)):
        found = [t[place] for t in times]
        print(
            f"{what}: {statistics.median(found):.1f} s ({min(found):.1f}–{max(found):.1f}), {times[0][2]} steps"
        )
    middle = statistics.median(t[0] for t in times)
    print(f"limit for the documents: {LIMIT:.0f} s – {'kept' if middle <= LIMIT else 'NOT KEPT'}")
    return int(middle > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
