"""Which parts of a package hang on which rules of a journal: a rule makes nothing anew that it does not touch."""

from __future__ import annotations

from pathlib import Path

import pytest

from livingreview.errors import ReviewError
from livingreview.submission import package_plan

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {"manuscript": "", "supplement": "S"}
TEXT = {"manuscript", "sources", "checklists"}


def plan(review: Path, stage: str = "initial", name: str = "generic") -> package_plan.Plan:
    return package_plan.load(name, stage, DOCUMENTS, review, ROOT)


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("{max: 300}", "{max: 30}", set()),
        ("keywords: {min: 3, max: 10}", "keywords: {min: 3, max: 9}", set()),
        ("editable: true", "editable: false", set()),
        ("line_spacing: 2", "line_spacing: 1.5", TEXT),
        ("line_numbers: continuous", "line_numbers: none", TEXT),
        ("font_size: 12", "font_size: 11", TEXT | {"supplement", "front"}),
        ("width_mm: [85, 175]", "width_mm: [85, 180]", {"figures"}),
        ("colour: rgb", "colour: grey", {"figures"}),
        # which of two widths is chosen hangs on the letters and lines; of one, nothing is to be chosen
        ("line_width_pt: 0.3", "line_width_pt: 0.25", {"figures"}),
        ("alpha: false", "alpha: true", set()),
        ("figures: end", "figures: captions", TEXT),
        ("value: nlm-citation-sequence", "value: bmj", TEXT | {"supplement"}),
        ("latex: true", "latex: false", {"sources"}),
        ("cover_letter: true", "cover_letter: false", {"front"}),
        ("checklists: [prisma_2020, prisma_lsr]", "checklists: [prisma_2020]", {"checklists", "supplement"}),
        ("tables: placed", "tables: separate", TEXT | {"tables"}),
    ],
)
def test_a_rule_changes_only_the_parts_that_follow_it(
    old: str, new: str, parts: set[str], tmp_path: Path
) -> None:
    given = (ROOT / "manuscript/journals/generic.yaml").read_text(encoding="utf-8")
    assert given.count(old) == 1, old
    before = plan(tmp_path).settings()
    folder = tmp_path / "manuscript/journals"
    folder.mkdir(parents=True)
    (folder / "generic.yaml").write_text(given.replace(old, new), encoding="utf-8")
    after = plan(tmp_path).settings()
    assert {part for part in before.keys() | after.keys() if before.get(part) != after.get(part)} == parts


@pytest.mark.parametrize("limit", ["line_width_pt: 0.3", "font_pt: {min: 6}", "max_height_mm: 230"])
@pytest.mark.parametrize(
    ("widths", "parts"),
    [
        ("width_mm: [85]", set()),
        ("width_mm: [85, 175]", {"figures"}),
        ("width_range_mm: {min: 80}", {"figures"}),
    ],
)
def test_a_limit_of_figures_makes_them_anew_only_where_it_chooses_their_width(
    limit: str, widths: str, parts: set[str], tmp_path: Path
) -> None:
    given = (ROOT / "manuscript/journals/generic.yaml").read_text(encoding="utf-8")
    folder = tmp_path / "manuscript/journals"
    folder.mkdir(parents=True)
    given = given.replace("width_mm: [85, 175]", widths)
    found = []
    for text in (given, given.replace(f"  {limit}\n", "")):
        (folder / "generic.yaml").write_text(text, encoding="utf-8")
        found.append(plan(tmp_path).settings())
    assert len(given.splitlines()) == len(text.splitlines()) + 1, limit
    assert {part for part in found[0] if found[0][part] != found[1][part]} == parts


def test_parts_of_each_profile(tmp_path: Path) -> None:
    always = ["manuscript", "figures", "supplement", "checklists", "front"]
    found = {name: list(plan(tmp_path, name=name).settings()) for name in ("adr", "jaad", "bmj", "plosone")}
    assert all(set(always) <= set(parts) <= {*always, "sources"} for parts in found.values())
    assert set(plan(tmp_path).settings()) == {*always, "sources", "blinding"}
    revised = plan(tmp_path, "revision")
    assert set(revised.settings()) == {*always, "sources", "blinding", "revision"}
    assert (revised.name, revised.blind) == ("generic-revision", True)
    assert set(revised.before("blinding")) == {*always, "sources", "revision"} - {"front"}


def test_what_is_asked_for_wrongly_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ReviewError) as caught:
        package_plan.load("jad", "revison", {"x": "S"}, tmp_path, ROOT)
    said = str(caught.value)
    for words in ("did you mean `revision`?", "there is no journal profile `jad`", "no main document"):
        assert words in said


def test_the_formats_of_figures_that_can_be_made_are_named_once() -> None:
    from livingreview.submission.figure_files import SUFFIXES
    from livingreview.submission.profile_model import MADE_FORMATS

    assert set(SUFFIXES) == set(MADE_FORMATS)
