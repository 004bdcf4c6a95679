"""A warm process that the kernels of the notebooks are forked from: the libraries are loaded once a build, not once a notebook.

Loading pandas, matplotlib and scipy takes longer than most notebooks do. The build opens a door (a Unix socket in a folder
of its own); the first kernel that knocks makes it start the nursery, which loads the libraries and then forks a kernel for
every knock. A kernel lives as long as the connection of the process that asked for it, and no longer than the nursery; the
nursery lives as long as the build. Nothing of this package is kept warm, so that a kernel runs the code that lies there now.

Where there is no door (another system than Linux, a step run by hand), a kernel loads what it needs itself.
"""

from __future__ import annotations

import contextlib
import ctypes
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
from collections.abc import Callable, Sequence
from pathlib import Path

DOOR = "LIVINGREVIEW_NURSERY"
_PR_SET_PDEATHSIG = 1
_STARTED = b"+"
# What a notebook that analyses and draws loads sooner or later.
_WARM = ("scipy.stats", "scipy.optimize", "scipy.special", "IPython.display")


def open_door(cache: Path) -> Callable[[], None]:
    """Open the door for this process and its children; returns what shuts it. Does nothing where a door is open already.

    ``cache`` is where matplotlib keeps its list of fonts.
    """
    if sys.platform != "linux" or Path(os.environ.get(DOOR, "/nowhere")).is_socket():
        return lambda: None
    folder = tempfile.mkdtemp(
        prefix="lr-"
    )  # short, and nobody else's: a socket's path has about a hundred characters
    door = socket.socket(socket.AF_UNIX)
    door.bind(f"{folder}/door")
    door.listen(64)
    os.environ[DOOR] = f"{folder}/door"
    made: list[subprocess.Popen[bytes]] = []
    threading.Thread(target=_wait_for_a_knock, args=(door, made, cache), daemon=True).start()

    def shut() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        for process in made:
            process.kill()

    return shut


def _wait_for_a_knock(door: socket.socket, made: list[subprocess.Popen[bytes]], cache: Path) -> None:
    select.select([door], [], [])
    environment = {**os.environ, "PYTHONHASHSEED": "0", "MPLCONFIGDIR": str(cache.resolve())}
    with contextlib.suppress(OSError):
        # The pipe is how the nursery learns that this process is gone, whatever ended it.
        made.append(
            subprocess.Popen(
                [sys.executable, "-m", "livingreview.pipeline.nursery", str(door.fileno())],
                stdin=subprocess.PIPE,
                pass_fds=[door.fileno()],
                env=environment,
            )
        )
    door.close()


def hand_over(arguments: Sequence[str]) -> int | None:
    """Have a kernel forked with these arguments, this process's environment, folder and output; wait until it ends.

    Returns the exit status, or ``None`` where no nursery answers.
    """
    path = os.environ.get(DOOR)
    if not path or sys.platform != "linux":
        return None
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(path)
            wish = {
                "argv": list(arguments),
                "env": dict(os.environ),
                "cwd": str(Path.cwd()),
                "path": sys.path,
            }
            content = json.dumps(wish).encode()
            socket.send_fds(connection, [len(content).to_bytes(8, "big")], [1, 2])
            connection.sendall(content)
            if connection.recv(1) != _STARTED:
                return None
        except OSError:
            return None
        status = b""
        with contextlib.suppress(OSError):
            status = connection.recv(1)
        return status[0] if status else 1


def _serve(door: socket.socket) -> None:
    """Fork a kernel for every knock until standard input ends."""
    from livingreview.pipeline import kernel

    kernel.load(_WARM)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the kernels
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the build, and with it this process
    while True:
        ready, _, _ = select.select([door, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        connection, _ = door.accept()
        if os.fork() == 0:
            door.close()
            _become_kernel(connection)
        connection.close()


def _become_kernel(connection: socket.socket) -> None:
    """The life of a forked child; does not return."""
    status = 1
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        size, handed, _, _ = socket.recv_fds(connection, 8, 2)
        content = b""
        while len(content) < int.from_bytes(size, "big"):
            part = connection.recv(1 << 20)
            if not part:
                os._exit(1)
            content += part
        wish = json.loads(content)
        for target, given in zip((1, 2), handed, strict=True):
            os.dup2(given, target)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.clear()
        os.environ.update(wish["env"])
        # IPython's kernel would take the nursery for a parent that is not its own, and leave.
        os.environ.pop("JPY_PARENT_PID", None)
        os.chdir(wish["cwd"])
        sys.path[:] = wish["path"]
        sys.argv[1:] = wish["argv"]
        for name in [n for n in sys.modules if n.split(".")[0] == "livingreview"]:
            del sys.modules[name]
        connection.sendall(_STARTED)
        threading.Thread(target=_leave_with, args=(connection,), daemon=True).start()
        from livingreview.pipeline import kernel

        kernel.serve()
        status = 0
    finally:
        with contextlib.suppress(OSError):
            connection.sendall(bytes([status]))
        os._exit(status)


def _leave_with(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.recv(1)
    os._exit(0)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
