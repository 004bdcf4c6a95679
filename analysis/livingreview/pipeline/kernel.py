"""The Python kernel that notebooks run in: IPython's, without history, network ports or life after its parent."""

from __future__ import annotations

import os
import signal

from livingreview.pipeline.nursery import FOR_KERNELS, load
from livingreview.pipeline.process import die_with_parent


def serve() -> None:
    """Be the kernel of the connection file named on the command line, until told to stop."""
    # Loaded here, it is ready when the first cell asks for it, while the step that started this still loads what it needs itself.
    load(FOR_KERNELS)
    from ipykernel.kernelapp import IPKernelApp

    # A kernel without a parent would tell the terminal how it can be stopped.
    app = IPKernelApp.instance(parent_handle=os.getppid())
    app.initialize()
    app.start()


if __name__ == "__main__":
    die_with_parent()
    # Ctrl-C ends the step that waits for the kernel, and with it this process; there is nothing to say about it here.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve()
