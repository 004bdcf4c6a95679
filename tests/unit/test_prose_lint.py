"""The lint of numbers: what is typed is named with file and line, what is printed by a claim or allowed is not."""

from __future__ import annotations

import argparse
import shutil
import textwrap
from pathlib import Path

import pytest

from livingreview.errors import Problem, ReviewError
from livingreview.prose import allowed, check, lint
from livingreview.publish.project import Project

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {"manuscript": ("manuscript/manuscript.qmd", "")}
REVIEW = """units:
  patient: {singular: child, plural: children}
  knee: {singular: knee, plural: knees}
therapies:
  - {code: a, name: "Brace"}
search:
  description: "Pages of the web"
"""


def make(folder: Path, text: str, numbers: str = "", review: str = REVIEW) -> Path:
    """A review that is nothing but a protocol and one document."""
    (folder / "manuscript").mkdir(parents=True, exist_ok=True)
    (folder / "review.yaml").write_text(review, encoding="utf-8")
    (folder / "manuscript/manuscript.qmd").write_text(text, encoding="utf-8")
    if numbers:
        (folder / "manuscript/numbers.yaml").write_text(numbers, encoding="utf-8")
    return folder


def found(folder: Path) -> list[Problem]:
    return lint.document(folder / "manuscript/manuscript.qmd", Project(folder, ROOT), allowed.load(folder))


def typed(folder: Path) -> list[str]:
    """The numbers found, as ``line: number``."""
    return [f"{p.row}: {p.message.split('`')[1]}" for p in found(folder)]


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("We saw 12 children.", ["12"]),
        ("We saw twelve children and 57 % of them improved.", ["twelve", "57"]),
        ("It rose from 2–24 to 1.5 (95 % CI).", ["2", "24", "1.5", "95"]),
        ("Half of the children improved.", ["Half"]),
        ("Both knees and most patients improved, but none of them for long.", ["Both", "most", "none"]),
        ("All children were seen twice.", ["All", "twice"]),
        ("A third of the knees got worse.", ["A third"]),
        ("CO~2~ lasers were used.", ["2"]),
        ("| Brace | 7 of 9 |", ["7", "9"]),
        ("In [3 of 4](https://example.org/12) knees.", ["3", "4"]),
        ("**Five** patients and *six* controls.", ["Five", "six"]),
    ],
)
def test_typed_numbers_are_found(tmp_path: Path, sentence: str, numbers: list[str]) -> None:
    folder = make(tmp_path, f"# Results\n\nText.\n\n{sentence}\n")
    assert typed(folder) == [f"5: {n}" for n in numbers]
    problem = found(folder)[0]
    assert problem.file == "manuscript/manuscript.qmd" and problem.severity == "error"
    assert "var KEY" in problem.suggestion and "manuscript/numbers.yaml" in problem.suggestion


@pytest.mark.parametrize(
    "sentence",
    [
        "We saw {{< var included.n2 >}} children [@page2021; @smith1999] in @fig-x2 and @tbl-2a.",
        "All {{< var included.n >}} children were seen, both of the {{< var a.n >}} too.",
        "Most severe was the pain; all the same it went, and neither here nor there.",
        "The one used and the other, one by one, one another.",
        "The first and the second reviewer agreed.",
        "1. A numbered list\n2. goes on.",
        'Code `x = 12` and <span id="a1">words</span>.',
        "<!-- 12 studies -->",
        "See https://example.org/2020/12 and &#8211;.",
        "::: {.column width=50%}\nText\n:::",
        "A note.[^1]",
    ],
)
def test_what_is_no_typed_number_is_spared(tmp_path: Path, sentence: str) -> None:
    assert typed(make(tmp_path, f"# Results\n\n{sentence}\n")) == []


def test_exempt_sections_captions_and_alternative_texts(tmp_path: Path) -> None:
    text = """---
title: "Nine lives"
---

# Methods

From three studies on.

## Details {#sec-d}

From 10 studies on.

![Four knees.](x.svg){#fig-x fig-alt="Five bars"}

: The 6 arms. {#tbl-x}

# Results

## Found 7

Eight patients.
"""
    folder = make(tmp_path, text)
    everything = ["2: Nine", "7: three", "11: 10", "13: Four", "13: Five", "15: 6", "19: 7", "21: Eight"]
    assert sorted(typed(folder)) == sorted(everything)
    exempt = 'exempt:\n  - {section: Methods, reason: "what the methods fix"}\n'
    folder = make(tmp_path, text, exempt)
    assert sorted(typed(folder)) == sorted([e for e in everything if e.split(":")[0] not in ("7", "11")])
    assert {p.column for p in found(folder)} == {"title", "caption", lint.SPOKEN, "text"}
    folder = make(tmp_path, text, exempt.replace("Methods", "sec-d"))
    assert "7: three" in typed(folder) and "11: 10" not in typed(folder)


def test_included_files_are_read_in_the_section_that_includes_them(tmp_path: Path) -> None:
    folder = make(
        tmp_path,
        "# Methods\n\n{{< include part.qmd >}}\n\n# Results\n\n{{< include part.qmd >}}\n\n{{< include _built/x.md >}}\n",
        'exempt:\n  - {section: Methods, reason: "what the methods fix"}\n',
    )
    (folder / "manuscript/part.qmd").write_text("In 12 knees.\n", encoding="utf-8")
    (folder / "manuscript/_built").mkdir()
    (folder / "manuscript/_built/x.md").write_text("Built 13 knees.\n", encoding="utf-8")
    assert [(p.file, p.row) for p in found(folder)] == [("manuscript/part.qmd", 1)]


def test_allowed_texts_and_those_that_nothing_needs(tmp_path: Path) -> None:
    numbers = """allowed:
  - {kind: citation_year, text: "review of 2021", reason: "the review that is continued"}
  - {kind: confidence_level, text: "95 %", reason: "the level of all intervals"}
  - {kind: formula, text: "CO~2~", reason: "a chemical formula and no count"}
  - {kind: method, text: "one reviewer", reason: "who did the work is fixed"}
"""
    text = "# Results\n\nThe review of\u00a02021 gave 95\u00a0% intervals for CO~2~ in 2021.\n"
    folder = make(tmp_path, text, numbers)
    assert typed(folder) == ["3: 2021"]
    told = check.problems(folder, ROOT, DOCUMENTS)
    assert [(p.severity, p.file, p.row) for p in told] == [
        ("error", "manuscript/manuscript.qmd", 3),
        ("warning", "manuscript/numbers.yaml", 5),
    ]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('{kind: year, text: "in 2021", reason: "the review continued"}', "unknown kind of number"),
        ('{kind: citation_years, text: "in 2021", reason: "the review continued"}', "unknown kind"),
        ('{kind: citation_year, text: "twelve", reason: "the review continued"}', "this is not the year"),
        ('{kind: confidence_level, text: "95", reason: "the level of intervals"}', "this is not the level"),
        (
            '{kind: method, text: "12", reason: "fixed by what was planned"}',
            "this is not what the methods fix",
        ),
        ('{kind: name, text: "Brace", reason: "this is a name, is it not"}', "no number in this text"),
        ('{kind: name, text: "type 2", reason: "so"}', "the reason says too little"),
        ('{kind: name, text: "type 2"}', "`reason` missing"),
        ('{kind: name, txt: "type 2", reason: "name of the disease"}', "unknown key `txt`"),
    ],
)
def test_the_list_itself_is_checked(tmp_path: Path, entry: str, message: str) -> None:
    folder = make(tmp_path, "Text.\n", f"exempt: []\nallowed:\n  - {entry}\n")
    with pytest.raises(ReviewError) as caught:
        allowed.load(folder)
    told = [p for p in caught.value.problems if message in p.message]
    assert told and told[0].row == 3 and told[0].file == "manuscript/numbers.yaml"
    # told with everything else, and nothing is taken for allowed
    assert any(message in p.message for p in check.problems(folder, ROOT, DOCUMENTS))


def test_the_nearest_kind_is_named(tmp_path: Path) -> None:
    folder = make(
        tmp_path,
        "Text.\n",
        'allowed:\n  - {kind: citation_yaer, text: "in 2021", reason: "the review continued"}\n',
    )
    with pytest.raises(ReviewError, match="did you mean `citation_year`"):
        allowed.load(folder)


@pytest.mark.parametrize("section", ["Results", "abstract", "Discussion"])
def test_findings_cannot_be_exempt(tmp_path: Path, section: str) -> None:
    folder = make(tmp_path, "Text.\n", f'exempt:\n  - {{section: {section}, reason: "because I want to"}}\n')
    with pytest.raises(ReviewError, match="the findings cannot be exempt"):
        allowed.load(folder)


def test_texts_of_the_protocol_that_print_among_the_results(tmp_path: Path) -> None:
    review = REVIEW.replace('"Brace"', '"Brace for 6 weeks"').replace(
        '"Pages of the web"', '"About 2,000 pages"'
    )
    folder = make(tmp_path, "Text.\n", review=review)
    told = lint.protocol(Project(folder, ROOT), allowed.load(folder))
    assert [(p.file, p.row, p.column, p.message.split("`")[1]) for p in told] == [
        ("review.yaml", 5, "therapies.0.name", "6"),
        ("review.yaml", 7, "search.description", "2,000"),
    ]


@pytest.mark.parametrize("indent", ["", "  "])
def test_sentences_of_conclusions_may_print_claims_and_no_numbers(tmp_path: Path, indent: str) -> None:
    listed = (
        '  - id: a\n    name: "Works"\n    sentences:\n'
        '      holds: "It works in {{< var a.n >}} of children"\n'
        '      does_not_hold: "It works in fewer than half of children"\n'
        '    how: "after 19 studies had been seen"\n'
    )
    nested = f"  declared:\n{textwrap.indent(listed, indent)}" if indent else listed
    review = f"{REVIEW}conclusions:\n{nested}"
    folder = make(tmp_path, "Text.\n", review=review)
    told = lint.protocol(Project(folder, ROOT), allowed.load(folder))
    assert [(p.message.split("`")[1], p.column.split(".")[-1]) for p in told] == [
        ("half", "does_not_hold"),
        ("19", "how"),
    ]


def test_a_claim_that_prints_the_same_is_proposed(tmp_path: Path) -> None:
    folder = make(tmp_path, "# Results\n\nIn 12 knees.\n")
    (folder / "build/claims").mkdir(parents=True)
    (folder / "build/claims/claims.json").write_text(
        '{"a.n": {"text": "12"}, "b.n": {"text": "13"}}', encoding="utf-8"
    )
    assert "this prints the same: a.n)" in found(folder)[0].suggestion


def test_without_a_list_nothing_is_allowed(tmp_path: Path) -> None:
    assert typed(make(tmp_path, "# Methods\n\nFrom 3 studies on.\n")) == ["3: 3"]


def test_the_command_tells_tables_and_texts_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from livingreview.commands import check as command

    review = tmp_path / "review"
    shutil.copytree(
        ROOT / "tests/review",
        review,
        ignore=shutil.ignore_patterns("_built", "_output", "build", ".snakemake"),
    )
    monkeypatch.chdir(tmp_path)
    assert command.run(argparse.Namespace(directory=review)) == 0
    path = review / "manuscript/manuscript.qmd"
    text = path.read_text(encoding="utf-8").replace(
        "## Responses {", "We saw twelve patients.\n\n## Responses {"
    )
    path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ReviewError) as caught:
        command.run(argparse.Namespace(directory=review))
    line = text[: text.index("We saw twelve")].count("\n") + 1
    errors = [(p.file, p.row) for p in caught.value.problems if p.severity == "error"]
    assert errors == [("manuscript/manuscript.qmd", line)]
