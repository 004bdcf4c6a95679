"""What a journal asks for, as data: rules with their source. A rule that is not given does not exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from livingreview.nearest import did_you_mean
from livingreview.protocol_submission import STATEMENTS
from livingreview.protocol_types import Code, Day, Model, Name, Text

T = TypeVar("T")

VECTOR_FORMATS = ("eps", "pdf", "svg")
RASTER_FORMATS = ("tiff", "png", "jpeg")
MADE_FORMATS = ("tiff", "eps", "pdf", "png")
"""The formats of figures that are made; the others a journal may take as well."""
_PARTS_OF_A_RULE = frozenset({"value", "source", "verified", "note"})


def _statement(value: Any) -> Any:
    if isinstance(value, str) and value not in STATEMENTS:
        hint = did_you_mean(value, STATEMENTS)
        raise ValueError(f"no known statement{'; ' + hint if hint else ''} (known: {', '.join(STATEMENTS)})")
    return value


def _language(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"any|[a-z]{2,3}(-[A-Z]{2})?", value):
        raise ValueError("a language is written en, en-GB or de; or `any`")
    return value


def _expression(value: Any) -> Any:
    if isinstance(value, str):
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from None
    return value


def _figure_name(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[\w.-]*\{n\}[\w.-]*", value, re.ASCII):
        raise ValueError(
            'the name of a figure file must have the number of the figure, {n}, once, e.g. "Fig{n}"; '
            "beside it letters, digits, _, . and -, without the ending of the format"
        )
    return value


def _page(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"https?://[^\s]+\.[^\s]+", value):
        raise ValueError("an address begins with https://")
    return value


def _issn(value: Any) -> Any:
    """The last character checks the others (ISO 3297:2022): the sum of the first seven times 8 … 2, from 11, modulo 11, X for 10."""
    if not isinstance(value, str) or not value:
        return value
    if not re.fullmatch(r"\d{4}-\d{3}[\dX]", value):
        raise ValueError("an ISSN is written 1234-5679, with X for a last 10")
    digits = value.replace("-", "")
    sum_of_seven = sum(int(digit) * weight for digit, weight in zip(digits[:7], range(8, 1, -1), strict=True))
    if "0123456789X"[-sum_of_seven % 11] != digits[7]:
        raise ValueError("the check digit of this ISSN is wrong: a digit was mistyped")
    return value


Count = Annotated[int, Field(ge=0)]
Size = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Statement = Annotated[str, BeforeValidator(_statement)]
Language = Annotated[str, BeforeValidator(_language)]
Issn = Annotated[str, BeforeValidator(_issn)]
Expression = Annotated[str, BeforeValidator(_expression)]
FigureName = Annotated[str, BeforeValidator(_figure_name)]
Address = Annotated[str, BeforeValidator(_page)]
DocumentFormat = Literal["docx", "pdf", "tex"]
FigureFormat = Literal["tiff", "eps", "pdf", "png", "jpeg", "svg"]


class Rule(Model, Generic[T]):
    """One rule: what is asked for, and who says so.

    ``source`` is a key of the profile's sources; ``verified`` means that a person has read the rule there, and that the
    source speaks for this journal. A bare value in the file is a rule without source, not verified.
    """

    value: T
    source: str = ""
    verified: bool = False
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, given: Any) -> Any:
        if isinstance(given, Rule) or (isinstance(given, dict) and _PARTS_OF_A_RULE.intersection(given)):
            return given
        return {"value": given}


class _Span(Model):
    """Bounds, both included; None: no bound on that side."""

    @model_validator(mode="after")
    def _ordered(self) -> _Span:
        low, high = getattr(self, "min", None), getattr(self, "max", None)
        if low is not None and high is not None and low > high:
            raise ValueError(f"`min` ({low:g}) is more than `max` ({high:g})")
        return self


class Limits(_Span):
    """How many: words, characters, key words. Both None: the source says that there is no limit."""

    min: Count | None = None
    max: Count | None = None


class Sizes(_Span):
    """From what size to what size, in the unit of the rule's name."""

    min: Size | None = None
    max: Size | None = None


class Source(Model):
    """Where rules were read; ``seen`` is the day when a person (or a check for one) last read it, None: never."""

    title: Text
    url: Address
    seen: Day | None = None
    note: str = ""


class Manuscript(Model):
    """How the manuscript wants to look. ``formats``: the files that are made; ``font_size`` in pt, ``line_spacing`` in lines.

    ``archival``: PDFs are PDF/A-2b beside PDF/UA-1 (False: the journal does not take PDF/A). ``without_statements`` are those that
    the journal takes in its submission system and does not want in the manuscript."""

    formats: Rule[tuple[DocumentFormat, ...]] | None = None
    font_size: Rule[Size] | None = None
    line_spacing: Rule[Size] | None = None
    line_numbers: Rule[Literal["continuous", "none"]] | None = None
    page_numbers: Rule[bool] | None = None
    footnotes: Rule[bool] | None = None
    heading_depth: Rule[Annotated[int, Field(ge=1, le=6)]] | None = None
    title_page: Rule[Literal["separate", "first"]] | None = None
    figures: Rule[Literal["end", "placed", "left_out", "captions"]] | None = None
    tables: Rule[Literal["placed", "end", "separate"]] | None = None
    latex: Rule[bool] | None = None
    jats: Rule[bool] | None = None
    archival: Rule[bool] | None = None
    without_statements: Rule[tuple[Statement, ...]] | None = None


class Abstract(Model):
    """The abstract; ``headings`` are those of a structured one, in their order."""

    words: Rule[Limits] | None = None
    structured: Rule[bool] | None = None
    headings: Rule[tuple[Text, ...]] | None = None
    citations: Rule[bool] | None = None


class Counts(Model):
    """What counts as text when its words are counted, beside the paragraphs and headings of the body."""

    abstract: bool = False
    references: bool = False
    captions: bool = False
    tables: bool = False


class Body(Model):
    """The text from the introduction to the conclusion."""

    words: Rule[Limits] | None = None
    counts: Rule[Counts] | None = None


class References(Model):
    """The reference list; ``style`` is the name of a style of the Citation Style Language."""

    max: Rule[Count | None] | None = None
    style: Rule[Name] | None = None
    doi: Rule[Literal["wanted", "required", "none"]] | None = None


class Tables(Model):
    """Tables of the main text; ``editable``: as tables of the text file, not as pictures."""

    max: Rule[Count | None] | None = None
    editable: Rule[bool] | None = None


class Dpi(Model):
    """Least resolution of a pixel picture at its printed size, by kind of picture; ``max`` holds for every kind."""

    line: Count | None = None
    combination: Count | None = None
    halftone: Count | None = None
    max: Count | None = None


class Figures(Model):
    """Figures of the main text and their files.

    ``width_mm`` are the widths to choose from (those of columns and page), ``width_range_mm`` is for a journal that takes any
    width between two. ``formats`` are those that the journal takes, the wanted one first. ``colour`` is the mode that is made.
    """

    max: Rule[Count | None] | None = None
    name: Rule[FigureName] | None = None
    formats: Rule[tuple[FigureFormat, ...]] | None = None
    width_mm: Rule[tuple[Size, ...]] | None = None
    width_range_mm: Rule[Sizes] | None = None
    max_height_mm: Rule[Size] | None = None
    dpi: Rule[Dpi] | None = None
    colour: Rule[Literal["rgb", "cmyk", "grey"]] | None = None
    compression: Rule[Literal["lzw", "zip", "none"]] | None = None
    alpha: Rule[bool] | None = None
    fonts_embedded: Rule[bool] | None = None
    line_width_pt: Rule[Size] | None = None
    font: Rule[tuple[Text, ...]] | None = None
    font_pt: Rule[Sizes] | None = None
    max_megabytes: Rule[Size] | None = None


class Length(Model):
    """How long one line of text may be."""

    characters: Limits = Limits()
    words: Limits = Limits()


class Bullets(Model):
    """A short list: how many entries, how many words in all, how many characters in each."""

    bullets: Limits = Limits()
    words: Limits = Limits()
    characters: Limits = Limits()


class Items(Model):
    """Pieces that are asked for beside the text. ``orcid``: whose ORCID iD; ``key_messages``: headings with what each asks."""

    title: Rule[Length] | None = None
    running_title: Rule[Length] | None = None
    highlights: Rule[Bullets] | None = None
    capsule_summary: Rule[Bullets] | None = None
    key_messages: Rule[Bullets] | None = None
    cover_letter: Rule[bool] | None = None
    title_page: Rule[bool] | None = None
    counts: Rule[bool] | None = None
    orcid: Rule[Literal["none", "corresponding", "all"]] | None = None


class Files(Model):
    """All files of the package; ``names`` is a regular expression that every file name must match as a whole. 1 MB is 10⁶ bytes."""

    max_megabytes: Rule[Size] | None = None
    total_megabytes: Rule[Size] | None = None
    names: Rule[Expression] | None = None


class Profile(Model):
    """The rules of one journal. ``checked``: the day when they were last looked at as a whole; None: never."""

    name: Name
    title: Text
    publisher: str = ""
    issn: Issn = ""
    checked: Day | None = None
    sources: dict[Code, Source] = Field(default_factory=dict)
    language: Rule[Language] | None = None
    blinding: Rule[Literal["none", "single", "double"]] | None = None
    manuscript: Manuscript = Manuscript()
    abstract: Abstract = Abstract()
    text: Body = Body()
    keywords: Rule[Limits] | None = None
    references: References = References()
    tables: Tables = Tables()
    figures: Figures = Figures()
    items: Items = Items()
    statements: tuple[Rule[Statement], ...] = ()
    files: Files = Files()
    checklists: tuple[Rule[Code], ...] = ()

    def rules(self) -> Iterator[tuple[tuple[str | int, ...], Rule[Any]]]:
        """Every rule that is given, with its place: keys, and positions (from 0) in lists; in the order of the schema."""
        return _rules(self, ())


def _rules(part: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Rule[Any]]]:
    if isinstance(part, Rule):
        yield place, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _rules(getattr(part, name, None), (*place, name))
    elif isinstance(part, tuple):
        for number, entry in enumerate(part):
            yield from _rules(entry, (*place, number))
