"""Reporting checklists of a submission: pages and lines are those that its own files print."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import submission_source
import yaml
from publish_review import ROOT, text_of
from pypdf import PdfReader

from livingreview.errors import ReviewError
from livingreview.reporting.places import squeezed
from livingreview.submission import checklist_files, checklist_places, documents, pdf_tags, pdf_text
from livingreview.submission.checklist_places import Printed, Spot
from livingreview.submission.documents import Source
from livingreview.submission.facts import Checklist
from livingreview.submission.figure_files import Made, MadeFigure
from livingreview.submission.figure_measure import FigureFile
from livingreview.submission.layout import Layout

# Enough words to turn pages, with the headings that a reader could take for others.
WORDS = "\n\n".join(["Words that fill the page, one after another, until it turns. " * 9] * 5)
TEXT = (
    submission_source.TEXT.replace("{#intro}", "{#item-sec-intro}")
    .replace("#statements}", "#item-sec-statements}")
    .replace("# Discussion\n", f"# [2]{{.heading-number}} Discussion {{#item-sec-discussion}}\n\n{WORDS}\n")
    .replace(
        "# References",
        f"# [3]{{.heading-number}} Introduction $x$ {{#item-sec-again}}\n\n{WORDS}\n\n# References",
    )
)
MORE = "# [S1]{.heading-number} More {#item-sec-s-more}\n\nWords.\n"
SOURCE = """# Introduction {#sec-intro}

| a | b |
|---|---|
| 1 | 2 |

: A caption of the table. {#tbl-x}

![A caption of the figure.](_built/figures/x.png){#fig-x}

# Statements {#sec-statements}

# Discussion {#sec-discussion}

# Introduction again {#sec-again}
"""
LIST = """name: "Short list"
title: "A short list"
doi: 10.1/x
items:
  - {item: "1", section: Front, topic: "Front", asks: "What it is"}
  - {item: "2", section: Methods, topic: "Methods", asks: "How it was done"}
  - {item: "3a", section: Results, topic: "Findings", asks: "What was found"}
  - {item: "3b", section: Results, topic: "Harms", asks: "What harm was done"}
  - {item: "4", section: Other, topic: "Funding", asks: "Who paid"}
"""
# A heading in a box is one too.
_LAST = "# [3]{.heading-number} Introduction $x$ {#item-sec-again}"
TEXT = TEXT.replace(_LAST, f"::: {{#box}}\n{_LAST}\n\nIn the box.\n:::")
BOUND = """short:
  "1": [title, abstract]
  "2": [sec-intro, sec-s-more]
  "3a": {place: [tbl-x, fig-x, sec-discussion, sec-again], note: "All of them"}
  "3b": {not_done: "Harms were not looked for at all"}
  "4": sec-statements
"""
FILES = {"fig-x": "Fig1.tif", "tbl-x": "Table1.docx"}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Source:
    folder = tmp_path_factory.mktemp("review")
    found = submission_source.source(folder, TEXT)
    entries = [
        {"name": name, "source": f"manuscript/{name}.qmd", "label_prefix": prefix}
        for name, prefix in (("manuscript", ""), ("supplement", "S"))
    ]
    (folder / "review.yaml").write_text(yaml.safe_dump({"documents": entries}), encoding="utf-8")
    (folder / "manuscript/manuscript.qmd").write_text(SOURCE, encoding="utf-8")
    (folder / "manuscript/supplement.qmd").write_text("# More {#sec-s-more}\n", encoding="utf-8")
    (folder / "manuscript/reporting").mkdir()
    (folder / "manuscript/reporting/short.yaml").write_text(LIST, encoding="utf-8")
    (folder / "manuscript/reporting.yaml").write_text(BOUND, encoding="utf-8")
    return found


def made(given: Source, layout: Layout, folder: Path) -> dict[str, Printed]:
    """Manuscript and supplement of a submission, without names of further files."""
    more = replace(given, tree=submission_source.tree(MORE))
    plain = replace(layout.plain(), blinded=layout.blinded)
    return {
        name: Printed(
            source, style, documents.manuscript(source, style, folder / title, formats=("pdf",)).files[0]
        )
        for name, source, style, title in (
            ("manuscript", given, layout, "Manuscript"),
            ("supplement", more, plain, "Supplement"),
        )
    }


@pytest.fixture(scope="module")
def usual(given: Source, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    return made(given, Layout(), tmp_path_factory.mktemp("usual"))


def filled(given: Source, printed: dict[str, Printed]) -> Checklist:
    # the repository's own lists are left out: the folder stands for it as well
    review = given.project.review
    return checklist_files.checklists(["short"], review, review, printed)[0]


def seen(path: Path, words: str) -> tuple[int, int | None]:
    """Page and line of the one line that begins with ``words``, read from where letters stand; tags have no part in it."""
    found = []
    for number, page in enumerate(PdfReader(path).pages, 1):
        pieces = pdf_text.read(page)[0]
        for y in {round(p.y, 1) for p in pieces}:
            line = sorted((p for p in pieces if abs(p.y - y) < 1), key=lambda p: p.x)
            margin = [p for p in line if p.end < 70 and p.text.strip().isdigit()]
            text = "".join(p.text for p in line if p not in margin)
            if squeezed(text).startswith(squeezed(words)):
                found.append((number, int(margin[0].text) if margin else None))
    assert len(set(found)) == 1, (words, found)
    return found[0]


def test_pages_and_lines_are_those_printed(given: Source, usual: dict[str, Printed]) -> None:
    first, methods, findings, harms, funding = filled(given, usual).items
    pdf = usual["manuscript"].pdf

    def at(words: str, text: str) -> tuple[str, str, int, int | None]:
        return (words, "Manuscript.pdf", *seen(pdf, text))

    assert first.places == (at("Title", "A title"), at("Abstract", "Abstract"))
    assert first.places[0][2:] == (1, 1)
    assert methods.places == (
        at("Section\u00a01, Introduction", "1 Introduction"),
        ("Section\u00a0S1, More", "Supplement.pdf", 1, None),
    )
    assert findings.places == (
        at("Table\u00a01", "Table 1. A caption"),
        at("Figure\u00a01", "Figure 1. A caption"),
        at("Section\u00a02, Discussion", "2 Discussion"),
        at("Section\u00a03, Introduction x", "3 Introduction"),
    )
    assert findings.note == "All of them"
    pages = [place[2] for place in findings.places]
    assert pages[-1] is not None and pages[0] is not None and pages[-1] > pages[0] + 1
    assert not harms.places and harms.reason == "Not done: Harms were not looked for at all"
    assert funding.places == (at("Statements", "Statements"),)


def test_a_first_title_page_moves_everything(
    given: Source, usual: dict[str, Printed], tmp_path: Path
) -> None:
    printed = made(given, Layout(title_page="first", line_numbers=False), tmp_path)
    found = filled(given, printed)
    assert found.items[0].places[1] == ("Abstract", "Manuscript.pdf", 2, None)
    assert all(line is None for item in found.items for *_, line in item.places)


def test_figures_and_tables_at_the_end_and_apart(given: Source, tmp_path: Path) -> None:
    printed = made(given, Layout(figures="end", tables="end"), tmp_path / "end")
    table, figure, *_ = filled(given, printed).items[2].places
    assert table == ("Table\u00a01", "Manuscript.pdf", *seen(printed["manuscript"].pdf, "Table 1. A caption"))
    assert figure[2] == len(PdfReader(printed["manuscript"].pdf).pages) and figure[2] == (table[2] or 0) + 1

    printed = made(given, Layout(figures="left_out", tables="separate"), tmp_path / "apart")
    pdf = printed["manuscript"].pdf
    with pytest.raises(ReviewError) as caught:
        filled(given, printed)
    assert [(p.file, p.value) for p in caught.value.problems] == [
        ("Manuscript.pdf", "tbl-x"),
        ("Manuscript.pdf", "fig-x"),
    ]
    printed["manuscript"] = replace(printed["manuscript"], apart=FILES)
    assert filled(given, printed).items[2].places[:4] == (
        ("Table\u00a01, caption", "Manuscript.pdf", *seen(pdf, "Table 1. A caption")),
        ("Table\u00a01", "Table1.docx", None, None),
        ("Figure\u00a01, caption", "Manuscript.pdf", *seen(pdf, "Figure 1. A caption")),
        ("Figure\u00a01", "Fig1.tif", None, None),
    )


def test_what_blinding_took_out_is_in_another_file(given: Source, tmp_path: Path) -> None:
    printed = made(given, Layout(blinded=True), tmp_path)
    with pytest.raises(ReviewError) as caught:
        filled(given, printed)
    assert [p.value for p in caught.value.problems] == ["abstract", "sec-statements"]
    removed = {"abstract": "TitlePage.pdf", "*": "Statements.pdf"}
    printed["manuscript"] = replace(printed["manuscript"], removed=removed)
    found = filled(given, printed)
    pdf = printed["manuscript"].pdf
    assert found.items[0].places[1:] == (("Abstract\u00a0†", "Manuscript.pdf", *seen(pdf, "Abstract")),)
    assert found.taken == ("Abstract: Funding and registration (TitlePage.pdf)",)
    # every statement went, and the section with them
    assert found.items[4].places == (("Statements", "Statements.pdf", None, None),)


def test_what_a_journal_takes_apart_is_in_another_file(given: Source, tmp_path: Path) -> None:
    one = made(given, Layout(without=("funding",)), tmp_path)["manuscript"]
    one = replace(one, removed={"*": "Statements.pdf"})
    assert one.spots("sec-statements") == (
        Spot(
            "Statements\u00a0†", "Manuscript.pdf", *seen(one.pdf, "Statements"), "Statements: Funding (Statements.pdf)"
        ),
    )  # fmt: skip
    whole = made(given, Layout(without=("funding", "contributions")), tmp_path)["manuscript"]
    whole = replace(whole, removed={"*": "Statements.pdf"})
    assert whole.spots("sec-statements") == (Spot("Statements", "Statements.pdf", None, None),)
    assert [s.file for s in whole.spots("sec-intro")] == ["Manuscript.pdf"]


def test_all_that_is_not_found_is_told_at_once(given: Source, usual: dict[str, Printed]) -> None:
    wanted = [
        ("manuscript", "sec-none"),
        ("manuscript", "title"),
        ("manuscript", "fig-none"),
        ("letter", "sec-x"),
    ]
    with pytest.raises(ReviewError) as caught:
        checklist_places.places(usual, wanted)
    assert [p.value for p in caught.value.problems] == ["sec-none", "fig-none", "letter/sec-x"]
    assert checklist_places.places(usual, wanted[1:2]) == {
        wanted[1]: (Spot("Title", "Manuscript.pdf", 1, 1),)
    }
    with pytest.raises(ReviewError, match="sec-s-more"):
        filled(given, {"manuscript": usual["manuscript"]})


def test_what_stands_twice_or_was_changed_is_not_guessed(given: Source, usual: dict[str, Printed]) -> None:
    printed = usual["manuscript"]

    def other(old: str, new: str) -> Printed:
        assert old in TEXT
        return replace(printed, source=replace(given, tree=submission_source.tree(TEXT.replace(old, new))))

    assert printed.spots("sec-discussion") and printed.spots("fig-x")
    assert other("} Discussion {", "} Another {").spots("sec-discussion") == ()
    assert other("A caption of the figure", "Another caption").spots("fig-x") == ()
    # without its destination a heading is found by its words, if these are there once
    tags = replace(printed.tags, destinations={})
    for label, found in (("sec-discussion", 1), ("sec-statements", 1)):
        copy = replace(printed)
        copy.__dict__["tags"] = tags
        assert len(copy.spots(label)) == found
    twice = replace(
        tags, elements=tuple(replace(e, page=e.page % 2 + 1) for e in tags.elements) + tags.elements
    )
    copy = replace(printed)
    copy.__dict__["tags"] = twice
    assert copy.spots("sec-discussion") == () and copy.spots("title") == ()


def test_tags_are_needed(tmp_path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(tmp_path / "bare.pdf")
    with pytest.raises(ReviewError, match="no tags"):
        pdf_tags.read(tmp_path / "bare.pdf")
    (tmp_path / "none.pdf").write_bytes(b"no PDF")
    with pytest.raises(ReviewError, match="not a PDF"):
        pdf_tags.read(tmp_path / "none.pdf")


def test_files_apart_by_label(given: Source) -> None:
    entry = FigureFile.__new__(FigureFile)
    object.__setattr__(entry, "name", "Fig1.tif")
    figure = MadeFigure(1, "fig-x", "x.pdf", 84.0, "line", None, (entry,))
    found = checklist_places.apart(
        given.tree, Made((figure,), (), ()), ["Table1.pdf", "Table1.docx", "Table10.docx"]
    )
    assert found == FILES
    assert checklist_places.apart(given.tree) == {}


def test_the_checklist_as_files(given: Source, usual: dict[str, Printed], tmp_path: Path) -> None:
    checklist = filled(given, usual)
    layout = Layout(blinded=True)
    named = replace(
        given, tree={**given.tree, "meta": submission_source.tree()["meta"] | _title("By Ada Example")}
    )
    written = checklist_files.checklist_file(named, checklist, layout, tmp_path / "List")
    assert [p.name for p in written.files] == ["List.pdf", "List.docx"] and written.warnings == ()
    place = checklist.items[2].places[2]
    for path in written.files:
        text = text_of(path)
        for words in (
            "Short list checklist", "A short list.", "https://doi.org/10.1/x", "By [removed for blinded review]",
            f"Manuscript.pdf, p.\u00a0{place[2]}, line\u00a0{place[3]}: Section\u00a02, Discussion",
            "Supplement.pdf, p.\u00a01: Section\u00a0S1, More", "All of them",
            "Not done: Harms were not looked for at all", "What harm was done",
        ):  # fmt: skip
            assert squeezed(words) in squeezed(text), (path.name, words)
        assert "Ada" not in text
    document = zipfile.ZipFile(written.files[1]).read("word/document.xml").decode()
    assert document.count("<w:tblHeader") == 1
    assert "Ada" not in str(PdfReader(written.files[0]).metadata)
    again = checklist_files.checklist_file(named, checklist, layout, tmp_path / "again/List")
    assert [p.read_bytes() for p in again.files] == [p.read_bytes() for p in written.files]


def test_a_checklist_says_what_was_taken_out(
    given: Source, usual: dict[str, Printed], tmp_path: Path
) -> None:
    checklist = replace(filled(given, usual), taken=("Abstract: Funding (Statements.pdf)",))
    for blinded, why in ((True, "taken out for blinding"), (False, "kept out at the journal’s wish")):
        layout = Layout(blinded=blinded)
        (made,) = checklist_files.checklist_file(given, checklist, layout, tmp_path / "List", ("pdf",)).files
        told = f"† Without what is {why}, which only the editor gets: of Abstract: Funding (Statements.pdf)."
        assert squeezed(told) in squeezed(text_of(made)) and "†" in text_of(made)


def test_a_checklist_that_is_not_used_or_unknown(
    given: Source, usual: dict[str, Printed], tmp_path: Path
) -> None:
    review = tmp_path
    (review / "manuscript/reporting").mkdir(parents=True)
    (review / "manuscript/reporting/short.yaml").write_text(LIST, encoding="utf-8")
    (review / "review.yaml").write_text("documents: []\n", encoding="utf-8")
    silent = checklist_files.checklists(["short"], review, review, usual)[0]
    assert all(not item.places and not item.reason for item in silent.items)
    written = checklist_files.checklist_file(given, silent, Layout(), tmp_path / "List", formats=("pdf",))
    assert text_of(written.files[0]).count("Not answered") == 5
    (review / "manuscript/reporting.yaml").write_text(
        'not_used: {short: "It suits no review"}\n', encoding="utf-8"
    )
    unused = checklist_files.checklists(["short", "short"], review, review, usual)
    assert len(unused) == 1 and {item.reason for item in unused[0].items} == {"It suits no review"}
    with pytest.raises(ReviewError, match="did you mean `short`"):
        checklist_files.checklists(["shrt"], review, review, usual)
    with pytest.raises(ReviewError, match="no such checklist"):
        checklist_files.checklist_file(given, replace(silent, code="shrt"), Layout(), tmp_path / "x")


def _title(words: str) -> dict[str, object]:
    from livingreview.publish.snapshot import inlines

    return {"title": {"t": "MetaInlines", "c": inlines(words)}}


def test_the_lists_that_journals_ask_for_are_there() -> None:
    from livingreview.reporting import lists

    asked = {
        code["value"] if isinstance(code, dict) else code
        for path in (ROOT / "manuscript/journals").glob("*.yaml")
        for code in yaml.safe_load(path.read_text(encoding="utf-8")).get("checklists") or ()
    }
    assert asked and asked <= set(lists.load(ROOT, ROOT))
