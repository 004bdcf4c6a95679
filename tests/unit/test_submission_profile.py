"""Journal profiles: the five that there are, and that every mistake in one is told with its line, all at once."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from livingreview.errors import Problem, ReviewError
from livingreview.submission import profile
from livingreview.submission.profile_model import STATEMENTS, Bullets, Counts, Dpi, Profile, Rule, Source

ROOT = Path(__file__).parents[2]
SHIPPED = ["adr", "bmj", "generic", "jaad", "plosone"]
TEXT = (ROOT / "manuscript/journals/adr.yaml").read_text(encoding="utf-8")
SMALL = """\
name: small
title: A Small Journal
checked: 2026-11-22
sources:
  guide: {title: Guide, url: "https://example.org/guide", seen: 2026-11-22}
  unread: {title: Other guide, url: "https://example.org/other"}
"""


@pytest.fixture
def review(tmp_path: Path) -> Path:
    (tmp_path / profile.FOLDER).mkdir(parents=True)
    return tmp_path


def write(review: Path, text: str, name: str = "small") -> None:
    (review / profile.FOLDER / f"{name}.yaml").write_text(text, encoding="utf-8")


def problems(review: Path, text: str, name: str = "small") -> list[Problem]:
    write(review, text, name)
    with pytest.raises(ReviewError) as caught:
        profile.load(name, review, ROOT)
    return caught.value.problems


def only(review: Path, text: str) -> Problem:
    found = problems(review, SMALL + text)
    assert len(found) == 1, [str(problem) for problem in found]
    return found[0]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_profile(name: str) -> None:
    loaded = profile.load(name, ROOT, ROOT)
    assert loaded.name == name
    rules = list(loaded.rules())
    assert len(rules) > 30
    assert all(rule.source in loaded.sources for _, rule in rules if rule.verified)
    assert loaded.figures.formats is not None
    # every rule that names no source, or is not verified, can say why; a verified one need not
    assert name == "generic" or all(rule.source or rule.note for _, rule in rules)


def test_names() -> None:
    assert profile.names(ROOT, ROOT) == SHIPPED


def test_values_are_typed() -> None:
    adr = profile.load("adr", ROOT, ROOT)
    assert adr.checked == dt.date(2026, 11, 22)
    assert adr.manuscript.line_spacing == Rule(
        value=2.0, note="Asked for by no source that was read; usual for review."
    )
    assert adr.figures.width_mm is not None and adr.figures.width_mm.value == (39, 84, 129, 174)
    assert adr.figures.dpi is not None and adr.figures.dpi.value.combination == 600
    assert adr.abstract.words is not None and adr.abstract.words.value.max == 250
    assert adr.abstract.words.source == "publisher_text" and not adr.abstract.words.verified
    assert adr.files.names is None and adr.text.words is None  # not given: no such rule
    assert [rule.value for rule in adr.checklists] == ["prisma_2020", "prisma_lsr"]


def test_no_limit_by_the_source_is_a_rule() -> None:
    plos = profile.load("plosone", ROOT, ROOT)
    assert plos.figures.max is not None and plos.figures.max.value is None and plos.figures.max.verified
    assert plos.text.words is not None and plos.text.words.value.max is None


def test_rules_have_places_in_the_order_of_the_schema() -> None:
    places = [place for place, _ in profile.load("plosone", ROOT, ROOT).rules()]
    assert places[:3] == [("language",), ("blinding",), ("manuscript", "formats")]
    assert ("figures", "dpi") in places and ("statements", 0) in places


def test_the_review_goes_before_the_repository(review: Path) -> None:
    write(review, "name: adr\ntitle: Ours\n", "adr")
    write(review, SMALL)
    assert profile.load("adr", review, ROOT).title == "Ours"
    assert profile.file("bmj", review, ROOT) == ROOT / "manuscript/journals/bmj.yaml"
    assert profile.names(review, ROOT) == sorted([*SHIPPED, "small"])
    assert not list(profile.load("small", review, ROOT).rules())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ADR", "`adr`"),
        ("plos-one", "`plosone`"),
        ("PLoS ONE", "`plosone`"),
        ("archives of dermatology research", "`adr`"),
    ],
)
def test_unknown_journal(typed: str, meant: str) -> None:
    with pytest.raises(ReviewError) as caught:
        profile.load(typed, ROOT, ROOT)
    [problem] = caught.value.problems
    assert meant in problem.suggestion
    assert problem.allowed == ", ".join(SHIPPED)


@pytest.mark.parametrize("typed", ["../reporting/swim", "/etc/passwd", "", "nothing like it"])
def test_names_are_never_paths(typed: str) -> None:
    with pytest.raises(ReviewError, match="no journal profile"):
        profile.load(typed, ROOT, ROOT)


@pytest.mark.parametrize(
    ("old", "new", "place", "meant"),
    [
        ("blinding:", "blindnig:", "blindnig", "blinding"),
        ("  line_spacing:", "  line_spaceing:", "manuscript.line_spaceing", "line_spacing"),
        ("{min: 150, max: 250}", "{min: 150, mx: 250}", "abstract.words.value.mx", "max"),
        (
            "font_size: {value: 12, source:",
            "font_size: {value: 12, sorce:",
            "manuscript.font_size.sorce",
            "source",
        ),
        ("combination: 600", "combinaton: 600", "figures.dpi.value.combinaton", "combination"),
        ("- {value: ethics, source:", "- {value: ethics, soruce:", "statements[6].soruce", "source"),
        ("    url: https://link", "    ulr: https://link", "sources.guide.ulr", "url"),
    ],
)
def test_unknown_key(review: Path, old: str, new: str, place: str, meant: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    found = [p for p in problems(review, text, "adr") if p.message.startswith("unknown key")]
    assert [(p.file, p.row, p.column) for p in found] == [
        ("manuscript/journals/adr.yaml", line_of(text, new), place)
    ]
    assert f"`{meant}`" in found[0].suggestion


@pytest.mark.parametrize(
    ("text", "row", "place", "said"),
    [
        ("manuscript: {font_size: large}", 7, "manuscript.font_size", "not a number"),
        ("manuscript:\n  font_size: -1", 8, "manuscript.font_size", "must be above 0"),
        ("manuscript:\n  line_spacing: nan", 8, "manuscript.line_spacing", "finite number"),
        (
            "manuscript:\n  line_numbers: each_page",
            8,
            "manuscript.line_numbers",
            "not one of the allowed words",
        ),
        ("manuscript:\n  formats: [docx, odt]", 8, "manuscript.formats[2]", "not one of the allowed words"),
        ("manuscript:\n  formats: []", 8, "manuscript.formats", "must not be empty"),
        ("manuscript:\n  page_numbers: perhaps", 8, "manuscript.page_numbers", "neither true nor false"),
        (
            "manuscript:\n  font_size: {source: guide}",
            8,
            "manuscript.font_size.value",
            "the key `value` is missing",
        ),
        ("manuscript: 12", 7, "manuscript", "allowed: formats, font_size, line_spacing"),
        ("manuscript:\n  formats: docx", 8, "manuscript.formats", "not a list"),
        ("figures:\n  dpi: 300", 8, "figures.dpi", "allowed: line, combination, halftone, max"),
        ("statements: funding", 7, "statements", "not a list"),
        ("publisher: [P]", 7, "publisher", "a text is expected here"),
        ("manuscript:\n  heading_depth: 9", 8, "manuscript.heading_depth", "must not be more than 6"),
        ("keywords: {min: 7, max: 6}", 7, "keywords", "`min` (7) is more than `max` (6)"),
        (
            "abstract:\n  words: {value: {min: 300, max: 250}}",
            8,
            "abstract.words.value",
            "is more than `max` (250)",
        ),
        ("keywords: {min: 2.5}", 7, "keywords.min", "not a number"),
        ("language: english", 7, "language", "a language is written"),
        ("issn: 1432069X", 7, "issn", "an ISSN is written"),
        ("issn: 1432-0690", 7, "issn", "the check digit of this ISSN is wrong"),
        ("statements: [funding, ethic]", 7, "statements[2]", "did you mean `ethics`"),
        ("statements: [funding, funding]", 7, "statements[2]", "stands twice"),
        ("checklists: [prisma_2200]", 7, "checklists[1]", "there is no checklist `prisma_2200`"),
        ("references: {style: springer-basic-bracket}", 7, "references.style", "there is no citation style"),
        ("files: {names: '[a-z'}", 7, "files.names", "not a regular expression"),
        ("figures: {formats: [tiff], name: Figure}", 7, "figures.name", "the number of the figure, {n}"),
        ("figures: {formats: [tiff], name: '../Fig{n}'}", 7, "figures.name", "the number of the figure, {n}"),
        (
            "figures: {formats: [svg, jpeg]}",
            7,
            "figures.formats",
            "none of these formats can be made: svg, jpeg",
        ),
        ("figures: {width_mm: [84, 84]}", 7, "figures.width_mm", "stands twice"),
        ("keywords: {value: {max: 6}, source: giude}", 7, "keywords.source", "there is no source `giude`"),
        ("keywords: {value: {max: 6}, verified: true}", 7, "keywords.verified", "a rule without a source"),
        (
            "keywords: {value: {max: 6}, source: unread, verified: true}",
            7,
            "keywords.verified",
            "which nobody has seen",
        ),
        ("keywords: {max: 6}\nkeywords: {max: 5}", 8, "", "stands twice"),
    ],
)
def test_mistake(review: Path, text: str, row: int, place: str, said: str) -> None:
    problem = only(review, text)
    assert (problem.row, problem.column) == (row, place)
    assert said in str(problem)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("manuscript: {figures: left_out}", "manuscript.figures", "no format of their files"),
        ("figures: {dpi: {line: 1200}}", "figures.dpi", "no format of them is given"),
        ("figures: {formats: [eps], compression: lzw}", "figures.compression", "only TIFF"),
        ("figures: {formats: [png], colour: cmyk}", "figures.colour", "PNG"),
        ("figures: {formats: [jpeg, eps], alpha: true}", "figures.alpha", "transparent"),
        (
            "figures: {formats: [tiff], dpi: {line: 1200, max: 600}}",
            "figures.dpi.line",
            "more than the `max` of 600",
        ),
        ("figures: {width_mm: [84, 200], width_range_mm: {max: 190}}", "figures.width_mm", "the width 200"),
        ("figures: {font_pt: {min: 12, max: 8}}", "figures.font_pt", "`min` (12)"),
        (
            "figures: {formats: [tiff], max_megabytes: 20}\nfiles: {max_megabytes: 10}",
            "figures.max_megabytes",
            "20 MB",
        ),
        (
            "files: {max_megabytes: 10, total_megabytes: 5}",
            "files.max_megabytes",
            "`files.total_megabytes` (5)",
        ),
        (
            "figures: {formats: [tiff], name: 'Fig{n}'}\nfiles: {names: '[a-z0-9.]+'}",
            "figures.name",
            "Fig1.tif",
        ),
        ("abstract: {structured: false, headings: [Methods]}", "abstract.headings", "not structured"),
        (
            "blinding: double\nmanuscript: {title_page: first}",
            "manuscript.title_page",
            "cannot be the first page",
        ),
        ("manuscript: {title_page: separate}\nitems: {title_page: false}", "items.title_page", "not here"),
        (
            "abstract: {words: {min: 300}}\ntext: {words: {max: 250}, counts: {abstract: true}}",
            "text.words",
            "300",
        ),
    ],
)
def test_contradiction(review: Path, text: str, place: str, said: str) -> None:
    problem = only(review, text)
    assert problem.column == place
    assert said in str(problem)


def test_days_of_sources(review: Path) -> None:
    never = problems(review, SMALL.replace("checked: 2026-11-22", "checked: null"))
    assert [p.column for p in never] == ["sources.guide.seen"]
    earlier = problems(review, SMALL.replace("checked: 2026-11-22", "checked: 2026-11-21"))
    assert "last checked on 2026-11-21" in earlier[0].message


def test_name_and_file(review: Path) -> None:
    [problem] = problems(review, SMALL, "smaller")
    assert (problem.row, problem.column) == (1, "name")
    assert "smaller.yaml" in problem.message
    assert [p.message for p in problems(review, "publisher: P\n")] == [
        "the key `name` is missing",
        "the key `title` is missing",
    ]


@pytest.mark.parametrize("text", ["", "- a\n", "name: [\n", "just words\n"])
def test_not_a_profile(review: Path, text: str) -> None:
    assert len(problems(review, text)) == 1


def test_everything_at_once(review: Path) -> None:
    text = SMALL + (
        "blindin: single\n"
        "manuscript: {font_size: big, figures: left_out}\n"
        "abstract: {words: {min: 300, max: 250}}\n"
        "keywords: {value: {max: 6}, source: gide, verified: true}\n"
        "statements: [fundings]\n"
        "files: {max_megabytes: 10, total_megabytes: 5}\n"
    )
    assert [(p.row, p.column) for p in problems(review, text)] == [
        (7, "blindin"),
        (8, "manuscript.figures"),
        (8, "manuscript.font_size"),
        (9, "abstract.words"),
        (10, "keywords.source"),
        (11, "statements[1]"),
        (12, "files.max_megabytes"),
    ]


def test_a_fault_is_told_once_and_hides_none(review: Path) -> None:
    text = SMALL.replace("checked:", "checkd:") + (
        "manuscript: {font_size: {value: twelve, source: gide}}\n"
        "abstract: {words: {value: {min: 300, max: 250}, source: guide}}\n"
        "keywords: {value: many, source: unread, verified: true}\n"
    )
    assert [(p.row, p.column, p.message) for p in problems(review, text)] == [
        (3, "checkd", "unknown key `checkd`"),
        (7, "manuscript.font_size.source", "there is no source `gide` in `sources`"),
        (7, "manuscript.font_size.value", "not a number"),
        (8, "abstract.words.value", "`min` (300) is more than `max` (250)"),
        (9, "keywords.value", "lines of `key: value` are expected here"),
        (
            9,
            "keywords.verified",
            "a rule cannot be verified by the source `unread`, which nobody has seen (`seen` is empty)",
        ),
    ]


def test_what_could_not_be_read_is_not_taken_for_missing(review: Path) -> None:
    assert [
        (p.row, p.column)
        for p in problems(
            review,
            SMALL
            + (
                "manuscript: {figures: left_out}\n"
                "figures: {formats: [tif], dpi: {line: 300}}\n"
                "abstract: {words: {value: {max: none}, source: guide}}\n"
            ),
        )
    ] == [(8, "figures.formats[1]"), (9, "abstract.words.value.max")]
    no_source = (
        SMALL.replace("title: Guide, url", "titel: Guide, url")
        + "keywords: {value: {max: 6}, source: guide}\n"
    )
    assert {p.column for p in problems(review, no_source)} == {"sources.guide.titel", "sources.guide.title"}


def test_checks_behind_other_checks_are_made_too(review: Path) -> None:
    found = problems(review, SMALL + "keywords: {mn: 1, min: 5, max: 3}\n")
    assert [p.column for p in found] == ["keywords", "keywords.mn"]


LINES = [
    line
    for name in SHIPPED
    for line in (ROOT / f"manuscript/journals/{name}.yaml").read_text("utf-8").splitlines()
]
WRONG = [
    "",
    "null",
    "x",
    "-1",
    "[]",
    "{}",
    "[1, {a: b}]",
    "{value: }",
    "{value: {value: 1}}",
    "nan",
    "{min: 3, max: 1}",
]


@settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_mistake_is_a_crash(review: Path, data: st.DataObject) -> None:
    lines = TEXT.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        key = lines[number].partition(":")[0]
        lines[number] = data.draw(st.sampled_from([*(f"{key}: {value}" for value in WRONG), *LINES[:120]]))
    write(review, "\n".join(lines), "adr")
    try:
        profile.load("adr", review, ROOT)
    except ReviewError as error:
        assert all(p.file == "manuscript/journals/adr.yaml" and p.message for p in error.problems)


def test_the_guide_names_every_key_and_its_example_is_a_profile(review: Path) -> None:
    guide = (ROOT / "docs/journals.md").read_text(encoding="utf-8")
    example = guide.split("```yaml\n")[1].split("```")[0]
    write(review, example, "skin_letters")
    loaded = profile.load("skin_letters", review, ROOT)
    assert loaded.figures.width_mm is not None and loaded.figures.width_mm.verified
    words = set(re.findall(r"`([a-z_]+)`", guide))
    models = [Profile, *(type(getattr(loaded, name)) for name in Profile.model_fields)]
    keys = {key for model in models if issubclass(model, BaseModel) for key in model.model_fields}
    keys |= {
        *Rule.model_fields,
        *Source.model_fields,
        *Dpi.model_fields,
        *Counts.model_fields,
        *Bullets.model_fields,
    }
    assert keys | set(STATEMENTS) <= words, sorted((keys | set(STATEMENTS)) - words)
