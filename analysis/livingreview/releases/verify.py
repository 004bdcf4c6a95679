"""Whether the ledger is what was released: every file, every manifest, the chain of digests, the order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.releases import ledger, manifest, repository
from livingreview.releases.ledger import FOLDER, MANIFEST, PUBLISHED, VERSION

LEFTOVER = re.compile(r"\.[0-9.]+\.part-.*")
_RESTORE = "a release never changes: restore it from git (git checkout COMMIT -- data/releases)"


def verify(review: Path) -> list[Problem]:
    """Everything in the ledger of a review that is not as it was released; empty where all is well.

    Errors: a file that differs, is missing or too many; a manifest that was edited; a chain that is broken, out of order or has a gap; a
    version that cannot be. Where the review is under git, also a manifest that is not the one first committed. Warnings: what an
    interrupted release left behind, which does no harm. The digests show any change by mistake and any edit of a part; one who writes the whole
    chain anew is shown by git alone.
    """
    folder = review / FOLDER
    if not folder.is_dir():
        return []
    problems: list[Problem] = []
    folders: list[Path] = []
    for path in sorted(folder.iterdir()):
        if LEFTOVER.fullmatch(path.name):
            problems.append(
                Problem(
                    "left behind by an interrupted release; it does no harm",
                    file=_shown(path),
                    suggestion="the next release removes it",
                    severity="warning",
                )
            )
        elif path.is_symlink() or not path.is_dir() or not VERSION.fullmatch(path.name):
            problems.append(
                Problem("no version of the review", file=_shown(path), suggestion="move it elsewhere")
            )
        else:
            folders.append(path)
    folders.sort(key=lambda p: (ledger.order(p.name), p.name))
    before: dict[str, Any] | None = None
    looks = 0
    for place, path in enumerate(folders):
        if place and ledger.order(path.name) == ledger.order(folders[place - 1].name):
            problems.append(
                Problem(
                    f"the same version as {folders[place - 1].name}", file=_shown(path), suggestion=_RESTORE
                )
            )
        content = _manifest(path, problems)
        if content is None:
            before = None if place == 0 else {"version": path.name, "digest": None}
            continue
        looks += content["kind"] == "released"
        problems += _one(path, content)
        problems += _chain(path, content, before, looks)
        problems += _in_git(folder, path)
        before = content
    return problems


def _manifest(folder: Path, problems: list[Problem]) -> dict[str, Any] | None:
    """The manifest of a version where it is whole; what is wrong with it is added to ``problems``."""
    path = folder / MANIFEST
    if not path.is_file():
        sealed = (folder / PUBLISHED).is_file()
        problems.append(
            Problem(
                "a published version that is not sealed" if sealed else f"a version without {MANIFEST}",
                file=_shown(folder),
                suggestion=f"seal it: livingreview release {folder.name} --published" if sealed else _RESTORE,
            )
        )
        return None
    try:
        content = canonical.read_json(path)
    except (OSError, ValueError) as error:
        problems.append(Problem(f"cannot be read: {error}", file=_shown(path), suggestion=_RESTORE))
        return None
    missing = [key for key in manifest.KEYS if not isinstance(content, dict) or key not in content]
    if missing or not isinstance(content["files"], dict) or content["kind"] not in ("released", "published"):
        problems.append(
            Problem(
                f"no manifest of a release: {', '.join(missing)} missing"
                if missing
                else "no manifest of a release",
                file=_shown(path),
                suggestion=_RESTORE,
            )
        )
        return None
    return dict(content)


def _one(folder: Path, content: dict[str, Any]) -> Iterator[Problem]:
    """One version by itself: its digest, its name, its files."""
    path = folder / MANIFEST
    if manifest.sealed(content)["digest"] != content["digest"]:
        yield Problem(
            "was edited after the release: its digest is not that of its content",
            file=_shown(path),
            suggestion=_RESTORE,
        )
    elif canonical.dumps(content).encode() != path.read_bytes():
        yield Problem(
            "was written anew after the release: same content, other bytes",
            file=_shown(path),
            suggestion=_RESTORE,
        )
    if content["version"] != folder.name:
        yield Problem(f"is the manifest of {content['version']}", file=_shown(path), suggestion=_RESTORE)
    here, known = manifest.files_of(folder), content["files"]
    for name in sorted(here.keys() | known.keys()):
        shown = _shown(folder / name)
        if name not in here:
            yield Problem("is missing", file=shown, suggestion=_RESTORE)
        elif name not in known:
            yield Problem("was not part of the release", file=shown, suggestion="remove it")
        elif here[name] != known[name]:
            yield Problem("differs from what was released", file=shown, suggestion=_RESTORE)
    for name in sorted(known.keys() & content["inputs"].keys()):
        if (
            content["kind"] == "released"
            and name.startswith(("data/", "review.yaml"))
            and known[name] != content["inputs"][name]
        ):
            yield Problem(
                "is no copy of the input that the release was built from",
                file=_shown(folder / name),
                suggestion=_RESTORE,
            )


def _chain(
    folder: Path, content: dict[str, Any], before: dict[str, Any] | None, looks: int
) -> Iterator[Problem]:
    """One version against the one before it in the order of versions."""
    shown = _shown(folder / MANIFEST)
    named = content["previous"]
    expected = None if before is None else {"version": before["version"], "digest": before["digest"]}
    if named != expected:
        has = "no release before it" if named is None else f"{named.get('version')} before it"
        is_there = "none is there" if expected is None else f"{expected['version']} is there"
        if named is not None and expected is not None and named.get("version") == expected["version"]:
            text = f"the chain is broken: {expected['version']} is not the one that this release followed (another digest)"
        else:
            text = f"the chain is broken: this release had {has}, {is_there}"
        yield Problem(
            text,
            file=shown,
            suggestion="a release was removed, put in or altered: restore data/releases from git",
        )
    look = looks if content["kind"] == "released" else None
    if content["look"] != look:
        yield Problem(f"says look {content['look']}, and is look {look}", file=shown, suggestion=_RESTORE)
    if before is not None and before.get("date") and content["date"] < before["date"]:
        yield Problem(
            f"is dated {content['date']}, before {before['version']} ({before['date']})",
            file=shown,
            suggestion=_RESTORE,
        )


def _in_git(folder: Path, path: Path) -> Iterator[Problem]:
    """The manifest against the one that was first committed: digests alone cannot show a chain that was written anew as a whole."""
    try:
        first = repository.first_committed(folder, f"{path.name}/{MANIFEST}")
    except ReviewError:
        return  # not under git, or nothing committed yet
    if first is not None and first[1] != (path / MANIFEST).read_bytes():
        yield Problem(
            f"is not the manifest that commit {first[0]} brought",
            file=_shown(path / MANIFEST),
            suggestion=_RESTORE,
        )


def _shown(path: Path) -> str:
    parts = path.parts
    start = max((i for i in range(len(parts) - 1) if parts[i : i + 2] == FOLDER.parts), default=0)
    return Path(*parts[start:]).as_posix()
