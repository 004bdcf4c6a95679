"""What a blinded file must not say: the people, places and numbers behind a review, in the spellings that are usual.

Rules of what is searched for:

- A given name is never searched for alone, nor are initials: they are too short to be anyone's.
- A single word (family name, local part of an e-mail address, user name) is searched for alone only if it has at least four letters, is not
  in ``common_words`` of blinding.yaml, and is not a word that the review's own sources use in small letters: such a word would be found
  all over the text. It is still searched for together with a given name or initials.
- Of an affiliation, its whole name, its city with the name, its ROR, and those parts between commas that name an institution are
  searched for; never a department or a city alone.
- Of a double family name, each half is searched for as a family name is.
- Of free text (funding, registration, acknowledgements), the numbers and the names in capitals are searched for (see ``named``).
- Of a repository, the owner is searched for beside the host; alone only where it has a hyphen, a digit or capitals within.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from livingreview.protocol_model import Affiliation, Author, Protocol
from livingreview.publish.project import Project
from livingreview.submission import blinding
from livingreview.submission.folding import Form, fold, spelt_out, words
from livingreview.submission.identity_sources import (
    Source,
    git_people,
    git_urls,
    ordinary_words,
    project_sources,
)
from livingreview.submission.named import Named, funders, names, open_text, thanked
from livingreview.submission.spellings import address, distinctive, halves

_LEAST = 4  # letters of a word that is searched for alone
_REGISTERED = re.compile(
    r"\b(?:CRD ?\d{6,}|NCT ?\d{8}|INPLASY ?\d{6,}|ISRCTN ?\d{6,}|ChiCTR[- ]?\w+|(?:osf\.io|reviewregistry)[/\w.]+|10\.\d{4,9}/\S*[\w/])",
    re.IGNORECASE,
)
_GRANT = re.compile(r"(?<![\w/.-])(?=[\w/.-]*\d[\w/.-]*\d[\w/.-]*\d)[A-Za-z0-9](?:[\w/.-]*\w)?")


@dataclass(frozen=True, slots=True)
class Identity:
    """One thing that must not be found. ``value`` is it as written at ``source``; ``forms`` are the spellings searched for.

    ``kind``: author name, group, affiliation, ORCID, e-mail, funder, grant number, repository, registration, DOI, acknowledged person,
    git user, machine path. ``person``: it names someone who may be cited in a list of references; ``family``
    is then the family name, where it is known.
    """

    kind: str
    value: str
    source: str
    forms: tuple[Form, ...]
    person: bool = False
    family: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain data; the spellings as their folded words."""
        return {
            "kind": self.kind,
            "value": self.value,
            "source": self.source,
            "spellings": [" ".join(form.words) for form in self.forms],
        }


def identities(protocol: Protocol, review: Path, root: Path) -> list[Identity]:
    """Everything that a blinded package of the review must not say; each value once, in the order of the sources.

    It looks at the protocol, ``CITATION.cff`` and ``_quarto.yml`` of review and repository, the acknowledgements of the manuscript's
    sources, and git (user, authors of commits, remotes). What git and the machine know differs from place to place: the list is
    for searching, and not to be written into anything that must be the same everywhere.
    Raises ReviewError for a ``manuscript/blinding.yaml`` that cannot be used.
    """
    sources = list(project_sources(protocol, Project(review, root)))
    documents = sorted((review / "manuscript").glob("*.qmd"))
    maker = _Maker(blinding.load(review), ordinary_words(protocol, documents), open_text(protocol))
    found: list[Identity] = list(maker.protocol(protocol))
    for source in sources:
        found += maker.of(source)
    for name, email in git_people([review, root]):
        found += maker.person_or_group("git user", name, "git")
        found += maker.email(email, "git")
    for url in git_urls([review, root]):
        found += maker.repository(url, "git remote")
    for folder in dict.fromkeys([review.resolve(), root.resolve(), Path.home()]):
        if len(folder.parts) > 2:
            found.append(Identity("machine path", folder.as_posix(), "this machine", (Form((str(folder),)),)))
    merged: dict[tuple[str, ...], Identity] = {}
    for identity in found:
        if identity.forms:
            merged.setdefault((identity.kind, fold(identity.value)), identity)
    return list(merged.values())


@dataclass(frozen=True)
class _Maker:
    known: blinding.Words
    ordinary: frozenset[str]
    told: str

    @cached_property
    def _common(self) -> frozenset[str]:
        return frozenset(map(fold, self.known.common_words)) | self.ordinary

    def alone(self, text: str) -> bool:
        """Whether a word may be searched for by itself."""
        parts = words(text)
        if len(parts) > 1:
            return len(fold(text)) >= _LEAST + 2 and not all(part in self._common for part in parts)
        least = 2 if text and max(text) >= "\u2e80" else _LEAST
        return bool(parts) and len(parts[0]) >= least and parts[0] not in self._common and not text.isdigit()

    def protocol(self, protocol: Protocol) -> Iterator[Identity]:
        for author in protocol.authors:
            yield from self.author(author)
        for affiliation in protocol.affiliations.values():
            yield from self.affiliation(affiliation)
        if protocol.registration:
            yield from self.registration(protocol.registration, "review.yaml, registration")
        if protocol.repository:
            yield from self.repository(protocol.repository, "review.yaml, repository")
        yield from self.funding(protocol.funding, "review.yaml, funding")
        yield from self.thanks(thanked(protocol, self.known), "review.yaml, acknowledgements")

    def author(self, author: Author) -> Iterator[Identity]:
        where = "review.yaml, authors"
        if author.given and author.family:
            yield self.person("author name", author.given, author.family, where)
            if fold(author.name) != fold(author.given + author.family):
                yield from self.group("author name", author.name, where)
        else:
            yield from self.group("group", author.name, where)
        if author.orcid:
            yield self.orcid(author.orcid, where)
        yield from self.email(author.email or "", where)

    def of(self, source: Source) -> Iterator[Identity]:
        """The identities of one fact from a file beside the protocol."""
        kind, value, where = source.kind, source.value, source.where
        if kind == "person":
            yield from self.person_or_group("author name", value, where)
        elif kind == "acknowledgements":
            yield from self.thanks(names(value, self.known, self.told), where)
        elif kind == "e-mail":
            yield from self.email(value, where)
        elif kind == "ORCID":
            yield self.orcid(value, where)
        elif kind == "affiliation":
            yield from self.affiliation(Affiliation(name=value), where)
        elif kind == "repository":
            yield from self.repository(value, where)
        elif kind == "DOI":
            yield Identity("DOI", value, where, (Form(words(value)),))

    def thanks(self, named: Iterable[Named], where: str) -> Iterator[Identity]:
        """Those who are thanked: people in all their spellings, institutions by their names."""
        for name in named:
            if name.family:
                yield self.person("acknowledged person", name.given, name.family, where)
            else:
                yield from self.group("acknowledged person", name.text, where)

    def person(self, kind: str, given: str, family: str, where: str) -> Identity:
        """A name: given family, family given, initials before and after (any dots and spaces), the family name alone
        if it may be, and each half of a double one."""
        forms: dict[tuple[str, ...], Form] = {}
        for g, f in dict.fromkeys([(given, family), (spelt_out(given), spelt_out(family))]):
            names, surname = words(g), words(f)
            if not surname:
                continue
            initials = tuple(name[0] for name in names)
            firsts = dict.fromkeys(
                [names, names[:1], names[:1] + initials[1:], initials, initials[:1]] if names else []
            )
            for first in firsts:
                article = first in (("a",), ("i",)) and surname[0] in self._common  # "A Young", "I Long"
                for form in (surname + first,) if article else (first + surname, surname + first):
                    joined = sum(len(word) > 1 for word in form) > 1 and len("".join(form)) > 5
                    forms.setdefault(form, Form(form, joined, name=True))
            for half in map(words, halves(f)):  # a double name of which one half is written
                for form in ((*names, *half), (*initials, *half), (*half, *names), (*half, *initials)):
                    forms.setdefault(form, Form(form, name=True))
                if self.alone("".join(half)):
                    forms.setdefault(half, Form(half))
            if self.alone(f):
                forms.setdefault(surname, Form(surname))
        value = f"{given} {family}".strip()
        return Identity(kind, value, where, tuple(forms.values()), person=True, family=family)

    def group(self, kind: str, name: str, where: str) -> Iterator[Identity]:
        """A group: its name, without article and without what stands in parentheses."""
        bare = re.sub(r"^\s*the\s+", "", re.sub(r"\([^)]*\)", " ", name), flags=re.IGNORECASE).strip()
        forms = {words(text): Form(words(text)) for text in (name, bare) if self._phrase(text)}
        if forms:
            yield Identity(kind, name, where, tuple(forms.values()), person=True)

    def _phrase(self, text: str) -> bool:
        parts = words(text)
        return (len(parts) > 1 and len("".join(parts)) >= 8) or (len(parts) == 1 and self.alone(text))

    def person_or_group(self, kind: str, name: str, where: str) -> Iterator[Identity]:
        """A name as one text: two to four words with capitals and no digits are a person's, the last of them the family name."""
        comma = re.fullmatch(r"\s*([^,]+),\s*([^,]+?)\s*", name)
        parts = [comma[2], comma[1]] if comma else name.split()
        capital = all(p[:1].isupper() and not any(c.isdigit() for c in p) for p in parts)
        if comma or (2 <= len(parts) <= 4 and capital and not name.lower().startswith("the ")):
            yield self.person(kind, " ".join(parts[:-1]), parts[-1], where)
        elif name.strip():
            yield from self.group(kind, name, where)

    def orcid(self, value: str, where: str) -> Identity:
        """An ORCID iD by its sixteen digits, whatever dashes or URL stand around them."""
        digits = re.sub(r"[^\dXx]", "", value.rsplit("/", 1)[-1])
        form = Form(tuple(digits[i : i + 4].lower() for i in range(0, 16, 4)), joined=True)
        return Identity("ORCID", value, where, (form,))

    def email(self, value: str, where: str) -> Iterator[Identity]:
        """An address, its local part, and its domain where that is not everyone's."""
        local, _, domain = value.strip().rpartition("@")
        if not local:
            return
        forms = [Form((*words(local), *words(domain)))]
        local = local.split("+")[-1]
        if self.alone(local):
            forms.append(Form(words(local)))
        if domain.lower() not in self.known.mail_providers and "noreply" not in domain and "." in domain:
            forms.append(Form(words(domain)))
        yield Identity("e-mail", value, where, tuple(forms))

    def affiliation(
        self, affiliation: Affiliation, where: str = "review.yaml, affiliations"
    ) -> Iterator[Identity]:
        """An institution: name, city with name, ROR, and the parts between commas that name an institution."""
        name = affiliation.name
        texts = [name] if self._phrase(name) else []
        if affiliation.city:
            texts += [f"{affiliation.city} {name}", f"{name} {affiliation.city}"]
        for part in re.split(r"\s*[,;]\s*", name):
            has = any(word in part.casefold() or word in fold(part) for word in self.known.institution_words)
            telling = [w for w in words(part) if w not in self.known.institution_common]
            if has and telling and self._phrase(part):
                texts.append(part)
        forms = {words(t): Form(words(t)) for text in texts for t in (text, spelt_out(text))}
        if forms:
            yield Identity("affiliation", name, where, tuple(forms.values()))
        if affiliation.ror:
            code = affiliation.ror.rsplit("/", 1)[-1]
            yield Identity("affiliation", affiliation.ror, where, (Form((fold(code),)),))

    def funding(self, text: str, where: str) -> Iterator[Identity]:
        """Names in capitals and numbers in a statement of funding."""
        for name in funders(text, self.known):
            if self._phrase(name):
                yield Identity("funder", name, where, (Form(words(name)),))
        for number in dict.fromkeys(_GRANT.findall(text)):
            if len(fold(number)) >= 5 and not re.fullmatch(r"(19|20)\d\d([-–/.](19|20)?\d\d)*", number):
                yield Identity("grant number", number, where, (Form(words(number)),))

    def registration(self, text: str, where: str) -> Iterator[Identity]:
        """Registration numbers and DOIs; the whole text where there is none of a known register, but a number."""
        numbers = list(dict.fromkeys(_REGISTERED.findall(text)))
        other = [text] if self._phrase(text) and re.search(r"\d{3}", text) else []
        for number in numbers or other:
            kind = "DOI" if number.startswith("10.") else "registration"
            yield Identity(kind, number, where, (Form(words(number)),))

    def repository(self, url: str, where: str) -> Iterator[Identity]:
        """A repository: host with path, owner with name, host with owner, and the owner alone if that is no ordinary word. A folder of
        this machine is none."""
        at = address(url)
        if at is None:
            return
        host, path, owner = words(at.host), words(at.path), words(at.owner)
        forms = [Form(host + path)]
        if "/" in at.path:
            forms.append(Form(path))
        if owner:
            forms.append(Form(host if at.host.lower().startswith(f"{at.owner}.".lower()) else host + owner))
            if distinctive(at.owner, self._common):
                forms.append(Form(owner))
        yield Identity("repository", url, where, tuple(forms))
