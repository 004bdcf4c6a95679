"""``Fig1``, ``Fig2`` … as a journal wants them: at its width, resolution and colour mode, made from the vector PDF.

A figure is set at the narrowest width the journal allows at which letters and lines are as large as it asks and the
height fits, else at the widest that fits: then the check of the made file fails, and says by how much. JPEG and SVG are
not made; ``Made.left_out`` names what was asked for and is not there.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from livingreview.canonical import write_bytes
from livingreview.errors import Problem
from livingreview.nearest import nearest
from livingreview.submission import figure_content, figure_eps, figure_pdf
from livingreview.submission.figure_content import Drawing
from livingreview.submission.figure_measure import FigureFile, measure

SUFFIXES = {"tiff": "tif", "eps": "eps", "pdf": "pdf", "png": "png"}
"""The formats that are made, with the endings of their files."""

_VECTORS = ("eps", "pdf")

USUAL_DPI = 600
"""Where a journal says nothing: enough for lettering with colours, the kind that most figures of a review are."""

_KINDS = ("line", "combination", "halftone")
_SPACES = ("rgb", "cmyk", "grey")
_COMPRESSIONS = {"lzw": "tiff_lzw", "zip": "tiff_adobe_deflate", "none": None}
_MM = 25.4
_SLACK = 1e-3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a journal asks of figure files. Widths and heights in millimetres, sizes of letters and lines in points.

    ``widths_mm`` are the widths to choose from, ``width_range_mm`` any between two; neither: as drawn. ``dpi`` is the
    resolution by kind (line, combination, halftone; see ``Drawing.kind``). ``formats`` are made all; None: no such rule.
    """

    name: str = "Fig{n}"
    formats: tuple[str, ...] = ("tiff", "pdf")
    widths_mm: tuple[float, ...] = ()
    width_range_mm: tuple[float, float] | None = None
    max_height_mm: float | None = None
    dpi: Mapping[str, int] = field(default_factory=dict)
    max_dpi: int | None = None
    colour: str = "rgb"
    compression: str = "lzw"
    min_font_pt: float | None = None
    min_line_pt: float | None = None

    def resolution(self, kind: str) -> int:
        """Dots per inch for a picture of ``kind``: its own, else the highest the journal names, else ``USUAL_DPI``."""
        asked = self.dpi.get(kind) or max(self.dpi.values(), default=USUAL_DPI)
        return min(asked, self.max_dpi or asked)

    @property
    def shaping(self) -> Wanted:
        """The same wishes without limits that shape no file: sizes that only choose a width, where there is none to choose.

        What the files have is checked against the profile all the same.
        """
        widths = self.width_range_mm or self.widths_mm
        if len(set(widths)) > 1:
            return self
        return replace(self, max_height_mm=None, min_font_pt=None, min_line_pt=None)

    def to_json(self) -> dict[str, Any]:
        """Plain values, from which :meth:`from_json` makes the same again; a width without upper bound is None."""
        made = asdict(self)
        made["formats"], made["widths_mm"] = list(self.formats), list(self.widths_mm)
        if self.width_range_mm is not None:
            made["width_range_mm"] = [size if math.isfinite(size) else None for size in self.width_range_mm]
        return made

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Wanted:
        """What :meth:`to_json` wrote, by this process or another. Raises TypeError for keys that there are not."""
        span = found.get("width_range_mm")
        bounds = None if span is None else tuple(math.inf if size is None else size for size in span)
        lists = {key: tuple(found[key]) for key in ("formats", "widths_mm") if key in found}
        return cls(**{**found, **lists, "width_range_mm": bounds})


@dataclass(frozen=True, slots=True)
class Source:
    """A figure of a document: its number, label (``fig-flow``), the path in the document, and the built files."""

    number: int
    label: str
    path: str
    vector: Path | None
    picture: Path | None


@dataclass(frozen=True, slots=True)
class MadeFigure:
    """A figure's files, with what its vectors draw at the width it was set at (None for a source of pixels)."""

    number: int
    label: str
    source: str
    width_mm: float
    kind: str
    drawing: Drawing | None
    files: tuple[FigureFile, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        made = asdict(self)
        made["drawing"] = None if self.drawing is None else self.drawing.to_json()
        made["files"] = [entry.to_json() for entry in self.files]
        return made


@dataclass(frozen=True, slots=True)
class Made:
    """All figures that could be made, formats asked for that were not, and what stood in the way, all at once."""

    figures: tuple[MadeFigure, ...]
    left_out: tuple[str, ...]
    problems: tuple[Problem, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "figures": [figure.to_json() for figure in self.figures],
            "left_out": list(self.left_out),
            "problems": [str(problem) for problem in self.problems],
        }


def figures_of(tree: Mapping[str, Any], review: Path, folder: Path) -> list[Source]:
    """The figures of a document in the order in which they first appear, from pandoc's tree.

    ``folder`` is that of the document's source. The vector PDF is looked for beside the picture, then under the same
    name in the review's ``figures``; a picture that appears twice is one figure.
    """
    found: dict[str, Source] = {}
    for path, label in _images(tree.get("blocks", []), ""):
        if path in found:
            continue
        places = [folder / path, review / "figures" / Path(path).name]
        vectors = [place.with_suffix(".pdf") for place in places]
        found[path] = Source(
            number=len(found) + 1,
            label=label,
            path=path,
            vector=next((place for place in vectors if place.is_file()), None),
            picture=next((place for place in places if place.is_file() and place not in vectors), None),
        )
    return list(found.values())


def _images(node: Any, label: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for entry in node:
            yield from _images(entry, label)
    elif isinstance(node, dict):
        kind = node.get("t")
        content: Any = node.get("c")
        if kind in ("Div", "Figure", "Span") and content[0][0]:
            label = content[0][0].removeprefix("item-")
        if kind == "Image":
            yield content[2][0], content[0][0] or label
        else:
            yield from _images(content, label)


def checked(wanted: Wanted) -> list[Problem]:
    """What cannot be followed in ``wanted``: words that are not known, sizes that are no sizes."""
    problems = []
    for title, value, allowed in (
        ("colour mode", wanted.colour, _SPACES),
        ("compression", wanted.compression, tuple(_COMPRESSIONS)),
        *(("kind of picture", kind, _KINDS) for kind in wanted.dpi),
    ):
        if value not in allowed:
            near = nearest(value, allowed)
            meant = f"did you mean `{near}`?" if near else ""
            problems.append(
                Problem(
                    f"unknown {title} for figures", value=value, allowed=", ".join(allowed), suggestion=meant
                )
            )
    if not any(kind in SUFFIXES for kind in wanted.formats):
        problems.append(
            Problem(
                "none of the figure formats asked for can be made",
                value=", ".join(wanted.formats),
                allowed=", ".join(SUFFIXES),
            )
        )
    if "{n}" not in wanted.name:
        problems.append(
            Problem("names of figure files have no number", value=wanted.name, allowed="e.g. Fig{n}")
        )
    sizes = [*wanted.widths_mm, *(wanted.width_range_mm or ()), *wanted.dpi.values()]
    if any(size <= 0 for size in sizes):
        problems.append(Problem("widths and resolutions of figures are more than 0"))
    return problems


def chosen_width(wanted: Wanted, width_mm: float, height_mm: float, drawing: Drawing) -> float:
    """The width in millimetres at which to set a drawing of that size.

    Where the journal names no least size of letters, a figure is not set smaller than it was drawn.
    """
    factor = 1.0
    if wanted.min_font_pt and drawing.smallest_font_pt:
        factor = wanted.min_font_pt / drawing.smallest_font_pt
    if wanted.min_line_pt and drawing.smallest_line_pt:
        factor = max(factor, wanted.min_line_pt / drawing.smallest_line_pt)
    enough = width_mm * factor
    highest = width_mm * wanted.max_height_mm / height_mm if wanted.max_height_mm else float("inf")
    if wanted.width_range_mm:
        least, most = wanted.width_range_mm
        return max(least, math.floor(min(most, highest, enough) * 100) / 100)
    fitting = [w for w in sorted(wanted.widths_mm) if w <= highest + _SLACK] or sorted(wanted.widths_mm)[:1]
    if not fitting:
        return width_mm
    return next((w for w in fitting if w >= enough - _SLACK), fitting[-1])


def make(sources: Sequence[Source], wanted: Wanted, target: Path) -> Made:
    """Write the files of every figure into ``target`` and measure them; the same input gives the same bytes.

    Nothing is raised for a figure that cannot be made: it is missing from the result and told in its problems.
    """
    problems = checked(wanted)
    if problems:
        return Made((), (), tuple(problems))
    figures = []
    for source in sources:
        try:
            made = _vector(source, wanted, target, problems) if source.vector else None
            made = made or _photograph(source, wanted, target, problems)
        except ValueError as error:
            problems.append(Problem(f"figure {source.number} {error}", file=source.path))
            continue
        if made is not None:
            figures.append(made)
    left_out = tuple(kind for kind in wanted.formats if kind not in SUFFIXES)
    return Made(tuple(figures), left_out, tuple(problems))


def _path(source: Source, wanted: Wanted, target: Path, kind: str) -> Path:
    return target / f"{wanted.name.replace('{n}', str(source.number))}.{SUFFIXES[kind]}"


def _vector(source: Source, wanted: Wanted, target: Path, problems: list[Problem]) -> MadeFigure | None:
    assert source.vector is not None
    content = source.vector.read_bytes()
    page, _ = figure_pdf.page_of(content)
    drawing = figure_content.read(figure_pdf.part(page))
    if not drawing.fonts and drawing.smallest_line_pt is None and drawing.pictures:
        problems.append(
            Problem(
                f"figure {source.number} has no vector source: its PDF holds only a picture of pixels",
                file=source.path,
                suggestion="save the figure as vectors, or, if it is a photograph, as PNG or TIFF alone",
            )
        )
        return None
    _, _, width, height = (size / figure_pdf.POINTS_PER_MM for size in figure_pdf.box(page))
    set_at = chosen_width(wanted, width, height, drawing)
    vectors = figure_pdf.resized(content, set_at, wanted.colour)
    drawing = figure_content.read(figure_pdf.part(figure_pdf.page_of(vectors)[0]))
    least = wanted.resolution("halftone")
    if drawing.pictures and (poorest := min(p.dpi for p in drawing.pictures)) < least - 0.5:
        problems.append(
            _too_small(source, f"a picture within it has {poorest:.0f} dpi at {set_at:g} mm", least)
        )
    dpi = wanted.resolution(drawing.kind)
    across, up = round(set_at / _MM * dpi), round(set_at / width * height / _MM * dpi)
    paths = []
    shown = None
    for kind in [kind for kind in wanted.formats if kind in SUFFIXES]:
        path = _path(source, wanted, target, kind)
        if kind in _VECTORS:
            try:
                write_bytes(path, figure_eps.eps(vectors) if kind == "eps" else vectors)
                paths.append(path)
            except ValueError as error:
                problems.append(
                    Problem(
                        f"figure {source.number} {error}",
                        file=source.path,
                        severity="warning" if len(wanted.formats) > 1 else "error",
                    )
                )
            continue
        paths.append(path)
        if shown is None:
            shown = figure_pdf.mode(figure_pdf.pixels(vectors, across, up), wanted.colour)
        write_bytes(paths[-1], encoded(shown, kind, dpi, wanted.compression))
    files = tuple(measure(path) for path in paths)
    return MadeFigure(source.number, source.label, source.path, set_at, drawing.kind, drawing, files)


def _photograph(source: Source, wanted: Wanted, target: Path, problems: list[Problem]) -> MadeFigure | None:
    from PIL import Image

    if source.vector is not None:
        return None
    if source.picture is None:
        problems.append(
            Problem(
                f"the file of figure {source.number} is missing",
                file=source.path,
                suggestion="build the review's figures first",
            )
        )
        return None
    found = measure(source.picture)
    dpi = wanted.resolution("halftone")
    width, height = found.width_px or 0, found.height_px or 0
    most = width / dpi * _MM
    widths = sorted(wanted.widths_mm) or list(wanted.width_range_mm or ()) or [found.width_mm or most]
    set_at = max((w for w in widths if w <= most + _SLACK), default=None)
    if set_at is not None and wanted.width_range_mm and not wanted.widths_mm:
        set_at = math.floor(min(most, wanted.width_range_mm[1]) * 100) / 100
    if set_at is None:
        problems.append(
            Problem(
                f"figure {source.number} has no vector source, and as a picture of {width} × {height} pixels is too small "
                f"for {dpi} dpi at {widths[0]:g} mm",
                file=source.path,
                allowed=f"at least {round(widths[0] / _MM * dpi)} pixels across",
                suggestion="save the figure as a vector PDF beside it, or give the photograph with more pixels",
            )
        )
        return None
    problems.append(
        Problem(
            f"figure {source.number} has no vector source, and is taken as a photograph",
            file=source.path,
            severity="warning",
        )
    )
    across = round(set_at / _MM * dpi)
    up = max(1, round(across * height / width))
    paths = []
    for kind in [kind for kind in wanted.formats if kind in SUFFIXES and kind not in _VECTORS]:
        with Image.open(source.picture) as picture:
            plain = figure_pdf.mode(picture, wanted.colour)
        shown = plain if plain.size == (across, up) else plain.resize((across, up), Image.Resampling.LANCZOS)
        paths.append(_path(source, wanted, target, kind))
        write_bytes(paths[-1], encoded(shown, kind, dpi, wanted.compression))
    if not paths:
        problems.append(
            Problem(
                f"figure {source.number} is a photograph, of which no vector file can be made",
                file=source.path,
                allowed="tiff or png",
            )
        )
        return None
    files = tuple(measure(path) for path in paths)
    return MadeFigure(source.number, source.label, source.path, set_at, "halftone", None, files)


def _too_small(source: Source, what: str, least: int) -> Problem:
    return Problem(
        f"figure {source.number} is too small for its resolution: {what}",
        file=source.path,
        allowed=f"at least {least} dpi",
        suggestion="use a picture with more pixels",
    )


def encoded(picture: Any, kind: str, dpi: int, compression: str = "lzw") -> bytes:
    """A picture as TIFF or PNG: one layer, no words about it, and the resolution in its tags."""
    from PIL import Image

    buffer = io.BytesIO()
    # A new picture: what the source's file said of itself stays behind.
    plain = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    if kind == "tiff":
        plain.save(buffer, format="TIFF", compression=_COMPRESSIONS[compression], dpi=(dpi, dpi))
    else:
        plain.save(buffer, format="PNG", dpi=(dpi, dpi))
    return buffer.getvalue()
