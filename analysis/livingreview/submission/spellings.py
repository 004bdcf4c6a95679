"""How a name or an address is written in a text: halves of a family name, initials, the owner of a repository."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from livingreview.submission.folding import fold, words
from livingreview.submission.named import TITLES

HYPHEN = "-\u2010\u2011"
"""Hyphens that join parts of a name."""
_LEAST = 4  # letters of a half of a family name
_NO_HALVES = frozenset(
    [
        "della",
        "dello",
        "degli",
        "dalla",
        "delle",
        "saint",
        "sainte",
        "santa",
        "santo",
        "sankt",
        "junior",
        "senior",
        "vander",
        "vande",
    ]
)
_FORGES = frozenset(["github", "gitlab", "codeberg", "bitbucket", "gitea", "forgejo"])
_PAGES = re.compile(r"([\w-]+)\.(?:github|gitlab|codeberg|bitbucket)\.(?:io|page)")
_ADDRESS = re.compile(r"(?:[a-z+]+://)?(?:[^@/\s]+@)?([\w-]+(?:\.[\w-]+)+)(?::\d+/|[:/])(\S+?)(?:\.git)?/?$")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a repository is. ``owner`` is empty where the address does not tell one (a host that is no forge)."""

    host: str
    path: str
    owner: str


def address(url: str) -> Address | None:
    """The address of a repository in any of the ways in which git writes it; None for a folder of this machine."""
    match = _ADDRESS.match(url.strip())
    if match is None:
        return None
    host, path = match[1].removeprefix("www."), match[2].strip("/")
    pages = _PAGES.fullmatch(host.lower())
    if pages:
        return Address(host, path, pages[1])
    owner = path.split("/")[0] if _FORGES & set(host.lower().split(".")) else ""
    return Address(host, path, owner)


def distinctive(owner: str, common: Collection[str]) -> bool:
    """Whether the name of an owner is no ordinary word: it has a hyphen, a digit or capitals within, and a word that is not ``common``."""
    marked = bool(re.search(r"[-_\d]", owner)) or (not owner.isupper() and owner[1:] != owner[1:].lower())
    return marked and len(fold(owner)) >= _LEAST + 2 and not all(part in common for part in words(owner))


def halves(family: str) -> tuple[str, ...]:
    """The parts of a double family name that have at least four letters; none of a single name, and no particles."""
    parts = [part for part in re.split(rf"[{HYPHEN}\s]+", family.strip()) if part]
    if len(parts) < 2:
        return ()
    return tuple(
        dict.fromkeys(p for p in parts if len(fold(p)) >= _LEAST and p.lower().strip(".") not in _NO_HALVES)
    )


def plain(text: str) -> str:
    """The text without diacritics, as it is typed where a keyboard has none."""
    parted = unicodedata.normalize("NFKD", text.translate(str.maketrans("łŁøØđĐ", "lLoOdD")))
    return "".join(c for c in parted if not unicodedata.combining(c))


def full(given: str, family: str) -> set[str]:
    """A person with given names: Ada M Example; Example, Ada M; Ada Example; with each half of a double family name alone.
    Empty where the given names are initials: see :func:`initialled`."""
    first = given.split()[0] if given.split() else given
    found = set()
    spelt = any(
        len(word) > 1 for word in words(given)
    )  # initials alone need their capitals: "A Long", "a long"
    for name in (family, *halves(family)) if spelt else ():
        for one in {given, first if len(fold(first)) > 1 else given}:
            found |= {f"{one} {name}", f"{name}, {one}", f"{name} {one}"}
    return found | {plain(name) for name in found}


def initialled(given: str, family: str) -> set[str]:
    """A person with initials or a title: Example AM, A. M. Example, A Example, A.-M. Example, Dr Example; see also :func:`initials`."""
    found = set()
    for name in (family, *halves(family)):
        for one in _letters(given):
            found |= {f"{one} {name}", f"{name} {one}", f"{name}, {one}"}
        found |= {f"{title}{dot} {name}" for title in TITLES for dot in ("", ".")}
    found |= {plain(name) for name in found}
    return found | {re.sub(r"(?<=\s)\S{2,}|^\S{2,}", lambda m: m[0].upper(), name) for name in found}


def initials(given: str, family: str, known: Collection[str]) -> set[str]:
    """The initials of a person alone: A.M.E.; with a hyphen in one of the names also K.W.-F., K.W.F., K. W. F., KW-F, and KWF if that is
    no abbreviation that is ``known`` (folded)."""
    firsts, lasts = _parts(given), _capitals(family)
    if not firsts or not lasts:
        return set()
    found = {"".join(f"{letter}." for _, letter in [*firsts, *lasts])}
    if len(lasts) > 1 or any(joint for joint, _ in firsts):
        for one, two in itertools.product(_dotted(firsts), _dotted(lasts)):
            found |= {one + two, f"{one} {two}"}
        found |= {name.removesuffix(".") for name in found}
        for one, two in itertools.product(_bare(firsts), _bare(lasts)):
            found |= {one + two, f"{one} {two}"} if HYPHEN[0] in one + two else {one + two}
    return {
        spelt
        for name in found
        for spelt in (name, plain(name))
        if not (spelt.isalpha() and (len(spelt) < 3 or fold(spelt) in known))
    }


_Parts = list[tuple[str, str]]


def _parts(name: str) -> _Parts:
    """The initials of the parts of a name, each with what joins it to the one before: nothing, or a hyphen."""
    found = re.findall(rf"(^|[{HYPHEN}\s.]+)([^\W\d_])", name.strip())
    return [(HYPHEN[0] if set(joint) & set(HYPHEN) else "", letter.upper()) for joint, letter in found]


def _capitals(family: str) -> _Parts:
    """The same of a family name, without particles in small letters (J. van den Berg is J.B.)."""
    parts = [p for p in re.split(rf"(?=[{HYPHEN}\s])", family.strip()) if p.strip(f" {HYPHEN}")[:1].isupper()]
    return _parts("".join(parts)) or _parts(family)[:1]


def _dotted(parts: _Parts) -> set[str]:
    with_hyphens = "".join(f"{joint}{letter}." for joint, letter in parts)
    without_dot = re.sub(r"\.(?=-)", "", with_hyphens)
    run = "".join(f"{letter}." for _, letter in parts)
    return {with_hyphens, without_dot, run, run.replace(".", ". ").strip()}


def _bare(parts: _Parts) -> set[str]:
    return {"".join(letter for _, letter in parts), "".join(joint + letter for joint, letter in parts)}


def _letters(given: str) -> set[str]:
    """The initials of given names as they stand beside a family name, all or the first."""
    parts = _parts(given)
    if not parts:
        return set()
    return _dotted(parts) | _bare(parts) | _dotted(parts[:1]) | _bare(parts[:1])
