"""The choice of the engine, and the calls that Quarto gets (from a stand-in, where there is no Quarto)."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import pytest
from publish_review import ROOT, make

from livingreview.errors import ReviewError
from livingreview.publish import engine, reference_docx
from livingreview.publish.builtin import BuiltinEngine
from livingreview.publish.quarto import QuartoEngine
from livingreview.publish.scan import unresolved
from livingreview.steps import render

STAND_IN = """#!{python}
import json, os, pathlib, sys, zipfile
log = pathlib.Path({log!r})
if sys.argv[1:] == ["--version"]:
    print("1.9.38"); sys.exit(0)
calls = json.loads(log.read_text()) if log.exists() else []
seen = sorted(str(p) for p in pathlib.Path().rglob("*") if p.is_file())
env = {{k: os.environ.get(k) for k in ("QUARTO_PYTHON", "SOURCE_DATE_EPOCH")}}
calls.append({{"args": sys.argv[1:], "cwd": os.getcwd(), "env": env, "files": seen}})
log.write_text(json.dumps(calls))
if {fail!r} and "html" in sys.argv:
    print({fail!r}, file=sys.stderr)
    sys.exit(0 if "WARN" in {fail!r} else 1)
stem = pathlib.Path(sys.argv[2]).stem
out = pathlib.Path("_output"); out.mkdir(exist_ok=True)
kind = {{"typst": "pdf", "html": "html", "docx": "docx"}}[sys.argv[sys.argv.index("--to") + 1]]
target = out / f"{{stem}}.{{kind}}"
if kind == "docx":
    with zipfile.ZipFile(target, "w") as z: z.writestr("word/document.xml", "<w:document/>")
elif kind == "pdf":
    target.write_bytes(b"%PDF-1.7 << /Type /Pages /Count 3 >>")
else:
    target.write_text({html!r})
"""


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("LIVINGREVIEW_ENGINE", "QUARTO_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(engine.shutil, "which", _nothing_on_path(engine.shutil.which))
    engine._version.cache_clear()
    return monkeypatch


def _nothing_on_path(which):  # type: ignore[no-untyped-def]
    return lambda name, path=None: None if name == "quarto" and path is None else which(name, path=path)


def stand_in(folder: Path, fail: str = "", html: str = "<p>fine</p>") -> Path:
    path = folder / "bin" / "quarto"
    path.parent.mkdir()
    path.write_text(
        STAND_IN.format(python=sys.executable, log=str(folder / "log.json"), fail=fail, html=html)
    )
    path.chmod(0o755)
    return path


def test_builtin_without_quarto(clean: pytest.MonkeyPatch) -> None:
    assert isinstance(engine.find(), BuiltinEngine)
    clean.setenv("LIVINGREVIEW_ENGINE", "quarto")
    with pytest.raises(ReviewError, match="none was found that runs"):
        engine.find()
    clean.setenv("LIVINGREVIEW_ENGINE", "word")
    with pytest.raises(ReviewError, match="unknown engine"):
        engine.find()


def test_a_quarto_that_does_not_run_is_no_quarto(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "quarto"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    clean.setenv("QUARTO_PATH", str(broken))
    assert isinstance(engine.find(), BuiltinEngine)


@pytest.mark.parametrize("folder", [True, False])
def test_quarto_path_is_the_program_or_its_folder(
    clean: pytest.MonkeyPatch, tmp_path: Path, folder: bool
) -> None:
    path = stand_in(tmp_path)
    clean.setenv("QUARTO_PATH", str(path.parent if folder else path))
    found = engine.find()
    assert isinstance(found, QuartoEngine) and (found.name, found.version) == ("quarto", "1.9.38")
    clean.setenv("LIVINGREVIEW_ENGINE", "builtin")
    assert isinstance(engine.find(), BuiltinEngine)


def test_the_calls_of_quarto(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.setenv("QUARTO_PATH", str(stand_in(tmp_path)))
    review = make(tmp_path / "review", "Text\n", name="supplement", prefix="S")
    record = render.run("supplement", review, ROOT, tmp_path / "r.json")
    assert (record["engine"], record["engine_version"], record["formats"]["pdf"]["pages"]) == (
        "quarto",
        "1.9.38",
        3,
    )
    calls = json.loads((tmp_path / "log.json").read_text())
    assert [c["args"] for c in calls] == [
        ["render", "supplement.qmd", "--to", to, "-M", "label-prefix:S"] for to in ("typst", "docx", "html")
    ]
    for call in calls:
        assert call["env"] == {"QUARTO_PYTHON": sys.executable, "SOURCE_DATE_EPOCH": "1795305600"}
        copy = Path(call["cwd"])
        assert copy != review / "manuscript" and not copy.exists()
        # Below such a folder Quarto would not see its project.
        assert not any(part.startswith((".", "_")) for part in copy.parts)
        needed = {
            "_quarto.yml",
            "_variables.yml",
            "filters/crossref.lua",
            "templates/article.typ",
            "_built/reference.docx",
        }
        assert needed <= set(call["files"])


@pytest.mark.parametrize(
    ("fail", "message"),
    [
        ("ERROR: typst is unwell", "Quarto could not make the html: ERROR: typst is unwell"),
        ("WARN: Unable to resolve crossref @fig-x", "Unable to resolve crossref @fig-x"),
    ],
)
def test_what_quarto_says_stops_the_build(
    clean: pytest.MonkeyPatch, tmp_path: Path, fail: str, message: str
) -> None:
    clean.setenv("QUARTO_PATH", str(stand_in(tmp_path, fail)))
    review = make(tmp_path / "review", "Text\n")
    with pytest.raises(ReviewError, match=message):
        render.run("manuscript", review, ROOT, tmp_path / "r.json")
    assert not list((review / "manuscript" / "_output").iterdir())


def test_a_hole_in_what_quarto_rendered_stops_the_build(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.setenv(
        "QUARTO_PATH", str(stand_in(tmp_path, html="<p>We saw <strong>?var:a.n</strong> patients</p>"))
    )
    with pytest.raises(ReviewError, match=r"unresolved `\?var:a.n`"):
        render.run("manuscript", make(tmp_path / "review", "Text\n"), ROOT, tmp_path / "r.json")


def test_names_are_checked_before_quarto_runs(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.setenv("QUARTO_PATH", str(stand_in(tmp_path)))
    with pytest.raises(ReviewError, match="there is no value `b`"):
        render.run("manuscript", make(tmp_path / "review", "{{< var b >}}\n"), ROOT, tmp_path / "r.json")
    assert not (tmp_path / "log.json").exists()


def test_marks_of_holes(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text(
        '<strong>?var:x</strong> <strong>?@fig-y</strong> <strong>?meta:z</strong> <span class="citation" data-cites="k">(<strong>k?</strong>)</span>'
        " ?var:text <strong>Really?</strong> <strong>?variable cost</strong>"
    )
    assert len(unresolved(page, "a.qmd")) == 4


def test_reference_document(tmp_path: Path) -> None:
    one, two = reference_docx.build("Short\tVersion 1"), reference_docx.build("Short\tVersion 1")
    assert one == two
    path = tmp_path / "reference.docx"
    reference_docx.write(path, {"short-title": "A \\& B", "version": "2"})
    assert reference_docx.is_ours(path)
    with zipfile.ZipFile(path) as archive:
        header = next(
            archive.read(n).decode() for n in archive.namelist() if "header" in n and n.endswith(".xml")
        )
        styles = archive.read("word/styles.xml").decode()
    assert "A &amp; B" in header and "Version 2" in header
    for name in (
        "Table",
        "Table Text",
        "Table Caption",
        "Image Caption",
        "Abstract",
        "Affiliation",
        "Bibliography",
    ):
        assert f'w:name w:val="{name}"' in styles
    stamp = path.stat().st_mtime_ns
    reference_docx.write(path, {"short-title": "A \\& B", "version": "2"})
    assert path.stat().st_mtime_ns == stamp
    import docx

    docx.Document().save(str(path))
    assert not reference_docx.is_ours(path)
    assert docx.Document(io.BytesIO(one)).sections[0].page_width.mm == pytest.approx(210, abs=0.1)
