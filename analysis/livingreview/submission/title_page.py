"""The title page: who wrote it, where, and how much it is; what is missing is said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from livingreview.protocol_model import Affiliation, Author, Protocol
from livingreview.publish.snapshot import inlines
from livingreview.submission.arrange import Block, Blocks, header, styled


def running_title(protocol: Protocol) -> str:
    """The running title, else the short title."""
    return protocol.running_title or protocol.short_title


def short_texts(protocol: Protocol, asked: Collection[str]) -> dict[str, Sequence[str]]:
    """The short texts with these keys of the protocol, by their headings; those that nobody wrote are empty."""
    return {key.replace("_", " ").capitalize(): getattr(protocol, key) for key in asked}


def missing(protocol: Protocol, items: Mapping[str, Sequence[str]] | None = None) -> tuple[str, ...]:
    """What journals want on a title page and review.yaml does not say, a line each; ``items`` as for :func:`blocks`."""
    found = []
    for author in protocol.authors:
        if not (author.given and author.family):
            found.append(f"{author.name}: no given and family name (a group, or authors still to be named)")
        if not author.orcid:
            found.append(f"{author.name}: no ORCID iD")
        if not author.affiliations:
            found.append(f"{author.name}: no affiliation")
    corresponding = [a for a in protocol.authors if a.corresponding]
    if not corresponding:
        found.append("no corresponding author")
    found += [f"{a.name}: corresponding, but without an e-mail address" for a in corresponding if not a.email]
    if not protocol.keywords:
        found.append("no keywords")
    found += [f"no {name.lower()}" for name, texts in (items or {}).items() if not texts]
    return tuple(found)


def blocks(
    protocol: Protocol,
    counts: Mapping[str, int | str],
    *,
    items: Mapping[str, Sequence[str]] | None = None,
) -> Blocks:
    """The title page below its title.

    ``counts`` are printed as they are, name and number (``{"Words in the abstract": 241}``); ``items`` are further short texts by their heading
    (highlights, a capsule summary). Authors carry the numbers of their institutions in the order in which these are first named.
    """
    order: dict[str, int] = {}
    for author in protocol.authors:
        for key in author.affiliations:
            order.setdefault(key, len(order) + 1)
    marked = len(order) > 1
    out = [_field("Running title", inlines(running_title(protocol))), header(inlines("Authors"))]
    out += [
        styled("Author", [{"t": "Para", "c": _author(a, order if marked else {})}]) for a in protocol.authors
    ]
    if order:
        out.append(header(inlines("Affiliations")))
    for key, number in order.items():
        mark = [_super(str(number)), {"t": "Space"}] if marked else []
        line = [*mark, *inlines(_place(protocol.affiliations.get(key), key))]
        out.append(styled("Affiliation", [{"t": "Para", "c": line}]))
    corresponding = [a for a in protocol.authors if a.corresponding]
    if corresponding:
        out.append(header(inlines("Corresponding author")))
        out += [{"t": "Para", "c": _contact(a)} for a in corresponding]
    if protocol.keywords:
        out += [header(inlines("Keywords")), {"t": "Para", "c": inlines(", ".join(protocol.keywords))}]
    for name, texts in (items or {}).items():
        if texts:
            out.append(header(inlines(name)))
            out.append({"t": "BulletList", "c": [[{"t": "Plain", "c": inlines(text)}] for text in texts]})
    if counts:
        out.append(header(inlines("Counts")))
        lines = [[{"t": "Plain", "c": inlines(f"{name}: {number}")}] for name, number in counts.items()]
        out.append({"t": "BulletList", "c": lines})
    gaps = missing(protocol, items)
    if gaps:
        out.append(header(inlines("Missing on this title page")))
        out.append({"t": "BulletList", "c": [[{"t": "Plain", "c": inlines(gap)}] for gap in gaps]})
    return out


def _author(author: Author, order: Mapping[str, int]) -> list[Any]:
    marks = [str(order[key]) for key in author.affiliations if key in order]
    line = inlines(author.name)
    if marks or author.corresponding:
        line.append(_super(",".join([*marks, *(["*"] if author.corresponding else [])])))
    if author.orcid:
        address = f"https://orcid.org/{author.orcid}"
        line += [{"t": "Str", "c": ","}, {"t": "Space"}, {"t": "Str", "c": "ORCID"}, {"t": "Space"}]
        line.append(_link(author.orcid, address))
    return line


def _contact(author: Author) -> list[Any]:
    line = [*inlines(f"* {author.name}")]
    if author.email:
        line += [{"t": "Str", "c": ","}, {"t": "Space"}, _link(author.email, f"mailto:{author.email}")]
    return line


def _place(place: Affiliation | None, key: str) -> str:
    if place is None:
        return key
    return ", ".join(part for part in (place.name, place.city, place.country) if part)


def _field(name: str, text: list[Any]) -> Block:
    return {"t": "Para", "c": [{"t": "Strong", "c": inlines(f"{name}.")}, {"t": "Space"}, *text]}


def _link(text: str, address: str) -> dict[str, Any]:
    return {"t": "Link", "c": [["", [], []], [{"t": "Str", "c": text}], [address, ""]]}


def _super(text: str) -> dict[str, Any]:
    return {"t": "Superscript", "c": [{"t": "Str", "c": text}]}
