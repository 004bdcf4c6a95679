"""What every number and every figure rests on: the studies, from the build's own records of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from livingreview import canonical
from livingreview.submission.archive.facts import DOI
from livingreview.submission.archive.members import Members

CLAIMS = "build/claims/claims.json"
BIBLIOGRAPHY = "build/extract/bibliography.json"
PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"
_CAPTION = re.compile(r"!\[(.*)\]\(_built/figures/", re.DOTALL)
_SPAN = re.compile(r"\[([^\[\]]*)\]\{[^{}]*\}")


@dataclass(frozen=True)
class Study:
    """A report that was assessed, as the bibliography of the build has it. ``authors`` are as they were shown.

    ``url`` leads to it: by its DOI, else its number in PubMed, else its page in a trial registry; None for a report known only from a web
    page, whose address stands in the tables and is never printed.
    """

    id: str
    title: str
    authors: tuple[str, ...]
    year: str | None
    journal: str | None
    doi: str | None
    url: str | None


@dataclass(frozen=True)
class Claim:
    """A number that the text can print. ``source`` is the step or the notebook that made it, ``cell`` the cell in it."""

    name: str
    text: str
    unit: str
    definition: str
    source: str
    is_notebook: bool
    cell: str
    studies: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A figure: its files, its caption without marks (empty where no text places it), what its notebook read, the executed notebook."""

    stem: str
    files: tuple[str, ...]
    caption: str
    slices: tuple[str, ...]
    notebook: str | None
    studies: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """All of it, each sorted; every study that a claim or a figure names is in ``studies``."""

    studies: tuple[Study, ...]
    claims: tuple[Claim, ...]
    figures: tuple[Figure, ...]


def read(review: Path, members: Members) -> Evidence:
    """Studies, claims and figures of the finished build in the folder of a review."""
    known = {str(item["id"]): _study(item) for item in _json(review / BIBLIOGRAPHY, [])}
    claims = tuple(
        Claim(
            name,
            str(claim["text"]),
            str(claim["unit"]),
            str(claim["definition"]),
            str(claim["made_by"].get("notebook") or claim["made_by"].get("step") or ""),
            "notebook" in claim["made_by"],
            str(claim["made_by"].get("cell") or ""),
            tuple(sorted(claim["studies"])),
        )
        for name, claim in sorted(_json(review / CLAIMS, {}).items())
    )
    for claim in claims:
        for study in claim.studies:
            known.setdefault(study, Study(study, study, (), None, None, None, None))
    figures = tuple(_figures(review, members, set(known)))
    return Evidence(tuple(known[name] for name in sorted(known)), claims, figures)


def _figures(review: Path, members: Members, known: set[str]) -> Iterator[Figure]:
    start = f"{members.prefix}figures/"
    for step in sorted(members.steps, key=lambda s: s.name):
        stems: dict[str, list[str]] = {}
        for name in step.outputs:
            if name.startswith(start):
                stems.setdefault(Path(name).stem, []).append(name)
        if not stems:
            continue
        files = members.files
        # what the notebook was given: the studies in it are those that the figure can rest on
        read = {s for n in step.inputs if n.endswith(".json") for s in named(_json(files[n], {}))}
        notebook = next((n for n in step.outputs if n.endswith(".ipynb")), None)
        for stem, found in sorted(stems.items()):
            caption = _caption(review / f"manuscript/_built/figures/{stem}.md")
            yield Figure(
                stem, tuple(sorted(found)), caption, step.inputs, notebook, tuple(sorted(read & known))
            )


def named(value: Any) -> Iterator[str]:
    """Every study that a result names under ``study_id``, ``study`` or ``studies``, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("study_id", "study") and isinstance(inner, str):
                yield inner
            elif key == "studies" and isinstance(inner, list):
                yield from (item for item in inner if isinstance(item, str))
            if isinstance(inner, Mapping | list):
                yield from named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from named(inner)


def _caption(path: Path) -> str:
    """The caption of a figure without the marks of claims and emphasis; empty where there is none."""
    found = _CAPTION.search(path.read_text(encoding="utf-8")) if path.is_file() else None
    return re.sub(r"[*_]{1,2}(\S[^*_]*)[*_]{1,2}", r"\1", _SPAN.sub(r"\1", found[1])).strip() if found else ""


def _study(item: Mapping[str, Any]) -> Study:
    issued = item.get("issued") or {}
    parts = issued.get("date-parts") or []
    year = str(parts[0][0]) if parts and parts[0] else issued.get("literal")
    people = [
        a.get("literal") or " ".join(filter(None, (a.get("given"), a.get("family"))))
        for a in item.get("author") or []
    ]
    doi, pmid = item.get("DOI"), item.get("PMID")
    url = DOI + quote(doi, safe="/:;()._-+") if doi else f"{PUBMED}{pmid}/" if pmid else item.get("URL")
    return Study(
        str(item["id"]),
        str(item.get("title") or item["id"]),
        tuple(map(str, filter(None, people))),
        year if year is None else str(year),
        item.get("container-title"),
        doi,
        url,
    )


def _json(path: Path, otherwise: Any) -> Any:
    return canonical.read_json(path) if path.is_file() else otherwise
