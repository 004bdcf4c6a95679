"""What was sent to a journal, what a revision is compared with, and what changed since then as lines for the answer."""

from __future__ import annotations

import json
import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import submission_source
from publish_review import ROOT

from livingreview import __main__, canonical
from livingreview.errors import ReviewError
from livingreview.publish import snapshot
from livingreview.submission import revision_base, revision_files, rounds, title_page
from livingreview.submission.revision_base import Base

OLD = submission_source.TEXT
NEW = (
    OLD.replace("Words of the background.", "More words of the whole background.")
    .replace("| 1 | 2 |", "| 1 | 3 |\n| 4 | 5 |")
    .replace("A caption of the figure.", "A short caption of the figure.")
    .replace("Nothing was needed", "Nothing at all was needed")
    .replace("Last words, long enough", "A paragraph that is new.\n\nLast words, quite long enough")
)


@cache
def tree_of(text: str) -> dict[str, Any]:
    return submission_source.tree(text)


def base(tree: dict[str, Any], studies: dict[str, Any] | None = None) -> Base:
    """A text as it was sent."""
    return Base(tree, "round 1", "version 1", "1", "2026-10-01", studies or {}, None)


@pytest.fixture
def review(tmp_path: Path) -> Path:
    """The synthetic review with a text and a package."""
    folder = tmp_path / "review"
    shutil.copytree(
        ROOT / "tests/review", folder, ignore=shutil.ignore_patterns("build", "_built", "_output")
    )
    written(folder, OLD)
    packed_for(folder, "adr")
    return folder


def written(review: Path, text: str, **meta: str) -> dict[str, Any]:
    """Leave ``text`` as what was built last."""
    tree = tree_of(text)
    tree = {**tree, "meta": dict(tree["meta"])}
    tree["meta"] |= {name: {"t": "MetaString", "c": value} for name, value in meta.items()}
    path = review / rounds.BUILT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(snapshot.dumps(tree), encoding="utf-8")
    return snapshot.read(path)


def packed_for(review: Path, name: str, content: str = "words") -> None:
    folder = review / "submission" / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("Manuscript.docx", "checks.json"):
        (folder / file).write_text(content, encoding="utf-8")


def record(review: Path, number: int = 1, version: str = "2026.10") -> tuple[rounds.Round, bool]:
    studies = revision_base.studies_now(review, ROOT)
    return rounds.record(review, "adr", number, version, "2026-10-01", studies)


def released(review: Path, version: str, text: str | None) -> None:
    folder = review / "data/releases" / version
    (folder / "documents").mkdir(parents=True)
    if text is not None:
        tree = tree_of(text)
        (folder / "documents/manuscript.json").write_text(snapshot.dumps(tree), encoding="utf-8")
    manifest = {"version": version, "kind": "released", "date": "2026-09-01", "look": 1, "digest": "0"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    shutil.copyfile(review / "review.yaml", folder / "review.yaml")


def test_a_round_is_recorded_once(review: Path) -> None:
    made, new = record(review)
    assert new and made.number == 1 and set(made.files) == {"Manuscript.docx"}
    before = {p.name: p.read_bytes() for p in made.folder.iterdir()}
    assert set(before) == {"submission.json", "manuscript.ast.json", "studies.json", "review.yaml"}
    assert record(review) == (made, False)
    packed_for(review, "adr", "other words")
    with pytest.raises(ReviewError, match=r"(?s)other content: Manuscript\.docx\n.*--round 2"):
        record(review)
    assert before == {p.name: p.read_bytes() for p in made.folder.iterdir()}
    assert [p.name for p in made.folder.parent.iterdir()] == ["1"]


def test_what_cannot_be_recorded(review: Path) -> None:
    with pytest.raises(ReviewError, match=r"(?s)round 3 .*1 \(the first.*no package.*STAGE=revision"):
        record(review, 3)
    record(review)
    with pytest.raises(
        ReviewError, match=r"(?s)submission/adr-revision: there is no package.*STAGE=revision"
    ):
        record(review, 2)
    later = (review / "submission/adr/checks.json").stat().st_mtime_ns + 10**9
    os.utime(review / rounds.BUILT, ns=(later, later))
    with pytest.raises(ReviewError, match=r"manuscript\.ast\.json is newer"):
        record(review)
    # what a step noted of the words it read outweighs the times of files
    (review / "build/journal/submission").mkdir(parents=True)
    entry: dict[str, Any] = {"inputs": {rounds.BUILT: "0"}, "outputs": {"submission/adr/checks.json": {}}}
    note = review / "build/journal/submission/package.json"
    note.write_text(json.dumps(entry), encoding="utf-8")
    with pytest.raises(ReviewError, match="with other words"):
        record(review)
    entry["inputs"][rounds.BUILT] = canonical.file_digest(review / rounds.BUILT)
    note.write_text(json.dumps(entry), encoding="utf-8")
    assert not record(review)[1]
    written(review, OLD, version="2026.09")
    note.unlink()
    packed_for(review, "adr")
    with pytest.raises(ReviewError, match=r"review\.yaml has the version 2026\.10, the text 2026\.09"):
        record(review)


def test_a_text_with_changes_since_its_release_can_be_sent(review: Path) -> None:
    written(review, OLD, version="2026.10, with changes since release 2026.10")
    packed_for(review, "adr")
    made, new = record(review)
    assert new and made.version == "2026.10"


def test_an_edited_record_is_told(review: Path) -> None:
    made, _ = record(review)
    (made.folder / "manuscript.ast.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ReviewError, match=r"submissions/adr/1/manuscript\.ast\.json: not what was recorded"):
        revision_base.base(review, "adr")
    (made.folder / "submission.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ReviewError, match="cannot be read"):
        revision_base.base(review, "adr")


def test_the_base_is_what_was_sent_last(review: Path) -> None:
    none = revision_base.base(review, "adr")
    assert isinstance(none, str) and "livingreview submitted adr" in none and "no submission to adr" in none
    released(review, "2026.08", None)
    assert "2026.08" in str(revision_base.base(review, "adr"))
    released(review, "2026.09", OLD.replace("Last words", "First words"))
    found = revision_base.base(review, "adr")
    assert isinstance(found, Base) and found.name == "release 2026.09"
    assert found.description == "release 2026.09 of 1\u00a0September 2026" and found.protocol is not None
    released(review, "2026.10", OLD)  # the present text is no base of itself
    found = revision_base.base(review, "adr")
    assert isinstance(found, Base) and found.version == "2026.09"

    record(review)
    found = revision_base.base(review, "adr")
    assert isinstance(found, Base) and found.name == "round 1" and found.protocol is not None
    assert found.description == "version 2026.10 of 1\u00a0October 2026, recorded as sent in round 1"
    assert revision_base.base(review, "bmj") != found
    tree = written(review, NEW)
    packed_for(review, "adr-revision")
    record(review, 2, "2026.11")
    # its package stays what it is: its base is still round 1, until the text goes on
    found = revision_base.base(review, "adr", tree)
    assert isinstance(found, Base) and found.name == "round 1"
    written(review, NEW.replace("A paragraph that is new.", ""))
    found = revision_base.base(review, "adr")
    assert isinstance(found, Base) and found.name == "round 2" and "(revision 1)" in found.description


def test_the_command(
    review: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(review)
    assert __main__.main(["submitted", "adr", "--directory", str(review)]) == 0
    assert "git add data/submissions/adr/1" in capsys.readouterr().out
    assert __main__.main(["submitted", "adr", "--directory", str(review)]) == 0
    assert "recorded already" in capsys.readouterr().out
    assert __main__.main(["submitted", "adrr", "--directory", str(review)]) == 1
    assert "did you mean `adr`" in capsys.readouterr().err
    assert __main__.main(["submitted", "bmj", "--directory", str(review)]) == 1
    assert "make submission JOURNAL=bmj" in capsys.readouterr().err


def test_changes_by_section(review: Path) -> None:
    now = revision_base.studies_now(review, ROOT)
    gone, came, fixed = now["included"][:3]
    then = {
        **now,
        "included": [s for s in now["included"] if s != came] + ["left_out"],
        "labels": {**now["labels"], "left_out": "Left 2001"},
        "studies": {**now["studies"], fixed: {"arms": "0"}},
        "retracted": [],
    }
    now_retracted = now["retracted"]
    lines = revision_files.response_changes(base(tree_of(OLD), then), tree_of(NEW), review, ROOT)
    label = now["labels"]
    assert [line.replace("\u00a0", " ") for line in lines[:5]] == [
        "Abstract: 3 words inserted, 1 word deleted (1 place).",
        "Discussion: 8 words inserted (3 places).",
        "Table 1: 1 row added, 1 row changed.",
        "Figure 1: caption changed (1 word inserted).",
        f"Studies added (1): {label[came]}.",
    ]
    assert lines[5:7] == (
        "Studies no longer included (1): Left 2001.",
        f"Studies with corrected data (1): {label[fixed]}.",
    )
    assert len(lines) == 7 + bool(now_retracted) and gone in now["included"]
    assert revision_files.response_changes(base(tree_of(OLD)), tree_of(OLD), review, ROOT) == (
        "Nothing differs.",
    )


def test_the_first_page_is_the_one_that_prints(review: Path) -> None:
    """The line of authors of the built text prints in no manuscript; a title page before the text does."""
    other = tree_of(OLD.replace("Bo Sample", "Bo Sample, Cy Former"))
    assert revision_files.response_changes(base(tree_of(OLD)), other, review, ROOT) == ("Nothing differs.",)
    then = submission_source.people(
        authors=[{"name": "Ada Example", "given": "Ada", "family": "Example"}], affiliations={}
    )
    pages = (
        title_page.blocks(then, {"Tables": 1}),
        title_page.blocks(submission_source.people(), {"Tables": 1}),
    )
    lines = revision_files.response_changes(base(tree_of(OLD)), tree_of(NEW), review, ROOT, pages=pages)
    assert lines[0].startswith("First page: ") and " words inserted, " in lines[0]
    # headings of the title page are no sections: what stands below it is told as before
    assert lines[1].startswith("Abstract: ") and lines[2].startswith("Discussion: ")


def test_a_title_page_of_then_is_printed_only_where_it_can_be_read(review: Path) -> None:
    record(review)
    found = revision_base.base(review, "adr", tree_of(NEW))
    assert isinstance(found, Base) and found.protocol is not None and found.printable
    path = review / "review.yaml"
    whole = path.read_text(encoding="utf-8")

    def printable(text: str) -> bool:
        path.write_text(text, encoding="utf-8")
        return revision_base.read_protocol(path)[1]

    assert printable(whole + "\nof_other_times: 1\n")
    assert not printable(whole + "\nhighlights: {one: two}\n")
    assert not printable("authors: []\n")


def test_tables_and_figures_that_came_and_went(review: Path) -> None:
    without = tree_of("# One\n\nWords.\n")
    full = tree_of("# One\n\nWords.\n\n" + OLD[OLD.index("::: {#item-fig-x}") : OLD.index("# Statements")])
    there = revision_files.response_changes(base(without), full, review, ROOT)
    assert [line.split(" ")[-1] for line in there] == ["new.", "new."]
    back = revision_files.response_changes(base(full), without, review, ROOT)
    assert [line.split(": ")[1] for line in back] == ["left out.", "left out."]
    redrawn = json.loads(json.dumps(full).replace("figures/x.png", "figures/y.png"))
    assert [line.split(": ")[1] for line in revision_files.response_changes(
        base(full), redrawn, review, ROOT
    )] == ["redrawn."]  # fmt: skip
