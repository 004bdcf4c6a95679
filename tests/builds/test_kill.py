"""SIGKILL at any moment, then the same command: no human needed, and the same bytes as an undisturbed build."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .sandbox import Sandbox, unbuilt_copy

CI_SEEDS = (1, 2, 3)
SOAK_SEEDS = tuple(range(100, 120))


def _steps_alive(review: Path) -> list[str]:
    """Command lines of processes that still work in the review's folder."""
    alive = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (process / "cwd").readlink() == review:
                alive.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return alive


def _kill_and_resume(built: Path, folder: Path, seed: int) -> None:
    reference = Sandbox(built / "repository", built / "review").outputs()
    sandbox = unbuilt_copy(built, folder)
    moment = random.Random(seed).uniform(0.3, 15.0)
    build = subprocess.Popen(
        sandbox.command(),
        cwd=sandbox.root,
        env=sandbox.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(moment)
    build.send_signal(signal.SIGKILL)
    build.wait()
    deadline = time.monotonic() + 2
    while (alive := _steps_alive(sandbox.review.resolve())) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive, f"still running after the kill at {moment:.2f} s: {alive}"
    sandbox.build()
    assert sandbox.outputs() == reference, f"killed at {moment:.2f} s"
    assert sandbox.build() == set()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.build
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to look for orphaned steps")
@pytest.mark.parametrize("seed", CI_SEEDS)
def test_killed_and_resumed(built_once: Path, tmp_path: Path, seed: int) -> None:
    _kill_and_resume(built_once, tmp_path, seed)


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to look for orphaned steps")
@pytest.mark.parametrize("seed", SOAK_SEEDS)
def test_killed_and_resumed_often(built_once: Path, tmp_path: Path, seed: int) -> None:
    _kill_and_resume(built_once, tmp_path, seed)


@pytest.mark.build
@pytest.mark.parametrize("seconds", [0.0, 2.5], ids=["while the steps are being listed", "while steps run"])
def test_interrupted_by_the_keyboard(sandbox: Sandbox, seconds: float) -> None:
    before = sandbox.outputs()
    shutil.rmtree(sandbox.review / "build")
    lock = sandbox.review / "build/.lock"
    build = subprocess.Popen(
        sandbox.command(),
        cwd=sandbox.root,
        env=sandbox.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A run of the tests in the background of a shell would hand on that Ctrl-C is to be ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    # From the moment the lock is held and the receipt is promised.
    while not (sandbox.review / "build/checked.json").exists() and build.poll() is None:
        time.sleep(0.01)
    assert lock.exists()
    time.sleep(0.05 + seconds)
    os.killpg(build.pid, signal.SIGINT)
    said, _ = build.communicate(timeout=60)
    assert build.returncode != 0
    assert "Traceback" not in said and "could not be built" not in said, said
    assert "Interrupted after" in said, said
    assert sandbox.receipt()["result"] == "interrupted"
    sandbox.build()
    assert sandbox.outputs() == before
