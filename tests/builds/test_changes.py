"""The change report against a published version; against releases it is read in the walk-through."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .sandbox import Sandbox

pytestmark = pytest.mark.build

REPORT = "manuscript/_output/changes.html"


def facts(sandbox: Sandbox, path: str = "build/changes/changes.json") -> dict[str, Any]:
    content: dict[str, Any] = json.loads(sandbox.text(path))
    return content


def test_against_a_published_version_nothing_is_added_removed_or_shared_out(sandbox: Sandbox) -> None:
    found = facts(sandbox)
    assert (found["before"]["version"], found["before"]["kind"], found["comparable"]) == (
        "2015",
        "published",
        False,
    )
    assert found["claims"]["attribution"] == "not comparable"
    assert "studies" not in found and "moved" not in found["claims"]
    total = found["published"]["total"]
    assert (total["previous"], total["present"]) == (9, 29)
    assert max(9, 29) <= total["least"] <= total["most"] <= 9 + 29
    assert {c["alert"]["level"] for c in found["conclusions"] if c["alert"]} <= {"information", "none"}
    page = sandbox.text(REPORT)
    for words in (
        "published, not recomputed",
        "not comparable",
        "Figures that version 2015 printed",
        "fig-timeline",
    ):
        assert words in page, words
    assert (sandbox.review / "manuscript/_output/changes.pdf").stat().st_size > 10_000
    assert str(sandbox.review) not in page and str(sandbox.root) not in page
