"""LaTeX source of a manuscript: what stands in it, and that the rules see what would not compile."""

from __future__ import annotations

import copy
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from submission_tree import invented, project, small

from livingreview.submission import article, latex, latex_check, latex_tables
from livingreview.submission.latex_text import ascii_latex, escaped, readable


def source_of(tree: dict[str, Any], **options: Any) -> str:
    parts = article.article(tree)
    root, document = project()
    with TemporaryDirectory() as folder:
        source, problems = latex.latex(
            parts,
            invented(),
            root,
            document,
            figures=article.figure_files(parts.figures, extension=".pdf"),
            epoch=0,
            scratch=Path(folder),
            **options,
        )
    assert problems == []
    return source


@cache
def made() -> str:
    return source_of(small())


def test_sound_and_the_same_twice() -> None:
    assert latex_check.check(made(), {"Fig1.pdf"}) == []
    assert source_of(small()) == made()
    assert [name for _, name in latex.pictures(made())] == ["Fig1.pdf"]


def test_latex_numbers_and_cites() -> None:
    text = made()
    assert r"\cite{page2021,first1996}" in text
    assert r"\bibitem{page2021} Page M (2021)" in text
    for words, label in (("Table~", "item-tbl-x"), ("Figure~", "item-fig-x"), ("Section~", "item-sec-deep")):
        assert rf"\hyperref[{label}]{{{words}\ref*{{{label}}}}}" in text
    assert r"\begin{equation}\label{item-eq-e}" in text
    assert r"\section{Methods}\label{item-sec-methods}" in text and r"\section*{Statements}" in text
    assert r"\begin{longtable}" in text and r"\caption{A table of \emph{two} columns.}" in text
    assert r"\caption{A caption with H\textsubscript{2}O.}\label{item-fig-x}" in text


def test_people_abstract_and_layout() -> None:
    text = made()
    assert r"Zo\"{e} \v{S}ynthetic-\L{}\'{o}d\'{z}\textsuperscript{1,2}" in text
    assert r"\href{https://orcid.org/0000-0002-1825-0097}" in text
    assert r"\textbf{Background.} Warts \& \emph{more}." in text
    assert r"\date{28~February 2026}" in text
    assert r"\linenumbers" in text and r"\setstretch{2}" in text
    other = source_of(small(), layout=latex.Layout(11, 1.5, False), anonymous=True)
    assert r"\documentclass[11pt]{article}" in other and "linenumbers" not in other
    assert "We thank" not in other and "Competing" not in other
    assert "0000-0002" not in other and r"\author{}" in other
    assert latex_check.check(other) == []


def test_characters() -> None:
    assert r"\ensuremath{\geq}~2 \ensuremath{\mu}m" in made().replace(r"\geq} 2", r"\geq}~2")
    # Cyrillic stays, with its encoding declared.
    assert r"\usepackage[T2A,T1]{fontenc}" in made()
    assert set(re.findall(r"[^\x00-\x7f]", made())) == set("Ћирћ")
    assert ascii_latex("naïve – “x” ﬃ")[0].startswith(r"na\"{\i}ve -- " + "``x''")
    assert ascii_latex("漢")[1] == {"漢"}
    assert escaped("a_b & 5% ~ \\ {x} #1 $") == r"a\_b \& 5\% \textasciitilde{} \textbackslash{} \{x\} \#1 \$"


def test_styles_that_print_names_keep_their_words() -> None:
    tree = copy.deepcopy(small())

    def named(node: dict[str, Any]) -> list[Any] | None:
        if node["t"] == "Span" and "csl-left-margin" in node["c"][0][1]:
            return []
        if node["t"] == "Link" and node["c"][2][0] == "#ref-page2021":
            return [{"t": "Link", "c": [node["c"][0], [{"t": "Str", "c": "Page 2021"}], node["c"][2]]}]
        return None

    tree["blocks"] = article.changed(tree["blocks"], named)
    text = source_of(tree)
    assert r"\hyperlink{cite.page2021}{Page 2021}" in text and r"\bibitem[]{page2021}" in text
    assert r"\renewcommand{\@biblabel}[1]{}" in text
    assert latex_check.check(text) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (r"\begin{abstract}", r"\begin{abstract}{", "a brace is never closed"),
        (r"\end{abstract}", "}\n\\end{abstract}", "a brace closes that was never opened"),
        (r"\end{abstract}", r"\end{abstrct}", "ends where abstract is still open"),
        (r"\begin{equation}", r"\begin{equations}", "the environment equations is not known"),
        (r"\label{item-fig-x}", "", "there is no label item-fig-x"),
        (r"\label{item-fig-x}", r"\label{item-tbl-x}", "is given 2 times"),
        (r"\bibitem{page2021}", r"\bibitem{page2020}", "there is no reference page2021"),
        ("{Fig1.pdf}", "{Fig2.pdf}", "the picture Fig2.pdf is not there"),
        ("{Fig1.pdf}", "{figures/Fig1.pdf}", "a picture lies in a folder"),
        ("We thank", r"We \thnk", r"the command \thnk is not known"),
        ("We thank", "We & thank", "an unescaped & stands in the text"),
        ("We thank", "We thank_1", "an unescaped _ stands in the text"),
        ("We thank", "We thank 漢", "has no declared encoding"),
        (r"\maketitle", "", r"\maketitle stands 0 times"),
        (r"We thank", r"We \( thank", "1 × \\("),
        (r"\date{28~February 2026}", r"\date{2026-02-28}", "the date is written for machines"),
        (r"{longtable}{\setstretch{1}", "{longtable}{", "tables have the spacing of the text"),
        (r"\setlength{\LTcapwidth}", r"\setlength{\LTpre}", "captions of tables are narrower"),
        (r"\floatplacement{figure}{H}", "", "can set the head of a table above its caption"),
        (r"\endfirsthead", r"\endfirsthead \caption{Again.}", "does not stand in its first head alone"),
        ("{@{}lr@{}}", r"{@{}p{\real{0.6}}p{\real{0.5}}@{}}", "wider than the line"),
        ("{@{}lr@{}}", r"{@{}>{\raggedright\arraybackslash}p{1cm}r@{}}", "cannot be hyphenated"),
    ],
)
def test_the_check_sees(old: str, new: str, said: str) -> None:
    assert old in made()
    found = latex_check.check(made().replace(old, new, 1), {"Fig1.pdf"})
    assert any(said in problem.message for problem in found), [str(p) for p in found]


def test_verbatim_and_comments_are_not_read() -> None:
    text = made().replace(
        "We thank", "% { \\begin{x}\n\\begin{verbatim}\n} _ \\x 漢\n\\end{verbatim}\nWe thank"
    )
    assert latex_check.check(text, {"Fig1.pdf"}) == []


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        (r"Szczepa\'nski", "Szczepański"),
        (r"Zo\"{e} \v{S}ynthetic-\L{}\'{o}d\'{z}", "Zoë Šynthetic-Łódź"),
        (r"J\"org {\v S}ik, Garc\'{\i}a-Mu\~{n}oz", "Jörg Šik, García-Muñoz"),
        (
            r"\begin{x} \cite{a} \url{y} \textbf{z} \label{x}",
            r"\begin{x} \cite{a} \url{y} \textbf{z} \label{x}",
        ),
    ],
)
def test_readable_text_of_a_source(source: str, printed: str) -> None:
    assert readable(source) == printed


def test_what_is_written_as_commands_is_read_back() -> None:
    letters = "éèêëãñåçčřşțłøæœßıđĀāőűĘęṣ"
    assert readable(escaped(letters)) == letters


def wide(*cells: str, widths: tuple[float, ...]) -> dict[str, Any]:
    """The small manuscript with one table of these cells in columns of these shares."""
    row = [
        ["", [], []],
        [
            [["", [], []], {"t": "AlignDefault"}, 1, 1, [{"t": "Plain", "c": [{"t": "Str", "c": cell}]}]]
            for cell in cells
        ],
    ]
    columns = [[{"t": "AlignLeft"}, {"t": "ColWidth", "c": width}] for width in widths]

    def change(node: dict[str, Any]) -> list[dict[str, Any]] | None:
        if node["t"] != "Table":
            return None
        attributes, caption, *_ = node["c"]
        head, foot = [["", [], []], [row]], [["", [], []], []]
        body = [["", [], []], 0, [], [row] * 60]
        return [{"t": "Table", "c": [attributes, caption, columns, head, [body], foot]}]

    tree = copy.deepcopy(small())
    tree["blocks"] = article.changed(tree["blocks"], change)
    return tree


LONG = ("Intralesional", "Patients:", "information", "proposed", "evaluated/unreported", "100 %\xa0(16–100)")


def test_columns_have_room_for_their_words() -> None:
    text = source_of(wide(*LONG, widths=(0.05, 0.05, 0.05, 0.05, 0.05, 0.75)))
    shares = [float(share) for share in re.findall(r"\\real\{([\d.]+)\}", text)]
    assert sum(shares) == pytest.approx(1, abs=0.001) and min(shares) > 0.1
    # What is longer may be broken, but not between numbers.
    assert r"\arraybackslash\hspace{0pt}}p{" in text and "\\raggedright\\hspace{0pt}%\n" in text
    assert r"evaluated/\hspace{0pt}unreported" in text and r"100 \% (16\nobreakdash--100)" in text
    assert latex_check.check(text) == []


def test_shares_of_columns() -> None:
    assert latex_tables._shares([0.5, 0.5], [0.1, 0.1]) == [0.5, 0.5]
    assert latex_tables._shares([0.1, 0.9], [0.3, 0.2]) == pytest.approx([0.3, 0.7])
    assert latex_tables._shares([0.1, 0.9], [1.5, 0.5]) == pytest.approx([0.75, 0.25])


def test_brackets_of_citations_are_those_of_the_style() -> None:
    tree = copy.deepcopy(small())

    def round_brackets(node: dict[str, Any]) -> list[dict[str, Any]] | None:
        if node["t"] != "Cite":
            return None
        return [{"t": "Cite", "c": [node["c"][0], [{"t": "Str", "c": "(1)"}]]}]

    tree["blocks"] = article.changed(tree["blocks"], round_brackets)
    assert r"\renewcommand{\citeleft}{(}" in source_of(tree) and "citeleft" not in made()
    assert r"\renewcommand{\@biblabel}[1]{#1.}" in made()
    assert latex_check.check(source_of(tree), {"Fig1.pdf"}) == []


def _compiled(source: str, folder: Path) -> str:
    """What pdflatex logs in its last run; it must not stop."""
    picture = r"\documentclass{article}\begin{document}x\end{document}"
    (folder / "Fig1.tex").write_text(picture, encoding="utf-8")
    (folder / "article.tex").write_text(source, encoding="utf-8")
    for name in ("Fig1", *["article"] * 3):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", name]
        ran = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
        if b".sty' not found" in ran.stdout or b".def' not found" in ran.stdout:
            pytest.skip("this LaTeX lacks a package of the source")
        assert ran.returncode == 0, ran.stdout.decode(errors="replace")[-2000:]
    return (folder / "article.log").read_text(encoding="latin-1")


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="there is no pdflatex")
@pytest.mark.parametrize("size", [None, 10, 12])
def test_compiles(size: int | None, tmp_path: Path) -> None:
    """Without an error, with every reference found, and with nothing that reaches over its column or the line."""
    tree = wide(*LONG, widths=(0.05, 0.05, 0.05, 0.05, 0.05, 0.75))
    log = _compiled(source_of(tree, layout=latex.Layout(size, 2.0, True)) if size else made(), tmp_path)
    assert not re.search(r"^!|undefined references|Citation .* undefined|may have changed", log, re.M)
    over = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)]
    assert max(over, default=0) <= 10, log
