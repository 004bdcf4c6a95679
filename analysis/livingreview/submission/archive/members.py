"""What goes into the archive: sources as people wrote them, and what the last build made of them.

Where the review is the repository itself, the archive has the repository's folders. A review elsewhere lies in ``review/``, and
the repository's own review is left out.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.pipeline import journal, receipt
from livingreview.releases import repository
from livingreview.releases.manifest import OWN, SHARED

CODE = (
    "Makefile", "Snakefile", "pyproject.toml", "requirements.lock", "environment.yml", "LICENSE", "README.md", "CHANGELOG.md",
    "CONTRIBUTING.md", ".gitattributes", ".gitignore", ".github", "profiles", "analysis", "tests", "benchmarks", "docs",
)  # fmt: skip
"""Files and folders of the repository that the two commands need, and those that explain them."""
OF_A_REVIEW = ("LICENSE", "LICENCE", "README.md")
NEEDED = ("Makefile", "Snakefile", "pyproject.toml", "requirements.lock", "README.md", "profiles", "analysis")
FOLDER = "review/"
BETWEEN = ("manuscript/_built/", "manuscript/_variables.yml")
"""Outputs between two steps: copies of figures and fonts for the engine of the documents, values of the text."""
_NEVER = {"__pycache__", "_built", "_output", "_freeze", "_variables.yml"}
_BUILT_FIGURES = (".svg", ".pdf", ".png")


@dataclass(frozen=True)
class Step:
    """One step of the build, its files by their names in the archive (those that are not in it are left out)."""

    name: str
    rule: str
    wildcards: dict[str, str]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Members:
    """Where each file of the archive comes from, by its name in the archive; ``prefix`` is where the review lies in it."""

    prefix: str
    sources: dict[str, Path]
    built: dict[str, Path]
    steps: tuple[Step, ...]
    engine: str

    @property
    def files(self) -> dict[str, Path]:
        """All of them, sorted by name."""
        return dict(sorted({**self.sources, **self.built}.items()))


def gather(review: Path, root: Path) -> Members:
    """The files of a built review and of the repository at ``root``.

    Raises ReviewError with every reason against it: nothing is built, a file of the build is gone or was changed since, an input is
    another than the one that was built from, or one that the archive would lack because git does not know it.
    """
    review, root = review.resolve(), root.resolve()
    own = review == root
    prefix = "" if own else FOLDER
    entries = _entries(review)
    sources = _sources(review, root, own)
    problems = [
        Problem("the archive needs it to build the review", file=name)
        for name in NEEDED
        if not (root / name).exists()
    ]
    built: dict[str, Path] = {}
    for entry in entries:
        for path, known in entry.outputs.items():
            if not path.startswith(BETWEEN):
                problems += _altered(review / path, path, known["sha256"], "make rebuild")
                built[prefix + path] = review / path
    steps = []
    for entry in entries:
        inputs = []
        for path, digest in entry.inputs.items():
            name = _name(path, review, root, prefix)
            where = Path(path) if Path(path).is_absolute() else review / path
            if name is None or path.startswith(BETWEEN):
                continue
            if name not in built:
                problems += _altered(where, path, digest, "make rebuild")
                if name not in sources:
                    problems.append(
                        Problem(
                            "the build read it, but git does not know it: the archive would lack it",
                            file=path,
                            suggestion=f"git add {path}",
                        )
                    )
            inputs.append(name)
        outputs = tuple(sorted(prefix + p for p in entry.outputs if prefix + p in built))
        steps.append(Step(entry.step, entry.rule, dict(entry.wildcards), tuple(sorted(inputs)), outputs))
    problems += [
        Problem("a path of this machine stands in it, so the archive would tell where it was made", file=name)
        for name, path in sorted(built.items())
        if not problems and any(place in path.read_bytes() for place in _places(review, root))
    ]
    if problems:
        raise ReviewError(list(dict.fromkeys(problems)))
    engine = str(canonical.read_json(review / receipt.PATH).get("engine") or "")
    return Members(prefix, sources, built, tuple(steps), engine)


def _entries(review: Path) -> list[journal.Entry]:
    try:
        result = canonical.read_json(review / receipt.PATH)["result"]
        found = [
            journal.Entry(**canonical.read_json(p)) for p in sorted((review / journal.FOLDER).glob("*.json"))
        ]
    except (OSError, ValueError, TypeError, KeyError):
        found, result = [], ""
    if not found or result not in ("built", "nothing to do"):
        raise ReviewError(
            Problem(
                "there is no finished build to put into an archive", suggestion="run `make rebuild` first"
            )
        )
    return found


def _altered(path: Path, shown: str, digest: str, command: str) -> list[Problem]:
    if path.is_file() and canonical.file_digest(path) == digest:
        return []
    what = "it was changed after the build" if path.is_file() else "it is gone since the build"
    return [Problem(what, file=shown, suggestion=f"run `{command}`, then make the archive")]


def _name(path: str, review: Path, root: Path, prefix: str) -> str | None:
    """Name in the archive of a path as the journal has it; None for a file that is neither the review's nor the repository's."""
    if not Path(path).is_absolute():
        return prefix + path
    for base, start in ((review, prefix), (root, "")):
        if Path(path).is_relative_to(base):
            return start + Path(path).relative_to(base).as_posix()
    return None


def _places(review: Path, root: Path) -> list[bytes]:
    """Folders whose names would tell of this machine, as they would stand in a file."""
    found = {str(p) for p in (review, root, Path.home()) if len(p.parts) > 2}
    return [os.fsencode(p + "/") for p in sorted(found)]


def _sources(review: Path, root: Path, own: bool) -> dict[str, Path]:
    names = (*CODE, *(OWN if own else SHARED))
    found = {name: root / name for name in _listed(root, names)}
    if not own:
        found = {n: p for n, p in found.items() if not n.endswith((".qmd", ".bib"))}
        found |= {FOLDER + name: review / name for name in _listed(review, (*OWN, *OF_A_REVIEW))}
    return found


def _listed(folder: Path, names: tuple[str, ...]) -> list[str]:
    """Files under the names that git knows; where git knows none of them, all that are neither hidden nor built."""
    there = [name for name in names if (folder / name).exists()]
    try:
        known = repository.tracked(folder, *there)
    except (ReviewError, OSError):
        known = []
    if known:
        return known
    found: set[str] = set()
    for name in there:
        path = folder / name
        for file in [path] if path.is_file() else path.rglob("*"):
            inner = file.relative_to(path).parts
            hidden = any(p in _NEVER or p.startswith((".", "~$")) or p.endswith(".egg-info") for p in inner)
            figure = name == "figures" and file.suffix in _BUILT_FIGURES
            if file.is_file() and not (hidden or figure):
                found.add(file.relative_to(folder).as_posix())
    return sorted(found)
