"""``livingreview trace``: from a printed number to its rows, and from a study to what rests on it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import claims_review as review
import pytest

from livingreview import canonical
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
    # totals and estimates that it enters without being named, and the conclusions that hang on it
    for wanted in (
        "@tbl-responses",
        "@tbl-findings",
        "@tbl-doses",
        "@tbl-sensitivity-laser",
        "@tbl-conclusions",
        "conclusions.laser_symptoms.sentence: cannot be judged",
        "conclusions.controlled_evidence.sentence: does not hold",
        "flow.included_studies = 19",
    ):
        assert wanted in text, wanted
    assert "@tbl-sensitivity-eswl" not in text and "conclusions.eswl_pain" not in text


def test_a_retracted_study_is_traced_to_its_notice_and_the_flow_alone(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "r")
    table = tmp_path / "r/data/raw/studies.csv"
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    assert head.endswith(",status,status_date,status_notice")
    changed = [
        row.rsplit(",", 3)[0] + ",retracted,2026-11-20,J Test 2026"
        if row.startswith("bottomley1996,")
        else row
        for row in rows
    ]
    table.write_text("\n".join([head, *changed]) + "\n", encoding="utf-8")
    path = tmp_path / "r/build/claims/claims.json"
    claims = chain.read_claims(tmp_path / "r")
    flow = {k: c for k, c in claims.items() if "bottomley1996" not in c["studies"]}
    canonical.write_json(path, flow)
    text = "\n".join(chain.whole_study(tmp_path / "r", review.ROOT, "bottomley1996"))
    assert "retracted on 2026-11-20: J Test 2026" in text
    assert "@fig-flow " in text and "@fig-responses" not in text and "@fig-timeline" not in text


def test_a_conclusion_tells_what_it_hangs_on_and_a_claim_what_it_decides(folder: Path) -> None:
    text = "\n".join(chain.one_claim(folder, review.ROOT, "conclusions.controlled_evidence.sentence"))
    assert "it hangs on: included.comparative.n = 1" in text
    assert "studies:blumhardt2016" in text and "outcomes:" not in text
    text = "\n".join(chain.one_claim(folder, review.ROOT, "included.comparative.n"))
    assert "conclusions.controlled_evidence.sentence: does not hold" in text


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
