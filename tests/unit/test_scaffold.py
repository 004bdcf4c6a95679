"""`livingreview new DIR`: what it writes is a valid review, drifts from no schema, and overwrites nothing."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from pathlib import Path

import pytest
import yaml

from livingreview import protocol, scaffold
from livingreview.errors import ReviewError
from livingreview.extraction import dataset
from livingreview.extraction.schema import FOLDER, load_schemas
from livingreview.publish.sources import Source
from livingreview.releases.refusals import OWN_VERSION
from livingreview.screening import flow

ROOT = Path(__file__).resolve().parents[2]
DAY = dt.date(2031, 5, 17)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    folder = tmp_path / "deep" / "my review"
    scaffold.create(folder, today=DAY, root=ROOT)
    return folder


def test_it_is_valid_and_empty(new: Path) -> None:
    found = dataset.load(new, ROOT)
    assert found.problems == []
    assert {name: len(rows) for name, rows in found.tables.items()} == dict.fromkeys(found.tables, 0)
    boxes = flow.flow(found)["boxes"]
    assert boxes["identified"]["total"] == boxes["included_studies"] == 0


def test_it_bears_the_day_on_which_it_was_started(new: Path) -> None:
    found = protocol.load(new / "review.yaml")
    assert {found.date, found.data_date, found.access_date, found.search.date} == {DAY}
    assert "2000-01-01" not in (new / "review.yaml").read_text(encoding="utf-8")


def test_its_first_version_can_be_released(new: Path) -> None:
    found = protocol.load(new / "review.yaml")
    assert found.version == "2031.05" and OWN_VERSION.fullmatch(found.version)
    assert [v.version for v in found.living.versions] == [found.version]


def test_tables_have_the_columns_of_the_schemas(new: Path) -> None:
    streams = protocol.load(new / "review.yaml").search.streams
    for table, schema in load_schemas(ROOT / FOLDER).items():
        names = (
            [f"search/{table}_{s}.csv" for s in streams] if table in dataset.STREAMED else [f"{table}.csv"]
        )
        for name in names:
            with (new / "data/raw" / name).open(encoding="utf-8", newline="") as file:
                assert list(csv.reader(file)) == [list(schema.fields)]


def test_a_schema_of_the_repository_decides_the_header(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / FOLDER).mkdir(parents=True)
    for path in (ROOT / FOLDER).glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        if path.stem == "queries":
            schema["fields"].insert(0, {"name": "extra", "type": "string"})
        (root / FOLDER / path.name).write_text(json.dumps(schema), encoding="utf-8")
    scaffold.create(tmp_path / "new", today=DAY, root=root)
    assert (
        (tmp_path / "new/data/raw/search/queries_other.csv").read_text(encoding="utf-8").startswith("extra,")
    )


def test_the_same_day_gives_the_same_bytes(new: Path, tmp_path: Path) -> None:
    scaffold.create(tmp_path / "twin", today=DAY, root=ROOT)
    files = {p.relative_to(new): p.read_bytes() for p in sorted(new.rglob("*")) if p.is_file()}
    assert files == {
        p.relative_to(tmp_path / "twin"): p.read_bytes()
        for p in sorted((tmp_path / "twin").rglob("*"))
        if p.is_file()
    }
    assert {".gitattributes", ".gitignore", "README.md", "review.yaml"} <= {p.as_posix() for p in files}


def test_the_lines_say_what_to_do(tmp_path: Path) -> None:
    lines = scaffold.create(tmp_path / "my review", today=DAY, root=ROOT)
    text = "\n".join(lines)
    assert f"livingreview check --directory '{tmp_path}/my review'" in text
    assert f"make rebuild REVIEW='{tmp_path}/my review'" in text
    assert all("\n" not in line for line in lines)


def test_an_existing_empty_folder_will_do(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    scaffold.create(tmp_path, today=DAY, root=ROOT)
    assert (tmp_path / "review.yaml").is_file()


@pytest.mark.parametrize("name", ["notes.txt", "review.yaml", ".hidden"])
def test_a_folder_with_files_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(ReviewError, match=f"not empty.*{re.escape(name)}"):
        scaffold.create(tmp_path, today=DAY, root=ROOT)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    with pytest.raises(ReviewError, match="a file of this name"):
        scaffold.create(tmp_path / "taken", today=DAY, root=ROOT)
    with pytest.raises(ReviewError, match="could not be written"):
        scaffold.create(tmp_path / "taken/below", today=DAY, root=ROOT)


def test_names_in_the_documents_are_those_of_the_protocol(new: Path) -> None:
    found = protocol.load(new / "review.yaml")
    codes = {t.code for t in found.therapies}
    sources = [Source(new / d.source) for d in found.documents]
    variables = {c.detail for s in sources for c in s.shortcodes() if c.name == "var"}
    known = {
        "review", "search", "flow", "included", "appraisal", "harms", "recurrence", "analyses", "certainty",
            "living", "releases",
    }  # fmt: skip
    assert {v.split(".")[0] for v in variables} == codes | known
    forests = {
        c.detail for s in sources for c in s.shortcodes() if c.name == "include" and "forest_" in c.detail
    }
    assert forests == {f"_built/figures/forest_{c}.md" for c in codes}
    cited = {c.name for s in sources for c in s.citations() if not re.match(r"(fig|tbl|sec)-", c.name)}
    entries = set(
        re.findall(r"@\w+\{([^,]+),", (new / "manuscript/references.bib").read_text(encoding="utf-8"))
    )
    assert cited == entries


def test_placeholders_are_marked_and_settings_are_shared(new: Path) -> None:
    assert "PLACEHOLDER" in protocol.load(new / "review.yaml").title
    settings = [
        yaml.safe_load((f / "manuscript/_quarto.yml").read_text(encoding="utf-8")) for f in (new, ROOT)
    ]
    assert settings[0] == settings[1]
