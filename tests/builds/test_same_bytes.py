"""The same review gives the same bytes: saved by another spreadsheet, built from scratch, after any row of edits."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest

from .sandbox import Sandbox, unbuilt_copy


def _as_a_spreadsheet_saves(path: Path) -> None:
    """Byte order mark, semicolons, carriage returns, trailing empty columns and rows; decimal commas."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    numeric = {
        n
        for n in range(len(rows[0]))
        if all(not r[n] or r[n].replace(".", "", 1).lstrip("-").isdigit() for r in rows[1:])
        and not rows[0][n].endswith("_id")
    }
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for number, row in enumerate(rows):
        writer.writerow(
            [*(c.replace(".", ",") if number and n in numeric else c for n, c in enumerate(row)), "", ""]
        )
    writer.writerow([""] * (len(rows[0]) + 2))
    path.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode("utf-8"))


@pytest.mark.build
def test_tables_reordered_and_saved_by_a_spreadsheet_change_nothing_and_a_lost_figure_comes_back(
    sandbox: Sandbox,
) -> None:
    sandbox.foretold = True
    before = sandbox.outputs()
    for table in ("studies", "arms", "outcomes", "participants", "appraisals", "certainty"):
        sandbox.edit(table, lambda rows: rows[::-1])
    for path in (sandbox.review / "data/raw").rglob("*.csv"):
        _as_a_spreadsheet_saves(path)
    (sandbox.review / "figures/flow.svg").unlink()
    # the tables stop at the first gate; the figure reruns its producer, and the gate that digests figures
    assert sandbox.build() == {"extract", "overview flow", "claims"}
    assert sandbox.why("overview flow") == "figures/flow.svg was missing: flow"
    assert "figures/flow.svg was missing" in sandbox.why("claims")
    after = sandbox.outputs()
    # The report lists what was read how, and tells rows as the spreadsheet counts them; nothing else may differ.
    assert {p for p in before if before[p] != after.get(p)} <= {"build/extract/report.json"}


def _random_edit(sandbox: Sandbox, dice: random.Random) -> str:
    """One edit as people make them; returns what was done."""
    table = dice.choice(["studies", "arms", "outcomes", "participants", "appraisals"])
    kind = dice.choice(["shuffle", "note", "count", "prose", "author", "restore"])
    if kind == "shuffle":
        sandbox.edit(table, lambda rows: dice.sample(rows, len(rows)))
    elif kind == "note":
        sandbox.edit("studies", lambda rows: [{**r, "extraction_note": str(dice.random())} for r in rows])
    elif kind == "count":

        def edit(rows: list[dict[str, str]]) -> list[dict[str, str]]:
            # a count that no description of single patients would contradict
            told = {r["study_id"] for r in sandbox.rows("participants")}
            row = dice.choice(
                [
                    r
                    for r in rows
                    if r["events"].isdigit() and int(r["events"]) > 0 and r["study_id"] not in told
                ]
            )
            row["events"] = str(int(row["events"]) - 1)
            return rows

        sandbox.edit("outcomes", edit)
    elif kind == "prose":
        path = sandbox.review / "manuscript/manuscript.qmd"
        path.write_text(
            path.read_text(encoding="utf-8") + f"\n\nRemark {dice.randint(1, 9)}.\n", encoding="utf-8"
        )
    elif kind == "author":
        text = (sandbox.review / "review.yaml").read_text(encoding="utf-8")
        (sandbox.review / "review.yaml").write_text(
            text.replace("family: Synth", "family: Sinth"), encoding="utf-8"
        )
    else:
        (sandbox.review / "data/raw/outcomes.csv").write_bytes(
            (Path(__file__).parents[1] / "review/data/raw/outcomes.csv").read_bytes()
        )
    return f"{kind} {table}"


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(6))
def test_any_row_of_edits_ends_as_a_clean_build(sandbox: Sandbox, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    done = []
    for _ in range(5):
        done.append(_random_edit(sandbox, dice))
        sandbox.build()
    clean = unbuilt_copy(tmp_path, tmp_path / "clean")
    clean.build()
    assert sandbox.outputs() == clean.outputs(), done
