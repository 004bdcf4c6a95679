"""The text that pandoc gets: tables stand where it reads them once, and all else as it was written."""

from __future__ import annotations

from pathlib import Path

from publish_review import ROOT, make

from livingreview.publish.project import Project
from livingreview.publish.whole import expanded

TABLE = "| a | b |\n|:--|--:|\n| 1 | 2 |\n\n: Caption {#tbl-x}\n"


def _body(folder: Path, text: str, files: dict[str, str] | None = None) -> str:
    review = make(folder, text, files=files)
    _, whole = expanded(Project(review, ROOT), review / "manuscript/manuscript.qmd")
    return whole.split("\n---\n\n", 1)[1]


def test_a_second_empty_line_comes_before_each_table(tmp_path: Path) -> None:
    text = "One line.\n\n{{< include _built/t.md >}}\n\nAnother.\n\n" + TABLE
    body = _body(tmp_path, text, {"_built/t.md": TABLE})
    assert body == f"One line.\n\n\n{TABLE}\n\nAnother.\n\n\n{TABLE}"


def test_code_and_lines_that_are_no_table_stay(tmp_path: Path) -> None:
    text = f"One line.\n\n```\nx\n\n{TABLE}```\n\n| a line\n| block\n\nA line\n{TABLE}"
    assert _body(tmp_path, text) == text
