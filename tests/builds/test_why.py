"""What `livingreview why` foretells. That every build keeps between its two bounds is asserted by the sandbox at each build."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .sandbox import Sandbox

pytestmark = pytest.mark.build

STUDY = "lindqvist1998"
CHANGED = f"{STUDY} changed in outcomes.csv"


def why(sandbox: Sandbox, *arguments: str) -> tuple[int, str]:
    """Exit status and what is said."""
    done = subprocess.run(
        [sys.executable, "-m", "livingreview", "why", *arguments, "--directory", str(sandbox.review)],
        cwd=sandbox.root,
        env={**sandbox.environment, "PYTHONPATH": str(sandbox.root / "analysis")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_nothing_changed_and_then_a_study(sandbox: Sandbox) -> None:
    assert why(sandbox) == (0, "Nothing would run: everything is up to date.\n")
    sandbox.replace(
        "data/raw/outcomes.csv",
        f"{STUDY},o1,a,clearing,skin,lesion,complete,61,",
        f"{STUDY},o1,a,clearing,skin,lesion,complete,51,",
    )
    status, said = why(sandbox)
    certain, _, perhaps = said.partition("Only if results change")
    assert status == 0 and perhaps
    lines = [" ".join(line.split()) for line in certain.splitlines()]
    assert f"extract {CHANGED}" in lines and f"therapy cryotherapy {CHANGED}" in lines
    assert "collect after therapy cryotherapy" in lines
    assert "document manuscript" in perhaps and "therapy" not in perhaps
    assert why(sandbox, "duct_tape")[1].startswith("Nothing would run for therapy duct_tape")
    status, said = why(sandbox, "manuscript.pdf")
    assert status == 0 and "document manuscript  if something else comes out of claims" in said


def test_all_edits_of_a_day_at_once(sandbox: Sandbox) -> None:
    """A comment, a word of the text, a style and a threshold: each foretold with its own reason."""
    sandbox.replace(
        "analysis/livingreview/figures/forest.py", "from __future__", "# a remark\nfrom __future__", root=True
    )
    foreseen = sandbox.foreseen()
    assert not foreseen["certain"] and not foreseen["perhaps"]
    sandbox.replace("manuscript/manuscript.qmd", "This review exists", "The review exists")
    foreseen = sandbox.foreseen()
    assert foreseen["certain"]["document manuscript"]["causes"] == ["manuscript/manuscript.qmd changed"]
    assert "therapy cryotherapy" in foreseen["stays"] and "claims" in foreseen["stays"]
    with (sandbox.root / "figures/style.mplstyle").open("a", encoding="utf-8") as style:
        style.write("\nlines.linewidth: 1.7\n")
    foreseen = sandbox.foreseen()
    assert foreseen["certain"]["therapy cryotherapy"]["causes"] == ["style.mplstyle changed"]
    assert "extract" in foreseen["stays"]
    sandbox.replace("review.yaml", "  threshold: 0.6", "  threshold: 0.55")
    foreseen = sandbox.foreseen()
    assert "review.yaml: analyses changed" in foreseen["certain"]["extract"]["causes"]


def test_a_mistake_is_told_instead_of_a_forecast(sandbox: Sandbox) -> None:
    status, said = why(sandbox, "cryotherpy")
    assert status == 1 and "did you mean `cryotherapy`?" in said
    sandbox.replace("data/raw/outcomes.csv", ",lesion,complete,61,96", ",lesion,complete,161,96")
    status, said = why(sandbox)
    assert status == 1 and "outcomes.csv, row 2" in said and "Traceback" not in said


def test_before_the_first_build_everything_is_certain(sandbox: Sandbox) -> None:
    import shutil

    for folder in ("build", ".snakemake"):
        shutil.rmtree(sandbox.review / folder)
    foreseen = sandbox.foreseen()
    assert not foreseen["perhaps"] and not foreseen["stays"]
    assert {tuple(step["causes"]) for step in foreseen["certain"].values()} == {("first build",)}
    assert not (sandbox.review / "build").exists()
