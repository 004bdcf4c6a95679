"""A warm process that steps and the kernels of notebooks are forked from: libraries are loaded once a build, not once a step.

Loading pandas, matplotlib and scipy takes longer than most notebooks do. The build opens a door (a Unix socket in a folder
of its own) and has the nursery started when it sees that there will be work, or at the first knock. The nursery loads what steps
use, and what notebooks use when one is expected or asked for, and forks a process for every knock (see
:mod:`livingreview.pipeline.knock`). Such a process lives as long as the connection of the one that asked for it, and no longer than
the nursery; the nursery lives as long as the build. Nothing of this package is kept warm, so that a process runs the code that
lies there now.

Where there is no door (another system than Linux, a step run by hand), steps and kernels load what they need themselves.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from livingreview.pipeline.knock import DOOR, PR_SET_PDEATHSIG, STARTED

# What the steps load of other packages, and what a notebook that analyses and draws loads sooner or later.
FOR_STEPS = (
    "yaml",
    "pydantic",
    "lxml.etree",
    "pypdf",
    "rapidfuzz",
    "typst",
    "jupytext",
    "nbclient",
    "nbformat.v4",
    "jupyter_client.manager",
)
FOR_KERNELS = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.display",
    "pandas",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "scipy.stats",
    "scipy.optimize",
    "scipy.special",
)
_EXPECT_KERNELS = b"k"


class Door:
    """What the build holds of its nursery."""

    def __init__(self, cache: Path) -> None:
        # Short, for a socket's path has about a hundred characters; and nobody else's.
        self._folder = tempfile.mkdtemp(prefix="lr-")
        self._door = socket.socket(socket.AF_UNIX)
        try:
            self._door.bind(f"{self._folder}/door")
        except OSError:
            self._door.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._door.listen(64)
        self._woken, self._wake = socket.socketpair()
        self._cache = cache
        self._lock = threading.Lock()
        self._started = False
        self._nursery: subprocess.Popen[bytes] | None = None
        os.environ[DOOR] = f"{self._folder}/door"
        threading.Thread(target=self._wait_for_a_knock, daemon=True).start()

    def warm(self, *, kernels: bool) -> None:
        """Start the nursery now; with ``kernels`` it also loads what notebooks need before one is asked for."""
        with self._lock, contextlib.suppress(OSError):
            if not self._started:
                self._started = True
                try:
                    self._nursery = self._start()
                finally:
                    # Who knocks when there is no nursery is told so at once, and does without: nobody else may hold the door.
                    self._door.close()
                    self._wake.close()
            if kernels and self._nursery is not None and self._nursery.stdin is not None:
                self._nursery.stdin.write(_EXPECT_KERNELS)
                self._nursery.stdin.flush()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PYTHONHASHSEED": "0",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # the debugger of a kernel would complain
            "MPLCONFIGDIR": str(self._cache.resolve()),
        }
        # The pipe is how the nursery learns that this process is gone, whatever ended it.
        return subprocess.Popen(
            [sys.executable, "-m", "livingreview.pipeline.nursery", str(self._door.fileno())],
            stdin=subprocess.PIPE,
            pass_fds=[self._door.fileno()],
            env=environment,
        )

    def shut(self) -> None:
        """End the nursery and what was forked from it."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with self._lock:
            if self._nursery is not None:
                self._nursery.kill()
                self._nursery.wait()  # then its time counts as the build's
            elif not self._started:
                self._started = True
                self._door.close()
                self._wake.close()

    def _wait_for_a_knock(self) -> None:
        knocked = False
        # The door may be closed before this thread begins.
        with self._woken, contextlib.suppress(OSError, ValueError):
            ready, _, _ = select.select([self._door, self._woken], [], [])
            knocked = self._woken not in ready
        if knocked:
            self.warm(kernels=False)


def open_door(cache: Path) -> Door | None:
    """Open the door for this process and its children; None where a door is open already, or none can be made.

    ``cache`` is where matplotlib keeps its list of fonts.
    """
    if sys.platform != "linux" or Path(os.environ.get(DOOR, "/nowhere")).is_socket():
        return None
    try:
        return Door(cache)
    except OSError:  # a folder that cannot be written, or whose name is too long for a socket
        return None


def load(names: Sequence[str]) -> None:
    """Import modules so that they are there when somebody asks for them."""
    for name in names:
        with contextlib.suppress(Exception):  # who needs it will say so
            importlib.import_module(name)


def _serve(door: socket.socket) -> None:
    """Fork a process for every knock until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the build, and with it this process
    given = set(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
    packages = [p for p in sys.path if p and p not in given and p != str(Path.cwd())]
    load(FOR_STEPS)
    signal.signal(signal.SIGCHLD, _reap)
    while True:
        ready, _, _ = select.select([door.fileno(), 0], [], [])
        if door.fileno() in ready:
            connection, _ = door.accept()
            handed: list[int] = []
            with contextlib.suppress(OSError, ValueError), connection:
                wish = _received(connection, handed)
                if wish["kind"] == "kernel":
                    load(FOR_KERNELS)
                if os.fork() == 0:
                    door.close()
                    _become(wish, handed, connection, packages)
            for descriptor in handed:
                os.close(descriptor)
        elif not os.read(0, 1):
            return
        else:
            load(FOR_KERNELS)


def _reap(*_: object) -> None:
    """Take note of every forked process that has ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _received(connection: socket.socket, handed: list[int]) -> dict[str, Any]:
    """What is asked for; the descriptors that come with it are added to ``handed``."""
    size, descriptors, _, _ = socket.recv_fds(connection, 8, 2)
    handed += descriptors
    content = b""
    while len(content) < int.from_bytes(size, "big"):
        part = connection.recv(1 << 20)
        if not part:
            break
        content += part
    wish: dict[str, Any] = json.loads(content)
    return wish


def _become(wish: dict[str, Any], handed: list[int], connection: socket.socket, packages: list[str]) -> None:
    """The life of a forked child; does not return."""
    status = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for target, given in zip((0, 1, 2), (nothing, *handed), strict=True):
            os.dup2(given, target)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.environ.clear()
        os.environ.update(wish["env"])
        # The nursery is the parent that must not be outlived; and IPython's kernel would take it for one that is not its own.
        os.environ["LIVINGREVIEW_PARENT"] = str(os.getppid())
        os.environ.pop("JPY_PARENT_PID", None)
        os.chdir(wish["cwd"])
        sys.path[:] = [*filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)), *packages]
        sys.argv[1:] = wish["argv"]
        for name in [n for n in sys.modules if n.split(".")[0] == "livingreview"]:
            del sys.modules[name]
        importlib.invalidate_caches()
        process = importlib.import_module("livingreview.pipeline.process")
        process.at_interrupt.append(lambda: connection.sendall(bytes([process.INTERRUPTED])))
        if wish["kind"] == "step":  # a kernel ends with its step
            process.end_on_interrupt()
        try:
            connection.sendall(STARTED)
        except OSError:
            os._exit(1)  # nobody waits for it any more
        threading.Thread(target=_leave_with, args=(connection, process.leave), daemon=True).start()
        status = _do(wish)
    except SystemExit as end:
        status = end.code & 0xFF if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        with contextlib.suppress(OSError):
            connection.sendall(bytes([status]))
        os._exit(status)


def _do(wish: dict[str, Any]) -> int:
    """Be the step or the kernel that was asked for, in the package as it lies there now."""
    if wish["kind"] == "kernel":
        importlib.import_module("livingreview.pipeline.kernel").serve()
        return 0
    return int(importlib.import_module("livingreview.__main__").main([wish["kind"], *wish["argv"]]))


def _leave_with(connection: socket.socket, leave: Callable[[], object]) -> None:
    """Wait until the one who asked is gone or says that it was interrupted."""
    with contextlib.suppress(OSError):
        connection.recv(1)
    leave()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
