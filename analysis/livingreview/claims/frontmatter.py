"""Front matter of the documents in Quarto's author schema, from the protocol; people's text is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livingreview.publish.escape import markdown

LIVING = "living systematic review"


def full_title(title: str, version: str) -> str:
    """The title as it prints: says that the review is living, and which version this is (markdown)."""
    text = markdown(title)
    if LIVING not in title.casefold():
        text += f": a {LIVING}"
    return f"{text} (version {markdown(version)})"


def front_matter(documents: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata that all documents of the review share, as Quarto reads it: title, people, date, version, keywords.

    A document with a title of its own (the supplement) gives it in its own front matter, which goes first.
    """
    return {
        "title": full_title(documents["title"], documents["version"]),
        "author": [_author(a) for a in documents["authors"]],
        "affiliations": [
            _affiliation(key, place) for key, place in sorted((documents.get("affiliations") or {}).items())
        ],
        "date": documents["date"],
        "version": markdown(documents["version"]),
        "short-title": markdown(documents["short_title"]),
        "keywords": [markdown(k) for k in documents.get("keywords") or []],
    }


def _affiliation(key: str, place: Mapping[str, Any]) -> dict[str, Any]:
    entry = {field: markdown(place[field]) for field in ("name", "city", "country") if place.get(field)}
    return {"id": key, **entry, **({"url": place["ror"]} if place.get("ror") else {})}


def _author(author: Mapping[str, Any]) -> dict[str, Any]:
    given, family = author.get("given"), author.get("family")
    name: Any = (
        {"given": markdown(given), "family": markdown(family)}
        if given and family
        else {"literal": markdown(author["name"])}
    )
    entry: dict[str, Any] = {"name": name}
    if author.get("orcid"):
        entry["orcid"] = author["orcid"]
    if author.get("email"):
        entry["email"] = author["email"]
    if author.get("corresponding"):
        entry["corresponding"] = True
    if author.get("affiliations"):
        entry["affiliations"] = [{"ref": key} for key in author["affiliations"]]
    if author.get("roles"):
        entry["roles"] = [markdown(role) for role in author["roles"]]
    return entry
