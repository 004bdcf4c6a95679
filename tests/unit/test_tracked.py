"""Two versions of a document as one: accepting every revision gives the new text, rejecting every one the old."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
import revisions
from hypothesis import given, settings
from hypothesis import strategies as st
from publish_review import ROOT, make, text_of

from livingreview.errors import ReviewError
from livingreview.publish import pandoc, reference_docx, snapshot
from livingreview.publish.project import Project
from livingreview.steps import tracked
from livingreview.tracked import align, blocks, page, words
from livingreview.tracked.words import Signature

SIGN = Signature("Version 2026.11", "2026-11-22T00:00:00Z")

OLD = """# Introduction {#sec-intro}

Laser was used in 11 patients [@first1996], see @fig-x and @tbl-x. It was *well tolerated* by all.

A paragraph that goes away with $x^2$ and a [link](https://example.org/a).

# Results

- one item
- another item that stays
- third item

| Study | n | Response |
|-------|--:|----------|
| Alpha | 3 | 2 of 3 |
| Beta  | 4 | |
| Gamma | 5 | all of them |

: Studies of the review. {#tbl-x}

![Flow of 11 records.](_built/figures/x.svg){#fig-x fig-alt="Flow"}

> Quoted words of a patient.

1. First step
2. Second step

# Old end

Last words of the old text.
"""

NEW = """# Introduction and aim {#sec-intro}

Laser was used in 12 patients [@page2021; @first1996], see @fig-x and @tbl-x. It was *very well tolerated* by nearly all.

# Results

A new paragraph with **bold words**, a [link](https://example.org/b) and a note.^[The note.]

- one item
- another item that stays
- wholly different
- third item changed

| Study | n | Response |
|-------|--:|----------|
| Alpha | 3 | 3 of 3 |
| Beta  | 4 | 1 of 4 |
| Delta | 9 | none |

: Studies of this review. {#tbl-x}

![Flow of 12 records.](_built/figures/x.svg){#fig-x fig-alt="Flow"}

![A second figure.](_built/figures/y.svg){#fig-y fig-alt="Second"}

> Quoted words of two patients.

1. First step
2. Second and last step
3. A third

See @fig-y.
"""


@pytest.fixture(autouse=True)
def builtin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVINGREVIEW_ENGINE", "builtin")


def tree_of(folder: Path, text: str, **metadata: Any) -> dict[str, Any]:
    """Snapshot of a small review with this text; the review stays in ``folder``."""
    make(folder, text, metadata=metadata)
    for suffix in ("svg", "png"):
        shutil.copyfile(
            folder / f"manuscript/_built/figures/x.{suffix}", folder / f"manuscript/_built/figures/y.{suffix}"
        )
    return snapshot.snapshot("manuscript", folder, ROOT)


def word_file(folder: Path, tree: dict[str, Any], name: str) -> Path:
    """The Word file of one version, as the writer makes it of a document that changed in nothing."""
    project = Project(folder, ROOT)
    source = folder / "manuscript/manuscript.qmd"
    target = folder / f"{name}.docx"
    kept = {n: v for n, v in tree["meta"].items() if n == "title"}
    wanted = pandoc.Target("docx", "docx", target, reference=reference_docx.of(project))
    said = pandoc.convert(project, source, {**tree, "meta": kept}, wanted, epoch=0, scratch=folder)
    assert said == []
    return target


def release(review: Path, tree: dict[str, Any], version: str = "2026.10") -> None:
    """A version in the ledger with nothing but a text."""
    folder = review / "data/releases" / version
    (folder / "documents").mkdir(parents=True)
    (folder / "documents/manuscript.json").write_text(snapshot.dumps(tree), encoding="utf-8")
    manifest = {"version": version, "kind": "released", "date": "2026-10-01", "look": 1, "digest": "0"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def run(review: Path, tree: dict[str, Any]) -> dict[str, Any]:
    """The step, after the document's own; returns its record."""
    (review / "build/documents").mkdir(parents=True, exist_ok=True)
    (review / "build/documents/manuscript.ast.json").write_text(snapshot.dumps(tree), encoding="utf-8")
    out = review / "build/changes/tracked.json"
    tracked.run({"manuscript": "manuscript/manuscript.qmd"}, review, ROOT, out)
    record: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return record


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A review whose document was compared with its last release; old.docx and new.docx hold each version alone."""
    folder = tmp_path_factory.mktemp("tracked")
    old = tree_of(folder, OLD, version="2026.10", title="A review (version 2026.10)")
    word_file(folder, old, "old")
    new = tree_of(folder, NEW, version="2026.11", title="A review (version 2026.11)")
    word_file(folder, new, "new")
    release(folder, old)
    run(folder, new)
    return folder


@pytest.mark.parametrize(("accept", "version"), [(True, "new"), (False, "old")])
def test_accepting_gives_the_new_text_and_rejecting_the_old(
    compared: Path, accept: bool, version: str
) -> None:
    settled = revisions.settle(
        revisions.root(compared / "manuscript/_output/manuscript_changes.docx"), accept=accept
    )
    expected = revisions.root(compared / f"{version}.docx")
    assert revisions.paragraphs(settled) == revisions.paragraphs(expected)
    assert revisions.shape(settled) == revisions.shape(expected)


def test_revisions_are_words_own(compared: Path) -> None:
    path = compared / "manuscript/_output/manuscript_changes.docx"
    document = revisions.root(path)
    found = list(document.iter(f"{revisions.W}ins", f"{revisions.W}del"))
    assert found and {e.get(f"{revisions.W}author") for e in found} == {"Version 2026.11"}
    assert {e.get(f"{revisions.W}date") for e in found} == {"2026-11-22T00:00:00Z"}
    numbers = [e.get(f"{revisions.W}id") for e in found]
    assert len(set(numbers)) == len(numbers)
    # Word reads no link inside a revision, no plain text inside a deletion, and no mark of ours at all.
    for element in found:
        assert not list(element.iter(f"{revisions.W}hyperlink"))
        if element.tag == f"{revisions.W}del":
            assert not list(element.iter(f"{revisions.W}t"))
    assert b"lrMark" not in zipfile.ZipFile(path).read("word/document.xml")
    rows = [row for row in document.iter(f"{revisions.W}tr") if row.find(f"{revisions.W}trPr") is not None]
    marked = [
        row
        for row in rows
        for kind in ("ins", "del")
        if row.find(f"{revisions.W}trPr/{revisions.W}{kind}") is not None
    ]
    assert len(marked) == 2
    core = zipfile.ZipFile(path).read("docProps/core.xml").decode()
    assert "A review (version 2026.11)</dc:title>" in core


def test_links_pictures_and_references_stay(compared: Path) -> None:
    path = compared / "manuscript/_output/manuscript_changes.docx"
    document = revisions.root(path)
    names = [e.get(f"{revisions.W}name") for e in document.iter(f"{revisions.W}bookmarkStart")]
    assert len(set(names)) == len(names)
    anchors = {e.get(f"{revisions.W}anchor") for e in document.iter(f"{revisions.W}hyperlink")} - {None}
    assert {"item-fig-x", "item-fig-y", "item-tbl-x", "ref-page2021"} <= anchors <= set(names)
    assert len([n for n in zipfile.ZipFile(path).namelist() if n.startswith("word/media/")]) >= 1
    assert sum(e.tag.endswith("}blip") for e in document.iter()) == 2


def test_the_page_shows_both_versions(compared: Path) -> None:
    path = compared / "manuscript/_output/manuscript_changes.html"
    html = path.read_text(encoding="utf-8")
    assert '<del datetime="2026-11-22" data-change="' in html and ">11</del>" in html and ">12</ins>" in html
    assert '<tr class="row-insertion">' in html and '<tr class="row-deletion">' in html
    assert "what changed since version 2026.10 of 2026-10-01" in html
    assert html.count('id="item-fig-x"') == 1 and "lr-marker" not in html and "digest" not in html
    text = text_of(path)
    assert "wholly different" in text and "A paragraph that goes away" in text


def test_the_same_versions_give_the_same_bytes_and_no_marks(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, NEW)
    release(tmp_path, tree)
    first = run(tmp_path, tree)["documents"]["manuscript"]
    second = run(tmp_path, tree)["documents"]["manuscript"]
    assert first == second
    assert (first["insertions"], first["deletions"], first["pictures"]) == (0, 0, [])
    output = tmp_path / "manuscript/_output"
    assert not list(revisions.root(output / "manuscript_changes.docx").iter(f"{revisions.W}ins"))
    assert "No word, table or figure differs." in (output / "manuscript_changes.html").read_text(
        encoding="utf-8"
    )
    assert sorted(p.name for p in output.iterdir()) == ["manuscript_changes.docx", "manuscript_changes.html"]


def test_a_redrawn_picture_is_remarked_upon(tmp_path: Path) -> None:
    old = tree_of(tmp_path, NEW)
    drawn = tmp_path / "manuscript/_built/figures/x.png"
    drawn.write_bytes(drawn.read_bytes() + b"\0")
    new = snapshot.snapshot("manuscript", tmp_path, ROOT)
    release(tmp_path, old)
    assert run(tmp_path, new)["documents"]["manuscript"]["pictures"] == ["x redrawn"]
    with zipfile.ZipFile(tmp_path / "manuscript/_output/manuscript_changes.docx") as archive:
        assert b"Redrawn since version 2026.10." in archive.read("word/comments.xml").replace(
            b'</w:t></w:r><w:r><w:t xml:space="preserve">', b""
        )


def test_without_a_text_to_compare_with_nothing_is_written(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, NEW)
    output = tmp_path / "manuscript/_output"
    output.mkdir()
    (output / "manuscript_changes.docx").write_bytes(b"of an earlier comparison")
    record = run(tmp_path, tree)
    assert record == {
        "since": None,
        "documents": {"manuscript": {"not_compared": "there is no earlier release to compare with"}},
    }
    folder = tmp_path / "data/releases/2021.06"
    folder.mkdir(parents=True)
    (folder / "published.yaml").write_text("date: 2021-06-30\n", encoding="utf-8")
    reason = run(tmp_path, tree)["documents"]["manuscript"]["not_compared"]
    assert reason == "version 2021.06 was published elsewhere; its text is not part of this review"
    assert not list(output.iterdir())


def test_what_is_no_snapshot_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ReviewError, match=r"a\.json: not a snapshot"):
        snapshot.read(tmp_path / "a.json")


inlines = st.recursive(
    st.sampled_from(["one", "two", "three", "12", "(12", "%)", "a–b", "."]).map(
        lambda t: {"t": "Str", "c": t}
    )
    | st.just({"t": "Space"}),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda c: {"t": "Emph", "c": c}),
        st.tuples(st.sampled_from(["#a", "#b"]), st.lists(inner, max_size=3)).map(
            lambda p: {"t": "Link", "c": [["", [], []], p[1], [p[0], ""]]}
        ),
    ),
    max_leaves=12,
)
paragraph = st.lists(inlines, max_size=14)


def settled(value: Any, gone: str) -> Any:
    """Inlines without the spans of one kind."""
    if isinstance(value, list):
        return [settled(v, gone) for v in value if not (isinstance(v, dict) and _state(v) == gone)]
    return {k: settled(v, gone) for k, v in value.items()} if isinstance(value, dict) else value


def _state(inline: dict[str, Any]) -> str:
    return inline["c"][0][1][0] if inline.get("t") == "Span" and inline["c"][0][1] else ""


@settings(max_examples=150, deadline=None)
@given(paragraph, paragraph)
def test_any_two_paragraphs(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    merged = words.merged(old, new, SIGN)
    assert "".join(w.leaf.get("c", " ") for w in words.words(settled(merged, "deletion"))) == "".join(
        w.leaf.get("c", " ") for w in words.words(new)
    )
    assert "".join(w.leaf.get("c", " ") for w in words.words(settled(merged, "insertion"))) == "".join(
        w.leaf.get("c", " ") for w in words.words(old)
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from("abcde"), max_size=9), st.lists(st.sampled_from("abcde"), max_size=9))
def test_an_alignment_names_every_item_once_and_in_order(old: list[str], new: list[str]) -> None:
    pairs = align.aligned(old, new, str, lambda a, b: float(a == b))
    assert [i for i, _ in pairs if i is not None] == list(range(len(old)))
    assert [j for _, j in pairs if j is not None] == list(range(len(new)))


def test_the_span_of_a_claim_is_no_change() -> None:
    plain = [{"t": "Str", "c": "(21st"}, {"t": "Space"}, {"t": "Str", "c": "of"}]
    claim = {"t": "Span", "c": [["", [], [["data-claim", "a.b"]]], [{"t": "Str", "c": "21"}]]}
    spanned = [
        {"t": "Str", "c": "("},
        claim,
        {"t": "Str", "c": "st"},
        {"t": "SoftBreak"},
        {"t": "Str", "c": "of"},
    ]
    assert [w.key for w in words.words(plain)] == [w.key for w in words.words(spanned)]
    assert not [i for i in words.merged(plain, spanned, SIGN) if i["t"] == "Span"]


def test_counted_in_words() -> None:
    empty: dict[str, Any] = {"blocks": [], "meta": {}}
    assert page.counted(blocks.Merged(empty)) == "No word, table or figure differs."
    assert page.counted(blocks.Merged(empty, 1, 2, 1, 2, ["a"])) == (
        "1 insertion, 2 deletions, 1 table row new, 2 table rows gone, 1 figure new, redrawn or gone"
    )
