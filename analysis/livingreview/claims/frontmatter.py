"""Front matter of the documents in Quarto's author schema, from the protocol; people's text is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livingreview.claims import wording as w
from livingreview.publish.escape import markdown

LIVING = "living systematic review"


def full_title(title: str, version: str) -> str:
    """The title as it prints: says that the review is living, and which version this is (markdown)."""
    text = markdown(title)
    if LIVING not in title.casefold():
        text += f": a {LIVING}"
    return f"{text} (version {markdown(version)})"


def front_matter(documents: Mapping[str, Any], *, changed_since_release: bool = False) -> dict[str, Any]:
    """Metadata that all documents of the review share, as Quarto reads it: title, people, date, version, keywords, and the ``facts`` of a living
    review that its first page gives: mode, last search, next search due. ``changed_since_release``: this version has been released, and its
    data or protocol are no longer what was released.

    A document with a title of its own (the supplement) gives it in its own front matter, which goes first.
    """
    version = markdown(documents["version"])
    if changed_since_release:
        version += f", with changes since release {version}"
    return {
        "title": full_title(documents["title"], documents["version"]),
        "author": [_author(a) for a in documents["authors"]],
        "affiliations": [
            _affiliation(key, place) for key, place in sorted((documents.get("affiliations") or {}).items())
        ],
        "date": documents["date"],
        "version": version,
        "facts": _facts(documents),
        "status": w.sentence(markdown(documents["status"])).rstrip("."),
        "short-title": markdown(documents["short_title"]),
        "keywords": [markdown(k) for k in documents.get("keywords") or []],
    }


def _facts(documents: Mapping[str, Any]) -> list[dict[str, str]]:
    """Names and texts of what the first page says of the living mode."""
    living, plan = documents["living"], documents["schedule"]
    found = [("Last search", w.day(plan["searched"]))]
    if living["mode"] == "active":
        proposed = " (proposed)" if plan["due"] and living["proposed"] else ""
        found.append(
            ("Next search due", f"{w.day(plan['due'])}{proposed}" if plan["due"] else "not scheduled")
        )
    else:
        word = "Paused" if living["mode"] == "paused" else "Retired"
        found.append((f"{word} since", w.day(living["ended"]["date"])))
    return [{"name": name, "text": text} for name, text in found]


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
