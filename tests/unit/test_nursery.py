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

from livingreview.pipeline import nursery

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every kernel loads for itself")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.delenv(nursery.DOOR, raising=False)
    shut = nursery.open_door(tmp_path)
    yield os.environ[nursery.DOOR]
    shut()
    assert not Path(os.environ[nursery.DOOR]).exists()


def test_without_a_door_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(nursery.DOOR, raising=False)
    assert nursery.hand_over(["-f", "nowhere.json"]) is None
    monkeypatch.setenv(nursery.DOOR, "/nowhere/door")
    assert nursery.hand_over(["-f", "nowhere.json"]) is None


def test_an_open_door_is_shared(door: str, tmp_path: Path) -> None:
    nursery.open_door(tmp_path)()
    assert os.environ[nursery.DOOR] == door and Path(door).is_socket()


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
            sys.executable,
            "-m",
            "livingreview.pipeline.kernel",
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
