"""Reporting checklists: complete as data, every item bound to a place that exists, filled in with numbers and pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from publish_review import make

from livingreview import canonical
from livingreview.errors import ReviewError
from livingreview.reporting import binding, labels, lists, places, tables
from livingreview.steps import places as step
from livingreview.steps import render

ROOT = Path(__file__).resolve().parents[2]
REVIEWS = (ROOT, ROOT / "tests/review", ROOT / "analysis/livingreview/scaffold/template")
DOCUMENTS = {"main": ("manuscript/main.qmd", ""), "more": ("manuscript/more.qmd", "S")}
LIST = """name: "Short list"
title: "A short list"
doi: 10.1/x
items:
  - {item: "1", section: Methods, topic: "Search", asks: "How it was searched"}
  - {item: "2a", section: Results, topic: "Findings", asks: "What was found"}
  - {item: "2b", section: Results, topic: "Harms", asks: "What harm was done"}
"""
BOUND = """short:
  "1": sec-search
  "2a": {place: [tbl-a, fig-b], note: "Both of them"}
  "2b": {not_done: "Harms were not looked for at all"}
"""


def lay(folder: Path, bound: str = BOUND, checklist: str = LIST) -> Path:
    """A review of two documents with one checklist."""
    (folder / "manuscript/reporting").mkdir(parents=True)
    (folder / "manuscript/reporting/short.yaml").write_text(checklist, encoding="utf-8")
    (folder / "manuscript/reporting.yaml").write_text(bound, encoding="utf-8")
    (folder / "manuscript/main.qmd").write_text(
        "# Search {#sec-search}\n\n| a |\n|---|\n| b |\n\n: Words. {#tbl-a}\n\n{{< include _built/figures/b.md >}}\n",
        encoding="utf-8",
    )
    (folder / "manuscript/more.qmd").write_text("# Search {#sec-s-search}\n\nText.\n", encoding="utf-8")
    return folder


def load(folder: Path) -> binding.Binding:
    # the repository's own lists are left out: the folder stands for it as well
    return binding.load(folder, lists.load(folder, folder), labels.read(folder, DOCUMENTS))


def test_the_lists_are_complete() -> None:
    found = lists.load(ROOT, ROOT)
    count = {code: len(checklist.items) for code, checklist in found.items()}
    assert count == {"prisma_2020": 42, "prisma_abstracts": 12, "prisma_lsr": 20, "prisma_s": 16, "swim": 10}

    def numbers(code: str) -> list[int]:
        return sorted({int(n.group()) for i in found[code].items if (n := re.match(r"\d+", i.item))})

    assert numbers("prisma_2020") == list(range(1, 28))
    assert numbers("prisma_abstracts") == list(range(1, 13))
    assert numbers("prisma_s") == list(range(1, 17))
    assert numbers("swim") == list(range(1, 10))
    assert {i.item[:2] for i in found["prisma_lsr"].items if i.item.startswith("L")} == {
        "L1",
        "L2",
        "L3",
        "L4",
    }
    assert {c.doi for c in found.values()} == {
        "10.1136/bmj.n71",
        "10.1136/bmj-2024-079183",
        "10.1186/s13643-020-01542-z",
        "10.1136/bmj.l6890",
    }


@pytest.mark.parametrize("review", REVIEWS, ids=["real", "synthetic", "new"])
def test_every_item_of_each_review_has_its_answer(review: Path) -> None:
    checklists = lists.load(review, ROOT)
    bound = binding.load(review, checklists, labels.read(review, labels.listed(review)))
    assert set(bound.answers) | set(bound.not_used) == set(checklists)
    for code, answers in bound.answers.items():
        assert set(answers) == {i.item for i in checklists[code].items}
    supplement = (review / "manuscript/supplement.qmd").read_text(encoding="utf-8")
    printed = set(re.findall(r"_built/reporting/(\w+)\.md", supplement))
    assert printed - {"origins"} == set(bound.answers)


def test_places_reasons_and_notes_are_read(tmp_path: Path) -> None:
    answers = load(lay(tmp_path)).answers["short"]
    assert answers["1"].places == ("sec-search",)
    assert answers["2a"].places == ("tbl-a", "fig-b") and answers["2a"].note == "Both of them"
    assert answers["2b"].not_done and not answers["2b"].places


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('  "1": sec-search\n', "", 1, "item 1 of Short list (Search) has no place"),
        ("sec-search", "sec-serach", 2, "no document has this place"),
        ("sec-search", "sec-s-search/x", 2, "no document has this place"),
        ('"2b": {', '"2c": {', 4, "no such item of Short list"),
        ('"Harms were not looked for at all"', '"no"', 4, "the reason says too little"),
        ('{not_done: "Harms were not looked for at all"}', "{}", 4, "needs exactly one answer, and has 0"),
        ("{not_done:", "{place: sec-search, not_done:", 4, "needs exactly one answer, and has 2"),
        ("note:", "nota:", 3, "no such key"),
        ("short:", "shart:", 1, "no such checklist"),
        ("short:", 'not_used: {short: "it does not suit this"}\nshort:', 1, "has places and stands under"),
    ],
)
def test_what_is_amiss_is_told_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in BOUND
    folder = lay(tmp_path, BOUND.replace(old, new, 1))
    with pytest.raises(ReviewError) as caught:
        load(folder)
    told = [p for p in caught.value.problems if message in p.message]
    assert told and (told[0].file, told[0].row) == ("manuscript/reporting.yaml", line)


def test_the_nearest_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="did you mean `sec-search`"):
        load(lay(tmp_path, BOUND.replace("sec-search", "sec-serach")))


def test_a_checklist_without_answers_and_one_not_used(tmp_path: Path) -> None:
    folder = lay(tmp_path, "not_used: {}\n")
    with pytest.raises(ReviewError, match="Short list \\(`short`\\) has no places here"):
        load(folder)
    (folder / binding.FILE).write_text('not_used: {short: "it does not suit this"}\n', encoding="utf-8")
    assert load(folder).not_used == {"short": "it does not suit this"}


def test_a_label_of_two_documents_must_say_which(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    (folder / "manuscript/more.qmd").write_text("# Search {#sec-search}\n", encoding="utf-8")
    with pytest.raises(ReviewError, match="main/sec-search, more/sec-search"):
        load(folder)
    (folder / binding.FILE).write_text(BOUND.replace("sec-search", "more/sec-search"), encoding="utf-8")
    assert load(folder).answers["short"]["1"].places == ("more/sec-search",)


def test_a_table_that_is_not_built_yet_may_bring_its_label(tmp_path: Path) -> None:
    folder = lay(tmp_path, BOUND.replace("fig-b", "tbl-groups"))
    assert load(folder)
    (folder / "manuscript/_built/figures").mkdir(parents=True)
    (folder / "manuscript/_built/figures/b.md").write_text("Nothing.\n", encoding="utf-8")
    with pytest.raises(ReviewError, match="no document has this place"):
        load(folder)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("topic:", "tpic:", 5, "unknown key `tpic`"),
        ('item: "2b"', 'item: "2a"', 7, "the item stands twice"),
        ("doi: 10.1/x\n", "", 1, "`doi` is missing"),
        ("items:", "item:", 4, "unknown key `item`"),
    ],
)
def test_a_list_is_checked_as_well(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    folder = lay(tmp_path, checklist=LIST.replace(old, new, 1))
    with pytest.raises(ReviewError) as caught:
        lists.load(folder, folder)
    told = [p for p in caught.value.problems if message in p.message]
    assert told and (told[0].file, told[0].row) == ("manuscript/reporting/short.yaml", line)


TEXT = """# Abstract {.unnumbered}

The beginning of it all.

# First part {#sec-one}

Words.

{{< pagebreak >}}

## Second part & more {#sec-two}

Table 1 and Figure 1 are mentioned here, see @tbl-x and @fig-x.

{{< pagebreak >}}

| a | b |
|---|--:|
| 1 | 2 |

: A caption with ﬁne words and {{< var a.n >}} numbers. {#tbl-x}

{{< pagebreak >}}

![Another caption, of a picture.](_built/figures/x.svg){#fig-x fig-alt="Words"}

# Last part {.unnumbered #sec-last}

Words.
"""


@pytest.fixture(params=["builtin", pytest.param("quarto", marks=pytest.mark.quarto)])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    from livingreview.publish.engine import quarto_path

    if request.param == "quarto" and not quarto_path():
        pytest.skip("no Quarto that runs was found")
    monkeypatch.setenv("LIVINGREVIEW_ENGINE", request.param)
    return str(request.param)


def test_numbers_titles_and_pages_come_from_the_rendered_document(tmp_path: Path, engine: str) -> None:
    review = make(tmp_path, TEXT)
    record = render.run("manuscript", review, ROOT, tmp_path / "build/documents/manuscript.json")
    found = places.read(review / record["formats"]["html"]["path"], review / record["formats"]["pdf"]["path"])
    assert found["title"]["page"] == 1 and found["abstract"]["page"] == 1
    assert found["sec-one"] == {"number": "1", "title": "First part", "page": 1}
    assert found["sec-two"] == {"number": "1.1", "title": "Second part & more", "page": 2}
    assert found["tbl-x"] == {"number": "1", "title": None, "page": 3}
    assert found["fig-x"]["number"] == "1" and found["fig-x"]["page"] in (3, 4)
    assert (found["sec-last"]["number"], found["sec-last"]["title"]) == (None, "Last part")


def test_sections_around_headings_and_bookmarks_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVINGREVIEW_ENGINE", "builtin")
    review = make(tmp_path, TEXT)
    render.run("manuscript", review, ROOT, tmp_path / "build/documents/manuscript.json")
    html, pdf = (review / f"manuscript/_output/manuscript.{kind}" for kind in ("html", "pdf"))
    found = places.read(html, pdf)
    # Quarto puts the anchor on the section; a PDF without named destinations still has bookmarks
    around = re.sub(
        r'<h(\d)( class="[^"]*")? id="(item-sec-\w+)"',
        r'<section id="\3"></section><section id="\3"><h\1\2',
        html.read_text(encoding="utf-8"),
    )
    around = re.sub(r'<section id="item-sec-\w+"></section>', "", around)
    assert around.count('<section id="item-sec') == 3
    html.write_text(around, encoding="utf-8")
    monkeypatch.setattr(places._Pages, "destination", lambda self, name: None)
    assert places.read(html, pdf) == found


def test_places_in_words() -> None:
    assert tables.described("sec-a", {"number": "2.1", "title": "Search", "page": 3}) == (
        "Section\u00a02.1, Search, p.\u00a03"
    )
    assert tables.described("tbl-a", {"number": "S4", "title": None, "page": None}) == "Table\u00a0S4"
    assert tables.described("title", {"number": None, "title": "Title", "page": 1}) == "Title, p.\u00a01"


def test_the_gate_fills_the_lists_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVINGREVIEW_ENGINE", "builtin")
    review = make(tmp_path, TEXT)
    protocol = review / "review.yaml"
    protocol.write_text(
        "documents:\n  - {name: manuscript, source: manuscript/manuscript.qmd}\n"
        "  - {name: more, source: manuscript/more.qmd, label_prefix: S}\n",
        encoding="utf-8",
    )
    (review / "manuscript/more.qmd").write_text(
        "# Here {#sec-here}\n\n{{< include _built/reporting/short.md >}}\n", encoding="utf-8"
    )
    (review / "manuscript/reporting").mkdir()
    (review / "manuscript/reporting/short.yaml").write_text(LIST, encoding="utf-8")
    answers = '  "1": [title, sec-two]\n  "2a": {place: [sec-here, fig-x], note: "As said"}\n'
    last = '  "2b": {not_applicable: "No harm | can be done"}\n'
    (review / binding.FILE).write_text(f"short:\n{answers}{last}", encoding="utf-8")
    render.run("manuscript", review, ROOT, review / "build/documents/manuscript.json")
    canonical.write_json(review / step.CLAIMS, {})
    stale = review / step.FOLDER / "gone.md"
    canonical.write_text(stale, "old")
    written = step.run(review, review, review / "build/places")
    assert not stale.exists() and all(p.is_file() for p in written)
    table = (review / step.FOLDER / "short.md").read_text(encoding="utf-8")
    assert "Title, p.\u00a01; Section\u00a01\\.1, Second part \\& more, p.\u00a02" in table.replace(
        "1.1", "1\\.1"
    )
    assert (
        "@sec-here`, p.~#context counter(page).at(<item-sec-here>).first()`{=typst}; Figure\u00a01, p."
        in table
    )
    assert "Not applicable: No harm \\| can be done" in table and "{#tbl-checklist-short}" in table
    before = {p: p.read_bytes() for p in written}
    assert {p: p.read_bytes() for p in step.run(review, review, review / "build/places")} == before
    # the supplement prints it, with its own page in the PDF
    render.run("more", review, ROOT, review / "build/documents/more.json")
    assert "Section S1" in (review / "manuscript/_output/more.html").read_text(encoding="utf-8").replace(
        "\u00a0", " "
    )
    # a place that is in the source but not in what was rendered
    source = review / "manuscript/manuscript.qmd"
    source.write_text(source.read_text(encoding="utf-8") + "\n# New {#sec-new}\n", encoding="utf-8")
    (review / binding.FILE).write_text(
        f"short:\n{answers.replace('sec-two', 'sec-new')}{last}", encoding="utf-8"
    )
    with pytest.raises(ReviewError, match="no rendered document has this place"):
        step.run(review, review, review / "build/places")
