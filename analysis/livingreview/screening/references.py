"""Bibliographic records as databases export them: RIS, NBIB (PubMed), BibTeX and CSV, with the line of each record.

The readers are tolerant of what exports bring along (byte-order marks, a search strategy before the first record, text
between records, a missing end tag, unknown tags) and never lose a record in silence: what lies outside every record is
told with its line, and what may be a record but cannot be read is an error. Text without a tag never moves to the next
record. RIS is read with rispy, BibTeX with bibtexparser, one record at a time, so that a broken one cannot take others with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from livingreview.errors import Problem, ReviewError
from livingreview.screening.identifiers import pmid, written_doi

FORMATS = {"ris": "RIS", "nbib": "NBIB (PubMed)", "bib": "BibTeX", "csv": "CSV"}
"""Formats by the ending of a file name."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A record as an export gives it; what it does not give is empty. ``line`` is where it begins in the file."""

    line: int
    title: str = ""
    first_author: str = ""
    year: str = ""
    journal: str = ""
    doi: str = ""
    pmid: str = ""
    url: str = ""


@dataclass(slots=True)
class Export:
    """What was read: the records in the order of the file, and notes and warnings on the way."""

    file: str
    format: str
    references: list[Reference] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def tell(self, message: str, line: int | None, severity: str = "warning", **more: str) -> None:
        """Add a problem at a line of the file."""
        self.problems.append(Problem(message, file=self.file, row=line, severity=severity, **more))  # type: ignore[arg-type]


def read(path: Path, format: str = "") -> Export:
    """Read an export. ``format`` is one of :data:`FORMATS`; by default the file's content and name tell.

    Raises ReviewError, with every problem, where a record cannot be read, or where there is none.
    """
    from livingreview.screening import reference_formats as formats

    export = Export(path.name, format)
    text = _text(path, export)
    export.format = format or _format(path, text)
    if export.format == "csv":
        formats.csv(path, export)  # whose reader knows encodings and separators itself
    else:
        {"ris": formats.ris, "nbib": formats.nbib, "bib": formats.bibtex}[export.format](text, export)
    wrong = [p for p in export.problems if p.severity == "error"]
    if not wrong and not export.references:
        wrong = [
            Problem(
                f"no record was found in the file, read as {FORMATS[export.format]}",
                file=path.name,
                suggestion="export it again, or say what it is with --format",
                allowed=", ".join(FORMATS),
            )
        ]
    if wrong:
        raise ReviewError(wrong)
    return export


def _text(path: Path, export: Export) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ReviewError(Problem("there is no such file", file=str(path))) from None
    except OSError as error:
        raise ReviewError(
            Problem(f"the file cannot be read: {error.strerror or error}", file=str(path))
        ) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace").lstrip("\ufeff")
    try:
        return content.decode("utf-8-sig").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        export.tell(
            "the file is not UTF-8 text and was read as Windows-1252",
            content[: error.start].count(b"\n") + 1,
            suggestion="look whether the letters with accents are right, or export it again as UTF-8",
        )
        return content.decode("cp1252", errors="replace")


def _format(path: Path, text: str) -> str:
    """By what the file says, else by its name."""
    for name, shape in (
        ("nbib", r"^PMID ?- ?\d"),
        ("ris", r"^\s*TY {0,2}- ?"),
        ("bib", r"^\s*@\s*[A-Za-z]+\s*[{(]"),
    ):
        if re.search(shape, text, re.MULTILINE):
            return name
    ending = path.suffix.casefold().lstrip(".")
    ending = {"bibtex": "bib", "tsv": "csv", "txt": "csv", "medline": "nbib"}.get(ending, ending)
    if ending in FORMATS:
        return ending
    raise ReviewError(
        Problem(
            "cannot tell what kind of file this is",
            file=path.name,
            allowed=", ".join(f"{e} ({n})" for e, n in FORMATS.items()),
            suggestion="say it with --format",
        )
    )


def reference(
    export: Export,
    line: int,
    *,
    title: str,
    authors: Sequence[str],
    dates: Iterable[str],
    journal: str,
    dois: Iterable[str],
    pmids: Iterable[str],
    urls: Iterable[str],
) -> Reference:
    """A record from the texts of an export's fields; an identifier or a date that is none is left out and told."""
    found_doi = ""
    for text in filter(None, dois):
        found_doi = found_doi or written_doi(text)
        if not written_doi(text):
            export.tell("this is no DOI and was left out", line, value=text, severity="note")
    links = [u for u in (u.strip() for u in urls) if re.fullmatch(r"https?://\S+", u)]
    found_doi = found_doi or next((d for u in links if "doi.org/" in u and (d := written_doi(u))), "")
    numbers = [*pmids, *(m[1] for u in links if (m := re.search(r"pubmed\S*/(\d{1,8})/?$", u)))]
    dates = [d for d in dates if d]
    year = next((m[0] for d in dates if (m := re.search(r"(?<!\d)(?:1[5-9]|20|21)\d\d(?!\d)", d or ""))), "")
    if dates and not year:
        export.tell(
            "no year can be read in this date, so that the year stays empty", line, value=tidy(dates[0])
        )
    return Reference(
        line=line,
        title=tidy(title).rstrip("."),
        first_author=family_name(authors[0]) if authors else "",
        year=year,
        journal=tidy(journal),
        doi=found_doi,
        pmid=next((p for n in numbers if (p := pmid(n))), ""),
        url=links[0] if links else "",
    )


def tidy(text: str) -> str:
    """Text on one line, composed letters, without control characters."""
    plain = unicodedata.normalize("NFC", text or "")
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())


def family_name(author: str) -> str:
    """Family name of an author as exports write it: ``Smith, Jane``, ``Smith J`` or ``Jane Smith``.

    >>> [family_name(a) for a in ("van der Berg, Jane A.", "Smith JA", "Jane Smith", "WHO")]
    ['van der Berg', 'Smith', 'Smith', 'WHO']
    """
    name = tidy(author).strip(" .;")
    if "," in name:
        return name.split(",")[0].strip()
    words = name.split()
    while len(words) > 1 and re.fullmatch(r"(?:[A-Z]\.?-?){1,4}", words[-1]):
        words.pop()
    if len(words) > 1 and words == name.split():  # no initials were behind the name: given names stand first
        small = next((i for i, w in enumerate(words) if i and w[0].islower()), len(words) - 1)
        return " ".join(words[small:])
    return " ".join(words)
