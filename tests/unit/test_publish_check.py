"""Names that do not resolve are told with file and line, all at once, before anything is rendered."""

from __future__ import annotations

from pathlib import Path

from publish_review import ROOT, make

from livingreview.errors import Problem
from livingreview.publish.check import check
from livingreview.publish.expand import expand
from livingreview.publish.project import Project
from livingreview.publish.sources import Source, dependencies

FRONT = "---\nlang: en\n---\n\n"


def problems(folder: Path, text: str, **more: object) -> list[Problem]:
    review = make(folder, FRONT + text, **more)  # type: ignore[arg-type]
    return check(review / "manuscript" / "manuscript.qmd", Project(review, ROOT))


def said(folder: Path, text: str, **more: object) -> list[tuple[int | None, str, str]]:
    return [(p.row, p.message, p.suggestion) for p in problems(folder, text, **more) if p.severity == "error"]


def test_a_sound_document_has_no_problem(tmp_path: Path) -> None:
    text = "# A {#sec-a}\n\n{{< var a.n >}} @sec-a @fig-x [@page2021; @first1996]\n\n"
    text += '![C {{< var a.n >}}](_built/figures/x.svg){#fig-x fig-alt="{{< var a.n >}} x"}\n'
    assert problems(tmp_path, text) == []


def test_every_fault_at_once(tmp_path: Path) -> None:
    text = "\n".join(
        [
            "{{< var a.m >}} {{< meta versoin >}}",
            "",
            "@fig-y and [@page2022] and {{< var a >}}",
            "",
            "![C](_built/figures/y.svg){#fig-x fig-alt='a'}",
            "",
            "{{< include parts/none.md >}} {{< video x >}}",
            "",
            "@fig-x ![D](_built/figures/x.svg){#fig-x fig-alt='a'} ![E](https://e.org/a.png)",
        ]
    )
    found = said(tmp_path, text)
    assert [
        (row, message.split(";")[0]) for row, message, _ in sorted(found, key=lambda f: (f[0] or 0, f[1]))
    ] == [
        (5, "there is no metadata entry `versoin`"),
        (5, "there is no value `a.m`"),
        (7, "`a` names a group of values, not one: it holds n"),
        (7, "the citation `@page2022` is in none of the bibliographies"),
        (7, "there is no figure `fig-y` to refer to"),
        (9, "the image _built/figures/y.svg does not exist"),
        (11, "the included file manuscript/parts/none.md does not exist"),
        (11, "unknown shortcode `video`"),
        (13, "the image https://e.org/a.png lies outside the project"),
        (13, "the label fig-x is given twice"),
    ]
    near = {message: hint for _, message, hint in found}
    assert near["there is no value `a.m`"] == "did you mean `a.n`?"
    assert near["there is no metadata entry `versoin`"] == "did you mean `version`?"
    assert near["the citation `@page2022` is in none of the bibliographies"] == "did you mean `page2021`?"


def test_faults_of_included_files_carry_their_own_line(tmp_path: Path) -> None:
    files = {"parts/a.md": "One\n\n{{< include parts/b.md >}}\n", "parts/b.md": "\n\n\n@tbl-none\n"}
    (problem,) = problems(tmp_path, "{{< include parts/a.md >}}\n", files=files)
    assert (problem.file, problem.row) == ("manuscript/parts/b.md", 4)


def test_a_circular_include(tmp_path: Path) -> None:
    files = {"a.md": "{{< include b.md >}}\n", "b.md": "\n{{< include a.md >}}\n"}
    (problem,) = problems(tmp_path, "{{< include a.md >}}\n", files=files)
    assert (problem.file, problem.row) == ("manuscript/b.md", 2) and "includes itself" in problem.message


def test_code_comments_and_escapes_are_not_read(tmp_path: Path) -> None:
    text = (
        "`{{< var no.such >}}` and ``@fig-none``\n\n```\n{{< var no.such >}}\n@fig-none\n```\n\n<!-- {{< var no >}}\n@fig-none -->\n\n"
        "\\@fig-none a@b.org \\{\\{\\< var x \\>\\}\\} {{{< var x >}}}\n"
    )
    assert problems(tmp_path, text) == []


def test_unused_items_and_missing_alternative_text_are_warnings(tmp_path: Path) -> None:
    found = problems(tmp_path, "![C](_built/figures/x.svg){#fig-x}\n")
    assert {p.severity for p in found} == {"warning"} and len(found) == 2


def test_front_matter_that_is_not_yaml(tmp_path: Path) -> None:
    review = make(tmp_path, "---\ntitle: a\n  b: [\n---\n\nText\n")
    (problem,) = check(review / "manuscript" / "manuscript.qmd", Project(review, ROOT))
    assert "not valid YAML" in problem.message and problem.row in (3, 4)


def test_missing_bibliography_and_style(tmp_path: Path) -> None:
    review = make(tmp_path, FRONT + "Text\n")
    (review / "manuscript" / "references.bib").unlink()
    (review / "manuscript" / "_built" / "style.csl").unlink()
    found = check(review / "manuscript" / "manuscript.qmd", Project(review, ROOT))
    assert [p.message for p in found] == [
        "the bibliography references.bib does not exist",
        "the citation style style.csl does not exist",
    ]


def test_dependencies(tmp_path: Path) -> None:
    files = {
        "parts/a.md": "{{< include parts/b.md >}}\n![x](_built/figures/x.svg)\n",
        "parts/b.md": "{{< var a.n >}}\n",
    }
    text = "{{< include parts/a.md >}}\n\n{{< include _built/later.md >}}\n\n`![x](no.svg)`\n"
    folder = make(tmp_path, FRONT + text, files=files) / "manuscript"
    names = [p.relative_to(folder).as_posix() for p in dependencies(folder / "manuscript.qmd")]
    assert names == [
        "_built/figures/x.png", "_built/figures/x.svg", "_built/later.md", "_variables.yml", "parts/a.md", "parts/b.md",
    ]  # fmt: skip
    assert dependencies(folder / "absent.qmd") == []


def test_expansion(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\nx: 1\n---\nin {{< var n >}}\n", encoding="utf-8")
    text = "{{< var n >}}, {{< meta 'l.1' >}}, `{{< var n >}}`, {{{< var n >}}}\n\n{{< include a.md >}}\n"
    out = expand(text, {"n": "3"}, {"l": ["one"]}, tmp_path)
    assert out == "3, one, `{{< var n >}}`, {{< var n >}}\n\nin 3\n\n"


def test_numbers_and_dates_print_as_written(tmp_path: Path) -> None:
    path = tmp_path / "a.qmd"
    path.write_text("---\nversion: 2026.10\ndate: 2026-11-02\n---\n", encoding="utf-8")
    assert Source(path).front() == {"version": "2026.10", "date": "2026-11-02"}
