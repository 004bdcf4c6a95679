"""Rendering and publishing with the built-in engine."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from publish_review import HOSTILE, ROOT, make, squeezed, text_of

from livingreview.canonical import file_digest
from livingreview.errors import ReviewError
from livingreview.publish import engine, pandoc
from livingreview.publish.escape import markdown
from livingreview.publish.pages import page_count
from livingreview.steps import render

TEXT = """# One {#sec-one}

See @fig-x, [-@fig-x], @tbl-x, @sec-one, @eq-x and [@page2021; @first1996]; {{< var a.n >}} of version {{< meta version >}}.

![A caption.](_built/figures/x.svg){#fig-x fig-alt="Words for the picture"}

| a | b |
|---|--:|
| 1 | 2 |

: A table. {#tbl-x}

$$ x = \\frac{1}{2} $$ {#eq-x}
"""


@pytest.fixture(autouse=True)
def builtin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVINGREVIEW_ENGINE", "builtin")


def run(review: Path, name: str = "manuscript") -> dict[str, Any]:
    return render.run(name, review, ROOT, review / "build" / "documents" / f"{name}.json")


def output(review: Path, kind: str, name: str = "manuscript") -> Path:
    return review / "manuscript" / "_output" / f"{name}.{kind}"


def test_numbered_and_linked_in_every_format(tmp_path: Path) -> None:
    review = make(tmp_path, TEXT)
    record = run(review)
    assert record == json.loads((tmp_path / "build/documents/manuscript.json").read_text())
    assert record["engine"] == "builtin" and record["warnings"] == []
    for kind in engine.FORMATS:
        entry = record["formats"][kind]
        assert entry["sha256"] == file_digest(review / entry["path"])
        text = text_of(output(review, kind))
        assert "See Figure 1, 1, Table 1, Section 1, Equation 1 and [1, 2]; 12 of version 2026.10." in text, (
            kind
        )
        assert "Figure 1. A caption." in text and "Table 1. A table." in text, kind
        assert "22 November 2026" in text and "First Institute, Oslo" in text, kind
    html = output(review, "html").read_text(encoding="utf-8")
    for anchor in ("item-fig-x", "item-tbl-x", "item-sec-one", "item-eq-x", "ref-page2021"):
        assert f'href="#{anchor}"' in html and f'id="{anchor}"' in html
    assert 'alt="Words for the picture"' in html
    document = zipfile.ZipFile(output(review, "docx")).read("word/document.xml").decode()
    for anchor in ("item-fig-x", "item-tbl-x", "item-sec-one", "item-eq-x"):
        assert f'w:anchor="{anchor}"' in document and f'w:name="{anchor}"' in document
    assert 'descr="Words for the picture"' in document and "<w:tblHeader" in document
    from pypdf import PdfReader

    reader = PdfReader(output(review, "pdf"))
    named = [a.get_object() for page in reader.pages for a in page.get("/Annots", [])]
    assert sum("/Dest" in a or a.get("/A", {}).get("/S") == "/GoTo" for a in named) >= 7
    assert reader.metadata is not None
    assert (
        reader.metadata.title == "A living systematic review"
        and reader.metadata.author == "Ada Example, Bo Sample"
    )
    assert len(reader.pages) == page_count(output(review, "pdf")) == record["formats"]["pdf"]["pages"]


def test_the_page_of_a_figure_is_the_one_it_floats_to(tmp_path: Path) -> None:
    from pypdf import PdfReader

    numbers = range(1, 13)
    asked = " ".join(
        f"[q{n}=`#context counter(page).at(<item-fig-x{n}>).first()`{{=typst}}]{{}}" for n in numbers
    )
    parts = [
        f"![Picture.](_built/figures/x.svg){{#fig-x{n}}}\n\n{'Words that fill the page. ' * 23 * n}"
        for n in numbers
    ]
    run(make(tmp_path, "\n\n".join([asked, *parts])))
    pages = [page.extract_text() for page in PdfReader(output(tmp_path, "pdf")).pages]
    said = dict(re.findall(r"q(\d+)=(\d+)", " ".join(pages)))
    holds = {
        str(n): str(next(i for i, t in enumerate(pages, 1) if f"Figure\xa0{n}." in t or f"Figure {n}." in t))
        for n in numbers
    }
    assert said == holds and len(set(holds.values())) > 2


def test_html_asks_for_nothing_from_elsewhere(tmp_path: Path) -> None:
    run(make(tmp_path, TEXT))
    html = output(tmp_path, "html").read_text(encoding="utf-8")
    assert not re.findall(
        r'(?:src|srcset|data)="(?!data:)[^"]+"|<link[^>]+href="(?!data:)|@import|url\((?!data:)|<script', html
    )
    assert '<html lang="en">' in html and "<main" in html and "<nav" in html


def test_supplement_items_are_prefixed(tmp_path: Path) -> None:
    run(make(tmp_path, TEXT, name="supplement", prefix="S"), "supplement")
    for kind in engine.FORMATS:
        text = text_of(output(tmp_path, kind, "supplement"))
        assert (
            "See Figure S1, S1, Table S1, Section S1, Equation S1" in text and "Figure S1. A caption." in text
        ), kind


def test_hostile_text_prints_literally_in_every_format(tmp_path: Path) -> None:
    safe = markdown(HOSTILE)
    text = (
        "Prose {{< var hostile >}} end.\n\n"
        f"| one | two |\n|:---------------------------------|:------------------------------------------------|\n| x | {safe} |\n\n"
        f': Caption {safe} {{#tbl-x}}\n\n![Figure {safe}](_built/figures/x.svg){{#fig-x fig-alt="{{{{< var hostile >}}}}"}}\n\n@tbl-x @fig-x\n'
    )
    metadata = {
        "title": f"Title {safe}",
        "short-title": f"Short {safe}",
        "keywords": [f"Word {safe}"],
        "abstract": f"Abstract {safe}",
        "author": [{"name": {"given": "Ada", "family": safe}, "affiliations": [{"name": f"Place {safe}"}]}],
    }
    run(make(tmp_path, text, variables={"hostile": safe}, metadata=metadata))
    raw = squeezed(HOSTILE)
    for kind in engine.FORMATS:
        shown = squeezed(text_of(output(tmp_path, kind)))
        for place in ("Prose", "x", "Caption", "Figure", "Title", "Word", "Abstract", "Ada", "Place"):
            found = place + raw in shown
            # Justified prose is hyphenated in the PDF.
            assert found or (kind == "pdf" and place in ("Prose", "x")), (kind, place, shown)
    html = output(tmp_path, "html").read_text(encoding="utf-8")
    assert "<script" not in html


def test_the_same_bytes_everywhere(tmp_path: Path) -> None:
    digests = []
    for folder, zone, lang, umask in (
        ("a", "UTC", "C", 0o022),
        ("some other/b", "Pacific/Apia", "de_DE.UTF-8", 0o077),
    ):
        review = make(tmp_path / folder, TEXT)
        code = (
            "import os,sys; from pathlib import Path; os.umask(int(sys.argv[2])); from livingreview.steps.render import run;"
            "run('manuscript', Path(sys.argv[1]), Path(sys.argv[3]), Path(sys.argv[1])/'r.json')"
        )
        subprocess.run(
            [sys.executable, "-c", code, str(review), str(umask), str(ROOT)],
            check=True,
            cwd=tmp_path,
            env={
                **os.environ,
                "TZ": zone,
                "LANG": lang,
                "LC_ALL": lang,
                "PYTHONHASHSEED": str(umask),
                "PYTHONPATH": str(ROOT / "analysis"),
            },
        )
        digests.append([file_digest(output(review, kind)) for kind in engine.FORMATS])
        assert oct(output(review, "pdf").stat().st_mode)[-3:] == "644"
        digests[-1].append(file_digest(review / "r.json"))
    assert digests[0] == digests[1]


def published(review: Path) -> dict[str, str]:
    return {p.name: file_digest(p) for p in sorted((review / "manuscript" / "_output").iterdir())}


def test_a_failing_render_leaves_the_last_good_documents(tmp_path: Path) -> None:
    review = make(tmp_path, TEXT)
    run(review)
    before = published(review)
    source = review / "manuscript" / "manuscript.qmd"
    source.write_text(TEXT + "\n@fig-none\n", encoding="utf-8")
    with pytest.raises(ReviewError) as caught:
        run(review)
    assert "there is no figure `fig-none`" in str(caught.value) and "line 15" in str(caught.value)
    assert published(review) == before
    # What the check cannot see: a picture that is no picture.
    source.write_text(TEXT, encoding="utf-8")
    (review / "manuscript" / "_built" / "figures" / "x.svg").write_text("not a picture", encoding="utf-8")
    with pytest.raises(ReviewError):
        run(review)
    assert published(review) == before


def test_a_full_disk_is_said_clearly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    review = make(tmp_path, TEXT)
    run(review)
    before = published(review)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(render, "page_count", full)
    with pytest.raises(ReviewError, match=r"No space left on device; the last good ones are unchanged"):
        run(review)
    assert published(review) == before


def test_an_output_folder_that_cannot_be_written(tmp_path: Path) -> None:
    review = make(tmp_path, TEXT)
    (review / "manuscript" / "_output").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(ReviewError, match="could not be written"):
        run(review)


@pytest.mark.skipif(os.geteuid() == 0, reason="no folder is read-only for root")
def test_an_output_folder_that_is_read_only(tmp_path: Path) -> None:
    review = make(tmp_path, TEXT)
    run(review)
    before = published(review)
    folder = review / "manuscript" / "_output"
    folder.chmod(0o555)
    try:
        with pytest.raises(ReviewError, match=r"could not be written: Permission denied; the last good ones"):
            run(review)
    finally:
        folder.chmod(0o755)
    assert published(review) == before


@pytest.mark.parametrize("reason", [errno.ENOSPC, errno.EROFS])
def test_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int) -> None:
    review = make(tmp_path, TEXT)
    run(review)
    before = published(review)

    def refused(*_: object, **__: object) -> None:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(render.tempfile, "TemporaryDirectory", refused)
    with pytest.raises(ReviewError, match=rf"{os.strerror(reason)}; the last good ones are unchanged"):
        run(review)
    assert published(review) == before


def test_pandoc_meets_the_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    review = make(tmp_path, TEXT)
    run(review)
    before = published(review)
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no device that is always full")
    described = pandoc.Target.described
    monkeypatch.setattr(pandoc.Target, "described", lambda self: {**described(self), "output": str(full)})
    with pytest.raises(ReviewError, match=r"No space left on device; the last good ones are unchanged"):
        run(review)
    assert published(review) == before


def test_a_missing_glyph_is_a_warning_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "One\n\nThai \u0e20 and \U0001f600, but × and é.\n"
    review = make(tmp_path, text, metadata={"title": "Title \u0e44"})
    record = run(review)
    warnings = record["warnings"]
    assert len(warnings) == 2, warnings
    assert warnings[0].startswith(
        "manuscript/manuscript.qmd, line 3: no font has a sign for \u0e20 (U+0E20), "
    )
    assert "U+1F600" in warnings[0] and "é" not in warnings[0]
    assert warnings[1].startswith("manuscript/_built/metadata.yml, line ") and "U+0E44" in warnings[1]
    assert record["formats"]["pdf"]["pages"] == 1
    said = capsys.readouterr().err
    assert [line for line in said.splitlines() if line.startswith("WARNING ")] == [
        f"WARNING {w}" for w in warnings
    ]
    assert "\u0e44" in text_of(output(review, "html"))


def test_what_typst_refuses_for_another_reason_stays_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="Typst could not make the PDF"):
        run(make(tmp_path, "Text\n\n```{=typst}\n#no-such-function()\n```\n"))


def test_tables_labelled_as_quarto_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(make(tmp_path / "a", TEXT))
    # Quarto switches this extension off: the label stays in the words of the caption.
    monkeypatch.setattr(
        pandoc, "_SCRIPT", pandoc._SCRIPT.replace('"markdown"', '"markdown-table_attributes"')
    )
    run(make(tmp_path / "b", TEXT))
    assert published(tmp_path / "a") == published(tmp_path / "b")


def test_a_picture_in_the_running_text(tmp_path: Path) -> None:
    record = run(make(tmp_path, "A small ![grey box](_built/figures/x.svg){width=8px} here.\n"))
    assert record["warnings"] == []
    assert 'alt="grey box"' in output(tmp_path, "html").read_text(encoding="utf-8")


def test_html_that_would_load_something_is_refused(tmp_path: Path) -> None:
    text = 'Text\n\n```{=html}\n<script src="https://example.org/x.js"></script>\n```\n'
    with pytest.raises(ReviewError, match=r"would load https://example.org/x.js from outside"):
        run(make(tmp_path, text))


def test_leftovers_of_a_killed_build_go(tmp_path: Path) -> None:
    review = make(tmp_path, TEXT)
    left = review / "manuscript" / "_output" / ".manuscript-abc"
    left.mkdir(parents=True)
    (left / "manuscript.pdf").write_bytes(b"half")
    run(review)
    assert sorted(published(review)) == ["manuscript.docx", "manuscript.html", "manuscript.pdf"]


def test_a_document_that_the_protocol_does_not_name(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="there is no document other"):
        run(make(tmp_path, TEXT), "other")


def test_word_file(tmp_path: Path) -> None:
    run(make(tmp_path, TEXT + "\n::: {.landscape}\nTurned\n:::\n\nAfter\n"))
    with zipfile.ZipFile(output(tmp_path, "docx")) as archive:
        assert {i.date_time for i in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        document = archive.read("word/document.xml").decode()
        core = archive.read("docProps/core.xml").decode()
        furniture = "".join(
            archive.read(n).decode() for n in archive.namelist() if re.search(r"(header|footer)\d", n)
        )
        assert not [n for n in archive.namelist() if "custom.xml" in n]
    sections = re.findall(r"<w:sectPr.*?</w:sectPr>", document, re.S)
    assert len(sections) == 3 and all("w:headerReference" in s and "w:footerReference" in s for s in sections)
    assert 'w:orient="landscape"' in sections[1]
    assert (
        "Ada Example; Bo Sample" in core and "2026-11-22T00:00:00Z" in core and "lastModifiedBy" not in core
    )
    assert "NUMPAGES" in furniture and "Living review" in furniture and "Version 2026.10" in furniture
    import docx

    assert docx.Document(str(output(tmp_path, "docx"))).tables
