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


def _waiting_step(place: Path, tmp_path: Path) -> subprocess.Popen[str]:
    """A kernel that was asked for by the words of a step: it runs until somebody ends it."""
    words = [*knock.command("kernel"), "-f", str(tmp_path / "k.json"), "--transport=ipc"]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "analysis"),
        "LIVINGREVIEW_PARENT": str(os.getpid()),
    }
    process = subprocess.Popen(words, cwd=place, env=environment, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "k.json").is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    return process


@pytest.mark.parametrize(
    ("whom", "how", "status"),
    [("caller", signal.SIGINT, knock.INTERRUPTED), ("forked", signal.SIGKILL, knock.LOST)],
)
def test_the_caller_learns_how_it_ended(
    door: str, tmp_path: Path, whom: str, how: signal.Signals, status: int
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    caller = _waiting_step(place, tmp_path)
    forked = [pid for pid in _kernels(place.resolve()) if pid != caller.pid]
    os.kill(caller.pid if whom == "caller" else forked[0], how)
    said = caller.communicate(timeout=10)[1]
    assert caller.returncode == status and "Traceback" not in said, said
    deadline = time.monotonic() + 5
    while _kernels(place.resolve()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _kernels(place.resolve())


def test_no_socket_no_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(knock.DOOR, raising=False)
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr(nursery.tempfile, "tempdir", str(long))
    assert nursery.open_door(tmp_path) is None
    assert knock.DOOR not in os.environ and not list(long.iterdir())


def test_a_killed_step_is_named_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LIVINGREVIEW_PARENT", raising=False)
    monkeypatch.setattr(knock, "hand_over", lambda kind, arguments: knock.LOST)
    monkeypatch.setattr(knock.ctypes, "CDLL", lambda _: type("C", (), {"prctl": lambda *_: 0})())
    words = ["step", "therapy", "--wildcard", "therapy=cold", "--inputs", "a=b.json"]
    monkeypatch.setattr(sys, "argv", ["knock.py", *words])
    before = signal.getsignal(signal.SIGINT)
    assert knock._main() == knock.LOST
    signal.signal(signal.SIGINT, before)
    said = capsys.readouterr().err
    assert "therapy-cold could not be built" in said and "run the same command again" in said
