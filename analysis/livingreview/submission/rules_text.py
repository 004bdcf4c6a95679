"""Rules on what is written: lengths, headings, references, language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from livingreview.submission import title_page
from livingreview.submission.check_types import (
    Check,
    Judge,
    Outcome,
    bounds,
    counted,
    house,
    listed,
    off,
    within,
)
from livingreview.submission.count_types import Item, Line
from livingreview.submission.facts import Facts
from livingreview.submission.profile_model import Bullets, Length, Rule

HAVE_DOI = (
    "article-journal",
    "article",
    "paper-conference",
    "chapter",
    "dataset",
    "book",
    "article-magazine",
)
"""Kinds of entries (of the Citation Style Language) that may have a DOI; web pages, software and registrations often have none."""


def check(facts: Facts) -> tuple[Check, ...]:
    """The checks of title, abstract, text, key words, short texts and references."""
    judge = Judge(facts.profile)
    return (
        *_titles(facts, judge),
        *_abstract(facts, judge),
        *_text(facts, judge),
        *_short_texts(facts, judge),
        *_references(facts, judge),
        *_language(facts, judge),
        _cross_references(facts),
    )


def _titles(facts: Facts, judge: Judge) -> Iterator[Check]:
    items = facts.profile.items
    if items.title is not None:
        yield from _length(judge, items.title, "items.title", "Title", facts.counts.title)
    if items.running_title is not None:
        text = title_page.running_title(facts.protocol)
        line = Line(text, len(text.split()), len(text)) if text else None
        yield from _length(judge, items.running_title, "items.running_title", "Running title", line)


def _length(judge: Judge, rule: Rule[Length], code: str, title: str, line: Line | None) -> Iterator[Check]:
    for kind in ("characters", "words"):
        limits = getattr(rule.value, kind)
        if limits.min is None and limits.max is None and (kind == "words" or rule.value.words != limits):
            continue
        limit = bounds(limits.min, limits.max, kind)
        if line is None or not line.text:
            yield judge.check(rule, f"{code}/{kind}", title, limit, "missing", False, note="write one")
            continue
        value: int = getattr(line, kind)
        yield judge.check(
            rule,
            f"{code}/{kind}",
            title,
            limit,
            f"{value} {kind}",
            within(value, limits.min, limits.max),
            note=off(value, limits.min, limits.max, kind),
            numbers={"measured": value, "min": limits.min, "max": limits.max},
        )


def _abstract(facts: Facts, judge: Judge) -> Iterator[Check]:
    asked, found = facts.profile.abstract, facts.counts.abstract
    if (rule := asked.words) is not None:
        low, high = rule.value.min, rule.value.max
        words = found.words if found else 0
        yield judge.check(
            rule,
            "abstract.words",
            "Length of the abstract",
            bounds(low, high, "words"),
            f"{words} words" if found else "no abstract",
            found is not None and within(words, low, high),
            note=off(words, low, high, "words") if found else "write an abstract",
            numbers={"measured": words, "min": low, "max": high},
        )
    headings = found.headings if found else ()
    if (rule_structured := asked.structured) is not None:
        wanted = rule_structured.value
        yield judge.check(
            rule_structured,
            "abstract.structured",
            "Structured abstract",
            "with headings" if wanted else "without headings",
            counted(len(headings), "heading") if found else "no abstract",
            found is not None and bool(headings) == wanted,
            note="begin each paragraph with its heading in bold" if wanted else "take the headings out",
        )
    if (rule_headings := asked.headings) is not None:
        yield judge.check(
            rule_headings,
            "abstract.headings",
            "Headings of the abstract, in order",
            listed(rule_headings.value),
            listed(headings),
            [_bare(h) for h in headings] == [_bare(h) for h in rule_headings.value],
            note=_headings(headings, rule_headings.value),
        )
    if (rule_citations := asked.citations) is not None:
        cited = found.citations if found else 0
        yield judge.check(
            rule_citations,
            "abstract.citations",
            "Citations in the abstract",
            "allowed" if rule_citations.value else "none",
            counted(cited, "citation"),
            rule_citations.value or not cited,
            note="take them out of the abstract",
            numbers={"measured": cited},
        )


def _bare(heading: str) -> str:
    return re.sub(r"[\s.:]+", " ", heading).strip().casefold()


def _headings(found: tuple[str, ...], wanted: tuple[str, ...]) -> str:
    have, asked = [_bare(h) for h in found], [_bare(h) for h in wanted]
    lacking = [h for h in wanted if _bare(h) not in have]
    further = [h for h in found if _bare(h) not in asked]
    parts = [f"missing: {listed(lacking)}"] if lacking else []
    parts += [f"not asked for: {listed(further)}"] if further else []
    return "; ".join(parts) or "put them in the journal's order"


def _text(facts: Facts, judge: Judge) -> Iterator[Check]:
    asked, counts = facts.profile.text, facts.counts
    kinds = ("abstract", "references", "captions", "tables")
    too = [k for k in kinds if asked.counts is not None and getattr(asked.counts.value, k)]
    how = f"text with headings{', ' + listed(too) if too else ''}; without statements"
    words = counts.text_words(
        abstract="abstract" in too,
        references="references" in too,
        captions="captions" in too,
        tables="tables" in too,
    )
    if (rule := asked.words) is not None:
        low, high = rule.value.min, rule.value.max
        yield judge.check(
            rule,
            "text.words",
            "Length of the text",
            bounds(low, high, "words"),
            f"{words} words ({how})",
            within(words, low, high),
            note=off(words, low, high, "words"),
            numbers={"measured": words, "min": low, "max": high},
        )
    if asked.counts is not None:
        yield judge.check(
            asked.counts,
            "text.counts",
            "What counts as text",
            how,
            f"{words} words",
            "not applicable",
            note="a way of counting, not a limit",
            numbers={"measured": words},
        )
    if (rule_keywords := facts.profile.keywords) is not None:
        number = len(counts.keywords or tuple(facts.protocol.keywords))
        low, high = rule_keywords.value.min, rule_keywords.value.max
        yield judge.check(
            rule_keywords,
            "keywords",
            "Key words",
            bounds(low, high, "key words"),
            counted(number, "key word"),
            within(number, low, high),
            note=off(number, low, high, "key words"),
            numbers={"measured": number, "min": low, "max": high},
        )


def _short_texts(facts: Facts, judge: Judge) -> Iterator[Check]:
    for name, title in (
        ("highlights", "Highlights"),
        ("capsule_summary", "Capsule summary"),
        ("key_messages", "Key messages"),
    ):
        rule: Rule[Bullets] | None = getattr(facts.profile.items, name)
        if rule is None:
            continue
        lines: list[str] = list(getattr(facts.protocol, name))
        asked = rule.value
        measured = {
            "bullets": (len(lines), len(lines), "entries"),
            "words": (sum(len(line.split()) for line in lines),) * 2 + ("words in all",),
            "characters": (
                min((len(line) for line in lines), default=0),
                max((len(line) for line in lines), default=0),
                "characters in each",
            ),
        }
        limits = [
            bounds(getattr(asked, k).min, getattr(asked, k).max, u) for k, (_, _, u) in measured.items()
        ]
        said = [limit for limit in limits if limit != "no limit"]
        wrong = [
            f"{off(low, span.min, None, unit) or off(high, None, span.max, unit)}"
            for kind, (low, high, unit) in measured.items()
            for span in [getattr(asked, kind)]
            if not (within(low, span.min, None) and within(high, None, span.max))
        ]
        shown = f"{counted(len(lines), 'entry', 'entries')}, {measured['words'][0]} words, at most {measured['characters'][1]} characters in one"
        yield judge.check(
            rule,
            f"items.{name}",
            title,
            listed(said, "some; no length is given"),
            shown if lines else "missing",
            bool(lines) and not wrong,
            note="; ".join(wrong) if lines else f"write them as `{name}` in review.yaml",
            numbers={"bullets": len(lines), "words": measured["words"][0]},
        )


def _references(facts: Facts, judge: Judge) -> Iterator[Check]:
    asked, found = facts.profile.references, facts.references
    number = len(facts.counts.listed)
    if (rule := asked.max) is not None:
        yield judge.check(
            rule,
            "references.max",
            "Number of references",
            bounds(None, rule.value, "references"),
            counted(number, "reference"),
            within(number, None, rule.value),
            note=off(number, None, rule.value, "references"),
            numbers={"measured": number, "max": rule.value},
        )
    if (rule_style := asked.style) is not None:
        set_in = facts.style or facts.protocol.csl
        yield judge.check(
            rule_style,
            "references.style",
            "Style of the references",
            rule_style.value,
            set_in,
            set_in == rule_style.value,
            note="the references are set in another style",
        )
    lacking = [e for e in found.entries if not e.doi and e.kind in HAVE_DOI]
    may = sum(e.kind in HAVE_DOI for e in found.entries)
    needed = asked.doi.value if asked.doi is not None else "wanted"
    outcome: bool | Outcome = not lacking or ("unverified" if needed == "wanted" else False)
    shown = f"{may - len(lacking)} of {may} references of a kind that may have one; without: {listed((e.key for e in lacking), 'none')}"
    note = (
        "look them up, and add the DOI to the bibliography"
        if needed == "required"
        else "whether these have a DOI at all, only a look at their pages can tell: add it to the bibliography where there is one"
    )
    if asked.doi is not None:
        yield judge.check(
            asked.doi,
            "references.doi",
            "DOI of each reference",
            {"wanted": "wherever there is one", "required": "each", "none": "not asked for"}[needed],
            shown,
            "not applicable" if needed == "none" else outcome,
            note="the journal prints none" if needed == "none" else note,
            numbers={"without": len(lacking), "of": may},
        )
    else:
        yield house(
            "references.doi", "DOI of each reference", "wherever there is one", shown, outcome, note=note
        )
    for kind, items in (("tables", facts.counts.tables), ("figures", facts.counts.figures)):
        yield _order(kind, items)
    yield house(
        "references.unique",
        "No reference stands twice",
        "each DOI once",
        f"twice: {listed(found.same_doi)}",
        not found.same_doi,
        note="merge the entries of the bibliography",
    )
    yield house(
        "references.found",
        "Everything cited is in the bibliography",
        "all",
        f"not there: {listed(found.missing)}",
        not found.missing,
        note="add them to the bibliography",
    )


def _language(facts: Facts, judge: Judge) -> Iterator[Check]:
    rule = facts.profile.language
    if rule is None:
        return
    marked = sorted(
        {m.language for n, m in facts.docx.items() if _manuscript(facts, n) and m.language}
        | {m.language for n, m in facts.pdf.items() if _manuscript(facts, n) and m.language}
    )
    wanted = rule.value
    outcome: bool | Outcome = True
    note = ""
    if wanted != "any":
        if not marked:
            outcome, note = "unverified", "the files do not say their language"
        elif any(m.split("-")[0] != wanted.split("-")[0] for m in marked):
            outcome, note = False, "write the language of the text as `lang` of the document"
        elif "-" in wanted:
            outcome, note = (
                "unverified",
                "which spelling the text keeps to is not looked at: read it for that",
            )
    yield judge.check(
        rule,
        "language",
        "Language",
        "any" if wanted == "any" else wanted,
        f"marked as {listed(marked, 'none')}",
        outcome,
        note=note,
    )


def _manuscript(facts: Facts, name: str) -> bool:
    return any(f.name == name and f.part == "manuscript" for f in facts.files)


def _cross_references(facts: Facts) -> Check:
    open_ends = sorted({*facts.unresolved, *facts.counts.unresolved})
    return house(
        "cross_references",
        "Cross-references and citations lead somewhere",
        "all",
        f"lead nowhere: {listed(open_ends)}",
        not open_ends,
        note="mend them in the documents, and build again",
    )


def _order(kind: str, items: Sequence[Item]) -> Check:
    """Whether tables or figures are numbered in the order in which the text first names them (ICMJE recommendations, IV.A.3)."""
    never = [i.label for i in items if not i.mentions]
    named = [i for i in items if i.first is not None]
    late = [b.label for a, b in pairwise(named) if (b.first or 0) < (a.first or 0)]
    parts = [f"never named: {listed(never)}"] if never else []
    parts += [f"named before the one in front of it: {listed(late)}"] if late else []
    return house(
        f"cross_references.{kind}",
        f"{kind.capitalize()} are numbered in the order in which the text names them",
        "all, each named at least once",
        "; ".join(parts) or f"{counted(len(items), kind[:-1])}, in order",
        not parts,
        note="name them in the order in which they stand, or move them",
    )
