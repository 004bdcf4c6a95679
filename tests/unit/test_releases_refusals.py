"""A release is refused with every reason at once, and the ledger stays as it was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from releases_review import add, commit, git, studies

from livingreview import canonical
from livingreview.conclusions import alerts
from livingreview.errors import Problem, ReviewError
from livingreview.extraction import agreement
from livingreview.pipeline import journal
from livingreview.releases import ledger, manifest, rebuild, refusals, repository, write

ROOT = Path(__file__).resolve().parents[2]
VERSION = "2026.02"


@pytest.fixture(scope="session")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The synthetic review with its schemas in a git repository of its own, clean; not to be changed."""
    folder = tmp_path_factory.mktemp("released") / "review"
    shutil.copytree(
        ROOT / "tests/review", folder, ignore=shutil.ignore_patterns("_built", "_output", "build")
    )
    shutil.copytree(ROOT / "data/schema", folder / "data/schema", dirs_exist_ok=True)
    shutil.copy2(ROOT / "requirements.lock", folder)
    (folder / ".gitignore").write_text("build/\ndata/releases/.*/\n", encoding="utf-8")
    commit(folder)
    return folder


@pytest.fixture
def review(committed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it, in which the test stands."""
    shutil.copytree(committed, tmp_path / "review", symlinks=True)
    monkeypatch.chdir(tmp_path / "review")
    yield tmp_path / "review"
    shutil.rmtree(tmp_path / "review", ignore_errors=True)


def reasons(review: Path, version: str = VERSION) -> str:
    return "\n".join(map(str, refusals.before(review, review, version)))


def test_a_clean_review_may_be_released(review: Path) -> None:
    assert reasons(review) == ""


@pytest.mark.parametrize(
    "version", ["2026", "2026.2", "2026.13", "2026.02.0", "v2026.02", "2026.02-rc1", "../2026.02"]
)
def test_malformed_versions(review: Path, version: str) -> None:
    assert "not a version to release" in reasons(review, version)


def test_the_version_is_that_of_the_review(review: Path) -> None:
    assert "review.yaml is of version 2026.02, not 2026.03" in reasons(review, "2026.03")


def test_a_version_is_released_once_and_forward_only(review: Path) -> None:
    add(review, VERSION, "smith", date="2026-02-28")
    commit(review)
    assert "has been released already, on 2026-02-28" in reasons(review)
    add(review, "2026.03", "smith", date="2026-03-31")
    commit(review)
    shutil.rmtree(review / "data/releases" / VERSION)
    told = reasons(review)
    assert "2026.02 would come before 2026.03, the last release" in told
    assert "the chain is broken" in told and "not committed" in told  # all at once


def test_what_is_not_committed_is_named(review: Path) -> None:
    (review / "new.csv").write_text("x", encoding="utf-8")
    with (review / "review.yaml").open("a", encoding="utf-8") as out:
        out.write("# a remark\n")
    assert "2 files are not committed: new.csv, review.yaml" in reasons(review)
    (review / "build").mkdir(exist_ok=True)
    (review / "build/x.json").write_text("x", encoding="utf-8")
    (review / "data/releases/.2026.02.part-7").mkdir()
    commit(review)
    assert reasons(review) == ""  # what git ignores does not count


def test_no_repository_and_no_commit(review: Path) -> None:
    shutil.rmtree(review / ".git")
    assert "this is no git repository" in reasons(review)
    git(review, "init", "--quiet")
    assert "nothing has been committed yet" in reasons(review)


def test_invalid_tables_and_the_rest_at_once(review: Path) -> None:
    path = review / "data/raw/studies.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("included", "includet", 1), encoding="utf-8")
    told = reasons(review, "2026.2")
    assert "includet" in told and "data/raw/studies.csv, row" in told
    assert "not a version to release" in told and "not committed" in told


@pytest.mark.parametrize("content", ["title: [", "", "title: x\n", "- a\n"])
def test_a_protocol_that_cannot_be_read(review: Path, content: str) -> None:
    (review / "review.yaml").write_text(content, encoding="utf-8")
    told = reasons(review)
    assert "review.yaml" in told and "not committed" in told


def test_a_damaged_ledger_refuses(review: Path) -> None:
    with (review / "data/releases/2015/published.yaml").open("a", encoding="utf-8") as out:
        out.write("n_patients: 3\n")
    commit(review)
    assert "data/releases/2015/published.yaml: differs from what was released" in reasons(review)


def test_disputed_fields_refuse(review: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Problem("the two extractions differ", file="data/raw/second/outcomes.csv", row=3)]
    monkeypatch.setattr(agreement, "blocking", lambda review, root: found)
    assert "data/raw/second/outcomes.csv, row 3: the two extractions differ" in reasons(review)


# --- after the build


def result(**other: Any) -> dict[str, Any]:
    """A manifest of a release to be, for the version after the one in the ledger."""
    return {
        "version": "2026.03",
        "inputs": {
            "review.yaml": "another version",
            "manuscript/m.qmd": "1",
            "data/releases/2026.02/flow.json": "1",
        },
        "code": {"extract": "1", "changes": "2"},
        **other,
    }


def told_after(review: Path, made: dict[str, Any], digests: dict[str, Any]) -> str:
    found = refusals.after(review, review, made, digests, ledger.last(review))
    return "\n".join(p.message for p in found if "nothing has been built" not in p.message)


def test_nothing_changed(review: Path) -> None:
    add(review, VERSION, "smith")
    same = studies("smith")
    assert told_after(review, result(), same).startswith("nothing changed since 2026.02")
    bumped = deepcopy(same)
    bumped["protocol"]["version"] = "1"
    assert told_after(review, result(), bumped).startswith("nothing changed since 2026.02")
    for part, key in (("studies", "smith"), ("tables", "studies"), ("protocol", "title")):
        other = deepcopy(same)
        other[part][key] = "changed"
        assert told_after(review, result(), other) == "", part
    inputs = result()["inputs"] | {"manuscript/m.qmd": "2"}
    assert told_after(review, result(inputs=inputs), same) == ""
    second = result()["inputs"] | {"data/raw/second/outcomes.csv": "1"}
    assert told_after(review, result(inputs=second), same) == ""
    assert told_after(review, result(code={"extract": "2"}), same) == ""


def test_the_first_release_after_a_published_version_is_always_a_change(review: Path) -> None:
    assert told_after(review, result(), studies("smith")) == ""


def test_outputs_must_be_what_the_build_made(review: Path) -> None:
    assert [p.message for p in refusals.after(review, review, result(), studies(), None)] == [
        "nothing has been built here"
    ]
    canonical.write_json("build/x.json", {"a": 1})
    entry = journal.Entry("extract", "extract", {}, "b", 0.0, "")
    entry.outputs = journal.record(["build/x.json"])
    entry.save()
    assert refusals.after(review, review, result(), studies(), None) == []
    canonical.write_json("build/x.json", {"a": 2})
    (found,) = refusals.after(review, review, result(), studies(), None)
    assert (found.file, found.message) == ("build/x.json", "is changed by hand since it was built")


def test_what_git_ignores_may_not_be_read(review: Path) -> None:
    def read(**inputs: str) -> list[tuple[str, str]]:
        entry = journal.Entry("extract", "extract", {}, "b", 0.0, "")
        entry.inputs = {"manuscript/m.qmd": "1", "build/plan.json": "9", **inputs}
        entry.save()
        return [(p.file, p.message) for p in refusals.after(review, review, result(), studies(), None)]

    assert read() == []
    assert read(**{"data/raw/secret.csv": "1"}) == [
        ("data/raw/secret.csv", "is read by the build, but git does not know it")
    ]
    # committed while the build ran: what was read is not what is released
    assert read(**{"manuscript/m.qmd": "0"}) == [("manuscript/m.qmd", "was changed since it was built")]


def test_red_alerts_wait_for_a_name(review: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canonical.write_json(alerts.CONCLUSIONS, [])
    red = SimpleNamespace(conclusion="laser", name="Laser clears", reasons=["the 99 % limit crossed"])
    monkeypatch.setattr(alerts, "unacknowledged", lambda review, root: [red])
    told = refusals.after(review, review, result(), studies(), None)
    alert = next(p for p in told if "red alert" in p.message)
    assert "`laser` changed (the 99 % limit crossed)" in alert.message
    assert alert.file == "data/raw/acknowledgements.csv" and "version 2026.03 and laser" in alert.suggestion


def test_acknowledgements_of_a_version(tmp_path: Path) -> None:
    assert refusals.acknowledgements(tmp_path, "2026.03") == []
    path = tmp_path / "data/raw/acknowledgements.csv"
    path.parent.mkdir(parents=True)
    path.write_text("version,conclusion,name\n2026.03,laser,A. Person\n2026.04,laser,B\n", encoding="utf-8")
    assert refusals.acknowledgements(tmp_path, "2026.03") == [
        {"version": "2026.03", "conclusion": "laser", "name": "A. Person"}
    ]


def test_a_refused_release_writes_nothing(review: Path) -> None:
    def build() -> None:
        raise AssertionError("a build is not begun where the release is refused already")

    known = sorted(p.name for p in (review / "data/releases").iterdir())
    with pytest.raises(ReviewError, match="not a version to release"):
        write.release(review, review, "2026", build, build)
    assert sorted(p.name for p in (review / "data/releases").iterdir()) == known


def test_what_is_edited_while_the_build_runs_refuses(review: Path) -> None:
    def build() -> None:
        (review / "new.csv").write_text("x", encoding="utf-8")

    with pytest.raises(ReviewError, match=r"1 file is not committed: new\.csv"):
        write.release(review, review, VERSION, build, lambda: None)


# --- git, manifest, what can be rebuilt


def test_inputs_are_what_git_knows(review: Path) -> None:
    (review / "data/raw/stray.csv").write_text("x", encoding="utf-8")
    add(review, VERSION, "smith")
    git(review, "add", "data/releases")
    found = manifest.inputs(review, review)
    assert {
        "review.yaml",
        "data/raw/studies.csv",
        "manuscript/manuscript.qmd",
        "requirements.lock",
    } <= found.keys()
    assert "data/releases/2026.02/flow.json" in found and "data/raw/stray.csv" not in found
    assert not any(name.startswith("data/releases/2026.02/data/") for name in found)


def test_a_commit_is_laid_out_elsewhere(review: Path, tmp_path: Path) -> None:
    known = repository.checkout(review)
    assert known.top.resolve() == review.resolve() and known.prefix == "" and known.dirty == ()
    assert repository.checkout(review / "data/raw").prefix == "data/raw"
    (review / "review.yaml").write_text("changed", encoding="utf-8")
    repository.lay_out(review, known.commit, tmp_path / "other")
    assert (tmp_path / "other/data/raw/studies.csv").read_bytes() == (
        review / "data/raw/studies.csv"
    ).read_bytes()
    assert "version" in (tmp_path / "other/review.yaml").read_text(encoding="utf-8")
    assert repository.has(review, known.commit) and not repository.has(review, "f" * 40)


def test_what_cannot_be_rebuilt(review: Path) -> None:
    add(review, VERSION, "smith")
    for version, words in (
        ("2015", "published elsewhere and is quoted, not recomputed"),
        ("2026.03", "has not been released"),
        (VERSION, "which this repository does not hold"),
    ):
        with pytest.raises(ReviewError, match=words):
            rebuild.rebuild(review, review, version)


def test_software_that_differs_is_named() -> None:
    old = {
        "python": "3.11.7",
        "engine": "builtin (1)",
        "lock": "1",
        "packages": {"numpy": "2.1", "scipy": "1"},
    }
    new = {
        "python": "3.11.8",
        "engine": "builtin (1)",
        "lock": "2",
        "packages": {"numpy": "2.2", "scipy": "1"},
    }
    assert manifest.software_differences(old, old) == []
    assert manifest.software_differences(old, new) == [
        "python 3.11.7, here 3.11.8",
        "another requirements.lock",
        "numpy 2.1, here 2.2",
    ]
    told = rebuild.Comparison(
        "2026.02", "a" * 40, 9, [], ["build/x.json: differs"], ["numpy 2.1, here 2.2"]
    ).text()
    assert "Outputs that differ (1):\n  build/x.json: differs" in told
    assert "Not identical: 1 of 9 outputs differ." in told
    assert "Byte-identical: 9 outputs" in rebuild.Comparison("2026.02", "a" * 40, 9).text()


def test_what_is_installed_is_recorded() -> None:
    found = manifest.software(ROOT, "builtin (1)")
    assert found["engine"] == "builtin (1)" and found["packages"]["numpy"]
    assert found["lock"] == canonical.file_digest(ROOT / "requirements.lock")
