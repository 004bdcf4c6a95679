"""One build of the synthetic review, made once and copied for every test."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from livingreview.pipeline import nursery

from .sandbox import Once, Sandbox, copied, set_up


@pytest.fixture(scope="session", autouse=True)
def warm_kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One nursery for all builds of a process: the libraries are loaded once. A step or kernel forgets this package when it is forked,
    and loads it from the repository that it belongs to."""
    door = nursery.open_door(tmp_path_factory.mktemp("fonts"))
    yield
    if door:
        door.shut()


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Once:
    """Makes a folder of a name by a function that is given it, once for all processes of the test run."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder = shared / name
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "done").exists():
                shutil.rmtree(folder, ignore_errors=True)
                make(folder)
                (folder / "done").touch()
        return folder

    return made


@pytest.fixture(scope="session")
def built_once(once: Once) -> Path:
    """Folder of a finished build."""

    def make(folder: Path) -> None:
        set_up(folder).build()

    return once("built-once", make)


@pytest.fixture
def sandbox(built_once: Path, tmp_path: Path) -> Iterator[Sandbox]:
    """A built review with its repository, to be edited."""
    yield copied(built_once, tmp_path)
    shutil.rmtree(tmp_path, ignore_errors=True)
