"""The crate: what is in the archive and how it came about, as ``ro-crate-metadata.json``.

It follows RO-Crate 1.1, Workflow RO-Crate 1.0 and the run profiles 0.5 (Process, Workflow, Provenance Run Crate;
https://www.researchobject.org/workflow-run-crate/). Nothing in it comes from a clock or by chance: the dates are the review's, every id
is made from a name. When a build ran and how long it took is not told, because two builds of the same sources are the same.
"""

from __future__ import annotations

import importlib
import mimetypes
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from livingreview import canonical
from livingreview.protocol_model import Author
from livingreview.submission.archive.evidence import BIBLIOGRAPHY, CLAIMS, Evidence, Study
from livingreview.submission.archive.facts import DOI, ORCID, Facts, affiliations, is_group
from livingreview.submission.archive.members import Members
from livingreview.submission.archive.provenance import WORKFLOW, run, tool
from livingreview.submission.archive.readme import NAME as README

VERSION = "1.1"
METADATA = "ro-crate-metadata.json"
TABLE = "data/raw/studies.csv"
WORKFLOW_PROFILE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
PROFILES = (
    "https://w3id.org/ro/wfrun/process/0.5",
    "https://w3id.org/ro/wfrun/workflow/0.5",
    "https://w3id.org/ro/wfrun/provenance/0.5",
    WORKFLOW_PROFILE,
)
FOLDERS = {
    "analysis/": "Code of the build and sources of the notebooks",
    "profiles/": "Settings of the workflow engine",
    "tests/": "Tests of the code",
    "benchmarks/": "Benchmarks of the code",
    "docs/": "Documentation of the code",
}
"""Folders that are described as a whole. Of the others every file has an entry of its own."""
_TYPES = {
    ".bib": "application/x-bibtex",
    ".cff": "application/yaml",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".lock": "text/plain",
    ".md": "text/markdown",
    ".py": "text/x-python",
    ".qmd": "text/markdown",
    ".smk": "text/plain",
    ".toml": "application/toml",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}
Entity = dict[str, Any]


def metadata(facts: Facts, members: Members, evidence: Evidence, made: Mapping[str, str]) -> bytes:
    """Content of ``ro-crate-metadata.json``. ``made`` names the files that the archive itself adds, with what they are."""
    entities = _entities(facts, members, evidence, made)
    for entity in entities.values():
        for key, value in entity.items():
            if isinstance(value, list) and len(value) == 1:
                entity[key] = value[0]  # so RO-Crate 1.1 wants it
    rocrate: Any = importlib.import_module("rocrate.rocrate")
    models: Any = importlib.import_module("rocrate.model")
    crate = rocrate.ROCrate(gen_preview=False, version=VERSION)
    crate.root_dataset.properties().update(entities.pop("./"))
    crate.metadata.properties().update(entities.pop(METADATA))
    for name, entity in entities.items():
        rest = {key: value for key, value in entity.items() if key != "@id"}
        kinds = _many(entity["@type"])
        if "File" in kinds and not name.startswith(("#", "http")):
            crate.add(models.File(crate, dest_path=name, properties=rest))
        elif "Dataset" in kinds:
            crate.add(models.Dataset(crate, dest_path=name, properties=rest))
        else:
            crate.add(models.ContextEntity(crate, name, properties=rest))
    whole: dict[str, Any] = crate.metadata.generate()
    first = {METADATA: 0, "./": 1}
    root = next(e for e in whole["@graph"] if e["@id"] == "./")
    root["hasPart"] = sorted(root["hasPart"], key=lambda part: str(part["@id"]))
    whole["@graph"].sort(key=lambda e: (first.get(e["@id"], 2), e["@id"]))
    return canonical.dumps(whole).encode("utf-8")


def _entities(
    facts: Facts, members: Members, evidence: Evidence, made: Mapping[str, str]
) -> dict[str, Entity]:
    """Every entity by its id, before the library adds the parts of the root."""
    known = {study.id: f"#study-{study.id}" for study in evidence.studies}
    found: dict[str, Entity] = {}
    for folder, what in FOLDERS.items():
        if any(name.startswith(folder) for name in members.files):
            found[folder] = {"@type": "Dataset", "name": what}
    needed = {name for step in members.steps for name in (*step.inputs, tool(step, members))}
    for name, path in members.files.items():
        if name in needed or not name.startswith(tuple(FOLDERS)):
            found[name] = _file(name, path.stat().st_size)
    for name, what in made.items():
        found[name] = {**_file(name), "description": what}
    for entity in run(members):
        found[entity["@id"]] = {**found.get(entity["@id"], {}), **entity}
    table = members.prefix + TABLE
    for study in evidence.studies:
        found[known[study.id]] = _study(study, table if table in found else None)
    if (listed := members.prefix + BIBLIOGRAPHY) in found:
        found[listed] |= {"name": "The reports that were assessed", "about": refs(known.values())}
    _figures(found, evidence, known)
    _claims(found, members, evidence, known)
    people = [_author(found, facts, author) for author in facts.protocol.authors]
    found |= _root(facts, people, found)
    return dict(sorted(found.items()))


def _root(facts: Facts, people: Sequence[str], found: dict[str, Entity]) -> dict[str, Entity]:
    protocol = facts.protocol
    root: Entity = {
        "@type": "Dataset",
        "name": str(protocol.title),
        "description": f"{protocol.question.text} Data, code, lock of its packages, executed notebooks, results, figures and documents "
        f"of version {protocol.version}. {protocol.status}. ARCHIVE.md says how to check and to rebuild it.",
        "datePublished": facts.day,
        "version": str(protocol.version),
        "author": refs(people),
        "conformsTo": refs(PROFILES),
        "mainEntity": ref(WORKFLOW),
        "mentions": refs(i for i, e in found.items() if e["@type"] in ("CreateAction", "OrganizeAction")),
        "hasPart": [],
    }
    if protocol.keywords:
        root["keywords"] = ", ".join(map(str, protocol.keywords))
    for licence in (facts.licence, facts.code.licence):
        if licence and licence.url:
            found[licence.url] = {
                "@type": "CreativeWork",
                "name": licence.title,
                "identifier": licence.url,
                "description": f"The text of the licence is in {licence.file}.",
            }
    if facts.licence:
        root["license"] = ref(facts.licence.url or facts.licence.file)
    else:
        root["license"] = "No licence was given for the data and the text of this review." + (
            f" The code is under the licence in {facts.code.licence.file}." if facts.code.licence else ""
        )
    for entity in found.values():
        if "SoftwareSourceCode" in _many(entity["@type"]):
            entity["version"] = facts.code.version
    for name in (README, "README.md"):
        if name in found:
            found[name]["about"] = ref("./")
    if facts.code.licence:
        found[WORKFLOW]["license"] = ref(facts.code.licence.url or facts.code.licence.file)
    if (earlier := facts.continued) and earlier.title:
        name = DOI + earlier.doi if earlier.doi else "#continued"
        found[name] = {
            "@type": "ScholarlyArticle",
            "name": earlier.title,
            "description": ". ".join(
                ["The version that this review continues", *filter(None, [", ".join(earlier.authors)])]
            ),
            **({"datePublished": earlier.day} if earlier.day else {}),
        }
        root["citation"] = ref(name)
    for profile in PROFILES:
        words = profile.split("/")
        title = "Workflow RO-Crate" if profile == WORKFLOW_PROFILE else f"{words[-2].capitalize()} Run Crate"
        found[profile] = {"@type": "CreativeWork", "name": title, "version": words[-1]}
    descriptor = {
        "@type": "CreativeWork",
        "about": ref("./"),
        "conformsTo": refs([f"https://w3id.org/ro/crate/{VERSION}", WORKFLOW_PROFILE]),
    }
    return {"./": root, METADATA: descriptor}


def _author(found: dict[str, Entity], facts: Facts, author: Author) -> str:
    orcid = str(author.orcid or "").removeprefix(ORCID)
    name = f"{ORCID}{orcid}" if orcid else f"#author-{_slug(str(author.name))}"
    entity: Entity = {"@type": "Organization" if is_group(author) else "Person", "name": str(author.name)}
    if not is_group(author):
        entity |= {"givenName": str(author.given), "familyName": str(author.family)}
    if places := affiliations(facts.protocol, author):
        ids = {place: ror or f"#place-{_slug(place)}" for place, ror in places.items()}
        for place, ror in places.items():
            found[ids[place]] = {"@type": "Organization", "name": place, **({"url": ror} if ror else {})}
        entity["affiliation"] = refs(ids.values())
    found[name] = entity
    return name


def _study(study: Study, table: str | None) -> Entity:
    found: Entity = {"@type": "ScholarlyArticle", "name": study.title, "identifier": study.id}
    told = ["; ".join(study.authors), study.journal, study.year]
    if any(told):
        found["description"] = ", ".join(filter(None, told))
    if study.year and study.year.isdecimal():
        found["datePublished"] = study.year
    if study.url:
        found["url"] = study.url
    if study.doi:
        found["sameAs"] = study.url
    if table:
        found["subjectOf"] = ref(table)
    return found


def _figures(found: dict[str, Entity], evidence: Evidence, known: Mapping[str, str]) -> None:
    for figure in evidence.figures:
        rests = refs([*figure.slices, *(known[s] for s in figure.studies)])
        for name in figure.files:
            found[name] |= {"name": f"Figure {figure.stem}", "isBasedOn": rests}
            if figure.caption:
                found[name]["description"] = figure.caption
            if figure.notebook:
                found[name]["subjectOf"] = ref(figure.notebook)


def _claims(found: dict[str, Entity], members: Members, evidence: Evidence, known: Mapping[str, str]) -> None:
    made = {step.name: tool(step, members) for step in members.steps}
    file = members.prefix + CLAIMS
    for claim in evidence.claims:
        source = made.get(claim.source)
        if claim.is_notebook:
            source = next(
                (t for t in sorted(made.values()) if t.endswith(f"analysis/notebooks/{claim.source}.py")),
                None,
            )
        entity: Entity = {
            "@type": ["CreativeWork", "PropertyValue"],
            "name": claim.name,
            "description": claim.definition,
            "value": claim.text,
            "unitText": claim.unit,
            "isPartOf": ref(file),
        }
        if claim.cell:
            entity["measurementTechnique"] = f"cell {claim.cell}"
        if source:
            entity["subjectOf"] = ref(source)
        if claim.studies:
            entity["isBasedOn"] = refs(known[s] for s in claim.studies)
        found[f"#claim-{claim.name}"] = entity
    if file in found:
        found[file] |= {
            "name": "Every number that the text can print, with its definition, the studies and the rows of the tables behind it",
            "about": refs(f"#claim-{claim.name}" for claim in evidence.claims),
        }


def _file(name: str, size: int | None = None) -> Entity:
    suffix = Path(name).suffix
    kind = _TYPES.get(suffix) or mimetypes.guess_type(name, strict=True)[0] or "text/plain"
    found: Entity = {"@type": "File", "name": Path(name).name, "encodingFormat": kind}
    return found if size is None else {**found, "contentSize": str(size)}


def _slug(name: str) -> str:
    """A name as part of an id: its letters and digits, with hyphens between."""
    return "-".join(re.findall(r"\w+", name))


def ref(name: str) -> dict[str, str]:
    """A reference to an entity."""
    return {"@id": name}


def refs(names: Any) -> list[dict[str, str]]:
    """References to entities."""
    return [ref(name) for name in names]


def _many(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
