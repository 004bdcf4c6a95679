"""The change report of whole builds: against a published version, against a release with nothing changed, and after edits."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest

from .sandbox import Sandbox
from .test_releases import call, commit

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


def test_after_a_release_nothing_changed_then_a_correction(sandbox: Sandbox) -> None:
    for folder in (sandbox.root, sandbox.review):
        commit(folder)
    status, said = call(sandbox, "release", "2026.02")
    assert status == 0, said
    sandbox.build()
    found = facts(sandbox)
    assert found["before"]["version"] == "2026.02"
    assert found["unchanged"], found["methods"]
    assert "Nothing changed" in sandbox.text(REPORT)

    sandbox.replace(
        "data/raw/outcomes.csv",
        "okonkwo2004,o4,a,clearing,skin,patient,complete,11,",
        "okonkwo2004,o4,a,clearing,skin,patient,complete,10,",
    )
    sandbox.replace(
        "data/raw/outcomes.csv",
        "okonkwo2004,o6,a,clearing,skin,patient,none,3,",
        "okonkwo2004,o6,a,clearing,skin,patient,none,4,",
    )
    ran = sandbox.build()
    assert "changes" in ran and "therapy salicylic_acid" in ran and "therapy cryotherapy" not in ran
    found = facts(sandbox)
    assert not found["unchanged"]
    assert [s["id"] for s in found["studies"]["corrected"]] == ["okonkwo2004"]
    moved = {m["key"]: m for m in found["claims"]["moved"]}
    events = moved["salicylic_acid.analysis.skin_cleared.events"]
    assert (events["change"], events["studies"], events["due"]["first"]) == (
        -1,
        ["okonkwo2004"],
        "corrected data",
    )
    assert all(m["due"]["parts"] for m in moved.values())
    sentences = found["wording"]["manuscript"]["sentences"]
    assert any(["-", "11"] in e["pieces"] and ["+", "10"] in e["pieces"] for e in sentences), sentences
    page = sandbox.text(REPORT)
    assert "<del>11</del>" in page and "<ins>10</ins>" in page and "Okonkwo 2004" in page

    status, said = call(sandbox, "changes", "--since", "2026.20")
    assert status == 1 and "no such version in the ledger" in said and "2015, 2026.02" in said
    start = time.perf_counter()
    status, said = call(sandbox, "changes", "--since", "2026.02")
    seconds = time.perf_counter() - start
    assert status == 0, said
    # a generous bound: the machine may be busy
    assert seconds < 5 * max(1.0, os.getloadavg()[0]), seconds
    again = facts(sandbox, "build/changes/2026.02_present.json")
    assert again["claims"]["moved"] == found["claims"]["moved"]
    status, said = call(sandbox, "changes", "--until", "2026.02")
    assert status == 0, said
    assert facts(sandbox, "build/changes/2015_2026.02.json")["before"]["kind"] == "published"
    status, said = call(sandbox, "changes", "--until", "2015")
    assert status == 1 and "was not recomputed" in said
