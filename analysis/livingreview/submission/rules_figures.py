"""Rules on the figures' files, measured in the files made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from livingreview.submission.check_types import (
    Check,
    Judge,
    Outcome,
    bounds,
    counted,
    house,
    listed,
    within,
)
from livingreview.submission.facts import Facts
from livingreview.submission.figure_content import Drawing
from livingreview.submission.figure_files import MadeFigure
from livingreview.submission.figure_measure import FigureFile
from livingreview.submission.profile_model import Rule

_MM_SLACK = 0.1
"""A whole number of pixels is not a whole number of millimetres."""
_DPI_SLACK = 0.5
_PT_SLACK = 0.01
_MEGA = 1_000_000
_SUFFIXES = {
    "tiff": ("tif", "tiff"),
    "jpeg": ("jpg", "jpeg"),
    "eps": ("eps",),
    "pdf": ("pdf",),
    "png": ("png",),
    "svg": ("svg",),
}
_COLOURS = {
    "rgb": {"rgb", "grey", "bilevel"},
    "cmyk": {"cmyk", "grey", "bilevel"},
    "grey": {"grey", "bilevel"},
}
"""Grey and black are drawn in either mode."""

Found = tuple[str, bool | Outcome, str]


def check(facts: Facts) -> tuple[Check, ...]:
    """The checks of names, formats, sizes, resolution, colours, letters and lines of all figures."""
    judge, asked = Judge(facts.profile), facts.profile.figures
    of_files: tuple[tuple[Rule[Any] | None, str, str, str, Callable[..., Found | None]], ...] = (
        (asked.width_mm, "width_mm", "Width of the figure", _widths(asked.width_mm, asked.width_range_mm), _width(facts)),
        (asked.width_range_mm, "width_range_mm", "Width of the figure, range", _range(asked.width_range_mm, "mm"), _between),
        (asked.max_height_mm, "max_height_mm", "Height of the figure", _most(asked.max_height_mm, "mm"), _height),
        (asked.dpi, "dpi", "Resolution of the figure", _resolutions(asked.dpi), _dpi),
        (asked.colour, "colour", "Colours of the figure", _text(asked.colour), _colour),
        (asked.compression, "compression", "Compression of the figure", _text(asked.compression), _compression),
        (asked.alpha, "alpha", "Transparency and layers of the figure", "allowed" if asked.alpha and asked.alpha.value else "none", _alpha),
        (asked.fonts_embedded, "fonts_embedded", "Fonts in the figure's file", "all" if asked.fonts_embedded and asked.fonts_embedded.value else "not asked for", _embedded),
        (asked.max_megabytes, "max_megabytes", "Size of the figure's file", _most(asked.max_megabytes, "MB"), _megabytes),
    )  # fmt: skip
    of_figures: tuple[tuple[Rule[Any] | None, str, str, str, Callable[..., Found | None]], ...] = (
        (asked.formats, "formats", "Format of the figure", f"any of {listed(asked.formats.value)}" if asked.formats else "", _format),
        (asked.line_width_pt, "line_width_pt", "Thinnest line of the figure", bounds(asked.line_width_pt.value, None, "pt") if asked.line_width_pt else "", _line),
        (asked.font, "font", "Font of the figure", f"any of {listed(asked.font.value)}" if asked.font else "", _font),
        (asked.font_pt, "font_pt", "Size of letters in the figure", _range(asked.font_pt, "pt"), _letters),
    )  # fmt: skip
    return (
        *_name(facts, judge),
        *(c for given in of_figures for c in _each_figure(facts, judge, *given)),
        *_not_made(facts, judge),
        *(c for given in of_files for c in _each_file(facts, judge, *given)),
        *_made(facts),
    )


def _each_file(
    facts: Facts,
    judge: Judge,
    rule: Rule[Any] | None,
    name: str,
    title: str,
    limit: str,
    measure: Callable[[FigureFile, MadeFigure, Any], Found | None],
) -> Iterator[Check]:
    """One check for each file that the rule is about; None from ``measure``: it is not about that file."""
    if rule is None:
        return
    found = [
        (file.name, seen)
        for figure in facts.figures.figures
        for file in figure.files
        if (seen := measure(file, figure, rule.value)) is not None
    ]
    yield from _told(facts, judge, rule, name, title, limit, found)


def _each_figure(
    facts: Facts,
    judge: Judge,
    rule: Rule[Any] | None,
    name: str,
    title: str,
    limit: str,
    measure: Callable[[MadeFigure, Any], Found | None],
) -> Iterator[Check]:
    if rule is None:
        return
    found = [
        (_called(facts, figure), seen)
        for figure in facts.figures.figures
        if (seen := measure(figure, rule.value)) is not None
    ]
    yield from _told(facts, judge, rule, name, title, limit, found)


def _told(
    facts: Facts,
    judge: Judge,
    rule: Rule[Any],
    name: str,
    title: str,
    limit: str,
    found: Iterable[tuple[str, Found]],
) -> Iterator[Check]:
    code = f"figures.{name}"
    none = True
    for where, (measured, met, note) in found:
        none = False
        yield judge.check(rule, f"{code}/{where}", title, limit, measured, met, note=note, where=where)
    if none:
        made = sum(len(figure.files) for figure in facts.figures.figures)
        missing = bool(facts.counts.figures) and not made
        note = "the figures were not made" if missing else "no file that the rule is about"
        yield judge.check(
            rule, code, title, limit, counted(made, "file"), False if missing else "not applicable", note=note
        )


def _called(facts: Facts, figure: MadeFigure) -> str:
    rule = facts.profile.figures.name
    return (rule.value if rule is not None else "Fig{n}").replace("{n}", str(figure.number))


def _name(facts: Facts, judge: Judge) -> Iterator[Check]:
    rule = facts.profile.figures.name
    if rule is None:
        return
    files = [(figure, file) for figure in facts.figures.figures for file in figure.files]
    wrong = sorted(
        file.name
        for figure, file in files
        if PurePosixPath(file.name).name
        not in {f"{_called(facts, figure)}.{end}" for end in _SUFFIXES.get(file.format, (file.format,))}
    )
    outcome: bool | Outcome = not wrong
    if not files:
        outcome = False if facts.counts.figures else "not applicable"
    yield judge.check(
        rule,
        "figures.name",
        "Names of the files of figures",
        f"{rule.value.replace('{n}', '1')}, {rule.value.replace('{n}', '2')}, …",
        f"{len(files) - len(wrong)} of {counted(len(files), 'file')}"
        + (f"; otherwise: {listed(wrong)}" if wrong else ""),
        outcome,
        note="rename them" if files else "no figures were made",
    )


def _format(figure: MadeFigure, wanted: tuple[str, ...]) -> Found:
    formats = [file.format for file in figure.files]
    taken = [f for f in formats if f in wanted]
    return listed(formats), bool(taken), f"the journal takes {listed(wanted)}"


def _not_made(facts: Facts, judge: Judge) -> Iterator[Check]:
    """The journal's first choice, where that is a format that is not made here."""
    rule = facts.profile.figures.formats
    if rule is None or rule.value[0] not in facts.figures.left_out or not facts.counts.figures:
        return
    first, others = (
        rule.value[0],
        sorted({f.format for figure in facts.figures.figures for f in figure.files}),
    )
    yield judge.check(
        rule,
        f"figures.formats/{first}",
        f"Figures as {first.upper()}, the journal's first choice",
        first,
        f"not made; there are {listed(others)}",
        "unverified",
        note=f"{first.upper()} is not made: whether the journal is content with {listed(others)}, its editors can say",
    )


def _widths(rule: Rule[Any] | None, between: Rule[Any] | None) -> str:
    if rule is None:
        return ""
    any_of = f"any of {listed(f'{w:g}' for w in rule.value)} mm"
    return f"{any_of}, or {_range(between, 'mm')}" if between is not None else any_of


def _sizes(small: float, large: float) -> str:
    return f"{small:.1f} pt" if f"{small:.1f}" == f"{large:.1f}" else f"{small:.1f} to {large:.1f} pt"


def _range(rule: Rule[Any] | None, unit: str) -> str:
    return bounds(rule.value.min, rule.value.max, unit) if rule is not None else ""


def _most(rule: Rule[Any] | None, unit: str) -> str:
    return bounds(None, rule.value, unit) if rule is not None else ""


def _text(rule: Rule[Any] | None) -> str:
    return str(rule.value) if rule is not None else ""


def _resolutions(rule: Rule[Any] | None) -> str:
    if rule is None:
        return ""
    kinds = [f"{k} {v}" for k in ("line", "combination", "halftone") if (v := getattr(rule.value, k))]
    most = [f"at most {rule.value.max}"] if rule.value.max else []
    return (
        f"dpi at least: {listed(kinds)}" + (f"; {most[0]}" if most else "")
        if kinds
        else f"{listed(most)} dpi"
    )


def _width(facts: Facts) -> Callable[[FigureFile, MadeFigure, tuple[float, ...]], Found]:
    between = facts.profile.figures.width_range_mm

    def found(file: FigureFile, _: MadeFigure, wanted: tuple[float, ...]) -> Found:
        width = file.width_mm
        if width is None:
            return "unknown", False, "the file does not say its size in print"
        any_of = any(abs(width - w) <= _MM_SLACK for w in wanted)
        span = between.value if between is not None else None
        free = span is not None and within(width, span.min, span.max, _MM_SLACK)
        return f"{width:g} mm", any_of or free, "set the figure at one of these widths"

    return found


def _between(file: FigureFile, _: MadeFigure, wanted: Any) -> Found:
    if file.width_mm is None:
        return "unknown", False, "the file does not say its size in print"
    met = within(file.width_mm, wanted.min, wanted.max, _MM_SLACK)
    return f"{file.width_mm:g} mm", met, "set the figure at a width between"


def _height(file: FigureFile, _: MadeFigure, wanted: float) -> Found:
    if file.height_mm is None:
        return "unknown", False, "the file does not say its size in print"
    met = within(file.height_mm, None, wanted, _MM_SLACK)
    return f"{file.height_mm:.1f} mm", met, f"{file.height_mm - wanted:.1f} mm too high: draw it flatter"


def _dpi(file: FigureFile, figure: MadeFigure, wanted: Any) -> Found | None:
    if file.width_px is None:
        pictures = file.drawing.pictures if file.drawing is not None else ()
        if not pictures:
            return None
        poorest = min(p.dpi for p in pictures)
        return _resolved(poorest, "picture within", wanted.halftone, None)
    if file.dpi is None:
        return "unknown", False, "the file does not say its resolution"
    return _resolved(min(file.dpi), figure.kind, getattr(wanted, figure.kind, None), wanted.max)


def _resolved(found: float, kind: str, least: int | None, most: int | None) -> Found:
    shown = f"{found:.0f} dpi ({kind})"
    if least is None and most is None:
        return shown, "not applicable", "no resolution is asked for of this kind"
    note = f"needs at least {least} dpi" if least and found < least else f"must not have more than {most} dpi"
    return shown, within(found, least, most, _DPI_SLACK), note


def _colour(file: FigureFile, _: MadeFigure, wanted: str) -> Found:
    modes = [mode for mode in file.mode.split("+") if mode]
    met = all(mode in _COLOURS[wanted] for mode in modes)
    return listed(modes, "nothing drawn"), met, f"make it in {wanted}"


def _compression(file: FigureFile, _: MadeFigure, wanted: str) -> Found | None:
    if file.format != "tiff":
        return None
    return file.compression or "unknown", file.compression == wanted, f"save it with the compression {wanted}"


def _alpha(file: FigureFile, _: MadeFigure, wanted: bool) -> Found:
    parts = ["transparent" if file.alpha else "opaque", counted(file.pages, "layer")]
    return listed(parts), wanted or (not file.alpha and file.pages == 1), "flatten it on white"


def _embedded(file: FigureFile, _: MadeFigure, wanted: bool) -> Found | None:
    if file.drawing is None:
        return None
    lacking = [font.name for font in file.drawing.fonts if not font.embedded]
    shown = f"{len(file.drawing.fonts) - len(lacking)} of {counted(len(file.drawing.fonts), 'font')}"
    return shown, not wanted or not lacking, f"not in the file: {listed(lacking)}"


def _megabytes(file: FigureFile, _: MadeFigure, wanted: float) -> Found:
    size = file.bytes / _MEGA
    return f"{size:.2f} MB", size <= wanted, f"{size - wanted:.2f} MB too large"


_IN_PIXELS = "a picture of pixels: look at it"


def _drawing(figure: MadeFigure) -> Drawing | None:
    """What is drawn, as measured in a vector file of the package, else in that from which its pixels were made."""
    return next((file.drawing for file in figure.files if file.drawing is not None), figure.drawing)


def _line(figure: MadeFigure, wanted: float) -> Found | None:
    drawn = _drawing(figure)
    if drawn is None:
        return "unknown", "unverified", _IN_PIXELS
    if drawn.smallest_line_pt is None:
        return None
    met = within(drawn.smallest_line_pt, wanted, None, _PT_SLACK)
    return f"{drawn.smallest_line_pt:.2f} pt", met, "draw lines thicker, or the figure wider"


def _font(figure: MadeFigure, wanted: tuple[str, ...]) -> Found | None:
    drawn = _drawing(figure)
    if drawn is None:
        return "unknown", "unverified", _IN_PIXELS
    if not drawn.fonts:
        return None
    names = sorted({font.name for font in drawn.fonts})
    others = [n for n in names if not any(_plain(n).startswith(_plain(w)) for w in wanted)]
    return listed(names), not others, f"not of these: {listed(others)}; set the font of the figures' style"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _letters(figure: MadeFigure, wanted: Any) -> Found | None:
    drawn = _drawing(figure)
    if drawn is None:
        return "unknown", "unverified", _IN_PIXELS
    small, large = drawn.smallest_font_pt, drawn.largest_font_pt
    if small is None or large is None:
        return None
    met = within(small, wanted.min, None, _PT_SLACK) and within(large, None, wanted.max, _PT_SLACK)
    notes = (
        [f"draw the smallest letters {wanted.min / small:.2f} times as large"]
        if wanted.min and small < wanted.min
        else []
    )
    notes += (
        [f"the largest letters must not have more than {wanted.max:g} pt"]
        if wanted.max and large > wanted.max
        else []
    )
    return f"{_sizes(small, large)} at {figure.width_mm:g} mm", met, "; ".join(notes)


def _made(facts: Facts) -> Iterator[Check]:
    """Whether each figure of the text has its files, and what stood in the way."""
    wanted, made = facts.counts.figures, facts.figures
    asked = facts.profile.figures.formats is not None or bool(made.figures or made.problems)
    wrong = [problem for problem in made.problems if problem.severity == "error"]
    told = [problem for problem in made.problems if problem.severity != "error"]
    outcome: bool | Outcome = len(made.figures) >= len(wanted) and not wrong if asked else "not applicable"
    yield house(
        "figures",
        "Each figure has its files",
        counted(len(wanted), "figure"),
        f"{counted(len(made.figures), 'figure')} made"
        + (f"; {counted(len(wrong), 'problem')}" if wrong else ""),
        outcome,
        note="see the problems" if asked else "no files of figures are asked for",
    )
    for number, problem in enumerate([*wrong, *told], start=1):
        yield house(
            f"figures/{number}",
            "Figure can be made as asked for",
            problem.allowed or "as a vector drawing, or with enough pixels",
            problem.message,
            False if problem.severity == "error" else "unverified",
            note=problem.suggestion or "look whether it is good enough",
            where=problem.file,
        )
