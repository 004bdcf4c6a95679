"""Citations and references of a finished document in the style of a journal."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from livingreview.errors import ReviewError
from livingreview.publish import snapshot
from livingreview.publish.pandoc import pandoc_path
from livingreview.submission.restyle import restyled

ITEMS = [
    {
        "id": "roe2020",
        "type": "chapter",
        "title": "A chapter",
        "container-title": "A book",
        "author": [{"family": "Roe", "given": "Ada"}],
        "editor": [{"family": "Doe", "given": "Zoë"}, {"family": "Poe", "given": "Bo"}],
        "publisher": "A press",
        "issued": {"date-parts": [[2020]]},
    }
]
TEXT = "Words [@roe2020].\n\n| a | b |\n|---|---|\n| 1 | [@roe2020] |\n\n::: {#refs}\n:::\n"


@pytest.fixture
def bibliography(tmp_path: Path) -> Path:
    path = tmp_path / "items.json"
    path.write_text(json.dumps(ITEMS), encoding="utf-8")
    return path


@pytest.fixture
def tree() -> Any:
    command = [pandoc_path(), "--from=markdown", "--to=json"]
    made = subprocess.run(command, input=TEXT, capture_output=True, encoding="utf-8", check=True)
    return json.loads(made.stdout)


def words(tree: Any) -> str:
    listed = next(b for b in tree["blocks"] if b["t"] == "Div" and b["c"][0][0] == "refs")["c"][1]
    return "\n".join(snapshot.plain(entry["c"][1][0]["c"]) for entry in listed)


def test_references_in_each_style_and_nothing_else_changes(tree: Any, bibliography: Path) -> None:
    springer = restyled(tree, "springer-basic-brackets", [bibliography])
    assert "Roe A (2020)" in words(springer)
    vancouver = restyled(springer, "nlm-citation-sequence", [bibliography])
    # labels come after names, also where the style leaves the names unsaid
    assert "In: Doe Z, Poe B, editors. A book" in words(vancouver)
    assert words(vancouver).count("Roe A") == 1, "the list is filled once"
    assert restyled(vancouver, "springer-basic-brackets", [bibliography])["blocks"] == springer["blocks"]
    assert vancouver["meta"] == tree["meta"]


def test_what_cannot_be_set_is_told(tree: Any, bibliography: Path, tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="there is no citation style `springer-basik`"):
        restyled(tree, "springer-basik", [bibliography])
    empty = tmp_path / "empty.json"
    empty.write_text("[]", encoding="utf-8")
    with pytest.raises(ReviewError, match="roe2020"):
        restyled(tree, "bmj", [empty])
