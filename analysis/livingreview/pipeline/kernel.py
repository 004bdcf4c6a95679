"""The Python kernel that notebooks run in: IPython's, without history, network ports or life after its parent."""

from __future__ import annotations

from livingreview.pipeline.process import die_with_parent


def main() -> None:
    """Serve the connection file named on the command line until told to stop."""
    die_with_parent()
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize()
    app.start()


if __name__ == "__main__":
    main()
