"""The Python kernel that notebooks run in: IPython's, without history, network ports or life after its parent."""

from __future__ import annotations

import contextlib
import importlib

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
    """Serve the connection file named on the command line until told to stop."""
    die_with_parent()
    from ipykernel.kernelapp import IPKernelApp

    for name in PRELOADED:
        with contextlib.suppress(ImportError):  # the cell that needs it will say so
            importlib.import_module(name)
    app = IPKernelApp.instance()
    app.initialize()
    app.start()


if __name__ == "__main__":
    main()
