"""One reader a format of bibliographic exports; see :mod:`livingreview.screening.references`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from livingreview.extraction.read import read_table
from livingreview.screening.references import Export, reference, tidy

_RIS = re.compile(r"\s{0,3}([A-Z][A-Z0-9])(?: {1,2}- ?| {0,2}-(?: |$))(.*)")
_NBIB = re.compile(r"([A-Z]{2,4}) {0,2}- ?(.*)")
_NAMED = frozenset(["TI", "T1", "AU", "A1", "AB", "DO", "PY", "Y1", "JO", "JF", "T2"])

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "article title", "ti", "document title", "publication title"),
    "authors": ("authors", "author", "first_author", "first author", "author(s)", "author names", "author full names", "au"),
    "year": ("year", "publication year", "publication date", "date", "py", "published", "pubyear"),
    "journal": ("journal", "journal/book", "source title", "source", "journal title", "so", "publication", "secondary title"),
    "doi": ("doi", "digital object identifier", "doi link"),
    "pmid": ("pmid", "pubmed id", "pubmed"),
    "url": ("url", "link", "links", "address"),
}  # fmt: skip
"""Columns of CSV exports by the names that databases and reference managers give them."""


def ris(text: str, export: Export) -> None:
    """RIS: a record runs from ``TY`` to ``ER``; what has no end tag ends where the next begins."""
    for line, block in _ris_blocks(text, export):
        record = _with_rispy(block)
        database = str(record.get("name_of_database", "")).casefold()
        medline = "pubmed" in database or "medline" in database or "nlm" in database
        number = str(record.get("accession_number", ""))
        _add(
            export,
            line,
            title=_first(record, "title", "primary_title"),
            authors=_all(record, "authors", "first_authors"),
            dates=[*_all(record, "year"), *_all(record, "publication_year"), *_all(record, "date")],
            journal=_first(record, "alternate_title3", "journal_name", "secondary_title", "alternate_title2"),
            dois=_all(record, "doi"),
            pmids=[number] if medline else [],
            urls=[u for found in _all(record, "urls") for u in found.split()],
        )


def _ris_blocks(text: str, export: Export) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Line and (tag, text) pairs of each record."""
    begin, block, outside = 0, [], []  # type: int, list[tuple[str, str]], list[int]
    for number, raw in enumerate(text.splitlines(), 1):
        found = _RIS.fullmatch(raw.lstrip("\ufeff").rstrip())
        tag, value = (found[1], found[2].strip()) if found else ("", raw.strip())
        if tag == "TY":
            if begin:
                export.tell(
                    f"the record that begins in line {begin} has no end tag (ER); it was ended here", number
                )
                yield begin, block
            begin, block = number, [(tag, value)]
        elif tag == "ER":
            if begin:
                yield begin, block
            else:
                outside.append(number)
            begin, block = 0, []
        elif not begin:
            if tag in _NAMED:
                export.tell(
                    "a tag outside every record: a record without its first line (TY)",
                    number,
                    "error",
                    value=raw.strip(),
                    suggestion="put a line `TY  - JOUR` before it, or delete the text",
                )
            elif raw.strip():
                outside.append(number)
        elif tag:
            block.append((tag, value))
        elif value:  # text without a tag goes on with the tag before it, inside this record
            last, before = block[-1]
            block[-1] = (last, f"{before} {value}".strip())
    if begin:
        export.tell("the file ends inside this record, which has no end tag (ER)", begin)
        yield begin, block
    _tell_outside(export, outside)


def _tell_outside(export: Export, lines: list[int]) -> None:
    if lines:
        export.tell(
            f"{len(lines)} line{'' if len(lines) == 1 else 's'} of text outside every record (first in this one) were not read",
            lines[0],
            "note",
        )


def _with_rispy(block: list[tuple[str, str]]) -> dict[str, Any]:
    """What rispy makes of one record, given to it as it likes it."""
    import rispy

    text = "\n".join(f"{tag}  - {value}" for tag, value in block) + "\nER  - \n"
    found = rispy.loads(text)
    return dict(found[0]) if found else {}


def _first(record: Mapping[str, Any], *names: str) -> str:
    return next((t for t in _all(record, *names) if t), "")


def _all(record: Mapping[str, Any], *names: str) -> list[str]:
    found: list[str] = []
    for name in names:
        value = record.get(name)
        found += [str(v) for v in value] if isinstance(value, list) else [str(value)] if value else []
    return found


def nbib(text: str, export: Export) -> None:
    """NBIB, PubMed's own format: a record begins with its PubMed number; further lines of a field are indented."""
    record: dict[str, list[str]] = {}
    begin, last, outside = 0, "", []  # type: int, str, list[int]
    for number, raw in enumerate(text.splitlines(), 1):
        found = _NBIB.fullmatch(raw.rstrip()) if not raw.startswith("      ") else None
        if found and found[1] == "PMID":
            _nbib_record(export, begin, record)
            record, begin, last = {"PMID": [found[2].strip()]}, number, "PMID"
        elif not begin:
            if found and found[1] in ("TI", "FAU", "AU", "DP"):
                export.tell(
                    "a field outside every record: a record without its first line (PMID)",
                    number,
                    "error",
                    value=raw.strip(),
                    suggestion="put its line `PMID- …` before it, or delete the text",
                )
            elif raw.strip():
                outside.append(number)
        elif found:
            last = found[1]
            record.setdefault(last, []).append(found[2].strip())
        elif not raw.strip():
            last = ""  # an empty line ends the record; what follows without a tag belongs to none
        elif last and raw.startswith(" "):
            record[last][-1] += " " + raw.strip()
        else:
            outside.append(number)
    _nbib_record(export, begin, record)
    _tell_outside(export, outside)


def _nbib_record(export: Export, line: int, record: Mapping[str, list[str]]) -> None:
    if not line:
        return
    named = [*record.get("AID", []), *record.get("LID", [])]
    _add(
        export,
        line,
        title=_first(record, "TI", "BTI", "TT"),
        authors=_all(record, "FAU") or _all(record, "AU") or [f"{name}," for name in _all(record, "CN")],
        dates=[*record.get("DP", []), *record.get("DEP", [])],
        journal=_first(record, "JT", "TA", "BTI"),
        dois=[n.removesuffix("[doi]").strip() for n in named if n.endswith("[doi]")],
        pmids=record.get("PMID", []),
        urls=[],
    )


def bibtex(text: str, export: Export) -> None:
    """BibTeX, read with bibtexparser; an entry that it refuses is an error, one whose key stands twice is kept."""
    import logging

    import bibtexparser
    from bibtexparser.middlewares import LatexDecodingMiddleware, MonthIntMiddleware, NormalizeFieldKeys

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = bibtexparser.parse_string(
        text, append_middleware=[NormalizeFieldKeys(), LatexDecodingMiddleware(), MonthIntMiddleware()]
    )
    entries = list(library.entries)
    for failed in library.failed_blocks:
        line = (failed.start_line or 0) + 1
        kept = getattr(failed, "ignore_error_block", None)
        if kept is not None and hasattr(kept, "fields_dict"):
            export.tell(f"the key `{kept.key}` stands twice in the file; both entries are read", line, "note")
            entries.append(kept)
            continue
        raw = (failed.raw or "").strip()
        export.tell(
            f"this entry cannot be read: {tidy(str(failed.error)) or 'it is broken'}",
            line,
            "error",
            value=tidy(raw)[:80],
            suggestion="check its braces, quotes and commas; one of them is probably missing",
        )
    for entry in sorted(entries, key=lambda e: e.start_line or 0):
        fields = {k.casefold(): _bare(str(f.value)) for k, f in entry.fields_dict.items()}
        raw_authors = str(entry.fields_dict["author"].value) if "author" in entry.fields_dict else ""
        people = re.split(r"\s+and\s+", _bare(raw_authors)) if raw_authors else []
        _add(
            export,
            (entry.start_line or 0) + 1,
            title=fields.get("title", ""),
            authors=[p for p in people if p],
            dates=[fields.get("year", ""), fields.get("date", "")],
            journal=fields.get("journal") or fields.get("journaltitle") or fields.get("booktitle", ""),
            dois=[fields.get("doi", "")],
            pmids=[fields.get("pmid", "")],
            urls=fields.get("url", "").split(),
        )


def _bare(value: str) -> str:
    return tidy(value.replace("{", "").replace("}", ""))


def csv(path: Path, export: Export) -> None:
    """CSV of any database or spreadsheet, by the names of its columns; only the title must be there."""
    table = read_table(path, shown=path.name)
    export.problems += [*table.problems, *table.notes]
    if not table.header:
        return
    places: dict[str, str] = {}
    for field, names in COLUMNS.items():
        known = {h.casefold().strip(): h for h in table.header}
        for name in names:
            if name in known:
                places[field] = known[name]
                break
    if "title" not in places:
        export.tell(
            "no column holds titles",
            1,
            "error",
            value=", ".join(table.header),
            allowed=", ".join(n for names in COLUMNS.values() for n in names[:1]),
            suggestion="name the column of titles `title` in the first row",
        )
        return
    for row in table.rows:
        cells = {field: row.cells.get(column, "") for field, column in places.items()}
        authors = [a for a in re.split(r"\s*;\s*|\s+and\s+", cells.get("authors", "")) if a]
        if (
            authors
            and ";" not in cells["authors"]
            and re.fullmatch(r"[^,]+ [A-Z]{1,3}(?:, .*)?\.?", authors[0])
        ):
            authors = [authors[0].split(",")[0]]  # "Smith J, Jones K." is a list, "Smith, Jane" one name
        _add(
            export,
            row.row,
            title=cells["title"],
            authors=authors,
            dates=[cells.get("year", "")],
            journal=cells.get("journal", ""),
            dois=[cells.get("doi", "")],
            pmids=[cells.get("pmid", "")],
            urls=cells.get("url", "").split(),
        )


def _add(export: Export, line: int, **texts: Any) -> None:
    found = reference(export, line, **texts)
    if not (found.title or found.doi or found.pmid or found.url):
        export.tell(
            "a record without title, DOI, PubMed number and address, by which nobody could find it",
            line,
            "error",
            suggestion="complete it in the file, or delete it there",
        )
        return
    export.references.append(found)
