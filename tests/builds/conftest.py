"""One build of the synthetic review, made once and copied for every test."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from livingreview.pipeline import nursery

from .sandbox import Sandbox, set_up


@pytest.fixture(scope="session", autouse=True)
def warm_kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One nursery for all builds of a process: the libraries are loaded once. A step or kernel forgets this package when it is forked,
    and loads it from the repository that it belongs to."""
    door = nursery.open_door(tmp_path_factory.mktemp("fonts"))
    yield
    if door:
        door.shut()


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Folder of a finished build, shared by all processes of the test run."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "built-once"
    with (folder.parent / "built-once.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            set_up(folder).build()
            (folder / "done").touch()
    return folder


@pytest.fixture
def sandbox(built_once: Path, tmp_path: Path) -> Iterator[Sandbox]:
    """A built review with its repository, to be edited."""
    for name in ("repository", "review"):
        shutil.copytree(built_once / name, tmp_path / name)
    yield Sandbox(tmp_path / "repository", tmp_path / "review")
    shutil.rmtree(tmp_path, ignore_errors=True)
