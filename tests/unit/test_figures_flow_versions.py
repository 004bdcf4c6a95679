"""Flow diagrams of versions: nothing overlaps, everything is said, and the plain form where there is no version before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import figure_cases
import living_cases as cases
import pytest

from livingreview.figures import flow, flow_releases, flow_updated, style
from livingreview.living.update import history

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _looks() -> None:
    style.load(ROOT / "figures/style.mplstyle")


def made(entries: list[dict[str, Any]] | None = None, rows: dict[str, Any] | None = None) -> dict[str, Any]:
    return history(
        cases.FLOWS["2027.02"], cases.PRESENT, cases.ENTRIES if entries is None else entries, rows or {}
    )


def hostile(found: dict[str, Any]) -> dict[str, Any]:
    """The same with words that are long or hold mark-up."""
    labels = {
        box: figure_cases.HOSTILE[i % len(figure_cases.HOSTILE)] for i, box in enumerate(found["boxes"])
    }
    return {**found, "labels": {**labels, "included_studies": figure_cases.HOSTILE[6]}}


@pytest.mark.parametrize(
    "entry",
    [
        made()["present"],
        made()["earlier"]["2026.02"],
        made()["earlier"]["2026.08"],
        made([])["present"],
        made(cases.ENTRIES[:1])["present"],
        made([{**cases.PUBLISHED, "n_studies": None}])["present"],
        hostile(made()["earlier"]["2026.08"]),
        hostile(made(cases.ENTRIES[:1])["present"]),
    ],
)
def test_nothing_lies_outside_or_on_each_other(entry: dict[str, Any]) -> None:
    assert figure_cases.faults(flow_updated.draw(entry)) == []


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_any_number_of_versions_side_by_side(n: int) -> None:
    assert figure_cases.faults(flow_releases.draw(made(cases.ENTRIES[:n])["across"])) == []


def test_more_versions_than_fit_go_on_below() -> None:
    few = flow_releases.draw(made()["across"])
    many = flow_releases.draw(made()["across"] * 3)
    assert figure_cases.faults(many) == []
    assert many.get_size_inches()[1] > 2.5 * few.get_size_inches()[1]
    assert many.get_size_inches()[0] == few.get_size_inches()[0]


def texts(fig: Any) -> str:
    return " ".join(" ".join(text for text, _ in figure_cases.texts(fig)).split())


def test_the_version_before_its_search_and_the_total_are_shown() -> None:
    shown = texts(flow_updated.draw(made()["earlier"]["2026.08"]))
    for part in (
        "version 2026.02 (n = 9)", "of these, no longer included (n = 1)", "carried over from the version before",
        "New studies included (n = 12)", "Studies included in the review (n = 20)",
    ):  # fmt: skip
        assert part in shown, shown


def test_beside_a_published_version_the_total_is_a_range_with_its_reason() -> None:
    entry = made(cases.ENTRIES[:1], {i: {"year": 2026} for i in cases.INCLUDED["2027.02"][:3]})["present"]
    shown = texts(flow_updated.draw(entry))
    assert "Studies of both versions together (n = 21 to 30)" in shown
    assert "as published" in shown
    told = flow_updated.alt_text(entry)
    assert "Studies included in version 2015: 9" in told
    assert "together: 21 to 30; at least those of this version; at most the sum." in told


def test_without_a_version_before_it_is_the_plain_diagram() -> None:
    entry = made([])["present"]
    whole = {**cases.FLOWS["2027.02"]}
    assert flow_updated.alt_text(entry) == flow.alt_text(whole)
    assert texts(flow_updated.draw(entry)) == texts(flow.draw(whole))


def test_alternative_texts_tell_every_version() -> None:
    told = flow_releases.alt_text(made()["across"])
    for version in ("2015", "2026.02", "2026.08", "2027.02"):
        assert f"Version {version}" in told
    assert "Studies newly included: 12; no longer included: 1" in told
    assert "(n = " not in told


def test_facts_and_names_of_files() -> None:
    entry = made()["present"]
    facts = flow_updated.caption_facts(entry)
    assert facts["new_studies"] == 1
    assert facts["total"]["least"] == 21
    assert flow_updated.file_name("2026.11.1") == "flow_of_2026_11_1"
