"""verify-ledger names whatever is not as it was released; a release appears whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from releases_review import FIGURES, add, commit, content, with_published

from livingreview import canonical
from livingreview.errors import ReviewError
from livingreview.releases import ledger, manifest, published, verify, write

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """A ledger of three: 2015 (published), 2026.01, 2026.02."""
    with_published(tmp_path)
    add(tmp_path, "2026.01", "smith")
    add(tmp_path, "2026.02", "smith", "jones", date="2026-02-28")
    return tmp_path


def found(folder: Path) -> list[tuple[str, str]]:
    return [(p.file.removeprefix("data/releases/"), p.message) for p in verify.verify(folder)]


def test_a_whole_ledger(chain: Path) -> None:
    assert found(chain) == []
    assert found(chain / "nothing") == []


def test_the_shipped_ledger_is_whole() -> None:
    assert [str(p) for p in verify.verify(ROOT)] == []
    assert [str(p) for p in verify.verify(ROOT / "tests/review")] == []


@pytest.mark.parametrize("version", ["2015", "2026.01", "2026.02"])
def test_any_byte_of_any_file_counts(chain: Path, version: str) -> None:
    folder = chain / "data/releases" / version
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        known = path.read_bytes()
        for changed in (known + b"\n", known[:-1], bytes([known[0] ^ 1]) + known[1:]):
            path.write_bytes(changed)
            named = [place for place, _ in found(chain)]
            assert f"{version}/{path.relative_to(folder).as_posix()}" in named
        path.write_bytes(known)
    assert found(chain) == []


def edit(path: Path, **fields: object) -> None:
    """Change fields of a manifest and seal it again, as someone would who means it."""
    made = manifest.sealed({**canonical.read_json(path), **fields})
    canonical.write_json(path, made)


def _missing(folder: Path) -> None:
    (folder / "2026.01/claims.json").unlink()


def _extra(folder: Path) -> None:
    (folder / "2026.01/data/raw/new.csv").write_text("x", encoding="utf-8")


def _link(folder: Path) -> None:
    (folder / "2026.01/claims.json").unlink()
    (folder / "2026.01/claims.json").symlink_to("../2026.02/claims.json")


def _resealed(folder: Path) -> None:
    edit(folder / "2026.01/manifest.json", date="2026-01-30")


def _removed(folder: Path) -> None:
    shutil.rmtree(folder / "2026.01")


def _renamed(folder: Path) -> None:
    (folder / "2026.02").rename(folder / "2026.03")


def _doubled(folder: Path) -> None:
    shutil.copytree(folder / "2026.02", folder / "2026.2")


def _stranger(folder: Path) -> None:
    (folder / "notes.txt").write_text("x", encoding="utf-8")


def _unsealed(folder: Path) -> None:
    (folder / "2015/manifest.json").unlink()


def _look(folder: Path) -> None:
    edit(folder / "2026.02/manifest.json", look=7)


def _dated(folder: Path) -> None:
    edit(folder / "2026.02/manifest.json", date="2025-01-01")


def _field(folder: Path) -> None:
    path = folder / "2026.02/manifest.json"
    content = canonical.read_json(path)
    del content["outputs"]
    canonical.write_json(path, content)


def _copied(folder: Path) -> None:
    """A copy of a table that is not the one the release was built from, with a manifest to match."""
    (folder / "2026.02/review.yaml").write_text('version: "9"\n', encoding="utf-8")
    files = manifest.files_of(folder / "2026.02")
    edit(folder / "2026.02/manifest.json", files=files)


@pytest.mark.parametrize(
    ("harm", "place", "words"),
    [
        (_missing, "2026.01/claims.json", "is missing"),
        (_extra, "2026.01/data/raw/new.csv", "was not part"),
        (_link, "2026.01/claims.json", "differs"),
        (_resealed, "2026.02/manifest.json", "chain is broken: 2026.01 is not the one"),
        (
            _removed,
            "2026.02/manifest.json",
            "chain is broken: this release had 2026.01 before it, 2015 is there",
        ),
        (_renamed, "2026.03/manifest.json", "is the manifest of 2026.02"),
        (_doubled, "2026.2", "the same version as 2026.02"),
        (_stranger, "notes.txt", "no version"),
        (_unsealed, "2015", "not sealed"),
        (_look, "2026.02/manifest.json", "says look 7, and is look 2"),
        (_dated, "2026.02/manifest.json", "before 2026.01"),
        (_field, "2026.02/manifest.json", "outputs missing"),
        (_copied, "2026.02/review.yaml", "no copy of the input"),
    ],
    ids=lambda x: x.__name__ if callable(x) else None,
)
def test_every_harm_is_named(chain: Path, harm: Callable[[Path], None], place: str, words: str) -> None:
    harm(chain / "data/releases")
    assert any(p == place and words in said for p, said in found(chain)), found(chain)


def test_a_chain_written_anew_is_seen_by_git(chain: Path) -> None:
    commit(chain)
    assert found(chain) == []
    first, second = (chain / f"data/releases/2026.0{n}/manifest.json" for n in (1, 2))
    edit(first, date="2026-01-30")
    digest = canonical.read_json(first)["digest"]
    edit(second, previous={"version": "2026.01", "digest": digest})
    said = found(chain)
    assert [p for p, _ in said] == ["2026.01/manifest.json", "2026.02/manifest.json"]
    assert all("is not the manifest that commit" in words for _, words in said)
    commit(chain, "as if nothing had been")
    assert len(found(chain)) == 2


def test_a_leftover_of_an_interruption_is_a_warning(chain: Path) -> None:
    leftover = chain / "data/releases/.2026.03.part-12"
    leftover.mkdir()
    (problem,) = verify.verify(chain)
    assert problem.severity == "warning"
    assert [r.version for r in ledger.releases(chain)] == ["2015", "2026.01", "2026.02"]
    write.sweep(chain)
    assert not leftover.exists() and verify.verify(chain) == []


# --- sealing a published version


def test_sealing_twice_writes_the_same_bytes(tmp_path: Path) -> None:
    folder = with_published(tmp_path) / "data/releases/2015"
    known = {p.name: p.read_bytes() for p in folder.iterdir()}
    published.seal(tmp_path, "2015")
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == known


def test_a_sealed_version_does_not_change(tmp_path: Path) -> None:
    path = with_published(tmp_path) / "data/releases/2015/published.yaml"
    path.write_text(FIGURES.replace("9", "8"), encoding="utf-8")
    with pytest.raises(ReviewError, match="sealed with other figures"):
        published.seal(tmp_path, "2015")
    assert found(tmp_path) == [("2015/published.yaml", "differs from what was released")]


def test_what_cannot_be_sealed(tmp_path: Path) -> None:
    add(with_published(tmp_path), "2026.01", "smith")
    for version in ("2014", "2026.01"):
        with pytest.raises(ReviewError, match="no published version"):
            published.seal(tmp_path, version)
    earlier = tmp_path / "data/releases/2010"
    earlier.mkdir()
    (earlier / "published.yaml").write_text("date: 2010-01-01\nn_studies: 3\n", encoding="utf-8")
    with pytest.raises(ReviewError, match="grows at its end only"):
        published.seal(tmp_path, "2010")


# --- whole or not at all


def test_a_version_that_is_there_is_not_replaced(chain: Path) -> None:
    before = (chain / "data/releases/2026.02/manifest.json").read_bytes()
    with pytest.raises(ReviewError, match="was released meanwhile"):
        write.put(chain, "2026.02", {"manifest.json": b"{}"})
    assert (chain / "data/releases/2026.02/manifest.json").read_bytes() == before
    assert found(chain) == []


@pytest.mark.parametrize("at", range(0, 12, 2))
def test_a_fault_at_any_moment_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Every call that brings something to the disk fails once."""
    calls = 0
    real = os.fsync

    def failing(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls > at:
            raise OSError(28, "No space left on device")
        real(handle)

    with_published(tmp_path)
    monkeypatch.setattr(os, "fsync", failing)
    try:
        write.put(tmp_path, "2026.01", content("2026.01", "smith"))
    except ReviewError as error:
        assert "No space left" in str(error)
    names = [p.name for p in (tmp_path / "data/releases").iterdir()]
    whole = tmp_path / "data/releases/2026.01"
    assert names == ["2015"] or len([p for p in whole.rglob("*") if p.is_file()]) == 6


SLOW = """
import os, sys, time
from pathlib import Path
sys.path[:0] = [{tests!r}, {package!r}]
from releases_review import content
from livingreview.releases import write
real = os.fsync
def slow(handle):
    print("writing", flush=True)
    time.sleep({pause})
    real(handle)
os.fsync = slow
with write.alone(Path({folder!r})):
    write.sweep(Path({folder!r}))
    write.put(Path({folder!r}), "2026.01", content("2026.01", "smith"))
"""


def start(folder: Path, pause: float) -> subprocess.Popen[str]:
    code = SLOW.format(
        tests=str(ROOT / "tests/unit"), package=str(ROOT / "analysis"), folder=str(folder), pause=pause
    )
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_killed_while_writing_leaves_nothing_and_can_be_done_again(tmp_path: Path) -> None:
    with_published(tmp_path)
    process = start(tmp_path, 0.2)
    assert process.stdout is not None
    for _ in range(3):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert [r.version for r in ledger.releases(tmp_path)] == ["2015"]
    assert [p.severity for p in verify.verify(tmp_path)] == ["warning"]
    done = start(tmp_path, 0)
    assert done.wait(60) == 0, done.communicate()
    assert sorted(p.name for p in (tmp_path / "data/releases").iterdir()) == ["2015", "2026.01"]


def test_two_at_once_one_wins_and_the_other_is_refused(tmp_path: Path) -> None:
    with_published(tmp_path)
    first = start(tmp_path, 0.1)
    assert first.stdout is not None
    first.stdout.readline()
    # Held where it is, the first cannot end: whoever waited for it would wait for the guard.
    first.send_signal(signal.SIGSTOP)
    guard = threading.Timer(30, first.send_signal, [signal.SIGCONT])
    guard.start()
    with (
        pytest.raises(
            ReviewError, match=f"another release of this review is being made .process {first.pid}"
        ),
        write.alone(tmp_path),
    ):
        raise AssertionError
    assert guard.is_alive()  # refused, not made to wait
    guard.cancel()
    first.send_signal(signal.SIGCONT)
    first.communicate()
    assert first.returncode == 0
    with write.alone(tmp_path):  # and free again
        assert [p.name for p in sorted((tmp_path / "data/releases").iterdir())] == ["2015", "2026.01"]


def test_manifests_are_canonical(chain: Path) -> None:
    path = chain / "data/releases/2026.02/manifest.json"
    path.write_text(json.dumps(canonical.read_json(path)), encoding="utf-8")
    assert found(chain) == [
        ("2026.02/manifest.json", "was written anew after the release: same content, other bytes")
    ]
