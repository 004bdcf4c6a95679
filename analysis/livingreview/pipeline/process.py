"""A step must not outlive the build that started it: an orphan would go on writing while the next build runs."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

from livingreview.pipeline.knock import INTERRUPTED, PR_SET_PDEATHSIG

at_interrupt: list[Callable[[], object]] = []


def leave(*_: object) -> None:
    """End this process at once, after the clean-up in :data:`at_interrupt`, the last entry first."""
    for clean in reversed(at_interrupt):
        with contextlib.suppress(Exception):
            clean()
    os._exit(INTERRUPTED)


def end_on_interrupt() -> None:
    """End this process at once on Ctrl-C (:func:`leave`).

    A step leaves nothing half done (its outputs appear by atomic moves), so there is nothing to wind up slowly; and an
    exception in the middle of somebody's event loop comes out as another one.
    """
    signal.signal(signal.SIGINT, leave)


def die_with_parent() -> None:
    """Have this process killed when its parent ends, however it ends (SIGKILL included).

    On Linux the kernel does it (``prctl(PR_SET_PDEATHSIG)``); elsewhere a thread looks at the parent's id.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        expected = os.environ.get("LIVINGREVIEW_PARENT")
        # The parent may have died before the call above: then there is nobody left to signal.
        if expected and int(expected) != os.getppid():
            os._exit(137)
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(137)

    threading.Thread(target=watch, daemon=True).start()
