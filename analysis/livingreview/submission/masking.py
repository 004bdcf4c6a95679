"""A manuscript without what tells who wrote it: the same for the tree as for the properties of its files."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from livingreview.protocol_model import Protocol
from livingreview.submission.arrange import PEOPLE, Tree, is_references
from livingreview.submission.blinding import Words, load
from livingreview.submission.folding import fold
from livingreview.submission.identity_sources import ordinary_words
from livingreview.submission.leaving_out import without_passages
from livingreview.submission.named import thanked
from livingreview.submission.spellings import (
    HYPHEN,
    address,
    distinctive,
    full,
    initialled,
    initials,
    plain,
)

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
    """What must not stand in a blinded file: ``terms`` in any text, ``exact`` too but in these letters alone (initials: "I.E." is someone,
    "i.e." is not), ``addresses`` at the beginning of links."""

    terms: frozenset[str]
    addresses: frozenset[str]
    exact: frozenset[str] = frozenset()

    def __or__(self, other: Identity) -> Identity:
        """What either of two must not say."""
        return Identity(self.terms | other.terms, self.addresses | other.addresses, self.exact | other.exact)


def identity(protocol: Protocol, known: Words | None = None) -> Identity:
    """Names (full, and with initials), ORCID iDs, e-mails, institutions, people and institutions that are thanked, and the repository of
    a review with its owner; ``known`` are the words that blinding goes by (default: those of the program)."""
    known = known or load()
    terms: set[str] = set()
    exact: set[str] = set()
    addresses: set[str] = set()
    abbreviations = {fold(word) for word in known.abbreviations}
    for author in protocol.authors:
        terms.add(author.name)
        if author.given and author.family:
            terms |= full(author.given, author.family)
            exact |= initialled(author.given, author.family)
            exact |= initials(author.given, author.family, abbreviations)
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
    for name in thanked(protocol, known):
        if name.family:
            terms |= full(name.given, name.family)
            exact |= initialled(name.given, name.family)
        else:
            terms |= {name.text, plain(name.text)}
    if protocol.repository:
        places = _places(protocol.repository)
        terms |= {protocol.repository, *places} | _owner(protocol, known)
        addresses |= {f"{scheme}://{place}" for place in places for scheme in ("https", "http")}
    if protocol.registration:
        terms.add(protocol.registration)
    return Identity(frozenset(terms), frozenset(addresses), frozenset(exact))


def _places(url: str) -> set[str]:
    """The address of a repository without its scheme, and that of its owner, who has other repositories."""
    bare = re.sub(r"^https?://", "", url).rstrip("/")
    found = {bare}
    if (at := address(url)) and at.owner:
        found.add(f"{at.host}/{at.owner}" if at.path.startswith(at.owner) else at.host)
    return found | {f"www.{place}" for place in found if not place.startswith("www.")}


def _owner(protocol: Protocol, known: Words) -> set[str]:
    """The name of the owner of the repository, where it is no ordinary word."""
    at = address(protocol.repository or "")
    common = ordinary_words(protocol) | set(map(fold, known.common_words))
    return {at.owner} if at and distinctive(at.owner, common) else set()


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
        if value.get("t") == "Link" and _within(value["c"][2][0], who.addresses):
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


def _within(target: str, addresses: Collection[str]) -> bool:
    """Whether a link leads to one of the addresses or below it, and not to a longer name that begins alike."""
    return any(
        target.startswith(place) and not re.match(r"[\w-]", target[len(place) :]) for place in addresses
    )


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


@lru_cache(maxsize=32)
def _pattern(who: Identity) -> re.Pattern[str] | None:
    both = [(term, "") for term in who.terms] + [(term, "-i") for term in who.exact]
    if not both:
        return None
    # the longest first: what is left of a name that is masked in part tells as much
    ordered = sorted(both, key=lambda pair: (-len(pair[0]), pair))
    return re.compile(
        rf"(?<!\w)(?:{'|'.join(f'(?{case}:{_spelt(term)})' for term, case in ordered)})(?!\w)", re.IGNORECASE
    )


def _spelt(term: str) -> str:
    """A term as a pattern: any space and hyphen; an address with its scheme and with what follows in its path."""
    found = re.sub(r"(?:\\ )+", r"[ \\u00a0\\u2009\\u202f]+", re.escape(term)).replace(r"\-", f"[{HYPHEN}]")
    if not re.match(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?:/|$)", term) or " " in term:
        return found
    scheme = "" if "://" in term else "(?:https?://)?"
    return rf"{scheme}{found}(?:/[\w.~%/#?=&+-]*[\w/])?"
