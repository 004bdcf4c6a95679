"""How to cite the review and its code: ``CITATION.cff`` (Citation File Format 1.2.0) and ``codemeta.json`` (CodeMeta 3.0).

Both say what the protocol and ``pyproject.toml`` say, and nothing else: an author without parts of a name stays one name, a
licence or DOI that was not given is not in them.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from livingreview import canonical
from livingreview.protocol_model import Author
from livingreview.submission.archive.facts import DOI, ORCID, Facts, affiliations, is_group

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MESSAGE = "If you use the data, the results or the text of this review, please cite it as follows."


def cff(facts: Facts) -> bytes:
    """``CITATION.cff`` of the review as a data set; the code and the version that it continues are its references.

    Rules: https://github.com/citation-file-format/citation-file-format/blob/1.2.0/schema-guide.md
    """
    protocol = facts.protocol
    found: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": _MESSAGE,
        "type": "dataset",
        "title": str(protocol.title),
        "abstract": str(protocol.question.text),
        "version": str(protocol.version),
        "date-released": facts.day,
        "authors": [_author(facts, author) for author in protocol.authors],
    }
    if facts.licence and facts.licence.spdx:
        found["license"] = facts.licence.spdx
    if protocol.keywords:
        found["keywords"] = list(dict.fromkeys(map(str, protocol.keywords)))
    found["references"] = _references(facts)
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=110).encode("utf-8")


def codemeta(facts: Facts) -> bytes:
    """``codemeta.json`` of the code in the archive, with the review as what it was published for."""
    code, protocol = facts.code, facts.protocol
    found: dict[str, Any] = {
        "@context": "https://w3id.org/codemeta/3.0",
        "type": "SoftwareSourceCode",
        "name": code.name,
        "version": code.version,
        "description": code.description,
        "author": [{"type": "Organization", "name": name} for name in code.authors],
        "keywords": list(code.keywords),
        "programmingLanguage": {"type": "ComputerLanguage", "name": "Python", "version": code.python},
        "softwareRequirements": list(code.requires),
        "referencePublication": {
            "type": "ScholarlyArticle",
            "name": str(protocol.title),
            "version": str(protocol.version),
            "datePublished": facts.day,
            "author": [_person(facts, author) for author in protocol.authors],
        },
    }
    if code.licence and code.licence.url:
        found["license"] = code.licence.url
    return canonical.dumps(found).encode("utf-8")


def _author(facts: Facts, author: Author) -> dict[str, str]:
    if is_group(author):
        found = {"name": str(author.name)}
    else:
        found = {"family-names": str(author.family), "given-names": str(author.given)}
        if places := affiliations(facts.protocol, author):
            found["affiliation"] = "; ".join(places)
    if author.orcid:
        found["orcid"] = f"{ORCID}{str(author.orcid).removeprefix(ORCID)}"
    return found


def _person(facts: Facts, author: Author) -> dict[str, Any]:
    if is_group(author):
        return {"type": "Organization", "name": str(author.name)}
    found: dict[str, Any] = {
        "type": "Person",
        "givenName": str(author.given),
        "familyName": str(author.family),
    }
    if author.orcid:
        found["id"] = f"{ORCID}{str(author.orcid).removeprefix(ORCID)}"
    if places := affiliations(facts.protocol, author):
        found["affiliation"] = [
            {"type": "Organization", "name": name, **({"id": ror} if ror else {})}
            for name, ror in places.items()
        ]
    return found


def _references(facts: Facts) -> list[dict[str, Any]]:
    code = facts.code
    software: dict[str, Any] = {
        "type": "software",
        "title": code.name,
        "version": code.version,
        "abstract": code.description,
        "authors": [{"name": name} for name in code.authors] or [{"name": code.name}],
        "notes": "The code in this archive, which built the review.",
    }
    if code.licence and code.licence.spdx:
        software["license"] = code.licence.spdx
    earlier = facts.continued
    if earlier is None or not (earlier.title and earlier.authors):
        return [software]
    article: dict[str, Any] = {
        "type": "article",
        "title": earlier.title,
        "authors": [{"name": name} for name in earlier.authors],
    }
    if earlier.doi:
        article |= {"doi": earlier.doi, "url": DOI + earlier.doi}
    if earlier.day and _DAY.fullmatch(earlier.day):
        article["date-published"] = earlier.day
    article["notes"] = "The version that this review continues."
    return [software, article]
