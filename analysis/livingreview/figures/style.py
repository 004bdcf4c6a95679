"""One style for every figure, the fonts that go with it, and files that are the same bytes on every run.

Only the object-oriented part of matplotlib is used: no ``pyplot``, so nothing opens a window and figures need not be closed.
Matplotlib is imported when something is drawn, so that a module's words about a figure (``alt_text``) cost nothing.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livingreview.canonical import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "pdf", "png")
DPI = 300
"""Of the PNG."""

FACES = ("FiraSans-Regular", "FiraSans-SemiBold")
_FALLBACK = ("DejaVuSans", "DejaVuSans-Bold")
_NAMES = [(name, weight) for name in ("Fira Sans", "DejaVu Sans") for weight in (400, 600)]
_BACKEND = {"backend", "backend_fallback", "interactive", "toolbar", "tk.window_focus"}

# What makes files reproducible and fonts embedded is no matter of taste, so the style file cannot change it.
_FIXED: Any = {
    "svg.hashsalt": "livingreview",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "pdf.compression": 6,
    "savefig.bbox": None,
    "savefig.transparent": False,
    "text.usetex": False,
    "text.hinting": "no_hinting",
    "path.simplify": False,
}
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


REPOSITORY = Path(__file__).resolve().parents[3]


def load(path: Path | str) -> ExitStack:
    """Apply the style file to all figures drawn and saved from now on.

    A relative path is looked for in the review first, then in the repository of this package, so that a notebook names
    the same file wherever the review lies. Matplotlib's defaults are restored first, so that a user's own settings never show. Closing what is returned (or leaving
    its ``with`` block) brings the earlier settings back. Raises OSError when the file is missing.
    """
    import matplotlib as mpl

    before: Any = mpl.rcParams.copy()
    found = path if Path(path).is_file() else REPOSITORY / path
    wanted: Any = mpl.rc_params_from_file(str(found), use_default_template=False)
    register_fonts()
    # The backend is left alone: a notebook or a window may be using it.
    for settings in (mpl.rcParamsDefault, wanted, _FIXED):
        _apply(settings)
    stack = ExitStack()
    stack.callback(_apply, before)
    return stack


def _apply(settings: Any) -> None:
    import matplotlib as mpl

    mpl.rcParams.update({k: v for k, v in settings.items() if k not in _BACKEND})


@cache
def register_fonts() -> None:
    """Make Fira Sans (from its package) and DejaVu Sans (from matplotlib) known, in place of system fonts of those names.

    Another version of a font installed on the machine would change the figures.
    """
    from matplotlib import font_manager

    manager = font_manager.fontManager
    ours = []
    for path, (name, weight) in zip(font_files(), _NAMES, strict=True):
        manager.addfont(path)
        # Two entries are renamed: the file of the semibold calls itself a family of its own, and DejaVu Sans has no
        # semibold, for which its bold stands in; otherwise matplotlib would warn and fall back.
        entry = next(e for e in reversed(manager.ttflist) if Path(e.fname) == path)
        ours.append(replace(entry, name=name, weight=weight))
    names = {entry.name for entry in ours}
    manager.ttflist = [entry for entry in manager.ttflist if entry.name not in names] + ours


def font_files() -> list[Path]:
    """Paths of the font files that the figures use."""
    import fontpkg_fira_sans
    import matplotlib as mpl

    fira = Path(fontpkg_fira_sans.__file__).parent / "files"
    dejavu = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return [fira / f"{face}.ttf" for face in FACES] + [dejavu / f"{face}.ttf" for face in _FALLBACK]


def save(fig: Figure, stem: Path | str) -> list[Path]:
    """Write a figure as ``stem.svg``, ``stem.pdf`` and ``stem.png``; returns the three paths.

    The figure keeps its size to the millimetre; the files hold no date and no program version, so the same figure is
    always the same bytes.
    """
    import matplotlib as mpl

    paths = []
    with mpl.rc_context(_FIXED), _without_layout_tables(), warnings.catch_warnings():
        # A sign that neither font has is drawn as a placeholder; the warning would name a folder of this machine.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        for kind in FORMATS:
            buffer = io.BytesIO()
            if kind == "png":
                _save_png(fig, buffer)
            else:
                fig.savefig(buffer, format=kind, metadata=_METADATA[kind])
            paths.append(Path(f"{stem}.{kind}"))
            write_bytes(paths[-1], buffer.getvalue())
    return paths


def _save_png(fig: Figure, buffer: io.BytesIO) -> None:
    """Journals want pictures without an alpha channel, which matplotlib always writes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    usual = fig.dpi
    try:
        fig.set_dpi(DPI)
        canvas = FigureCanvasAgg(fig)
        canvas.draw()
        picture = Image.frombuffer("RGBA", canvas.get_width_height(physical=True), canvas.buffer_rgba())
        picture.convert("RGB").save(buffer, format="png", dpi=(DPI, DPI))
    finally:
        fig.set_dpi(usual)


@contextmanager
def _without_layout_tables() -> Iterator[None]:
    """Embed fonts in PDF without their layout tables: glyphs are placed already, and subsetting takes a fifth of the time.

    Matplotlib has no setting for this, so the default of fontTools is changed meanwhile; should that default one day be
    named otherwise, nothing is changed and only time is lost.
    """
    from fontTools.subset import Options  # type: ignore[import-untyped]

    name = "_layout_features_default"
    if not hasattr(Options, name):
        yield
        return
    usual = getattr(Options, name)
    setattr(Options, name, [])
    try:
        yield
    finally:
        setattr(Options, name, usual)
