"""A manuscript without what tells who wrote it: the same for the tree as for the properties of its files."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import Any

from livingreview.protocol_model import Protocol
from livingreview.submission.arrange import PEOPLE, Tree, is_references
from livingreview.submission.leaving_out import without_passages

MASK = "[removed for blinded review]"

# What the bold words or the heading of a statement begin with that tells of people, money or places.
_TELLING = re.compile(
    r"(?:acknowledge?ments?\b|funding\b|funders?\b|financial (?:support|disclosures?)|(?:competing|conflicts? of|declarations? of)\s+interests?"
    r"|authors?\b.*\bcontributions?|contributions?\b|credit\b|corresponden|about the authors?|guarantor"
    r"|data\b.*\b(?:code|available|availability|sharing)|code\b.*\bavailab|availability of (?:data|code)|data and code|registration\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What must not stand in a blinded file: ``terms`` in any text, ``addresses`` at the beginning of links. Both longest first."""

    terms: tuple[str, ...]
    addresses: tuple[str, ...]


def identity(protocol: Protocol) -> Identity:
    """Names (full, and with initials), ORCID iDs, e-mails, institutions and the repository of a review."""
    terms, addresses = set(), set()
    for author in protocol.authors:
        terms |= {author.name, *_initialled(author.given, author.family)}
        if author.orcid:
            terms.add(author.orcid)
            addresses.add(f"https://orcid.org/{author.orcid}")
        if author.email:
            terms.add(author.email)
            addresses.add(f"mailto:{author.email}")
    for place in protocol.affiliations.values():
        terms.add(place.name)
        if place.ror:
            terms.add(place.ror)
            addresses.add(place.ror)
    if protocol.repository:
        bare = re.sub(r"^https?://", "", protocol.repository).rstrip("/")
        terms |= {protocol.repository, bare}
        addresses |= {f"https://{bare}", f"http://{bare}"}
    if protocol.registration:
        terms.add(protocol.registration)

    def order(found: set[str]) -> tuple[str, ...]:
        return tuple(sorted(found, key=lambda term: (-len(term), term)))

    return Identity(order(terms), order(addresses))


def blinded(tree: Tree, who: Identity) -> Tree:
    """The tree without authors, institutions and telling statements; other places that name them print :data:`MASK`.

    The list of references stays: it is to be read as anybody's. A section all of whose statements went goes too.
    """
    blocks = without_passages(copy.deepcopy(tree["blocks"]), _TELLING.match, PEOPLE)
    return {
        **tree,
        "meta": {k: _masked(v, who) for k, v in tree["meta"].items() if k in ("title", "subtitle", "lang")},
        "blocks": [block if is_references(block) else _masked(block, who) for block in blocks],
    }


def masked(text: str, who: Identity) -> str:
    """A text with every term of an identity replaced."""
    pattern = _pattern(who)
    return pattern.sub(MASK, text) if pattern else text


def _masked(value: Any, who: Identity) -> Any:
    """Every list of inlines in a value with the terms replaced, wherever words are parted."""
    if isinstance(value, dict):
        if value.get("t") == "Link" and value["c"][2][0].startswith(who.addresses):
            return {"t": "Str", "c": MASK}
        if value.get("t") == "Image":
            (identifier, classes, pairs), description, target = value["c"]
            pairs = [[k, masked(v, who)] for k, v in pairs]
            return {"t": "Image", "c": [[identifier, classes, pairs], _masked(description, who), target]}
        if value.get("t") in ("Code", "CodeBlock", "Math", "RawInline", "RawBlock"):
            return {"t": value["t"], "c": [value["c"][0], masked(value["c"][1], who)]}
        return {**value, "c": _masked(value["c"], who)} if "c" in value else value
    if not isinstance(value, list):
        return value
    return _masked_run([_masked(v, who) for v in value], who)


def _masked_run(inlines: list[Any], who: Identity) -> list[Any]:
    pattern = _pattern(who)
    if pattern is None or not any(isinstance(i, dict) and i.get("t") == "Str" for i in inlines):
        return inlines
    # Words and the spaces between them as one text; a sign that no term holds stands for everything else.
    pieces = [_piece(inline) for inline in inlines]
    text = "".join(pieces)
    out = list(inlines)
    for match in reversed(list(pattern.finditer(text))):
        first, before = _at(pieces, match.start())
        last, after = _at(pieces, match.end() - 1)
        word = pieces[first][:before] + MASK + pieces[last][after + 1 :]
        out[first : last + 1] = [{"t": "Str", "c": word}]
        pieces[first : last + 1] = [word]
    return out


def _piece(inline: Any) -> str:
    kind = inline.get("t") if isinstance(inline, dict) else None
    if kind == "Str":
        return str(inline["c"])
    return " " if kind in ("Space", "SoftBreak", "LineBreak") else "\x00"


def _at(pieces: list[str], position: int) -> tuple[int, int]:
    for index, piece in enumerate(pieces):
        if position < len(piece):
            return index, position
        position -= len(piece)
    raise IndexError(position)


def _pattern(who: Identity) -> re.Pattern[str] | None:
    if not who.terms:
        return None
    parts = [re.sub(r"(?:\\ )+", r"[ \\u00a0\\u2009\\u202f]+", re.escape(term)) for term in who.terms]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


def _initialled(given: str | None, family: str | None) -> set[str]:
    """``Ada M Example`` as people are named in a text: Example AM, A. M. Example, A Example, A.M.E."""
    if not given or not family:
        return set()
    letters = [part[0] for part in re.split(r"[\s-]+", given) if part]
    run, dotted = "".join(letters), ".".join(letters) + "."
    spaced = " ".join(f"{letter}." for letter in letters)
    return {
        *(f"{given} {family}", f"{family}, {given}", f"{family} {run}", f"{family}, {dotted}"),
        *(f"{dotted} {family}", f"{spaced} {family}", f"{run} {family}", f"{letters[0]}. {family}"),
        f"{''.join(f'{letter}.' for letter in [*letters, family[0]])}",
    }
