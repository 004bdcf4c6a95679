"""The same steps driven in other ways: plain Snakemake rules, and a shell loop over notebooks and renders."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, Failed, Sandbox, metered

GATE = re.compile(r"^(\s*)checkpoint(\s+\w+\s*:)", re.MULTILINE)
GUARD = re.compile(r"\bguard\s*=\s*ancient\([^)]*\)")
STAGES = (("extract",), ("therapy",), ("collect",), ("overview",), ("claims",), ("document",))


def plain(rules: str) -> str:
    """Rules without early cut-off: each checkpoint an ordinary rule, no guards."""
    return GUARD.sub("guard=[]", GATE.sub(r"\1rule\2", rules))


def plain_copy(box: Sandbox, folder: Path) -> Sandbox:
    """A copy of the sandbox whose rules are :func:`plain`.

    Raises :class:`Failed` if the rules do not differ, or if a gate or guard is left in them.
    """
    root = folder / box.root.name
    ignored = shutil.ignore_patterns(".snakemake", "build")
    shutil.copytree(box.root, root, ignore=ignored)
    review = root
    if box.review != box.root:
        review = folder / box.review.name
        shutil.copytree(box.review, review, ignore=ignored)
    gates = guards = 0
    for path in (root / "Snakefile", *sorted((root / "analysis/rules").glob("*.smk"))):
        text = path.read_text(encoding="utf-8")
        gates += len(GATE.findall(text))
        guards += len(GUARD.findall(text))
        changed = plain(text)
        code = "\n".join(line for line in changed.splitlines() if not line.lstrip().startswith("#"))
        if re.search(r"\bcheckpoint\b|\bancient\(", code):
            raise Failed(f"a gate or guard was left in {path.name}")
        path.write_text(changed, encoding="utf-8")
    if not gates or not guards:
        raise Failed("the rules have no gates or guards: there is nothing to compare with")
    other = Sandbox(root, review, box.cores)
    other.clean()
    return other


def commands(box: Sandbox) -> dict[str, list[str]]:
    """Shell commands of all steps by rule, as the workflow called them in the last build (from the build's journal)."""
    found: dict[str, list[str]] = {}
    for path in sorted((box.review / "build/journal").glob("*.json")):
        entry: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        words = [sys.executable, "-m", "livingreview", "step", entry["rule"]]
        for key, value in entry["wildcards"].items():
            words += ["--wildcard", f"{key}={value}"]
        words += ["--inputs", *entry["inputs"], "--outputs", *entry["outputs"]]
        found.setdefault(entry["rule"], []).append(shlex.join(words))
    missing = {rule for stage in STAGES for rule in stage} ^ found.keys()
    if missing:
        raise Failed(f"the shell loop does not know what to do with: {', '.join(sorted(missing))}")
    return found


def script(steps: dict[str, list[str]], at_once: int) -> str:
    """A shell script that does all steps, stage by stage; within a stage ``at_once`` at a time."""
    lines = ["set -e"]
    for stage in STAGES:
        of_stage = [c for rule in stage for c in steps[rule]]
        if at_once == 1 or len(of_stage) == 1:
            lines += of_stage
        else:
            lines += [f"xargs -P{at_once} -d '\\n' -n1 sh -c <<'STEPS'", *of_stage, "STEPS"]
    return "\n".join(lines) + "\n"


def loop(box: Sandbox, steps: dict[str, list[str]], at_once: int) -> Cost:
    """Do everything by the shell script in a cleaned review; returns its cost."""
    box.clean()
    path = box.review / ".loop.sh"
    path.write_text(script(steps, at_once), encoding="utf-8")
    cost = metered(["sh", str(path)], box.review, box.step_environment)
    path.unlink()
    return cost


def same_outputs(box: Sandbox, expected: dict[str, str]) -> list[str]:
    """Documents and figures that are not byte for byte those of the build (``expected``: path → SHA-256)."""
    printed = {p: d for p, d in expected.items() if p.startswith(("manuscript/_output/", "figures/"))}
    return [p for p, d in printed.items() if hashlib.sha256((box.review / p).read_bytes()).hexdigest() != d]
