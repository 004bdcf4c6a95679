"""From the rules of a journal to the figure files that are made for it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from livingreview.submission import figure_files
from livingreview.submission.figure_content import Drawing
from livingreview.submission.figure_files import USUAL_DPI, Wanted, checked, chosen_width
from livingreview.submission.figure_wishes import wanted
from livingreview.submission.profile import load
from livingreview.submission.profile_model import Profile

ROOT = Path(__file__).parents[2]
JOURNALS = sorted(p.stem for p in (ROOT / "manuscript/journals").glob("*.yaml"))


def of(**figures: Any) -> Wanted:
    return wanted(Profile.model_validate({"name": "x", "title": "X", "figures": figures}))


def test_every_rule_for_files_is_taken_over() -> None:
    found = of(
        name="Figure_{n}",
        formats=["tiff", "pdf"],
        width_mm=[84, 174],
        max_height_mm={"value": 234, "note": "with a source or not"},
        dpi={"line": 1200, "halftone": 300, "max": 1000},
        colour="cmyk",
        compression="zip",
        line_width_pt=0.3,
        font_pt={"min": 8, "max": 12},
    )
    assert found == Wanted(
        "Figure_{n}", ("tiff", "pdf"), (84.0, 174.0), None, 234, {"line": 1200, "halftone": 300}, 1000, "cmyk",
        "zip", 8, 0.3,
    )  # fmt: skip
    assert (found.resolution("line"), found.resolution("combination")) == (1000, 1000)


def test_without_rules_there_are_no_limits() -> None:
    found = wanted(Profile.model_validate({"name": "x", "title": "X"}))
    assert found == Wanted()
    assert (found.formats, found.colour, found.compression) == (("tiff", "pdf"), "rgb", "lzw")
    assert found.resolution("line") == USUAL_DPI
    assert chosen_width(found, 120, 500, Drawing(smallest_font_pt=2)) == 120


@pytest.mark.parametrize(
    ("taken", "made"),
    [
        (["tiff", "pdf", "png", "jpeg"], ("tiff", "pdf")),
        (["png", "tiff"], ("png",)),
        (["jpeg", "png"], ("png",)),
        (["svg", "pdf", "jpeg"], ("svg", "pdf", "jpeg")),  # what is not made of its kind is told of
        (["jpeg"], ("jpeg",)),
    ],
)
def test_pixels_are_made_once(taken: list[str], made: tuple[str, ...]) -> None:
    assert of(formats=taken).formats == made


def test_a_range_of_widths_may_be_open_at_an_end() -> None:
    assert of(width_range_mm={"min": 67, "max": 190.5}).width_range_mm == (67, 190.5)
    wide = of(width_range_mm={"min": 67})
    assert wide.width_range_mm == (67, math.inf)
    assert chosen_width(wide, 120, 40, Drawing()) == 120
    narrow = of(width_range_mm={"max": 100})
    assert chosen_width(narrow, 120, 40, Drawing()) == 100
    assert not checked(wide) and not checked(narrow)


@pytest.mark.parametrize("journal", JOURNALS)
def test_profiles_of_this_repository_can_be_followed_and_written_down(journal: str) -> None:
    found = wanted(load(journal, ROOT, ROOT))
    assert checked(found) == []
    assert set(found.formats) & set(figure_files.SUFFIXES)
    assert Wanted.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


def test_wishes_are_written_down_with_open_ends() -> None:
    found = of(width_range_mm={"min": 67}, dpi={"line": 600})
    assert Wanted.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found
    assert Wanted.from_json({}) == Wanted()
    with pytest.raises(TypeError):
        Wanted.from_json({"colours": "rgb"})
