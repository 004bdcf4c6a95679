"""What git says of the folder of a review: the commit, what is not committed, and a commit's files elsewhere."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from livingreview.errors import Problem, ReviewError


@dataclass(frozen=True)
class Checkout:
    """A folder in a git repository: ``top`` is the repository's own folder, ``prefix`` the path from there (``""`` for itself),
    ``commit`` what is checked out, ``dirty`` the paths that differ from it or are not known to git (those that it ignores apart)."""

    top: Path
    prefix: str
    commit: str
    dirty: tuple[str, ...]


def checkout(folder: Path) -> Checkout:
    """What git says of a folder. Raises ReviewError where it is in no repository, or in one without a commit."""
    try:
        top = Path(run(folder, "rev-parse", "--show-toplevel").strip())
    except ReviewError as error:
        raise ReviewError(
            Problem(
                f"this is no git repository: {error}",
                file=str(folder),
                suggestion="a release records the commit that it was made from: put the review under git and commit it",
            )
        ) from None
    prefix = run(folder, "rev-parse", "--show-prefix").strip().rstrip("/")
    try:
        commit = run(folder, "rev-parse", "--verify", "--quiet", "HEAD").strip()
    except ReviewError:
        raise ReviewError(
            Problem("nothing has been committed yet", suggestion="commit the review, then release it")
        ) from None
    status = run(top, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
    return Checkout(top, prefix, commit, tuple(sorted(entry[3:] for entry in status.split("\0") if entry)))


def tracked(folder: Path, *names: str) -> list[str]:
    """Files under the names (folders or files, from ``folder``) that git knows and that are there, sorted, from ``folder``."""
    listed = run(folder, "ls-files", "-z", "--", *names) if names else ""
    return sorted({name for name in listed.split("\0") if name and (folder / name).is_file()})


def has(folder: Path, commit: str) -> bool:
    """Whether the repository holds a commit."""
    try:
        run(folder, "cat-file", "-e", f"{commit}^{{commit}}")
    except ReviewError:
        return False
    return True


def lay_out(top: Path, commit: str, target: Path) -> None:
    """Write all files of a commit under ``target``; the repository itself is not touched."""
    packed = _run(top, "-c", "core.autocrlf=false", "archive", "--format=tar", commit)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        # refuses paths that lead out of the folder; the first releases of Python 3.11 have no such filter
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        archive.extractall(target)


def first_committed(folder: Path, name: str) -> tuple[str, bytes] | None:
    """The commit (short) that brought a file of a folder, and what it brought; None for a file that was never committed."""
    commits = run(folder, "log", "--no-renames", "--diff-filter=A", "--format=%h", "--", name).split()
    return (commits[-1], _run(folder, "show", f"{commits[-1]}:./{name}")) if commits else None


def run(folder: Path, *arguments: str) -> str:
    """Output of a git command in a folder, as text. Raises ReviewError with git's own words."""
    return _run(folder, *arguments).decode("utf-8", "surrogateescape")


def _run(folder: Path, *arguments: str) -> bytes:
    # A call from within a git hook would otherwise look at the hook's repository.
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k.startswith("GIT_CONFIG")
    }
    environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-c", "core.quotePath=false", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise ReviewError(Problem("git was not found", suggestion="install git")) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ReviewError(Problem(said[0] if said else f"git {arguments[0]} failed"))
    return done.stdout
