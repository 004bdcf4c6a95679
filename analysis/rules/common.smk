# What all rules share: the build itself (checks before, receipt after) and how a step is called.
#
# A gate is a cheap checkpoint whose output is canonical; every rule below it lists the gate's manifest as an
# ancient() guard. Then a step whose inputs come out the same is not run, within one call of snakemake.

import os
import re
import shlex
import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
# The package of this repository, even where another copy is installed; steps inherit it.
os.environ["PYTHONPATH"] = os.pathsep.join(
    dict.fromkeys([str(ROOT / "analysis"), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))])
)
if str(ROOT / "analysis") not in sys.path:
    sys.path.insert(0, str(ROOT / "analysis"))

from livingreview.pipeline import knock
from livingreview.pipeline.build import Build
from livingreview.pipeline.layout import CHANGES, CLAIMS, COLLECT, EXTRACT, EXTRACT_FILES, FIGURE_FORMATS, MANIFESTS, PLACES

# Calls that only look must not lock, check or write anything.
LOOKS_ONLY = re.compile(
    r"-[a-zA-Z]*n[a-zA-Z]*|--(dry-?run|list.*|lint|summary|detailed-summary|dag|rulegraph|filegraph|report.*"
    r"|unlock|generate-unit-tests|delete-all-output|cleanup-metadata|archive|touch)"
)
# A package for a journal is asked for by its target, or by naming the journal.
JOURNAL = str(config["journal"]) if config.get("journal") else "" if "submission" in sys.argv[1:] else None
build = Build(
    ROOT,
    really=workflow.is_main_process and not any(LOOKS_ONLY.fullmatch(a) for a in sys.argv[1:]),
    journal=JOURNAL,
    stage=str(config.get("stage") or ""),
)
layout = build.layout
PYTHON = sys.executable
KNOCK = shlex.join(knock.command("step"))
if build.really:
    # Snakemake imports pandas, where it is installed, only to ask whether a parameter is a data frame. Ours are words,
    # and a quarter of a second is a fifth of a build that has nothing to do. Steps run in processes of their own.
    sys.modules.setdefault("pandas", None)


wildcard_constraints:
    therapy="|".join(map(re.escape, layout.therapies)) or "none",
    overview="|".join(map(re.escape, layout.overviews())) or "none",
    document="|".join(map(re.escape, layout.documents)) or "none",


def step(name, *wildcards, params=()):
    """Shell command of one step. exec: the step is the build's own child, and dies with it."""
    given = [f"--wildcard {w}={{wildcards.{w}}}" for w in wildcards]
    given += [f"--wildcard {p}={{params.{p}}}" for p in params]
    return (
        f"exec {{KNOCK}} {name} {' '.join(given)} "
        "--inputs {input:q} --outputs {output:q} --guards {input.guard:q}"
    )


def figure_files(stems):
    """Every format of each figure."""
    return [f"figures/{stem}.{suffix}" for stem in stems for suffix in FIGURE_FORMATS]


FIGURES = figure_files(layout.figures())
NOTEBOOKS = [f"build/notebooks/therapy_{t}.ipynb" for t in layout.therapies] + [
    f"build/notebooks/overview_{o}.ipynb" for o in layout.overviews()
]
