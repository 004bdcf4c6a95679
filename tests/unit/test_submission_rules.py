"""Every rule of a journal is checked, at its boundary on both sides, and nothing is checked that nobody asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import submission_facts as f
from submission_facts import ROOT, good

from livingreview.errors import Problem
from livingreview.submission import checks, profile
from livingreview.submission.check_types import Check
from livingreview.submission.count_types import Abstract, Parts, Section
from livingreview.submission.docx_types import Comment, Revision, Spacing
from livingreview.submission.docx_types import Section as DocxSection
from livingreview.submission.docx_types import Table as DocxTable
from livingreview.submission.facts import ChecklistItem, Conformance, Facts
from livingreview.submission.figure_content import Font as DrawnFont
from livingreview.submission.figure_content import Picture
from livingreview.submission.leaks import Leak
from livingreview.submission.pdf_types import Font
from livingreview.submission.profile_model import Profile
from livingreview.submission.references import References
from livingreview.submission.statements import Statement

ABSTRACT = Abstract(words=200, paragraphs=2, headings=("Background", "Results"))
JOURNALS = profile.names(ROOT, ROOT)


def outcomes(facts: Facts) -> dict[str, str]:
    return {c.code: c.outcome for c in checks.check(facts, ()).formatting}


def one(facts: Facts, code: str) -> Check:
    return next(c for c in checks.check(facts, ()).formatting if c.code == code)


def of(**changes: Any) -> Facts:
    """The package with other counts."""
    return good(counts=f.counts(**changes))


def word(**changes: Any) -> Facts:
    """The package with another Word file of the manuscript."""
    facts = good()
    return replace(facts, docx={**facts.docx, "Manuscript.docx": f.docx(**changes)})


def printed(**changes: Any) -> Facts:
    """The package with another PDF of the manuscript."""
    return good(pdf={"Manuscript.pdf": f.pdf(**changes)})


def drawn(**changes: Any) -> Facts:
    """The package with a figure that draws something else."""
    return good(figures=f.made(f.tiff(), f.vector(drawing=replace(f.DRAWING, **changes))))


def pixels(**changes: Any) -> Facts:
    return good(figures=f.made(f.tiff(**changes), f.vector()))


def without(part: str) -> Facts:
    return good(files=tuple(x for x in f.FILES if not x.name.startswith(part)))


def with_files(*files: Any) -> Facts:
    return good(files=(*f.FILES, *files))


def stated(code: str, **changes: Any) -> tuple[Statement, ...]:
    """All statements, one of them changed."""
    return tuple(replace(s, **changes) if s.code == code else s for s in good().statements)


def test_a_statement_that_the_journal_takes_elsewhere_need_not_be_printed() -> None:
    assert outcomes(good(statements=stated("funding", printed=False)))["statements/funding"] == "pass"


def test_a_good_package_meets_every_rule() -> None:
    found = outcomes(good())
    assert {c: o for c, o in found.items() if o != "pass"} == {"text.counts": "not applicable"}


# What breaks, and the codes that then do not pass: no other does.
BROKEN: dict[str, tuple[Callable[[], Facts], set[str]]] = {
    "abstract too long": (lambda: of(abstract=replace(ABSTRACT, words=251)), {"abstract.words"}),
    "abstract too short": (lambda: of(abstract=replace(ABSTRACT, words=149)), {"abstract.words"}),
    "no abstract": (lambda: of(abstract=None), {"abstract.words", "abstract.structured", "abstract.headings"}),
    "abstract not structured": (lambda: of(abstract=Abstract(words=200)), {"abstract.structured", "abstract.headings"}),
    "other order of headings": (lambda: of(abstract=Abstract(words=200, headings=("Results", "Background"))), {"abstract.headings"}),
    "abstract cites": (lambda: of(abstract=replace(ABSTRACT, citations=1)), {"abstract.citations"}),
    "text too long": (lambda: of(sections=(Section("a", "A", Parts(prose=2801)),)), {"text.words"}),
    "too few key words": (lambda: of(keywords=("one", "two")), {"keywords"}),
    "too many references": (lambda: of(listed=("a", "b", "c")), {"references.max"}),
    "other style": (lambda: good(style="apa"), {"references.style"}),
    "no DOI": (lambda: good(references=References((f.entry("a", doi=""),), ())), {"references.doi"}),
    "reference twice": (lambda: good(references=References((f.entry("a"), f.entry("b", doi="10.1000/a")), ())), {"house.references.unique"}),
    "reference not found": (lambda: good(references=References((f.entry("a"),), ("b",))), {"house.references.found"}),
    "title too long": (lambda: of(title=f.line("x" * 101)), {"items.title/characters"}),
    "title of many words": (lambda: of(title=f.line("a " * 16)), {"items.title/words"}),
    "running title too long": (lambda: good(protocol=f.protocol(running_title="x" * 61)), {"items.running_title/characters"}),
    "too many highlights": (lambda: good(protocol=f.protocol(highlights=["a"] * 4)), {"items.highlights"}),
    "a long highlight": (lambda: good(protocol=f.protocol(highlights=["a", "b" * 86])), {"items.highlights"}),
    "long capsule summary": (lambda: good(protocol=f.protocol(capsule_summary=["a " * 51])), {"items.capsule_summary"}),
    "no key messages": (lambda: good(protocol=f.protocol(key_messages=[])), {"items.key_messages"}),
    "other language": (lambda: word(language="de-AT"), {"language"}),
    "link to nowhere": (lambda: good(unresolved=("#fig-x",)), {"house.cross_references"}),
    "citation of nothing": (lambda: of(unresolved=("@key",)), {"house.cross_references"}),
    "small letters": (lambda: word(roles=(f.role("body", size=11),)), {"manuscript.font_size/Manuscript.docx"}),
    "small letters in the PDF": (lambda: printed(text=(("L", 11.0, 9),)), {"manuscript.font_size/Manuscript.pdf", "manuscript.line_spacing/Manuscript.pdf"}),
    "single spacing": (lambda: word(roles=(f.role("body"), f.role("abstract", 1))), {"manuscript.line_spacing/Manuscript.docx"}),
    "narrow lines in the PDF": (lambda: printed(pages=(f.page(1, 1, line_distance=20.7),)), {"manuscript.line_spacing/Manuscript.pdf"}),
    "numbers begin anew": (lambda: word(sections=(DocxSection(210, 297, 1, "each_page", 1, 1, True, None),)), {"manuscript.line_numbers/Manuscript.docx"}),
    "every fifth line": (lambda: word(sections=(DocxSection(210, 297, 1, "continuous", 5, 1, True, None),)), {"manuscript.line_numbers/Manuscript.docx"}),
    "numbers begin anew in the PDF": (lambda: printed(pages=(f.page(1, 1), f.page(2, 1))), {"manuscript.line_numbers/Manuscript.pdf"}),
    "a line without number": (lambda: printed(pages=(f.page(1, 1, unnumbered_lines=1),)), {"manuscript.line_numbers/Manuscript.pdf"}),
    "no page numbers": (lambda: word(sections=(DocxSection(210, 297, 1, "continuous", 1, 1, False, None),)), {"manuscript.page_numbers/Manuscript.docx"}),
    "a page without number": (lambda: printed(pages=(f.page(1, 1), f.page(2, 11, page_number=None))), {"manuscript.page_numbers/Manuscript.pdf"}),
    "a footnote": (lambda: word(footnotes=1), {"manuscript.footnotes/Manuscript.docx"}),
    "deep headings": (lambda: word(headings=((4, "Deep"),)), {"manuscript.heading_depth/Manuscript.docx"}),
    "title page inside": (lambda: word(headings=((1, "Authors"),)), {"manuscript.title_page/Manuscript.docx"}),
    "funding in the text": (lambda: word(leads=("Ethics.", "Financial support.")), {"manuscript.without_statements/Manuscript.docx"}),
    "competing interests as a section": (lambda: word(headings=((1, "Conflict of interest"),)), {"manuscript.without_statements/Manuscript.docx"}),
    "a statement that is not printed": (lambda: good(statements=stated("ethics", printed=False)), {"statements/ethics"}),
    "no title page": (lambda: without("TitlePage"), {"manuscript.title_page/Manuscript.docx", "items.title_page", "items.counts"}),
    "figures in the text": (lambda: word(order="mahbfcbcthbrr"), {"manuscript.figures/Manuscript.docx"}),
    "a figure is not there": (lambda: word(images=()), {"manuscript.figures/Manuscript.docx"}),
    "tables at the end": (lambda: word(order="mahbrrctfc"), {"manuscript.tables/Manuscript.docx"}),
    "tables are pictures": (lambda: word(tables=(), order="mahbhbrrhfc"), {"manuscript.tables/Manuscript.docx", "tables.editable"}),
    "pictures in a table": (lambda: word(tables=(DocxTable(3, 3, 1, 0, 0, 1),)), {"tables.editable"}),
    "too many tables": (lambda: of(tables=(*f.counts().tables, replace(f.counts().tables[0], pieces=0))), {"tables.max"}),
    "no Word file": (lambda: without("Manuscript.docx"), {"manuscript.formats/docx", "manuscript.footnotes", "manuscript.heading_depth", "manuscript.title_page", "manuscript.figures", "manuscript.tables", "manuscript.without_statements", "tables.editable"}),
    "LaTeX with problems": (lambda: good(latex=("no class",)), {"manuscript.latex", "house.latex"}),
    "JATS with problems": (lambda: good(jats=("not valid",)), {"manuscript.jats", "house.jats"}),
    "no LaTeX": (lambda: replace(without("Manuscript.tex"), latex=None), {"manuscript.formats/tex", "manuscript.latex", "house.latex"}),
    "other name of a figure": (lambda: pixels(name="Figure1.tif"), {"figures.name"}),
    "formats not taken": (lambda: good(figures=f.made(f.tiff(name="Fig1.png", format="png"))), {"figures.formats/Fig1", "figures.line_width_pt/Fig1", "figures.font/Fig1", "figures.font_pt/Fig1", "figures.compression", "figures.fonts_embedded"}),
    "between the widths": (lambda: good(profile=f.profile(figures={**f.EVERY_RULE["figures"], "width_range_mm": {"min": 80, "max": 83}})), {"figures.width_range_mm/Fig1.tif", "figures.width_range_mm/Fig1.pdf"}),
    "no width of the journal": (lambda: pixels(width_mm=79.0), {"figures.width_mm/Fig1.tif", "figures.width_range_mm/Fig1.tif"}),
    "too high": (lambda: pixels(height_mm=200.2), {"figures.max_height_mm/Fig1.tif"}),
    "too few dots": (lambda: pixels(dpi=(599.0, 600.0)), {"figures.dpi/Fig1.tif"}),
    "too many dots": (lambda: pixels(dpi=(1201.0, 1201.0)), {"figures.dpi/Fig1.tif"}),
    "no resolution": (lambda: pixels(dpi=None), {"figures.dpi/Fig1.tif"}),
    "poor picture inside": (lambda: drawn(pictures=(Picture(9, 9, 200.0),)), {"figures.dpi/Fig1.pdf"}),
    "four colours": (lambda: pixels(mode="cmyk"), {"figures.colour/Fig1.tif"}),
    "other compression": (lambda: pixels(compression="zip"), {"figures.compression/Fig1.tif"}),
    "transparent": (lambda: pixels(alpha=True), {"figures.alpha/Fig1.tif"}),
    "layers": (lambda: pixels(pages=2), {"figures.alpha/Fig1.tif"}),
    "font not inside": (lambda: drawn(fonts=(DrawnFont("Arial", False),)), {"figures.fonts_embedded/Fig1.pdf"}),
    "thin line": (lambda: drawn(smallest_line_pt=0.28), {"figures.line_width_pt/Fig1"}),
    "other font": (lambda: drawn(fonts=(DrawnFont("DejaVuSans", True),)), {"figures.font/Fig1"}),
    "tiny letters": (lambda: drawn(smallest_font_pt=7.9), {"figures.font_pt/Fig1"}),
    "huge letters": (lambda: drawn(largest_font_pt=12.1), {"figures.font_pt/Fig1"}),
    "heavy figure": (lambda: pixels(bytes=10_000_001), {"figures.max_megabytes/Fig1.tif"}),
    "figure not made": (lambda: good(figures=f.made(problems=(Problem("too small"),))), {"house.figures", "house.figures/1"}),
    "no letter": (lambda: without("CoverLetter"), {"items.cover_letter"}),
    "no ORCID": (lambda: good(protocol=f.protocol(authors=[f.protocol().authors[0].model_copy(update={"orcid": None})])), {"items.orcid"}),
    "no affiliation": (lambda: good(protocol=f.protocol(authors=[f.protocol().authors[0].model_copy(update={"affiliations": []})])), {"house.authors.affiliations"}),
    "nobody corresponds": (lambda: good(protocol=f.protocol(authors=[f.protocol().authors[0].model_copy(update={"corresponding": False})])), {"house.authors.corresponding"}),
    "no address": (lambda: good(protocol=f.protocol(authors=[f.protocol().authors[0].model_copy(update={"email": None})])), {"house.authors.corresponding"}),
    "a group only": (lambda: good(protocol=f.protocol(authors=[f.protocol().authors[0].model_copy(update={"given": None})])), {"house.authors.named"}),
    "no statement": (lambda: good(statements=tuple(replace(s, text="") if s.code == "ethics" else s for s in good().statements)), {"statements/ethics"}),
    "statement announced": (lambda: good(statements=tuple(replace(s, text="To be declared by the authors.") if s.code == "funding" else s for s in good().statements)), {"statements/funding"}),
    "statement unknown": (lambda: good(statements=tuple(s for s in good().statements if s.code != "guarantor")), {"statements/guarantor"}),
    "item open": (lambda: good(checklists=(f.checklist(ChecklistItem("2", "Abstract", ())),)), {"checklists/prisma_2020"}),
    "item without page": (lambda: good(checklists=(f.checklist(ChecklistItem("2", "Abstract", (("A", "B.pdf", None, None),))),)), {"checklists/prisma_2020"}),
    "no checklist": (lambda: good(checklists=()), {"checklists/prisma_2020"}),
    "heavy file": (lambda: with_files(f.file("S.pdf", "supplement", 1_000_001)), {"files.max_megabytes"}),
    "heavy package": (lambda: with_files(*(f.file(f"S{n}.pdf", "supplement", 1_000_000) for n in range(3))), {"files.total_megabytes"}),
    "name of a file": (lambda: with_files(f.file("S_1.pdf", "supplement")), {"files.names"}),
    "name not portable": (lambda: with_files(f.file("Zusätze.pdf", "supplement")), {"files.names", "house.file_names"}),
    "names that differ in case": (lambda: with_files(f.file("manuscript.PDF", "supplement")), {"house.file_names"}),
    "PDF not as claimed": (lambda: good(conformance={"Manuscript.pdf": Conformance(("2b",), "veraPDF", ("6.1.2",))}), {"house.pdf.conformance/Manuscript.pdf"}),
    "PDF claims nothing": (lambda: good(conformance={"Manuscript.pdf": Conformance((), "veraPDF", ())}), {"house.pdf.conformance/Manuscript.pdf"}),
    "nobody validated": (lambda: good(conformance={}), {"house.pdf.conformance/Manuscript.pdf"}),
    "not tagged": (lambda: printed(tagged=False), {"house.pdf.tagged/Manuscript.pdf"}),
    "no alternative text": (lambda: printed(figures_without_alt=1), {"house.pdf.tagged/Manuscript.pdf"}),
    "font not in the PDF": (lambda: printed(fonts=(Font("L", "TrueType", False, False, True, 1),)), {"house.pdf.fonts/Manuscript.pdf"}),
    "no title in the PDF": (lambda: printed(title=""), {"house.pdf.title/Manuscript.pdf"}),
    "locked": (lambda: printed(encrypted=True), {"house.pdf.plain/Manuscript.pdf"}),
    "tracked changes": (lambda: word(revisions=(Revision("ins", "A", 2),)), {"house.docx.traces/Manuscript.docx"}),
    "a comment": (lambda: word(comments=(Comment("A", "b"),)), {"house.docx.traces/Manuscript.docx"}),
    "hidden text": (lambda: word(hidden_characters=3), {"house.docx.traces/Manuscript.docx"}),
    "no title in the file": (lambda: word(core={}), {"house.docx.title/Manuscript.docx"}),
    "leaks": (lambda: good(leaks=(Leak("author", "Ada Byron", "Ada Byron", "Manuscript.docx", "text", "p. 1", "by Ada Byron"), Leak("orcid", "0000", "Ada Byron", "Fig1.pdf", "metadata", "", ""))), {"blinding/author", "blinding/orcid"}),
    "not searched": (lambda: good(leaks=None), {"blinding"}),
    "too many figures": (lambda: of(figures=(*f.counts().figures, replace(f.counts().figures[0], pieces=0))), {"figures.max", "house.figures"}),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_a_rule_breaks_that_rule_only(name: str) -> None:
    made, expected = BROKEN[name]
    facts = made()
    not_met = {c.code: c for c in checks.check(facts, ()).formatting if c.outcome not in ("pass",)}
    not_met.pop("text.counts", None)
    assert set(not_met) == expected
    assert all(c.note for c in not_met.values()), "what to do"


def test_each_rule_that_can_be_given_can_fail() -> None:
    """Nothing is vacuous: of each place of the profile some broken package fails a check."""
    failed = {
        c.code
        for made, _ in BROKEN.values()
        for c in checks.check(made(), ()).formatting
        if c.outcome == "fail"
    }
    never = [
        place
        for place, rule in f.profile().rules()
        if place not in (("text", "counts"),)
        and place[0] != "statements"
        and not any(checks.covers(code, place, rule.value) for code in failed)
    ]
    assert never == []


def test_every_key_of_the_schema_is_in_the_profile_with_every_rule() -> None:
    given = {place for place, _ in f.profile().rules()}
    for part in ("manuscript", "abstract", "text", "references", "tables", "figures", "items", "files"):
        names = type(getattr(f.profile(), part)).model_fields
        assert {(part, name) for name in names} - given <= {("manuscript", "archival")}


@pytest.mark.parametrize("journal", JOURNALS)
def test_every_rule_of_every_journal_has_a_check_and_nothing_else_has(journal: str) -> None:
    asked = profile.load(journal, ROOT, ROOT)
    found = checks.check(good(profile=asked), ()).formatting
    for place, rule in asked.rules():
        mine = [c for c in found if checks.covers(c.code, place, rule.value)]
        assert mine, f"no check of {place}"
        assert all(c.verified == rule.verified and c.remark == rule.note for c in mine)
        assert not any(c.measured == "not looked at" for c in mine)
    for check in found:
        covered = any(checks.covers(check.code, place, rule.value) for place, rule in asked.rules())
        assert covered or check.house, f"{check.code} is asked for by nobody"


def test_a_rule_that_is_not_given_is_not_checked() -> None:
    found = checks.check(good(profile=Profile(name="none", title="None"), leaks=None), ()).formatting
    assert found and all(c.house for c in found)


def test_a_rule_that_nobody_can_check_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_RULES", ())
    found = checks.check(good(), ()).formatting
    assert len(found) == len(list(good().profile.rules()))
    assert {c.outcome for c in found} == {"unverified"}


def test_bounds_are_included() -> None:
    for words in (150, 250):
        assert outcomes(of(abstract=replace(ABSTRACT, words=words)))["abstract.words"] == "pass"
    assert one(of(abstract=replace(ABSTRACT, words=262)), "abstract.words").note == "12 words too many"
    assert outcomes(pixels(height_mm=200.05))["figures.max_height_mm/Fig1.tif"] == "pass"


def test_words_are_counted_as_the_journal_counts() -> None:
    assert (
        one(good(), "text.words").measured == "2900 words (text with headings, abstract; without statements)"
    )
    plain = good(profile=f.profile(text={"words": {"max": 2700}}))
    assert one(plain, "text.words").measured == "2700 words (text with headings; without statements)"
    assert outcomes(plain)["text.words"] == "pass"
    no_limit = good(profile=f.profile(text={"words": {"max": None}}))
    assert (one(no_limit, "text.words").limit, one(no_limit, "text.words").outcome) == ("no limit", "pass")


def test_wanted_dois_are_for_people_to_look_up() -> None:
    asked = f.profile(references={"doi": "wanted"})
    lacking = References((f.entry("a", doi=""), f.entry("page", kind="webpage", doi="")), ())
    found = one(good(profile=asked, references=lacking), "references.doi")
    assert found.outcome == "unverified" and found.measured.endswith("without: a")
    unasked = good(profile=f.profile(references={}), references=lacking)
    assert one(unasked, "house.references.doi").outcome == "unverified"


def test_spelling_is_for_people_to_read() -> None:
    assert one(good(profile=f.profile(language="en-US")), "language").outcome == "unverified"
    assert one(good(profile=f.profile(language="any")), "language").outcome == "pass"


def test_grey_is_fine_where_colours_are_rgb_and_not_the_reverse() -> None:
    assert outcomes(pixels(mode="grey"))["figures.colour/Fig1.tif"] == "pass"
    grey = f.profile(figures={**f.EVERY_RULE["figures"], "colour": "grey"})
    assert outcomes(good(profile=grey))["figures.colour/Fig1.tif"] == "fail"


def test_a_format_that_is_not_made_is_told_once_where_it_is_the_first_choice() -> None:
    for formats, told in ((["eps", "tiff"], True), (["tiff", "eps"], False)):
        asked = f.profile(figures={**f.EVERY_RULE["figures"], "formats": formats})
        found = outcomes(good(profile=asked, figures=f.made(left_out=("eps",))))
        assert found["figures.formats/Fig1"] == "pass"
        assert (found.get("figures.formats/eps") == "unverified") is told


def test_the_end_is_behind_the_references_whatever_follows_there() -> None:
    manuscript = {**f.EVERY_RULE["manuscript"], "tables": "end", "figures": "left_out"}
    for order, outcome in (
        ("mahbhrrhctbhbb", "pass"),
        ("mahbcthrrhb", "fail"),
        ("mahbct", "pass"),
        ("mahctb", "fail"),
    ):
        facts = replace(word(images=(), order=order), profile=f.profile(manuscript=manuscript))
        assert outcomes(facts)["manuscript.tables/Manuscript.docx"] == outcome, order


def test_fixed_distances_of_lines_are_turned_into_lines() -> None:
    body = replace(f.role("body"), spacings=((Spacing("exact", 27.6), 3),))
    assert outcomes(word(roles=(body,)))["manuscript.line_spacing/Manuscript.docx"] == "pass"


def test_where_everybody_knows_everybody_nothing_is_hidden() -> None:
    found = one(good(profile=f.profile(blinding="single"), leaks=None), "blinding")
    assert found.outcome == "not applicable"


def test_the_copy_with_tracked_changes_may_have_them() -> None:
    facts = good()
    tracked = replace(
        facts,
        files=(*facts.files, f.file("Tracked.docx", "revision")),
        docx={**facts.docx, "Tracked.docx": f.docx(revisions=(Revision("ins", "A", 2),))},
    )
    assert "house.docx.traces/Tracked.docx" not in outcomes(tracked)
    assert outcomes(tracked)["house.docx.title/Tracked.docx"] == "pass"


def test_orcids_only_of_those_asked() -> None:
    person = f.protocol().authors[0]
    two = f.protocol(authors=[person, person.model_copy(update={"orcid": None, "corresponding": False})])
    items = f.EVERY_RULE["items"]
    for who, outcome in (("all", "fail"), ("corresponding", "pass"), ("none", "not applicable")):
        asked = f.profile(items={**items, "orcid": who})
        assert outcomes(good(profile=asked, protocol=two))["items.orcid"] == outcome


def test_the_relation_to_a_continued_review_needs_one() -> None:
    alone = good(protocol=f.protocol(previous_version=None))
    assert outcomes(alone)["statements/relation_to_continued_review"] == "not applicable"


def test_figures_left_out_and_tables_apart() -> None:
    manuscript = {**f.EVERY_RULE["manuscript"], "figures": "left_out", "tables": "separate"}
    asked = f.profile(manuscript=manuscript)
    apart = replace(
        word(images=(), tables=(), order="mahbhbrrhc"),
        profile=asked,
        files=(*f.FILES, f.file("Table1.docx", "tables")),
    )
    apart = replace(apart, docx={**apart.docx, "Table1.docx": f.docx(images=(), order="ct")})
    found = outcomes(apart)
    codes = ("manuscript.figures/Manuscript.docx", "manuscript.tables/Manuscript.docx", "tables.editable")
    assert {found[code] for code in codes} == {"pass"}
    assert {outcomes(good(profile=asked))[code] for code in codes[:2]} == {"fail"}


def test_all_wrong_at_once_gives_one_line_each() -> None:
    person = f.protocol().authors[0].model_copy(update={"orcid": None})
    facts = good(
        counts=f.counts(abstract=replace(ABSTRACT, words=300)),
        protocol=f.protocol(authors=[person]),
        statements=tuple(replace(s, text="") if s.code == "ethics" else s for s in good().statements),
        figures=f.made(f.tiff(dpi=(300.0, 300.0)), f.vector()),
    )
    lines = checks.verdict(checks.check(facts, ()))
    assert lines[0] == "Formatting, not met (4):"
    assert [line.split(":")[0].strip() for line in lines[1:-1]] == [
        "abstract.words",
        "figures.dpi/Fig1.tif",
        "items.orcid",
        "statements/ethics",
    ]
    assert lines[1] == (
        "  abstract.words: Length of the abstract: 300 words (asked for: 150 to 250 words). 50 words too many"
    )
    assert "…" not in "".join(lines) and lines[-1].startswith("Formatting: ")


def test_statements_without_words_are_missing() -> None:
    empty = Statement("funding", "Funding", "", "")
    assert one(good(statements=(empty,)), "statements/funding").measured == "missing"


def test_items_are_named_in_the_order_of_their_numbers() -> None:
    def tables(*first: int | None) -> Facts:
        items = tuple(
            replace(good().counts.tables[0], label=f"Table {n}", mentions=int(at is not None), first=at)
            for n, at in enumerate(first, start=1)
        )
        return good(counts=f.counts(tables=items))

    assert one(tables(0, 2, 5), "house.cross_references.tables").outcome == "pass"
    late = one(tables(0, 7, 5), "house.cross_references.tables")
    assert (late.outcome, late.measured) == ("fail", "named before the one in front of it: Table 3")
    assert one(tables(0, None), "house.cross_references.tables").measured == "never named: Table 2"


def test_a_repository_has_an_address() -> None:
    def stated(text: str) -> str:
        return one(good(statements=(Statement("data_availability", "Data", text, "x"),)), code).outcome

    code = "statements/data_availability"
    profile = good().profile
    if not any(rule.value == "data_availability" for rule in profile.statements):
        raise AssertionError("the journal of every rule asks for it")
    assert stated("All data are in one repository.") == "fail"
    assert stated("All data are in a repository: https://example.org/x") == "pass"
    assert stated("All data are in the supplement.") == "pass"
    assert stated("No data were declared for this draft.") == "fail"


def test_statements_behind_the_text_are_not_words_of_it() -> None:
    from livingreview.submission.count_types import Heading, Parts, Section

    found = f.counts(
        headings=(Heading(1, "1", "Methods"), Heading(2, "1.1", "Search"), Heading(1, "", "Statements")),
        sections=(Section("m", "Methods", Parts(prose=100)), Section("s", "Statements", Parts(prose=30))),
    )
    assert found.declarations == ("Statements",) and found.text_words() == 100
    bare = replace(found, headings=tuple(replace(h, number="") for h in found.headings))
    assert bare.declarations == () and bare.text_words() == 130


def test_a_placeholder_is_no_author_and_no_statement() -> None:
    person = f.protocol().authors[0].model_copy(update={"given": "PLACEHOLDER"})
    assert one(good(protocol=f.protocol(authors=[person])), "house.authors.named").outcome == "fail"
    said = tuple(replace(s, text="PLACEHOLDER statement") for s in good().statements)
    outcomes_now = outcomes(good(statements=said))
    assert {v for k, v in outcomes_now.items() if k.startswith("statements/")} <= {"fail", "not applicable"}


def test_notes_are_told_with_the_verdict_and_kept() -> None:
    result = checks.check(good(notes=("figures: figures are not made as SVG",)), ())
    assert "  figures: figures are not made as SVG" in checks.verdict(result)
    assert checks.read(result.to_json()) == result


def test_the_leaks_that_are_listed_add_up_to_those_counted() -> None:
    page, figure = (
        Leak("author name", "Byron", "Ada Byron", name, "body text", where, "by Byron", times)
        for name, where, times in (("Manuscript.docx", "page 1", 4), ("Fig1.pdf", "", 1))
    )
    check = one(good(leaks=(page, figure)), "blinding/author name")
    assert check.measured == "5 leaks of the kind author name"
    assert (
        check.note == "“Byron” in Manuscript.docx, body text page 1 (4 times); “Byron” in Fig1.pdf, body text"
    )


@pytest.mark.parametrize(
    ("names", "said", "unsaid"),
    [
        ("[A-Z].*[^g]", "", ""),  # all of them match
        (
            r"(?!Fig).*",
            "otherwise: Fig1.pdf, Fig1.tif; choose other names of figures (`figures.name`)",
            "by hand",
        ),
        (
            r"Fig.*",
            "; only names of figures can be chosen (`figures.name`): rename others by hand",
            "choose other",
        ),
        (
            r"Manuscript.*",
            "only these can be chosen: rename others by hand when uploading, or widen",
            "as they are",
        ),
    ],
)
def test_what_can_be_done_about_names_of_files_is_told(names: str, said: str, unsaid: str) -> None:
    found = one(good(profile=f.profile(files={"names": names})), "files.names")
    assert found.outcome == ("fail" if said else "pass")
    assert said in found.note and not (said and unsaid in found.note)
