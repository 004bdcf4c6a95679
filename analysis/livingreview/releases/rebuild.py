"""Build an old release again from the commit that it records, elsewhere, and compare every output with what was released."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.nearest import did_you_mean
from livingreview.releases import ledger, manifest, repository
from livingreview.releases.ledger import Release


@dataclass(frozen=True)
class Comparison:
    """What a rebuild gave. Each list holds lines for a person: ``inputs`` that are not those recorded, ``outputs`` that differ, are
    missing or too many (empty: byte-identical), ``software`` that is not what the release was made with. ``compared`` counts outputs."""

    version: str
    commit: str
    compared: int
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    software: list[str] = field(default_factory=list)

    @property
    def identical(self) -> bool:
        """True where every output is the same bytes."""
        return not self.outputs

    def text(self) -> str:
        """The result in words, what differs line by line."""
        lines = [f"Release {self.version}, rebuilt from commit {self.commit[:12]}."]
        for title, found in (
            ("Inputs that are not those of the release", self.inputs),
            ("Software that is not that of the release", self.software),
            ("Outputs that differ", self.outputs),
        ):
            if found:
                lines += [f"{title} ({len(found)}):", *(f"  {line}" for line in found)]
        if self.identical:
            lines.append(f"Byte-identical: {self.compared} outputs, each the same as released.")
        else:
            lines.append(f"Not identical: {len(self.outputs)} of {self.compared} outputs differ.")
            if not self.software:
                lines.append("The software is the same as at the release.")
        return "\n".join(lines)


def rebuild(review: Path, root: Path, version: str) -> Comparison:
    """Build a release from its commit in a temporary folder, with the present interpreter and packages and the release's own code.

    Neither the review nor its repository is changed. Raises ReviewError for a version that was not released here, a commit that the
    repository does not hold, and a build that fails.
    """
    release = _find(review, version)
    recorded = release.manifest
    here = repository.checkout(review)
    commit = str(recorded["commit"])
    _held(here.top, commit, version)
    with tempfile.TemporaryDirectory(prefix="rebuild-") as folder:
        laid = Path(folder) / "review"
        repository.lay_out(here.top, commit, laid)
        there = laid / here.prefix
        code = _code(root, recorded, here, laid, Path(folder))
        if not (there / "review.yaml").is_file():
            raise ReviewError(Problem(f"commit {commit[:12]} has no review in {here.prefix or 'its folder'}"))
        inputs = _inputs(release, there, code)
        _build(there, code, str(recorded["software"]["engine"]))
        outputs = {
            path: known["sha256"]
            for entry in sorted((there / "build/journal").glob("*.json"))
            for path, known in canonical.read_json(entry)["outputs"].items()
        }
        used = manifest.software(code, _engine(there) or str(recorded["software"]["engine"]))
    expected = recorded["outputs"]
    differing = [
        f"{name}: {'not built' if name not in outputs else 'not part of the release' if name not in expected else 'differs'}"
        for name in sorted(outputs.keys() | expected.keys())
        if outputs.get(name) != expected.get(name)
    ]
    return Comparison(
        version,
        commit,
        len(outputs.keys() | expected.keys()),
        inputs,
        differing,
        manifest.software_differences(recorded["software"], used),
    )


def _find(review: Path, version: str) -> Release:
    known = ledger.releases(review)
    found = next((r for r in known if r.version == version), None)
    own = [r.version for r in known if r.kind == "released"]
    if found is None:
        raise ReviewError(
            Problem(
                f"{version} has not been released",
                allowed=", ".join(own) or "nothing has been released yet",
                suggestion=did_you_mean(version, own),
            )
        )
    if found.kind == "published":
        raise ReviewError(
            Problem(
                f"{version} was published elsewhere and is quoted, not recomputed: there is nothing to rebuild",
                allowed=", ".join(own) or "nothing has been released yet",
            )
        )
    return found


def _held(top: Path, commit: str, version: str) -> None:
    if not repository.has(top, commit):
        raise ReviewError(
            Problem(
                f"release {version} was made from commit {commit[:12]}, which this repository does not hold",
                suggestion="get the whole history: git fetch --unshallow, or git fetch from where the release was made",
            )
        )


def _code(
    root: Path, recorded: dict[str, object], here: repository.Checkout, laid: Path, folder: Path
) -> Path:
    """The package's repository as it was: in the commit itself, or from a repository of its own."""
    commit = recorded.get("code_commit")
    own = repository.checkout(root)
    if commit is None:
        return laid / (own.prefix if own.top == here.top else "")
    _held(own.top, str(commit), str(recorded["version"]))
    repository.lay_out(own.top, str(commit), folder / "code")
    return folder / "code" / own.prefix


def _inputs(release: Release, there: Path, code: Path) -> list[str]:
    """Recorded inputs that the commit holds otherwise."""
    differing = []
    for name, digest in sorted(release.manifest["inputs"].items()):
        path = there / name if (there / name).is_file() else code / name
        if not path.is_file():
            differing.append(f"{name}: not in the commit")
        elif canonical.file_digest(path) != digest:
            differing.append(f"{name}: differs in the commit")
    return differing


def _build(there: Path, code: Path, engine: str) -> None:
    environment = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("LIVINGREVIEW_", "GIT_")) and k != "PYTHONPATH"
    }
    environment["LIVINGREVIEW_ENGINE"] = engine.split()[0]
    command = [sys.executable, "-m", "snakemake", "rebuild", "--snakefile", str(code / "Snakefile")]
    command += ["--directory", str(there), "--workflow-profile", str(code / "profiles/default")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=there, check=False)
    if done.returncode:
        sys.stderr.write(done.stderr)
        raise ReviewError("the old release could not be built with the present software (see above)")


def _engine(there: Path) -> str | None:
    try:
        return str(canonical.read_json(there / "build/receipt.json")["engine"])
    except (OSError, ValueError, KeyError):
        return None
