"""The share of a build's time that nothing here could avoid, measured in parts on the machine of the benchmark.

The parts are the start of the workflow engine, one kernel with the imports of each notebook that runs, the extraction
itself, and the rendering of each document that runs. See :meth:`Floor.of` for how they become one number.
"""

from __future__ import annotations

import ast
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure import Sandbox, Series, metered
from livingreview.steps.notebook import header

TRIVIAL = """
rule all:
    input: "done.txt"
rule done:
    output: "done.txt"
    shell: "touch {output}"
"""
EXTRACT = """
import sys
from pathlib import Path
from livingreview.extraction import dataset
from livingreview.slices import Review
from livingreview.steps import extract
extract.all_slices(Review(dataset.load(Path(), Path(sys.argv[1]))), Path(sys.argv[1]))
"""
NOTEBOOK = """
import sys
from pathlib import Path
from livingreview.steps import notebook
notebook.run(Path(sys.argv[1]), {}, Path(sys.argv[2]))
"""
RENDER = """
import sys
from pathlib import Path
from livingreview.publish.engine import FORMATS, find
source, prefix, root, out = sys.argv[1:]
find().render(Path.cwd() / source, FORMATS, Path.cwd(), Path(root), Path(out), prefix)
"""
MODULES = """
import json, sys
from pathlib import Path
cells = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["cells"]
space = {}
for cell in cells:
    if cell["cell_type"] == "code":
        exec("".join(cell["source"]), space)
found = [name for name in sys.modules if name.split(".")[0] not in ("livingreview", "__main__")]
Path(sys.argv[2]).write_text("\\n".join(found), encoding="utf-8")
"""
BARE = """\
# ---
# jupyter:
#   kernelspec: {{display_name: Python 3, language: python, name: python3}}
# ---

# %% tags=["parameters"]
nothing = None

# %%
{stated}

# %%
import contextlib
import importlib
for name in {modules!r}:
    with contextlib.suppress(Exception):
        importlib.import_module(name)
"""


def imports_only(notebook: str, modules: Sequence[str] = ()) -> str:
    """A percent notebook that only imports: what another (its text) states, then ``modules`` that its calls import."""
    tree = ast.parse(notebook)
    found = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return BARE.format(stated="\n".join(found), modules=list(modules))


def imported(box: Sandbox, executed: str, scratch: Path) -> list[str]:
    """Names of the third-party modules that are loaded once the cells of an executed notebook have run."""
    work = scratch / "work"
    shutil.rmtree(work, ignore_errors=True)
    for folder in ("build", "figures"):
        shutil.copytree(box.review / folder, work / folder)
    command = [
        sys.executable,
        "-c",
        MODULES,
        str(work / "build/notebooks" / executed),
        str(work / "modules.txt"),
    ]
    metered(command, work, box.step_environment)
    return (work / "modules.txt").read_text(encoding="utf-8").split()


@dataclass
class Floor:
    """Measured parts: ``start`` of the engine, ``steps`` by name, and which overviews wait for the therapies."""

    start: Series
    steps: dict[str, Series] = field(default_factory=dict)
    after_therapies: set[str] = field(default_factory=set)
    cores: int = 2

    def of(self, ran: Iterable[str]) -> float:
        """Seconds that no build with these steps can do without.

        start + max(longest chain of steps that wait for each other, processor time of all of them / cores).
        The chain is extract → therapy → overview that reads the therapies' results → document; gates that only gather
        and format count nothing.
        """
        ran = [name for name in ran if name in self.steps]
        work = sum(self.steps[name].cpu for name in ran) / self.cores
        return self.start.wall + max(self.chain(ran), work)

    def chain(self, ran: Iterable[str]) -> float:
        """Wall seconds of the longest chain of these steps."""
        ran = set(ran)

        def longest(names: Iterable[str]) -> float:
            return max((self.steps[n].wall for n in names if n in ran), default=0.0)

        therapies = longest(n for n in ran if n.startswith("therapy "))
        others = longest(n for n in ran if n.startswith("overview ") and n not in self.after_therapies)
        notebooks = max(therapies + longest(self.after_therapies), others)
        return longest(["extract"]) + notebooks + longest(n for n in ran if n.startswith("document "))

    def to_json(self) -> dict[str, Any]:
        """Every part with its runs."""
        return {
            "start": self.start.to_json(),
            **{name: s.to_json() for name, s in sorted(self.steps.items())},
        }


def measure(box: Sandbox, runs: int) -> Floor:
    """Measure every part for a review that has been built; each part runs in processes of its own."""
    found = Floor(_start(box, runs), cores=box.cores)
    with tempfile.TemporaryDirectory(prefix="floor-") as folder:
        scratch = Path(folder)
        found.steps["extract"] = _python(box, runs, EXTRACT, str(box.root))
        plan = json.loads((box.review / "build/plan.json").read_text(encoding="utf-8"))["plan"]
        for name in plan["headers"]:
            own = box.review / f"analysis/notebooks/{name}.py"
            source = own if own.is_file() else box.root / f"analysis/notebooks/{name}.py"
            bare = scratch / f"{name}.py"
            executed = f"therapy_{plan['therapies'][0]}" if name == "therapy" else name
            modules = imported(box, f"{executed}.ipynb", scratch)
            bare.write_text(imports_only(source.read_text(encoding="utf-8"), modules), encoding="utf-8")
            cost = _python(box, runs, NOTEBOOK, str(bare), str(scratch / f"{name}.ipynb"))
            if name == "therapy":
                found.steps |= {f"therapy {code}": cost for code in plan["therapies"]}
                continue
            step = f"overview {name.removeprefix('overview_')}"
            found.steps[step] = cost
            if any(read.startswith("collect/") for read in header(source)["reads"]):
                found.after_therapies.add(step)
        for name, entry in box.documents().items():
            arguments = (entry["source"], entry.get("label_prefix") or "", str(box.root), folder)
            found.steps[f"document {name}"] = _python(box, runs, RENDER, *arguments)
    return found


def _start(box: Sandbox, runs: int) -> Series:
    """A workflow of one rule with nothing to do."""
    series = Series()
    with tempfile.TemporaryDirectory(prefix="floor-") as name:
        folder = Path(name)
        (folder / "Snakefile").write_text(TRIVIAL, encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--cores", str(box.cores)]
        metered(command, folder, box.environment)
        for _ in range(runs):
            series.add(metered(command, folder, box.environment))
    return series


def _python(box: Sandbox, runs: int, code: str, *arguments: str) -> Series:
    series = Series()
    for _ in range(runs):
        series.add(metered([sys.executable, "-c", code, *arguments], box.review, box.step_environment))
    return series
