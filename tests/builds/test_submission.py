"""The package for a journal: what it holds, what is made anew after which edit, and that it is the same wherever it is made."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from livingreview.pipeline.knock import DOOR
from livingreview.preview.page_defects import defects_in
from livingreview.submission import docx_measure

from .sandbox import REPOSITORY, Once, Sandbox, copied

PACKAGE = "submission/generic"
PARTS = {"figures", "manuscript", "supplement", "sources", "checklists", "front", "blinding"}
FILES = {
    "CHECKS.md", "checks.json", "CoverLetter.docx", "CoverLetter.pdf", "Manuscript.docx", "Manuscript.pdf",
    "ManuscriptJATS.xml", "ManuscriptLaTeX.tex", "Statements.docx", "Statements.pdf", "Supplement.docx", "Supplement.pdf",
    "TitlePage.docx", "TitlePage.pdf",
}  # fmt: skip


def steps(*parts: str, package: str = "generic", packed: bool = True) -> set[str]:
    """Names of the steps that make these parts."""
    found = {f"submission_part {package} {part}" for part in parts}
    return found | ({f"submission_package {package}"} if packed else set())


def make(sandbox: Sandbox, journal: str = "generic", stage: str = "", expect: int = 1) -> set[str]:
    """The package for a journal; returns the steps that ran. The synthetic review is not ready, so the verdict is 1."""
    given = [f"journal={journal}", *([f"stage={stage}"] if stage else [])]
    return sandbox.build("submission", "--config", *given, expect=expect)


def checks(sandbox: Sandbox, package: str = "generic") -> dict[str, dict[str, Any]]:
    """The checks of a package by their code."""
    found = json.loads(sandbox.text(f"submission/{package}/checks.json"))
    return {c["code"]: c for part in ("formatting", "evidence") for c in found[part]}


def digests(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


@pytest.fixture(scope="session")
def packed_once(built_once: Path, once: Once) -> Path:
    """Folder of a build with the package of the profile ``generic``."""

    def make_package(folder: Path) -> None:
        found = copied(built_once, folder)
        shutil.copytree(REPOSITORY / "manuscript/journals", found.root / "manuscript/journals")
        assert make(found) == steps(*PARTS)

    return once("packed-once", make_package)


@pytest.fixture
def desk(packed_once: Path, tmp_path: Path) -> Iterator[Sandbox]:
    """A built review whose package for the profile ``generic`` has been made, to be edited."""
    yield copied(packed_once, tmp_path)
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.build
def test_a_blinded_package_and_what_each_rule_of_its_journal_makes_anew(desk: Sandbox) -> None:
    folder = desk.review / PACKAGE
    # the same call again makes nothing, and gives the same verdict
    assert make(desk) == set()
    assert "Formatting, not met" in desk.said and "Nothing to do" in desk.said
    made = {p.name for p in folder.iterdir()}
    figures = {name for name in made if name.startswith("Fig")}
    lists = {name for name in made if name.startswith(("PRISMA", "SWiM"))}
    assert made - figures - lists == FILES
    numbers = {name.split(".")[0] for name in figures}
    assert numbers == {f"Fig{n}" for n in range(1, len(numbers) + 1)} and len(figures) == 3 * len(numbers)
    assert {"PRISMA-2020.pdf", "PRISMA-2020.docx", "PRISMA-LSR.pdf", "PRISMA-LSR.docx"} <= lists
    with zipfile.ZipFile(f"{folder}.zip") as archive:
        names = set(archive.namelist())
    assert names == {f"generic/{name}" for name in made - {"CHECKS.md", "checks.json"}}

    # nothing overflows, is cut or empty on any page of any file, of the package and of the review
    for place in (folder, desk.review / "manuscript/_output"):
        assert not [str(d) for d in defects_in(place) if "{{< var x" not in d.what], (
            "a title of the synthetic data has that mark"
        )

    found = checks(desk)
    form = {code: c for code, c in found.items() if not code.startswith("evidence.")}
    failed = {code for code, c in form.items() if c["outcome"] == "fail"}
    blinding = {code: c["outcome"] for code, c in form.items() if "blind" in code}
    assert blinding and "fail" not in blinding.values() and "pass" in blinding.values()
    assert {code for code in failed if code.startswith(("manuscript.", "figures.", "house.pdf"))} == set()
    for code in failed:
        assert f"  {code.split('/')[0]}" in desk.said, "every failure is told at the end"
    page = desk.text(f"{PACKAGE}/CHECKS.md")
    assert all(f"`{code}`" in page for code in found)
    assert f"  {PACKAGE}/  {len(made) - 2} files for the journal" in desk.said

    # what somebody wrote into a file of the package is kept
    (folder / "TitlePage.docx").write_bytes(b"edited by hand")
    assert make(desk) == steps()
    assert (
        desk.review / "build/edited-by-hand" / PACKAGE / "TitlePage.docx"
    ).read_bytes() == b"edited by hand"
    assert docx_measure.measure(folder / "TitlePage.docx").headings
    assert "checks.json was" not in desk.said, "only what was edited is told"

    # a limit touches no file: only the checks are made anew
    own = desk.review / "manuscript/journals"
    shutil.copytree(desk.root / "manuscript/journals", own)
    assert make(desk) == set(), "the review's own profile says the same"
    limit = form["keywords"]["outcome"]
    desk.replace("manuscript/journals/generic.yaml", "{min: 3, max: 10}", "{min: 9, max: 10}")
    before = digests(folder)
    assert make(desk) == steps()
    assert "manuscript/journals/generic.yaml changed" in desk.why("submission_package generic")
    assert (limit, checks(desk)["keywords"]["outcome"]) == ("pass", "fail")
    after = digests(folder)
    assert {name for name in after if after[name] != before[name]} == {"CHECKS.md", "checks.json"}

    # another width of figures: they, the sources that set them, the lists that name them, the search for names in them
    desk.replace("manuscript/journals/generic.yaml", "width_mm: [85, 175]", "width_mm: [85, 180]")
    assert make(desk) == steps("figures", "sources", "checklists", "front", "blinding")
    # the review itself is built as before, and knows nothing of packages
    assert desk.build() == set()
    assert not [p for p in desk.receipt()["outputs"] if "submission" in p]


@pytest.mark.build
def test_a_revision_is_compared_with_what_was_sent(desk: Sandbox) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "livingreview", "submitted", "generic", "--directory", str(desk.review)],
        cwd=desk.root,
        env={**desk.environment, "PYTHONPATH": str(desk.root / "analysis")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    desk.replace(
        "manuscript/manuscript.qmd",
        "# Methods {#sec-methods}",
        "# Methods {#sec-methods}\n\nA sentence that a reviewer asked for.",
    )
    ran = make(desk, "generic", "revision")
    assert steps("revision", "manuscript", "figures", package="generic-revision") <= ran
    folder = desk.review / "submission/generic-revision"
    tracked = docx_measure.measure(folder / "ManuscriptTracked.docx")
    assert sum(r.number for r in tracked.revisions if r.kind == "ins") > 0
    assert docx_measure.measure(folder / "Manuscript.docx").revisions == ()
    from docx import Document

    answer = "\n".join(p.text for p in Document(str(folder / "ResponseToReviewers.docx")).paragraphs)
    assert "Methods" in answer and "Reviewer 1" in answer
    assert not [str(d) for d in defects_in(folder) if "{{< var x" not in d.what]


@pytest.mark.build
def test_a_package_is_the_same_wherever_and_by_whom_it_is_made(desk: Sandbox, tmp_path: Path) -> None:
    """The documents it is made from are the same in another part of the world by the test of the clean room."""
    home = tmp_path / "somebody else"
    home.mkdir()
    other = copied(tmp_path, tmp_path / "an other place")
    shutil.rmtree(other.review / "build/submission")
    shutil.rmtree(other.review / "build/journal/submission")
    for path in (other.review / PACKAGE).glob("*.pdf"):
        path.write_bytes(b"of another build")
    elsewhere = {
        k: v
        for k, v in other.environment.items()
        if k not in (DOOR, "LC_ALL", "XDG_CACHE_HOME", "MPLCONFIGDIR")
    }
    elsewhere |= {"HOME": str(home), "LANG": "C", "TZ": "Pacific/Kiritimati", "USER": "somebody"}
    done = subprocess.run(
        other.command("submission", "--config", "journal=generic"),
        cwd=other.root,
        env=elsewhere,
        capture_output=True,
        text=True,
        timeout=400,
        preexec_fn=lambda: os.umask(0o077) and None,
    )
    assert done.returncode == 1 and "Formatting" in done.stdout + done.stderr, done.stdout + done.stderr
    # a package lies there without the records of its build: it is not taken for finished
    assert "was not made by this build" in done.stdout + done.stderr
    here, there = digests(desk.review / PACKAGE), digests(other.review / PACKAGE)
    assert sorted(here) == sorted(there)
    assert [name for name in here if here[name] != there[name]] == []
    assert (desk.review / f"{PACKAGE}.zip").read_bytes() == (other.review / f"{PACKAGE}.zip").read_bytes()


@pytest.mark.build
def test_what_is_wrong_is_told_all_at_once_and_nothing_is_made(desk: Sandbox) -> None:
    shutil.rmtree(desk.review / "submission")
    before = desk.outputs()
    make(desk, "generik")
    assert "there is no journal profile `generik`" in desk.said and "did you mean `generic`?" in desk.said
    desk.build("submission", expect=1)
    assert "for which journal?" in desk.said and "adr, bmj, generic, jaad, plosone" in desk.said
    make(desk, "generic", "revison")
    assert "did you mean `revision`?" in desk.said
    desk.replace("manuscript/journals/generic.yaml", "keywords:", "keywodrs:", root=True)
    desk.replace("manuscript/journals/generic.yaml", "font_size: 12", "font_size: large", root=True)
    desk.edit("outcomes", lambda rows: [{**rows[0], "events": "some"}, *rows[1:]])
    make(desk)
    for said in ("did you mean `keywords`?", "manuscript.font_size", "outcomes.csv", "Nothing was built"):
        assert said in desk.said, desk.said
    assert desk.outputs() == before and not (desk.review / "submission").exists()
