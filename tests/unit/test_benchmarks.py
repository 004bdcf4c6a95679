"""The benchmarks' own parts: generated reviews are valid and the same each time; the floor is what its formula says."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks import coverage, models, rivals, synthetic
from benchmarks.floor import Floor, imports_only
from benchmarks.measure import Cost, RowEdit, Sandbox, Series

from livingreview.extraction import dataset
from livingreview.screening import flow

ROOT = Path(__file__).resolve().parents[2]


def digests(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.write(tmp_path_factory.mktemp("forty"), studies=40, therapies=4)


def test_generated_review_is_valid(forty: Path) -> None:
    found = dataset.load(forty, ROOT)
    included = [s for s in found.tables["studies"] if s["eligibility"] == "included"]
    assert len(included) == 40
    treated = [a["therapy"] for a in found.tables["arms"]]
    assert {t: treated.count(t) for t in ("t1", "t2", "t3", "t4")} == dict.fromkeys(
        ("t1", "t2", "t3", "t4"), 10
    )
    assert {s["design"] for s in included} == {"case", "series", "trial"}
    assert found.tables["participants"]
    boxes = flow.flow(found)["boxes"]
    assert boxes["duplicates_removed"] > 0
    assert boxes["included_studies"] == 40
    assert boxes["excluded_screening"]["total"] > 0


def test_generator_is_deterministic(forty: Path, tmp_path: Path) -> None:
    assert digests(synthetic.write(tmp_path / "same", 40, 4)) == digests(forty)
    assert digests(synthetic.write(tmp_path / "other", 40, 4, seed=2)) != digests(forty)


def test_a_therapy_is_the_same_beside_more_therapies(forty: Path, tmp_path: Path) -> None:
    more = synthetic.write(tmp_path, 80, 8)
    for table in ("arms", "outcomes", "participants"):
        first, second = (
            [
                line
                for line in (f / f"data/raw/{table}.csv").read_text().splitlines()
                if line.startswith("t1n")
            ]
            for f in (forty, more)
        )
        assert first == second != []


def test_changed_row_is_valid_and_switches_back(tmp_path: Path) -> None:
    review = synthetic.write(tmp_path, 8, 4)
    edit = RowEdit(Sandbox(ROOT, review))
    table = review / "data/raw/outcomes.csv"
    before = table.read_text()
    edit.switch()
    changed = [
        (a, b) for a, b in zip(before.splitlines(), table.read_text().splitlines(), strict=True) if a != b
    ]
    assert len(changed) == 1
    assert edit.therapy in ("t1", "t2", "t3", "t4")
    dataset.load(review, ROOT)
    edit.switch()
    assert table.read_text() == before


def series(wall: float, cpu: float) -> Series:
    return Series([Cost(wall, cpu, 0.0)])


def test_floor_is_start_and_the_longer_of_chain_and_work() -> None:
    under = Floor(
        start=series(1, 1),
        steps={
            "extract": series(1, 1),
            "therapy a": series(2, 4),
            "therapy b": series(2, 4),
            "overview late": series(2, 2),
            "overview early": series(3, 2),
            "document main": series(1.5, 1),
        },
        after_therapies={"overview late"},
        cores=2,
    )
    assert under.of([]) == 1
    assert under.of(["document main", "claims"]) == 1 + 1.5
    assert under.chain(["extract", "therapy a", "overview late", "document main"]) == 1 + 2 + 2 + 1.5
    assert under.chain(["extract", "therapy a", "overview early"]) == 1 + 3
    assert under.of(under.steps) == 1 + 14 / 2


def test_imports_only_keeps_nothing_but_imports() -> None:
    notebooks = sorted((ROOT / "analysis/notebooks").glob("*.py"))
    assert notebooks
    for notebook in notebooks:
        bare = imports_only(notebook.read_text(encoding="utf-8"), ["json"])
        code = ast.parse(bare)
        assert all(isinstance(n, ast.Import | ast.ImportFrom | ast.Assign | ast.For) for n in code.body)
        assert "from livingreview.canonical import" in bare
        assert "read_json(" not in bare


def test_plain_rules_have_no_gates_or_guards() -> None:
    differ = set()
    for path in (ROOT / "Snakefile", *sorted((ROOT / "analysis/rules").glob("*.smk"))):
        text = path.read_text(encoding="utf-8")
        changed = rivals.plain(text)
        code = [line for line in changed.splitlines() if not line.lstrip().startswith("#")]
        assert not any("checkpoint " in line or "ancient(" in line for line in code)
        assert len(changed.splitlines()) == len(text.splitlines())
        if changed != text:
            differ.add(path.name)
    assert differ >= {"Snakefile", "extract.smk", "analyse.smk", "documents.smk"}


def test_shell_loop_runs_stage_by_stage(tmp_path: Path) -> None:
    stages = [rule for stage in rivals.STAGES for rule in stage]
    log = tmp_path / "log"
    steps = {
        rule: [f"echo '{rule} {n}' >> {log}" for n in range(2 if rule in ("therapy", "document") else 1)]
        for rule in stages
    }
    for at_once in (1, 2):
        log.unlink(missing_ok=True)
        subprocess.run(["sh"], input=rivals.script(steps, at_once), text=True, check=True)
        done = log.read_text().split("\n")[:-1]
        assert sorted(done) == sorted(f"{r} {n}" for r in stages for n in range(len(steps[r])))
        assert [line.split()[0] for line in done] == [r for r in stages for _ in steps[r]]


def test_shell_loop_stops_at_a_failure() -> None:
    steps = {rule: ["true"] for stage in rivals.STAGES for rule in stage} | {"therapy": ["true", "false"]}
    for at_once in (1, 2):
        assert subprocess.run(["sh"], input=rivals.script(steps, at_once), text=True).returncode


def test_coverage_simulation_is_the_same_for_a_seed() -> None:
    first, second = (coverage.simulate(2, seed=3) for _ in range(2))
    assert first == second != coverage.simulate(2, seed=4)
    assert all(len(tally.errors) + tally.refused == 2 for tallies in first.values() for tally in tallies)
    text = coverage.report(first)
    assert all(name in text for name in coverage.EXPECTED)
    assert "(+0.145)" in text


def test_models_are_timed_on_an_outcome_of_so_many_studies() -> None:
    assert len(models.outcome(5, seed=1).studies) == 5
    found = models.measure(1, studies=5, many=20)
    text = models.report(found)
    assert all(name in text for name in models.LIMITS)
    assert models.report({"fit of 40": [0.06]}).endswith("NOT KEPT")
