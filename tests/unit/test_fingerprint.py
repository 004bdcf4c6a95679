"""Fingerprints follow what code says, through every first-party import, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from livingreview.pipeline.fingerprint import Fingerprints, combined


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package ``livingreview`` with a small web of imports."""
    folder = tmp_path / "livingreview"
    (folder / "part").mkdir(parents=True)
    (folder / "__init__.py").write_text('"""P."""\n')
    (folder / "part/__init__.py").write_text("")
    (folder / "part/a.py").write_text("from livingreview.part import b\n\n\ndef f():\n    return b.g()\n")
    (folder / "part/b.py").write_text('"""B."""\n\n\ndef g():\n    """Doc."""\n    return 1  # one\n')
    (folder / "part/c.py").write_text("def late():\n    from . import a\n    return a\n")
    (folder / "alone.py").write_text("import json\n")
    return folder


def _digest(package: Path, module: str) -> str:
    return combined(Fingerprints(package).modules(module))


def test_the_closure_holds_exactly_the_reached_modules(package: Path) -> None:
    reached = set(Fingerprints(package).modules("livingreview.part.c"))
    assert reached == {
        "livingreview",
        "livingreview.part",
        "livingreview.part.a",
        "livingreview.part.b",
        "livingreview.part.c",
    }
    assert set(Fingerprints(package).modules("livingreview.alone")) == {"livingreview", "livingreview.alone"}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ('"""Other words."""\n\n\ndef g():\n    """Else."""\n    return 1\n', True),
        ('"""B."""\ndef g(): return 1\n', False),  # a function without its docstring is another tree
        ('"""B."""\n\n# remark\ndef g():\n    """Doc."""\n\n    return (1)\n', True),
        ('"""B."""\n\n\ndef g():\n    """Doc."""\n    return 2\n', False),
    ],
)
def test_only_a_real_edit_counts(package: Path, text: str, same: bool) -> None:
    before = {m: _digest(package, m) for m in ("livingreview.part.c", "livingreview.alone")}
    (package / "part/b.py").write_text(text)
    assert (_digest(package, "livingreview.part.c") == before["livingreview.part.c"]) is same
    assert _digest(package, "livingreview.alone") == before["livingreview.alone"]


def test_a_notebook_counts_by_its_text_and_its_imports(package: Path, tmp_path: Path) -> None:
    notebook = tmp_path / "n.py"
    notebook.write_text("# %% [markdown]\n# Words\n# %%\nfrom livingreview.part import b\n")
    parts = Fingerprints(package).notebook(notebook)
    assert set(parts) == {"n.py", "livingreview", "livingreview.part", "livingreview.part.b"}
    notebook.write_text("# %% [markdown]\n# Other words\n# %%\nfrom livingreview.part import b\n")
    after = Fingerprints(package).notebook(notebook)
    assert {k for k in parts if parts[k] != after[k]} == {"n.py"}


def test_the_memory_gives_the_same_and_notices_edits(package: Path, tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"
    first = Fingerprints(package, memory)
    fresh = first.modules("livingreview.part.a")
    first.save()
    assert Fingerprints(package, memory).modules("livingreview.part.a") == fresh
    (package / "part/b.py").write_text("def g():\n    return 12345\n")
    assert Fingerprints(package, memory).modules("livingreview.part.a") != fresh


def test_an_unknown_module_is_an_error(package: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"livingreview\.nothing"):
        Fingerprints(package).modules("livingreview.nothing")


@pytest.mark.parametrize(
    "content",
    [
        '{"format": "2", "sources": null}',
        '{"format": "2", "sources": {"livingreview.part.b": 1, "livingreview.part.a": {"text": 1}}}',
        '{"format": "2", "sources": [',
        "[]",
    ],
)
def test_a_damaged_memory_is_as_good_as_none(package: Path, tmp_path: Path, content: str) -> None:
    memory = tmp_path / "memory.json"
    memory.write_text(content, encoding="utf-8")
    fresh = Fingerprints(package).modules("livingreview.part.a")
    assert Fingerprints(package, memory).modules("livingreview.part.a") == fresh


def test_a_module_that_becomes_a_package_is_read_anew(package: Path, tmp_path: Path) -> None:
    memory = tmp_path / "memory.json"
    (package / "x.py").write_text("from . import y\n")
    (package / "y.py").write_text("")
    before = Fingerprints(package, memory)
    assert "livingreview.y" in before.modules("livingreview.x")
    before.save()
    (package / "x").mkdir()
    (package / "x.py").rename(package / "x/__init__.py")
    (package / "x/y.py").write_text("")
    reached = Fingerprints(package, memory).modules("livingreview.x")
    assert "livingreview.x.y" in reached and "livingreview.y" not in reached
