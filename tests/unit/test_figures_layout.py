"""Every figure, at every size: exact width, nothing outside or on top of each other, text printed as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import figure_cases as cases
import pytest

from livingreview.figures import appraisal, flow, forest, responses, style, timeline

STYLE = Path(__file__).parents[2] / "figures" / "style.mplstyle"
ORDER = ["two", "warmth", "none", "still"]
PREVIOUS = {"label": "Earlier version $x$", "year": 2025}

DRAWN: dict[str, Callable[[], Any]] = {
    **{
        f"forest {k}": (lambda k=k: forest.draw(cases.result(k), cases.NAMES)) for k in (0, 1, 2, 12, 60, 300)
    },
    "forest without names": lambda: forest.draw(cases.result(5)),
    "responses": lambda: responses.draw(cases.results(), ORDER, cases.NAMES),
    "responses of nothing": lambda: responses.draw({"therapies": {}}),
    **{f"appraisal {k}": (lambda k=k: appraisal.draw(cases.appraisal(k))) for k in (0, 1, 19, 45, 400)},
    **{
        f"timeline {k}": (lambda k=k: timeline.draw(cases.characteristics(k), PREVIOUS))
        for k in (0, 1, 19, 60)
    },
    "timeline of points": lambda: timeline.draw(cases.characteristics(300, 6)),
    "timeline of counts": lambda: timeline.draw(cases.characteristics(1500, 8)),
    "timeline without years": lambda: timeline.draw(cases.characteristics(12, dated=False), PREVIOUS),
    "flow": lambda: flow.draw(cases.flow()),
    "flow without reasons": lambda: flow.draw(cases.flow(0)),
    "flow with many reasons": lambda: flow.draw(cases.flow(60)),
}


@pytest.fixture(autouse=True)
def _styled() -> Iterator[None]:
    with style.load(STYLE):
        yield


@pytest.mark.parametrize("case", DRAWN)
def test_figure_is_174_mm_wide_and_no_text_is_cut_or_covered(case: str) -> None:
    fig = DRAWN[case]()
    wide, high = (side * 25.4 for side in fig.get_size_inches())
    assert wide == pytest.approx(174, abs=1e-9)
    assert 10 < high < 330
    assert cases.faults(fig) == []


@pytest.mark.parametrize(
    "case", ["forest 60", "forest 300", "appraisal 19", "timeline 60", "responses", "flow with many reasons"]
)
def test_figure_fits_on_a_page(case: str) -> None:
    assert DRAWN[case]().get_size_inches()[1] * 25.4 <= 262


@pytest.mark.parametrize("case", DRAWN)
def test_letters_are_at_least_8_points_and_lines_are_not_hairlines(case: str) -> None:
    from matplotlib.artist import Artist
    from matplotlib.text import Text

    fig = DRAWN[case]()
    sizes = {t.get_fontsize() for t in fig.findobj(Text) if t.get_text()}
    assert min(sizes, default=8) >= 8
    assert max(sizes, default=9.5) <= 9.5

    def drawn(artist: Artist) -> bool:
        return hasattr(artist, "get_linewidth")

    widths = [a.get_linewidth() for a in fig.findobj(drawn) if a is not fig.patch]
    assert all(w == 0 or w >= 0.3 for w in widths)


def test_hostile_labels_are_printed_as_they_are() -> None:
    shown = " ".join(text for text, _ in cases.texts(forest.draw(cases.result(12), cases.NAMES)))
    for label in ("$x^2$ _a_ {b} 2010", "<script>alert(1)</script> 1999", r"\textbf{x} % #1 ^ ~ & 2004"):
        assert label in shown
    assert "tab and line break right to left 2021" in shown


def test_studies_without_a_result_stay_in_the_forest() -> None:
    shown = [text for text, _ in cases.texts(forest.draw(cases.result(12), cases.NAMES))]
    assert "Response not reported" in shown
    assert "not reported (n = 1234)" in shown
    assert "Crude total (not a model)" in shown


def test_a_therapy_without_studies_says_no_data() -> None:
    shown = [text for text, _ in cases.texts(forest.draw(cases.result(0), cases.NAMES))]
    assert shown[0] == "No data"
    assert "No data" not in [text for text, _ in cases.texts(forest.draw(cases.result(1), cases.NAMES))]


def test_a_large_forest_says_what_it_leaves_out() -> None:
    shown = [text for text, _ in cases.texts(forest.draw(cases.result(300), cases.NAMES))]
    left_out = [int(t.split()[1]) for t in shown if t.startswith("and ")]
    drawn = sum(t.startswith("Author") or t in cases.HOSTILE for t in shown)
    assert sum(left_out) > 200
    assert drawn < 61


def test_therapies_stand_in_the_order_asked_for() -> None:
    shown = [text for text, _ in cases.texts(responses.draw(cases.results(), ORDER, cases.NAMES))]
    names = ["Warmth of the limb (2 studies)", "Warmth of the limb (20 studies)", "Nothing <b> $x$"]
    places = [shown.index(name) for name in names]
    assert places == sorted(places)


def test_minima_are_marked() -> None:
    shown = [text for text, _ in cases.texts(responses.draw(cases.results(), ORDER, cases.NAMES))]
    assert any(text.startswith("≥") for text in shown)


def test_the_flow_prints_sums_and_leaves_out_empty_boxes() -> None:
    data = cases.flow(60)
    data["boxes"]["ongoing"] = 0
    shown = " ".join(text for text, _ in cases.texts(flow.draw(data))).replace("\u00a0", " ")
    assert "(n = 12,345)" in shown
    assert "50 rarer reasons (n = 150)" in shown
    assert "Ongoing" not in shown
    assert "Stream one (n = 12,000)" in shown


def test_codes_of_streams_are_not_printed_where_names_are_missing() -> None:
    data = cases.flow()
    del data["streams"]
    shown = [text.replace("\u00a0", " ") for text, _ in cases.texts(flow.draw(data))]
    assert not any("12,000" in text for text in shown)


def test_undated_studies_stand_in_a_column_of_their_own() -> None:
    fig = timeline.draw(cases.characteristics(19), PREVIOUS)
    shown = dict(cases.texts(fig))
    assert shown["n.d. (no year shown)"][0] > 120
    assert "previous version (Earlier version $x$)" in shown


def test_a_missing_judgement_counts_as_unclear() -> None:
    facts = appraisal.caption_facts(cases.appraisal(19))
    assert facts["judgements"]["unclear"] >= 19  # item 4 has no judgement anywhere


def test_alternative_texts_tell_the_numbers() -> None:
    assert "no data" in forest.alt_text(cases.result(0), cases.NAMES)
    assert "1 study included: Silent n.d." in forest.alt_text(cases.result(1), cases.NAMES)
    told = forest.alt_text(cases.result(12), cases.NAMES)
    assert "Patients, judged on: nodule" in told
    assert "Response not reported: Silent n.d." in told
    assert "Nothing <b> $x$: no data." in responses.alt_text(cases.results(), ORDER, cases.NAMES)
    assert "Ongoing: 3." in flow.alt_text(cases.flow())
    assert "19 studies" in timeline.alt_text(cases.characteristics(19), PREVIOUS)
    assert (
        "A dashed line marks the previous version (Earlier version $x$), published 2025."
        in timeline.alt_text(cases.characteristics(19), PREVIOUS)
    )
    assert "no score is summed" in appraisal.alt_text(cases.appraisal(19))


def test_the_slice_itself_may_name_the_previous_version() -> None:
    data = cases.characteristics(19)
    assert timeline.alt_text({**data, "previous_version": PREVIOUS}) == timeline.alt_text(data, PREVIOUS)
    assert timeline.alt_text({**data, "previous_version": {"label": "x"}}) == timeline.alt_text(data)


def test_the_check_for_covered_and_cut_text_finds_them() -> None:
    from livingreview.figures.sheet import Sheet

    sheet = Sheet(174, 20)
    sheet.text(5, 10, "one text")
    sheet.text(8, 10.5, "another text")
    sheet.text(170, 5, "this one leaves the sheet")
    assert len(cases.faults(sheet.figure)) == 2
