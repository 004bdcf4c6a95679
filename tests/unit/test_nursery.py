"""Kernels forked from a warm process: same notebook, no kernel without its step, none that remembers other code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from livingreview.pipeline import knock, nursery

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every kernel loads for itself")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.delenv(knock.DOOR, raising=False)
    opened = nursery.open_door(tmp_path)
    assert opened
    path = os.environ[knock.DOOR]
    yield path
    opened.shut()
    assert not Path(path).exists()


def test_without_a_door_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(knock.DOOR, raising=False)
    assert knock.hand_over("kernel", ["-f", "nowhere.json"]) is None
    monkeypatch.setenv(knock.DOOR, "/nowhere/door")
    assert knock.hand_over("kernel", ["-f", "nowhere.json"]) is None


def test_an_open_door_is_shared(door: str, tmp_path: Path) -> None:
    assert nursery.open_door(tmp_path) is None
    assert os.environ[knock.DOOR] == door and Path(door).is_socket()


def _kernels(folder: Path) -> list[int]:
    """Processes that work in the folder."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (process / "cwd").readlink() == folder:
                found.append(int(process.name))
        except OSError:
            continue
    return found


def test_a_kernel_starts_in_the_folder_of_its_step_and_ends_with_it(door: str, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    step = subprocess.Popen(
        [
            *knock.command("kernel"),
            "-f",
            str(tmp_path / "k.json"),
            "--transport=ipc",
        ],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT / "analysis"), "LIVINGREVIEW_PARENT": str(os.getpid())},
    )
    deadline = time.monotonic() + 30
    while not (tmp_path / "k.json").is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert json.loads((tmp_path / "k.json").read_text(encoding="utf-8"))["transport"] == "ipc"
    assert len(_kernels(place.resolve())) == 2  # the one who asked, and the kernel
    step.send_signal(signal.SIGKILL)
    step.wait()
    deadline = time.monotonic() + 5
    while _kernels(place.resolve()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _kernels(place.resolve())


def test_a_step_says_and_answers_the_same_in_a_fork_and_alone(
    door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "review.yaml").write_text("title: 1\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "analysis"))

    def step() -> tuple[int, str, str]:
        words = [*knock.command("step"), "collect", "--outputs", "build/collect/results.json"]
        done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    forked = step()
    monkeypatch.delenv(knock.DOOR)  # nobody answers
    assert forked == step()
    assert forked[0] == 1 and "review.yaml" in forked[2]


def test_a_step_whose_build_is_gone_does_not_begin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIVINGREVIEW_PARENT", "1")
    done = subprocess.run([*knock.command("step"), "collect"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 137


def test_where_the_nursery_cannot_start_who_knocks_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(knock.DOOR, raising=False)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    opened = nursery.open_door(tmp_path)
    assert opened
    opened.warm(kernels=True)
    assert knock.hand_over("kernel", []) is None
    opened.shut()
