"""The ledger as it is read: order, looks, bases, published versions, and the slice for documents."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from releases_review import add, studies, with_published
from screening_data import ROOT, shipped

from livingreview import canonical
from livingreview.errors import ReviewError
from livingreview.published import plain_text
from livingreview.releases import ledger
from livingreview.releases import slice as slices_of
from livingreview.slices import Review


def test_versions_sort_by_number() -> None:
    versions = ["2026.11", "2026.2", "2026.11.10", "2026.11.2", "2015", "2027.01"]
    assert sorted(versions, key=ledger.order) == [
        "2015",
        "2026.2",
        "2026.11",
        "2026.11.2",
        "2026.11.10",
        "2027.01",
    ]
    assert ledger.order("2026.11.0") == ledger.order("2026.11") == ledger.order("2026.011")
    for wrong in ("", "2026-11", "v1", "2026.", ".2026.11.part-7"):
        with pytest.raises(ReviewError, match="not a version"):
            ledger.order(wrong)


def test_the_shipped_ledger_starts_with_the_published_review() -> None:
    first = ledger.releases(ROOT)[0]
    assert (first.version, first.kind, first.look, first.date) == ("2021.06", "published", None, "2021-06-24")
    claims = first.claims()
    assert claims["n_studies"]["value"] == 40 and claims["n_patients"]["text"] == "136"
    laser = claims["laser.complete_remission_single_procedure"]
    assert laser["text"] == "12 of 21 (57\u00a0%)"
    assert all(c["definition"] == "published, not recomputed" for c in claims.values())
    assert first.results() is None and first.flow() is None and first.conclusions() is None
    assert first.studies() == {} and first.documents() == []


def test_sealed_claims_are_those_read_from_the_figures(tmp_path: Path) -> None:
    loose = ledger.releases(with_published(tmp_path / "a", sealed=False))[0]
    sealed = ledger.releases(with_published(tmp_path / "b"))[0]
    assert loose.claims() == sealed.claims() and loose.claims()
    assert loose.digest is None and len(str(sealed.digest)) == 64


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("n", 40, "40"),
        ("x.percent", 2, "2\u00a0%"),
        ("a", {"events": 3, "total": 136}, "3 of 136"),
        ("a_percent", {"min": 64, "max": 81}, "64–81\u00a0%"),
        ("a_percent", {"more_than": 11}, "more than 11\u00a0%"),
        ("a", {"median": 3, "min": 0, "max": 9}, "median 3 (range 0–9)"),
        ("a", {"mean": 4.9}, "mean 4.9"),
        ("a", {"lost_to_follow": 3, "n": 4}, "lost to follow 3, n 4"),
    ],
)
def test_published_figures_are_quoted(path: str, value: Any, text: str) -> None:
    assert plain_text(path, value) == text


def test_looks_count_released_versions_only(tmp_path: Path) -> None:
    folder = with_published(tmp_path)
    assert ledger.look(folder, "2026.01") == 1
    add(folder, "2026.01", "smith")
    add(folder, "2026.02", "smith", "jones", date="2026-02-28")
    assert [(r.version, r.look) for r in ledger.releases(folder)] == [
        ("2015", None),
        ("2026.01", 1),
        ("2026.02", 2),
    ]
    assert [ledger.look(folder, v) for v in ("2026.01", "2026.02", "2026.03")] == [1, 2, 3]


def test_the_base_of_a_version_stays_when_it_is_released(tmp_path: Path) -> None:
    folder = with_published(tmp_path)

    def base(version: str) -> str | None:
        found = ledger.base(folder, version)
        return found.version if found else None

    assert base("2026.01") == "2015" and base("2015") is None
    add(folder, "2026.01", "smith")
    assert base("2026.01") == "2015" and base("2026.02") == "2026.01"
    last = ledger.last(folder)
    assert last is not None and last.version == "2026.01"


def test_an_empty_ledger(tmp_path: Path) -> None:
    assert ledger.releases(tmp_path) == [] and ledger.last(tmp_path) is None
    assert ledger.look(tmp_path, "2026.01") == 1


def test_a_released_folder_is_read_back(tmp_path: Path) -> None:
    release = ledger.releases(add(tmp_path, "2026.01", "smith").parents[2])[0]
    assert release.claims()["included.studies.n"]["value"] == 1
    assert release.studies()["included"] == ["smith"] and release.results() == {"therapies": {}}
    assert (release.raw / "studies.csv").is_file() and (release.review / "review.yaml").is_file()
    assert release.document("manuscript") is None and release.document_text("manuscript") is None


def test_unreadable_releases_are_told_at_once(tmp_path: Path) -> None:
    first, second = add(tmp_path, "2026.01", "smith"), add(tmp_path, "2026.02", "smith", date="2026-02-01")
    (first / "manifest.json").write_text("{", encoding="utf-8")
    (second / "manifest.json").unlink()
    (tmp_path / "data/releases/.2026.03.part-1").mkdir()
    (tmp_path / "data/releases/notes").mkdir()
    with pytest.raises(ReviewError) as raised:
        ledger.releases(tmp_path)
    places = [p.place for p in raised.value.problems]
    assert places == ["data/releases/2026.01/manifest.json", "data/releases/2026.02"]
    assert "/tmp" not in str(raised.value)


# --- the slice


def slice_at(folder: Path, version: str, edit: Any = None) -> dict[str, Any]:
    """The slice of the shipped tables as ``version``, with the ledger of ``folder``."""
    data = shipped()
    protocol = data.protocol.model_copy(update={"version": version})
    tables = {name: list(rows) for name, rows in data.tables.items()}
    if edit is not None:
        edit(tables)
    review = Review(SimpleNamespace(protocol=protocol, tables=tables, schemas=data.schemas, problems=[]))
    return dict(slices_of.releases(review, folder))


def now(version: str) -> dict[str, Any]:
    data = shipped()
    protocol = data.protocol.model_copy(update={"version": version})
    return slices_of.present(
        Review(SimpleNamespace(protocol=protocol, tables=data.tables, schemas=data.schemas, problems=[]))
    )


def test_the_slice_is_the_same_before_and_after_the_release(tmp_path: Path) -> None:
    with_published(tmp_path)
    before = slice_at(tmp_path, "2026.01")
    assert before["base"] == "2015" and before["look"] == 1 and before["since_base"] is None
    (entry,) = before["releases"]
    assert (entry["n_studies"], entry["n_patients"], entry["patients"]) == (9, 150, "150")
    assert entry["flow"] is None and entry["included"] == [] and entry["search_date"] is None
    add(tmp_path, "2026.01", **now("2026.01"))
    assert canonical.dumps(slice_at(tmp_path, "2026.01")) == canonical.dumps(before)
    add(tmp_path, "2026.02", "other", date="2026-02-28")
    later = slice_at(tmp_path, "2026.01")  # an old version, built again with newer releases there
    assert later == before


def test_the_slice_says_that_something_changed_since_the_release(tmp_path: Path) -> None:
    add(tmp_path, "2026.01", **now("2026.01"))
    assert not slice_at(tmp_path, "2026.01")["changed_since_release"]

    def reorder(tables: dict[str, list[Any]]) -> None:
        tables["outcomes"].reverse()

    def edit(tables: dict[str, list[Any]]) -> None:
        tables["outcomes"][0] = {**tables["outcomes"][0], "note": "another note"}

    assert not slice_at(tmp_path, "2026.01", reorder)["changed_since_release"]
    assert slice_at(tmp_path, "2026.01", edit)["changed_since_release"]
    assert not slice_at(tmp_path, "2026.02", edit)["changed_since_release"]


def test_the_slice_tells_studies_since_the_base(tmp_path: Path) -> None:
    known = now("2026.01")
    gone, *rest = known["included"]
    add(tmp_path, "2026.01", **{**known, "included": sorted([*rest, "older"])})
    found = slice_at(tmp_path, "2026.02")
    assert found["base"] == "2026.01" and found["look"] == 2
    since = found["since_base"]
    assert [s["study_id"] for s in since["added"]] == [gone]
    assert [s["study_id"] for s in since["removed"]] == ["older"] and since["corrected"] == []
    (entry,) = found["releases"]
    assert entry["flow"] == {"boxes": {"screened": 50}, "labels": {"screened": "Screened"}}


def test_difference_names_the_tables_of_a_correction() -> None:
    before = studies("jones", "smith")
    after = studies("smith", "miller")
    after["studies"]["smith"] = {**before["studies"]["smith"], "outcomes": "1"}
    assert slices_of.difference(before, after) == {
        "added": [{"study_id": "miller", "label": "Miller"}],
        "removed": [{"study_id": "jones", "label": "Jones"}],
        "corrected": [{"study_id": "smith", "label": "Smith", "tables": ["outcomes"]}],
    }
    assert slices_of.moved(before, before) == [] and slices_of.moved(before, after) == ["studies"]
    letter = {**before, "protocol": {**before.get("protocol", {}), "cover_letter": "1", "ai_use": "2"}}
    assert slices_of.moved(before, letter) == [], "what is written for journals changes no review"
    methods = {**letter, "protocol": {**letter["protocol"], "response": "3"}}
    assert slices_of.moved(before, methods) == ["protocol"]


def test_a_brief_tells_what_a_version_brought(tmp_path: Path) -> None:
    add(tmp_path, "2026.01", "smith")
    add(tmp_path, "2026.02", "smith", "jones", date="2026-02-28")
    first, second = slice_at(tmp_path, "2026.03")["releases"]
    assert first["brief"] == {}
    assert second["brief"]["since"] == "2026.01"
    assert [s["study_id"] for s in second["brief"]["added"]] == ["jones"]
