"""Words, and what a document has, counted from its tree; entries of bibliographies."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from livingreview.errors import ReviewError
from livingreview.publish.pandoc import pandoc_path
from livingreview.submission import counts, references, words

# text: Word, LibreOffice (its own statistics of a file with this text), with a letter or digit only
WORDS = {
    "one two three": (3, 3, 3),
    "12 %": (2, 2, 1),
    "12\u00a0%": (2, 2, 1),
    "12%": (1, 1, 1),
    "3/7": (1, 1, 1),
    "3 / 7": (3, 3, 2),
    "10–20": (1, 2, 1),
    "10 – 20": (3, 2, 2),
    "a—b": (1, 2, 1),
    "a–\u00a0b": (2, 2, 2),
    "well-known": (1, 1, 1),
    "non\u2011breaking": (1, 1, 1),
    "x−y": (1, 1, 1),
    "p = 0.05": (3, 3, 2),
    "p=0.05": (1, 1, 1),
    "(n = 3)": (3, 3, 2),
    "≥ 3": (2, 2, 1),
    "≥3": (1, 1, 1),
    "a & b": (3, 3, 2),
    "[1, 2]": (2, 2, 2),
    "1,234": (1, 1, 1),
    "0.5": (1, 1, 1),
    "1:2": (1, 1, 1),
    "it's": (1, 1, 1),
    "e.g. this": (2, 2, 2),
    "x\u2009y": (2, 2, 2),
    "x\u202fy": (2, 2, 2),
    "Fig.\u00a01": (2, 2, 2),
    "a\u200bb": (1, 1, 1),
    "a · b": (3, 3, 2),
    "– ·": (2, 1, 0),
    "https://doi.org/10.1/x": (1, 1, 1),
    "石灰 in skin": (4, 4, 4),
    "": (0, 0, 0),
}

FRONT = """---
title: A title of five words
---

::: {custom-style="Author"}
Ada Lovelace
:::

::: {custom-style="Abstract Title"}
Abstract
:::

::: {custom-style="Abstract"}
**Background.** Skin hurts.

**Main results:** Some 3/7 (12 %) got better [@known].

They stayed well.
:::

::: {custom-style="Keywords"}
**Keywords**\u2002skin disease · laser · *in vivo*
:::
"""
TEXT = """
# [1]{.heading-number} First part {#item-sec-first}

Five words and one mark [@known]. See [Table 1](#item-tbl-a){.crossref}.^[A note of five words.]

## Deeper

- item one
- item two

:::: {#item-tbl-a}
::: {custom-style="Table Caption"}
**Table 1.** Three caption words.
:::

| a | b c |
|---|-----|
| 1 | 2 3 |
::::

:::: {#item-fig-b}
::: {custom-style="Image Caption"}
**Figure 1.** Of two panels
:::

::: {custom-style="Captioned Figure"}
![x](one.png) ![y](two.png)
:::
::::

# Statements

Nothing to say, $a + b$ aside.

# References

:::: {#refs}
::: {#ref-known}
1\\. Known A. Title. 2020
:::
::: {#ref-silent}
2\\. Silent B. Title. 2021
:::
::::
"""


@cache
def tree(text: str) -> dict[str, Any]:
    command = [pandoc_path(), "-f", "markdown", "-t", "json"]
    return json.loads(subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout)


@pytest.mark.parametrize("text", WORDS, ids=ascii)
def test_a_word(text: str) -> None:
    assert tuple(words.count(text, rule) for rule in words.RULES) == WORDS[text]


def test_parts_of_a_document() -> None:
    found = counts.measure(tree(FRONT + TEXT), {"short-title": "Five\\: words"})
    assert (found.title.words, found.title.characters) == (5, 21)
    assert found.running_title is not None and found.running_title.text == "Five: words"
    assert found.subtitle is None and found.front == 2
    assert found.keywords == ("skin disease", "laser", "in vivo")
    assert found.abstract is not None
    assert found.abstract.headings == ("Background", "Main results")
    assert found.abstract.words_below == (2, 7 + 3)  # "[@known]." is a word too
    assert (found.abstract.words, found.abstract.words_without_headings) == (15, 12)
    assert (found.abstract.paragraphs, found.abstract.citations) == (3, 1)
    first, statements = found.sections
    assert (first.identifier, first.title, statements.title) == ("item-sec-first", "First part", "Statements")
    # "Five … [@known]. See Table 1." is nine words, the items are four
    assert first.parts.prose == 13 and first.parts.citations == 1
    assert first.parts.headings == 4 and first.parts.footnotes == 5
    assert first.parts.table_captions == 5 and first.parts.figure_captions == 5
    assert first.parts.tables == 6
    assert statements.parts.prose == 5  # a formula is one word
    assert [(h.level, h.number, h.text) for h in found.headings][:2] == [
        (1, "1", "First part"),
        (2, "", "Deeper"),
    ]
    assert found.heading_depth == 2 and found.footnotes == 1 and found.equations == 0
    (table,), (figure,) = found.tables, found.figures
    assert (table.label, table.caption, table.pieces, table.words, table.mentions) == (
        ("Table 1", "Three caption words.", 1, 6, 1)
    )
    assert (figure.label, figure.caption, figure.pieces, figure.mentions) == (
        "Figure 1",
        "Of two panels",
        2,
        0,
    )
    assert found.cited == ("known",) and found.listed == ("known", "silent")
    assert found.reference_words == 1 + 5 + 5
    assert found.unresolved == ()
    assert json.loads(json.dumps(found.to_json()))["tables"][0]["label"] == "Table 1"


def test_ways_of_counting_the_text() -> None:
    found = counts.measure(tree(FRONT + TEXT))
    assert found.words() == 13 + 4 + 5 + 1
    assert found.words(headings=False) == 18
    assert found.words(citations=False) == 22
    assert found.words(abstract=True) == 23 + 15
    assert found.words(captions=True) == 23 + 10
    assert found.words(tables=True) == 23 + 6
    assert found.words(footnotes=True) == 23 + 5
    assert found.words(references=True) == 23 + 11
    assert found.words(without=["statements"]) == found.words(without=["STATEMENTS", "nowhere"]) == 17
    assert found.words(without=["item-sec-first"]) == 6


def test_unnumbered_tables_and_pictures_count() -> None:
    found = counts.measure(tree("![x](a.png)\n\n| a |\n|---|\n| 1 |\n\n: Own caption.\n\nText ![y](b.png)\n"))
    assert [(t.label, t.caption, t.words) for t in found.tables] == [("", "Own caption.", 2)]
    assert len(found.figures) == 2 and found.figures[0].pieces == 1
    assert found.abstract is None and found.running_title is None and found.heading_depth == 0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("See **?\\@fig-x** there.", ("?@fig-x",)),
        ("Value ?var:a.b.c, and.", ("?var:a.b.c",)),
        ("See **?**.", ("?",)),
        ("See ?? there.", ("??",)),
        ("A {{&lt; var x &gt;}} left.", ("{{< var x >}}",)),
        ("See [@nobody].", ("@nobody",)),
        ("See [this](#nowhere).", ("#nowhere",)),
        ("See \\@tbl-x.", ("@tbl-x",)),
        ("Really? Yes?! Write to a@fig-tree.org; `{{< var x >}}` and `?@x`.", ()),
        ("# Here {#here}\n\nSee [this](#here).", ()),
    ],
)
def test_what_is_unresolved(text: str, names: tuple[str, ...]) -> None:
    assert counts.measure(tree(text)).unresolved == names


def test_entries_of_bibliographies(tmp_path: Path) -> None:
    (tmp_path / "a.bib").write_text(
        "@article{full, author={Lovelace, Ada and Babbage, Charles}, title={T}, year={1843}, doi={10.1000/ABC}}\n"
        "@article{again, author={Lovelace, Ada}, title={T}, year={1843}, url={https://doi.org/10.1000/abc}}\n"
        "@misc{bare, title={Nothing else}}\n",
        encoding="utf-8",
    )
    items = [
        {
            "id": "nd",
            "author": [{"literal": "Authors not shown"}],
            "issued": {"literal": "n.d."},
            "PMID": "123",
        },
        {"id": "unasked", "type": "webpage"},
    ]
    (tmp_path / "b.json").write_text(json.dumps(items), encoding="utf-8")
    found = references.measure(
        [tmp_path / "a.bib", tmp_path / "b.json"], ["nd", "full", "again", "bare", "gone", "full"]
    )
    assert [(e.key, e.authors, e.year, e.doi, e.pmid) for e in found.entries] == [
        ("nd", 0, "", "", "123"),
        ("full", 2, "1843", "10.1000/abc", ""),
        ("again", 1, "1843", "10.1000/abc", ""),
        ("bare", 0, "", "", ""),
    ]
    assert found.missing == ("gone",)
    assert found.without_doi == found.without_authors == found.without_year == ("nd", "bare")
    assert found.same_doi == ("10.1000/abc",)
    assert found.to_json()["without_doi"] == ["nd", "bare"]
    assert len(references.measure([tmp_path / "a.bib", tmp_path / "b.json"]).entries) == 5


def test_bibliographies_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    with pytest.raises(ReviewError) as told:
        references.measure([tmp_path / "a.json", tmp_path / "none.bib"])
    assert [p.file for p in told.value.problems] == ["a.json", "none.bib"]


def test_authors_known_by_surname_only(tmp_path: Path) -> None:
    people = {
        "one": [{"literal": "Wolf"}],
        "two": [{"family": "Roe", "given": "A"}, {"family": "Doe"}],
        "group": [{"literal": "The Study Group"}],
    }
    path = tmp_path / "x.json"
    path.write_text(
        json.dumps([{"id": key, "author": found} for key, found in people.items()]), encoding="utf-8"
    )
    assert references.measure([path]).surnames_only == ("one",)
