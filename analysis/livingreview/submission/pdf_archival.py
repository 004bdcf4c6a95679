"""Whether a PDF is what it says: PDF/A-2 (ISO 19005-2, level B) and PDF/UA-1 (ISO 14289-1).

Two look at it: own rules, and the validator ``page`` (package page-validation) where it is installed. Own rules ask less: they see neither
the outlines of glyphs nor whether tags say what is meant. A finding of the validator that another reader of the same bytes refutes is
no finding; ``Conformance.validator`` names it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from livingreview.submission import pdf_file_rules, pdf_font_rules, pdf_page_rules, pdf_tag_rules
from livingreview.submission.facts import Conformance
from livingreview.submission.pdf_objects import Objects, follow, get, listed
from livingreview.submission.pdf_pages import DAMAGE, Pages

OWN = "own rules"
_PACKAGE = "page-validation"
_LEVELS = ("2a", "2b", "2u")
_PROFILES = {**{level: level for level in ("1a", "1b", "2a", "2b", "2u", "3a", "3b", "3u")}, "ua-1": "ua1"}
_CHECKED = (*_LEVELS, "ua-1")
_OBJECT = re.compile(r"font object (\d+) \d+ has rendered CID")


def conformance(given: Path | Pages) -> Conformance:
    """What a PDF claims and what was found against it; equal findings are told once, with their number.

    A PDF that claims nothing (also one whose XMP metadata cannot be read) has no problems. Raises ReviewError where it cannot be read, or is locked.
    """
    pages = given if isinstance(given, Pages) else Pages(given)
    try:
        return _checked(Objects(pages.data, pages.reader))
    except DAMAGE as error:
        raise pages.unreadable(error) from None


def _checked(pdf: Objects) -> Conformance:
    claims, validator, version = pdf_file_rules.claims(pdf), OWN, installed()
    found = list(_own(pdf, claims))
    if claims and version:
        validated, refuted = _validated(pdf, claims)
        found += validated
        validator = f"{_PACKAGE} {version} and {OWN}"
        if refuted:
            validator += f" ({_PACKAGE} on {', '.join(refuted)}: refuted by reading the font again)"
    return Conformance(claims, validator, tuple(_counted(found)))


def installed() -> str:
    """The version of the validator; empty where it is not installed."""
    try:
        return metadata.version(_PACKAGE)
    except metadata.PackageNotFoundError:
        return ""


def _own(pdf: Objects, claims: Iterable[str]) -> Iterator[str]:
    for claim in claims:
        if claim not in _PROFILES:
            yield f"it says {claim}, which there is not (ISO 19005-2, 6.6.4)"
        elif claim not in _CHECKED and not installed():
            yield f"whether it is {claim} was not checked"
    if any(claim.startswith("2") for claim in claims):
        for rules in (pdf_file_rules, pdf_font_rules, pdf_page_rules):
            yield from (f"{what} (ISO 19005-2, {clause})" for clause, what in rules.problems(pdf))
    if "ua-1" in claims:
        for clause, what in (*pdf_tag_rules.problems(pdf), *pdf_font_rules.accessible(pdf)):
            yield f"{what} (ISO 14289-1, {clause})"


def _validated(pdf: Objects, claims: Iterable[str]) -> tuple[list[str], list[str]]:
    """What the validator found, and the rules whose findings were refuted."""
    page: Any = import_module("page")
    found, refuted = [], []
    for claim in claims:
        if claim not in _PROFILES:
            continue
        try:
            report = page.validate_pdf_bytes(pdf.data, profile=_PROFILES[claim])
        except page.PageError as error:
            found.append(f"{_PACKAGE} cannot read it as {claim}: {error}")
            continue
        for failure in report.failures:
            if _refuted(pdf, failure.rule_id, failure.message):
                refuted.append(failure.rule_id)
            else:
                found.append(f"{failure.message} ({_PACKAGE}, {failure.rule_id})")
    return found, sorted(set(refuted))


def _refuted(pdf: Objects, rule: str, message: str) -> bool:
    """Whether widths that the validator (0.11) takes for wrong are right: it does not read those of CFF fonts with several parts."""
    named = _OBJECT.match(message)
    if not rule.endswith("GLYPH-WIDTH-001") or named is None:
        return False
    font = next((part.value for part in pdf.untagged if part.number == int(named[1])), None)
    inner = [follow(f) for f in listed(get(font, "/DescendantFonts"))]
    return bool(inner) and all(pdf_font_rules.wrong_widths(f) == [] for f in inner)


def _counted(found: Iterable[str]) -> Iterator[str]:
    for problem, number in Counter(found).items():
        yield f"{problem}, {number} times" if number > 1 else problem
