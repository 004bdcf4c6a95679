"""The documents of ``tests/documents``, each by every engine at hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from publish_review import ROOT, make, squeezed, text_of

from livingreview.errors import ReviewError
from livingreview.publish import engine
from livingreview.publish.sources import Source
from livingreview.steps import render

DOCUMENTS = sorted((ROOT / "tests" / "documents").glob("*.qmd"))


def have_quarto() -> bool:
    path = engine.quarto_path()
    return path is not None and engine._version(path) is not None


ENGINES = [
    "builtin",
    pytest.param(
        "quarto",
        marks=[
            pytest.mark.quarto,
            pytest.mark.skipif(not have_quarto(), reason="no Quarto that runs was found"),
        ],
    ),
]


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)
def test_document(path: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVINGREVIEW_ENGINE", name)
    wanted: dict[str, Any] = Source(path).front()["_test"]
    review = make(tmp_path, path.read_text(encoding="utf-8"), name=path.stem)
    out = tmp_path / "r.json"
    if errors := wanted.get("errors"):
        with pytest.raises(ReviewError) as caught:
            render.run(path.stem, review, ROOT, out)
        told = [f"line {p.row}: {p.message}" for p in caught.value.problems]
        assert len(told) == len(errors), told
        for error in errors:
            assert any(line.startswith(error) for line in told), (error, told)
        assert not list((review / "manuscript" / "_output").iterdir())
        return
    assert render.run(path.stem, review, ROOT, out)["engine"] == name
    for kind in engine.FORMATS:
        file = review / "manuscript" / "_output" / f"{path.stem}.{kind}"
        own = wanted.get(kind, {})
        shown = squeezed(text_of(file))
        for text in [*wanted.get("shows", []), *own.get("shows", [])]:
            assert squeezed(text) in shown, (kind, text, shown)
        for text in [*wanted.get("lacks", []), *own.get("lacks", [])]:
            assert squeezed(text) not in shown, (kind, text, shown)
        for pattern in own.get("matches", []):
            assert re.search(pattern, file.read_text(encoding="utf-8")), (kind, pattern)
