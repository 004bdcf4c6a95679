"""What a journal's profile asks of figure files, as the words of :mod:`livingreview.submission.figure_files`."""

from __future__ import annotations

import math
from typing import Any

from livingreview.submission.figure_files import SUFFIXES, Wanted
from livingreview.submission.profile_model import RASTER_FORMATS, Dpi, Profile, Rule

_NARROWEST_MM = 1.0


def wanted(profile: Profile) -> Wanted:
    """The figure files to make for a journal.

    A rule that the profile does not have sets no limit. Where that leaves a choice open, it is made as most journals have
    it: ``Fig1`` …, TIFF with LZW and PDF, RGB, each figure as wide as it was drawn, 600 dpi (``USUAL_DPI``). A profile
    lists the formats that its journal takes, the wanted one first. Of the formats of pixels only the first that can be
    made is (others would show the same pixels again); vectors are made in all that can be. Formats that cannot be made
    stay in the list where nothing of their kind is made, so that they are told of.
    """
    rules = profile.figures
    usual = Wanted()
    dpi = rules.dpi.value if rules.dpi else Dpi()
    span = _value(rules.width_range_mm)
    sizes = _value(rules.font_pt)
    return Wanted(
        name=_value(rules.name, usual.name),
        formats=_formats(_value(rules.formats, usual.formats)),
        widths_mm=tuple(float(width) for width in _value(rules.width_mm, ())),
        width_range_mm=None if span is None else (span.min or _NARROWEST_MM, span.max or math.inf),
        max_height_mm=_value(rules.max_height_mm),
        dpi={kind: asked for kind in ("line", "combination", "halftone") if (asked := getattr(dpi, kind))},
        max_dpi=dpi.max,
        colour=_value(rules.colour, usual.colour),
        compression=_value(rules.compression, usual.compression),
        min_font_pt=None if sizes is None else sizes.min,
        min_line_pt=_value(rules.line_width_pt),
    )


def _value(rule: Rule[Any] | None, otherwise: Any = None) -> Any:
    return otherwise if rule is None else rule.value


def _formats(taken: tuple[str, ...]) -> tuple[str, ...]:
    pixels = [kind for kind in taken if kind in RASTER_FORMATS]
    first = next((kind for kind in pixels if kind in SUFFIXES), None)
    return tuple(kind for kind in taken if kind not in pixels or first in (None, kind))
