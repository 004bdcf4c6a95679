"""The receipt of a build: what ran and why, what lies there now, and a few last lines for the person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.pipeline import journal

PATH = Path("build/receipt.json")


def write(build: str, result: str, seconds: float, failed: list[str], engine: str) -> dict[str, Any]:
    """Write ``build/receipt.json`` and return its content.

    ``result`` is built | nothing to do | failed | interrupted. ``steps`` are those that finished in this build, in
    the order in which they ended; ``outputs`` every file of the whole build with its SHA-256 (those of packages for journals apart).
    """
    entries = journal.entries()
    every = [*entries, *journal.submissions()]
    ran = sorted((e for e in every if e.build == build), key=lambda e: (e.path.stat().st_mtime_ns, e.step))
    if result == "built" and not ran:
        result = "nothing to do"
    receipt = {
        "build": build,
        "result": result,
        "seconds": round(seconds, 2),
        "engine": engine,
        "steps": [
            {"rule": e.rule, "wildcards": e.wildcards, "seconds": e.seconds, "why": e.why} for e in ran
        ],
        "failed": sorted(failed),
        "outputs": {path: known["sha256"] for e in entries for path, known in sorted(e.outputs.items())},
    }
    canonical.write_json(PATH, receipt)
    return receipt


def summary(receipt: dict[str, Any], package: str = "") -> str:
    """The last lines of a build: what was made, where, by which engine, in how many steps and seconds; the ``package`` for a journal too."""
    steps = len(receipt["steps"])
    took = f"{receipt['seconds']:.1f} s"
    counted = f"{steps} step{'' if steps == 1 else 's'}"
    if receipt["result"] == "failed":
        lines = [
            f"The build stopped after {took}: {counted} done, {_failed(receipt)}. The last good documents stay."
        ]
    elif receipt["result"] == "interrupted":
        lines = [f"Interrupted after {took}: {counted} done. The same command goes on from here."]
    elif receipt["result"] == "nothing to do":
        lines = [f"Nothing to do: everything is up to date ({took})."]
    else:
        lines = [f"Built in {took}: {counted} ran."]
    if package and receipt["result"] in ("failed", "interrupted") and Path("submission", package).is_dir():
        lines.append(
            f"  submission/{package}/ is not of this build: it is what was there before, or not whole."
        )
    documents = sorted(p for p in receipt["outputs"] if p.startswith("manuscript/_output/"))
    for stem in sorted({str(Path(p).with_suffix("")) for p in documents}):
        present = [
            Path(p).suffix for p in documents if str(Path(p).with_suffix("")) == stem and Path(p).exists()
        ]
        lines.append(f"  {stem}{{{','.join(present)}}}")
    figures = [p for p in receipt["outputs"] if p.startswith("figures/") and p.endswith(".pdf")]
    notebooks = [p for p in receipt["outputs"] if p.endswith(".ipynb")]
    if figures:
        lines.append(f"  figures/  {len(figures)} figures, each as SVG, PDF and PNG")
    if notebooks:
        lines.append(f"  build/notebooks/  {len(notebooks)} executed notebooks")
    if package and receipt["result"] in ("built", "nothing to do"):
        lines += _packed(package)
    lines.append(f"  engine: {receipt['engine']}")
    if any(step["rule"] == "claims" for step in receipt["steps"]):
        lines += _retracted()
    lines.append(f"  {PATH}  what ran and why")
    return "\n".join(lines)


def _packed(package: str) -> list[str]:
    """Where the package for a journal lies."""
    entry = journal.load(f"submission_package-{package}")
    made = [p for p in entry.outputs if p.startswith(f"submission/{package}/")] if entry else []
    if not made:
        return []
    return [
        f"  submission/{package}/  {len(made) - 2} files for the journal, in one as submission/{package}.zip",
        f"  submission/{package}/CHECKS.md  what was measured against each rule (checks.json: the same for programs)",
    ]


def _retracted() -> list[str]:
    """What leaving out retracted studies moved, as the claims gate found it."""
    from livingreview.claims.retractions import told

    try:
        return told(canonical.read_json("build/claims/retractions.json"))
    except (OSError, ValueError, KeyError):
        return []


def _failed(receipt: dict[str, Any]) -> str:
    return (
        f"failed: {', '.join(receipt['failed'])}"
        if receipt["failed"]
        else "none failed, but not all could run"
    )
