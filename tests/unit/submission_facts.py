"""A package that meets every rule that a profile can hold, as facts; tests break one thing at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from livingreview import protocol as protocols
from livingreview.protocol_model import Author, Protocol
from livingreview.submission.count_types import Abstract, Counts, Heading, Item, Line, Parts, Section
from livingreview.submission.docx_types import DocxMeasures, Role, Spacing
from livingreview.submission.docx_types import Image as DocxImage
from livingreview.submission.docx_types import Section as DocxSection
from livingreview.submission.docx_types import Table as DocxTable
from livingreview.submission.facts import Checklist, ChecklistItem, Conformance, Facts, File
from livingreview.submission.figure_content import Drawing
from livingreview.submission.figure_content import Font as DrawnFont
from livingreview.submission.figure_files import Made, MadeFigure
from livingreview.submission.figure_measure import FigureFile
from livingreview.submission.pdf_types import Font, LineNumbers, Page, PdfMeasures
from livingreview.submission.profile_model import STATEMENTS, Profile
from livingreview.submission.references import Entry, References
from livingreview.submission.statements import Statement

ROOT = Path(__file__).parents[2]

EVERY_RULE: dict[str, Any] = {
    "name": "every",
    "title": "Journal of Every Rule",
    "checked": "2026-11-22",
    "sources": {"guide": {"title": "Guide", "url": "https://example.org/guide", "seen": "2026-11-22"}},
    "language": {"value": "en", "source": "guide", "verified": True},
    "blinding": "double",
    "manuscript": {
        "formats": ["docx", "pdf", "tex"],
        "font_size": 12,
        "line_spacing": 2,
        "line_numbers": "continuous",
        "page_numbers": True,
        "footnotes": False,
        "heading_depth": 3,
        "title_page": "separate",
        "figures": "end",
        "tables": "placed",
        "latex": True,
        "jats": True,
        "without_statements": ["funding", "competing_interests"],
    },
    "abstract": {
        "words": {"value": {"min": 150, "max": 250}, "source": "guide", "verified": True, "note": "Headings count | all."},
        "structured": True,
        "headings": ["Background", "Results"],
        "citations": False,
    },
    "text": {"words": {"max": 3000}, "counts": {"abstract": True}},
    "keywords": {"min": 3, "max": 5},
    "references": {"max": 2, "style": "vancouver", "doi": "required"},
    "tables": {"max": 1, "editable": True},
    "figures": {
        "max": 1,
        "name": "Fig{n}",
        "formats": ["tiff", "pdf"],
        "width_mm": [84, 174],
        "width_range_mm": {"min": 80, "max": 180},
        "max_height_mm": 200,
        "dpi": {"line": 1200, "combination": 600, "halftone": 300, "max": 1200},
        "colour": "rgb",
        "compression": "lzw",
        "alpha": False,
        "fonts_embedded": True,
        "line_width_pt": 0.3,
        "font": ["Arial"],
        "font_pt": {"min": 8, "max": 12},
        "max_megabytes": 10,
    },
    "items": {
        "title": {"characters": {"max": 100}, "words": {"max": 15}},
        "running_title": {"characters": {"max": 60}},
        "highlights": {"bullets": {"min": 2, "max": 3}, "characters": {"max": 85}},
        "capsule_summary": {"words": {"max": 50}},
        "key_messages": {},
        "cover_letter": True,
        "title_page": True,
        "counts": True,
        "orcid": "all",
    },
    "statements": list(STATEMENTS),
    "files": {"max_megabytes": 1, "total_megabytes": 3, "names": r"[A-Za-z0-9.-]+"},
    "checklists": ["prisma_2020"],
}  # fmt: skip


def profile(**changes: Any) -> Profile:
    """The profile with every rule; whole parts are replaced by name."""
    return Profile.model_validate({**EVERY_RULE, **changes})


def protocol(**changes: Any) -> Protocol:
    """A protocol that says all that journals ask for."""
    person = Author(
        name="Ada Byron",
        given="Ada",
        family="Byron",
        orcid="0000-0002-1825-0097",
        email="ada@example.org",
        affiliations=["a"],
        corresponding=True,
    )
    said = {
        "authors": [person],
        "keywords": ["one", "two", "three"],
        "running_title": "Short",
        "highlights": ["First.", "Second."],
        "capsule_summary": ["Known.", "New."],
        "key_messages": ["What is known."],
        "registration": "PROSPERO CRD1",
        "csl": "vancouver",
    }
    return protocols.load(ROOT / "tests/review/review.yaml").model_copy(update=said | changes)


def line(text: str) -> Line:
    return Line(text, len(text.split()), len(text))


def counts(**changes: Any) -> Counts:
    found = Counts(
        rule="word",
        title=line("A living review of a treatment"),
        subtitle=None,
        running_title=None,
        front=10,
        abstract=Abstract(words=200, paragraphs=2, headings=("Background", "Results")),
        keywords=("one", "two", "three"),
        sections=(Section("introduction", "Introduction", Parts(prose=2700)),),
        headings=(Heading(1, "1", "Introduction"),),
        heading_depth=1,
        footnotes=0,
        tables=(Item("tbl-a", "Table 1", "Caption", 1, 20, 1),),
        figures=(Item("fig-a", "Figure 1", "Caption", 1, 0, 1),),
        equations=0,
        cited=("a", "b"),
        listed=("a", "b"),
        reference_words=40,
        unresolved=(),
    )
    return replace(found, **changes)


def role(name: str, spacing: float = 2.0, size: float = 12.0) -> Role:
    return Role(
        name, 3, 500, ((Spacing("multiple", spacing), 3),), (("Times", size, 500),), (("en", 500),), 0
    )


def docx(**changes: Any) -> DocxMeasures:
    found = DocxMeasures(
        bytes=1000,
        roles=(role("body"), role("abstract"), role("reference")),
        sections=(DocxSection(210, 297, 1, "continuous", 1, 1, True, None),),
        headings=((1, "Introduction"),),
        leads=("Ethics.",),
        footnotes=0,
        endnotes=0,
        tables=(DocxTable(3, 3, 1, 0, 0, 0),),
        images=(DocxImage("a.png", "PNG", "RGB", (100, 100), 84, 84, 300, "A figure", 100),),
        equations=0,
        comments=(),
        revisions=(),
        tracks_changes=False,
        hidden_characters=0,
        language="en-GB",
        embedded_fonts=(),
        headers=("1",),
        core={"title": "A living review"},
        app={},
        custom={},
        parts=("word/document.xml",),
        order="mahbcthbrrhfc",
    )
    return replace(found, **changes)


def page(number: int, first: int, **changes: Any) -> Page:
    numbers = LineNumbers(first, first + 9, 1, 10, "left")
    return replace(Page(number, str(number), 210, 297, 900, number, 10, 27.6, numbers, 0), **changes)


def pdf(**changes: Any) -> PdfMeasures:
    found = PdfMeasures(
        bytes=1000,
        version="1.7",
        encrypted=False,
        pages=(page(1, 1), page(2, 11)),
        fonts=(Font("Libertinus", "TrueType", True, True, True, 2),),
        text=(("Libertinus", 12.0, 900),),
        images=(),
        tagged=True,
        tags={"Figure": 1},
        figures_without_alt=0,
        language="en",
        title="A living review",
        shows_title=True,
        pdf_a="2b",
        pdf_ua="1",
        output_intents=(),
        information={},
        xmp={},
        outline=True,
        annotations={},
        attachments=(),
        scripts=False,
    )
    return replace(found, **changes)


DRAWING = Drawing(
    fonts=(DrawnFont("Arial-BoldMT", True),),
    smallest_font_pt=8.0,
    largest_font_pt=12.0,
    smallest_line_pt=0.3,
    hues="colour",
    spaces=("grey", "rgb"),
)


def tiff(**changes: Any) -> FigureFile:
    found = FigureFile(
        "Fig1.tif", "tiff", 500_000, "f" * 64, 84.0, 200.0, 1984, 4724, (600.0, 600.0), "rgb", 8, "lzw"
    )
    return replace(found, **changes)


def vector(**changes: Any) -> FigureFile:
    found = FigureFile("Fig1.pdf", "pdf", 20_000, "e" * 64, 84.0, 200.0, mode="grey+rgb", drawing=DRAWING)
    return replace(found, **changes)


def made(*files: FigureFile, **changes: Any) -> Made:
    drawing = next((f.drawing for f in files if f.drawing), None) if files else DRAWING
    figure = MadeFigure(1, "fig-a", "a.png", 84.0, "combination", drawing, files or (tiff(), vector()))
    return replace(Made((figure,), (), ()), **changes)


def file(name: str, part: str, size: int = 1000, audience: Any = "reviewers") -> File:
    return File(name, f"The {part}", part, audience, size, "a" * 64)


FILES = (
    file("Manuscript.docx", "manuscript"),
    file("Manuscript.pdf", "manuscript"),
    file("Manuscript.tex", "sources"),
    file("Manuscript.xml", "sources"),
    file("Fig1.tif", "figures", 500_000),
    file("Fig1.pdf", "figures", 20_000),
    file("TitlePage.docx", "front", audience="editor"),
    file("CoverLetter.docx", "front", audience="editor"),
)


def entry(key: str, **changes: Any) -> Entry:
    return replace(Entry(key, "article-journal", "Title", 2, "2020", f"10.1000/{key}", "1"), **changes)


def checklist(*items: ChecklistItem) -> Checklist:
    placed = ChecklistItem("1", "Title", (("Title", "Manuscript.pdf", 1, 1),))
    reasoned = ChecklistItem("24b", "Protocol", (), "There is none.")
    return Checklist("prisma_2020", "PRISMA 2020", items or (placed, reasoned))


def good(**changes: Any) -> Facts:
    """A package that meets every rule of the profile with every rule."""
    title_page = docx(headings=((1, "Authors"), (1, "Counts")), tables=(), images=(), order="mhbhb")
    found = Facts(
        profile=profile(),
        stage="initial",
        protocol=protocol(),
        files=FILES,
        counts=counts(),
        references=References((entry("a"), entry("b")), ()),
        docx={"Manuscript.docx": docx(), "TitlePage.docx": title_page},
        pdf={"Manuscript.pdf": pdf()},
        conformance={"Manuscript.pdf": Conformance(("2b", "ua-1"), "veraPDF", ())},
        figures=made(),
        statements=tuple(Statement(c, c.title(), "We state it.", "manuscript") for c in STATEMENTS),
        work=(),
        checklists=(checklist(),),
        leaks=(),
        jats=(),
        latex=(),
    )
    return replace(found, **changes)
