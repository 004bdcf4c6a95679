"""What citation files and the crate say of a review: its protocol, its licence, the version that it continues, the code it ran with."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from livingreview import protocol as protocols
from livingreview.protocol_model import Author, Protocol
from livingreview.publish.project import epoch

SPDX = "https://spdx.org/licenses/"
ORCID = "https://orcid.org/"
DOI = "https://doi.org/"


@dataclass(frozen=True)
class Licence:
    """A licence as it was given: the file with its text in the archive, the first line of it, and the SPDX name where one is stated."""

    file: str
    title: str
    spdx: str | None

    @property
    def url(self) -> str | None:
        """Page of the licence in the SPDX list."""
        return f"{SPDX}{self.spdx}" if self.spdx else None


@dataclass(frozen=True)
class Continued:
    """The version that the review continues, as its published file has it."""

    title: str | None
    authors: tuple[str, ...]
    day: str | None
    doi: str | None


@dataclass(frozen=True)
class Code:
    """The package that built the review, from its ``pyproject.toml``."""

    name: str
    version: str
    description: str
    authors: tuple[str, ...]
    keywords: tuple[str, ...]
    python: str
    requires: tuple[str, ...]
    licence: Licence | None


@dataclass(frozen=True)
class Facts:
    """The review and its code. ``licence`` is the review's: None where none was given for its data and text."""

    protocol: Protocol
    licence: Licence | None
    continued: Continued | None
    code: Code

    @property
    def day(self) -> str:
        """Date of the review, as YYYY-MM-DD."""
        return str(self.protocol.date)

    @property
    def seconds(self) -> int:
        """The date as seconds since 1970 (midnight UTC)."""
        return epoch({"date": self.day})


def read(review: Path, root: Path, prefix: str) -> Facts:
    """The facts of a review; ``prefix`` is where it lies in the archive. Raises ReviewError for a protocol that is not valid."""
    protocol = protocols.load(review / protocols.FILE)
    code = _code(root)
    # The licence in the repository of the code is that of a review only where the review is this repository.
    licence = _licence(review, prefix, None) if prefix else code.licence
    return Facts(protocol, licence, _continued(protocol, review), code)


def is_group(author: Author) -> bool:
    """Whether an author is a group, or a person whose name was not given in parts."""
    return not (author.given and author.family)


def affiliations(protocol: Protocol, author: Author) -> dict[str, str | None]:
    """The names of an author's affiliations, in the order of the protocol, each with its page in the Research Organization Registry."""
    places = [protocol.affiliations[key] for key in author.affiliations if key in protocol.affiliations]
    return {str(place.name): str(place.ror) if place.ror else None for place in places}


def _licence(folder: Path, prefix: str, spdx: str | None) -> Licence | None:
    for name in ("LICENSE", "LICENCE"):
        if (folder / name).is_file():
            lines = (folder / name).read_text(encoding="utf-8").strip().splitlines()
            return Licence(prefix + name, lines[0].strip() if lines else name, spdx)
    return None


def _code(root: Path) -> Code:
    project: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stated = project.get("license")
    spdx = stated if isinstance(stated, str) and re.fullmatch(r"[A-Za-z0-9.+-]+", stated) else None
    return Code(
        name=str(project["name"]),
        version=str(project.get("version", "")),
        description=str(project.get("description", "")),
        authors=tuple(str(a["name"]) for a in project.get("authors", []) if a.get("name")),
        keywords=tuple(project.get("keywords", [])),
        python=str(project.get("requires-python", "")),
        requires=tuple(project.get("dependencies", [])),
        licence=_licence(root, "", spdx),
    )


def _continued(protocol: Protocol, review: Path) -> Continued | None:
    earlier = protocol.previous_version
    if earlier is None:
        return None
    path = review / str(earlier.published_file)
    found = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    found = found if isinstance(found, dict) else {}
    authors = found.get("authors")
    return Continued(
        title=str(found["title"]) if found.get("title") else None,
        authors=tuple(map(str, authors)) if isinstance(authors, list) else (),
        day=str(found["date"]) if found.get("date") else None,
        doi=earlier.doi,
    )
