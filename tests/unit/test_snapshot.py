"""Snapshots of documents: the same whichever way they are made, and readable."""

from __future__ import annotations

from pathlib import Path

import pytest
from publish_review import ROOT, make

from livingreview.publish import snapshot
from livingreview.steps import render

TEXT = """# Methods {#sec-one}

One of 7/9 (77.8 %) responded, cf. @tbl-x. The other, e.g. Dr. A. Smith, did not [@page2021]. Why? Nobody knows.

| a | b |
|---|--:|
| 1 | 2 |

: A table. {#tbl-x}

![A caption.](_built/figures/x.svg){#fig-x fig-alt="Words"}

## Deeper {.unnumbered}

- item *one*

See @fig-x.
"""


def test_the_document_step_leaves_the_same_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVINGREVIEW_ENGINE", "builtin")
    make(tmp_path, TEXT)
    render.run("manuscript", tmp_path, ROOT, tmp_path / "build/documents/manuscript.json")
    written = tmp_path / "build/documents/manuscript.ast.json"
    tree = snapshot.snapshot("manuscript", tmp_path, ROOT)
    assert written.read_text(encoding="utf-8") == snapshot.dumps(tree)
    assert snapshot.read(written) == tree
    # one block a line between the lines of the frame
    assert len(snapshot.dumps(tree).splitlines()) == len(tree["blocks"]) + 4
    assert sorted(tree["meta"]) == ["date", "lang", "title", "version"]


def test_text_in_passages(tmp_path: Path) -> None:
    make(tmp_path, TEXT)
    passages = snapshot.text(snapshot.snapshot("manuscript", tmp_path, ROOT))
    found = [(p.kind, p.section, p.text) for p in passages if p.kind != "front"]
    assert found[:3] == [
        ("title", (), "A living systematic review"),
        ("heading", (), "1 Methods"),
        (
            "paragraph",
            ("Methods",),
            "One of 7/9 (77.8 %) responded, cf. Table\u00a01. The other, e.g.\u00a0Dr.\u00a0A. Smith, did not [1]. Why? Nobody knows.",
        ),
    ]
    assert ("caption", ("Methods",), "Table\u00a01. A table.") in found
    assert ("row", ("Methods",), "1 | 2") in found
    assert ("item", ("Methods", "Deeper"), "item one") in found
    assert found[-1][0] == "reference" and "statement" in found[-1][2]


def test_readable_one_sentence_a_line(tmp_path: Path) -> None:
    make(tmp_path, TEXT)
    lines = snapshot.readable(snapshot.snapshot("manuscript", tmp_path, ROOT)).splitlines()
    start = lines.index("# 1 Methods")
    assert lines[start + 2 : start + 7] == [
        "One of 7/9 (77.8 %) responded, cf. Table\u00a01.",
        "The other, e.g.\u00a0Dr.\u00a0A. Smith, did not [1].",
        "Why?",
        "Nobody knows.",
        "",
    ]
