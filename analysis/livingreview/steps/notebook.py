"""Execute one percent-format notebook with its parameters; keep the executed ``.ipynb``, the same bytes each time."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.errors import Problem, ReviewError
from livingreview.pipeline import knock, process

TIMEOUT = 600  # seconds for one cell; a review's notebooks take less than one
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def run(source: Path, parameters: dict[str, Any], executed: Path) -> None:
    """Run the notebook ``source`` with ``parameters`` and write the executed notebook to ``executed``.

    The working directory is the review. Raises :class:`ReviewError` when a cell fails, naming cell and line and the
    partly executed notebook, which is kept beside ``executed`` as ``….failed.ipynb``.
    """
    with _kernel_home() as home, _started_kernel(home) as manager:
        # The kernel boots while this process imports what it needs itself.
        import jupytext
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

        notebook = jupytext.read(source, fmt="py:percent")
        _inject(notebook, parameters, source)
        client = NotebookClient(
            notebook, km=manager, timeout=TIMEOUT, record_timing=False, store_widget_state=False
        )
        failed = executed.with_suffix(".failed.ipynb")
        try:
            _run(client.async_execute(reset_kc=True))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            _tidy(notebook)
            canonical.write_text(failed, _text(notebook))
            raise ReviewError(_problem(notebook, source, failed, error)) from None
        _tidy(notebook)
        failed.unlink(missing_ok=True)
        canonical.write_text(executed, _text(notebook))


def _run(execution: Coroutine[Any, Any, Any]) -> None:
    """Run to the end on a loop that leaves Ctrl-C to :func:`process.end_on_interrupt`.

    nbclient would take the signal for itself, end the kernel and fail on what the kernel no longer answers; it does
    without where the loop knows no signals.
    """

    class Loop(asyncio.SelectorEventLoop):
        def add_signal_handler(self, *_: object) -> None:
            raise NotImplementedError

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(execution)


def header(source: Path) -> dict[str, Any]:
    """The ``livingreview`` part of a notebook's header: ``reads`` and ``figures``, each a list of names."""
    import yaml

    lines = []
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines()):
        if number and line.strip() == "# ---":
            break
        if number:
            lines.append(line.removeprefix("#").removeprefix(" "))
    try:
        given: Any = yaml.safe_load("\n".join(lines)) or {}
        found: Any = given.get("jupyter", given).get("livingreview", {})
    except (yaml.YAMLError, AttributeError):
        found = {}
    if not isinstance(found, dict) or "reads" not in found:
        raise ReviewError(
            Problem(
                "the notebook's header does not say what it reads",
                file=str(source),
                row=1,
                suggestion="add jupyter: livingreview: {reads: [...], figures: [...]} as in the other notebooks",
            )
        )
    return {"reads": list(found["reads"]), "figures": list(found.get("figures") or [])}


@contextmanager
def _kernel_home() -> Iterator[Path]:
    # A short path: Unix sockets allow about a hundred characters.
    home = Path(tempfile.mkdtemp(prefix="lr-"))
    process.at_interrupt.append(lambda: shutil.rmtree(home, ignore_errors=True))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _started_kernel(home: Path) -> Iterator[Any]:
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    os.environ["IPYTHONDIR"] = str(home / "ipython")
    os.environ.setdefault("MPLCONFIGDIR", str(Path("build/cache/matplotlib").resolve()))
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ["LIVINGREVIEW_PARENT"] = str(os.getpid())
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import KernelManager

    class Manager(KernelManager):
        """Starts our own kernel module instead of looking for an installed kernel."""

        @property
        def kernel_spec(self) -> KernelSpec:
            argv = [*knock.command("kernel"), "-f", "{connection_file}"]
            argv += ["--HistoryManager.enabled=False", "--log-level=ERROR"]
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

    manager = Manager(transport="ipc", connection_file=str(home / "k.json"), ip=str(home / "k"))
    manager.start_kernel()
    try:
        yield manager
    finally:
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def _inject(notebook: Any, parameters: dict[str, Any], source: Path) -> None:
    from nbformat.v4 import new_code_cell

    for position, cell in enumerate(notebook.cells):
        if "parameters" in cell.metadata.get("tags", []):
            text = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
            injected = new_code_cell(
                f"# Parameters of this run\n{text}", metadata={"tags": ["injected-parameters"]}
            )
            notebook.cells.insert(position + 1, injected)
            return
    raise ReviewError(
        Problem(
            "no cell is tagged `parameters`",
            file=str(source),
            suggestion='start the cell with the defaults as  # %% tags=["parameters"]',
        )
    )


def _tidy(notebook: Any) -> None:
    """Drop all that differs between two runs of the same thing."""
    notebook.metadata.pop("jupytext", None)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number:03d}"
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("execution", None)
            output.pop("transient", None)


def _text(notebook: Any) -> str:
    import nbformat

    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


def _problem(notebook: Any, source: Path, failed: Path, error: Exception) -> Problem:
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                trace = _ANSI.sub("", "\n".join(output.get("traceback", [])))
                first = cell.source.strip().splitlines()[0] if cell.source.strip() else ""
                return Problem(
                    f"cell {number} failed ({first[:60]}): {output['ename']}: {output['evalue']}\n{_indent(trace)}",
                    file=str(source),
                    suggestion=f"mend the cell; the notebook as far as it ran is {failed}",
                )
    return Problem(
        f"the notebook stopped: {type(error).__name__}: {str(error).strip()[:500]}",
        file=str(source),
        suggestion=f"the notebook as far as it ran is {failed}",
    )


def _indent(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())
