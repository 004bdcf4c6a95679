"""What the comparison with a clean build says; the builds themselves are compared in tests/builds/test_same_bytes.py and test_steps.py."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from livingreview.errors import ReviewError
from livingreview.pipeline import cleanroom, receipt


def _outputs(review: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (review / name).parent.mkdir(parents=True, exist_ok=True)
        (review / name).write_text(text, encoding="utf-8")
    (review / receipt.PATH).parent.mkdir(exist_ok=True)
    (review / receipt.PATH).write_text(json.dumps({"outputs": sorted(files)}), encoding="utf-8")


@pytest.mark.parametrize(
    ("clean", "status", "said"),
    [
        (
            {"build/a.json": "1", "figures/b.svg": "2"},
            0,
            ["Incremental equals clean: 2 files, each the same bytes."],
        ),
        (
            {"build/a.json": "1", "figures/b.svg": "3"},
            1,
            ["  figures/b.svg: differs", "1 of 2 files are not"],
        ),
        ({"build/a.json": "1"}, 1, ["  figures/b.svg: only here", "1 of 2 files are not"]),
        (
            {"build/a.json": "1", "figures/b.svg": "2", "figures/c.svg": "4"},
            1,
            ["  figures/c.svg: only in the clean build", "1 of 3 files are not"],
        ),
    ],
)
def test_every_difference_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    clean: dict[str, str],
    status: int,
    said: list[str],
) -> None:
    _outputs(tmp_path, {"build/a.json": "1", "figures/b.svg": "2"})

    def build(command: list[str], *, cwd: Path, **_: Any) -> subprocess.CompletedProcess[str]:
        assert not (cwd / "build").exists()  # from its sources, not from what lies here
        _outputs(cwd, clean)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", build)
    assert cleanroom.compare(tmp_path, tmp_path) == status
    printed = capsys.readouterr().out
    assert all(words in printed for words in said), printed


def test_without_a_build_there_is_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="nothing has been built here yet"):
        cleanroom.compare(tmp_path, tmp_path)
