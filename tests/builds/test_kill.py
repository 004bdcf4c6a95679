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


def _kill(sandbox: Sandbox, moment: float) -> None:
    """Start a build, kill it after so many seconds, and see that none of its steps lives on."""
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


def _kill_and_resume(
    built: Path, folder: Path, moments: list[float], interrupts: tuple[float, ...] = ()
) -> None:
    """Interrupt a first build, kill each build that takes it up again, then let one end."""
    reference = Sandbox(built / "repository", built / "review").outputs()
    sandbox = unbuilt_copy(built, folder)
    for moment in interrupts:
        _interrupt(sandbox, moment)
    for moment in moments:
        _kill(sandbox, moment)
    sandbox.build()
    assert sandbox.outputs() == reference, f"killed at {moments}"
    assert sandbox.build() == set()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.build
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to look for orphaned steps")
def test_interrupted_twice_killed_three_times_and_resumed(built_once: Path, tmp_path: Path) -> None:
    # Ctrl-C while the steps are being listed, and while steps run; then killed early, among the notebooks, and later: each takes up
    # what the last one left
    dice = random.Random(1)
    moments = [dice.uniform(0.3, 2), dice.uniform(2, 8), dice.uniform(6, 15)]
    _kill_and_resume(built_once, tmp_path, moments, interrupts=(0.0, 2.5))


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to look for orphaned steps")
@pytest.mark.parametrize("seed", SOAK_SEEDS)
def test_killed_and_resumed_often(built_once: Path, tmp_path: Path, seed: int) -> None:
    _kill_and_resume(built_once, tmp_path, [random.Random(seed).uniform(0.3, 15.0)])


def _interrupt(sandbox: Sandbox, seconds: float) -> None:
    """Press Ctrl-C so long after a build has begun, and see what it says."""
    checked = sandbox.review / "build/checked.json"
    checked.unlink(missing_ok=True)
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
    while not checked.exists() and build.poll() is None:
        time.sleep(0.01)
    assert lock.exists()
    time.sleep(0.05 + seconds)
    os.killpg(build.pid, signal.SIGINT)
    said, _ = build.communicate(timeout=60)
    assert build.returncode != 0
    assert "Traceback" not in said and "could not be built" not in said, said
    assert "Interrupted after" in said, said
    assert sandbox.receipt()["result"] == "interrupted"
