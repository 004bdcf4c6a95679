"""How studies are named in print: label, short label, title, identifier, and the entry in the bibliography.

A study is "Smith 1996". Where no author is shown it is "Authors not shown (Wounds, n.d.)". A title that the
extractor described, because none was shown, stands in [square brackets]. Keys and addresses of web pages never print;
DOI, PubMed id and registration number do.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from livingreview.screening import identifiers
from livingreview.screening.identifiers import text

Study = Mapping[str, Any]

SHORT = 28
"""Longest short label, in characters."""
NO_YEAR = "n.d."
NO_AUTHOR = "Authors not shown"
NO_TITLE = "[Title not shown]"
_TITLE_WORDS = 40  # characters of a title that stands for a missing author and journal
_CONFERENCE = re.compile(
    r"\b(?:abstracts?|meeting|conference|congress|symposium|scientific programme|poster)\b", re.IGNORECASE
)
_REGISTRY_NAME = re.compile(r"^clinicaltrials\.gov\b", re.IGNORECASE)
# What CSL processors read as mark-up inside a title or a journal's name.
_CSL_TAG = re.compile(r"<(/?(?:i|b|sub|sup|sc|span)\b)")


def label(study: Study) -> str:
    """Author and year as they print, e.g. "Smith 1996" or "Authors not shown (Wounds, n.d.)".

    Not yet told apart from other studies with the same label: see :func:`labels`.
    """
    return _label(study, "")


def labels(studies: Iterable[Study], described: Mapping[str, str] | None = None) -> dict[str, dict[str, str]]:
    """``{study_id: {"label", "label_short"}}``, all different: equal ones get a, b, … in the order of title and key.

    ``label_short`` has at most :data:`SHORT` characters. ``described`` is :func:`described_titles`, for studies without
    author, journal and title. The result does not depend on the order of the studies.
    """
    named = [
        {**s, "title": title(s, d)} if (d := (described or {}).get(text(s, "study_id"))) else s
        for s in studies
    ]
    ordered = sorted(named, key=lambda s: (text(s, "title").casefold(), text(s, "study_id")))
    full = _told_apart(ordered, _label)
    short = _told_apart(ordered, _short_label)
    return {key: {"label": full[key], "label_short": short[key]} for key in sorted(full)}


def names_of_record(record: Study) -> dict[str, str]:
    """``{"label", "label_short"}`` of a search record that is no study (yet); not told apart from others."""
    return {"label": _label(record, ""), "label_short": _short_label(record, "")}


def _told_apart(studies: Sequence[Study], name: Callable[[Study, str], str]) -> dict[str, str]:
    same: dict[str, list[Study]] = defaultdict(list)
    for study in studies:
        same[name(study, "").casefold()].append(study)
    found = {}
    for group in same.values():
        for place, study in enumerate(group):
            found[text(study, "study_id")] = name(study, _letters(place) if len(group) > 1 else "")
    return found


def _letters(place: int) -> str:
    """a, b, … z, aa, ab, …"""
    head, tail = divmod(place, 26)
    return (_letters(head - 1) if head else "") + chr(ord("a") + tail)


def _year(study: Study, letter: str) -> str:
    year = text(study, "year")
    return f"{year}{letter}" if year else f"{NO_YEAR}-{letter}" if letter else NO_YEAR


def _label(study: Study, letter: str) -> str:
    author, year = text(study, "first_author"), _year(study, letter)
    if author:
        return f"{author} {year}"
    source = journal(study) or _registration_or_title(study, _TITLE_WORDS)
    return f"{NO_AUTHOR} ({source}, {year})" if source else f"{NO_AUTHOR} ({year})"


def _short_label(study: Study, letter: str) -> str:
    year = _year(study, letter)
    room = SHORT - len(year) - 1
    named = text(study, "first_author") or journal(study) or _registration_or_title(study, room) or NO_AUTHOR
    return f"{_cut(named, room)} {year}"


def _registration_or_title(study: Study, room: int) -> str:
    number = identifiers.registration_of(study)
    if number:
        return number
    bare = title(study)
    if bare == NO_TITLE:
        return ""
    if bare.startswith("[") and bare.endswith("]"):
        return f"[{_cut(bare[1:-1], room - 2)}]"
    return f"“{_cut(bare, room - 2)}”"


def _cut(value: str, room: int) -> str:
    """A text of at most ``room`` characters, cut after a word where one fits."""
    if len(value) <= room:
        return value
    head = value[: room - 1]
    words = head.rsplit(" ", 1)
    if value[room - 1] != " " and len(words) == 2 and len(words[0]) >= 0.7 * room:
        head = words[0]
    return head.rstrip(" ,;:.–-(") + "…"


def journal(study: Study) -> str:
    """Journal or other source without remarks in brackets at its end; empty for a registry's name."""
    name = text(study, "journal")
    bare = re.sub(r"(?:\s*\([^()]*\))+\s*$", "", name).strip()
    return "" if _REGISTRY_NAME.match(bare) else bare or name


def _container(study: Study) -> str:
    """Journal for the bibliography: a name in brackets ("(Oxford)") belongs to it, a remark ("(brief report)") does not."""
    return re.sub(r"\s*\((?![A-Z])[^()]*\)\s*$", "", text(study, "journal")).strip() or text(study, "journal")


def title(study: Study, described: str = "") -> str:
    """The title as it prints: in [square brackets] if it was described and not seen.

    A title all in brackets is a description. ``described`` is the description in the records of the study, used
    where the study has no title. Without either: "[Title not shown]".
    """
    own = text(study, "title")
    wrapped = re.fullmatch(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)|\[([^\[\]]*)\]", own)
    if wrapped:
        return f"[{(wrapped.group(1) or wrapped.group(2) or '').strip()}]"
    if own:
        return f"[{own}]" if described and own == described else own
    described = described.strip().strip("()[]").strip()
    return f"[{described}]" if described else NO_TITLE


def described_titles(records: Iterable[Study]) -> dict[str, str]:
    """Descriptions from the search records by study id, for studies of which no record shows a published title."""
    shown: set[str] = set()
    found: dict[str, list[str]] = defaultdict(list)
    for record in records:
        study, named = text(record, "study_id"), text(record, "title")
        if study and named and text(record, "title_kind") == "described":
            found[study].append(named)
        elif study and named:
            shown.add(study)
    return {study: min(names) for study, names in sorted(found.items()) if study not in shown}


def identifier(study: Study, access_date: str) -> dict[str, Any]:
    """What leads to the study: ``{"kind", "text", "url"}``, kind ``doi``, ``pmid``, ``registry`` or ``web``.

    ``url`` is ``None`` for ``web``: the addresses in the tables may be mirrors, they are for checking and never print.
    """
    if doi := identifiers.written_doi(study.get("doi")):
        return {"kind": "doi", "text": f"doi:{doi}", "url": "https://doi.org/" + quote(doi, safe="/:;()._-+")}
    if pmid := identifiers.pmid(study.get("pmid")):
        return {"kind": "pmid", "text": f"PMID {pmid}", "url": f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"}
    if number := identifiers.registration_of(study):
        return {"kind": "registry", "text": number, "url": identifiers.registry(number)[1]}
    return {"kind": "web", "text": f"web page, accessed {access_date}", "url": None}


def bibliography(
    studies: Iterable[Study], protocol: Any, described: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """CSL-JSON items of the studies, by id. Titles and journals are plain text: nothing in them is mark-up.

    ``protocol`` gives the date of access to web pages; ``described`` is :func:`described_titles`. A study without
    author has no author field, one without year the literal date "n.d.".
    """
    accessed = _date_parts(
        str(protocol["access_date"] if isinstance(protocol, Mapping) else protocol.access_date)
    )
    ordered = sorted(studies, key=lambda s: text(s, "study_id"))
    return [_item(s, accessed, (described or {}).get(text(s, "study_id"), "")) for s in ordered]


def _item(study: Study, accessed: dict[str, Any], described: str) -> dict[str, Any]:
    name, number = journal(study), identifiers.registration_of(study)
    item: dict[str, Any] = {"id": text(study, "study_id"), "title": csl_text(title(study, described))}
    author = text(study, "first_author")
    item["author"] = [_author(author) if author else {"literal": NO_AUTHOR}]
    item["issued"] = _issued(text(study, "year"))
    for key, column in (("volume", "volume"), ("issue", "issue"), ("page", "pages")):
        if value := text(study, column):
            item[key] = value
    if doi := identifiers.written_doi(study.get("doi")):
        item["DOI"] = doi
    if pmid := identifiers.pmid(study.get("pmid")):
        item["PMID"] = pmid
    if number:
        registry, url = identifiers.registry(number)
        item |= {"type": "webpage", "container-title": f"{registry}, {number}", "accessed": accessed}
        if url:
            item["URL"] = url
    elif name:
        item["type"] = "paper-conference" if _CONFERENCE.search(text(study, "journal")) else "article-journal"
        item["container-title"] = csl_text(_container(study))
    elif "DOI" in item or "PMID" in item:
        item["type"] = "article-journal"
    else:
        item |= {"type": "webpage", "accessed": accessed}
    return item


def _author(name: str) -> dict[str, str]:
    family, comma, given = (part.strip() for part in name.partition(","))
    return {"family": family, "given": given} if comma and family and given else {"literal": name}


def _issued(year: str) -> dict[str, Any]:
    return {"date-parts": [[int(year)]]} if re.fullmatch(r"\d{4}", year) else {"literal": year or NO_YEAR}


def _date_parts(day: str) -> dict[str, Any]:
    return {"date-parts": [[int(part) for part in day.split("-")]]}


def csl_text(plain: str) -> str:
    """A plain text for a CSL-JSON field that is read with mark-up (title, journal).

    CSL-JSON has no escape for ``<i>`` and its like. A span that only protects letter case, put around the name in such
    a tag, keeps it from being one. Quotation marks are left to the citation style.
    """
    return _CSL_TAG.sub(r'<<span class="nocase">\1</span>', plain)
