"""What was sent to a journal, round by round: ``data/submissions/JOURNAL/ROUND``, written once and never changed.

Round 1 is the first submission, round 2 the first revision, and so on. A round holds the text as it was sent (the document's tree), the
studies behind it, ``review.yaml``, and in ``submission.json`` the version, its date, and the SHA-256 of every file of the package. Nothing is
recorded by a build: only ``livingreview submitted`` writes here, when a package has really been sent.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.pipeline import journal as steps
from livingreview.publish import snapshot
from livingreview.submission.arrange import Tree
from livingreview.submission.package_plan import CHECKS_JSON, NOT_SENT

FOLDER = Path("data/submissions")
PACKAGES = Path("submission")
RECORD, TREE, STUDIES, PROTOCOL = "submission.json", "manuscript.ast.json", "studies.json", "review.yaml"
BUILT = "build/documents/manuscript.ast.json"
_NUMBER = re.compile(r"[1-9][0-9]*")
_RESTORE = "restore it from git: what was sent never changes"


@dataclass(frozen=True)
class Round:
    """A recorded round; ``date`` is that of the ``review.yaml`` of then, ``files`` are SHA-256 of the package's files by name."""

    journal: str
    number: int
    version: str
    date: str
    files: Mapping[str, str]
    folder: Path

    @property
    def tree(self) -> Tree:
        """The text as it was sent."""
        return snapshot.read(self.folder / TREE)

    @property
    def studies(self) -> dict[str, Any]:
        """The studies behind it, in the form of a release's ``studies.json``, with the ids of retracted ones."""
        return dict(canonical.read_json(self.folder / STUDIES))


def package(journal: str, number: int) -> str:
    """The name of the package that a round sends."""
    return journal if number == 1 else f"{journal}-revision"


def recorded(review: Path, journal: str) -> list[Round]:
    """The rounds recorded for a journal, the first one first. Raises ReviewError, all problems at once, for what is not as recorded."""
    top = review / FOLDER / journal
    if not top.is_dir():
        return []
    found: list[Round] = []
    problems: list[Problem] = []
    for folder in sorted((p for p in top.iterdir() if _NUMBER.fullmatch(p.name)), key=lambda p: int(p.name)):
        try:
            found.append(_read(folder, journal))
        except ReviewError as error:
            problems += error.problems
    if problems:
        raise ReviewError(problems)
    return found


def record(
    review: Path, journal: str, number: int, version: str, date: str, studies: Mapping[str, Any]
) -> tuple[Round, bool]:
    """Record that the package of ``journal`` lying in ``submission`` was sent as round ``number``; returns it, and whether it is new.

    Recording the same again changes nothing. Raises ReviewError where there is no package, where the build is newer than the package, where
    the round was recorded with other content, or where a round before it is missing.
    """
    earlier = recorded(review, journal)
    problems = [*_order(earlier, journal, number), *_unready(review, journal, number, version, date)]
    if problems:
        raise ReviewError(problems)
    folder = review / PACKAGES / package(journal, number)
    files = {p.relative_to(folder).as_posix(): canonical.file_digest(p) for p in _files(folder)}
    content = {
        TREE: (review / BUILT).read_bytes(),
        STUDIES: canonical.dumps(studies).encode("utf-8"),
        PROTOCOL: (review / PROTOCOL).read_bytes(),
    }
    told = {"journal": journal, "round": number, "version": version, "date": date, "files": files}
    told["record"] = {name: sha256(data).hexdigest() for name, data in content.items()}
    same = next((r for r in earlier if r.number == number), None)
    if same is not None:
        if canonical.read_json(same.folder / RECORD) == told:
            return same, False
        raise ReviewError(_other(same, files))
    _put(review / FOLDER / journal / str(number), {**content, RECORD: canonical.dumps(told).encode("utf-8")})
    return _read(review / FOLDER / journal / str(number), journal), True


def _order(earlier: list[Round], journal: str, number: int) -> list[Problem]:
    last = earlier[-1].number if earlier else 0
    # a first submission sent before anything was recorded may be missing: round 2 may come first
    if number < 1 or number > max(last + 1, 2):
        return [
            Problem(
                f"round {number} of {journal} cannot be recorded",
                allowed=f"{last + 1}" if last else "1 (the first submission) or 2 (its first revision)",
            )
        ]
    if earlier and number < earlier[0].number:
        return [
            Problem(
                f"round {number} of {journal} would come before round {earlier[0].number}, which is recorded"
            )
        ]
    return []


def _unready(review: Path, journal: str, number: int, version: str, date: str) -> list[Problem]:
    name = package(journal, number)
    folder = review / PACKAGES / name
    command = f"make submission JOURNAL={journal}" + (" STAGE=revision" if number > 1 else "")
    shown = folder.relative_to(review).as_posix()
    if not folder.is_dir() or not _files(folder):
        return [Problem("there is no package to record", shown, suggestion=f"make it first: {command}")]
    if not (review / BUILT).is_file():
        return [
            Problem("the review has not been built", BUILT, suggestion=f"make the package again: {command}")
        ]
    reason = _stale(review, name)
    meta = snapshot.read(review / BUILT)["meta"]
    for key, wanted in (("version", version), ("date", date)):
        found = snapshot.meta_text(meta.get(key))
        # a text with changes since its release says so behind its version
        if found and found != wanted and not found.startswith(f"{wanted}, ") and not reason:
            reason = f"review.yaml has the {key} {wanted}, the text {found}"
    if reason:
        return [
            Problem(
                f"the package is not of the present build: {reason}",
                shown,
                suggestion=f"make the package again ({command}), or go back to the state of the review that was sent",
            )
        ]
    return []


def _stale(review: Path, name: str) -> str:
    """Why a package cannot be of the present build; empty where it can.

    Steps that wrote it have noted in the journal of the build of which bytes of the text they were made; without such a note the times
    of the files decide.
    """
    own = (f"{PACKAGES}/{name}/", f"build/{PACKAGES}/{name}/", f"build/{PACKAGES}/{name}.")
    noted = set()
    for path in sorted((review / steps.SUBMISSION).glob("*.json")):
        try:
            entry = canonical.read_json(path)
            inputs, outputs = entry["inputs"], [o for o in entry["outputs"] if o.startswith(own)]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # half written, or no note of a step
        # what a step left that is not there any more says nothing of the package
        if BUILT in inputs and any((review / out).is_file() for out in outputs):
            noted.add(inputs[BUILT])
    if noted:
        same = noted == {canonical.file_digest(review / BUILT)}
        return "" if same else "the text was built anew since, with other words"
    folder = review / PACKAGES / name
    checks = folder / CHECKS_JSON
    made = min(p.stat().st_mtime_ns for p in ([checks] if checks.is_file() else _files(folder)))
    return f"{BUILT} is newer" if (review / BUILT).stat().st_mtime_ns > made else ""


def _other(same: Round, files: Mapping[str, str]) -> Problem:
    differing = sorted(n for n in {*files, *same.files} if files.get(n) != same.files.get(n))
    which = f": {', '.join(differing[:5])}{' …' if len(differing) > 5 else ''}" if differing else ""
    return Problem(
        f"round {same.number} of {same.journal} is recorded with other content{which}",
        (FOLDER / same.journal / str(same.number)).as_posix(),
        suggestion=f"what was sent never changes; a revision that was sent is a round of its own: --round {same.number + 1}",
    )


def _files(folder: Path) -> list[Path]:
    """What is sent of a package: all but the checks, which are for the authors."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in NOT_SENT)


def _read(folder: Path, journal: str) -> Round:
    shown = (FOLDER / journal / folder.name).as_posix()
    try:
        told = canonical.read_json(folder / RECORD)
        found = Round(
            journal, int(told["round"]), str(told["version"]), str(told["date"]), dict(told["files"]), folder
        )
        wrong = [
            name
            for name, digest in sorted(told["record"].items())
            if canonical.file_digest(folder / name) != digest
        ]
        if found.number != int(folder.name) or told["journal"] != journal:
            wrong.append(RECORD)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReviewError(Problem(f"cannot be read: {error}", shown, suggestion=_RESTORE)) from None
    if wrong:
        raise ReviewError(
            [Problem("not what was recorded", f"{shown}/{name}", suggestion=_RESTORE) for name in wrong]
        )
    return found


def _put(folder: Path, content: Mapping[str, bytes]) -> None:
    """Write a round, whole or not at all."""
    temporary = folder.with_name(f".{folder.name}.part-{os.getpid()}")
    temporary.mkdir(parents=True)
    try:
        for name, data in sorted(content.items()):
            canonical.write_bytes(temporary / name, data)
        temporary.rename(folder)
    except OSError as error:
        shown = FOLDER.joinpath(*folder.parts[-2:]).as_posix()
        raise ReviewError(Problem(f"cannot be written: {error.strerror or error}", shown)) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
