"""Release a version: refuse with every reason, or put the whole folder into the ledger by one atomic move."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from livingreview.errors import Problem, ReviewError
from livingreview.releases import ledger
from livingreview.releases.ledger import FOLDER
from livingreview.releases.verify import LEFTOVER

LOCK = Path("build/.release.lock")


def release(
    review: Path, root: Path, version: str, build: Callable[[], None], lock_build: Callable[[], None]
) -> Path:
    """Release ``version`` of the review in the working directory; returns its folder in the ledger.

    ``build`` brings the outputs up to date, ``lock_build`` then keeps other builds away until this process ends. Raises
    :class:`ReviewError` with every reason against the release; then, as after an interruption at any moment, the ledger is as it was.
    """
    from livingreview.pipeline.layout import engine_identity
    from livingreview.releases import gather, refusals

    with alone(review):
        sweep(review)
        if problems := refusals.before(review, root, version):
            raise ReviewError(problems)
        build()
        lock_build()
        # what was true before the build took a minute may not be now
        if problems := refusals.before(review, root, version):
            raise ReviewError(problems)
        content = gather.files(review, root)
        made = gather.make_manifest(review, root, version, engine_identity(), content)
        digests = json.loads(content["studies.json"])
        if problems := refusals.after(review, root, made, digests, ledger.last(review)):
            raise ReviewError(problems)
        return put(review, version, gather.with_manifest(content, made))


@contextlib.contextmanager
def alone(review: Path) -> Iterator[None]:
    """Keep every other release of this review out. Raises ReviewError at once where one is being made."""
    path = review / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "process unknown"
            raise ReviewError(
                Problem(
                    f"another release of this review is being made ({holder})",
                    suggestion="wait until it has ended",
                )
            ) from None
        handle.seek(0)
        handle.truncate()
        handle.write(f"process {os.getpid()}, since {time.strftime('%H:%M:%S')}\n")
        handle.flush()
        yield


def sweep(review: Path) -> None:
    """Remove what interrupted releases left beside the ledger's folders."""
    for path in (review / FOLDER).glob(".*"):
        if LEFTOVER.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)


def put(review: Path, version: str, content: Mapping[str, bytes]) -> Path:
    """Put the folder of a version into the ledger, whole or not at all; returns it.

    Everything is written beside, brought to the disk, and then appears by one move. Raises ReviewError where the version is there.
    """
    folder = review / FOLDER / version
    temporary = folder.with_name(f".{version}.part-{os.getpid()}")
    temporary.mkdir(parents=True)
    try:
        for name, data in sorted(content.items()):
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
        for inner in sorted((p for p in temporary.rglob("*") if p.is_dir()), reverse=True):
            _to_disk(inner)
        _to_disk(temporary)
        if folder.exists():  # a move would replace an empty folder
            raise FileExistsError(folder)
        temporary.rename(folder)
        _to_disk(folder.parent)
    except OSError as error:
        if folder.exists() and temporary.exists():
            raise ReviewError(
                Problem("this version was released meanwhile", file=(FOLDER / version).as_posix())
            ) from None
        raise ReviewError(
            Problem(f"the release could not be written: {error.strerror or error}", file=FOLDER.as_posix())
        ) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
