"""Figures of declared analyses: pooled results and multiverse in the forest, cumulative estimates, funnels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import figure_analyses
import figure_cases as cases
import pytest

from livingreview.figures import cumulative, forest, small_study, style

STYLE = Path(__file__).parents[2] / "figures" / "style.mplstyle"
MODULES = {"forest": forest, "cumulative": cumulative, "small_study": small_study}
Shown = Callable[[Any], list[str]]


@pytest.fixture(autouse=True)
def _styled() -> Iterator[None]:
    with style.load(STYLE):
        yield


def given(k: int, **how: Any) -> dict[str, Any]:
    return figure_analyses.with_analyses(cases.result(k), **how)


def only(*studies: tuple[str, int, int], **how: Any) -> dict[str, Any]:
    """A therapy whose only data are these studies of patients' nodules."""
    rows = [cases.response(i, label, "patient", "nodule", x, n, n) for i, (label, x, n) in enumerate(studies)]
    for row in rows:
        row["used"] = True
    found = cases.result(0)
    found |= {"responses": rows, "studies": [{**r, "n_patients": r["treated"]} for r in rows]}
    return {**found, "analyses": [figure_analyses.analysis(list(studies), **how)]}


def shown(fig: Any) -> list[str]:
    return [text.replace("\u00a0", " ") for text, _ in cases.texts(fig)]


@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("k", [0, 1, 2, 5, 12, 30, 60, 300])
@pytest.mark.parametrize("name", MODULES)
def test_every_size_fits_on_a_page_and_no_text_is_cut_or_covered(name: str, k: int, weights: bool) -> None:
    fig = MODULES[name].draw(given(k, weights=weights), cases.NAMES)
    wide, high = (side * 25.4 for side in fig.get_size_inches())
    assert wide == pytest.approx(174, abs=1e-9)
    assert 10 < high <= 205.01
    assert cases.faults(fig) == []


@pytest.mark.parametrize("name", MODULES)
def test_names_of_any_length_and_script_neither_cut_nor_cover(name: str) -> None:
    result = only(*((label * 3, 1 + i % 2, 3) for i, label in enumerate(cases.HOSTILE)))
    [analysis] = result["analyses"]
    analysis["name"] = "A name of an outcome that goes on and on " * 8
    analysis["main"]["reason"] = analysis["verdict"]["text"] = "A sentence that says a great deal. " * 20
    for row in (*analysis["sensitivity"], *analysis["models"]):
        row["name"] = f"{row['name']} Ключ $x$ <b> " * 6
    assert cases.faults(MODULES[name].draw(result, cases.NAMES)) == []
    assert MODULES[name].alt_text(result, cases.NAMES)


@pytest.mark.parametrize("name", MODULES)
def test_letters_are_at_least_8_points(name: str) -> None:
    from matplotlib.text import Text

    fig = MODULES[name].draw(given(60), cases.NAMES)
    sizes = {t.get_fontsize() for t in fig.findobj(Text) if t.get_text()}
    assert min(sizes) >= 8
    assert max(sizes) <= 9.5


@pytest.mark.parametrize("name", MODULES)
def test_the_level_is_that_of_the_result(name: str) -> None:
    texts = " ".join(shown(MODULES[name].draw(given(12, level=0.9), cases.NAMES)))
    assert "90%" in texts
    assert "95%" not in texts
    assert MODULES[name].caption_facts(given(12, level=0.9))["level"] == "90%"


@pytest.mark.parametrize("name", MODULES)
def test_a_therapy_without_studies_says_no_data(name: str) -> None:
    for result in (given(0), cases.result(0)):
        assert shown(MODULES[name].draw(result, cases.NAMES))[0] == "No data"
        assert "no data" in MODULES[name].alt_text(result, cases.NAMES)


@pytest.mark.parametrize("name", ["cumulative", "small_study"])
def test_a_result_without_analyses_says_no_data(name: str) -> None:
    assert shown(MODULES[name].draw(cases.result(12), cases.NAMES))[0] == "No data"


def test_a_pooled_result_takes_the_place_of_the_crude_total() -> None:
    texts = shown(forest.draw(given(12), cases.NAMES))
    assert sum(t.startswith("Binomial–normal model,") for t in texts) == 2
    assert texts.count("Crude total (not a model)") == 1  # of the group that no analysis is declared for
    assert texts.count("if all not reported were failures") == 1
    assert texts.count("Unreported counted as failures") == 1
    plain = shown(forest.draw(cases.result(12), cases.NAMES))
    assert plain.count("Crude total (not a model)") == 3


def test_median_and_prediction_interval_stand_under_the_model() -> None:
    texts = shown(forest.draw(only(*(("a", i, 9) for i in range(1, 7))), cases.NAMES))
    at = texts.index("Binomial–normal model,")  # with the kind of mean on a second line
    assert texts[at + 1] == "population mean"
    assert texts.index("Median study of the model") > at
    assert texts.index("Prediction interval, normal with t, k − 2") > texts.index("Median study of the model")
    few = shown(forest.draw(only(*(("a", i, 9) for i in range(1, 5))), cases.NAMES))
    assert not any(t.startswith("Prediction") for t in few)


def test_two_studies_have_an_exact_interval_and_the_reason() -> None:
    texts = shown(forest.draw(only(("a", 1, 4), ("b", 2, 4)), cases.NAMES))
    assert "Exact interval, no model: 2 studies" in texts
    assert any(t.startswith("Only 2 studies give a count") for t in texts)
    assert "All 8 could not be estimated: only 2 studies give a count" in texts


def test_every_sensitivity_analysis_and_model_has_a_line_and_the_verdict_is_last() -> None:
    result = only(*(("a", 2 + i % 3, 9) for i in range(12)))
    texts = shown(forest.draw(result, cases.NAMES))
    for title in figure_analyses.ROWS:
        assert any(title.startswith(t) for t in texts if len(t) > 9), title
    places = [texts.index(name) for name in figure_analyses.MODELS.values()]
    assert places == sorted(places)
    assert places[-1] < texts.index(result["analyses"][0]["verdict"]["text"])


def test_models_of_the_set_are_not_drawn_twice() -> None:
    result = only(*(("a", 2, 9) for _ in range(5)))
    [analysis] = result["analyses"]
    analysis["sensitivity"].append({**analysis["sensitivity"][0], "kind": "model", "name": "Logit, REML"})
    assert shown(forest.draw(result, cases.NAMES)).count("Logit, REML") == 1


def test_what_could_not_be_estimated_says_so_with_the_reason() -> None:
    texts = shown(forest.draw(only(("a", 1, 2), ("b", 1, 3)), cases.NAMES))
    assert "could not be estimated: no study is left that meets every item" in " ".join(texts)


def test_the_primary_outcome_without_a_study_keeps_its_multiverse() -> None:
    result = {**cases.result(1), "analyses": [figure_analyses.analysis([])]}
    texts = shown(forest.draw(result, cases.NAMES))
    assert "Patients, judged on: nodule (primary outcome)" in texts
    assert "could not be estimated: no study gives a count" in texts
    assert "Series only" in texts
    assert result["analyses"][0]["verdict"]["text"] in texts
    assert not any(t.startswith("Dashed line") for t in texts)


def test_other_outcomes_have_a_multiverse_from_two_studies_on() -> None:
    for k, there in ((1, False), (2, True)):
        studies = [("a", 1, 4), ("b", 2, 4)][:k]
        texts = shown(forest.draw(only(*studies, role="additional"), cases.NAMES))
        assert ("Series only" in texts) is there


def test_what_the_analysis_leaves_out_is_named_with_the_reason() -> None:
    texts = " ".join(shown(forest.draw(given(30), cases.NAMES)))
    assert "Not in the analysis: Author16 1996 (the result rests on the title only)" in texts
    assert "Open square: not counted in the result below" in texts


def test_weights_have_a_column_only_where_the_model_defines_them() -> None:
    studies = [("a", 1, 4), ("b", 2, 4), ("c", 3, 4)]
    assert shown(forest.draw(only(*studies, weights=True), cases.NAMES)).count("33.3") == 3
    assert "Weight" not in shown(forest.draw(only(*studies), cases.NAMES))


def test_units_in_patients_show_what_correlation_would_do() -> None:
    for robust, there, not_there in (
        (False, "Interval at a correlation of 0.25", "Cluster-robust interval"),
        (True, "Cluster-robust interval", "Interval at a correlation of 0.25"),
    ):
        result = {
            **given(12),
            "analyses": [
                figure_analyses.analysis([("a", 3, 9)], unit="lesion", construct="pain", robust=robust)
            ],
        }
        texts = shown(forest.draw(result, cases.NAMES))
        assert there in texts
        assert not_there not in texts
        assert any("units of one" in t for t in texts) is not robust
        assert "Lesions of one patient are not independent." in forest.alt_text(result, cases.NAMES)


def test_the_alternative_text_tells_pooled_result_and_verdict() -> None:
    result = only(*(("a", 2 + i % 3, 9) for i in range(12)))
    [analysis] = result["analyses"]
    told = forest.alt_text(result, cases.NAMES)
    assert analysis["verdict"]["text"] in told
    assert f"12 studies, {analysis['events']} of 108" in told
    assert "prediction interval" in told


def test_facts_for_the_caption_of_a_forest() -> None:
    facts = forest.caption_facts(given(12))
    assert facts["pooled"] == facts["multiverse"] == ["Response of the nodule", "Response of the pain"]
    assert (facts["crude"], facts["models"], facts["weights"], facts["threshold"]) == (
        True,
        True,
        False,
        "50 %",
    )


def test_studies_are_added_by_year_with_the_undated_last() -> None:
    texts = shown(cumulative.draw(only(*((f"s{i}", 1, 2) for i in range(10))), cases.NAMES))
    labels = [t for t in texts if t in {f"s{i}" for i in range(10)}]
    assert labels == [f"s{i}" for i in (0, 1, 2, 3, 4, 5, 6, 7, 9, 8)]
    assert texts.index("n.d.") > texts.index("s8")
    assert "1990" in texts
    assert any("added last" in t for t in texts)


def test_many_steps_are_gathered_by_year_and_the_rest_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cumulative, "TALLEST", 120)
    texts = shown(cumulative.draw(given(300), cases.NAMES))
    assert any(t.endswith("earlier steps, not drawn") for t in texts)
    assert any(" more" in t for t in texts)
    assert any("up to the end of a year" in t for t in texts)


def test_complete_responses_have_no_panel_of_their_own() -> None:
    assert cumulative.caption_facts(given(12))["analyses"] == [
        "Response of the nodule",
        "Response of the pain",
    ]
    assert small_study.caption_facts(given(12))["analyses"] == [
        "Response of the nodule",
        "Response of the pain",
    ]


def discs(fig: Any) -> int:
    from matplotlib.patches import Circle

    return len(fig.findobj(Circle))


def test_studies_at_one_place_are_one_disc_with_their_number() -> None:
    result = only(*[("a", 1, 1)] * 25, *[("b", 0, 1)] * 3, ("c", 30, 60))
    fig = small_study.draw(result, cases.NAMES)
    texts = shown(fig)
    assert discs(fig) == 3
    assert {"25", "3"} <= set(texts)


def test_single_patients_are_on_the_paper() -> None:
    from matplotlib.patches import Circle

    fig = small_study.draw(only(("a", 1, 1), ("b", 0, 1), ("c", 3000, 5000)), cases.NAMES)
    high = fig.get_size_inches()[1] * 25.4
    lowest = high - max(c.center[1] for c in fig.findobj(Circle))
    assert lowest > dict(cases.texts(fig))["% of those evaluated"][3] + 3
    assert discs(fig) == 3


def test_a_funnel_draws_the_contours_it_is_given() -> None:
    from matplotlib.patches import Polygon

    result = only(("a", 1, 4), ("b", 6, 9), ("c", 3, 4))
    [band] = small_study.draw(result, cases.NAMES).findobj(Polygon)
    assert len(band.get_xy()) > 6
    result["analyses"][0]["small_study"]["contours"] = []
    assert not small_study.draw(result, cases.NAMES).findobj(Polygon)


def test_a_funnel_says_what_tests_there_are() -> None:
    result = only(("a", 1, 4), ("b", 6, 9))
    sentence = result["analyses"][0]["small_study"]["text"]
    assert sentence in shown(small_study.draw(result, cases.NAMES))
    assert sentence in small_study.alt_text(result, cases.NAMES)
    test = {"name": "A test", "p": 0.0004, "value": 1.0, "filled": None, "side": None, "reason": None}
    refused = {**test, "name": "Another", "p": None, "value": None, "reason": "No spread; nothing to test."}
    filled = {**test, "name": "A third", "p": None, "value": 0.4, "filled": 2, "side": "left"}
    result["analyses"][0]["small_study"]["tests"] = [test, refused, filled]
    told = small_study.alt_text(result, cases.NAMES)
    assert (
        "A test: p < 0.001. Another: could not be estimated: no spread. A third: 2 studies added on the left, then 40 %."
        in told
    )


def test_one_study_has_no_funnel_and_is_named() -> None:
    result = only(("a", 1, 4), ("b", 6, 9))
    alone = figure_analyses.analysis([("c", 1, 2)], construct="pain", role="additional")
    result["analyses"].append(alone)
    assert "Not drawn, with one study: Response of the pain." in shown(small_study.draw(result, cases.NAMES))
    assert small_study.caption_facts(result)["single"] == ["Response of the pain"]
    assert shown(small_study.draw({**result, "analyses": [alone]}, cases.NAMES))[0] == "No data"
