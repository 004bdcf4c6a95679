"""The living mode in the built files: first page in every format, diagrams of releases in the build's plan, and what a changed schedule moves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from publish_review import HOSTILE, ROOT, make, text_of

from livingreview.canonical import dumps
from livingreview.extraction import dataset
from livingreview.pipeline.fingerprint import Fingerprints
from livingreview.pipeline.layout import Layout, make_plan
from livingreview.publish import engine
from livingreview.publish.escape import markdown
from livingreview.releases import ledger
from livingreview.slices import Review
from livingreview.steps import extract, render

REVIEW = ROOT / "tests/review"


def test_the_first_page_gives_version_searches_and_status_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVINGREVIEW_ENGINE", "builtin")
    facts = [
        {"name": "Last search", "text": "22\u00a0November 2026"},
        {"name": "Next search due", "text": markdown(HOSTILE)},
    ]
    make(tmp_path, "# One {#sec-one}\n\nText.\n", metadata={"facts": facts})
    render.run("manuscript", tmp_path, ROOT, tmp_path / "build/documents/manuscript.json")
    for kind in engine.FORMATS:
        text = text_of(tmp_path / "manuscript/_output" / f"manuscript.{kind}")
        shown = text[: text.index("Text.")]
        assert "Version 2026.10" in shown, kind
        assert "Last search: 22 November 2026" in shown, kind
        assert "Next search due: <script>alert(1)</script> {{< var x >}}" in shown, kind
        assert "Status: Draft, not reviewed" in shown, kind


def test_without_facts_the_first_page_is_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVINGREVIEW_ENGINE", "builtin")
    make(tmp_path, "Text.\n")
    render.run("manuscript", tmp_path, ROOT, tmp_path / "build/documents/manuscript.json")
    html = (tmp_path / "manuscript/_output/manuscript.html").read_text(encoding="utf-8")
    assert html.count('<p class="version">') == 2


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(REVIEW, tmp_path / "review", ignore=shutil.ignore_patterns("build", "_built", "_output"))
    return tmp_path / "review"


def slices(folder: Path) -> dict[str, str]:
    found = extract.all_slices(Review(dataset.load(folder, ROOT)), ROOT, folder)
    return {name: dumps(content) for name, content in found.items()}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("search: 3, streams", "search: 4, streams"),
        ("classification: 2, version: 2", "classification: 1, version: 1"),
        ("Nobody plays any sport any more", "Nobody asks any more"),
        ("decided_on: 2026-02-01", "decided_on: 2026-02-02"),
    ],
)
def test_a_changed_schedule_moves_the_documents_slice_only(copy: Path, old: str, new: str) -> None:
    before = slices(copy)
    text = (copy / "review.yaml").read_text(encoding="utf-8")
    assert old in text
    (copy / "review.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    after = slices(copy)
    assert {name for name in after if after[name] != before[name]} == {"documents.json"}


def test_a_study_that_is_renamed_moves_no_diagram(copy: Path) -> None:
    before = slices(copy)
    path = copy / "data/raw/studies.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Virtanen", "Virtanen-Smith"), encoding="utf-8")
    after = slices(copy)
    assert after["documents.json"] == before["documents.json"]
    assert after["update.json"] == before["update.json"]
    assert after["supplement.json"] != before["supplement.json"]


def test_each_earlier_release_has_a_diagram_in_the_plan(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy)
    prints = Fingerprints(ROOT / "analysis/livingreview", copy / "build/fingerprints.json")

    def figures() -> list[str]:
        return list(Layout(ROOT, make_plan(ROOT, prints)).header("overview_flow")["figures"])

    assert figures() == ["flow", "flow_releases"]
    for version in ("2025.10", "2025.9", "2026.02", "2026.03"):
        (copy / "data/releases" / version).mkdir()
        (copy / "data/releases" / version / "flow.json").write_text("{}", encoding="utf-8")
    # the version itself and later ones have none: its own folder changes nothing
    assert figures() == ["flow", "flow_releases", "flow_of_2025_9", "flow_of_2025_10"]
    assert ledger.with_flow(copy) == ["2025.9", "2025.10", "2026.02", "2026.03"]
    assert {"flow_releases", "flow_of_2025_9"} <= set(Layout(ROOT, make_plan(ROOT, prints)).figures())
