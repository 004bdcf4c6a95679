"""``livingreview trace``: from a printed number to its rows, and from a study to what rests on it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from tests.unit import claims_review as review

from livingreview.__main__ import main
from livingreview.errors import ReviewError
from livingreview.trace import chain
from livingreview.trace.printed import prints, variables
from livingreview.trace.rows import Rows

KEY = "laser.analysis.symptom_complete.events"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped review as it is after the claims gate, in a folder of its own."""
    target = tmp_path_factory.mktemp("traced")
    shutil.copytree(review.built(), target, dirs_exist_ok=True)
    shutil.copytree(review.ROOT / "data/raw", target / "data/raw")
    shutil.copytree(review.ROOT / "data/releases", target / "data/releases", dirs_exist_ok=True)
    shutil.copy(review.ROOT / "review.yaml", target)
    for name in ("manuscript", "supplement"):
        shutil.copy(review.ROOT / f"manuscript/{name}.qmd", target / "manuscript")
    return target


def test_a_number_within_a_sentence_leads_to_its_rows(folder: Path) -> None:
    text = "\n".join(chain.one_claim(folder, review.ROOT, KEY))
    line = next(
        n
        for n, t in enumerate((folder / "manuscript/manuscript.qmd").read_text("utf-8").splitlines(), 1)
        if "laser.analysis.summary" in t
    )
    assert f"manuscript/manuscript.qmd, line {line} (laser.analysis.summary)" in text
    assert "“Symptoms gone, by treated area: 12 of 21 lesions" in text
    assert "analysis/notebooks/therapy.py, cell analysed_studies, line" in text
    assert re.search(r"outcomes:bottomley1996:o1 +data/raw/outcomes\.csv, row \d+", text)
    assert "PubMed 8881679" in text and "read: abstract" in text


def test_rows_are_looked_up_live(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "r")
    table = tmp_path / "r/data/raw/outcomes.csv"
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    before = Rows(tmp_path / "r").find("outcomes:bottomley1996:o1")[0].line
    table.write_text("\n".join([head, *reversed(rows)]) + "\n", encoding="utf-8")
    after = Rows(tmp_path / "r").find("outcomes:bottomley1996:o1")[0].line
    assert before and after and before + after == len(rows) + 3 and before != after


def test_one_study_of_a_claim(folder: Path) -> None:
    lines = chain.one_claim(folder, review.ROOT, "included.studies.n", "bottomley1996")
    rows = [line for line in lines if "data/raw/studies.csv" in line]
    assert len(rows) == 1 and "studies:bottomley1996" in rows[0]


def test_all_that_rests_on_a_study(folder: Path) -> None:
    text = "\n".join(chain.whole_study(folder, review.ROOT, "bottomley1996"))
    for wanted in (
        "arms:bottomley1996:a",
        "records:bottomley1996",
        "laser.response.lesion.symptom.responders = 17",
        "manuscript/manuscript.qmd, line",
        "@tbl-characteristics",
        "@fig-forest_laser",
        "@fig-timeline",
    ):
        assert wanted in text, wanted
    assert "@fig-forest_eswl" not in text


def test_unknown_names_get_the_nearest(folder: Path) -> None:
    with pytest.raises(ReviewError, match=r"did you mean `included\.studies\.n`") as error:
        chain.one_claim(folder, review.ROOT, "included.study.n")
    assert error.value.problems[0].value == "included.study.n"
    with pytest.raises(ReviewError, match="did you mean `bottomley1996`"):
        chain.whole_study(folder, review.ROOT, "bottomly1996")
    with pytest.raises(ReviewError, match="does not rest on this study"):
        chain.one_claim(folder, review.ROOT, KEY, "wolf2008")


def test_before_a_build_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="build the review first"):
        chain.read_claims(tmp_path)


def test_every_printed_variable_is_found(folder: Path) -> None:
    claims = chain.read_claims(folder)
    for document, keys in variables(folder).items():
        assert keys
        for key in keys[::7]:
            assert document in {p.document for p in prints(folder, claims, frozenset({key}))}, key


def test_the_command(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert main(["trace", "analyses.threshold"]) == 0
    assert "review.yaml:analyses.threshold" in capsys.readouterr().out
    assert main(["trace"]) == 1
    assert "say what to trace" in capsys.readouterr().err
    assert main(["trace", "no.such.thing"]) == 1
