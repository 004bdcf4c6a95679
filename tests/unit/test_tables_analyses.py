"""Tables of analyses, certainty, harms and mean changes: every row is there, what failed says so, nothing is repeated for nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import claims_review as review
import pytest
from test_claims_analyses import fitted, second, words

from livingreview.claims.marks import plain
from livingreview.synthesis.estimates import Estimate
from livingreview.tables import analyses, certainty, reanalyses, safety
from livingreview.tables.analyses import sensitivity
from livingreview.tables.pipe import Table


def result_of(a: dict[str, Any]) -> dict[str, Any]:
    return next(r for r in second()[1] if a in r["analyses"])


def text(table: Table) -> str:
    return table.markdown().replace("\\", "").replace("\u00a0", " ")


def text_of(row: Any) -> list[str]:
    return [cell.replace("\\", "").replace("\u00a0", " ") for cell in row]


def test_the_sensitivity_table_has_every_analysis_and_the_verdict() -> None:
    a = fitted()
    table = sensitivity(result_of(a), a, words())
    shown = text(table)
    for row in a["sensitivity"]:
        assert row["name"][1:] in shown
    v = a["verdict"]
    last = text_of(table.rows[-1])
    assert last[0] == "**Verdict**"
    assert last[3] == f"{v['estimated']} of {v['declared']} could be estimated"
    assert last[4] == {True: "all agree", False: "they split", None: "agreement cannot be judged"}[v["agree"]]
    assert table.rows[0][0].startswith("**Main analysis**: binomial–normal")
    assert table.label == f"sensitivity-{result_of(a)['therapy']['code']}"


def test_the_trap_of_the_double_arcsine_is_shown_at_each_size() -> None:
    a = fitted()
    row = next(r for r in a["sensitivity"] if r["pooled"] and r["pooled"]["at_sizes"])
    shown = text(sensitivity(result_of(a), a, words()))
    assert len(row["pooled"]["at_sizes"]) == 3
    assert "at the smallest n" in shown
    assert "at the largest n" in shown


def failed(name: str, kind: str, reason: str) -> dict[str, Any]:
    return {
        "code": name, "name": name, "kind": kind, "k": 0, "n": 0, "events": None, "pooled": None, "state": None,
        "same_data": False, "left_out": [], "reason": reason,
    }  # fmt: skip


def test_rows_that_failed_for_one_reason_share_a_row_and_keep_their_names() -> None:
    a = fitted()
    rows = [
        failed("Alpha", "selection", "No study is left."),
        failed("Beta", "selection", "No study is left."),
        failed("Gamma", "selection", "Another reason."),
        failed("One", "model", "Too few, so no model was fitted; the interval is the exact one."),
        failed("Two", "model", "Too few, so no model was fitted; the interval is the exact one."),
    ]
    shown = list(sensitivity(result_of(a), {**a, "sensitivity": rows}, words()).rows)[:-1]
    assert [row[0] for row in shown[1:]] == ["Alpha; beta", "Gamma", "All 2 other models"]
    assert {row[3] for row in shown[1:]} == {"could not be estimated"}
    assert [row[5].replace("\\", "") for row in shown[1:]] == [
        "No study is left.",
        "Another reason.",
        "Too few.",
    ]


def test_an_outcome_without_data_has_one_row_that_says_so() -> None:
    tables = analyses.primary_sensitivity(review.sources().ordered, words_of_the_review())
    shown = {t.label: t for t in tables}
    assert len(shown) == len(review.sources().documents["therapies"])
    row, verdict = shown["sensitivity-eswl"].rows
    assert text_of(verdict)[3:5] == ["0 of 8 could be estimated", "agreement cannot be judged"]
    assert row[3] == "could not be estimated"
    assert "all 15 others" in row[0]


def words_of_the_review() -> Any:
    from livingreview.claims.words import Words

    return Words(review.sources().documents)


def test_other_outcomes_have_a_table_each_with_all_therapies() -> None:
    protocol, results = second()
    found = analyses.other_sensitivity(results, words())
    tables = [table for _, table in found]
    others = [o for o in protocol["analyses"]["outcomes"] if o["role"] != "primary"]
    assert [t.label for t in tables] == [f"sensitivity-{o['code'].replace('_', '-')}" for o in others]
    for table in tables:
        assert {row[0] for row in table.rows} == {t["short_name"] for t in protocol["therapies"]}
    for outcome, (told, table) in zip(others, found, strict=True):
        assert f"@tbl-{table.label}" in told
        for result in results:
            a = next(x for x in result["analyses"] if x["code"] == outcome["code"])
            assert (a["verdict"]["text"] in plain(told).replace("\\", "").replace("\u00a0", " ")) == (
                a["k"] > 0
            )


@pytest.mark.parametrize("empty", [False, True])
def test_re_analyses_print_with_data_and_without(empty: bool) -> None:
    sources = review.without_studies() if empty else review.sources()
    for results, known in ((sources.ordered, words_of_the_review()), (second()[1], words())):
        for tables in reanalyses.parts(results, known).values():
            for table in tables:
                shown = text(table)  # raises where a row has not the cells of its head
                assert len(table.columns) <= 7
                assert not {"nan", "None"} & set(shown.split())
                assert {row[0] for row in table.rows} == {r["therapy"]["short_name"] for r in results}
    if empty:
        [table] = reanalyses.parts(sources.ordered, words_of_the_review())["cumulative"]
        assert {row[1] for row in table.rows} == {"All outcomes"}


def test_each_step_of_a_fitted_analysis_has_its_row() -> None:
    a = fitted()
    for name, label in (("leave_one_out", "leave-one-out"), ("cumulative", "cumulative")):
        [table] = reanalyses.parts([result_of(a)], words())[name]
        assert table.label == label
        mine = [row for row in table.rows if row[1] == a["name"]]
        assert len(mine) == len(a[name]) == a["k"]


def test_the_name_of_a_subgroup_keeps_its_capital() -> None:
    a = fitted()
    result = result_of(a)
    subgroups = [dict(s) for s in a["subgroups"]]
    subgroups[0] = {
        **subgroups[0],
        "name": "Country",
        "groups": [{**g, "name": "Poland"} for g in subgroups[0]["groups"]],
    }
    shown = [
        text(t)
        for tables in reanalyses.parts(
            [{**result, "analyses": [{**a, "subgroups": subgroups}]}], words()
        ).values()
        for t in tables
    ]
    assert sum("Country: Poland" in told for told in shown) == 1
    assert not any("poland" in told for told in shown)


def test_small_probabilities_and_limits() -> None:
    assert reanalyses.p_text(0.0000001) == "<0.001"
    assert reanalyses.p_text(0.0421) == "0.042"
    assert reanalyses.p_text(0.31) == "0.31"
    assert reanalyses.p_text(None) == "–"
    assert reanalyses.limits(None, 1, 2) == "–"
    assert reanalyses.limits(0.4, None, None) == "0.4"
    assert reanalyses.limits(0.4, 0.0, 2.14) == "0.4 (0–2.14)"


def test_tests_of_small_studies_say_what_they_cannot_show() -> None:
    a = next(x for r in second()[1] for x in r["analyses"] if x["small_study"]["offered"])
    [table] = reanalyses.parts([result_of(a)], words())["small_study"]
    shown = text(table)
    for test in a["small_study"]["tests"]:
        assert test["name"] in shown
    assert a["small_study"]["text"] in shown


def estimate(**changes: Any) -> Estimate:
    base: dict[str, Any] = {
        "kind": "proportion", "value": 0.5, "lower": 0.2, "upper": 0.8, "level": 0.95, "sided": 2, "method": "m",
        "method_name": "M", "citation": "c", "events": 5, "total": 10, "k": 2, "n": 10, "unit": "patient",
    }  # fmt: skip
    return Estimate(**(base | changes))


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, "5/10: 50 % (20–80)"),
        ({"kind": "mean_proportion", "events": None, "total": None}, "mean 50 % (20–80)"),
        ({"kind": "prediction", "events": None, "total": None}, "50 % (20–80)"),
        ({"sided": 1, "events": 0, "total": 3, "value": 0.0, "lower": 0.0, "upper": 0.63}, "0/3: at most 63 %"),
        ({"sided": 1, "events": 3, "total": 3, "value": 1.0, "lower": 0.37, "upper": 1.0}, "3/3: at least 37 %"),
        ({"kind": "mean_change", "value": -2.5, "lower": -4.04, "upper": -1.0}, "mean −2.5 (−4 to −1)"),
    ],
)  # fmt: skip
def test_estimates_of_any_kind(changes: dict[str, Any], wanted: str) -> None:
    assert certainty.estimate_cell(estimate(**changes)).replace("\u00a0", " ") == wanted


def test_the_summary_of_findings_holds_every_finding() -> None:
    found, protocol = review.sources().rated, review.sources().documents
    table = certainty.summary_of_findings(found, protocol)
    shown = text(table).casefold()
    assert all(f.name.casefold() in shown for f in found.findings)
    assert len(table.rows) < len(found.findings)  # outcomes without evidence share a row
    with_data = [f for f in found.findings if f.participants is not None]
    assert sum("proposed, not signed" in row[4] for row in table.rows) == len(with_data)


def test_inputs_of_certainty_show_each_judgement_and_its_digest() -> None:
    found, protocol = review.sources().rated, review.sources().documents
    shown = "\n".join(text(t) for t in certainty.inputs(found, protocol))
    cells = [c for r in found.ratings for c in r.all_cells]
    assert len(cells) == found.cells
    for cell in cells:
        assert f"`{cell.digest[: certainty.DIGEST_DIGITS]}`" in shown
        assert all(i.label in shown for i in cell.inputs)
    some = next(r for r in found.ratings if r.all_cells)
    gone = replace(found, ratings=(replace(some, cells=(), overall=None),))
    assert "No evidence." in "\n".join(text(t) for t in certainty.inputs(gone, protocol))


def test_unknown_denominators_of_harms_stay_unknown() -> None:
    table = safety.harms(review.sources().ordered, words_of_the_review())
    unknown = [row for row in table.rows if row[4] == "not known"]
    assert unknown
    assert all(row[5] == "–" for row in unknown)
    assert any("almost all" in row[6] for row in unknown)
    assert {row[0] for row in table.rows} == {
        t["short_name"] for t in review.sources().documents["therapies"]
    }


def test_mean_changes_have_a_row_for_each_correlation_and_say_where_there_are_none() -> None:
    none = safety.change_scores(review.sources().ordered, words_of_the_review())
    assert all("no data" in row for row in none.rows)
    table = safety.change_scores(second()[1], words())
    told = [
        c for r in second()[1] for s in r["scores"] for c in s["change_scores"] if c["k"] and c["correlation"]
    ]
    assert told
    assert {row[2] for row in table.rows} >= {f"{c['correlation']:g}" for c in told}
