"""Rules on how the manuscript looks, measured in its Word file and its PDF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, TypeVar

from livingreview.protocol_submission import STATEMENTS
from livingreview.submission import statements
from livingreview.submission.check_types import Check, Judge, Outcome, bounds, counted, listed, off, within
from livingreview.submission.docx_types import DocxMeasures, Role, Spacing
from livingreview.submission.facts import Facts
from livingreview.submission.layout import SINGLE
from livingreview.submission.pdf_types import PdfMeasures
from livingreview.submission.profile_model import Rule

T = TypeVar("T")
_SIZE_SLACK = 0.1
_SPACING_SLACK = 0.05
_SPACED = ("body", "abstract", "reference")
"""Roles of paragraphs whose lines have the spacing of the text."""

Found = tuple[str, bool | Outcome, str]
"""What was measured in one file, whether that meets the rule, and what to say where it does not."""


def check(facts: Facts) -> tuple[Check, ...]:
    """The checks of formats, letters, lines, pages, headings, and of where figures and tables stand."""
    judge, asked = Judge(facts.profile), facts.profile.manuscript
    return (
        *_formats(facts, judge),
        *_each(facts, judge, asked.font_size, "font_size", "Size of letters", "{:g} pt", _docx_size, _pdf_size),
        *_each(facts, judge, asked.line_spacing, "line_spacing", "Spacing of lines", "{:g}", _docx_spacing, _pdf_spacing),
        *_each(facts, judge, asked.line_numbers, "line_numbers", "Line numbers", "{}", _docx_lines, _pdf_lines),
        *_each(facts, judge, asked.page_numbers, "page_numbers", "Page numbers", _yes, _docx_pages, _pdf_pages),
        *_each(facts, judge, asked.footnotes, "footnotes", "Footnotes", _allowed, _docx_notes, None),
        *_each(facts, judge, asked.heading_depth, "heading_depth", "Levels of headings", "at most {}", _docx_depth, None),
        *_each(facts, judge, asked.title_page, "title_page", "Where the title page is", "{}", _title_page(facts), None),
        *_each(facts, judge, asked.figures, "figures", "Where figures stand", "{}", _figures(facts), None),
        *_each(facts, judge, asked.tables, "tables", "Where tables stand", "{}", _tables(facts), None),
        *_each(facts, judge, asked.without_statements, "without_statements", "Statements that stand elsewhere", _titles, _stated, None),
        *_archival(facts, judge),
        *_sources(facts, judge),
        *_numbers(facts, judge),
    )  # fmt: skip


def manuscript(facts: Facts, ending: str) -> list[str]:
    """Names of the files of the manuscript with an ending (``.docx``), sorted."""
    return sorted(f.name for f in facts.files if f.part == "manuscript" and f.name.endswith(ending))


def _formats(facts: Facts, judge: Judge) -> Iterator[Check]:
    rule = facts.profile.manuscript.formats
    for kind in rule.value if rule is not None else ():
        found = (
            sorted(f.name for f in facts.files if f.name.endswith(".tex"))
            if kind == "tex"
            else manuscript(facts, f".{kind}")
        )
        assert rule is not None
        yield judge.check(
            rule,
            f"manuscript.formats/{kind}",
            f"Manuscript as {kind.upper()}",
            "in the package",
            listed(found, "not there"),
            bool(found),
            note="build the package again",
        )


def _each(
    facts: Facts,
    judge: Judge,
    rule: Rule[T] | None,
    name: str,
    title: str,
    limit: str | Callable[[T], str],
    docx: Callable[[DocxMeasures, T], Found],
    pdf: Callable[[PdfMeasures, T], Found] | None,
) -> Iterator[Check]:
    """One check for each file of the manuscript in which a rule can be measured; without any, one that fails."""
    if rule is None:
        return
    said = limit(rule.value) if callable(limit) else limit.format(_word(rule.value))
    code = f"manuscript.{name}"
    found: list[tuple[str, Found]] = [
        (file, docx(facts.docx[file], rule.value))
        for file in manuscript(facts, ".docx")
        if file in facts.docx
    ]
    if pdf is not None:
        found += [(f, pdf(facts.pdf[f], rule.value)) for f in manuscript(facts, ".pdf") if f in facts.pdf]
    for file, (measured, met, note) in found:
        yield judge.check(rule, f"{code}/{file}", title, said, measured, met, note=note, where=file)
    if not found:
        yield judge.check(rule, code, title, said, "no manuscript", False, note="there is no file to measure")


def _word(value: Any) -> Any:
    return value.replace("_", " ") if isinstance(value, str) else value


def _yes(value: bool) -> str:
    return "on every page" if value else "none"


def _allowed(value: bool) -> str:
    return "allowed" if value else "none"


def _docx_size(m: DocxMeasures, wanted: float) -> Found:
    sizes = Counter[float]()
    for role in _roles(m):
        for _, size, number in role.fonts:
            sizes[size] += number
    common = max(sizes, key=lambda s: (sizes[s], s), default=None)
    if common is None:
        return "no text", False, "there is no text to measure"
    share = sizes[common] / sum(sizes.values())
    note = "the text has letters of another size"
    return (
        f"{common:g} pt ({share:.0%} of the letters of text, abstract and references)",
        abs(common - wanted) <= _SIZE_SLACK,
        note,
    )


def _pdf_size(m: PdfMeasures, wanted: float) -> Found:
    if m.body is None:
        return "no text", False, "there is no text to measure"
    return f"{m.body[1]:g} pt", abs(m.body[1] - wanted) <= _SIZE_SLACK, "the text has letters of another size"


def _roles(m: DocxMeasures) -> list[Role]:
    return [role for name in _SPACED if (role := m.role(name)) is not None]


def _docx_spacing(m: DocxMeasures, wanted: float) -> Found:
    found: list[tuple[float, int]] = []
    for role in _roles(m):
        size = role.fonts[0][1] if role.fonts else 12.0
        found += [(_lines(spacing, size), number) for spacing, number in role.spacings]
    if not found:
        return "no text", False, "there is no text to measure"
    values = sorted({round(v, 2) for v, _ in found})
    wrong = sum(number for value, number in found if abs(value - wanted) > _SPACING_SLACK)
    return (
        f"{listed(f'{v:g}' for v in values)} (text, abstract, references)",
        not wrong,
        f"{counted(wrong, 'paragraph')} with another spacing",
    )


def _lines(spacing: Spacing, size: float) -> float:
    return spacing.value if spacing.rule == "multiple" else spacing.value / (size * SINGLE)


def _pdf_spacing(m: PdfMeasures, wanted: float) -> Found:
    if m.body is None or m.line_distance is None:
        return "no lines", False, "there are no lines to measure"
    value = m.line_distance / (m.body[1] * SINGLE)
    shown = f"{value:.2f} ({m.line_distance:g} pt from line to line)"
    return shown, abs(value - wanted) <= _SPACING_SLACK, "the lines stand at another distance"


def _docx_lines(m: DocxMeasures, wanted: str) -> Found:
    steps = sorted({s.every for s in m.sections if s.every})
    shown = _word(m.line_numbers) + (f", every {listed(steps)} lines" if steps and steps != [1] else "")
    met = m.line_numbers == wanted and (wanted == "none" or steps == [1])
    left_out = sum(r.suppressed_line_numbers for r in _roles(m))
    if wanted == "continuous" and left_out:
        return f"{shown}; {counted(left_out, 'paragraph')} without", False, "number every line of the text"
    return shown, met, f"numbers must be {wanted}"


def _pdf_lines(m: PdfMeasures, wanted: str) -> Found:
    without = sum(page.unnumbered_lines for page in m.pages)
    if wanted == "none":
        return _word(m.line_numbering), m.line_numbering == "none", "take the line numbers out"
    shown = f"{_word(m.line_numbering)}; {counted(without, 'line')} of the text without a number"
    return shown, m.line_numbering == wanted and not without, f"every line needs a number, {wanted}"


def _docx_pages(m: DocxMeasures, wanted: bool) -> Found:
    having = sum(s.page_number for s in m.sections)
    shown = f"{having} of {counted(len(m.sections), 'section')} with a field for the page"
    met = having == len(m.sections) and having > 0 if wanted else not having
    return shown, met, "put the page number in header or footer" if wanted else "take the page numbers out"


def _pdf_pages(m: PdfMeasures, wanted: bool) -> Found:
    having = sum(p.page_number is not None for p in m.pages)
    met = having == len(m.pages) and having > 0 if wanted else not having
    lacking = [p.number for p in m.pages if p.page_number is None]
    note = f"no number on page {listed(lacking)}" if wanted else "take the page numbers out"
    return f"on {having} of {counted(len(m.pages), 'page')}", met, note


def _docx_notes(m: DocxMeasures, wanted: bool) -> Found:
    notes = m.footnotes + m.endnotes
    return counted(notes, "note"), wanted or not notes, "move what they say into the text"


def _docx_depth(m: DocxMeasures, wanted: int) -> Found:
    deep = [text for level, text in m.headings if level > wanted]
    return counted(m.heading_depth, "level"), m.heading_depth <= wanted, f"too deep: {listed(deep)}"


def _title_page(facts: Facts) -> Callable[[DocxMeasures, str], Found]:
    separate = sorted(f.name for f in facts.files if PurePosixPath(f.name).stem == "TitlePage")

    def found(m: DocxMeasures, wanted: str) -> Found:
        front = any(text.casefold() in ("authors", "affiliations") for _, text in m.headings)
        shown = listed(separate, "no file of its own") + (
            "; on the first page of the manuscript" if front else "; not in the manuscript"
        )
        if wanted == "separate":
            return shown, bool(separate) and not front, "the title page must be a file of its own"
        return shown, front, "the title page must be the first page of the manuscript"

    return found


def _figures(facts: Facts) -> Callable[[DocxMeasures, str], Found]:
    needed = sum(item.pieces for item in facts.counts.figures)

    def found(m: DocxMeasures, wanted: str) -> Found:
        if wanted in ("left_out", "captions"):
            note = "figures must be files of their own"
            return f"{counted(len(m.images), 'picture')} in the manuscript", not m.images, note
        return _placed(m, wanted, "f", len(m.images), needed, "figure")

    return found


def _tables(facts: Facts) -> Callable[[DocxMeasures, str], Found]:
    needed = sum(item.pieces for item in facts.counts.tables)
    apart = [f.name for f in facts.files if f.part == "tables" and f.name.endswith(".docx")]

    def found(m: DocxMeasures, wanted: str) -> Found:
        if wanted == "separate":
            shown = f"{counted(len(m.tables), 'table')} in the manuscript, {counted(len(apart), 'file')} with tables"
            met = not m.tables and len(apart) >= len(facts.counts.tables)
            return shown, met, f"{counted(len(facts.counts.tables), 'table')} must be files of their own"
        return _placed(m, wanted, "t", len(m.tables), needed, "table")

    return found


def _titles(codes: tuple[str, ...]) -> str:
    return f"not among the statements of the manuscript: {listed(STATEMENTS[code] for code in codes)}"


def _stated(m: DocxMeasures, codes: tuple[str, ...]) -> Found:
    names = [*(text for _, text in m.headings), *m.leads]
    there = [name for name in names if statements.called(name, codes)]
    note = "the journal takes them in its submission system; the words are in the file of statements"
    return f"among them: {listed(there, 'none')}", not there, note


def _placed(m: DocxMeasures, wanted: str, letter: str, number: int, needed: int, kind: str) -> Found:
    """Whether all figures or tables are there, and at the end: after the references (without any: after the text)."""
    first = m.order.find(letter)
    # Captions of what is left out may follow the references, and look like text.
    last = m.order.rfind("r") if "r" in m.order else m.order.rfind("b")
    behind = sum(place > last for place in _all(m.order, letter))
    shown = f"{number} of {counted(needed, kind)}"
    if not needed:
        return f"no {kind}s", "not applicable", f"the text has no {kind}s"
    shown += f", {behind} of them after the references" if first >= 0 else ""
    at_end = first > last
    if number < needed:
        return shown, False, f"{counted(needed - number, kind)} not in the file"
    if wanted == "end":
        return shown, at_end, f"{kind}s must stand at the end"
    return shown, first >= 0 and behind < number, f"{kind}s must stand in the text"


def _all(order: str, letter: str) -> list[int]:
    return [i for i, found in enumerate(order) if found == letter]


def _archival(facts: Facts, judge: Judge) -> Iterator[Check]:
    rule: Rule[bool] | None = getattr(facts.profile.manuscript, "archival", None)
    if rule is None:
        return
    for file in manuscript(facts, ".pdf") or [""]:
        found = facts.pdf.get(file)
        claim = f"PDF/A-{found.pdf_a}" if found and found.pdf_a else "no PDF/A"
        met: bool | Outcome = bool(found and found.pdf_a) if rule.value else "not applicable"
        yield judge.check(
            rule,
            f"manuscript.archival/{file}".rstrip("/"),
            "PDF for archives (PDF/A)",
            "PDF/A" if rule.value else "not asked for",
            claim,
            met,
            note="make it as PDF/A" if rule.value else "the journal does not ask for it",
            where=file,
        )


def _sources(facts: Facts, judge: Judge) -> Iterator[Check]:
    """LaTeX and JATS, where the journal wants them."""
    made: Mapping[str, tuple[tuple[str, ...] | None, str]] = {
        "latex": (facts.latex, ".tex"),
        "jats": (facts.jats, ".xml"),
    }
    for name, (problems, ending) in made.items():
        rule: Rule[bool] | None = getattr(facts.profile.manuscript, name)
        if rule is None:
            continue
        files = sorted(f.name for f in facts.files if f.name.endswith(ending) and f.part == "sources")
        met: bool | Outcome = bool(files) and problems == () if rule.value else "not applicable"
        yield judge.check(
            rule,
            f"manuscript.{name}",
            "LaTeX source" if name == "latex" else "JATS XML",
            "in the package, without problems" if rule.value else "not asked for",
            f"{listed(files, 'not there')}"
            + (f"; {counted(len(problems or ()), 'problem')}" if problems is not None else "; not checked"),
            met,
            note="; ".join(problems or ()) or "build the package again"
            if rule.value
            else "the journal does not ask for it",
        )


def _numbers(facts: Facts, judge: Judge) -> Iterator[Check]:
    """How many tables and figures, and whether tables are tables."""
    profile, counts = facts.profile, facts.counts
    for name, rule, items in (
        ("table", profile.tables.max, counts.tables),
        ("figure", profile.figures.max, counts.figures),
    ):
        if rule is not None:
            yield judge.check(
                rule,
                f"{name}s.max",
                f"Number of {name}s",
                bounds(None, rule.value, f"{name}s"),
                counted(len(items), name),
                within(len(items), None, rule.value),
                note=off(len(items), None, rule.value, f"{name}s"),
                numbers={"measured": len(items), "max": rule.value},
            )
    editable = profile.tables.editable
    if editable is None:
        return
    needed = sum(item.pieces for item in counts.tables)
    apart = sorted(f.name for f in facts.files if f.part == "tables" and f.name.endswith(".docx"))
    names = [*manuscript(facts, ".docx"), *apart]
    tables = [table for name in names if name in facts.docx for table in facts.docx[name].tables]
    pictures = sum(table.images for table in tables)
    met: bool | Outcome = len(tables) >= needed and not pictures
    yield judge.check(
        editable,
        "tables.editable",
        "Tables can be edited",
        "as tables of the Word file" if editable.value else "not asked for",
        f"{len(tables)} of {counted(needed, 'table')}" + (f", {pictures} with pictures" if pictures else ""),
        "not applicable" if not needed or not editable.value else met,
        note="the text has no tables" if not needed else "set them as tables, not as pictures",
        where=listed(names),
        numbers={"measured": len(tables), "needed": needed},
    )
