"""Rules on the pieces beside the text: title page, authors, letters, statements, checklists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from livingreview.submission.check_types import Check, Judge, Outcome, counted, house, listed
from livingreview.submission.facts import Checklist, Facts
from livingreview.submission.profile_model import Rule
from livingreview.submission.statements import where

_ANNOUNCED = re.compile(
    r"\b(?:to|will|must) be (?:declared|named|stated|added|completed|written|filled in|determined)\b|\b(?:TODO|TBD|TBC|XXX)\b|\bMISSING\b"
    r"|\bfor this draft\b|\bPLACEHOLDER\b",
    re.IGNORECASE,
)
"""How a statement reads that only says that it is still to be made."""
_WITH_ADDRESS = ("data_availability", "code_availability")
_REPOSITORY = re.compile(r"\brepositor(?:y|ies)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|\bdoi\b|\b10\.\d{4,}/", re.IGNORECASE)


def check(facts: Facts) -> tuple[Check, ...]:
    """The checks of title page, cover letter, authors, statements and checklists."""
    judge = Judge(facts.profile)
    return (
        *_pages(facts, judge),
        *_authors(facts, judge),
        *_statements(facts, judge),
        *_checklists(facts, judge),
    )


def _named(facts: Facts, stem: str) -> list[str]:
    return sorted(f.name for f in facts.files if PurePosixPath(f.name).stem == stem)


def _pages(facts: Facts, judge: Judge) -> Iterator[Check]:
    items = facts.profile.items
    letters, pages = _named(facts, "CoverLetter"), _named(facts, "TitlePage")
    if (rule := items.cover_letter) is not None:
        yield judge.check(
            rule,
            "items.cover_letter",
            "Cover letter",
            "in the package" if rule.value else "not asked for",
            listed(letters, "not there"),
            bool(letters) if rule.value else "not applicable",
            note="build the package again" if rule.value else "the journal does not ask for one",
        )
    headings = {
        text
        for f in facts.files
        if f.name in facts.docx and (f.part == "manuscript" or f.name in pages)
        for _, text in facts.docx[f.name].headings
    }
    if (rule := items.title_page) is not None:
        where = pages or (["first page of the manuscript"] if "Authors" in headings else [])
        yield judge.check(
            rule,
            "items.title_page",
            "Title page",
            "in the package" if rule.value else "not asked for",
            listed(where, "not there"),
            bool(where) if rule.value else "not applicable",
            note="build the package again" if rule.value else "the journal does not ask for one",
        )
    if (rule := items.counts) is not None:
        there = "Counts" in headings
        yield judge.check(
            rule,
            "items.counts",
            "Counts of words, references, tables and figures on the title page",
            "printed" if rule.value else "not asked for",
            "printed" if there else "not there",
            there if rule.value else "not applicable",
            note="build the package again" if rule.value else "the journal does not ask for them",
        )


def _authors(facts: Facts, judge: Judge) -> Iterator[Check]:
    authors = facts.protocol.authors
    people = [a for a in authors if a.given and a.family and not _ANNOUNCED.search(f"{a.given} {a.family}")]
    groups = [a.name for a in authors if a not in people]
    corresponding = [a for a in authors if a.corresponding]
    if (rule := facts.profile.items.orcid) is not None:
        yield _orcid(facts, judge, rule)
    yield house(
        "authors.named",
        "Authors are named",
        "at least one person, with given and family name",
        counted(len(people), "person", "persons")
        + (f"; without both names: {listed(groups)}" if groups else ""),
        bool(people),
        note="name the authors in review.yaml, each with `given` and `family`",
    )
    places = facts.protocol.affiliations
    empty = {key for key, place in places.items() if _ANNOUNCED.search(place.name)}
    without = [a.name for a in authors if not set(a.affiliations) - empty]
    yield house(
        "authors.affiliations",
        "Authors have an affiliation",
        "each",
        f"without: {listed(without)}",
        not without,
        note="give them `affiliations` in review.yaml",
    )
    silent = [a.name for a in corresponding if not a.email]
    yield house(
        "authors.corresponding",
        "Corresponding author with an e-mail address",
        "at least one",
        listed((f"{a.name}{' (no e-mail address)' if not a.email else ''}" for a in corresponding), "nobody"),
        bool(corresponding) and not silent,
        note="give the `email`"
        if corresponding
        else "set `corresponding: true` for an author in review.yaml",
    )


def _orcid(facts: Facts, judge: Judge, rule: Rule[Any]) -> Check:
    authors = facts.protocol.authors
    asked = [a for a in authors if a.corresponding] if rule.value == "corresponding" else list(authors)
    lacking = [a.name for a in asked if not a.orcid]
    note = (
        f"no ORCID iD: {listed(lacking)}"
        if asked
        else "there is no corresponding author whose iD could be given"
    )
    met: bool | Outcome = bool(asked) and not lacking
    if rule.value == "none":
        met, note = "not applicable", "the journal asks for none"
    who = {
        "none": "not asked for",
        "corresponding": "of the corresponding author",
        "all": "of every author",
    }[rule.value]
    shown = f"{len(asked) - len(lacking)} of {counted(len(asked), 'author')}"
    if rule.value == "corresponding" and not asked:
        shown = f"no corresponding author; {sum(bool(a.orcid) for a in authors)} of {counted(len(authors), 'author')} have one"
    return judge.check(rule, "items.orcid", "ORCID iD", who, shown, met, note=note)


def _statements(facts: Facts, judge: Judge) -> Iterator[Check]:
    given = {statement.code: statement for statement in facts.statements}
    for rule in facts.profile.statements:
        code = rule.value
        name = code.replace("_", " ")
        found = given.get(code)
        met: bool | Outcome = False
        if code == "relation_to_continued_review" and facts.protocol.previous_version is None:
            measured, met, note = "no review is continued", "not applicable", "nothing to relate to"
        elif code == "registration" and found is None:
            measured = facts.protocol.registration or "missing"
            met, note = bool(facts.protocol.registration), "write `registration` in review.yaml"
        elif found is None:
            measured = "not among the statements of the package"
            there = code in type(facts.protocol).model_fields
            note = f"write `{code}` in review.yaml" if there else "write it into the manuscript"
            note += "; where it does not apply, say why"
        elif found.missing:
            measured, note = "missing", f"nobody has stated it. {where(code)}"
        elif announced := _ANNOUNCED.search(found.text):
            measured = f"only announced (“{announced.group()}”)"
            note = f"state it ({found.source})"
        elif code in _WITH_ADDRESS and _REPOSITORY.search(found.text) and not _ADDRESS.search(found.text):
            measured = "speaks of a repository and gives no address"
            note = "give its address (review.yaml: repository), or say where else readers find it"
        elif not found.printed and not _apart(facts, code):
            measured = f"stands in {found.source}, and the manuscript does not print it"
            note = "let the manuscript print it: {{< include _built/parts/statements.md >}} prints what review.yaml states"
        else:
            measured, met, note = f"{counted(len(found.text.split()), 'word')}, from {found.source}", True, ""
        yield judge.check(
            rule,
            f"statements/{code}",
            f"Statement: {found.title if found else name[0].upper() + name[1:]}",
            "present",
            measured,
            met,
            note=note,
        )


def _apart(facts: Facts, code: str) -> bool:
    """Whether a statement does not belong in the manuscript, for the journal takes it in its submission system."""
    rule = facts.profile.manuscript.without_statements
    return rule is not None and code in rule.value


def _checklists(facts: Facts, judge: Judge) -> Iterator[Check]:
    made = {checklist.code: checklist for checklist in facts.checklists}
    asked = {rule.value for rule in facts.profile.checklists}
    for rule in facts.profile.checklists:
        found = made.get(rule.value)
        title, measured, met, note = (
            _filled(found)
            if found is not None
            else (rule.value, "not in the package", False, "build the package again")
        )
        yield judge.check(
            rule,
            f"checklists/{rule.value}",
            f"Checklist: {title}",
            "each item with its place, or a reason",
            measured,
            met,
            note=note,
        )
    for code, checklist in sorted(made.items()):
        if code not in asked:
            title, measured, met, note = _filled(checklist)
            yield house(
                f"checklists/{code}",
                f"Checklist: {title}",
                "each item with its place, or a reason",
                measured,
                met,
                note=note,
            )


def _filled(checklist: Checklist) -> tuple[str, str, bool, str]:
    placed = [i for i in checklist.items if i.places]
    reasons = [i for i in checklist.items if not i.places and i.reason]
    open_items = [f"{i.number} ({i.title})" for i in checklist.items if not i.places and not i.reason]
    pageless = [i.number for i in placed if all(page is None for _, _, page, _ in i.places)]
    measured = f"{len(placed)} of {counted(len(checklist.items), 'item')} placed, {len(reasons)} with a reason, {len(open_items)} open"
    notes = [f"not answered: {listed(open_items)}"] if open_items else []
    notes += [f"without a page: {listed(pageless)}"] if pageless else []
    notes += [] if checklist.items else ["the checklist is empty"]
    return checklist.title, measured, not notes, "; ".join(notes)
