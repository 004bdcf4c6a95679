"""Rules of a journal profile that cannot all hold, or that rest on a source that is not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from livingreview import citation_styles
from livingreview.nearest import did_you_mean
from livingreview.submission.profile_model import MADE_FORMATS, RASTER_FORMATS, Profile, Rule, Source
from livingreview.yaml_source import Where

Conflict = tuple[Where, str, str]
_ENDINGS = {"tiff": ("tif", "tiff"), "jpeg": ("jpg", "jpeg")}


def _sources(p: Profile) -> Iterator[Conflict]:
    for where, rule in p.rules():
        yield from of_source(where, rule, p.sources)


def of_source(where: Where, rule: Rule[Any], sources: Mapping[str, Source]) -> Iterator[Conflict]:
    """What is wrong with the source that a rule names; the rule's value is not looked at."""
    if not rule.source:
        if rule.verified:
            yield (
                (*where, "verified"),
                "a rule without a source cannot be verified",
                "name the source where it was read, as `source`, or write `verified: false`",
            )
    elif rule.source not in sources:
        yield (
            (*where, "source"),
            f"there is no source `{rule.source}` in `sources`",
            did_you_mean(rule.source, sources) or "describe it in `sources` with its title and url",
        )
    elif rule.verified and sources[rule.source].seen is None:
        yield (
            (*where, "verified"),
            f"a rule cannot be verified by the source `{rule.source}`, which nobody has seen (`seen` is empty)",
            "write the day when it was read, as `seen` of the source, or `verified: false`",
        )


def _seen(p: Profile) -> Iterator[Conflict]:
    for code, source in p.sources.items():
        if source.seen and (p.checked is None or p.checked < source.seen):
            yield (
                ("sources", code, "seen"),
                f"the source was seen on {source.seen}, but the profile says that its rules were "
                + (f"last checked on {p.checked}" if p.checked else "never checked"),
                "write the latest day as `checked`",
            )


def _abstract(p: Profile) -> Iterator[Conflict]:
    given = p.abstract
    if given.headings and given.structured and not given.structured.value:
        yield (
            ("abstract", "headings"),
            "an abstract that is not structured has no headings",
            "write `structured: true`, or delete the headings",
        )
    yield from _twice(("abstract", "headings"), given.headings)


def _lists(p: Profile) -> Iterator[Conflict]:
    figures, manuscript = p.figures, p.manuscript
    for where, listed in (
        (("manuscript", "formats"), manuscript.formats),
        (("manuscript", "without_statements"), manuscript.without_statements),
        (("figures", "formats"), figures.formats),
        (("figures", "width_mm"), figures.width_mm),
        (("figures", "font"), figures.font),
    ):
        if listed is not None and not listed.value:
            yield where, "the list must not be empty", "delete the key when there is no such rule"
        yield from _twice(where, listed)


def _repeated(p: Profile) -> Iterator[Conflict]:
    for name, rules in (("statements", p.statements), ("checklists", p.checklists)):
        values = [rule.value for rule in rules]
        for number, value in enumerate(values):
            if value in values[:number]:
                yield (name, number), f"`{value}` stands twice", ""


def _twice(where: Where, listed: Rule[Any] | None) -> Iterator[Conflict]:
    values = list(listed.value) if listed else []
    for number, value in enumerate(values):
        if value in values[:number]:
            yield where, f"`{value}` stands twice", ""


def _figure_formats(p: Profile) -> Iterator[Conflict]:
    given = p.figures
    formats = given.formats.value if given.formats else ()
    if formats and not set(formats) & set(MADE_FORMATS):
        yield (
            ("figures", "formats"),
            f"none of these formats can be made: {', '.join(formats)}",
            f"name at least one of {', '.join(MADE_FORMATS)}",
        )
    if not formats:
        if p.manuscript.figures and p.manuscript.figures.value in ("left_out", "captions"):
            yield (
                ("manuscript", "figures"),
                "figures are left out of the manuscript, but no format of their files is given",
                "give `formats` in `figures`, or place the figures",
            )
        for key in ("name", "dpi", "colour", "compression", "alpha", "fonts_embedded", "max_megabytes"):
            if getattr(given, key) is not None:
                yield (
                    ("figures", key),
                    f"`{key}` is a rule for files of figures, but no format of them is given",
                    "give `formats` in `figures`, e.g. [tiff, eps]",
                )
        return
    pixels = [name for name in formats if name in RASTER_FORMATS]
    if given.compression and given.compression.value == "lzw" and "tiff" not in formats:
        yield (
            ("figures", "compression"),
            "only TIFF is compressed by LZW, and TIFF is not among the formats",
            "",
        )
    if given.colour and given.colour.value == "cmyk" and pixels == ["png"] == list(formats):
        yield ("figures", "colour"), "PNG, the only format, has no CMYK colours", ""
    if given.alpha and given.alpha.value and not {"tiff", "png", "svg", "pdf"}.intersection(formats):
        yield ("figures", "alpha"), "none of the formats can be transparent", ""


def _figure_sizes(p: Profile) -> Iterator[Conflict]:
    given = p.figures
    if given.width_mm and given.width_range_mm:
        between = given.width_range_mm.value
        for width in given.width_mm.value:
            if (between.min is not None and width < between.min) or (
                between.max is not None and width > between.max
            ):
                yield ("figures", "width_mm"), f"the width {width:g} lies outside `width_range_mm`", ""
    if given.dpi and (most := given.dpi.value.max) is not None:
        for kind in ("line", "combination", "halftone"):
            if (least := getattr(given.dpi.value, kind)) is not None and least > most:
                yield (
                    ("figures", "dpi", kind),
                    f"at least {least} dpi for {kind} pictures is more than the `max` of {most}",
                    "",
                )


def _file_names(p: Profile) -> Iterator[Conflict]:
    names, given = p.files.names, p.figures
    if not (names and given.name and given.formats):
        return
    for kind in given.formats.value:
        examples = [f"{given.name.value.format(n=1)}.{end}" for end in _ENDINGS.get(kind, (kind,))]
        if not any(re.fullmatch(names.value, example) for example in examples):
            yield (
                ("figures", "name"),
                f"a file of this name, {examples[0]}, does not match `files.names`",
                f"change the name, or the expression {names.value}",
            )


def _file_sizes(p: Profile) -> Iterator[Conflict]:
    figure, one, total = p.figures.max_megabytes, p.files.max_megabytes, p.files.total_megabytes
    for where, small, large, word in (
        (("figures", "max_megabytes"), figure, one, "files.max_megabytes"),
        (("files", "max_megabytes"), one, total, "files.total_megabytes"),
    ):
        if small and large and small.value > large.value:
            yield where, f"{small.value:g} MB for one file is more than `{word}` ({large.value:g})", ""


def _title_page(p: Profile) -> Iterator[Conflict]:
    place = p.manuscript.title_page
    if p.blinding and p.blinding.value == "double" and place and place.value == "first":
        yield (
            ("manuscript", "title_page"),
            "where authors are hidden from reviewers, the title page cannot be the first page of the manuscript",
            "write `title_page: separate`",
        )
    if p.items.title_page and not p.items.title_page.value and place and place.value == "separate":
        yield ("items", "title_page"), "a separate title page is asked for in `manuscript`, but not here", ""


def _text(p: Profile) -> Iterator[Conflict]:
    words, counts, abstract = p.text.words, p.text.counts, p.abstract.words
    if not (words and counts and abstract and counts.value.abstract):
        return
    most, least = words.value.max, abstract.value.min
    if most is not None and least is not None and least >= most:
        yield (
            ("text", "words"),
            f"the abstract counts as text, but needs {least} words where the text may have {most}",
            "",
        )


def _style(p: Profile) -> Iterator[Conflict]:
    if p.references.style and (problem := citation_styles.problem(p.references.style.value)):
        yield ("references", "style"), *problem


CONFLICTS: tuple[tuple[str, Callable[[Profile], Iterator[Conflict]]], ...] = (
    ("sources", _sources),
    ("sources checked", _seen),
    ("", _abstract),
    ("", _lists),
    ("", _repeated),
    ("figures.formats", _figure_formats),
    ("", _figure_sizes),
    ("", _file_names),
    ("", _file_sizes),
    ("", _title_page),
    ("", _text),
    ("", _style),
)
"""Each check, with the places that it takes for not given when they are empty: if one could not be read, it is not made."""
