"""The choice between the two engines: Quarto where it is found and runs, else the built-in one."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from livingreview.errors import Problem, ReviewError

FORMATS = ("pdf", "docx", "html")


class Engine(Protocol):
    """Something that renders a document."""

    @property
    def name(self) -> str:
        """``builtin`` or ``quarto``."""
        ...

    @property
    def version(self) -> str:
        """What the record of a document says rendered it."""
        ...

    def render(
        self,
        document: Path,
        formats: tuple[str, ...],
        review: Path,
        root: Path,
        out_dir: Path,
        label_prefix: str = "",
    ) -> dict[str, Any]:
        """Render ``document`` (a ``.qmd``) into ``out_dir``.

        Returns ``{"formats": {"pdf": Path, …}, "warnings": [str, …]}``; raises ReviewError with every problem found.
        """
        ...


def find() -> Engine:
    """The engine to render with.

    ``LIVINGREVIEW_ENGINE=builtin`` or ``quarto`` decides; without it Quarto is used where ``QUARTO_PATH`` or the
    search path has one that runs. Raises ReviewError when Quarto is demanded and there is none.
    """
    wanted = os.environ.get("LIVINGREVIEW_ENGINE", "").strip().lower()
    if wanted not in ("", "auto", "builtin", "quarto"):
        raise ReviewError(
            Problem(
                "unknown engine", "LIVINGREVIEW_ENGINE", value=wanted, allowed="builtin, quarto, or nothing"
            )
        )
    if wanted != "builtin":
        executable = quarto_path()
        version = _version(executable) if executable else None
        if executable and version:
            from livingreview.publish.quarto import QuartoEngine

            return QuartoEngine(executable, version)
        if wanted == "quarto":
            raise ReviewError(
                Problem(
                    "LIVINGREVIEW_ENGINE asks for Quarto, but none was found that runs",
                    suggestion="install Quarto, set QUARTO_PATH to it, or unset LIVINGREVIEW_ENGINE",
                )
            )
    from livingreview.publish.builtin import BuiltinEngine

    return BuiltinEngine()


def quarto_path() -> str | None:
    """The Quarto executable: ``QUARTO_PATH`` (the program or the folder that holds it), else the search path."""
    named = os.environ.get("QUARTO_PATH")
    if named:
        path = Path(named)
        return shutil.which("quarto", path=str(path)) if path.is_dir() else shutil.which(str(path))
    return shutil.which("quarto")


@cache
def _version(executable: str) -> str | None:
    """What ``quarto --version`` prints; ``None`` when it does not run (a broken stub, for instance)."""
    try:
        done = subprocess.run(
            [executable, "--version"], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = done.stdout.strip().splitlines()
    return lines[-1] if lines and lines[-1][:1].isdigit() else None
