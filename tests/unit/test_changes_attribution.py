"""Change report on the synthetic review: rows, studies, counterfactuals, shares of each factor, and the report's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from change_cases import ROOT, edit, laid, replaced, set_cell, state, without
from work import done_within

from livingreview.changes import attribution, facts, report, tables
from livingreview.changes.counterfactual import CODE, FACTORS, Between
from livingreview.changes.rebuild import Rebuilder
from livingreview.changes.state import State

NEW, CORRECTED, RETRACTED = "tamm2024", "okonkwo2004", "petrovic2020"


@pytest.fixture(scope="module")
def rebuilder() -> Rebuilder:
    return Rebuilder(ROOT)


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory, rebuilder: Rebuilder) -> tuple[State, State]:
    """An earlier version, and a later one with a new study, a corrected one, a retracted one and another threshold."""
    folder = tmp_path_factory.mktemp("changes")
    before, after = laid(folder / "before"), laid(folder / "after")
    without(before, NEW)
    set_cell(before, "outcomes", {"study_id": CORRECTED, "outcome_id": "o4"}, "events", "10")
    set_cell(before, "outcomes", {"study_id": CORRECTED, "outcome_id": "o6"}, "events", "4")
    replaced(before, "threshold: 0.6", "threshold: 0.5")
    for column, value in (
        ("status", "retracted"),
        ("status_date", "2026-01-01"),
        ("status_notice", "Retracted by the journal"),
    ):
        set_cell(after, "studies", {"study_id": RETRACTED}, column, value)
    replaced(after, 'version: "2026.02"', 'version: "2026.03"')
    return state(before, rebuilder), state(after, rebuilder, kind="present", look=2)


@pytest.fixture(scope="module")
def found(versions: tuple[State, State]) -> dict[str, Any]:
    """What is told of the two versions by one that has made nothing of them before; it takes seconds."""
    return done_within(5, lambda: facts.facts(*versions, Rebuilder(ROOT), {}, ["manuscript"]))


def between(versions: tuple[State, State]) -> Between:
    before, after = versions
    assert before.folder is not None
    assert after.folder is not None
    old, new = tables.Copy(before.folder), tables.Copy(after.folder)
    schemas = tables.schemas_of(after.folder, ROOT)
    return Between(old, new, frozenset(before.included), frozenset(after.included), schemas)


def ids(found: dict[str, Any], kind: str) -> list[str]:
    return [s["id"] for s in found["studies"][kind]]


def claim(found: dict[str, Any], key: str) -> dict[str, Any]:
    [one] = [m for m in found["claims"]["moved"] if m["key"] == key]
    return dict(one)


def test_studies_are_told_by_what_happened_to_them(found: dict[str, Any]) -> None:
    assert ids(found, "added") == [NEW]
    assert ids(found, "removed") == ids(found, "retracted") == [RETRACTED]
    assert ids(found, "corrected") == [CORRECTED]
    assert found["studies"]["retracted"][0]["notice"] == "Retracted by the journal"


def test_corrections_are_told_field_by_field(found: dict[str, Any]) -> None:
    rows = [r for r in found["rows"] if r["study"] == CORRECTED]
    told = {(r["table"], r["key"], c["column"], c["before"], c["after"]) for r in rows for c in r["cells"]}
    assert told == {("outcomes", "o4", "events", "10", "11"), ("outcomes", "o6", "events", "4", "3")}


def test_search_counts_stand_side_by_side(found: dict[str, Any]) -> None:
    boxes = {b["box"]: (b["before"], b["after"]) for b in found["search"]["boxes"]}
    assert boxes["identified"][1] == boxes["identified"][0] + 1
    assert [r["added"] for r in found["search"]["records"]] == [1]


def test_shares_of_a_number_add_up_to_its_move(found: dict[str, Any]) -> None:
    numbers = [
        m
        for m in found["claims"]["moved"]
        if m["change"] is not None and all(p["share"] is not None for p in m["due"]["parts"])
    ]
    assert len(numbers) > 20
    for m in numbers:
        assert sum(p["share"] for p in m["due"]["parts"]) == pytest.approx(m["change"], abs=1e-9), m["key"]


def test_each_factor_is_found(found: dict[str, Any]) -> None:
    threshold = claim(found, "analyses.threshold")
    assert threshold["due"]["first"] == FACTORS["method"]
    assert threshold["studies"] == [], "no study is responsible for a changed method"
    # 11 of 21 for 10 of 21 cleared: the correction alone
    cleared = claim(found, "salicylic_acid.analysis.skin_cleared.events")
    parts = {p["name"]: p["share"] for p in cleared["due"]["parts"]}
    assert parts[FACTORS["corrected"]] == 1
    assert CORRECTED in cleared["studies"]
    records = claim(found, "flow.identified")
    assert [p["name"] for p in records["due"]["parts"]] == [FACTORS["new"]]
    judged = claim(found, "appraisal.no.n")
    assert [p["name"] for p in judged["due"]["parts"]] == [FACTORS["withdrawn"]]
    assert judged["studies"] == [RETRACTED]


def test_every_move_is_due_to_something(found: dict[str, Any]) -> None:
    assert [m["key"] for m in found["claims"]["moved"] if not m["due"]["parts"]] == []


def test_the_last_data_are_the_present_ones(versions: tuple[State, State]) -> None:
    both = between(versions)
    texts = both.texts(tuple(FACTORS))
    for name, table in both.after.tables.items():
        assert sorted(texts[name].splitlines()[1:]) == sorted(tables_text(table)), (
            f"{name} is not what the later version has"
        )


def tables_text(table: tables.Table) -> list[str]:
    import csv
    import io

    lines = []
    for row in table.rows:
        out = io.StringIO()
        csv.DictWriter(out, list(table.header), lineterminator="").writerow(row)
        lines += out.getvalue().splitlines()
    return lines


def test_the_first_data_are_the_earlier_ones(versions: tuple[State, State]) -> None:
    both = between(versions)
    for name, text in both.texts((CODE,)).items():
        assert sorted(text.splitlines()[1:]) == sorted(tables_text(both.before.tables[name]))


def test_changed_code_is_told_from_changed_data(versions: tuple[State, State], rebuilder: Rebuilder) -> None:
    """A release that printed something else from the same data was made by other code."""
    before, _ = versions
    told = {**before.claims, "flow.identified": {**before.claims["flow.identified"], "value": 1, "text": "1"}}
    earlier = State(**{**vars_of(before), "claims": told})
    found = facts.facts(earlier, before, rebuilder, {}, ["manuscript"])
    assert [m["key"] for m in found["claims"]["moved"]] == ["flow.identified"]
    assert claim(found, "flow.identified")["due"]["first"] == FACTORS[CODE]


def vars_of(state: State) -> dict[str, Any]:
    return {name: getattr(state, name) for name in state.__dataclass_fields__}


def test_a_state_that_is_no_review_goes_with_the_next_factor(
    versions: tuple[State, State], rebuilder: Rebuilder, tmp_path: Path
) -> None:
    """A code renamed in the protocol and in the tables: neither is valid without the other."""
    _, after = versions
    assert after.folder is not None
    renamed = laid(tmp_path / "renamed")
    replaced(renamed, '  mosaic: "Mosaic warts"', '  clustered: "Mosaic warts"')
    replaced(renamed, "aetiology: [mosaic]", "aetiology: [clustered]")

    def change(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [
            {c: "clustered" if c == "aetiology" and v == "mosaic" else v for c, v in r.items()} for r in rows
        ]

    for path in (renamed / "data/raw").rglob("*.csv"):
        if "mosaic" in path.read_text(encoding="utf-8"):
            edit(renamed, path.relative_to(renamed / "data/raw").with_suffix("").as_posix(), change)
    start = state(laid(tmp_path / "start"), rebuilder)
    end = state(renamed, rebuilder)
    assert start.folder is not None
    old, new = tables.Copy(start.folder), tables.Copy(renamed)
    both = Between(
        old, new, frozenset(start.included), frozenset(end.included), tables.schemas_of(renamed, ROOT)
    )
    chain = attribution.chain(both, start.claims, end.claims, rebuilder)
    assert list(chain.refused) == ["method"]
    assert chain.links[-1].factors == ("method", "corrected")
    assert chain.links[-1].name == "changed method (review.yaml) with corrected data"


def test_nothing_changed_says_so(versions: tuple[State, State], rebuilder: Rebuilder) -> None:
    _, after = versions
    found = facts.facts(after, after, rebuilder, {}, ["manuscript"])
    assert found["unchanged"]
    assert found["claims"]["moved"] == []
    assert report.NOTHING in report.report(found, {}, [])


def test_the_report_names_studies_fields_and_causes(found: dict[str, Any]) -> None:
    text = report.report(found, {"salicylic_acid": "Salicylic acid"}, [])
    for words in (
        "Tamm 2024",
        "Retracted by the journal",
        "| Okonkwo 2004 | outcomes o4 | Events | 10 | 11 |",
        "changed method (review.yaml)",
        "analyses.threshold",
        "| 0\\.5 | 0\\.6 |" if "0\\.5" in text else "0.5 | 0.6",
    ):
        assert words in text, words


def test_the_same_code_is_not_run_on_the_same_data_again(
    versions: tuple[State, State], found: dict[str, Any]
) -> None:
    before, after = (State(**{**vars_of(s), "code": {"claims": "1"}}) for s in versions)
    again = facts.facts(before, after, Rebuilder(ROOT), {}, ["manuscript"])
    assert again["claims"]["attribution"]["links"] == found["claims"]["attribution"]["links"][1:]
    assert again["claims"]["moved"] == found["claims"]["moved"]
