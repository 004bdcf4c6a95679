"""Ask the nursery for a process: what a rule calls for a step, and a step for a kernel.

As a program, ``knock.py step ARGUMENTS`` does what ``python -m livingreview step ARGUMENTS`` does, and ``knock.py kernel ARGUMENTS``
what ``python -m livingreview.pipeline.kernel ARGUMENTS`` does, in a fork of the nursery where there is one. It is run by a bare interpreter (``-S -E``), for it takes a tenth of the time of one that knows its packages: this
module imports nothing but the few modules of the standard library that it needs.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence

DOOR = "LIVINGREVIEW_NURSERY"
PR_SET_PDEATHSIG = 1
STARTED = b"+"
INTERRUPT = b"i"
INTERRUPTED = 130  # exit status of a program that Ctrl-C ended
LOST = 137  # exit status of a program that was killed
ALONE = {"step": ["livingreview", "step"], "kernel": ["livingreview.pipeline.kernel"]}
"""The same without a nursery: arguments of ``python -m``."""


def command(kind: str) -> list[str]:
    """The words that begin the call of a ``step`` or a ``kernel``."""
    return [sys.executable, "-S", "-E", os.path.abspath(__file__), kind]  # noqa: PTH100 pathlib takes long to load


def hand_over(kind: str, arguments: Sequence[str]) -> int | None:
    """Have a ``step`` or a ``kernel`` forked with these arguments, this process's environment, folder and output; wait until it ends.

    Ctrl-C is handed on. Returns the exit status (:data:`LOST` where the process was killed), or ``None`` where no nursery answers.
    """
    path = os.environ.get(DOOR)
    if not path or sys.platform != "linux":
        return None
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(path)
            signal.signal(signal.SIGINT, lambda *_: _interrupt(connection))
            wish = {"kind": kind, "argv": list(arguments), "env": dict(os.environ), "cwd": os.getcwd()}  # noqa: PTH109
            content = json.dumps(wish).encode()
            socket.send_fds(connection, [len(content).to_bytes(8, "big")], [1, 2])
            connection.sendall(content)
            if connection.recv(1) != STARTED:
                return None
        except OSError:
            return None
        try:
            status = connection.recv(1)
        except OSError:
            status = b""
        return status[0] if status else LOST


def _interrupt(connection: socket.socket) -> None:
    """Tell the process; it has two seconds to tidy up."""
    signal.signal(signal.SIGALRM, lambda *_: os._exit(INTERRUPTED))
    signal.alarm(2)
    try:
        connection.send(INTERRUPT)
    except OSError:
        os._exit(INTERRUPTED)


def _main() -> int:
    if sys.platform == "linux":  # as a step does: this process must not outlive the build
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.environ.get("LIVINGREVIEW_PARENT") not in (None, str(os.getppid())):
            return 137
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    kind, *arguments = sys.argv[1:]
    status = hand_over(kind, arguments)
    if status is None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execv(sys.executable, [sys.executable, "-m", *ALONE[kind], *arguments])
    if status == LOST and kind == "step":
        wildcards = [b.split("=", 1)[1] for a, b in itertools.pairwise(arguments) if a == "--wildcard"]
        name = "-".join([arguments[0], *wildcards])
        sys.stderr.write(
            f"\n{name} could not be built.\nERROR  the step was killed from outside: by somebody, or by the system for want of memory\n"
            "    to do:   run the same command again; it goes on where it stopped\n\n"
        )
    return status


if __name__ == "__main__":
    sys.exit(_main())
