"""Identifiers of reports in one spelling: DOI, PubMed id, trial registration number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

_DOI_PREFIX = re.compile(r"^(?:https?://)?(?:dx\.)?(?:www\.)?doi\.org/|^doi\s*[:=]?\s*", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PMID = re.compile(r"(?:pmid\s*[:=]?\s*)?0*(\d{1,9})", re.IGNORECASE)

# Shape of a registration number in each registry, and the page that the number leads to.
_REGISTRIES = (
    ("ClinicalTrials.gov", r"NCT\d{8}", "https://clinicaltrials.gov/study/{}"),
    ("ISRCTN registry", r"ISRCTN\d{8}", "https://www.isrctn.com/{}"),
    ("Australian New Zealand Clinical Trials Registry", r"ACTRN\d{14}", "https://anzctr.org.au/{}.aspx"),
    ("German Clinical Trials Register", r"DRKS\d{8}", "https://drks.de/search/en/trial/{}"),
    ("Chinese Clinical Trial Registry", r"CHICTR\d{10}", None),
    ("EU Clinical Trials Register", r"EUCTR\d{4}-\d{6}-\d{2}", None),
)
_REGISTRATION = re.compile(
    r"(?<![A-Z0-9])(?:" + "|".join(shape for _, shape, _ in _REGISTRIES) + r")(?![0-9])"
)


def text(row: Mapping[str, Any], column: str) -> str:
    """A cell as text without outer space; a missing cell or column is the empty text."""
    value = row.get(column)
    return "" if value is None else str(value).strip()


def written_doi(value: object) -> str:
    """A DOI as it is printed: without address or ``doi:`` in front, letters as written; empty if it is none."""
    if value is None:
        return ""
    bare = unquote(_DOI_PREFIX.sub("", str(value).strip())).strip().rstrip(".,;")
    return bare if _DOI.fullmatch(bare) else ""


def doi(value: object) -> str:
    """A DOI for comparison: as :func:`written_doi`, in lower case, since DOIs ignore case."""
    return written_doi(value).casefold()


def pmid(value: object) -> str:
    """A PubMed id as digits without leading zeros; empty if it is none."""
    found = _PMID.fullmatch(str(value).strip()) if value is not None else None
    return found.group(1) if found else ""


def registrations(value: object) -> list[str]:
    """The trial registration numbers named in a text, upper case, in order, each once."""
    return list(dict.fromkeys(_REGISTRATION.findall(str(value).upper()))) if value is not None else []


def registration_of(row: Mapping[str, Any]) -> str:
    """The registration number of a row that *is* a registry record; empty for anything else.

    An article that names a trial is a report of it, not its registration. So a row counts only without DOI and
    PubMed id, and only if one number stands in its key, at the start of its title, or in its journal column.
    """
    if doi(row.get("doi")) or pmid(row.get("pmid")):
        return ""
    key = registrations(text(row, "study_id"))
    if key:
        return key[0]
    title = text(row, "title")
    at_start = [n for n in registrations(title) if title.upper().startswith(n)]
    named = at_start or registrations(text(row, "journal"))
    return named[0] if len(named) == 1 else ""


def registry(number: str) -> tuple[str, str | None]:
    """Name of the registry that gave a number, and the address of the record (``None`` where it cannot be told)."""
    for name, shape, address in _REGISTRIES:
        if re.fullmatch(shape, number):
            return name, address.format(number) if address else None
    return "Trial registry", None
