"""Where a review says who made it, beside its protocol: CITATION.cff, _quarto.yml, acknowledgements, git."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingreview.errors import ReviewError
from livingreview.protocol_model import Protocol
from livingreview.publish.project import Project
from livingreview.submission.folding import fold

EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
"""An e-mail address."""
_THANKS = re.compile(
    r"^#{1,6}\s+acknowledge?ments?\b[^\n]*\n(.*?)(?=^#{1,6}\s|\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL
)
_ROBOTS = ("github", "dependabot", "github actions", "gitlab", "root")


@dataclass(frozen=True, slots=True)
class Source:
    """One fact: ``kind`` is person, e-mail, ORCID, affiliation, repository, DOI or acknowledgements; ``where`` the file and key."""

    kind: str
    value: str
    where: str


def project_sources(protocol: Protocol, project: Project) -> Iterator[Source]:
    """What the files of review and repository say of people and places; files that cannot be read say nothing here."""
    for folder in dict.fromkeys([project.review, project.root]):
        try:
            cited = project.read_yaml(folder / "CITATION.cff")
        except ReviewError:
            continue
        yield from _citation(cited)
    raw = project.read_yaml(project.review / "review.yaml")
    for key in ("repository", "url", "homepage"):
        if isinstance(raw.get(key), str):
            yield Source("repository", raw[key], f"review.yaml, {key}")
    for key in ("repo-url", "repository"):
        for settings in (project.settings, project.settings.get("book"), project.settings.get("website")):
            if isinstance(settings, dict) and isinstance(settings.get(key), str):
                yield Source("repository", settings[key], f"_quarto.yml, {key}")
    for document in protocol.documents:
        path = project.review / document.source
        if path.is_file():
            for section in _THANKS.findall(path.read_text(encoding="utf-8", errors="replace")):
                yield Source("acknowledgements", section, document.source)


def ordinary_words(protocol: Protocol, documents: Iterable[Path] = ()) -> frozenset[str]:
    """Words that the review writes in small letters, in its protocol and in ``documents``, folded."""
    data = protocol.model_dump(mode="json", exclude={"authors", "affiliations", "previous_version"})
    texts = list(_strings(data))
    for path in documents:
        texts.append(path.read_text(encoding="utf-8", errors="replace"))
    text = EMAIL.sub(" ", "\n".join(texts))
    return frozenset(
        fold(word)
        for word in re.findall(r"(?<![\w@./:\\-])[^\W\d_]{3,}(?![\w@/\\-])", text)
        if word.islower()
    )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _strings(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _strings(entry)


def _citation(cited: dict[str, Any]) -> Iterator[Source]:
    """People, places and numbers of a CITATION.cff (Citation File Format 1.2); what it cites under ``references`` is not its own."""
    where = "CITATION.cff"
    preferred = cited.get("preferred-citation")
    for entry in [cited, *([preferred] if isinstance(preferred, dict) else [])]:
        for key in ("authors", "contact", "editors", "institution", "publisher"):
            people = entry.get(key) or []
            for person in people if isinstance(people, list) else [people]:
                if isinstance(person, dict) and key != "publisher":
                    yield from _person(person, f"{where}, {key}")
        for key in ("repository-code", "repository", "url", "repository-artifact"):
            if isinstance(entry.get(key), str):
                yield Source("repository", entry[key], f"{where}, {key}")
        if entry.get("doi"):
            yield Source("DOI", str(entry["doi"]), f"{where}, doi")
        for identifier in entry.get("identifiers") or []:
            if isinstance(identifier, dict) and identifier.get("value"):
                kind = "DOI" if identifier.get("type") == "doi" else "repository"
                yield Source(kind, str(identifier["value"]), f"{where}, identifiers")


def _person(person: dict[str, Any], where: str) -> Iterator[Source]:
    family = " ".join(
        str(person[key]) for key in ("name-particle", "family-names", "name-suffix") if person.get(key)
    )
    if family:
        given = str(person.get("given-names") or "")
        yield Source("person", f"{family}, {given}" if given else family, where)
    elif person.get("name"):
        yield Source("person", str(person["name"]), where)
    for key, kind in (("email", "e-mail"), ("orcid", "ORCID"), ("affiliation", "affiliation")):
        if person.get(key):
            yield Source(kind, str(person[key]), f"{where}, {key}")


def _git(folder: Path, *arguments: str) -> list[str]:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []


def git_people(folders: Sequence[Path]) -> list[tuple[str, str]]:
    """Name and e-mail of the git user and of all authors and committers, each once; nothing without git."""
    found: dict[tuple[str, str], None] = {}
    for folder in dict.fromkeys(folders):
        name = _git(folder, "config", "user.name")
        email = _git(folder, "config", "user.email")
        if name or email:
            found[(name[0] if name else "", email[0] if email else "")] = None
        for line in sorted(set(_git(folder, "log", "--format=%an%x09%ae%n%cn%x09%ce"))):
            who, _, address = line.partition("\t")
            found[(who, address)] = None
    return [
        (name, email) for name, email in found if name.lower().removesuffix("[bot]").strip() not in _ROBOTS
    ]


def git_urls(folders: Sequence[Path]) -> list[str]:
    """The URLs of the remotes, each once; credentials in them are dropped."""
    found: dict[str, None] = {}
    for folder in dict.fromkeys(folders):
        for line in _git(folder, "config", "--get-regexp", r"^remote\..*url$"):
            url = line.partition(" ")[2]
            found[re.sub(r"^([a-z+]+://)[^@/]*@", r"\1", url)] = None
    return list(found)
