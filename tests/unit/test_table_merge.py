"""Two people's additions merge in git; the same cell changed in two ways is a conflict, named and marked."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import update_review

from livingreview.errors import ReviewError
from livingreview.extraction import dataset
from livingreview.update import study_file
from livingreview.update.three_way import ROW, Conflict, merge

ROOT = update_review.ROOT
STUDY = """\
study: {{study_id: {id}, first_author: {name}, year: 2025, title: "{name} on warts", source_url: "https://example.org/{id}", source_kind: paper, eligibility: excluded, exclusion_reason: other disease}}
records: {{stream: {stream}, decision: exclude, reason: other disease}}
"""


class Git:
    """A repository that holds a copy of the synthetic review."""

    def __init__(self, folder: Path, driver: bool) -> None:
        self.folder = update_review.copy(folder)
        (folder / ".gitattributes").write_text(
            "data/raw/**/*.csv merge=livingreview\ndata/raw/*.csv merge=livingreview\n"
        )
        self("init", "--quiet", "--initial-branch=main")
        self("config", "user.name", "Ada Synthetic")
        self("config", "user.email", "ada@example.org")
        if driver:
            python = shlex.quote(sys.executable)
            self("config", "merge.livingreview.driver", f"{python} -m livingreview merge-table %O %A %B %P")
        self.commit("first")

    def __call__(self, *words: str, fail: bool = False) -> str:
        done = subprocess.run(["git", *words], cwd=self.folder, capture_output=True, text=True)
        assert (done.returncode != 0) == fail, done.stdout + done.stderr
        return done.stdout + done.stderr

    def commit(self, message: str) -> None:
        self("add", "--all")
        self("commit", "--quiet", "--message", message)

    def add(self, branch: str, *studies: str, stream: str = "warming") -> None:
        self("checkout", "--quiet", "-b", branch, "main")
        for name in studies:
            file = self.folder / "study.yaml"
            file.write_text(STUDY.format(id=name.casefold() + "2025", name=name, stream=stream))
            study_file.add(self.folder, ROOT, file)
            file.unlink()
        self.commit(branch)


def test_additions_of_different_studies_merge_in_plain_git(tmp_path: Path) -> None:
    git = Git(tmp_path, driver=False)
    git.add("one", "Aaberg")
    git.add("two", "Nunez", stream="freezing")
    git("merge", "--quiet", "--no-edit", "one")
    ids = {s["study_id"] for s in dataset.load(tmp_path, ROOT).tables["studies"]}
    assert {"aaberg2025", "nunez2025"} <= ids


def test_neighbours_merge_too_once_git_knows_how(tmp_path: Path) -> None:
    git = Git(tmp_path, driver=True)
    git.add("one", "Smith", "Smitham")
    git.add("two", "Smithe", "Smitten")
    git("merge", "--quiet", "--no-edit", "one")
    data = dataset.load(tmp_path, ROOT)
    lines = [line.split(",")[0] for line in update_review.table(tmp_path, "studies").read_text().splitlines()]
    new = [i for i in lines if i.startswith("smit")]
    assert new == ["smith2025", "smitham2025", "smithe2025", "smitten2025"]
    assert {r["study_id"] for r in data.tables["records"]} >= set(new)


def test_corrections_of_one_row_merge_by_cell_and_contradictions_are_named(tmp_path: Path) -> None:
    git = Git(tmp_path, driver=True)
    arms = update_review.table(tmp_path, "arms")
    old = 'okonkwo2004,a,salicylic_acid,"plaster, changed daily",40,,,,,,,,3,,,yes,22,,0,'

    def branch(name: str, new: str) -> None:
        git("checkout", "--quiet", "-b", name, "main")
        update_review.replace(arms, old, new)
        git.commit(name)

    branch("one", old.replace(",22,,0,", ",22,,3,"))
    branch("two", old.replace("changed daily", "changed weekly"))
    branch("three", old.replace("changed daily", "changed monthly"))
    git("checkout", "--quiet", "two")
    git("merge", "--quiet", "--no-edit", "one")
    assert old.replace(",22,,0,", ",22,,3,").replace("daily", "weekly") in arms.read_text(encoding="utf-8")
    said = git("merge", "--quiet", "--no-edit", "three", fail=True)
    assert "data/raw/arms.csv: okonkwo2004 / a, agent_detail: it was plaster, changed daily" in said
    assert "<<<<<<< ours" in arms.read_text(encoding="utf-8")
    with pytest.raises(ReviewError, match="put together by git and not sorted out"):
        dataset.load(tmp_path, ROOT)


def test_a_table_without_key_merges_as_rows(tmp_path: Path) -> None:
    git = Git(tmp_path, driver=True)
    queries = tmp_path / "data/raw/search/queries_warming.csv"
    for name in ("one", "two"):
        git("checkout", "--quiet", "-b", name, "main")
        queries.write_text(queries.read_text() + f"2026-02-28,invented pages,{name},1\n")
        git.commit(name)
    git("merge", "--quiet", "--no-edit", "one")
    assert [line.split(",")[2] for line in queries.read_text().splitlines()[2:]] == ["one", "two"]


BASE = {("a",): {"x": "1", "y": "2"}, ("b",): {"x": "1", "y": "2"}}


def test_three_way_cases() -> None:
    def changed(key: str, **cells: str) -> dict[tuple[str, ...], dict[str, str]]:
        return {k: {**row, **cells} if k == (key,) else row for k, row in BASE.items()}

    assert merge(BASE, BASE, BASE).changes == {}
    assert merge(BASE, BASE, changed("a", x="5")).changes == {("a",): {"x": "5"}}
    assert merge(BASE, changed("a", x="5"), BASE).changes == {}
    assert merge(BASE, changed("a", x="5"), changed("a", x="5")).changes == {}
    assert merge(BASE, changed("a", x="5"), changed("a", y="6")).changes == {("a",): {"y": "6"}}
    assert merge(BASE, changed("a", x="5"), changed("a", x="6")).conflicts == [
        Conflict(("a",), "x", "1", "5", "6")
    ]
    without = {("b",): BASE[("b",)]}
    assert merge(BASE, BASE, without).changes == {("a",): None}
    assert merge(BASE, without, without).changes == {}
    assert merge(BASE, changed("a", x="5"), without).conflicts == [Conflict(("a",), ROW, "1", "5", None)]
    assert merge(BASE, without, changed("a", x="5")).conflicts == [Conflict(("a",), ROW, "1", None, "5")]
    new = {**BASE, ("c",): {"x": "7", "y": ""}}
    assert merge(BASE, BASE, new).changes == {("c",): {"x": "7", "y": ""}}
    assert merge(BASE, new, {**BASE, ("c",): {"x": "8", "y": ""}}).conflicts == [
        Conflict(("c",), "x", "", "7", "8")
    ]
