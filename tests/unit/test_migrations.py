"""Tables of an older layout become tables of the present one; tables that are up to date stay byte for byte."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import update_review

from livingreview.errors import ReviewError
from livingreview.extraction import dataset
from livingreview.update import migrations

ROOT = update_review.ROOT
OLDER = """\
- version: 3
  why: "Durations have their unit in the name"
  steps:
    - {table: arms, rename: duration, to: treatment_duration_months}
    - {table: arms, code: athlete_tape, column: therapy, to: duct_tape}
    - {table: arms, drop: colour}
- version: 2
  why: "Reports can be retracted"
  steps:
    - {table: studies, add: status, value: active}
    - {table: studies, add: status_date}
    - {table: studies, add: status_notice}
    - {table: records, add: reason}
"""


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def _write(path: Path, rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8")


def _older(folder: Path) -> Path:
    """A copy of the review as it was two layouts ago."""
    review = update_review.copy(folder)
    (review / "data/schema").mkdir()
    (review / "data/schema/migrations.yaml").write_text(OLDER)
    studies, arms = update_review.table(review, "studies"), update_review.table(review, "arms")
    _write(studies, [row[:-3] for row in _rows(studies)])
    rows = _rows(arms)
    rows[0][rows[0].index("treatment_duration_months")] = "duration"
    place = rows[0].index("therapy")
    _write(
        arms,
        [
            [
                *("athlete_tape" if i == place and c == "duct_tape" else c for i, c in enumerate(row)),
                "colour" if n == 0 else "",
            ]
            for n, row in enumerate(rows)
        ],
    )
    return review


def test_an_older_layout_becomes_the_present_one(tmp_path: Path) -> None:
    review = _older(tmp_path)
    with pytest.raises(ReviewError):
        dataset.load(review, ROOT)
    before = update_review.files(review)
    said = migrations.migrate(review, ROOT, dry=True)
    assert update_review.files(review) == before
    assert migrations.migrate(review, ROOT) == said
    assert said == [
        "studies.csv: new column status, `active` in every row (version 2: Reports can be retracted)",
        "studies.csv: new column status_date (version 2: Reports can be retracted)",
        "studies.csv: new column status_notice (version 2: Reports can be retracted)",
        "arms.csv: column duration is now treatment_duration_months (version 3: Durations have their unit in the name)",
        "arms.csv: therapy: code `athlete_tape` is now `duct_tape` (version 3: Durations have their unit in the name)",
        "arms.csv: column colour is no longer used (version 3: Durations have their unit in the name)",
    ]
    after = update_review.files(review)
    assert {f for f in after if after[f] != before[f]} == {"studies.csv", "arms.csv"}
    now = dataset.load(review, ROOT)
    then = dataset.load(update_review.SYNTHETIC, ROOT)
    for table in ("arms", "studies"):
        assert [{k: v for k, v in r.items() if k[0] != "_"} for r in now.tables[table]] == [
            {k: v for k, v in r.items() if k[0] != "_"} for r in then.tables[table]
        ]
    assert migrations.migrate(review, ROOT) == []
    assert update_review.files(review) == after


def test_the_repository_and_the_synthetic_review_are_up_to_date() -> None:
    for review in (ROOT, update_review.SYNTHETIC):
        assert migrations.plan(review, ROOT) == {}
        assert migrations.pending(review, ROOT) == []


def test_the_tables_of_released_versions_can_be_migrated(tmp_path: Path) -> None:
    """Whatever layout a release was made with leads to the present one."""
    for release in sorted((ROOT / "data/releases").glob("*/data/raw")):
        folder = release.parents[1]
        review = tmp_path / folder.name
        shutil.copytree(release, review / "data/raw")
        shutil.copytree(ROOT / "data/releases/2021.06", review / "data/releases/2021.06")
        shutil.copy(folder / "review.yaml", review)
        migrations.migrate(review, ROOT)
        assert dataset.load(review, ROOT).tables["studies"]


def test_a_release_itself_is_never_changed(tmp_path: Path) -> None:
    review = _older(tmp_path)
    shutil.copytree(review / "data/raw", review / "data/releases/2026.01/data/raw")
    with pytest.raises(ReviewError, match="a release is never changed"):
        migrations.migrate(review, ROOT, review / "data/releases/2026.01/data/raw")
    assert migrations.migrate(review, ROOT, review / "data/releases/2026.01/data/raw", dry=True)


def test_the_layout_before_status_of_the_review_itself(tmp_path: Path) -> None:
    """The tables as they were before reports could be retracted: the real ones without the last columns."""
    shutil.copytree(ROOT / "data/raw", tmp_path / "data/raw")
    shutil.copytree(ROOT / "data/releases/2021.06", tmp_path / "data/releases/2021.06")
    shutil.copy(ROOT / "review.yaml", tmp_path)
    path = tmp_path / "data/raw/studies.csv"
    whole = path.read_bytes()
    rows = _rows(path)
    keep = [i for i, name in enumerate(rows[0]) if not name.startswith("status")]
    _write(path, [[row[i] for i in keep] for row in rows])
    assert [p.severity for p in migrations.pending(tmp_path, ROOT)] == ["warning"]
    migrations.migrate(tmp_path, ROOT)
    assert path.read_bytes() == whole
    dataset.load(tmp_path, ROOT)


def test_a_copy_elsewhere(tmp_path: Path) -> None:
    review = _older(tmp_path / "review")
    done = subprocess.run(
        [sys.executable, "-m", "livingreview", "migrate", "--data", str(review / "data/raw"), "--directory", str(review)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "arms.csv: column duration is now treatment_duration_months" in done.stdout


def test_nothing_is_dropped_that_holds_something(tmp_path: Path) -> None:
    review = _older(tmp_path)
    rows = _rows(update_review.table(review, "arms"))
    rows[4][-1] = "blue"
    _write(update_review.table(review, "arms"), rows)
    before = update_review.files(review)
    with pytest.raises(
        ReviewError,
        match=r"arms.csv, row 5, column colour: the column colour is no longer used, but 1 rows fill it",
    ):
        migrations.migrate(review, ROOT)
    assert update_review.files(review) == before


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "table: arms, rename",
            "table: arm, rename",
            r"migrations.yaml, line 4: no table of this name[\s\S]*did you mean `arms`",
        ),
        ("add: status,", "ad: status,", r"migrations.yaml, line 10: not a step of a migration"),
    ],
)
def test_a_broken_list_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    review = _older(tmp_path)
    update_review.replace(review / "data/schema/migrations.yaml", old, new)
    with pytest.raises(ReviewError, match=told):
        migrations.steps(review, ROOT)
