"""One build of a review at a time. The lock is the kernel's: it is gone when its holder is, however that ended."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

_held: list[IO[str]] = []  # for the life of the process


def acquire(path: Path, say: Callable[[str], None]) -> None:
    """Take the build lock of a review and keep it until this process ends.

    If another build holds it, says so once (who, since when) and waits for it to end.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        holder = handle.read().strip() or "process unknown"
        say(f"Another build of this review is running ({holder}). Waiting until it has ended …")
        fcntl.flock(handle, fcntl.LOCK_EX)
        say("The other build has ended; going on.")
    handle.seek(0)
    handle.truncate()
    with contextlib.suppress(OSError):  # a full disk must not stop a build that has nothing to do
        handle.write(f"process {os.getpid()}, since {time.strftime('%H:%M:%S')}\n")
        handle.flush()
    _held.append(handle)
