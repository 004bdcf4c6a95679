from __future__ import annotations

import copy
import json
import random
import re
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from screening_data import ROOT, shipped

from livingreview import canonical, slices
from livingreview.printable import Wording, listed, number, plural, result, spread
from livingreview.releases import ledger
from livingreview.slices import Review
from livingreview.steps import extract

Tables = dict[str, list[dict[str, Any]]]


@cache
def content() -> dict[str, Any]:
    return extract.all_slices(Review(shipped()), ROOT)


_LEDGER = tempfile.TemporaryDirectory(prefix="ledger-")


@cache
def unreleased() -> Path:
    """A ledger that holds only what was published before this review."""
    for release in ledger.releases(ROOT):
        if release.kind == "published":
            shutil.copytree(
                ROOT / "data/releases" / release.version,
                Path(_LEDGER.name) / "data/releases" / release.version,
            )
    return Path(_LEDGER.name)


@cache
def content_unreleased() -> dict[str, Any]:
    return extract.all_slices(Review(shipped()), ROOT, unreleased())


def changed(edit: Callable[[Tables], None]) -> set[str]:
    """Names of the slices whose bytes an edit of the shipped tables changes while the present version is not yet released.

    Of a released version the first edit of anything also changes ``releases.json``, which then says so.
    """
    data = shipped()
    tables = copy.deepcopy(data.tables)
    edit(tables)
    protocol = data.protocol
    edited = SimpleNamespace(protocol=protocol, tables=tables, schemas=data.schemas, problems=[])
    after = extract.all_slices(Review(edited), ROOT, unreleased())
    before = content_unreleased()
    return {
        n
        for n in before.keys() | after.keys()
        if canonical.dumps(before.get(n)) != canonical.dumps(after.get(n))
    }


def row(tables: Tables, table: str, **key: Any) -> dict[str, Any]:
    return next(r for r in tables[table] if all(r[c] == v for c, v in key.items()))


# --- what an edit changes


def test_order_of_rows_changes_nothing() -> None:
    def shuffle(tables: Tables) -> None:
        for rows in tables.values():
            random.Random(5).shuffle(rows)
            for place, item in enumerate(rows):
                item["_row"] = place

    assert changed(shuffle) == set()


def test_columns_that_nobody_reads_change_nothing() -> None:
    def edit(tables: Tables) -> None:
        for table, columns in {
            "studies": ("extraction_note", "source_url", "locator"),
            "outcomes": ("note",),
            "participants": ("note",),
            "records": ("url",),
        }.items():
            for item in tables[table]:
                for column in columns:
                    assert column in item
                    item[column] = "something else"

    assert changed(edit) == set()


def test_an_outcome_changes_its_therapy_and_the_supplement() -> None:
    def edit(tables: Tables) -> None:
        row(tables, "outcomes", study_id="bottomley1996", outcome_id="o1")["events"] = 11

    assert changed(edit) == {"therapy/laser.json", "supplement.json"}


def test_an_outcome_of_a_study_that_is_not_included_changes_nothing() -> None:
    def edit(tables: Tables) -> None:
        row(tables, "outcomes", study_id="anoniontophoresis2005", outcome_id="o1")["events"] = 2

    assert changed(edit) == set()


def test_what_is_missing_prints_in_the_supplement_only() -> None:
    def edit(tables: Tables) -> None:
        row(tables, "studies", study_id="bottomley1996")["missing"] = "country"

    assert changed(edit) == {"supplement.json"}


def test_an_unverified_criterion_reaches_therapy_characteristics_and_prose() -> None:
    def edit(tables: Tables) -> None:
        row(tables, "studies", study_id="bottomley1996")["unverified_criteria"] = "monotherapy; age"

    assert changed(edit) == {
        "therapy/laser.json",
        "characteristics.json",
        "documents.json",
        "supplement.json",
    }


def test_a_title_of_an_included_study_runs_no_therapy() -> None:
    def edit(tables: Tables) -> None:
        row(tables, "studies", study_id="bottomley1996")["title"] = "Another title"

    assert changed(edit) == {"supplement.json", "bibliography.json"}


def test_a_query_changes_the_supplement_only() -> None:
    def edit(tables: Tables) -> None:
        tables["queries"].pop()

    assert changed(edit) == {"supplement.json"}


def test_a_judgement_changes_appraisal_supplement_and_the_therapies_of_its_study() -> None:
    def edit(tables: Tables) -> None:
        row(tables, "appraisals", study_id="bottomley1996", item_number=1)["judgement"] = "no"

    assert changed(edit) == {"appraisal.json", "supplement.json", "therapy/laser.json"}


def test_the_reason_of_a_judgement_moves_no_therapy() -> None:
    def edit(tables: Tables) -> None:
        row(tables, "appraisals", study_id="bottomley1996", item_number=1)["reason"] = "Read again."

    assert changed(edit) == {"supplement.json"}


def test_an_excluded_study_moves_no_therapy() -> None:
    def edit(tables: Tables) -> None:
        tables["studies"] = [s for s in tables["studies"] if s["study_id"] != "heymann2017"]
        tables["records"] = [r for r in tables["records"] if r["study_id"] != "heymann2017"]

    assert changed(edit) == {"flow.json", "update.json", "supplement.json", "bibliography.json", "rows.json"}


# --- what slices hold


def test_therapy_slices() -> None:
    found = {n: c for n, c in content().items() if n.startswith("therapy/")}
    sizes = {
        n: [len(c[t]) for t in ("studies", "arms", "outcomes", "participants")] for n, c in found.items()
    }
    assert sizes == {
        "therapy/topical_sts.json": [11, 11, 11, 11],
        "therapy/intralesional_sts.json": [3, 3, 10, 1],
        "therapy/eswl.json": [3, 4, 4, 2],
        "therapy/laser.json": [2, 2, 5, 1],
    }
    laser = found["therapy/laser.json"]
    assert [s["label"] for s in laser["studies"]] == ["Bottomley 1996", "Authors not shown (Wounds, n.d.)"]
    assert [(o["events"], o["total"]) for o in laser["outcomes"] if o["construct"] == "symptom"] == [
        (12, 21),
        (5, 21),
        (2, 21),
    ]
    shock = found["therapy/eswl.json"]
    assert [a["therapy"] for a in shock["arms"] if a["study_id"] == "blumhardt2016"] == [
        "eswl",
        "no_treatment",
    ]
    for value in found.values():
        assert set(value) == {
            "therapy",
            "protocol",
            "unit_columns",
            "studies",
            "appraisals",
            "arms",
            "outcomes",
            "participants",
        }
        for table in ("studies", "arms", "outcomes", "participants"):
            assert not {c for r in value[table] for c in r} & (
                slices.UNSEEN | {"_row", "_file", "title", "doi"}
            )


def test_a_column_of_studies_that_an_analysis_names_is_in_the_slice() -> None:
    data = shipped()
    analyses = data.protocol.analyses
    by_language = analyses.subgroups[0].model_copy(update={"by": "language", "groups": {}})
    changed_analyses = analyses.model_copy(update={"subgroups": [by_language]})
    edited = SimpleNamespace(
        protocol=data.protocol.model_copy(update={"analyses": changed_analyses}),
        tables=data.tables,
        schemas=data.schemas,
        problems=[],
    )
    assert all("language" in s for s in slices.therapy_slice(Review(edited), "laser")["studies"])
    assert not any("language" in s for s in slices.therapy_slice(Review(data), "laser")["studies"])


def test_judgements_in_a_therapy_slice_are_bare() -> None:
    found = content()["therapy/laser.json"]["appraisals"]
    assert set(found) == {"anonwounds5278", "bottomley1996"}
    assert set(found["bottomley1996"]) == {"jbi_case_series"}
    judged = found["bottomley1996"]["jbi_case_series"]
    assert list(judged) == [str(n) for n in range(1, len(judged) + 1)]
    assert set(judged.values()) <= set(shipped().protocol.slice("judgements")["judgements"])


def test_a_therapy_without_studies_has_empty_lists() -> None:
    data = shipped()
    empty = {**data.tables, "arms": [{**a, "therapy": "no_treatment"} for a in data.tables["arms"]]}
    bare = SimpleNamespace(protocol=data.protocol, tables=empty, schemas=data.schemas, problems=[])
    found = slices.therapy_slice(Review(bare), "laser")
    assert [found[t] for t in ("studies", "arms", "outcomes", "participants")] == [[], [], [], []]
    assert found["therapy"]["code"] == "laser"
    with pytest.raises(KeyError):
        slices.therapy_slice(Review(bare), "nothing_of_the_kind")


def test_characteristics() -> None:
    studies = {s["study_id"]: s for s in content()["characteristics.json"]["studies"]}
    assert len(studies) == 19
    assert [s["year"] for s in content()["characteristics.json"]["studies"]] == sorted(
        (s["year"] for s in studies.values()), key=lambda y: y or 9999
    )
    assert studies["blumhardt2016"]["n_patients"] == {"eswl": 4}
    assert studies["mra2096_nd"]["n_patients"] == {"intralesional_sts": 38}
    assert studies["mra2096_nd"]["year"] is None
    assert studies["karthik2019"]["aetiologies"] == []
    assert studies["jost2016"]["unverified_criteria"] == [
        "monotherapy", "skin as the site of calcification", "phosphate-lowering co-treatment",
    ]  # fmt: skip


def test_patients_that_arms_share_count_once_and_unknown_stays_unknown() -> None:
    def patients(*arms: dict[str, Any]) -> int | None:
        return slices._patients(
            [{"arm_id": str(i), "shares_patients_with": None, **a} for i, a in enumerate(arms)]
        )

    assert patients({"n_patients": 4}, {"n_patients": 4, "shares_patients_with": "0"}) == 4
    assert patients({"n_patients": 4}, {"n_patients": 5}) == 9
    assert patients({"n_patients": 4}, {"n_patients": None}) is None
    assert patients({"n_patients": 0}) == 0


def test_appraisal() -> None:
    found = content()["appraisal.json"]
    assert len(found["studies"]) == 19
    assert sum(len(s["items"]) for s in found["studies"]) == 167
    assert {t: len(v["items"]) for t, v in found["tools"].items()} == {
        "jbi_case_report": 8, "jbi_case_series": 10, "jbi_quasi_experimental": 9,
    }  # fmt: skip
    assert all(len(s["items"]) == len(found["tools"][s["tool"]]["items"]) for s in found["studies"])


def test_documents() -> None:
    found = content()["documents.json"]
    assert found["unverified_criteria"][0] == {"criterion": "monotherapy", "n": 19}
    assert found["previous_version"]["published"]["n_studies"] == 40
    assert found["date"] == "2026-11-22"
    versions = {p["name"]: p["version"] for p in found["environment"]["packages"]}
    assert {"snakemake", "typst", "scipy", "matplotlib", "pypandoc-binary"} <= set(versions)
    assert all(re.fullmatch(r"[\d.]+", v) for v in versions.values())
    assert slices.environment(Path("/nowhere")) == {"packages": []}


def test_supplement_parts() -> None:
    found = content()["supplement.json"]
    sizes = {
        part: len(found[part])
        for part in ("included", "awaiting", "ongoing", "excluded", "linked", "queries", "appraisal")
    }
    assert sizes == {
        "included": 19, "awaiting": 7, "ongoing": 3, "excluded": 33, "linked": 1, "queries": 251, "appraisal": 19,
    }  # fmt: skip
    assert found["linked"][0]["linked_to"] == "Traineau 2019"
    flow = content()["flow.json"]["boxes"]
    assert len(found["awaiting_assessment"]) == flow["awaiting_assessment"]
    assert sum(r["n"] for r in found["screening_reasons"]) == flow["excluded_screening"]["total"]
    assert found["merges"]["n"] == flow["duplicates_removed"] == 39
    assert all(r["reason"] for part in ("awaiting", "ongoing", "excluded") for r in found[part])
    bottomley = found["included"][0]
    assert bottomley["label"] == "Bottomley 1996"
    assert [o["result"] for o in bottomley["outcomes"]][:3] == [
        "12 of 21 lesions",
        "5 of 21 lesions",
        "2 of 21 lesions",
    ]
    assert bottomley["arms"][0]["follow_up_months"] == "20 (range 12–40)"
    jost = next(s for s in found["included"] if s["study_id"] == "jost2016")
    assert jost["outcomes"][0]["result"] == "number not reported, of 3 patients"
    assert jost["arms"][0]["duration_months"] == "from 5"


PRINTS_NOT = {
    "study_id",
    "stream",
    "therapies",
    "therapy",
    "url",
    "kind",
    "id",
    "first",
    "second",
    "kept",
    "merged",
}


def texts(value: Any) -> list[str]:
    """Every text in a slice that may print."""
    if isinstance(value, dict):
        return [t for k, v in value.items() if k not in PRINTS_NOT for t in texts(v)]
    if isinstance(value, list):
        return [t for v in value for t in texts(v)]
    return [value] if isinstance(value, str) else []


def test_nothing_that_prints_holds_a_key_a_note_or_an_address() -> None:
    data = shipped()
    supplement = {k: v for k, v in content()["supplement.json"].items() if k not in ("queries", "dictionary")}
    printed = texts(supplement) + texts(content()["flow.json"]["boxes"])
    assert len(printed) > 1000
    words = set(re.findall(r"[\w-]+", " ".join(printed)))
    assert not words & {s["study_id"] for s in data.tables["studies"]}
    assert not words & {r["record_id"] for r in data.tables["records"]}
    assert not [t for t in printed if re.search(r"https?:|www\.|[a-z]{4,}(19|20)\d\d\b", t)]
    notes = [s["extraction_note"] for s in data.tables["studies"] if len(s.get("extraction_note") or "") > 25]
    assert len(notes) > 30
    assert not [n for n in notes if any(n in t for t in printed)]


def test_manifest_and_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = extract.run(ROOT, ROOT, tmp_path)
    assert capsys.readouterr().out.count("\n") == 1
    assert {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()} == {
        p.relative_to(tmp_path).as_posix() for p in written
    }
    manifest = canonical.read_json(tmp_path / "manifest.json")
    assert set(manifest) == {"slices", "studies", "protocol"}
    assert set(manifest["slices"]) == set(content())
    assert all(canonical.file_digest(tmp_path / name) == sha for name, sha in manifest["slices"].items())
    assert len(manifest["studies"]) == 63
    assert set(manifest["studies"]["bottomley1996"]) == {"studies", "arms", "outcomes", "appraisals"}
    assert {"title", "authors", "therapies"} <= set(manifest["protocol"])
    before = {p: p.read_bytes() for p in written}
    extract.run(ROOT, ROOT, tmp_path)
    assert {p: p.read_bytes() for p in written} == before
    assert str(ROOT) not in "".join(b.decode() for b in before.values())


def test_study_digests_see_every_column(tmp_path: Path) -> None:
    data = shipped()
    tables = copy.deepcopy(data.tables)
    row(tables, "studies", study_id="bottomley1996")["extraction_note"] = "new"
    edited = SimpleNamespace(protocol=data.protocol, tables=tables, schemas=data.schemas, problems=[])
    old, new = slices.study_digests(Review(data)), slices.study_digests(Review(edited))
    assert {s: {t for t in new[s] if new[s][t] != old[s][t]} for s in new if new[s] != old[s]} == {
        "bottomley1996": {"studies"}
    }


def test_a_wrong_flow_writes_nothing(tmp_path: Path) -> None:
    from livingreview.errors import ReviewError

    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copy(ROOT / "review.yaml", tmp_path)
    path = tmp_path / "data/raw/studies.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(x for x in lines if not x.startswith("heymann2017,")), encoding="utf-8")
    with pytest.raises(ReviewError):
        extract.run(tmp_path, ROOT, tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- words


def wording() -> Wording:
    return Wording(
        shipped().protocol.slice(),
        {"smith2020": "Smith 2020", "a_nd": "Authors not shown (n.d.)", "laser": "X"},
    )


def test_free_text_shows_no_keys_and_no_addresses() -> None:
    words = wording()
    assert (
        words.free("second report of smith2020; see a_nd")
        == "second report of Smith 2020; see Authors not shown (n.d.)"
    )
    assert words.free("linked to gauffenic2023") == "linked to Gauffenic 2023"
    assert words.free("seen at https://mirror.example/x?y=1 today") == "seen at web page today"
    assert words.free("a laser of\n  1996, COVID2019") == "a laser of 1996, COVID2019"
    assert words.free(None) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"x": 20, "x_min": 12, "x_max": 40}, "20 (range 12–40)"),
        ({"x_median": 3, "x_min": 3, "x_max": 3}, "3"),
        ({"x_median": 3.0, "x_mean": 3.5}, "median 3, mean 3.5"),
        ({"x_min": 2.8, "x_max": 3.7}, "2.8–3.7"),
        ({"x_min": 5}, "from 5"),
        ({"x_max": 5}, "up to 5"),
        ({"x_min": 5, "x_max": 5}, "5"),
        ({"x": 0}, "0"),
        ({}, None),
    ],
)
def test_spread(given: dict[str, Any], expected: str | None) -> None:
    assert spread(given, "x") == expected


def test_numbers() -> None:
    assert [number(v) for v in (1234, -67, 2.80, 100.0, 0.08, 0, None, "<0.001")] == [
        "1,234", "−67", "2.8", "100", "0.08", "0", None, "<0.001",
    ]  # fmt: skip


def test_listed_cells() -> None:
    assert listed("a; b (c; d); e") == ["a", "b (c; d)", "e"]
    assert listed("none") == listed(None) == listed("") == []
    assert listed("a (b; c") == ["a (b; c"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"events": 3, "total": 6, "unit": "patient"}, "3 of 6 patients"),
        ({"events": 0, "total": 1, "unit": "patient"}, "0 of 1 patient"),
        ({"events": 2, "unit": "lesion"}, "2 lesions"),
        ({"total": 3, "unit": "patient"}, "number not reported, of 3 patients"),
        ({"change": -67, "total": 8, "unit": "lesion"}, "change −67; 8 lesions"),
        ({"before": 6.4, "change": -2.7, "p_value": "<0.001", "total": 29, "unit": "patient"},
         "before 6.4; change −2.7; P <0.001; 29 patients"),
        ({"median": 3, "min": 0, "max": 9, "p_value": 0.04, "unit": "patient"}, "median 3 (range 0–9); P = 0.04"),
        ({"mean": 5, "sd": 2, "unit": "patient"}, "mean 5; SD 2"),
        ({"before": 58, "before_sd": 17, "after": 21, "scale_min": 0, "scale_max": 100, "total": 38, "unit": "patient"},
         "before 58 (SD 17); after 21; on a scale of 0–100; 38 patients"),
        ({"as_reported": "almost all", "total": 3, "unit": "patient"}, "number not reported, of 3 patients; “almost all”"),
        ({"as_reported": "almost all", "unit": "patient"}, "“almost all”"),
        ({"unit": "patient"}, "no figures reported"),
    ],
)  # fmt: skip
def test_results_as_reported(given: dict[str, Any], expected: str) -> None:
    assert result(given, wording()) == expected


def test_slices_are_json() -> None:
    for value in content().values():
        assert json.loads(canonical.dumps(value)) == json.loads(json.dumps(canonical._rounded(value)))


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("Case report", "Case reports"),
        ("Case series", "Case series"),
        ("Controlled trial without randomisation", "Controlled trials without randomisation"),
        ("Study with historical controls", "Studies with historical controls"),
        ("Cohort study, prospective", "Cohort studies, prospective"),
        ("Trial (randomised)", "Trials (randomised)"),
        ("Before-and-after study", "Before-and-after studies"),
        ("N-of-1 trial", "N-of-1 trials"),
        ("Survey", "Surveys"),
        ("Meta-analysis", "Meta-analyses"),
        ("Pooled analysis of single patients", "Pooled analyses of single patients"),
    ],
)
def test_plurals(one: str, many: str) -> None:
    assert plural(one) == many


def test_a_key_for_journals_is_part_of_the_protocol_once_it_is_given() -> None:
    protocol = dict(Review(shipped()).protocol)
    protocol["running_title"] = None
    without = slices.protocol_digests(SimpleNamespace(protocol=protocol))
    assert "title" in without and "registration" in without and "running_title" not in without
    protocol["running_title"] = "A short title"
    given = slices.protocol_digests(SimpleNamespace(protocol=protocol))
    assert given.keys() - without.keys() == {"running_title"}
