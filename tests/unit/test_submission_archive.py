"""The archive of a built review: the same bytes each time, every file checked, every number and figure with its studies."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from livingreview import canonical
from livingreview.errors import ReviewError
from livingreview.protocol_model import Author
from livingreview.submission import packing
from livingreview.submission.archive import citation, facts, members

pytest.importorskip("rocrate")

from livingreview.submission import archive

REPOSITORY = Path(__file__).resolve().parents[2]
REVIEW = REPOSITORY / "tests/review"
TERMS = Path(__file__).with_name("rocrate_terms.json")
STUDIES = {"one1999": {"DOI": "10.1000/one.1"}, "two2001": {"PMID": "123"}, "three_nd": {}}


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else canonical.dumps(value), encoding="utf-8")


def _journal(
    review: Path, step: str, rule: str, inputs: list[str], outputs: list[str], **wildcards: str
) -> None:
    _write(
        review / f"build/journal/{step}.json",
        {
            "step": step,
            "rule": rule,
            "wildcards": wildcards,
            "build": "2001-02-03T04:05:06-789",
            "seconds": 1.5,
            "why": "first build",
            "inputs": {p: canonical.file_digest(p if p.startswith("/") else review / p) for p in inputs},
            "outputs": {
                p: {"sha256": canonical.file_digest(review / p), "size": 1, "mtime_ns": 99} for p in outputs
            },
        },
    )


def _lay(folder: Path, place: str = "mine") -> tuple[Path, Path]:
    """A repository and a review beside it (in it, where ``place`` is the repository) that looks as if a small build had run; its own words are those of the synthetic review."""
    root, review = folder / "repository", folder / place
    for name in (
        "Makefile",
        "Snakefile",
        "pyproject.toml",
        "requirements.lock",
        "README.md",
        "LICENSE",
        "review.yaml",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, root / name)
    for name in ("analysis/notebooks", "analysis/livingreview/steps", "profiles", "data/schema"):
        shutil.copytree(REPOSITORY / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    review.mkdir(parents=True, exist_ok=True)
    for name in ("review.yaml", "data"):
        source = REVIEW / name
        if source.is_dir():
            shutil.copytree(source, review / name, dirs_exist_ok=True)
        else:
            shutil.copy2(source, review / name)
    _write(root / "manuscript/template.md", "shared")
    _write(root / "analysis/notebooks/.scratch.py", "mine alone")
    _write(root / ".env", "mine alone")
    items = [
        {
            "id": i,
            "title": f"Title {i}",
            "author": [{"literal": "One"}],
            "issued": {"date-parts": [[1999]]},
            **rest,
        }
        for i, rest in STUDIES.items()
    ]
    _write(review / "build/extract/bibliography.json", items)
    _write(
        review / "build/extract/therapy/cold.json",
        {"arms": [{"study_id": "one1999"}, {"study_id": "two2001"}]},
    )
    _write(
        review / "build/claims/claims.json",
        {
            "cold.n": {
                "text": "2",
                "unit": "studies",
                "definition": "studies of cold",
                "made_by": {"notebook": "therapy", "cell": "count"},
                "studies": ["one1999", "two2001"],
                "rows": ["arms:one1999:a", "arms:two2001:a"],
                "value": 2,
            },
            "title": {
                "text": "T",
                "unit": "text",
                "definition": "the title",
                "made_by": {"step": "extract"},
                "studies": [],
                "rows": [],
                "value": None,
            },
        },
    )
    _write(review / "figures/forest_cold.svg", "<svg/>")
    _write(review / "figures/style.mplstyle", "lines.linewidth: 1")
    _write(review / "build/notebooks/therapy_cold.ipynb", {"cells": []})
    _write(
        review / "manuscript/_built/figures/forest_cold.md",
        '![Cold: [2]{data-claim="cold.n"} studies.](_built/figures/f.svg)',
    )
    schema = str(root / "data/schema/studies.json")
    _journal(
        review,
        "extract",
        "extract",
        ["review.yaml", "data/raw/studies.csv", schema],
        ["build/extract/bibliography.json", "build/extract/therapy/cold.json"],
    )
    _journal(
        review,
        "therapy-cold",
        "therapy",
        ["build/extract/therapy/cold.json"],
        ["figures/forest_cold.svg", "build/notebooks/therapy_cold.ipynb"],
        therapy="cold",
    )
    _journal(
        review,
        "claims",
        "claims",
        ["build/extract/bibliography.json"],
        ["build/claims/claims.json", "manuscript/_built/figures/forest_cold.md"],
    )
    _write(review / "build/receipt.json", {"result": "built", "engine": "builtin (pandoc 1, typst 2)"})
    return review, root


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return _lay(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def packed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packed") / "deposit" / "a.zip"
    told = archive.write(*built, out)
    assert told.to_json()["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert (told.studies, told.claims, told.figures, told.steps) == (3, 2, 1, 3)
    return out


@pytest.fixture(scope="module")
def graph(packed: Path) -> dict[str, dict[str, Any]]:
    with zipfile.ZipFile(packed) as file:
        return {e["@id"]: e for e in json.loads(file.read("ro-crate-metadata.json"))["@graph"]}


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        for inner in value.values():
            yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


def test_it_is_the_same_bytes_made_again_elsewhere_and_later(packed: Path, tmp_path: Path) -> None:
    review, root = _lay(tmp_path / "another place")
    for number, path in enumerate(sorted(review.rglob("*"))):
        os.utime(path, (number, number))
    (review / "figures/forest_cold.svg").chmod(0o700)
    journal = review / "build/journal/extract.json"
    journal.write_text(journal.read_text().replace("2001-02-03T04:05:06-789", "2027-02-03T04:05:06-1"))
    archive.write(review, root, tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_bytes() == packed.read_bytes()


def test_a_review_that_is_the_repository_keeps_its_places_and_its_licence(tmp_path: Path) -> None:
    review, root = _lay(tmp_path, "repository")
    assert review == root
    archive.write(review, root, root / "submission/a.zip")
    first = (root / "submission/a.zip").read_bytes()
    archive.write(review, root, root / "submission/a.zip")
    assert (root / "submission/a.zip").read_bytes() == first, "an archive is no part of the next one"
    with zipfile.ZipFile(root / "submission/a.zip") as file:
        names = set(file.namelist())
        told = {e["@id"]: e for e in json.loads(file.read("ro-crate-metadata.json"))["@graph"]}
        assert yaml.safe_load(file.read("CITATION.cff"))["license"] == "MIT"
        assert "REVIEW=" not in file.read("ARCHIVE.md").decode()
    assert {
        "review.yaml",
        "data/raw/studies.csv",
        "figures/forest_cold.svg",
        "figures/style.mplstyle",
    } <= names
    assert told["./"]["license"] == {"@id": "https://spdx.org/licenses/MIT"}
    assert told["https://spdx.org/licenses/MIT"]["name"] == "MIT License"


def test_members_are_sorted_dated_by_the_review_and_without_owner(packed: Path) -> None:
    with zipfile.ZipFile(packed) as file:
        found = file.infolist()
    assert [m.filename for m in found] == sorted(m.filename for m in found)
    assert {m.date_time for m in found} == {(2026, 2, 28, 0, 0, 0)}
    assert {stat.filemode(m.external_attr >> 16) for m in found} == {"-rw-r--r--"}
    assert not any(m.extra or m.comment for m in found)


def test_every_file_has_its_checksum_and_nothing_tells_of_the_machine(
    packed: Path, built: tuple[Path, Path]
) -> None:
    with zipfile.ZipFile(packed) as file:
        content = {n: file.read(n) for n in file.namelist()}
    sums = dict(line.split("  ", 1)[::-1] for line in content.pop("SHA256SUMS").decode().splitlines())
    assert sums == {n: hashlib.sha256(value).hexdigest() for n, value in content.items()}
    place = str(built[0].parent).encode()
    assert [n for n, value in content.items() if place in value] == []
    for name in ("review/review.yaml", "review/data/raw/studies.csv", "data/schema/studies.json", "Makefile"):
        assert name in content
    for name in ("review.yaml", ".env", "analysis/notebooks/.scratch.py", "review/build/receipt.json"):
        assert name not in content, (
            "neither the repository's own review, nor what is hidden, nor records of a build"
        )
    assert not any("_built/" in name or "/journal/" in name for name in content)


def test_the_figure_and_the_number_lead_to_their_studies(graph: dict[str, dict[str, Any]]) -> None:
    one, two = {"@id": "#study-one1999"}, {"@id": "#study-two2001"}
    assert graph["#claim-cold.n"]["isBasedOn"] == [one, two]
    assert graph["#claim-cold.n"]["subjectOf"] == {"@id": "analysis/notebooks/therapy.py"}
    assert (graph["#claim-cold.n"]["value"], graph["#claim-cold.n"]["unitText"]) == ("2", "studies")
    assert "isBasedOn" not in graph["#claim-title"]
    figure = graph["review/figures/forest_cold.svg"]
    assert figure["isBasedOn"] == [{"@id": "review/build/extract/therapy/cold.json"}, one, two]
    assert figure["subjectOf"] == {"@id": "review/build/notebooks/therapy_cold.ipynb"}
    assert figure["description"] == "Cold: 2 studies."
    assert (
        graph["#study-one1999"]["url"] == graph["#study-one1999"]["sameAs"] == "https://doi.org/10.1000/one.1"
    )
    assert graph["#study-two2001"]["url"] == "https://pubmed.ncbi.nlm.nih.gov/123/"
    assert "url" not in graph["#study-three_nd"]


def test_each_step_is_an_action_with_what_it_read_and_wrote(graph: dict[str, dict[str, Any]]) -> None:
    run = graph["#run-therapy-cold"]
    assert run["instrument"] == {"@id": "analysis/notebooks/therapy.py"}
    assert run["object"] == {"@id": "review/build/extract/therapy/cold.json"}
    assert {"@id": "review/figures/forest_cold.svg"} in run["result"]
    assert {"@id": "data/schema/studies.json"} in graph["#run-extract"]["object"], (
        "not a path of this machine"
    )
    assert graph["#build"]["instrument"] == graph["./"]["mainEntity"] == {"@id": "Snakefile"}
    assert not any("startTime" in e or "endTime" in e for e in graph.values())


def test_every_reference_in_the_crate_leads_somewhere(packed: Path, graph: dict[str, dict[str, Any]]) -> None:
    with zipfile.ZipFile(packed) as file:
        names = set(file.namelist())
    assert {n for e in graph.values() for n in _named(list(e.values()))} - set(graph) == {
        "https://w3id.org/ro/crate/1.1"
    }
    for name, entity in graph.items():
        if "File" in entity["@type"] and not name.startswith("http"):
            assert name in names
        elif entity["@type"] == "Dataset" and name != "./":
            assert any(n.startswith(name) for n in names)


def test_no_licence_is_invented_for_a_review_without_one(
    packed: Path, graph: dict[str, dict[str, Any]]
) -> None:
    assert graph["./"]["license"].startswith("No licence was given for the data and the text")
    with zipfile.ZipFile(packed) as file:
        assert "license" not in yaml.safe_load(file.read("CITATION.cff"))
        assert "No licence was given for the data" in file.read("ARCHIVE.md").decode()


def test_the_citation_has_the_authors_as_they_are_and_the_version(built: tuple[Path, Path]) -> None:
    told = facts.read(*built, "review/")
    found = yaml.safe_load(citation.cff(told))
    assert (found["cff-version"], found["type"]) == ("1.2.0", "dataset")
    assert (found["version"], found["date-released"]) == ("2026.02", "2026-02-28")
    person = found["authors"][0]
    assert (person["family-names"], person["given-names"]) == ("Synthetic", "Ada")
    assert person["orcid"] == "https://orcid.org/0000-0002-1825-0097"
    assert "email" not in person
    assert found["references"][0]["type"] == "software"
    assert found["references"][0]["license"] == "MIT"
    group = told.protocol.model_copy(update={"authors": [Author(name="A team (names to follow)")]})
    from dataclasses import replace

    again = yaml.safe_load(citation.cff(replace(told, protocol=group)))
    assert again["authors"] == [{"name": "A team (names to follow)"}]
    meta = json.loads(citation.codemeta(told))
    assert (meta["name"], meta["license"]) == ("livingreview", "https://spdx.org/licenses/MIT")
    assert meta["referencePublication"]["author"][0]["familyName"] == "Synthetic"


def test_refused_with_every_reason(tmp_path: Path) -> None:
    review, root = _lay(tmp_path)
    (review / "figures/forest_cold.svg").write_text("edited")
    (review / "data/raw/studies.csv").write_text("edited")
    (review / "build/notebooks/therapy_cold.ipynb").unlink()
    with pytest.raises(ReviewError) as caught:
        members.gather(review, root)
    assert sorted((p.file, p.message.split(" after")[0]) for p in caught.value.problems) == [
        ("build/notebooks/therapy_cold.ipynb", "it is gone since the build"),
        ("data/raw/studies.csv", "it was changed"),
        ("figures/forest_cold.svg", "it was changed"),
    ]
    assert not (tmp_path / "a.zip").exists()
    shutil.rmtree(review / "build/journal")
    with pytest.raises(ReviewError, match="no finished build"):
        members.gather(review, root)


def test_a_path_of_the_machine_in_a_built_file_is_refused(tmp_path: Path) -> None:
    review, root = _lay(tmp_path)
    _write(review / "figures/forest_cold.svg", f"<svg>{review}/data/raw</svg>")
    _journal(review, "therapy-cold", "therapy", [], ["figures/forest_cold.svg"], therapy="cold")
    with pytest.raises(ReviewError, match="a path of this machine"):
        members.gather(review, root)


def test_a_name_that_checksums_cannot_hold_is_refused() -> None:
    with pytest.raises(ReviewError, match="cannot be archived"):
        packing.sums({"a\nb": b""})


def test_the_run_profiles_hold(packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the validator's own copies of the profiles, and the terms of RO-Crate 1.1 that we use in place of its context on the web."""
    pytest.importorskip("rocrate_validator")
    from rocrate_validator import models, services
    from rocrate_validator.utils import document_loader, http

    with zipfile.ZipFile(packed) as file:
        file.extractall(tmp_path / "crate")
    context = {"@context": json.loads(TERMS.read_text(encoding="utf-8"))["terms"]}

    class Answer:
        status_code = 200
        headers = {"Content-Type": "application/ld+json"}  # noqa: RUF012
        text = json.dumps(context)

        def json(self) -> Any:
            return context

    def answer(_: Any, url: str, **__: Any) -> Answer:
        assert url == "https://w3id.org/ro/crate/1.1/context", "nothing else is looked up"
        return Answer()

    monkeypatch.setattr(http.HttpRequester, "get", answer, raising=False)
    monkeypatch.setattr(document_loader, "_fetch_json_ld", lambda _: context)
    found = services.validate(
        models.ValidationSettings(
            rocrate_uri=models.URI(str(tmp_path / "crate")),
            profile_identifier="provenance-run-crate-0.5",
            requirement_severity=models.Severity.REQUIRED,
            offline=True,
            skip_availability_check=True,
            validate_profile_checks=False,  # that the profiles themselves are sound is the validator's business
            cache_path=tmp_path / "cache",
        )
    )
    assert [(issue.check.identifier, issue.message) for issue in found.get_issues()] == []


def test_every_word_of_the_crate_is_a_term_of_its_context(graph: dict[str, dict[str, Any]]) -> None:
    terms = set(json.loads(TERMS.read_text(encoding="utf-8"))["terms"])
    used = {key for e in graph.values() for key in e if not key.startswith("@")}
    for entity in graph.values():
        used |= {entity["@type"]} if isinstance(entity["@type"], str) else set(entity["@type"])
    assert used <= terms
