"""Table schemas: standard, complete, and told when they are not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from livingreview import protocol
from livingreview.errors import Problem, ReviewError
from livingreview.extraction.dictionary import data_dictionary
from livingreview.extraction.schema import CORE, code_lists, load_schemas

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "data/schema"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "data/schema")


def edit(folder: Path, table: str, change) -> None:
    path = folder / f"{table}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def problems(*folders: Path) -> list[Problem]:
    with pytest.raises(ReviewError) as caught:
        load_schemas(*folders)
    return caught.value.problems


@pytest.mark.parametrize("table", CORE)
def test_is_a_frictionless_table_schema(table):
    frictionless = pytest.importorskip("frictionless")
    path = FOLDER / f"{table}.json"
    schema = frictionless.Schema.from_descriptor(str(path))
    assert schema.field_names == list(load_schemas(FOLDER)[table].fields)
    assert frictionless.Schema.validate_descriptor(str(path)).valid


@pytest.mark.parametrize("table", [t for t in CORE if t not in ("queries", "records")])
def test_frictionless_finds_the_real_tables_valid(table):
    frictionless = pytest.importorskip("frictionless")
    resource = frictionless.Resource(
        path=f"data/raw/{table}.csv",
        basepath=str(ROOT),
        schema=str(FOLDER / f"{table}.json"),
        encoding="utf-8",
    )
    resource.schema.foreign_keys = []  # the other tables are not in this resource
    assert resource.validate().valid


@pytest.mark.parametrize("table", CORE)
def test_every_column_is_described(table):
    schema = load_schemas(FOLDER)[table]
    assert set(CORE[table]) <= set(schema.fields)
    assert all(spec.title and spec.description for spec in schema.fields.values())
    assert schema.title
    assert schema.description


def test_ids_notes_and_addresses_do_not_print():
    schemas = load_schemas(FOLDER)
    printed = {f"{t}.{c}" for t, schema in schemas.items() for c in schema.printed()}
    for column in (
        "studies.study_id",
        "studies.source_url",
        "studies.extraction_note",
        "arms.arm_id",
        "outcomes.note",
        "records.url",
    ):
        assert column not in printed
    assert {"studies.doi", "studies.title", "arms.therapy"} <= printed


def test_extra_columns_are_fine_core_columns_must_be(folder):
    edit(folder, "arms", lambda s: s["fields"].append({"name": "pulse_width", "type": "number"}))
    assert "pulse_width" in load_schemas(folder)["arms"].fields
    edit(folder, "arms", lambda s: s["fields"].pop(2))
    assert [(p.file, p.message) for p in problems(folder)] == [
        ("data/schema/arms.json", "the column `therapy` is missing; the package cannot work without it")
    ]


def test_own_folder_stands_before_the_shared_one(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    shutil.copy(FOLDER / "arms.json", own)
    edit(own, "arms", lambda s: s["fields"].append({"name": "extra"}))
    schemas = load_schemas(own, FOLDER)
    assert "extra" in schemas["arms"].fields
    assert set(schemas) == set(CORE)


@pytest.mark.parametrize(
    ("table", "change", "message", "suggestion"),
    [
        (
            "arms",
            lambda s: s["fields"][3].update(type="strng"),
            "agent_detail: unknown type `strng`",
            "did you mean `string`?",
        ),
        (
            "arms",
            lambda s: s["fields"][2]["livingreview"].update(codesFrom="therapys"),
            "no code list `therapys`",
            "`therapies`?",
        ),
        (
            "arms",
            lambda s: s["fields"][3].update(livingreview={"alias": {}}),
            "unknown property livingreview.alias",
            "`aliases`?",
        ),
        ("arms", lambda s: s["fields"][3].update(constraints={"min": 1}), "unknown constraint `min`", ""),
        (
            "arms",
            lambda s: s["fields"][3].update(constraints={"pattern": "("}),
            "not a usable table schema",
            "",
        ),
        (
            "arms",
            lambda s: s["livingreview"].update(rules=["females_within_patient"]),
            "no rule `females_within_patient`",
            "",
        ),
        (
            "arms",
            lambda s: s["livingreview"].update(ranges=[["age_min", "age_mena", "age_max"]]),
            "`age_mena`",
            "`age_mean`?",
        ),
        (
            "arms",
            lambda s: s["foreignKeys"][0]["reference"].update(resource="study"),
            "points to `study`",
            "",
        ),
        (
            "arms",
            lambda s: s["foreignKeys"][0]["reference"].update(fields=["id"]),
            "points to studies.id",
            "",
        ),
        ("arms", lambda s: s.pop("fields"), "not a usable table schema", ""),
        ("arms", lambda s: s.update(fields=[1]), "not a usable table schema", ""),
        ("arms", lambda s: s["fields"].append(s["fields"][0]), "described twice", ""),
    ],
)
def test_broken_schema_is_named(folder, table, change, message, suggestion):
    from livingreview.extraction import rules

    edit(folder, table, change)
    try:
        found = list(rules.unknown(load_schemas(folder)))
    except ReviewError as error:
        found = error.problems
    hits = [p for p in found if message in p.message and p.file == f"data/schema/{table}.json"]
    assert len(hits) == 1
    assert suggestion in hits[0].suggestion


def test_files_are_named(folder):
    (folder / "arms.json").write_text("{\n  oops", encoding="utf-8")
    (folder / "queries.json").unlink()
    (folder / "armz.json").write_text("{}", encoding="utf-8")
    found = {p.file: p for p in problems(folder)}
    assert "line 2" in found["data/schema/arms.json"].message
    assert "no schema" in found["data/schema/queries.json"].message
    assert found["data/schema/armz.json"].suggestion == "`armz`: did you mean `arms`?"


def test_a_rule_needs_its_columns(folder):
    from livingreview.extraction import rules

    edit(folder, "outcomes", lambda s: s["livingreview"]["rules"].append("females_within_patients"))
    messages = [p.message for p in rules.unknown(load_schemas(folder))]
    assert messages == ["no rule `females_within_patients` for the table outcomes"]


def test_data_dictionary():
    review = protocol.load(ROOT / "review.yaml")
    entries = {(e["table"], e["column"]): e for e in data_dictionary(load_schemas(FOLDER), review)}
    therapy = entries["arms", "therapy"]
    assert therapy["type"] == "code"
    assert therapy["required"] is True
    assert therapy["allowed"].startswith("topical_sts (Topical sodium thiosulfate); ")
    assert entries["arms", "age_mean"]["allowed"] == "0 to 120"
    assert entries["arms", "age_mean"]["unit"] == "years"
    assert entries["appraisals", "date"]["allowed"] == "YYYY-MM-DD"
    assert entries["studies", "eligibility"]["allowed"].startswith("included; excluded; ")
    assert all(isinstance(v, str | bool) for e in entries.values() for v in e.values())


def test_code_lists_leave_out_what_is_unknown():
    review = protocol.load(ROOT / "review.yaml")
    assert set(code_lists(review, {"designs", "therapies"})) == {"designs"}
    assert code_lists(review)["units"] == {"patient": "patient", "lesion": "lesion", "site": "site"}


def test_columns_of_units(folder):
    assert load_schemas(folder)["arms"].unit_columns == {"patient": "n_patients", "lesion": "n_lesions"}
    assert load_schemas(folder)["studies"].unit_columns == {}
    edit(folder, "arms", lambda s: s["livingreview"].pop("unitColumns"))
    assert load_schemas(folder)["arms"].unit_columns == {"patient": "n_patients", "lesion": "n_lesions"}
    edit(folder, "arms", lambda s: s["livingreview"].update(unitColumns={"patient": "n_patient"}))
    (found,) = problems(folder)
    assert found.message == "unitColumns names `n_patient`, which is no column"
    assert "n_patients" in found.suggestion
