"""The protocol's order of codes survives canonical files, which sort keys, from the slices to the results."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from raw_slices import slice_of

from livingreview import canonical, protocol, slices
from livingreview.appraisal import appraise
from livingreview.extraction import dataset
from livingreview.protocol_order import FIELDS, order_of, ordered, restored
from livingreview.slices import Review
from livingreview.steps import extract
from livingreview.synthesis.therapy import synthesise

ROOT = Path(__file__).resolve().parents[2]
REVIEW = ROOT / "tests/review"


def stored(value: Any) -> Any:
    """A value as a later step reads it."""
    return json.loads(canonical.dumps(value))


def turned_round(folder: Path) -> Path:
    """The synthetic review with every list of codes of its protocol turned round."""
    shutil.copytree(REVIEW, folder)
    given = yaml.safe_load((folder / "review.yaml").read_text(encoding="utf-8"))
    for field in (
        "constructs",
        "units",
        "designs",
        "bases",
        "source_kinds",
        "aetiologies",
        "appraisal_tools",
    ):
        given[field] = dict(reversed(given[field].items()))
    for row in given["analyses"]["sensitivity"]:  # the strongest basis is now another one
        if "basis" in row.get("keep", {}):
            row["keep"]["basis"] = [next(iter(given["bases"]))]
    given["search"]["streams"] = dict(reversed(given["search"]["streams"].items()))
    for field in ("therapies", "outcomes"):
        given[field].reverse()
    given["date"], given["data_date"] = str(given["date"]), str(given["data_date"])
    (folder / "review.yaml").write_text(
        yaml.safe_dump(given, sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Review]]:
    folder = turned_round(tmp_path_factory.mktemp("order") / "review")
    yield [Review(dataset.load(place, ROOT)) for place in (REVIEW, folder)]


@cache
def own() -> dict[str, Any]:
    return dict(protocol.load(ROOT / "review.yaml").slice())


def test_order_of_a_protocol() -> None:
    order = order_of(own())
    assert set(order) == set(FIELDS)
    assert order["constructs"] == ["deposit", "ulcer", "symptom", "unspecified"]
    assert order["categories"] == ["complete", "partial", "any", "none"]
    assert order["streams"] == ["sts", "physical"]
    assert order["judgements"] == ["yes", "no", "unclear", "not_applicable"]
    assert order_of(own(), "bases", "outcomes", "title", "response") == {
        "bases": ["results", "title_or_introduction", "inferred"]
    }


def test_ordered() -> None:
    assert list(ordered({"a": 1, "b": 2, "c": 3}, ["c", "x", "a"])) == ["c", "a", "b"]
    assert ordered({"a": 1}, []) == {"a": 1}


def test_restored() -> None:
    content = {
        "order": {"b": ["y", "x"]},
        "b": {"x": 1, "y": 2},
        "below": [{"b": {"x": 1, "y": {"b": {"x": 1, "y": 0}}}}],
        "c": {"y": 1, "x": 2},
    }
    found = restored(content)
    assert found == content
    assert (
        list(found["b"])
        == list(found["below"][0]["b"])
        == list(found["below"][0]["b"]["y"]["b"])
        == ["y", "x"]
    )
    assert list(found["c"]) == ["y", "x"]
    assert restored([1]) == [1]
    assert restored({"b": {"x": 1}}) == {"b": {"x": 1}}


def test_an_order_further_down_goes_before_one_above() -> None:
    given = {
        "order": {"groups": ["x", "y"], "kinds": ["q", "p"]},
        "one": {"groups": {"x": {}, "y": {"p": 1}}},
        "two": {"order": {"groups": ["y", "x"]}, "groups": {"x": 1, "y": 2}, "kinds": {"p": 1, "q": 2}},
    }
    found = restored(given)
    assert list(found["one"]["groups"]) == ["x", "y"]
    assert list(found["two"]["groups"]) == ["y", "x"]
    assert list(found["two"]["kinds"]) == ["q", "p"]


def test_every_slice_gives_the_order_back(both: list[Review]) -> None:
    for review in both:
        given = review.protocol
        found = {name: restored(stored(value)) for name, value in extract.all_slices(review, ROOT).items()}
        for field in ("constructs", "units", "designs", "bases", "aetiologies", "source_kinds"):
            assert list(found["documents.json"][field]) == list(given[field])
            for therapy in given["therapies"]:
                assert list(restored(found[f"therapy/{therapy['code']}.json"]["protocol"])[field]) == list(
                    given[field]
                )
        assert list(found["documents.json"]["response"]["categories"]) == list(
            given["response"]["categories"]
        )
        assert list(found["documents.json"]["search"]["streams"]) == list(given["search"]["streams"])
        for field in ("designs", "aetiologies", "source_kinds", "units", "constructs"):
            assert list(found["characteristics.json"][field]) == list(given[field])
        place = [t["code"] for t in given["therapies"]]
        for study in found["characteristics.json"]["studies"]:
            assert list(study["n_patients"]) == [c for c in place if c in study["n_patients"]]
        assert list(found["appraisal.json"]["tools"]) == list(given["appraisal_tools"])
        assert list(found["appraisal.json"]["judgements"]) == list(given["judgements"])
        assert list(found["flow.json"]["streams"]) == list(given["search"]["streams"])
        assert list(found["flow.json"]["boxes"]["identified"]["by_stream"]) == list(
            given["search"]["streams"]
        )
        queries = [q["stream"] for q in found["supplement.json"]["queries"]]
        assert list(dict.fromkeys(queries)) == list(given["search"]["streams"])


def test_results_stand_in_the_order_of_the_protocol(both: list[Review]) -> None:
    for review in both:
        given = review.protocol
        units, constructs = list(given["units"]), list(given["constructs"])
        for therapy in given["therapies"]:
            result = synthesise(stored(slices.therapy_slice(review, therapy["code"])))
            pairs = [(units.index(t.unit), constructs.index(t.construct)) for t in result.totals]
            assert pairs == sorted(pairs)
            assert pairs
            silent = [constructs.index(n.construct) for n in result.no_data]
            assert silent == sorted(silent)
            for parts, field in (
                (result.characteristics.designs, "designs"),
                (result.characteristics.source_kinds, "source_kinds"),
                (result.characteristics.aetiologies, "aetiologies"),
            ):
                codes = [p.code for p in parts if p.code != "not_reported"]
                assert codes == [c for c in given[field] if c in codes]
                assert "not_reported" not in [p.code for p in parts[:-1]]
            codes = [s.outcome for s in result.scores]
            assert codes == [o["code"] for o in given["outcomes"] if o["kind"] == "score"]
        tools = [t.tool for t in appraise(stored(slices.appraisal(review))).tools]
        assert tools == [t for t in given["appraisal_tools"] if t in tools]


def test_another_order_is_another_protocol(both: list[Review]) -> None:
    first, second = (slices.protocol_digests(review) for review in both)
    changed = {field for field in first if first[field] != second[field]}
    assert changed == {
        "constructs", "units", "designs", "design_plurals", "bases", "source_kinds", "aetiologies", "appraisal_tools",
        "search", "therapies", "outcomes",
        "analyses",  # it names the strongest basis
    }  # fmt: skip


# --- the first basis is the strongest


def with_bases(*bases: str) -> dict[str, Any]:
    """A study of ten patients with two rows of one response that rest on different bases."""
    rows = [("complete", 4, bases[0]), ("partial", 3, bases[-1])]
    return {
        "therapy": {"code": "t", "name": "Therapy", "short_name": "T", "colour": "#000000"},
        "protocol": stored(
            {
                "response": {"outcome": "response"},
                "bases": dict.fromkeys(bases, "Words"),
                "order": {"bases": list(bases)},
                "outcomes": [{"code": "response", "name": "Response", "kind": "response"}],
            }
        ),
        "studies": [{"study_id": "s", "label": "S", "year": 2000}],
        "arms": [{"study_id": "s", "arm_id": "a", "therapy": "t", "n_patients": 10}],
        "outcomes": [
            {
                "study_id": "s", "arm_id": "a", "outcome_id": f"o{i}", "outcome": "response", "construct": "skin",
                "unit": "patient", "category": category, "events": n, "total": 10, "basis": basis,
            }
            for i, (category, n, basis) in enumerate(rows)
        ],
        "participants": [],
    }  # fmt: skip


@pytest.mark.parametrize("bases", [("stated", "hinted", "assumed"), ("assumed", "hinted", "stated")])
def test_the_weakest_basis_is_the_last_of_the_protocol(bases: tuple[str, ...]) -> None:
    (reading,) = synthesise(with_bases(*bases)).responses
    assert reading.basis == bases[-1]


def test_a_count_on_the_first_basis_is_direct_whatever_its_code() -> None:
    def warned(data: dict[str, Any]) -> bool:
        return any("not from the results of the report" in w for w in synthesise(data).warnings)

    assert not warned(with_bases("stated"))
    assert warned(with_bases("stated", "results"))
    unknown = with_bases("stated")
    unknown["outcomes"][0]["basis"] = "unheard_of"
    assert synthesise(unknown).responses[0].basis == "unheard_of"


# --- which column counts a unit


def test_units_are_counted_in_the_column_of_the_schema(tmp_path: Path) -> None:
    """The synthetic review with its warts coded ``wart`` and counted in a column ``warts_treated``."""
    folder = shutil.copytree(REVIEW, tmp_path / "review")
    text = (folder / "review.yaml").read_text(encoding="utf-8")
    (folder / "review.yaml").write_text(
        text.replace("  lesion: {singular", "  wart: {singular").replace("unit: lesion}", "unit: wart}"),
        encoding="utf-8",
    )
    raw = folder / "data/raw"
    header, rest = (raw / "arms.csv").read_text(encoding="utf-8").split("\n", 1)
    (raw / "arms.csv").write_text(
        header.replace("n_lesions", "warts_treated,n_lesions") + "\n" + _doubled(header, rest),
        encoding="utf-8",
    )
    for name in ("outcomes.csv", "second/outcomes.csv"):
        outcomes = (raw / name).read_text(encoding="utf-8")
        (raw / name).write_text(outcomes.replace(",lesion,", ",wart,"), encoding="utf-8")
    schema = json.loads((ROOT / "data/schema/arms.json").read_text(encoding="utf-8"))
    place = [f["name"] for f in schema["fields"]].index("n_lesions")
    counted = {**schema["fields"][place], "name": "warts_treated", "livingreview": {"printed": False}}
    schema["fields"].insert(place, counted)
    schema["livingreview"]["unitColumns"] = {"patient": "n_patients", "wart": "warts_treated"}
    (folder / "data/schema").mkdir(parents=True)
    (folder / "data/schema/arms.json").write_text(json.dumps(schema), encoding="utf-8")

    def results(place: Path) -> Any:
        return synthesise(stored(slices.therapy_slice(Review(dataset.load(place, ROOT)), "cryotherapy")))

    before, after = results(REVIEW).total("lesion", "skin"), results(folder).total("wart", "skin")
    assert after is not None
    assert before is not None
    assert (after.k, after.responders, after.evaluated, after.treated) == (2, 94, 112, 173)
    assert (before.treated, before.treated_unknown) == (after.treated, after.treated_unknown)
    assert after.patients == before.patients
    assert "warts_treated" not in results(folder).doses
    printed = extract.all_slices(Review(dataset.load(folder, ROOT)), ROOT)["supplement.json"]["included"]
    lindqvist = next(s for s in printed if s["study_id"] == "lindqvist1998")["arms"][0]
    assert lindqvist["units"] == "96 warts"
    assert "warts" not in (lindqvist["dose"] or "")


def _doubled(header: str, rest: str) -> str:
    """The rows with the cell of n_lesions moved to a new column before it."""
    import csv
    import io

    place = header.split(",").index("n_lesions")
    out = io.StringIO(newline="")
    rows = csv.reader(io.StringIO(rest, newline=""))
    csv.writer(out, lineterminator="\n").writerows([*r[:place], r[place], "", *r[place + 1 :]] for r in rows)
    return out.getvalue()


def test_without_a_schema_the_columns_have_the_usual_names() -> None:
    total = synthesise(slice_of("laser")).total("lesion", "symptom")
    assert total is not None
    assert (total.treated, total.patients) == (21, 6)
