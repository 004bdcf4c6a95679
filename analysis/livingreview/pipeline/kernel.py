"""The Python kernel that notebooks run in: IPython's, without history, network ports or life after its parent."""

from __future__ import annotations

import contextlib
import importlib
import signal
import sys
from collections.abc import Sequence

from livingreview.pipeline.nursery import hand_over
from livingreview.pipeline.process import die_with_parent

# What nearly every notebook of a review loads, for its tables and figures. Loaded here, it is ready when the first
# cell asks for it, and this process loads it while the one that started it is still importing what it needs itself.
PRELOADED = (
    "pandas",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
)


def main() -> None:
    """Serve the connection file named on the command line until told to stop: in a fork of the nursery, or here."""
    die_with_parent()
    # Ctrl-C ends the step that waits for the kernel, and with it this process; there is nothing to say about it here.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = hand_over(sys.argv[1:])
    if status is None:
        serve()
    else:
        sys.exit(status)


def load(names: Sequence[str] = ()) -> None:
    """Load the kernel's own modules, those of :data:`PRELOADED`, and ``names``."""
    for name in ("ipykernel.kernelapp", *PRELOADED, *names):
        with contextlib.suppress(ImportError):  # the cell that needs it will say so
            importlib.import_module(name)


def serve() -> None:
    """Be the kernel, until told to stop."""
    load()
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize()
    app.start()


if __name__ == "__main__":
    main()
