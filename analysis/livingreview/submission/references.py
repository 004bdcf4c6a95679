"""What the entries of bibliographies have: DOI, PubMed id, authors, year.

Entries are read by pandoc, as for the documents: what it cannot find in a ``.bib`` file does not print either. Nothing is
judged: a web page or a registration may have no DOI at all, so that ``kind`` stands beside it.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from livingreview import citations
from livingreview.errors import Problem, ReviewError
from livingreview.publish.pandoc import pandoc_path

_FORMATS = {".bib": "biblatex", ".bibtex": "bibtex"}
_DOI = re.compile(r"10\.\d{4,9}/\S+")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry. ``kind`` is its CSL type; ``authors`` counts persons and groups that are named (editors, where there are
    only these), ``surnames`` those of them of whom only the surname is known; ``year`` has four digits or is empty; ``doi`` is bare and in small letters."""

    key: str
    kind: str
    title: str
    authors: int
    year: str
    doi: str
    pmid: str
    surnames: int = 0


@dataclass(frozen=True, slots=True)
class References:
    """The entries looked at, in the order asked for, and the keys asked for that no bibliography has."""

    entries: tuple[Entry, ...]
    missing: tuple[str, ...]

    @property
    def without_doi(self) -> tuple[str, ...]:
        """Keys of entries without a DOI."""
        return tuple(e.key for e in self.entries if not e.doi)

    @property
    def without_authors(self) -> tuple[str, ...]:
        """Keys of entries that name nobody."""
        return tuple(e.key for e in self.entries if not e.authors)

    @property
    def surnames_only(self) -> tuple[str, ...]:
        """Keys of entries whose authors are known by surname only: no initials, and perhaps others who are not named."""
        return tuple(e.key for e in self.entries if e.authors and e.surnames == e.authors)

    @property
    def without_year(self) -> tuple[str, ...]:
        """Keys of entries without a year."""
        return tuple(e.key for e in self.entries if not e.year)

    @property
    def same_doi(self) -> tuple[str, ...]:
        """DOIs of more than one entry."""
        return tuple(sorted(doi for doi, n in Counter(e.doi for e in self.entries).items() if doi and n > 1))

    def to_json(self) -> dict[str, Any]:
        """Plain maps, lists, texts and numbers."""
        lists = ("without_doi", "without_authors", "without_year", "same_doi")
        return asdict(self) | {name: list(getattr(self, name)) for name in lists}


def measure(bibliographies: Iterable[Path], keys: Iterable[str] | None = None) -> References:
    """The entries of bibliography files (``.bib``, ``.bibtex`` or CSL-JSON); of ``keys`` only, if given.

    An entry in several files is that of the last. Raises ReviewError with every file that cannot be read.
    """
    found: dict[str, Entry] = {}
    problems = []
    for path in bibliographies:
        try:
            found |= {str(item["id"]): _entry(item) for item in csl_items(path)}
        except (OSError, ValueError, KeyError, TypeError, subprocess.CalledProcessError) as error:
            said = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else str(error)
            problems.append(Problem(f"the bibliography cannot be read: {said}", file=path.name))
    if problems:
        raise ReviewError(problems)
    asked = list(dict.fromkeys(found if keys is None else keys))
    return References(
        tuple(found[key] for key in asked if key in found), tuple(key for key in asked if key not in found)
    )


def csl_items(path: Path) -> list[dict[str, Any]]:
    """The entries of a bibliography as CSL items. Raises OSError, ValueError or CalledProcessError for a file that cannot be read."""
    if path.suffix.lower() not in _FORMATS:
        return list(json.loads(path.read_text(encoding="utf-8")))
    command = [pandoc_path(), "-f", _FORMATS[path.suffix.lower()], "-t", "csljson", str(path)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return list(json.loads(done.stdout))


def _is_surname(person: Mapping[str, Any]) -> bool:
    """Whether a person is known by one word alone; a group has more, or is no person."""
    if person.get("given"):
        return False
    return len(str(person.get("family") or person.get("literal") or "").split()) == 1


def _entry(item: dict[str, Any]) -> Entry:
    named = item.get("author") or item.get("editor") or []
    # What stands for a missing author in the bibliography of the studies is none.
    people = [n for n in named if any(n.values()) and n.get("literal") != citations.NO_AUTHOR]
    issued = item.get("issued") or {}
    parts = (issued.get("date-parts") or [[None]])[0]
    written = parts[0] if parts else None
    year = re.search(r"\b\d{4}\b", str(written or issued.get("literal") or issued.get("raw") or ""))
    doi = _DOI.search(str(item.get("DOI") or "")) or (
        _DOI.search(item["URL"]) if "doi.org/" in str(item.get("URL") or "") else None
    )
    pmid = re.search(r"\d+", str(item.get("PMID") or "")) or re.search(
        r"PMID:? *(\d+)", str(item.get("note") or "")
    )
    return Entry(
        key=str(item["id"]),
        kind=str(item.get("type") or ""),
        title=str(item.get("title") or ""),
        authors=len(people),
        year=year.group() if year else "",
        doi=doi.group().lower().rstrip(".,;") if doi else "",
        pmid=pmid.group(pmid.lastindex or 0) if pmid else "",
        surnames=sum(_is_surname(person) for person in people),
    )
